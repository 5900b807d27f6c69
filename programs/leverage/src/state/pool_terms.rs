use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use math::{BasisPoints, BorrowRates};

use crate::error::LoanError;

/// Most of all debts of a group of markets, and of all, with what they cost before, basis points of the pool's cash.
#[constant]
pub const MAX_GROUP_LOSS: u16 = 300;
#[constant]
pub const MAX_TOTAL_LOSS: u16 = 1_000;

/// What a pool lends at, and how much it may lose.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct PoolTerms {
    /// Yearly rates, basis points: when nothing is lent, when the part `kink` is, and when all is.
    pub idle_rate: u16,
    pub kink_rate: u16,
    pub full_rate: u16,
    pub kink: u16,
    /// Most of all debts of a group of markets, and of all, with what they cost before, basis points of the pool's
    /// cash.
    pub group_loss: u16,
    pub total_loss: u16,
    /// Between the request of a deposit or a withdrawal and its execution.
    pub notice_seconds: u32,
}

program_kit::scheduled! {
    /// Terms that change only after a timelock.
    #[zero_copy]
    #[derive(Debug)]
    #[repr(C)]
    pub struct ScheduledPoolTerms of PoolTerms
}

impl PoolTerms {
    /// Range of the notice, in seconds.
    pub const NOTICE_SECONDS: core::ops::RangeInclusive<u32> = 60 * 60..=7 * 24 * 60 * 60;

    /// # Errors
    /// [`LoanError::TermsOutOfRange`].
    pub fn check(&self) -> Result<()> {
        let is_valid = self.rates().are_valid()
            && self.group_loss <= MAX_GROUP_LOSS
            && self.total_loss <= MAX_TOTAL_LOSS
            && Self::NOTICE_SECONDS.contains(&self.notice_seconds);
        require!(is_valid, LoanError::TermsOutOfRange);
        Ok(())
    }

    pub fn rates(&self) -> BorrowRates {
        BorrowRates {
            idle: BasisPoints(self.idle_rate),
            at_kink: BasisPoints(self.kink_rate),
            full: BasisPoints(self.full_rate),
            kink: BasisPoints(self.kink),
        }
    }
}
