"""Lemmas about pools and payouts, proven by z3 over all integers (or reals), not sampled.

Each lemma says which function of crates/math it is about. What z3 cannot know (exp, ln, Φ) enters as a
named assumption on the cost function, which is prose: see docs/trust.md. Every lemma is also tried with
its key premise taken away, and must then fail: a lemma that holds without it would show nothing. Where a
rounding decides, the lemma is tried with it the other way round, and z3 must find the numbers that break it.
"""

import sys

from z3 import And, Int, Ints, Not, Real, Reals, Solver, Sum, ToReal, sat, unsat

FAILED = []


def prove(name, premises, conclusion, key=None):
    """`key`: the premise without which the conclusion must be refutable."""

    def refute(given):
        solver = Solver()
        solver.set("timeout", 60_000)
        solver.add(*given, Not(conclusion))
        return solver.check()

    result = refute(premises)
    control = "no control"
    if key is not None:
        without = refute([premise for premise in premises if premise is not key])
        control = "fails without its premise" if without == sat else f"control: {without}"
        if without != sat:
            FAILED.append(name)
    if result != unsat:
        FAILED.append(name)
    print(f"{'proven' if result == unsat else result!s:8} {name} ({control})")


def breaks(name, premises, conclusion):
    """The premises have a rounding the wrong way: there must be numbers that they admit and that break the
    conclusion."""
    solver = Solver()
    solver.set("timeout", 60_000)
    solver.add(*premises, Not(conclusion))
    result = solver.check()
    if result != sat:
        FAILED.append(name)
    print(f"{'broken' if result == sat else result!s:8} {name}")


def floors(quotient, numerator, denominator):
    return And(quotient * denominator <= numerator, numerator < (quotient + 1) * denominator)


def ceils(quotient, numerator, denominator):
    return And(numerator <= quotient * denominator, (quotient - 1) * denominator < numerator)


def solvent(cash, sold):
    return And(*[cash >= one for one in sold])


def sets():
    cash, amount = Ints("cash amount")
    sold = Ints("a b c d")
    before = solvent(cash, sold)
    prove(
        "split (pool::trade): complete sets keep the pool solvent",
        [before, amount >= 0],
        solvent(cash + amount, [one + amount for one in sold]),
        before,
    )
    prove(
        "merge (pool::trade): complete sets given back keep the pool solvent",
        [before, amount >= 0, amount <= cash],
        solvent(cash - amount, [one - amount for one in sold]),
        before,
    )


def trades():
    """C(q) is the cost function. Assumed: C(q) ≥ max q (it is at least each quantity), and that what is
    charged is at least, and what is paid at most, the difference of C, `slack` the sum of all errors of
    evaluation so far, which the rounding covers."""
    cash, funding, paid = Reals("cash funding paid")
    cost_before, cost_after, cost_start = Reals("C C' C0")
    sold = Reals("q0 q1 q2")
    backed = cash >= funding + cost_before - cost_start
    bounded = And(*[cost_after >= one for one in sold])
    funded = funding >= cost_start
    charged = paid >= cost_after - cost_before
    prove(
        "purchase or sale (pool::trade, LMSR and pm-AMM): the pool stays solvent",
        [backed, bounded, funded, charged],
        solvent(cash + paid, sold),
        charged,
    )
    prove(
        "purchase or sale: cash stays at least the funding and the rise of the cost function",
        [backed, charged],
        cash + paid >= funding + cost_after - cost_start,
        charged,
    )


