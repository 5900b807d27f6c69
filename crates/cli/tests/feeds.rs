//! Matches of openfootball files as the demo settles them, and those that it does not.

mod common;

use common::{refusal, strobe, Run};
use serde_json::{json, Value};

/// Minute of play that a goal counts for, and the team.
type Goals = [(u64, u64)];

fn demo(feed: &str, options: &[&str]) -> (Run, Value) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| {
        directory
            .path()
            .join(name)
            .to_str()
            .expect("UTF-8")
            .to_owned()
    };
    let (feed_file, report) = (path("feed.json"), path("report.json"));
    std::fs::write(&feed_file, feed).expect("writable");
    let base = [
        "demo",
        "--feed",
        &feed_file,
        "--json",
        &report,
        "--bettors",
        "2",
    ];
    let run = strobe(&[&base[..], &["--programs", "native"], options].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = std::fs::read_to_string(report).expect("the report");
    (run, serde_json::from_str(&report).expect("JSON"))
}

/// Every market pays the outcome that the goals give it.
#[track_caller]
fn assert_settled(report: &Value, goals: &Goals, length: u64) {
    let markets = report["markets"].as_array().expect("markets");
    let number = |market: &Value, field: &str| market[field].as_u64().expect("a number");
    for market in markets {
        let (from, to) = (number(market, "from_minute"), number(market, "to_minute"));
        let mut inside = goals.iter().filter(|(at, _)| from < *at && *at <= to);
        let expected = match market["kind"].as_str().expect("a kind") {
            "goal-in-window" => u64::from(inside.next().is_none()),
            "next-scorer" => inside.next().map_or(2, |(_, team)| team - 1),
            "goals-by-half-time" => inside.count().min(3) as u64,
            other => panic!("unknown kind {other}"),
        };
        assert_eq!(market["status"], "resolved", "{market}");
        assert_eq!(number(market, "winning"), expected, "{market}");
    }
    let last = markets
        .iter()
        .map(|market| number(market, "to_minute"))
        .max();
    assert_eq!(last, Some(length));
    assert_eq!(report["conserved"], true);
    assert_eq!(report["open_accounts"], 0);
}

#[test]
fn goals_in_stoppage_and_extra_time_decide() {
    let feed = json!({"name": "Shield", "matches": [
        {"round": "Quarter-finals", "date": "2029-05-01", "team1": "Owls", "team2": "Hares",
         "score": null, "goals1": [{"minute": "?"}]},
        {"round": "Final", "date": "2029-05-09", "time": "18:00 UTC-4", "team1": "Hares",
         "team2": "Moles & Voles", "score": {"ft": [1, 1], "ht": [1, 0], "et": [2, 2], "p": [4, 3]},
         "goals1": [{"name": "Ann", "minute": "45+3"},
                    {"name": "Bea", "minute": "105+1", "penalty": true}],
         "goals2": [{"name": "Cat", "minute": "90+4"}, {"name": null, "minute": 121}],
         "group": null, "ground": "Old Park"}]});
    let (run, report) = demo(&format!("\u{feff}{feed}"), &["--match", "hares moles"]);
    assert!(
        run.stdout
            .starts_with("Hares - Moles & Voles 2-2 (Final, 2029-05-09)"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
    assert_settled(&report, &[(45, 1), (90, 2), (105, 1), (120, 2)], 120);
}

#[test]
fn minutes_above_90_are_what_the_user_says_they_are() {
    let feed = json!({"rounds": [{"name": "Final", "matches": [
        {"num": 1, "date": "1999-05-09", "team1": {"name": "Owls", "code": "OWL"},
         "team2": {"name": "Hares", "code": "HAR"}, "score1": 1, "score2": 1,
         "score1i": 0, "score2i": 1,
         "goals1": [{"name": "Ann", "minute": 94}],
         "goals2": [{"name": "Bea", "minute": 47}]}]}]})
    .to_string();
    let (run, report) = demo(&feed, &["--above-90", "stoppage"]);
    assert_settled(&report, &[(47, 2), (90, 1)], 90);
    // The score at half-time is another.
    assert!(
        run.stderr.contains("warning: Owls - Hares 1-1") && run.stderr.contains("half-time as 0-1"),
        "{}",
        run.stderr
    );
    let (_, report) = demo(&feed, &["--above-90", "extra-time"]);
    assert_settled(&report, &[(47, 2), (94, 1)], 120);
}

#[test]
fn what_a_feed_leaves_open_is_refused_with_a_hint() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("feed.json");
    let path = path.to_str().expect("UTF-8");
    let one = |rest: Value| {
        let mut game = json!({"team1": "Owls", "team2": "Hares"});
        for (name, value) in rest.as_object().expect("an object") {
            game[name] = value.clone();
        }
        std::fs::write(path, json!({"matches": [game]}).to_string()).expect("writable");
        refusal(&["demo", "--feed", path])
    };
    let score = json!([1, 0]);
    for (rest, said) in [
        (
            json!({"score": score, "goals1": [{"minute": 94}]}),
            "--above-90",
        ),
        (
            json!({"score": score, "goals1": [{"minute": "x"}]}),
            "goals1[0].minute is \"x\"",
        ),
        (json!({"score": [0, 0], "status": "awarded"}), "\"awarded\""),
        (
            json!({"score": {"ht": score}, "goals1": [{"minute": 4}]}),
            "no final score",
        ),
        (
            json!({"score": [1, 1], "goals1": [{"minute": 9}], "goals2": [{"minute": 9}]}),
            "score1, score2",
        ),
    ] {
        let message = one(rest);
        assert!(
            message.starts_with("error: Owls - Hares: ") && message.contains(said),
            "{message}"
        );
    }
    let usage = strobe(&["demo", "--feed", path, "--above-90", "both"]);
    assert_eq!(usage.code, 2);
}
