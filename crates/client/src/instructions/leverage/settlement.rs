//! After a market's end.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use leverage::{accounts, instruction, ID};

use super::{Holding, ListingAccounts};
use crate::instructions::build;

/// Redeems all shares of a settled market.
#[derive(Clone, Copy, Debug)]
pub struct SettleMarket {
    pub listing: ListingAccounts,
    /// Paid the listing's rent.
    pub rent_payer: Pubkey,
}

impl SettleMarket {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.listing;
        build(
            ID,
            &accounts::SettleMarket {
                pool: listing.pool.pool,
                group: listing.group,
                listing: listing.listing(),
                market: listing.market,
                listing_position: listing.listing_position(),
                market_tokens: listing.market_tokens(),
                listing_tokens: listing.listing_tokens(),
                rent_payer: self.rent_payer,
                token_program: listing.pool.token_program,
                markets_program: markets::ID,
            },
            &instruction::SettleMarket {},
        )
    }
}

/// Pays a position's debt of its payout.
#[derive(Clone, Copy, Debug)]
pub struct SettlePosition {
    pub holding: Holding,
}

impl SettlePosition {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::SettlePosition {
                pool: listing.pool.pool,
                group: listing.group,
                listing: listing.listing(),
                position: self.holding.position(),
                listing_tokens: listing.listing_tokens(),
                pool_tokens: listing.pool.pool_tokens(),
                token_program: listing.pool.token_program,
            },
            &instruction::SettlePosition {},
        )
    }
}
