use anchor_lang::prelude::*;
use market_core::{Now, Pauses};
use program_kit::{Custody, EventHeader, ScheduledKey, SignerSeeds};

use crate::{
    error::MarketError,
    state::{seeds, Terms},
};

program_kit::scheduled! {
    /// Terms that are lowered at once, and change otherwise only after a timelock.
    #[zero_copy]
    #[derive(Debug)]
    #[repr(C)]
    pub struct ScheduledTerms of Terms
}

/// Where the standard markets of one mint are held. Address: seeds `venue`, mint.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Venue {
    pub version: u8,
    pub bump: u8,
    pub padding: [u8; 6],
    /// Number of the last event.
    pub sequence: u64,
    pub mint: Pubkey,
    /// Holds `protocol_fees`.
    pub token_account: Pubkey,
    /// Wallet whose token account gets the protocol's fees.
    pub treasury: ScheduledKey,
    /// Base units that markets have released to the venue and the treasury has not collected.
    pub protocol_fees: u64,
    pub terms: ScheduledTerms,
    /// Stops new risk; exits stay open.
    pub pauses: Pauses,
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Venue>().is_multiple_of(8));

impl Venue {
    /// The present moment, as far as it concerns a market of the venue.
    pub fn now(&self, clock: &Clock) -> Now {
        Now::new(clock.slot, clock.unix_timestamp, self.pauses)
    }

    /// # Errors
    /// `Paused` at `now`, unix seconds.
    pub fn require_not_paused(&self, now: i64) -> Result<()> {
        let open = self.pauses.require_not_paused(now);
        open.map_err(|error| MarketError::from(error).into())
    }

    /// What the next event of this venue starts with.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        let header = EventHeader::next(&mut self.sequence, clock);
        header.map_err(|error| MarketError::from(error).into())
    }
}

impl Custody for Venue {
    type Error = MarketError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        SignerSeeds::new(&[seeds::VENUE, self.mint.as_ref(), &[self.bump]])
    }

    fn tracked(&self) -> core::result::Result<u64, MarketError> {
        Ok(self.protocol_fees)
    }

    /// It owes nothing but what it tracks.
    fn assert_solvent(&self) -> core::result::Result<(), MarketError> {
        Ok(())
    }
}
