use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::MarketError,
    state::{CurveSwitch, Market, Venue},
};

#[derive(Accounts)]
pub struct SwitchCurve<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
}

#[event]
pub struct CurveSwitched {
    pub header: EventHeader,
    pub market: Pubkey,
    /// Of the pm-AMM.
    pub depth: u64,
}

/// Turns an LMSR that offers it into a pm-AMM near the market's end, once, at the same price and
/// backed by what the pool holds; anybody.
pub fn handle_switch_curve(ctx: Context<SwitchCurve>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_trading(now.seconds)?;
    market.require_switch(now.seconds)?;
    market.observe(now)?;
    market.pool.switch_to_pm_amm().map_err(MarketError::from)?;
    market.curve_switch = CurveSwitch::Done as u8;
    market.require_solvent()?;
    emit!(CurveSwitched {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        depth: market.pool.depth,
    });
    Ok(())
}
