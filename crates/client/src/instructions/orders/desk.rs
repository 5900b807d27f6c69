//! What all orders of a market share.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use anchor_spl::associated_token::get_associated_token_address_with_program_id;
use orders::{accounts, instruction, ID};

use crate::{
    addresses::{
        markets::{market_tokens, position},
        orders::{desk, desk_tokens},
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
                desk_tokens: desk_tokens(&desk),
                desk_position: position(&self.market, &desk),
                token_program: self.token_program,
                markets_program: markets::ID,
                system_program: system_program::ID,
            },
            &instruction::OpenDesk {},
        )
    }
}

/// Has a desk read its market's prices. The market's `poke` comes before in the same transaction.
#[derive(Clone, Copy, Debug)]
pub struct ObservePrices {
    pub market: Pubkey,
}

impl ObservePrices {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ObservePrices {
                desk: desk(&self.market),
                market: self.market,
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
                desk_tokens: desk_tokens(&desk),
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
                desk_tokens: desk_tokens(&desk),
                rent_payer: self.rent_payer,
                rent_payer_tokens: get_associated_token_address_with_program_id(
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
