//! What anybody may do for the orders of a market.

mod actions;
mod batch;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use client::instructions::orders::{
    BookSlice, CloseDesk, FillOrder, MarketProgram, MatchOrders, OrderSide, PlaceSlice,
    ReturnOrder, SettleDesk, SliceKey, WatchOrder,
};
use flash_bets::state::PendingOrder;
use market_core::{pool::Order, Now, Pauses};
use math::{order_bounds::slice_load, Money as Amount, Shares};
use orders::state::{Desk, DeskOrder, MarketCopy, OrderTrigger, Sight, TriggerProgress};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

pub use actions::OrderAction;
pub use batch::BatchView;

use crate::{Money, Settings};

/// Of the trailing distance: by so much better a best price has to be to be worth a transaction.
const WORTH_NOTING_SHIFT: u32 = 4;

/// A desk and what belongs to it.
#[derive(Clone, Debug)]
pub struct DeskView {
    pub desk: Desk,
    /// `None` once it is closed.
    pub market: Option<MarketCopy>,
    /// Of its venue or vault.
    pub pauses: Pauses,
    pub money: Money,
    pub orders: Vec<DeskOrder>,
    /// What the desk placed in its market, with what stayed of those that ended.
    pub slices: Vec<PendingOrder>,
    /// Paid the rent of the desk's position: of its ticket on a flash market that may be a stranger.
    pub position_rent_payer: Pubkey,
}

