//! Standard markets, liquidity: what providers put in, take out and earn, to the base unit.

use anchor_lang::prelude::Pubkey;
use client::{addresses::markets as addresses, instructions::markets::*, market_quotes as quotes};
use markets::{
    error::MarketError,
    state::{Market, Position},
};
use math::{Money, Price, Shares};
use testbed::{ExpectError, MarketsWorld, Trader};

const PURSE: u64 = 1_000_000_000_000;

/// A market that has traded, and a provider who has added nothing yet.
struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    trader: Trader,
    provider: Trader,
}

impl Scene {
    fn new(curve: Curve, outcomes: u8) -> Self {
        let mut scene = Self::untraded(curve, outcomes);
        scene
            .markets
            .buy(&scene.trader, scene.market, 0, 300_000_000)
            .expect("a buy");
        scene
    }

    fn untraded(curve: Curve, outcomes: u8) -> Self {
        let mut markets = MarketsWorld::start(&Default::default());
        let mut args = markets.terms(outcomes);
        args.curve = curve;
        if curve == Curve::L2 {
            args.rule = RuleTerms::Scalar { low: 0, high: 100 };
        }
        let market = markets.market(args);
        let (trader, provider) = (markets.trader(PURSE), markets.trader(PURSE));
        markets.open(&trader, market).expect("a position");
        markets.open_provider(&provider, market);
        Self {
            markets,
            market,
            trader,
            provider,
        }
    }

    fn state(&self) -> Box<Market> {
        self.markets.state(self.market)
    }

    /// With the bounds of a quote less a hundredth.
    fn bounded_add(&self, amount: u64) -> AddLiquidity {
        let state = self.state();
        let venue = self.markets.venue_state();
        let clock = self.markets.chain().clock();
        let quote = quotes::add_liquidity(&state, &venue, clock, Money(amount)).expect("a quote");
        let mut add = self.markets.build_add(&self.provider, self.market, amount);
        add.args.min_shares = quote.added.shares.0 / 100 * 99;
        let returned = &quote.added.returned[..usize::from(state.pool.outcomes)];
        add.args.min_returned = returned.iter().map(|shares| shares / 100 * 99).collect();
        add
    }

    fn returned(&self) -> Vec<u64> {
        let address = addresses::position(&self.market, &self.provider.address());
        self.markets.read::<Position>(address).holdings.shares
    }
}

const CURVES: [(Curve, u8); 5] = [
    (Curve::Lmsr, 2),
    (Curve::Lmsr, 32),
    (Curve::PmAmm { micro_tau: false }, 2),
    (Curve::PmAmm { micro_tau: true }, 2),
    (Curve::L2, 64),
];

fn assert_same_prices(before: &Market, after: &Market) {
    let (before, after) = (
        quotes::prices(before).expect("prices"),
        quotes::prices(after).expect("prices"),
    );
    for (before, after) in before.iter().zip(after) {
        // 10⁻⁸: what rounding the curve's state at a depth of 10⁹ comes to.
        assert!(
            before.0.abs_diff(after.0) < Price::ONE.0 / 100_000_000,
            "{before:?} became {after:?}"
        );
    }
}

