//! The demo as a user runs it, on the default feed. What must come out is told here by hand, from
//! the goals of the match: Argentina 23, 36, 108, France 80, 81, 118.

mod common;

use common::{refusal, strobe};
use serde_json::Value;

const ARGENTINA: [u64; 3] = [23, 36, 108];
const FRANCE: [u64; 3] = [80, 81, 118];

fn run(options: &[&str]) -> (Value, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("demo.json");
    let file = file.to_str().expect("UTF-8");
    let run = strobe(&[&["demo", "--programs", "native", "--json", file], options].concat());
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
    for count in ["placed", "refused", "cashed_out"] {
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
    assert!(refused("minute,team\n", &[]).contains("no JSON"));
    assert!(refused(r#"{"events": []}"#, &[]).contains("unknown feed format"));
    assert!(refused(r#"{"matches": []}"#, &[]).contains("no matches"));
    let no_goals = r#"{"matches": [{"team1": "Reds", "team2": "Blues"}]}"#;
    assert!(refused(no_goals, &[]).contains("no events"));
    let other = refused(no_goals, &["--match", "greens"]);
    assert!(
        other.contains("\"greens\"") && other.contains("Reds - Blues"),
        "{other}"
    );
    assert!(refusal(&["demo", "--feed", "missing.json"]).contains("missing.json"));
    assert_eq!(strobe(&["demo", "--programs", "other"]).code, 2);
}
