//! Mathematics of Strobe: curves, prices, fees and the accounting of a pool.
//!
//! Nothing here knows of accounts, tokens or a chain; programs and off-chain code call the same
//! functions, so a quote is what a trade costs. Everything is integer code without allocation.
//!
//! # Numbers
//! Amounts are integers with a unit in their type ([`units`]); in between there is one number type,
//! [`Real`], a floating-point number with a 64-bit mantissa in integer code. Fixed point would not
//! do: prices reach 10⁻¹³, and the shares a stake buys are inversely proportional to the price.
//!
//! The crate `solmath` 0.2 was considered as foundation. Its scale of 10¹² holds a price of 10⁻⁶ to
//! six digits only: on the vectors of `tests/curves.rs` with depths up to 10¹², LMSR formulas
//! written with it are off by up to 609 base units in the proceeds of a sale and 6·10⁵ shares in a
//! buy, against one base unit here. It is no cheaper either; compute units from a program built
//! with LLVM 22, this crate and `solmath`: `exp` 150 and 610, `ln` 370 and 400, Φ 680 (with φ and
//! the integral of Φ) and 614.
//!
//! # Accuracy
//! Each computed amount carries a bound of its error and is rounded away from the trader by it, so
//! costs are never below the exact value, and shares and proceeds never above. The difference is
//! below two base units for depths up to 10¹², and below 2·10⁻¹² of the depth up to 10¹⁵, at any
//! price and spread (`tests/curves.rs`, against mpmath at 50 digits).
//!
//! # Promises
//! Over 100,000 random operations on each curve (`tests/operations.rs`): a pool stays solvent,
//! rounding takes nothing from it, and liquidity moves no price by more than 1 / (2 depth). In a
//! search of ten million steps on each curve, random and by changes to the best that was found, no
//! trader, provider or sole provider ends a base unit better off than without them, whatever outcome
//! wins or if the market is void: not by trading back and forth, by complete sets, by adding and
//! removing liquidity, nor around a switch of curves; and no sequence within a slot makes a slow price
//! follow other than by the prices, the depth and the shares that stand from then on. What depends on
//! time does not depend on how often it is looked at (`tests/time.rs`).
//!
//! # Adding a curve
//! A file in [`curve`] that implements [`curve::Curve`], and a line in the list of curves there.
#![no_std]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::unwrap_used
)]

pub mod borrow_rates;
pub mod chain;
pub mod crossing;
pub mod curve;

pub mod elementary;
pub mod error;
pub mod interest;
pub mod lending;
pub mod leverage;
pub mod liquidity;
pub mod loan_rules;
pub mod losses;
pub mod micro_tau;
pub mod normal;
pub mod order_bounds;
pub mod payout;
pub mod pool;
pub mod quantum;
pub mod real;
pub mod sealed_batch;
pub mod slow_price;
mod tables;
pub mod trade;
pub mod trigger;
pub mod twap;
pub mod units;
pub mod vault;
pub mod vesting;
pub mod wide;

pub use borrow_rates::BorrowRates;
pub use chain::{Chain, ChainError};
pub use curve::l2::{self, L2};
pub use curve::lmsr::{self, Lmsr};
pub use curve::pm_amm::{self, PmAmm};
pub use curve::CurveKind;
pub use error::MathError;
pub use interest::StandingInterest;
pub use lending::{LendingBook, Loss, Repaid};
pub use leverage::{LeverageError, LoanTerms, Position};
pub use liquidity::{FeeGrowth, LiquidityAdded, LiquidityRemoved};
pub use loan_rules::{DueSale, ForcedSale, LoanRules, Opening, OpeningRefusal};
pub use losses::DailyLosses;
pub use micro_tau::MicroTau;
pub use order_bounds::MovingLimit;
pub use payout::{covered_payouts, kept_payouts, liability, payout};
pub use pool::{Conditions, History, Pool, Secured};
pub use real::Real;
pub use slow_price::{is_far, SlowPrice};
pub use trade::{Fees, Order, Trade};
pub use twap::PriceAccumulator;
pub use units::{BasisPoints, Money, Price, Shares};
pub use vesting::VestingFees;
