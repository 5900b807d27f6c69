use anchor_lang::prelude::*;

use crate::{
    error::FlashError,
    state::{FlashMarket, MarketStatus, MAX_OUTCOMES, NO_OUTCOME},
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

    market.observe(clock.slot)?;
    let payouts = market
        .pool
        .pool()
        .void_payouts()
        .map_err(FlashError::from)?;
    market.settle(MarketStatus::Void, NO_OUTCOME, payouts);
    market.assert_solvent()?;
    emit!(MarketVoided {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        payouts: market.payouts,
    });
    Ok(())
}