#[test]
fn liquidity_goes_in_and_out_at_unmoved_prices() {
    for (curve, outcomes) in CURVES {
        println!("{curve:?}, {outcomes} outcomes");
        let mut scene = if curve == Curve::L2 {
            Scene::untraded(curve, outcomes)
        } else {
            Scene::new(curve, outcomes)
        };
        let later = scene.markets.chain().slot() + 2_000;
        scene.markets.go_to(later);
        scene.markets.poke(scene.market).expect("a poke");
        let before = scene.state();
        let mut mirror = *before;
        let now = scene.markets.moment();
        let bought = mirror.add_liquidity(500_000_000, now).expect("liquidity");
        let added = bought.added;
        // Of the fees of 2,000 slots ago a quarter has not vested.
        assert_eq!(bought.unvested_fees > 0, before.liquidity_fees > 0);

        scene
            .markets
            .add(&scene.provider, scene.market, 500_000_000)
            .expect("liquidity");
        let after = scene.state();
        assert_same_prices(&before, &after);
        assert_eq!(after.pool, mirror.pool);
        let shares = scene
            .markets
            .liquidity(scene.market, &scene.provider)
            .shares;
        assert_eq!(shares, added.shares.0);
        assert_eq!(after.liquidity_supply, before.liquidity_supply + shares);
        assert_eq!(scene.returned(), added.returned[..usize::from(outcomes)]);
        assert_eq!(
            scene.markets.balance(scene.provider.tokens),
            PURSE - 500_000_000
        );

        let removed = mirror
            .pool
            .remove_liquidity(Shares(shares), Shares(after.liquidity_supply))
            .expect("liquidity");
        scene
            .markets
            .remove(&scene.provider, scene.market, shares)
            .expect("liquidity");
        let gone = scene.state();
        assert_same_prices(&before, &gone);
        assert_eq!(gone.pool, mirror.pool);
        let cash = removed.cash.0;
        assert_eq!(
            scene.markets.balance(scene.provider.tokens),
            PURSE - 500_000_000 + cash
        );
        // Whatever wins, coming and going gains nothing.
        for (outcome, shares) in scene.returned().iter().enumerate() {
            assert!(
                cash + shares <= 500_000_000,
                "outcome {outcome}: {}",
                cash + shares
            );
        }
        assert_eq!(gone.liquidity_supply, before.liquidity_supply);
        let traders = [&scene.trader, &scene.provider];
        scene.markets.resolve_all(scene.market, &traders);
    }
}

/// What has vested of the fees when somebody comes is of those before him, what vests later of all, for
/// which he brings his part, and whoever leaves keeps what vested while he was there.
#[test]
fn fees_go_to_who_is_there_while_they_vest() {
    let mut scene = Scene::new(Curve::Lmsr, 2);
    let (creator, market) = (scene.markets.creator(), scene.market);
    let later = scene.markets.chain().slot() + 1_500;
    scene.markets.go_to(later);
    scene
        .markets
        .collect(&creator, market)
        .expect("the first fees are the creator's");
    let before = scene.state();
    let unvested = before.liquidity_fees;
    let supply = before.liquidity_supply;
    scene
        .markets
        .add(&scene.provider, market, 1_000_000_000)
        .expect("liquidity");
    let shares = scene.markets.liquidity(market, &scene.provider).shares;
    scene
        .markets
        .collect(&scene.provider, market)
        .expect_refusal(MarketError::NothingToCollect);

    // Within one slot nothing vests, to whomever.
    scene
        .markets
        .buy(&scene.trader, market, 1, 200_000_000)
        .expect("a buy");
    let fees = scene.state().liquidity_fees;
    assert!(fees > unvested + 1_000);
    scene
        .markets
        .collect(&scene.provider, market)
        .expect_refusal(MarketError::NothingToCollect);

    // 63 % vests in 1,500 slots, to all that are there, by their parts.
    let later = scene.markets.chain().slot() + 1_500;
    scene.markets.go_to(later);
    let purses = [scene.provider.tokens, creator.tokens].map(|purse| scene.markets.balance(purse));
    scene
        .markets
        .collect(&scene.provider, market)
        .expect("fees");
    scene.markets.collect(&creator, market).expect("fees");
    let got = [scene.provider.tokens, creator.tokens].map(|purse| scene.markets.balance(purse));
    let [got, rest] = [got[0] - purses[0], got[1] - purses[1]];
    let vested = u128::from(got + rest);
    assert!(vested.abs_diff(u128::from(fees) * 632 / 1_000) < u128::from(fees) / 500);
    let part = vested * u128::from(shares) / u128::from(supply + shares);
    assert!(part.abs_diff(got.into()) <= 1, "{got} of {vested}");

    // Whoever leaves earns no more.
    scene
        .markets
        .remove(&scene.provider, market, shares)
        .expect("an exit");
    scene
        .markets
        .buy(&scene.trader, market, 1, 200_000_000)
        .expect("a buy");
    let later = scene.markets.chain().slot() + 1_500;
    scene.markets.go_to(later);
    scene
        .markets
        .collect(&scene.provider, market)
        .expect_refusal(MarketError::NothingToCollect);
    let traders = [&scene.trader, &scene.provider];
    scene.markets.resolve_all(market, &traders);
}

