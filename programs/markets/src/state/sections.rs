//! The sections of a market that every program of markets has, in this program's size.

use anchor_lang::prelude::*;

use super::{MAX_OUTCOMES, MAX_STRIKES};

market_core::sections! {
    #[zero_copy]
    #[derive(Debug, PartialEq, Eq)]
    #[repr(C)]
    outcomes: MAX_OUTCOMES, strikes: MAX_STRIKES, key: Pubkey,
    MarketPool, MarketRule, MarketSettlement, MarketEvidence
}
