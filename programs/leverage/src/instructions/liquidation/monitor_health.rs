use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{BasisPoints, Money, Position, Shares};
use program_kit::EventHeader;

use crate::{
    error::LoanError,
    state::{LendingPool, LeveredPosition, ListedMarket, MARK_BOUNTY_LAMPORTS},
};

/// How a position stands.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// What a sale of its shares returns now, the market's fee deducted, base units.
    pub value: u64,
    /// What it owes the lenders, and what the insurance; base units.
    pub debt: u64,
    pub fee: u64,
    /// What of its shares would be sold now; 0 while it owes less than it may.
    pub shares_to_sell: u64,
    /// Slot in which it was marked; 0 if it is not.
    pub marked_slot: u64,
}

#[derive(Accounts)]
pub struct MonitorHealth<'info> {
    /// CHECK: any address; gets the bounty.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = market @ LoanError::WrongAccount,
        has_one = venue @ LoanError::WrongAccount,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    #[account(mut, has_one = listing @ LoanError::WrongAccount)]
    pub position: Account<'info, LeveredPosition>,
    pub venue: AccountLoader<'info, Venue>,
    pub market: AccountLoader<'info, Market>,
}

#[event]
pub struct HealthChanged {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub executor: Pubkey,
    pub health: Health,
    pub bounty_lamports: u64,
}

/// Says how a position stands. Marks it if it owes as much as it may, and takes the mark away if it does
/// not any more; the first who marks it gets its bounty. While the venue is paused, when not everybody can
/// answer prices, nothing is marked.
pub fn handle_monitor_health(ctx: Context<MonitorHealth>) -> Result<Health> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let mut health = accounts.health(&clock)?;
    let is_due = health.shares_to_sell > 0;
    let position = &mut accounts.position;
    let lasts = accounts
        .listing
        .load()?
        .parameters
        .at(clock.unix_timestamp)
        .mark_lasts_slots;
    let is_marked = position.is_marked_at(clock.slot, 0, lasts);
    if is_due == is_marked && (is_due || position.marked_slot == 0) {
        return Ok(health);
    }
    let venue = accounts.venue.load()?;
    if is_due && venue.pauses.is_paused(clock.unix_timestamp) {
        return Ok(health);
    }
    position.marked_slot = if is_due { clock.slot } else { 0 };
    health.marked_slot = position.marked_slot;
    let pays = is_due && core::mem::take(&mut position.has_bounty);
    let bounty_lamports = if pays { MARK_BOUNTY_LAMPORTS } else { 0 };
    emit!(HealthChanged {
        header: accounts.listing.load_mut()?.next_event(&clock)?,
        listing: position.listing,
        position: position.key(),
        owner: position.owner,
        executor: accounts.executor.key(),
        health,
        bounty_lamports,
    });
    position.sub_lamports(bounty_lamports)?;
    accounts.executor.add_lamports(bounty_lamports)?;
    Ok(health)
}

impl MonitorHealth<'_> {
    #[inline(never)]
    fn health(&mut self, clock: &Clock) -> Result<Health> {
        Health::of(
            &mut *self.pool.load_mut()?,
            &mut *self.listing.load_mut()?,
            &mut self.position,
            &*self.market.load()?,
            clock.unix_timestamp,
        )
    }
}

impl Health {
    /// How a position stands at `now`, unix seconds, up to which interest and fee are counted.
    ///
    /// # Errors
    /// [`LoanError::TradingOver`], those of the formulas.
    pub fn of(
        pool: &mut LendingPool,
        listing: &mut ListedMarket,
        position: &mut LeveredPosition,
        market: &Market,
        now: i64,
    ) -> Result<Self> {
        pool.accrue(now)?;
        listing.accrue_jump(now);
        let debt = pool.book.debt(Shares(position.debt_shares));
        let debt = debt.map_err(LoanError::from)?;
        position.accrue_jump_fee(listing, debt.0)?;
        let (held, left) = (held(market, position, now)?, seconds_left(market, now));
        let value = match held.shares {
            Shares::ZERO => Money::ZERO,
            _ => market.pool.sale_value(held).map_err(LoanError::from)?,
        };
        let rules = listing.parameters.at(now).rules();
        let sale = rules.forced_sale(&market.pool, held, debt, left);
        let sale = sale.map_err(LoanError::from)?;
        Ok(Self {
            value: value.0,
            debt: debt.0,
            fee: position.jump_fee,
            shares_to_sell: sale.map_or(0, |sale| sale.shares.0),
            marked_slot: position.marked_slot,
        })
    }
}

/// What a position has in its market.
///
/// # Errors
/// [`LoanError::TradingOver`].
pub(super) fn held(market: &Market, position: &LeveredPosition, now: i64) -> Result<Position> {
    require!(!market.is_trading_over(now), LoanError::TradingOver);
    Ok(Position {
        outcome: position.outcome.into(),
        shares: Shares(position.shares),
        fees: BasisPoints(market.fee_rate).into(),
    })
}

/// Until the end of trading.
pub(super) fn seconds_left(market: &Market, now: i64) -> u64 {
    let left = market.hours.trading_until.saturating_sub(now);
    left.max(0).unsigned_abs()
}
