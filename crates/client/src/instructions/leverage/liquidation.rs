//! Positions that owe more than they may.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    InstructionData,
};
use leverage::{accounts, instruction, ID};

use super::{Holding, ListingAccounts};
use crate::instructions::build;

/// Says how a position stands, and marks it if it owes as much as it may. Returns
/// [`leverage::instructions::Health`].
#[derive(Clone, Copy, Debug)]
pub struct MonitorHealth {
    pub holding: Holding,
    /// Gets the position's bounty.
    pub executor: Pubkey,
}

impl MonitorHealth {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::MonitorHealth {
                executor: self.executor,
                pool: listing.pool.pool,
                listing: listing.listing(),
                position: self.holding.position(),
                venue: listing.venue,
                market: listing.market,
            },
            &instruction::MonitorHealth {},
        )
    }
}

/// Calls on all loans against an outcome to shrink by the same factor; nobody signs.
#[derive(Clone, Copy, Debug)]
pub struct CallDeleverage {
    pub listing: ListingAccounts,
    pub outcome: u8,
}

impl CallDeleverage {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.listing;
        let accounts = accounts::CallDeleverage {
            pool: listing.pool.pool,
            listing: listing.listing(),
            venue: listing.venue,
            market: listing.market,
            markets_program: markets::ID,
        };
        let outcome = self.outcome;
        build(ID, &accounts, &instruction::CallDeleverage { outcome })
    }
}

/// Sells of positions against one outcome.
#[derive(Clone, Debug)]
pub struct Liquidate {
    pub listing: ListingAccounts,
    /// Gets the reward.
    pub reward_tokens: Pubkey,
    pub positions: Vec<Pubkey>,
}

impl Liquidate {
    /// Of those that owe more than they may.
    pub fn liquidate(&self) -> Instruction {
        self.build(&instruction::Liquidate {})
    }

    /// Of all, shortly before the end of trading.
    pub fn force_deleverage(&self) -> Instruction {
        self.build(&instruction::ForceDeleverage {})
    }

    /// Of all against the outcome of a call, what their owners have not paid of it.
    pub fn deleverage_pro_rata(&self) -> Instruction {
        self.build(&instruction::DeleverageProRata {})
    }

    fn build(&self, data: &impl InstructionData) -> Instruction {
        let listing = &self.listing;
        let accounts = accounts::Liquidate {
            pool: listing.pool.pool,
            group: listing.group,
            listing: listing.listing(),
            venue: listing.venue,
            market: listing.market,
            listing_position: listing.listing_position(),
            market_tokens: listing.market_tokens(),
            listing_tokens: listing.listing_tokens(),
            pool_tokens: listing.pool.pool_tokens(),
            reward_tokens: self.reward_tokens,
            token_program: listing.pool.token_program,
            markets_program: markets::ID,
        };
        let mut instruction = build(ID, &accounts, data);
        let positions = self.positions.iter();
        let positions = positions.map(|position| AccountMeta::new(*position, false));
        instruction.accounts.extend(positions);
        instruction
    }
}
