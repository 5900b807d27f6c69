//! The L2 market: `C(x) = k = √Σ x_i²` over up to 64 bins, with marginal prices `x_i / k`.
//!
//! A constant-norm cost function for distributions (White, "Distribution Markets", Paradigm, 2024),
//! in the form for bins of Dekant (docs.dekant.xyz). Buying s shares of bin i moves `x_i` to
//! `x_i + s` and k to `√(k² + s (2 x_i + s))`, and costs the difference of k. All is closed form:
//! no grid, no search. Since `x_i ≤ k`, the money taken covers every bin.
//!
//! C is not translation invariant: the prices sum to more than one, up to √N. So a complete set may
//! cost more than the one base unit that it is worth, and must never be sold to the curve by
//! somebody who got it for one base unit. The quantities a market opens with are the curve's own;
//! what holders can sell is what they bought.
//!
//! What holders of several bins paid above what a set is worth is the providers' only if it is not
//! sold back. While shares are out there is therefore no price at which a provider could come or
//! go. By the reserves of the pool, who comes pays old providers for money that holders may still
//! take away (64 bins, k = 1,000: who buys 1,000 of each for 8,000, lets another double the reserves
//! for half of the pool, and sells back has 3,500 of the other's money), and who goes takes it along.
//! So liquidity comes and goes only while no share is out, and else is paid at the settlement.
//!
//! A void market pays in proportion to marginal prices, since that is what shares cost, and for all
//! shares together at most what the curve would have paid for them.

use crate::curve::{add_to, order_of, target_of, Curve, Limits, State, Voided};
use crate::error::MathError;
use crate::real::{mul_high, Real};
use crate::trade::{cost_below_half, fee_base, Fees, Order, Trade, MIN_TRADING_PRICE};
use crate::units::{BasisPoints, Money, Price, Shares};
use crate::wide::divide;

/// Most bins.
pub const MAX_OUTCOMES: usize = 64;

/// Quantities are in parts of a share of two to this power, so that opening quantities, which are
/// irrational, are near enough to exact for costs to be.
const PART_BITS: u32 = 6;
const PART_SHIFT: i64 = PART_BITS as i64;

/// Greatest quantity, in parts: 36 times the greatest depth. The squares of 64 sum to less than
/// 2¹²⁸.
const MAX_QUANTITY: u64 = (1 << 61) - 1;

/// Costs and proceeds are within `2^RELATIVE_ERROR` of themselves, since no formula for them
/// cancels.
const RELATIVE_ERROR: i64 = -56;

/// What a stake buys at prices above one half, and what the fee is of, is within `2^ERROR` of the
/// norm after the trade.
const ERROR: i64 = -54;

/// 1 / `MIN_TRADING_PRICE`
const INVERSE_MINIMUM: Real = Real::from_u64(1_000_000);

const THREE: Real = Real::from_u64(3);

/// A market at one moment.
#[derive(Clone, Copy, Debug)]
pub struct L2<'a> {
    /// None is negative.
    quantities: &'a [i64],
    /// Σ x_i², in squared parts.
    norm_squared: u128,
    /// k, in parts.
    norm: Real,
}

/// A bin before a trade, in parts.
struct Bin {
    quantity: u64,
    real: Real,
    /// Whether its price is at least one half.
    above_half: bool,
}

/// What a stake buys, before rounding, in parts.
struct Bought {
    cost: Real,
    shares: Real,
    norm: Real,
    error: Real,
}

