//! The accounting of a market's pool: money in, shares out, and the promise that the money covers
//! whatever outcome wins. Programs embed it in their accounts.
//!
//! Why the cash always suffices. A trade moves cash by at least the change of the curve's cost
//! function, and shares outstanding by the same number as the curve's quantities.
//! - LMSR: with C the cost function, `cash − C(q) ≥ sold_i − q_i` holds for every outcome when the
//!   pool opens and after every trade, and `C(q) ≥ q_i`, so `cash ≥ sold_i`. Rescaling depth and
//!   quantities by λ < 1 scales C by λ and frees `(1 − λ) C(q)`, no less than the `(1 − λ) q_i`
//!   by which the right side grows. Rounding the quantities down costs at most two units a
//!   rescaling while they are below 2⁵⁶, which [`ROUNDING_RESERVE`] covers.
//! - pm-AMM: `cash = sold_i + reserve_i + idle` with reserves never below zero. Rescaling only
//!   shrinks reserves.

use bytemuck::{Pod, Zeroable};

use crate::error::MathError;
use crate::lmsr::{Lmsr, MAX_QUANTITY};
use crate::micro_tau::{depth_at_step, MicroTau, MICRO_TAU_STEPS};
use crate::pm_amm::{self, PmAmm};
use crate::real::Real;
use crate::slow_price::SlowPrice;
use crate::trade::{Trade, MAX_DEPTH, MAX_OUTCOMES, MIN_DEPTH};
use crate::units::{BasisPoints, Money, Price, Shares};

/// Least price of an outcome when a pool opens: 10⁻⁴.
pub const MIN_PRIOR_PRICE: Price = Price(922_337_203_685_477);

/// How far the opening prices may sum to other than one: 10⁻⁹.
pub const PRIOR_TOLERANCE: Price = Price(9_223_372_036);

/// Base units of the opening funding that pay for rounding: two for each rescaling of a life, and
/// a margin for the opening itself.
pub const ROUNDING_RESERVE: u64 = 2 * (MICRO_TAU_STEPS as u64) + 16;

/// The curve of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CurveKind {
    Lmsr = 1,
    PmAmm = 2,
}

impl TryFrom<u8> for CurveKind {
    type Error = MathError;

    fn try_from(kind: u8) -> Result<Self, MathError> {
        match kind {
            1 => Ok(Self::Lmsr),
            2 => Ok(Self::PmAmm),
            _ => Err(MathError::UnknownCurve),
        }
    }
}

/// A pool of up to `N` outcomes. Every field is 8-byte aligned and there is no padding, so it may
/// be cast from and to bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool<const N: usize> {
    /// Base units backing outstanding shares, idle money included; fees are not in it.
    pub cash: u64,
    /// Trading fees collected, in base units. They never back a share.
    pub fees: u64,
    /// Depth of the curve now (LMSR b, pm-AMM L), in base units.
    pub depth: u64,
    /// Depth at opening.
    pub initial_depth: u64,
    /// Slot up to which the slow prices are current.
    pub observed_slot: u64,
    /// Step of the micro-tau schedule that `depth` is of.
    pub step: u16,
    /// A [`CurveKind`].
    pub kind: u8,
    /// Number of outcomes.
    pub outcomes: u8,
    /// Zero.
    pub reserved: [u8; 4],
    /// Shares outstanding, by outcome.
    pub sold: [u64; N],
    /// LMSR: quantities. pm-AMM: reserves. In shares, by outcome.
    pub curve: [i64; N],
    /// Slow prices in Q1.63, by outcome.
    pub slow_prices: [u64; N],
}

// SAFETY: `repr(C)`, 48 bytes of integers in an order without gaps and then arrays of 8-byte
// integers: no padding, no invalid bit pattern, for every N. bytemuck's derive cannot show this
// for a const parameter.
#[allow(unsafe_code)]
unsafe impl<const N: usize> Zeroable for Pool<N> {}
#[allow(unsafe_code)]
unsafe impl<const N: usize> Pod for Pool<N> {}

