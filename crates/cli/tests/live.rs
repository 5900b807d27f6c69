//! What the commands that act on a cluster say when they cannot.

mod common;

use std::{fs, path::PathBuf};

use common::{refusal, strobe};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;

/// An address where nothing listens.
const NOBODY: &str = "http://127.0.0.1:1";

fn key_file(directory: &TempDir, contents: &str, mode: u32) -> String {
    let path: PathBuf = directory.path().join("key.json");
    fs::write(&path, contents).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
    }
    path.to_str().expect("UTF-8").to_owned()
}

fn key() -> String {
    format!("{:?}", Keypair::new().to_bytes())
}

#[test]
fn node_that_does_not_answer_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let key = key_file(&directory, &key(), 0o600);
    let error = refusal(&["market", "list", "--cluster", NOBODY, "--keypair", &key]);
    assert!(
        error.contains(&format!("{NOBODY} does not answer: ")),
        "{error}"
    );
}

#[test]
fn key_that_others_may_read_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let key = key_file(&directory, &key(), 0o644);
    let error = refusal(&["market", "list", "--cluster", NOBODY, "--keypair", &key]);
    assert!(error.contains("has mode 644, expected 600"), "{error}");
}

#[test]
fn file_that_is_no_key_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let key = key_file(&directory, "[1, 2, 3]", 0o600);
    let error = refusal(&["market", "list", "--cluster", NOBODY, "--keypair", &key]);
    assert!(error.contains("is no key: expected 64 numbers"), "{error}");
}

#[test]
fn cluster_that_is_none_is_wrong_usage() {
    let run = strobe(&["market", "list", "--cluster", "localnt"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("expected localnet, devnet, mainnet or a URL"),
        "{}",
        run.stderr
    );
}

#[test]
fn bet_of_what_is_no_amount_is_wrong_usage() {
    let market = Keypair::new().pubkey().to_string();
    let run = strobe(&["bet", &market, "0", "1e9"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("is no amount of tokens"),
        "{}",
        run.stderr
    );
}
