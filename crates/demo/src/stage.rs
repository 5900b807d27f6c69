//! The embedded chain that a demo plays on: its clock, its mint and people with money.

use std::collections::BTreeMap;

use client::{instructions::oracle::ProposeVerifyingKeyArgs, NamedError};
use keeper::{Settings as KeeperSettings, Snapshot};
use oracle::{Aggregation, FeedKind, Network};
use prover::Prover;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use testbed::{
    Mint, MintOptions, ProgramKind, Receipt, SendError, UnixMillis, World, WorldOptions,
};

use super::{
    error::DemoError,
    providers::{PROVIDERS, THRESHOLD},
};
use crate::feed::Minute;

/// One token has six decimals.
pub const TOKEN: u64 = 1_000_000;
pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60 * SECOND;
/// Milliseconds of a slot on this chain.
pub const SLOT_MS: u64 = 400;
/// Bytes of a token account, and where it has its mint and its owner.
const TOKEN_ACCOUNT_LEN: usize = 165;

/// Somebody with money.
pub struct Person {
    pub key: Keypair,
    pub tokens: Pubkey,
}

impl Person {
    pub fn address(&self) -> Pubkey {
        self.key.pubkey()
    }
}

pub struct Stage {
    pub world: World,
    pub mint: Mint,
    /// Slot and time from which slots are counted.
    start: (u64, u64),
}

impl Stage {
    /// A chain whose oracle knows the prover's key and the providers. Slots are counted from the
    /// time that the clock is at then.
    ///
    /// # Errors
    /// [`DemoError::World`], [`DemoError::Chain`].
    pub fn open(
        programs: ProgramKind,
        prover: &Prover,
        feed_kind: FeedKind,
    ) -> Result<Self, DemoError> {
        let mut world = World::initialized(&WorldOptions {
            providers: PROVIDERS,
            threshold: THRESHOLD,
            network: Network::Localnet,
            ..WorldOptions::new(programs)
        })?;
        let set = world.provider_set_args(World::PROVIDER_SET_ID, 0);
        world.provider_set = world.propose_provider_set(set)?;
        world.verifying_key = world.propose_verifying_key(ProposeVerifyingKeyArgs {
            circuit_id: World::CIRCUIT_ID,
            key_version: 0,
            aggregation: match prover.circuit().aggregation() {
                attestation::Aggregation::Agreement => Aggregation::Agreement,
                attestation::Aggregation::Median => Aggregation::Median,
            },
            feed_kind,
            slots: u8::try_from(prover.circuit().slots()).unwrap_or(u8::MAX),
            development: prover.is_dev(),
            transcript_hash: [0; 32],
            r1cs_hash: [0; 32],
            key: prover.verifying_key().as_bytes().to_vec(),
        })?;
        world.pass_timelock();
        let mint = world.chain.create_mint(&MintOptions::default())?;
        let start = (world.chain.slot(), world.chain.now().0);
        Ok(Self { world, mint, start })
    }

    pub fn token_program(&self) -> Pubkey {
        self.mint.program.id()
    }