impl<'a> L2<'a> {
    /// From the quantities x in 64ths of a share.
    ///
    /// # Errors
    /// `OutcomeCountOutOfRange`; `Overflow` when a quantity is negative or not below 2⁶¹;
    /// `NoLiquidity` when all are zero.
    pub fn new(quantities: &'a [i64]) -> Result<Self, MathError> {
        if !(2..=MAX_OUTCOMES).contains(&quantities.len()) {
            return Err(MathError::OutcomeCountOutOfRange);
        }
        let mut norm_squared = 0u128;
        for &quantity in quantities {
            // Of a negative one this is above the greatest.
            let quantity = quantity.cast_unsigned();
            if quantity > MAX_QUANTITY {
                return Err(MathError::Overflow);
            }
            // No overflow: see `MAX_QUANTITY`.
            norm_squared = norm_squared.wrapping_add(square(quantity));
        }
        if norm_squared == 0 {
            return Err(MathError::NoLiquidity);
        }
        Ok(Self {
            quantities,
            norm_squared,
            norm: Real::from_u128(norm_squared).sqrt()?,
        })
    }

    /// Writes the quantities of a market that opens with the norm `depth` at prior prices,
    /// `k p_i / ‖p‖` in 64ths of a share, rounded down.
    ///
    /// # Errors
    /// `DivisionByZero` when all prices are zero, `Overflow`.
    pub fn write_opening(
        depth: Money,
        prior: &[Price],
        quantities: &mut [i64],
    ) -> Result<(), MathError> {
        let scale = Real::from_u64(depth.0).divide(norm_of(prior)?)?;
        for (quantity, price) in quantities.iter_mut().zip(prior) {
            let exact = price.to_real() * scale;
            *quantity = lowered(exact).shifted(PART_SHIFT).floor()?;
        }
        Ok(())
    }

