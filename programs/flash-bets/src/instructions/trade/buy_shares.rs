use anchor_lang::prelude::*;
use market_core::TradeReceipt;

use super::place_bet::PlaceBet;
use crate::state::Order;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct FlashBuySharesArgs {
    pub outcome: u8,
    pub shares: u64,
    /// Most base units to pay, fee included.
    pub max_cost: u64,
    /// Lamports for whoever executes the order; without meaning in a market without bet delay.
    pub tip_lamports: u64,
}

/// Buys exactly so many shares, at once or, in a market with a bet delay, after the delay; the most
/// that they may cost waits in escrow, and what they do not cost of it goes back.
pub fn handle_buy_shares(
    ctx: Context<PlaceBet>,
    nonce: u64,
    args: FlashBuySharesArgs,
) -> Result<Option<TradeReceipt>> {
    let order = Order::Buy {
        shares: args.shares,
        max_cost: args.max_cost,
    };
    ctx.accounts
        .purchase(nonce, args.tip_lamports)
        .make(args.outcome, order)
}
