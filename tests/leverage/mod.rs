//! Loans against shares of standard markets.

mod governance;
mod lenders;
mod life;
mod liquidation;