    /// Shares in 64ths of a share.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn parts(shares: i64) -> Result<i64, MathError> {
        shares
            .checked_mul(1 << PART_BITS)
            .ok_or(MathError::Overflow)
    }

    /// Marginal prices `x_i / k`, rounded down: what the next share costs. They sum to one or more.
    pub fn prices<const N: usize>(&self) -> Result<[Price; N], MathError> {
        self.scaled(self.norm.reciprocal()?)
    }

    /// The chances that the market gives the bins, `x_i / Σ x`, rounded down. They sum to at most
    /// one. Error below 2⁻⁵⁹.
    pub fn probabilities<const N: usize>(&self) -> Result<[Price; N], MathError> {
        // No overflow: at most 64 quantities of at most 2⁶¹.
        let sum = self.quantities.iter().fold(0u128, |sum, &quantity| {
            sum.wrapping_add(u128::from(quantity.cast_unsigned()))
        });
        // With the sum m · 2^exponent and m of 64 bits, x / Σ in Q1.63 is x · 2^−exponent times
        // 2¹²⁷ / m, over 2⁶⁴. Everything is rounded down.
        let (_, mantissa, exponent) = Real::from_u128(sum).parts();
        let factor = reciprocal_floor(mantissa)?;
        let mut prices = [Price::ZERO; N];
        for (price, &quantity) in prices.iter_mut().zip(self.quantities) {
            let quantity = quantity.cast_unsigned();
            let aligned = match exponent {
                0.. => quantity >> exponent,
                _ => quantity << exponent.unsigned_abs(),
            };
            *price = Price(mul_high(aligned, factor));
        }
        Ok(prices)
    }

    /// k in base units, rounded down.
    pub(crate) fn norm_floor(&self) -> Result<u64, MathError> {
        lowered(self.norm).shifted(-PART_SHIFT).floor_amount()
    }

    /// What the market would pay for all of these shares together, by bin, in base units, rounded
    /// down.
    ///
    /// # Errors
    /// `MoreThanSold` when a bin has not that many to take back.
    pub fn payment_for_all(&self, shares: &[u64]) -> Result<Money, MathError> {
        let mut fall = 0u128;
        for (&quantity, &shares) in self.quantities.iter().zip(shares) {
            let quantity = quantity.unsigned_abs();
            let amount = parts_of(Shares(shares))
                .filter(|amount| *amount <= quantity)
                .ok_or(MathError::MoreThanSold)?;
            // No overflow: neither factor is above 2⁶², and the falls are parts of the squares.
            let twice = quantity.wrapping_mul(2).wrapping_sub(amount);
            fall = fall.wrapping_add(product(amount, twice));
        }
        let rest = self.norm_squared.wrapping_sub(fall);
        let norm = Real::from_u128(rest).sqrt()?;
        let payment = Real::from_u128(fall).divide(norm + self.norm)?;
        lowered(payment)
            .shifted(-PART_SHIFT)
            .floor_amount()
            .map(Money)
    }

    fn scaled<const N: usize>(&self, factor: Real) -> Result<[Price; N], MathError> {
        let mut prices = [Price::ZERO; N];
        for (price, &quantity) in prices.iter_mut().zip(self.quantities) {
            *price = Price::from_real(Real::from_i64(quantity) * factor);
        }
        Ok(prices)
    }

    /// What the order trades.
    ///
    /// # Errors
    /// Those of the method for it.
    pub fn quote(&self, outcome: usize, order: Order, fees: Fees) -> Result<Trade, MathError> {
        match order {
            Order::Stake(stake) => self.buy(outcome, stake, fees),
            Order::Buy(shares) => self.buy_shares(outcome, shares, fees),
            Order::Sell(shares) => self.sell(outcome, shares, fees),
        }
    }

    /// Buys for exactly `stake`, the fee included: cost and fee sum to it. The shares are rounded
    /// down and the cost up, which leaves the fee less than two base units below exact.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `StakeTooSmall`, `PriceBelowMinimum`.
    pub fn buy(&self, outcome: usize, stake: Money, fees: Fees) -> Result<Trade, MathError> {
        let bin = self.bin(outcome)?;
        if stake == Money::ZERO {
            return Err(MathError::StakeTooSmall);
        }
        let bought = self.solve(&bin, Real::from_u64(stake.0), fees.checked()?)?;
        if bought.norm > self.norm_limit(outcome)? {
            return Err(MathError::PriceBelowMinimum);
        }
        let shares = (bought.shares - bought.error)
            .shifted(-PART_SHIFT)
            .floor_amount()?;
        if shares == 0 {
            return Err(MathError::StakeTooSmall);
        }
        let cost = Money(bought.cost.shifted(-PART_SHIFT).ceil_amount()?.min(stake.0));
        Ok(Trade {
            shares: Shares(shares),
            cost,
            fee: stake.checked_sub(cost)?,
        })
    }

    /// Buys exactly `shares`. Cost and fee are rounded up.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`, `PriceBelowMinimum`.
    pub fn buy_shares(
        &self,
        outcome: usize,
        shares: Shares,
        fees: Fees,
    ) -> Result<Trade, MathError> {
        let fees = fees.checked()?;
        let bin = self.bin(outcome)?;
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = parts_of(shares)
            .filter(|amount| *amount <= MAX_QUANTITY)
            .ok_or(MathError::PriceBelowMinimum)?;
        // No overflow: both are at most 2⁶¹.
        let end = bin.quantity.wrapping_add(amount);
        let growth = product(amount, bin.quantity.wrapping_add(end));
        let norm_squared = self
            .norm_squared
            .checked_add(growth)
            .ok_or(MathError::PriceBelowMinimum)?;
        let norm = Real::from_u128(norm_squared).sqrt()?;
        if norm > self.norm_limit(outcome)? {
            return Err(MathError::PriceBelowMinimum);
        }
        let cost = Real::from_u128(growth).divide(norm + self.norm)?;
        Ok(Trade {
            shares,
            cost: Money(raised(cost).shifted(-PART_SHIFT).ceil_amount()?),
            fee: self.fee(&bin, end, norm_squared, Real::from_u64(amount), cost, fees)?,
        })
    }

    /// Sells exactly `shares`. The proceeds are rounded down, the fee up.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `FeeRateTooHigh`, `NoShares`; `MoreThanSold` when the curve has not
    /// that many to take back.
    pub fn sell(&self, outcome: usize, shares: Shares, fees: Fees) -> Result<Trade, MathError> {
        let fees = fees.checked()?;
        let bin = self.bin(outcome)?;
        if shares == Shares::ZERO {
            return Err(MathError::NoShares);
        }
        let amount = parts_of(shares)
            .filter(|amount| *amount <= bin.quantity)
            .ok_or(MathError::MoreThanSold)?;
        // No overflow: neither is negative, and the norm keeps the squares of the other bins.
        let end = bin.quantity.wrapping_sub(amount);
        let fall = product(amount, bin.quantity.wrapping_add(end));
        let norm_squared = self.norm_squared.wrapping_sub(fall);
        if norm_squared == 0 {
            // Without any quantity there would be no prices.
            return Err(MathError::MoreThanSold);
        }
        let norm = Real::from_u128(norm_squared).sqrt()?;
        let proceeds = Real::from_u128(fall).divide(norm + self.norm)?;
        let gross = lowered(proceeds).shifted(-PART_SHIFT).floor_amount()?;
        let fee = self.fee(
            &bin,
            end,
            norm_squared,
            Real::from_u64(amount),
            proceeds,
            fees,
        )?;
        Ok(Trade {
            shares,
            cost: Money(gross),
            fee: Money(fee.0.min(gross)),
        })
    }

    /// The trade after which the marginal price is the target t: to `x = t √(A / (1 − t²))` with A
    /// the sum of the other squares, in whole shares, rounded down. Prices are good to 2⁻⁵⁵ of
    /// themselves.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, `OutsideDomain` when the target is zero or one.
    pub fn order_until(&self, outcome: usize, target: Price) -> Result<Order, MathError> {
        let bin = self.bin(outcome)?;
        let (target, rest) = target_of(target)?;
        let others = rest * (Real::ONE + target);
        let end = target * self.others_squared(&bin).divide(others)?.sqrt()?;
        let way = (end - bin.real).shifted(-PART_SHIFT);
        let margin = end.divide(others)?.shifted(-54) + self.norm.shifted(ERROR);
        order_of(way, margin.shifted(-PART_SHIFT))
    }

    fn bin(&self, outcome: usize) -> Result<Bin, MathError> {
        let quantity = self
            .quantities
            .get(outcome)
            .ok_or(MathError::OutcomeOutOfRange)?
            .unsigned_abs();
        Ok(Bin {
            quantity,
            real: Real::from_u64(quantity),
            above_half: is_above_half(quantity, self.norm_squared),
        })
    }

    /// The fee of a trade from the bin's quantity to `end`, rounded up.
    fn fee(
        &self,
        bin: &Bin,
        end: u64,
        norm_squared: u128,
        amount: Real,
        money: Real,
        fees: Fees,
    ) -> Result<Money, MathError> {
        if fees.rate.0 == 0 {
            return Ok(Money::ZERO);
        }
        let ends_above = is_above_half(end, norm_squared);
        let crossing = if bin.above_half == ends_above {
            Real::ZERO
        } else {
            self.crossing(bin)?
        };
        let error = self.norm.max(amount).shifted(ERROR);
        let base = fee_base(ends_above, amount, money, crossing) + error;
        fees.charge(base.shifted(-PART_SHIFT), amount.shifted(-PART_SHIFT))
    }

    /// The fee correction of a path across one half. The price is one half at the quantity h with
    /// `h² = (k² − x²) / 3`, where k is 2h, so twice the money less the shares from here to there
    /// is `2 (2h − k) − (h − x)`.
    fn crossing(&self, bin: &Bin) -> Result<Real, MathError> {
        let half = self.others_squared(bin).divide(THREE)?.sqrt()?;
        Ok(THREE * half - self.norm.shifted(1) + bin.real)
    }

    /// Σ x_j² over the other bins.
    fn others_squared(&self, bin: &Bin) -> Real {
        // No underflow: the bin's square is part of the norm's.
        Real::from_u128(self.norm_squared.wrapping_sub(square(bin.quantity)))
    }

    /// What a stake buys. Where the floor of the fee binds, the stake is the cost and `rate · floor` of
    /// the shares.
    fn solve(&self, bin: &Bin, stake: Real, fees: Fees) -> Result<Bought, MathError> {
        let bought = self.solve_without_floor(bin, stake, fees.rate)?;
        let stake = stake.shifted(PART_SHIFT);
        match fees.binding_floor(stake, bought.cost, bought.shares) {
            None => Ok(bought),
            Some(floor) => self.solve_linear(bin, stake, Real::ONE, floor, Real::ZERO),
        }
    }

    /// With cost c the quantity grows to `√(x² + c (2k + c))`. Below one half the cost is
    /// `stake / (1 + rate)`. Above, the fee depends on the shares.
    fn solve_without_floor(
        &self,
        bin: &Bin,
        stake: Real,
        rate: BasisPoints,
    ) -> Result<Bought, MathError> {
        if rate.0 == 0 || !bin.above_half {
            let cost = cost_below_half(stake, rate)?;
            let money = cost.shifted(PART_SHIFT);
            let growth = money * (self.norm.shifted(1) + money);
            let norm = self.norm + money;
            let end = (bin.real * bin.real + growth).sqrt()?;
            if rate.0 == 0 || end.shifted(1) <= norm {
                let shares = growth.divide(end + bin.real)?;
                return Ok(Bought {
                    cost: money,
                    shares,
                    norm,
                    error: shares.shifted(RELATIVE_ERROR),
                });
            }
        }
        let crossing = if bin.above_half {
            Real::ZERO
        } else {
            self.crossing(bin)?
        };
        let stake = stake.shifted(PART_SHIFT);
        self.solve_linear(bin, stake, rate.rest(), rate.to_real(), crossing)
    }

    /// What a stake buys if it is `keep · cost + rate · (shares + crossing)`, all in parts: with x' and
    /// k' after the trade, `keep · k' + rate · x' = T` is the stake and what the left side is before,
    /// and with `k'² = x'² + A` that is a quadratic equation for x'.
    fn solve_linear(
        &self,
        bin: &Bin,
        stake: Real,
        keep: Real,
        rate: Real,
        crossing: Real,
    ) -> Result<Bought, MathError> {
        let discriminant_factor = (keep - rate) * (keep + rate);
        let target = stake + keep * self.norm + rate * (bin.real - crossing);
        let discriminant = target * target - discriminant_factor * self.others_squared(bin);
        let end = (keep * discriminant.sqrt()? - rate * target).divide(discriminant_factor)?;
        let shares = end - bin.real;
        let money = (stake - rate * (shares + crossing)).divide(keep)?;
        Ok(Bought {
            cost: money,
            shares,
            norm: self.norm + money,
            error: target.shifted(ERROR),
        })
    }

    /// The greatest norm that buying the outcome may lead to: it divides the prices of the others.
    /// Bins that are below the minimum already do not count.
    fn norm_limit(&self, outcome: usize) -> Result<Real, MathError> {
        let least = (MIN_TRADING_PRICE.to_real() * self.norm).ceil()?;
        let mut rarest = i64::MAX;
        for (other, &quantity) in self.quantities.iter().enumerate() {
            if quantity < rarest && other != outcome && quantity >= least {
                rarest = quantity;
            }
        }
        Ok(Real::from_i64(rarest) * INVERSE_MINIMUM)
    }
}

