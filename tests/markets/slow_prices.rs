//! Standard markets, what the prices of a void weigh: liquidity and sets of a moment change nothing of
//! it, whatever way they take.

use anchor_lang::prelude::Pubkey;
use market_core::pool::Order;
use math::{BasisPoints, Price};
use testbed::{MarketsWorld, Trader};

const PURSE: u64 = 1_000_000_000_000_000;
const HALF: Price = Price(1 << 62);
/// Nearly as far as a purchase may push a price.
const END: Price = Price(Price::ONE.0 / 1_000_000 * 999_998);

/// What is read of the sum of prices without a poke is what the poke then writes; a pause adds nothing to it.
#[test]
fn sums_of_prices_are_known_before_a_poke() {
    let mut scene = Scene::new();
    scene.push(0, Price(Price::ONE.0 / 10 * 7));
    for is_paused in [false, true, false] {
        if is_paused {
            scene.markets.pause().expect("a pause");
        }
        let slot = scene.markets.chain().slot() + 1_000;
        scene.markets.go_to(slot);
        if is_paused {
            scene.markets.unpause().expect("an end of the pause");
        }
        let before = scene.markets.state(scene.market);
        let prices = before.pool.prices().expect("prices");
        let now = |scene: &Scene| {
            let clock = scene.markets.chain().clock().clone();
            scene.markets.venue_state().now(&clock)
        };
        let read = [0u8, 1].map(|outcome| {
            let price = prices[usize::from(outcome)];
            before
                .price_sum(outcome, price, now(&scene))
                .expect("a sum")
        });
        scene.markets.poke(scene.market).expect("a poke");
        let after = scene.markets.state(scene.market);
        for (outcome, (slot, sum)) in read.into_iter().enumerate() {
            assert_eq!(slot, after.pool.observed_slot);
            assert_eq!(sum, after.cumulative_prices[outcome]);
            assert_eq!(sum == before.cumulative_prices[outcome], is_paused);
        }
    }
}

struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    creator: Trader,
    attacker: Trader,
}

impl Scene {
    /// A market without fees, in which somebody holds what he bought for 400 long ago, its creator and
    /// sole provider, and an attacker.
    fn new() -> Self {
        let mut markets = MarketsWorld::start(&Default::default());
        let mut args = markets.terms(2);
        args.fee_rate = 0;
        args.locks_at = args.opens_at + 100 * 60 * 60;
        let market = markets.market(args);
        let (holder, attacker) = (markets.trader(PURSE), markets.trader(PURSE));
        let creator = markets.creator();
        markets.open(&holder, market).expect("a position");
        for provider in [&creator, &attacker] {
            markets.open_provider(provider, market);
        }
        markets
            .buy(&holder, market, 0, 400_000_000)
            .expect("a purchase");
        let mut scene = Self {
            markets,
            market,
            creator,
            attacker,
        };
        scene.wait(40, 4);
        scene
    }

    /// So many parts of a time constant.
    fn wait(&mut self, parts: u64, of: u64) {
        let slots = self.markets.state(self.market).slow_price_slots * parts / of;
        let slot = self.markets.chain().slot() + slots;
        self.markets.go_to(slot);
        self.markets.poke(self.market).expect("a poke");
    }

    /// The attacker moves the price of an outcome by a trade. Returns the shares.
    fn push(&mut self, outcome: u8, price: Price) -> u64 {
        let pool = self.markets.state(self.market).pool;
        let order = pool.amount_until(outcome.into(), price, BasisPoints(0));
        let (order, trade) = order.expect("an order").expect("some shares");
        let (market, attacker) = (self.market, &self.attacker);
        let traded = match order {
            Order::Sell(shares) => self.markets.sell(attacker, market, outcome, shares.0),
            Order::Buy(shares) => self.markets.buy_shares(attacker, market, outcome, shares.0),
            Order::Stake(_) => unreachable!("an order until a price is in shares"),
        };
        traded.expect("a push");
        trade.shares.0
    }

