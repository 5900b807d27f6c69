//! `strobe quote value`: what shares that secure a debt return, what puts the debt under water, and how
//! many of them restore it.

use clap::{Args, Subcommand};
use math::leverage::{liquidation_value, LeverageError};
use math::{BasisPoints, CurveKind, Fees, Money, Pool, Position, Price, Shares};
use serde::Serialize;
use thiserror::Error;

use super::{depth, quantities, sold_pool, PmAmmState, QuoteError, Terms, OUTCOMES};
use crate::commands::arguments::{fraction, Fraction};

#[derive(Subcommand)]
pub enum Value {
    /// On the logarithmic market scoring rule.
    Lmsr(LmsrValue),
    /// On the pm-AMM.
    PmAmm(PmAmmValue),
    /// Not offered: the slow price of an L2 market is a chance, not what a sale returns.
    #[command(hide = true)]
    L2(L2Value),
}

#[derive(Args)]
pub struct LmsrValue {
    /// Depth of the curve, base units.
    #[arg(long = "b", value_name = "B")]
    depth: u64,
    /// Shares sold of each outcome.
    #[arg(long, value_delimiter = ',', required = true, value_name = "Q0,Q1,...")]
    sold: Vec<u64>,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    secured: Secured,
}

#[derive(Args)]
pub struct PmAmmValue {
    #[command(flatten)]
    state: PmAmmState,
    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    secured: Secured,
}

#[derive(Args)]
pub struct L2Value {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _any: Vec<String>,
}

/// What is held and owed.
#[derive(Args)]
struct Secured {
    /// Shares held.
    #[arg(long, value_name = "N")]
    shares: u64,
    /// What is owed against them, base units.
    #[arg(long, value_name = "D")]
    debt: Option<u64>,
    /// Debt over value that a liquidation restores, such as 0.55.
    #[arg(long, value_name = "T", value_parser = fraction, requires_all = ["debt", "beta"])]
    theta: Option<Fraction>,
    /// Part of what a liquidation sells that rewards whom does it, such as 0.03.
    #[arg(long, value_name = "B", value_parser = fraction, requires = "theta")]
    beta: Option<Fraction>,
}

/// In base units and shares. What was not asked for is null.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Valued {
    /// What a sale of all shares returns now, rounded down.
    value: u64,
    /// Money spent on the other outcomes after which the sale returns no more than the debt, rounded
    /// down.
    under_water_after: Option<u64>,
    /// Shares whose sale restores the target, rounded up: none while the debt is at it or below, all
    /// from where no part would do.
    liquidate: Option<u64>,
}

/// A value refused, by the argument at fault.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    #[error(transparent)]
    Market(#[from] QuoteError),
    #[error("l2: {}", LeverageError::NotOffered)]
    NotOffered,
    #[error("--shares: only {outstanding} shares of outcome {outcome} are outstanding")]
    MoreThanSold { outcome: usize, outstanding: u64 },
    #[error("--debt: a sale of the shares returns {value}, so a debt of {debt} is under water already: it must be below the value")]
    UnderWater { debt: u64, value: u64 },
    #[error("{argument}: {cause}")]
    Refused {
        argument: &'static str,
        cause: LeverageError,
    },
}

impl Value {
    /// # Errors
    /// [`ValueError`].
    pub fn run(self) -> Result<Valued, ValueError> {
        match self {
            Self::Lmsr(value) => value.run(),
            Self::PmAmm(value) => value.run(),
            Self::L2(_) => Err(ValueError::NotOffered),
        }
    }
}

impl LmsrValue {
    fn run(self) -> Result<Valued, ValueError> {
        let depth = depth("--b", self.depth)?;
        let state = quantities("--sold", &self.sold, math::lmsr::MAX_OUTCOMES)?;
        let pool = sold_pool(CurveKind::Lmsr, depth, &self.sold, state)?;
        let outcome = self.terms.outcome;
        match self.sold.get(outcome) {
            Some(&outstanding) if outstanding < self.secured.shares => {
                Err(ValueError::MoreThanSold {
                    outcome,
                    outstanding,
                })
            }
            _ => self.secured.value(&pool, self.terms),
        }
    }
}

impl PmAmmValue {
    fn run(self) -> Result<Valued, ValueError> {
        let pool = self.state.pool()?;
        self.secured.value(&pool, self.terms)
    }
}

impl Secured {
    fn value(&self, pool: &Pool<OUTCOMES>, terms: Terms) -> Result<Valued, ValueError> {
        let held = Position {
            outcome: terms.outcome,
            shares: Shares(self.shares),
            fees: Fees {
                rate: BasisPoints(terms.fee_bps),
                floor: BasisPoints(terms.fee_floor_bps),
            },
        };
        let refuse = |argument| move |cause| ValueError::refused(argument, cause);
        let value = pool.sale_value(held).map_err(refuse("--shares"))?;
        let Some(debt) = self.debt else {
            return Ok(Valued {
                value: value.0,
                under_water_after: None,
                liquidate: None,
            });
        };
        let debt = Money(debt);
        let money = pool
            .opposing_money(held, debt)
            .map_err(|cause| match cause {
                LeverageError::UnderWater => ValueError::UnderWater {
                    debt: debt.0,
                    value: value.0,
                },
                cause => ValueError::refused("--debt", cause),
            })?;
        let liquidate = match self.theta.zip(self.beta) {
            Some(terms) => Some(self.liquidate(pool, held, value, debt, terms)?),
            None => None,
        };
        Ok(Valued {
            value: value.0,
            under_water_after: Some(money.0),
            liquidate,
        })
    }

    fn liquidate(
        &self,
        pool: &Pool<OUTCOMES>,
        held: Position,
        value: Money,
        debt: Money,
        (theta, beta): (Fraction, Fraction),
    ) -> Result<u64, ValueError> {
        // So that a sale that comes out even stays even.
        let (target, reward) = (theta.rounded_up(), beta.rounded_down());
        if beta.rounded_up() == Price::ONE {
            return Err(ValueError::refused(
                "--beta",
                LeverageError::TargetOutOfRange,
            ));
        }
        let due = liquidation_value(value, debt, target, reward)
            .map_err(|cause| ValueError::refused("--theta", cause))?;
        if due == value {
            return Ok(held.shares.0);
        }
        let shares = pool
            .shares_for(held, due)
            .map_err(|cause| ValueError::refused("--shares", cause))?;
        Ok(shares.0)
    }
}

impl ValueError {
    /// The argument at fault, if it is not the one given.
    fn refused(argument: &'static str, cause: LeverageError) -> Self {
        use math::MathError::{FeeFloorTooHigh, FeeRateTooHigh, OutcomeOutOfRange};
        let argument = match cause {
            LeverageError::Math(OutcomeOutOfRange) => "--outcome",
            LeverageError::Math(FeeRateTooHigh) => "--fee-bps",
            LeverageError::Math(FeeFloorTooHigh) => "--fee-floor-bps",
            _ => argument,
        };
        Self::Refused { argument, cause }
    }
}
