use anchor_lang::prelude::*;
use oracle::Observation;

use crate::{
    error::MarketError,
    state::{Market, MarketStatus},
};

#[derive(Accounts)]
pub struct Finalize<'info> {
    #[account(mut, has_one = observation @ MarketError::WrongObservation)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market; there need not be one. If there is, it must not be conflicted.
    pub observation: UncheckedAccount<'info>,
}

#[event]
pub struct MarketFinalized {
    pub market: Pubkey,
    pub sequence: u64,
    pub value: i64,
    pub result: i64,
}

/// Settles a market on a proposal that nobody disputed in time; anybody. Where the providers
/// contradict themselves, the market is the arbiters' to resolve, however late somebody shows it.
pub fn handle_finalize(ctx: Context<Finalize>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    require_eq!(
        market.status,
        MarketStatus::Proposed as u8,
        MarketError::NotProposed
    );
    require_gte!(now, market.dispute_deadline, MarketError::DisputeWindowOpen);
    let is_conflicted =
        Observation::find(&accounts.observation)?.is_some_and(|found| found.is_conflicted());
    require!(!is_conflicted, MarketError::ObservationConflicted);

    let value = market.proposed_value;
    market.resolve(value)?;
    market.assert_solvent()?;
    emit!(MarketFinalized {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        value,
        result: market.result_of(value)?,
    });
    Ok(())
}
