use anchor_lang::prelude::*;
use oracle::Observation;

use crate::{
    error::MarketError,
    state::{Market, MarketStatus},
};

#[derive(Accounts)]
pub struct Finalize<'info> {
    #[account(
        mut,
        has_one = observation @ MarketError::WrongObservation,
        has_one = strike_observation @ MarketError::WrongObservation,
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market; there need not be one. If there is, it must not contradict.
    pub observation: UncheckedAccount<'info>,
    /// CHECK: as `observation`; the default key where strikes are fixed.
    pub strike_observation: UncheckedAccount<'info>,
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
    for account in [&accounts.observation, &accounts.strike_observation] {
        if let Some(found) = Observation::find(account)? {
            require!(!found.is_conflicted(), MarketError::ObservationConflicted);
            let is_contradicted = market.is_contradicted(account.key, &found)?;
            require!(!is_contradicted, MarketError::ObservationDisagrees);
        }
    }

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
