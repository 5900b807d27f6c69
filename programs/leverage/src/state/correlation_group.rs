use anchor_lang::prelude::*;
use math::{LendingBook, Money};

use super::{at_stake, change};

/// Markets that are lost together. Address: seeds `group`, pool, id.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct CorrelationGroup {
    pub version: u8,
    pub bump: u8,
    pub padding: [u8; 2],
    pub open_listings: u32,
    /// Of the admin's choice.
    pub id: u64,
    pub pool: Pubkey,
    /// Paid the rent, and gets it back.
    pub rent_payer: Pubkey,
    /// Of its listings' loans.
    pub debt_shares: u64,
    /// What debts against its open listings that nobody paid have cost, as the pool counts it.
    pub lost: u64,
    pub reserved: [u8; 24],
}

const _: () = assert!(core::mem::size_of::<CorrelationGroup>() == 120);

impl CorrelationGroup {
    /// What the pool loses by its open listings at most, and has lost by them; base units, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn at_stake(&self, book: &LendingBook) -> Result<Money> {
        at_stake(book, self.debt_shares, self.lost)
    }

    /// Adds and takes debt shares of its listings.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn change_debt_shares(&mut self, added: u64, taken: u64) -> Result<()> {
        change(&mut self.debt_shares, added, taken)
    }

    /// Adds a debt that nobody pays, and takes those of a listing that is settled; parts as in `lost`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn change_lost(&mut self, added: u64, taken: u64) -> Result<()> {
        change(&mut self.lost, added, taken)
    }
}
