use anchor_lang::prelude::*;
use market_core::Now;
use math::{
    crossing::{cross, Crossed, Crossing, Offer},
    order_bounds::{slice_load, WHOLE_LOAD},
    Price, Shares,
};

use super::{AnyMarket, Desk, DeskOrder, OrderSide};
use crate::error::OrderError;

/// What two orders trade with each other.
#[derive(Clone, Copy, Debug)]
pub struct OrderMatch {
    pub crossing: Crossing,
    pub crossed: Crossed,
    /// Of a safe move, by what as many shares bought from the curve would move it; see [`slice_load`].
    pub load: u64,
}

impl Desk {
    /// How two orders of a market, which is up to date, trade with each other now, and what: at the older
    /// one's limit, but no worse for either than its own, nor than what the curve asks or gives for the first
    /// share, at its present prices and at the average ones.
    ///
    /// Who pushes a price from elsewhere to its average can so have an order trade with his own there. As
    /// many shares as make a safe slice gain him less than the fees of pushing the price there and back.
    ///
    /// # Errors
    /// [`OrderError::WrongAge`], [`OrderError::SelfCrossing`], [`OrderError::NothingToCross`],
    /// [`OrderError::CurveNotOffered`] on L2, [`OrderError::NoSets`] on flash markets but of one outcome,
    /// [`OrderError::BetDelay`] where there is one, in which who knows a result first would find the orders of
    /// others; [`OrderError::LimitsApart`], [`OrderError::SliceTooLarge`], [`OrderError::AverageTooShort`],
    /// [`OrderError::AverageBroken`] by a pause; those of [`DeskOrder::due`] and of the curve.
    pub fn cross(
        &self,
        market: AnyMarket,
        older: &DeskOrder,
        newer: &DeskOrder,
        now: &Now,
    ) -> Result<OrderMatch> {
        require_gt!(newer.began_in, older.began_in, OrderError::WrongAge);
        require_keys_neq!(older.owner, newer.owner, OrderError::SelfCrossing);
        let is_same_outcome = older.outcome == newer.outcome;
        require!(!market.is_l2(), OrderError::CurveNotOffered);
        let are_sales = [older, newer].map(|order| order.side == OrderSide::Sell);
        let crossing = Crossing::of(are_sales, is_same_outcome)
            .filter(|_| is_same_outcome || self.outcomes == 2)
            .ok_or(OrderError::NothingToCross)?;
        match market {
            AnyMarket::Standard(_) => {
                let is_unbroken = self.is_unbroken(market, now);
                require!(is_unbroken, OrderError::AverageBroken);
            }
            AnyMarket::Flash(_) => {
                require!(market.wait_seconds().is_none(), OrderError::BetDelay);
                require!(is_same_outcome, OrderError::NoSets);
            }
        }
        let reference = self.reference(market, now, older.outcome)?;
        let offers = [
            self.offer(market, older, now)?,
            self.offer(market, newer, now)?,
        ];
        let crossed = cross(crossing, offers[0], offers[1]).ok_or(OrderError::LimitsApart)?;
        let load = load_of(market, reference, older.outcome, crossed.shares)?;
        require_gte!(WHOLE_LOAD, load, OrderError::SliceTooLarge);
        Ok(OrderMatch {
            crossing,
            crossed,
            load,
        })
    }

    fn offer(&self, market: AnyMarket, order: &DeskOrder, now: &Now) -> Result<Offer> {
        let offer = Offer {
            is_sale: order.side == OrderSide::Sell,
            amount: order.due(now.seconds)?,
            bound: order.limit_at(now.seconds),
        };
        let prices = [
            market.spot_price(order.outcome)?,
            self.reference(market, now, order.outcome)?,
        ];
        Ok(offer.no_worse_than_at(prices, market.fee_rate()))
    }
}

fn load_of(market: AnyMarket, reference: Price, outcome: u8, shares: Shares) -> Result<u64> {
    let before = market.spot_price(outcome)?;
    let after = market.price_after_purchase(outcome, shares)?;
    Ok(slice_load(reference, before, after, market.fee_rate()))
}
