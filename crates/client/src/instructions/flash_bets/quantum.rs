//! Groups of branches, one for each outcome of a condition.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use flash_bets::{
    accounts, instruction,
    instructions::QuantumTerms,
    state::{Order, QuantumGroup},
    ID,
};
use market_core::Observers;

use crate::{
    addresses::flash_bets::{
        feed_book, market_tokens, operator_fees, quantum_group, quantum_ticket, vault_tokens,
    },
    instructions::build,
};

/// Opens a branch for each outcome of the condition; signed by the operator, who created the asset.
#[derive(Clone, Debug)]
pub struct CreateQuantum {
    pub operator: Pubkey,
    pub vault: Pubkey,
    /// That of the vault, with its token program.
    pub mint: Pubkey,
    pub token_program: Pubkey,
    /// Two markets of the vault, and whom each believes.
    pub condition: Pubkey,
    pub condition_observers: Observers,
    pub asset: Pubkey,
    pub asset_observers: Observers,
    /// Those of the asset.
    pub event_book: Pubkey,
    pub feed_id: [u8; 32],
    /// The vault's `next_market_id`.
    pub id: u64,
    pub terms: QuantumTerms,
}

impl CreateQuantum {
    pub fn instruction(&self) -> Instruction {
        let group = quantum_group(&self.vault, self.id);
        build(
            ID,
            &accounts::CreateQuantum {
                operator: self.operator,
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                mint: self.mint,
                condition: self.condition,
                asset: self.asset,
                condition_set: self.condition_observers.provider_set.into(),
                condition_key: self.condition_observers.verifying_key.into(),
                asset_set: self.asset_observers.provider_set.into(),
                asset_key: self.asset_observers.verifying_key.into(),
                event_book: self.event_book,
                feed_book: feed_book(&self.vault, &self.feed_id),
                operator_fees: operator_fees(&self.vault, &self.operator),
                group,
                group_tokens: market_tokens(&group),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreateQuantum {
                id: self.id,
                terms: self.terms.clone(),
            },
        )
    }
}

/// A group, as far as instructions about it name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantumAccounts {
    pub group: Pubkey,
    pub vault: Pubkey,
    pub condition: Pubkey,
    pub asset: Pubkey,
    pub event_book: Pubkey,
    pub feed_id: [u8; 32],
    pub operator: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl QuantumAccounts {
    pub fn new(address: Pubkey, group: &QuantumGroup, token_program: Pubkey) -> Self {
        Self {
            group: address,
            vault: group.vault,
            condition: group.condition,
            asset: group.asset,
            event_book: group.event_book,
            feed_id: group.feed_id,
            operator: group.operator,
            token_program,
        }
    }

    /// Deposits base units that count in every branch; signed by the owner and whoever pays the rent of the
    /// ticket, if there is none.
    pub fn deposit(
        &self,
        owner: Pubkey,
        owner_tokens: Pubkey,
        rent_payer: Pubkey,
        amount: u64,
    ) -> Instruction {
        build(
            ID,
            &accounts::DepositQuantum {
                owner,
                vault: self.vault,
                group: self.group,
                quantum_ticket: quantum_ticket(&self.group, &owner),
                group_tokens: market_tokens(&self.group),
                owner_tokens,
                rent_payer,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::DepositQuantum { amount },
        )
    }

    /// Trades in one branch; signed by the owner.
    pub fn trade(&self, owner: Pubkey, branch: u8, outcome: u8, order: Order) -> Instruction {
        build(
            ID,
            &accounts::TradeBranch {
                owner,
                vault: self.vault,
                group: self.group,
                condition: self.condition,
                asset: self.asset,
                quantum_ticket: quantum_ticket(&self.group, &owner),
            },
            &instruction::TradeBranch {
                branch,
                outcome,
                order,
            },
        )
    }

    /// Gives base units back for as much credit of every branch; signed by the owner.
    pub fn merge(&self, owner: Pubkey, owner_tokens: Pubkey, amount: u64) -> Instruction {
        build(
            ID,
            &accounts::MergeBranches {
                owner,
                group: self.group,
                quantum_ticket: quantum_ticket(&self.group, &owner),
                group_tokens: market_tokens(&self.group),
                owner_tokens,
                token_program: self.token_program,
            },
            &instruction::MergeBranches { amount },
        )
    }

    /// Takes the condition's result; anybody.
    pub fn collapse(&self) -> Instruction {
        build(
            ID,
            &accounts::CollapseQuantum {
                vault: self.vault,
                group: self.group,
                condition: self.condition,
                asset: self.asset,
            },
            &instruction::CollapseQuantum {},
        )
    }

    /// Takes the asset's result; anybody.
    pub fn settle(&self) -> Instruction {
        build(
            ID,
            &accounts::SettleQuantum {
                vault: self.vault,
                group: self.group,
                asset: self.asset,
            },
            &instruction::SettleQuantum {},
        )
    }

    /// Pays and closes a ticket; anybody. `owner_tokens` is the owner's associated one; with
    /// [`signed_by`](crate::instructions::signed_by) the owner any of the owner's.
    pub fn settle_ticket(
        &self,
        owner: Pubkey,
        owner_tokens: Pubkey,
        rent_payer: Pubkey,
    ) -> Instruction {
        build(
            ID,
            &accounts::SettleQuantumTicket {
                group: self.group,
                quantum_ticket: quantum_ticket(&self.group, &owner),
                owner,
                group_tokens: market_tokens(&self.group),
                owner_tokens,
                fallback_tokens: None,
                rent_payer,
                token_program: self.token_program,
            },
            &instruction::SettleQuantumTicket {},
        )
    }

    /// Gives the vault what a settled group does not owe; anybody.
    pub fn release(&self) -> Instruction {
        build(
            ID,
            &accounts::ReleaseQuantum {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                group: self.group,
                group_tokens: market_tokens(&self.group),
                event_book: self.event_book,
                feed_book: feed_book(&self.vault, &self.feed_id),
                operator_fees: operator_fees(&self.vault, &self.operator),
                token_program: self.token_program,
            },
            &instruction::ReleaseQuantum {},
        )
    }

    /// Closes a group after its last ticket; anybody. `feed_book_rent_payer` is as the feed's book names it.
    pub fn close(&self, feed_book_rent_payer: Pubkey) -> Instruction {
        build(
            ID,
            &accounts::CloseQuantum {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                group: self.group,
                group_tokens: market_tokens(&self.group),
                event_book: self.event_book,
                feed_book: feed_book(&self.vault, &self.feed_id),
                feed_book_rent_payer,
                operator_fees: operator_fees(&self.vault, &self.operator),
                operator: self.operator,
                token_program: self.token_program,
            },
            &instruction::CloseQuantum {},
        )
    }
}
