use anchor_lang::prelude::*;
use program_kit::{EventHeader, ScheduledKey};

use crate::error::OracleError;

/// A cluster that the program can be built for. It separates signatures, and decides what is refused.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum Network {
    Localnet,
    Devnet,
    Mainnet,
}

/// The cluster that this program is built for.
pub const NETWORK: Network = if cfg!(feature = "mainnet") {
    Network::Mainnet
} else if cfg!(feature = "devnet") {
    Network::Devnet
} else {
    Network::Localnet
};

#[cfg(all(feature = "mainnet", feature = "devnet"))]
compile_error!("a program is built for one network: choose one of the features mainnet and devnet");

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
    pub guardian: ScheduledKey,
    /// Seconds between a proposal and its effect.
    pub timelock_seconds: i64,
    /// Seconds that observations and result roots stay before they may be closed.
    pub retention_seconds: i64,
    /// Domain of signatures and statements, a field element, big-endian.
    pub domain: [u8; 32],
    /// Number of the last event.
    pub sequence: u64,
    pub reserved: [u8; 128],
}

impl OracleConfig {
    /// When what is proposed at `now` takes effect; unix seconds. Nothing does in a deployment that a
    /// program for another network initialized: its timelock may be any.
    ///
    /// # Errors
    /// [`OracleError::WrongNetwork`], [`OracleError::Overflow`].
    pub fn active_from(&self, now: i64) -> Result<i64> {
        require!(self.network == NETWORK, OracleError::WrongNetwork);
        now.checked_add(self.timelock_seconds)
            .ok_or_else(|| error!(OracleError::Overflow))
    }

    /// The header of the configuration's next event.
    ///
    /// # Errors
    /// [`OracleError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        Ok(EventHeader::next(&mut self.sequence, clock).map_err(OracleError::from)?)
    }

    /// Whether the retention of what was verified at `verified_at`, unix seconds, has passed.
    ///
    /// # Errors
    /// [`OracleError::RetentionNotPassed`], [`OracleError::Overflow`].
    pub fn require_retained(&self, verified_at: i64) -> Result<()> {
        let closable_from = verified_at
            .checked_add(self.retention_seconds)
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
        self.guardian.at(now)
    }
}
