//! Standard markets, pauses: while only sales move the price, it has no weight.

use client::market_quotes as quotes;
use math::Price;
use testbed::MarketsWorld;

const PURSE: u64 = 1_000_000_000_000;
const HALF: u64 = Price::ONE.0 / 2;

/// A holder who sells while nobody can buy moves the spot price as far as he likes, and no slow price:
/// the void pays what stood before, to the unit.
#[test]
fn sales_in_a_pause_do_not_move_what_a_void_pays() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(2);
    args.locks_at = args.opens_at + 3 * 24 * 60 * 60;
    let market = markets.market(args);
    let seller = markets.trader(PURSE);
    markets.open(&seller, market).expect("a position");
    markets.split(&seller, market, 2_000_000_000).expect("sets");
    markets.poke(market).expect("a poke");
    let before = markets.state(market).pool.slow_prices;
    assert!(before[0].abs_diff(HALF) < 1 << 20);

    markets.pause().expect("a pause");
    markets
        .sell(&seller, market, 0, 2_000_000_000)
        .expect("a sale");
    let pushed = quotes::prices(&markets.state(market)).expect("prices")[0];
    assert!(pushed.0 < HALF / 4, "{pushed:?}");
    let now = markets.seconds();
    markets.go_to_second(now + 24 * 60 * 60);
    markets.poke(market).expect("a poke");
    assert_eq!(markets.state(market).pool.slow_prices, before);

    // The pause lasts to the end of trading, and is over when the market is voided.
    markets.go_to_second(markets.state(market).hours.trading_until + 1);
    markets.unpause().expect("an unpause");
    markets.go_to_second(markets.state(market).proposal_until);
    markets.void(market).expect("a void");
    let state = markets.state(market);
    assert_eq!(state.pool.slow_prices, before);
    assert!(state.settlement.payouts[0].abs_diff(HALF) < 1 << 20);
    markets.resolve_all(market, &[&seller]);
}

/// Once everybody can answer again, a price has its weight from that second on, and no earlier.
#[test]
fn price_has_weight_again_from_the_end_of_a_pause() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(2);
    args.locks_at = args.opens_at + 30 * 24 * 60 * 60;
    let (paused, open) = (markets.market(args.clone()), {
        args.id += 1;
        markets.market(args)
    });
    let seller = markets.trader(PURSE);
    for market in [paused, open] {
        markets.open(&seller, market).expect("a position");
        markets.split(&seller, market, 2_000_000_000).expect("sets");
    }
    markets.pause().expect("a pause");
    markets
        .sell(&seller, paused, 0, 2_000_000_000)
        .expect("a sale");
    markets.unpause().expect("an unpause");
    let resumed = markets.venue_state().pauses.latest[0].until;
    let late = u64::try_from(markets.seconds() - resumed).expect("over");
    markets.poke(paused).expect("a poke");
    markets
        .sell(&seller, open, 0, 2_000_000_000)
        .expect("a sale");
    let now = markets.seconds();
    markets.go_to_second(now + 1_800);
    for market in [paused, open] {
        markets.poke(market).expect("a poke");
    }
    let [paused, open] = [paused, open].map(|market| markets.state(market).pool.slow_prices[0]);
    assert!(open < HALF - (1 << 58), "{open} is on its way");
    // The price in the pause stood as long as the other, and the seconds since the end of the pause.
    let gap = open.abs_diff(paused);
    let allowed = (late + 2) * (HALF / 3_600);
    assert!(gap <= allowed, "{gap} of {allowed}");
}

/// A poke before the opening, in a pause that ends before it, booked the time up to the opening as
/// paused, so that as much of a later pause had weight.
#[test]
fn poke_before_the_opening_makes_no_later_pause_count() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(2);
    args.opens_at += 24 * 60 * 60;
    args.observe_at_ms += 24 * 60 * 60 * 1_000;
    args.locks_at = args.opens_at + 3 * 24 * 60 * 60;
    let market = markets.market(args.clone());
    markets.pause().expect("a pause");
    markets.poke(market).expect("a poke");
    markets.unpause().expect("an unpause");
    markets.go_to_second(args.opens_at + 60 * 60);
    let seller = markets.trader(PURSE);
    markets.open(&seller, market).expect("a position");
    markets.split(&seller, market, 2_000_000_000).expect("sets");
    markets.poke(market).expect("a poke");
    let before = markets.state(market).pool.slow_prices;
    markets.pause().expect("a pause");
    markets
        .sell(&seller, market, 0, 2_000_000_000)
        .expect("a sale");
    markets.go_to_second(args.opens_at + 20 * 60 * 60);
    markets.poke(market).expect("a poke");
    assert_eq!(markets.state(market).pool.slow_prices, before);
}

/// What was traded before the end of trading has its whole weight, whatever is paused after it.
#[test]
fn pauses_after_trading_take_no_weight_from_it() {
    let mut markets = MarketsWorld::start(&Default::default());
    let args = markets.terms(2);
    let (early, late) = (markets.market(args.clone()), {
        let mut args = args;
        args.id += 1;
        args.proposal_seconds *= 4;
        markets.market(args)
    });
    let trader = markets.trader(PURSE);
    for market in [early, late] {
        markets.open(&trader, market).expect("a position");
        markets
            .buy(&trader, market, 0, 2_000_000_000)
            .expect("a push");
    }
    markets.go_to_second(markets.state(early).hours.trading_until);
    markets.poke(early).expect("a poke");
    for _ in 0..2 {
        markets.pause().expect("a pause");
        markets.unpause().expect("an unpause");
    }
    markets.poke(late).expect("a poke");
    let [early, late] = [early, late].map(|market| markets.state(market).pool.slow_prices[0]);
    assert!(early > HALF + HALF / 4, "{early} is on its way");
    // But for the slot that the end of trading is found to fall in, between those that were observed.
    assert!(early.abs_diff(late) < 1 << 40, "{early} {late}");
}
