//! From a provider's key to a verified proof, as users call the commands, and what they refuse.

mod common;

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use common::{refusal, strobe};
use serde_json::{json, Value};
use tempfile::TempDir;

const FEED: &str = "7";
const T: u64 = 1_700_000_000_000;

/// Providers with their keys in a directory of their own. Proving keys are shared by all tests.
struct Desk {
    directory: TempDir,
    public_keys: Vec<Value>,
}

impl Desk {
    fn new(threshold: u64, providers: usize) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut desk = Self {
            directory,
            public_keys: Vec::new(),
        };
        for place in 0..providers {
            let key = desk.path(&format!("key-{place}.json"));
            let made = strobe(&["attest", "keygen", "--unencrypted", "--out", &key]).json();
            desk.public_keys.push(made["public_key"].clone());
        }
        desk.write_set(threshold, "provider");
        desk
    }

    fn write_set(&self, threshold: u64, name: &str) {
        let providers: Vec<_> = (0..)
            .zip(&self.public_keys)
            .map(|(place, key)| json!({"name": format!("{name} {place}"), "public_key": key}))
            .collect();
        self.write(
            "set.json",
            &json!({"threshold": threshold, "providers": providers}),
        );
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    fn write(&self, name: &str, contents: &Value) -> String {
        let path = self.path(name);
        fs::write(&path, contents.to_string()).expect("writable");
        path
    }

    fn read(&self, name: &str) -> Value {
        let text = fs::read_to_string(self.path(name)).expect("readable");
        serde_json::from_str(&text).expect("JSON")
    }

    /// A record that nothing is in: what a dishonest provider would sign by.
    fn new_record(&self) -> [String; 3] {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let place = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = self.path(&format!("{place}.record"));
        ["--new-record".into(), "--record".into(), path]
    }

    /// What a provider signs of a tick between `prev_at` and `observed_at`, whatever it signed before.
    fn tick(&self, provider: usize, prev_at: u64, observed_at: u64, value: i64) -> Value {
        let key = self.path(&format!("key-{provider}.json"));
        let (prev_at, observed_at) = (prev_at.to_string(), observed_at.to_string());
        let value = value.to_string();
        let what = ["--feed", FEED, "--value", &value, "--kind", "tick"];
        let when = ["--prev-at", &prev_at, "--observed-at", &observed_at];
        let base = ["attest", "sign", "--any-time", "--key", &key];
        let record = self.new_record();
        let record = record.each_ref().map(String::as_str);
        strobe(&[&base[..], &what, &when, &record].concat()).json()
    }

    fn good(&self, provider: usize, value: i64) -> Value {
        self.tick(provider, T - 10_000, T + 5, value)
    }

    fn prove_arguments(&self, attestations: &[Value], options: &[&str]) -> Vec<String> {
        let attestations = self.write("attestations.json", &attestations.into());
        let (set, out, at) = (self.path("set.json"), self.path("out"), T.to_string());
        let base = [
            "prove",
            "--providers",
            &set,
            "--attestations",
            &attestations,
        ];
        let more = ["--at", &at, "--out", &out, "--keys", keys()];
        let all = [&base[..], &more, options].concat();
        all.into_iter().map(str::to_owned).collect()
    }
}

fn keys() -> &'static str {
    concat!(env!("CARGO_TARGET_TMPDIR"), "/proving-keys")
}

/// Places and reasons of what was left out.
fn left_out(result: &Value) -> Vec<(u64, String)> {
    let list = result["left_out"].as_array().expect("a list").iter();
    let text = |one: &Value| one["why"].as_str().expect("a text").to_owned();
    list.map(|one| (one["attestation"].as_u64().expect("a place"), text(one)))
        .collect()
}

#[track_caller]
fn assert_says(message: &str, all: &[&str]) {
    for said in all {
        assert!(message.contains(said), "{said:?} is missing: {message}");
    }
}