/// `price ≥ 1/2`, exactly.
fn is_above_half(quantity: u64, norm_squared: u128) -> bool {
    // No overflow: a quantity after a trade is at most 2⁶².
    square(quantity.wrapping_mul(2)) >= norm_squared
}

fn product(a: u64, b: u64) -> u128 {
    u128::from(a).wrapping_mul(u128::from(b))
}

/// By halves: a product of 128 bits is a call on chain, and these are many.
fn square(quantity: u64) -> u128 {
    let (high, low) = (quantity >> 32, quantity & u64::from(u32::MAX));
    // No overflow: the halves have 32 bits, and the whole is the exact square.
    let outer = (u128::from(high.wrapping_mul(high)) << 64) | u128::from(low.wrapping_mul(low));
    outer.wrapping_add(u128::from(high.wrapping_mul(low)) << 33)
}

fn parts_of(shares: Shares) -> Option<u64> {
    shares.0.checked_mul(1 << PART_BITS)
}

/// `2^127 / mantissa` for a mantissa of 64 bits, rounded down by at most 16.
fn reciprocal_floor(mantissa: u64) -> Result<u64, MathError> {
    const TOP_BIT: u64 = 1 << 63;
    if mantissa == TOP_BIT {
        return Ok(u64::MAX);
    }
    let (_, inverse, _) = Real::scaled(mantissa, 0).reciprocal()?.parts();
    Ok(inverse.saturating_sub(8))
}

