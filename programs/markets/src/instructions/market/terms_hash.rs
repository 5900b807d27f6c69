//! The hash that ends a market's address: who builds a transaction for an address knows what it is.

use anchor_lang::prelude::*;
use solana_sha256_hasher::hashv;

use super::CreateMarketArgs;
use crate::state::Terms;

/// Domain of the hash.
const DOMAIN: &[u8] = b"strobe:markets:terms:v1";

/// Everything that a market is bound by.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct MarketTerms {
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub arbiter_set: Pubkey,
    pub arbiter_key: Pubkey,
    /// The venue's, in force at the creation.
    pub venue_terms: Terms,
    pub args: CreateMarketArgs,
}

impl MarketTerms {
    /// SHA-256 of domain, program and the terms as they are serialized, which never fails into a
    /// list; if it did, the hash would be one that no honest terms have.
    pub fn hash(&self) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(512);
        let is_whole = self.serialize(&mut bytes).is_ok();
        hashv(&[DOMAIN, crate::ID.as_ref(), &[is_whole.into()], &bytes]).to_bytes()
    }
}
