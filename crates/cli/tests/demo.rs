//! The demo as a user runs it, on the default feed. What must come out is told here by hand, from
//! the goals of the match: Argentina 23, 36, 108, France 80, 81, 118.

mod common;

use common::{refusal, strobe};
use serde_json::Value;

const ARGENTINA: [u64; 3] = [23, 36, 108];
const FRANCE: [u64; 3] = [80, 81, 118];

fn run(options: &[&str]) -> (Value, String) {
    run_demo(&["demo"], options)
}

fn run_demo(command: &[&str], options: &[&str]) -> (Value, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("demo.json");
    let file = file.to_str().expect("UTF-8");
    let common = ["--programs", "native", "--json", file];
    let run = strobe(&[command, &common, options].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json = std::fs::read_to_string(file).expect("the JSON file");
    (serde_json::from_str(&json).expect("JSON"), run.stdout)
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

/// The first minute of `goals` in the window.
fn first(goals: &[u64], from: u64, to: u64) -> Option<u64> {
    goals
        .iter()
        .copied()
        .find(|minute| from < *minute && *minute <= to)
}

fn expected_winner(market: &Value) -> u64 {
    let (from, to) = (number(&market["from_minute"]), number(&market["to_minute"]));
    let (argentina, france) = (first(&ARGENTINA, from, to), first(&FRANCE, from, to));
    match market["kind"].as_str().expect("a kind") {
        "goal-in-window" => match (argentina, france) {
            (None, None) => 1,
            _ => 0,
        },
        "next-scorer" => match (argentina, france) {
            (None, None) => 2,
            (None, Some(_)) => 1,
            (Some(_), None) => 0,
            (Some(argentina), Some(france)) => u64::from(france < argentina),
        },
        "goals-by-half-time" => {
            assert_eq!((from, to), (0, 45));
            2
        }
        other => panic!("unknown kind {other}"),
    }
}

#[test]
fn demo_resolves_every_market_as_the_match_went() {
    let (report, summary) = run(&[]);
    let markets = report["markets"].as_array().expect("markets");
    for kind in ["goal-in-window", "next-scorer", "goals-by-half-time"] {
        assert!(
            markets.iter().any(|market| market["kind"] == kind),
            "no {kind}"
        );
    }
    let mut volume = 0;
    for market in markets {
        assert_eq!(market["status"], "resolved", "{market}");
        assert_eq!(
            number(&market["winning"]),
            expected_winner(market),
            "{market}"
        );
        assert!(market["prove_ms"].is_u64(), "{market}");
        assert!(
            market["verify_cu"].is_null() && market["resolve_cu"].is_null(),
            "{market}"
        );
        volume += number(&market["volume"]);
    }
    let yes = markets
        .iter()
        .filter(|one| one["kind"] == "goal-in-window" && one["winning"] == 0);
    assert_eq!(yes.count(), 4);

    assert_eq!(report["conserved"], true);
    assert_eq!(report["open_accounts"], 0);
    let totals = &report["totals"];
    let total = |name: &str| number(&totals[name]);
    assert_eq!(total("staked"), volume);
    assert_eq!(
        total("deposited") + total("staked"),
        total("fees") + total("paid") + total("returned_to_vault")
    );
    for count in ["placed", "refused"] {
        assert!(number(&report["bets"][count]) > 0, "no {count}");
    }

    assert!(summary.starts_with("Argentina - France 3-3"), "{summary}");
    for said in [
        "21 lies, which changed 0 outcomes",
        "MarketSuspended",
        "SlippageExceeded",
        "TradingNotStarted",
        "TradingOver",
        "every token is accounted for",
        "Accounts left open: 0.",
    ] {
        assert!(summary.contains(said), "{said} is missing:\n{summary}");
    }
}

#[test]
fn demo_with_one_honest_provider_too_few_voids_every_market() {
    let (report, summary) = run(&["--honest", "2", "--bettors", "6", "--seed", "7"]);
    for market in report["markets"].as_array().expect("markets") {
        assert_eq!(market["status"], "void", "{market}");
        assert!(
            market["winning"].is_null() && market["prove_ms"].is_null(),
            "{market}"
        );
    }
    assert_eq!(report["conserved"], true);
    assert_eq!(report["open_accounts"], 0);
    assert!(
        number(&report["totals"]["paid"]) > 0,
        "void shares pay slow prices"
    );
    assert!(summary.contains("which changed 0 outcomes"), "{summary}");
}

#[test]
fn demo_bad_feeds_are_refused_by_cause() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let refused = |text: &str, options: &[&str]| {
        let path = directory.path().join("feed.json");
        std::fs::write(&path, text).expect("writable");
        let path = path.to_str().expect("UTF-8");
        refusal(&[&["demo", "--feed", path], options].concat())
    };
    assert!(refused("minute,team\n", &[]).contains("not good JSON"));
    assert!(refused(r#"{"events": []}"#, &[]).contains("unknown feed format"));
    assert!(refused(r#"{"matches": []}"#, &[]).contains("no matches"));
    let no_goals = r#"{"matches": [{"team1": "Reds", "team2": "Blues"}]}"#;
    assert!(refused(no_goals, &[]).contains("Reds - Blues: the match has no final score"));
    let other = refused(no_goals, &["--match", "greens"]);
    assert!(
        other.contains("\"greens\"") && other.contains("Reds - Blues"),
        "{other}"
    );
    assert!(refusal(&["demo", "--feed", "missing.json"]).contains("missing.json"));
    assert_eq!(strobe(&["demo", "--programs", "other"]).code, 2);
}

fn signed(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

/// What the match gives each market: the winning outcome by its number; the linear one pays the long
/// side six tenths, and the last one is void.
const RESULTS: [Option<u64>; 9] = [
    Some(0),
    Some(1),
    Some(4),
    // 3-3, after the 21 scores of up to five goals and three with six.
    Some(24),
    // Minute 23 of bins of eight.
    Some(2),
    // 23 + 36 + 80 + 81 + 108 + 118 = 446 of bins of ten.
    Some(44),
    None,
    Some(0),
    None,
];

#[test]
fn demo_markets_settles_every_kind_as_the_match_went() {
    let (report, summary) = run_demo(&["demo", "markets"], &[]);
    let markets = report["markets"].as_array().expect("markets");
    let winning: Vec<_> = markets.iter().map(|one| one["winning"].as_u64()).collect();
    assert_eq!(winning, RESULTS);
    let texts = |field: &str| -> Vec<String> {
        let text = |market: &Value| market[field].as_str().expect("a text").to_owned();
        markets.iter().map(text).collect()
    };
    assert_eq!(
        texts("curve"),
        [
            "lmsr-to-pm-amm",
            "pm-amm-dynamic",
            "lmsr",
            "lmsr",
            "l2",
            "l2",
            "pm-amm",
            "lmsr",
            "lmsr"
        ]
    );
    let mut statuses = ["resolved"; 9];
    statuses[8] = "void";
    assert_eq!(texts("status"), statuses);

    let sizes = |number: usize| markets[number - 1]["outcomes"].as_array().map(Vec::len);
    assert_eq!([sizes(4), sizes(6)], [Some(32), Some(64)]);
    assert_eq!(markets[6]["payouts"][0], "0.600000000000");
    assert_eq!(markets[6]["payouts"][1], "0.400000000000");
    for (number, market) in (1..).zip(markets) {
        assert_eq!(market["disputed"], number == 8, "{market}");
        assert_eq!(market["prove_ms"].is_u64(), number != 9, "{market}");
        assert!(number_of(market, "volume") > 0 && number_of(market, "fees") > 0);
    }
    assert!(number_of(&report["bets"], "cashed_out") > 0);
    let from_root = markets.iter().filter(|one| one["from_root"] == true);
    assert_eq!(from_root.count(), 5);
    let orders = report["orders"].as_array().expect("orders");
    let kinds = orders.iter().map(|order| {
        let counts = ["fills", "crossings"].map(|count| number_of(order, count));
        (order["kind"].as_str().expect("a kind"), counts)
    });
    let expected = [
        ("TWAP", [10, 0]),
        ("iceberg", [6, 0]),
        ("stop or take", [4, 0]),
        ("limit, older", [1, 1]),
        ("limit, newer", [0, 1]),
    ];
    assert!(kinds.eq(expected), "{orders:?}");
    for order in &orders[..3] {
        assert_eq!(order["filled"], order["total"], "{order}");
    }

    for said in [
        "which changed 0 outcomes",
        "Market 8: France was proposed and disputed; the arbiters' proof says Argentina.",
        "SetsNotOffered",
        "SlippageExceeded",
        "NotEnoughShares",
        "TradingNotStarted",
        "TradingOver",
        "every token is accounted for",
        "Accounts left open: 0.",
    ] {
        assert!(summary.contains(said), "{said} is missing:\n{summary}");
    }
    check_books(&report);
}

fn number_of(value: &Value, field: &str) -> u64 {
    number(&value[field])
}

/// What one loses another gains, fees and bonds included.
fn check_books(report: &Value) {
    assert_eq!(report["conserved"], true);
    assert_eq!(report["open_accounts"], 0);
    for count in ["placed", "refused"] {
        assert!(number(&report["bets"][count]) > 0, "no {count}");
    }
    let total = |name: &str| signed(&report["totals"][name]);
    let markets = report["markets"].as_array().expect("markets");
    let lp_pnl: i64 = markets.iter().map(|one| signed(&one["lp_pnl"])).sum();
    let traders = total("paid") - total("staked");
    let paid_out = total("fees") + total("paid") + total("returned_to_vault");
    assert_eq!(total("deposited") + total("staked"), paid_out);
    let charged: u64 = markets.iter().map(|one| number_of(one, "fees")).sum();
    assert_eq!(total("fees"), signed(&charged.into()));
    let bonds = total("bonds_returned") - total("bonded");
    let rewards = total("rewards");
    let (creator, protocol) = (total("creator_fees"), total("protocol_fees"));
    assert_eq!(lp_pnl + traders + bonds + rewards + creator + protocol, 0);
    assert!(rewards > 0);

    let gain = |prefix: &str| -> i64 {
        let people = report["people"].as_array().expect("people").iter();
        people
            .filter(|one| one["name"].as_str().expect("a name").starts_with(prefix))
            .map(|one| signed(&one["left"]) - signed(&one["brought"]))
            .sum()
    };
    assert_eq!(gain(""), 0);
    assert_eq!(gain("Trader") + gain("Order"), traders);
    assert_eq!(gain("Provider"), lp_pnl + creator);
    assert_eq!(gain("Protocol"), protocol);
    // Half of the bond that the proposer lost.
    assert_eq!(gain("Disputer") * 2, rewards - gain("Proposer"));
    assert!(gain("Disputer") > 0);

    // Slow prices, which all shares together are paid at most once.
    let void = markets.iter().find(|one| one["status"] == "void");
    let payouts = void.expect("a void market")["payouts"].as_array().cloned();
    let payouts: Vec<f64> = payouts
        .expect("payouts")
        .iter()
        .map(|paid| paid.as_str().expect("a decimal").parse().expect("a number"))
        .collect();
    assert!(payouts.iter().all(|paid| (0.05..0.95).contains(paid)));
    assert!((payouts.iter().sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn demo_markets_balances_with_one_trader_or_many() {
    for options in [
        ["--traders", "1", "--seed", "5"],
        ["--traders", "16", "--seed", "6"],
    ] {
        let (report, _) = run_demo(&["demo", "markets"], &options);
        check_books(&report);
    }
}

/// Five who borrow, each of whom another end comes to, and the books of it.
#[test]
fn loans_of_a_day_end_in_every_way() {
    let (report, printed) = run_demo(&["demo", "leverage"], &[]);
    assert_eq!(report["conserved"], true);
    assert_eq!(report["open_accounts"], 0);
    assert!(
        printed.contains("every token is accounted for"),
        "{printed}"
    );
    let fates: Vec<_> = report["traders"]
        .as_array()
        .expect("traders")
        .iter()
        .map(|trader| trader["fate"].as_str().expect("a fate"))
        .collect();
    let expected = [
        "liquidated-in-part",
        "liquidated-whole",
        "deleveraged-before-the-lock",
        "closed",
        "repaid",
    ];
    assert_eq!(fates, expected, "{printed}");
    let gained = |who: &Value| number(&who["left"]) as i64 - number(&who["brought"]) as i64;
    let lenders = report["lenders"].as_array().expect("lenders");
    // What the whole liquidation left unpaid is theirs by what each put in.
    let [first, second] = [gained(&lenders[0]), gained(&lenders[1])];
    let lent = [&lenders[0], &lenders[1]].map(|lender| number(&lender["lent"]) as i64);
    let apart = first * lent[1] - second * lent[0];
    assert!(apart.abs() < lent[0] * 1_000, "{first} and {second}");
    assert!(number(&report["rewards"]) > 0 && number(&report["insurance"]) > 0);
    let again = run_demo(&["demo", "leverage"], &[]).1;
    assert_eq!(printed, again, "the same every time");
}

/// Strike and close are medians of the closes by hand, a cent above those of the first provider: the second
/// sees each a cent higher, and the third lies.
#[test]
fn demo_prices_settles_on_medians_of_real_closes() {
    let (report, summary) = run_demo(&["demo", "prices"], &["--markets", "2"]);
    let text = include_str!("../../../examples/prices/btc-usd-2023-03-10.csv");
    let cents: Vec<i64> = text
        .lines()
        .skip(1)
        .map(|line| {
            let close: f64 = line
                .split_once(',')
                .expect("a row")
                .1
                .parse()
                .expect("a price");
            (close * 100.0).round() as i64
        })
        .collect();
    let median = |minute: usize| {
        let mut window = cents[minute - 10..=minute].to_vec();
        window.sort_unstable();
        window[5] + 1
    };
    let markets = report["markets"].as_array().expect("markets");
    assert_eq!(markets.len(), 2);
    for market in markets {
        let opens = usize::try_from(number(&market["minute"])).expect("a minute");
        let (strike, close) = (median(opens), median(opens + 41));
        assert_eq!(market["strike"], strike);
        assert_eq!(market["close"], close);
        match close - strike {
            -1..=1 => assert!(market["winner"].is_null()),
            moved => assert_eq!(market["winner"], u8::from(moved > 0)),
        }
    }
    assert_eq!(report["is_conserved"], true);
    assert_eq!(report["open_accounts"], 0);
    assert_eq!(report["held"], report["supply"]);
    let standings = report["standings"].as_array().expect("standings");
    let left: u64 = standings.iter().map(|one| number(&one["left"])).sum();
    let brought: u64 = standings.iter().map(|one| number(&one["brought"])).sum();
    // What rounding leaves stays in the vault.
    let in_vault = brought - left - number(&report["fees"]);
    assert!(in_vault <= 2, "{in_vault}");
    assert!(
        summary.contains("every token is accounted for"),
        "{summary}"
    );
}

/// Every window, chain and branch ends as the match went, and the books balance to the base unit.
#[test]
fn demo_chains_ends_as_the_match_went() {
    let (report, summary) = run_demo(&["demo", "chains"], &[]);
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let of = |value: &Value| value.as_f64().expect("a number");
    let windows = list(&report["windows"]);
    assert_eq!(windows.len(), 9);
    for window in &windows {
        let (from, to) = (number(&window["from_minute"]), number(&window["to_minute"]));
        let goal = first(&ARGENTINA, from, to).or(first(&FRANCE, from, to));
        assert_eq!(window["is_goal"], goal.is_some(), "{from} to {to}");
    }
    let chains = list(&report["chains"]);
    for chain in &chains {
        let legs = list(&chain["legs"]);
        assert!([5, 9].contains(&legs.len()));
        let chance: f64 = legs.iter().map(|leg| of(&leg["chance"])).product();
        assert!((chance - of(&chain["chance"])).abs() < 1e-12);
        let (multiple, expected) = (of(&chain["multiple"]), of(&chain["expected"]));
        assert!(multiple > 1.0 && expected < 1.0, "{chain}");
        assert!((multiple * chance - expected).abs() < 1e-12);
        let payout = number(&chain["payout"]);
        assert_eq!(payout, (multiple * number(&chain["stake"]) as f64) as u64);
        let won = legs.iter().all(|leg| leg["has_won"] == true);
        match chain["fate"].as_str().expect("a fate") {
            "won" => assert!(won && number(&chain["paid"]) == payout),
            "lost" => assert!(!won && number(&chain["paid"]) == 0),
            "cashed-out" => assert!((1..payout).contains(&number(&chain["paid"]))),
            other => panic!("{other}"),
        }
    }
    // Three all after extra time.
    let group = &report["group"];
    assert_eq!(
        (number(&group["survivor"]), number(&group["winner"])),
        (2, 3)
    );
    for branch in list(&group["branches"]) {
        assert_eq!(branch["is_real"], branch["end"] == "a draw");
        for prices in [&branch["asked"], &branch["chances"]] {
            let sum: f64 = list(prices).iter().map(of).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
    }
    assert_eq!(report["is_conserved"], true);
    assert_eq!(report["open_accounts"], 0);
    assert_eq!(report["held"], report["supply"]);
    assert!(
        summary.contains("every token is accounted for"),
        "{summary}"
    );
    assert!(summary.contains("MultipleAbove250"), "{summary}");
    let again = run_demo(&["demo", "chains"], &[]).1;
    assert_eq!(summary, again, "the same every time");
}
