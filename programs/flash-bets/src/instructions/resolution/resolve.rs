use anchor_lang::prelude::*;
use market_core::Observed;
use oracle::Observation;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, MAX_OUTCOMES},
};

#[derive(Accounts)]
pub struct Resolve<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    pub observation: AccountLoader<'info, Observation>,
    /// Named by the market as where the observation of its strike is, or would be. Of an
    /// up/down market only.
    ///
    /// CHECK: as said; if there is one, it must not be contradicted.
    pub strike_observation: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct MarketResolved {
    pub header: EventHeader,
    pub market: Pubkey,
    /// The observation, or the root whose result it is.
    pub source: Pubkey,
    pub value: i64,
    pub winning_outcome: u8,
    /// What a share of each outcome pays, Q1.63.
    pub payouts: [u64; MAX_OUTCOMES],
    pub pool_cash: u64,
    pub pool_fees: u64,
}

/// Settles a market on what an observation shows; anybody. Before the lock too, where the market waits
/// for the answer to a question: it is over when that is known. Not on a strike that is contradicted:
/// then the market is void.
pub fn handle_resolve(ctx: Context<Resolve>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.settlement.require_open().map_err(FlashError::from)?;
    let observed = Observed::from(&*accounts.observation.load()?);
    let evidence = &market.evidence;
    evidence
        .require_observation(evidence.observers(), &observed)
        .map_err(FlashError::from)?;
    market.require_strike_uncontradicted(accounts.strike_observation.as_deref())?;

    let source = accounts.observation.key();
    settle(
        &mut market,
        accounts.market.key(),
        source,
        observed.value,
        &clock,
    )
}

/// Settles a market on a value that the caller has found right, and says so.
///
/// # Errors
/// Those of the market.
pub fn settle(
    market: &mut FlashMarket,
    address: Pubkey,
    source: Pubkey,
    value: i64,
    clock: &Clock,
) -> Result<()> {
    market.resolve(value, clock)?;
    emit!(MarketResolved {
        header: market.next_event(clock)?,
        market: address,
        source,
        value,
        winning_outcome: market.settlement.winning_outcome,
        payouts: market.settlement.payouts,
        pool_cash: market.pool.cash,
        pool_fees: market.pool.fees,
    });
    Ok(())
}
