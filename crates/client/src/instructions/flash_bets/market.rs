//! Markets, from creation to the end of trading.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use flash_bets::accounts;
use flash_bets::instruction;
use flash_bets::instructions::CreateMarketArgs;
use flash_bets::ID;

use crate::addresses::flash_bets::event;
use crate::addresses::flash_bets::market;
use crate::addresses::flash_bets::market_tokens;
use crate::addresses::flash_bets::vault;
use crate::addresses::flash_bets::vault_tokens;
use crate::instructions::build;

/// Opens the book of an event; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct CreateEvent {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub id: u64,
}

impl CreateEvent {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CreateEvent {
                operator: self.operator,
                vault: self.vault,
                event: event(&self.vault, self.id),
                system_program: system_program::ID,
            },
            &instruction::CreateEvent { id: self.id },
        )
    }
}

/// Closes the book of an event without markets; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseEvent {
    pub event: Pubkey,
    pub rent_payer: Pubkey,
    /// Whether the rent payer signs, which only an event that never had a market needs.
    pub rent_payer_signs: bool,
}

impl CloseEvent {
    pub fn instruction(&self) -> Instruction {
        let mut close = build(
            ID,
            &accounts::CloseEvent {
                event: self.event,
                rent_payer: self.rent_payer,
            },
            &instruction::CloseEvent {},
        );
        for account in &mut close.accounts {
            if account.pubkey == self.rent_payer {
                account.is_signer = self.rent_payer_signs;
            }
        }
        close
    }
}

/// Creates and funds a market; signed by the operator.
#[derive(Clone, Debug)]
pub struct CreateMarket {
    pub operator: Pubkey,
    pub mint: Pubkey,
    pub event: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub args: CreateMarketArgs,
}

impl CreateMarket {
    pub fn instruction(&self) -> Instruction {
        let vault = vault(&self.mint);
        let market = market(&vault, self.args.id);
        build(
            ID,
            &accounts::CreateMarket {
                operator: self.operator,
                vault,
                vault_tokens: vault_tokens(&vault),
                mint: self.mint,
                event: self.event,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                market,
                market_tokens: market_tokens(&market),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreateMarket {
                args: self.args.clone(),
            },
        )
    }
}

/// Suspends trading for some slots; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct SuspendMarket {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
    pub slots: u64,
}

impl SuspendMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SuspendMarket {
                operator: self.operator,
                vault: self.vault,
                market: self.market,
            },
            &instruction::SuspendMarket { slots: self.slots },
        )
    }
}

/// Ends a suspension early; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct ResumeMarket {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
}

impl ResumeMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ResumeMarket {
                operator: self.operator,
                vault: self.vault,
                market: self.market,
            },
            &instruction::ResumeMarket {},
        )
    }
}
