//! Mutations of the circuits: what each class of constraints is there for. A class is all constraints
//! that one line of a gadget enforces in one part of the statement.
//!
//! A class is *needed* if there is a witness of a false statement, or of a forged or malformed signature,
//! that breaks it and no other: without the class it would be accepted. A class *pins* something if a
//! variable can be changed, with all that follows from it, so that nothing else in the part notices:
//! without the class the part would have another result. A class that is neither survives.
//! `scripts/circuits/mutations` prints the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::Location,
};

use ark_ec::CurveGroup;
use ark_ff::{BigInteger, UniformRand, Zero};
use attestation::{poseidon as hash, root_of_leaves, Observation, Scalar, SecretKey};
use light_poseidon::parameters::bn254_x5::get_poseidon_parameters;
use rand::rngs::OsRng;

use super::{
    tests::{attest, domain, median_world, millis, with, world, TIME},
    *,
};
use crate::{
    system::{Assignment, Combination, Constraints},
    R1cs, PUBLIC_VARIABLES,
};

/// Which line of which file, in which part of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    part: &'static str,
    file: &'static str,
    line: u32,
}

/// Builds the matrices and says of each row and variable of which class it is.
struct Recording {
    constraints: Constraints,
    part: &'static str,
    rows: Vec<Class>,
    variables: Vec<Class>,
}

impl Recording {
    fn class(&self, location: &'static Location<'static>) -> Class {
        let file = location.file();
        Class {
            part: self.part,
            file: file.rsplit('/').next().unwrap_or(file),
            line: location.line(),
        }
    }
}

impl System for Recording {
    type Expression = Combination;

    fn section(&mut self, name: &'static str) {
        self.part = name;
        self.constraints.section(name);
    }

    fn public_input(&mut self, value: Field) -> Combination {
        self.constraints.public_input(value)
    }

    #[track_caller]
    fn witness(&mut self, value: Field) -> Combination {
        self.variables.push(self.class(Location::caller()));
        self.constraints.witness(value)
    }

    #[track_caller]
    fn enforce(&mut self, a: &Combination, b: &Combination, c: &Combination) {
        self.rows.push(self.class(Location::caller()));
        self.constraints.enforce(a, b, c);
    }

    #[track_caller]
    fn product(&mut self, a: &Combination, b: &Combination) -> Combination {
        let product = self.witness(a.value() * b.value());
        self.enforce(a, b, &product);
        product
    }

    #[track_caller]
    fn enforce_equal(&mut self, a: &Combination, b: &Combination) {
        self.enforce(a, &Combination::constant(Field::one()), b);
    }
}

/// Other values for some variables.
type Changes = BTreeMap<usize, Field>;

/// Computes the values of all variables, but of those in `changes`; what follows from them is computed
/// from the changed values.
struct Cheating<'a> {
    assignment: Assignment,
    next: usize,
    changes: &'a Changes,
}

impl System for Cheating<'_> {
    type Expression = Field;

    fn public_input(&mut self, value: Field) -> Field {
        self.assignment.public_input(value)
    }

    fn witness(&mut self, value: Field) -> Field {
        let value = self.changes.get(&self.next).copied().unwrap_or(value);
        self.next += 1;
        self.assignment.witness(value)
    }

    fn enforce(&mut self, _: &Field, _: &Field, _: &Field) {}
}

fn values(witness: &QuorumWitness, changes: &Changes) -> Vec<Field> {
    let mut system = Cheating {
        assignment: Assignment::new(),
        next: PUBLIC_VARIABLES,
        changes,
    };
    witness.build(&mut system);
    system.assignment.into_values()
}

/// A circuit with the classes of its rows and variables, and what was found of them.
struct Study {
    r1cs: R1cs,
    rows: Vec<Class>,
    variables: Vec<Class>,
    needed: BTreeMap<Class, String>,
    pins: BTreeSet<Class>,
}

impl Study {
    fn new(witness: &QuorumWitness) -> Self {
        let mut system = Recording {
            constraints: Constraints::new(),
            part: "",
            rows: Vec::new(),
            variables: Vec::new(),
        };
        witness.build(&mut system);
        let (r1cs, honest) = system.constraints.finish();
        assert_eq!(r1cs.unsatisfied(&honest), None);
        assert_eq!(values(witness, &Changes::new()), honest);
        Self {
            r1cs,
            rows: system.rows,
            variables: system.variables,
            needed: BTreeMap::new(),
            pins: BTreeSet::new(),
        }
    }