/// Runs a command with a text on its standard input.
fn with_input(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_strobe"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input.as_bytes()).expect("writable");
    drop(stdin);
    let output = child.wait_with_output().expect("the command ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("an exit code");
    (code, text(output.stdout), text(output.stderr))
}

#[test]
fn prove_counts_the_good_attestations_and_lists_the_others() {
    let desk = Desk::new(3, 6);
    let stranger = Desk::new(1, 1);
    let mut unreadable = desk.good(5, -4);
    unreadable["value"] = json!(-4.5);
    let mut forged = desk.good(4, 9);
    forged["value"] = json!("-4");
    let attestations = [
        desk.tick(3, T, T + 5, -4),
        desk.good(0, -4),
        unreadable,
        desk.good(1, -4),
        desk.good(1, -4),
        stranger.good(0, -4),
        desk.good(2, -4),
        desk.good(3, 6),
        forged,
        desk.tick(5, 1, (T + 5) * 1_000, -4),
    ];
    let result = strobe(&desk.prove_arguments(&attestations, &[])).json();
    assert_eq!(result["statement"]["value"], "-4");
    let left_out = left_out(&result);
    let places: Vec<_> = left_out.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [0, 2, 4, 5, 7, 8, 9]);
    let reasons = [
        "wrong tick of provider \"provider 3\"",
        "value: invalid type: floating point `-4.5`",
        "\"provider 1\" already has an attestation",
        "not in the provider set",
        "its value is 6, proven is -4",
        "signature of provider \"provider 4\"",
        "microseconds",
    ];
    for ((_, why), reason) in left_out.iter().zip(reasons) {
        assert_says(why, &[reason]);
    }
    let out = desk.path("out");
    let verified = strobe(&["verify", &out, "--keys", keys(), "--value", "-4"]).json();
    assert_eq!(verified["valid"], true);
    assert_eq!(verified["circuit"], "quorum-3");
    assert_eq!(verified["development_keys"], true);
    for (option, other) in [
        ("--value", "-5"),
        ("--feed", "8"),
        ("--at", "1699999999999"),
    ] {
        let message = refusal(&["verify", &out, "--keys", keys(), option, other]);
        assert_says(&message, &["the proof is about", other]);
    }
}

#[test]
fn prove_without_a_quorum_says_what_was_left_out() {
    let desk = Desk::new(3, 3);
    let attestations = [desk.good(0, 1), desk.tick(1, T, T + 5, 1), desk.good(2, 1)];
    let message = refusal(&desk.prove_arguments(&attestations, &[]));
    assert_says(
        &message,
        &[
            "too few attestations: have 2 of value 1, need 3",
            "left out: attestation 1: wrong tick",
        ],
    );
    let message = refusal(&desk.prove_arguments(&[], &[]));
    assert_says(&message, &["no attestations in", "attestations.json"]);
    let message = refusal(&desk.prove_arguments(&[json!({"value": "1"})], &[]));
    assert_says(&message, &["left out: attestation 0", "missing field"]);
    let mut other = desk.good(1, 1);
    other["feed_id"] = "8".into();
    let both = [desk.good(0, 1), other];
    let message = refusal(&desk.prove_arguments(&both, &[]));
    assert_says(&message, &["feeds 7 and 8", "--feed"]);
    let message = refusal(&desk.prove_arguments(&both, &["--feed", FEED]));
    assert_says(&message, &["it is about feed 8, expected feed 7"]);
    let message = refusal(&desk.prove_arguments(&[desk.good(0, 1)], &["--value", "2"]));
    assert_says(&message, &["attestation 0: its value is 1, wanted is 2"]);
    assert!(!fs::exists(desk.path("out")).expect("readable"));
}

#[test]
fn prove_median_says_what_it_had_no_room_for() {
    let desk = Desk::new(2, 4);
    let attestations: Vec<_> = (0..4)
        .map(|place| desk.good(place, 10 * place as i64))
        .collect();
    let arguments = desk.prove_arguments(&attestations, &["--circuit", "median-3"]);
    let result = strobe(&arguments).json();
    assert_eq!(result["statement"]["value"], "10");
    assert_eq!(
        left_out(&result),
        [(3, "median-3 has no room for more".into())]
    );
    let arguments = [&arguments[..], &["--value".into(), "11".into()]].concat();
    assert_says(&refusal(&arguments), &["median", "is 10, expected 11"]);
}

