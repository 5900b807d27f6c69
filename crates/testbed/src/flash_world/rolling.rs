//! Rolling chains.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        AdvanceRolling, ExecuteRolling, OpenRolling, OpenRollingArgs, RollingMarket, RollingOf,
        RollingStep, StepKind, StopRolling, DEFAULT_MAX_ABOVE_SLOW,
    },
};
use flash_bets::state::{RollingChain, RollingHolding, Ticket};
use math::Price;
use solana_signer::Signer;

use super::{FlashWorld, User};
use crate::{Receipt, SendError};

/// The accounts that are right.
impl FlashWorld {
    pub fn rolling_market(&self, market: Pubkey) -> RollingMarket {
        match self.see_as(market) {
            Some(state) => RollingMarket::new(market, &state),
            // Closed: nothing else is looked at.
            None => RollingMarket {
                market,
                vault: self.vault,
                observation: self.vault,
            },
        }
    }

    /// With the next nonce, at any price.
    pub fn build_rolling(&mut self, user: &User, legs: &[(Pubkey, u8)], stake: u64) -> OpenRolling {
        self.nonce += 1;
        let nonce = self.nonce;
        self.know_account(addresses::rolling_chain(&user.address(), nonce));
        let step = |(_, outcome): &(Pubkey, u8)| RollingStep {
            kind: StepKind::Roll,
            outcome: *outcome,
            max_price: Price::ONE.0,
        };
        OpenRolling {
            owner: user.address(),
            owner_tokens: user.tokens,
            rent_payer: user.address(),
            token_program: self.token_program(),
            nonce,
            first: self.rolling_market(legs[0].0),
            others: legs[1..].iter().map(|(market, _)| *market).collect(),
            args: OpenRollingArgs {
                stake,
                tip_lamports: 0,
                max_above_slow: DEFAULT_MAX_ABOVE_SLOW,
                steps: legs.iter().map(step).collect(),
            },
        }
    }

    #[track_caller]
    pub fn rolling_state(&self, user: &User, nonce: u64) -> RollingChain {
        self.read(addresses::rolling_chain(&user.address(), nonce))
    }

    pub fn find_rolling(&self, user: &User, nonce: u64) -> Option<RollingChain> {
        self.find(addresses::rolling_chain(&user.address(), nonce))
    }

    #[track_caller]
    pub fn rolling_of(&self, user: &User, nonce: u64) -> RollingOf {
        let chain = self.rolling_state(user, nonce);
        RollingOf {
            owner: user.address(),
            nonce,
            owner_tokens: user.tokens,
            rent_payer: chain.rent_payer,
            token_program: self.token_program(),
            market: chain.market(),
        }
    }

    /// The tip is for the treasury.
    #[track_caller]
    pub fn build_advance(&self, user: &User, nonce: u64) -> AdvanceRolling {
        let chain = self.rolling_state(user, nonce);
        AdvanceRolling {
            chain: self.rolling_of(user, nonce),
            executor: self.treasury.pubkey(),
            next: chain.next().map(|(_, leg)| self.rolling_market(leg.market)),
        }
    }

    /// The tip is for the treasury.
    #[track_caller]
    pub fn build_execute_rolling(&self, user: &User, nonce: u64) -> ExecuteRolling {
        let chain = self.rolling_of(user, nonce);
        let market = self.rolling_market(chain.market);
        ExecuteRolling {
            chain,
            vault: market.vault,
            observation: market.observation,
            executor: self.treasury.pubkey(),
        }
    }

    #[track_caller]
    pub fn build_stop(&self, user: &User, nonce: u64) -> StopRolling {
        let chain = self.rolling_of(user, nonce);
        let ticket = addresses::ticket(&chain.market, &user.address());
        StopRolling {
            chain,
            has_ticket: self.find::<Ticket>(ticket).is_some(),
        }
    }
}

/// Doing what is right.
impl FlashWorld {
    /// Opens a rolling chain, with the nonce that is the last one then.
    ///
    /// # Errors
    /// Those of [`Chain::send`](crate::Chain::send), here and below.
    pub fn open_rolling(
        &mut self,
        user: &User,
        legs: &[(Pubkey, u8)],
        stake: u64,
    ) -> Result<Receipt, SendError> {
        let open = self.build_rolling(user, legs, stake);
        self.send_with_table(&open.instruction(), &[&user.key])
    }

    pub fn advance(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let advance = self.build_advance(user, nonce);
        self.send(advance.instruction(), &[])
    }

    pub fn execute_rolling(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let execute = self.build_execute_rolling(user, nonce);
        self.send(execute.instruction(), &[])
    }

    pub fn stop_rolling(&mut self, user: &User, nonce: u64) -> Result<Receipt, SendError> {
        let stop = self.build_stop(user, nonce);
        self.send(stop.instruction(), &[&user.key])
    }

    /// Lets the bet delay pass that a rolling chain's stake waits for.
    #[track_caller]
    pub fn pass_rolling_delay(&mut self, user: &User, nonce: u64) {
        let RollingHolding::Stake { wait, .. } = self.rolling_state(user, nonce).holding else {
            panic!("the chain's stake does not wait");
        };
        self.go_to(wait.executable_slot.max(self.chain().slot()));
        self.pass_to(wait.executable_at);
    }
}
