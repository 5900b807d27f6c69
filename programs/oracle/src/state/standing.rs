use anchor_lang::{prelude::*, ZeroCopy};
use program_kit::EventHeader;

use crate::error::OracleError;

/// Whether what governance published may be used: from when on, and whether it was taken back.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Standing {
    /// Unix seconds from which it can be used.
    pub active_from: i64,
    /// Number of the account's last event.
    pub sequence: u64,
    /// Gets the rent if the proposal is cancelled.
    pub rent_payer: Pubkey,
    /// 1 if suspended, which is for good: nothing counts any more that stands on it.
    pub suspended: u8,
    /// 1 if retired, which is for good: no new market may take it, those that have it are served.
    pub retired: u8,
    pub padding: [u8; 6],
}

impl Standing {
    /// Of what was just proposed.
    pub fn proposed(active_from: i64, rent_payer: Pubkey, header: &EventHeader) -> Self {
        Self {
            active_from,
            sequence: header.sequence,
            rent_payer,
            suspended: 0,
            retired: 0,
            padding: [0; 6],
        }
    }
}

/// A provider set or a verifying key.
pub trait Published: ZeroCopy + Owner {
    const NOT_ACTIVE: OracleError;
    const SUSPENDED: OracleError;
    const RETIRED: OracleError;

    fn standing(&self) -> &Standing;

    fn standing_mut(&mut self) -> &mut Standing;

    /// Whether it counts at `now`, unix seconds.
    ///
    /// # Errors
    /// [`Self::SUSPENDED`], [`Self::NOT_ACTIVE`].
    #[inline(always)]
    fn require_active(&self, now: i64) -> Result<()> {
        require!(!self.is_suspended(), Self::SUSPENDED);
        require!(now >= self.standing().active_from, Self::NOT_ACTIVE);
        Ok(())
    }

    /// Whether it was suspended, which is for good.
    #[inline(always)]
    fn is_suspended(&self) -> bool {
        self.standing().suspended != 0
    }

    /// # Errors
    /// [`Self::RETIRED`].
    #[inline(always)]
    fn require_not_retired(&self) -> Result<()> {
        require!(self.standing().retired == 0, Self::RETIRED);
        Ok(())
    }

    /// The header of the account's next event.
    ///
    /// # Errors
    /// [`OracleError::Overflow`].
    fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        let header = EventHeader::next(&mut self.standing_mut().sequence, clock);
        Ok(header.map_err(OracleError::from)?)
    }
}
