//! The venue and its terms.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use markets::accounts;
use markets::instruction;
use markets::instructions::CreateVenueArgs;
use markets::state::Terms;
use markets::ID;
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::addresses::markets::price_feed;
use crate::addresses::markets::venue;
use crate::addresses::markets::venue_tokens;
use crate::addresses::oracle;
use crate::instructions::build;

/// Creates the venue of a mint; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CreateVenue {
    pub admin: Pubkey,
    pub mint: Pubkey,
    /// Of the mint.
    pub token_program: Pubkey,
    pub args: CreateVenueArgs,
}

impl CreateVenue {
    pub fn instruction(&self) -> Instruction {
        let venue = venue(&self.mint);
        build(
            ID,
            &accounts::CreateVenue {
                admin: self.admin,
                config: oracle::config(),
                mint: self.mint,
                venue,
                venue_tokens: venue_tokens(&venue),
                instructions: INSTRUCTIONS,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreateVenue { args: self.args },
        )
    }
}

/// Lowers terms at once or changes them after the timelock; signed by the admin, to lower also by the
/// guardian.
#[derive(Clone, Copy, Debug)]
pub struct SetVenueTerms {
    pub authority: Pubkey,
    pub venue: Pubkey,
    pub terms: Terms,
}

impl SetVenueTerms {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetVenueTerms {
                authority: self.authority,
                config: oracle::config(),
                venue: self.venue,
                instructions: INSTRUCTIONS,
            },
            &instruction::SetVenueTerms { terms: self.terms },
        )
    }
}

/// Changes after the timelock who gets the protocol's fees; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct SetTreasury {
    pub admin: Pubkey,
    pub venue: Pubkey,
    pub treasury: Pubkey,
}

impl SetTreasury {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetTreasury {
                admin: self.admin,
                config: oracle::config(),
                venue: self.venue,
                instructions: INSTRUCTIONS,
            },
            &instruction::SetTreasury {
                treasury: self.treasury,
            },
        )
    }
}

/// Stops new risk; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub authority: Pubkey,
    pub venue: Pubkey,
}

impl Pause {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Pause {
                authority: self.authority,
                config: oracle::config(),
                venue: self.venue,
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
    pub venue: Pubkey,
}

impl Unpause {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Unpause {
                admin: self.admin,
                config: oracle::config(),
                venue: self.venue,
                instructions: INSTRUCTIONS,
            },
            &instruction::Unpause {},
        )
    }
}

/// Pays the treasury what markets have released; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectProtocolFees {
    pub venue: Pubkey,
    pub treasury: Pubkey,
    /// The treasury's associated one; with [`super::signed_by`] the treasury any of the treasury's.
    pub treasury_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CollectProtocolFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CollectProtocolFees {
                venue: self.venue,
                treasury: self.treasury,
                venue_tokens: venue_tokens(&self.venue),
                treasury_tokens: self.treasury_tokens,
                token_program: self.token_program,
            },
            &instruction::CollectProtocolFees {},
        )
    }
}

/// Says what it costs to move a price for a second, base units: no more than before at once, signed by the
/// admin or the guardian, more after the timelock, signed by the admin. Makes the account of the feed.
#[derive(Clone, Copy, Debug)]
pub struct SetPriceFeed {
    pub authority: Pubkey,
    pub venue: Pubkey,
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
                venue: self.venue,
                price_feed: price_feed(&self.venue, &self.feed_id),
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
    pub venue: Pubkey,
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
                price_feed: price_feed(&self.venue, &self.feed_id),
                rent_payer: self.rent_payer,
                instructions: INSTRUCTIONS,
            },
            &instruction::ClosePriceFeed {},
        )
    }
}
