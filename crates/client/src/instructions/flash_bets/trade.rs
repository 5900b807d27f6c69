//! What traders do.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use flash_bets::accounts;
use flash_bets::instruction;
use flash_bets::instructions::CashOutArgs;
use flash_bets::instructions::PlaceBetArgs;
use flash_bets::ID;

use crate::addresses::flash_bets::market_tokens;
use crate::addresses::flash_bets::pending;
use crate::addresses::flash_bets::ticket;
use crate::instructions::build;

/// Opens the signer's ticket in a market.
#[derive(Clone, Copy, Debug)]
pub struct OpenTicket {
    pub owner: Pubkey,
    pub market: Pubkey,
}

impl OpenTicket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenTicket {
                owner: self.owner,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                system_program: system_program::ID,
            },
            &instruction::OpenTicket {},
        )
    }
}

/// Bets an exact stake on an outcome; signed by the owner of ticket and money.
#[derive(Clone, Copy, Debug)]
pub struct PlaceBet {
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Whether the market has a bet delay.
    pub is_delayed: bool,
    pub args: PlaceBetArgs,
}

impl PlaceBet {
    pub fn instruction(&self) -> Instruction {
        let pending = self
            .is_delayed
            .then(|| pending(&self.market, &self.owner, self.args.nonce));
        build(
            ID,
            &accounts::PlaceBet {
                owner: self.owner,
                vault: self.vault,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                pending,
                token_program: self.token_program,
                system_program: self.is_delayed.then_some(system_program::ID),
            },
            &instruction::PlaceBet { args: self.args },
        )
    }
}

/// Sells shares back; signed by the owner of the ticket.
#[derive(Clone, Copy, Debug)]
pub struct CashOut {
    pub owner: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Whether the market has a bet delay.
    pub is_delayed: bool,
    pub args: CashOutArgs,
}

impl CashOut {
    pub fn instruction(&self) -> Instruction {
        let pending = self
            .is_delayed
            .then(|| pending(&self.market, &self.owner, self.args.nonce));
        build(
            ID,
            &accounts::CashOut {
                owner: self.owner,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                pending,
                token_program: self.token_program,
                system_program: self.is_delayed.then_some(system_program::ID),
            },
            &instruction::CashOut { args: self.args },
        )
    }
}

/// Executes a pending order; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ExecuteBet {
    pub vault: Pubkey,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub nonce: u64,
}

impl ExecuteBet {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ExecuteBet {
                vault: self.vault,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                pending: pending(&self.market, &self.owner, self.nonce),
                owner: self.owner,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ExecuteBet {},
        )
    }
}

/// Returns what an order put in that nobody can execute any more; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CancelPending {
    pub market: Pubkey,
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub nonce: u64,
}

impl CancelPending {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelPending {
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                pending: pending(&self.market, &self.owner, self.nonce),
                owner: self.owner,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::CancelPending {},
        )
    }
}
