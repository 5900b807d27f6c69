//! Loans against shares of standard markets.

mod accounts;
mod governance;
mod lenders;
mod life;
mod liquidation;