    /// Variable `number` of a repetition of a part.
    fn variable(&self, part: &str, repetition: usize, number: usize) -> usize {
        let mut sections = self.r1cs.sections.iter().filter(|one| one.name == part);
        let section = sections.nth(repetition).expect("the part is there");
        section.first_variable + number
    }

    /// The first variable after a repetition of a part.
    fn end(&self, part: &str, repetition: usize) -> usize {
        let begin = self.variable(part, repetition, 0);
        let sections = self.r1cs.sections.iter().map(|one| one.first_variable);
        let end = sections.filter(|first| *first > begin).min();
        end.unwrap_or(self.r1cs.num_variables)
    }

    fn broken(&self, values: &[Field]) -> Vec<usize> {
        let R1cs { a, b, c, .. } = &self.r1cs;
        let is_broken = |row: &usize| {
            a.evaluate(*row, values) * b.evaluate(*row, values) != c.evaluate(*row, values)
        };
        (0..self.r1cs.num_constraints()).filter(is_broken).collect()
    }

    /// Something that must be refused; if one class alone does that, the class is needed.
    fn forge(&mut self, what: &str, witness: &QuorumWitness, changes: &[(usize, Field)]) {
        let changes = changes.iter().copied().collect();
        let broken = self.broken(&values(witness, &changes));
        assert!(!broken.is_empty(), "accepted: {what}");
        let classes: BTreeSet<_> = broken.iter().map(|row| self.rows[*row]).collect();
        if let [class] = *classes.into_iter().collect::<Vec<_>>() {
            self.needed.entry(class).or_insert_with(|| what.to_owned());
        }
    }

    /// A change of an honest witness. Of the first part that notices: if one class alone does, it pins
    /// what was changed.
    fn probe(&mut self, witness: &QuorumWitness, changes: &[(usize, Field)]) {
        let changes = changes.iter().copied().collect();
        let broken = self.broken(&values(witness, &changes));
        let Some(first) = broken.first() else {
            return;
        };
        let begins = self.r1cs.sections.iter().map(|one| one.first_constraint);
        let end = begins.filter(|begin| begin > first).min();
        let end = end.unwrap_or(usize::MAX);
        let of_part = broken.iter().take_while(|row| **row < end);
        let classes: BTreeSet<_> = of_part.map(|row| self.rows[*row]).collect();
        if let [class] = *classes.into_iter().collect::<Vec<_>>() {
            self.pins.insert(class);
        }
    }

    /// Changes the first, the middle and the last variable of each class in parts whose name has `parts` in it alone, and together with the next one so
    /// that a sum with weights 1 and 2 stays.
    fn probe_all(&mut self, witness: &QuorumWitness, parts: &str) {
        let honest = values(witness, &Changes::new());
        let mut places = BTreeMap::<Class, Vec<usize>>::new();
        let of_parts = |(_, class): &(usize, &Class)| class.part.contains(parts);
        for (place, class) in self.variables.iter().enumerate().filter(of_parts) {
            places
                .entry(*class)
                .or_default()
                .push(place + PUBLIC_VARIABLES);
        }
        for (class, places) in places {
            let middle = places.len() / 2;
            for place in [places[0], places[middle], places[places.len() - 1]] {
                let (old, next) = (honest[place], place + 1);
                for change in [Field::one(), -Field::one(), Field::rand(&mut OsRng)] {
                    if self.pins.contains(&class) {
                        break;
                    }
                    self.probe(witness, &[(place, old + change)]);
                    if let Some(other) = honest.get(next).copied() {
                        let both = [(place, old + change + change), (next, other - change)];
                        self.probe(witness, &both);
                    }
                }
            }
        }
    }

    /// Changes that make a Poseidon, whose last variable is before `end`, `difference` more: of the
    /// product `power` (square, third, fourth, fifth power) in the last S-box of the first element.
    fn bend(
        &self,
        honest: &[Field],
        end: usize,
        inputs: u8,
        power: usize,
        difference: Field,
    ) -> (usize, Field) {
        let width = inputs + 1;
        let parameters = get_poseidon_parameters::<Field>(width).expect("there are some");
        let first = end - 4 * usize::from(width);
        let [fourth, fifth] = [honest[first + 2], honest[first + 3]];
        let x = fifth * fourth.inverse().expect("not zero");
        let of_fifth = difference * parameters.mds[0][0].inverse().expect("not zero");
        let factor = x.pow([3 - power as u64]).inverse().expect("not zero");
        (first + power, honest[first + power] + of_fifth * factor)
    }

