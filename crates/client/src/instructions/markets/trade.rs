//! What traders do.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use markets::accounts;
use markets::instruction;
use markets::instructions::BuyArgs;
use markets::instructions::BuySharesArgs;
use markets::instructions::SellArgs;
use markets::state::PositionKind;
use markets::ID;

use crate::addresses::markets::market_tokens;
use crate::addresses::markets::position;
use crate::instructions::build;

/// Opens the owner's position in a market; signed by owner and payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenPosition {
    /// Pays the rent, which goes to the owner on close.
    pub payer: Pubkey,
    pub owner: Pubkey,
    pub market: Pubkey,
    pub kind: PositionKind,
}

impl OpenPosition {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenPosition {
                payer: self.payer,
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner, self.kind),
                system_program: system_program::ID,
            },
            &instruction::OpenPosition { kind: self.kind },
        )
    }
}

/// Buys for an exact stake; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Buy {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: BuyArgs,
}

impl Buy {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Buy {
                owner: self.owner,
                venue: self.venue,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Buy { args: self.args },
        )
    }
}

/// Buys an exact number of shares; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct BuyShares {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: BuySharesArgs,
}

impl BuyShares {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Buy {
                owner: self.owner,
                venue: self.venue,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::BuyShares { args: self.args },
        )
    }
}

/// Makes complete sets; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Base units, and shares of each outcome.
    pub amount: u64,
}

impl Split {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Buy {
                owner: self.owner,
                venue: self.venue,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Split {
                amount: self.amount,
            },
        )
    }
}

/// Sells an exact number of shares; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Sell {
    pub owner: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: SellArgs,
}

impl Sell {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Sell {
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Sell { args: self.args },
        )
    }
}

/// Turns complete sets into money; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Merge {
    pub owner: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Shares of each outcome, and base units.
    pub amount: u64,
}

impl Merge {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Sell {
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Merge {
                amount: self.amount,
            },
        )
    }
}
