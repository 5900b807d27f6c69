//! Texts from outside, damaged at random: nothing panics, and what is taken has one text.

use std::{fs, path::Path};

use ark_ff::Field as _;
use attestation::{
    Attestation, Clock, Domain, FeedKind, Field, Millis, Observation, Provider, ProviderSet,
    Request, SecretKey, Signer, SignerError, Value,
};
use fuzzing::search;
use sha2::{Digest, Sha256};

const DOMAIN: Domain = Domain(Field::ONE);
const ROOT: &str = "root:0fb1d1f7e1b8ae3b1b5d6c1f5a7fca0a3f0a2a6df2be6a2c5f8d7c3b2a190807";

fn secret() -> SecretKey {
    SecretKey::from_bytes([7; 32])
}

fn millis(millis: u64) -> Millis {
    Millis::new(millis).expect("small")
}

fn signed(prev_at: u64, value: &str) -> Attestation {
    let value: Value = value.parse().expect("a value");
    let observed_at = millis(1_700_000_000_000);
    let observation = Observation::new(Field::from(7), observed_at, millis(prev_at), value);
    Attestation::sign(&secret(), DOMAIN, observation.expect("in order"))
}

#[test]
fn attestations() {
    let originals = [signed(0, "-4"), signed(1_699_999_999_000, ROOT)];
    let texts = originals.map(|one| serde_json::to_vec(&one).expect("serializes"));
    let mut taken = 0u64;
    search("attestations", &texts, |bytes| {
        let Ok(attestation) = serde_json::from_slice::<Attestation>(bytes) else {
            return;
        };
        taken += 1;
        let text = serde_json::to_string(&attestation).expect("serializes");
        let again: Attestation = serde_json::from_str(&text).expect("its own text");
        assert_eq!(again, attestation);
        let observation = attestation.observation;
        assert!(observation.prev_at() < observation.observed_at());
        // Nothing but what was signed verifies.
        let is_original = originals.contains(&attestation);
        assert_eq!(attestation.verify(DOMAIN).is_ok(), is_original);
    });
    assert!(taken > 2, "damage that is too great finds nothing");
}

#[test]
fn provider_sets() {
    let provider = |seed: u8| Provider {
        name: format!("provider {seed}"),
        public_key: SecretKey::from_bytes([seed; 32]).public_key(),
    };
    let set = ProviderSet::new(2, (1..4).map(provider).collect()).expect("a set");
    let text = serde_json::to_vec(&set).expect("serializes");
    search("provider sets", &[text], |bytes| {
        if let Ok(set) = serde_json::from_slice::<ProviderSet>(bytes) {
            let text = serde_json::to_string(&set).expect("serializes");
            let again: ProviderSet = serde_json::from_str(&text).expect("its own text");
            assert_eq!(again.root(), set.root());
            assert!((1..=set.providers().len()).contains(&usize::from(set.threshold())));
        }
    });
}

#[test]
fn values_and_times_have_one_text() {
    let corpus = ["0", "-4", "9223372036854775807", "1700000000000", ROOT];
    let corpus = corpus.map(|text| text.as_bytes().to_vec());
    search("values and times", &corpus, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        if let Ok(value) = text.parse::<Value>() {
            assert_eq!(value.to_string(), text);
        }
        if let Ok(time) = text.parse::<Millis>() {
            assert_eq!(time.to_string(), text);
        }
        if let Ok(field) = attestation::parse_field::<Field>(text) {
            assert_eq!(attestation::format_field(&field), text);
        }
    });
}

/// The record of a signer with every line's digest put right, as somebody would who can write to it.
fn with_digests(bytes: &[u8]) -> Vec<u8> {
    let mut tip = [0u8; 32];
    let mut fixed = Vec::new();
    for line in bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let end = line.iter().rposition(|byte| *byte == b' ');
        let json = &line[..end.unwrap_or(line.len())];
        tip = Sha256::new()
            .chain_update(tip)
            .chain_update(json)
            .finalize()
            .into();
        fixed.extend_from_slice(json);
        fixed.push(b' ');
        fixed.extend(
            tip.iter()
                .flat_map(|byte| format!("{byte:02x}").into_bytes()),
        );
        fixed.push(b'\n');
    }
    fixed
}

#[test]
fn records_of_signers() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("record");
    let clock = Clock {
        now: millis(1_800_000_000_000),
        takes_future: true,
        takes_pause: true,
    };
    let tick = |seconds: u64, value: i64| Request {
        kind: FeedKind::Tick,
        feed_id: Field::from(7),
        observed_at: millis(1_700_000_000_000 + seconds),
        prev_at: (seconds == 1).then(|| millis(1_700_000_000_000)),
        is_regular: false,
        value: value.into(),
    };
    let mut signer = Signer::create(secret(), &path).expect("a record");
    for seconds in 1..4 {
        signer
            .sign(DOMAIN, tick(seconds, 5), clock)
            .expect("signed");
    }
    drop(signer);
    let good = fs::read(&path).expect("readable");
    search("records of signers", &[good], |bytes| {
        for bytes in [bytes.to_vec(), with_digests(bytes)] {
            check_record(&path, &bytes, |signer| {
                signer.sign(DOMAIN, tick(9, 6), clock)
            });
        }
    });
}

/// Whatever is in the record, what was signed by it is in it afterwards.
fn check_record(
    path: &Path,
    bytes: &[u8],
    sign: impl Fn(&mut Signer) -> Result<Attestation, SignerError>,
) {
    fs::write(path, bytes).expect("writable");
    let Ok(mut signer) = Signer::open(secret(), path) else {
        return;
    };
    let signed = sign(&mut signer);
    drop(signer);
    if let Ok(signed) = signed {
        let mut again = Signer::open(secret(), path).expect("it goes on");
        assert_eq!(sign(&mut again).expect("the same again"), signed);
    }
}
