//! How a transaction reaches a chain, and what became of it.
//!
//! [`Transport`] is what the commands and a service are written against. The feature `rpc` has the one
//! that speaks to a cluster; an embedded chain for tests is another.

#[cfg(feature = "rpc")]
mod cluster;
#[cfg(feature = "rpc")]
mod rpc;

use std::error::Error;

use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::instruction::Instruction,
};
use solana_account::Account;
use solana_message::{
    v0, AddressLookupTableAccount, CompileError, Hash, Message, VersionedMessage,
};
use solana_signer::{Signer, SignerError};
use solana_transaction::{versioned::VersionedTransaction, Signature};
use thiserror::Error;

#[cfg(feature = "rpc")]
pub use cluster::{Cluster, ClusterError};
#[cfg(feature = "rpc")]
pub use rpc::{AccountWatch, PriorityFee, Rpc, RpcSettings};

use crate::{
    accounts::{decode, AccountError, StrobeAccount},
    errors::NamedError,
    events::EmittedEvent,
    lookup_tables::{self, recent_slots, NewTable, SLOT_HASHES},
};

/// Transactions signed anew, one after the other, before a sending is given up. Each follows one that
/// can no longer land.
const SIGNINGS: usize = 3;
/// Slots of which a lookup table is tried to be made.
const SLOTS_TRIED: usize = 16;
/// Most bytes of a transaction that every cluster takes.
pub const MAX_TRANSACTION_BYTES: usize = 1_232;

/// A chain that can be read and sent to.
pub trait Transport {
    /// # Errors
    /// [`TransportError`], here and below, if the chain cannot be read.
    fn account(&mut self, address: &Pubkey) -> Result<Option<Account>, TransportError>;

    /// Accounts of a program that start with `discriminator`.
    fn accounts_of(
        &mut self,
        program: &Pubkey,
        discriminator: &[u8],
    ) -> Result<Vec<(Pubkey, Account)>, TransportError>;

    /// The clock that programs read.
    fn clock(&mut self) -> Result<Clock, TransportError>;

    /// Waits until the chain is past a slot.
    fn wait_past(&mut self, slot: u64) -> Result<(), TransportError>;

    /// What a transaction would do, without signing or sending it. `payer` pays its fee. With lookup
    /// tables it is of version 0, else a legacy one; so below.
    ///
    /// # Errors
    /// [`TransportError::Refused`] if it would fail.
    fn simulate_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        payer: &Pubkey,
    ) -> Result<Simulated, TransportError>;

    /// Signs a transaction that has been simulated. The first signer pays its fee.
    ///
    /// # Errors
    /// As [`Self::simulate_with`]; [`TransportError::Sign`].
    fn prepare_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        signers: &[&dyn Signer],
    ) -> Result<Prepared, TransportError>;

    /// [`Self::simulate_with`] without tables.
    ///
    /// # Errors
    /// As there.
    fn simulate(
        &mut self,
        instructions: &[Instruction],
        payer: &Pubkey,
    ) -> Result<Simulated, TransportError> {
        self.simulate_with(instructions, &[], payer)
    }

    /// [`Self::prepare_with`] without tables.
    ///
    /// # Errors
    /// As there.
    fn prepare(
        &mut self,
        instructions: &[Instruction],
        signers: &[&dyn Signer],
    ) -> Result<Prepared, TransportError> {
        self.prepare_with(instructions, &[], signers)
    }

    /// Sends a transaction and waits until it is in force. It may be called again with the same one,
    /// which takes effect once at most.
    ///
    /// # Errors
    /// [`TransportError::Refused`] if it landed and failed, [`TransportError::Expired`] if it can no
    /// longer land, [`TransportError::Unconfirmed`] if neither is known.
    fn submit(&mut self, prepared: &Prepared) -> Result<Landed, TransportError>;

    /// [`Self::submit`] of a transaction that may have been sent before, without sending it.
    ///
    /// # Errors
    /// As there.
    fn watch(&mut self, prepared: &Prepared) -> Result<Landed, TransportError>;

    /// Prepares and submits, anew if the blockhash expires. A transaction that may have landed is
    /// never followed by another.
    ///
    /// # Errors
    /// Those of [`Self::prepare`] and [`Self::submit`].
    fn send(
        &mut self,
        instructions: &[Instruction],
        signers: &[&dyn Signer],
    ) -> Result<Landed, TransportError> {
        self.send_with(instructions, &[], signers)
    }

    /// [`Self::send`] with lookup tables.
    ///
    /// # Errors
    /// As there.
    fn send_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        signers: &[&dyn Signer],
    ) -> Result<Landed, TransportError> {
        let mut left = SIGNINGS;
        loop {
            let prepared = self.prepare_with(instructions, tables, signers)?;
            left = left.saturating_sub(1);
            match self.submit(&prepared) {
                Err(TransportError::Expired { .. }) if left > 0 => {}
                outcome => return outcome,
            }
        }
    }
}

