use super::*;

mod openfootball;
mod selection;

fn parse(text: &str) -> Result<Match, FeedError> {
    Match::parse(text, Reading::default())
}

fn find(text: &str, wanted: &str) -> Result<Match, FeedError> {
    let wanted = Some(wanted);
    Match::parse(
        text,
        Reading {
            wanted,
            ..Reading::default()
        },
    )
}

/// Why the match itself is refused.
#[track_caller]
fn cause(read: Result<Match, FeedError>) -> MatchError {
    match read {
        Err(FeedError::Match { cause, .. }) => cause,
        other => panic!("{other:?}"),
    }
}

/// The field that is refused.
#[track_caller]
fn field(read: Result<Match, FeedError>) -> String {
    match cause(read) {
        MatchError::Field(error) => error.field,
        other => panic!("{other:?}"),
    }
}

fn own(minutes: u32, score: &str, goals: &str) -> Result<Match, FeedError> {
    parse(&format!(
        r#"{{"format": "strobe-match/1", "team1": "Reds", "team2": "Blues",
            "minutes": {minutes}, "score": {score}, "goals": {goals}}}"#
    ))
}

fn minutes_of(game: &Match) -> Vec<String> {
    game.goals()
        .iter()
        .map(|goal| goal.at.to_string())
        .collect()
}

#[test]
fn default_feed_is_the_final_of_2022() {
    let game = Match::load(None, Reading::default()).expect("the default feed");
    assert_eq!(game.teams, ["Argentina", "France"]);
    assert_eq!(minutes_of(&game), ["23", "36", "80", "81", "108", "118"]);
    assert_eq!((game.score(), game.minutes), ([3, 3], 120));
    assert!(game.contradictions().is_empty());
    let half = Window {
        from: 0,
        to: HALF_TIME,
    };
    assert!(game.goals_in(half).all(|goal| goal.team == Team::First));
    assert_eq!(game.goals_in(half).count(), 2);
}

#[test]
fn own_goalless_match_needs_its_score() {
    assert_eq!(own(90, "[0, 0]", "[]").expect("a match").goals().len(), 0);
    assert_eq!(
        cause(own(90, "[1, 0]", "[]")),
        MatchError::NoGoals { score: [1, 0] }
    );
}

#[test]
fn own_goals_of_one_minute_are_in_the_order_of_the_list() {
    let goals =
        r#"[{"minute": 60, "team": 2}, {"minute": 60, "team": 1}, {"minute": 9, "team": 1}]"#;
    let game = own(90, "[2, 1]", goals).expect("a match");
    let teams: Vec<_> = game.goals().iter().map(|goal| goal.team).collect();
    assert_eq!(teams, [Team::First, Team::Second, Team::First]);
}

#[test]
fn own_feed_is_refused_by_field() {
    let goal = |text: &str| own(90, "[1, 0]", &format!("[{{{text}}}]"));
    for text in [
        r#""minute": 91, "team": 1"#,
        r#""minute": 0, "team": 1"#,
        r#""minute": 1.5, "team": 1"#,
        r#""team": 1"#,
    ] {
        assert_eq!(field(goal(text)), "goals[0].minute", "{text}");
    }
    for text in [r#""minute": 9, "team": 3"#, r#""minute": 9"#] {
        assert_eq!(field(goal(text)), "goals[0].team", "{text}");
    }
    assert_eq!(
        field(goal(r#""minute": 9, "team": 1, "when": 1"#)),
        "goals[0].when"
    );
    assert_eq!(
        cause(goal(r#""minute": 9, "team": 2"#)),
        MatchError::ScoreMismatch {
            goals: [0, 1],
            score: [1, 0]
        }
    );
    assert_eq!(field(own(60, "[0, 0]", "[]")), "minutes");
    assert_eq!(field(own(90, "[1]", "[]")), "score");
    assert_eq!(field(own(90, "[0, 0]", "{}")), "goals");
    assert_eq!(field(parse(r#"{"format": "strobe-match/1"}"#)), "minutes");
}

#[test]
fn what_is_no_feed_is_refused_by_cause() {
    let refused = |text: &str| parse(text).expect_err("a refusal");
    assert!(matches!(refused("minute,team"), FeedError::NotJson(_)));
    for text in ["{}", "[]", r#"{"format": "other"}"#] {
        assert!(matches!(refused(text), FeedError::UnknownFormat), "{text}");
    }
    for text in [
        r#"{"matches": []}"#,
        r#"{"matches": null}"#,
        r#"{"rounds": [{"name": "Final"}]}"#,
    ] {
        assert!(matches!(refused(text), FeedError::NoMatches), "{text}");
    }
    for (text, field) in [
        (r#"{"matches": {}}"#, "matches"),
        (r#"{"rounds": [{}, 4]}"#, "rounds[1]"),
        (r#"{"rounds": [{"matches": "none"}]}"#, "rounds[0].matches"),
    ] {
        assert!(
            matches!(refused(text), FeedError::Malformed(error) if error.field == field),
            "{text}"
        );
    }
}
