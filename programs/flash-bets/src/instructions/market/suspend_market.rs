use anchor_lang::prelude::*;

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
    pub market: Pubkey,
    pub sequence: u64,
    /// First slot after the suspension.
    pub until: u64,
    /// Slots of suspension that are left.
    pub suspension_left: u64,
}

/// Stops trading for some slots, and returns the orders that wait. It ends by itself, and all
/// suspensions of a market together are bounded.
pub fn handle_suspend_market(ctx: Context<SuspendMarket>, slots: u64) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    accounts
        .vault
        .load()?
        .require_operator(&accounts.operator, clock.unix_timestamp)?;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    require!(
        (1..=market.suspension_left).contains(&slots),
        FlashError::SuspensionOutOfRange
    );

    market.suspended_until = clock.slot.checked_add(slots).ok_or(FlashError::Overflow)?;
    market.suspension_left = market.suspension_left.saturating_sub(slots);
    market.last_suspended_slot = clock.slot;
    emit!(MarketSuspended {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        until: market.suspended_until,
        suspension_left: market.suspension_left,
    });
    Ok(())
}
