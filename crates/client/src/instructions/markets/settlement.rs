//! Who gets what after the result.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::AccountMeta;
use anchor_lang::solana_program::instruction::Instruction;
use markets::accounts;
use markets::instruction;
use markets::ID;

use crate::addresses::markets::dispute;
use crate::addresses::markets::liquidity;
use crate::addresses::markets::market_tokens;
use crate::addresses::markets::position;
use crate::addresses::markets::venue_tokens;
use crate::instructions::build;

/// A position to redeem, and where its payout goes.
#[derive(Clone, Copy, Debug)]
pub struct RedeemedPosition {
    pub owner: Pubkey,
    /// Who paid the position's rent.
    pub rent_payer: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    /// Anything if the payout is 0.
    pub owner_tokens: Pubkey,
}

/// Pays and closes positions in a settled market; anybody.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub market: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub positions: Vec<RedeemedPosition>,
}

impl Redeem {
    pub fn instruction(&self) -> Instruction {
        let mut instruction = build(
            ID,
            &accounts::Redeem {
                market: self.market,
                market_tokens: market_tokens(&self.market),
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::Redeem {},
        );
        let accounts = self.positions.iter().flat_map(|redeemed| {
            [
                position(&self.market, &redeemed.owner),
                redeemed.owner,
                redeemed.owner_tokens,
                redeemed.rent_payer,
            ]
            .map(|address| AccountMeta::new(address, false))
        });
        instruction.accounts.extend(accounts);
        instruction
    }
}

/// Pays a provider its part of a settled market and closes its position; anybody.
#[derive(Clone, Copy, Debug)]
pub struct RedeemLiquidity {
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// Who paid the position's rent.
    pub rent_payer: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl RedeemLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RedeemLiquidity {
                venue: self.venue,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                owner: self.owner,
                rent_payer: self.rent_payer,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::RedeemLiquidity {},
        )
    }
}

/// Pays the proposer what is due of the bonds; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ClaimProposalBond {
    pub market: Pubkey,
    pub proposer: Pubkey,
    /// The proposer's associated one; with [`super::signed_by`] the proposer any of the proposer's.
    pub proposer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl ClaimProposalBond {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ClaimProposalBond {
                market: self.market,
                proposer: self.proposer,
                market_tokens: market_tokens(&self.market),
                proposer_tokens: self.proposer_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ClaimProposalBond {},
        )
    }
}

/// Pays the disputer what is due of the bonds and closes the dispute; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ClaimDisputeBond {
    pub market: Pubkey,
    pub disputer: Pubkey,
    /// The disputer's associated one; with [`super::signed_by`] the disputer any of the disputer's.
    /// Anything if nothing is due.
    pub disputer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl ClaimDisputeBond {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ClaimDisputeBond {
                market: self.market,
                dispute: dispute(&self.market),
                disputer: self.disputer,
                market_tokens: market_tokens(&self.market),
                disputer_tokens: self.disputer_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ClaimDisputeBond {},
        )
    }
}

/// Closes a settled market after the last claim; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseMarket {
    pub venue: Pubkey,
    pub market: Pubkey,
    pub creator: Pubkey,
    /// The creator's associated one; with [`super::signed_by`] the creator any of the creator's.
    /// Anything if no fees are due.
    pub creator_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CloseMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseMarket {
                venue: self.venue,
                venue_tokens: venue_tokens(&self.venue),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                creator: self.creator,
                creator_tokens: self.creator_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::CloseMarket {},
        )
    }
}
