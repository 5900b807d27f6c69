use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    instructions::{BuyArgs, SellArgs},
    program::Markets,
    state::{Market, Position, Venue},
};
use math::{
    order_bounds::{slice_load, WHOLE_LOAD},
    BasisPoints, Price,
};
use program_kit::{tokens::token_amount, EventHeader, Purse};

use crate::{
    error::OrderError,
    instructions::trading::Trading,
    state::{spot_price, Desk, DeskOrder, Fill, OrderSide},
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
    )]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub order: Account<'info, DeskOrder>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        constraint = desk_position.owner == desk.key() @ OrderError::WrongAccount,
    )]
    pub desk_position: Account<'info, Position>,
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
    accounts.require_trading(&clock)?;
    let (held, before) = (accounts.holdings()?, accounts.spot()?);
    accounts.trade(fill)?;
    accounts.desk_position.reload()?;
    let (average, after) = (accounts.average()?, accounts.spot()?);
    let is_deviant = accounts.order.is_deviant(average, before);
    require!(!is_deviant, OrderError::DeviationTooGreat);
    let rate = BasisPoints(accounts.market.load()?.fee_rate);
    let load = slice_load(average, before, after, rate);
    require_gte!(WHOLE_LOAD, load, OrderError::SliceTooLarge);
    accounts.desk.load_mut()?.count_fill(load, clock.slot)?;

    let traded = accounts.traded(held)?;
    let tip = accounts.book(traded, after, &clock)?;
    accounts.order.sub_lamports(tip)?;
    accounts.executor.add_lamports(tip)?;
    Purse::new(
        &accounts.desk,
        &accounts.desk_tokens,
        &accounts.token_program,
    )?
    .assert_backed()
}

/// Money and shares of one outcome that moved, or that are held.
#[derive(Clone, Copy)]
struct Amounts {
    money: u64,
    shares: u64,
}

impl FillOrder<'_> {
    fn require_trading(&self, clock: &Clock) -> Result<()> {
        let is_over = self.market.load()?.is_trading_over(clock.unix_timestamp);
        require!(!is_over, OrderError::TradingOver);
        Ok(())
    }

    /// The average price of the order's outcome, of a market that was brought up to this slot.
    fn average(&self) -> Result<Price> {
        let market = self.market.load()?;
        let mut desk = self.desk.load_mut()?;
        desk.read_prices(&market);
        desk.average_price(&market, self.order.outcome)
    }

    /// The present price of the order's outcome.
    fn spot(&self) -> Result<Price> {
        let market = self.market.load()?;
        spot_price(&market, self.order.outcome)
    }

    fn holdings(&self) -> Result<Amounts> {
        let outcome = usize::from(self.order.outcome);
        let shares = self.desk_position.holdings.shares.get(outcome).copied();
        Ok(Amounts {
            money: token_amount(&self.desk_tokens).map_err(OrderError::from)?,
            shares: shares.ok_or(OrderError::OutcomeOutOfRange)?,
        })
    }

    /// What moved since.
    fn traded(&self, before: Amounts) -> Result<Amounts> {
        let now = self.holdings()?;
        let (money, shares) = match self.order.side {
            OrderSide::Buy => (
                before.money.checked_sub(now.money),
                now.shares.checked_sub(before.shares),
            ),
            OrderSide::Sell => (
                now.money.checked_sub(before.money),
                before.shares.checked_sub(now.shares),
            ),
        };
        Ok(Amounts {
            money: money.ok_or(OrderError::Overflow)?,
            shares: shares.ok_or(OrderError::Overflow)?,
        })
    }

    fn trade(&self, Fill { amount, bound }: Fill) -> Result<()> {
        let trading = Trading {
            desk: &self.desk,
            venue: &self.venue,
            market: self.market.as_ref(),
            desk_position: self.desk_position.as_ref(),
            market_tokens: &self.market_tokens,
            desk_tokens: &self.desk_tokens,
            token_program: &self.token_program,
            markets_program: &self.markets_program,
        };
        let outcome = self.order.outcome;
        match self.order.side {
            OrderSide::Buy => trading.buy(BuyArgs {
                outcome,
                stake: amount,
                min_shares: bound,
            }),
            OrderSide::Sell => trading.sell(SellArgs {
                outcome,
                shares: amount,
                min_return: bound,
            }),
        }
    }

    /// Returns the tip, lamports.
    fn book(
        &mut self,
        Amounts { money, shares }: Amounts,
        price: Price,
        clock: &Clock,
    ) -> Result<u64> {
        let order = &mut self.order;
        let mut desk = self.desk.load_mut()?;
        let tip = desk.book_trade(order, money, shares, clock.unix_timestamp)?;
        desk.require_shares(&self.desk_position.holdings.shares)?;
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
            price: price.0,
            desk_cash: desk.cash,
            desk_shares: desk.shares_held(order.outcome),
        });
        Ok(tip)
    }
}
