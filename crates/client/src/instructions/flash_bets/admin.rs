//! Governance.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use flash_bets::accounts;
use flash_bets::instruction;
use flash_bets::state::Caps;
use flash_bets::ID;
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::addresses::oracle;
use crate::instructions::build;

/// Lowers caps at once or raises them after the timelock; signed by the admin, to lower also by the guardian.
#[derive(Clone, Copy, Debug)]
pub struct SetCaps {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub caps: Caps,
}

impl SetCaps {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetCaps {
                authority: self.authority,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::SetCaps { caps: self.caps },
        )
    }
}

/// Names the next operator; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct SetOperator {
    pub admin: Pubkey,
    pub vault: Pubkey,
    pub new_operator: Pubkey,
}

impl SetOperator {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetOperator {
                admin: self.admin,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::SetOperator {
                new_operator: self.new_operator,
            },
        )
    }
}

/// Withdraws the next operator; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelOperator {
    pub authority: Pubkey,
    pub vault: Pubkey,
}

impl CancelOperator {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelOperator {
                authority: self.authority,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::CancelOperator {},
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
        build(
            ID,
            &accounts::Pause {
                authority: self.authority,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::Pause {},
        )
    }
}

/// Ends a pause after the timelock; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct Unpause {
    pub admin: Pubkey,
    pub vault: Pubkey,
}

impl Unpause {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Unpause {
                admin: self.admin,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::Unpause {},
        )
    }
}
