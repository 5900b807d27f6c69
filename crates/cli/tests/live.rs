//! What the commands that act on a cluster say when they cannot: a sentence, exit code 1, nothing half done.

mod common;
#[path = "../../client/tests/node/mod.rs"]
mod node;

use std::{fs, path::PathBuf};

use anchor_lang::{prelude::Pubkey, AccountSerialize};
use base64::{engine::general_purpose::STANDARD, Engine};
use common::{refusal, strobe, Run};
use node::{landed, result, Answer, Node};
use oracle::{Network, OracleConfig};
use serde_json::{json, Value};
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

/// A node of a cluster that is none of the public ones, on which nothing is.
fn empty_node() -> Node {
    let node = Node::start();
    node.answer("getGenesisHash", vec![Answer::Result(json!(other_hash()))]);
    node.answer("getAccountInfo", vec![result(Value::Null)]);
    let rent = Answer::Result(json!(1_461_600));
    node.answer("getMinimumBalanceForRentExemption", vec![rent]);
    node
}

fn other_hash() -> String {
    Pubkey::new_from_array([7; 32]).to_string()
}

fn account(owner: &Pubkey, data: &[u8], executable: bool) -> Answer {
    result(json!({
        "lamports": 1, "owner": owner.to_string(), "executable": executable,
        "rentEpoch": 0, "space": data.len(), "data": [STANDARD.encode(data), "base64"],
    }))
}

fn run(node: &Node, arguments: &[&str]) -> Run {
    let directory = tempfile::tempdir().expect("a directory");
    let key = key_file(&directory, &key(), 0o600);
    let mut all = arguments.to_vec();
    all.extend(["--cluster", &node.url, "--keypair", &key]);
    all.extend(
        ["--priority-fee", "0"]
            .iter()
            .filter(|_| arguments[0] == "token"),
    );
    strobe(&all)
}

/// Runs a command that is refused with a sentence in which `expected` is, and after which nothing was sent.
#[track_caller]
fn refuses(node: &Node, arguments: &[&str], expected: &str) {
    let run = run(node, arguments);
    assert_eq!(run.code, 1, "it said {}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    assert_eq!(run.stderr.trim_end().lines().count(), 1, "{}", run.stderr);
    assert_eq!(node.transactions(), Vec::<String>::new());
}

/// A command that sends a transaction and reads little before.
const SENDS: [&str; 2] = ["token", "create"];

#[test]
fn node_that_has_enough_of_us_is_named() {
    let node = empty_node();
    node.answer("getAccountInfo", vec![Answer::Status(429)]);
    refuses(
        &node,
        &SENDS,
        "gets too many requests (429); wait, or use another RPC node",
    );
    node.answer("getAccountInfo", vec![Answer::Nothing]);
    refuses(&node, &SENDS, "does not answer: ");
}

#[test]
fn address_of_another_cluster_is_said_to_be_nothing_here() {
    let market = Pubkey::new_unique().to_string();
    let expected = format!("there is no FlashMarket at {market}");
    refuses(&empty_node(), &["market", "show", &market], &expected);
}

#[test]
fn cluster_on_which_the_programs_are_not_is_told() {
    let expected = "where this copy declares its oracle: deploy it";
    refuses(&empty_node(), &["admin", "show"], expected);
}

#[test]
fn something_else_at_the_program_s_address_is_not_ours() {
    let node = empty_node();
    let stranger = Pubkey::new_unique();
    node.answer("getAccountInfo", vec![account(&stranger, &[], false)]);
    let expected = format!("is an account of {stranger}, expected a program");
    refuses(&node, &["admin", "show"], &expected);
}

#[test]
fn deployment_for_another_network_is_not_used() {
    let node = empty_node();
    let config = OracleConfig {
        version: 1,
        bump: 255,
        network: Network::Devnet,
        admin: Pubkey::default(),
        pending_admin: Pubkey::default(),
        pending_admin_from: 0,
        guardian: bytemuck::Zeroable::zeroed(),
        timelock_seconds: 0,
        retention_seconds: 0,
        domain: [0; 32],
        sequence: 0,
        reserved: [0; 128],
    };
    let mut data = Vec::new();
    config.try_serialize(&mut data).expect("bytes");
    let accounts = [
        account(&Pubkey::default(), &[], true),
        account(&oracle::ID, &data, false),
    ];
    node.answer("getAccountInfo", accounts.to_vec());
    refuses(
        &node,
        &["admin", "show"],
        "says that it is on Devnet, but the cluster is Localnet",
    );
}

#[test]
fn account_of_another_version_is_said_to_be_one() {
    let node = empty_node();
    let mut data =
        <flash_bets::state::FlashMarket as anchor_lang::Discriminator>::DISCRIMINATOR.to_vec();
    data.extend([0; 9]);
    node.answer(
        "getAccountInfo",
        vec![account(&flash_bets::ID, &data, false)],
    );
    let market = Pubkey::new_unique().to_string();
    let expected = "the program on this cluster is of another version than this client";
    refuses(&node, &["market", "show", &market], expected);
    let other = account(&Pubkey::new_unique(), &data, false);
    node.answer("getAccountInfo", vec![other]);
    refuses(&node, &["market", "show", &market], "account is owned by ");
}

#[test]
fn key_without_sol_is_told_so() {
    let node = empty_node();
    let simulated = json!({ "err": "AccountNotFound", "logs": [] });
    node.answer("simulateTransaction", vec![result(simulated)]);
    refuses(&node, &SENDS, "pays the fee and has no SOL on this cluster");
}

#[test]
fn expired_blockhash_is_told_once_nothing_can_land() {
    let node = empty_node();
    node.answer("getBlockHeight", vec![Answer::Result(json!(1_000))]);
    node.answer("getSignatureStatuses", vec![result(json!([null]))]);
    let run = run(&node, &SENDS);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    let expected = "was not taken before its blockhash expired: it had no effect";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
}

#[test]
fn confirmation_that_was_lost_is_found_and_nothing_is_sent_twice() {
    let node = empty_node();
    node.answer("sendTransaction", vec![Answer::Nothing]);
    let silence = vec![Answer::Status(503); 2];
    let then_landed = vec![result(json!([landed()]))];
    node.answer("getSignatureStatuses", [silence, then_landed].concat());
    let run = run(&node, &SENDS);
    assert!(run.json()["signature"].is_string());
    assert_eq!(node.transactions().len(), 1);
}

/// One suspension, or one forger, would take the result of a market and its correction.
#[test]
fn arbiters_have_the_market_s_own_key_only_where_that_is_meant() {
    let mint = Pubkey::new_unique().to_string();
    let create = |more: &[&'static str]| {
        let mut all = vec!["standard", "create", &mint, "--feed", "7"];
        all.extend(more);
        run(&empty_node(), &all).stderr
    };
    let expected = "name another with --arbiter-key-version or --arbiter-circuit";
    for same in [
        &[][..],
        &["--arbiter-key-version", "0"],
        &["--arbiter-circuit", "quorum-3"],
        &["--key-version", "2"],
        &["--key-version", "2", "--arbiter-key-version", "2"],
    ] {
        let said = create(same);
        assert!(said.contains(expected), "{same:?}: {said}");
    }
    // What comes next is that the mint is not there.
    for other in [
        &["--one-key-for-both"][..],
        &["--arbiter-key-version", "1"],
        &["--arbiter-circuit", "quorum-6"],
    ] {
        let said = create(other);
        assert!(said.contains(&mint), "{other:?}: {said}");
    }
}
