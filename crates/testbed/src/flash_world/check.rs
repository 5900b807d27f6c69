//! The books of the flash bets.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use client::addresses::flash_bets as addresses;
use flash_bets::state::{
    Deposit, Event, FlashMarket, Order, PendingBet, Ticket, Vault, Withdrawal, MAX_OUTCOMES,
};
use math::Price;

use super::{FlashBets, FlashWorld};
use crate::program_world::{Known, MarketProgram};

/// Base units that the vault waits for from a market, and on which event.
pub struct Share {
    event: Pubkey,
    allocated: u64,
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
            event: market.event,
            allocated: if market.released == 0 {
                market.funding
            } else {
                0
            },
        })
    }

    fn check_sums(world: &FlashWorld, shares: &BTreeMap<Pubkey, Share>) {
        let vault = world.see_as::<Vault>(world.vault).expect("a vault");
        let mut allocated = BTreeMap::<Pubkey, u64>::new();
        let mut open_markets = BTreeMap::<Pubkey, u32>::new();
        for share in shares.values() {
            *open_markets.entry(share.event).or_default() += 1;
            *allocated.entry(share.event).or_default() += share.allocated;
        }
        assert_eq!(
            vault.allocated,
            allocated.values().sum::<u64>(),
            "the vault's allocation is the funding of the markets it waits for"
        );
        for (address, event) in world.see_all::<Event>(&world.accounts) {
            let expected = allocated.get(&address).copied().unwrap_or(0);
            assert_eq!(event.allocated, expected, "allocation of an event");
            let expected = open_markets.get(&address).copied().unwrap_or(0);
            assert_eq!(event.open_markets, expected, "markets of an event");
        }
        world.check_vault(&vault);
    }
}

impl FlashWorld {
    fn check_market(&self, market: &FlashMarket, known: &Known) {
        let mut held = [0u64; MAX_OUTCOMES];
        let mut escrow = 0;
        let mut orders = BTreeMap::<Pubkey, u16>::new();
        for (_, pending) in self.see_all::<PendingBet>(&known.accounts) {
            *orders.entry(pending.owner).or_default() += 1;
            match pending.order {
                Order::Buy { stake, .. } => escrow += stake,
                Order::Sell { shares, .. } => held[usize::from(pending.outcome)] += shares,
            }
        }
        let tickets = self.see_all::<Ticket>(&known.accounts);
        for (_, ticket) in &tickets {
            for (held, shares) in held.iter_mut().zip(&ticket.shares) {
                *held += shares;
            }
            let expected = orders.get(&ticket.owner).copied().unwrap_or(0);
            assert_eq!(ticket.pending_bets, expected, "orders of a ticket");
        }
        assert_eq!(market.pool.sold, held, "shares sold are in tickets");
        assert_eq!(market.escrow, escrow, "the escrow is the stakes that wait");
        assert_eq!(market.open_tickets as usize, tickets.len(), "tickets");
        assert_eq!(
            market.pending_bets,
            orders.values().map(|count| u32::from(*count)).sum::<u32>(),
            "orders"
        );

        let owed = if market.is_open() {
            self.check_prices(market);
            market.pool.sold.into_iter().max().unwrap_or(0)
        } else {
            market.liability().expect("a liability")
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