    /// Prints what was found of the parts whose name has `parts` in it; the survivors.
    fn report(&self, parts: &str) -> Vec<Class> {
        let mut classes: Vec<Class> = Vec::new();
        for class in self.rows.iter().filter(|class| class.part.contains(parts)) {
            if !classes.contains(class) {
                classes.push(*class);
            }
        }
        let mut survivors = Vec::new();
        for class in &classes {
            let rows = self.rows.iter().filter(|row| *row == class).count();
            let verdict = match (self.needed.get(class), self.pins.contains(class)) {
                (Some(what), _) => format!("needed: else {what}"),
                (None, true) => "pins its variable".to_owned(),
                (None, false) => {
                    survivors.push(*class);
                    "survives".to_owned()
                }
            };
            let Class { part, file, line } = class;
            println!("{part:18} {file:>12}:{line:<4} {rows:6}  {verdict}");
        }
        let needed = classes
            .iter()
            .filter(|class| self.needed.contains_key(class))
            .count();
        println!(
            "{} classes: {needed} needed, {} pin, {} survive",
            classes.len(),
            classes.len() - needed - survivors.len(),
            survivors.len()
        );
        survivors
    }
}

/// What a member, or somebody without a key, would have R8 and S be for a challenge that it chooses.
fn signature_of_nobody(key: Point, challenge: Field) -> (Point, BigInteger256) {
    let s = Scalar::rand(&mut OsRng);
    let challenge = Scalar::from_le_bytes_mod_order(&challenge.into_bigint().to_bytes_le());
    let r8 = Point::generator() * s - key * (challenge * Scalar::from(8u64));
    (r8.into_affine(), s.into_bigint())
}

/// Puts a key at a place of the tree, and its root into the statement.
fn plant(witness: &mut QuorumWitness, place: usize, key: Point) {
    witness.leaves[place] = hash([key.x, key.y]);
    witness.statement.root = root_of_leaves(&witness.leaves);
    witness.slots[place].key = key;
}

fn challenge_of(slot: &Slot, message: Field) -> Field {
    hash([slot.r8.x, slot.r8.y, slot.key.x, slot.key.y, message])
}

fn tick(prev_at: u64, observed_at: u64, value: i64) -> Observation {
    let (observed_at, prev_at) = (millis(observed_at), millis(prev_at));
    Observation::new(Field::from(42), observed_at, prev_at, value).expect("times are in order")
}

fn forge_counts(study: &mut Study) {
    let (_, _, three) = world(3);
    let two_of_three = with(&three, |w| w.slots[2].is_enabled = false);
    let minus_one = -Field::one();
    let threshold = |number| study.variable("threshold", 0, number);
    let zero_bits = (1..SURPLUS_BITS).map(|place| (threshold(place), Field::zero()));
    let bits_of_minus_one: Vec<_> = [(threshold(0), minus_one)]
        .into_iter()
        .chain(zero_bits)
        .collect();
    let twice = [(study.variable("enabled", 1, 0), Field::from(2u64))];
    let same_member = with(&three, |w| w.slots[1] = w.slots[0].clone());
    let step = study.variable("distinct", 0, 0);
    let step_of_minus_one: Vec<_> = [(step + 1, minus_one)]
        .into_iter()
        .chain((1..PLACE_BITS).map(|place| (step + 1 + place, Field::zero())))
        .collect();
    let around_a_gap = with(&three, |w| {
        w.slots.swap(0, 1);
        w.slots[2] = w.slots[0].clone();
        w.slots[1].is_enabled = false;
        w.statement.threshold = 2;
    });

    study.forge(
        "two signatures make a threshold of three",
        &two_of_three,
        &[],
    );
    study.forge(
        "two signatures make a threshold of three",
        &two_of_three,
        &bits_of_minus_one,
    );
    study.forge("a slot counts twice", &two_of_three, &twice);
    study.forge("a member counts twice", &same_member, &[]);
    study.forge(
        "a member counts twice",
        &same_member,
        &[(step, Field::zero())],
    );
    study.forge("a member counts twice", &same_member, &step_of_minus_one);
    study.forge("a member counts twice, around a gap", &around_a_gap, &[]);
}

