//! What becomes of a transaction when its cluster misbehaves: against a node that says what a test wants.

mod node;

use std::time::Duration;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::transport::{
    Cluster, Landed, PriorityFee, Rpc, RpcSettings, Transport, TransportError,
};
use node::{landed, result, signature, Answer, Node};
use serde_json::json;
use solana_keypair::Keypair;
use solana_signer::Signer;

fn reach(node: &Node) -> Rpc {
    let settings = RpcSettings {
        priority_fee: PriorityFee::Fixed(0),
        request_timeout: Duration::from_secs(2),
        patience: Duration::from_secs(3),
        ..RpcSettings::default()
    };
    Rpc::new(&Cluster::Url(node.url.clone()), settings)
}

fn send(node: &Node) -> Result<Landed, TransportError> {
    let mut rpc = reach(node);
    let payer = Keypair::new();
    let nothing = Instruction {
        program_id: Pubkey::new_from_array([9; 32]),
        accounts: Vec::new(),
        data: Vec::new(),
    };
    let signers: [&dyn Signer; 1] = [&payer];
    rpc.send(&[nothing], &signers)
}

#[test]
fn transaction_lands_with_what_it_cost() {
    let node = Node::start();
    let landed = send(&node).expect("landed");
    assert_eq!(landed.compute_units, Some(700));
    assert_eq!(landed.fee_lamports, Some(5_000));
    assert_eq!(node.transactions().len(), 1);
}

#[test]
fn confirmation_that_was_lost_is_found_and_nothing_is_sent_twice() {
    let node = Node::start();
    // The node takes the transaction and its answer gets lost; then it is silent for a while.
    node.answer("sendTransaction", vec![Answer::Nothing]);
    let silence = vec![Answer::Status(503); 3];
    let then_landed = vec![result(json!([landed()]))];
    node.answer("getSignatureStatuses", [silence, then_landed].concat());
    send(&node).expect("landed");
    assert_eq!(node.transactions().len(), 1);
    assert_eq!(node.count("getLatestBlockhash"), 1);
}

#[test]
fn expired_blockhash_is_followed_by_another_only_when_all_blocks_are_final() {
    let node = Node::start();
    // Heights of final blocks: the first transaction may land until 100.
    let heights = [100, 100, 101, 101].map(|height| Answer::Result(json!(height)));
    node.answer("getBlockHeight", heights.to_vec());
    let nowhere = vec![result(json!([null])); 3];
    node.answer(
        "getSignatureStatuses",
        [nowhere, vec![result(json!([landed()]))]].concat(),
    );
    send(&node).expect("landed");
    assert_eq!(node.transactions().len(), 2);
    assert_eq!(node.count("getLatestBlockhash"), 2);
}

#[test]
fn transaction_that_landed_just_before_its_expiry_is_not_followed_by_another() {
    let node = Node::start();
    node.answer("getBlockHeight", vec![Answer::Result(json!(101))]);
    send(&node).expect("landed");
    assert_eq!(node.transactions().len(), 1);
}

#[test]
fn node_that_falls_silent_leaves_the_fate_unknown() {
    let node = Node::start();
    node.answer("getSignatureStatuses", vec![Answer::Status(503)]);
    let error = send(&node).expect_err("unknown");
    assert!(
        matches!(error, TransportError::Unconfirmed { .. }),
        "{error}"
    );
    assert_eq!(node.transactions().len(), 1);
    assert!(error.to_string().contains("solana confirm"), "{error}");
}

#[test]
fn too_many_requests_and_silence_are_told_apart() {
    let node = Node::start();
    node.answer("simulateTransaction", vec![Answer::Status(429)]);
    let error = send(&node).expect_err("refused");
    assert!(
        matches!(error, TransportError::TooManyRequests { .. }),
        "{error}"
    );

    node.answer("simulateTransaction", vec![Answer::Nothing]);
    let error = send(&node).expect_err("silent");
    assert!(matches!(error, TransportError::Silent { .. }), "{error}");
    assert_eq!(node.transactions(), Vec::<String>::new());
}

#[test]
fn refusal_in_simulation_has_a_name_and_sends_nothing() {
    let node = Node::start();
    let program = flash_bets::ID;
    let code = u32::from(flash_bets::error::FlashError::Overflow);
    let logs = json!([
        format!("Program {program} invoke [1]"),
        format!("Program {program} failed: custom program error: {code:#x}"),
    ]);
    let err = json!({ "InstructionError": [1, { "Custom": code }] });
    node.answer(
        "simulateTransaction",
        vec![result(
            json!({ "err": err, "logs": logs, "unitsConsumed": 1 }),
        )],
    );
    let TransportError::Refused(refused) = send(&node).expect_err("refused") else {
        panic!("another error");
    };
    assert_eq!(refused.error.name, "Overflow");
    assert_eq!(refused.signature, None);
    assert_eq!(node.transactions(), Vec::<String>::new());
}

#[test]
fn payer_without_sol_is_said_to_be_one() {
    let node = Node::start();
    node.answer(
        "simulateTransaction",
        vec![result(json!({ "err": "AccountNotFound", "logs": [] }))],
    );
    let error = send(&node).expect_err("refused");
    assert!(matches!(error, TransportError::NoFunds { .. }), "{error}");
}

#[test]
fn node_that_refuses_the_transaction_is_believed() {
    let node = Node::start();
    node.answer(
        "sendTransaction",
        vec![Answer::Error(-32_602, "invalid transaction")],
    );
    let error = send(&node).expect_err("refused");
    assert!(matches!(error, TransportError::Rpc { .. }), "{error}");
}

/// What a validator says while it replays its ledger: the last block processed, and the last confirmed.
#[test]
fn node_that_was_just_started_again_is_waited_for() {
    let node = Node::start();
    node.answer("requestAirdrop", vec![Answer::Result(signature())]);
    let slots = [(0, 0), (4, 0), (38, 0), (71, 39), (71, 71), (73, 72)];
    let answers = slots.map(|(processed, confirmed)| [processed, confirmed]);
    let answers = answers.as_flattened();
    node.answer(
        "getSlot",
        answers
            .iter()
            .map(|slot| Answer::Result(json!(slot)))
            .collect(),
    );
    let receiver = Pubkey::new_from_array([9; 32]);
    reach(&node).airdrop(&receiver, 1).expect("given");
    assert_eq!(node.count("getSlot"), answers.len());

    node.answer("getSlot", vec![Answer::Result(json!(71))]);
    let error = reach(&node)
        .airdrop(&receiver, 1)
        .expect_err("it stands still");
    assert!(matches!(error, TransportError::Behind { .. }), "{error}");
    assert_eq!(node.count("requestAirdrop"), 1);
}
