use anchor_lang::prelude::*;

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
    pub market: Pubkey,
    pub sequence: u64,
    /// Slots of suspension that are left.
    pub suspension_left: u64,
}

/// Ends a suspension early; the slots that were not used are left for another one. The slot in which
/// it began is always used: a suspension returns the orders that wait, and is never free.
pub fn handle_resume_market(ctx: Context<ResumeMarket>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    accounts
        .vault
        .load()?
        .require_operator(&accounts.operator, clock.unix_timestamp)?;
    let mut market = accounts.market.load_mut()?;
    market.require_open()?;
    require!(
        market.is_suspended(clock.slot),
        FlashError::MarketNotSuspended
    );

    let used_until = clock.slot.max(market.last_suspended_slot.saturating_add(1));
    let unused = market.suspended_until.saturating_sub(used_until);
    market.suspension_left = market
        .suspension_left
        .checked_add(unused)
        .ok_or(FlashError::Overflow)?;
    market.suspended_until = clock.slot;
    emit!(MarketResumed {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        suspension_left: market.suspension_left,
    });
    Ok(())
}
