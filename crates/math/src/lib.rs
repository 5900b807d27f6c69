//! Mathematics of Strobe: curves, prices, fees and the accounting of a pool.
//!
//! Nothing here knows of accounts, tokens or a chain; programs and off-chain code call the same
//! functions, so a quote is what a trade costs. Everything is integer code without allocation.
#![no_std]

pub mod elementary;
pub mod error;
pub mod lmsr;
pub mod micro_tau;
pub mod normal;
pub mod payout;
pub mod pm_amm;
pub mod pool;
pub mod real;
pub mod slow_price;
mod tables;
pub mod trade;
pub mod units;
pub mod vault;

pub use error::MathError;
pub use lmsr::Lmsr;
pub use micro_tau::MicroTau;
pub use payout::{liability, payout, winner_payouts};
pub use pm_amm::PmAmm;
pub use pool::{Conditions, CurveKind, Pool};
pub use real::Real;
pub use slow_price::SlowPrice;
pub use trade::Trade;
pub use units::{BasisPoints, Money, Price, Shares};