fn raised(value: Real) -> Real {
    value + value.shifted(RELATIVE_ERROR)
}

fn lowered(value: Real) -> Real {
    value - value.shifted(RELATIVE_ERROR)
}

/// Whether shares that cost so much, fees included, may still pay it: whether the cost is at most
/// the shares of the bin of which there are most.
///
/// A result pays one bin, so a holder of `h_i` shares gets at most `max h_i`. A purchase alone
/// always costs less than its shares pay, but as prices sum to as much as √N, several can cost more
/// than all of them together ever pay: 200 shares of each of 4 of 16 bins cost 251. Only who sells
/// gets that back. (A void pays some of it, but nobody buys for that.)
pub fn may_pay(cost: Money, shares: &[u64]) -> bool {
    shares.iter().any(|&shares| shares >= cost.0)
}

/// The cost of what is left of shares after a sale: less by the proceeds, or by the part of all
/// shares that was sold if that is more, so that a loss once taken counts no longer. Rounded down;
/// nothing when no share is left.
pub fn cost_after_sale(cost: Money, proceeds: Money, sold: Shares, held_before: Shares) -> Money {
    let left = u128::from(held_before.0.saturating_sub(sold.0));
    let kept = u128::from(cost.0).saturating_mul(left);
    let kept = divide(kept, held_before.0.into()).unwrap_or(0);
    let kept = u64::try_from(kept).unwrap_or(u64::MAX);
    Money(kept.min(cost.0.saturating_sub(proceeds.0)))
}

