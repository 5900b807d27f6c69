//! Medians of a window of prices, as a provider signs them.

mod common;

use std::path::PathBuf;

use common::{refusal, strobe};
use serde_json::Value;
use tempfile::TempDir;

const REAL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../examples/prices/btc-usd-2023-03-10.csv"
);
const MINUTE_MS: u64 = 60_000;
/// 2023-03-10T00:00Z.
const MIDNIGHT_MS: u64 = 1_678_406_400_000;

struct Provider {
    folder: TempDir,
}

impl Provider {
    fn new() -> Self {
        let provider = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let key = provider.path("key.json");
        strobe(&["attest", "keygen", "--unencrypted", "--out", &key]).json();
        provider
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn sign<'a>(&self, ticks: &'a str, at: &'a str, samples: &'a str) -> Vec<String> {
        let key = self.path("key.json");
        [
            "attest",
            "sign-median",
            "--late",
            "--key",
            &key,
            "--feed",
            "7",
            "--step-ms",
            "60000",
            "--samples",
            samples,
            "--at",
            at,
            "--decimals",
            "2",
            "--ticks",
            ticks,
        ]
        .map(String::from)
        .to_vec()
    }
}

/// The closes of the minutes up to and with this one, in cents, by hand.
fn closes(minute: usize, count: usize) -> Vec<i64> {
    let text = std::fs::read_to_string(REAL).expect("the closes");
    let all: Vec<i64> = text
        .lines()
        .skip(1)
        .map(|line| {
            let (_, close) = line.split_once(',').expect("a row");
            let (dollars, cents) = close.split_once('.').unwrap_or((close, ""));
            format!("{dollars}{cents:0<2}").parse().expect("cents")
        })
        .collect();
    all[minute + 1 - count..=minute].to_vec()
}

#[test]
fn provider_signs_the_median_of_real_closes() {
    let provider = Provider::new();
    for (minute, samples) in [(600, 11), (605, 11), (1_000, 31)] {
        let at = (MIDNIGHT_MS + minute as u64 * MINUTE_MS).to_string();
        let signed = strobe(&provider.sign(REAL, &at, &samples.to_string())).json();
        let mut window = closes(minute, samples);
        window.sort_unstable();
        assert_eq!(signed["value"], window[samples / 2].to_string());
        assert_eq!(signed["observed_at"], at);
        let before = MIDNIGHT_MS + (minute as u64 - 1) * MINUTE_MS;
        assert_eq!(signed["prev_at"], before.to_string());
        let samples = samples.to_string();
        let feed = [
            "attest",
            "median-feed",
            "--feed",
            "7",
            "--step-ms",
            "60000",
            "--samples",
            &samples,
        ];
        assert_eq!(signed["feed_id"], strobe(&feed).json()["feed_id"]);
        let file = PathBuf::from(provider.path("signed.json"));
        std::fs::write(&file, signed.to_string()).expect("a file");
        let verified = strobe(&["attest", "verify", &file.display().to_string()]).json();
        assert_eq!(verified["valid"], Value::from(1));
    }
}

#[test]
fn prices_that_make_no_median_are_refused_with_the_reason() {
    let provider = Provider::new();
    let at = (MIDNIGHT_MS + 11 * MINUTE_MS).to_string();
    let ticks = provider.path("ticks.csv");
    let heading = "time,price\n";
    let row = |minute: u64| format!("{},1.00\n", MIDNIGHT_MS + minute * MINUTE_MS);
    let rows = |minutes: &[u64]| {
        minutes
            .iter()
            .map(|minute| row(*minute))
            .collect::<String>()
    };
    let all: Vec<u64> = (1..=11).collect();
    let without_six: Vec<u64> = all.iter().copied().filter(|minute| *minute != 6).collect();
    for (text, reason) in [
        (rows(&all), "there is no heading in the first line"),
        (
            format!("{heading}{}", rows(&without_six)),
            "one sample of the window is missing",
        ),
        (
            format!("{heading}{}", rows(&all[..10])),
            "before the window's end",
        ),
        (
            format!("{heading}{}{}", rows(&all), row(11)),
            "line 13: there is a price",
        ),
        (
            format!("{heading}{}{}", rows(&all), row(3)),
            "sort them by time",
        ),
        (
            format!("{heading}{}soon,1\n", rows(&all)),
            "line 13: \"soon\" is no time",
        ),
        (
            format!("{heading}{}", rows(&all).replace("1.00", "1e0")),
            "is no price",
        ),
        (
            format!("{heading}{}", rows(&all).replace("1.00", "1.001")),
            "more than the feed's 2",
        ),
    ] {
        std::fs::write(&ticks, text).expect("a file");
        let said = refusal(&provider.sign(&ticks, &at, "11"));
        assert!(said.contains(reason), "{said}");
        assert!(said.contains("ticks.csv: "), "{said}");
    }
    std::fs::write(&ticks, format!("{heading}{}", rows(&all))).expect("a file");
    let off = (MIDNIGHT_MS + 11 * MINUTE_MS - 1).to_string();
    let said = refusal(&provider.sign(&ticks, &off, "11"));
    assert!(said.contains("no multiple of the step"), "{said}");
    let said = refusal(&provider.sign(&ticks, &at, "10"));
    assert!(said.contains("expected an odd number"), "{said}");
    let signed = strobe(&provider.sign(&ticks, &at, "11")).json();
    assert_eq!(signed["value"], "100");
    let ticks = provider.path("ticks.json");
    let prices: Vec<_> = all
        .iter()
        .map(|minute| serde_json::json!({"at": MIDNIGHT_MS + minute * MINUTE_MS, "price": "1.00"}))
        .collect();
    std::fs::write(&ticks, Value::from(prices).to_string()).expect("a file");
    let again = strobe(&provider.sign(&ticks, &at, "11")).json();
    assert_eq!(again, signed);
}
