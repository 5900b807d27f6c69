//! Every search of readers for some seconds. Those of programs are among the end-to-end tests.

use strobe_fuzz::Target;

fn search(make: fn() -> Target) {
    make().search();
}

#[test]
fn price_ticks() {
    search(strobe_fuzz::price_ticks);
}

#[cfg(feature = "chain")]
#[test]
fn node_answers() {
    search(strobe_fuzz::node_answers);
}

#[test]
fn attestations() {
    search(strobe_fuzz::attestations);
}

#[test]
fn provider_sets() {
    search(strobe_fuzz::provider_sets);
}

#[test]
fn values_and_times() {
    search(strobe_fuzz::values_and_times);
}

#[test]
fn signer_records() {
    search(strobe_fuzz::signer_records);
}

#[test]
fn proofs() {
    search(strobe_fuzz::proofs);
}

#[test]
fn verifying_keys() {
    search(strobe_fuzz::verifying_keys);
}

#[test]
fn zkeys() {
    search(strobe_fuzz::zkeys);
}

#[test]
fn key_files() {
    search(strobe_fuzz::key_files);
}

#[cfg(feature = "command")]
#[test]
fn command_files() {
    search(strobe_fuzz::command_files);
}

#[cfg(feature = "command")]
#[test]
fn match_feeds() {
    search(strobe_fuzz::match_feeds);
}

#[cfg(feature = "command")]
#[test]
fn migrations() {
    search(strobe_fuzz::migrations);
}
