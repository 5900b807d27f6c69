//! What the ends of chains share.

use anchor_lang::prelude::*;
use market_core::difference;
use program_kit::decrement;

use super::legs::LegBooks;
use crate::{
    error::FlashError,
    instructions::Verses,
    state::{Chain, ChainStatus, LegStatus, Vault},
};

/// Gives an open leg its end, and takes it off the books of its market.
///
/// # Errors
/// [`FlashError::WrongAccount`] for a market that is none of its legs, [`FlashError::Overflow`].
pub fn end_leg(
    chain: &mut Chain,
    books: &mut LegBooks,
    verses: Verses,
    status: LegStatus,
) -> Result<()> {
    let payout = chain.payout;
    let leg = chain.leg_mut(&books.market.key())?;
    leg.status = status as u8;
    let ended = *leg;
    chain.open_legs = chain.open_legs.checked_sub(1).ok_or(FlashError::Overflow)?;
    books.close(&ended, payout, verses)
}

/// Frees what the vault need not pay for the chain any more: all of it once a leg is lost, and what a void
/// leg would have multiplied it by.
///
/// # Errors
/// [`FlashError::Overflow`].
pub fn free_reserve(vault: &mut Vault, chain: &mut Chain) -> core::result::Result<(), FlashError> {
    let needed = if chain.is(ChainStatus::Lost) {
        0
    } else {
        chain.payout_now()?
    };
    vault.free_reserve(difference(chain.reserve, needed)?)?;
    chain.reserve = needed;
    Ok(())
}

/// Books the payment of a chain that is over, and takes it off the vault's books.
///
/// # Errors
/// [`FlashError::Overflow`].
pub fn book_paid(vault: &mut Vault, chain: &Chain, paid: u64, now: i64) -> Result<()> {
    vault.free_reserve(chain.reserve)?;
    vault.book_chain_paid(chain.stake, paid, now)?;
    decrement(&mut vault.open_chains).map_err(FlashError::from)?;
    Ok(())
}

/// Books that a chain that waited gets its stake back.
///
/// # Errors
/// [`FlashError::Overflow`].
pub fn book_returned(vault: &mut Vault, chain: &Chain) -> core::result::Result<(), FlashError> {
    vault.chain_stakes = difference(vault.chain_stakes, chain.stake)?;
    decrement(&mut vault.open_chains)?;
    Ok(())
}

#[event]
pub struct ChainReturned {
    pub header: program_kit::EventHeader,
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    /// Base units that went back.
    pub stake: u64,
    /// Code of the error that it could not be opened for; that of `ExecutionOver` if its time has passed.
    pub reason: u32,
    /// After it: stakes of chains that wait.
    pub chain_stakes: u64,
}
