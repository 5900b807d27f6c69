//! A market's curve, its money and its shares. `math` does the work; here are a trade's bounds, and
//! what is paid and received.

use core::ops::{Deref, DerefMut};

use borsh::BorshDeserialize;
pub use math::Order;
use math::{Conditions, CurveKind, Money, Pool, Price, Shares, SlowPrice, Trade};
pub use math::{Fees, History};

use crate::{
    error::CoreError,
    halts::Now,
    hours::{Moment, TradingHours},
};

/// What was traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Bought or sold.
    pub shares: Shares,
    /// What moves between the trader and the market: paid with the fee on top, or received with
    /// the fee deducted; base units.
    pub amount: Money,
    pub fee: Money,
}

/// What a trade did, as its instruction returns it.
#[cfg_attr(feature = "idl-build", derive(anchor_lang::AnchorSerialize))]
#[cfg_attr(not(feature = "idl-build"), derive(borsh::BorshSerialize))]
#[derive(BorshDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeReceipt {
    /// Bought or sold; of complete sets those of each outcome.
    pub shares: u64,
    /// Paid with the fee on top, or received with the fee deducted; base units.
    pub amount: u64,
    pub fee: u64,
}

impl TradeReceipt {
    /// Complete sets cost a base unit each.
    pub fn of_sets(amount: u64) -> Self {
        Self {
            shares: amount,
            amount,
            fee: 0,
        }
    }
}

impl From<Fill> for TradeReceipt {
    fn from(fill: Fill) -> Self {
        Self {
            shares: fill.shares.0,
            amount: fill.amount.0,
            fee: fill.fee.0,
        }
    }
}

/// How a market's prices are remembered and how its depth falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Time constant of the slow prices, slots.
    pub slow_price_slots: u64,
    /// Whether depth falls with the time left.
    pub micro_tau: bool,
}

/// The fields of [`PoolState`], of a program's own name: `pool!(OUTCOMES; attributes pub struct
/// Name)`. They are those of [`math::Pool`].
#[macro_export]
macro_rules! pool {
    ($outcomes:ident; $($head:tt)*) => {
        $($head)* {
            /// Base units behind the shares outstanding, idle ones included.
            pub cash: u64,
            /// Trading fees, which back no share.
            pub fees: u64,
            /// `b` of the LMSR, `L` of the pm-AMM, `k` of the L2 curve, base units.
            pub depth: u64,
            pub initial_depth: u64,
            /// Slow prices are current up to this slot.
            pub observed_slot: u64,
            /// Step of the schedule that `depth` is of.
            pub step: u16,
            /// A curve: 1 LMSR, 2 pm-AMM, 3 L2.
            pub kind: u8,
            pub outcomes: u8,
            pub padding: [u8; 4],
            /// Shares outstanding of each outcome.
            pub sold: [u64; $outcomes],
            /// Quantities of the LMSR and of the L2 curve, reserves of the pm-AMM, base units.
            pub curve: [i64; $outcomes],
            /// Slow price of each outcome, Q1.63.
            pub slow_prices: [u64; $outcomes],
        }
    };
}

pool! { OUTCOMES;
    /// The accounting of a market with up to so many outcomes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[repr(C)]
    pub struct PoolState<const OUTCOMES: usize>
}

// The cast checks size and alignment; this checks that every field is where it belongs.
const _: () = {
    use core::mem::offset_of;
    macro_rules! assert_same_offsets {
        ($($field:ident),*) => {
            $(assert!(offset_of!(PoolState<3>, $field) == offset_of!(Pool<3>, $field));)*
        };
    }
    assert_same_offsets!(
        cash,
        fees,
        depth,
        initial_depth,
        observed_slot,
        step,
        kind,
        outcomes,
        sold,
        curve,
        slow_prices
    );
};

impl<const N: usize> Deref for PoolState<N> {
    type Target = Pool<N>;

    fn deref(&self) -> &Pool<N> {
        bytemuck::must_cast_ref(self)
    }
}

impl<const N: usize> DerefMut for PoolState<N> {
    fn deref_mut(&mut self) -> &mut Pool<N> {
        bytemuck::must_cast_mut(self)
    }
}

/// The bound within which any trade is.
pub fn no_bound(order: Order) -> u64 {
    match order {
        Order::Buy(_) => u64::MAX,
        Order::Stake(_) | Order::Sell(_) => 0,
    }
}

/// Opening prices in proportion to `weights`.
///
/// # Errors
/// `OutcomeCountOutOfRange` above `N` weights, `PriorOutOfRange` without a weight above zero.
pub fn weighted_prices<const N: usize>(weights: &[u32]) -> Result<[Price; N], CoreError> {
    if weights.len() > N {
        return Err(CoreError::OutcomeCountOutOfRange);
    }
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let mut prices = [Price::ZERO; N];
    for (price, weight) in prices.iter_mut().zip(weights) {
        *price = Price::ratio(u64::from(*weight), total).map_err(|_| CoreError::PriorOutOfRange)?;
    }
    Ok(prices)
}

impl<const N: usize> PoolState<N> {
    /// Opens the pool at `prior` prices, one for each outcome, and returns the funding it needs,
    /// base units.
    ///
    /// # Errors
    /// `OutcomeCountOutOfRange`, `DepthOutOfRange`, `PriorOutOfRange`.
    pub fn open_at(
        &mut self,
        kind: CurveKind,
        depth: Money,
        prior: &[Price],
        slot: u64,
    ) -> Result<u64, CoreError> {
        Ok(self.open(kind, depth, prior, slot)?.0)
    }