#[test]
fn times_in_other_units_are_refused_without_a_flag() {
    let desk = Desk::new(1, 1);
    let key = desk.path("key-0.json");
    let event = [
        "attest", "sign", "--late", "--key", &key, "--feed", FEED, "--value", "1",
    ];
    let sign = |at: &str, options: &[&str]| {
        let when = ["--kind", "event", "--observed-at", at];
        let record = desk.new_record();
        let record = record.each_ref().map(String::as_str);
        strobe(&[&event[..], &when, options, &record].concat())
    };
    for (at, unit) in [
        ("1700000000", "seconds"),
        ("1700000000000000", "microseconds"),
        ("1700000000000000000", "nanoseconds"),
        ("4000000000000", "expected 1000000000000 to"),
    ] {
        let refused = sign(at, &[]);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
        assert_says(&refused.stderr, &["observed_at", at, unit, "--any-time"]);
        let signed = sign(at, &["--any-time"]).json();
        let file = desk.write("signed.json", &signed);
        let message = refusal(&["attest", "verify", &file]);
        assert_says(&message, &["attestation 0: observed_at", unit]);
        let verified = strobe(&["attest", "verify", &file, "--any-time"]).json();
        assert_eq!(verified["valid"], 1);
        let root = json!([{"feed_id": FEED, "at": at, "value": "1"}]);
        let root = desk.write("results.json", &root);
        assert_says(
            &refusal(&["attest", "root", &root]),
            &["result 0: at", unit],
        );
        assert_eq!(
            strobe(&["attest", "root", &root, "--any-time"]).json()["leaves"],
            1
        );
    }
    let old_tick = desk.tick(0, 1_699_999_990, T + 5, 1);
    let file = desk.write("signed.json", &old_tick);
    assert_says(
        &refusal(&["attest", "verify", &file]),
        &["prev_at", "seconds"],
    );

    let in_seconds = desk.tick(0, 1, 1_700_000_005, 1);
    let mut arguments = desk.prove_arguments(&[in_seconds], &[]);
    assert_says(&refusal(&arguments), &["no valid attestation", "seconds"]);
    let place = arguments
        .iter()
        .position(|one| one == "--at")
        .expect("given");
    arguments[place + 1] = "1700000000".into();
    assert_says(&refusal(&arguments), &["--at: 1700000000", "seconds"]);
    arguments.push("--any-time".into());
    assert_eq!(strobe(&arguments).json()["statement"]["at"], "1700000000");
}

#[test]
fn sign_asks_for_the_kind_of_feed() {
    let desk = Desk::new(1, 1);
    let key = desk.path("key-0.json");
    let at = T.to_string();
    let base = [
        "attest", "sign", "--late", "--key", &key, "--feed", FEED, "--value", "1",
    ];
    let sign = |options: &[&str]| {
        let record = desk.new_record();
        let record = record.each_ref().map(String::as_str);
        strobe(&[&base[..], &["--observed-at", &at], options, &record].concat())
    };
    for (options, said) in [
        (&[][..], "--kind"),
        (&["--kind", "tick", "--prev-at", "0"], "--prev-at"),
        (
            &["--kind", "event", "--prev-at", "1699999990000"],
            "--prev-at",
        ),
        (&["--kind", "event", "--prev-at", "0"], "--prev-at"),
        (&["--kind", "other"], "other"),
    ] {
        let refused = sign(options);
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (2, ""),
            "{options:?}"
        );
        assert_says(&refused.stderr, &[said]);
    }
    for kind in ["tick", "price"] {
        let refused = sign(&["--kind", kind]);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
        assert_says(
            &refused.stderr,
            &["prev_at", "first observation is missing"],
        );
    }
    assert_eq!(sign(&["--kind", "event"]).json()["prev_at"], "0");
    let price = sign(&["--kind", "price", "--prev-at", "1699999990000"]);
    assert_eq!(price.json()["prev_at"], "1699999990000");
    let backwards = sign(&["--kind", "tick", "--prev-at", &at]);
    assert_eq!(backwards.code, 1);
    assert_says(&backwards.stderr, &["is not after prev_at"]);
}

