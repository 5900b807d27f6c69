//! Signing, the JSON form, and everything that is refused.

use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, Field as _, PrimeField, UniformRand};
use attestation::{
    Aggregation, Attestation, Domain, FeedKind, Field, Millis, Observation, ObservationError,
    Point, Provider, ProviderSet, ProviderSetError, PublicKey, PublicKeyError, Quorum, QuorumError,
    Refusal, Refused, Scalar, SecretKey, Signature, SignatureError, Statement, Value,
};
use proptest::prelude::*;
use rand::rngs::OsRng;
use result_tree::Root;

const TIME: u64 = 1_671_375_600_000;

fn domain() -> Domain {
    Domain::new(&[7; 32], "localnet")
}

fn millis(time: u64) -> Millis {
    Millis::new(time).expect("test times are small")
}

fn observation(value: impl Into<Value>) -> Observation {
    Observation::new(Field::from(42), millis(TIME + 5), millis(TIME - 5), value)
        .expect("times are in order")
}

/// A set of `size` providers and their keys.
fn providers(threshold: u64, size: usize) -> (ProviderSet, Vec<SecretKey>) {
    let secrets: Vec<_> = (0..size).map(|_| SecretKey::generate()).collect();
    let members = secrets
        .iter()
        .enumerate()
        .map(|(place, secret)| Provider {
            name: format!("provider {place}"),
            public_key: secret.public_key(),
        })
        .collect();
    (
        ProviderSet::new(threshold, members).expect("keys are fresh"),
        secrets,
    )
}

/// A point of order 2, 4 or 8 (or the identity), for each order.
fn small_order_points() -> Vec<Point> {
    let order_eight = loop {
        let Some(point) = Point::get_point_from_y_unchecked(Field::rand(&mut OsRng), false) else {
            continue;
        };
        let torsion = point.mul_bigint(Scalar::MODULUS).into_affine();
        if !torsion.mul_bigint([4u64]).into_affine().is_zero() {
            break torsion;
        }
    };
    (0..4)
        .map(|doublings| order_eight.mul_bigint([1u64 << doublings]).into_affine())
        .collect()
}

#[test]
fn constants_are_those_of_eip_2494() {
    let base = Point::generator();
    assert!(base.is_on_curve());
    assert!(base.is_in_correct_subgroup_assuming_on_curve());
    let generator = Point::new_unchecked(
        attestation::parse_field(
            "995203441582195749578291179787384436505546430278305826713579947235728471134",
        )
        .expect("canonical"),
        attestation::parse_field(
            "5472060717959818805561601436314318772137091100104008585924551046643952123905",
        )
        .expect("canonical"),
    );
    assert!(generator.is_on_curve());
    assert_eq!(generator.mul_bigint([8u64]).into_affine(), base);
}

#[test]
fn sign_then_verify_accepts_only_the_same_message_and_key() {
    let (one, other) = (SecretKey::generate(), SecretKey::generate());
    let signed = Attestation::sign(&one, domain(), observation(3));
    assert_eq!(signed.verify(domain()), Ok(()));
    assert_eq!(Attestation::sign(&one, domain(), observation(3)), signed);

    let of_other = Attestation {
        provider: other.public_key(),
        ..signed
    };
    assert_eq!(of_other.verify(domain()), Err(SignatureError::Mismatch));
    let of_other_value = Attestation {
        observation: observation(4),
        ..signed
    };
    assert_eq!(
        of_other_value.verify(domain()),
        Err(SignatureError::Mismatch)
    );
    for other_domain in [
        Domain::new(&[8; 32], "localnet"),
        Domain::new(&[7; 32], "devnet"),
    ] {
        assert_eq!(signed.verify(other_domain), Err(SignatureError::Mismatch));
    }
}

#[test]
fn secret_key_is_not_printed() {
    let secret = SecretKey::from_bytes([9; 32]);
    assert_eq!(format!("{secret:?}"), "SecretKey(..)");
}

