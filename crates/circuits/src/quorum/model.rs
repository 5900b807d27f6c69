//! The statements once more, as a function of a witness, and random witnesses on which the circuits
//! have to agree with it. Written from the statement: it knows nothing of constraints.
//! `FUZZ_SECONDS` says how long each search takes; it prints how many witnesses it tried.

use std::{
    collections::BTreeSet,
    env,
    time::{Duration, Instant},
};

use ark_ec::CurveGroup;
use ark_ff::BigInteger;
use attestation::{
    poseidon, root_of_leaves, Observation, Provider, ProviderSet, Scalar, SecretKey, Signature,
};
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};

use super::*;
use crate::R1cs;

/// What is wrong with a witness of a statement, if anything is.
fn fault(witness: &QuorumWitness) -> Option<&'static str> {
    let QuorumWitness {
        aggregation,
        statement,
        leaves,
        slots,
    } = witness;
    let counted: Vec<&Slot> = slots.iter().filter(|slot| slot.is_enabled).collect();
    if statement.root != root_of_leaves(leaves) {
        return Some("other members");
    }
    let members: BTreeSet<usize> = counted.iter().map(|slot| slot.place).collect();
    if members.len() != counted.len() {
        return Some("a member twice");
    }
    if counted.len() < usize::from(statement.threshold) {
        return Some("too few");
    }
    for slot in &counted {
        if leaves.get(slot.place) != Some(&poseidon([slot.key.x, slot.key.y])) {
            return Some("an outsider");
        }
        if !(slot.prev_at < statement.time && statement.time <= slot.observed_at) {
            return Some("another tick");
        }
        if (slot.prev_at == Millis::default()) != (statement.kind == FeedKind::Event) {
            return Some("another kind");
        }
        let signed = poseidon([
            statement.signed_domain().0,
            statement.feed_id,
            Field::from(slot.observed_at.get()),
            Field::from(slot.prev_at.get()),
            match aggregation {
                Aggregation::Agreement => statement.value.to_field(),
                Aggregation::Median => slot.value.to_field(),
            },
        ]);
        if !is_signature(slot, signed) {
            return Some("no signature");
        }
    }
    if *aggregation == Aggregation::Median && !is_median(statement.value, &counted) {
        return Some("no median");
    }
    None
}

/// `S·B8 = R8 + 8·H(R8, A, M)·A` with S below the order, as any verifier of these signatures has it.
fn is_signature(slot: &Slot, message: Field) -> bool {
    let key = attestation::PublicKey::from_coordinates(slot.key.x, slot.key.y);
    let s = scalar(slot);
    let s = (s < Scalar::MODULUS).then(|| Scalar::from_bigint(s));
    let signature = s
        .flatten()
        .and_then(|s| Signature::new((slot.r8.x, slot.r8.y), s).ok());
    key.ok()
        .zip(signature)
        .is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
}

/// S, of which a witness has as many bits as the order.
fn scalar(slot: &Slot) -> BigInteger256 {
    let mut s = slot.s;
    let bits_of_top_limb = Scalar::MODULUS_BIT_SIZE - 3 * u64::BITS;
    s.0[3] &= (1 << bits_of_top_limb) - 1;
    s
}

/// Sorted, the value is one of the two in the middle, or the one.
fn is_median(value: Value, counted: &[&Slot]) -> bool {
    let number = |value: Value| value.number();
    let mut values: Vec<_> = counted
        .iter()
        .filter_map(|slot| number(slot.value))
        .collect();
    if values.len() != counted.len() || values.is_empty() {
        return false;
    }
    values.sort_unstable();
    let middle = [values[(values.len() - 1) / 2], values[values.len() / 2]];
    number(value).is_some_and(|value| middle.contains(&value))
}

/// Beyond the statement a witness has a form: those that count come first, by place, at most 15 more
/// than the threshold; those that do not count are of members, of the same kind, with an S below the order and
/// a key in the subgroup. Their times may be any: what is assigned is a distance from T within its bits, and
/// nobody asks who signed it.
fn is_in_form(witness: &QuorumWitness) -> bool {
    let statement = &witness.statement;
    let counted = witness
        .slots
        .iter()
        .take_while(|slot| slot.is_enabled)
        .count();
    let (first, rest) = witness.slots.split_at(counted);
    let in_order = first.windows(2).all(|pair| pair[0].place < pair[1].place);
    in_order
        && counted <= usize::from(statement.threshold) + 15
        && rest.iter().all(|slot| {
            let is_event = slot.prev_at == Millis::default();
            let leaf = poseidon([slot.key.x, slot.key.y]);
            let key = attestation::PublicKey::from_coordinates(slot.key.x, slot.key.y);
            !slot.is_enabled
                && is_event == (statement.kind == FeedKind::Event)
                && scalar(slot) < Scalar::MODULUS
                && key.is_ok()
                && witness.leaves.get(slot.place) == Some(&leaf)
        })
}

