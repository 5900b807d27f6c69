//! What becomes of a transaction when its cluster misbehaves: against a node that says what a test wants.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::transport::{Cluster, PriorityFee, Rpc, RpcSettings, Transport, TransportError};
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// What a node answers to one request.
#[derive(Clone)]
enum Answer {
    Result(Value),
    Error(i64, &'static str),
    Status(u16),
    /// Takes the request and closes the connection.
    Nothing,
}

#[derive(Default)]
struct Script {
    /// By method: what is answered next; the last answer stays.
    answers: HashMap<&'static str, Vec<Answer>>,
    asked: Vec<(String, Value)>,
}

/// A node on a port of its own.
struct Node {
    url: String,
    script: Arc<Mutex<Script>>,
}

impl Node {
    /// One that takes everything, lets it land at once, and knows two blockhashes.
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        let node = Self { url, script };
        node.answer(
            "simulateTransaction",
            vec![result(
                json!({ "err": null, "logs": [], "unitsConsumed": 1_000 }),
            )],
        );
        node.answer(
            "getLatestBlockhash",
            [1, 2]
                .map(|number| {
                    let blockhash = Pubkey::new_from_array([number; 32]).to_string();
                    let height = u64::from(number) * 100;
                    result(json!({ "blockhash": blockhash, "lastValidBlockHeight": height }))
                })
                .to_vec(),
        );
        node.answer("sendTransaction", vec![Answer::Result(signature())]);
        node.answer("getBlockHeight", vec![Answer::Result(json!(10))]);
        node.answer("getSignatureStatuses", vec![result(json!([landed()]))]);
        node.answer("getTransaction", vec![Answer::Result(transaction())]);
        node
    }

    fn answer(&self, method: &'static str, answers: Vec<Answer>) {
        let mut script = self.script.lock().expect("no panic");
        script.answers.insert(method, answers);
    }

    /// How often the node was asked for this.
    fn count(&self, method: &str) -> usize {
        let script = self.script.lock().expect("no panic");
        script
            .asked
            .iter()
            .filter(|(asked, _)| asked == method)
            .count()
    }

    /// The transactions that the node got, without repetitions.
    fn transactions(&self) -> Vec<String> {
        let script = self.script.lock().expect("no panic");
        let mut got: Vec<String> = Vec::new();
        for (method, params) in &script.asked {
            if method == "sendTransaction" {
                let text = params[0].as_str().expect("text").to_string();
                if !got.contains(&text) {
                    got.push(text);
                }
            }
        }
        got
    }

    fn send(&self) -> Result<client::transport::Landed, TransportError> {
        let settings = RpcSettings {
            priority_fee: PriorityFee::Fixed(0),
            request_timeout: Duration::from_secs(2),
            patience: Duration::from_secs(3),
            ..RpcSettings::default()
        };
        let mut rpc = Rpc::new(&Cluster::Url(self.url.clone()), settings);
        let payer = Keypair::new();
        let nothing = Instruction {
            program_id: Pubkey::new_from_array([9; 32]),
            accounts: Vec::new(),
            data: Vec::new(),
        };
        let signers: [&dyn Signer; 1] = [&payer];
        rpc.send(&[nothing], &signers)
    }
}

fn result(value: Value) -> Answer {
    Answer::Result(json!({ "context": { "slot": 1 }, "value": value }))
}

fn landed() -> Value {
    json!({
        "slot": 5, "confirmations": null, "err": null, "status": { "Ok": null },
        "confirmationStatus": "finalized",
    })
}

fn transaction() -> Value {
    json!({
        "slot": 5, "blockTime": null, "version": "legacy",
        "transaction": ["", "base64"],
        "meta": {
            "err": null, "status": { "Ok": null }, "fee": 5_000, "preBalances": [],
            "postBalances": [], "innerInstructions": [], "logMessages": [],
            "preTokenBalances": [], "postTokenBalances": [], "rewards": [],
            "computeUnitsConsumed": 700,
        },
    })
}

fn serve(stream: TcpStream, script: &Mutex<Script>) {
    let mut reader = BufReader::new(stream);
    while let Some(body) = read_request(&mut reader) {
        let request: Value = serde_json::from_slice(&body).expect("JSON");
        let method = request["method"].as_str().expect("a method").to_string();
        let answer = {
            let mut script = script.lock().expect("no panic");
            script
                .asked
                .push((method.clone(), request["params"].clone()));
            let answers = script.answers.get_mut(method.as_str());
            let answers = answers.unwrap_or_else(|| panic!("{method} is not expected"));
            match answers.len() {
                1 => answers[0].clone(),
                _ => answers.remove(0),
            }
        };
        let id = &request["id"];
        let (status, body) = match answer {
            Answer::Result(value) => (200, json!({ "jsonrpc": "2.0", "id": id, "result": value })),
            Answer::Error(code, message) => (
                200,
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }),
            ),
            Answer::Status(status) => (status, json!({})),
            Answer::Nothing => return,
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nretry-after: 0\r\n\r\n",
            body.len()
        );
        let stream = reader.get_mut();
        let written = stream.write_all((head + &body).as_bytes());
        if written.is_err() {
            return;
        }
    }
}

/// The body of the next request; `None` at the end of the connection.
fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            return Some(body);
        }
    }
}

#[test]
fn transaction_lands_with_what_it_cost() {
    let node = Node::start();
    let landed = node.send().expect("landed");
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
    node.send().expect("landed");
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
    node.send().expect("landed");
    assert_eq!(node.transactions().len(), 2);
    assert_eq!(node.count("getLatestBlockhash"), 2);
}

#[test]
fn transaction_that_landed_just_before_its_expiry_is_not_followed_by_another() {
    let node = Node::start();
    node.answer("getBlockHeight", vec![Answer::Result(json!(101))]);
    node.send().expect("landed");
    assert_eq!(node.transactions().len(), 1);
}

#[test]
fn node_that_falls_silent_leaves_the_fate_unknown() {
    let node = Node::start();
    node.answer("getSignatureStatuses", vec![Answer::Status(503)]);
    let error = node.send().expect_err("unknown");
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
    let error = node.send().expect_err("refused");
    assert!(
        matches!(error, TransportError::TooManyRequests { .. }),
        "{error}"
    );

    node.answer("simulateTransaction", vec![Answer::Nothing]);
    let error = node.send().expect_err("silent");
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
    let TransportError::Refused(refused) = node.send().expect_err("refused") else {
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
    let error = node.send().expect_err("refused");
    assert!(matches!(error, TransportError::NoFunds { .. }), "{error}");
}

#[test]
fn node_that_refuses_the_transaction_is_believed() {
    let node = Node::start();
    node.answer(
        "sendTransaction",
        vec![Answer::Error(-32_602, "invalid transaction")],
    );
    let error = node.send().expect_err("refused");
    assert!(matches!(error, TransportError::Rpc { .. }), "{error}");
}

fn signature() -> Value {
    json!("1111111111111111111111111111111111111111111111111111111111111111")
}
