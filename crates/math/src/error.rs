//! The errors of this crate.

use core::fmt;

/// Why a computation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
    /// A result does not fit its type.
    Overflow,
    /// A difference of amounts is below zero.
    Underflow,
    /// A divisor is zero.
    DivisionByZero,
    /// The argument is outside the function's domain.
    OutsideDomain,
    /// The iteration did not settle on a solution.
    NoConvergence,
    /// The curve kind is none of the known ones.
    UnknownCurve,
    /// The number of outcomes is not one the curve supports.
    OutcomeCountOutOfRange,
    /// The outcome does not exist.
    OutcomeOutOfRange,
    /// The depth is outside `MIN_DEPTH..=MAX_DEPTH`.
    DepthOutOfRange,
    /// A price of the prior is below `MIN_PRIOR_PRICE`.
    PriorPriceTooLow,
    /// The prices of the prior do not sum to one.
    PriorSumNotOne,
    /// The fee rate is above `MAX_FEE_RATE`.
    FeeRateTooHigh,
    /// The floor of the fee is above `MAX_FEE_FLOOR`.
    FeeFloorTooHigh,
    /// The stake buys less than one share.
    StakeTooSmall,
    /// The number of shares is zero.
    NoShares,
    /// The buy would push another outcome's price below `MIN_TRADING_PRICE`.
    PriceBelowMinimum,
    /// More shares than are outstanding.
    MoreThanSold,
    /// The schedule does not end after it begins.
    EmptySchedule,
    /// The shares of a holder cost more than they can ever pay.
    CostAbovePayout,
    /// The cash does not cover what an outcome would pay.
    Insolvent,
    /// A payout is above one.
    PayoutAboveOne,
    /// The parts of a split sum to more than the whole.
    SplitAboveWhole,
    /// The pool has no liquidity.
    NoLiquidity,
    /// The amount of liquidity is worth less than one share.
    LiquidityTooSmall,
    /// Liquidity is to be added to an L2 pool or taken from it while shares are outstanding.
    SharesOutstanding,
    /// The liquidity left would be too little to trade with, but not nothing.
    LiquidityLeftTooSmall,
    /// The curve does not trade complete sets at one base unit.
    SetsNotOffered,
    /// The curve has no schedule of depth.
    ScheduleNotOffered,
    /// The pool cannot change to the pm-AMM.
    SwitchNotOffered,
    /// The reserves are not on the pm-AMM's curve.
    ReservesOffCurve,
    /// The range of a scalar is empty or has no bins.
    EmptyRange,
}

impl MathError {
    const fn message(self) -> &'static str {
        match self {
            Self::Overflow => "a result does not fit its type",
            Self::Underflow => "a difference of amounts is below zero",
            Self::DivisionByZero => "a divisor is zero",
            Self::OutsideDomain => "an argument is outside the function's domain",
            Self::NoConvergence => "the iteration did not settle on a solution",
            Self::UnknownCurve => "the curve kind is none of LMSR (1), pm-AMM (2) and L2 (3)",
            Self::OutcomeCountOutOfRange => {
                "the number of outcomes is not supported: LMSR takes 2 to 64, pm-AMM 2, L2 2 to 64"
            }
            Self::OutcomeOutOfRange => "the market has no such outcome",
            Self::DepthOutOfRange => "the depth is outside 1,000 to 10^15 base units",
            Self::PriorPriceTooLow => "an opening price is below 0.0001",
            Self::PriorSumNotOne => "the opening prices do not sum to 1 within 10^-9",
            Self::FeeRateTooHigh => "the fee rate is above 1,000 basis points",
            Self::FeeFloorTooHigh => "the floor of the fee is above 1,000 basis points",
            Self::StakeTooSmall => "the stake buys less than one share",
            Self::NoShares => "the number of shares is zero",
            Self::PriceBelowMinimum => {
                "the buy would push the price of another outcome below 0.000001"
            }
            Self::MoreThanSold => "more shares are to be sold than are outstanding",
            Self::CostAbovePayout => {
                "with this purchase the shares cost more than the most of one outcome pays: buy fewer outcomes"
            }
            Self::EmptySchedule => "the schedule does not end after it begins",
            Self::Insolvent => "the cash does not cover what an outcome would pay",
            Self::PayoutAboveOne => "the payout of an outcome is above one base unit a share",
            Self::SplitAboveWhole => "the parts of a split sum to more than 10,000 basis points",
            Self::NoLiquidity => "the pool has no liquidity: all of it was removed",
            Self::LiquidityTooSmall => "the liquidity added is worth less than one share of the pool",
            Self::SharesOutstanding => {
                "liquidity of an L2 pool moves only while no share is outstanding, else it is paid at settlement"
            }
            Self::LiquidityLeftTooSmall => {
                "the depth left would be below 500 base units: leave more, or remove all liquidity"
            }
            Self::SetsNotOffered => {
                "complete sets cannot be split or merged on the L2 curve, whose prices sum to more than 1"
            }
            Self::ScheduleNotOffered => "the depth of the L2 curve cannot follow a schedule",
            Self::SwitchNotOffered => "only an LMSR pool of 2 outcomes can change to the pm-AMM",
            Self::ReservesOffCurve => {
                "the reserves are not on the curve of this depth, as those of every market are"
            }
            Self::EmptyRange => "the range of the scalar must end after it begins and have a bin or more",
        }
    }
}

impl fmt::Display for MathError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.message())
    }
}

impl core::error::Error for MathError {}