struct World {
    random: StdRng,
    secrets: Vec<SecretKey>,
    set: ProviderSet,
}

const BASE: u64 = 1_671_375_600_000;

impl World {
    fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let secrets: Vec<_> = (0..6)
            .map(|_| {
                let mut bytes = [0; 32];
                random.fill(&mut bytes);
                SecretKey::from_bytes(bytes)
            })
            .collect();
        let providers = secrets.iter().map(|secret| Provider {
            name: String::new(),
            public_key: secret.public_key(),
        });
        let set = ProviderSet::new(2, providers.collect()).expect("fresh keys");
        Self {
            random,
            secrets,
            set,
        }
    }

    fn domain(&self) -> Domain {
        Domain(Field::from(11u64))
    }

    /// A time at, before or after T, or at the ends of the range.
    fn time_near(&mut self) -> u64 {
        let near = [
            BASE - 1,
            BASE,
            BASE + 1,
            1,
            i64::MAX.unsigned_abs(),
            BASE - 50,
            BASE + 50,
        ];
        *near.choose(&mut self.random).expect("some")
    }

    fn sign(&mut self, place: usize, kind: FeedKind, value: Value, honest: bool) -> Slot {
        let (mut prev_at, mut observed_at) = (BASE - 5, BASE + 5);
        if !honest {
            (prev_at, observed_at) = (self.time_near(), self.time_near());
        }
        if kind == FeedKind::Event {
            prev_at = 0;
        }
        if prev_at >= observed_at {
            (prev_at, observed_at) = (observed_at - 1, prev_at.max(observed_at));
        }
        let [observed_at, prev_at] =
            [observed_at, prev_at].map(|time| Millis::new(time).expect("in range"));
        let observation = Observation::new(Field::from(42), observed_at, prev_at, value);
        let domain = self.domain();
        let domain = match value {
            Value::Number(_) => domain,
            Value::Root(_) => domain.of_roots(),
        };
        let observation = observation.expect("times are in order");
        let signed = Attestation::sign(&self.secrets[place], domain, observation);
        Slot::new(true, &(place, signed))
    }

    /// A witness that is right, or nearly.
    fn witness(&mut self, circuit: Circuit) -> QuorumWitness {
        let kind = *[FeedKind::Event, FeedKind::Tick]
            .choose(&mut self.random)
            .expect("two");
        let slots = circuit.slots();
        let counted = self.random.gen_range(1..=slots);
        let mut places: Vec<usize> = (0..self.secrets.len()).collect();
        places.shuffle(&mut self.random);
        let mut places = places[..slots].to_vec();
        places[..counted].sort_unstable();
        let agreed = self.random.gen_range(-3..3);
        let mut values = Vec::new();
        let is_median = circuit.aggregation() == Aggregation::Median;
        let slots: Vec<Slot> = places
            .into_iter()
            .enumerate()
            .map(|(number, place)| {
                let value = if is_median {
                    self.random.gen_range(-3..3)
                } else {
                    agreed
                };
                let mut slot = self.sign(place, kind, value.into(), true);
                slot.is_enabled = number < counted;
                if slot.is_enabled {
                    values.push(value);
                }
                slot
            })
            .collect();
        values.sort_unstable();
        let value = if is_median {
            values[values.len() / 2]
        } else {
            agreed
        };
        QuorumWitness {
            aggregation: circuit.aggregation(),
            statement: Statement {
                domain: self.domain(),
                root: self.set.root(),
                threshold: self.random.gen_range(1..=counted as u8),
                kind,
                feed_id: Field::from(42),
                time: Millis::new(BASE).expect("in range"),
                value: value.into(),
            },
            leaves: self.set.leaves(),
            slots,
        }
    }

    fn damage(&mut self, witness: &mut QuorumWitness) {
        let place = self.random.gen_range(0..witness.slots.len());
        let other = self.random.gen_range(0..witness.slots.len());
        let kind = witness.statement.kind;
        match self.random.gen_range(0..18) {
            0 => witness.slots.swap(place, other),
            1 => witness.slots[place] = witness.slots[other].clone(),
            2 => witness.slots[place].is_enabled = !witness.slots[place].is_enabled,
            3 => witness.statement.threshold = self.random.gen_range(0..6),
            4 => witness.statement.value = self.random.gen_range(-3i64..3).into(),
            5 => {
                witness.statement.kind = match kind {
                    FeedKind::Event => FeedKind::Tick,
                    FeedKind::Tick => FeedKind::Event,
                };
            }
            6 => witness.statement.time = Millis::new(self.time_near()).expect("in range"),
            7 => witness.statement.feed_id = Field::from(self.random.gen_range(41..44u64)),
            8 => witness.statement.domain = Domain(Field::from(self.random.gen_range(10..13u64))),
            9 => {
                let leaf = self.random.gen_range(0..CAPACITY);
                witness.leaves[leaf] = witness.leaves[self.random.gen_range(0..CAPACITY)];
                if self.random.gen() {
                    witness.statement.root = root_of_leaves(&witness.leaves);
                }
            }
            10 => witness.slots[place].place = self.random.gen_range(0..CAPACITY),
            11 => witness.slots[place].r8 = witness.slots[other].r8,
            12 => {
                let r8 = witness.slots[place].r8.into_group();
                witness.slots[place].r8 = (-r8).into_affine();
            }
            13 => {
                let by = [BigInteger256::from(1u64), Scalar::MODULUS];
                let by = by.choose(&mut self.random).expect("two");
                witness.slots[place].s.add_with_carry(by);
            }
            14 => witness.slots[place].key = witness.slots[other].key,
            15 => {
                let value = self.random.gen_range(-3i64..3).into();
                witness.slots[place].value = value;
            }
            16 => {
                let digits: u64 = self.random.gen();
                let value: Value = format!("root:{digits:064x}").parse().expect("a root");
                witness.statement.value = value;
                if witness.aggregation == Aggregation::Agreement {
                    for slot in &mut witness.slots {
                        let enabled = slot.is_enabled;
                        *slot = self.sign(slot.place.min(5), kind, value, true);
                        slot.is_enabled = enabled;
                    }
                }
            }
            _ => {
                let signer = self.random.gen_range(0..self.secrets.len());
                let value = match witness.aggregation {
                    Aggregation::Agreement => witness.statement.value,
                    Aggregation::Median => witness.slots[place].value,
                };
                let enabled = witness.slots[place].is_enabled;
                let slot = self.sign(signer, kind, value, self.random.clone().gen());
                witness.slots[place] = Slot {
                    is_enabled: enabled,
                    ..slot
                };
            }
        }
    }
}