    /// Somebody new with `amount` base units.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn person(&mut self, amount: u64) -> Result<Person, DemoError> {
        let chain = &mut self.world.chain;
        let key = chain.new_actor()?;
        let tokens = chain.create_associated_token_account(self.mint, key.pubkey(), amount)?;
        Ok(Person { key, tokens })
    }

    /// Sends what nobody may refuse; `step` names it if somebody does.
    ///
    /// # Errors
    /// [`DemoError::Step`].
    pub fn must(
        &mut self,
        step: &str,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Receipt, DemoError> {
        self.world
            .chain
            .send(instructions, signers)
            .map_err(|cause| failed(step, cause))
    }

    /// Sends what may be refused, and tells why if it is.
    ///
    /// # Errors
    /// [`DemoError::Step`] for every other failure.
    pub fn attempt(
        &mut self,
        step: &str,
        instructions: &[Instruction],
        signer: &Keypair,
    ) -> Result<Option<NamedError>, DemoError> {
        match self.world.chain.send(instructions, &[signer]) {
            Ok(_) => Ok(None),
            Err(SendError::Refused(refusal)) => Ok(Some(refusal.error)),
            Err(cause) => Err(failed(step, cause)),
        }
    }

    /// As [`Self::attempt`], for an instruction that names more accounts than a transaction has room for
    /// without a lookup table.
    ///
    /// # Errors
    /// As there.
    pub fn attempt_with_table(
        &mut self,
        step: &str,
        instruction: &Instruction,
        signer: &Keypair,
    ) -> Result<Option<NamedError>, DemoError> {
        match self.world.chain.send_with_table(instruction, &[signer]) {
            Ok(_) => Ok(None),
            Err(SendError::Refused(refusal)) => Ok(Some(refusal.error)),
            Err(cause) => Err(failed(step, cause)),
        }
    }

    /// A keeper who does what is due and nothing more.
    pub fn keeper(&self) -> KeeperSettings {
        KeeperSettings {
            keeper: self.world.chain.fee_payer(),
            proposer: None,
            poke_after_seconds: i64::MAX,
            pays_in_one_call: false,
        }
    }

    /// Plays the keeper until nothing is due anywhere.
    ///
    /// # Errors
    /// [`DemoError::Chain`], [`DemoError::Step`].
    pub fn keep(&mut self, settings: &KeeperSettings) -> Result<(), DemoError> {
        loop {
            let (snapshot, token_programs) = (self.snapshot()?, self.token_programs());
            let plans = snapshot.plan(&token_programs, settings, self.world.chain.clock());
            if plans.is_empty() {
                return Ok(());
            }
            for action in plans.into_values().flatten() {
                let sent = self.world.chain.send_with_table(&action.instruction(), &[]);
                sent.map_err(|cause| failed(action.name(), cause))?;
            }
        }
    }

    /// Moves the clock to a time, never back, and neither its slot, which timelocks move on faster.
    pub fn go_to(&mut self, time: u64) {
        let (slot, start) = self.start;
        let time = time.max(self.now());
        let slots = time.saturating_sub(start) / SLOT_MS;
        let slot = slot.saturating_add(slots).max(self.slot());
        self.world.chain.set_time(slot, UnixMillis(time));
    }

    /// Unix milliseconds.
    pub fn now(&self) -> u64 {
        self.world.chain.now().0
    }

    pub fn slot(&self) -> u64 {
        self.world.chain.slot()
    }

    /// The time at which a slot begins.
    pub fn time_of(&self, slot: u64) -> u64 {
        let (first, start) = self.start;
        start.saturating_add(slot.saturating_sub(first).saturating_mul(SLOT_MS))
    }

    /// Base units in a token account.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn balance(&self, tokens: Pubkey) -> Result<u64, DemoError> {
        Ok(self.world.chain.token_balance(tokens)?)
    }

    /// What a keeper sees of the chain now.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn snapshot(&self) -> Result<Snapshot, DemoError> {
        let accounts = self.world.chain.accounts_of(&Snapshot::PROGRAMS)?;
        Ok(Snapshot::new(accounts))
    }

    /// The token program of the mint, as a keeper's plans ask for it.
    pub fn token_programs(&self) -> BTreeMap<Pubkey, Pubkey> {
        BTreeMap::from([(self.mint.address, self.token_program())])
    }

    /// The sum of all token accounts of the mint, against its supply. Base units.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn held_and_supply(&self) -> Result<(u128, u128), DemoError> {
        let mut held = 0;
        for (address, account) in self.world.chain.accounts_of(&[self.token_program()])? {
            let is_of_mint = account.data.len() == TOKEN_ACCOUNT_LEN
                && account.data.starts_with(self.mint.address.as_ref());
            if is_of_mint {
                held += u128::from(self.balance(address)?);
            }
        }
        let supply = self.world.chain.token_supply(self.mint.address)?;
        Ok((held, supply.into()))
    }

    /// Accounts of a program, and of the oracle, that are on the chain and counted, and those of
    /// `addresses` that are.
    ///
    /// # Errors
    /// [`DemoError::Chain`].
    pub fn open_accounts(
        &self,
        program: Pubkey,
        is_counted: impl Fn(&Pubkey, &[u8]) -> bool,
        addresses: impl IntoIterator<Item = Pubkey>,
    ) -> Result<usize, DemoError> {
        let chain = &self.world.chain;
        let found = chain.accounts_of(&[program, oracle::ID])?;
        let counted = found
            .iter()
            .filter(|(_, account)| is_counted(&account.owner, &account.data));
        let mut open = counted.count();
        for address in addresses {
            open += usize::from(chain.find_account(address)?.is_some());
        }
        Ok(open)
    }
}

fn failed(step: &str, cause: SendError) -> DemoError {
    DemoError::Step {
        step: step.to_owned(),
        cause: Box::new(cause),
    }
}

/// When a goal falls after a kick-off: within its minute, stoppage time squeezed into its end.
pub fn time_of_goal(kick_off: u64, at: Minute) -> u64 {
    let stoppage = u64::from(at.offset.min(28)) * SECOND;
    kick_off + u64::from(at.minute - 1) * MINUTE + 30 * SECOND + stoppage
}
