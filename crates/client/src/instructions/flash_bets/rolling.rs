//! Rolling chains: each leg is bought for what the one before paid.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program,
};
use flash_bets::{accounts, instruction, instructions::OpenRollingArgs, state::FlashMarket, ID};

use crate::{
    addresses::flash_bets::{market_tokens, rolling_chain, ticket},
    instructions::build,
};

/// What a share of a leg may cost above its slow price where its owner says nothing else, basis points of that.
pub const DEFAULT_MAX_ABOVE_SLOW: u16 = 1_000;

/// A leg's market, and what its accounts follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollingMarket {
    pub market: Pubkey,
    pub vault: Pubkey,
    /// Where the market's observation is, or would be.
    pub observation: Pubkey,
}

impl RollingMarket {
    pub fn new(address: Pubkey, market: &FlashMarket) -> Self {
        Self {
            market: address,
            vault: market.vault,
            observation: market.evidence.observation,
        }
    }
}

/// Opens a rolling chain and takes its first leg; signed by owner and rent payer.
#[derive(Clone, Debug)]
pub struct OpenRolling {
    /// Pays the stake.
    pub owner: Pubkey,
    pub owner_tokens: Pubkey,
    /// Pays rent and tips.
    pub rent_payer: Pubkey,
    /// Token program of the vaults' mint.
    pub token_program: Pubkey,
    /// Distinguishes the owner's rolling chains.
    pub nonce: u64,
    pub first: RollingMarket,
    /// Markets of the legs after the first.
    pub others: Vec<Pubkey>,
    pub args: OpenRollingArgs,
}

impl OpenRolling {
    pub fn instruction(&self) -> Instruction {
        let first = &self.first;
        let mut built = build(
            ID,
            &accounts::OpenRolling {
                owner: self.owner,
                rent_payer: self.rent_payer,
                owner_tokens: self.owner_tokens,
                rolling_chain: rolling_chain(&self.owner, self.nonce),
                vault: first.vault,
                market: first.market,
                market_tokens: market_tokens(&first.market),
                observation: first.observation,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::OpenRolling {
                nonce: self.nonce,
                args: self.args.clone(),
            },
        );
        for market in &self.others {
            let accounts = [*market, market_tokens(market)];
            let metas = accounts.map(|address| AccountMeta::new_readonly(address, false));
            built.accounts.extend(metas);
        }
        built
    }
}

/// A rolling chain, the market that it is in, and where what it pays and holds goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollingOf {
    pub owner: Pubkey,
    pub nonce: u64,
    /// The owner's associated one; with [`signed_by`](crate::instructions::signed_by) the owner any of the
    /// owner's. Anything if nothing is paid.
    pub owner_tokens: Pubkey,
    pub rent_payer: Pubkey,
    /// Token program of the vaults' mint.
    pub token_program: Pubkey,
    /// Of the leg that it is in.
    pub market: Pubkey,
}

impl RollingOf {
    pub fn address(&self) -> Pubkey {
        rolling_chain(&self.owner, self.nonce)
    }
}

/// Moves a chain whose leg is settled on to the next, or ends it; anybody.
#[derive(Clone, Copy, Debug)]
pub struct AdvanceRolling {
    pub chain: RollingOf,
    /// Gets the tip.
    pub executor: Pubkey,
    /// Of the next leg; none if there is none. Only the market is looked at if that is closed.
    pub next: Option<RollingMarket>,
}

impl AdvanceRolling {
    pub fn instruction(&self) -> Instruction {
        let chain = &self.chain;
        let accounts = accounts::AdvanceRolling {
            rolling_chain: chain.address(),
            market: chain.market,
            market_tokens: market_tokens(&chain.market),
            owner: chain.owner,
            owner_tokens: chain.owner_tokens,
            rent_payer: chain.rent_payer,
            executor: self.executor,
            token_program: chain.token_program,
            fallback_tokens: None,
        };
        let mut built = build(ID, &accounts, &instruction::AdvanceRolling {});
        if let Some(next) = self.next {
            built.accounts.extend([
                AccountMeta::new(next.market, false),
                AccountMeta::new(market_tokens(&next.market), false),
                AccountMeta::new_readonly(next.vault, false),
                AccountMeta::new_readonly(next.observation, false),
            ]);
        }
        built
    }
}

/// Buys the leg that a chain's stake waits for, or gives the stake back; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ExecuteRolling {
    pub chain: RollingOf,
    /// Of the market.
    pub vault: Pubkey,
    /// Where the market's observation is, or would be.
    pub observation: Pubkey,
    /// Gets the tip.
    pub executor: Pubkey,
}

impl ExecuteRolling {
    pub fn instruction(&self) -> Instruction {
        let chain = &self.chain;
        let accounts = accounts::ExecuteRolling {
            rolling_chain: chain.address(),
            vault: self.vault,
            market: chain.market,
            market_tokens: market_tokens(&chain.market),
            observation: self.observation,
            owner: chain.owner,
            owner_tokens: chain.owner_tokens,
            rent_payer: chain.rent_payer,
            executor: self.executor,
            token_program: chain.token_program,
            fallback_tokens: None,
        };
        build(ID, &accounts, &instruction::ExecuteRolling {})
    }
}

/// Ends a chain that has shares; signed by its owner.
#[derive(Clone, Copy, Debug)]
pub struct StopRolling {
    pub chain: RollingOf,
    /// Whether the owner has a ticket in the market, which gets the shares; needed unless that is settled.
    pub has_ticket: bool,
}

impl StopRolling {
    pub fn instruction(&self) -> Instruction {
        let chain = &self.chain;
        let own_ticket = ticket(&chain.market, &chain.owner);
        let accounts = accounts::StopRolling {
            owner: chain.owner,
            rolling_chain: chain.address(),
            market: chain.market,
            market_tokens: market_tokens(&chain.market),
            ticket: self.has_ticket.then_some(own_ticket),
            owner_tokens: chain.owner_tokens,
            rent_payer: chain.rent_payer,
            token_program: chain.token_program,
        };
        build(ID, &accounts, &instruction::StopRolling {})
    }
}
