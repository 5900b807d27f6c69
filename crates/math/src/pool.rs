//! The accounting of a market's pool: money in, shares out, and the promise that the money covers
//! whatever outcome wins. Programs embed it in their accounts.
//!
//! Why the cash always suffices. Write `R_i = cash − sold_i` for the reserve of an outcome, C for
//! the curve's cost function of its quantities q, and b for its depth. Every pool keeps
//! `R_i ≥ C(q) − q_i ≥ 0`, and with it an outcome's slack, the difference:
//! - A trade moves cash by at least the change of C, and sold and q by the same number.
//! - Splitting and merging sets does not touch R.
//! - Rescaling depth and quantities by λ < 1 takes `(1 − λ)(C − q_i)` from the right side. Rounding
//!   the quantities down takes from the slack of an outcome at most `1 − p_i` units of a quantity,
//!   which is no more than `(C − q_i) / b` of the LMSR and `(C − q_i) / k` of L2. So a depth that
//!   falls by two units or more pays for the rounding, and lesser falls are not made.
//! - Adding and removing liquidity scales R, on L2 to no less, and the curve by two units of depth
//!   less or more. What is removed after trading takes from R alone, and gives up the curve.
//! - The pm-AMM has reserves `x_i ≤ R_i` of its own instead, never below zero. They shrink with R.

use bytemuck::{Pod, Zeroable};

use crate::error::MathError;
use crate::l2::{self, L2};
use crate::liquidity::{
    multiply_divide_ceil, multiply_divide_floor, LiquidityAdded, LiquidityRemoved,
};
use crate::lmsr::{self, Lmsr};
use crate::micro_tau::{depth_at_step, MicroTau};
use crate::normal::quantile;
use crate::pm_amm::{self, PmAmm};
use crate::real::Real;
use crate::slow_price::SlowPrice;
use crate::tables::DENSITY_AT_ZERO;
use crate::trade::{Trade, MAX_DEPTH, MIN_DEPTH};
use crate::twap::PriceAccumulator;
use crate::units::{BasisPoints, Money, Price, Shares};

/// Least price of an outcome when a pool opens: 10⁻⁴.
pub const MIN_PRIOR_PRICE: Price = Price(922_337_203_685_477);

/// How far the opening prices may sum to other than one: 10⁻⁹.
pub const PRIOR_TOLERANCE: Price = Price(9_223_372_036);

/// Base units of the opening funding that pay for the rounding of the opening.
pub const ROUNDING_RESERVE: u64 = 16;

/// Units of depth by which a pool's curve stays behind its reserves whenever it is rescaled. They
/// pay for the rounding of its quantities.
const RESCALING_UNITS: u64 = 2;

/// Least depth at opening that removing liquidity leaves, unless nothing is left. Half of what a
/// pool opens with, so that providers of the smallest one can leave too, and enough for the last
/// step of a schedule to be of 15 units.
const LEAST_INITIAL_DEPTH: u64 = MIN_DEPTH / 2;

/// The curve of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CurveKind {
    Lmsr = 1,
    PmAmm = 2,
    L2 = 3,
}

impl TryFrom<u8> for CurveKind {
    type Error = MathError;

