use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{program::Markets, state::Venue};
use program_kit::{EventHeader, Purse};

use super::spare_lamports;
use crate::{
    error::OrderError,
    instructions::trading::trading,
    state::{ask_market, Batch, BatchStatus, Desk, Held, CROSSING_SECONDS},
};

#[derive(Accounts)]
pub struct CrossBatch<'info> {
    /// CHECK: any address; gets the tip.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub batch: Box<Account<'info, Batch>>,
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: named by the desk; may be closed once the desk is settled.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: checked to be the desk's where sets are bought; may be closed once the desk is settled.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
}

#[event]
pub struct BatchCrossed {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub batch: Pubkey,
    pub executor: Pubkey,
    /// Crossed or void.
    pub status: BatchStatus,
    /// Of a share of the first outcome, Q1.63.
    pub price: u64,
    /// Shares of each outcome that were bought, for a base unit each set, and what each side paid.
    pub sets: u64,
    pub paid: [u64; 2],
    /// Orders within their limits, by outcome.
    pub within_limit: [u32; 2],
    /// Base units: bonds of those who did not reveal, and what of them is the treasury's.
    pub forfeited: u64,
    pub treasury_due: u64,
    pub tip_lamports: u64,
    /// After it.
    pub desk_cash: u64,
}

/// Buys complete sets for both sides of a batch, or gives everything back where nothing can cross.
pub fn handle_cross_batch(ctx: Context<CrossBatch>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require!(!accounts.batch.is_done(), OrderError::BatchDone);
    let forfeited = accounts.batch.unrevealed_bonds;
    let (sets, paid) = if accounts.is_void(clock.unix_timestamp)? {
        accounts.batch.status = BatchStatus::Void;
        (0, [0; 2])
    } else {
        accounts.require_crossing(clock.unix_timestamp)?;
        let crossing = accounts.batch.crossing()?;
        accounts.batch.book(crossing)?;
        (crossing.sets, crossing.paid.map(|paid| paid.0))
    };
    accounts.split(sets)?;
    let lamports = spare_lamports(&accounts.batch.to_account_info())?;
    let tip = accounts.batch.step_tip(lamports);
    let batch = &accounts.batch;
    let mut desk = accounts.desk.load_mut()?;
    desk.add(0, 0, sets)?;
    desk.take(1, sets, 0)?;
    desk.add(1, 0, sets)?;
    emit!(BatchCrossed {
        header: desk.next_event(&clock)?,
        desk: batch.desk,
        market: desk.market,
        batch: batch.key(),
        executor: accounts.executor.key(),
        status: batch.status,
        price: batch.price,
        sets,
        paid,
        within_limit: batch.within_limit,
        forfeited,
        treasury_due: batch.treasury_due,
        tip_lamports: tip,
        desk_cash: desk.cash,
    });
    drop(desk);
    accounts.batch.sub_lamports(tip)?;
    accounts.executor.add_lamports(tip)?;
    let (desk, tokens) = (&accounts.desk, &accounts.desk_tokens);
    Purse::new(desk, tokens, &accounts.token_program)?.assert_backed()
}

impl CrossBatch<'_> {
    /// Whether nothing can cross any more.
    fn is_void(&self, now: i64) -> Result<bool> {
        if self.batch.is_lapsed(now) || self.desk.load()?.is_settled() {
            return Ok(true);
        }
        let is_over = ask_market(&self.market, |market| market.is_trading_over(now))?;
        let given_up = self.batch.reveal_until().saturating_add(CROSSING_SECONDS);
        Ok(is_over || now > given_up)
    }

    fn require_crossing(&self, now: i64) -> Result<()> {
        let is_revealed =
            self.batch.status == BatchStatus::Priced && self.batch.is_revealing_over(now);
        require!(is_revealed, OrderError::StillRevealing);
        let is_paused = self.venue.load()?.pauses.is_paused(now);
        require!(!is_paused, OrderError::VenuePaused);
        Ok(())
    }

    fn split(&self, sets: u64) -> Result<()> {
        if sets == 0 {
            return Ok(());
        }
        // The markets' program takes any position of the market: who pays need not own it.
        let held = Held::in_account(&self.desk_position)?;
        held.require_of(self.market.key, &self.desk.key())?;
        trading!(self, markets_program).split(sets)
    }
}
