//! Slices that wait in a market with a bet delay.

use anchor_lang::prelude::*;
use flash_bets::state::{OrderResult, PendingOrder};
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
    /// Unix seconds.
    pub placed_at: i64,
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
        // Depth falls with the time: by when it may be executed the slice moves the price most.
        let last = Now {
            seconds: until,
            ..now
        };
        let traded = market.fill(last, outcome, trade, fill.bound);
        traded.map_err(|_| OrderError::SliceNotFillable)?;
        let after = market.any().spot_price(outcome)?;
        let load = slice_load(reference, before, after, market.any().fee_rate());
        require_gte!(WHOLE_LOAD, load, OrderError::SliceTooLarge);
        let slice = SliceInFlight {
            amount: fill.amount,
            load,
            placed_at: now.seconds,
        };
        Ok((fill, slice))
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

    /// Books how a slice ended: what was set aside is the order's again, less what the market took of it, or paid
    /// where the desk does not look, its own account being frozen. Intervals count from when the slice was placed;
    /// one that was not filled is followed, from its last second at the latest, no sooner than it could have been
    /// executed. Returns the order's tip, lamports: one for a slice that is filled whole.
    ///
    /// # Errors
    /// [`OrderError::NoSlice`]; those of [`Self::book_trade`], which there are none of while slices in flight
    /// and fills of late are within one safe move.
    pub fn book_slice(
        &mut self,
        order: &mut DeskOrder,
        pending: &PendingOrder,
        clock: &Clock,
    ) -> Result<u64> {
        let result = pending.kept().ok_or(OrderError::SliceWaiting)?;
        let (slice, money, shares) = order.take_in()?;
        self.add(order.outcome, money, shares)?;
        decrement(&mut self.slices_in_flight).map_err(OrderError::from)?;
        let load = self.load_in_flight.checked_sub(slice.load);
        self.load_in_flight = load.ok_or(OrderError::Overflow)?;
        let (money, shares) = match result {
            OrderResult::Bought { shares, amount, .. } => (amount, shares),
            OrderResult::Sold { amount, .. } => (amount, slice.amount),
            OrderResult::Returned | OrderResult::Lapsed => {
                // However late somebody books it.
                let ended_at = clock.unix_timestamp.min(pending.executable_until);
                let wait = pending.executable_until.saturating_sub(slice.placed_at);
                order.put_off(wait, ended_at);
                if pending.paid_elsewhere {
                    self.take(order.outcome, money, shares)?;
                    order.lose(slice.amount)?;
                }
                return Ok(0);
            }
        };
        self.count_fill(slice.load, clock.slot)?;
        self.book_trade(order, money, shares, slice.placed_at)
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use flash_bets::state::Receipt;

    use super::*;
    use crate::state::desk_order::tests::order;

    fn clock(slot: u64) -> Clock {
        Clock {
            slot,
            unix_timestamp: 1_000,
            ..Clock::default()
        }
    }

    /// One that ended so, of a market in which it could be executed for six seconds.
    fn ended(result: OrderResult, paid_elsewhere: bool) -> PendingOrder {
        PendingOrder {
            version: 1,
            bump: 0,
            outcome: 0,
            ticket_bump: 0,
            market: Pubkey::default(),
            placer: Pubkey::default(),
            owner: Pubkey::default(),
            rent_payer: Pubkey::default(),
            nonce: 0,
            order: flash_bets::state::Order::Stake {
                stake: 10,
                min_shares: 1,
            },
            tip_lamports: 0,
            placed_slot: 100,
            executable_slot: 105,
            executable_at: 992,
            executable_until: 996,
            receipt: Receipt::Kept(result),
            paid_elsewhere,
            reserved: [0; 5],
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
            placed_at: 990,
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
            let end = ended(result, false);
            let paid = desk.book_slice(&mut order, &end, &clock(110)).unwrap();
            assert_eq!((order.money, order.shares), left);
            assert_eq!((desk.cash, desk.shares[0]), left);
            assert_eq!((desk.slices_in_flight, desk.load_in_flight), (0, 0));
            assert_eq!(paid, tip);
            assert_eq!(desk.recent_fills[0], if tip > 0 { 7 } else { 0 });
            let again = desk.book_slice(&mut order, &end, &clock(110));
            assert_eq!(again.unwrap_err(), OrderError::NoSlice.into());
        }
    }

    /// What came back to an account that the desk does not have is its order's loss alone.
    #[test]
    fn money_that_went_elsewhere_is_lost() {
        let slice = SliceInFlight {
            amount: 10,
            load: 7,
            placed_at: 990,
        };
        let (mut desk, mut order) = start(OrderSide::Buy);
        desk.send_slice(&mut order, slice, 100).unwrap();
        let end = ended(OrderResult::Lapsed, true);
        assert_eq!(desk.book_slice(&mut order, &end, &clock(110)), Ok(0));
        assert_eq!((order.money, order.left, desk.cash), (15, 15, 15));
        assert_eq!((desk.slices_in_flight, desk.load_in_flight), (0, 0));
    }

    /// An interval counts from when a slice was placed; after one that was not filled, from its end, and is no
    /// shorter than it could have waited: so nobody holds the desk's room with slices that cannot be filled.
    #[test]
    fn slices_keep_their_schedule_and_failures_wait() {
        let slice = SliceInFlight {
            amount: 10,
            load: 7,
            placed_at: 990,
        };
        for (interval, result, next) in [
            (
                20,
                OrderResult::Bought {
                    shares: 21,
                    amount: 10,
                    fee: 1,
                },
                1_020,
            ),
            (
                5,
                OrderResult::Bought {
                    shares: 21,
                    amount: 10,
                    fee: 1,
                },
                1_005,
            ),
            // It is booked four seconds after its last one.
            (20, OrderResult::Returned, 1_016),
            (5, OrderResult::Returned, 1_002),
            (0, OrderResult::Lapsed, 1_002),
        ] {
            let (mut desk, mut order) = start(OrderSide::Buy);
            (order.interval_seconds, order.starts_at, order.next_at) = (interval, 900, 990);
            if matches!(result, OrderResult::Bought { .. }) {
                // Its own time is later than an interval after the placement.
                order.starts_at = next - i64::from(interval);
            }
            desk.send_slice(&mut order, slice, 100).unwrap();
            desk.book_slice(&mut order, &ended(result, false), &clock(110))
                .unwrap();
            assert_eq!(order.next_at, next, "{interval} {result:?}");
        }
        // Late by nine intervals, the next is due an interval after the last was placed, not booked.
        let (mut desk, mut order) = start(OrderSide::Buy);
        (order.interval_seconds, order.starts_at, order.next_at) = (5, 900, 905);
        desk.send_slice(&mut order, slice, 100).unwrap();
        let bought = OrderResult::Bought {
            shares: 21,
            amount: 10,
            fee: 1,
        };
        desk.book_slice(&mut order, &ended(bought, false), &clock(110))
            .unwrap();
        assert_eq!(order.next_at, 995);
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
                let slice = SliceInFlight {
                    amount: 10,
                    load,
                    placed_at: 1_000,
                };
                if desk.send_slice(&mut order, slice, slot).is_ok() {
                    out.push(order);
                }
                if pattern >> (step % 8) & 1 == 1 && !out.is_empty() {
                    let mut order = out.remove(0);
                    let sold = OrderResult::Sold { amount: 4, fee: 1 };
                    desk.book_slice(&mut order, &ended(sold, false), &clock(slot))
                        .unwrap();
                }
            }
            let sent = u32::try_from(out.len()).unwrap();
            assert_eq!(desk.slices_in_flight, sent);
            for mut order in out {
                let sold = OrderResult::Sold { amount: 4, fee: 1 };
                desk.book_slice(&mut order, &ended(sold, false), &clock(200))
                    .unwrap();
            }
            assert_eq!((desk.slices_in_flight, desk.load_in_flight), (0, 0));
        }
    }
}