#[test]
fn errors_name_field_value_and_what_was_expected() {
    let desk = Desk::new(1, 1);
    let good = desk.good(0, 1);
    for (field, value, found) in [
        ("value", json!(1.0), "1.0"),
        ("value", json!("01"), "\"01\""),
        ("value", json!("+1"), "\"+1\""),
        ("value", Value::Null, "null"),
        ("observed_at", json!(1.5), "1.5"),
        ("observed_at", json!("01700000000005"), "\"01700000000005\""),
        ("prev_at", json!(-1), "-1"),
        ("prev_at", json!([1]), "sequence"),
        ("feed_id", json!(7), "`7`"),
        ("feed_id", json!("07"), "\"07\""),
        ("signature", json!("none"), "\"none\""),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        let file = desk.write("bad.json", &json!([good, bad]));
        let message = refusal(&["attest", "verify", &file]);
        assert_says(&message, &["bad.json: attestation 1", field, found]);
    }
    for (result, said) in [
        (json!({"feed_id": "7", "at": T, "value": 1.0}), "[0].value"),
        (json!({"feed_id": 7, "at": T, "value": 1}), "[0].feed_id"),
        (json!({"feed_id": "7", "at": "1e12", "value": 1}), "[0].at"),
        (json!({"feed_id": "7", "at": 0, "value": 1}), "at is 0"),
        (
            json!({"feed_id": "7", "at": T, "value": format!("root:{:064}", 1)}),
            "expected a number",
        ),
    ] {
        let file = desk.write("results.json", &json!([result]));
        assert_says(&refusal(&["attest", "root", &file]), &[said]);
    }
    let mut set = desk.read("set.json");
    set["providers"][0]["public_key"][1] = json!("1x");
    let file = desk.write("bad-set.json", &set);
    let message = refusal(&["providers", "root", &file]);
    assert_says(&message, &["1x", "decimal"]);
    let value = strobe(&["verify", "out", "--value", "+1"]);
    assert_eq!(value.code, 2);
}

#[test]
fn nothing_to_verify_is_no_success() {
    for (input, said) in [
        ("[]", "no attestations"),
        ("", "EOF"),
        ("[] []", "trailing characters"),
        ("{}", "attestation 0: missing field"),
    ] {
        let (code, stdout, stderr) = with_input(&["attest", "verify"], input);
        assert_eq!((code, stdout.as_str()), (1, ""), "{input}: {stderr}");
        assert_says(&stderr, &[said]);
    }
    let (code, ..) = with_input(&["attest", "root"], "[]");
    assert_eq!(code, 1);
    let desk = Desk::new(1, 1);
    let marked = format!("\u{feff}{}", desk.good(0, 1));
    assert_eq!(with_input(&["attest", "verify"], &marked).0, 0);
}

