//! What anybody may do for the orders of a market.

mod actions;
#[cfg(test)]
mod tests;

use client::instructions::orders::{CloseDesk, FillOrder, OrderSide, ReturnOrder, SettleDesk};
use market_core::pool::Order;
use markets::state::{Market, Venue};
use math::{order_bounds::slice_load, BasisPoints, Money as Amount, Price, Shares};
use orders::state::{Desk, DeskOrder};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

pub use actions::OrderAction;

use crate::{Money, Settings};

/// A desk and what belongs to it.
#[derive(Clone, Debug)]
pub struct DeskView {
    pub desk: Desk,
    /// `None` once it is closed.
    pub market: Option<Market>,
    pub venue: Venue,
    pub money: Money,
    pub orders: Vec<DeskOrder>,
}

impl DeskView {
    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<OrderAction> {
        let market = self.market.as_ref();
        let is_settled = market.is_none_or(|market| market.settlement.is_settled());
        if is_settled && !self.desk.is_settled() {
            return vec![OrderAction::SettleDesk(SettleDesk {
                market: self.desk.market,
                rent_payer: self.desk.rent_payer,
                mint: self.money.mint,
                token_program: self.money.token_program,
            })];
        }
        let mut actions: Vec<_> = self
            .orders
            .iter()
            .filter_map(|order| self.serve(order, settings, clock))
            .collect();
        if self.desk.is_settled() && self.desk.open_orders == 0 {
            actions.push(OrderAction::CloseDesk(CloseDesk {
                market: self.desk.market,
                mint: self.money.mint,
                rent_payer: self.desk.rent_payer,
                token_program: self.money.token_program,
            }));
        }
        actions
    }

    /// The return of an order that cannot be filled any more, or its next fill.
    fn serve(&self, order: &DeskOrder, settings: &Settings, clock: &Clock) -> Option<OrderAction> {
        let now = clock.unix_timestamp;
        let trading = self
            .market
            .as_ref()
            .filter(|market| !market.is_trading_over(now));
        let is_over = order.left == 0
            || now > order.expires_at
            || self.desk.is_settled()
            || trading.is_none();
        if is_over {
            return Some(OrderAction::Return(ReturnOrder {
                executor: settings.keeper,
                market: self.desk.market,
                owner: order.owner,
                nonce: order.nonce,
                owner_tokens: self.money.account_of(&order.owner),
                rent_payer: order.rent_payer,
                mint: self.money.mint,
                token_program: self.money.token_program,
            }));
        }
        self.is_fillable(order, trading?, clock)
            .then_some(OrderAction::Fill(FillOrder {
                executor: settings.keeper,
                venue: self.desk.venue,
                market: self.desk.market,
                owner: order.owner,
                nonce: order.nonce,
                mint: self.money.mint,
                token_program: self.money.token_program,
            }))
    }

    /// Whether the next slice would be filled now: the program's own checks, on copies.
    fn is_fillable(&self, order: &DeskOrder, market: &Market, clock: &Clock) -> bool {
        self.try_fill(order, market, clock).unwrap_or(false)
    }

    fn try_fill(&self, order: &DeskOrder, market: &Market, clock: &Clock) -> Option<bool> {
        let now = clock.unix_timestamp;
        let fill = order.next_fill(now).ok()?;
        market.require_trading(now).ok()?;
        let asked = match order.side {
            OrderSide::Buy => {
                self.venue.require_not_paused(now).ok()?;
                Order::Stake(Amount(fill.amount))
            }
            OrderSide::Sell => Order::Sell(Shares(fill.amount)),
        };
        let (mut market, mut desk) = (Box::new(*market), Box::new(self.desk));
        market.observe(self.venue.now(clock)).ok()?;
        desk.read_prices(&market, clock.slot);
        let average = desk.average(&market, order.outcome, clock.slot).ok()?;
        let before = spot(&market, order.outcome)?;
        let rate = BasisPoints(market.fee_rate);
        let venue_now = self.venue.now(clock);
        market
            .fill(venue_now, order.outcome, asked, fill.bound)
            .ok()?;
        let after = spot(&market, order.outcome)?;
        let load = slice_load(average, before, after, rate);
        desk.count_fill(load, clock.slot).ok()?;
        Some(!order.is_deviant(average, before))
    }

    /// The desk's address.
    pub fn address(&self) -> Pubkey {
        client::addresses::orders::desk(&self.desk.market)
    }
}

fn spot(market: &Market, outcome: u8) -> Option<Price> {
    let prices = market.pool.prices().ok()?;
    prices.get(usize::from(outcome)).copied()
}
