//! Loans against shares of standard markets.

mod accounts;
mod attacks;
mod budgets;
mod calm;
mod common;
mod deleverage;
mod endings;
mod governance;
mod lenders;
mod life;
mod liquidation;
mod properties;
mod rents;
mod roles;
mod spoiled;
mod timing;