#[test]
fn json_round_trips_with_decimal_strings() {
    let signed = Attestation::sign(&SecretKey::generate(), domain(), observation(-3));
    let json = serde_json::to_value(signed).expect("serialises");
    assert_eq!(json["feed_id"], "42");
    assert_eq!(json["observed_at"], (TIME + 5).to_string());
    assert_eq!(json["value"], "-3");
    assert!(json["signature"]["r8"][1].is_string());
    assert_eq!(
        serde_json::from_value::<Attestation>(json.clone()).expect("reads"),
        signed
    );

    let mut numbers = json;
    numbers["observed_at"] = (TIME + 5).into();
    numbers["prev_at"] = (TIME - 5).into();
    numbers["value"] = (-3).into();
    assert_eq!(
        serde_json::from_value::<Attestation>(numbers).expect("reads"),
        signed
    );
}

/// The message of the error that reading `json` gives.
fn refusal(json: serde_json::Value) -> String {
    serde_json::from_value::<Attestation>(json)
        .expect_err("must be refused")
        .to_string()
}

#[test]
fn json_that_is_not_canonical_is_refused_by_name() {
    let signed = Attestation::sign(&SecretKey::generate(), domain(), observation(1));
    let json = serde_json::to_value(signed).expect("serialises");
    let with = |path: &str, value: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(path).expect("path exists") = value;
        refusal(json)
    };

    let mut s_plus_order = signed.signature.s().into_bigint();
    s_plus_order.add_with_carry(&Scalar::MODULUS);
    assert_eq!(
        with("/signature/s", s_plus_order.to_string().into()),
        SignatureError::ScalarTooLarge.to_string()
    );
    let off_curve = signed.signature.r8().x + Field::from(1);
    assert_eq!(
        with("/signature/r8/0", off_curve.to_string().into()),
        SignatureError::OffCurve.to_string()
    );
    assert_eq!(
        with("/provider/0", off_curve.to_string().into()),
        PublicKeyError::OffCurve.to_string()
    );
    for point in small_order_points() {
        let coordinates = serde_json::json!([point.x.to_string(), point.y.to_string()]);
        assert_eq!(
            with("/signature/r8", coordinates.clone()),
            SignatureError::SmallOrder.to_string()
        );
        assert_eq!(
            with("/provider", coordinates),
            PublicKeyError::SmallOrder.to_string()
        );
    }
    assert!(with("/feed_id", Field::MODULUS.to_string().into()).contains("not below the order"));
    assert!(with("/feed_id", "042".into()).contains("not a decimal number"));
    assert!(with("/value", "9223372036854775808".into()).contains("not an integer"));
    let refused = |path: &str, value: serde_json::Value, found: &str, expected: &str| {
        let message = with(path, value);
        assert!(
            message.contains(found) && message.contains(expected),
            "{message}"
        );
    };
    let time = "a time in unix milliseconds";
    for text in [
        "01671375600005",
        "+1671375600005",
        " 1671375600005",
        "1e12",
        "",
    ] {
        refused("/observed_at", text.into(), text, time);
    }
    let most = u64::MAX;
    refused(
        "/observed_at",
        most.to_string().into(),
        &most.to_string(),
        time,
    );
    refused("/observed_at", most.into(), &most.to_string(), time);
    refused(
        "/observed_at",
        1_671_375_600_005.0.into(),
        "1671375600005.0",
        time,
    );
    refused("/prev_at", serde_json::Value::Null, "null", time);
    refused("/prev_at", (-5).into(), "-5", time);
    let integer = "an integer of 64 bits";
    for text in ["-03", "+3", "-0", "3 ", "3.0", "0x3", "three"] {
        refused("/value", text.into(), text, integer);
    }
    refused("/value", 3.5.into(), "3.5", integer);
    refused("/value", serde_json::Value::Null, "null", integer);
    refused("/value", true.into(), "true", integer);
    let root = format!("root:0{}", "A".repeat(63));
    refused("/value", root.clone().into(), &root, integer);
    refused("/feed_id", 42.into(), "42", "a text of decimal digits");
    assert_eq!(
        with("/prev_at", (TIME + 5).to_string().into()),
        ObservationError::NotAfterPrevious {
            observed_at: TIME + 5,
            prev_at: TIME + 5
        }
        .to_string()
    );
}

#[test]
fn public_key_outside_subgroup_is_refused() {
    let good = SecretKey::generate().public_key().point();
    for torsion in small_order_points().into_iter().take(3) {
        let point = (good + torsion).into_affine();
        assert_eq!(
            PublicKey::from_coordinates(point.x, point.y),
            Err(PublicKeyError::OutsideSubgroup)
        );
    }
}