impl DeskView {
    /// What the program would accept now; nothing of a desk whose market's program is unknown.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<OrderAction> {
        let program = MarketProgram::of(&self.desk.market_program);
        program.map_or_else(Vec::new, |program| self.plan_in(program, settings, clock))
    }

    fn plan_in(
        &self,
        market_program: MarketProgram,
        settings: &Settings,
        clock: &Clock,
    ) -> Vec<OrderAction> {
        let market = self.market.as_ref();
        let is_settled = market.is_none_or(|market| market.any().is_settled());
        if is_settled && !self.desk.is_settled() && self.desk.slices_in_flight > 0 {
            let slices = self.orders.iter();
            return slices.filter_map(|order| self.book(order)).collect();
        }
        if is_settled && !self.desk.is_settled() {
            return vec![OrderAction::SettleDesk(SettleDesk {
                market: self.desk.market,
                market_program,
                rent_payer: self.position_rent_payer,
                mint: self.money.mint,
                token_program: self.money.token_program,
            })];
        }
        let mut actions = Vec::new();
        let mut crossed = BTreeSet::new();
        for [older, newer] in self.crossings(clock) {
            crossed.extend([older.began_in, newer.began_in]);
            let [older, newer] = [older, newer].map(|order| (order.owner, order.nonce));
            actions.push(OrderAction::Match(MatchOrders {
                executor: settings.keeper,
                venue: self.desk.venue,
                market: self.desk.market,
                market_program,
                older,
                newer,
                mint: self.money.mint,
                token_program: self.money.token_program,
            }));
        }
        let others = self
            .orders
            .iter()
            .filter(|order| !crossed.contains(&order.began_in));
        actions
            .extend(others.filter_map(|order| self.serve(order, market_program, settings, clock)));
        if self.desk.is_settled() && self.desk.open_orders == 0 {
            actions.push(OrderAction::CloseDesk(CloseDesk {
                market: self.desk.market,
                market_program,
                mint: self.money.mint,
                rent_payer: self.desk.rent_payer,
                token_program: self.money.token_program,
            }));
        }
        actions
    }

    /// Orders that would be filled against each other now, each once: the oldest with the oldest.
    fn crossings(&self, clock: &Clock) -> Vec<[&DeskOrder; 2]> {
        let now = clock.unix_timestamp;
        let at = self.now(clock);
        let open = self.market.as_ref().filter(|market| {
            market.any().require_trading(now).is_ok() && at.require_not_paused().is_ok()
        });
        let up_to_date = open.and_then(|market| self.up_to_date(market, clock));
        let Some((market, mut desk)) = up_to_date else {
            return Vec::new();
        };
        let mut due: Vec<_> = self
            .orders
            .iter()
            .filter(|order| order.due(now).is_ok())
            .collect();
        due.sort_by_key(|order| order.began_in);
        let mut pairs = Vec::new();
        while !due.is_empty() {
            let older = due.remove(0);
            let other = due.iter().position(|newer| {
                let found = desk.cross(market.any(), older, newer, &at);
                found.is_ok_and(|found| desk.count_fill(found.load, clock.slot).is_ok())
            });
            pairs.extend(other.map(|other| [older, due.remove(other)]));
        }
        pairs
    }

    /// The return of an order that cannot be filled any more, a look at its trigger, or its next fill.
    fn serve(
        &self,
        order: &DeskOrder,
        market_program: MarketProgram,
        settings: &Settings,
        clock: &Clock,
    ) -> Option<OrderAction> {
        if order.in_flight.is_some() {
            return self.book(order);
        }
        let now = clock.unix_timestamp;
        let trading = self
            .market
            .as_ref()
            .filter(|market| !market.any().is_trading_over(now));
        let is_over = order.left == 0
            || now > order.expires_at
            || self.desk.is_settled()
            || trading.is_none();
        if is_over {
            return Some(OrderAction::Return(ReturnOrder {
                executor: settings.keeper,
                market: self.desk.market,
                market_program,
                owner: order.owner,
                nonce: order.nonce,
                owner_tokens: self.money.account_of(&order.owner),
                rent_payer: order.rent_payer,
                mint: self.money.mint,
                token_program: self.money.token_program,
            }));
        }
        if let Some(trigger) = order.trigger {
            let progress = self.watched(order, trigger, trading?, clock)?;
            return progress.then_some(OrderAction::Watch(WatchOrder {
                executor: settings.keeper,
                venue: self.desk.venue,
                market: self.desk.market,
                owner: order.owner,
                nonce: order.nonce,
            }));
        }
        if trading?.any().wait_seconds().is_some() {
            return self
                .is_placeable(order, trading?, clock)
                .then_some(OrderAction::PlaceSlice(PlaceSlice {
                    slice: self.slice(order, settings.keeper),
                    vault: self.desk.venue,
                    tip_lamports: order.least_slice_tip(),
                }));
        }
        self.is_fillable(order, trading?, clock)
            .then_some(OrderAction::Fill(FillOrder {
                executor: settings.keeper,
                venue: self.desk.venue,
                market: self.desk.market,
                market_program,
                owner: order.owner,
                nonce: order.nonce,
                mint: self.money.mint,
                token_program: self.money.token_program,
            }))
    }

    /// The booking of a slice that has ended. Until then whoever executes the market's orders ends it.
    fn book(&self, order: &DeskOrder) -> Option<OrderAction> {
        let slice = self.slice_in_market(order)?;
        slice.kept()?;
        let slice = self.slice(order, slice.rent_payer);
        Some(OrderAction::BookSlice(BookSlice { slice }))
    }

    /// The slice of an order that is not booked.
    pub fn slice_in_market(&self, order: &DeskOrder) -> Option<&PendingOrder> {
        let nonce = DeskOrder::slice_nonce(&self.slice(order, Pubkey::default()).order());
        let mut slices = self.slices.iter();
        slices.find(|slice| slice.nonce == nonce && order.in_flight.is_some())
    }

    /// What names the slice of an order that this one placed.
    pub fn slice(&self, order: &DeskOrder, rent_payer: Pubkey) -> SliceKey {
        SliceKey {
            market: self.desk.market,
            owner: order.owner,
            nonce: order.nonce,
            rent_payer,
            mint: self.money.mint,
            token_program: self.money.token_program,
        }
    }

    /// Whether the next slice would be placed now: the program's own checks, on copies.
    fn is_placeable(&self, order: &DeskOrder, market: &MarketCopy, clock: &Clock) -> bool {
        self.try_place(order, market, clock).is_some()
    }

    fn try_place(&self, order: &DeskOrder, market: &MarketCopy, clock: &Clock) -> Option<()> {
        let now = self.now(clock);
        market.any().require_trading(now.seconds).ok()?;
        if order.side == OrderSide::Buy {
            now.require_not_paused().ok()?;
        }
        let (mut market, mut desk) = self.up_to_date(market, clock)?;
        let (_, slice) = desk.next_slice(&mut market, order, now).ok()?;
        desk.send_slice(&mut order.clone(), slice, clock.slot).ok()
    }

    /// Whether the next slice would be filled now: the program's own checks, on copies.
    fn is_fillable(&self, order: &DeskOrder, market: &MarketCopy, clock: &Clock) -> bool {
        self.try_fill(order, market, clock).unwrap_or(false)
    }

    /// Whether a look at the trigger is worth its transaction; `None` if it would be refused.
    fn watched(
        &self,
        order: &DeskOrder,
        mut trigger: OrderTrigger,
        market: &MarketCopy,
        clock: &Clock,
    ) -> Option<bool> {
        let now = self.now(clock);
        now.require_not_paused().ok()?;
        market.any().require_trading(clock.unix_timestamp).ok()?;
        let (market, desk) = self.up_to_date(market, clock)?;
        let sight = Sight::of(market.any(), &desk, order.outcome, &trigger, now).ok()?;
        let best = trigger.best;
        let progress = trigger.watch(order.side, sight).ok()?;
        let trail = trigger.terms.trail.unwrap_or(0);
        let is_much_better = match (best, trigger.best) {
            (Some(before), Some(after)) => {
                after.saturating_sub(before) >= trail >> WORTH_NOTING_SHIFT
            }
            _ => true,
        };
        Some(progress != TriggerProgress::Improved || is_much_better)
    }

    fn try_fill(&self, order: &DeskOrder, market: &MarketCopy, clock: &Clock) -> Option<bool> {
        let now = self.now(clock);
        let fill = order.next_fill(now.seconds).ok()?;
        market.any().require_trading(now.seconds).ok()?;
        let asked = match order.side {
            OrderSide::Buy => {
                now.require_not_paused().ok()?;
                Order::Stake(Amount(fill.amount))
            }
            OrderSide::Sell => Order::Sell(Shares(fill.amount)),
        };
        let (mut market, mut desk) = self.up_to_date(market, clock)?;
        let average = desk.reference(market.any(), &now, order.outcome).ok()?;
        let before = market.any().spot_price(order.outcome).ok()?;
        market.fill(now, order.outcome, asked, fill.bound).ok()?;
        let after = market.any().spot_price(order.outcome).ok()?;
        let load = slice_load(average, before, after, market.any().fee_rate());
        desk.count_fill(load, clock.slot).ok()?;
        Some(!order.is_deviant(average, before))
    }

    fn now(&self, clock: &Clock) -> Now {
        Now::new(clock.slot, clock.unix_timestamp, self.pauses)
    }

    /// Copies of the market and the desk as an instruction finds them that looks at their prices.
    fn up_to_date(&self, market: &MarketCopy, clock: &Clock) -> Option<(MarketCopy, Box<Desk>)> {
        let (mut market, mut desk) = (market.clone(), Box::new(self.desk));
        market.observe(self.now(clock)).ok()?;
        desk.read_prices(market.any());
        Some((market, desk))
    }

    /// The desk's address.
    pub fn address(&self) -> Pubkey {
        client::addresses::orders::desk(&self.desk.market)
    }
}
