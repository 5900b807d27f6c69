//! Who gets what after the result.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
};
use flash_bets::{accounts, instruction, ID};

use crate::{
    addresses::flash_bets::{feed_book, market_tokens, operator_fees, ticket, vault_tokens},
    instructions::build,
};

/// A ticket to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledTicket {
    pub owner: Pubkey,
    /// The owner's associated one; with [`signed_by`](crate::instructions::signed_by) the owner any of
    /// the owner's. Anything if the ticket pays nothing.
    pub owner_tokens: Pubkey,
    pub rent_payer: Pubkey,
}

/// Pays and closes tickets of a settled market; anybody. About ten fit a transaction.
#[derive(Clone, Debug)]
pub struct SettleTickets {
    pub market: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Whether to pay all with one call of the token program, which p-token takes and no other.
    pub in_one_call: bool,
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
            &instruction::SettleTickets {
                in_one_call: self.in_one_call,
            },
        );
        for settled in &self.tickets {
            let ticket = ticket(&self.market, &settled.owner);
            let accounts = [
                ticket,
                settled.owner,
                settled.owner_tokens,
                settled.rent_payer,
            ];
            let writable = accounts.map(|address| AccountMeta::new(address, false));
            built.accounts.extend(writable);
        }
        built
    }
}

/// Gives the vault what a settled market does not owe; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseSurplus {
    pub vault: Pubkey,
    pub market: Pubkey,
    /// Those of the market.
    pub event_book: Pubkey,
    pub feed_id: [u8; 32],
    pub operator: Pubkey,
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
                event_book: self.event_book,
                feed_book: feed_book(&self.vault, &self.feed_id),
                operator_fees: operator_fees(&self.vault, &self.operator),
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
    /// Those of the market.
    pub event_book: Pubkey,
    pub feed_id: [u8; 32],
    pub operator: Pubkey,
    /// As the feed's book names it.
    pub feed_book_rent_payer: Pubkey,
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
                event_book: self.event_book,
                feed_book: feed_book(&self.vault, &self.feed_id),
                feed_book_rent_payer: self.feed_book_rent_payer,
                operator_fees: operator_fees(&self.vault, &self.operator),
                operator: self.operator,
                token_program: self.token_program,
            },
            &instruction::CloseMarket {},
        )
    }
}
