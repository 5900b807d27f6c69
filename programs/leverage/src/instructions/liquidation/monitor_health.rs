use anchor_lang::prelude::*;
use markets::state::{Market, Venue};
use math::{Money, Shares};
use program_kit::EventHeader;

use super::Standing;
use crate::{
    error::LoanError,
    state::{
        locked_pool, LendingPool, LeveredPosition, ListedMarket, LoanParameters, PriceMark,
        MARK_BOUNTY_LAMPORTS,
    },
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
    pub position: AccountLoader<'info, LeveredPosition>,
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

/// Says how a position stands. Marks it if something of it is to be sold, anew if nothing is by the average since its
/// mark, and takes a mark away that is too old, or at whose average price nothing is, on the liquidity that cannot
/// leave; the first who marks it gets its bounty. While the venue is paused, when not everybody can answer prices, nothing is marked.
pub fn handle_monitor_health(ctx: Context<MonitorHealth>) -> Result<Health> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let (mut health, new_mark) = accounts.look(&clock)?;
    let Some(mark) = new_mark else {
        return Ok(health);
    };
    let mut position = accounts.position.load_mut()?;
    position.mark(mark);
    health.marked_slot = position.marked_slot;
    let pays = mark.is_some() && core::mem::take(&mut position.has_bounty) != 0;
    let bounty_lamports = if pays { MARK_BOUNTY_LAMPORTS } else { 0 };
    emit!(HealthChanged {
        header: accounts.listing.load_mut()?.next_event(&clock)?,
        listing: position.listing,
        position: accounts.position.key(),
        owner: position.owner,
        executor: accounts.executor.key(),
        health,
        bounty_lamports,
    });
    accounts.position.sub_lamports(bounty_lamports)?;
    accounts.executor.add_lamports(bounty_lamports)?;
    Ok(health)
}

impl MonitorHealth<'_> {
    /// How the position stands, and the mark that it gets or, if that is none, loses; `None` if its mark stays.
    fn look(&self, clock: &Clock) -> Result<(Health, Option<Option<PriceMark>>)> {
        let (venue, market) = (self.venue.load()?, self.market.load()?);
        let mut listing = self.listing.load_mut()?;
        let position = self.position.load()?;
        let standing = Standing::now(&market, &venue, position.outcome, clock)?;
        let mut pool = self.pool.load_mut()?;
        let health = Health::of(&mut pool, &mut listing, &position, &standing)?;

        let parameters = listing.parameters.at(clock.unix_timestamp);
        let new_mark = standing.new_mark(&market, &parameters, &position, &health, clock)?;
        Ok((health, new_mark))
    }
}

impl Standing<'_> {
    /// The mark that a position gets or, if that is none, loses by how it stands; `None` if its mark stays.
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn new_mark(
        &self,
        market: &Market,
        parameters: &LoanParameters,
        position: &LeveredPosition,
        health: &Health,
        clock: &Clock,
    ) -> Result<Option<Option<PriceMark>>> {
        let (slot, debt) = (clock.slot, Money(health.debt));
        let may_mark = health.shares_to_sell > 0 && !self.is_paused(clock.unix_timestamp);
        let mark = Some(self.mark());
        if !position.is_marked_at(slot, 0, parameters.mark_lasts_slots) {
            let is_old = position.marked_slot > 0;
            return Ok((may_mark || is_old).then_some(mark.filter(|_| may_mark)));
        }
        if health.shares_to_sell > 0 {
            let is_new = may_mark && self.is_mark_in_the_way(parameters, position, debt, slot)?;
            return Ok(is_new.then_some(mark));
        }
        let Some(average) = self.average_since(&position.marked())? else {
            return Ok(None);
        };
        // Not by a price of a moment either, nor by liquidity of one: that alone is counted which cannot leave.
        let locked = locked_pool(market, 0)?;
        let standing = self.on(&locked, market, position.outcome)?;
        let rules = parameters.rules();
        let value = standing.value(position.shares)?;
        let is_final = standing.is_final(parameters);
        let sale = standing.sale(&rules, position, value, debt, is_final)?;
        let lasts = sale.is_some()
            || (debt > Money::ZERO
                && standing.is_lasting(&rules, position, debt, average, false)?);
        Ok((!lasts).then_some(None))
    }
}

impl Health {
    /// How a position stands. Interest is counted up to then, and what every debt of the listing owes to the
    /// insurance; not what this one does.
    ///
    /// # Errors
    /// Those of the formulas.
    #[inline(never)]
    pub fn of(
        pool: &mut LendingPool,
        listing: &mut ListedMarket,
        position: &LeveredPosition,
        standing: &Standing,
    ) -> Result<Self> {
        let now = standing.mark().at;
        pool.accrue(now)?;
        listing.accrue_jump(now);
        let debt = pool.book.debt(Shares(position.debt_shares));
        let debt = debt.map_err(LoanError::from)?;
        let fee = position.jump_fee_with(listing, debt.0)?;
        let parameters = listing.parameters.at(now);
        let value = standing.value(position.shares)?;
        let is_final = standing.is_final(&parameters);
        let sale = standing.sale(&parameters.rules(), position, value, debt, is_final)?;
        Ok(Self {
            value: value.0,
            debt: debt.0,
            fee,
            shares_to_sell: sale.map_or(0, |sale| sale.shares.0),
            marked_slot: position.marked_slot,
        })
    }
}