#[test]
fn bounds_of_the_provider_hold() {
    let mut scene = Scene::new(Curve::Lmsr, 2);
    let mut add = scene
        .markets
        .build_add(&scene.provider, scene.market, 10_000_000);
    add.args.min_shares = 10_000_001;
    let key = scene.provider.key.insecure_clone();
    scene
        .markets
        .send(add.instruction(), &[&key])
        .expect_refusal(MarketError::SlippageExceeded);
    add.args.min_shares = 0;
    scene
        .markets
        .send(add.instruction(), &[&key])
        .expect("liquidity");
    let shares = scene
        .markets
        .liquidity(scene.market, &scene.provider)
        .shares;
    scene
        .markets
        .remove(&scene.provider, scene.market, shares + 1)
        .expect_refusal(MarketError::NotEnoughShares);
    let mut remove = scene
        .markets
        .build_remove(&scene.provider, scene.market, shares);
    remove.args.min_cash = 10_000_000;
    scene
        .markets
        .send(remove.instruction(), &[&key])
        .expect_refusal(MarketError::SlippageExceeded);
    for instruction in [
        scene
            .markets
            .build_add(&scene.provider, scene.market, 0)
            .instruction(),
        scene
            .markets
            .build_remove(&scene.provider, scene.market, 0)
            .instruction(),
    ] {
        scene
            .markets
            .send(instruction, &[&key])
            .expect_refusal(MarketError::ZeroAmount);
    }
    scene
        .markets
        .add(&scene.provider, scene.market, 1)
        .expect_refusal(MarketError::LiquidityTooSmall);
}

/// Whoever moves the price before an addition raises some reserve: the provider gets fewer LP shares,
/// or fewer shares of an outcome. The bounds of the quote refuse both.
#[test]
fn additions_are_not_sandwiched() {
    for (curve, outcomes) in CURVES {
        if curve == Curve::L2 {
            continue;
        }
        // Back to the opening prices, and half the way.
        for part in [50, 100] {
            println!("{curve:?}, {outcomes} outcomes, {part} percent");
            let mut scene = Scene::new(curve, outcomes);
            let market = scene.market;
            let key = scene.provider.key.insecure_clone();
            scene
                .markets
                .buy(&scene.trader, market, 0, 1_000_000_000)
                .expect("a buy");
            let add = scene.bounded_add(500_000_000);

            let held = scene
                .markets
                .position(market, &scene.trader)
                .holdings
                .shares[0];
            scene
                .markets
                .sell(&scene.trader, market, 0, held / 100 * part)
                .expect("a sale");
            let moved = scene.bounded_add(500_000_000);
            // The bound on LP shares alone would let it pass.
            assert!(moved.args.min_shares > add.args.min_shares);
            scene
                .markets
                .send(add.instruction(), &[&key])
                .expect_refusal(MarketError::SlippageExceeded);
            scene
                .markets
                .send(moved.instruction(), &[&key])
                .expect("liquidity");
        }
    }
}

/// Donations are not priced, and the first provider cannot make the share of the next one dear.
#[test]
fn lp_shares_cannot_be_inflated() {
    let mut scene = Scene::new(Curve::Lmsr, 2);
    let creator = scene.markets.creator();
    let state = scene.state();
    let all_but_one = state.liquidity_supply - 1_000;
    scene.markets.open_provider(&creator, scene.market);
    scene
        .markets
        .remove(&creator, scene.market, all_but_one / 2)
        .expect("an exit");
    let tokens = addresses::market_tokens(&scene.market);
    scene.markets.donate(tokens, 1_000_000_000_000);
    let before = scene.state();
    let mut mirror = *before;
    let now = scene.markets.moment();
    let bought = mirror.add_liquidity(10_000_000, now).expect("liquidity");
    let added = bought.added;
    scene
        .markets
        .add(&scene.provider, scene.market, 10_000_000)
        .expect("liquidity");
    let shares = scene
        .markets
        .liquidity(scene.market, &scene.provider)
        .shares;
    assert_eq!(shares, added.shares.0);
    // The protocol gets the donation in the end.
    let traders = [&scene.trader, &scene.provider];
    scene.markets.resolve_all(scene.market, &traders);
    let fees = scene.markets.venue_state().protocol_fees;
    assert!(fees >= 1_000_000_000_000);
}

