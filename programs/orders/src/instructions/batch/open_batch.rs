use anchor_lang::prelude::*;
use markets::state::Market;
use math::CurveKind;
use program_kit::{increment, new_account::NewAccount, EventHeader};

use crate::{
    error::OrderError,
    state::{
        denomination, seeds, Batch, BatchStatus, Desk, BATCH_GRID_SECONDS, MIN_COMMIT_SECONDS,
        MIN_LEFT_SECONDS, REVEAL_SECONDS, VERSION,
    },
};

/// Readings of the price, and the crossing.
const STEPS: u8 = 3;

#[derive(Accounts)]
#[instruction(denomination_power: u8, commit_until: i64)]
pub struct OpenBatch<'info> {
    /// Pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut, has_one = market @ OrderError::WrongAccount)]
    pub desk: AccountLoader<'info, Desk>,
    pub market: AccountLoader<'info, Market>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [
            seeds::BATCH,
            desk.key().as_ref(),
            &[denomination_power],
            &commit_until.to_le_bytes(),
        ],
        bump,
    )]
    pub batch: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct BatchOpened {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub batch: Pubkey,
    pub rent_payer: Pubkey,
    /// Base units that each order puts in.
    pub denomination: u64,
    /// Unix seconds: the first after the commitments, and the last in which orders are revealed.
    pub commit_until: i64,
    pub reveal_until: i64,
}

/// Opens a batch of orders of one size, which ends its commitments at a quarter of an hour.
pub fn handle_open_batch(
    ctx: Context<OpenBatch>,
    denomination_power: u8,
    commit_until: i64,
) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    accounts.require_times(commit_until, clock.unix_timestamp)?;
    let batch = Batch {
        version: VERSION,
        bump: ctx.bumps.batch,
        status: BatchStatus::Open,
        denomination_power,
        steps_left: STEPS,
        desk: accounts.desk.key(),
        rent_payer: accounts.payer.key(),
        commit_until,
        priced_from_slot: 0,
        priced_from: [0; 2],
        price: 0,
        open_orders: 0,
        committed: 0,
        revealed: 0,
        within_limit: [0; 2],
        unrevealed_bonds: 0,
        claims: Default::default(),
        treasury_due: 0,
        reserved: [0; 64],
    };
    let mut desk = accounts.desk.load_mut()?;
    increment(&mut desk.open_orders).map_err(OrderError::from)?;
    emit!(BatchOpened {
        header: desk.next_event(&clock)?,
        desk: batch.desk,
        market: desk.market,
        batch: accounts.batch.key(),
        rent_payer: batch.rent_payer,
        denomination: denomination(denomination_power)?,
        commit_until,
        reveal_until: batch.reveal_until(),
    });
    drop(desk);
    accounts.create(&batch)
}

impl OpenBatch<'_> {
    /// Both sides cross by complete sets, which only two outcomes and chances that sum to one allow.
    fn require_times(&self, commit_until: i64, now: i64) -> Result<()> {
        let market = self.market.load()?;
        let is_pair = market.pool.outcomes == 2 && market.pool.kind != CurveKind::L2 as u8;
        require!(is_pair, OrderError::NoPair);
        require!(!market.is_trading_over(now), OrderError::TradingOver);
        let wait = MIN_COMMIT_SECONDS..=MIN_COMMIT_SECONDS.saturating_add(BATCH_GRID_SECONDS);
        let is_on_grid = commit_until.checked_rem(BATCH_GRID_SECONDS) == Some(0);
        require!(
            is_on_grid && wait.contains(&commit_until.saturating_sub(now)),
            OrderError::BatchTimesOutOfRange
        );
        let left = market.hours.trading_until.saturating_sub(commit_until);
        let needed = MIN_LEFT_SECONDS.saturating_add(REVEAL_SECONDS);
        require_gte!(left, needed, OrderError::BatchTooLate);
        Ok(())
    }

    fn create(&self, batch: &Batch) -> Result<()> {
        const SPACE: usize = Batch::DISCRIMINATOR.len() + Batch::INIT_SPACE;
        NewAccount {
            payer: &self.payer,
            account: &self.batch,
            system_program: &self.system_program,
            seeds: &[
                seeds::BATCH,
                batch.desk.as_ref(),
                &[batch.denomination_power],
                &batch.commit_until.to_le_bytes(),
                &[batch.bump],
            ],
        }
        .write(SPACE, batch)
    }
}