#[test]
fn provider_set_refuses_each_fault_by_name() {
    let key = || Provider {
        name: "p".into(),
        public_key: SecretKey::generate().public_key(),
    };
    let keys = |count: usize| (0..count).map(|_| key()).collect::<Vec<_>>();
    assert_eq!(ProviderSet::new(1, vec![]), Err(ProviderSetError::Empty));
    assert_eq!(
        ProviderSet::new(0, keys(2)),
        Err(ProviderSetError::ThresholdZero)
    );
    assert_eq!(
        ProviderSet::new(3, keys(2)),
        Err(ProviderSetError::ThresholdAboveSize {
            threshold: 3,
            size: 2
        })
    );
    assert_eq!(
        ProviderSet::new(257, keys(2)),
        Err(ProviderSetError::ThresholdAboveSize {
            threshold: 257,
            size: 2
        })
    );
    assert_eq!(
        ProviderSet::new(1, keys(17)),
        Err(ProviderSetError::TooLarge { size: 17 })
    );
    assert!(ProviderSet::new(16, keys(16)).is_ok());

    let twice = key();
    let other_name = Provider {
        name: "q".into(),
        ..twice.clone()
    };
    assert_eq!(
        ProviderSet::new(1, vec![twice, key(), other_name]),
        Err(ProviderSetError::DuplicateKey {
            first: "p".into(),
            second: "q".into()
        })
    );
}

#[test]
fn root_depends_on_every_member_and_on_order() {
    let (set, _) = providers(2, 5);
    let members = set.providers().to_vec();
    let mut reversed = members.clone();
    reversed.reverse();
    let fewer = members[..4].to_vec();
    let root = |members| ProviderSet::new(2, members).expect("valid").root();
    assert_eq!(root(members), set.root());
    assert_ne!(root(reversed), set.root());
    assert_ne!(root(fewer), set.root());
}

#[test]
fn statement_hash_depends_on_every_part() {
    let base = Statement {
        domain: domain(),
        root: Field::from(1),
        threshold: 2,
        kind: FeedKind::Event,
        feed_id: Field::from(3),
        time: millis(4),
        value: 5.into(),
    };
    let others = [
        Statement {
            domain: Domain(Field::from(9)),
            ..base
        },
        Statement {
            root: Field::from(9),
            ..base
        },
        Statement {
            threshold: 9,
            ..base
        },
        Statement {
            kind: FeedKind::Tick,
            ..base
        },
        Statement {
            feed_id: Field::from(9),
            ..base
        },
        Statement {
            time: millis(9),
            ..base
        },
        Statement {
            value: (-5).into(),
            ..base
        },
    ];
    for other in others {
        assert_ne!(other.hash(), base.hash());
    }
}

#[test]
fn quorum_takes_the_value_that_reaches_the_threshold() {
    let (set, secrets) = providers(3, 5);
    let values = [7, 7, 8, 7, 9];
    let attestations: Vec<_> = secrets
        .iter()
        .zip(values)
        .map(|(secret, value)| Attestation::sign(secret, domain(), observation(value)))
        .rev()
        .collect();
    let quorum = Quorum::new(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        millis(TIME),
        &attestations,
        None,
    )
    .expect("three agree");
    assert_eq!(quorum.statement().value, 7.into());
    let places: Vec<_> = quorum.members().iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [0, 1, 3]);
    assert_eq!(
        Quorum::new(
            &set,
            domain(),
            FeedKind::Tick,
            Field::from(42),
            millis(TIME),
            &attestations,
            Some(8.into())
        ),
        Err(QuorumError::TooFew {
            value: 8.into(),
            have: 1,
            need: 3
        })
    );
}

