//! What openfootball publishes, and what must not be settled.

use super::*;

/// A match between Owls and Hares; `rest` are its other fields.
fn one(rest: &str) -> String {
    format!(
        r#"{{"name": "Shield", "matches": [{{"round": "Replay", "date": "2029-03-04",
            "team1": "Owls", "team2": "Hares"{rest}}}]}}"#
    )
}

fn read(rest: &str) -> Result<Match, FeedError> {
    parse(&one(rest))
}

fn read_above_90(rest: &str, above_90: Above90) -> Result<Match, FeedError> {
    let reading = Reading {
        above_90: Some(above_90),
        ..Reading::default()
    };
    Match::parse(&one(rest), reading)
}

/// Fields of a match that Owls won by one goal.
fn one_goal(goal: &str) -> String {
    format!(r#", "score": {{"ft": [1, 0]}}, "goals1": [{{{goal}}}], "goals2": []"#)
}

#[test]
fn minutes_are_numbers_or_texts_with_stoppage_time_in_either_way() {
    for (goal, minute) in [
        (r#""minute": 67"#, "67"),
        (r#""minute": "67""#, "67"),
        (r#""minute": "67'""#, "67"),
        (r#""minute": 45, "offset": 2"#, "45+2"),
        (r#""minute": "45", "offset": "2""#, "45+2"),
        (r#""minute": "45+2""#, "45+2"),
        (r#""minute": "90 + 11""#, "90+11"),
        (r#""minute": "90+4", "offset": 4"#, "90+4"),
        (r#""minute": 90, "offset": 0"#, "90"),
    ] {
        let game = read(&one_goal(goal)).unwrap_or_else(|error| panic!("{goal}: {error}"));
        assert_eq!((minutes_of(&game), game.minutes), (vec![minute.into()], 90));
    }
    for goal in [
        r#""minute": "half-time""#,
        r#""minute": "45+""#,
        r#""minute": "+45""#,
        r#""minute": "4 5""#,
        r#""minute": "-4""#,
        r#""minute": "45+2+1""#,
        r#""minute": 45.0"#,
        r#""minute": null"#,
        r#""minute": [45, 2]"#,
        r#""name": "Ann""#,
        r#""minute": 4294967297"#,
    ] {
        assert_eq!(field(read(&one_goal(goal))), "goals1[0].minute", "{goal}");
    }
    for goal in [
        r#""minute": 90, "offset": "few""#,
        r#""minute": 90, "offset": -1"#,
        r#""minute": "90+3", "offset": 4"#,
    ] {
        assert_eq!(field(read(&one_goal(goal))), "goals1[0].offset", "{goal}");
    }
    for goal in [r#""minute": 37, "offset": 2"#, r#""minute": "54+1""#] {
        let refused = cause(read(&one_goal(goal)));
        assert!(
            matches!(refused, MatchError::StoppageWithinHalf { .. }),
            "{goal}: {refused}"
        );
    }
}

#[test]
fn absent_is_absent_however_it_is_written() {
    let nulls = r#", "time": null, "group": null, "ground": null, "status": null,
        "score": {"ft": [1, 0], "ht": null, "et": null, "p": null},
        "goals1": [{"name": null, "minute": "8", "offset": null, "penalty": null, "owngoal": null,
                    "score1": null, "score2": null}], "goals2": null"#;
    let game = read(nulls).expect("a match");
    assert_eq!((game.score(), game.minutes), ([1, 0], 90));
    assert_eq!(game.goals()[0].scorer, "");
    let game = read(r#", "score": {"ft": [0, 0]}, "goals1": null"#).expect("a match");
    assert!(game.goals().is_empty());
    let undated = r#"{"matches": [{"round": null, "date": null, "team1": "Owls",
        "team2": "Hares", "score": [0, 0]}]}"#;
    assert_eq!(parse(undated).expect("a match").occasion, "");
    let marked = format!("\u{feff}{undated}");
    assert!(parse(&marked).is_ok());
}

#[test]
fn score_is_an_object_or_a_list_or_two_fields() {
    for score in [
        r#""score": {"ft": [1, 0]}"#,
        r#""score": [1, 0]"#,
        r#""score1": 1, "score2": 0, "score1i": 0, "score2i": 0"#,
        r#""score": [1, 0], "score1": 1, "score2": 0"#,
    ] {
        let game = read(&format!(r#", {score}, "goals1": [{{"minute": 77}}]"#));
        assert_eq!(game.expect("a match").score(), [1, 0], "{score}");
    }
    for (score, expected) in [
        (r#""score": "1-0""#, "score"),
        (r#""score": {"ft": [1]}"#, "score.ft"),
        (r#""score": {"ft": [1, null]}"#, "score.ft"),
        (r#""score": {"ft": [1, -1]}"#, "score.ft"),
        (r#""score1": 1"#, "score2"),
        (r#""score1": "1", "score2": 0"#, "score1"),
        (r#""score": [1, 0], "score1": 0, "score2": 1"#, "score"),
    ] {
        let refused = read(&format!(r#", {score}, "goals1": [{{"minute": 77}}]"#));
        assert_eq!(field(refused), expected, "{score}");
    }
}

#[test]
fn rounds_hold_the_matches_of_older_files() {
    let text = r#"{"name": "Shield 1999", "rounds": [
        {"name": "Semi-final", "matches": [
            {"num": 1, "date": "1999-05-01", "team1": {"name": "Owls", "code": "OWL"},
             "team2": {"name": "Hares", "code": "HAR"}, "score1": 1, "score2": 1,
             "score1et": 2, "score2et": 1, "score1i": 0, "score2i": 1, "score1p": null,
             "goals1": [{"name": "Ann", "minute": 60, "score1": 1, "score2": 1},
                        {"name": "Eve", "minute": 111, "score1": 2, "score2": 1}],
             "goals2": [{"name": "Bea", "minute": 45, "offset": 1, "score1": 0, "score2": 1}],
             "stadium": {"key": "old", "name": "Old Wood"}}]},
        {"name": "Final", "matches": [
            {"num": 2, "date": "1999-05-09", "team1": {"name": "Owls", "code": "OWL"},
             "team2": {"name": "Moles", "code": "MOL"}, "score1": null, "score2": null}]}]}"#;
    let game = find(text, "owl har").expect("a match");
    assert_eq!(game.occasion, "Semi-final, 1999-05-01");
    assert_eq!((game.score(), game.minutes), ([2, 1], 120));
    assert_eq!(minutes_of(&game), ["45+1", "60", "111"]);
    assert!(game.contradictions().is_empty());
    assert_eq!(find(text, "old wood").expect("a match"), game);
    assert_eq!(cause(find(text, "final")), MatchError::NoFinalScore);
}

#[test]
fn match_without_final_score_hides_no_other() {
    let text = r#"{"matches": [
        {"team1": "Owls", "team2": "Hares", "score": null, "goals1": [{"minute": 3}]},
        {"team1": "Moles", "team2": "Hares", "score": {"ht": [0, 0]}, "goals1": []},
        {"team1": 7, "team2": "Crows", "score": {"ft": "none"}},
        "postponed",
        {"team1": "Owls", "team2": "Foxes", "score": {"ft": [0, 0]}, "goals1": [{"minute": "?"}]},
        {"team1": "Foxes", "team2": "Hares", "score": {"ft": [0, 1]}, "goals2": [{"minute": "3"}]}]}"#;
    assert_eq!(find(text, "foxes hares").expect("a match").score(), [0, 1]);
    let refused = find(text, "owls hares").expect_err("no score").to_string();
    assert!(
        refused.starts_with("Owls - Hares: the match has no final score"),
        "{refused}"
    );
    assert_eq!(cause(find(text, "moles")), MatchError::NoFinalScore);
    assert_eq!(field(find(text, "crows")), "score.ft");
    assert_eq!(field(find(text, "#4")), "it");
    let refused = find(text, "owls foxes").expect_err("no minute").to_string();
    assert!(
        refused.starts_with("Owls - Foxes: goals1[0].minute is \"?\""),
        "{refused}"
    );
    let nameless = r#"{"matches": [{"team2": "Owls", "score": [0, 0]}]}"#;
    assert_eq!(field(parse(nameless)), "team1");
}

#[test]
fn match_not_played_to_its_end_is_refused() {
    let goalless = r#", "score": {"ft": [0, 0]}, "goals1": [], "goals2": []"#;
    for status in ["finished", "Full-time", "FT", "played", ""] {
        let game = read(&format!(r#"{goalless}, "status": "{status}""#));
        assert!(game.is_ok(), "{status}: {game:?}");
    }
    for status in [
        "awarded",
        "abandoned",
        "Postponed",
        "cancelled",
        "suspended",
        "in play",
        "aet",
        "unheard of",
    ] {
        let refused = cause(read(&format!(r#"{goalless}, "status": "{status}""#)));
        assert!(
            matches!(refused, MatchError::NotFinished { .. }),
            "{status}: {refused}"
        );
    }
    let extra = r#", "score": {"ft": [0, 0], "et": [0, 0], "p": [3, 4]}, "status": "aet""#;
    assert_eq!(read(extra).expect("a match").minutes, 120);
    assert_eq!(
        field(read(&format!(r#"{goalless}, "status": 3"#))),
        "status"
    );
    let shoot_out = r#", "score": {"p": [3, 4]}"#;
    assert_eq!(cause(read(shoot_out)), MatchError::NoFinalScore);
}

#[test]
fn minute_above_90_without_extra_time_is_refused_unless_the_user_says_what_it_is() {
    for minute in ["91", "94", "119", "\"96\"", "121"] {
        let rest = one_goal(&format!("\"minute\": {minute}"));
        let refused = read(&rest).expect_err("ambiguous").to_string();
        for said in [
            "Owls - Hares (Replay, 2029-03-04): goals1[0].minute",
            "--above-90 stoppage",
        ] {
            assert!(refused.contains(said), "{refused}");
        }
        let number: u32 = minute.trim_matches('"').parse().expect("a number");
        let game = read_above_90(&rest, Above90::Stoppage).expect("a match");
        assert_eq!(minutes_of(&game), [format!("90+{}", number - 90)]);
        assert_eq!(game.minutes, 90);
        let game = read_above_90(&rest, Above90::ExtraTime).expect("a match");
        assert_eq!(
            (game.goals()[0].at.minute, game.minutes),
            (number.min(120), 120)
        );
    }
    let late = one_goal(r#""minute": "105+1""#);
    assert!(matches!(
        cause(read(&late)),
        MatchError::AmbiguousMinute { .. }
    ));
    assert!(matches!(
        cause(read_above_90(&late, Above90::Stoppage)),
        MatchError::NotStoppage { .. }
    ));
    assert!(read_above_90(&late, Above90::ExtraTime).is_ok());
    // Nothing to say: all in 90 minutes.
    let game = read_above_90(&one_goal(r#""minute": 90"#), Above90::ExtraTime);
    assert_eq!(game.expect("a match").minutes, 90);
}

#[test]
fn minutes_of_extra_time_end_with_its_stoppage_time() {
    let extra = |goal: &str| {
        read(&format!(
            r#", "score": {{"ft": [0, 0], "et": [0, 1]}}, "goals2": [{{{goal}}}]"#
        ))
    };
    for (goal, minute) in [
        (r#""minute": 91"#, "91"),
        (r#""minute": "105+3""#, "105+3"),
        (r#""minute": 120, "offset": 2"#, "120+2"),
        (r#""minute": 121"#, "120+1"),
        (r#""minute": "123""#, "120+3"),
    ] {
        let game = extra(goal).expect("a match");
        assert_eq!(
            (minutes_of(&game), game.minutes),
            (vec![minute.into()], 120)
        );
        assert!(game.contradictions().is_empty());
    }
    for goal in [
        r#""minute": 0"#,
        r#""minute": 166"#,
        r#""minute": 120, "offset": 46"#,
    ] {
        assert!(matches!(
            cause(extra(goal)),
            MatchError::MinuteOutOfRange { .. }
        ));
    }
}

#[test]
fn feed_that_contradicts_itself_is_said_to() {
    let contradictions = |rest: &str| read(rest).expect("a match").contradictions().to_vec();
    let goal = r#""goals1": [{"minute": 30, "score1": 1, "score2": 0}]"#;
    let said = contradictions(&format!(
        r#", "score": {{"ft": [1, 0], "ht": [0, 0]}}, {goal}"#
    ));
    assert!(
        said.len() == 1 && said[0].contains("half-time as 0-0") && said[0].contains("make 1-0"),
        "{said:?}"
    );
    let said = contradictions(&format!(
        r#", "score": {{"ft": [0, 0], "et": [1, 0]}}, {goal}"#
    ));
    assert!(
        said.len() == 1 && said[0].contains("90 minutes as 0-0"),
        "{said:?}"
    );
    let counted = r#", "score": [2, 0], "goals1": [{"minute": 30, "score1": 2, "score2": 0},
        {"minute": 31, "score1": 2, "score2": 0}]"#;
    let said = contradictions(counted);
    assert!(
        said.len() == 1 && said[0].contains("minute 30 as 2-0"),
        "{said:?}"
    );
    assert!(contradictions(&format!(
        r#", "score": {{"ft": [1, 0], "ht": [1, 0]}}, {goal}"#
    ))
    .is_empty());
    let refused = cause(read(&format!(r#", "score": [2, 0], {goal}"#)));
    assert!(matches!(refused, MatchError::ScoreMismatch { .. }));
}

#[test]
fn goals_of_both_teams_in_one_minute_need_an_order() {
    let both = |first: &str, second: &str| {
        read(&format!(
            r#", "score": [1, 1], "goals1": [{{"minute": "90+2"{first}}}],
               "goals2": [{{"minute": "90+2"{second}}}]"#
        ))
    };
    assert!(matches!(
        cause(both("", "")),
        MatchError::SameMinute {
            at: Minute {
                minute: 90,
                offset: 2
            }
        }
    ));
    let second_first = both(
        r#", "score1": 1, "score2": 1"#,
        r#", "score1": 0, "score2": 1"#,
    );
    let game = second_first.expect("a match");
    assert_eq!(game.goals()[0].team, Team::Second);
    assert!(game.contradictions().is_empty());
    // Scores that are not those of the goals put them in no order.
    let wrong = both(
        r#", "score1": 4294967295, "score2": 1"#,
        r#", "score1": 0, "score2": 1"#,
    );
    assert!(matches!(cause(wrong), MatchError::SameMinute { .. }));
    // Two of one team need none.
    let twice = r#", "score": [2, 0], "goals1": [{"minute": 9}, {"minute": 9}]"#;
    assert!(read(twice).is_ok());
}

#[test]
fn field_given_twice_is_refused() {
    let twice = read(r#", "score": [0, 1], "score": [1, 0], "goals1": [{"minute": 9}]"#);
    let refused = twice.expect_err("two scores").to_string();
    assert!(refused.contains("\"score\" is given twice"), "{refused}");
    let twice = read(r#", "score": [1, 0], "goals1": [{"minute": 9, "minute": 90}]"#);
    assert!(matches!(twice, Err(FeedError::NotJson(_))));
}

#[test]
fn own_goals_count_for_the_team_they_are_listed_under() {
    let game = read(
        r#", "score": [0, 1],
        "goals2": [{"name": "Ann", "minute": 9, "owngoal": true, "penalty": false}]"#,
    );
    let game = game.expect("a match");
    assert_eq!(game.score(), [0, 1]);
    assert_eq!(game.goals()[0].scorer, "Ann, own goal");
}

#[test]
fn window_takes_stoppage_time_with_its_minute() {
    let game = read(
        r#", "score": [2, 1], "goals1": [{"minute": 46}, {"minute": "45+3"}],
        "goals2": [{"minute": 45, "offset": 1}]"#,
    );
    let game = game.expect("a match");
    assert_eq!(minutes_of(&game), ["45+1", "45+3", "46"]);
    let count = |from, to| game.goals_in(Window { from, to }).count();
    assert_eq!((count(40, 45), count(45, 50), count(0, 44)), (2, 1, 0));
}

#[test]
fn control_characters_are_spelled_out_wherever_they_come_from() {
    let text = r#"{"matches": [{"team1": "Owls\u001b[2J\u202e", "team2": "Ha\u0007res\n",
        "round": "\u009b31m", "score": [1, 0], "status": "\u001bfinished",
        "goals1": [{"minute": 4, "name": "\u200fAnn"}]}]}"#;
    let refused = parse(text).expect_err("the status").to_string();
    let played = text.replace(r#""status": "\u001bfinished","#, "");
    let game = parse(&played).expect("a match");
    let scorer = &game.goals()[0].scorer;
    for shown in [refused, game.title(), scorer.clone()] {
        assert!(!shown.chars().any(crate::printable::is_hidden), "{shown:?}");
    }
    assert_eq!(game.teams, [r"Owls\u{1b}[2J\u{202e}", r"Ha\u{7}res"]);
}
