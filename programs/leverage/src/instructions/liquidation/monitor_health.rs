use anchor_lang::prelude::*;
use markets::{
    program::Markets,
    state::{Market, Venue},
};
use math::{Money, Shares};
use program_kit::EventHeader;

use super::due::{held, is_final, is_lasting, seconds_left};
use crate::{
    error::LoanError,
    instructions::trading::poke,
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
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    pub markets_program: Program<'info, Markets>,
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

/// Says how a position stands. Marks it if something of it is to be sold, and takes a mark away that is
/// too old, or at whose average price nothing is; the first who marks it gets its bounty. While the venue
/// is paused, when not everybody can answer prices, nothing is marked.
pub fn handle_monitor_health(ctx: Context<MonitorHealth>) -> Result<Health> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    poke(&accounts.markets_program, &accounts.venue, &accounts.market)?;
    let mut health = accounts.health(&clock)?;
    let Some(is_marked) = accounts.new_mark(&health, &clock)? else {
        return Ok(health);
    };
    let position = &mut accounts.position;
    let market = accounts.market.load()?;
    position.mark(is_marked.then_some(&*market), now)?;
    health.marked_slot = position.marked_slot;
    let pays = is_marked && core::mem::take(&mut position.has_bounty);
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
    /// Whether the position gets a mark, or loses it; `None` if nothing changes.
    fn new_mark(&self, health: &Health, clock: &Clock) -> Result<Option<bool>> {
        let (now, position) = (clock.unix_timestamp, &self.position);
        let (venue, market) = (self.venue.load()?, self.market.load()?);
        let parameters = self.listing.load()?.parameters.at(now);
        let is_marked = position.is_marked_at(clock.slot, 0, parameters.mark_lasts_slots);
        let is_due = health.shares_to_sell > 0;
        if !is_marked {
            let may_mark = is_due && !venue.pauses.is_paused(now);
            let is_old = position.marked_slot > 0;
            return Ok((may_mark || is_old).then_some(may_mark));
        }
        if is_due || position.average_since_mark(&market, &venue, now)?.is_none() {
            return Ok(None);
        }
        // Not by a price of a moment either.
        let (rules, debt) = (parameters.rules(), Money(health.debt));
        let lasts =
            debt > Money::ZERO && is_lasting(&rules, &market, &venue, position, debt, now, false)?;
        Ok((!lasts).then_some(false))
    }

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
        let parameters = listing.parameters.at(now);
        let rules = parameters.rules();
        let sale = if is_final(market, &parameters, now) {
            rules.final_sale(&market.pool, held, debt)
        } else {
            rules.forced_sale(&market.pool, held, debt, left)
        };
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