/// The marginal prices of bins that have these chances, `p_i / √Σ p_j²`, rounded down; of bins that the
/// list has not, zero.
///
/// # Errors
/// `OutcomeCountOutOfRange`; `NoLiquidity` when all are zero.
pub fn prices_of<const N: usize>(chances: &[Price]) -> Result<[Price; N], MathError> {
    let mut quantities = [0; N];
    for (quantity, chance) in quantities.iter_mut().zip(chances) {
        // Below the greatest quantity.
        *quantity = (chance.0 >> 2).cast_signed();
    }
    let quantities = quantities.get(..chances.len());
    L2::new(quantities.ok_or(MathError::OutcomeCountOutOfRange)?)?.prices()
}

/// L2 to a pool. Its quantities are in 64ths of a share, those it opened with included.
pub(crate) struct Rule;

impl<const N: usize> Curve<N> for Rule {
    fn limits(&self) -> Limits {
        Limits {
            most_outcomes: MAX_OUTCOMES,
            max_quantity: MAX_QUANTITY,
            sets: false,
            schedule: false,
        }
    }

    fn check_holding(&self, cost: Money, shares: &[u64]) -> Result<(), MathError> {
        if may_pay(cost, shares) {
            Ok(())
        } else {
            Err(MathError::CostAbovePayout)
        }
    }

