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
fn quote_lmsr_takes_64_outcomes() {
    let sold = |outcomes: u64| {
        let sold: Vec<_> = (0..outcomes)
            .map(|i| (i * 10_000_000_000).to_string())
            .collect();
        sold.join(",")
    };
    let base = ["quote", "lmsr", "--b", "1000000000000", "--outcome", "31"];
    let quote = strobe(&[&base[..], &["--sold", &sold(32), "--buy", "100000000000"]].concat());
    let quote = quote.json();
    // 3814022600.0142…
    assert_eq!(quote["amount"], 3_814_022_601u64);
    assert_eq!(quote["prices_before"][31], "0.036334238684");
    let message = refusal(&[&base[..], &["--sold", &sold(65), "--buy", "1"]].concat());
    assert!(message.starts_with("error: --sold: "), "{message}");
}

#[test]
fn quote_l2_buys_and_sells_and_bets() {
    let quote = |k: &str, sold: &str, outcome: &str, trade: &[&str]| {
        let base = [
            "quote",
            "l2",
            "--k",
            k,
            "--sold",
            sold,
            "--outcome",
            outcome,
        ];
        strobe(&[&base[..], trade].concat()).json()
    };
    let sold = "300000000000,0,0,0";
    let of_four = |trade: &[&str]| quote("1000000000000", sold, "0", trade);
    // √(k² + s (2x + s)) − k = 70016987424.5200…, from quantities of 8, 5, 5 and 5 · 10¹¹.
    assert_eq!(
        of_four(&["--buy", "100000000000"]),
        json!({
            "amount": 70_016_987_425u64,
            "prices_before": ["0.678551143744", "0.424094464840", "0.424094464840", "0.424094464840"],
            "prices_after": ["0.720576692123", "0.400320384513", "0.400320384513", "0.400320384513"],
        })
    );
    let sale = of_four(&["--sell", "100000000000"]);
    assert_eq!(sale["amount"], 65_429_739_689u64);
    let bet = of_four(&["--stake", "100000000000"]);
    assert_eq!(bet["amount"], 141_167_637_804u64);
    // Opening quantities that are irrational.
    let sold = "0,500000000,1000000000";
    let bought = quote("1000000000", sold, "1", &["--buy", "100000000"]);
    assert_eq!(bought["amount"], 55_716_579u64);
}

#[test]
fn quote_l2_refusals_name_the_argument() {
    let bins = |bins: usize| vec!["7"; bins].join(",");
    let l2 = |k: &str, sold: &str, trade: [&str; 2]| {
        let base = ["quote", "l2", "--k", k, "--sold", sold, "--outcome", "0"];
        refusal(&[&base[..], &trade].concat())
    };
    for (message, argument) in [
        (l2("0", "1,2", ["--buy", "1"]), "--k:"),
        (l2("1000000000000001", "1,2", ["--buy", "1"]), "--k:"),
        (l2("1000", &bins(65), ["--buy", "1"]), "--sold:"),
        (
            l2("1000", "18446744073709551615,2", ["--buy", "1"]),
            "--sold:",
        ),
        (l2("1000", &bins(64), ["--sell", "8"]), "--sell:"),
        (l2("1000", &bins(64), ["--buy", "0"]), "--buy:"),
    ] {
        assert!(
            message.starts_with(&format!("error: {argument} ")),
            "{message}"
        );
    }
}

#[test]
fn quote_pm_amm_refuses_reserves_off_the_curve() {
    let quote = |reserves: &'static str| {
        let base = ["quote", "pm-amm", "--l", "1000000000", "--outcome", "0"];
        [&base[..], &["--reserves", reserves, "--stake", "1000"]].concat()
    };
    for reserves in ["398942279,398942279", "398943000,398943000"] {
        assert_eq!(strobe(&quote(reserves)).code, 0);
    }
    for reserves in ["398942270,398942270", "400000000,400000000", "1,1"] {
        let message = refusal(&quote(reserves));
        assert!(message.starts_with("error: --reserves: "), "{message}");
    }
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
fn quote_depth_is_taken_where_its_message_says() {
    let lmsr = |depth: &'static str| {
        let base = [
            "quote",
            "lmsr",
            "--sold",
            "0,0",
            "--outcome",
            "0",
            "--stake",
            "1",
        ];
        [&base[..], &["--b", depth]].concat()
    };
    for depth in ["1", "999", "1000000000000000"] {
        assert_eq!(strobe(&lmsr(depth)).code, 0, "{depth}");
    }
    for depth in ["0", "1000000000000001"] {
        let message = refusal(&lmsr(depth));
        assert!(
            message.contains("outside 1 to 1000000000000000"),
            "{message}"
        );
    }
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

/// `strobe quote value` on a market of depth 10⁹ at even prices.
fn value(curve: &str, more: &[&str]) -> Vec<String> {
    let market: &[&str] = match curve {
        "lmsr" => &["--b", "1000000000", "--sold", "700000000,700000000"],
        "pm-amm" => &["--l", "1000000000", "--reserves", "398942281,398942281"],
        _ => &["--k", "1000000000", "--sold", "0,0"],
    };
    let base = [&["quote", "value", curve][..], market, &["--outcome", "0"]].concat();
    [&base[..], more]
        .concat()
        .into_iter()
        .map(String::from)
        .collect()
}

