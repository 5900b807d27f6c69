//! Loans against shares of standard markets.

mod life;
