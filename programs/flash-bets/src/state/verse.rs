use anchor_lang::prelude::*;
use market_core::{difference, sum};
use program_kit::{decrement, increment};

use crate::error::FlashError;

/// Most levels of verses, the root included.
#[constant]
pub const MAX_VERSE_DEPTH: u8 = 8;

/// What the vault has at risk on events that belong together, and on what is below: a league, a matchday, a
/// match. Address: seeds `verse`, vault, id.
///
/// Written when a market or a group is funded or gives back, and when a leg of a chain opens or ends; never
/// by a bet.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Verse {
    pub version: u8,
    pub bump: u8,
    /// Levels from the root down to it: 1 of a root.
    pub depth: u8,
    pub padding: u8,
    /// Verses and books of events that name it.
    pub children: u32,
    pub id: u64,
    pub vault: Pubkey,
    /// The verse that it belongs to, for good; the default address of a root.
    pub parent: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Base units that the vault has put into markets of the events below and not got back, and what open chains
    /// with a leg on them would be paid, each whole for each leg.
    pub at_risk: u64,
    /// Most of that, for good.
    pub cap: u64,
    /// The part that is chains': at most half of the cap, so that they leave room for markets.
    pub chain_payouts: u64,
    /// Since when nothing names it; unix seconds.
    pub idle_since: i64,
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<Verse>() == 200);

/// What the vault puts at risk on an event, base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// The funding of a market or a group.
    Funding(u64),
    /// The payout of a chain with a leg on it.
    Chain(u64),
}

impl Risk {
    /// All of it, and the part that is a chain's.
    fn parts(self) -> (u64, u64) {
        match self {
            Self::Funding(funding) => (funding, 0),
            Self::Chain(payout) => (payout, payout),
        }
    }
}

impl Verse {
    /// Whether no more is at risk with `amount` than may be, for markets or for a chain.
    ///
    /// # Errors
    /// [`FlashError::VerseCapExceeded`], [`FlashError::VerseChainsExceeded`], `Overflow`.
    pub fn require_room(&self, risk: Risk) -> core::result::Result<(), FlashError> {
        let (amount, payout) = risk.parts();
        if sum([self.at_risk, amount])? > self.cap {
            return Err(FlashError::VerseCapExceeded);
        }
        // Twice the payouts within the cap: half of an odd one is rounded down.
        let payouts = sum([self.chain_payouts, payout])?;
        if payout > 0 && payouts > self.cap.saturating_sub(payouts) {
            return Err(FlashError::VerseChainsExceeded);
        }
        Ok(())
    }

    /// # Errors
    /// `Overflow`.
    pub fn add(&mut self, risk: Risk) -> core::result::Result<(), FlashError> {
        let (amount, payout) = risk.parts();
        self.at_risk = sum([self.at_risk, amount])?;
        self.chain_payouts = sum([self.chain_payouts, payout])?;
        Ok(())
    }

    /// # Errors
    /// `Overflow` if less is at risk.
    pub fn take(&mut self, risk: Risk) -> core::result::Result<(), FlashError> {
        let (amount, payout) = risk.parts();
        self.at_risk = difference(self.at_risk, amount)?;
        self.chain_payouts = difference(self.chain_payouts, payout)?;
        Ok(())
    }

    /// Counts what names it from now on, in the vault `vault`.
    ///
    /// # Errors
    /// [`FlashError::WrongAccount`] of another vault, `Overflow`.
    pub fn adopt(&mut self, vault: &Pubkey) -> core::result::Result<(), FlashError> {
        if self.vault != *vault {
            return Err(FlashError::WrongAccount);
        }
        Ok(increment(&mut self.children)?)
    }

    /// Takes off what named it and is closed at `now`, unix seconds.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn release(&mut self, now: i64) -> core::result::Result<(), FlashError> {
        self.idle_since = now;
        Ok(decrement(&mut self.children)?)
    }
}
