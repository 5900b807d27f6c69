use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use program_kit::EventHeader;

use crate::{
    error::OrderError,
    state::{AnyMarket, Batch, BatchStatus, Desk, MarketCopy},
};

#[derive(Accounts)]
pub struct PriceBatch<'info> {
    /// CHECK: any address; gets the tip.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    pub venue: AccountLoader<'info, Venue>,
    pub market: AccountLoader<'info, Market>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub batch: Box<Account<'info, Batch>>,
}

#[event]
pub struct BatchPriced {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub batch: Pubkey,
    pub executor: Pubkey,
    /// After it: pricing, or priced, and then the price of a share of the first outcome, Q1.63.
    pub status: BatchStatus,
    pub price: u64,
    pub tip_lamports: u64,
}

/// Begins to average the price once the commitments are over, and fixes it at the second call.
pub fn handle_price_batch(ctx: Context<PriceBatch>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let is_time = now >= accounts.batch.commit_until && now <= accounts.batch.pricing_until();
    require!(is_time, OrderError::NotPricing);
    accounts.price(&clock)?;
    let tip = accounts.tip()?;
    let mut desk = accounts.desk.load_mut()?;
    emit!(BatchPriced {
        header: desk.next_event(&clock)?,
        desk: accounts.desk.key(),
        market: desk.market,
        batch: accounts.batch.key(),
        executor: accounts.executor.key(),
        status: accounts.batch.status,
        price: accounts.batch.price,
        tip_lamports: tip,
    });
    drop(desk);
    accounts.batch.sub_lamports(tip)?;
    accounts.executor.add_lamports(tip)?;
    Ok(())
}

impl PriceBatch<'_> {
    /// While anybody could answer a price that is off.
    #[inline(never)]
    fn price(&mut self, clock: &Clock) -> Result<()> {
        let now = self.venue.load()?.now(clock);
        require!(!now.is_paused(), OrderError::VenuePaused);
        let market = MarketCopy::standard_up_to_date(self.market.as_ref(), now)?;
        AnyMarket::Standard(&market).require_trading(now.seconds)?;
        match self.batch.status {
            BatchStatus::Open => self.batch.begin_pricing(&market),
            BatchStatus::Pricing => self.batch.fix_price(&market)?,
            _ => return Err(OrderError::NotPricing.into()),
        }
        Ok(())
    }

    fn tip(&mut self) -> Result<u64> {
        let lamports = spare_lamports(&self.batch.to_account_info())?;
        Ok(self.batch.step_tip(lamports))
    }
}

/// Lamports of an account beside its rent.
///
/// # Errors
/// Those of the sysvar.
pub fn spare_lamports(account: &AccountInfo) -> Result<u64> {
    let rent = Rent::get()?.minimum_balance(account.data_len());
    Ok(account.lamports().saturating_sub(rent))
}
