use anchor_lang::prelude::*;

use crate::error::OracleError;

/// Cluster that a deployment says it is on. It separates signatures, and decides what is refused.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum Network {
    Localnet,
    Devnet,
    Mainnet,
}

impl Network {
    /// Text that enters the domain.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Localnet => "localnet",
            Self::Devnet => "devnet",
            Self::Mainnet => "mainnet",
        }
    }
}

/// Governance of a deployment. Address: seeds `config`.
#[account]
#[derive(InitSpace)]
pub struct OracleConfig {
    pub version: u8,
    pub bump: u8,
    pub network: Network,
    /// May propose; everything it proposes waits for the timelock.
    pub admin: Pubkey,
    /// Accepts to become admin from `pending_admin_from`; the default key if nobody is proposed.
    pub pending_admin: Pubkey,
    /// Unix seconds.
    pub pending_admin_from: i64,
    /// May only lower risk: pause, suspend, lower caps, cancel.
    pub guardian: Pubkey,
    /// Takes the guardian's place from `pending_guardian_from`; the default key if none is named.
    pub pending_guardian: Pubkey,
    /// Unix seconds.
    pub pending_guardian_from: i64,
    /// Seconds between a proposal and its effect.
    pub timelock: i64,
    /// Seconds that observations and result roots stay before they may be closed.
    pub retention: i64,
    /// Domain of signatures and statements, a field element, big-endian.
    pub domain: [u8; 32],
    pub reserved: [u8; 128],
}

impl OracleConfig {
    /// When what is proposed at `now` takes effect; unix seconds.
    ///
    /// # Errors
    /// [`OracleError::Overflow`].
    pub fn active_from(&self, now: i64) -> Result<i64> {
        now.checked_add(self.timelock)
            .ok_or_else(|| error!(OracleError::Overflow))
    }

    /// Whether the retention of what was verified at `verified_at`, unix seconds, has passed.
    ///
    /// # Errors
    /// [`OracleError::RetentionNotPassed`], [`OracleError::Overflow`].
    pub fn require_retained(&self, verified_at: i64) -> Result<()> {
        let closable_from = verified_at
            .checked_add(self.retention)
            .ok_or(OracleError::Overflow)?;
        require_gte!(
            Clock::get()?.unix_timestamp,
            closable_from,
            OracleError::RetentionNotPassed
        );
        Ok(())
    }

    /// The guardian in force at `now`, unix seconds.
    pub fn guardian_at(&self, now: i64) -> Pubkey {
        let replaced =
            self.pending_guardian != Pubkey::default() && now >= self.pending_guardian_from;
        if replaced {
            self.pending_guardian
        } else {
            self.guardian
        }
    }
}
