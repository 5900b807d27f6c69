//! What the admin changes, and what the guardian stops.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, InstructionData};
use leverage::{
    accounts, instruction,
    state::{LoanParameters, PoolTerms},
    ID,
};
use program_kit::INSTRUCTIONS_SYSVAR;

use super::ListingAccounts;
use crate::{addresses::oracle::config, instructions::build};

/// Governs a pool; signed by the authority: the admin, who trips it the guardian too.
#[derive(Clone, Copy, Debug)]
pub struct GovernPool {
    pub authority: Pubkey,
    pub pool: Pubkey,
}

impl GovernPool {
    /// Changes its terms after the timelock.
    pub fn set_terms(&self, terms: PoolTerms) -> Instruction {
        self.build(&instruction::SetPoolTerms { terms })
    }

    /// Stops new loans.
    pub fn trip(&self) -> Instruction {
        self.build(&instruction::TripPool {})
    }

    /// Lets loans be made again after the timelock.
    pub fn release(&self) -> Instruction {
        self.build(&instruction::ReleasePool {})
    }

    fn build(&self, data: &impl InstructionData) -> Instruction {
        let accounts = accounts::GovernPool {
            authority: self.authority,
            config: config(),
            pool: self.pool,
            instructions: INSTRUCTIONS_SYSVAR,
        };
        build(ID, &accounts, data)
    }
}

/// Stops new loans for a while on a market whose price is far from its slow price; nobody signs.
#[derive(Clone, Copy, Debug)]
pub struct TripByPrice {
    pub listing: ListingAccounts,
    pub outcome: u8,
}

impl TripByPrice {
    pub fn instruction(&self) -> Instruction {
        let listing = &self.listing;
        let accounts = accounts::TripByPrice {
            listing: listing.listing(),
            venue: listing.venue,
            market: listing.market,
            markets_program: markets::ID,
        };
        let outcome = self.outcome;
        build(ID, &accounts, &instruction::TripByPrice { outcome })
    }
}

/// Stops new loans for a while of a pool of whose money almost all is lent; nobody signs.
pub fn trip_by_utilisation(pool: Pubkey) -> Instruction {
    let accounts = accounts::TripByUtilisation { pool };
    build(ID, &accounts, &instruction::TripByUtilisation {})
}

/// Governs a listing; signed by the authority: the admin, who trips it the guardian too.
#[derive(Clone, Copy, Debug)]
pub struct GovernListing {
    pub authority: Pubkey,
    pub listing: Pubkey,
    pub market: Pubkey,
}

impl GovernListing {
    /// Changes its parameters after the timelock.
    pub fn set_parameters(&self, parameters: LoanParameters) -> Instruction {
        self.build(&instruction::SetParameters { parameters })
    }

    /// Stops new loans.
    pub fn trip(&self) -> Instruction {
        self.build(&instruction::Trip {})
    }

    /// Lets loans be made again after the timelock.
    pub fn release(&self) -> Instruction {
        self.build(&instruction::Release {})
    }

    fn build(&self, data: &impl InstructionData) -> Instruction {
        let accounts = accounts::GovernListing {
            authority: self.authority,
            config: config(),
            listing: self.listing,
            market: self.market,
            instructions: INSTRUCTIONS_SYSVAR,
        };
        build(ID, &accounts, data)
    }
}
