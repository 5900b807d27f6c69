//! Nothing is lent while a price of the market stood far from its slow price of late.

use leverage::error::LoanError;
use testbed::{ExpectError, KeySource, LeverageWorld, Trader, UNIT};

use super::{
    attacks::request,
    common::{cheap_world, held, money, pass},
};

/// Buys an outcome until its price is far off, lets slots pass, and sells what it bought.
fn push(world: &mut LeverageWorld, pusher: &Trader, slots: u64) {
    push_by(world, pusher, 6_000 * UNIT, slots);
}

fn push_by(world: &mut LeverageWorld, pusher: &Trader, amount: u64, slots: u64) {
    let (market, had) = (world.listing.market, held(world, pusher, 1));
    let bought = world.markets.buy(pusher, market, 1, amount);
    bought.expect("a purchase");
    pass(world, slots);
    let shares = held(world, pusher, 1) - had;
    let sold = world.markets.sell(pusher, market, 1, shares);
    sold.expect("a sale");
}

fn calm_in(world: &LeverageWorld) -> u64 {
    world.markets.state(world.listing.market).calm_in_slots
}

fn time_constant(world: &LeverageWorld) -> u64 {
    world.markets.state(world.listing.market).slow_price_slots
}

fn look(world: &mut LeverageWorld) {
    let market = world.listing.market;
    world.markets.poke(market).expect("a look");
}

/// Until a price has been near for the whole time constant nothing is opened, then at once; what is open already ends as
/// ever.
#[test]
fn loans_wait_until_prices_were_near_for_the_time_constant() {
    let mut world = cheap_world();
    let (owner, pusher) = (world.trader(), world.trader());
    let opened = world.open(&owner, 1, 0, 300 * UNIT, 200 * UNIT);
    opened.expect("a loan");
    pass(&mut world, 1);
    push(&mut world, &pusher, 1);
    let (far, constant) = (world.markets.chain().slot(), time_constant(&world));
    assert_eq!(calm_in(&world), constant);
    let opened = world.open(&owner, 2, 0, 100 * UNIT, 50 * UNIT);
    opened.expect_refusal(LoanError::PriceNotCalm);
    world.take_back(&owner, 2).expect("a return");
    world.reduce(&owner, 1, UNIT).expect("a sale");

    world.markets.go_to(far + constant / 2);
    look(&mut world);
    assert_eq!(calm_in(&world), constant - constant / 2);
    world.markets.go_to(far + constant - 26);
    let args = request(0, 100 * UNIT, 50 * UNIT);
    world.request(&owner, 3, args).expect("a request");
    world.markets.go_to(far + constant - 1);
    let opened = world.execute(&owner, 3);
    opened.expect_refusal(LoanError::PriceNotCalm);
    pass(&mut world, 1);
    world.execute(&owner, 3).expect("a loan");
    assert_eq!(calm_in(&world), 0);
}

/// Whatever is pushed and taken back within a slot has stood for none.
#[test]
fn push_of_a_moment_keeps_nobody_waiting() {
    let mut world = cheap_world();
    let (owner, pusher) = (world.trader(), world.trader());
    for _ in 0..3 {
        push(&mut world, &pusher, 0);
        pass(&mut world, 1);
        look(&mut world);
        assert_eq!(calm_in(&world), 0);
    }
    let opened = world.open(&owner, 1, 0, 300 * UNIT, 200 * UNIT);
    opened.expect("a loan");
}

/// A small move keeps nobody waiting however long it stands, nor does a great one for ever.
#[test]
fn new_price_is_lent_on_once_the_slow_one_is_near() {
    let mut world = cheap_world();
    let (owner, buyer, market) = (world.trader(), world.trader(), world.listing.market);
    let small = world.markets.buy(&buyer, market, 1, 800 * UNIT);
    small.expect("a purchase");
    pass(&mut world, 1);
    look(&mut world);
    assert_eq!(calm_in(&world), 0);
    let great = world.markets.buy(&buyer, market, 1, 6_000 * UNIT);
    great.expect("a purchase");
    let constant = time_constant(&world);
    let mut slots = 0;
    loop {
        pass(&mut world, constant / 20);
        slots += constant / 20;
        look(&mut world);
        if calm_in(&world) == 0 {
            break;
        }
        assert!(slots < 4 * constant, "{slots}");
    }
    println!("{slots} of {constant} slots after the move");
    assert!(slots > constant * 5 / 4);
    let opened = world.open(&owner, 1, 0, 300 * UNIT, 150 * UNIT);
    opened.expect("a loan");
}

/// A price that was far is not passed over because nobody recorded it before the slow price had come near.
#[test]
fn price_that_nobody_records_keeps_loans_waiting_as_one_that_somebody_does() {
    for slots_until_a_look in [1, 8_000] {
        let mut world = cheap_world();
        let (buyer, market) = (world.trader(), world.listing.market);
        let bought = world.markets.buy(&buyer, market, 1, 6_000 * UNIT);
        bought.expect("a purchase");
        pass(&mut world, slots_until_a_look);
        look(&mut world);
        assert_eq!(calm_in(&world), time_constant(&world));
    }
}

/// Whoever holds a push over the end of a slot, and is not answered in it, keeps loans waiting for the time constant at
/// the fees of the push, again and again.
#[test]
fn push_over_the_end_of_a_slot_keeps_loans_waiting_for_its_fees() {
    let mut world = cheap_world();
    let pusher = world.trader();
    let constant = time_constant(&world);
    let rounds = 3;
    let before = money(&world, &pusher);
    for _ in 0..rounds {
        pass(&mut world, constant - 2);
        push_by(&mut world, &pusher, 4_800 * UNIT, 1);
        assert_eq!(calm_in(&world), constant);
    }
    let cost = (before - money(&world, &pusher)) / rounds;
    println!("{cost} for {constant} slots");
    assert!(cost > 6 * UNIT.cast_signed() && cost < 7 * UNIT.cast_signed());
}

/// Nobody can answer a price in a pause, and none becomes calm in it.
#[test]
fn count_stands_still_in_a_pause() {
    let mut world = LeverageWorld::start_with(KeySource::Random, 2, |_| {});
    let pusher = world.trader();
    push(&mut world, &pusher, 1);
    let constant = time_constant(&world);
    pass(&mut world, 100);
    look(&mut world);
    assert_eq!(calm_in(&world), constant - 100);
    world.markets.pause().expect("a pause");
    pass(&mut world, 2 * constant);
    look(&mut world);
    assert_eq!(calm_in(&world), constant - 100);
}
