use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, Vault, MAX_OUTCOMES},
};

#[derive(Accounts)]
pub struct Void<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market as where its observation is, or would be.
    pub observation: UncheckedAccount<'info>,
    /// Named by the market as where the observation of its strike is, or would be. Of an
    /// up/down market only.
    ///
    /// CHECK: as said.
    pub strike_observation: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct FlashMarketVoided {
    pub header: EventHeader,
    pub market: Pubkey,
    /// What a share of each outcome pays, Q1.63.
    pub payouts: [u64; MAX_OUTCOMES],
    pub pool_cash: u64,
    pub pool_fees: u64,
}

/// Settles a market at its slow prices; anybody.
///
/// At once if what it waits for, or took its strike from, is contradicted, or is no outcome under its
/// rule: no other can take its place, and a market that will be void must not be traded. After the
/// deadline unless an observation names an outcome, on which it can be resolved.
pub fn handle_void(ctx: Context<Void>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.vault.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.settlement.require_open().map_err(FlashError::from)?;
    let result = market.find_result(&accounts.observation)?;
    let strike = market.find_strike(accounts.strike_observation.as_deref())?;
    market.require_voidable(result, strike, clock.unix_timestamp)?;

    market.void(now)?;
    emit!(FlashMarketVoided {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        payouts: market.settlement.payouts,
        pool_cash: market.pool.cash,
        pool_fees: market.pool.fees,
    });
    Ok(())
}
