//! `strobe keep`: does what anybody may do, once it is due.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::instruction::Instruction,
};
use clap::Args;
use client::{
    lookup_tables,
    transport::{self, Rpc, SentByTable, Transport, TransportError},
};
use keeper::driver::{self, Driver};
use serde_json::json;
use solana_account::Account;
use solana_keypair::Keypair;
use solana_message::AddressLookupTableAccount;
use solana_signer::Signer;

use super::{session::Session, Answer, Run};

/// Prices of a standard market are brought up to date when nobody traded for so long.
const POKE_AFTER_SECONDS: i64 = 10 * 60;
/// Lookup tables that are ready at a time: whoever asks for chains makes the keeper pay for them.
const MOST_TABLES: usize = 8;

#[derive(Args)]
pub struct Keep {
    /// Between two looks at the chain.
    #[arg(long, value_name = "MS", default_value_t = 2_000)]
    period_ms: u64,
    /// Look once and end.
    #[arg(long)]
    once: bool,
}

/// A cluster as a keeper reaches it. The client blocks, so each request has a thread of its own; they take
/// turns, as public nodes want it.
struct Reached {
    chain: Arc<Mutex<Rpc>>,
    key: Arc<Keypair>,
    tables: Arc<Mutex<Tables>>,
    /// Whether there will be another round, in which what is prepared is used.
    goes_on: bool,
}

/// The keeper's lookup tables.
#[derive(Default)]
struct Tables {
    /// For what is upcoming.
    ready: Vec<AddressLookupTableAccount>,
    /// Out of use and not closed yet, with the slot of that.
    closing: Vec<(Pubkey, u64)>,
}

impl Tables {
    /// The place of a table of all accounts of the instruction that do not sign.
    fn of(&self, instruction: &Instruction) -> Option<usize> {
        self.ready
            .iter()
            .position(|table| has_all(table, instruction))
    }

    /// Takes a table out of use.
    fn retire(
        &mut self,
        place: usize,
        chain: &mut Rpc,
        key: &Keypair,
    ) -> Result<(), TransportError> {
        let table = self.ready[place].key;
        let out = lookup_tables::deactivate(table, key.pubkey());
        let deactivated_at = chain.send(&[out], &[key])?.slot;
        self.ready.swap_remove(place);
        self.closing.push((table, deactivated_at));
        Ok(())
    }
}

fn has_all(table: &AddressLookupTableAccount, instruction: &Instruction) -> bool {
    let mut unsigned = instruction.accounts.iter().filter(|meta| !meta.is_signer);
    unsigned.all(|meta| table.addresses.contains(&meta.pubkey))
}

impl Reached {
    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Rpc, &Keypair) -> Result<T, TransportError> + Send + 'static,
    ) -> impl Future<Output = Result<T, TransportError>> + Send {
        let (chain, key) = (Arc::clone(&self.chain), Arc::clone(&self.key));
        let asked = tokio::task::spawn_blocking(move || {
            let mut chain = chain.lock().unwrap_or_else(PoisonError::into_inner);
            ask(&mut chain, &key)
        });
        async move {
            asked
                .await
                .unwrap_or_else(|error| Err(TransportError::Other(Box::new(error))))
        }
    }
}

impl Driver for Reached {
    type Error = TransportError;

    fn clock(&self) -> impl Future<Output = Result<Clock, TransportError>> + Send {
        self.ask(|chain, _| chain.clock())
    }

    fn accounts_of(
        &self,
        program: &Pubkey,
    ) -> impl Future<Output = Result<Vec<(Pubkey, Account)>, TransportError>> + Send {
        let program = *program;
        self.ask(move |chain, _| chain.accounts_of(&program, &[]))
    }

    fn owner_of(
        &self,
        address: &Pubkey,
    ) -> impl Future<Output = Result<Option<Pubkey>, TransportError>> + Send {
        let address = *address;
        self.ask(move |chain, _| Ok(chain.account(&address)?.map(|account| account.owner)))
    }

