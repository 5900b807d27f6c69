//! Which match is meant.

use super::*;

/// Goalless matches: round, date, teams.
fn feed(matches: &[[&str; 4]]) -> String {
    let matches: Vec<_> = matches
        .iter()
        .map(|[round, date, first, second]| {
            serde_json::json!({
                "round": round, "date": date, "team1": first, "team2": second,
                "score": [0, 0], "group": "Group C", "ground": "Old Park",
            })
        })
        .collect();
    serde_json::json!({ "matches": matches }).to_string()
}

#[track_caller]
fn chosen(text: &str, wanted: &str) -> String {
    let game = find(text, wanted).unwrap_or_else(|error| panic!("{wanted}: {error}"));
    format!("{} - {}, {}", game.teams[0], game.teams[1], game.occasion)
}

#[track_caller]
fn several(text: &str, wanted: &str) -> Vec<String> {
    match find(text, wanted) {
        Err(FeedError::SeveralMatches { candidates }) => candidates,
        other => panic!("{wanted}: {other:?}"),
    }
}

#[test]
fn date_is_one_word() {
    let text = feed(&[
        ["Round of 8", "2029-08-05", "Owls", "Hares"],
        ["Semi-finals", "2029-08-08", "Owls", "Foxes"],
        ["Final", "2029-09-08", "Owls", "Moles"],
    ]);
    assert!(chosen(&text, "owls 2029-08-08").contains("Foxes"));
    assert!(chosen(&text, "2029-08-08").contains("Foxes"));
    assert!(chosen(&text, "2029-09").contains("Moles"));
    assert_eq!(several(&text, "2029-08").len(), 2);
    assert!(matches!(
        find(&text, "08-08"),
        Err(FeedError::NoSuchMatch { .. })
    ));
}

#[test]
fn exact_description_comes_before_words_and_words_before_beginnings() {
    let text = feed(&[
        ["Matchday 1", "2029-03-04", "Lynx II", "Otter II"],
        ["Matchday 1", "2029-03-04", "Lynx", "Otter"],
        ["Semi-final", "2029-04-01", "Lynxes", "Otter"],
        ["Final", "2029-04-04", "Lynxes", "Heron"],
    ]);
    assert!(chosen(&text, "lynx otter").starts_with("Lynx - Otter"));
    assert!(chosen(&text, "Lynx - Otter (Matchday 1, 2029-03-04)").starts_with("Lynx - Otter"));
    assert!(chosen(&text, "lynx ii").starts_with("Lynx II"));
    assert!(chosen(&text, "lynx ii otter ii 2029-03-04").starts_with("Lynx II"));
    assert!(chosen(&text, "FINAL").contains("Heron"));
    assert!(chosen(&text, "semi").contains("Lynxes - Otter"));
    assert!(chosen(&text, "lynxes her").contains("Heron"));
    assert_eq!(several(&text, "otter").len(), 2);
    assert_eq!(several(&text, "old park").len(), 4);
    assert_eq!(several(&text, "").len(), 4);
}

#[test]
fn order_of_the_teams_counts() {
    let text = feed(&[
        ["Semi-finals", "2029-05-05", "Owls FC (OWL)", "Hares (HAR)"],
        ["Semi-finals", "2029-05-12", "Hares (HAR)", "Owls FC (OWL)"],
        ["Final", "2029-05-20", "Hares (HAR)", "Foxes (FOX)"],
    ]);
    assert!(chosen(&text, "owls hares").contains("2029-05-05"));
    assert!(chosen(&text, "hares owls").contains("2029-05-12"));
    assert!(chosen(&text, "har - owl").contains("2029-05-12"));
    assert!(chosen(&text, "semi-finals 2029-05-12").contains("Hares (HAR) - Owls"));
    let legs = several(&text, "semi-finals");
    assert_eq!(
        legs,
        [
            "#1 Owls FC (OWL) - Hares (HAR) (Semi-finals, 2029-05-05)",
            "#2 Hares (HAR) - Owls FC (OWL) (Semi-finals, 2029-05-12)",
        ]
    );
    match find(&text, "foxes hares") {
        Err(FeedError::OtherOrder { candidates, .. }) => assert_eq!(candidates.len(), 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_that_two_teams_share_are_told_apart_by_order() {
    let text = feed(&[
        ["Matchday 1", "2029-03-04", "Real Owls", "Real Hares"],
        ["Matchday 2", "2029-03-11", "Real Hares", "Real Owls"],
    ]);
    assert!(chosen(&text, "owls hares").contains("Matchday 1"));
    assert!(chosen(&text, "real hares real owls").contains("Matchday 2"));
    assert_eq!(several(&text, "real").len(), 2);
}

#[test]
fn same_teams_twice_are_told_apart_by_date_or_number() {
    let text = feed(&[
        ["Play-off", "2029-03-04", "Owls", "Hares"],
        ["Play-off", "2029-03-04", "Owls", "Hares"],
        ["Play-off", "2029-03-11", "Owls", "Hares"],
    ]);
    assert_eq!(several(&text, "owls hares").len(), 3);
    assert!(chosen(&text, "owls hares 2029-03-11").contains("03-11"));
    assert_eq!(several(&text, "2029-03-04").len(), 2);
    assert!(chosen(&text, "#2").contains("03-04"));
    for number in ["#0", "#4", "#x", "#", "--"] {
        assert!(
            matches!(find(&text, number), Err(FeedError::NoSuchMatch { .. })),
            "{number}"
        );
    }
}

#[test]
fn accents_may_be_left_out() {
    let text = feed(&[
        ["Round 1", "2029-03-04", "Łódź Øst", "Peñaße"],
        ["Round 1", "2029-03-04", "E\u{301}toile", "Ærøskøbing"],
    ]);
    assert!(chosen(&text, "lodz ost penasse").starts_with("Łódź"));
    assert!(chosen(&text, "ŁÓDŹ").starts_with("Łódź"));
    assert!(chosen(&text, "étoile aeroskobing").contains("Ærøskøbing"));
    assert!(chosen(&text, "Etoile").contains("Ærøskøbing"));
}

#[test]
fn unknown_match_is_told_what_there_is() {
    let text = feed(&[["Final", "2029-03-04", "Owls", "Hares"]]);
    let refused = find(&text, "crows").expect_err("none").to_string();
    assert!(
        refused.contains("\"crows\"") && refused.contains("#1 Owls - Hares (Final, 2029-03-04)"),
        "{refused}"
    );
    let own = r#"{"format": "strobe-match/1", "competition": "Shield", "date": "2029-03-04",
        "team1": "Owls", "team2": "Hares", "minutes": 90, "score": [0, 0], "goals": []}"#;
    assert!(find(own, "owls 2029-03-04").is_ok());
    assert!(matches!(
        find(own, "crows"),
        Err(FeedError::NoSuchMatch { .. })
    ));
}