fn forge_statements(study: &mut Study) {
    let (_, secrets, three) = world(3);
    let other_value = with(&three, |w| w.statement.value = 7.into());
    // The statement's hash is public; inside, the value that was signed stays.
    let signed = (
        study.variable("statement", 0, 4),
        three.statement.value.to_field(),
    );
    let honest = values(&three, &Changes::new());
    assert_eq!(honest[signed.0], signed.1);
    study.forge("a public input says another value", &other_value, &[signed]);
    let difference = other_value.statement.hash() - three.statement.hash();
    let end = study.end("statement_hash", 0);
    for power in 0..4 {
        let bent = study.bend(&honest, end, 6, power, difference);
        study.forge(
            "a public input says another value",
            &other_value,
            &[signed, bent],
        );
    }

    let outsider = SecretKey::generate();
    let in_other_tree = with(&three, |w| {
        let point = outsider.public_key().point();
        w.leaves[4] = hash([point.x, point.y]);
        w.slots[2] = Slot::new(true, &(4, attest(&outsider, -7)));
    });
    let difference = three.statement.root - root_of_leaves(&in_other_tree.leaves);
    let honest = values(&in_other_tree, &Changes::new());
    let end = study.end("provider_root", 0);
    for power in 0..4 {
        let bent = study.bend(&honest, end, ARITY as u8, power, difference);
        study.forge("a tree of other members", &in_other_tree, &[bent]);
    }

    // Two members signed the value, the third another one.
    let third = attest(&secrets[1], 7);
    let disagrees = with(&three, |w| w.slots[1] = Slot::new(true, &(1, third)));
    let honest = values(&disagrees, &Changes::new());
    let difference =
        third.observation.message(domain()) - attest(&secrets[1], -7).observation.message(domain());
    let end = study.end("message", 1);
    for power in 0..4 {
        let bent = study.bend(&honest, end, 5, power, difference);
        study.forge("a member signs another value", &disagrees, &[bent]);
    }
}

fn forge_times(study: &mut Study) {
    let (_, secrets, three) = world(3);
    let signed_at = |prev_at, observed_at| {
        let signed = Attestation::sign(&secrets[1], domain(), tick(prev_at, observed_at, -7));
        with(&three, |w| w.slots[1] = Slot::new(true, &(1, signed)))
    };
    // Differences of −1, in bits that are none.
    let minus_one_at = |first| {
        let zeros = (1..TIME_BITS).map(move |place| (first + place, Field::zero()));
        [(first, -Field::one())]
            .into_iter()
            .chain(zeros)
            .collect::<Vec<_>>()
    };
    let times = study.variable("times", 1, 0);
    let (before, after) = (signed_at(TIME - 5, TIME - 1), signed_at(TIME, TIME + 5));
    study.forge("a tick before T", &before, &minus_one_at(times));
    study.forge(
        "a later tick than the first after T",
        &after,
        &minus_one_at(times + TIME_BITS),
    );

    let event = signed_at(0, TIME + 5);
    study.forge("an event passes for a tick", &event, &[]);
    let of_events = with(&three, |w| w.statement.kind = FeedKind::Event);
    let no_inverse: Vec<_> = (0..3)
        .map(|slot| (study.variable("kind", slot, 0), Field::zero()))
        .collect();
    study.forge("a tick passes for an event", &of_events, &no_inverse);
    let opposite: Vec<_> = (0..3)
        .map(|slot| {
            let prev_at = of_events.slots[slot].prev_at.get();
            (study.variable("kind", slot, 0), -Field::from(prev_at))
        })
        .collect();
    study.forge("a tick passes for an event", &of_events, &opposite);
}

