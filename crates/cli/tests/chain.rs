//! The `chain` command as a user calls it.

mod common;

use common::{refusal, strobe};
use serde_json::json;

fn quote<'a>(prices: &'a str, fee: &'a str, stake: &'a str) -> [&'a str; 8] {
    [
        "chain",
        "quote",
        "--prices",
        prices,
        "--fee-bps",
        fee,
        "--stake",
        stake,
    ]
}

#[test]
fn chain_quote_of_nine_even_legs() {
    let prices = ["0.5"; 9].join(",");
    assert_eq!(
        strobe(&quote(&prices, "100", "1000000")).json(),
        json!({
            "multiple": "467.720830711624",
            "payout": 467_720_830u64,
            "chance": "0.001953125000",
            "expected": "0.913517247484",
        })
    );
}

#[test]
fn chain_quote_is_exact_in_decimals() {
    // A tenth has no exact binary fraction.
    assert_eq!(
        strobe(&quote("0.1,.5", "0", "7")).json(),
        json!({
            "multiple": "20.000000000000",
            "payout": 140,
            "chance": "0.050000000000",
            "expected": "1.000000000000",
        })
    );
    let of_500 = strobe(&quote("0.002", "0", "1")).json();
    assert_eq!(of_500["payout"], 500);
    let thirds = strobe(&quote("0.3", "0", "2")).json();
    assert_eq!(thirds["multiple"], "3.333333333333");
    assert_eq!(thirds["payout"], 6);
}

#[test]
fn chain_quote_refusals_say_what_was_expected() {
    let ten = ["0.9"; 10].join(",");
    let bound = "the price of a leg must be above 0 and below 1";
    for (prices, fee, stake, sentence) in [
        ("0.5,0", "0", "1", &*format!("--prices: \"0\": {bound}")),
        ("1,0.5", "0", "1", &*format!("--prices: \"1\": {bound}")),
        ("1.5", "0", "1", "--prices: \"1.5\": it is above 1"),
        (
            "0.5,,0.5",
            "0",
            "1",
            "--prices: \"\": a decimal from 0 to 1 was expected, such as 0.55",
        ),
        (
            "-0.5",
            "0",
            "1",
            "--prices: \"-0.5\": a decimal from 0 to 1 was expected, such as 0.55",
        ),
        (
            "0.0000000000000000001",
            "0",
            "1",
            "--prices: \"0.0000000000000000001\": at most 18 digits may follow the point",
        ),
        (
            "",
            "0",
            "1",
            "--prices: a chain has 1 to 9 legs, and this one has none",
        ),
        (
            &ten,
            "0",
            "1",
            "--prices: a chain has 1 to 9 legs, and this one has more",
        ),
        (
            "0.0019",
            "0",
            "1",
            "--prices: the chain multiplies its stake by more than 500, which is the most",
        ),
        (
            "0.5",
            "1001",
            "1",
            "--fee-bps: the fee rate is above 1,000 basis points",
        ),
        ("0.5", "0", "0", "--stake: the stake is zero"),
        (
            "0.5",
            "0",
            "18446744073709551615",
            "--stake: the payout does not fit 64 bits",
        ),
    ] {
        let message = refusal(&quote(prices, fee, stake));
        assert_eq!(message, format!("error: {sentence}\n"));
    }
}
