//! Slices that wait in a market with a bet delay.

use anchor_lang::prelude::*;
use flash_bets::state::OrderResult;
use market_core::Now;
use math::{
    order_bounds::{slice_load, RecentFills, WHOLE_LOAD},
    Money, Order, Shares,
};
use program_kit::{decrement, increment};

use super::{Desk, DeskOrder, Fill, MarketCopy, OrderSide};
use crate::error::OrderError;

/// A slice that waits in the market.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceInFlight {
    /// Base units of a purchase, shares of a sale.
    pub amount: u64,
    /// What it takes of a safe move; see [`math::order_bounds::slice_load`].
    pub load: u64,
}

impl Desk {
    /// The next slice of an order at `now`, and what it takes of a safe move, of a market that is up to date and
    /// is traded on here: a slice waits only where it would be filled at once. What bounds a fill at once by
    /// the price before it, bounds it while it waits by what it comes to, fees included.
    ///
    /// # Errors
    /// [`OrderError::NoBetDelay`], [`OrderError::DeviationTooGreat`], [`OrderError::SliceNotFillable`],
    /// [`OrderError::SliceTooLarge`]; those of [`DeskOrder::next_slice`] and of [`Self::reference`].
    #[inline(never)]
    pub fn next_slice(
        &self,
        market: &mut MarketCopy,
        order: &DeskOrder,
        now: Now,
    ) -> Result<(Fill, SliceInFlight)> {
        let outcome = order.outcome;
        let wait = market.any().wait_seconds().ok_or(OrderError::NoBetDelay)?;
        let reference = self.reference(market.any(), &now, outcome)?;
        let until = now.seconds.saturating_add(wait.into());
        let fill = order.next_slice(now.seconds, until, reference)?;
        let before = market.any().spot_price(outcome)?;
        let is_deviant = order.is_deviant(reference, before);
        require!(!is_deviant, OrderError::DeviationTooGreat);
        let trade = match order.side {
            OrderSide::Buy => Order::Stake(Money(fill.amount)),
            OrderSide::Sell => Order::Sell(Shares(fill.amount)),
        };
        let traded = market.fill(now, outcome, trade, fill.bound);
        traded.map_err(|_| OrderError::SliceNotFillable)?;
        let after = market.any().spot_price(outcome)?;
        let load = slice_load(reference, before, after, market.any().fee_rate());
        require_gte!(WHOLE_LOAD, load, OrderError::SliceTooLarge);
        let amount = fill.amount;
        Ok((fill, SliceInFlight { amount, load }))
    }

    /// Sets a slice's money or shares aside for the time that it is in the market. All slices there may be
    /// executed in one moment, and so take together with the fills of late no more than a safe move.
    ///
    /// # Errors
    /// [`OrderError::TooManyFills`], `Overflow` if the order has less.
    pub fn send_slice(
        &mut self,
        order: &mut DeskOrder,
        slice: SliceInFlight,
        slot: u64,
    ) -> Result<()> {
        let load = self.load_in_flight.checked_add(slice.load);
        let load = load.ok_or(OrderError::TooManyFills)?;
        let recent: RecentFills = bytemuck::must_cast(self.recent_fills);
        require!(recent.with(load, slot).is_some(), OrderError::TooManyFills);
        self.load_in_flight = load;
        increment(&mut self.slices_in_flight).map_err(OrderError::from)?;
        let (money, shares) = order.set_aside(slice)?;
        self.take(order.outcome, money, shares)
    }