/// A signed transaction.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub transaction: VersionedTransaction,
    /// Height after which it cannot land.
    pub last_valid_block_height: u64,
}

impl Prepared {
    /// By which the transaction is found.
    pub fn signature(&self) -> Signature {
        self.transaction
            .signatures
            .first()
            .copied()
            .unwrap_or_default()
    }
}

/// What a transaction would do.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    /// `None` where nothing is metered.
    pub compute_units: Option<u64>,
    pub logs: Vec<String>,
    pub return_data: Option<Vec<u8>>,
}

/// What a transaction did.
#[derive(Clone, Debug)]
pub struct Landed {
    pub signature: Signature,
    pub slot: u64,
    pub compute_units: Option<u64>,
    pub fee_lamports: Option<u64>,
    pub logs: Vec<String>,
    pub events: Vec<EmittedEvent>,
}

/// Why a transaction did nothing.
#[derive(Clone, Debug)]
pub struct Refused {
    pub error: NamedError,
    pub logs: Vec<String>,
    /// Of the transaction that failed on the chain; `None` if the simulation found it out.
    pub signature: Option<Signature>,
}

/// Why a chain cannot be read, or a transaction is not in force.
#[derive(Debug, Error)]
pub enum TransportError {
    #[error("{}", .0.error)]
    Refused(Box<Refused>),
    #[error("{payer} pays the fee and has no SOL on this cluster; send it some first")]
    NoFunds { payer: Pubkey },
    #[error("{url} does not answer: {cause}")]
    Silent { url: String, cause: String },
    #[error("{url} has confirmed nothing new: its slot is {confirmed}, the last that it processed {processed}; wait until it has caught up")]
    Behind {
        url: String,
        confirmed: u64,
        processed: u64,
    },
    #[error("{url} answers that it gets too many requests (429); wait, or use another RPC node")]
    TooManyRequests { url: String },
    #[error("{url} refuses the request: {message}")]
    Rpc { url: String, message: String },
    #[error("the transaction {signature} was not taken before its blockhash expired: it had no effect and cannot have one any more; try again, with a higher priority fee if the cluster is busy")]
    Expired { signature: Signature },
    #[error("whether the transaction {signature} landed is not known ({cause}); look for it with `solana confirm {signature}` before you do anything again")]
    Unconfirmed { signature: Signature, cause: String },
    #[error("the transaction has {bytes} bytes, at most {MAX_TRANSACTION_BYTES} are taken; do less at once")]
    TooLarge { bytes: usize },
    #[error("the transaction's accounts cannot be numbered: {0}")]
    Compile(#[from] CompileError),
    #[error("the transaction cannot be signed: {0}")]
    Sign(#[from] SignerError),
    #[error("there is no {name} at {address}")]
    Missing { name: &'static str, address: Pubkey },
    #[error("{address}: {cause}")]
    Account {
        address: Pubkey,
        cause: AccountError,
    },
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

/// Reads an account of one of Strobe's programs; `None` if there is none.
///
/// # Errors
/// [`TransportError::Account`] if it is another's, and those of [`Transport::account`].
pub fn find<T: StrobeAccount>(
    chain: &mut dyn Transport,
    address: &Pubkey,
) -> Result<Option<T>, TransportError> {
    let Some(account) = chain.account(address)? else {
        return Ok(None);
    };
    // Lamports may be sent to an address before its account is made.
    if account.data.is_empty() && account.owner == anchor_lang::system_program::ID {
        return Ok(None);
    }
    let account = decode(&account.owner, &account.data);
    account.map(Some).map_err(|cause| TransportError::Account {
        address: *address,
        cause,
    })
}

/// Reads an account of one of Strobe's programs that has to be there.
///
/// # Errors
/// [`TransportError::Missing`], and those of [`find`].
pub fn read<T: StrobeAccount>(
    chain: &mut dyn Transport,
    address: &Pubkey,
) -> Result<T, TransportError> {
    find(chain, address)?.ok_or(TransportError::Missing {
        name: T::NAME,
        address: *address,
    })
}

/// Makes a lookup table of an instruction's accounts, and waits until it can be used. The authority pays
/// its rent, and gets it back by [`deactivate`](crate::lookup_tables::deactivate) and
/// [`close`](crate::lookup_tables::close).
///
/// # Errors
/// Those of [`Transport::send`]: a table whose making failed half-way is its authority's all the same.
pub fn make_table(
    chain: &mut dyn Transport,
    instruction: &Instruction,
    authority: &dyn Signer,
) -> Result<AddressLookupTableAccount, TransportError> {
    let hashes = chain.account(&SLOT_HASHES)?.unwrap_or_default();
    // Of a slot and an authority there is one table at most.
    for slot in recent_slots(&hashes).take(SLOTS_TRIED) {
        let new = NewTable::new(authority.pubkey(), slot, instruction);
        if chain.account(&new.table.key)?.is_some() {
            continue;
        }
        let mut extended = 0;
        for step in &new.steps {
            extended = chain.send(step, &[authority])?.slot;
        }
        chain.wait_past(extended)?;
        return Ok(new.table);
    }
    Err(TransportError::Missing {
        name: "slot of which a table could be made",
        address: SLOT_HASHES,
    })
}

/// What was sent by a lookup table of its own, which is out of use again.
#[derive(Debug)]
pub struct SentByTable {
    pub sent: Result<Landed, TransportError>,
    pub table: Pubkey,
    /// The slot in which it was deactivated; if that failed it is its authority's to do.
    pub deactivated_at: Result<u64, TransportError>,
}

/// Sends an instruction by a new lookup table, and takes that out of use.
///
/// # Errors
/// Those of [`make_table`]. What became of the instruction and of the table is in the answer.
pub fn send_by_table(
    chain: &mut dyn Transport,
    instruction: &Instruction,
    authority: &dyn Signer,
) -> Result<SentByTable, TransportError> {
    let table = make_table(chain, instruction, authority)?;
    let (instructions, tables) = (
        std::slice::from_ref(instruction),
        std::slice::from_ref(&table),
    );
    let sent = chain.send_with(instructions, tables, &[authority]);
    let out = lookup_tables::deactivate(table.key, authority.pubkey());
    let deactivated_at = chain.send(&[out], &[authority]);
    let deactivated_at = deactivated_at.map(|landed| landed.slot);
    Ok(SentByTable {
        sent,
        table: table.key,
        deactivated_at,
    })
}

/// The message of a transaction: of version 0 if there are tables, else a legacy one.
///
/// # Errors
/// [`TransportError::Compile`] if there are too many accounts.
pub fn message(
    instructions: &[Instruction],
    tables: &[AddressLookupTableAccount],
    payer: &Pubkey,
    blockhash: Hash,
) -> Result<VersionedMessage, TransportError> {
    if tables.is_empty() {
        let message = Message::new_with_blockhash(instructions, Some(payer), &blockhash);
        return Ok(VersionedMessage::Legacy(message));
    }
    let message = v0::Message::try_compile(payer, instructions, tables, blockhash)?;
    Ok(VersionedMessage::V0(message))
}

/// Every account of a type, in the order of addresses. One that cannot be read is of another version
/// and left out.
///
/// # Errors
/// Those of [`Transport::accounts_of`].
pub fn all<T: StrobeAccount>(
    chain: &mut dyn Transport,
) -> Result<Vec<(Pubkey, T)>, TransportError> {
    let mut found: Vec<_> = chain
        .accounts_of(&T::owner(), T::DISCRIMINATOR)?
        .into_iter()
        .filter_map(|(address, account)| {
            let decoded = decode(&account.owner, &account.data).ok()?;
            Some((address, decoded))
        })
        .collect();
    found.sort_by_key(|(address, _)| *address);
    Ok(found)
}
