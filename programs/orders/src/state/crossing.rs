use anchor_lang::prelude::*;
use markets::state::Market;
use math::{
    crossing::{cross, Crossed, Crossing, Offer},
    order_bounds::{slice_load, WHOLE_LOAD},
    BasisPoints, CurveKind, Order, Shares,
};

use super::{spot_price, Desk, DeskOrder, OrderSide};
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
    /// How two orders of a market, which is up to date, trade with each other now, unix seconds, and what:
    /// at the older one's limit, but no worse for either than its own, nor than what the curve asks or
    /// gives for the first share, at its present prices and at the average ones.
    ///
    /// Who pushes a price from elsewhere to its average can so have an order trade with his own there. As
    /// many shares as make a safe slice gain him less than the fees of pushing the price there and back.
    ///
    /// # Errors
    /// [`OrderError::WrongAge`], [`OrderError::SelfCrossing`], [`OrderError::NothingToCross`],
    /// [`OrderError::CurveNotOffered`] on L2, [`OrderError::LimitsApart`], [`OrderError::SliceTooLarge`],
    /// [`OrderError::AverageTooShort`], [`OrderError::AverageBroken`] by a pause; those of
    /// [`DeskOrder::due`] and of the curve.
    pub fn cross(
        &self,
        market: &Market,
        older: &DeskOrder,
        newer: &DeskOrder,
        now: i64,
    ) -> Result<OrderMatch> {
        require_gt!(newer.began_in, older.began_in, OrderError::WrongAge);
        require_keys_neq!(older.owner, newer.owner, OrderError::SelfCrossing);
        let is_same_outcome = older.outcome == newer.outcome;
        let is_l2 = market.pool.kind == CurveKind::L2 as u8;
        require!(!is_l2, OrderError::CurveNotOffered);
        let are_sales = [older, newer].map(|order| order.side == OrderSide::Sell);
        let crossing = Crossing::of(are_sales, is_same_outcome)
            .filter(|_| is_same_outcome || self.outcomes == 2)
            .ok_or(OrderError::NothingToCross)?;
        require!(self.is_unbroken(market), OrderError::AverageBroken);
        let offers = [
            self.offer(market, older, now)?,
            self.offer(market, newer, now)?,
        ];
        let crossed = cross(crossing, offers[0], offers[1]).ok_or(OrderError::LimitsApart)?;
        let load = self.load_of(market, older.outcome, crossed.shares)?;
        require_gte!(WHOLE_LOAD, load, OrderError::SliceTooLarge);
        Ok(OrderMatch {
            crossing,
            crossed,
            load,
        })
    }

    fn offer(&self, market: &Market, order: &DeskOrder, now: i64) -> Result<Offer> {
        let offer = Offer {
            is_sale: order.side == OrderSide::Sell,
            amount: order.due(now)?,
            bound: order.limit_at(now),
        };
        let prices = [
            spot_price(market, order.outcome)?,
            self.average(market, order.outcome)?,
        ];
        Ok(offer.no_worse_than_at(prices, BasisPoints(market.fee_rate)))
    }

    #[inline(never)]
    fn load_of(&self, market: &Market, outcome: u8, shares: Shares) -> Result<u64> {
        let price = |market: &Market| spot_price(market, outcome);
        let (average, before) = (self.average(market, outcome)?, price(market)?);
        let mut traded = Box::new(*market);
        let order = Order::Buy(shares);
        traded
            .pool
            .execute(outcome.into(), order, BasisPoints(0))
            .map_err(OrderError::from)?;
        let rate = BasisPoints(market.fee_rate);
        Ok(slice_load(average, before, price(&traded)?, rate))
    }
}
