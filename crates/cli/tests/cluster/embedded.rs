//! The embedded chain behind an RPC node, so that commands reach it as any cluster. Its time passes only when
//! it is told to.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        mpsc::{channel, Sender},
        Mutex,
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
};
use base64::{engine::general_purpose::STANDARD, Engine};
use client::{
    lookup_tables,
    transport::{Transport, TransportError},
};
use serde_json::{json, Value};
use solana_account::Account;
use solana_message::AddressLookupTableAccount;
use solana_transaction::versioned::VersionedTransaction;
use testbed::{Chain, ProgramKind, SendError, UnixMillis};

use crate::node::{listen, result, Answer};

/// Later than any slot in which accounts were made.
const FIRST_SLOT: u64 = 1_000_000;
const SLOT_MS: u64 = 400;

type Request = (String, Value, Sender<Answer>);

pub struct Embedded {
    pub url: String,
    requests: Mutex<Sender<Request>>,
}

/// The chain and what a node remembers of it.
struct Node {
    chain: Chain,
    /// Every account that was there at the start or in a transaction.
    known: BTreeSet<Pubkey>,
    /// By signature: why it failed, and its log.
    landed: BTreeMap<String, (Value, Vec<String>)>,
}

impl Embedded {
    /// Starts with the accounts in a directory, in the form that a validator takes.
    pub fn start(accounts: PathBuf) -> Self {
        let (requests, asked) = channel::<Request>();
        // The chain stays on the thread that made it.
        thread::spawn(move || {
            let mut node = Node::start(&accounts);
            for (method, params, answer) in asked {
                let _ = answer.send(node.answer(&method, &params));
            }
        });
        let for_node = Mutex::new(requests.clone());
        let url = listen(move |method, params| ask(&for_node, method, params));
        Self {
            url,
            requests: Mutex::new(requests),
        }
    }

    pub fn advance(&self, seconds: u64) {
        ask(&self.requests, "advance", &json!(seconds));
    }
}

fn ask(requests: &Mutex<Sender<Request>>, method: &str, params: &Value) -> Answer {
    let (answer, answered) = channel();
    let request = (method.to_string(), params.clone(), answer);
    let sent = requests.lock().expect("no panic").send(request);
    sent.expect("the chain runs");
    answered.recv().expect("the chain answers")
}

impl Node {
    fn start(accounts: &Path) -> Self {
        let mut chain = Chain::start(ProgramKind::Native).expect("a chain");
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a time");
        let now = u64::try_from(now.as_millis()).expect("milliseconds");
        chain.set_time(FIRST_SLOT, UnixMillis(now));
        let mut known = BTreeSet::new();
        for file in fs::read_dir(accounts).expect("accounts") {
            let text = fs::read_to_string(file.expect("a file").path()).expect("an account");
            let file: Value = serde_json::from_str(&text).expect("JSON");
            let text = |value: &Value| value.as_str().expect("text").to_string();
            let address = text(&file["pubkey"]).parse().expect("an address");
            let found = &file["account"];
            let account = Account {
                lamports: found["lamports"].as_u64().expect("lamports"),
                data: STANDARD.decode(text(&found["data"][0])).expect("bytes"),
                owner: text(&found["owner"]).parse().expect("an address"),
                executable: false,
                rent_epoch: u64::MAX,
            };
            chain.set_account(address, account);
            known.insert(address);
        }
        Self {
            chain,
            known,
            landed: BTreeMap::new(),
        }
    }