fn forge_members(study: &mut Study) {
    let (_, _, three) = world(3);
    let outsider = SecretKey::generate();
    let leaf_of = |key: Point| hash([key.x, key.y]);
    let leaf = leaf_of(outsider.public_key().point());
    let alone = with(&three, |w| {
        w.slots[0] = Slot::new(true, &(0, attest(&outsider, -7)));
        w.slots[1].is_enabled = false;
        w.slots[2].is_enabled = false;
        w.statement.threshold = 1;
    });
    study.forge("an outsider signs", &alone, &[]);
    let member = study.variable("member", 0, 0);
    let place = member + 2 + 320;
    let share = (leaf - alone.leaves[0])
        * (alone.leaves[1] - alone.leaves[0])
            .inverse()
            .expect("leaves differ");
    study.forge("an outsider signs", &alone, &[(place, share)]);
    let last_product = study.end("member", 0) - 1;
    study.forge(
        "an outsider signs",
        &alone,
        &[(last_product, leaf - alone.leaves[0])],
    );
    let honest = values(&alone, &Changes::new());
    for power in 0..4 {
        let bent = study.bend(&honest, place, 2, power, alone.leaves[0] - leaf);
        study.forge("an outsider signs", &alone, &[bent]);
    }

    // A signature for a challenge that was chosen first.
    let message = attest(&outsider, -7).observation.message(domain());
    let chosen = Field::rand(&mut OsRng);
    let (r8, s) = signature_of_nobody(three.slots[1].key, chosen);
    let nobody = with(&three, |w| (w.slots[1].r8, w.slots[1].s) = (r8, s));
    study.forge("a signature of nobody's", &nobody, &[]);
    let difference = chosen - challenge_of(&nobody.slots[1], message);
    let honest = values(&nobody, &Changes::new());
    let end = study.end("challenge", 1);
    for power in 0..4 {
        let bent = study.bend(&honest, end, 5, power, difference);
        study.forge("a signature of nobody's", &nobody, &[bent]);
    }
    let bits = challenge_bits_of(study, chosen.into_bigint());
    study.forge("a signature of nobody's", &nobody, &bits);
}

/// The bits of the second slot's challenge, highest first as they are made, and the products between
/// them that compare them with the bound.
fn challenge_variables(study: &Study) -> (Vec<usize>, Vec<usize>) {
    let part = "challenge_bits";
    let all = study.variable(part, 1, 0)..study.end(part, 1);
    let line = |place: usize| study.variables[place - PUBLIC_VARIABLES].line;
    // The two highest bits of the bound are ones, so the third variable is the first product.
    let product = line(all.start + 2);
    all.partition(|place| line(*place) != product)
}

/// Bits of another number in place of the second slot's challenge.
fn challenge_bits_of(study: &Study, number: BigInteger256) -> Vec<(usize, Field)> {
    let (bits, _) = challenge_variables(study);
    let weights = (0..bits.len()).rev();
    let values = weights.map(|weight| Field::from(number.get_bit(weight)));
    bits.into_iter().zip(values).collect()
}

fn forge_signatures(study: &mut Study) {
    let (_, _, three) = world(3);
    let message = attest(&SecretKey::generate(), -7)
        .observation
        .message(domain());
    // A member that signs malformed: other parties could not verify what the circuit would accept.
    let secret = Scalar::rand(&mut OsRng);
    let key = (Point::generator() * secret).into_affine();
    let nonce = Scalar::rand(&mut OsRng);
    let point = (Point::generator() * nonce).into_affine();
    let sign = |r8: Point| {
        with(&three, |w| {
            plant(w, 1, key);
            w.slots[1].r8 = r8;
            let challenge = challenge_of(&w.slots[1], message).into_bigint();
            let challenge = Scalar::from_le_bytes_mod_order(&challenge.to_bytes_le());
            w.slots[1].s = (nonce + Scalar::from(8u64) * challenge * secret).into_bigint();
        })
    };
    let one = Field::one();
    let (bad_x, bad_y) = (
        sign(Point::new_unchecked(point.x + one, point.y)),
        sign(Point::new_unchecked(point.x, point.y + one)),
    );
    assert!(study
        .broken(&values(&sign(point), &Changes::new()))
        .is_empty());
    let what = "R8 off the curve";
    study.forge(what, &bad_x, &[]);
    study.forge(what, &bad_y, &[]);
    let [to_x, to_y] = [2, 1].map(|before| study.end("base_product", 1) - before);
    study.forge(what, &bad_x, &[(to_x, point.x + one)]);
    study.forge(what, &bad_y, &[(to_y, point.y + one)]);

    forge_aliases(study, &three, (secret, key), message);
    forge_keys(study, &three);
}

