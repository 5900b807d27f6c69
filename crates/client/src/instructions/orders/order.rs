//! From placing an order to its return.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use orders::{accounts, instruction, instructions::OrderTerms, ID};

use crate::{
    addresses::{
        associated_tokens,
        orders::{desk, order},
    },
    instructions::{build, orders::MarketProgram},
};

/// Places an order; signed by payer and owner, who has a position or ticket in the market.
#[derive(Clone, Copy, Debug)]
pub struct PlaceOrder {
    /// Pays rent and tips, and gets what is left of them.
    pub payer: Pubkey,
    pub owner: Pubkey,
    pub market: Pubkey,
    pub market_program: MarketProgram,
    /// Pays for a purchase; any account of a sale.
    pub owner_tokens: Pubkey,
    /// Of the venue or vault.
    pub mint: Pubkey,
    pub token_program: Pubkey,
    /// Of the owner's choice: two orders of his at one desk differ in it.
    pub nonce: u64,
    pub terms: OrderTerms,
}

impl PlaceOrder {
    /// Address of the order.
    pub fn order(&self) -> Pubkey {
        order(&desk(&self.market), &self.owner, self.nonce)
    }

    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::PlaceOrder {
                payer: self.payer,
                owner: self.owner,
                desk,
                market: self.market,
                order: self.order(),
                owner_tokens: self.owner_tokens,
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                owner_position: self.market_program.position(&self.market, &self.owner),
                desk_position: self.market_program.position(&self.market, &desk),
                token_program: self.token_program,
                market_program: self.market_program.id(),
                system_program: system_program::ID,
            },
            &instruction::PlaceOrder {
                nonce: self.nonce,
                terms: self.terms,
            },
        )
    }
}

/// Fills the next slice of an order.
#[derive(Clone, Copy, Debug)]
pub struct FillOrder {
    /// Gets the tip.
    pub executor: Pubkey,
    /// Or vault.
    pub venue: Pubkey,
    pub market: Pubkey,
    pub market_program: MarketProgram,
    pub owner: Pubkey,
    pub nonce: u64,
    /// Of the venue or vault.
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl FillOrder {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::FillOrder {
                executor: self.executor,
                desk,
                order: order(&desk, &self.owner, self.nonce),
                venue: self.venue,
                market: self.market,
                desk_position: self.market_program.position(&self.market, &desk),
                market_tokens: self.market_program.market_tokens(&self.market),
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                token_program: self.token_program,
                market_program: self.market_program.id(),
            },
            &instruction::FillOrder {},
        )
    }
}

/// Fills two orders against each other.
#[derive(Clone, Copy, Debug)]
pub struct MatchOrders {
    /// Gets the tips.
    pub executor: Pubkey,
    /// Or vault.
    pub venue: Pubkey,
    pub market: Pubkey,
    pub market_program: MarketProgram,
    /// Owner and nonce of the order that began earlier, and of the other.
    pub older: (Pubkey, u64),
    pub newer: (Pubkey, u64),
    /// Of the venue or vault.
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl MatchOrders {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        let [older, newer] =
            [self.older, self.newer].map(|(owner, nonce)| order(&desk, &owner, nonce));
        build(
            ID,
            &accounts::MatchOrders {
                executor: self.executor,
                desk,
                older,
                newer,
                venue: self.venue,
                market: self.market,
                desk_position: self.market_program.position(&self.market, &desk),
                market_tokens: self.market_program.market_tokens(&self.market),
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                token_program: self.token_program,
                market_program: self.market_program.id(),
            },
            &instruction::MatchOrders {},
        )
    }
}

/// Looks at the trigger that an order waits for.
#[derive(Clone, Copy, Debug)]
pub struct WatchOrder {
    /// Gets the tip if the trigger fires.
    pub executor: Pubkey,
    /// Or vault.
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub nonce: u64,
}

impl WatchOrder {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::WatchOrder {
                executor: self.executor,
                desk,
                order: order(&desk, &self.owner, self.nonce),
                venue: self.venue,
                market: self.market,
            },
            &instruction::WatchOrder {},
        )
    }
}

/// Lets an order take no slice any more; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct CancelOrder {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub nonce: u64,
}

impl CancelOrder {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::CancelOrder {
                owner: self.owner,
                desk,
                order: order(&desk, &self.owner, self.nonce),
            },
            &instruction::CancelOrder {},
        )
    }
}

/// Gives an order's owner what is his and closes it; signed by the owner while it can be filled. Use
/// [`crate::instructions::signed_by`] for that.
#[derive(Clone, Copy, Debug)]
pub struct ReturnOrder {
    /// Gets the tip unless the owner signs.
    pub executor: Pubkey,
    pub market: Pubkey,
    pub market_program: MarketProgram,
    pub owner: Pubkey,
    pub nonce: u64,
    /// The owner's associated token account, or any of his if he signs.
    pub owner_tokens: Pubkey,
    /// Paid the order's rent.
    pub rent_payer: Pubkey,
    /// Of the venue or vault.
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl ReturnOrder {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::ReturnOrder {
                executor: self.executor,
                desk,
                order: order(&desk, &self.owner, self.nonce),
                owner: self.owner,
                rent_payer: self.rent_payer,
                market: self.market,
                owner_tokens: self.owner_tokens,
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                owner_position: self.market_program.position(&self.market, &self.owner),
                desk_position: self.market_program.position(&self.market, &desk),
                token_program: self.token_program,
                market_program: self.market_program.id(),
                fallback_tokens: None,
            },
            &instruction::ReturnOrder {},
        )
    }
}
