use super::*;

const TWO_MATCHES: &str = r#"{
  "name": "Cup",
  "matches": [
    {"round": "Quarter-finals", "date": "2022-12-09", "team1": "Reds", "team2": "Blues",
     "score": {"p": [4, 2], "et": [1, 1], "ft": [0, 0], "ht": [0, 0]},
     "goals1": [{"name": "A", "minute": 105, "offset": 1}],
     "goals2": [{"name": "B", "minute": 117}], "ground": "Old Park"},
    {"round": "Final", "date": "2022-12-18", "team1": "Reds", "team2": "Greens",
     "score": {"ft": [2, 1], "ht": [1, 1]},
     "goals1": [{"name": "D", "minute": 46}, {"name": "C", "minute": 45, "offset": 3}],
     "goals2": [{"name": "E", "minute": 45, "offset": 1, "owngoal": true}]}
  ]
}"#;

fn own(minutes: u32, score: &str, goals: &str) -> Result<Match, FeedError> {
    let text = format!(
        r#"{{"format": "strobe-match/1", "team1": "Reds", "team2": "Blues",
            "minutes": {minutes}, "score": {score}, "goals": {goals}}}"#
    );
    Match::parse(&text, None)
}

fn minutes_of(game: &Match) -> Vec<String> {
    game.goals()
        .iter()
        .map(|goal| goal.at.to_string())
        .collect()
}

#[test]
fn default_feed_is_the_final_of_2022() {
    let game = Match::load(None, None).expect("the default feed");
    assert_eq!(game.teams, ["Argentina", "France"]);
    assert_eq!(minutes_of(&game), ["23", "36", "80", "81", "108", "118"]);
    assert_eq!((game.score(), game.minutes), ([3, 3], 120));
    let half = Window {
        from: 0,
        to: HALF_TIME,
    };
    assert!(game.goals_in(half).all(|goal| goal.team == Team::First));
    assert_eq!(game.goals_in(half).count(), 2);
}

#[test]
fn openfootball_goals_are_in_order_and_extra_time_counts() {
    let extra = Match::parse(TWO_MATCHES, Some("blues")).expect("a match");
    assert_eq!((extra.minutes, extra.score()), (120, [1, 1]));
    assert_eq!(minutes_of(&extra), ["105+1", "117"]);
    let last = Match::parse(TWO_MATCHES, Some("Reds-Greens")).expect("a match");
    assert_eq!((last.minutes, last.score()), (90, [2, 1]));
    assert_eq!(minutes_of(&last), ["45+1", "45+3", "46"]);
    assert_eq!(last.goals()[0].scorer, "E, own goal");
}

#[test]
fn window_takes_stoppage_time_with_its_minute() {
    let game = Match::parse(TWO_MATCHES, Some("greens")).expect("a match");
    let count = |from, to| game.goals_in(Window { from, to }).count();
    assert_eq!((count(40, 45), count(45, 50), count(0, 44)), (2, 1, 0));
}

#[test]
fn match_is_chosen_by_whole_words_first() {
    let chosen = |text| Match::parse(TWO_MATCHES, Some(text)).map(|game| game.teams[1].clone());
    assert_eq!(chosen("final").ok().as_deref(), Some("Greens"));
    assert_eq!(chosen("FINALS").ok().as_deref(), Some("Blues"));
    assert_eq!(chosen("2022-12-09").ok().as_deref(), Some("Blues"));
    assert_eq!(chosen("park").ok().as_deref(), Some("Blues"));
    assert!(
        matches!(chosen("reds"), Err(FeedError::SeveralMatches { candidates }) if candidates.len() == 2)
    );
    let missing = chosen("whites").expect_err("no such match").to_string();
    assert!(
        missing.contains("Reds - Greens (Final, 2022-12-18)"),
        "{missing}"
    );
    let unchosen = Match::parse(TWO_MATCHES, None).expect_err("two matches");
    assert!(unchosen.to_string().contains("--match"), "{unchosen}");
}

#[test]
fn goalless_match_needs_its_score() {
    assert_eq!(own(90, "[0, 0]", "[]").expect("a match").goals().len(), 0);
    assert!(matches!(
        own(90, "[1, 0]", "[]"),
        Err(FeedError::NoEvents(_))
    ));
    let unplayed = r#"{"matches": [{"team1": "Reds", "team2": "Blues"}]}"#;
    assert!(matches!(
        Match::parse(unplayed, None),
        Err(FeedError::NoEvents(_))
    ));
    assert!(matches!(
        Match::parse(r#"{"matches": []}"#, None),
        Err(FeedError::NoMatches)
    ));
}

#[test]
fn bad_feeds_are_refused_by_cause() {
    let parse = |text: &str| Match::parse(text, None).expect_err("a refusal");
    assert!(matches!(parse("minute,team"), FeedError::NotJson(_)));
    assert!(matches!(parse("{}"), FeedError::UnknownFormat));
    assert!(matches!(
        parse(r#"{"format": "other"}"#),
        FeedError::UnknownFormat
    ));
    assert!(matches!(
        parse(r#"{"format": "strobe-match/1"}"#),
        FeedError::Malformed { .. }
    ));
    let goal = |text: &str| own(90, "[1, 0]", &format!("[{{{text}}}]")).expect_err("a refusal");
    assert!(matches!(
        goal(r#""minute": 91, "team": 1"#),
        FeedError::MinuteOutOfRange {
            minute: 91,
            minutes: 90,
            ..
        }
    ));
    assert!(matches!(
        goal(r#""minute": 0, "team": 1"#),
        FeedError::MinuteOutOfRange { .. }
    ));
    assert!(matches!(
        goal(r#""minute": 9, "team": 3"#),
        FeedError::UnknownTeam { team: 3, .. }
    ));
    assert!(matches!(
        goal(r#""minute": 9, "team": 2"#),
        FeedError::ScoreMismatch { .. }
    ));
    assert!(matches!(
        goal(r#""minute": 9, "team": 1, "when": 1"#),
        FeedError::Malformed { .. }
    ));
    assert!(matches!(
        own(60, "[0, 0]", "[]"),
        Err(FeedError::LengthOutOfRange { minutes: 60, .. })
    ));
}
