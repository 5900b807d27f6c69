use client::instructions::flash_bets::{
    CancelChain, ChainOf, CloseChain, ExecuteCashOut, ExecuteChain, LegOf, SettleLegs,
};
use flash_bets::state::{Chain, ChainLeg, ChainStatus, FlashMarket, LegStatus, Vault};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::FlashAction;
use crate::{Money, Settings};

/// Legs whose results are taken in a transaction without a lookup table. A chain of more than four legs is
/// priced with one.
const SETTLED_AT_ONCE: usize = 6;

/// A chain of bets and the markets of its legs.
#[derive(Clone, Debug)]
pub struct ChainView {
    pub address: Pubkey,
    pub chain: Chain,
    pub vault: Vault,
    pub money: Money,
    /// Of each leg, in their order; `None` if it is gone.
    pub markets: Vec<Option<FlashMarket>>,
}

impl ChainView {
    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<FlashAction> {
        if self.chain.is(ChainStatus::Waiting) {
            return self.execute(settings, clock).into_iter().collect();
        }
        if self.chain.open_legs == 0 {
            let chain = self.of();
            return vec![FlashAction::CloseChain(CloseChain { chain })];
        }
        let settled = self.settle();
        if settled.is_empty() {
            return self.cash_out(settings, clock).into_iter().collect();
        }
        settled
    }

    /// What its owner waits for, due or not: the execution of the chain, or of its cash-out.
    pub fn upcoming(&self, settings: &Settings) -> Option<FlashAction> {
        if self.chain.is(ChainStatus::Waiting) {
            return self.opening(settings);
        }
        let is_asked = self.chain.is(ChainStatus::Open) && self.chain.cash_out_waits == 1;
        is_asked.then(|| self.exit(settings)).flatten()
    }

    fn execute(&self, settings: &Settings, clock: &Clock) -> Option<FlashAction> {
        let (wait, now) = (&self.chain.wait, clock.unix_timestamp);
        if now > wait.executable_until || self.vault.pauses.is_paused(now) {
            let chain = self.of();
            return Some(FlashAction::CancelChain(CancelChain { chain }));
        }
        wait.require_executable(clock).ok()?;
        self.opening(settings)
    }

    fn opening(&self, settings: &Settings) -> Option<FlashAction> {
        Some(FlashAction::ExecuteChain(ExecuteChain {
            chain: self.of(),
            executor: settings.keeper,
            legs: self.priced(|_| true)?,
        }))
    }

    fn exit(&self, settings: &Settings) -> Option<FlashAction> {
        Some(FlashAction::ExecuteCashOut(ExecuteCashOut {
            chain: self.of(),
            executor: settings.keeper,
            legs: self.priced(|leg| leg.is(LegStatus::Open))?,
        }))
    }

    fn cash_out(&self, settings: &Settings, clock: &Clock) -> Option<FlashAction> {
        let is_due = self.chain.is(ChainStatus::Open)
            && self.chain.cash_out_waits == 1
            && self.chain.wait.require_executable(clock).is_ok();
        let is_open = |(leg, _): &(&ChainLeg, &FlashMarket)| leg.is(LegStatus::Open);
        let since = self.chain.wait.requested_slot;
        let trades = self.legs().filter(is_open).all(|(_, market)| {
            market.require_trading(clock).is_ok() && !market.was_suspended_since(since)
        });
        if !is_due || !trades {
            return None;
        }
        self.exit(settings)
    }

    /// The legs that are wanted, if all of them are there.
    fn priced(&self, is_wanted: impl Fn(&ChainLeg) -> bool) -> Option<Vec<LegOf>> {
        let wanted = self.chain.legs().iter().filter(|leg| is_wanted(leg));
        let legs = self.legs().filter(|(leg, _)| is_wanted(leg));
        let legs: Vec<_> = legs
            .map(|(leg, market)| LegOf::new(leg.market, market))
            .collect();
        (legs.len() == wanted.count()).then_some(legs)
    }

    /// Takes results that are there; of a lost chain all that is left.
    fn settle(&self) -> Vec<FlashAction> {
        let is_lost = self.chain.is(ChainStatus::Lost);
        let due: Vec<_> = self
            .legs()
            .filter(|(leg, market)| {
                leg.is(LegStatus::Open) && (is_lost || market.settlement.is_settled())
            })
            .map(|(leg, market)| LegOf::new(leg.market, market))
            .collect();
        let batches = due.chunks(SETTLED_AT_ONCE).map(|legs| {
            FlashAction::SettleLegs(SettleLegs {
                vault: self.chain.vault,
                chain: self.address,
                legs: legs.to_vec(),
            })
        });
        batches.collect()
    }

    fn legs(&self) -> impl Iterator<Item = (&ChainLeg, &FlashMarket)> {
        let legs = self.chain.legs().iter().zip(&self.markets);
        legs.filter_map(|(leg, market)| Some((leg, market.as_ref()?)))
    }

    fn of(&self) -> ChainOf {
        ChainOf {
            vault: self.chain.vault,
            owner: self.chain.owner,
            nonce: self.chain.nonce,
            owner_tokens: self.money.account_of(&self.chain.owner),
            rent_payer: self.chain.rent_payer,
            token_program: self.money.token_program,
        }
    }
}
