//! How a market gets its result.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use flash_bets::accounts;
use flash_bets::instruction;
use flash_bets::instructions::ResolveFromRootArgs;
use flash_bets::ID;

use crate::instructions::build;

/// Sets the strike of an up/down market; anybody.
#[derive(Clone, Copy, Debug)]
pub struct SetStrike {
    pub market: Pubkey,
    pub observation: Pubkey,
}

impl SetStrike {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetStrike {
                market: self.market,
                observation: self.observation,
            },
            &instruction::SetStrike {},
        )
    }
}

/// Settles a market on an observation; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Resolve {
    pub market: Pubkey,
    pub observation: Pubkey,
    /// Where the observation of the market's strike is, or would be; of an up/down market only.
    pub strike_observation: Option<Pubkey>,
}

impl Resolve {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Resolve {
                market: self.market,
                observation: self.observation,
                strike_observation: self.strike_observation,
            },
            &instruction::Resolve {},
        )
    }
}

/// Settles a market on a result in a verified root; anybody.
#[derive(Clone, Debug)]
pub struct ResolveFromRoot {
    pub market: Pubkey,
    /// Those of the market.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub result_root: Pubkey,
    /// The one that the market names, whether it is there or not.
    pub observation: Pubkey,
    /// Likewise that of its strike; of an up/down market only.
    pub strike_observation: Option<Pubkey>,
    pub args: ResolveFromRootArgs,
}

impl ResolveFromRoot {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ResolveFromRoot {
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                result_root: self.result_root,
                observation: self.observation,
                strike_observation: self.strike_observation,
            },
            &instruction::ResolveFromRoot {
                args: self.args.clone(),
            },
        )
    }
}

/// Settles a market at its slow prices, when no outcome can be shown; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Void {
    pub vault: Pubkey,
    pub market: Pubkey,
    /// Where the market's observation is, or would be.
    pub observation: Pubkey,
    /// Likewise that of its strike; of an up/down market only.
    pub strike_observation: Option<Pubkey>,
}

impl Void {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Void {
                vault: self.vault,
                market: self.market,
                observation: self.observation,
                strike_observation: self.strike_observation,
            },
            &instruction::Void {},
        )
    }
}
