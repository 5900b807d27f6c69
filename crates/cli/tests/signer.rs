//! A provider that signs with the command: its passphrase, its record, its clock.

mod common;

use std::{
    fs::{self, OpenOptions},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use common::{refusal, strobe, Run};
use tempfile::TempDir;

const T: &str = "1700000000000";

struct Provider {
    directory: TempDir,
}

impl Provider {
    /// With a key that is encrypted under the passphrase in the file `passphrase`.
    fn new() -> Self {
        let provider = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        provider.write_secret("passphrase", "correct horse battery\n");
        let made = strobe(&[
            "attest",
            "keygen",
            "--out",
            &provider.path("key.json"),
            "--passphrase-file",
            &provider.path("passphrase"),
        ])
        .json();
        assert_eq!(made["encrypted"], true);
        provider
    }

    fn unencrypted() -> Self {
        let provider = Self {
            directory: tempfile::tempdir().expect("a temporary directory"),
        };
        let out = provider.path("key.json");
        let made = strobe(&["attest", "keygen", "--unencrypted", "--out", &out]).json();
        assert_eq!(made["encrypted"], false);
        provider
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    fn write_secret(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("writable");
        self.set_mode(name, 0o600);
    }

    fn set_mode(&self, name: &str, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(self.path(name), mode).expect("a mode");
        }
    }

    /// Arguments to sign the value of an event.
    fn arguments(&self, value: &str, options: &[&str]) -> Vec<String> {
        let key = self.path("key.json");
        let base = ["attest", "sign", "--key", &key, "--kind", "event"];
        let what = ["--feed", "7", "--observed-at", T, "--value", value];
        let all = [&base[..], &what, &["--late"], options].concat();
        all.into_iter().map(str::to_owned).collect()
    }

    fn sign(&self, value: &str, options: &[&str]) -> Run {
        strobe(&self.arguments(value, options))
    }

    fn refusal(&self, value: &str, options: &[&str]) -> String {
        refusal(&self.arguments(value, options))
    }
}

#[test]
fn an_encrypted_key_signs_for_mainnet_with_its_passphrase_only() {
    let provider = Provider::new();
    let file = fs::read_to_string(provider.path("key.json")).expect("readable");
    assert!(file.contains("sealed_secret_key") && !file.contains("unencrypted"));
    let passphrase = provider.path("passphrase");
    let given = ["--network", "mainnet", "--passphrase-file", &passphrase];
    let signed = provider.sign("1", &given).json();
    provider.set_mode("passphrase", 0o644);
    assert!(provider.refusal("1", &given).contains("expected 600"));

    provider.write_secret("passphrase", "wrong horse battery");
    assert!(provider
        .refusal("1", &given)
        .contains("passphrase is wrong"));
    provider.write_secret("passphrase", "");
    assert!(provider
        .refusal("1", &given)
        .contains("passphrase is wrong"));

    let variable = ["--network", "mainnet", "--passphrase-env", "PROVIDER_PASS"];
    let unset = provider.refusal("1", &variable);
    assert!(unset.contains("PROVIDER_PASS has no passphrase"), "{unset}");
    let output = Command::new(env!("CARGO_BIN_EXE_strobe"))
        .args(provider.arguments("1", &variable))
        .env("PROVIDER_PASS", "correct horse battery")
        .output()
        .expect("the command starts");
    let again: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(again, signed);
}

#[test]
fn what_was_observed_long_ago_is_signed_only_if_it_is_said() {
    let provider = Provider::unencrypted();
    let mut arguments = provider.arguments("1", &[]);
    arguments.retain(|argument| argument != "--late");
    let said = refusal(&arguments);
    assert!(
        said.contains("more than 3600000 ms after observed_at"),
        "{said}"
    );
    arguments.push("--late".to_owned());
    strobe(&arguments).json();
}

#[test]
fn a_changed_or_open_key_file_is_refused() {
    let provider = Provider::new();
    let passphrase = provider.path("passphrase");
    let given = ["--passphrase-file", &passphrase];
    let good = fs::read_to_string(provider.path("key.json")).expect("readable");
    let json: serde_json::Value = serde_json::from_str(&good).expect("JSON");

    let mut costly = json.clone();
    costly["sealed_secret_key"]["log_cost"] = 40.into();
    let mut cheap = json.clone();
    cheap["sealed_secret_key"]["log_cost"] = 4.into();
    let mut other_key = json.clone();
    let other = Provider::unencrypted();
    let other = fs::read_to_string(other.path("key.json")).expect("readable");
    let other: serde_json::Value = serde_json::from_str(&other).expect("JSON");
    other_key["public_key"] = other["public_key"].clone();
    let mut both = json;
    both["unencrypted_secret_key"] = other["unencrypted_secret_key"].clone();
    for (bad, said) in [
        (costly, "cost of 2^40"),
        (cheap, "the file was changed"),
        (other_key, "the file was changed"),
        (both, "expected one"),
    ] {
        fs::write(provider.path("key.json"), bad.to_string()).expect("writable");
        let message = provider.refusal("1", &given);
        assert!(message.contains(said), "{message}");
    }
    fs::write(provider.path("key.json"), good).expect("writable");
    provider.set_mode("key.json", 0o640);
    let open = provider.refusal("1", &given);
    assert!(open.contains("key.json has mode 640"), "{open}");
}

#[test]
fn short_passphrases_make_no_key() {
    let provider = Provider::unencrypted();
    provider.write_secret("short", "elevenchars\n");
    let (out, short) = (provider.path("new.json"), provider.path("short"));
    let made = [
        "attest",
        "keygen",
        "--out",
        &out,
        "--passphrase-file",
        &short,
    ];
    assert!(refusal(&made).contains("has 11 characters, expected at least 12"));
    assert!(!fs::exists(out).expect("a folder"));
}

#[test]
fn an_unencrypted_key_signs_for_tests_only() {
    let provider = Provider::unencrypted();
    for options in [&["--network", "mainnet"][..], &["--domain", "5"]] {
        let message = provider.refusal("1", options);
        assert!(message.contains("is not encrypted"), "{message}");
    }
    for network in ["devnet", "localnet"] {
        assert_eq!(provider.sign("1", &["--network", network]).code, 0);
    }
    let encrypted = Provider::new();
    let passphrase = encrypted.path("passphrase");
    let given = [
        "--any-time",
        "--network",
        "mainnet",
        "--passphrase-file",
        &passphrase,
    ];
    let message = encrypted.refusal("1", &given);
    assert!(message.contains("--any-time is for"), "{message}");
}

#[test]
fn what_was_recorded_but_never_told_is_signed_again_and_nothing_else() {
    let provider = Provider::unencrypted();
    // Standard output is full, so the command dies between record and output.
    let full = OpenOptions::new().write(true).open("/dev/full");
    let died = Command::new(env!("CARGO_BIN_EXE_strobe"))
        .args(provider.arguments("1", &[]))
        .stdout(Stdio::from(full.expect("a device that is full")))
        .output()
        .expect("the command starts");
    assert!(!died.status.success());
    let record = fs::read(provider.path("key.json.record")).expect("readable");

    let message = provider.refusal("2", &[]);
    assert!(
        message.contains("the value 1 is signed, and 2 is not"),
        "{message}"
    );
    assert_eq!(provider.sign("1", &[]).json()["value"], "1");
    assert_eq!(provider.sign("1", &[]).json()["value"], "1");
    let after = fs::read(provider.path("key.json.record")).expect("readable");
    assert_eq!(record, after, "what is signed again is not recorded again");
}

#[test]
fn of_many_processes_that_sign_different_values_one_wins() {
    let provider = Provider::unencrypted();
    let signed: Vec<String> = thread::scope(|scope| {
        let runs: Vec<_> = (0..6)
            .map(|value| {
                let arguments = provider.arguments(&value.to_string(), &[]);
                scope.spawn(move || strobe(&arguments))
            })
            .collect();
        let runs = runs.into_iter().map(|run| run.join().expect("it ends"));
        runs.filter(|run| run.code == 0)
            .map(|run| run.json()["value"].to_string())
            .collect()
    });
    assert_eq!(signed.len(), 1, "{signed:?}");
}

#[test]
fn a_missing_record_is_not_begun_unasked() {
    let provider = Provider::unencrypted();
    assert_eq!(provider.sign("1", &[]).code, 0);
    let record = provider.path("key.json.record");
    let kept = fs::read(&record).expect("readable");
    fs::remove_file(&record).expect("removable");
    let message = provider.refusal("2", &[]);
    assert!(
        message.contains("no record of what the key signed"),
        "{message}"
    );
    fs::write(&record, kept).expect("writable");
    let message = provider.refusal("2", &["--new-record"]);
    assert!(message.contains("is not begun anew"), "{message}");
}
