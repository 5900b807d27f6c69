//! Every file that the command reads, damaged at random: it says what is wrong, and never panics.

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
};

use common::strobe;
use demo::feed::{Match, Reading};
use serde_json::{json, Value};
use tempfile::TempDir;

/// What a command says that panicked.
const PANICKED: i32 = 101;

struct Folder {
    directory: TempDir,
}

impl Folder {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { directory }
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    fn write(&self, name: &str, contents: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, contents).expect("writable");
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(&path, mode).expect("a mode");
        path
    }

    /// Runs a command on damaged copies of a file of the folder; `options` name the file as any other.
    fn search(&self, name: &str, options: &[&str]) {
        let path = self.path(name);
        let good = fs::read(&path).expect("the file is there");
        let search = format!("strobe {} on {name}", options[..2].join(" "));
        fuzzing::search(&search, &[good], |bytes| {
            self.write(name, bytes);
            let run = strobe(options);
            let is_said = run.code == 0 || !run.stderr.is_empty();
            assert!(run.code != PANICKED && is_said, "{}", run.stderr);
        });
    }
}

/// A set of two, what they signed, and their keys.
fn providers() -> Folder {
    let folder = Folder::new();
    let mut signed = Vec::new();
    let mut members = Vec::new();
    for number in 0..2 {
        let key = folder.path(&format!("{number}.json"));
        let made = strobe(&["attest", "keygen", "--unencrypted", "--out", &key]).json();
        members.push(json!({ "name": number.to_string(), "public_key": made["public_key"] }));
        let what = [
            "--feed",
            "7",
            "--value",
            "-3",
            "--observed-at",
            "1700000000000",
        ];
        let sign = ["attest", "sign", "--key", &key, "--kind", "event"];
        signed.push(strobe(&[&sign[..], &what].concat()).json());
    }
    let set = json!({ "threshold": 2, "providers": members });
    folder.write("set.json", set.to_string().as_bytes());
    folder.write("signed.json", Value::from(signed).to_string().as_bytes());
    folder
}

#[test]
fn files_of_providers() {
    let searches: [fn(&Folder); 5] = [
        |folder| {
            folder.search("set.json", &["providers", "root", &folder.path("set.json")]);
        },
        |folder| {
            folder.search(
                "signed.json",
                &["attest", "verify", &folder.path("signed.json")],
            );
        },
        |folder| {
            let key = folder.path("0.json");
            let what = [
                "--feed",
                "8",
                "--value",
                "1",
                "--observed-at",
                "1700000000000",
            ];
            let sign = ["attest", "sign", "--key", &key, "--kind", "event"];
            folder.search("0.json", &[&sign[..], &what].concat());
        },
        |folder| {
            let key = folder.path("0.json");
            let what = [
                "--feed",
                "7",
                "--value",
                "-3",
                "--observed-at",
                "1700000000000",
            ];
            let sign = ["attest", "sign", "--key", &key, "--kind", "event"];
            folder.search("0.json.record", &[&sign[..], &what].concat());
        },
        |folder| {
            let (set, signed) = (folder.path("set.json"), folder.path("signed.json"));
            let wtns = folder.path("wtns");
            let of = [
                "--providers",
                &set,
                "--attestations",
                &signed,
                "--at",
                "1700000000000",
            ];
            let base = ["circuit", "witness", "quorum-3", "--wtns", &wtns];
            folder.search("signed.json", &[&base[..], &of].concat());
        },
    ];
    thread::scope(|scope| {
        for search in searches {
            scope.spawn(move || search(&providers()));
        }
    });
}

#[test]
fn other_files() {
    let folder = Folder::new();
    let results = json!([
        { "feed_id": "1", "at": "1700000000000", "value": "5" },
        { "feed_id": "2", "at": 1_700_000_000_000u64, "value": -5 },
    ]);
    let results = folder.write("results.json", results.to_string().as_bytes());
    let roles = json!({ "deployer": "deployer.json", "providers": [], "arbiters": [] });
    let roles = folder.write("roles.json", roles.to_string().as_bytes());
    let zkey = folder.write("final.zkey", b"zkey\x01\0\0\0\0\0\0\0");
    let ceremony = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/transcript.json");
    let transcript = folder.write("transcript.json", &fs::read(ceremony).expect("the corpus"));
    folder.search("results.json", &["attest", "root", &results]);
    folder.search("roles.json", &["keys", "check", "--roles", &roles]);
    let verify = [
        "key",
        "verify",
        "quorum-3",
        "--zkey",
        &zkey,
        "--transcript",
        &transcript,
    ];
    folder.search("transcript.json", &verify);
    folder.search("final.zkey", &verify);
}

#[test]
fn feeds_of_matches() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/feeds");
    let mut feeds = fuzzing::corpus(&folder);
    feeds.extend(fuzzing::corpus(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/feeds"),
    ));
    let here = Folder::new();
    let path = PathBuf::from(here.path("feed.json"));
    let (mut taken, mut tried) = (0, 0);
    fuzzing::search("feeds of matches", &feeds, |bytes| {
        fs::write(&path, bytes).expect("writable");
        tried += 1;
        let Ok(read) = Match::load(Some(&path), Reading::default()) else {
            return;
        };
        taken += 1;
        assert!([90, 120].contains(&read.minutes));
        assert!(read.goals().is_sorted_by_key(|goal| goal.at));
        let score = read.score();
        assert_eq!(score[0] + score[1], read.goals().len() as u32);
    });
    println!("{taken} of {tried} taken");
}