/// When everybody has left, nothing trades, and who holds shares is paid.
#[test]
fn last_provider_leaves_a_market_that_pays() {
    for (curve, outcomes) in CURVES.into_iter().filter(|(curve, _)| *curve != Curve::L2) {
        println!("{curve:?}, {outcomes} outcomes");
        let mut scene = Scene::new(curve, outcomes);
        let creator = scene.markets.creator();
        scene.markets.open_provider(&creator, scene.market);
        let supply = scene.state().liquidity_supply;
        scene
            .markets
            .remove(&creator, scene.market, supply)
            .expect("an exit");
        let held = scene
            .markets
            .position(scene.market, &scene.trader)
            .holdings
            .shares[0];
        for instruction in [
            scene
                .markets
                .build_buy(&scene.trader, scene.market, 0, 1_000)
                .instruction(),
            scene
                .markets
                .build_sell(&scene.trader, scene.market, 0, 1_000)
                .instruction(),
        ] {
            let key = scene.trader.key.insecure_clone();
            scene
                .markets
                .send(instruction, &[&key])
                .expect_refusal(MarketError::NoLiquidity);
        }
        scene
            .markets
            .add(&scene.provider, scene.market, 1_000_000)
            .expect_refusal(MarketError::NoLiquidity);
        let purse = scene.markets.balance(scene.trader.tokens);
        scene.markets.resolve(scene.market, 0);
        scene
            .markets
            .redeem(scene.market, &[&scene.trader])
            .expect("a payout");
        assert_eq!(scene.markets.balance(scene.trader.tokens), purse + held);
        let traders = [&creator, &scene.provider];
        scene.markets.resolve_all(scene.market, &traders);
    }
}

#[test]
fn curve_switches_once_near_the_end_at_the_same_price() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(2);
    args.offers_switch = true;
    let market = markets.market(args);
    let trader = markets.trader(PURSE);
    markets.open(&trader, market).expect("a position");
    markets.buy(&trader, market, 0, 300_000_000).expect("a buy");
    let hours = markets.state(market).hours;
    let first = hours.locks_at - (hours.locks_at - hours.opens_at) / 8;
    markets.go_to_second(first - 1);
    markets
        .switch(market)
        .expect_refusal(MarketError::TooEarlyToSwitch);
    markets.go_to_second(first);
    let before = markets.state(market);
    markets.switch(market).expect("a switch");
    let after = markets.state(market);
    assert_eq!(after.pool.kind, math::CurveKind::PmAmm as u8);
    assert_same_prices(&before, &after);
    assert_eq!(after.pool.cash, before.pool.cash);
    assert_eq!(after.pool.sold, before.pool.sold);
    markets
        .switch(market)
        .expect_refusal(MarketError::SwitchNotOffered);

    // What was bought before is sold after at no gain.
    let held = markets.position(market, &trader).holdings.shares[0];
    markets.sell(&trader, market, 0, held).expect("a sale");
    assert!(markets.balance(trader.tokens) < PURSE);
    markets.buy(&trader, market, 1, 50_000_000).expect("a buy");
    markets.resolve_all(market, &[&trader]);
}

#[test]
fn switch_is_for_lmsr_of_two_that_offers_it() {
    let mut markets = MarketsWorld::start(&Default::default());
    let creator = markets.creator();
    for (curve, outcomes) in [
        (Curve::Lmsr, 3),
        (Curve::PmAmm { micro_tau: false }, 2),
        (Curve::L2, 2),
    ] {
        let mut args = markets.terms(outcomes);
        (args.curve, args.offers_switch) = (curve, true);
        markets
            .try_market(&creator, args)
            .expect_refusal(MarketError::SwitchNotPossible);
        let mut args = markets.terms(outcomes);
        args.curve = curve;
        let market = markets.market(args);
        markets.go_to_second(markets.state(market).hours.locks_at - 4);
        markets
            .switch(market)
            .expect_refusal(MarketError::SwitchNotOffered);
    }
    let mut args = markets.terms(2);
    args.offers_switch = true;
    let market = markets.market(args);
    markets.go_to_second(markets.state(market).hours.trading_until);
    markets
        .switch(market)
        .expect_refusal(MarketError::TradingOver);
}
