//! Flash bets, pauses of the vault and suspensions of a market: prices that nobody can answer have no
//! weight, however many of them there are and whoever looks when.

use anchor_lang::prelude::Pubkey;
use math::{Price, SlowPrice};
use testbed::{FlashWorld, User};

const LIQUIDITY: u64 = 100_000_000_000;
const PURSE: u64 = 1_000_000_000_000;
const PUSH: u64 = 2_000_000_000;

/// A market of half an hour that has just opened, without fees, and somebody with a ticket.
fn opened(flash: &mut FlashWorld) -> (Pubkey, User) {
    let mut terms = flash.lasting(2, 1_800);
    terms.fee_rate = 0;
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    (market, user)
}

fn slow(flash: &FlashWorld, market: Pubkey) -> u64 {
    flash.market_state(market).pool.slow_prices[0]
}

/// The slow price of the first outcome when the market is void, which is what a share of it is paid.
fn voided(flash: &mut FlashWorld, market: Pubkey) -> u64 {
    flash.pass_to(flash.market_state(market).void_from);
    flash.void(market).expect("a void");
    let slow = slow(flash, market);
    let payout = flash.market_state(market).settlement.payouts[0];
    assert!(payout.abs_diff(slow) < 1 << 10, "{payout} {slow}");
    slow
}

/// Who pauses the vault and takes the proof away, with an accomplice's bet just before, made a void at
/// a price that nobody could answer.
#[test]
fn price_that_a_pause_shields_has_no_weight() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (market, accomplice) = opened(&mut flash);
    flash.pass_to(flash.market_state(market).hours.opens_at + 60);
    flash.place(&accomplice, market, 0, PUSH).expect("a push");
    let before = slow(&flash, market);
    assert!(before.abs_diff(1 << 62) < 1 << 20, "{before}");
    flash.pause().expect("a pause");
    assert_eq!(voided(&mut flash, market), before);
}

/// Who sells in a pause, and so touches the market, changes nothing of it; nor does a pause that is
/// over by then.
#[test]
fn sale_in_a_pause_moves_no_slow_price() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (market, seller) = opened(&mut flash);
    let opens_at = flash.market_state(market).hours.opens_at;
    flash.place(&seller, market, 0, PUSH).expect("a bet");
    flash.pass_to(opens_at + 600);
    flash.place(&seller, market, 1, 10).expect("a touch");
    let before = slow(&flash, market);
    assert!(before > 3 << 61, "{before}");
    flash.pause().expect("a pause");
    let part = flash.ticket(market, &seller).holdings.shares[0] / 3;
    for second in [600, 700, 1_000] {
        flash.pass_to(opens_at + second);
        flash.cash_out(&seller, market, 0, part).expect("a sale");
        assert_eq!(slow(&flash, market), before);
    }
    flash.pass_to(flash.market_state(market).hours.locks_at);
    flash.unpause().expect("an unpause");
    assert_eq!(voided(&mut flash, market), before);
}

/// A suspension within a pause, a pause within a suspension, and one that overlaps both: the time in
/// which both were off counts, to the slot, and no other.
#[test]
fn overlapping_pause_and_suspension_are_counted_once() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (market, user) = opened(&mut flash);
    let state = flash.market_state(market);
    let opens_at = state.hours.opens_at;
    flash.pass_to(opens_at + 100);
    flash.place(&user, market, 0, PUSH).expect("a push");
    let before = flash.market_state(market);
    // Suspended from second 200 to 300, paused from 250 to the end.
    flash.pass_to(opens_at + 200);
    flash.suspend(market, 100).expect("a suspension");
    let suspended = flash.market_state(market);
    flash.pass_to(opens_at + 250);
    flash.pause().expect("a pause");
    let slow_at_last = voided(&mut flash, market);

    let spot = client::quotes::prices(&before).expect("prices")[0];
    let slots = suspended.pool.observed_slot - before.pool.observed_slot;
    assert_eq!(slots, 250);
    let slow_then = Price(before.pool.slow_prices[0]);
    let expected = SlowPrice::new(before.slow_price_slots).updated(slow_then, spot, slots);
    let expected = expected.expect("a price").0;
    assert_eq!(suspended.pool.slow_prices[0], expected);
    assert_eq!(slow_at_last, expected);
}

/// What was traded before the end of trading has its whole weight, whatever is paused after it.
#[test]
fn pauses_after_trading_take_no_weight_from_it() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (early, user) = opened(&mut flash);
    let (late, _) = opened(&mut flash);
    let shift = flash.market_state(late).hours.opens_at - flash.market_state(early).hours.opens_at;
    assert!(shift > 0);
    flash.open_ticket(&user, late).expect("a ticket");
    for market in [early, late] {
        flash.pass_to(flash.market_state(market).hours.opens_at + 900);
        flash.place(&user, market, 0, PUSH).expect("a push");
    }
    // The first is void before the pauses, the other after two of them.
    let first = voided(&mut flash, early);
    flash.pass_to(flash.market_state(late).hours.trading_until);
    for _ in 0..2 {
        flash.pause().expect("a pause");
        flash.unpause().expect("an unpause");
        flash.pass_to(flash.chain().now().seconds() + flash.world.timelock);
    }
    let second = voided(&mut flash, late);
    assert!(first > 3 << 61, "{first}");
    // But for the slot that the end of trading is found to fall in, between those that were observed.
    assert!(first.abs_diff(second) < 1 << 43, "{first} {second}");
}
