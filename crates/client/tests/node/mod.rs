//! A node that says what a test wants.
#![allow(dead_code, reason = "every test binary uses some of it")]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use anchor_lang::prelude::Pubkey;
use serde_json::{json, Value};

/// What a node answers to one request.
#[derive(Clone)]
pub enum Answer {
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
pub struct Node {
    pub url: String,
    script: Arc<Mutex<Script>>,
}

impl Node {
    /// One that takes everything, lets it land at once, and knows two blockhashes.
    pub fn start() -> Self {
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        let url = listen(move |method, params| {
            let mut script = shared.lock().expect("no panic");
            script.asked.push((method.to_string(), params.clone()));
            let answers = script.answers.get_mut(method);
            let answers = answers.unwrap_or_else(|| panic!("{method} is not expected"));
            match answers.len() {
                1 => answers[0].clone(),
                _ => answers.remove(0),
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

    pub fn answer(&self, method: &'static str, answers: Vec<Answer>) {
        let mut script = self.script.lock().expect("no panic");
        script.answers.insert(method, answers);
    }

    /// How often the node was asked for this.
    pub fn count(&self, method: &str) -> usize {
        let script = self.script.lock().expect("no panic");
        script
            .asked
            .iter()
            .filter(|(asked, _)| asked == method)
            .count()
    }

    /// The transactions that the node got, without repetitions.
    pub fn transactions(&self) -> Vec<String> {
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
}

pub fn result(value: Value) -> Answer {
    Answer::Result(json!({ "context": { "slot": 1 }, "value": value }))
}

pub fn landed() -> Value {
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

/// Answers whoever asks on a port of its own; where that is.
pub fn listen(handle: impl Fn(&str, &Value) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let handle = Arc::new(handle);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handle = Arc::clone(&handle);
            thread::spawn(move || serve(stream, handle.as_ref()));
        }
    });
    url
}

fn serve(stream: TcpStream, handle: &dyn Fn(&str, &Value) -> Answer) {
    let mut reader = BufReader::new(stream);
    while let Some(body) = read_request(&mut reader) {
        let request: Value = serde_json::from_slice(&body).expect("JSON");
        let method = request["method"].as_str().expect("a method");
        let answer = handle(method, &request["params"]);
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

pub fn signature() -> Value {
    json!("1111111111111111111111111111111111111111111111111111111111111111")
}
