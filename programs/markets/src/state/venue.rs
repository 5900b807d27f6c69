use anchor_lang::prelude::*;
use market_core::Moment;
use program_kit::{Custody, EventHeader, Pause, ScheduledKey, SignerSeeds};

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
    pub pause: Pause,
    /// Seconds that the pauses before this one lasted.
    pub past_pauses_seconds: u64,
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Venue>().is_multiple_of(8));

/// The present moment, as far as it concerns a market of the venue.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    pub slot: u64,
    /// Unix seconds.
    pub seconds: i64,
    pub is_paused: bool,
    pause: Pause,
    past_pauses_seconds: u64,
}

impl Now {
    pub fn moment(self) -> Moment {
        Moment {
            slot: self.slot,
            seconds: self.seconds,
        }
    }

    /// Seconds until `second`, not after now, in which the venue was paused.
    pub fn paused_seconds_at(self, second: i64) -> u64 {
        self.past_pauses_seconds
            .saturating_add(paused_seconds(&self.pause, second))
    }
}

/// Seconds that a pause lasted until `second`.
fn paused_seconds(pause: &Pause, second: i64) -> u64 {
    if pause.paused_at == 0 {
        return 0;
    }
    let end = match pause.unpause_from {
        0 => second,
        unpause_from => second.min(unpause_from),
    };
    end.saturating_sub(pause.paused_at).max(0).unsigned_abs()
}

impl Venue {
    pub fn now(&self, clock: &Clock) -> Now {
        Now {
            slot: clock.slot,
            seconds: clock.unix_timestamp,
            is_paused: self.pause.is_paused(clock.unix_timestamp),
            pause: self.pause,
            past_pauses_seconds: self.past_pauses_seconds,
        }
    }

    /// # Errors
    /// `Paused` at `now`, unix seconds.
    pub fn require_not_paused(&self, now: i64) -> Result<()> {
        let open = self.pause.require_not_paused(now);
        open.map_err(|error| MarketError::from(error).into())
    }

    /// Stops new risk at `now`, unix seconds. A pause that is over is counted before.
    pub fn pause(&mut self, now: i64) {
        if !self.pause.is_paused(now) {
            let lasted = paused_seconds(&self.pause, now);
            self.past_pauses_seconds = self.past_pauses_seconds.saturating_add(lasted);
        }
        self.pause.pause(now);
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