    /// Quantities `k p_i / ‖p‖`, rounded down; the loss is k less the least of them, since what a
    /// bin has sold was added to its quantity.
    fn open(
        &self,
        depth: Money,
        prior: &[Price],
        quantities: &mut [i64],
    ) -> Result<Money, MathError> {
        L2::write_opening(depth, prior, quantities)?;
        let least = quantities.iter().min().copied().unwrap_or(0);
        let least = least.unsigned_abs();
        Ok(Money(depth.0.saturating_sub(least >> PART_BITS)))
    }

    fn prices(&self, state: State) -> Result<[Price; N], MathError> {
        L2::new(state.quantities)?.prices()
    }

    fn probabilities(&self, state: State) -> Result<[Price; N], MathError> {
        L2::new(state.quantities)?.probabilities()
    }

    #[inline(never)]
    fn quote(
        &self,
        state: State,
        outcome: usize,
        order: Order,
        fees: Fees,
        probabilities: Option<&mut [Price; N]>,
    ) -> Result<Trade, MathError> {
        let curve = L2::new(state.quantities)?;
        if let Some(probabilities) = probabilities {
            *probabilities = curve.probabilities()?;
        }
        curve.quote(outcome, order, fees)
    }

    fn order_until(&self, state: State, outcome: usize, target: Price) -> Result<Order, MathError> {
        L2::new(state.quantities)?.order_until(outcome, target)
    }

    fn apply(
        &self,
        quantities: &mut [i64],
        outcome: usize,
        shares: i64,
        _cost: i64,
    ) -> Result<(), MathError> {
        add_to(quantities, outcome, L2::parts(shares)?, MAX_QUANTITY)
    }

    /// k of the quantities.
    fn scale(&self, state: State) -> Result<u64, MathError> {
        L2::new(state.quantities)?.norm_floor()
    }

    /// The slow marginal prices `p_i / ‖p‖` of the slow chances p, times one factor for all: the
    /// least at which all shares together get what the curve would have paid for them, or the cash
    /// if that is less, but at most one. Rounded down.
    fn void_payouts(&self, voided: Voided) -> Result<[Price; N], MathError> {
        let mut prices = [Price::ZERO; N];
        let slow = voided.slow_prices;
        let inverse = norm_of(bytemuck::cast_slice(slow))?.reciprocal()?;
        let mut owed = Real::ZERO;
        for ((price, &slow), &sold) in prices.iter_mut().zip(slow).zip(voided.sold) {
            *price = Price::from_real(lowered(Price(slow).to_real() * inverse));
            owed = owed + price.to_real() * Real::from_u64(sold);
        }
        if owed.is_zero() {
            return Ok(prices);
        }
        let worth = L2::new(voided.state.quantities)?.payment_for_all(voided.sold)?;
        let most = Real::from_u64(worth.0.min(voided.cash.0));
        if owed < most {
            return Ok(prices);
        }
        // Below the factor by more than the error of the sum and of the products.
        let factor = most.divide(owed)?;
        let factor = factor - factor.shifted(SUM_ERROR);
        for price in &mut prices {
            *price = Price::from_real(price.to_real() * factor);
        }
        Ok(prices)
    }
}

/// A sum of products of 64 outcomes is within `2^SUM_ERROR` of itself.
const SUM_ERROR: i64 = -50;

/// The root of the sum of the squares.
fn norm_of(prices: &[Price]) -> Result<Real, MathError> {
    let squares = prices.iter().fold(Real::ZERO, |sum, price| {
        sum + price.to_real() * price.to_real()
    });
    squares.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_agree_with_wider_arithmetic() {
        let half = u64::from(u32::MAX);
        for quantity in [
            0,
            1,
            half,
            half + 1,
            (1 << 62) + half,
            MAX_QUANTITY,
            1 << 62,
            u64::MAX,
        ] {
            assert_eq!(square(quantity), product(quantity, quantity), "{quantity}");
        }
    }
}
