//! The books of the flash bets.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use client::addresses::flash_bets as addresses;
use flash_bets::state::{
    Deposit, EventBook, Exposure, FeedBook, FlashMarket, OperatorFees, Order, PendingOrder, Ticket,
    Vault, Withdrawal, MAX_OUTCOMES,
};
use math::Price;
use program_kit::Custody;

use super::{FlashBets, FlashWorld};
use crate::program_world::{Known, MarketProgram};

/// What a market adds to the books of its event, its feed, its operator and the vault.
pub struct Share {
    event_book: Pubkey,
    feed_book: Pubkey,
    operator: Pubkey,
    /// Base units that the vault waits for.
    at_risk: u64,
}

impl MarketProgram for FlashBets {
    type Share = Share;

    fn market_tokens(market: &Pubkey) -> Pubkey {
        addresses::market_tokens(market)
    }

    fn check_market(world: &FlashWorld, market: Pubkey, known: &Known) -> Option<Share> {
        let market = world.see_as::<FlashMarket>(market)?;
        world.check_market(&market, known);
        Some(Share {
            event_book: market.event_book,
            feed_book: addresses::feed_book(&world.vault, &market.booked_feed()),
            operator: market.operator,
            at_risk: if market.released == 0 {
                market.funding
            } else {
                0
            },
        })
    }

    fn check_sums(world: &FlashWorld, shares: &BTreeMap<Pubkey, Share>) {
        let vault = world.see_as::<Vault>(world.vault).expect("a vault");
        let mut by_event = BTreeMap::<Pubkey, Exposure>::new();
        let mut by_feed = BTreeMap::<Pubkey, Exposure>::new();
        let mut by_operator = BTreeMap::<Pubkey, u32>::new();
        let mut allocated = 0;
        for share in shares.values() {
            allocated += share.at_risk;
            *by_operator.entry(share.operator).or_default() += 1;
            for exposure in [
                by_event.entry(share.event_book).or_default(),
                by_feed.entry(share.feed_book).or_default(),
            ] {
                exposure.open_markets += 1;
                exposure.allocated += share.at_risk;
            }
        }
        assert_eq!(
            vault.allocated, allocated,
            "the vault's allocation is the funding of the markets it waits for"
        );
        for (address, book) in world.see_all::<EventBook>(&world.accounts) {
            let expected = by_event.get(&address).copied().unwrap_or_default();
            assert_eq!(book.exposure, expected, "the book of an event");
        }
        let feed_books = world.see_all::<FeedBook>(&world.accounts);
        assert_eq!(feed_books.len(), by_feed.len(), "feeds that have a book");
        for (address, book) in feed_books {
            assert_eq!(Some(&book.exposure), by_feed.get(&address), "a feed's book");
        }
        let mut earned = 0;
        for (_, fees) in world.see_all::<OperatorFees>(&world.accounts) {
            earned += fees.amount;
            let expected = by_operator.get(&fees.operator).copied().unwrap_or(0);
            assert_eq!(fees.open_markets, expected, "markets of an operator");
        }
        assert_eq!(vault.operator_fees, earned, "what operators have earned");
        world.check_vault(&vault);
    }
}

impl FlashWorld {
    fn check_market(&self, market: &FlashMarket, known: &Known) {
        let mut held = [0u64; MAX_OUTCOMES];
        let mut escrow = 0;
        let mut orders = 0;
        let mut sales = BTreeMap::<Pubkey, u32>::new();
        for (_, pending) in self.see_all::<PendingOrder>(&known.accounts) {
            orders += 1;
            escrow += pending.order.escrow();
            if let Order::Sell { shares, .. } = pending.order {
                held[usize::from(pending.outcome)] += shares;
                *sales.entry(pending.owner).or_default() += 1;
            }
        }
        let tickets = self.see_all::<Ticket>(&known.accounts);
        for (_, ticket) in &tickets {
            for (held, shares) in held.iter_mut().zip(&ticket.holdings.shares) {
                *held += shares;
            }
            let expected = sales.get(&ticket.owner).copied().unwrap_or(0);
            assert_eq!(ticket.pending_sales, expected, "sales of a ticket");
        }
        assert_eq!(market.pool.sold, held, "shares sold are in tickets");
        assert_eq!(market.escrow, escrow, "the escrow is the stakes that wait");
        assert_eq!(market.open_tickets as usize, tickets.len(), "tickets");
        assert_eq!(market.pending_orders, orders, "orders");

        let owed = if market.settlement.is_open() {
            self.check_prices(market);
            market.pool.sold.into_iter().max().unwrap_or(0)
        } else {
            let settlement = &market.settlement;
            settlement.liability(&market.pool).expect("a liability")
        };
        assert!(market.pool.cash >= owed, "the market can pay whoever wins");
        assert_eq!(
            self.see_balance(market.token_account),
            market.tracked().expect("a sum") + known.donated,
            "the market's tokens are what it tracks"
        );
    }

    fn check_prices(&self, market: &FlashMarket) {
        /// 2⁻⁵⁰
        const TOLERANCE: u64 = 1 << 13;
        let sum: u64 = client::quotes::prices(market)
            .expect("prices")
            .iter()
            .map(|price| price.0)
            .sum();
        assert!(
            sum.abs_diff(Price::ONE.0) <= TOLERANCE,
            "prices sum to {sum}"
        );
    }

    fn check_vault(&self, vault: &Vault) {
        assert_eq!(
            self.see_balance(vault.token_account),
            vault.tracked().expect("a sum") + self.donated,
            "the vault's tokens are what it tracks"
        );
        let pending: u64 = self
            .see_all::<Deposit>(&self.accounts)
            .iter()
            .map(|(_, deposit)| deposit.amount)
            .sum();
        assert_eq!(vault.pending_deposits, pending, "money on its way in");
        let requested: u64 = self
            .see_all::<Withdrawal>(&self.accounts)
            .iter()
            .map(|(_, withdrawal)| withdrawal.shares)
            .sum();
        assert_eq!(vault.requested_shares, requested, "shares on their way out");
        let supply = self.see_supply(vault.lp_mint);
        assert_eq!(vault.shares, supply + requested, "LP shares are somebody's");

        let equity = vault.equity_at_cost().expect("a sum");
        let (old_equity, old_shares, old_allocated) =
            self.last.replace((equity, vault.shares, vault.allocated));
        let price = |equity: u64, shares: u64| (u128::from(equity) + 1, u128::from(shares) + 1_000);
        let (new, old) = (price(equity, vault.shares), price(old_equity, old_shares));
        let has_fallen = new.0 * old.1 < old.0 * new.1;
        let is_booked_loss = vault.shares == old_shares && vault.allocated < old_allocated;
        assert!(
            !has_fallen || is_booked_loss,
            "the LP share price fell from {old:?} to {new:?} without a market's loss"
        );
    }
}