#[test]
fn verify_refuses_files_that_lie_about_their_key() {
    let desk = Desk::new(1, 1);
    strobe(&desk.prove_arguments(&[desk.good(0, 1)], &["--snarkjs"])).json();
    let (out, proof) = (desk.path("out"), desk.read("out/strobe-proof.json"));
    let key = desk.read("out/strobe-verifying-key.json");
    let changed = |file: &Value, field: &str, value: Value| {
        let mut file = file.clone();
        file[field] = value;
        file
    };
    let other_key = |field: &str, value: Value| {
        let path = desk.write("key.json", &changed(&key, field, value));
        refusal(&["verify", &out, "--verifying-key", &path, "--keys", keys()])
    };
    assert_says(
        &other_key("hash", "ff".repeat(32).into()),
        &["key.json", "hash ffff"],
    );
    assert_says(
        &other_key("circuit", "median-13".into()),
        &["median-13", "quorum-3"],
    );
    assert_says(
        &other_key("circuit", "median-99".into()),
        &["circuit", "median-99"],
    );
    assert_says(
        &other_key("development", false.into()),
        &["not for development"],
    );

    // A proof that names another statement, with its own key or with one in which it is repeated.
    let lie = changed(&proof, "circuit", "median-13".into());
    let lie = desk.write("lie.json", &lie);
    let honest_key = desk.path("out/strobe-verifying-key.json");
    let message = refusal(&["verify", &lie, "--verifying-key", &honest_key]);
    assert_says(&message, &["median-13", "quorum-3"]);
    let lying_key = changed(&key, "circuit", "median-13".into());
    let lying_key = desk.write("key.json", &lying_key);
    let both = ["verify", &lie, "--verifying-key", &lying_key, "--keys"];
    assert_says(
        &refusal(&[&both[..], &[keys()]].concat()),
        &["median-13", "quorum-3"],
    );
    // Whoever does not have the key is not told as a fact what it is of.
    let elsewhere = desk.path("no-keys");
    let verified = strobe(&[&both[..], &[&elsewhere]].concat()).json();
    assert_eq!(verified["circuit"], Value::Null);
    assert_eq!(verified["development_keys"], Value::Null);
    assert_eq!(verified["key_file_says"]["circuit"], "median-13");

    let other = changed(&proof, "public_input", "5".into());
    let other = desk.write("lie.json", &other);
    assert_says(
        &refusal(&["verify", &other, "--keys", keys()]),
        &["public input"],
    );
    let mut other = proof.clone();
    other["statement"]["at"] = "01700000000000".into();
    let other = desk.write("lie.json", &other);
    assert_says(
        &refusal(&["verify", &other, "--keys", keys()]),
        &["statement.at"],
    );
}

#[test]
fn verify_says_what_other_files_are() {
    let desk = Desk::new(1, 1);
    strobe(&desk.prove_arguments(&[desk.good(0, 1)], &["--snarkjs"])).json();
    let out = desk.path("out");
    for (file, said) in [
        ("out/proof.json", "snarkjs's proof.json"),
        ("out/public.json", "snarkjs's public.json"),
        (
            "out/verification_key.json",
            "snarkjs's verification_key.json",
        ),
        (
            "out/strobe-verifying-key.json",
            "a verifying key of `strobe prove`",
        ),
        ("attestations.json", "attestation"),
    ] {
        let message = refusal(&["verify", &desk.path(file), "--keys", keys()]);
        assert_says(&message, &[file, said]);
    }
    for (file, said) in [
        (
            "out/verification_key.json",
            "snarkjs's verification_key.json",
        ),
        ("out/strobe-proof.json", "a proof of `strobe prove`"),
    ] {
        let message = refusal(&["verify", &out, "--verifying-key", &desk.path(file)]);
        assert_says(
            &message,
            &[file, said, "expected strobe-verifying-key.json"],
        );
    }
}

#[test]
fn names_from_files_do_not_steer_the_terminal() {
    let desk = Desk::new(2, 2);
    desk.write_set(2, "\u{1b}[2J\u{202e}\u{9b}provider");
    let attestations = [desk.good(0, 1), desk.tick(1, T, T + 5, 1)];
    let message = refusal(&desk.prove_arguments(&attestations, &[]));
    assert_says(&message, &["provider 1", r"\u{202e}"]);
    desk.write_set(1, "\u{1b}[2J\u{202e}\u{9b}provider");
    let run = strobe(&desk.prove_arguments(&attestations, &[]));
    let result = run.json();
    assert_says(
        &left_out(&result)[0].1,
        &["\u{1b}[2J\u{202e}\u{9b}provider 1"],
    );
    for shown in [message, run.stdout] {
        let is_steering = |one: char| one != '\n' && (one.is_control() || one == '\u{202e}');
        assert!(!shown.contains(is_steering), "{shown:?}");
    }
}
