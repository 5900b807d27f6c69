//! Markets, from creation to the end of trading.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use markets::accounts;
use markets::instruction;
use markets::instructions::CreateMarketArgs;
use markets::instructions::MarketTerms;
use markets::state::Terms;
use markets::ID;

use crate::addresses::markets::liquidity;
use crate::addresses::markets::market;
use crate::addresses::markets::market_tokens;
use crate::addresses::markets::price_feed;
use crate::addresses::markets::venue;
use crate::addresses::markets::venue_tokens;
use crate::instructions::build;

/// Creates and funds a market; signed by the creator.
#[derive(Clone, Debug)]
pub struct CreateMarket {
    pub creator: Pubkey,
    pub mint: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub arbiter_set: Pubkey,
    pub arbiter_key: Pubkey,
    pub creator_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// The venue's, in force when the instruction is executed.
    pub venue_terms: Terms,
    pub args: CreateMarketArgs,
}

impl CreateMarket {
    /// Everything that the market will be bound by.
    pub fn terms(&self) -> MarketTerms {
        MarketTerms {
            provider_set: self.provider_set,
            verifying_key: self.verifying_key,
            arbiter_set: self.arbiter_set,
            arbiter_key: self.arbiter_key,
            venue_terms: self.venue_terms,
            args: self.args.clone(),
        }
    }

    /// Where the market will be: nowhere else can a market with these terms be, nor another there.
    pub fn market(&self) -> Pubkey {
        let hash = self.terms().hash();
        market(&venue(&self.mint), &self.creator, &hash)
    }

    pub fn instruction(&self) -> Instruction {
        let venue = venue(&self.mint);
        let market = self.market();
        build(
            ID,
            &accounts::CreateMarket {
                creator: self.creator,
                venue,
                mint: self.mint,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                arbiter_set: self.arbiter_set,
                arbiter_key: self.arbiter_key,
                market,
                market_tokens: market_tokens(&market),
                liquidity: liquidity(&market, &self.creator),
                creator_tokens: self.creator_tokens,
                token_program: self.token_program,
                system_program: system_program::ID,
                price_feed: self
                    .args
                    .price
                    .map(|_| price_feed(&venue, &self.args.feed_id)),
            },
            &instruction::CreateMarket {
                terms_hash: self.terms().hash(),
                args: self.args.clone(),
            },
        )
    }
}

/// Pays the creator its part of the fees so far; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectCreatorFees {
    pub market: Pubkey,
    pub creator: Pubkey,
    /// The creator's associated one; with [`super::signed_by`] the creator any of the creator's.
    pub creator_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CollectCreatorFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CollectCreatorFees {
                market: self.market,
                creator: self.creator,
                market_tokens: market_tokens(&self.market),
                creator_tokens: self.creator_tokens,
                token_program: self.token_program,
            },
            &instruction::CollectCreatorFees {},
        )
    }
}

/// Gives the venue the protocol's part of a market's fees so far; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseProtocolFees {
    pub venue: Pubkey,
    pub market: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl ReleaseProtocolFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ReleaseProtocolFees {
                venue: self.venue,
                venue_tokens: venue_tokens(&self.venue),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                token_program: self.token_program,
            },
            &instruction::ReleaseProtocolFees {},
        )
    }
}

/// Brings prices and depth up to date; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Poke {
    pub venue: Pubkey,
    pub market: Pubkey,
}

impl Poke {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Poke {
                venue: self.venue,
                market: self.market,
            },
            &instruction::Poke {},
        )
    }
}

/// Turns an LMSR that offers it into a pm-AMM; anybody.
#[derive(Clone, Copy, Debug)]
pub struct SwitchCurve {
    pub venue: Pubkey,
    pub market: Pubkey,
}

impl SwitchCurve {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SwitchCurve {
                venue: self.venue,
                market: self.market,
            },
            &instruction::SwitchCurve {},
        )
    }
}
