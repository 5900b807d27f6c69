//! What providers publish and keep.

use std::{fs, path::Path};

use ark_ff::Field as _;
use attestation::{
    Attestation, Clock, Domain, FeedKind, Field, Millis, Observation, Provider, ProviderSet,
    Request, SecretKey, Signer, SignerError, Ticks, Value, Window,
};
use sha2::{Digest, Sha256};

use crate::Target;

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

/// What is taken has one text, and nothing but what was signed verifies.
pub fn attestations() -> Target {
    let originals = [signed(0, "-4"), signed(1_699_999_999_000, ROOT)];
    let texts = originals
        .each_ref()
        .map(|one| serde_json::to_vec(one).expect("serializes"));
    Target::new("attestations", texts, move |bytes| {
        let Ok(attestation) = serde_json::from_slice::<Attestation>(bytes) else {
            return false;
        };
        let text = serde_json::to_string(&attestation).expect("serializes");
        let again: Attestation = serde_json::from_str(&text).expect("its own text");
        assert_eq!(again, attestation);
        let observation = attestation.observation;
        assert!(observation.prev_at() < observation.observed_at());
        let is_original = originals.contains(&attestation);
        assert_eq!(attestation.verify(DOMAIN).is_ok(), is_original);
        true
    })
}

/// What is taken has one text, and a threshold that its members can reach.
pub fn provider_sets() -> Target {
    let provider = |seed: u8| Provider {
        name: format!("provider {seed}"),
        public_key: SecretKey::from_bytes([seed; 32]).public_key(),
    };
    let set = ProviderSet::new(2, (1..4).map(provider).collect()).expect("a set");
    let text = serde_json::to_vec(&set).expect("serializes");
    Target::new("provider_sets", [text], |bytes| {
        let Ok(set) = serde_json::from_slice::<ProviderSet>(bytes) else {
            return false;
        };
        let text = serde_json::to_string(&set).expect("serializes");
        let again: ProviderSet = serde_json::from_str(&text).expect("its own text");
        assert_eq!(again.root(), set.root());
        assert!((1..=set.providers().len()).contains(&usize::from(set.threshold())));
        true
    })
}

/// Values, times and field elements have one text.
pub fn values_and_times() -> Target {
    let corpus = ["0", "-4", "9223372036854775807", "1700000000000", ROOT];
    let corpus = corpus.map(|text| text.as_bytes().to_vec());
    Target::new("values_and_times", corpus, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return false;
        };
        let value = text.parse::<Value>().map(|value| value.to_string());
        let time = text.parse::<Millis>().map(|time| time.to_string());
        let field = attestation::parse_field::<Field>(text);
        let field = field.map(|field| attestation::format_field(&field));
        let texts = [value.ok(), time.ok(), field.ok()];
        let is_taken = texts.iter().any(Option::is_some);
        texts
            .into_iter()
            .flatten()
            .for_each(|one| assert_eq!(one, text));
        is_taken
    })
}

/// Whatever is in a signer's record, what was signed by it is in it afterwards. Records come as they are,
/// and with every line's digest put right, as somebody would who can write to them.
pub fn signer_records() -> Target {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("record");
    let mut signer = Signer::create(secret(), &path).expect("a record");
    for seconds in 1..4 {
        sign(&mut signer, seconds, 5).expect("signed");
    }
    drop(signer);
    let good = fs::read(&path).expect("readable");
    Target::new("signer_records", [good], move |bytes| {
        let path = directory.path().join("record");
        [bytes.to_vec(), with_digests(bytes)]
            .iter()
            .any(|bytes| check_record(&path, bytes))
    })
}

/// Signs a tick of so many seconds.
fn sign(signer: &mut Signer, seconds: u64, value: i64) -> Result<Attestation, SignerError> {
    let clock = Clock {
        now: millis(1_800_000_000_000),
        takes_future: true,
        takes_late: true,
        takes_pause: true,
        was_ahead: true,
    };
    let request = Request {
        kind: FeedKind::Tick,
        feed_id: Field::from(7),
        observed_at: millis(1_700_000_000_000 + seconds),
        prev_at: (seconds == 1).then(|| millis(1_700_000_000_000)),
        is_regular: false,
        value: value.into(),
    };
    signer.sign(DOMAIN, request, clock)
}

fn check_record(path: &Path, bytes: &[u8]) -> bool {
    fs::write(path, bytes).expect("writable");
    let Ok(mut signer) = Signer::open(secret(), path) else {
        return false;
    };
    let signed = sign(&mut signer, 9, 6);
    drop(signer);
    if let Ok(signed) = signed {
        let mut again = Signer::open(secret(), path).expect("it goes on");
        assert_eq!(sign(&mut again, 9, 6).expect("the same again"), signed);
    }
    true
}

fn with_digests(bytes: &[u8]) -> Vec<u8> {
    let mut tip = [0u8; 32];
    let mut fixed = Vec::new();
    let lines = bytes.split(|byte| *byte == b'\n');
    for line in lines.filter(|line| !line.is_empty()) {
        let end = line.iter().rposition(|byte| *byte == b' ');
        let json = &line[..end.unwrap_or(line.len())];
        tip = Sha256::new()
            .chain_update(tip)
            .chain_update(json)
            .finalize()
            .into();
        fixed.extend_from_slice(json);
        fixed.push(b' ');
        let digits = tip.iter().map(|byte| format!("{byte:02x}"));
        fixed.extend(digits.flat_map(String::into_bytes));
        fixed.push(b'\n');
    }
    fixed
}

/// Prices are read in the order of their times, and their median is one of them. The first byte of an
/// input is how many digits are after the point, and whether it is JSON.
pub fn price_ticks() -> Target {
    let window = Window {
        ends_at: millis(180_000),
        step_ms: 60_000,
        samples: 3,
    };
    let csv = b"\x02time,price\n60000,1.25\n120000,-7\n1970-01-01T00:03Z,99.99\n";
    let json = b"\x82[{\"at\":\"60000\",\"price\":\"1.25\"},{\"at\":120000,\"price\":\"7\"}]";
    let made = [csv.to_vec(), json.to_vec()];
    Target::new("price_ticks", made, move |input| {
        let Some((first, Ok(text))) = input
            .split_first()
            .map(|(first, rest)| (first, std::str::from_utf8(rest)))
        else {
            return false;
        };
        let decimals = first % 19;
        let read = match first & 0x80 {
            0 => Ticks::from_csv(text, decimals),
            _ => Ticks::from_json(text, decimals),
        };
        let Ok(ticks) = read else { return false };
        let prices = ticks.as_slice();
        assert!(prices.is_sorted_by(|one, next| one.at < next.at));
        if let Ok(median) = ticks.median(window) {
            assert!(prices.iter().any(|tick| tick.price == median));
        }
        true
    })
}
