use anchor_lang::prelude::*;

use super::{MAX_BRANCHES, MAX_OUTCOMES};

/// What one owner has in the branches of one group. Address: seeds `quantum-ticket`, group, owner.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct QuantumTicket {
    pub version: u8,
    pub bump: u8,
    pub padding: [u8; 6],
    pub group: Pubkey,
    pub owner: Pubkey,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Base units deposited, less those that were merged.
    pub deposited: u64,
    /// Base units that are in no share, by branch.
    pub credits: [u64; MAX_BRANCHES],
    /// By branch, of each outcome.
    pub shares: [[u64; MAX_OUTCOMES]; MAX_BRANCHES],
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<QuantumTicket>().is_multiple_of(8));