/// Keys that are none.
fn forge_keys(study: &mut Study, three: &QuorumWitness) {
    let one = Field::one();
    let small_order = key_of_order_eight();
    for doublings in 0..=3u32 {
        let key = small_order.mul_bigint([1u64 << doublings]).into_affine();
        let s = Scalar::rand(&mut OsRng);
        let free = with(three, |w| {
            plant(w, 1, key);
            w.slots[1].r8 = (Point::generator() * s).into_affine();
            w.slots[1].s = s.into_bigint();
        });
        study.forge("a signature by a key of small order", &free, &[]);
    }
    let off_curve = |x, y| {
        with(three, |w| {
            plant(w, 1, Point::new_unchecked(x, y));
        })
    };
    let moved = off_curve(three.slots[1].key.x + one, three.slots[1].key.y);
    study.probe(&moved, &[]);
    let squares = study.variable("key_on_curve", 1, 0);
    let square = |value: Field| value * value;
    let honest = three.slots[1].key;
    study.probe(&moved, &[(squares, square(honest.x))]);
    let moved = off_curve(honest.x, honest.y + one);
    study.probe(&moved, &[(squares + 1, square(honest.y))]);
    // u and v of another point with the same x.
    let u = squares + 3;
    let other = Field::rand(&mut OsRng);
    let v = other * honest.x.inverse().expect("not zero");
    study.probe(three, &[(u, other), (u + 1, v)]);
}

fn key_of_order_eight() -> Point {
    loop {
        let Some(point) = Point::get_point_from_y_unchecked(Field::rand(&mut OsRng), false) else {
            continue;
        };
        let torsion = point.mul_bigint(Scalar::MODULUS).into_affine();
        if !torsion.mul_bigint([4u64]).into_affine().is_zero() {
            return torsion;
        }
    }
}

/// Signatures whose S, or challenge, is used with its order added, where the sum has no more bits.
fn forge_aliases(
    study: &mut Study,
    three: &QuorumWitness,
    (secret, key): (Scalar, Point),
    message: Field,
) {
    let (signed, s, challenge) = loop {
        let nonce = Scalar::rand(&mut OsRng);
        let signed = with(three, |w| {
            plant(w, 1, key);
            w.slots[1].r8 = (Point::generator() * nonce).into_affine();
        });
        let challenge = challenge_of(&signed.slots[1], message).into_bigint();
        let reduced = Scalar::from_le_bytes_mod_order(&challenge.to_bytes_le());
        let s = (nonce + Scalar::from(8u64) * reduced * secret).into_bigint();
        let (mut s_alias, mut challenge_alias) = (s, challenge);
        s_alias.add_with_carry(&Scalar::MODULUS);
        let carry = challenge_alias.add_with_carry(&Field::MODULUS);
        let fits = s_alias.num_bits() == Scalar::MODULUS_BIT_SIZE
            && !carry
            && challenge_alias.num_bits() == Field::MODULUS_BIT_SIZE;
        if fits {
            break (
                with(&signed, |w| w.slots[1].s = s),
                s_alias,
                challenge_alias,
            );
        }
    };
    assert!(study.broken(&values(&signed, &Changes::new())).is_empty());
    let aliased = with(&signed, |w| w.slots[1].s = s);
    let what = "one signature in two forms";
    study.forge(what, &aliased, &[]);
    // The first comparison says that the bits differ from the bound's, which they do not yet.
    let comparison = study.variable("base_product", 1, 2);
    study.forge(what, &aliased, &[(comparison, Field::zero())]);
    let mut bits = challenge_bits_of(study, challenge);
    study.probe(&signed, &bits);
    let (of_bits, products) = challenge_variables(study);
    bits.push((products[0], Field::zero()));
    study.probe(&signed, &bits);

    // Bits that are none, with the same sum, where the comparisons are over.
    let honest = values(&signed, &Changes::new());
    for pair in of_bits.windows(2) {
        let [higher, lower] = [pair[0], pair[1]].map(|place| (place, honest[place]));
        let two = Field::from(2u64);
        let both = [
            (higher.0, higher.1 + Field::one()),
            (lower.0, lower.1 - two),
        ];
        study.probe(&signed, &both);
        let class = study.variables[higher.0 - PUBLIC_VARIABLES];
        if study.pins.contains(&class) {
            break;
        }
    }
}

