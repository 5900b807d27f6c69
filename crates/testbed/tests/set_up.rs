//! Setting up a market costs the same however many there are.

use testbed::{FlashOptions, FlashWorld, MarketsOptions, MarketsWorld};

const MARKETS: usize = 10;
const DEPOSIT: u64 = 1_000_000_000_000;

/// Checks of single markets that each of two rounds of setting up costs.
fn rounds<W>(
    world: &mut W,
    mut set_up: impl FnMut(&mut W),
    checked: impl Fn(&W) -> usize,
) -> [usize; 2] {
    [(); 2].map(|()| {
        let before = checked(world);
        for _ in 0..MARKETS {
            set_up(world);
        }
        checked(world) - before
    })
}

#[test]
fn setting_up_a_flash_market_checks_no_other() {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let lender = flash.user(DEPOSIT);
    flash.deposit(&lender, DEPOSIT).expect("a deposit");
    let set_up = |flash: &mut FlashWorld| {
        let terms = flash.terms(2);
        let market = flash.market(terms);
        let user = flash.user(1_000);
        flash.open_ticket(&user, market).expect("a ticket");
    };
    let [first, second] = rounds(&mut flash, set_up, |flash| flash.markets_checked());
    assert_eq!(first, second);
    assert!(first >= MARKETS, "{first}");
}

#[test]
fn setting_up_a_standard_market_checks_no_other() {
    let mut markets = MarketsWorld::start(&MarketsOptions::default());
    let set_up = |markets: &mut MarketsWorld| {
        let terms = markets.terms(2);
        let market = markets.market(terms);
        let trader = markets.trader(1_000);
        markets.open(&trader, market).expect("a position");
    };
    let [first, second] = rounds(&mut markets, set_up, |markets| markets.markets_checked());
    assert_eq!(first, second);
    assert!(first >= MARKETS, "{first}");
}
