//! How what governance published is taken back, be it a provider set or a verifying key: cancelled
//! before it is active, retired or suspended after.

use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OracleError,
    governance::{refuse_durable_nonce, require_admin_or_guardian},
    state::{OracleConfig, Published},
};

#[event]
pub struct ProposalCancelled {
    pub header: EventHeader,
    pub authority: Pubkey,
    /// The provider set or verifying key.
    pub proposal: Pubkey,
}

#[event]
pub struct Retired {
    pub header: EventHeader,
    pub authority: Pubkey,
    /// The provider set or verifying key.
    pub retired: Pubkey,
}

#[event]
pub struct Suspended {
    pub header: EventHeader,
    pub authority: Pubkey,
    /// The provider set or verifying key.
    pub suspended: Pubkey,
}

/// What was published, in the hands of the admin or the guardian.
pub struct Withdrawal<'a, 'info, T: Published> {
    pub authority: &'a Signer<'info>,
    pub config: &'a OracleConfig,
    pub instructions: &'a AccountInfo<'info>,
    pub published: &'a AccountLoader<'info, T>,
}

impl<T: Published> Withdrawal<'_, '_, T> {
    /// Only before it is active, so that nothing can refer to it yet.
    ///
    /// # Errors
    /// Those of [`Self::authorize`], [`OracleError::AlreadyActive`].
    pub fn cancel(&self) -> Result<()> {
        self.authorize()?;
        let clock = Clock::get()?;
        let mut published = self.published.load_mut()?;
        require_gt!(
            published.standing().active_from,
            clock.unix_timestamp,
            OracleError::AlreadyActive
        );

        emit!(ProposalCancelled {
            header: published.next_event(&clock)?,
            authority: self.authority.key(),
            proposal: self.published.key(),
        });
        Ok(())
    }

    /// For good, and only for new markets: those that have it are served to their end.
    ///
    /// # Errors
    /// Those of [`Self::authorize`], and [`Published::RETIRED`] if it is already.
    pub fn retire(&self) -> Result<()> {
        self.authorize()?;
        let mut published = self.published.load_mut()?;
        published.require_not_retired()?;

        published.standing_mut().retired = 1;
        emit!(Retired {
            header: published.next_event(&Clock::get()?)?,
            authority: self.authority.key(),
            retired: self.published.key(),
        });
        Ok(())
    }

    /// For good: what was suspended comes back only as a new proposal, which waits for the timelock.
    ///
    /// # Errors
    /// Those of [`Self::authorize`], and [`Published::SUSPENDED`] if it is already.
    pub fn suspend(&self) -> Result<()> {
        self.authorize()?;
        let mut published = self.published.load_mut()?;
        require!(!published.is_suspended(), T::SUSPENDED);

        published.standing_mut().suspended = 1;
        emit!(Suspended {
            header: published.next_event(&Clock::get()?)?,
            authority: self.authority.key(),
            suspended: self.published.key(),
        });
        Ok(())
    }

    /// # Errors
    /// [`OracleError::DurableNonce`], [`OracleError::NotAdminOrGuardian`].
    fn authorize(&self) -> Result<()> {
        refuse_durable_nonce(self.instructions)?;
        require_admin_or_guardian(self.config, self.authority)
    }
}
