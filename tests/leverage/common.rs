//! What stories of loans look at and do.

use leverage::instructions::MIN_FEE_RATE;
use market_core::{pool::Order, Shares};
use testbed::{KeySource, LeverageWorld, Trader};

/// What a sale of shares would return now.
pub fn sale(world: &LeverageWorld, outcome: u8, shares: u64) -> u64 {
    let order = Order::Sell(Shares(shares));
    let quote = world.markets.quote(world.listing.market, outcome, order);
    quote.expect("a quote").fill.amount.0
}

/// Shares of an outcome that somebody holds in the market.
pub fn held(world: &LeverageWorld, owner: &Trader, outcome: usize) -> u64 {
    let position = world.markets.position(world.listing.market, owner);
    position.holdings.shares[outcome]
}

pub fn money(world: &LeverageWorld, owner: &Trader) -> i64 {
    i64::try_from(world.markets.balance(owner.tokens)).expect("money")
}

/// What the listing says that its market cost, of lenders who had so many base units before.
pub fn cost(world: &LeverageWorld, had: u64) -> u64 {
    let cost = (u128::from(world.state().lost) * u128::from(had)) >> 32;
    u64::try_from(cost).expect("a cost")
}

pub fn pass(world: &mut LeverageWorld, slots: u64) {
    let slot = world.markets.chain().slot() + slots;
    world.markets.go_to(slot);
}

/// A world whose market takes the least fee that is lent on.
pub fn cheap_world() -> LeverageWorld {
    LeverageWorld::start_with(KeySource::Random, 2, |args| args.fee_rate = MIN_FEE_RATE)
}

pub fn price(world: &LeverageWorld, outcome: usize) -> f64 {
    let prices = world.markets.state(world.listing.market).pool.prices();
    prices.expect("prices")[outcome].0 as f64 / (1u64 << 63) as f64
}