    /// Books how a slice ended: what was set aside is the order's again, less what the market took of it.
    /// Returns the order's tip, lamports: one for a slice that is filled whole.
    ///
    /// # Errors
    /// [`OrderError::NoSlice`]; those of [`Self::book_trade`], which there are none of while slices in flight
    /// and fills of late are within one safe move.
    pub fn book_slice(
        &mut self,
        order: &mut DeskOrder,
        result: OrderResult,
        clock: &Clock,
    ) -> Result<u64> {
        let (slice, money, shares) = order.take_in()?;
        self.add(order.outcome, money, shares)?;
        decrement(&mut self.slices_in_flight).map_err(OrderError::from)?;
        let load = self.load_in_flight.checked_sub(slice.load);
        self.load_in_flight = load.ok_or(OrderError::Overflow)?;
        let (money, shares) = match result {
            OrderResult::Bought { shares, amount, .. } => (amount, shares),
            OrderResult::Sold { amount, .. } => (amount, slice.amount),
            OrderResult::Returned | OrderResult::Lapsed => return Ok(0),
        };
        self.count_fill(slice.load, clock.slot)?;
        self.book_trade(order, money, shares, clock.unix_timestamp)
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;
    use crate::state::desk_order::tests::order;

    fn clock(slot: u64) -> Clock {
        Clock {
            slot,
            unix_timestamp: 1_000,
            ..Clock::default()
        }
    }

    /// An order that put in 25, and its desk.
    fn start(side: OrderSide) -> (Box<Desk>, DeskOrder) {
        let mut desk = Box::new(Desk::zeroed());
        let order = order(side);
        desk.add(0, order.money, order.shares).unwrap();
        (desk, order)
    }

    #[test]
    fn slice_is_set_aside_and_booked_to_the_unit() {
        let slice = SliceInFlight {
            amount: 10,
            load: 7,
        };
        for (side, result, left, tip) in [
            (
                OrderSide::Buy,
                OrderResult::Bought {
                    shares: 21,
                    amount: 10,
                    fee: 1,
                },
                (15, 21),
                7,
            ),
            (
                OrderSide::Sell,
                OrderResult::Sold { amount: 4, fee: 1 },
                (4, 15),
                7,
            ),
            (OrderSide::Buy, OrderResult::Returned, (25, 0), 0),
            (OrderSide::Sell, OrderResult::Lapsed, (0, 25), 0),
        ] {
            let (mut desk, mut order) = start(side);
            desk.send_slice(&mut order, slice, 100).unwrap();
            assert_eq!(order.money + order.shares, 15);
            assert_eq!((desk.cash, desk.shares[0]), (order.money, order.shares));
            assert_eq!((desk.slices_in_flight, desk.load_in_flight), (1, 7));
            assert_eq!(order.due(1_000), Err(OrderError::SliceInFlight));
            let paid = desk.book_slice(&mut order, result, &clock(110)).unwrap();
            assert_eq!((order.money, order.shares), left);
            assert_eq!((desk.cash, desk.shares[0]), left);
            assert_eq!((desk.slices_in_flight, desk.load_in_flight), (0, 0));
            assert_eq!(paid, tip);
            assert_eq!(desk.recent_fills[0], if tip > 0 { 7 } else { 0 });
            let again = desk.book_slice(&mut order, result, &clock(110));
            assert_eq!(again.unwrap_err(), OrderError::NoSlice.into());
        }
    }

    /// What was sent within one safe move is booked whenever it ends: no booking is refused.
    #[test]
    fn every_slice_that_was_sent_can_be_booked() {
        const PARTS: u64 = 16;
        let part = WHOLE_LOAD / PARTS;
        for pattern in 0..256u64 {
            let (mut desk, _) = start(OrderSide::Sell);
            desk.add(0, 0, 25 * 64).unwrap();
            let mut out = Vec::new();
            for step in 0..32u64 {
                let slot = 100 + step * (1 + pattern % 3);
                let (mut order, load) = (order(OrderSide::Sell), part * (1 + (step + pattern) % 9));
                let slice = SliceInFlight { amount: 10, load };
                if desk.send_slice(&mut order, slice, slot).is_ok() {
                    out.push(order);
                }
                if pattern >> (step % 8) & 1 == 1 && !out.is_empty() {
                    let mut order = out.remove(0);
                    let sold = OrderResult::Sold { amount: 4, fee: 1 };
                    desk.book_slice(&mut order, sold, &clock(slot)).unwrap();
                }
            }
            let sent = u32::try_from(out.len()).unwrap();
            assert_eq!(desk.slices_in_flight, sent);
            for mut order in out {
                let sold = OrderResult::Sold { amount: 4, fee: 1 };
                desk.book_slice(&mut order, sold, &clock(200)).unwrap();
            }
            assert_eq!((desk.slices_in_flight, desk.load_in_flight), (0, 0));
        }
    }
}
