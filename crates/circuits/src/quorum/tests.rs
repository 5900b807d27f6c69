use std::collections::BTreeMap;

use ark_ec::CurveGroup;
use ark_ff::{BigInteger, UniformRand};
use attestation::{
    poseidon, root_of_leaves, Domain, FeedKind, Observation, Provider, ProviderSet, Scalar,
    SecretKey,
};
use rand::rngs::OsRng;

use super::*;
use crate::{system::Constraints, Circuit};

pub(super) const TIME: u64 = 1_671_375_600_000;

pub(super) fn millis(time: u64) -> Millis {
    Millis::new(time).expect("test times are small")
}

pub(super) fn domain() -> Domain {
    Domain::new(&[7; 32], "localnet")
}

pub(super) fn attest(secret: &SecretKey, value: i64) -> Attestation {
    let observation = Observation::new(Field::from(42), millis(TIME + 5), millis(TIME - 5), value)
        .expect("times are in order");
    Attestation::sign(secret, domain(), observation)
}

/// A set of five, its keys, and a witness of `threshold` attestations for three slots.
pub(super) fn world(threshold: u64) -> (ProviderSet, Vec<SecretKey>, QuorumWitness) {
    let secrets: Vec<_> = (0..5).map(|_| SecretKey::generate()).collect();
    let providers = secrets
        .iter()
        .map(|secret| Provider {
            name: String::new(),
            public_key: secret.public_key(),
        })
        .collect();
    let set = ProviderSet::new(threshold, providers).expect("keys are fresh");
    let attestations: Vec<_> = secrets.iter().map(|secret| attest(secret, -7)).collect();
    let quorum = Quorum::new(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        millis(TIME),
        &attestations,
        None,
    )
    .expect("all agree");
    let witness = QuorumWitness::new(&quorum, Circuit::Quorum3).expect("three slots are enough");
    (set, secrets, witness)
}

fn is_satisfied(witness: &QuorumWitness) -> bool {
    let mut system = Constraints::new();
    witness.build(&mut system);
    let (r1cs, values) = system.finish();
    r1cs.unsatisfied(&values).is_none()
}

pub(super) fn with(
    witness: &QuorumWitness,
    change: impl FnOnce(&mut QuorumWitness),
) -> QuorumWitness {
    let mut changed = witness.clone();
    change(&mut changed);
    changed
}

/// Asserts that the change makes an otherwise satisfied witness unsatisfied.
fn refused(witness: &QuorumWitness, change: impl FnOnce(&mut QuorumWitness)) {
    assert!(!is_satisfied(&with(witness, change)));
}

#[test]
fn sizes_fit_their_domains() {
    for (circuit, log2) in [
        (Circuit::Quorum3, 14),
        (Circuit::Quorum6, 15),
        (Circuit::Quorum13, 16),
        (Circuit::Median3, 14),
        (Circuit::Median6, 15),
        (Circuit::Median13, 16),
    ] {
        assert_eq!(circuit.r1cs().domain_size(), 1 << log2);
    }
}

#[test]
fn honest_witness_is_satisfied_and_assigned_the_same_by_both_systems() {
    for threshold in 1..=3 {
        let (_, _, witness) = world(threshold);
        let mut system = Constraints::new();
        witness.build(&mut system);
        let (r1cs, values) = system.finish();
        assert_eq!(r1cs.unsatisfied(&values), None);
        assert_eq!(Circuit::Quorum3.assign(&witness), values);
        assert_eq!(values[crate::PUBLIC_INPUT], witness.statement.hash());

        let blank = Circuit::Quorum3.r1cs();
        assert_eq!(blank.num_variables, r1cs.num_variables);
        for (blank, built) in [
            (&blank.a, &r1cs.a),
            (&blank.b, &r1cs.b),
            (&blank.c, &r1cs.c),
        ] {
            assert!(blank.rows().eq(built.rows()));
        }
    }
}

