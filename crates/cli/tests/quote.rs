//! The `quote` command as a user calls it. Expected values: mpmath at 50 digits.

mod common;

use common::{refusal, strobe};
use serde_json::json;

#[test]
fn quote_lmsr_buys_and_sells_and_bets() {
    let quote = |trade: &[&str]| {
        let base = [
            "quote",
            "lmsr",
            "--b",
            "1000000000000",
            "--sold",
            "250000000000,0,0",
        ];
        strobe(&[&base[..], &["--outcome", "0"], trade].concat()).json()
    };
    // b ln(1 + p (e^(Δ/b) − 1)) = 40297936177.5918…
    assert_eq!(
        quote(&["--buy", "100000000000"]),
        json!({
            "amount": 40_297_936_178u64,
            "prices_before": ["0.390991315159", "0.304504342420", "0.304504342420"],
            "prices_after": ["0.415045192417", "0.292477403791", "0.292477403791"],
        })
    );
    assert_eq!(
        quote(&["--sell", "100000000000"])["amount"],
        37_917_615_353u64
    );
    assert_eq!(
        quote(&["--stake", "40297936178"])["amount"],
        100_000_000_000u64
    );
}

#[test]
fn quote_pm_amm_bets_and_sells() {
    let quote = |trade: &[&str]| {
        let base = ["quote", "pm-amm", "--l", "1000000000", "--reserves"];
        let state = ["398942281,398942281", "--outcome", "1"];
        strobe(&[&base[..], &state, trade].concat()).json()
    };
    let bet = quote(&["--stake", "10000000"]);
    assert_eq!(bet["amount"], 19_842_926u64);
    assert_eq!(
        bet["prices_before"],
        json!(["0.500000000000", "0.500000000000"])
    );
    assert_eq!(quote(&["--sell", "10000000"])["amount"], 4_980_053u64);
}

#[test]
fn quote_fee_is_in_the_amount() {
    let sell = |fee: &str| {
        let base = ["quote", "lmsr", "--b", "1000000", "--sold", "500000,500000"];
        let trade = ["--outcome", "0", "--sell", "1000", "--fee-bps", fee];
        strobe(&[base, trade].concat()).json()["amount"].as_u64()
    };
    // 499.875 for 1,000 shares at just below 0.5; the fee is 2% of it, rounded up.
    assert_eq!(sell("0"), Some(499));
    assert_eq!(sell("200"), Some(489));
}

#[test]
fn quote_refusals_name_the_argument() {
    let lmsr = |arguments: &[&str]| {
        let base = ["quote", "lmsr", "--outcome", "0"];
        refusal(&[&base[..], arguments].concat())
    };
    let cases: [(&[&str], &str); 6] = [
        (&["--b", "0", "--sold", "0,0", "--buy", "1"], "--b:"),
        (&["--b", "1000", "--sold", "0", "--buy", "1"], "--sold:"),
        (&["--b", "1000", "--sold", "0,0", "--buy", "0"], "--buy:"),
        (&["--b", "1000", "--sold", "5,5", "--sell", "6"], "--sell:"),
        (
            &["--b", "1000", "--sold", "0,0", "--stake", "900000"],
            "--stake:",
        ),
        (
            &[
                "--b",
                "1000",
                "--sold",
                "0,0",
                "--buy",
                "1",
                "--fee-bps",
                "1001",
            ],
            "--fee-bps:",
        ),
    ];
    for (arguments, argument) in cases {
        let message = lmsr(arguments);
        assert!(
            message.starts_with(&format!("error: {argument} ")),
            "{message}"
        );
    }
    let other = refusal(&[
        "quote",
        "pm-amm",
        "--l",
        "1000",
        "--reserves",
        "398,398",
        "--outcome",
        "2",
        "--stake",
        "5",
    ]);
    assert!(other.starts_with("error: --outcome: "), "{other}");
}

#[test]
fn quote_without_a_trade_is_a_usage_error() {
    let run = strobe(&[
        "quote",
        "lmsr",
        "--b",
        "1000",
        "--sold",
        "0,0",
        "--outcome",
        "0",
    ]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--buy"), "{}", run.stderr);
}