def liquidity():
    shares, supply, cash = Ints("shares supply cash")
    sold = Ints("s0 s1 s2")
    given = Ints("g0 g1 g2")
    part = And(0 < shares, shares <= supply)
    parts = [
        And(one >= 0, floors(one, (cash - out) * shares, supply)) for one, out in zip(given, sold)
    ]
    common = Int("common")
    least = And(*[common <= one for one in given])
    prove(
        "remove_liquidity (pool::liquidity): what is left covers every outcome",
        [solvent(cash, sold), part, least, common >= 0, *parts],
        solvent(cash - common, [out + one - common for out, one in zip(sold, given)]),
        part,
    )
    reserve, left = Ints("reserve left")
    one = Int("one")
    rounded = floors(one, reserve * shares, supply)
    prove(
        "remove_liquidity: whoever leaves gets no more than the fraction of a reserve",
        [reserve >= 0, part, rounded],
        one * supply <= reserve * shares,
        rounded,
    )
    prove(
        "remove_liquidity: those who stay keep at least theirs",
        [reserve >= 0, part, rounded],
        (reserve - one) * supply >= reserve * (supply - shares),
        rounded,
    )
    breaks(
        "remove_liquidity, rounded up: those who stay keep at least theirs",
        [reserve >= 0, part, ceils(one, reserve * shares, supply)],
        (reserve - one) * supply >= reserve * (supply - shares),
    )
    amount, most, minted = Ints("amount most minted")
    rounded = floors(minted, amount * supply, most)
    prove(
        "add_liquidity: a share is worth no less after an addition",
        [most > 0, supply > 0, amount > 0, rounded],
        (most + amount) * supply >= most * (supply + minted),
        rounded,
    )
    breaks(
        "add_liquidity, rounded up: a share is worth no less after an addition",
        [most > 0, supply > 0, amount > 0, ceils(minted, amount * supply, most)],
        (most + amount) * supply >= most * (supply + minted),
    )
    behind, returned = Ints("behind returned")
    fraction = Real("fraction")
    bounded = And(fraction >= 0, fraction <= ToReal(amount) / ToReal(most))
    prove(
        "add_liquidity: the shares returned leave every outcome covered",
        [
            most > 0,
            amount > 0,
            behind >= 0,
            behind <= most,
            bounded,
            ToReal(returned) <= ToReal(behind) * fraction,
        ],
        ToReal(returned) <= ToReal(amount),
        bounded,
    )


def rescaling():
    """LMSR's cost function at quantities and depth times r is r times itself: C(r·q, r·b) = r·C(q, b)."""
    scale, cost, reserve = Reals("r C reserve")
    within = And(scale >= 0, scale <= 1)
    funded = reserve >= cost
    prove(
        "decay (pool::liquidity): at less depth, less is needed of the cash that is there",
        [within, cost >= 0, funded],
        reserve >= scale * cost,
        within,
    )
    # Of one outcome: what the curve needs beyond its quantity, C − q. Rounding the quantity down takes at most
    # (C − q) / b more. `units`: by how much the depth b falls at least.
    depth, need, rounding = Reals("b need rounding")
    grounds = [depth >= 2, need >= 0, reserve >= need, 0 <= scale, 0 <= rounding, rounding * depth <= need]

    def fallen_by(units):
        return scale * depth <= depth - units

    prove(
        "decay, rescale (pool::liquidity): two units of depth less pay for the rounding of quantities",
        [*grounds, fallen_by(2)],
        reserve >= scale * need + rounding,
    )
    breaks(
        "rescale, by no unit less: the rounding of quantities is paid for",
        [*grounds, fallen_by(0)],
        reserve >= scale * need + rounding,
    )


