//! Quotes for JavaScript: the client's own, on the bytes of accounts as a node gives them. Built for
//! `wasm32-unknown-unknown` it needs nothing of its host.
//!
//! The host writes a market's account to [`market_buffer`] and a standard market's venue to
//! [`venue_buffer`], calls a function with their lengths, and reads what it leaves at [`answer_buffer`].
//! Each function returns 0, [`NO_MARKET`], or the code of the program's error.
#![expect(unsafe_code, reason = "the host calls functions by their names")]

mod market;

use std::sync::{Mutex, MutexGuard, PoisonError};

use anchor_lang::prelude::Clock;
use market_core::{Money, Order, Shares};

use market::{Market, Quote, MOST_MARKET_BYTES, MOST_OUTCOMES, MOST_VENUE_BYTES};

/// The bytes are no market of this version with its venue.
pub const NO_MARKET: u32 = 1;

/// Shares, amount, fee, number of outcomes; then their prices before and after, Q1.63.
const ANSWER: usize = 4 + 2 * MOST_OUTCOMES;

/// What the host and the module hand each other.
struct Exchange {
    market: [u8; MOST_MARKET_BYTES],
    venue: [u8; MOST_VENUE_BYTES],
    answer: [u64; ANSWER],
}

static EXCHANGE: Mutex<Exchange> = Mutex::new(Exchange {
    market: [0; MOST_MARKET_BYTES],
    venue: [0; MOST_VENUE_BYTES],
    answer: [0; ANSWER],
});

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
    let order = match kind {
        0 => Order::Stake(Money(amount)),
        1 => Order::Buy(Shares(amount)),
        _ => Order::Sell(Shares(amount)),
    };
    let clock = Clock {
        slot,
        unix_timestamp: unix_seconds,
        ..Clock::default()
    };
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
    match found.ok_or(NO_MARKET).and_then(|market| question(&market)) {
        Ok(quote) => {
            let outcomes = quote.before.len();
            let head = [quote.shares, quote.amount, quote.fee, outcomes as u64];
            let prices = quote.before.iter().chain(&quote.after).map(|price| price.0);
            for (place, value) in exchange
                .answer
                .iter_mut()
                .zip(head.into_iter().chain(prices))
            {
                *place = value;
            }
            0
        }
        Err(code) => code,
    }
}