/// What the clock and the market's parameters say about a trade, beside its own arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    pub now: u64,
    /// None: the depth stays what it is.
    pub schedule: Option<MicroTau>,
    pub smoothing: SlowPrice,
}

/// The curve at its present state, with the exponentials that prices and trades share.
enum Spot<const N: usize> {
    Lmsr(Lmsr<N>),
    PmAmm(PmAmm),
}

impl<const N: usize> Pool<N> {
    /// Opens a pool at prior prices. Returns it with the funding it needs, which is its `cash`:
    /// the curve's greatest loss rounded up, and [`ROUNDING_RESERVE`].
    ///
    /// # Errors
    /// `OutcomeCountOutOfRange`, `DepthOutOfRange`, `PriorPriceTooLow`, `PriorSumNotOne`.
    pub fn open(
        kind: CurveKind,
        depth: Money,
        prior: &[Price],
        slot: u64,
    ) -> Result<(Self, Money), MathError> {
        let most = match kind {
            CurveKind::Lmsr => MAX_OUTCOMES.min(N),
            CurveKind::PmAmm => pm_amm::OUTCOMES.min(N),
        };
        if !(2..=most).contains(&prior.len()) {
            return Err(MathError::OutcomeCountOutOfRange);
        }
        if !(MIN_DEPTH..=MAX_DEPTH).contains(&depth.0) {
            return Err(MathError::DepthOutOfRange);
        }
        let outcomes = u8::try_from(prior.len()).map_err(|_| MathError::OutcomeCountOutOfRange)?;
        let sum = checked_prior_sum(prior)?;
        let mut pool = Self {
            cash: 0,
            fees: 0,
            depth: depth.0,
            initial_depth: depth.0,
            observed_slot: slot,
            step: 0,
            kind: kind as u8,
            outcomes,
            reserved: [0; 4],
            sold: [0; N],
            curve: [0; N],
            slow_prices: [0; N],
        };
        let worst_loss = match kind {
            CurveKind::Lmsr => pool.open_lmsr(prior, sum)?,
            CurveKind::PmAmm => pool.open_pm_amm(prior, sum)?,
        };
        pool.cash = worst_loss
            .checked_add(ROUNDING_RESERVE)
            .ok_or(MathError::Overflow)?;
        pool.slow_prices = pool.prices()?.map(|price| price.0);
        Ok((pool, Money(pool.cash)))
    }

    /// Quantities `b ln(p_i / p_min)`, rounded down; the loss is `b ln(Σ p / p_min)`.
    fn open_lmsr(&mut self, prior: &[Price], sum: Real) -> Result<u64, MathError> {
        let depth = Real::from_u64(self.depth);
        let lowest = prior
            .iter()
            .min()
            .ok_or(MathError::OutcomeCountOutOfRange)?
            .to_real();
        for (quantity, price) in self.curve.iter_mut().zip(prior) {
            let ahead = depth * price.to_real().divide(lowest)?.ln()?;
            *quantity = ahead.floor()?.max(0);
        }
        (depth * sum.divide(lowest)?.ln()?).ceil_amount()
    }

    /// Reserves at the price; the loss is the greater of them.
    fn open_pm_amm(&mut self, prior: &[Price], sum: Real) -> Result<u64, MathError> {
        let first = prior.first().ok_or(MathError::OutcomeCountOutOfRange)?;
        let price = first.to_real().divide(sum)?;
        let reserves = PmAmm::opening_reserves(Money(self.depth), price)?;
        self.set_reserves(reserves)?;
        let [x, y] = reserves;
        Ok(x.max(y))
    }

    /// Spot prices, rounded down; zero beyond the outcomes.
    ///
    /// # Errors
    /// Those of a pool whose fields are not a pool's.
    pub fn prices(&self) -> Result<[Price; N], MathError> {
        Ok(self.spot()?.prices())
    }

