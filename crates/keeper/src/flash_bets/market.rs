use client::instructions::flash_bets::{
    CloseChainBook, CloseMarket, EndedOrder, ExecuteOrders, ReleaseSurplus, Resolve, SetStrike,
    SettleTickets, SettledTicket, Void,
};
use flash_bets::state::{
    ChainBook, FeedBook, FlashMarket, PendingOrder, Ticket, TICKET_HOLD_SECONDS,
};
use market_core::Observed;
use oracle::Observation;
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::FlashAction;
use crate::{Money, Settings};

/// Tickets that are settled, and orders that are executed, in one transaction.
const SETTLED_AT_ONCE: usize = 7;
const EXECUTED_AT_ONCE: usize = 4;

/// A flash market and what belongs to it.
#[derive(Clone, Debug)]
pub struct MarketView {
    pub address: Pubkey,
    pub market: FlashMarket,
    pub money: Money,
    pub feed_book: Option<FeedBook>,
    pub chain_book: Option<ChainBook>,
    pub orders: Vec<PendingOrder>,
    pub tickets: Vec<Ticket>,
    /// What the oracle has at the places that the market names.
    pub observation: Option<Observation>,
    pub strike: Option<Observation>,
}

impl MarketView {
    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<FlashAction> {
        if self.market.settlement.is_open() {
            // Whatever settles the market changes what becomes of its orders.
            match self.settle(clock) {
                Some(action) => vec![action],
                None => self.execute_orders(settings, clock),
            }
        } else {
            let mut actions = self.execute_orders(settings, clock);
            actions.extend(self.end());
            actions.extend(self.settle_tickets(settings, clock));
            actions
        }
    }

    /// A step to the end of an open market, if there is one.
    fn settle(&self, clock: &Clock) -> Option<FlashAction> {
        let market = &self.market;
        let result = self.observation.as_ref().map(Observed::from);
        let strike = self.strike.as_ref().map(Observed::from);
        let is_voidable = market.require_voidable(result, strike, clock.unix_timestamp);
        if is_voidable.is_ok() {
            return Some(FlashAction::Void(Void {
                vault: market.vault,
                market: self.address,
                observation: market.evidence.observation,
                strike_observation: market.strike_observation(),
            }));
        }
        let observers = market.evidence.observers();
        let is_strike = |found| market.evidence.require_strike(observers, found).is_ok();
        if let Some(found) = strike.as_ref().filter(|found| is_strike(found)) {
            let mut rule = market.rule;
            if rule.set_strike(found.value).is_ok() {
                return Some(FlashAction::SetStrike(SetStrike {
                    market: self.address,
                    observation: market.evidence.strike_observation,
                }));
            }
        }
        let found = result?;
        market
            .evidence
            .require_observation(observers, &found)
            .ok()?;
        let mut copy = *market;
        copy.resolve(found.value, clock).ok()?;
        Some(FlashAction::Resolve(Resolve {
            market: self.address,
            observation: market.evidence.observation,
            strike_observation: market.strike_observation(),
        }))
    }

    /// Orders whose delay has passed, and those that can only be given back.
    fn execute_orders(&self, settings: &Settings, clock: &Clock) -> Vec<FlashAction> {
        let now = clock.unix_timestamp;
        let is_over = self.market.is_trading_over(now);
        let is_due = |order: &&PendingOrder| {
            let is_delayed = clock.slot < order.executable_slot || now < order.executable_at;
            let is_due = is_over || now > order.executable_until || !is_delayed;
            is_due && order.kept().is_none()
        };
        let due: Vec<_> = self
            .orders
            .iter()
            .filter(is_due)
            .map(|order| EndedOrder {
                placer: order.placer,
                owner: order.owner,
                nonce: order.nonce,
                placer_tokens: self.money.account_of(&order.placer),
                rent_payer: order.rent_payer,
            })
            .collect();
        let batches = due.chunks(EXECUTED_AT_ONCE).map(|orders| {
            FlashAction::ExecuteOrders(ExecuteOrders {
                vault: self.market.vault,
                market: self.address,
                observation: self.market.evidence.observation,
                executor: settings.keeper,
                token_program: self.money.token_program,
                orders: orders.to_vec(),
            })
        });
        batches.collect()
    }

    /// Gives the vault its money back, then closes the account.
    fn end(&self) -> Option<FlashAction> {
        let market = &self.market;
        let (vault, event_book, operator) = (market.vault, market.event_book, market.operator);
        let (feed_id, token_program) = (market.booked_feed(), self.money.token_program);
        if market.released == 0 {
            return Some(FlashAction::ReleaseSurplus(ReleaseSurplus {
                vault,
                market: self.address,
                event_book,
                feed_id,
                operator,
                token_program,
            }));
        }
        if market.has_chain_book == 1 {
            let book = self.chain_book.filter(|book| book.open_legs == 0)?;
            return Some(FlashAction::CloseChainBook(CloseChainBook {
                market: self.address,
                rent_payer: book.rent_payer,
            }));
        }
        let feed_book = self.feed_book.as_ref()?;
        let is_free =
            market.open_tickets == 0 && market.pending_orders == 0 && market.open_groups == 0;
        is_free.then_some(FlashAction::CloseMarket(CloseMarket {
            vault,
            market: self.address,
            event_book,
            feed_id,
            operator,
            feed_book_rent_payer: feed_book.rent_payer,
            token_program,
        }))
    }

    /// What is held is its owner's to settle, for a time.
    fn settle_tickets(&self, settings: &Settings, clock: &Clock) -> Vec<FlashAction> {
        let held_until = self.market.settled_at.saturating_add(TICKET_HOLD_SECONDS);
        let is_held_still = clock.unix_timestamp < held_until;
        let ready: Vec<_> = self
            .tickets
            .iter()
            .filter(|ticket| ticket.pending_sales == 0 && !(ticket.is_held && is_held_still))
            .map(|ticket| SettledTicket {
                owner: ticket.owner,
                owner_tokens: self.money.account_of(&ticket.owner),
                rent_payer: ticket.rent_payer,
            })
            .collect();
        let batches = ready.chunks(SETTLED_AT_ONCE).map(|tickets| {
            FlashAction::SettleTickets(SettleTickets {
                market: self.address,
                token_program: self.money.token_program,
                in_one_call: settings.pays_in_one_call && tickets.len() > 1,
                tickets: tickets.to_vec(),
            })
        });
        batches.collect()
    }
}
