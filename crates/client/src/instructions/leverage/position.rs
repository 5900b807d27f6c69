//! From the request of a position to its end by its owner.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use leverage::{accounts, instruction, instructions::RequestOpenArgs, ID};

use super::ListingAccounts;
use crate::{
    addresses::{
        leverage::{levered_position, pending_open},
        markets::position as market_position,
    },
    instructions::build,
};

/// A position, or the request of one.
#[derive(Clone, Copy, Debug)]
pub struct Holding {
    pub listing: ListingAccounts,
    pub owner: Pubkey,
    /// Of the owner's choice: two positions of his in one listing differ in it.
    pub nonce: u64,
}

impl Holding {
    pub fn pending_open(&self) -> Pubkey {
        pending_open(&self.listing.listing(), &self.owner, self.nonce)
    }

    pub fn position(&self) -> Pubkey {
        levered_position(&self.listing.listing(), &self.owner, self.nonce)
    }
}

/// Asks for a position; signed by owner and rent payer.
#[derive(Clone, Copy, Debug)]
pub struct RequestOpen {
    pub holding: Holding,
    /// Pays rent, bounty and tip, and gets what is left of them.
    pub rent_payer: Pubkey,
    pub owner_tokens: Pubkey,
    pub args: RequestOpenArgs,
}

impl RequestOpen {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::RequestOpen {
                rent_payer: self.rent_payer,
                owner: self.holding.owner,
                listing: listing.listing(),
                market: listing.market,
                pending_open: self.holding.pending_open(),
                owner_tokens: self.owner_tokens,
                listing_tokens: listing.listing_tokens(),
                token_program: listing.pool.token_program,
                system_program: system_program::ID,
            },
            &instruction::RequestOpen {
                nonce: self.holding.nonce,
                args: self.args,
            },
        )
    }
}

/// Opens a requested position; signed by the executor.
#[derive(Clone, Copy, Debug)]
pub struct ExecuteOpen {
    pub holding: Holding,
    /// Advances the position's rent; gets it back, and the tip.
    pub executor: Pubkey,
    /// Paid the request's rent.
    pub rent_payer: Pubkey,
}

impl ExecuteOpen {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::ExecuteOpen {
                executor: self.executor,
                pool: listing.pool.pool,
                group: listing.group,
                listing: listing.listing(),
                pending_open: self.holding.pending_open(),
                position: self.holding.position(),
                rent_payer: self.rent_payer,
                venue: listing.venue,
                market: listing.market,
                listing_position: listing.listing_position(),
                market_tokens: listing.market_tokens(),
                listing_tokens: listing.listing_tokens(),
                pool_tokens: listing.pool.pool_tokens(),
                token_program: listing.pool.token_program,
                markets_program: markets::ID,
                system_program: system_program::ID,
            },
            &instruction::ExecuteOpen {},
        )
    }
}

/// Gives a request's margin back; signed by the owner while it can be executed. Use
/// [`crate::instructions::signed_by`] for that.
#[derive(Clone, Copy, Debug)]
pub struct CancelOpen {
    pub holding: Holding,
    /// Gets the tip unless the owner signs.
    pub executor: Pubkey,
    /// The owner's associated token account, or any of his if he signs.
    pub owner_tokens: Pubkey,
    /// Paid the request's rent.
    pub rent_payer: Pubkey,
}

impl CancelOpen {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::CancelOpen {
                executor: self.executor,
                listing: listing.listing(),
                market: listing.market,
                pending_open: self.holding.pending_open(),
                owner: self.holding.owner,
                rent_payer: self.rent_payer,
                owner_tokens: self.owner_tokens,
                listing_tokens: listing.listing_tokens(),
                token_program: listing.pool.token_program,
                fallback_tokens: None,
            },
            &instruction::CancelOpen {},
        )
    }
}

/// Sells shares of a position; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct SellForOwner {
    pub holding: Holding,
    /// Least number of base units that the sale has to return.
    pub min_return: u64,
}

impl SellForOwner {
    /// All of them.
    pub fn close(&self) -> Instruction {
        let min_return = self.min_return;
        build(ID, &self.accounts(), &instruction::Close { min_return })
    }

    /// So many.
    pub fn reduce(&self, shares: u64) -> Instruction {
        let min_return = self.min_return;
        let data = instruction::Reduce { shares, min_return };
        build(ID, &self.accounts(), &data)
    }

    fn accounts(&self) -> accounts::SellForOwner {
        let listing = &self.holding.listing;
        accounts::SellForOwner {
            owner: self.holding.owner,
            pool: listing.pool.pool,
            group: listing.group,
            listing: listing.listing(),
            position: self.holding.position(),
            venue: listing.venue,
            market: listing.market,
            listing_position: listing.listing_position(),
            market_tokens: listing.market_tokens(),
            listing_tokens: listing.listing_tokens(),
            pool_tokens: listing.pool.pool_tokens(),
            token_program: listing.pool.token_program,
            markets_program: markets::ID,
        }
    }
}

/// Pays of a position's debt in money; signed by the payer.
#[derive(Clone, Copy, Debug)]
pub struct AddMargin {
    pub holding: Holding,
    pub payer: Pubkey,
    pub payer_tokens: Pubkey,
    pub amount: u64,
}

impl AddMargin {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::AddMargin {
                payer: self.payer,
                pool: listing.pool.pool,
                group: listing.group,
                listing: listing.listing(),
                position: self.holding.position(),
                payer_tokens: self.payer_tokens,
                pool_tokens: listing.pool.pool_tokens(),
                token_program: listing.pool.token_program,
            },
            &instruction::AddMargin {
                amount: self.amount,
            },
        )
    }
}

/// Pays all that a position owes and takes its shares out; signed by the owner, who has a position in
/// the market.
#[derive(Clone, Copy, Debug)]
pub struct Repay {
    pub holding: Holding,
    pub owner_tokens: Pubkey,
    pub max_paid: u64,
}

impl Repay {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::Repay {
                owner: self.holding.owner,
                pool: listing.pool.pool,
                group: listing.group,
                listing: listing.listing(),
                position: self.holding.position(),
                market: listing.market,
                listing_position: listing.listing_position(),
                owner_position: market_position(&listing.market, &self.holding.owner),
                owner_tokens: self.owner_tokens,
                pool_tokens: listing.pool.pool_tokens(),
                token_program: listing.pool.token_program,
                markets_program: markets::ID,
            },
            &instruction::Repay {
                max_paid: self.max_paid,
            },
        )
    }
}

/// Pays a position's owner what is his.
#[derive(Clone, Copy, Debug)]
pub struct WithdrawClaim {
    pub holding: Holding,
    /// The owner's associated token account, or any of his if he signs.
    pub owner_tokens: Pubkey,
}

impl WithdrawClaim {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.holding.listing;
        build(
            ID,
            &accounts::WithdrawClaim {
                listing: listing.listing(),
                position: self.holding.position(),
                owner: self.holding.owner,
                owner_tokens: self.owner_tokens,
                listing_tokens: listing.listing_tokens(),
                token_program: listing.pool.token_program,
                fallback_tokens: None,
            },
            &instruction::WithdrawClaim {},
        )
    }
}

/// Closes a position of which nothing is left.
#[derive(Clone, Copy, Debug)]
pub struct ClosePosition {
    pub holding: Holding,
    /// Paid the position's rent.
    pub rent_payer: Pubkey,
}

impl ClosePosition {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ClosePosition {
                listing: self.holding.listing.listing(),
                position: self.holding.position(),
                rent_payer: self.rent_payer,
            },
            &instruction::ClosePosition {},
        )
    }
}