    fn answer(&mut self, method: &str, params: &Value) -> Answer {
        match method {
            "advance" => {
                let milliseconds = params.as_u64().expect("seconds") * 1_000;
                self.chain.advance(milliseconds / SLOT_MS, milliseconds);
                Answer::Result(Value::Null)
            }
            "getGenesisHash" => Answer::Result(json!(Pubkey::new_from_array([7; 32]).to_string())),
            "getAccountInfo" => {
                let found = self.chain.find_account(address(&params[0]));
                result(
                    found
                        .expect("an account")
                        .as_ref()
                        .map_or(Value::Null, shown),
                )
            }
            "getSlot" => {
                self.chain.advance(1, 0);
                Answer::Result(json!(self.chain.slot()))
            }
            "getBalance" => {
                let lamports = self.chain.lamports(address(&params[0]));
                result(json!(lamports.expect("a balance")))
            }
            "getMinimumBalanceForRentExemption" => {
                let bytes = params[0].as_u64().expect("bytes");
                let bytes = usize::try_from(bytes).expect("a length");
                Answer::Result(json!(self.chain.rent(bytes)))
            }
            "getProgramAccounts" => self.accounts_of(params),
            "getRecentPrioritizationFees" => Answer::Result(json!([])),
            "getBlockHeight" => Answer::Result(json!(1)),
            "getLatestBlockhash" => {
                self.chain.new_blockhash().expect("a blockhash");
                let transaction = self.chain.sign(&[], &[]).expect("a transaction");
                let blockhash = transaction.message.recent_blockhash.to_string();
                result(json!({ "blockhash": blockhash, "lastValidBlockHeight": 1_000 }))
            }
            "requestAirdrop" => {
                let lamports = params[1].as_u64().expect("lamports");
                let given = self.chain.airdrop(address(&params[0]), lamports);
                given.expect("lamports");
                let signature = Value::from("1".repeat(64));
                self.landed
                    .insert("1".repeat(64), (Value::Null, Vec::new()));
                Answer::Result(signature)
            }
            "simulateTransaction" => self.simulate(&transaction(params)),
            "sendTransaction" => self.send(transaction(params)),
            "getSignatureStatuses" => {
                let landed = self.landed.get(params[0][0].as_str().expect("a signature"));
                let slot = self.chain.slot();
                let status = landed.map(|(error, _)| {
                    json!({
                        "slot": slot, "confirmations": null, "err": error,
                        "status": { "Ok": null }, "confirmationStatus": "finalized",
                    })
                });
                result(json!([status]))
            }
            "getTransaction" => {
                let landed = self.landed.get(params[0].as_str().expect("a signature"));
                let (error, logs) = landed.expect("landed");
                Answer::Result(json!({
                    "slot": self.chain.slot(), "blockTime": null, "version": "legacy",
                    "transaction": ["", "base64"],
                    "meta": {
                        "err": error, "status": { "Ok": null }, "fee": 5_000, "preBalances": [],
                        "postBalances": [], "innerInstructions": [], "logMessages": logs,
                        "preTokenBalances": [], "postTokenBalances": [], "rewards": [],
                    },
                }))
            }
            other => panic!("{other} is not answered"),
        }
    }

    fn accounts_of(&self, params: &Value) -> Answer {
        let program = address(&params[0]);
        let filter = &params[1]["filters"][0]["memcmp"];
        let start = match filter["encoding"].as_str() {
            Some("base64") => STANDARD.decode(filter["bytes"].as_str().unwrap_or_default()),
            _ => Ok(bytes_of(&filter["bytes"])),
        };
        let start = start.expect("bytes");
        let mut found = Vec::new();
        for address in &self.known {
            let account = self.chain.find_account(*address).expect("an account");
            let account = account.filter(|account| account.owner == program);
            if let Some(account) = account.filter(|account| account.data.starts_with(&start)) {
                found.push(json!({ "pubkey": address.to_string(), "account": shown(&account) }));
            }
        }
        Answer::Result(Value::Array(found))
    }

    /// The lookup tables that a transaction names.
    fn tables(&self, transaction: &VersionedTransaction) -> Vec<AddressLookupTableAccount> {
        let named = transaction
            .message
            .address_table_lookups()
            .unwrap_or_default();
        let table = |key| {
            let account = self.chain.find_account(key).expect("an account");
            lookup_tables::read(key, &account.expect("a table")).expect("a table")
        };
        named
            .iter()
            .map(|lookup| table(lookup.account_key))
            .collect()
    }