def payouts():
    one = 1 << 63
    shares = Ints("x y")
    prices = Ints("p q")
    positive = [And(value >= 0, price >= 0) for value, price in zip(shares, prices)]
    # Two holders of two outcomes each; the sum of what they are paid, and what is owed in all.
    first, second = Ints("f0 f1"), Ints("h0 h1")
    due_first = Sum([value * price for value, price in zip(first, prices)])
    due_second = Sum([value * price for value, price in zip(second, prices)])
    paid_first, paid_second, owed = Ints("paid_first paid_second owed")
    down = [
        And(paid * one <= due, due < (paid + 1) * one)
        for paid, due in ((paid_first, due_first), (paid_second, due_second))
    ]
    up = owed * one >= due_first + due_second
    prove(
        "payout, liability (payout): all payments sum to at most what is set aside",
        [*positive, *down, up],
        paid_first + paid_second <= owed,
        up,
    )
    breaks(
        "payout, rounded up: all payments sum to at most what is set aside",
        [
            *positive,
            *[ceils(paid, due, one) for paid, due in ((paid_first, due_first), (paid_second, due_second))],
            ceils(owed, due_first + due_second, one),
        ],
        paid_first + paid_second <= owed,
    )
    breaks(
        "liability, rounded down: the rounded-up part is set aside too",
        [*positive, floors(owed, due_first + due_second, one)],
        up,
    )
    cash = Int("cash")
    covered = And(*[cash >= a + b for a, b in zip(first, second)])
    held = And(*[value >= 0 for value in (*first, *second)])
    weights = And(prices[0] >= 0, prices[1] >= 0, prices[0] + prices[1] <= one)
    prove(
        "void_payouts (pool::solvency): payouts that sum to one at most never exceed the cash",
        [covered, held, weights, cash >= 0],
        due_first + due_second <= cash * one,
        weights,
    )
    offset, width = Ints("offset width")
    long, short = Ints("long short")
    inside = And(0 <= offset, offset <= width, width > 0)
    halves = And(floors(long, offset * one, width), floors(short, (width - offset) * one, width))
    prove(
        "linear_payouts (payout): long and short together are paid one at most",
        [inside, halves],
        long + short <= one,
        halves,
    )


def linear_rounded_up():
    offset, width, long, short = Ints("offset width long short")
    breaks(
        "linear_payouts, rounded up: long and short together are paid one at most",
        [
            0 <= offset,
            offset <= width,
            width > 0,
            ceils(long, offset * 100, width),
            ceils(short, (width - offset) * 100, width),
        ],
        long + short <= 100,
    )


def vaults():
    amount, supply, equity, minted, back = Ints("amount supply equity minted back")
    mint = floors(minted, amount * (supply + 1000), equity + 1)
    redeem = floors(back, minted * (equity + amount + 1), supply + minted + 1000)
    base = And(amount > 0, supply >= 0, equity >= 0, minted >= 0)
    prove(
        "vault: a deposit taken back at once returns no more",
        [base, mint, redeem],
        back <= amount,
        mint,
    )
    breaks(
        "vault, shares rounded up: a deposit makes no share worth less",
        [base, ceils(minted, amount * (supply + 1000), equity + 1)],
        (equity + amount + 1) * (supply + 1000) >= (equity + 1) * (supply + minted + 1000),
    )
    prove(
        "vault: a deposit makes no share worth less",
        [base, mint],
        (equity + amount + 1) * (supply + 1000) >= (equity + 1) * (supply + minted + 1000),
        mint,
    )


def liquidation():
    """The part sold of a levered position: v* = (D − θV) / ((1 − β) − θ)."""
    debt, value, sold, target, bonus = Reals("D V v theta beta")
    rates = And(0 < target, 0 <= bonus, bonus < 1, target < 1 - bonus)
    closed = sold * ((1 - bonus) - target) == debt - target * value
    below = debt < (1 - bonus) * value
    prove(
        "liquidation: the closed form restores the target exactly",
        [rates, closed, value > 0],
        debt - (1 - bonus) * sold == target * (value - sold),
        closed,
    )
    prove(
        "liquidation: while the debt is below (1 − β)V, less than the whole is sold",
        [rates, closed, below, value > 0],
        sold < value,
        below,
    )
    above = debt >= target * value
    prove(
        "liquidation: above the target something is sold, and never a negative part",
        [rates, closed, above, value > 0],
        sold >= 0,
        above,
    )


for lemmas in (sets, trades, liquidity, rescaling, payouts, linear_rounded_up, vaults, liquidation):
    lemmas()
if FAILED:
    sys.exit(f"not proven: {FAILED}")
