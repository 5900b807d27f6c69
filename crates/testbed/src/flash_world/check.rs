//! The books of the flash bets.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use client::addresses::flash_bets as addresses;
use flash_bets::state::{
    Chain, ChainBook, ChainStatus, Deposit, EventBook, Exposure, FeedBook, FlashMarket,
    GroupStatus, LegStatus, OperatorFees, Order, PendingOrder, QuantumGroup, QuantumTicket,
    RollingChain, RollingHolding, Ticket, Vault, Verse, Withdrawal, MAX_OUTCOMES,
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
        let account = world.see(market)?;
        if let Ok(group) = client::accounts::decode::<QuantumGroup>(&account.owner, &account.data) {
            return Some(world.check_group(&group, known));
        }
        let address = market;
        let market = world.see_as::<FlashMarket>(address)?;
        world.check_market(address, &market, known);
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
        world.check_chains(&vault, shares, &mut by_event, &mut by_feed);
        assert_eq!(
            vault.allocated, allocated,
            "the vault's allocation is the funding of the markets it waits for"
        );
        for (address, book) in world.see_all::<EventBook>(&world.accounts) {
            let expected = by_event.get(&address).copied().unwrap_or_default();
            assert_eq!(book.exposure, expected, "the book of an event");
        }
        world.check_verses(&by_event);
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
    /// Every verse counts what is at risk on the events below, and what names it.
    fn check_verses(&self, by_event: &BTreeMap<Pubkey, Exposure>) {
        let verses = self.see_all::<Verse>(&self.accounts);
        let mut expected = BTreeMap::<Pubkey, (u64, u64, u32)>::new();
        for (_, verse) in &verses {
            expected.entry(verse.parent).or_default().2 += 1;
        }
        for (address, book) in self.see_all::<EventBook>(&self.accounts) {
            let exposure = by_event.get(&address).copied().unwrap_or_default();
            expected.entry(book.verse).or_default().2 += 1;
            let mut next = book.verse;
            while let Some((_, verse)) = verses.iter().find(|(other, _)| *other == next) {
                let (at_risk, payouts, _) = expected.entry(next).or_default();
                *at_risk += exposure.at_risk().expect("a sum");
                *payouts += exposure.chain_payouts;
                next = verse.parent;
            }
        }
        for (address, verse) in &verses {
            let found = (verse.at_risk, verse.chain_payouts, verse.children);
            let expected = expected.get(address).copied().unwrap_or_default();
            assert_eq!(found, expected, "what a verse counts");
            assert!(verse.at_risk <= verse.cap, "the cap of a verse");
            assert!(verse.chain_payouts <= verse.cap / 2, "the half of it");
        }
    }

    /// Adds what open chains have on events and feeds to theirs.
    fn check_chains(
        &self,
        vault: &Vault,
        shares: &BTreeMap<Pubkey, Share>,
        by_event: &mut BTreeMap<Pubkey, Exposure>,
        by_feed: &mut BTreeMap<Pubkey, Exposure>,
    ) {
        let chains = self.see_all::<Chain>(&self.accounts);
        let (mut reserved, mut stakes) = (0, 0);
        let mut legs = BTreeMap::<Pubkey, (u32, u64, [u64; MAX_OUTCOMES])>::new();
        for (_, chain) in &chains {
            reserved += chain.reserve;
            if chain.is(ChainStatus::Waiting) {
                stakes += chain.stake;
                continue;
            }
            let open = chain.legs().iter().filter(|leg| leg.is(LegStatus::Open));
            assert_eq!(usize::from(chain.open_legs), open.clone().count(), "legs");
            for leg in open {
                let (count, payouts, delta) = legs.entry(leg.market).or_default();
                *count += 1;
                *payouts += chain.payout;
                delta[usize::from(leg.outcome)] += leg.delta_shares;
                let share = &shares[&leg.market];
                let event = by_event.get_mut(&share.event_book).expect("an event");
                event.chain_payouts += chain.payout;
                let feed = by_feed.get_mut(&share.feed_book).expect("a feed");
                feed.chain_payouts += chain.payout;
            }
        }
        assert_eq!(vault.chain_reserve, reserved, "what chains would be paid");
        assert_eq!(vault.chain_stakes, stakes, "stakes of chains that wait");
        assert_eq!(vault.open_chains as usize, chains.len(), "chains");
        assert!(vault.chain_reserve <= vault.cash, "the reserve is there");
        for market in shares.keys() {
            let expected = legs.remove(market).unwrap_or_default();
            if let Some(book) = self.see_as::<ChainBook>(addresses::chain_book(market)) {
                let found = (book.open_legs, book.payouts, book.delta_shares);
                assert_eq!(found, expected, "the chain book of a market");
            } else {
                assert_eq!(expected.0, 0, "legs without a chain book");
            }
        }
        assert!(legs.is_empty(), "legs on markets that are gone");
    }

    fn check_market(&self, address: Pubkey, market: &FlashMarket, known: &Known) {
        let mut held = [0u64; MAX_OUTCOMES];
        let mut escrow = 0;
        let mut orders = 0;
        let mut sales = BTreeMap::<Pubkey, u32>::new();
        for (_, pending) in self.see_all::<PendingOrder>(&known.accounts) {
            if pending.kept().is_some() {
                continue;
            }
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
        let mut rolling = 0;
        let chains = self.see_all::<RollingChain>(&self.accounts);
        for (_, chain) in chains.iter().filter(|(_, chain)| chain.market() == address) {
            let outcome = chain.current().expect("a leg").outcome;
            match chain.holding {
                RollingHolding::Stake { amount, .. } => {
                    orders += 1;
                    escrow += amount;
                }
                RollingHolding::Shares { amount } => {
                    rolling += 1;
                    held[usize::from(outcome)] += amount;
                }
            }
        }
        assert_eq!(
            market.pool.sold, held,
            "shares sold are in tickets and chains"
        );
        assert_eq!(market.escrow, escrow, "the escrow is the stakes that wait");
        assert_eq!(
            market.open_tickets as usize,
            tickets.len() + rolling,
            "tickets"
        );
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

    /// What a group holds and owes, whose tickets are all known.
    fn check_group(&self, group: &QuantumGroup, known: &Known) -> Share {
        let tickets = self.see_all::<QuantumTicket>(&known.accounts);
        assert_eq!(group.open_tickets as usize, tickets.len(), "tickets");
        for branch in 0..usize::from(group.branches) {
            let (mut credit, mut held) = (0, [0u64; MAX_OUTCOMES]);
            for (_, ticket) in &tickets {
                credit += ticket.credits[branch];
                for (held, shares) in held.iter_mut().zip(ticket.shares[branch]) {
                    *held += shares;
                }
            }
            let pool = &group.pools[branch];
            assert_eq!(group.credits[branch], credit, "credits of branch {branch}");
            assert_eq!(pool.sold, held, "shares of branch {branch}");
            if !group.is(GroupStatus::Settled) {
                let behind = credit + pool.cash + pool.fees;
                assert_eq!(behind, group.total, "money of branch {branch}");
            }
        }
        group.assert_solvent().expect("enough for whatever comes");
        assert_eq!(
            self.see_balance(group.token_account),
            group.total + known.donated,
            "the group's tokens are what it tracks"
        );
        Share {
            event_book: group.event_book,
            feed_book: addresses::feed_book(&self.vault, &group.feed_id),
            operator: group.operator,
            at_risk: if group.released == 0 {
                group.funding
            } else {
                0
            },
        }
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
        let at_risk = vault.allocated + vault.chain_reserve;
        let (old_equity, old_shares, old_at_risk) =
            self.last.replace((equity, vault.shares, at_risk));
        let price = |equity: u64, shares: u64| (u128::from(equity) + 1, u128::from(shares) + 1_000);
        let (new, old) = (price(equity, vault.shares), price(old_equity, old_shares));
        let has_fallen = new.0 * old.1 < old.0 * new.1;
        let is_booked_loss = vault.shares == old_shares && at_risk < old_at_risk;
        assert!(
            !has_fallen || is_booked_loss,
            "the LP share price fell from {old:?} to {new:?} without a loss of a market or by a chain"
        );
    }
}