    fn send(
        &self,
        instruction: Instruction,
    ) -> impl Future<Output = Result<(), TransportError>> + Send {
        let tables = Arc::clone(&self.tables);
        self.ask(move |chain, key| {
            let instructions = [instruction];
            if lookup_tables::fits(&instructions, &key.pubkey()) {
                return chain.send(&instructions, &[key]).map(|_| ());
            }
            let [instruction] = &instructions;
            let mut tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = tables.of(instruction) {
                let table = std::slice::from_ref(&tables.ready[place]);
                let sent = chain.send_with(&instructions, table, &[key]);
                let retired = tables.retire(place, chain, key);
                return sent.and(retired);
            }
            let by_table = transport::send_by_table(chain, instruction, key)?;
            let SentByTable {
                sent,
                table,
                deactivated_at,
            } = by_table;
            let deactivated = deactivated_at.map(|slot| tables.closing.push((table, slot)));
            sent.and(deactivated)
        })
    }

    fn prepare(
        &self,
        upcoming: Vec<Instruction>,
    ) -> impl Future<Output = Result<(), TransportError>> + Send {
        let (tables, goes_on) = (Arc::clone(&self.tables), self.goes_on);
        self.ask(move |chain, key| {
            let mut tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
            let is_idle = |table: &AddressLookupTableAccount| {
                !upcoming
                    .iter()
                    .any(|instruction| has_all(table, instruction))
            };
            while let Some(place) = tables.ready.iter().position(is_idle) {
                tables.retire(place, chain, key)?;
            }
            for instruction in upcoming.iter().filter(|_| goes_on) {
                let fits = lookup_tables::fits(std::slice::from_ref(instruction), &key.pubkey());
                let has_room = tables.ready.len() < MOST_TABLES;
                if !fits && has_room && tables.of(instruction).is_none() {
                    let table = transport::make_table(chain, instruction, key)?;
                    tables.ready.push(table);
                }
            }
            Ok(())
        })
    }
}

impl Reached {
    /// Closes the lookup tables that nothing can use any more; gives what is left.
    fn close_tables(&self) -> Result<Vec<Pubkey>, TransportError> {
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((table, deactivated_at)) = tables.closing.first().copied() {
            let closable = deactivated_at.saturating_add(lookup_tables::COOL_DOWN_SLOTS);
            if chain.clock()?.slot <= closable {
                break;
            }
            let close = lookup_tables::close(table, self.key.pubkey());
            chain.send(&[close], &[&*self.key])?;
            tables.closing.remove(0);
        }
        Ok(tables.closing.iter().map(|(table, _)| *table).collect())
    }
}

impl Run for Keep {
    fn run(self, session: &mut Session) -> Answer {
        session.config()?;
        let settings = keeper::Settings {
            keeper: session.payer(),
            proposer: None,
            poke_after_seconds: POKE_AFTER_SECONDS,
            pays_in_one_call: true,
        };
        let reached = Reached {
            chain: Arc::new(Mutex::new(session.reach())),
            key: Arc::new(session.key.insecure_clone()),
            tables: Arc::default(),
            goes_on: !self.once,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let (mut done, mut refused) = (0_usize, 0_usize);
        loop {
            match runtime.block_on(driver::round(&reached, &settings)) {
                Ok(round) => {
                    done = done.saturating_add(round.done);
                    refused = refused.saturating_add(round.refused);
                    if round.done > 0 || round.refused > 0 {
                        session.say(&format!("{} done, {} refused", round.done, round.refused));
                    }
                }
                Err(error) if self.once => return Err(error.into()),
                // The next look may succeed: nothing is lost but time.
                Err(error) => session.say(&error.to_string()),
            }
            let tables = match reached.close_tables() {
                Ok(tables) => tables,
                Err(error) => {
                    session.say(&format!("closing a lookup table: {error}"));
                    Vec::new()
                }
            };
            if self.once {
                let tables: Vec<_> = tables.iter().map(Pubkey::to_string).collect();
                return Ok(json!({
                    "action": "keep", "done": done, "refused": refused, "lookup_tables": tables,
                }));
            }
            std::thread::sleep(Duration::from_millis(self.period_ms));
        }
    }
}
