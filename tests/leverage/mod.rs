//! Loans against shares of standard markets.

mod lenders;
mod life;
mod liquidation;