    /// Shares outstanding of an outcome; 0 of one that does not exist.
    pub fn sold_of(&self, outcome: u8) -> u64 {
        self.sold.get(usize::from(outcome)).copied().unwrap_or(0)
    }

    /// Trades at the prices of now. Those that stood since the last time have weight for the time
    /// in which trading was not halted. `bound` is the trader's: the least shares for a stake, the most
    /// that a purchase may cost, the least that a sale may return. Fees stay in `self.fees`.
    /// `history` is what the market keeps beside its pool, if liquidity comes and goes.
    ///
    /// A function of its own: with many outcomes a curve takes most of the stack frame that a
    /// program has.
    ///
    /// # Errors
    /// `SlippageExceeded` beyond the bound, `Dust` if a sale returns nothing, and those of the
    /// curve.
    #[inline(never)]
    #[allow(clippy::too_many_arguments)]
    pub fn fill(
        &mut self,
        hours: &mut TradingHours,
        memory: Memory,
        now: Now,
        history: Option<History<N>>,
        outcome: u8,
        order: Order,
        bound: u64,
        fees: Fees,
    ) -> Result<Fill, CoreError> {
        let smoothing = SlowPrice::new(memory.slow_price_slots);
        let mut history = history;
        let stood = history.as_mut().map(History::reborrow);
        let conditions = Conditions {
            now_slot: self.pass_over_halts(hours, smoothing, now, stood)?,
            now_seconds: now.seconds,
            schedule: memory.micro_tau.then(|| hours.schedule()),
            smoothing,
        };
        let trade = self.trade(conditions, history, usize::from(outcome), order, fees)?;
        bounded(order, trade, bound)
    }

    /// What [`Self::fill`] would trade now, without a bound, on a copy.
    ///
    /// # Errors
    /// Those.
    #[inline(never)]
    pub fn quote_at(
        &self,
        hours: &TradingHours,
        memory: Memory,
        now: Moment,
        outcome: u8,
        order: Order,
        fees: Fees,
    ) -> Result<Fill, CoreError> {
        let mut pool = *self;
        let now = Now::without_halts(now.slot, now.seconds);
        let bound = no_bound(order);
        pool.fill(
            &mut { *hours },
            memory,
            now,
            None,
            outcome,
            order,
            bound,
            fees,
        )
    }

    /// Brings depth, slow prices and history up to now, or to the end of trading if that is earlier.
    /// Prices have no weight while trading was halted.
    ///
    /// # Errors
    /// Those of the curve.
    #[inline(never)]
    pub fn bring_up_to(
        &mut self,
        hours: &mut TradingHours,
        memory: Memory,
        now: Now,
        history: Option<History<N>>,
    ) -> Result<(), CoreError> {
        let smoothing = SlowPrice::new(memory.slow_price_slots);
        let mut history = history;
        let stood = history.as_mut().map(History::reborrow);
        let slot = self.pass_over_halts(hours, smoothing, now, stood)?;
        self.observe(slot, smoothing, history)?;
        if memory.micro_tau {
            self.decay(hours.schedule(), now.seconds)?;
        }
        Ok(())
    }

    /// The slot up to which prices have weight now, and for how many slots since they were last observed.
    pub fn unobserved(&self, hours: &TradingHours, now: Now) -> (u64, u64) {
        self.pass(&mut { *hours }, now)
    }

    /// The same, and marks the hours current.
    fn pass(&self, hours: &mut TradingHours, now: Now) -> (u64, u64) {
        let since = Moment {
            slot: self.observed_slot,
            seconds: hours.observed_at,
        };
        let until = Moment {
            slot: hours.observe(now.moment(), since.slot),
            seconds: hours.observed_at,
        };
        (until.slot, now.weighed_slots(since, until))
    }

    /// Marks the hours current, and returns the slot up to which prices have weight. If trading was
    /// halted since the last time, gives what stood its weight for the rest of that time: the slow
    /// prices are current then. The price was the same throughout, so it does not matter which part
    /// comes first.
    fn pass_over_halts(
        &mut self,
        hours: &mut TradingHours,
        smoothing: SlowPrice,
        now: Now,
        history: Option<History<N>>,
    ) -> Result<u64, CoreError> {
        let (until, weighed) = self.pass(hours, now);
        let weighed = self.observed_slot.saturating_add(weighed);
        if weighed < until {
            self.observe(weighed, smoothing, history)?;
            self.skip(until);
        }
        Ok(until)
    }
}

/// What the trader pays or gets, if it is within the bound.
fn bounded(order: Order, trade: Trade, bound: u64) -> Result<Fill, CoreError> {
    let (amount, is_within) = match order {
        Order::Stake(_) => {
            let paid = trade.cost.checked_add(trade.fee)?;
            (paid, trade.shares.0 >= bound)
        }
        Order::Buy(_) => {
            let paid = trade.cost.checked_add(trade.fee)?;
            (paid, paid.0 <= bound)
        }
        Order::Sell(_) => {
            let received = trade.cost.checked_sub(trade.fee)?;
            if received == Money::ZERO {
                return Err(CoreError::Dust);
            }
            (received, received.0 >= bound)
        }
    };
    if !is_within {
        return Err(CoreError::SlippageExceeded);
    }
    Ok(Fill {
        shares: trade.shares,
        amount,
        fee: trade.fee,
    })
}
