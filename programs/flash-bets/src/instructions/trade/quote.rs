use anchor_lang::prelude::*;
use market_core::TradeReceipt;

use crate::state::{FlashMarket, Order};

#[derive(Accounts)]
pub struct Quote<'info> {
    pub market: AccountLoader<'info, FlashMarket>,
}

/// Returns what an order would come to now, and changes nothing. In a market with a bet delay the
/// order is executed later, at the price of that moment.
pub fn handle_quote(ctx: Context<Quote>, outcome: u8, order: Order) -> Result<TradeReceipt> {
    let market = ctx.accounts.market.load()?;
    let fill = market.quote(&Clock::get()?, outcome, order)?;
    Ok(fill.into())
}
