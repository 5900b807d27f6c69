//! What anybody may do for a batch of sealed orders.

use client::instructions::orders::{
    BatchKey, CloseBatch, CrossBatch, PriceBatch, ReturnSealedOrder,
};
use markets::state::{Market, Venue};
use orders::state::{Batch, BatchStatus, Desk, SealedOrder};
use solana_clock::Clock;

use super::OrderAction;
use crate::{Money, Settings};

/// A batch and what belongs to it.
#[derive(Clone, Debug)]
pub struct BatchView {
    pub batch: Batch,
    pub orders: Vec<SealedOrder>,
    pub desk: Desk,
    /// `None` once it is closed.
    pub market: Option<Market>,
    pub venue: Venue,
    pub money: Money,
}

impl BatchView {
    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<OrderAction> {
        let executor = settings.keeper;
        let Money {
            mint,
            token_program,
        } = self.money;
        let (batch, venue) = (self.key(), self.desk.venue);
        if !self.batch.is_done() {
            return if self.can_price(clock) {
                let price = PriceBatch {
                    executor,
                    batch,
                    venue,
                };
                vec![OrderAction::PriceBatch(price)]
            } else if self.can_cross(clock.unix_timestamp) {
                let cross = CrossBatch {
                    executor,
                    batch,
                    venue,
                    mint,
                    token_program,
                };
                vec![OrderAction::CrossBatch(cross)]
            } else {
                vec![]
            };
        }
        // Shares of a settled market have to be redeemed before they are paid.
        let market = self.market.as_ref();
        let is_settled = market.is_none_or(|market| market.settlement.is_settled());
        if is_settled && !self.desk.is_settled() {
            return vec![];
        }
        if self.batch.open_orders == 0 {
            return vec![OrderAction::CloseBatch(CloseBatch {
                batch,
                rent_payer: self.batch.rent_payer,
                venue,
                treasury: self.venue.treasury.at(clock.unix_timestamp),
                mint,
                token_program,
            })];
        }
        let give = |order: &SealedOrder| {
            OrderAction::ReturnSealedOrder(ReturnSealedOrder {
                executor,
                batch,
                owner: order.owner,
                nonce: order.nonce,
                owner_tokens: self.money.account_of(&order.owner),
                rent_payer: order.rent_payer,
                mint,
                token_program,
            })
        };
        self.orders.iter().map(give).collect()
    }

    pub fn key(&self) -> BatchKey {
        BatchKey {
            market: self.desk.market,
            denomination_power: self.batch.denomination_power,
            commit_until: self.batch.commit_until,
        }
    }

    /// Whether the next reading of the price would be taken: the program's own checks, on copies.
    fn can_price(&self, clock: &Clock) -> bool {
        let now = clock.unix_timestamp;
        let is_time = now >= self.batch.commit_until && now <= self.batch.pricing_until();
        let Some(mut market) = self.market.map(Box::new).filter(|_| is_time) else {
            return false;
        };
        let trades = !self.venue.pauses.is_paused(now) && market.require_trading(now).is_ok();
        if !trades || market.observe(self.venue.now(clock)).is_err() {
            return false;
        }
        match self.batch.status {
            BatchStatus::Open => true,
            BatchStatus::Pricing => self.batch.clone().fix_price(&market).is_ok(),
            _ => false,
        }
    }

    fn can_cross(&self, now: i64) -> bool {
        let market = self.market.as_ref();
        let is_void = self.batch.is_lapsed(now)
            || self.desk.is_settled()
            || market.is_some_and(|market| market.is_trading_over(now));
        let is_revealed =
            self.batch.status == BatchStatus::Priced && self.batch.is_revealing_over(now);
        is_void || is_revealed && !self.venue.pauses.is_paused(now)
    }
}
