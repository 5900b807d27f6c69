use anchor_lang::prelude::*;
use market_core::Halt;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, Vault},
};

#[derive(Accounts)]
pub struct ResumeMarket<'info> {
    pub operator: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
}

#[event]
pub struct MarketResumed {
    pub header: EventHeader,
    pub market: Pubkey,
    /// Seconds of suspension that are left.
    pub suspension_left_seconds: u32,
}

/// Ends a suspension early; the seconds that were not used are left for another one, but for what
/// every suspension costs.
pub fn handle_resume_market(ctx: Context<ResumeMarket>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = {
        let vault = accounts.vault.load()?;
        vault.require_operator(&accounts.operator, clock.unix_timestamp)?;
        vault.now(&clock)
    };
    let mut market = accounts.market.load_mut()?;
    market.settlement.require_open().map_err(FlashError::from)?;
    require!(
        market.is_suspended(now.seconds),
        FlashError::MarketNotSuspended
    );

    market.observe(now)?;
    let least = i64::from(market.least_suspension_seconds());
    let Halt { from, until } = market.suspension;
    let paid_until = now.seconds.max(from.saturating_add(least));
    let unused = until.saturating_sub(paid_until).max(0);
    let unused = u32::try_from(unused).map_err(|_| FlashError::Overflow)?;
    market.suspension_left_seconds = market
        .suspension_left_seconds
        .checked_add(unused)
        .ok_or(FlashError::Overflow)?;
    market.suspension.until = now.seconds;
    emit!(MarketResumed {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        suspension_left_seconds: market.suspension_left_seconds,
    });
    Ok(())
}