    /// Buys for exactly `stake`, the fee included; see [`Lmsr::buy`] and [`PmAmm::buy`].
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `StakeTooSmall`, `PriceBelowMinimum`, `Overflow`.
    pub fn buy(
        &mut self,
        outcome: usize,
        stake: Money,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let spot = self.spot()?;
        self.apply_buy(outcome, spot.buy(outcome, stake, rate)?)
    }

    /// Buys exactly `shares`.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`, `PriceBelowMinimum`, `Overflow`.
    pub fn buy_shares(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let spot = self.spot()?;
        self.apply_buy(outcome, spot.buy_shares(outcome, shares, rate)?)
    }

    /// Sells exactly `shares`. The seller gets the trade's cost less its fee.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`, `MoreThanSold`.
    pub fn sell(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let spot = self.spot()?;
        self.apply_sell(outcome, spot.sell(outcome, shares, rate)?)
    }

    /// [`Pool::decay`], [`Pool::observe`] and [`Pool::buy`] with one evaluation of the curve.
    ///
    /// # Errors
    /// Theirs.
    pub fn buy_now(
        &mut self,
        conditions: Conditions,
        outcome: usize,
        stake: Money,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let spot = self.current_spot(conditions)?;
        self.apply_buy(outcome, spot.buy(outcome, stake, rate)?)
    }

    /// [`Pool::decay`], [`Pool::observe`] and [`Pool::sell`] with one evaluation of the curve.
    ///
    /// # Errors
    /// Theirs.
    pub fn sell_now(
        &mut self,
        conditions: Conditions,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let spot = self.current_spot(conditions)?;
        self.apply_sell(outcome, spot.sell(outcome, shares, rate)?)
    }

    /// Brings the depth to that of the schedule's step at `now`, at the same prices. The cash
    /// freed stays in `cash`.
    ///
    /// # Errors
    /// `EmptySchedule`, `Overflow`.
    pub fn decay(&mut self, schedule: MicroTau, now: u64) -> Result<(), MathError> {
        let step = schedule.step(now)?;
        if step <= self.step {
            return Ok(());
        }
        let depth = depth_at_step(Money(self.initial_depth), step)?.0;
        let ratio = Real::from_u64(depth).divide(Real::from_u64(self.depth))?;
        match self.curve_kind()? {
            CurveKind::Lmsr => {
                for quantity in &mut self.curve {
                    *quantity = (Real::from_i64(*quantity) * ratio).floor()?;
                }
            }
            CurveKind::PmAmm => {
                let scaled = |reserve: Shares| {
                    let exact = Real::from_u64(reserve.0) * ratio;
                    (exact + exact.shifted(-58))
                        .ceil_amount()
                        .map(|scaled| scaled.min(reserve.0))
                };
                let [x, y] = self.reserves()?;
                self.set_reserves([scaled(x)?, scaled(y)?])?;
            }
        }
        self.depth = depth;
        self.step = step;
        Ok(())
    }

    /// Moves the slow prices to `now`, at the spot prices that stood since the last time. Call it
    /// before a trade, and at settlement with the slot of the lock. Nothing happens when the slow
    /// prices are current.
    ///
    /// # Errors
    /// Those of [`Pool::prices`].
    pub fn observe(&mut self, now: u64, smoothing: SlowPrice) -> Result<(), MathError> {
        if now > self.observed_slot {
            let spot = self.spot()?;
            self.observe_spot(&spot, now, smoothing);
        }
        Ok(())
    }

    /// The payouts of a void market: the slow prices divided by their sum, rounded down.
    ///
    /// # Errors
    /// `DivisionByZero` when all slow prices are zero.
    pub fn void_payouts(&self) -> Result<[Price; N], MathError> {
        let sum = self
            .slow_prices
            .iter()
            .fold(Real::ZERO, |sum, &price| sum + Price(price).to_real());
        let scale = sum.reciprocal()?;
        // Room for the error of sum and product, so that the payouts cannot sum above one.
        let scale = scale - scale.shifted(-56);
        Ok(self
            .slow_prices
            .map(|price| Price::from_real(Price(price).to_real() * scale)))
    }