#[test]
fn quorum_refuses_each_fault_by_name() {
    let (set, secrets) = providers(2, 4);
    let sign = |secret: &SecretKey, value| Attestation::sign(secret, domain(), observation(value));
    let quorum = |attestations: &[Attestation]| {
        Quorum::new(
            &set,
            domain(),
            FeedKind::Tick,
            Field::from(42),
            millis(TIME),
            attestations,
            None,
        )
        .map(|quorum| quorum.statement().value)
    };
    let good = sign(&secrets[0], 7);
    let refused = |refusal| Err(QuorumError::Refused(Refused { place: 1, refusal }));

    assert_eq!(quorum(&[]), Err(QuorumError::NoAttestations));
    assert_eq!(
        quorum(&[good]),
        Err(QuorumError::TooFew {
            value: 7.into(),
            have: 1,
            need: 2
        })
    );
    assert_eq!(quorum(&[good, sign(&secrets[1], 7)]), Ok(7.into()));
    assert_eq!(
        quorum(&[good, sign(&SecretKey::generate(), 7)]),
        refused(Refusal::UnknownProvider)
    );
    assert_eq!(
        quorum(&[good, sign(&secrets[0], 8), sign(&secrets[1], 7)]),
        refused(Refusal::SecondOfProvider {
            provider: "provider 0".into()
        })
    );
    let in_other_domain = Attestation::sign(&secrets[1], Domain(Field::from(1)), observation(7));
    assert_eq!(
        quorum(&[good, in_other_domain]),
        refused(Refusal::Signature {
            provider: "provider 1".into(),
            source: SignatureError::Mismatch
        })
    );
    assert_eq!(
        quorum(&[good, sign(&secrets[1], 8)]),
        Err(QuorumError::Disagreement {
            value: 7.into(),
            have: 1,
            need: 2
        })
    );
    let values = [7, 7, 8, 8];
    let split: Vec<_> = secrets
        .iter()
        .zip(values)
        .map(|(secret, value)| sign(secret, value))
        .collect();
    assert_eq!(
        quorum(&split),
        Err(QuorumError::Ambiguous {
            first: 7.into(),
            second: 8.into(),
            need: 2
        })
    );
    let about = |feed: u64, prev_at, observed_at| {
        let observation =
            Observation::new(Field::from(feed), millis(observed_at), millis(prev_at), 7)
                .expect("times are in order");
        Attestation::sign(&secrets[1], domain(), observation)
    };
    assert_eq!(
        quorum(&[good, about(43, TIME - 5, TIME + 5)]),
        refused(Refusal::OtherFeed {
            found: Field::from(43),
            expected: Field::from(42)
        })
    );
    for (prev_at, observed_at) in [(TIME, TIME + 5), (TIME - 5, TIME - 1)] {
        assert_eq!(
            quorum(&[good, about(42, prev_at, observed_at)]),
            refused(Refusal::WrongTick {
                provider: "provider 1".into(),
                prev_at,
                observed_at,
                time: TIME
            })
        );
    }
    assert_eq!(quorum(&[good, about(42, TIME - 1, TIME)]), Ok(7.into()));
}

