//! What all orders of a market share.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use anchor_spl::associated_token;
use orders::{accounts, instruction, ID};

use crate::{
    addresses::{associated_tokens, orders::desk},
    instructions::{build, orders::MarketProgram},
};

/// Opens the desk of a market; signed by the payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenDesk {
    /// Pays the rent, and gets it on close.
    pub payer: Pubkey,
    pub market: Pubkey,
    /// Of a flash market; none of a standard one.
    pub vault: Option<Pubkey>,
    pub mint: Pubkey,
    /// Token program of the mint.
    pub token_program: Pubkey,
}

impl OpenDesk {
    pub fn instruction(&self) -> Instruction {
        let desk = desk(&self.market);
        let program = match self.vault {
            Some(_) => MarketProgram::Flash,
            None => MarketProgram::Standard,
        };
        build(
            ID,
            &accounts::OpenDesk {
                payer: self.payer,
                market: self.market,
                vault: self.vault,
                mint: self.mint,
                desk,
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                desk_position: program.position(&self.market, &desk),
                token_program: self.token_program,
                associated_token_program: associated_token::ID,
                market_program: program.id(),
                system_program: system_program::ID,
            },
            &instruction::OpenDesk {},
        )
    }
}

/// Has a desk read its market's prices.
#[derive(Clone, Copy, Debug)]
pub struct ObservePrices {
    /// Or vault.
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
            },
            &instruction::ObservePrices {},
        )
    }
}

/// Redeems a desk's shares in a settled market.
#[derive(Clone, Copy, Debug)]
pub struct SettleDesk {
    pub market: Pubkey,
    pub market_program: MarketProgram,
    /// Paid the desk's rent.
    pub rent_payer: Pubkey,
    /// Of the venue or vault.
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
                desk_position: self.market_program.position(&self.market, &desk),
                market_tokens: self.market_program.market_tokens(&self.market),
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                rent_payer: self.rent_payer,
                token_program: self.token_program,
                market_program: self.market_program.id(),
            },
            &instruction::SettleDesk {},
        )
    }
}

/// Closes a desk without orders.
#[derive(Clone, Copy, Debug)]
pub struct CloseDesk {
    pub market: Pubkey,
    pub market_program: MarketProgram,
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
                desk_position: self.market_program.position(&self.market, &desk),
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                rent_payer: self.rent_payer,
                rent_payer_tokens: associated_tokens(
                    &self.rent_payer,
                    &self.mint,
                    &self.token_program,
                ),
                token_program: self.token_program,
                market_program: self.market_program.id(),
            },
            &instruction::CloseDesk {},
        )
    }
}
