use anchor_lang::prelude::*;

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
    /// The worst losses of its listings, in debt shares.
    pub worst_debt_shares: u64,
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<CorrelationGroup>() == 120);