#[test]
fn no_witness_can_change_alone() {
    let (_, _, witness) = world(2);
    let mut system = Constraints::new();
    witness.build(&mut system);
    let (r1cs, mut values) = system.finish();
    let mut rows_of = BTreeMap::<usize, Vec<usize>>::new();
    for matrix in [&r1cs.a, &r1cs.b, &r1cs.c] {
        for (row, terms) in matrix.rows().enumerate() {
            for (variable, _) in terms {
                rows_of.entry(*variable).or_default().push(row);
            }
        }
    }
    for variable in 1..values.len() {
        let honest = values[variable];
        for change in [Field::one(), Field::rand(&mut OsRng)] {
            values[variable] = honest + change;
            assert!(
                rows_of[&variable].iter().any(|row| {
                    r1cs.a.evaluate(*row, &values) * r1cs.b.evaluate(*row, &values)
                        != r1cs.c.evaluate(*row, &values)
                }),
                "variable {variable} is not determined"
            );
        }
        values[variable] = honest;
    }
}

#[test]
fn statement_is_bound_to_its_hash() {
    let (_, _, witness) = world(2);
    refused(&witness, |w| {
        w.statement.domain = Domain::new(&[7; 32], "devnet")
    });
    refused(&witness, |w| w.statement.root += Field::one());
    refused(&witness, |w| w.statement.feed_id += Field::one());
    refused(&witness, |w| w.statement.time = millis(TIME + 6));
    refused(&witness, |w| w.statement.value = 7.into());
    refused(&witness, |w| w.statement.threshold = 3);
    refused(&witness, |w| w.statement.kind = FeedKind::Event);

    let mut system = Constraints::new();
    witness.build(&mut system);
    let (r1cs, mut values) = system.finish();
    values[crate::PUBLIC_INPUT] += Field::one();
    assert!(r1cs.unsatisfied(&values).is_some());
}

#[test]
fn event_and_tick_cannot_stand_for_each_other() {
    let (set, secrets, tick) = world(2);
    let of_event = |secret| {
        let observed_at = millis(TIME + 5);
        let observation = Observation::new(Field::from(42), observed_at, Millis::default(), -7);
        Attestation::sign(secret, domain(), observation.expect("times are in order"))
    };
    let events: Vec<_> = secrets.iter().map(of_event).collect();
    let quorum = |kind, attestations: &[Attestation]| {
        let time = millis(TIME);
        Quorum::new(
            &set,
            domain(),
            kind,
            Field::from(42),
            time,
            attestations,
            None,
        )
    };
    let witness = QuorumWitness::new(
        &quorum(FeedKind::Event, &events).expect("all agree"),
        Circuit::Quorum3,
    );
    let event = witness.expect("three slots are enough");
    assert!(is_satisfied(&event));

    // The observations of one kind under the statement of the other.
    refused(&event, |w| w.statement.kind = FeedKind::Tick);
    refused(&tick, |w| w.statement.kind = FeedKind::Event);
    // One observation of the other kind among others.
    refused(&event, |w| w.slots[1] = tick.slots[1].clone());
    refused(&tick, |w| w.slots[1] = event.slots[1].clone());
    // Found before a proof is tried.
    for kind in [FeedKind::Event, FeedKind::Tick] {
        let refused = quorum(kind, &[attest(&secrets[0], -7), events[1]]);
        assert!(matches!(
            refused.map(|_| ()),
            Err(attestation::QuorumError::Refused(_))
        ));
    }
}

#[test]
fn more_signatures_than_the_threshold_are_welcome_and_fewer_are_not() {
    let (_, _, three) = world(3);
    let statement = |threshold| Statement {
        threshold,
        ..three.statement
    };
    assert!(is_satisfied(&with(&three, |w| w.statement = statement(2))));
    for threshold in [4, 5, 255] {
        refused(&three, |w| w.statement = statement(threshold));
    }
    refused(&three, |w| w.slots[2].is_enabled = false);
}

#[test]
fn disabled_slot_counts_for_nothing() {
    let (_, secrets, two) = world(2);
    // The third slot is disabled: it may be enabled only with a third member's signature.
    refused(&two, |w| w.slots[2].is_enabled = true);
    refused(&two, |w| w.slots[1].is_enabled = false);
    assert!(is_satisfied(
        &with(&two, |w| w.slots[2].s = BigInteger256::from(5u64))
    ));
    assert!(is_satisfied(&with(&two, |w| {
        w.slots[2] = Slot::new(true, &(4, attest(&secrets[4], -7)));
    })));
    // A gap before an enabled slot.
    refused(&two, |w| w.slots.swap(0, 2));
}