#[test]
fn screened_quorum_leaves_faulty_attestations_out() {
    let (set, secrets) = providers(2, 3);
    let sign = |secret: &SecretKey, value| Attestation::sign(secret, domain(), observation(value));
    let forged = Attestation {
        observation: observation(9),
        ..sign(&secrets[0], 7)
    };
    let attestations = [forged, sign(&secrets[0], 7), sign(&secrets[1], 7)];
    let (quorum, refused) = Quorum::screened(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        millis(TIME),
        &attestations,
        None,
    );
    assert_eq!(quorum.expect("two agree").statement().value, 7.into());
    assert_eq!(
        refused
            .iter()
            .map(|refused| refused.place)
            .collect::<Vec<_>>(),
        [0]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_change_to_a_signature_is_refused(value: i64, bit in 0usize..250) {
        let signed = Attestation::sign(&SecretKey::generate(), domain(), observation(value));
        let s = signed.signature.s() + Scalar::from(2u64).pow([bit as u64]);
        let r8 = signed.signature.r8();
        let changed = Signature::new((r8.x, r8.y), s).expect("only S changed");
        prop_assert_eq!(
            signed.provider.verify(signed.observation.message(domain()), &changed),
            Err(SignatureError::Mismatch)
        );
        let r8 = (r8 + Point::generator() * Scalar::from(2u64).pow([bit as u64])).into_affine();
        let changed = Signature::new((r8.x, r8.y), signed.signature.s()).expect("on the curve");
        prop_assert_eq!(
            signed.provider.verify(signed.observation.message(domain()), &changed),
            Err(SignatureError::Mismatch)
        );
    }
}

fn root() -> Root {
    Root::new(3, &[9; 32])
}

#[test]
fn root_and_number_are_never_taken_for_each_other() {
    let secret = SecretKey::generate();
    // The number whose field element is the smallest root there is.
    let zero = Root::from_bytes([0; 32]).expect("below 2^253");
    assert_eq!(
        Value::from(i64::MIN).to_field(),
        Value::from(zero).to_field()
    );
    let (number, same) = (observation(i64::MIN), observation(zero));
    assert_ne!(number.message(domain()), same.message(domain()));
    let attestation = Attestation::sign(&secret, domain(), number);
    let taken_for_root = Attestation {
        observation: same,
        ..attestation
    };
    assert_eq!(
        taken_for_root.verify(domain()),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(attestation.verify(domain()), Ok(()));

    let statement = |value: Value| Statement {
        domain: domain(),
        root: Field::from(2),
        threshold: 3,
        kind: FeedKind::Event,
        feed_id: Field::from(42),
        time: millis(TIME),
        value,
    };
    assert_ne!(
        statement(i64::MIN.into()).hash(),
        statement(zero.into()).hash()
    );
    assert_eq!(statement(zero.into()).signed_domain(), domain().of_roots());
    assert_eq!(statement(0.into()).signed_domain(), domain());
}

#[test]
fn value_is_read_from_its_own_text_alone() {
    for value in [
        Value::from(-7),
        i64::MIN.into(),
        i64::MAX.into(),
        root().into(),
    ] {
        let text = value.to_string();
        assert_eq!(text.parse::<Value>(), Ok(value));
        let json = serde_json::to_value(value).expect("writes");
        assert_eq!(json, serde_json::Value::from(text));
        assert_eq!(serde_json::from_value::<Value>(json).expect("reads"), value);
    }
    let above = format!("root:20{}", "00".repeat(31));
    for text in ["", "7.0", "root:", "root:00", "9223372036854775808", &above] {
        assert!(text.parse::<Value>().is_err(), "{text}");
    }
}

#[test]
fn quorum_of_a_root_is_a_quorum() {
    let (set, secrets) = providers(2, 3);
    let attestations: Vec<_> = secrets
        .iter()
        .map(|secret| Attestation::sign(secret, domain(), observation(root())))
        .collect();
    let quorum = Quorum::new(
        &set,
        domain(),
        FeedKind::Tick,
        Field::from(42),
        millis(TIME),
        &attestations,
        None,
    );
    assert_eq!(
        quorum.map(|quorum| quorum.statement().value),
        Ok(root().into())
    );
}

#[test]
fn median_is_the_lower_middle_of_the_first_valid_attestations() {
    let (set, secrets) = providers(3, 5);
    let sign =
        |place: usize, value: i64| Attestation::sign(&secrets[place], domain(), observation(value));
    let median = |attestations: &[Attestation], most| {
        let time = millis(TIME);
        Quorum::median(
            &set,
            domain(),
            FeedKind::Tick,
            Field::from(42),
            time,
            attestations,
            most,
        )
        .map(|quorum| {
            assert_eq!(quorum.aggregation(), Aggregation::Median);
            (quorum.statement().value, quorum.members().len())
        })
    };
    let all: Vec<_> = [5, -9, 7, 100, i64::MIN]
        .into_iter()
        .enumerate()
        .map(|(place, value)| sign(place, value))
        .collect();
    assert_eq!(median(&all, 13), Ok((5.into(), 5)));
    assert_eq!(median(&all, 4), Ok((5.into(), 4)));
    assert_eq!(median(&all, 3), Ok((5.into(), 3)));
    assert_eq!(median(&all[1..], 4), Ok(((-9).into(), 4)));
    assert_eq!(
        median(&all[..2], 13),
        Err(QuorumError::TooFewForMedian { have: 2, need: 3 })
    );
    assert_eq!(
        median(&all, 2),
        Err(QuorumError::TooFewForMedian { have: 2, need: 3 })
    );

    let twice = [all[0], all[1], all[2], sign(0, 6)];
    assert!(matches!(median(&twice, 13), Err(QuorumError::Refused(_))));
    let with_root = Attestation::sign(&secrets[3], domain(), observation(root()));
    assert_eq!(
        median(&[all[0], all[1], all[2], with_root], 13),
        Err(QuorumError::RootInMedian)
    );
}
