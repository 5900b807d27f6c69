use anchor_lang::prelude::*;

/// What a hash of a sealed order starts with.
const DOMAIN: &[u8] = b"strobe sealed order 1";

/// What an owner of a sealed order shows in the end.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedTerms {
    /// Of which it buys shares: 0 or 1.
    pub outcome: u8,
    /// The most that a share may cost, Q1.63.
    pub limit: u64,
    /// Random, so that nobody finds the rest by trying.
    pub salt: [u8; 32],
}

impl SealedTerms {
    /// What is put in before: SHA-256 of a domain, the order's address and the terms, so that nobody else's
    /// order reveals by them.
    pub fn commitment(&self, order: &Pubkey) -> [u8; 32] {
        let (outcome, limit) = ([self.outcome], self.limit.to_le_bytes());
        let parts: [&[u8]; 5] = [DOMAIN, order.as_ref(), &outcome, &limit, &self.salt];
        solana_sha256_hasher::hashv(&parts).to_bytes()
    }
}

/// An order of a batch. Address: seeds `sealed`, batch, owner, nonce.
///
/// Its lamports beside the rent are the tip for its return.
#[account]
#[derive(InitSpace, Debug)]
pub struct SealedOrder {
    pub version: u8,
    pub bump: u8,
    pub batch: Pubkey,
    pub owner: Pubkey,
    /// Paid rent and tips; gets what is left of them.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    pub commitment: [u8; 32],
    /// Base units beside the batch's denomination.
    pub bond: u64,
    pub tip_lamports: u64,
    /// Once it is revealed.
    pub revealed: Option<Revealed>,
    pub reserved: [u8; 32],
}

/// What became known of a sealed order.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revealed {
    pub outcome: u8,
    /// Whether the batch's price is within its limit, so that it takes part.
    pub is_within_limit: bool,
}

impl SealedOrder {
    /// Bytes without the discriminator.
    pub const SPACE: usize = Self::INIT_SPACE;
}
