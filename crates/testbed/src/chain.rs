//! The embedded chain.

mod accounts;
mod transport;

use std::{collections::HashSet, time::Duration};

use anchor_lang::{
    prelude::{Clock, Pubkey, Rent},
    solana_program::{
        bpf_loader_upgradeable, instruction::Instruction, program_error::ProgramError,
        sysvar::SysvarId,
    },
};
use client::{accounts::AccountError, errors::NamedError, events, lookup_tables};
use sha2::{Digest, Sha256};
use solana_account::{Account, AccountSharedData};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_keypair::Keypair;
use solana_message::{v0, AddressLookupTableAccount, VersionedMessage};
use solana_program_test::{processor, BanksClientError, ProgramTest, ProgramTestContext};
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use solana_transaction::{versioned::VersionedTransaction, Signature, Transaction};
use thiserror::Error;
use tokio::runtime::Runtime;

use self::accounts::Seen;
use crate::{
    agent, multisig, ProgramKind, ProgramsError, Receipt, Refusal, SendError, TokenBytecode,
    UnixMillis, PROGRAMS,
};

/// When a chain starts: 2022-12-18 15:00:00 UTC.
const START: UnixMillis = UnixMillis(1_671_375_600_000);
const START_SLOT: u64 = 1;
/// Most that a transaction can use.
const MAX_COMPUTE_UNITS: u32 = 1_400_000;

/// How often the chain makes a new blockhash is 6.4 ms; this is how often to look for it.
const BLOCKHASH_POLL: Duration = Duration::from_millis(1);

/// A chain in this process, with Strobe's programs on it and a payer of fees.
///
/// Time moves only by [`Chain::advance`]. The bank stays in its slot: all that a program can see of
/// time is the clock, which is set directly, so that a step costs microseconds.
pub struct Chain {
    // Before the runtime, whose tasks its drop waits for.
    context: ProgramTestContext,
    runtime: Runtime,
    kind: ProgramKind,
    keys: KeySource,
    upgrade_authority: Keypair,
    clock: Clock,
    now: UnixMillis,
    sent: HashSet<Signature>,
    seen: Seen,
}

/// Where the keys of an embedded chain come from.
#[derive(Clone, Copy, Debug)]
pub enum KeySource {
    /// The operating system.
    Random,
    /// A seed, so that addresses, and with them compute units, are the same in every run. For an
    /// embedded chain only: the keys are no secret.
    Seeded { seed: u64, given: u64 },
}

impl KeySource {
    /// [`KeySource::Seeded`] from its first key on.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded { seed, given: 0 }
    }

    fn next_key(&mut self) -> Keypair {
        match self {
            Self::Random => Keypair::new(),
            Self::Seeded { seed, given } => {
                *given += 1;
                let material = [seed.to_le_bytes(), given.to_le_bytes()].concat();
                Keypair::new_from_array(Sha256::digest(material).into())
            }
        }
    }
}