    fn slow_prices(&self) -> [String; 2] {
        let slow_prices = self.markets.state(self.market).pool.slow_prices;
        [0, 1].map(|outcome| Price(slow_prices[outcome]).to_string())
    }

    fn spent(&self) -> u64 {
        PURSE - self.markets.balance(self.attacker.tokens)
    }
}

/// Whoever is there adds a thousand times the liquidity at even prices, pushes the price to its end,
/// takes the liquidity out, merges and sells back: for what rounding takes, the price that follows had
/// a part of its weight only.
#[test]
fn liquidity_of_a_moment_does_not_freeze_a_slow_price() {
    let after = |is_attacked: bool| {
        let mut scene = Scene::new();
        let market = scene.market;
        if is_attacked {
            // Even prices, by buying the other outcome.
            let even = scene.push(1, HALF);
            let added = 900 * scene.markets.state(market).pool.cash;
            scene
                .markets
                .add(&scene.attacker, market, added)
                .expect("liquidity");
            scene.push(0, END);
            let provided = scene.markets.liquidity(market, &scene.attacker).shares;
            scene
                .markets
                .remove(&scene.attacker, market, provided)
                .expect("an exit");
            let held = scene
                .markets
                .position(market, &scene.attacker)
                .holdings
                .shares;
            let sets = held[0].min(held[1]);
            scene
                .markets
                .merge(&scene.attacker, market, sets)
                .expect("money");
            assert!(sets > 1_000 * even);
            for (outcome, shares) in [(0, held[0] - sets), (1, held[1] - sets)] {
                if shares > 0 {
                    scene
                        .markets
                        .sell(&scene.attacker, market, outcome, shares)
                        .expect("a sale");
                }
            }
            assert_eq!(
                scene
                    .markets
                    .position(market, &scene.attacker)
                    .holdings
                    .shares[..2],
                [0; 2]
            );
            // Base units, of 2.5 million that the liquidity was.
            assert_eq!(scene.spent(), 12);
        }
        scene.wait(1, 4);
        scene.push(1, Price(Price::ONE.0 / 4 * 3));
        scene.wait(2, 1);
        scene.slow_prices()
    };
    let (calm, attacked) = (after(false), after(true));
    assert_eq!(calm, ["0.306141697108", "0.693858302892"]);
    // A unit of rounding in a depth of 10⁹.
    assert_eq!(attacked, ["0.306141696807", "0.693858303193"]);
}

/// The other way round: a sole provider who left thin liquidity behind has an accomplice bring liquidity
/// at the pushed price and take it out at even prices, so that the price of what is left would have its
/// whole weight again.
#[test]
fn liquidity_of_a_moment_does_not_free_a_thin_price() {
    let mut scene = Scene::new();
    let market = scene.market;
    let before = scene.slow_prices();
    let supply = scene.markets.state(market).liquidity_supply;
    scene
        .markets
        .remove(&scene.creator, market, supply - 700)
        .expect("an exit");
    scene.push(1, HALF);
    scene.push(0, END);
    scene
        .markets
        .add(&scene.attacker, market, 3_000_000_000_000)
        .expect("liquidity");
    scene.push(1, HALF);
    let provided = scene.markets.liquidity(market, &scene.attacker).shares;
    scene
        .markets
        .remove(&scene.attacker, market, provided)
        .expect("an exit");
    let held = scene
        .markets
        .position(market, &scene.attacker)
        .holdings
        .shares;
    let sets = held[0].min(held[1]);
    scene
        .markets
        .merge(&scene.attacker, market, sets)
        .expect("money");
    // What is not merged is of the depth that is left, some 1,000.
    assert_eq!(held[..2].iter().map(|held| held - sets).max(), Some(689));
    assert_eq!(scene.spent(), 288);
    scene.push(1, END);
    scene.wait(10, 1);
    let after = scene.slow_prices();
    assert_eq!(before, ["0.664832493223", "0.335167506777"]);
    assert_eq!(after, ["0.664832489567", "0.335167510433"]);
}
