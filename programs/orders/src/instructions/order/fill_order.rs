use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{
    order_bounds::{slice_load, WHOLE_LOAD},
    Price,
};
use program_kit::{tokens::token_amount, EventHeader, Purse};

use crate::{
    error::OrderError,
    instructions::trading::trading,
    state::{ask_market, now_at, Desk, DeskOrder, Fill, OrderSide},
};

#[derive(Accounts)]
pub struct FillOrder<'info> {
    /// CHECK: any address; gets the tip.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
        has_one = market_program @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub order: Account<'info, DeskOrder>,
    /// CHECK: named by the desk.
    pub venue: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: checked to be the desk's.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: the market's program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: named by the desk.
    pub market_program: UncheckedAccount<'info>,
}

#[event]
pub struct OrderFilled {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    pub executor: Pubkey,
    pub side: OrderSide,
    pub outcome: u8,
    /// Base units that were spent, or came back, fees included.
    pub money: u64,
    /// Shares that were bought, or sold.
    pub shares: u64,
    pub tip_lamports: u64,
    /// After it: what is not filled yet, when the next slice is due, and the price, Q1.63.
    pub left: u64,
    pub next_at: i64,
    pub price: u64,
    /// Base units of all orders after it, and shares of this outcome.
    pub desk_cash: u64,
    pub desk_shares: u64,
}

/// Fills the next slice on the market's curve. What the average was before it is read after it: the
/// trade brings the market's own up to its slot, at the prices until then.
pub fn handle_fill_order(ctx: Context<FillOrder>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let fill = accounts.order.next_fill(clock.unix_timestamp)?;
    accounts.require_trading(clock.unix_timestamp)?;
    let before = accounts.sight()?;
    accounts.trade(fill)?;
    let after = accounts.sight()?;
    accounts.require_safe(before.price, after.price, &clock)?;
    let tip = accounts.book(before, after, &clock)?;
    accounts.order.sub_lamports(tip)?;
    accounts.executor.add_lamports(tip)?;
    Purse::new(
        &accounts.desk,
        &accounts.desk_tokens,
        &accounts.token_program,
    )?
    .assert_backed()
}

/// What a trade changes: base units of the desk, shares outstanding of the order's outcome, and its price.
#[derive(Clone, Copy)]
struct Seen {
    money: u64,
    sold: u64,
    price: Price,
}

impl FillOrder<'_> {
    fn require_trading(&self, now: i64) -> Result<()> {
        ask_market(&self.market, |market| {
            require!(!market.is_trading_over(now), OrderError::TradingOver);
            require!(market.wait_seconds().is_none(), OrderError::BetDelay);
            Ok(())
        })?
    }

    #[inline(never)]
    fn sight(&self) -> Result<Seen> {
        let outcome = self.order.outcome;
        let money = token_amount(&self.desk_tokens).map_err(OrderError::from)?;
        ask_market(&self.market, |market| {
            Ok(Seen {
                money,
                sold: market.sold(outcome),
                price: market.spot_price(outcome)?,
            })
        })?
    }

    /// Refuses a fill from a price that is far from its average, and one that moved it by more than is safe.
    #[inline(never)]
    fn require_safe(&self, before: Price, after: Price, clock: &Clock) -> Result<()> {
        let now = now_at(&self.venue, clock)?;
        let (order, mut desk) = (&self.order, self.desk.load_mut()?);
        ask_market(&self.market, |market| {
            desk.read_prices(market);
            let average = desk.reference(market, &now, order.outcome)?;
            let is_deviant = order.is_deviant(average, before);
            require!(!is_deviant, OrderError::DeviationTooGreat);
            let load = slice_load(average, before, after, market.fee_rate());
            require_gte!(WHOLE_LOAD, load, OrderError::SliceTooLarge);
            desk.count_fill(load, clock.slot)
        })?
    }

    fn trade(&self, fill: Fill) -> Result<()> {
        let order = &self.order;
        trading!(self, market_program).trade(order.side, order.outcome, fill)
    }

    /// Returns the tip, lamports.
    fn book(&mut self, before: Seen, after: Seen, clock: &Clock) -> Result<u64> {
        let order = &mut self.order;
        let mut desk = self.desk.load_mut()?;
        let (less, more) = match order.side {
            OrderSide::Buy => (after, before),
            OrderSide::Sell => (before, after),
        };
        let money = more.money.checked_sub(less.money);
        let shares = less.sold.checked_sub(more.sold);
        let money = money.ok_or(OrderError::Overflow)?;
        let shares = shares.ok_or(OrderError::Overflow)?;
        let tip = desk.book_trade(order, money, shares, clock.unix_timestamp)?;
        desk.require_shares(&self.desk.key(), &self.desk_position)?;
        emit!(OrderFilled {
            header: desk.next_event(clock)?,
            desk: self.desk.key(),
            market: desk.market,
            order: order.key(),
            owner: order.owner,
            executor: self.executor.key(),
            side: order.side,
            outcome: order.outcome,
            money,
            shares,
            tip_lamports: tip,
            left: order.left,
            next_at: order.next_at,
            price: after.price.0,
            desk_cash: desk.cash,
            desk_shares: desk.shares_held(order.outcome),
        });
        Ok(tip)
    }
}
