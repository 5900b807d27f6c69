use anchor_lang::prelude::*;
use market_core::Halt;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, Vault},
};

#[derive(Accounts)]
pub struct SuspendMarket<'info> {
    pub operator: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
}

#[event]
pub struct MarketSuspended {
    pub header: EventHeader,
    pub market: Pubkey,
    /// First second after the suspension.
    pub until: i64,
    /// Seconds of suspension that are left.
    pub suspension_left_seconds: u32,
}

/// Stops trading for some seconds, and returns the orders that wait. It ends by itself, and all
/// suspensions of a market together are bounded. Each costs at least the time that an order waits and
/// can be executed in, however short it is: one returns every such order. Prices have no weight
/// meanwhile.
pub fn handle_suspend_market(ctx: Context<SuspendMarket>, seconds: u32) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = {
        let vault = accounts.vault.load()?;
        vault.require_operator(&accounts.operator, clock.unix_timestamp)?;
        vault.now(&clock)
    };
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    require_gt!(seconds, 0, FlashError::SuspensionOutOfRange);
    let cost_seconds = seconds.max(market.least_suspension_seconds());

    market.observe(now)?;
    market.suspension_left_seconds = market
        .suspension_left_seconds
        .checked_sub(cost_seconds)
        .ok_or(FlashError::SuspensionOutOfRange)?;
    market.suspension = Halt {
        from: now.seconds,
        until: now
            .seconds
            .checked_add(i64::from(seconds))
            .ok_or(FlashError::Overflow)?,
    };
    market.last_suspended_slot = clock.slot;
    emit!(MarketSuspended {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        until: market.suspension.until,
        suspension_left_seconds: market.suspension_left_seconds,
    });
    Ok(())
}
