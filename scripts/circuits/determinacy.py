"""Which variables of a circuit its inputs determine, found on the exported constraints alone.

Reads a .r1cs and a .sym file and shares no code with the circuits. From what is known (the constant
and the inputs of the prover) it goes on as long as a constraint leaves one unknown:

  always    the unknown is linear in the constraint, with a constant coefficient
  nonzero   it is multiplied by a known value: determined if that value is not zero
  decimal   it and others are bits whose weighted sum is known, with weights that make it unique

What is left is a choice of the prover. Usage: determinacy.py CIRCUIT.r1cs CIRCUIT.sym
"""

import json
import re
import struct
import sys
from collections import Counter, defaultdict

ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617

# What the prover brings along: parts of the statement, signed values (of medians), keys and signatures.
# The first and the last such variable of each section, counted from 0.
INPUTS = {
    "statement": (0, 10**9),
    "enabled": (1, 1),
    "member": (0, 1),
    "challenge": (0, 1),
}


def read_r1cs(path):
    data = open(path, "rb").read()
    assert data[:4] == b"r1cs" and struct.unpack_from("<I", data, 4)[0] == 1
    sections, at = {}, 12
    for _ in range(struct.unpack_from("<I", data, 8)[0]):
        number, size = struct.unpack_from("<IQ", data, at)
        sections[number] = data[at + 12 : at + 12 + size]
        at += 12 + size
    header = sections[1]
    assert int.from_bytes(header[4:36], "little") == ORDER
    variables, _, _, _ = struct.unpack_from("<IIII", header, 36)
    (count,) = struct.unpack_from("<I", header, 60)
    body, at, constraints = sections[2], 0, []
    for _ in range(count):
        rows = []
        for _ in range(3):
            (terms,) = struct.unpack_from("<I", body, at)
            at += 4
            row = {}
            for _ in range(terms):
                (variable,) = struct.unpack_from("<I", body, at)
                row[variable] = int.from_bytes(body[at + 4 : at + 36], "little")
                at += 36
            rows.append(row)
        constraints.append(rows)
    return variables, constraints


def read_sym(path):
    names = {0: "one"}
    for line in open(path):
        _, variable, _, name = line.strip().split(",")
        names[int(variable)] = name.removeprefix("main.")
    return names


def section_of(name):
    return re.sub(r"\[.*", "", name)


def is_bit(rows, variable):
    """b·b = b."""
    a, b, c = rows
    return a == {variable: 1} and b == {variable: 1} and c == {variable: 1}


def inputs(names, counts):
    chosen = set()
    seen = Counter()
    for variable in sorted(names):
        section = names[variable].split(".")[0]
        kind = section_of(section)
        if kind not in counts:
            continue
        first, last = counts[kind]
        if first <= seen[section] <= last:
            chosen.add(variable)
        seen[section] += 1
    return chosen


class Propagation:
    def __init__(self, variables, constraints, known, bits):
        self.constraints = constraints
        self.how = {0: "constant"}
        self.bits = bits
        self.touching = defaultdict(list)
        for place, rows in enumerate(constraints):
            for row in rows:
                for variable in row:
                    self.touching[variable].append(place)
        self.queue = list(range(len(constraints)))
        for variable in known:
            self.learn(variable, "input")

    def learn(self, variable, how):
        if variable not in self.how:
            self.how[variable] = how
            self.queue.extend(self.touching[variable])

    def unknown(self, row):
        return [variable for variable in row if variable not in self.how]

    def run(self):
        while self.queue:
            self.step(self.queue.pop())
        return self.how

    def step(self, place):
        a, b, c = self.constraints[place]
        in_a, in_b, in_c = self.unknown(a), self.unknown(b), self.unknown(c)
        everything = set(in_a) | set(in_b) | set(in_c)
        if not everything:
            return
        constant_a = set(a) <= {0}
        constant_b = set(b) <= {0}
        linear = (not in_a or constant_b) and (not in_b or constant_a)
        if linear:
            weights = self.weights(a, b, c, constant_a, constant_b)
            weights = {v: w for v, w in weights.items() if v not in self.how and w}
            if len(weights) == 1:
                self.learn(next(iter(weights)), "always")
            elif weights and self.is_unique(weights):
                for variable in weights:
                    self.learn(variable, "decimal")
            return
        if len(everything) == 1:
            (variable,) = everything
            # (k₁ + k₂·x)·B = C, B known: determined if the factor of x is not zero.
            if bool(in_a) != bool(in_b) and variable not in self.bits:
                self.learn(variable, "nonzero")

    def weights(self, a, b, c, constant_a, constant_b):
        weights = Counter()
        for variable, value in c.items():
            weights[variable] -= value
        if constant_b:
            for variable, value in a.items():
                weights[variable] += value * b.get(0, 0)
        elif constant_a:
            for variable, value in b.items():
                weights[variable] += value * a.get(0, 0)
        return {variable: value % ORDER for variable, value in weights.items()}

    def is_unique(self, weights):
        """Whether the unknowns are bits and their weights ±1, ±2, ±4, …, with a sum below the order."""
        if any(variable not in self.bits for variable in weights):
            return False
        for sign in (1, -1):
            values = sorted(value * sign % ORDER for value in weights.values())
            scale = pow(values[0], -1, ORDER)
            powers = sorted(value * scale % ORDER for value in values)
            if powers == [1 << place for place in range(len(powers))] and sum(powers) < ORDER:
                return True
        return False


def main():
    variables, constraints = read_r1cs(sys.argv[1])
    names = read_sym(sys.argv[2])
    bits = {
        next(iter(rows[1]))
        for rows in constraints
        if len(rows[1]) == 1 and is_bit(rows, next(iter(rows[1])))
    }
    known = inputs(names, INPUTS)
    found = Propagation(variables, constraints, known, bits)
    how = found.run()
    # What nothing determines so far are bits that the prover chooses: values of which only the sum is
    # used. With them, all the rest must follow.
    chosen = set()
    for variable in range(variables):
        if variable not in how:
            # Bits below a bound have another constraint where the bound has a zero.
            bounded = section_of(names[variable]) in ("challenge_bits", "base_product")
            assert variable in bits or bounded, names[variable]
            chosen.add(variable)
            found.learn(variable, "bit")
            how = found.run()
    counts = Counter(how[variable] for variable in range(variables))
    by_section = defaultdict(Counter)
    for variable in range(variables):
        by_section[section_of(names[variable])][how[variable]] += 1
    print(
        json.dumps(
            {
                "constraints": len(constraints),
                "variables": variables,
                "determined": dict(counts),
                "sections": {name: dict(counter) for name, counter in by_section.items()},
            },
            indent=1,
        )
    )


main()
