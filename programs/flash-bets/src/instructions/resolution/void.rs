use anchor_lang::prelude::*;

use crate::{
    error::FlashError,
    state::{FlashMarket, MAX_OUTCOMES},
};

#[derive(Accounts)]
pub struct Void<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
}

#[event]
pub struct MarketVoided {
    pub market: Pubkey,
    pub sequence: u64,
    /// What a share of each outcome pays, Q1.63.
    pub payouts: [u64; MAX_OUTCOMES],
}

/// Settles a market whose deadline passed without a proof at its slow prices; anybody.
pub fn handle_void(ctx: Context<Void>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    require_gte!(
        clock.unix_timestamp,
        market.void_from,
        FlashError::DeadlineNotPassed
    );

    market.void(&clock)?;
    emit!(MarketVoided {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        payouts: market.payouts,
    });
    Ok(())
}
