//! Instructions of the loans.

mod governance;
mod liquidation;
mod listing;
mod pool;
mod position;
mod settlement;

pub use governance::*;
pub use leverage::instructions::RequestOpenArgs;
pub use leverage::state::{LoanParameters, PoolTerms};
pub use liquidation::*;
pub use listing::*;
pub use pool::*;
pub use position::*;
pub use settlement::*;

use anchor_lang::prelude::Pubkey;

use crate::addresses::{
    associated_tokens,
    leverage::{listing as listing_address, pool_tokens},
    markets::{market_tokens, position as market_position},
};

/// A pool, and where its money is.
#[derive(Clone, Copy, Debug)]
pub struct PoolAccounts {
    pub pool: Pubkey,
    pub mint: Pubkey,
    /// Token program of the mint.
    pub token_program: Pubkey,
}

impl PoolAccounts {
    pub fn pool_tokens(&self) -> Pubkey {
        pool_tokens(&self.pool)
    }
}

/// A market that a pool lends on.
#[derive(Clone, Copy, Debug)]
pub struct ListingAccounts {
    pub pool: PoolAccounts,
    pub group: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
}

impl ListingAccounts {
    pub fn listing(&self) -> Pubkey {
        listing_address(&self.pool.pool, &self.market)
    }

    pub fn listing_tokens(&self) -> Pubkey {
        let PoolAccounts {
            mint,
            token_program,
            ..
        } = self.pool;
        associated_tokens(&self.listing(), &mint, &token_program)
    }

    /// The listing's in the market.
    pub fn listing_position(&self) -> Pubkey {
        market_position(&self.market, &self.listing())
    }

    pub fn market_tokens(&self) -> Pubkey {
        market_tokens(&self.market)
    }
}
