//! Markets that a pool lends on.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use anchor_spl::associated_token;
use leverage::{accounts, instruction, state::LoanParameters, ID};
use program_kit::INSTRUCTIONS_SYSVAR;

use super::ListingAccounts;
use crate::{addresses::oracle::config, instructions::build};

/// Has a pool lend on a market after the timelock; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct ListMarket {
    pub admin: Pubkey,
    pub listing: ListingAccounts,
    pub parameters: LoanParameters,
}

impl ListMarket {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.listing;
        build(
            ID,
            &accounts::ListMarket {
                admin: self.admin,
                config: config(),
                pool: listing.pool.pool,
                group: listing.group,
                market: listing.market,
                mint: listing.pool.mint,
                listing: listing.listing(),
                listing_tokens: listing.listing_tokens(),
                listing_position: listing.listing_position(),
                instructions: INSTRUCTIONS_SYSVAR,
                token_program: listing.pool.token_program,
                associated_token_program: associated_token::ID,
                markets_program: markets::ID,
                system_program: system_program::ID,
            },
            &instruction::ListMarket {
                parameters: self.parameters,
            },
        )
    }
}

/// Closes a listing without positions; signed by the admin, or anybody once its market is settled.
#[derive(Clone, Copy, Debug)]
pub struct Delist {
    pub authority: Pubkey,
    pub listing: ListingAccounts,
    /// Paid the listing's rent.
    pub rent_payer: Pubkey,
}

impl Delist {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.listing;
        build(
            ID,
            &accounts::Delist {
                authority: self.authority,
                config: config(),
                pool: listing.pool.pool,
                group: listing.group,
                listing: listing.listing(),
                market: listing.market,
                listing_position: listing.listing_position(),
                listing_tokens: listing.listing_tokens(),
                pool_tokens: listing.pool.pool_tokens(),
                rent_payer: self.rent_payer,
                instructions: INSTRUCTIONS_SYSVAR,
                token_program: listing.pool.token_program,
                markets_program: markets::ID,
            },
            &instruction::Delist {},
        )
    }
}
