//! Simulations of loans against shares, of what orders cost that are cut into slices ([`orders`]), and of
//! what moving samples of a price gains ([`prices`]). Of loans: what attackers with unlimited money, and
//! paths of prices, take from the lender under a set of rules, and hunters from those who borrowed
//! ([`hunting`]), and what is left of it where somebody trades a moved price back ([`delays`]). Curves and formulas are those of [`math`], to the base unit;
//! only what happens around them is made up here.
//!
//! The lender has no claim but the shares, so whatever they return less than the debt is lost. Trades
//! pay no fee here: fees make every attack dearer, and an attack that yields nothing without them yields
//! nothing.

pub mod arbitrage;
pub mod attacks;
pub mod calm;
pub mod delays;
pub mod ends;
pub mod forcing;
pub mod hunting;
pub mod market;
pub mod matches;
pub mod orders;
pub mod paths;
pub mod prices;
pub mod pump;
pub mod report;
pub mod rules;

pub use market::Market;
pub use report::{run, Report, Settings};
pub use rules::Rules;

use thiserror::Error;

/// Why a simulation was refused, or broke.
#[derive(Debug, Error)]
pub enum SimulationError {
    #[error(transparent)]
    Math(#[from] math::MathError),
    #[error(transparent)]
    Leverage(#[from] math::LeverageError),
    #[error("line {line}: {text:?} is no time and close, such as 2023-03-10T00:00Z,20371.04")]
    Line { line: usize, text: String },
    #[error("{found} closes are fewer than the {needed} that the market takes")]
    TooFewCloses { found: usize, needed: usize },
}
