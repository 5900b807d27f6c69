use anchor_lang::prelude::*;

use crate::{
    error::MarketError,
    state::{Market, MarketStatus},
};

#[derive(Accounts)]
pub struct Void<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
}

#[event]
pub struct MarketVoided {
    pub market: Pubkey,
    pub sequence: u64,
    /// What a share of each outcome pays, Q1.63.
    pub payouts: Vec<u64>,
}

/// Settles a market at its slow prices when its time is over, without a proposal or without the
/// arbiters' word; anybody. Bonds go back.
pub fn handle_void(ctx: Context<Void>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_not_settled()?;
    let deadline = if market.is_open() {
        market.proposal_deadline
    } else {
        require_eq!(
            market.status,
            MarketStatus::Disputed as u8,
            MarketError::DeadlineNotPassed
        );
        market.arbitration_deadline
    };
    require_gte!(
        clock.unix_timestamp,
        deadline,
        MarketError::DeadlineNotPassed
    );

    market.void(&clock)?;
    market.assert_solvent()?;
    emit!(MarketVoided {
        market: accounts.market.key(),
        sequence: market.next_sequence()?,
        payouts: market
            .payouts
            .iter()
            .take(usize::from(market.pool.outcomes))
            .copied()
            .collect(),
    });
    Ok(())
}