    /// Every account of a transaction and whether it is written: its own, then those of its tables.
    fn accounts_in(&self, transaction: &VersionedTransaction) -> Vec<(Pubkey, bool)> {
        let message = &transaction.message;
        let own = message.static_account_keys().iter().enumerate();
        let mut all: Vec<_> = own
            .map(|(index, key)| (*key, message.is_maybe_writable(index, None)))
            .collect();
        let tables = self.tables(transaction);
        let lookups = message.address_table_lookups().unwrap_or_default();
        let named = || lookups.iter().zip(&tables);
        for (lookup, table) in named() {
            let written = lookup.writable_indexes.iter();
            all.extend(written.map(|index| (table.addresses[usize::from(*index)], true)));
        }
        for (lookup, table) in named() {
            let read = lookup.readonly_indexes.iter();
            all.extend(read.map(|index| (table.addresses[usize::from(*index)], false)));
        }
        all
    }

    fn simulate(&mut self, transaction: &VersionedTransaction) -> Answer {
        let message = &transaction.message;
        let all = self.accounts_in(transaction);
        let instructions: Vec<_> = message
            .instructions()
            .iter()
            .map(|compiled| Instruction {
                program_id: all[usize::from(compiled.program_id_index)].0,
                accounts: compiled
                    .accounts
                    .iter()
                    .map(|index| usize::from(*index))
                    .map(|index| AccountMeta {
                        pubkey: all[index].0,
                        is_signer: message.is_signer(index),
                        is_writable: all[index].1,
                    })
                    .collect(),
                data: compiled.data.clone(),
            })
            .collect();
        let (payer, tables) = (all[0].0, self.tables(transaction));
        let simulated = self.chain.simulate_with(&instructions, &tables, &payer);
        let (error, logs) = match simulated {
            Ok(simulated) => (Value::Null, simulated.logs),
            Err(TransportError::Refused(refused)) => (error(&refused.error), refused.logs),
            Err(other) => panic!("{other}"),
        };
        result(json!({ "err": error, "logs": logs, "unitsConsumed": null }))
    }

    fn send(&mut self, transaction: VersionedTransaction) -> Answer {
        let signature = transaction.signatures[0].to_string();
        if self.landed.contains_key(&signature) {
            return Answer::Result(json!(signature));
        }
        let all = self.accounts_in(&transaction);
        self.known.extend(all.into_iter().map(|(key, _)| key));
        let outcome = match self.chain.process(transaction) {
            Ok(receipt) => (Value::Null, receipt.logs),
            Err(SendError::Refused(refusal)) => (error(&refusal.error), refusal.logs),
            Err(other) => panic!("{other}"),
        };
        self.landed.insert(signature.clone(), outcome);
        Answer::Result(json!(signature))
    }
}

/// A refusal as a node says it. The log tells which program it was.
fn error(refused: &client::NamedError) -> Value {
    match (refused.code, refused.program) {
        (Some(code), _) => json!({ "InstructionError": [0, { "Custom": code }] }),
        (None, Some(_)) => json!({ "InstructionError": [0, refused.name] }),
        (None, None) => json!(refused.name),
    }
}

fn transaction(params: &Value) -> VersionedTransaction {
    let text = params[0].as_str().expect("a transaction");
    let bytes = STANDARD.decode(text).expect("base64");
    bincode::deserialize(&bytes).expect("a transaction")
}

fn address(value: &Value) -> Pubkey {
    let text = value.as_str().expect("an address");
    text.parse().expect("an address")
}

fn bytes_of(value: &Value) -> Vec<u8> {
    let numbers = value.as_array().cloned().unwrap_or_default();
    let bytes = numbers.iter().filter_map(Value::as_u64);
    bytes.filter_map(|byte| u8::try_from(byte).ok()).collect()
}

fn shown(account: &Account) -> Value {
    json!({
        "lamports": account.lamports,
        "owner": account.owner.to_string(),
        "executable": account.executable,
        "rentEpoch": 0,
        "space": account.data.len(),
        "data": [STANDARD.encode(&account.data), "base64"],
    })
}
