use anchor_lang::prelude::*;

/// Why somebody says that a proposal is wrong. Address: seeds `dispute`, market.
#[account]
#[derive(InitSpace, Debug)]
pub struct Dispute {
    pub version: u8,
    pub bump: u8,
    /// What the disputer calls the mistake; the program gives it no meaning.
    pub reason: u16,
    pub market: Pubkey,
    /// Posted the bond and paid the rent, and gets what is due of both.
    pub disputer: Pubkey,
    /// SHA-256 of the evidence, which is published elsewhere.
    pub evidence_hash: [u8; 32],
    /// Unix seconds.
    pub opened_at: i64,
    pub reserved: [u8; 32],
}

impl Dispute {
    /// Bytes of the account, discriminator included.
    pub const SPACE: usize = 8 + Self::INIT_SPACE;
}
