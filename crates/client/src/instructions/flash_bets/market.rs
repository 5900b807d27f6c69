//! Markets and the books that bound them, from creation to the end of trading.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use flash_bets::{accounts, instruction, instructions::FlashMarketTerms, ID};

use crate::{
    addresses::flash_bets::{
        event_book, feed_book, market, market_tokens, operator_fees, price_feed, vault_tokens,
    },
    instructions::build,
};

/// Opens the book of an event; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct CreateEventBook {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub id: u64,
    /// What the event depends on that others depend on too; 0 for nothing.
    pub correlation_group: u64,
    /// The verse that it belongs to, if it does to one.
    pub verse: Option<Pubkey>,
}

impl CreateEventBook {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CreateEventBook {
                operator: self.operator,
                vault: self.vault,
                event_book: event_book(&self.vault, self.id),
                system_program: system_program::ID,
                verse: self.verse,
            },
            &instruction::CreateEventBook {
                id: self.id,
                correlation_group: self.correlation_group,
            },
        )
    }
}

/// Closes the book of an event without markets; signed by the operator or, a day after the last market,
/// by anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseEventBook {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub event_book: Pubkey,
    pub rent_payer: Pubkey,
    /// That of the event, if it has one.
    pub verse: Option<Pubkey>,
}

impl CloseEventBook {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseEventBook {
                authority: self.authority,
                vault: self.vault,
                event_book: self.event_book,
                rent_payer: self.rent_payer,
                verse: self.verse,
            },
            &instruction::CloseEventBook {},
        )
    }
}

/// Creates and funds a market; signed by the operator.
#[derive(Clone, Debug)]
pub struct CreateMarket {
    pub operator: Pubkey,
    pub vault: Pubkey,
    /// That of the vault, with its token program.
    pub mint: Pubkey,
    pub token_program: Pubkey,
    pub event_book: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// The vault's `next_market_id`.
    pub id: u64,
    /// A field element, big-endian; of a market on a price its base feed.
    pub feed_id: [u8; 32],
    pub terms: FlashMarketTerms,
}

impl CreateMarket {
    pub fn instruction(&self) -> Instruction {
        let market = market(&self.vault, self.id);
        build(
            ID,
            &accounts::CreateMarket {
                operator: self.operator,
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                mint: self.mint,
                event_book: self.event_book,
                feed_book: feed_book(&self.vault, &self.feed_id),
                operator_fees: operator_fees(&self.vault, &self.operator),
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                market,
                market_tokens: market_tokens(&market),
                token_program: self.token_program,
                system_program: system_program::ID,
                price_feed: self
                    .terms
                    .price
                    .map(|_| price_feed(&self.vault, &self.feed_id)),
            },
            &instruction::CreateMarket {
                id: self.id,
                feed_id: self.feed_id,
                terms: self.terms.clone(),
            },
        )
    }
}

/// Suspends trading for some seconds; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct SuspendMarket {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
    pub seconds: u32,
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
            &instruction::SuspendMarket {
                seconds: self.seconds,
            },
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