    fn try_from(kind: u8) -> Result<Self, MathError> {
        match kind {
            1 => Ok(Self::Lmsr),
            2 => Ok(Self::PmAmm),
            3 => Ok(Self::L2),
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
    /// Depth of the curve now, in base units: LMSR b, pm-AMM L, and of L2 the k it opened with,
    /// which liquidity scales and trades do not move. Zero when all liquidity was removed, or some
    /// after trading: then nothing is traded any more. On L2, once shares were sold back after
    /// liquidity had left, the norm of what is unsold is less.
    pub depth: u64,
    /// Depth at opening, scaled with the liquidity added and removed since.
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
    /// Shares outstanding, by outcome, those returned to providers included.
    pub sold: [u64; N],
    /// By outcome. LMSR: quantities in shares. pm-AMM: reserves in shares. L2: quantities in 64ths
    /// of a share, those that the market opened with included.
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

/// What somebody wants to trade.
#[derive(Clone, Copy)]
enum Order {
    Stake(Money),
    Buy(Shares),
    Sell(Shares),
}

/// A curve at its present state, with what prices and trades share.
trait Curve<const N: usize> {
    /// The prices, divided by their sum where that is not one.
    fn probabilities(&self) -> Result<[Price; N], MathError>;

    fn trade(&self, outcome: usize, order: Order, rate: BasisPoints) -> Result<Trade, MathError>;
}

impl<const N: usize> Pool<N> {
    /// Nothing, to open a pool in.
    pub const EMPTY: Self = Self {
        cash: 0,
        fees: 0,
        depth: 0,
        initial_depth: 0,
        observed_slot: 0,
        step: 0,
        kind: 0,
        outcomes: 0,
        reserved: [0; 4],
        sold: [0; N],
        curve: [0; N],
        slow_prices: [0; N],
    };

    /// Opens a pool at prior prices, in place of whatever was there. Returns the funding it needs,
    /// which is its `cash`: the curve's greatest loss rounded up, and [`ROUNDING_RESERVE`]. As many
    /// shares of the pool are its first supply.
    ///
    /// The greatest loss is `b ln(1 / p_min)` of the LMSR, the greater reserve of the pm-AMM, and
    /// `k − k p_min / ‖p‖` of L2, whose opening quantities are `k p_i / ‖p‖`: its marginal prices
    /// are the prior divided by the root of the sum of its squares.
    ///
    /// # Errors
    /// `OutcomeCountOutOfRange`, `DepthOutOfRange`, `PriorPriceTooLow`, `PriorSumNotOne`.
    pub fn open(
        &mut self,
        kind: CurveKind,
        depth: Money,
        prior: &[Price],
        slot: u64,
    ) -> Result<Money, MathError> {
        let most = match kind {
            CurveKind::Lmsr => lmsr::MAX_OUTCOMES,
            CurveKind::PmAmm => pm_amm::OUTCOMES,
            CurveKind::L2 => l2::MAX_OUTCOMES,
        };
        if !(2..=most.min(N)).contains(&prior.len()) {
            return Err(MathError::OutcomeCountOutOfRange);
        }
        if !(MIN_DEPTH..=MAX_DEPTH).contains(&depth.0) {
            return Err(MathError::DepthOutOfRange);
        }
        let outcomes = u8::try_from(prior.len()).map_err(|_| MathError::OutcomeCountOutOfRange)?;
        let sum = checked_prior_sum(prior)?;
        *self = Self::EMPTY;
        self.depth = depth.0;
        self.initial_depth = depth.0;
        self.observed_slot = slot;
        self.kind = kind as u8;
        self.outcomes = outcomes;
        let worst_loss = match kind {
            CurveKind::Lmsr => self.open_lmsr(prior, sum)?,
            CurveKind::PmAmm => self.open_pm_amm(prior, sum)?,
            CurveKind::L2 => self.open_l2(prior)?,
        };
        self.cash = worst_loss
            .checked_add(ROUNDING_RESERVE)
            .ok_or(MathError::Overflow)?;
        self.slow_prices = self.probabilities()?.map(|price| price.0);
        Ok(Money(self.cash))
    }

    /// Quantities `b ln(p_i / p_min)`, rounded down; the loss is `b ln(Σ p / p_min)`.
    fn open_lmsr(&mut self, prior: &[Price], sum: Real) -> Result<u64, MathError> {
        let depth = Real::from_u64(self.depth);
        let lowest = lowest_price(prior)?.to_real();
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
        let depth = Real::from_u64(self.depth);
        let [x, y] = PmAmm::reserves_at(depth, quantile(price)?)?;
        let error = depth.shifted(-45);
        let [x, y] = [(x + error).ceil_amount()?, (y + error).ceil_amount()?];
        self.set_reserves([x, y])?;
        Ok(x.max(y))
    }

    /// Quantities `k p_i / ‖p‖`; the loss is k less the least of them, since what a bin has sold
    /// was added to its quantity.
    fn open_l2(&mut self, prior: &[Price]) -> Result<u64, MathError> {
        self.curve = L2::opening_quantities(Money(self.depth), prior)?;
        let least = self.quantities()?.iter().min().copied().unwrap_or(0);
        Ok(self.depth.saturating_sub(L2::whole_shares(least)))
    }

    /// Spot prices, rounded down; zero beyond the outcomes. They are what the next share costs, and
    /// sum to one but for L2, where they sum to one or more.
    ///
    /// # Errors
    /// `NoLiquidity`, and those of a pool whose fields are not a pool's.
    pub fn prices(&self) -> Result<[Price; N], MathError> {
        match self.trading_kind()? {
            CurveKind::Lmsr => Ok(self.lmsr()?.prices()),
            CurveKind::PmAmm => self.pm_amm()?.probabilities(),
            CurveKind::L2 => self.l2()?.prices(),
        }
    }

    /// The chances that the spot prices stand for, rounded down: the prices, divided by their sum
    /// for L2. Slow prices and averages over time are of these.
    ///
    /// # Errors
    /// Those of [`Pool::prices`].
    pub fn probabilities(&self) -> Result<[Price; N], MathError> {
        match self.trading_kind()? {
            CurveKind::L2 => self.l2()?.probabilities(),
            CurveKind::Lmsr | CurveKind::PmAmm => self.prices(),
        }
    }

    /// Buys for exactly `stake`, the fee included; see [`Lmsr::buy`], [`PmAmm::buy`], [`L2::buy`].
    ///
    /// # Errors
    /// `NoLiquidity`, `OutcomeOutOfRange`, `FeeRateTooHigh`, `StakeTooSmall`, `PriceBelowMinimum`,
    /// `Overflow`.
    pub fn buy(
        &mut self,
        outcome: usize,
        stake: Money,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let trade = self.quote(outcome, Order::Stake(stake), rate, None)?;
        self.apply_buy(outcome, trade)
    }

    /// Buys exactly `shares`.
    ///
    /// # Errors
    /// `NoLiquidity`, `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`, `PriceBelowMinimum`,
    /// `Overflow`.
    pub fn buy_shares(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let trade = self.quote(outcome, Order::Buy(shares), rate, None)?;
        self.apply_buy(outcome, trade)
    }

    /// Sells exactly `shares`. The seller gets the trade's cost less its fee.
    ///
    /// # Errors
    /// `NoLiquidity`, `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`, `MoreThanSold`.
    pub fn sell(
        &mut self,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let trade = self.quote(outcome, Order::Sell(shares), rate, None)?;
        self.apply_sell(outcome, trade)
    }

    /// [`Pool::decay`], [`Pool::observe`] and [`Pool::buy`] with one evaluation of the curve.
    ///
    /// # Errors
    /// Theirs.
    pub fn buy_now(
        &mut self,
        conditions: Conditions,
        averages: Option<&mut PriceAccumulator<N>>,
        outcome: usize,
        stake: Money,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let trade = self.quote_now(conditions, averages, outcome, Order::Stake(stake), rate)?;
        self.apply_buy(outcome, trade)
    }

    /// [`Pool::decay`], [`Pool::observe`] and [`Pool::buy_shares`] with one evaluation of the
    /// curve.
    ///
    /// # Errors
    /// Theirs.
    pub fn buy_shares_now(
        &mut self,
        conditions: Conditions,
        averages: Option<&mut PriceAccumulator<N>>,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let trade = self.quote_now(conditions, averages, outcome, Order::Buy(shares), rate)?;
        self.apply_buy(outcome, trade)
    }

    /// [`Pool::decay`], [`Pool::observe`] and [`Pool::sell`] with one evaluation of the curve.
    ///
    /// # Errors
    /// Theirs.
    pub fn sell_now(
        &mut self,
        conditions: Conditions,
        averages: Option<&mut PriceAccumulator<N>>,
        outcome: usize,
        shares: Shares,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        let trade = self.quote_now(conditions, averages, outcome, Order::Sell(shares), rate)?;
        self.apply_sell(outcome, trade)
    }

    /// Complete sets for money, one base unit a set: the amount joins the cash, and as many shares
    /// of every outcome are outstanding more.
    ///
    /// # Errors
    /// `SetsNotOffered` on L2, `Overflow`.
    pub fn split(&mut self, amount: Money) -> Result<(), MathError> {
        self.require_sets()?;
        let outcomes = usize::from(self.outcomes);
        for sold in self.sold.iter_mut().take(outcomes) {
            *sold = Shares(*sold).checked_add(Shares(amount.0))?.0;
        }
        self.cash = Money(self.cash).checked_add(amount)?.0;
        Ok(())
    }

    /// Money for complete sets, one base unit a set.
    ///
    /// # Errors
    /// `SetsNotOffered` on L2, `MoreThanSold`.
    pub fn merge(&mut self, amount: Money) -> Result<(), MathError> {
        self.require_sets()?;
        let outcomes = usize::from(self.outcomes);
        for sold in self.sold.iter_mut().take(outcomes) {
            *sold = Shares(*sold)
                .checked_sub(Shares(amount.0))
                .map_err(|_| MathError::MoreThanSold)?
                .0;
        }
        self.cash = Money(self.cash)
            .checked_sub(amount)
            .map_err(|_| MathError::Insolvent)?
            .0;
        Ok(())
    }

    fn require_sets(&self) -> Result<(), MathError> {
        match self.curve_kind()? {
            CurveKind::L2 => Err(MathError::SetsNotOffered),
            CurveKind::Lmsr | CurveKind::PmAmm => Ok(()),
        }
    }

    /// Adds liquidity without moving the prices: the amount, of the greatest reserve, is the
    /// fraction by which depth and reserves grow. The provider gets that fraction of the supply,
    /// and in shares of the other outcomes what they need less; both are rounded down. Rounding
    /// moves a price by less than half of 1 / depth. Call [`Pool::decay`] and [`Pool::observe`]
    /// before.
    ///
    /// L2 takes liquidity only while no share is outstanding: with shares out, what the reserves
    /// are worth depends on how many of them come back, and no price is fair to both old and new
    /// providers (see [`crate::l2`]).
    ///
    /// # Errors
    /// `NoLiquidity` when the pool has none left, `SharesOutstanding`, `LiquidityTooSmall`,
    /// `DepthOutOfRange` above `MAX_DEPTH`, `Overflow`, `Insolvent`.
    pub fn add_liquidity(
        &mut self,
        amount: Money,
        supply: Shares,
    ) -> Result<LiquidityAdded<N>, MathError> {
        let most = self.greatest_reserve()?;
        if self.depth == 0 || most == 0 || supply == Shares::ZERO {
            return Err(MathError::NoLiquidity);
        }
        if self.curve_kind()? == CurveKind::L2 && self.sold.iter().any(|sold| *sold > 0) {
            return Err(MathError::SharesOutstanding);
        }
        let shares = Shares(multiply_divide_floor(amount.0, supply.0, most)?);
        if shares == Shares::ZERO {
            return Err(MathError::LiquidityTooSmall);
        }
        let scale = self.scale()?;
        let growth = multiply_divide_floor(amount.0, scale, most)?.saturating_sub(RESCALING_UNITS);
        if growth > 0 {
            self.rescale_liquidity(scale, scale.checked_add(growth).ok_or(MathError::Overflow)?)?;
        }
        if self.initial_depth > MAX_DEPTH {
            return Err(MathError::DepthOutOfRange);
        }
        let least_sold = self.cash.checked_sub(most).ok_or(MathError::Insolvent)?;
        let fraction = floor_ratio(amount.0, most)?;
        let mut returned = [0; N];
        let outcomes = usize::from(self.outcomes);
        for (returned, sold) in returned.iter_mut().zip(&mut self.sold).take(outcomes) {
            // By how much the reserve is less than the greatest.
            let behind = sold.saturating_sub(least_sold);
            *returned = (Real::from_u64(behind) * fraction).floor_amount()?;
            *sold = sold.checked_add(*returned).ok_or(MathError::Overflow)?;
        }
        self.cash = Money(self.cash).checked_add(amount)?.0;
        Ok(LiquidityAdded { shares, returned })
    }

    /// Removes liquidity without moving the prices: the shares, of the supply, are the fraction by
    /// which depth and reserves shrink. The provider gets in cash what that is of the least reserve
    /// and in shares what it is of the others beyond, all rounded down. Removing the whole supply
    /// ends trading: the depth is zero then, and what is outstanding stays backed. Rounding moves a
    /// price by less than half of 1 / depth, of L2 by less than half of 1 / norm. Call
    /// [`Pool::decay`] and [`Pool::observe`] before.
    ///
    /// On L2 a provider who leaves others behind gets the fraction f of less. Holders may sell back
    /// what they bought, sets of it for more than they are worth, and could do so first in a deeper
    /// market. So the fraction is of what an outcome's reserve becomes if all shares of the others
    /// are sold back before, as far as the market can still buy them after: of bin i at most the
    /// `(1 − f) x_i` that are left. Then, for any outcome and whatever part is sold back, those who
    /// stay have no less than `1 − f` of what they would have had, since
    /// `(1 − f) ‖x − s‖ − ‖(1 − f) x − s‖ ≤ f (‖x‖ − ‖x − s‖)`. Nor does the leaver leave more than
    /// `f (1 − f) k`.
    ///
    /// The shares returned by L2 must not be sold to the curve but only redeemed: the curve pays
    /// more for a complete set than it is worth, and theirs are shares that nobody bought from it.
    /// `redeem_only` are those outstanding, to which they are added; other curves leave it alone.
    ///
    /// # Errors
    /// `NoShares`, `MoreThanSold` when there are fewer shares, `LiquidityLeftTooSmall` when some of
    /// the supply would be left with less than half of `MIN_DEPTH` as depth at opening, or with no
    /// whole unit of depth or norm, `Overflow`, `Insolvent`.
    pub fn remove_liquidity(
        &mut self,
        shares: Shares,
        supply: Shares,
        redeem_only: &mut [u64; N],
    ) -> Result<LiquidityRemoved<N>, MathError> {
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let left = supply
            .checked_sub(shares)
            .map_err(|_| MathError::MoreThanSold)?;
        if left == Shares::ZERO {
            return self.remove_liquidity_after_trading(shares, supply, redeem_only);
        }
        let mut returned = [0; N];
        if self.curve_kind()? == CurveKind::L2 {
            self.write_at_risk(left, supply, redeem_only, &mut returned)?;
        }
        let fraction = floor_ratio(shares.0, supply.0)?;
        let outcomes = usize::from(self.outcomes);
        for (given, sold) in returned.iter_mut().zip(&self.sold).take(outcomes) {
            let reserve = self.cash.checked_sub(*sold).ok_or(MathError::Insolvent)?;
            let free = reserve.saturating_sub(*given);
            *given = (Real::from_u64(free) * fraction).floor_amount()?;
        }
        let cash = self.give_back(&mut returned, redeem_only)?;
        let scale = self.scale()?;
        let fall = multiply_divide_ceil(scale, shares.0, supply.0)?;
        let left = scale.saturating_sub(fall).saturating_sub(RESCALING_UNITS);
        if left == 0 {
            // The norm of L2 may be less than its depth: without quantities it has no prices.
            return Err(MathError::LiquidityLeftTooSmall);
        }
        self.rescale_liquidity(scale, left)?;
        if self.initial_depth < LEAST_INITIAL_DEPTH {
            return Err(MathError::LiquidityLeftTooSmall);
        }
        Ok(LiquidityRemoved { cash, returned })
    }

    /// Removes liquidity once nothing will be traded any more, or all of it, and ends trading: the
    /// provider gets
    /// exactly the fraction, shares of the supply, of every reserve, rounded down, in cash what is
    /// common to all and in shares the rest. Those who stay keep the rest of every reserve, however
    /// little that is. The curve, whose prices nobody can answer now, is given up. Bring the slow
    /// prices up to date with [`Pool::observe`] before.
    ///
    /// `redeem_only` as in [`Pool::remove_liquidity`].
    ///
    /// # Errors
    /// `NoShares`, `MoreThanSold` when there are fewer shares, `Overflow`, `Insolvent`.
    pub fn remove_liquidity_after_trading(
        &mut self,
        shares: Shares,
        supply: Shares,
        redeem_only: &mut [u64; N],
    ) -> Result<LiquidityRemoved<N>, MathError> {
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        if shares > supply {
            return Err(MathError::MoreThanSold);
        }
        let mut returned = [0; N];
        let outcomes = usize::from(self.outcomes);
        for (given, sold) in returned.iter_mut().zip(&self.sold).take(outcomes) {
            let reserve = self.cash.checked_sub(*sold).ok_or(MathError::Insolvent)?;
            *given = multiply_divide_floor(reserve, shares.0, supply.0)?;
        }
        let cash = self.give_back(&mut returned, redeem_only)?;
        self.close();
        Ok(LiquidityRemoved { cash, returned })
    }

    /// Takes `returned` off the reserves: what is common to all outcomes is given in cash, which is
    /// returned, and the rest, which `returned` is then, in shares.
    fn give_back(
        &mut self,
        returned: &mut [u64; N],
        redeem_only: &mut [u64; N],
    ) -> Result<Money, MathError> {
        let outcomes = usize::from(self.outcomes);
        let common = returned.iter().take(outcomes).min();
        let cash = common.copied().unwrap_or(0);
        for (given, sold) in returned.iter_mut().zip(&mut self.sold).take(outcomes) {
            *given = given.saturating_sub(cash);
            *sold = sold.checked_add(*given).ok_or(MathError::Overflow)?;
        }
        if self.curve_kind()? == CurveKind::L2 {
            for (total, given) in redeem_only.iter_mut().zip(returned.iter()) {
                *total = total.checked_add(*given).ok_or(MathError::Overflow)?;
            }
        }
        self.cash = self.cash.checked_sub(cash).ok_or(MathError::Insolvent)?;
        Ok(Money(cash))
    }

    /// What L2 may still pay for shares of outcomes other than each, when `left` of the supply are
    /// left, rounded up.
    #[inline(never)]
    fn write_at_risk(
        &self,
        left: Shares,
        supply: Shares,
        redeem_only: &[u64; N],
        at_risk: &mut [u64; N],
    ) -> Result<(), MathError> {
        let curve = self.l2()?;
        let outcomes = usize::from(self.outcomes);
        let mut falls = [0u128; N];
        let mut total = 0u128;
        let shares = self.sold.iter().zip(redeem_only);
        for ((fall, &quantity), (&sold, &redeem_only)) in
            falls.iter_mut().zip(&self.curve).zip(shares).take(outcomes)
        {
            let sellable = Shares(sold).checked_sub(Shares(redeem_only))?;
            if sellable == Shares::ZERO {
                continue;
            }
            let limit = multiply_divide_ceil(quantity.unsigned_abs(), left.0, supply.0)?;
            *fall = L2::square_fall(quantity, sellable, limit);
            // No overflow: it is less than the sum of all squares.
            total = total.wrapping_add(*fall);
        }
        let most = curve.payment(total)?;
        for (at_risk, fall) in at_risk.iter_mut().zip(falls).take(outcomes) {
            *at_risk = match fall {
                0 => most,
                _ => curve.payment(total.wrapping_sub(fall))?,
            };
        }
        Ok(())
    }

    /// Ends trading.
    fn close(&mut self) {
        self.depth = 0;
        self.initial_depth = 0;
        self.curve = [0; N];
    }

    /// Turns an LMSR pool of two outcomes into a pm-AMM at the same price, of depth `4 φ(0) b`,
    /// about 1.596 b. What its reserves do not need stays idle with the providers.
    ///
    /// More could be backed, but then shares bought before the switch could be sold after it for
    /// more than they cost, where the price falls more slowly. A share moves `Φ⁻¹(p)` by at most
    /// `1 / (4 φ(0) b)` on the LMSR, at one half, and by `1 / (4 φ(0) b)` on this pm-AMM at any
    /// price. So from the price of the switch on, both ways, a trade pays no more than the LMSR
    /// would have. This is also why the LMSR's reserves suffice.
    ///
    /// # Errors
    /// `SwitchNotOffered` on other curves or with more outcomes, `NoLiquidity`, `DepthOutOfRange`
    /// when the depth would be above `MAX_DEPTH`, `OutsideDomain` at a price of zero, `Insolvent`.
    pub fn switch_to_pm_amm(&mut self) -> Result<(), MathError> {
        if self.curve_kind()? != CurveKind::Lmsr || usize::from(self.outcomes) != pm_amm::OUTCOMES {
            return Err(MathError::SwitchNotOffered);
        }
        if self.depth == 0 {
            return Err(MathError::NoLiquidity);
        }
        let score = self.lmsr()?.score()?;
        let depth = switched_depth(self.depth)?;
        let initial_depth = switched_depth(self.initial_depth)?;
        if initial_depth > MAX_DEPTH {
            return Err(MathError::DepthOutOfRange);
        }
        // A reserve below the curve by a fraction of a unit is the next trader's loss.
        let [x, y] = PmAmm::reserves_at(Real::from_u64(depth), score)?;
        let reserves = [x.lowered().floor_amount()?, y.lowered().floor_amount()?];
        self.curve = [0; N];
        self.set_reserves(reserves)?;
        self.kind = CurveKind::PmAmm as u8;
        self.depth = depth;
        self.initial_depth = initial_depth;
        self.check_solvent()
    }

    /// Brings the depth to that of the schedule's step at `now`, at the same prices. The cash
    /// freed stays in `cash`. A fall of less than two units waits for the next.
    ///
    /// # Errors
    /// `ScheduleNotOffered` on L2, `EmptySchedule`, `Overflow`.
    pub fn decay(&mut self, schedule: MicroTau, now: u64) -> Result<(), MathError> {
        let step = schedule.step(now)?;
        if step <= self.step || self.depth == 0 {
            return Ok(());
        }
        if self.curve_kind()? == CurveKind::L2 {
            return Err(MathError::ScheduleNotOffered);
        }
        let depth = depth_at_step(Money(self.initial_depth), step)?.0;
        if depth.saturating_add(RESCALING_UNITS) > self.depth {
            return Ok(());
        }
        self.rescale(self.depth, depth)?;
        self.depth = depth;
        self.step = step;
        Ok(())
    }

    /// What the fractions of liquidity are of: the depth, or k of L2, rounded down.
    fn scale(&self) -> Result<u64, MathError> {
        match self.curve_kind()? {
            CurveKind::Lmsr | CurveKind::PmAmm => Ok(self.depth),
            CurveKind::L2 => self.l2()?.norm_floor(),
        }
    }

    /// Multiplies depth and curve by `to / from`, rounded down.
    fn rescale_liquidity(&mut self, from: u64, to: u64) -> Result<(), MathError> {
        self.depth = multiply_divide_floor(self.depth, to, from)?;
        self.initial_depth = multiply_divide_floor(self.initial_depth, to, from)?;
        self.rescale(from, to)
    }

    /// Multiplies the curve's state by `to / from`, rounded down.
    fn rescale(&mut self, from: u64, to: u64) -> Result<(), MathError> {
        let limit = self.curve_kind()?.max_quantity();
        let ratio = floor_ratio(to, from)?;
        for quantity in self.curve.iter_mut().take(usize::from(self.outcomes)) {
            *quantity = (Real::from_i64(*quantity) * ratio).floor()?;
            if quantity.unsigned_abs() > limit {
                return Err(MathError::Overflow);
            }
        }
        Ok(())
    }

    /// The reserve of the outcome least sold.
    fn greatest_reserve(&self) -> Result<u64, MathError> {
        let sold = self.sold.iter().take(usize::from(self.outcomes)).min();
        self.cash
            .checked_sub(sold.copied().unwrap_or(0))
            .ok_or(MathError::Insolvent)
    }

    /// Moves the slow prices, and the sums of `averages`, to `now`, at the spot prices that stood
    /// since the last time; when trading has ended for want of liquidity, at the slow prices. Call
    /// it before a trade, and at settlement with the slot of the lock. Nothing happens when the
    /// slow prices are current.
    ///
    /// # Errors
    /// Those of [`Pool::prices`].
    pub fn observe(
        &mut self,
        now: u64,
        smoothing: SlowPrice,
        averages: Option<&mut PriceAccumulator<N>>,
    ) -> Result<(), MathError> {
        if now > self.observed_slot {
            let prices = if self.depth == 0 {
                self.slow_prices.map(Price)
            } else {
                self.probabilities()?
            };
            self.record(&prices, now, smoothing, averages);
        }
        Ok(())
    }

    /// The payouts of a void market: the slow prices divided by their sum, rounded down.
    ///
    /// # Errors
    /// `DivisionByZero` when all slow prices are zero.
    pub fn void_payouts(&self) -> Result<[Price; N], MathError> {
        let outcomes = usize::from(self.outcomes);
        let slow_prices = self.slow_prices.iter().take(outcomes);
        let sum = slow_prices
            .clone()
            .fold(Real::ZERO, |sum, &price| sum + Price(price).to_real());
        let scale = sum.reciprocal()?;
        // Room for the error of sum and product, so that the payouts cannot sum above one.
        let scale = scale - scale.shifted(-56);
        let mut payouts = [Price::ZERO; N];
        for (payout, &price) in payouts.iter_mut().zip(slow_prices) {
            *payout = Price::from_real(Price(price).to_real() * scale);
        }
        Ok(payouts)
    }

    /// Whether the cash covers whatever outcome wins, with the pm-AMM's reserves on top.
    ///
    /// # Errors
    /// `Insolvent`.
    pub fn check_solvent(&self) -> Result<(), MathError> {
        let has_reserves = self.curve_kind()? == CurveKind::PmAmm;
        let outcomes = usize::from(self.outcomes);
        for (&sold, &quantity) in self.sold.iter().zip(&self.curve).take(outcomes) {
            let reserve = if has_reserves {
                u64::try_from(quantity).map_err(|_| MathError::Insolvent)?
            } else {
                0
            };
            if sold
                .checked_add(reserve)
                .is_none_or(|owed| owed > self.cash)
            {
                return Err(MathError::Insolvent);
            }
        }
        Ok(())
    }

    fn curve_kind(&self) -> Result<CurveKind, MathError> {
        CurveKind::try_from(self.kind)
    }

    /// What the order would trade, and into `probabilities` those before it.
    fn quote(
        &self,
        outcome: usize,
        order: Order,
        rate: BasisPoints,
        probabilities: Option<&mut [Price; N]>,
    ) -> Result<Trade, MathError> {
        match self.trading_kind()? {
            CurveKind::Lmsr => quote_on(&self.lmsr()?, outcome, order, rate, probabilities),
            CurveKind::PmAmm => quote_on(&self.pm_amm()?, outcome, order, rate, probabilities),
            CurveKind::L2 => quote_on(&self.l2()?, outcome, order, rate, probabilities),
        }
    }

    fn quote_now(
        &mut self,
        conditions: Conditions,
        averages: Option<&mut PriceAccumulator<N>>,
        outcome: usize,
        order: Order,
        rate: BasisPoints,
    ) -> Result<Trade, MathError> {
        if let Some(schedule) = conditions.schedule {
            self.decay(schedule, conditions.now)?;
        }
        if conditions.now <= self.observed_slot {
            return self.quote(outcome, order, rate, None);
        }
        let mut prices = [Price::ZERO; N];
        let trade = self.quote(outcome, order, rate, Some(&mut prices))?;
        self.record(&prices, conditions.now, conditions.smoothing, averages);
        Ok(trade)
    }

    /// The curve that trades, if any does.
    fn trading_kind(&self) -> Result<CurveKind, MathError> {
        if self.depth == 0 {
            return Err(MathError::NoLiquidity);
        }
        self.curve_kind()
    }

    fn lmsr(&self) -> Result<Lmsr<N>, MathError> {
        Lmsr::new(Money(self.depth), self.quantities()?)
    }

    fn pm_amm(&self) -> Result<PmAmm, MathError> {
        PmAmm::new(Money(self.depth), self.reserves()?)
    }

    fn l2(&self) -> Result<L2<'_>, MathError> {
        L2::new(self.quantities()?)
    }

    fn quantities(&self) -> Result<&[i64], MathError> {
        self.curve
            .get(..usize::from(self.outcomes))
            .ok_or(MathError::OutcomeCountOutOfRange)
    }

    fn record(
        &mut self,
        prices: &[Price; N],
        now: u64,
        smoothing: SlowPrice,
        averages: Option<&mut PriceAccumulator<N>>,
    ) {
        let elapsed = now.saturating_sub(self.observed_slot);
        let prices = prices.iter().take(usize::from(self.outcomes));
        smoothing.update_all(self.slow_prices.iter_mut().zip(prices.clone()), elapsed);
        if let Some(averages) = averages {
            averages.add(prices, elapsed);
        }
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

    /// LMSR and L2: the quantity grows by the shares. pm-AMM: the money becomes complete sets in
    /// the reserves, from which the shares are paid out.
    fn move_curve(&mut self, outcome: usize, shares: i64, cost: i64) -> Result<(), MathError> {
        let kind = self.curve_kind()?;
        let traded = match kind {
            CurveKind::Lmsr => shares,
            CurveKind::PmAmm => {
                for reserve in self.curve.iter_mut().take(pm_amm::OUTCOMES) {
                    *reserve = reserve.checked_add(cost).ok_or(MathError::Overflow)?;
                }
                -shares
            }
            CurveKind::L2 => L2::parts(shares)?,
        };
        let quantity = self
            .curve
            .get_mut(outcome)
            .ok_or(MathError::OutcomeOutOfRange)?;
        // A state that the curve cannot be evaluated at could not even be voided.
        *quantity = quantity
            .checked_add(traded)
            .filter(|quantity| quantity.unsigned_abs() <= kind.max_quantity())
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

fn lowest_price(prior: &[Price]) -> Result<Price, MathError> {
    prior
        .iter()
        .min()
        .copied()
        .ok_or(MathError::OutcomeCountOutOfRange)
}

/// The depth of the pm-AMM that an LMSR pool turns into, `4 φ(0) b` rounded down.
fn switched_depth(depth: u64) -> Result<u64, MathError> {
    let depth = Real::from_u64(depth) * DENSITY_AT_ZERO.shifted(2);
    depth.lowered().floor_amount()
}

/// `numerator / denominator`, rounded down by more than the error of a product with it.
fn floor_ratio(numerator: u64, denominator: u64) -> Result<Real, MathError> {
    let ratio = Real::from_u64(numerator).divide(Real::from_u64(denominator))?;
    Ok(ratio - ratio.shifted(-56))
}

impl CurveKind {
    /// Greatest magnitude of a value of [`Pool::curve`].
    const fn max_quantity(self) -> u64 {
        match self {
            Self::Lmsr | Self::PmAmm => lmsr::MAX_QUANTITY,
            Self::L2 => l2::MAX_QUANTITY,
        }
    }
}

/// [`Curve::trade`] by the curve's own methods.
macro_rules! trade_by_order {
    () => {
        fn trade(
            &self,
            outcome: usize,
            order: Order,
            rate: BasisPoints,
        ) -> Result<Trade, MathError> {
            match order {
                Order::Stake(stake) => self.buy(outcome, stake, rate),
                Order::Buy(shares) => self.buy_shares(outcome, shares, rate),
                Order::Sell(shares) => self.sell(outcome, shares, rate),
            }
        }
    };
}

impl<const N: usize> Curve<N> for Lmsr<N> {
    fn probabilities(&self) -> Result<[Price; N], MathError> {
        Ok(self.prices())
    }

    trade_by_order!();
}

impl<const N: usize> Curve<N> for PmAmm {
    fn probabilities(&self) -> Result<[Price; N], MathError> {
        let mut prices = [Price::ZERO; N];
        for (price, spot) in prices.iter_mut().zip(self.prices()) {
            *price = spot;
        }
        Ok(prices)
    }

    trade_by_order!();
}

impl<const N: usize> Curve<N> for L2<'_> {
    fn probabilities(&self) -> Result<[Price; N], MathError> {
        self.probabilities()
    }

    trade_by_order!();
}

/// What the order would trade on the curve, and into `probabilities` those before it.
#[inline(never)]
fn quote_on<const N: usize>(
    curve: &impl Curve<N>,
    outcome: usize,
    order: Order,
    rate: BasisPoints,
    probabilities: Option<&mut [Price; N]>,
) -> Result<Trade, MathError> {
    if let Some(probabilities) = probabilities {
        *probabilities = curve.probabilities()?;
    }
    curve.trade(outcome, order, rate)
}
