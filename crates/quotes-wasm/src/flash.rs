//! Chains and groups of flash bets from the bytes of their accounts, one after the other, and the quotes of
//! them.

use anchor_lang::prelude::Clock;
use client::{
    accounts::StrobeAccount,
    chain_quotes::{self, QuotedLeg},
};
use flash_bets::{
    error::FlashError,
    state::{Chain, ChainBook, FlashMarket, Order, QuantumGroup, Vault},
};
use market_core::{Money, Now, Order as CurveOrder};
use math::Price;

use crate::{
    market::{account, Quote},
    NO_MARKET,
};

const MOST_LEGS: usize = math::chain::MAX_LEGS;
/// A vault, then a market, its chain book and an outcome for each leg; a group is less.
pub const MOST_PARTS_BYTES: usize = {
    let leg = whole::<FlashMarket>() + whole::<ChainBook>() + 1;
    whole::<Vault>() + whole::<Chain>() + MOST_LEGS * leg
};
const _: () = assert!(MOST_PARTS_BYTES >= whole::<QuantumGroup>());

/// An account whole: eight bytes that name the type, and its fields.
const fn whole<T>() -> usize {
    8 + size_of::<T>()
}

/// Accounts one after the other.
pub struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take<T: StrobeAccount>(&mut self) -> Result<T, u32> {
        let (own, rest) = self.0.split_at_checked(whole::<T>()).ok_or(NO_MARKET)?;
        self.0 = rest;
        account(own).ok_or(NO_MARKET)
    }

    fn byte(&mut self) -> Result<u8, u32> {
        let (byte, rest) = self.0.split_first().ok_or(NO_MARKET)?;
        self.0 = rest;
        Ok(*byte)
    }

    /// Payout, multiple, chance, expected value (10⁻¹²), then the price of each leg: of a vault, and for each
    /// leg its market, chain book and outcome.
    ///
    /// # Errors
    /// [`NO_MARKET`] or the code of the program's error, here and below.
    pub fn chain(mut self, legs: usize, stake: u64, clock: &Clock) -> Result<Vec<u64>, u32> {
        let vault: Vault = self.take()?;
        let mut states = Vec::new();
        for _ in 0..legs.min(MOST_LEGS + 1) {
            let (market, book): (FlashMarket, ChainBook) = (self.take()?, self.take()?);
            states.push((market, book, self.byte()?));
        }
        let quoted: Vec<_> = states
            .iter()
            .map(|(market, book, outcome)| QuotedLeg {
                market,
                book,
                outcome: *outcome,
            })
            .collect();
        let quote = chain_quotes::open(&vault, &quoted, Money(stake), clock).map_err(code)?;
        let odds = quote.odds;
        let mut answer = vec![odds.payout, odds.multiple, odds.chance, odds.expected];
        answer.extend(quote.prices.iter().map(|price| price.0));
        Ok(answer)
    }

    /// Base units: of a vault, a chain, and the markets of its open legs.
    pub fn cash_out(mut self, legs: usize, clock: &Clock) -> Result<Vec<u64>, u32> {
        let (vault, chain): (Vault, Chain) = (self.take()?, self.take()?);
        let markets = (0..legs.min(MOST_LEGS)).map(|_| self.take());
        let markets = markets.collect::<Result<Vec<FlashMarket>, u32>>()?;
        let markets: Vec<_> = markets.iter().collect();
        let value = chain_quotes::cash_out(&vault, &chain, &markets, clock).map_err(code)?;
        Ok(vec![value.0])
    }

    /// Of a group.
    pub fn branch(
        mut self,
        clock: &Clock,
        branch: u8,
        outcome: u8,
        order: CurveOrder,
    ) -> Result<Quote, u32> {
        let group = Box::new(self.take::<QuantumGroup>()?);
        let order = Order::unbounded(order);
        if order.size() == 0 {
            return Err(code(FlashError::ZeroAmount));
        }
        group.require_open().map_err(code)?;
        group
            .hours
            .require_trading(clock.unix_timestamp)
            .map_err(|error| code(error.into()))?;
        let now = Now::without_halts(clock.slot, clock.unix_timestamp);
        let fill = group.quote(now, branch, outcome, order).map_err(code)?;
        let prices = |group: &QuantumGroup| {
            let pool = group.pools.get(usize::from(branch));
            let prices = pool.and_then(|pool| pool.prices().ok()).unwrap_or_default();
            let outcomes = pool.map_or(0, |pool| usize::from(pool.outcomes));
            prices.into_iter().take(outcomes).collect::<Vec<Price>>()
        };
        let before = prices(&group);
        Ok(Quote {
            shares: fill.shares.0,
            amount: fill.amount.0,
            fee: fill.fee.0,
            after: before.clone(),
            before,
        })
    }
}

fn code(error: FlashError) -> u32 {
    error.into()
}