    /// Whether the cash covers whatever outcome wins, with the pm-AMM's reserves on top.
    ///
    /// # Errors
    /// `Insolvent`.
    pub fn check_solvent(&self) -> Result<(), MathError> {
        let reserves = match self.curve_kind()? {
            CurveKind::Lmsr => [0; N],
            CurveKind::PmAmm => self.curve,
        };
        for (&sold, &reserve) in self.sold.iter().zip(&reserves) {
            let owed = sold
                .checked_add_signed(reserve)
                .ok_or(MathError::Insolvent)?;
            if reserve < 0 || owed > self.cash {
                return Err(MathError::Insolvent);
            }
        }
        Ok(())
    }

    fn curve_kind(&self) -> Result<CurveKind, MathError> {
        CurveKind::try_from(self.kind)
    }

    fn spot(&self) -> Result<Spot<N>, MathError> {
        let depth = Money(self.depth);
        Ok(match self.curve_kind()? {
            CurveKind::Lmsr => {
                let quantities = self
                    .curve
                    .get(..usize::from(self.outcomes))
                    .ok_or(MathError::OutcomeCountOutOfRange)?;
                Spot::Lmsr(Lmsr::new(depth, quantities)?)
            }
            CurveKind::PmAmm => Spot::PmAmm(PmAmm::new(depth, self.reserves()?)?),
        })
    }

    fn current_spot(&mut self, conditions: Conditions) -> Result<Spot<N>, MathError> {
        if let Some(schedule) = conditions.schedule {
            self.decay(schedule, conditions.now)?;
        }
        let spot = self.spot()?;
        if conditions.now > self.observed_slot {
            self.observe_spot(&spot, conditions.now, conditions.smoothing);
        }
        Ok(spot)
    }

    fn observe_spot(&mut self, spot: &Spot<N>, now: u64, smoothing: SlowPrice) {
        let elapsed = now.saturating_sub(self.observed_slot);
        let prices = spot.prices();
        let prices = prices.iter().take(usize::from(self.outcomes));
        smoothing.update_all(self.slow_prices.iter_mut().zip(prices), elapsed);
        self.observed_slot = now;
    }

    fn apply_buy(&mut self, outcome: usize, trade: Trade) -> Result<Trade, MathError> {
        let cost = i64::try_from(trade.cost.0).map_err(|_| MathError::Overflow)?;
        let shares = i64::try_from(trade.shares.0).map_err(|_| MathError::Overflow)?;
        self.cash = Money(self.cash).checked_add(trade.cost)?.0;
        self.fees = Money(self.fees).checked_add(trade.fee)?.0;
        let sold = self
            .sold
            .get_mut(outcome)
            .ok_or(MathError::OutcomeOutOfRange)?;
        *sold = Shares(*sold).checked_add(trade.shares)?.0;
        self.move_curve(outcome, shares, cost)?;
        Ok(trade)
    }

    fn apply_sell(&mut self, outcome: usize, trade: Trade) -> Result<Trade, MathError> {
        let cost = i64::try_from(trade.cost.0).map_err(|_| MathError::Overflow)?;
        let shares = i64::try_from(trade.shares.0).map_err(|_| MathError::Overflow)?;
        let sold = self
            .sold
            .get_mut(outcome)
            .ok_or(MathError::OutcomeOutOfRange)?;
        *sold = Shares(*sold)
            .checked_sub(trade.shares)
            .map_err(|_| MathError::MoreThanSold)?
            .0;
        self.cash = Money(self.cash)
            .checked_sub(trade.cost)
            .map_err(|_| MathError::Insolvent)?
            .0;
        self.fees = Money(self.fees).checked_add(trade.fee)?.0;
        self.move_curve(outcome, -shares, -cost)?;
        Ok(trade)
    }