/// Why a chain cannot be started, moved or read.
#[derive(Debug, Error)]
pub enum ChainError {
    #[error(transparent)]
    Programs(#[from] ProgramsError),
    #[error("the runtime of the embedded chain cannot be started: {0}")]
    Runtime(#[from] std::io::Error),
    #[error("the embedded chain does not answer: {0}")]
    Banks(#[from] BanksClientError),
    #[error("there is no account at {0}")]
    NoAccount(Pubkey),
    #[error("{address}: {cause}")]
    Account {
        address: Pubkey,
        cause: AccountError,
    },
    #[error("{address} is no token account or mint: {cause}")]
    Token {
        address: Pubkey,
        cause: ProgramError,
    },
    #[error("setting up failed: {0}")]
    SetUp(#[from] Box<SendError>),
}

impl Chain {
    /// Starts a chain with every program in the form given.
    ///
    /// # Errors
    /// [`ChainError::Programs`] if the bytecode has not been built.
    pub fn start(kind: ProgramKind) -> Result<Self, ChainError> {
        Self::start_with(kind, KeySource::Random)
    }

    /// Starts a chain that takes new keys from `keys`.
    ///
    /// # Errors
    /// As [`Chain::start`].
    pub fn start_with(kind: ProgramKind, mut keys: KeySource) -> Result<Self, ChainError> {
        let upgrade_authority = keys.next_key();
        let mut test = ProgramTest::default();
        if std::env::var_os("RUST_LOG").is_none() {
            // Its default prints every line of every program.
            log::set_max_level(log::LevelFilter::Off);
        }
        test.prefer_bpf(false);
        for program in PROGRAMS {
            program.add_to(&mut test, kind, upgrade_authority.pubkey())?;
        }
        TokenBytecode::from_env()?.add_to(&mut test)?;
        test.add_program("agent", agent::ID, processor!(agent::process));
        test.add_program("multisig", multisig::ID, processor!(multisig::process));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let context = runtime.block_on(test.start_with_context());
        let clock = runtime.block_on(context.banks_client.get_sysvar())?;
        let mut chain = Self {
            context,
            runtime,
            kind,
            keys,
            upgrade_authority,
            clock,
            now: START,
            sent: HashSet::new(),
            seen: Seen::default(),
        };
        chain.set_time(START_SLOT, START);
        Ok(chain)
    }

    pub fn kind(&self) -> ProgramKind {
        self.kind
    }

    /// Who may upgrade the programs, and initialize them.
    pub fn upgrade_authority(&self) -> &Keypair {
        &self.upgrade_authority
    }

    /// Pays the fees of every transaction, so that the balances of others show rent alone.
    pub fn fee_payer(&self) -> Pubkey {
        self.context.payer.pubkey()
    }

    /// Sends one transaction and waits for its end. The fee payer need not be among `signers`.
    ///
    /// # Errors
    /// [`SendError::Refused`] if the runtime or a program refuses it, [`SendError::Sign`] if the
    /// key of a signer is missing.
    pub fn send(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let transaction = self.sign(instructions, signers)?;
        self.process(transaction)
    }

    /// Sends what [`Self::sign`] signed, and waits for its end.
    ///
    /// # Errors
    /// [`SendError::Refused`] if the runtime or a program refuses it.
    pub fn process(
        &mut self,
        transaction: impl Into<VersionedTransaction>,
    ) -> Result<Receipt, SendError> {
        let transaction = transaction.into();
        let message = &transaction.message;
        for (index, address) in message.static_account_keys().iter().enumerate() {
            if message.is_maybe_writable(index, None) {
                self.seen.note_written(*address);
            }
        }
        for lookup in message.address_table_lookups().unwrap_or_default() {
            let account = self.find_account(lookup.account_key).ok().flatten();
            let table =
                account.and_then(|account| lookup_tables::read(lookup.account_key, &account));
            let addresses = table.map_or_else(Vec::new, |table| table.addresses);
            for index in &lookup.writable_indexes {
                if let Some(address) = addresses.get(usize::from(*index)) {
                    self.seen.note_written(*address);
                }
            }
        }
        self.process_any(transaction)
    }

    /// Lets the addresses of lookup tables be used at once: a table notes the slot of the clock, which is
    /// ahead of that of the chain.
    pub(crate) fn ripen(&mut self, tables: &[AddressLookupTableAccount]) {
        /// Where a table has the slot in which addresses were added last.
        const EXTENDED_AT: std::ops::Range<usize> = 12..20;
        for table in tables {
            let found = self.find_account(table.key).ok().flatten();
            if let Some(mut account) = found {
                account.data[EXTENDED_AT].fill(0);
                self.set_account(table.key, account);
            }
        }
    }

    fn process_any(&mut self, transaction: VersionedTransaction) -> Result<Receipt, SendError> {
        let outcome = self.runtime.block_on(
            self.context
                .banks_client
                .process_transaction_with_metadata(transaction),
        )?;
        let (units, logs, return_data) = outcome.metadata.map_or_else(Default::default, |data| {
            (
                data.compute_units_consumed,
                data.log_messages,
                data.return_data.map(|returned| returned.data),
            )
        });
        match outcome.result {
            Ok(()) => Ok(Receipt {
                compute_units: (self.kind == ProgramKind::Sbf).then_some(units),
                events: events::emitted(&logs),
                logs,
                return_data,
            }),
            Err(error) => Err(SendError::Refused(Box::new(Refusal {
                error: NamedError::of_transaction(&error, &logs),
                logs,
            }))),
        }
    }

    /// As [`Self::send`], in a transaction of version 0 that finds every account that does not sign in a
    /// lookup table, with as many compute units as a transaction can have. Also gives its bytes.
    ///
    /// # Errors
    /// Those of [`Self::send`].
    pub fn send_with_table(
        &mut self,
        instruction: &Instruction,
        signers: &[&Keypair],
    ) -> Result<(Receipt, usize), SendError> {
        let limit = ComputeBudgetInstruction::set_compute_unit_limit(MAX_COMPUTE_UNITS);
        let metas = instruction.accounts.iter();
        let addresses: Vec<Pubkey> = metas
            .clone()
            .filter(|meta| !meta.is_signer)
            .map(|meta| meta.pubkey)
            .collect();
        for meta in metas.filter(|meta| meta.is_writable) {
            self.seen.note_written(meta.pubkey);
        }
        let table = self.lookup_table(addresses);
        let payer = self.context.payer.insecure_clone();
        let mut keys = vec![&payer];
        keys.extend(signers.iter().filter(|key| key.pubkey() != payer.pubkey()));
        let instructions = [limit, instruction.clone()];
        let transaction = loop {
            let blockhash = self
                .runtime
                .block_on(self.context.banks_client.get_latest_blockhash())?;
            let tables = [table.clone()];
            let message =
                v0::Message::try_compile(&payer.pubkey(), &instructions, &tables, blockhash)
                    .expect("a message of few enough accounts");
            let message = VersionedMessage::V0(message);
            let transaction = VersionedTransaction::try_new(message, &keys)?;
            if self.sent.insert(transaction.signatures[0]) {
                break transaction;
            }
            self.pause();
        };
        let size = bincode::serialized_size(&transaction).expect("a size");
        let receipt = self.process_any(transaction)?;
        Ok((receipt, usize::try_from(size).expect("a size")))
    }

    /// A lookup table of these addresses, without asking its program for it.
    fn lookup_table(&mut self, addresses: Vec<Pubkey>) -> AddressLookupTableAccount {
        /// Of a table of this layout without an authority, that is never deactivated.
        const META: usize = 56;
        let mut data = vec![0; META];
        data[0] = 1;
        data[4..12].copy_from_slice(&u64::MAX.to_le_bytes());
        data.extend(addresses.iter().flat_map(|address| address.to_bytes()));
        let key = self.new_key().pubkey();
        let account = Account {
            lamports: self.rent(data.len()),
            data,
            owner: solana_sdk_ids::address_lookup_table::ID,
            executable: false,
            rent_epoch: u64::MAX,
        };
        self.set_account(key, account);
        AddressLookupTableAccount { key, addresses }
    }

    /// As [`Self::send`], with as many compute units as a transaction can have.
    ///
    /// # Errors
    /// Those of [`Self::send`].
    pub fn send_with_all_units(
        &mut self,
        instruction: &Instruction,
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let limit = ComputeBudgetInstruction::set_compute_unit_limit(MAX_COMPUTE_UNITS);
        self.send(&[limit, instruction.clone()], signers)
    }

    /// Signs with a blockhash under which this very transaction has not been sent before: the chain
    /// would take it for the earlier one.
    ///
    /// # Errors
    /// [`SendError::Sign`] if the key of a signer is missing.
    pub fn sign(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Transaction, SendError> {
        let payer = &self.context.payer;
        let mut keys = vec![payer];
        keys.extend(signers.iter().filter(|key| key.pubkey() != payer.pubkey()));
        loop {
            let blockhash = self
                .runtime
                .block_on(self.context.banks_client.get_latest_blockhash())?;
            let mut transaction = Transaction::new_with_payer(instructions, Some(&payer.pubkey()));
            transaction.try_sign(&keys, blockhash)?;
            if self.sent.insert(transaction.signatures[0]) {
                return Ok(transaction);
            }
            self.pause();
        }
    }

    /// Waits until the chain has a blockhash that it had not before.
    ///
    /// # Errors
    /// [`ChainError::Banks`].
    pub fn new_blockhash(&mut self) -> Result<(), ChainError> {
        let latest = || {
            self.runtime
                .block_on(self.context.banks_client.get_latest_blockhash())
        };
        let before = latest()?;
        while latest()? == before {
            self.pause();
        }
        Ok(())
    }

    fn pause(&self) {
        self.runtime
            .block_on(async { tokio::time::sleep(BLOCKHASH_POLL).await });
    }

    /// The time of the feeds, finer than the clock of the chain.
    pub fn now(&self) -> UnixMillis {
        self.now
    }

    /// The clock that programs read.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The slot that programs read.
    pub fn slot(&self) -> u64 {
        self.clock.slot
    }

    /// Moves the clock on by slots and by milliseconds, which are independent of each other.
    pub fn advance(&mut self, slots: u64, milliseconds: u64) {
        self.set_time(self.slot().saturating_add(slots), self.now + milliseconds);
    }

    /// Sets the clock, also to the past.
    pub fn set_time(&mut self, slot: u64, now: UnixMillis) {
        self.clock.slot = slot;
        self.clock.unix_timestamp = now.seconds();
        self.now = now;
        self.context.set_sysvar(&self.clock);
        self.seen.forget(&Clock::id());
    }

    /// Overwrites an account without asking any program. It can make states that no transaction
    /// could.
    pub fn set_account(&mut self, address: Pubkey, account: Account) {
        self.context
            .set_account(&address, &AccountSharedData::from(account));
        self.seen.forget(&address);
    }

    /// Has an address become a program, as whoever has its key can.
    ///
    /// # Errors
    /// [`ChainError::Banks`].
    pub fn become_program(&mut self, address: Pubkey) -> Result<(), ChainError> {
        let account = Account {
            owner: bpf_loader_upgradeable::ID,
            executable: true,
            data: vec![2; 36],
            ..self.find_account(address)?.unwrap_or_default()
        };
        self.set_account(address, account);
        Ok(())
    }

    /// Lamports that an account of `bytes` bytes must hold.
    pub fn rent(&self, bytes: usize) -> u64 {
        Rent::default().minimum_balance(bytes)
    }

    /// Gives lamports to `receiver`.
    ///
    /// # Errors
    /// Those of [`Chain::send`].
    pub fn airdrop(&mut self, receiver: Pubkey, lamports: u64) -> Result<(), ChainError> {
        let gift = transfer(&self.fee_payer(), &receiver, lamports);
        self.send(&[gift], &[]).map_err(Box::new)?;
        Ok(())
    }

    /// A key that nobody has used yet.
    pub fn new_key(&mut self) -> Keypair {
        self.keys.next_key()
    }

    /// A new key with 100 SOL.
    ///
    /// # Errors
    /// Those of [`Chain::send`].
    pub fn new_actor(&mut self) -> Result<Keypair, ChainError> {
        let key = self.new_key();
        self.airdrop(key.pubkey(), 100_000_000_000)?;
        Ok(key)
    }
}
