//! Verses: a tree over events, with what the vault has at risk on every level.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program,
};
use flash_bets::{accounts, instruction, ID};

use crate::{addresses::flash_bets::verse, instructions::build};

/// Opens a verse; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct CreateVerse {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub id: u64,
    /// The verse that it belongs to; none of a root.
    pub parent: Option<Pubkey>,
    /// Most base units at risk on what is below.
    pub cap: u64,
}

impl CreateVerse {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CreateVerse {
                operator: self.operator,
                vault: self.vault,
                parent: self.parent,
                verse: verse(&self.vault, self.id),
                system_program: system_program::ID,
            },
            &instruction::CreateVerse {
                id: self.id,
                cap: self.cap,
            },
        )
    }
}

/// Closes a verse that nothing names; signed by the operator or, a day after the last that did, by anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseVerse {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub verse: Pubkey,
    /// The verse above it; none of a root.
    pub parent: Option<Pubkey>,
    pub rent_payer: Pubkey,
}

impl CloseVerse {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseVerse {
                authority: self.authority,
                vault: self.vault,
                parent: self.parent,
                verse: self.verse,
                rent_payer: self.rent_payer,
            },
            &instruction::CloseVerse {},
        )
    }
}

/// `instruction`, which counts something in the books of events or takes it off, with their verses and all above
/// them, each once.
pub fn with_verses(mut instruction: Instruction, verses: &[Pubkey]) -> Instruction {
    let metas = verses.iter().map(|verse| AccountMeta::new(*verse, false));
    instruction.accounts.extend(metas);
    instruction
}
