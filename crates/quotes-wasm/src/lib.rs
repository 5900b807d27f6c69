//! Quotes for JavaScript: the client's own, on the bytes of accounts as a node gives them. Built for
//! `wasm32-unknown-unknown` it needs nothing of its host.
//!
//! The host writes a market's account to [`market_buffer`] and a standard market's venue to
//! [`venue_buffer`], calls a function with their lengths, and reads what it leaves at [`answer_buffer`].
//! What is asked of chains and groups is asked of [`parts_buffer`]. Each function returns 0, [`NO_MARKET`], or the code of the program's error.
#![expect(unsafe_code, reason = "the host calls functions by their names")]

mod flash;
mod market;

use std::sync::{Mutex, MutexGuard, PoisonError};

use anchor_lang::prelude::Clock;
use market_core::{Money, Order, Shares};

use flash::{Parts, MOST_PARTS_BYTES};
use market::{Market, Quote, MOST_MARKET_BYTES, MOST_OUTCOMES, MOST_VENUE_BYTES};

/// The bytes are no market of this version with its venue.
pub const NO_MARKET: u32 = 1;

/// Shares, amount, fee, number of outcomes; then their prices before and after, Q1.63.
const ANSWER: usize = 4 + 2 * MOST_OUTCOMES;

/// What the host and the module hand each other.
struct Exchange {
    market: [u8; MOST_MARKET_BYTES],
    venue: [u8; MOST_VENUE_BYTES],
    parts: [u8; MOST_PARTS_BYTES],
    answer: [u64; ANSWER],
}

static EXCHANGE: Mutex<Exchange> = Mutex::new(Exchange {
    market: [0; MOST_MARKET_BYTES],
    venue: [0; MOST_VENUE_BYTES],
    parts: [0; MOST_PARTS_BYTES],
    answer: [0; ANSWER],
});

impl Exchange {
    /// Writes the numbers of an answer; gives what the host is told.
    fn write(&mut self, answered: Result<Vec<u64>, u32>) -> u32 {
        match answered {
            Ok(numbers) => {
                for (place, value) in self.answer.iter_mut().zip(numbers) {
                    *place = value;
                }
                0
            }
            Err(code) => code,
        }
    }
}

fn exchange() -> MutexGuard<'static, Exchange> {
    EXCHANGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the host writes a market's account, whole.
#[no_mangle]
pub extern "C" fn market_buffer() -> *mut u8 {
    exchange().market.as_mut_ptr()
}

/// Bytes that fit there.
#[no_mangle]
pub extern "C" fn market_capacity() -> usize {
    MOST_MARKET_BYTES
}

/// Where the host writes the account of a standard market's venue, whole.
#[no_mangle]
pub extern "C" fn venue_buffer() -> *mut u8 {
    exchange().venue.as_mut_ptr()
}

/// Bytes that fit there.
#[no_mangle]
pub extern "C" fn venue_capacity() -> usize {
    MOST_VENUE_BYTES
}

/// Where the host reads: shares, amount, fee, number of outcomes; their prices before, and after.
#[no_mangle]
pub extern "C" fn answer_buffer() -> *const u64 {
    exchange().answer.as_ptr()
}

/// Where the host writes the accounts of a chain or a group, whole, one after the other.
#[no_mangle]
pub extern "C" fn parts_buffer() -> *mut u8 {
    exchange().parts.as_mut_ptr()
}

/// Bytes that fit there.
#[no_mangle]
pub extern "C" fn parts_capacity() -> usize {
    MOST_PARTS_BYTES
}

/// What a chain would come to at a slot and unix second: the vault, then of each leg its market, its chain
/// book and a byte, the outcome. Answers payout, multiple, chance and expected value in units of 10⁻¹², and
/// the price of each leg.
#[no_mangle]
pub extern "C" fn quote_chain(legs: usize, slot: u64, unix_seconds: i64, stake: u64) -> u32 {
    let clock = at(slot, unix_seconds);
    answer_parts(|parts| parts.chain(legs, stake, &clock))
}

/// What a chain would be cashed out for: the vault, the chain, and the markets of its open legs.
#[no_mangle]
pub extern "C" fn quote_cash_out(open_legs: usize, slot: u64, unix_seconds: i64) -> u32 {
    let clock = at(slot, unix_seconds);
    answer_parts(|parts| parts.cash_out(open_legs, &clock))
}

/// What an order would trade in a branch of a group, as [`quote`] of a market.
#[no_mangle]
pub extern "C" fn quote_branch(
    slot: u64,
    unix_seconds: i64,
    branch: u32,
    outcome: u32,
    kind: u32,
    amount: u64,
) -> u32 {
    let (clock, order) = (at(slot, unix_seconds), order(kind, amount));
    let [branch, outcome] = [branch, outcome].map(|index| u8::try_from(index).unwrap_or(u8::MAX));
    answer_parts(|parts| Ok(parts.branch(&clock, branch, outcome, order)?.numbers()))
}

/// What an order would trade at a slot and unix second: `kind` 0 stakes `amount` base units, 1 buys so
/// many shares, 2 sells them.
#[no_mangle]
pub extern "C" fn quote(
    market_bytes: usize,
    venue_bytes: usize,
    slot: u64,
    unix_seconds: i64,
    outcome: u32,
    kind: u32,
    amount: u64,
) -> u32 {
    let (clock, order) = (at(slot, unix_seconds), order(kind, amount));
    // What is no byte is no outcome either.
    let outcome = u8::try_from(outcome).unwrap_or(u8::MAX);
    answer(market_bytes, venue_bytes, |market| {
        market.quote(&clock, outcome, order)
    })
}

/// The spot price of each outcome, before and after being the same; nothing is traded.
#[no_mangle]
pub extern "C" fn prices(market_bytes: usize, venue_bytes: usize) -> u32 {
    answer(market_bytes, venue_bytes, Market::unchanged)
}

fn at(slot: u64, unix_seconds: i64) -> Clock {
    Clock {
        slot,
        unix_timestamp: unix_seconds,
        ..Clock::default()
    }
}

fn order(kind: u32, amount: u64) -> Order {
    match kind {
        0 => Order::Stake(Money(amount)),
        1 => Order::Buy(Shares(amount)),
        _ => Order::Sell(Shares(amount)),
    }
}

/// Answers a question about the accounts that the host wrote one after the other.
fn answer_parts(question: impl FnOnce(Parts) -> Result<Vec<u64>, u32>) -> u32 {
    let mut exchange = exchange();
    let answered = question(Parts::new(&exchange.parts));
    exchange.write(answered)
}

/// Answers a question about the market that the host wrote.
fn answer(
    market_bytes: usize,
    venue_bytes: usize,
    question: impl FnOnce(&Market) -> Result<Quote, u32>,
) -> u32 {
    let mut exchange = exchange();
    let market = exchange.market.get(..market_bytes);
    let venue = exchange.venue.get(..venue_bytes);
    let found = market
        .zip(venue)
        .and_then(|(market, venue)| Market::read(market, venue));
    let answered = found.ok_or(NO_MARKET).and_then(|market| question(&market));
    exchange.write(answered.map(|quote| quote.numbers()))
}
