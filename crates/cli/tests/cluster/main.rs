//! Every command that acts, on an embedded chain behind an RPC node, and on a real validator: a flash market
//! from its creation to the last paid ticket, a standard market through dispute and arbitration, and
//! governance with its timelock.
//!
//! The validator is a `solana-test-validator` on the PATH, or one that STROBE_VALIDATOR names, with the
//! bytecode for clusters or tests; without them the test says what it skipped.

mod batch;
mod chains;
#[path = "../common/mod.rs"]
mod common;
mod embedded;
mod flash;
mod governance;
mod loans;
#[path = "../../../client/tests/node/mod.rs"]
mod node;
mod orders;
mod quantum;
mod standard;
mod validator;

use std::{
    fs,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use serde_json::Value;
use validator::Cluster;

#[test]
fn commands_act_on_an_embedded_chain() {
    let cluster = Cluster::embedded();
    commands_act(&cluster);
    // Until the pauses are over.
    cluster.skip(validator::TIMELOCK_SECONDS);
    standard::undisputed_result_is_final(&cluster);
    flash::notices_pass(&cluster);
    batch::sealed_orders_cross(&cluster);
}

#[test]
fn chains_live_on_an_embedded_chain() {
    chains::chains_live(&Cluster::embedded());
}

#[test]
fn long_chain_lives_on_an_embedded_chain() {
    chains::long_chain_lives(&Cluster::embedded());
}

#[test]
fn suspended_providers_are_followed_by_arbiters_on_an_embedded_chain() {
    standard::suspended_result_is_the_arbiters(&Cluster::embedded());
}

#[test]
fn orders_live_on_an_embedded_chain() {
    orders::orders_live(&Cluster::embedded());
}

#[test]
fn quantum_group_lives_on_an_embedded_chain() {
    quantum::group_lives(&Cluster::embedded());
}

#[test]
fn loans_live_on_an_embedded_chain() {
    loans::loans_live(&Cluster::embedded());
}

#[test]
fn commands_act_on_a_validator() {
    if let Some(cluster) = Cluster::on_a_validator() {
        commands_act(&cluster);
    }
}

/// Half a minute of the chain for each goal, in a moment of ours.
#[test]
fn demo_plays_on_a_cluster() {
    let cluster = Cluster::embedded();
    let out = cluster.path("played.json");
    let mut demo = Command::new(env!("CARGO_BIN_EXE_strobe"))
        .args([
            "demo",
            "--cluster",
            &cluster.url,
            "--home",
            &cluster.path(""),
        ])
        .args(["--json", &out])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("it plays");
    let status = loop {
        match demo.try_wait().expect("a status") {
            Some(status) => break status,
            None => cluster.skip(1),
        }
        sleep(Duration::from_millis(500));
    };
    assert!(status.success());
    let played = fs::read_to_string(out).expect("a result");
    let played: Value = serde_json::from_str(&played).expect("JSON");
    let winners = [0, 1].map(|goal| &played["markets"][goal]["winner"]);
    assert_eq!(winners, ["Argentina", "Argentina"]);
    let paid = played["markets"][0]["paid"].as_str().expect("an amount");
    assert!(paid.parse::<f64>().expect("a number") > 50.0, "{paid}");
}

fn commands_act(cluster: &Cluster) {
    let disputed = standard::Disputed::open(cluster);
    flash::market_lives(cluster);
    disputed.propose(cluster);
    governance::waits_for_the_timelock(cluster);
    disputed.end(cluster);
}