/// Changes the first slope of the first combined doubling and addition, and the second so that it fits.
fn probe_first_slope(study: &mut Study, witness: &QuorumWitness) {
    let honest = values(witness, &Changes::new());
    // A square, slope, u and v of each doubling, an inverse, slope, u and v of an addition, a product.
    let place = study.variable("challenge_product", 0, 2 * 4 + 1 + 3 + 1);
    let changed = (place, honest[place] + Field::one());
    let broken = study.broken(&values(witness, &Changes::from([changed])));
    let [_, second_row, ..] = *broken else {
        panic!("the second slope is of the first");
    };
    // After the slope, the u that follows from it and the second slope.
    let repair = place + 2;
    let residual = |value: Field| {
        let values = values(witness, &Changes::from([changed, (repair, value)]));
        let R1cs { a, b, c, .. } = &study.r1cs;
        a.evaluate(second_row, &values) * b.evaluate(second_row, &values)
            - c.evaluate(second_row, &values)
    };
    let at_zero = residual(Field::zero());
    let rise = residual(Field::one()) - at_zero;
    let fits = -at_zero * rise.inverse().expect("the points differ");
    study.probe(witness, &[changed, (repair, fits)]);
}

/// Values that are no median of four, 5, 10, 20 and 30 above the least, a fifth slot and a sixth being
/// disabled.
fn forge_medians(study: &mut Study, witness: &QuorumWitness) {
    let claim = |above_least: i64| {
        with(witness, |w| {
            w.statement.value = (i64::MIN + above_least).into()
        })
    };
    // Of each slot: below, above, picked, distance, its bits, both, what was picked.
    let variable = |study: &Study, slot: usize, number: usize| {
        study.variable("median", 0, 64 + 70 * slot + number)
    };
    let [below, above, picked, distance, both, product] = [0, 1, 2, 3, 68, 69];
    let (one, zero) = (Field::one(), Field::zero());
    let is = |study: &Study, slot, number, value: u64| {
        (variable(study, slot, number), Field::from(value))
    };

    let unsigned = "a median that nobody signed";
    let of = claim(15);
    let first = is(study, 0, picked, 1);
    let changes = [first, is(study, 1, picked, 1)];
    study.forge(unsigned, &of, &changes);
    study.forge(unsigned, &of, &[first]);
    study.forge(unsigned, &of, &[first, is(study, 0, product, 15)]);

    let greatest = "the greatest of four as their median";
    let of = claim(30);
    study.forge(greatest, &of, &[]);
    let twice = is(study, 3, above, 2);
    study.forge(greatest, &of, &[twice]);
    let disabled = is(study, 4, above, 1);
    study.forge(greatest, &of, &[disabled]);
    let also_above = is(study, 0, above, 1);
    study.forge(greatest, &of, &[also_above]);
    study.forge(
        greatest,
        &of,
        &[also_above, (variable(study, 0, both), zero)],
    );
    let not_below = [also_above, (variable(study, 0, below), zero)];
    study.forge(greatest, &of, &not_below);
    let [said_above, said_below] = not_below;
    let turned = is(study, 0, distance, 20);
    study.forge(greatest, &of, &[said_above, said_below, turned]);
    assert_eq!(values(&of, &Changes::new())[variable(study, 0, below)], one);
}

#[test]
fn every_class_of_constraints_of_a_quorum_is_there_for_something() {
    let (_, _, three) = world(3);
    let mut study = Study::new(&three);
    study.probe_all(&three, "");
    probe_first_slope(&mut study, &three);
    forge_counts(&mut study);
    forge_statements(&mut study);
    forge_times(&mut study);
    forge_members(&mut study);
    forge_signatures(&mut study);
    assert_eq!(study.report(""), []);
}

/// What a median has that a quorum has not; the other parts are built by the same lines.
#[test]
fn every_class_of_constraints_of_a_median_is_there_for_something() {
    let (_, witness) = median_world([10, 5, 20, 30, 40].map(|above_least| i64::MIN + above_least));
    let four = with(&witness, |w| {
        w.slots[4].is_enabled = false;
        w.statement.value = (i64::MIN + 20).into();
    });
    let mut study = Study::new(&four);
    study.probe_all(&four, "median");
    forge_medians(&mut study, &four);
    assert_eq!(study.report("median"), []);
}
