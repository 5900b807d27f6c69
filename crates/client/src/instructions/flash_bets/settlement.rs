//! Who gets what after the result.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::AccountMeta;
use anchor_lang::solana_program::instruction::Instruction;
use flash_bets::accounts;
use flash_bets::instruction;
use flash_bets::ID;

use crate::addresses::flash_bets::market_tokens;
use crate::addresses::flash_bets::ticket;
use crate::addresses::flash_bets::vault_tokens;
use crate::instructions::build;

/// A ticket to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledTicket {
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    /// Anything if the ticket pays nothing.
    pub owner_tokens: Pubkey,
}

/// Pays and closes tickets of a settled market; anybody. About ten fit a transaction.
#[derive(Clone, Debug)]
pub struct SettleTickets {
    pub market: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub tickets: Vec<SettledTicket>,
}

impl SettleTickets {
    pub fn instruction(&self) -> Instruction {
        let mut built = build(
            ID,
            &accounts::SettleTickets {
                market: self.market,
                market_tokens: market_tokens(&self.market),
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::SettleTickets {},
        );
        for settled in &self.tickets {
            let ticket = ticket(&self.market, &settled.owner);
            for address in [ticket, settled.owner, settled.owner_tokens] {
                built.accounts.push(AccountMeta::new(address, false));
            }
        }
        built
    }
}

/// Gives the vault what a settled market does not owe; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseSurplus {
    pub vault: Pubkey,
    pub market: Pubkey,
    pub event: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl ReleaseSurplus {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ReleaseSurplus {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                event: self.event,
                token_program: self.token_program,
            },
            &instruction::ReleaseSurplus {},
        )
    }
}

/// Closes a settled market after its last ticket; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseMarket {
    pub vault: Pubkey,
    pub market: Pubkey,
    pub event: Pubkey,
    pub creator: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl CloseMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseMarket {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                event: self.event,
                creator: self.creator,
                token_program: self.token_program,
            },
            &instruction::CloseMarket {},
        )
    }
}
