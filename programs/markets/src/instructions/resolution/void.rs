use anchor_lang::prelude::*;
use market_core::settlement::MarketStatus;
use program_kit::EventHeader;

use crate::{
    error::MarketError,
    state::{Market, Venue},
};

#[derive(Accounts)]
pub struct Void<'info> {
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut, has_one = venue @ MarketError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
}

#[event]
pub struct MarketVoided {
    pub header: EventHeader,
    pub market: Pubkey,
    /// What a share of each outcome pays, Q1.63.
    pub payouts: Vec<u64>,
}

/// Settles a market at its slow prices when its time is over, without a proposal or without the
/// arbiters' word; anybody. Bonds go back.
pub fn handle_void(ctx: Context<Void>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.venue.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;
    let until = if market.settlement.is_open() {
        market.proposal_until
    } else {
        require!(
            market.is(MarketStatus::Disputed),
            MarketError::DeadlineNotPassed
        );
        market.arbitration_until
    };
    require_gte!(now.seconds, until, MarketError::DeadlineNotPassed);

    market.void(now)?;
    market.require_solvent()?;
    emit!(MarketVoided {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        payouts: market
            .settlement
            .payouts
            .iter()
            .take(usize::from(market.pool.outcomes))
            .copied()
            .collect(),
    });
    Ok(())
}
