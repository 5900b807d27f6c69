use anchor_lang::prelude::*;
use market_core::settlement::MarketStatus;
use oracle::Observation;
use program_kit::EventHeader;

use crate::{error::MarketError, state::Market};

#[derive(Accounts)]
pub struct Finalize<'info> {
    #[account(
        mut,
        constraint = market.load()?.evidence.observation == observation.key() @ MarketError::WrongObservation,
        constraint = market.load()?.evidence.strike_observation == strike_observation.key() @ MarketError::WrongObservation,
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market; there need not be one. If there is, it must not contradict.
    pub observation: UncheckedAccount<'info>,
    /// CHECK: as `observation`; the default key where strikes are fixed.
    pub strike_observation: UncheckedAccount<'info>,
}

#[event]
pub struct MarketFinalized {
    pub header: EventHeader,
    pub market: Pubkey,
    pub value: i64,
    pub result: i64,
}

/// Settles a market on a proposal that nobody disputed in time; anybody. Where the providers
/// contradict themselves, the market is the arbiters' to resolve, however late somebody shows it.
pub fn handle_finalize(ctx: Context<Finalize>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    require!(market.is(MarketStatus::Proposed), MarketError::NotProposed);
    require_gte!(
        clock.unix_timestamp,
        market.dispute_until,
        MarketError::DisputeWindowOpen
    );
    require_not_contradicted(&market, &accounts.observation)?;
    if market.evidence.strike_at_ms().is_some() {
        require_not_contradicted(&market, &accounts.strike_observation)?;
    }

    let value = market.proposed_value;
    market.resolve(value, &clock)?;
    market.require_solvent()?;
    emit!(MarketFinalized {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        value,
        result: market.result_of(value)?,
    });
    Ok(())
}

/// What is at `account` must say what the market took from there, if anything is.
fn require_not_contradicted(market: &Market, account: &AccountInfo) -> Result<()> {
    if let Some(found) = Observation::find(account)? {
        require!(!found.is_conflicted(), MarketError::ObservationConflicted);
        let is_contradicted = market.is_contradicted(account.key, &found)?;
        require!(!is_contradicted, MarketError::ObservationDisagrees);
    }
    Ok(())
}