    /// LMSR: the quantity grows by the shares. pm-AMM: the money becomes complete sets in the
    /// reserves, from which the shares are paid out.
    fn move_curve(&mut self, outcome: usize, shares: i64, cost: i64) -> Result<(), MathError> {
        let traded = match self.curve_kind()? {
            CurveKind::Lmsr => shares,
            CurveKind::PmAmm => {
                for reserve in self.curve.iter_mut().take(pm_amm::OUTCOMES) {
                    *reserve = reserve.checked_add(cost).ok_or(MathError::Overflow)?;
                }
                -shares
            }
        };
        let quantity = self
            .curve
            .get_mut(outcome)
            .ok_or(MathError::OutcomeOutOfRange)?;
        // A state that the curve cannot be evaluated at could not even be voided.
        *quantity = quantity
            .checked_add(traded)
            .filter(|quantity| quantity.unsigned_abs() <= MAX_QUANTITY)
            .ok_or(MathError::Overflow)?;
        Ok(())
    }

    fn reserves(&self) -> Result<[Shares; pm_amm::OUTCOMES], MathError> {
        match *self.curve.as_slice() {
            [x, y, ..] if usize::from(self.outcomes) == pm_amm::OUTCOMES => Ok([
                Shares(u64::try_from(x).map_err(|_| MathError::Insolvent)?),
                Shares(u64::try_from(y).map_err(|_| MathError::Insolvent)?),
            ]),
            _ => Err(MathError::OutcomeCountOutOfRange),
        }
    }

    fn set_reserves(&mut self, reserves: [u64; pm_amm::OUTCOMES]) -> Result<(), MathError> {
        for (slot, reserve) in self.curve.iter_mut().zip(reserves) {
            *slot = i64::try_from(reserve).map_err(|_| MathError::Overflow)?;
        }
        Ok(())
    }
}

/// The sum of the opening prices, if they may open a pool.
fn checked_prior_sum(prior: &[Price]) -> Result<Real, MathError> {
    let mut sum = Real::ZERO;
    for price in prior {
        if *price < MIN_PRIOR_PRICE {
            return Err(MathError::PriorPriceTooLow);
        }
        sum = sum + price.to_real();
    }
    if (sum - Real::ONE).abs() > PRIOR_TOLERANCE.to_real() {
        return Err(MathError::PriorSumNotOne);
    }
    Ok(sum)
}

impl<const N: usize> Spot<N> {
    fn prices(&self) -> [Price; N] {
        match self {
            Self::Lmsr(lmsr) => lmsr.prices(),
            Self::PmAmm(pm_amm) => {
                let mut prices = [Price::ZERO; N];
                for (price, spot) in prices.iter_mut().zip(pm_amm.prices()) {
                    *price = spot;
                }
                prices
            }
        }
    }

    fn buy(&self, outcome: usize, stake: Money, rate: BasisPoints) -> Result<Trade, MathError> {
        match self {
            Self::Lmsr(lmsr) => lmsr.buy(outcome, stake, rate),
            Self::PmAmm(pm_amm) => pm_amm.buy(outcome, stake, rate),
        }
    }

    fn buy_shares(
        &self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        match self {
            Self::Lmsr(lmsr) => lmsr.buy_shares(outcome, shares, rate),
            Self::PmAmm(pm_amm) => pm_amm.buy_shares(outcome, shares, rate),
        }
    }

    fn sell(&self, outcome: usize, shares: Shares, rate: BasisPoints) -> Result<Trade, MathError> {
        match self {
            Self::Lmsr(lmsr) => lmsr.sell(outcome, shares, rate),
            Self::PmAmm(pm_amm) => pm_amm.sell(outcome, shares, rate),
        }
    }
}
