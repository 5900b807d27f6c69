use anchor_lang::prelude::*;
use market_core::pool::Fill;

/// What a trade did, as its instruction returns it.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeReceipt {
    /// Bought or sold; of complete sets those of each outcome.
    pub shares: u64,
    /// Paid with the fee on top, or received with the fee deducted; base units.
    pub amount: u64,
    pub fee: u64,
}

impl TradeReceipt {
    /// Complete sets cost a base unit each.
    pub fn of_sets(amount: u64) -> Self {
        Self {
            shares: amount,
            amount,
            fee: 0,
        }
    }
}

impl From<Fill> for TradeReceipt {
    fn from(fill: Fill) -> Self {
        Self {
            shares: fill.shares.0,
            amount: fill.amount.0,
            fee: fill.fee.0,
        }
    }
}