const SHARES: [&str; 2] = ["--shares", "200000000"];

#[test]
fn quote_value_of_shares_on_lmsr() {
    let quote = |more: &[&str]| strobe(&value("lmsr", &[&SHARES, more].concat())).json();
    // −b ln(1 − (1 − e^(−0.2)) / 2) = 95008311.1…
    let unsecured = json!({ "value": 95_008_311u64, "under_water_after": null, "liquidate": null });
    assert_eq!(quote(&[]), unsecured);
    // b ln(0.5 (1 − e^(−0.2)) / (1 − e^(−0.06))) = 442341739.7…
    assert_eq!(
        quote(&["--debt", "60000000"]),
        json!({ "value": 95_008_311u64, "under_water_after": 442_341_739u64, "liquidate": null })
    );
    let terms = ["--debt", "60000000", "--theta", "0.55", "--beta", "0.03"];
    // (D − θV) / (0.97 − θ) = 18441497.5, and −b ln(1 − 2 (1 − e^(−v/b))) of it.
    assert_eq!(
        quote(&terms),
        json!({ "value": 95_008_311u64, "under_water_after": 442_341_739u64, "liquidate": 37_229_485u64 })
    );
    // At the target nothing is sold; from one less the reward on, everything.
    let liquidate = |debt: &str| {
        quote(&["--debt", debt, "--theta", "0.55", "--beta", "0.03"])["liquidate"].as_u64()
    };
    assert_eq!(liquidate("52254571"), Some(0));
    assert_eq!(liquidate("92158062"), Some(200_000_000));
    assert_eq!(liquidate("95008310"), Some(200_000_000));
}

#[test]
fn quote_value_of_shares_on_pm_amm() {
    let terms = ["--debt", "60000000", "--theta", "0.55", "--beta", "0.03"];
    let quote = strobe(&value("pm-amm", &[&SHARES[..], &terms].concat()));
    assert_eq!(
        quote.json(),
        json!({ "value": 92_047_645u64, "under_water_after": 248_179_289u64, "liquidate": 45_461_492u64 })
    );
}

#[test]
fn quote_value_counts_fees() {
    let terms = ["--debt", "60000000", "--theta", "0.55", "--beta", "0.03"];
    for curve in ["lmsr", "pm-amm"] {
        let quote = |fee: &str| {
            let fee = ["--fee-bps", fee];
            strobe(&value(curve, &[&SHARES[..], &terms, &fee].concat())).json()
        };
        let figure =
            |quote: &serde_json::Value, name: &str| quote[name].as_u64().expect("a figure");
        let (free, paid) = (quote("0"), quote("200"));
        let [before, after] = [&free, &paid].map(|quote| figure(quote, "value"));
        // The fee is 2 % of prices that are all below one half.
        assert_eq!(after, before - before.div_ceil(50), "{curve}");
        assert!(figure(&paid, "under_water_after") < figure(&free, "under_water_after"));
        assert!(figure(&paid, "liquidate") > figure(&free, "liquidate"));
    }
}

#[test]
fn quote_value_refusals_say_what_was_expected() {
    let [debt, theta, beta] = [
        ["--debt", "60000000"],
        ["--theta", "0.55"],
        ["--beta", "0.03"],
    ];
    let refused = |curve: &str, more: &[&[&str]]| refusal(&value(curve, &more.concat()));
    for (message, sentence) in [
        (
            refused("lmsr", &[&["--shares", "700000001"]]),
            "--shares: only 700000000 shares of outcome 0 are outstanding",
        ),
        (
            refused("lmsr", &[&["--shares", "0"]]),
            "--shares: the number of shares is zero",
        ),
        (
            refused("lmsr", &[&SHARES, &["--debt", "95008311"]]),
            "--debt: a sale of the shares returns 95008311, so a debt of 95008311 is under water already: it must be below the value",
        ),
        (
            refused("pm-amm", &[&SHARES, &["--debt", "0"]]),
            "--debt: the debt is zero, which no money puts under water: leave it out",
        ),
        (
            refused("pm-amm", &[&SHARES, &debt, &["--theta", "0.97"], &beta]),
            "--theta: the target must be above zero and below one less the reward",
        ),
        (
            refused("lmsr", &[&SHARES, &debt, &["--theta", "0"], &beta]),
            "--theta: the target must be above zero and below one less the reward",
        ),
        (
            refused("lmsr", &[&SHARES, &debt, &theta, &["--beta", "1"]]),
            "--beta: the target must be above zero and below one less the reward",
        ),
        (
            refused("l2", &[&SHARES]),
            "l2: nothing is lent against shares of the L2 curve, whose slow price is a chance and not what a sale returns: use lmsr or pm-amm",
        ),
        (
            refused("lmsr", &[&SHARES, &["--fee-bps", "1001"]]),
            "--fee-bps: the fee rate is above 1,000 basis points",
        ),
    ] {
        assert_eq!(message, format!("error: {sentence}\n"));
    }
    for more in [
        [theta, beta],
        [debt, theta],
        [debt, beta],
        [debt, ["--theta", "1/2"]],
    ] {
        let arguments = [&SHARES[..], &more.concat()].concat();
        assert_eq!(strobe(&value("lmsr", &arguments)).code, 2, "{more:?}");
    }
}
