use client::{
    addresses::flash_bets::rolling_chain,
    instructions::flash_bets::{AdvanceRolling, ExecuteRolling, RollingMarket, RollingOf},
};
use flash_bets::state::{FlashMarket, RollingChain, RollingHolding};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::FlashAction;
use crate::{Money, Settings};

/// A rolling chain, the market that it is in, and the one of its next leg.
#[derive(Clone, Debug)]
pub struct RollingView {
    pub chain: RollingChain,
    pub market: FlashMarket,
    pub money: Money,
    /// `None` if there is none, or it is closed.
    pub next: Option<FlashMarket>,
}

impl RollingView {
    pub fn address(&self) -> Pubkey {
        rolling_chain(&self.chain.owner, self.chain.nonce)
    }

    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<FlashAction> {
        let action = match self.chain.holding {
            RollingHolding::Stake { wait, .. } => {
                let is_over = self.market.is_trading_over(clock.unix_timestamp)
                    || clock.unix_timestamp > wait.executable_until;
                let is_due = is_over || wait.require_executable(clock).is_ok();
                is_due.then(|| self.execute(settings))
            }
            RollingHolding::Shares { .. } => self.advance(settings, clock),
        };
        action.into_iter().collect()
    }

    fn execute(&self, settings: &Settings) -> FlashAction {
        FlashAction::ExecuteRolling(ExecuteRolling {
            chain: self.of(),
            vault: self.market.vault,
            observation: self.market.evidence.observation,
            executor: settings.keeper,
        })
    }

    /// Once the market is settled, and the next one trades or its time has passed.
    fn advance(&self, settings: &Settings, clock: &Clock) -> Option<FlashAction> {
        let shares = self.chain.shares().ok()?;
        let payout = self.market.settlement.payout_of(&shares).ok()?;
        let now = clock.unix_timestamp;
        let waits = |next: FlashMarket| {
            let is_later = now < next.hours.opens_at || next.is_suspended(now);
            is_later && now <= RollingChain::step_until(&self.market, &next)
        };
        let waits = payout > 0 && self.next.is_some_and(waits);
        if !self.market.settlement.is_settled() || waits {
            return None;
        }
        let next = self.chain.next().map(|(_, leg)| match &self.next {
            Some(next) => RollingMarket::new(leg.market, next),
            // Nothing but the market is looked at.
            None => RollingMarket {
                market: leg.market,
                vault: self.market.vault,
                observation: self.market.evidence.observation,
            },
        });
        Some(FlashAction::AdvanceRolling(AdvanceRolling {
            chain: self.of(),
            executor: settings.keeper,
            next,
        }))
    }

    fn of(&self) -> RollingOf {
        RollingOf {
            owner: self.chain.owner,
            nonce: self.chain.nonce,
            owner_tokens: self.money.account_of(&self.chain.owner),
            rent_payer: self.chain.rent_payer,
            token_program: self.money.token_program,
            market: self.chain.market(),
        }
    }
}
