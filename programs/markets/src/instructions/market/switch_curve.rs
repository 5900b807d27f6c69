use anchor_lang::prelude::*;

use crate::{
    error::MarketError,
    state::{CurveSwitch, Market},
};

#[derive(Accounts)]
pub struct SwitchCurve<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

#[event]
pub struct CurveSwitched {
    pub market: Pubkey,
    pub sequence: u64,
    /// Of the pm-AMM.
    pub depth: u64,
}

/// Turns an LMSR that offers it into a pm-AMM near the market's end, once, at the same price and
/// backed by what the pool holds; anybody.
pub fn handle_switch_curve(ctx: Context<SwitchCurve>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    market.require_switch(clock.slot)?;
    market.observe(&clock)?;
    market
        .pool
        .pool_mut()
        .switch_to_pm_amm()
        .map_err(MarketError::from)?;
    market.curve_switch = CurveSwitch::Done as u8;
    market.assert_solvent()?;
    emit!(CurveSwitched {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        depth: market.pool.depth,
    });
    Ok(())
}