#[test]
fn member_cannot_count_twice() {
    let (_, secrets, witness) = world(3);
    refused(&witness, |w| w.slots[1] = w.slots[0].clone());
    refused(&witness, |w| w.slots.swap(0, 1));
    refused(&witness, |w| w.slots.swap(1, 2));
    // Under another place, where another member's key is.
    refused(&witness, |w| {
        w.slots[2] = Slot {
            place: 3,
            ..Slot::new(true, &(1, attest(&secrets[1], -7)))
        };
    });
    assert!(is_satisfied(&with(&witness, |w| {
        w.slots[2] = Slot::new(true, &(4, attest(&secrets[4], -7)));
    })));
}

#[test]
fn outsider_cannot_sign() {
    let (_, _, witness) = world(3);
    let outsider = attest(&SecretKey::generate(), -7);
    for place in 2..CAPACITY {
        refused(&witness, |w| {
            w.slots[2] = Slot::new(true, &(place, outsider))
        });
    }
    // With a tree of the outsider's own making the root is another.
    refused(&witness, |w| {
        let point = outsider.provider.point();
        w.leaves[4] = poseidon([point.x, point.y]);
        w.slots[2] = Slot::new(true, &(4, outsider));
    });
}

#[test]
fn signature_must_be_of_this_member_over_this_message() {
    let (_, secrets, witness) = world(3);
    refused(&witness, |w| {
        w.slots[1] = Slot::new(true, &(1, attest(&secrets[1], 7)))
    });
    refused(&witness, |w| {
        w.slots[1] = Slot::new(true, &(1, attest(&secrets[0], -7)))
    });
    refused(&witness, |w| {
        w.slots[1].s.add_with_carry(&BigInteger256::one());
    });
    refused(&witness, |w| w.slots[1].r8 = w.slots[2].r8);
    refused(&witness, |w| {
        w.slots[1].r8 = (-w.slots[1].r8.into_group()).into_affine()
    });
    let elsewhere = Domain::new(&[8; 32], "localnet");
    refused(&witness, |w| {
        let observation = attest(&secrets[1], -7).observation;
        w.slots[1] = Slot::new(
            true,
            &(1, Attestation::sign(&secrets[1], elsewhere, observation)),
        );
    });
}

#[test]
fn scalar_at_or_above_the_order_is_refused() {
    let (_, secrets, witness) = world(3);
    // Only a small S stays within its bits when the order is added.
    let (attestation, s) = (0..)
        .map(|nonce| {
            let observation =
                Observation::new(Field::from(42), millis(TIME + nonce), millis(TIME - 5), -7)
                    .expect("times are in order");
            let attestation = Attestation::sign(&secrets[1], domain(), observation);
            let mut s = attestation.signature.s().into_bigint();
            s.add_with_carry(&Scalar::MODULUS);
            (attestation, s)
        })
        .find(|(_, s)| s.num_bits() == Scalar::MODULUS_BIT_SIZE)
        .expect("some S is small");
    let slot = Slot::new(true, &(1, attestation));
    assert!(is_satisfied(&with(&witness, |w| w.slots[1] = slot.clone())));
    refused(&witness, |w| w.slots[1] = Slot { s, ..slot });
}

#[test]
fn tick_must_be_the_first_at_or_after_time() {
    let (_, secrets, witness) = world(3);
    let at = |prev_at, observed_at| {
        let observation =
            Observation::new(Field::from(42), millis(observed_at), millis(prev_at), -7)
                .expect("times are in order");
        let attestation = Attestation::sign(&secrets[1], domain(), observation);
        with(&witness, |w| {
            w.slots[1] = Slot::new(true, &(1, attestation))
        })
    };
    let latest = i64::MAX.unsigned_abs();
    assert!(is_satisfied(&at(TIME - 1, TIME)));
    assert!(is_satisfied(&at(1, latest)));
    assert!(!is_satisfied(&at(0, latest)));
    assert!(!is_satisfied(&at(TIME, TIME + 1)));
    assert!(!is_satisfied(&at(TIME + 1, TIME + 2)));
    assert!(!is_satisfied(&at(TIME - 2, TIME - 1)));
    assert!(!is_satisfied(&at(0, 1)));
    assert!(!is_satisfied(&at(latest - 1, latest)));
}

