//! The `simulate` command's refusals; what it simulates is tested where it is.

mod common;

use common::{refusal, strobe};

fn simulate(closes: &std::path::Path) -> Vec<String> {
    let path = closes.display().to_string();
    ["simulate", "leverage", "--closes", &path]
        .map(String::from)
        .to_vec()
}

#[test]
fn simulate_leverage_refusals_say_what_was_expected() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("closes.csv");
    let missing = refusal(&simulate(&file));
    assert!(missing.starts_with("error: --closes: "), "{missing}");
    std::fs::write(&file, "time,close\n2023-03-10T00:00Z,-1\n").expect("a file");
    assert_eq!(
        refusal(&simulate(&file)),
        "error: --closes: line 2: \"2023-03-10T00:00Z,-1\" is no time and close, such as 2023-03-10T00:00Z,20371.04\n"
    );
    std::fs::write(&file, "time,close\n2023-03-10T00:00Z,1\n").expect("a file");
    assert_eq!(
        refusal(&simulate(&file)),
        "error: --closes: 1 closes are fewer than the 61 that the market takes\n"
    );
    let matches = |text: &str| {
        let file = folder.path().join("matches.json");
        std::fs::write(&file, text).expect("a file");
        let arguments = [
            "simulate",
            "leverage",
            "--matches",
            &file.display().to_string(),
        ];
        refusal(&arguments.map(String::from))
    };
    let unknown = matches("{}");
    assert!(
        unknown.starts_with("error: --matches: unknown feed format"),
        "{unknown}"
    );
    let empty = matches(r#"{"matches":[]}"#);
    assert_eq!(empty, "error: --matches: feed has no matches\n");
    let unfinished = matches(r#"{"matches":[{"team1":"A","team2":"B","goals1":[],"goals2":[]}]}"#);
    assert!(
        unfinished.starts_with("error: --matches: A - B"),
        "{unfinished}"
    );
    let none = strobe(&["simulate", "leverage", "--paths", "0"]);
    assert_eq!(none.code, 2);
    let slow = strobe(&["simulate", "leverage", "--answer-slots", "1000001"]);
    assert_eq!(slow.code, 2);
}
