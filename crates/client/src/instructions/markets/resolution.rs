//! How a market gets its result.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use markets::accounts;
use markets::instruction;
use markets::instructions::DisputeArgs;
use markets::instructions::ProposeFromRootArgs;
use markets::ID;

use crate::addresses::markets::dispute;
use crate::addresses::markets::market_tokens;
use crate::instructions::build;

/// Proposes what an observation shows; signed by the proposer, whose bond it takes.
#[derive(Clone, Copy, Debug)]
pub struct ProposeResolution {
    pub proposer: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    /// The market's, as the key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub observation: Pubkey,
    pub proposer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Most base units to put up.
    pub max_bond: u64,
}

impl ProposeResolution {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ProposeResolution {
                venue: self.venue,
                proposer: self.proposer,
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation,
                market_tokens: market_tokens(&self.market),
                proposer_tokens: self.proposer_tokens,
                token_program: self.token_program,
            },
            &instruction::ProposeResolution {
                max_bond: self.max_bond,
            },
        )
    }
}

/// Proposes a result in a verified root; signed by the proposer, whose bond it takes.
#[derive(Clone, Debug)]
pub struct ProposeFromRoot {
    pub proposer: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    /// The market's, as the key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub result_root: Pubkey,
    /// The one that the market names, whether it is there or not.
    pub observation: Pubkey,
    pub proposer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: ProposeFromRootArgs,
}

impl ProposeFromRoot {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ProposeFromRoot {
                venue: self.venue,
                proposer: self.proposer,
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                result_root: self.result_root,
                observation: self.observation,
                market_tokens: market_tokens(&self.market),
                proposer_tokens: self.proposer_tokens,
                token_program: self.token_program,
            },
            &instruction::ProposeFromRoot {
                args: self.args.clone(),
            },
        )
    }
}

/// Sets the strike of an up/down market; anybody.
#[derive(Clone, Copy, Debug)]
pub struct SetStrike {
    pub market: Pubkey,
    /// The market's, as the key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub observation: Pubkey,
}

impl SetStrike {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetStrike {
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation,
            },
            &instruction::SetStrike {},
        )
    }
}

/// Calls the arbiters when the oracle knows of a contradiction; anybody.
#[derive(Clone, Copy, Debug)]
pub struct DisputeConflict {
    pub venue: Pubkey,
    pub market: Pubkey,
    /// One that the market names: its own, or its strike's.
    pub observation: Pubkey,
}

impl DisputeConflict {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::DisputeConflict {
                venue: self.venue,
                market: self.market,
                observation: self.observation,
            },
            &instruction::DisputeConflict {},
        )
    }
}

/// Calls the arbiters when the providers or their key are suspended; anybody. Of a market without a
/// proposal once trading is over.
#[derive(Clone, Copy, Debug)]
pub struct DisputeSuspension {
    pub venue: Pubkey,
    pub market: Pubkey,
    /// The market's, as the key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Ends trading that is not over: what the arbiters have observed.
    pub arbiters_observation: Option<Pubkey>,
}

impl DisputeSuspension {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::DisputeSuspension {
                venue: self.venue,
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                arbiters_observation: self.arbiters_observation,
            },
            &instruction::DisputeSuspension {},
        )
    }
}

/// Disputes a proposal; signed by the disputer, whose bond it takes.
#[derive(Clone, Copy, Debug)]
pub struct DisputeResolution {
    pub disputer: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub disputer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: DisputeArgs,
}

impl DisputeResolution {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::DisputeResolution {
                venue: self.venue,
                disputer: self.disputer,
                market: self.market,
                dispute: dispute(&self.market),
                market_tokens: market_tokens(&self.market),
                disputer_tokens: self.disputer_tokens,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::DisputeResolution { args: self.args },
        )
    }
}

/// Settles a disputed market on the arbiters' observation; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ResolveDispute {
    pub market: Pubkey,
    /// The market's.
    pub arbiter_set: Pubkey,
    pub observation: Pubkey,
    /// Of an up/down market: the arbiters' observation at its opening.
    pub strike_observation: Option<Pubkey>,
}

impl ResolveDispute {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ResolveDispute {
                market: self.market,
                arbiter_set: self.arbiter_set,
                observation: self.observation,
                strike_observation: self.strike_observation,
            },
            &instruction::ResolveDispute {},
        )
    }
}

/// Settles a market on an undisputed proposal; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Finalize {
    pub venue: Pubkey,
    pub market: Pubkey,
    /// Those that the market names.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Those that the market names, whether they are there or not.
    pub observation: Pubkey,
    pub strike_observation: Pubkey,
}

impl Finalize {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Finalize {
                venue: self.venue,
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation,
                strike_observation: self.strike_observation,
            },
            &instruction::Finalize {},
        )
    }
}

/// Settles a market past its deadline at its slow prices; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Void {
    pub venue: Pubkey,
    pub market: Pubkey,
}

impl Void {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Void {
                venue: self.venue,
                market: self.market,
            },
            &instruction::Void {},
        )
    }
}
