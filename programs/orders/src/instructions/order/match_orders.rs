use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::crossing::Crossing;
use program_kit::{EventHeader, Purse};

use crate::{
    error::OrderError,
    instructions::trading::{trading, Trading},
    state::{now_at, Desk, DeskOrder, MarketCopy, OrderMatch},
};

#[derive(Accounts)]
pub struct MatchOrders<'info> {
    /// CHECK: any address; gets the tips.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = venue @ OrderError::WrongAccount,
        has_one = market_program @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    /// Began before the other.
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub older: Account<'info, DeskOrder>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub newer: Account<'info, DeskOrder>,
    /// CHECK: named by the desk.
    pub venue: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: checked to be the desk's.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: the market's program checks it, where sets are made or merged.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: named by the desk.
    pub market_program: UncheckedAccount<'info>,
}

/// How two orders were filled against each other.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchKind {
    /// Shares of one outcome for money.
    Transfer,
    /// Money of both for complete sets.
    Split,
    /// Complete sets for money.
    Merge,
}

/// What became of one of two orders.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchedOrder {
    pub order: Pubkey,
    pub owner: Pubkey,
    pub outcome: u8,
    /// Base units that it spent, or that came back.
    pub money: u64,
    /// Lamports, if its slice is filled whole.
    pub tip_lamports: u64,
    /// After it: what is not filled yet, and when the next slice is due.
    pub left: u64,
    pub next_at: i64,
}

#[event]
pub struct OrdersMatched {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub executor: Pubkey,
    pub kind: MatchKind,
    /// Of each order's outcome.
    pub shares: u64,
    pub older: MatchedOrder,
    pub newer: MatchedOrder,
    /// Base units of all orders after it.
    pub desk_cash: u64,
}

/// Fills two orders against each other, without the curve and its fee: one of them by all that is due of
/// its slice. It moves no price, but counts among the fills of late as if it did.
pub fn handle_match_orders(ctx: Context<MatchOrders>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let found = accounts.cross(&clock)?;
    let tips = accounts.book(found, &clock)?;
    accounts.move_sets(found)?;
    let (desk, position) = (&accounts.desk, &accounts.desk_position);
    desk.load()?.require_shares(&desk.key(), position)?;
    let orders = [&accounts.older, &accounts.newer];
    for (order, tip) in orders.into_iter().zip(tips) {
        order.sub_lamports(tip)?;
        accounts.executor.add_lamports(tip)?;
    }
    accounts.purse()?.assert_backed()
}

impl<'info> MatchOrders<'info> {
    /// What the two trade, while anybody could answer the prices that bound it.
    #[inline(never)]
    fn cross(&self, clock: &Clock) -> Result<OrderMatch> {
        let now = now_at(&self.venue, clock)?;
        require!(!now.is_paused(), OrderError::VenuePaused);
        let copy = MarketCopy::up_to_date(&self.market, now)?;
        let market = copy.any();
        market.require_trading(now.seconds)?;
        let mut desk = self.desk.load_mut()?;
        desk.read_prices(market);
        let found = desk.cross(market, &self.older, &self.newer, &now)?;
        desk.count_fill(found.load, clock.slot)?;
        Ok(found)
    }

    /// Returns the tips of the two, lamports.
    fn book(&mut self, found: OrderMatch, clock: &Clock) -> Result<[u64; 2]> {
        let OrderMatch {
            crossing, crossed, ..
        } = found;
        let (now, shares) = (clock.unix_timestamp, crossed.shares.0);
        let mut desk = self.desk.load_mut()?;
        let mut book = |order: &mut Account<DeskOrder>, money| {
            let tip_lamports = desk.book_trade(order, money, shares, now)?;
            Ok(MatchedOrder {
                order: order.key(),
                owner: order.owner,
                outcome: order.outcome,
                money,
                tip_lamports,
                left: order.left,
                next_at: order.next_at,
            })
        };
        let older = book(&mut self.older, crossed.older.0)?;
        let newer: Result<_> = book(&mut self.newer, crossed.newer.0);
        let newer = newer?;
        emit!(OrdersMatched {
            header: desk.next_event(clock)?,
            desk: self.desk.key(),
            market: desk.market,
            executor: self.executor.key(),
            kind: crossing.into(),
            shares,
            older,
            newer,
            desk_cash: desk.cash,
        });
        Ok([older.tip_lamports, newer.tip_lamports])
    }

    fn move_sets(&self, found: OrderMatch) -> Result<()> {
        let sets = found.crossed.shares.0;
        let trading = self.trading();
        match found.crossing {
            Crossing::Transfer => Ok(()),
            Crossing::Split => trading.split(sets),
            Crossing::Merge => trading.merge(sets),
        }
    }

    fn trading(&self) -> Trading<'_, 'info> {
        trading!(self, market_program)
    }

    fn purse(&self) -> Result<Purse<'_, 'info, Desk>> {
        Purse::new(&self.desk, &self.desk_tokens, &self.token_program)
    }
}

impl From<Crossing> for MatchKind {
    fn from(crossing: Crossing) -> Self {
        match crossing {
            Crossing::Transfer => Self::Transfer,
            Crossing::Split => Self::Split,
            Crossing::Merge => Self::Merge,
        }
    }
}