#[test]
fn key_of_small_order_cannot_be_signed_for() {
    // 8·h·A vanishes for such a key, so that R8 = S·B8 satisfies the equation for any message.
    let order_eight = loop {
        let Some(point) = Point::get_point_from_y_unchecked(Field::rand(&mut OsRng), false) else {
            continue;
        };
        let torsion = point.mul_bigint(Scalar::MODULUS).into_affine();
        if !torsion.mul_bigint([4u64]).into_affine().is_zero() {
            break torsion;
        }
    };
    let (_, _, witness) = world(3);
    let s = Scalar::rand(&mut OsRng);
    for doublings in 0..=3u32 {
        let key = order_eight.mul_bigint([1u64 << doublings]).into_affine();
        refused(&witness, |w| {
            w.leaves[1] = poseidon([key.x, key.y]);
            w.statement.root = root_of_leaves(&w.leaves);
            w.slots[1].key = key;
            w.slots[1].r8 = (Point::generator() * s).into_affine();
            w.slots[1].s = s.into_bigint();
        });
    }
}

#[test]
fn r8_of_small_order_is_refused() {
    // R8 = O: S = 8·h·a satisfies the equation, and the secret's holder can compute it.
    let (_, _, witness) = world(3);
    let secret = Scalar::rand(&mut OsRng);
    let key = (Point::generator() * secret).into_affine();
    let r8 = Point::zero();
    let message = attest(&SecretKey::generate(), -7)
        .observation
        .message(domain());
    let challenge = poseidon([r8.x, r8.y, key.x, key.y, message]).into_bigint();
    let challenge = Scalar::from_le_bytes_mod_order(&challenge.to_bytes_le());
    refused(&witness, |w| {
        w.leaves[1] = poseidon([key.x, key.y]);
        w.statement.root = root_of_leaves(&w.leaves);
        w.slots[1].key = key;
        w.slots[1].r8 = r8;
        w.slots[1].s = (Scalar::from(8u64) * challenge * secret).into_bigint();
    });
    // The same key with another nonce signs well: nothing else is wrong with this witness.
    let nonce = Scalar::rand(&mut OsRng);
    let r8 = (Point::generator() * nonce).into_affine();
    let challenge = poseidon([r8.x, r8.y, key.x, key.y, message]).into_bigint();
    let challenge = Scalar::from_le_bytes_mod_order(&challenge.to_bytes_le());
    assert!(is_satisfied(&with(&witness, |w| {
        w.leaves[1] = poseidon([key.x, key.y]);
        w.statement.root = root_of_leaves(&w.leaves);
        w.slots[1].key = key;
        w.slots[1].r8 = r8;
        w.slots[1].s = (nonce + Scalar::from(8u64) * challenge * secret).into_bigint();
    })));
}

#[test]
fn key_off_the_curve_is_refused() {
    let (_, _, witness) = world(3);
    refused(&witness, |w| {
        let key = &mut w.slots[1].key;
        key.x += Field::one();
        let leaf = poseidon([key.x, key.y]);
        w.leaves[1] = leaf;
        w.statement.root = root_of_leaves(&w.leaves);
    });
}

#[test]
fn threshold_above_the_slots_is_an_error() {
    let secrets: Vec<_> = (0..5).map(|_| SecretKey::generate()).collect();
    let providers = secrets
        .iter()
        .map(|secret| Provider {
            name: String::new(),
            public_key: secret.public_key(),
        })
        .collect();
    let set = ProviderSet::new(4, providers).expect("keys are fresh");
    let attestations: Vec<_> = secrets.iter().map(|secret| attest(secret, -7)).collect();
    let quorum = Quorum::new(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        millis(TIME),
        &attestations,
        None,
    )
    .expect("all agree");
    assert_eq!(
        QuorumWitness::new(&quorum, Circuit::Quorum3).map(|_| ()),
        Err(CircuitError::ThresholdAboveSlots {
            threshold: 4,
            slots: 3
        })
    );
    assert_eq!(Circuit::for_threshold(4), Ok(Circuit::Quorum6));
    assert_eq!(
        Circuit::for_threshold(14),
        Err(CircuitError::ThresholdAboveSlots {
            threshold: 14,
            slots: 13
        })
    );
}

