//! Liquidity of one market.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use markets::accounts;
use markets::instruction;
use markets::instructions::AddLiquidityArgs;
use markets::instructions::RemoveLiquidityArgs;
use markets::ID;

use crate::addresses::markets::liquidity;
use crate::addresses::markets::market_tokens;
use crate::instructions::build;
use crate::instructions::markets::Holder;

/// Opens the owner's liquidity position in a market; signed by owner and payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenLiquidity {
    /// Pays the rent, and gets it on close.
    pub payer: Pubkey,
    pub owner: Pubkey,
    pub market: Pubkey,
}

impl OpenLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenLiquidity {
                payer: self.payer,
                owner: self.owner,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                system_program: system_program::ID,
            },
            &instruction::OpenLiquidity {},
        )
    }
}

/// Puts money into a pool; signed by the owner, who has a position too.
#[derive(Clone, Debug)]
pub struct AddLiquidity {
    pub holder: Holder,
    pub args: AddLiquidityArgs,
}

impl AddLiquidity {
    pub fn instruction(&self) -> Instruction {
        let args = self.args.clone();
        self.holder
            .build_liquidity(&instruction::AddLiquidity { args })
    }
}

/// Takes liquidity out of a pool; signed by the owner, who has a position too.
#[derive(Clone, Debug)]
pub struct RemoveLiquidity {
    pub holder: Holder,
    pub args: RemoveLiquidityArgs,
}

impl RemoveLiquidity {
    pub fn instruction(&self) -> Instruction {
        let args = self.args.clone();
        self.holder
            .build_liquidity(&instruction::RemoveLiquidity { args })
    }
}

/// Pays a provider its fees so far; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectLiquidityFees {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CollectLiquidityFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CollectLiquidityFees {
                venue: self.venue,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                owner: self.owner,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::CollectLiquidityFees {},
        )
    }
}

/// Locks liquidity until trading is over; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct LockLiquidity {
    pub owner: Pubkey,
    pub market: Pubkey,
    /// LP shares.
    pub shares: u64,
}

impl LockLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::LockLiquidity {
                owner: self.owner,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
            },
            &instruction::LockLiquidity {
                shares: self.shares,
            },
        )
    }
}

/// Gives LP shares to another provider of the market; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct TransferLiquidity {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    /// Has a liquidity position in the market.
    pub receiver: Pubkey,
    /// LP shares.
    pub shares: u64,
}

impl TransferLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::TransferLiquidity {
                venue: self.venue,
                owner: self.owner,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                receiver: liquidity(&self.market, &self.receiver),
            },
            &instruction::TransferLiquidity {
                shares: self.shares,
            },
        )
    }
}

/// Closes an empty liquidity position; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct CloseLiquidity {
    pub owner: Pubkey,
    pub market: Pubkey,
    /// Who paid the position's rent.
    pub rent_payer: Pubkey,
}

impl CloseLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseLiquidity {
                owner: self.owner,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                rent_payer: self.rent_payer,
            },
            &instruction::CloseLiquidity {},
        )
    }
}