fn accepts(r1cs: &R1cs, circuit: Circuit, witness: &QuorumWitness) -> bool {
    r1cs.unsatisfied(&circuit.assign(witness)).is_none()
}

fn search(circuit: Circuit, seed: u64) {
    let seconds = env::var("FUZZ_SECONDS").ok();
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(4);
    let end = Instant::now() + Duration::from_secs(seconds);
    let r1cs = circuit.r1cs();
    let mut world = World::new(seed);
    let (mut accepted, mut refused) = (0u64, 0u64);
    let mut faults = BTreeSet::new();
    while Instant::now() < end || accepted < 3 || refused < 3 {
        let mut witness = world.witness(circuit);
        for _ in 0..world.random.gen_range(0..3) {
            world.damage(&mut witness);
        }
        let fault = fault(&witness);
        let is_accepted = accepts(&r1cs, circuit, &witness);
        let expected = fault.is_none() && is_in_form(&witness);
        assert_eq!(is_accepted, expected, "{fault:?}: {witness:?}");
        faults.extend(fault);
        *if is_accepted {
            &mut accepted
        } else {
            &mut refused
        } += 1;
    }
    println!("{circuit}: {accepted} accepted, {refused} refused, of them for: {faults:?}");
}

#[test]
fn quorum_accepts_what_the_statement_says() {
    search(Circuit::Quorum3, 1);
}

#[test]
fn median_accepts_what_the_statement_says() {
    search(Circuit::Median3, 2);
}