/// A median of five values in six slots.
pub(super) fn median_world(values: [i64; 5]) -> (Vec<SecretKey>, QuorumWitness) {
    let (set, secrets, _) = world(3);
    let attestations: Vec<_> = secrets
        .iter()
        .zip(values)
        .map(|(secret, value)| attest(secret, value))
        .collect();
    let quorum = Quorum::median(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        millis(TIME),
        &attestations,
        6,
    )
    .expect("five are enough");
    let witness = QuorumWitness::new(&quorum, Circuit::Median6).expect("six slots are enough");
    (secrets, witness)
}

#[test]
fn median_of_signed_values_is_satisfied_and_nothing_else() {
    let (secrets, witness) = median_world([30, -10, 20, 50, 40]);
    assert_eq!(witness.statement.value, 30.into());
    let mut system = Constraints::new();
    witness.build(&mut system);
    let (r1cs, values) = system.finish();
    assert_eq!(r1cs.unsatisfied(&values), None);
    assert_eq!(Circuit::Median6.assign(&witness), values);
    assert_eq!(Circuit::Median6.r1cs().num_variables, r1cs.num_variables);

    // A value that somebody signed, or nobody did, but not the median.
    for value in [-10, 20, 40, 50, 29, 31] {
        refused(&witness, |w| w.statement.value = value.into());
    }
    // A value that the member did not sign.
    refused(&witness, |w| w.slots[1].value = 30.into());
    refused(&witness, |w| {
        w.slots[4] = Slot::new(true, &(4, attest(&SecretKey::generate(), 40)));
    });
    // Without the last member four values are left, with two in the middle.
    let without_last = with(&witness, |w| w.slots[4].is_enabled = false);
    assert!(is_satisfied(&without_last));
    assert!(is_satisfied(&with(&without_last, |w| {
        w.statement.value = 20.into()
    })));
    refused(&without_last, |w| w.statement.value = 50.into());
    // Fewer than the threshold.
    refused(&without_last, |w| {
        w.slots[3].is_enabled = false;
        w.slots[2].is_enabled = false;
    });
    // A member twice.
    refused(&witness, |w| w.slots[5] = w.slots[4].clone());
    refused(&witness, |w| {
        w.slots[5] = Slot::new(true, &(4, attest(&secrets[4], 40)));
    });
}

#[test]
fn disabled_slot_of_a_median_counts_for_nothing() {
    let (_, witness) = median_world([1, 2, 3, 4, 5]);
    assert!(is_satisfied(&with(&witness, |w| {
        w.slots[5].value = 1_000.into()
    })));
    refused(&witness, |w| {
        w.slots[5].value = 1_000.into();
        w.statement.value = 1_000.into();
    });
}

#[test]
fn medians_with_equal_values_are_satisfied() {
    for (values, median) in [
        ([7; 5], 7),
        ([7, 7, 9, 9, 9], 9),
        ([i64::MIN, i64::MAX, i64::MIN, i64::MAX, 0], 0),
        ([i64::MIN, i64::MAX, i64::MIN, i64::MIN, 0], i64::MIN),
    ] {
        let (_, witness) = median_world(values);
        assert_eq!(witness.statement.value, median.into());
        assert!(is_satisfied(&witness), "{values:?}");
    }
}

#[test]
fn circuit_of_the_other_statement_is_an_error() {
    let (set, secrets, _) = world(3);
    let attestations: Vec<_> = secrets.iter().map(|secret| attest(secret, -7)).collect();
    let time = millis(TIME);
    let agreed = Quorum::new(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        time,
        &attestations,
        None,
    );
    let median = Quorum::median(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        time,
        &attestations,
        3,
    );
    for (quorum, circuit) in [
        (agreed.expect("all agree"), Circuit::Median3),
        (median.expect("three are enough"), Circuit::Quorum3),
    ] {
        assert_eq!(
            QuorumWitness::new(&quorum, circuit).map(|_| ()),
            Err(CircuitError::OtherAggregation {
                circuit,
                found: quorum.aggregation()
            })
        );
    }
}
