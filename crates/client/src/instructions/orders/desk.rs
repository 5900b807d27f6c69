//! What all orders of a market share.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use anchor_spl::associated_token;
use orders::{accounts, instruction, ID};

use crate::{
    addresses::{
        associated_tokens,
        markets::{market_tokens, position},
        orders::desk,
    },
    instructions::build,
};

/// Opens the desk of a market; signed by the payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenDesk {
    /// Pays the rent, and gets it on close.
    pub payer: Pubkey,
    pub market: Pubkey,
    pub mint: Pubkey,
    /// Token program of the mint.
    pub token_program: Pubkey,
}

impl OpenDesk {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::OpenDesk {
                payer: self.payer,
                market: self.market,
                mint: self.mint,
                desk,
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                desk_position: position(&self.market, &desk),
                token_program: self.token_program,
                associated_token_program: associated_token::ID,
                markets_program: markets::ID,
                system_program: system_program::ID,
            },
            &instruction::OpenDesk {},
        )
    }
}

/// Has a desk read its market's prices.
#[derive(Clone, Copy, Debug)]
pub struct ObservePrices {
    pub venue: Pubkey,
    pub market: Pubkey,
}

impl ObservePrices {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ObservePrices {
                desk: desk(&self.market),
                venue: self.venue,
                market: self.market,
                markets_program: markets::ID,
            },
            &instruction::ObservePrices {},
        )
    }
}

/// Redeems a desk's shares in a settled market.
#[derive(Clone, Copy, Debug)]
pub struct SettleDesk {
    pub market: Pubkey,
    /// Paid the desk's rent.
    pub rent_payer: Pubkey,
    /// Of the venue.
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl SettleDesk {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::SettleDesk {
                desk,
                market: self.market,
                desk_position: position(&self.market, &desk),
                market_tokens: market_tokens(&self.market),
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                rent_payer: self.rent_payer,
                token_program: self.token_program,
                markets_program: markets::ID,
            },
            &instruction::SettleDesk {},
        )
    }
}

/// Closes a desk without orders.
#[derive(Clone, Copy, Debug)]
pub struct CloseDesk {
    pub market: Pubkey,
    pub mint: Pubkey,
    /// Paid the desk's rent.
    pub rent_payer: Pubkey,
    pub token_program: Pubkey,
}

impl CloseDesk {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        build(
            ID,
            &accounts::CloseDesk {
                desk,
                market: self.market,
                desk_position: position(&self.market, &desk),
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                rent_payer: self.rent_payer,
                rent_payer_tokens: associated_tokens(
                    &self.rent_payer,
                    &self.mint,
                    &self.token_program,
                ),
                token_program: self.token_program,
                markets_program: markets::ID,
            },
            &instruction::CloseDesk {},
        )
    }
}
