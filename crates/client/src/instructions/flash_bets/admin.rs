//! Governance.

use anchor_lang::{
    prelude::Pubkey, solana_program::instruction::Instruction, system_program, InstructionData,
};
use flash_bets::{
    accounts, instruction,
    instructions::{VaultChange, VaultTerm},
    ID,
};
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::{
    addresses::{flash_bets::price_feed, oracle},
    instructions::build,
};

fn govern(authority: Pubkey, vault: Pubkey, data: &impl InstructionData) -> Instruction {
    let accounts = accounts::Govern {
        authority,
        config: oracle::config(),
        vault,
        instructions: INSTRUCTIONS,
    };
    build(ID, &accounts, data)
}

/// Changes a term of the vault after the timelock; signed by the admin. Tighter caps are in force at once
/// and need only the guardian.
#[derive(Clone, Copy, Debug)]
pub struct ProposeChange {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub change: VaultChange,
}

impl ProposeChange {
    pub fn instruction(&self) -> Instruction {
        govern(
            self.authority,
            self.vault,
            &instruction::ProposeChange {
                change: self.change,
            },
        )
    }
}

/// Withdraws a change before it is in force; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelChange {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub term: VaultTerm,
}

impl CancelChange {
    pub fn instruction(&self) -> Instruction {
        govern(
            self.authority,
            self.vault,
            &instruction::CancelChange { term: self.term },
        )
    }
}

/// Stops new risk; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub authority: Pubkey,
    pub vault: Pubkey,
}

impl Pause {
    pub fn instruction(&self) -> Instruction {
        govern(self.authority, self.vault, &instruction::Pause {})
    }
}

/// Ends a pause after the timelock; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct Unpause {
    pub authority: Pubkey,
    pub vault: Pubkey,
}

impl Unpause {
    pub fn instruction(&self) -> Instruction {
        govern(self.authority, self.vault, &instruction::Unpause {})
    }
}

/// Says what it costs to move a price for a second, base units: no more than before at once, signed by the
/// admin or the guardian, more after the timelock, signed by the admin. Makes the account of the feed.
#[derive(Clone, Copy, Debug)]
pub struct SetPriceFeed {
    pub authority: Pubkey,
    pub vault: Pubkey,
    /// The base feed; a field element, big-endian.
    pub feed_id: [u8; 32],
    pub cost_per_second: u64,
}

impl SetPriceFeed {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetPriceFeed {
                authority: self.authority,
                config: oracle::config(),
                vault: self.vault,
                price_feed: price_feed(&self.vault, &self.feed_id),
                instructions: INSTRUCTIONS,
                system_program: system_program::ID,
            },
            &instruction::SetPriceFeed {
                feed_id: self.feed_id,
                cost: self.cost_per_second,
            },
        )
    }
}

/// Closes the account of a price on which nothing is at stake; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct ClosePriceFeed {
    pub admin: Pubkey,
    pub vault: Pubkey,
    pub feed_id: [u8; 32],
    pub rent_payer: Pubkey,
}

impl ClosePriceFeed {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ClosePriceFeed {
                admin: self.admin,
                config: oracle::config(),
                price_feed: price_feed(&self.vault, &self.feed_id),
                rent_payer: self.rent_payer,
                instructions: INSTRUCTIONS,
            },
            &instruction::ClosePriceFeed {},
        )
    }
}
