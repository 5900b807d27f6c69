use anchor_lang::prelude::*;
use market_core::Observed;
use oracle::Observation;
use program_kit::EventHeader;

use crate::{error::FlashError, state::FlashMarket};

#[derive(Accounts)]
pub struct SetStrike<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    pub observation: AccountLoader<'info, Observation>,
}

#[event]
pub struct FlashStrikeSet {
    pub header: EventHeader,
    pub market: Pubkey,
    pub observation: Pubkey,
    pub strike: i64,
}

/// Sets the strike of an up/down market from the observation at its opening; anybody.
pub fn handle_set_strike(ctx: Context<SetStrike>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.settlement.require_open().map_err(FlashError::from)?;
    let observed = Observed::from(&*accounts.observation.load()?);
    let evidence = &market.evidence;
    evidence
        .require_strike(evidence.observers(), &observed)
        .map_err(FlashError::from)?;

    market
        .rule
        .set_strike(observed.value)
        .map_err(FlashError::from)?;
    emit!(FlashStrikeSet {
        header: market.next_event(&Clock::get()?)?,
        market: accounts.market.key(),
        observation: accounts.observation.key(),
        strike: observed.value,
    });
    Ok(())
}
