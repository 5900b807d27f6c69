use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OrderError,
    state::{Batch, BatchStatus, Desk, Revealed, SealedOrder, SealedTerms},
};

#[derive(Accounts)]
pub struct RevealOrder<'info> {
    #[account(mut)]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub batch: Box<Account<'info, Batch>>,
    #[account(mut, has_one = batch @ OrderError::WrongAccount)]
    pub sealed_order: Box<Account<'info, SealedOrder>>,
}

#[event]
pub struct OrderRevealed {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub batch: Pubkey,
    pub sealed_order: Pubkey,
    pub owner: Pubkey,
    pub outcome: u8,
    /// Q1.63.
    pub limit: u64,
    pub is_within_limit: bool,
    /// After it: orders within their limits, by outcome.
    pub within_limit: [u32; 2],
}

/// Shows what a sealed order buys, once the price is fixed; whoever has its terms.
pub fn handle_reveal_order(ctx: Context<RevealOrder>, terms: SealedTerms) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let batch = &mut accounts.batch;
    let is_time =
        batch.status == BatchStatus::Priced && clock.unix_timestamp <= batch.reveal_until();
    require!(is_time, OrderError::NotRevealing);
    let sealed_order = &mut accounts.sealed_order;
    require!(sealed_order.revealed.is_none(), OrderError::AlreadyRevealed);
    let is_its = terms.commitment(&sealed_order.key()) == sealed_order.commitment;
    require!(is_its, OrderError::WrongTerms);
    let is_within_limit = batch.reveal(terms.outcome, terms.limit, sealed_order.bond)?;
    sealed_order.revealed = Some(Revealed {
        outcome: terms.outcome,
        is_within_limit,
    });
    let mut desk = accounts.desk.load_mut()?;
    emit!(OrderRevealed {
        header: desk.next_event(&clock)?,
        desk: accounts.desk.key(),
        market: desk.market,
        batch: batch.key(),
        sealed_order: sealed_order.key(),
        owner: sealed_order.owner,
        outcome: terms.outcome,
        limit: terms.limit,
        is_within_limit,
        within_limit: batch.within_limit,
    });
    Ok(())
}
