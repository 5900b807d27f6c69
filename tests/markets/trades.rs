//! Standard markets, trades: to the base unit, on every curve, and at the edges of time and amounts.

use anchor_lang::prelude::{Clock, Pubkey};
use client::{
    addresses::markets as addresses,
    instructions::markets::*,
    market_quotes::{self as quotes, MarketQuote},
};
use market_core::pool::{Fill, Order};
use markets::{error::MarketError, state::MAX_OUTCOMES};
use math::{
    vesting::VESTING_SLOTS, BasisPoints, Conditions, History, MicroTau, Money, Pool, Price,
    PriceAccumulator, Shares, SlowPrice, StandingInterest, Trade,
};
use testbed::{ExpectError, MarketsWorld, Trader};

const PURSE: u64 = 1_000_000_000_000;

/// The mathematics of a market, beside the program.
struct Mirror {
    pool: Box<Pool<MAX_OUTCOMES>>,
    averages: PriceAccumulator<MAX_OUTCOMES>,
    interest: StandingInterest,
    calm_in_slots: u64,
    schedule: Option<MicroTau>,
    smoothing: SlowPrice,
    rate: BasisPoints,
}

impl Mirror {
    /// Of an hour's market with equal prices that opens in `slot`.
    fn open(args: &CreateMarketArgs, slot: u64) -> Self {
        let kind = args.curve.kind().expect("the curve has to be named");
        let micro_tau = args.curve == Curve::PmAmm { micro_tau: true };
        let price = Price::ratio(1, args.outcomes.into()).expect("a price");
        let prior = vec![price; args.outcomes.into()];
        let mut pool = Box::new(Pool::EMPTY);
        pool.open(kind, Money(args.depth), &prior, slot)
            .expect("a pool");
        let schedule = MicroTau {
            opens_at: args.opens_at,
            locks_at: args.locks_at,
        };
        // A sixteenth of an hour in slots of 400 ms.
        let tau_slots = (60_u64 * 60 / 16 * 1_000).div_ceil(400);
        Self {
            pool,
            averages: bytemuck::Zeroable::zeroed(),
            calm_in_slots: 0,
            interest: StandingInterest {
                observed_slot: slot,
                ..StandingInterest::default()
            },
            schedule: micro_tau.then_some(schedule),
            smoothing: SlowPrice::new(tau_slots),
            rate: BasisPoints(args.fee_rate),
        }
    }

    fn trade(&mut self, clock: &Clock, outcome: u8, order: Order) -> Trade {
        let conditions = Conditions {
            now_slot: clock.slot,
            now_seconds: clock.unix_timestamp,
            schedule: self.schedule,
            smoothing: self.smoothing,
        };
        let history = History {
            averages: &mut self.averages,
            interest: &mut self.interest,
            calm_in_slots: &mut self.calm_in_slots,
        };
        let trade = self
            .pool
            .trade(conditions, Some(history), outcome.into(), order, self.rate)
            .expect("a trade");
        // The program gives fees to their owners at once.
        self.pool.fees = 0;
        trade
    }
}

fn trade_of(quote: &MarketQuote, order: Order) -> Trade {
    let Fill {
        shares,
        amount,
        fee,
    } = quote.fill;
    let cost = match order {
        Order::Sell(_) => amount.0 + fee.0,
        Order::Stake(_) | Order::Buy(_) => amount.0 - fee.0,
    };
    Trade {
        shares,
        cost: Money(cost),
        fee,
    }
}

/// A world with one market and one trader who has a position in it.
fn world_of(
    outcomes: u8,
    change: impl FnOnce(&mut CreateMarketArgs),
) -> (MarketsWorld, Pubkey, Trader, CreateMarketArgs) {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut args = markets.terms(outcomes);
    change(&mut args);
    let market = markets.market(args.clone());
    let trader = markets.trader(PURSE);
    markets.open(&trader, market).expect("a position");
    (markets, market, trader, args)
}

fn every_curve() -> Vec<(Curve, u8, RuleTerms)> {
    let scalar = RuleTerms::Scalar {
        low: 0,
        high: 1_000,
    };
    vec![
        (Curve::Lmsr, 2, RuleTerms::Categorical),
        (Curve::Lmsr, 3, RuleTerms::Categorical),
        (Curve::Lmsr, 32, RuleTerms::Categorical),
        (Curve::PmAmm { micro_tau: false }, 2, RuleTerms::Categorical),
        (Curve::PmAmm { micro_tau: true }, 2, RuleTerms::Categorical),
        (Curve::L2, 2, scalar.clone()),
        (Curve::L2, 16, scalar.clone()),
        (Curve::L2, 64, scalar),
    ]
}

#[test]
fn trades_move_exactly_what_the_mathematics_says() {
    for (curve, outcomes, rule) in every_curve() {
        println!("{curve:?}, {outcomes} outcomes");
        let (mut markets, market, trader, args) = world_of(outcomes, |args| {
            (args.curve, args.rule) = (curve, rule);
        });
        let open = markets.chain().slot();
        let mut mirror = Mirror::open(&args, open);
        assert_eq!(markets.state(market).liquidity_supply, mirror.pool.cash);
        let last = outcomes - 1;
        let mut purse = PURSE;
        let mut fees = 0;

        for (slot, outcome, stake) in [
            (open, 0, 100_000_000),
            (open, last, 300_000_000),
            (open + 4_500, 0, 1_234_567),
        ] {
            markets.go_to(slot);
            let order = Order::Stake(Money(stake));
            let quote = markets.quote(market, outcome, order).expect("a quote");
            markets.buy(&trader, market, outcome, stake).expect("a buy");
            let trade = mirror.trade(markets.chain().clock(), outcome, order);
            assert_eq!(trade_of(&quote, order), trade);
            assert_eq!(trade.cost.0 + trade.fee.0, stake);
            purse -= stake;
            fees += trade.fee.0;
            assert_eq!(**markets.state(market).pool, *mirror.pool);
            assert_eq!(markets.balance(trader.tokens), purse);
        }

        let order = Order::Buy(Shares(54_321));
        let quote = markets.quote(market, last, order).expect("a quote");
        markets
            .buy_shares(&trader, market, last, 54_321)
            .expect("a buy");
        let trade = mirror.trade(markets.chain().clock(), last, order);
        assert_eq!(trade_of(&quote, order), trade);
        purse -= trade.cost.0 + trade.fee.0;
        fees += trade.fee.0;
        assert_eq!(markets.balance(trader.tokens), purse);

        markets.go_to(open + 6_000);
        let held = markets.position(market, &trader).holdings.shares[0];
        let order = Order::Sell(Shares(held));
        let quote = markets.quote(market, 0, order).expect("a quote");
        markets.sell(&trader, market, 0, held).expect("a sale");
        let trade = mirror.trade(markets.chain().clock(), 0, order);
        assert_eq!(trade_of(&quote, order), trade);
        purse += trade.cost.0 - trade.fee.0;
        fees += trade.fee.0;
        let state = markets.state(market);
        assert_eq!(**state.pool, *mirror.pool);
        assert_eq!(state.cumulative_prices, mirror.averages.cumulative);
        assert_eq!(markets.balance(trader.tokens), purse);
        let position = markets.position(market, &trader);
        assert_eq!(
            position.holdings.shares,
            &mirror.pool.sold[..usize::from(outcomes)]
        );
        assert_eq!(position.holdings.shares[0], 0);
        let paid = i64::try_from(PURSE - purse).expect("small");
        if curve != Curve::L2 {
            assert_eq!(position.holdings.cost_basis, paid);
        }
        assert_eq!(
            state.liquidity_fees + state.protocol_fees + state.creator_fees,
            fees
        );
        let position = addresses::position(&market, &trader.address());
        let account = markets.chain().find_account(position).expect("the chain");
        let bytes = account.expect("a position").data.len();
        assert!(outcomes > 2 || bytes <= 160, "{bytes} bytes");
    }
}

#[test]
fn fees_are_split_between_providers_protocol_and_creator() {
    let (mut markets, market, trader, _) = world_of(2, |args| {
        args.fee_rate = 500;
        args.creator_fee_share = 1_500;
    });
    markets.buy(&trader, market, 0, 100_000_000).expect("a buy");
    let state = markets.state(market);
    let fees = state.liquidity_fees + state.protocol_fees + state.creator_fees;
    assert_eq!(state.protocol_fees, fees * 2_000 / 10_000);
    assert_eq!(state.creator_fees, fees * 1_500 / 10_000);

    let creator = markets.creator();
    let before = markets.balance(creator.tokens);
    let collect = markets.build_collect_creator(market);
    markets.send(collect.instruction(), &[]).expect("fees");
    assert_eq!(markets.balance(creator.tokens), before + state.creator_fees);
    // The creator is the only provider: all but less than a unit of rounding is its, in the end.
    let vested = markets.chain().slot() + 20 * VESTING_SLOTS;
    markets.go_to(vested);
    markets.collect(&creator, market).expect("fees");
    let liquidity = markets.balance(creator.tokens) - before - state.creator_fees;
    assert!(state.liquidity_fees - liquidity <= 1);
    let release = markets.build_release(market);
    markets.send(release.instruction(), &[]).expect("fees");
    let released = state.protocol_fees - state.proposer_reward;
    assert_eq!(markets.venue_state().protocol_fees, released);
    let collect = markets.build_collect_protocol();
    markets.send(collect.instruction(), &[]).expect("fees");
    assert_eq!(markets.balance(markets.treasury_tokens), released);
    for instruction in [
        markets.build_collect_creator(market).instruction(),
        markets.build_collect(&creator, market).instruction(),
        markets.build_release(market).instruction(),
        markets.build_collect_protocol().instruction(),
    ] {
        markets
            .send(instruction, &[])
            .expect_refusal(MarketError::NothingToCollect);
    }
}

/// Whoever knows the price he wants gets the trade that leads there: one more share would be beyond it.
#[test]
fn amount_until_a_price_leads_there_and_no_further() {
    for (curve, outcomes, rule) in every_curve() {
        let (mut markets, market, trader, _) = world_of(outcomes, |args| {
            args.curve = curve;
            args.rule = rule;
        });
        markets.go_to(markets.chain().slot() + 4_500);
        let until = |markets: &MarketsWorld, target: Price| {
            let (state, venue) = (markets.state(market), markets.venue_state());
            quotes::amount_until(&state, &venue, markets.chain().clock(), 0, target)
                .expect("a quote")
        };
        let price =
            |markets: &MarketsWorld| quotes::prices(&markets.state(market)).expect("prices")[0];

        let before = price(&markets);
        let target = Price(before.0 + (Price::ONE.0 - before.0) / 3);
        let Some((Order::Buy(shares), quote)) = until(&markets, target) else {
            panic!("a higher price is bought up to");
        };
        let more = Order::Buy(Shares(shares.0 + 2));
        let more = markets.quote(market, 0, more).expect("a quote");
        assert!(quote.prices_after[0] <= target && more.prices_after[0] > target);
        markets
            .buy_shares(&trader, market, 0, shares.0)
            .expect("a purchase");
        assert_eq!(price(&markets), quote.prices_after[0]);
        assert_eq!(until(&markets, price(&markets)), None, "it is there");

        let target = Price(before.0 + (target.0 - before.0) / 3);
        let Some((Order::Sell(shares), quote)) = until(&markets, target) else {
            panic!("a lower price is sold down to");
        };
        markets
            .sell(&trader, market, 0, shares.0)
            .expect("a sale of what is held");
        assert_eq!(price(&markets), quote.prices_after[0]);
        assert!(quote.prices_after[0] >= target);
    }
}

#[test]
fn bounds_of_the_trader_hold() {
    let (mut markets, market, trader, _) = world_of(2, |_| {});
    let order = Order::Stake(Money(1_000_000));
    let quote = markets.quote(market, 0, order).expect("a quote");
    let mut buy = markets.build_buy(&trader, market, 0, 1_000_000);
    buy.args.min_shares = quote.fill.shares.0 + 1;
    markets
        .send(buy.instruction(), &[&trader.key])
        .expect_refusal(MarketError::SlippageExceeded);
    buy.args.min_shares -= 1;
    markets
        .send(buy.instruction(), &[&trader.key])
        .expect("a buy at its bound");

    let order = Order::Buy(Shares(1_000_000));
    let cost = markets
        .quote(market, 1, order)
        .expect("a quote")
        .fill
        .amount
        .0;
    let mut buy = markets.build_buy_shares(&trader, market, 1, 1_000_000);
    buy.args.max_cost = cost - 1;
    markets
        .send(buy.instruction(), &[&trader.key])
        .expect_refusal(MarketError::SlippageExceeded);
    buy.args.max_cost = cost;
    markets
        .send(buy.instruction(), &[&trader.key])
        .expect("a buy at its bound");

    let order = Order::Sell(Shares(1_000_000));
    let quote = markets.quote(market, 1, order).expect("a quote");
    let mut sell = markets.build_sell(&trader, market, 1, 1_000_000);
    sell.args.min_return = quote.fill.amount.0 + 1;
    markets
        .send(sell.instruction(), &[&trader.key])
        .expect_refusal(MarketError::SlippageExceeded);
    sell.args.min_return -= 1;
    markets
        .send(sell.instruction(), &[&trader.key])
        .expect("a sale at its bound");
}

/// A sandwich gets nothing of a trader whose bound is the quote, and the one who makes it loses fees.
#[test]
fn sandwich_fails_at_the_traders_bound() {
    let (mut markets, market, trader, _) = world_of(2, |_| {});
    let attacker = markets.trader(PURSE);
    markets.open(&attacker, market).expect("a position");
    let order = Order::Stake(Money(100_000_000));
    let quote = markets.quote(market, 0, order).expect("a quote");
    let mut buy = markets.build_buy(&trader, market, 0, 100_000_000);
    buy.args.min_shares = quote.fill.shares.0;

    markets
        .buy(&attacker, market, 0, 300_000_000)
        .expect("a front-run");
    markets
        .send(buy.instruction(), &[&trader.key])
        .expect_refusal(MarketError::SlippageExceeded);
    let held = markets.position(market, &attacker).holdings.shares[0];
    markets.sell(&attacker, market, 0, held).expect("a sale");
    assert!(markets.balance(attacker.tokens) < PURSE);
    markets
        .send(buy.instruction(), &[&trader.key])
        .expect("the price is what it was");
}

#[test]
fn trading_has_its_time() {
    let (mut markets, market, trader, _) = world_of(2, |args| {
        args.opens_at += 60;
        args.locks_at += 60;
        args.observe_at_ms += 60_000;
        args.frozen_seconds = 120;
    });
    let state = markets.state(market);
    let hours = state.hours;
    assert_eq!(hours.opens_at, markets.seconds() + 60);
    assert_eq!(hours.locks_at, hours.opens_at + 60 * 60);
    assert_eq!(hours.trading_until, hours.locks_at - 120);
    let all = |markets: &MarketsWorld| {
        [
            markets.build_buy(&trader, market, 0, 1_000).instruction(),
            markets
                .build_buy_shares(&trader, market, 0, 1_000)
                .instruction(),
            markets.build_split(&trader, market, 1_000).instruction(),
            markets.build_sell(&trader, market, 0, 1_000).instruction(),
        ]
    };
    for instruction in all(&markets) {
        markets
            .send(instruction, &[&trader.key])
            .expect_refusal(MarketError::TradingNotStarted);
    }
    markets.go_to_second(hours.opens_at);
    for instruction in all(&markets) {
        markets.send(instruction, &[&trader.key]).expect("a trade");
    }
    markets.go_to_second(hours.trading_until - 1);
    for instruction in all(&markets) {
        markets.send(instruction, &[&trader.key]).expect("a trade");
    }
    markets.go_to_second(hours.trading_until);
    for instruction in all(&markets) {
        markets
            .send(instruction, &[&trader.key])
            .expect_refusal(MarketError::TradingOver);
    }
}

#[test]
fn amounts_at_the_edge_are_refused_by_name() {
    let (mut markets, market, trader, _) = world_of(2, |_| {});
    let zero = [
        markets.build_buy(&trader, market, 0, 0).instruction(),
        markets
            .build_buy_shares(&trader, market, 0, 0)
            .instruction(),
        markets.build_sell(&trader, market, 0, 0).instruction(),
        markets.build_split(&trader, market, 0).instruction(),
        markets.build_merge(&trader, market, 0).instruction(),
    ];
    for instruction in zero {
        markets
            .send(instruction, &[&trader.key])
            .expect_refusal(MarketError::ZeroAmount);
    }
    markets
        .buy(&trader, market, 2, 1_000)
        .expect_refusal(MarketError::OutcomeOutOfRange);
    markets
        .buy_shares(&trader, market, 200, 1_000)
        .expect_refusal(MarketError::OutcomeOutOfRange);
    markets
        .sell(&trader, market, 2, 1)
        .expect_refusal(MarketError::OutcomeOutOfRange);
    markets
        .sell(&trader, market, 0, 1)
        .expect_refusal(MarketError::NotEnoughShares);
    markets
        .merge(&trader, market, 1)
        .expect_refusal(MarketError::NotEnoughShares);
    markets
        .buy_shares(&trader, market, 0, u64::MAX)
        .expect_refusal(MarketError::PriceOutOfRange);
    markets
        .buy(&trader, market, 0, 100_000_000_000)
        .expect_refusal(MarketError::PriceOutOfRange);
    markets
        .split(&trader, market, u64::MAX)
        .expect_refusal(MarketError::Overflow);
    markets.buy_shares(&trader, market, 0, 1).expect("a share");
    markets
        .sell(&trader, market, 0, 1)
        .expect_refusal(MarketError::Dust);
}

#[test]
fn sets_are_split_and_merged_at_one_unit_without_moving_a_price() {
    for curve in [
        Curve::Lmsr,
        Curve::PmAmm { micro_tau: false },
        Curve::PmAmm { micro_tau: true },
    ] {
        let (mut markets, market, trader, _) = world_of(2, |args| args.curve = curve);
        markets.buy(&trader, market, 1, 100_000_000).expect("a buy");
        let held = markets.position(market, &trader).holdings.shares;
        let (prices, purse) = (
            quotes::prices(&markets.state(market)).expect("prices"),
            markets.balance(trader.tokens),
        );
        markets.split(&trader, market, 5_000_000).expect("a split");
        assert_eq!(markets.balance(trader.tokens), purse - 5_000_000);
        assert_eq!(
            markets.position(market, &trader).holdings.shares,
            [5_000_000, held[1] + 5_000_000]
        );
        markets
            .merge(&trader, market, 5_000_001)
            .expect_refusal(MarketError::NotEnoughShares);
        markets.merge(&trader, market, 5_000_000).expect("a merge");
        assert_eq!(markets.balance(trader.tokens), purse);
        assert_eq!(markets.position(market, &trader).holdings.shares, held);
        let state = markets.state(market);
        assert_eq!(quotes::prices(&state).expect("prices"), prices);
    }
}

#[test]
fn l2_refuses_sets() {
    let (mut markets, market, trader, _) = world_of(16, |args| {
        args.curve = Curve::L2;
        args.rule = RuleTerms::Scalar { low: 0, high: 160 };
    });
    markets
        .split(&trader, market, 1_000_000)
        .expect_refusal(MarketError::SetsNotOffered);
    // Shares of each can be had from whoever bought them.
    for outcome in 0..16 {
        let giver = markets.trader(PURSE);
        markets.open(&giver, market).expect("a position");
        markets
            .buy_shares(&giver, market, outcome, 1_000)
            .expect("shares");
        markets
            .transfer_shares(&giver, &trader, market, outcome, 1_000)
            .expect("a gift");
    }
    markets
        .merge(&trader, market, 1_000)
        .expect_refusal(MarketError::SetsNotOffered);
}

/// A price that is pushed and taken back in one slot leaves no trace in slow or average price, and
/// one that is pushed in the last slot does not reach a void's payouts.
#[test]
fn push_in_one_slot_has_no_weight() {
    let (mut markets, market, trader, _) = world_of(2, |args| args.fee_rate = 0);
    let state = markets.state(market);
    let (quiet, open) = (state.pool.slow_prices[0], markets.chain().slot());
    markets.go_to(open + 1_000);
    markets
        .buy(&trader, market, 0, 2_000_000_000)
        .expect("a push");
    let pushed = markets.state(market);
    assert!(quotes::prices(&pushed).expect("prices")[0].0 > Price::ONE.0 / 10 * 8);
    markets.poke(market).expect("a poke");
    let held = markets.position(market, &trader).holdings.shares[0];
    markets.sell(&trader, market, 0, held).expect("a sale");
    markets.go_to(open + 1_001);
    markets.poke(market).expect("a poke");
    let state = markets.state(market);
    assert_eq!(state.pool.slow_prices[0], quiet);

    markets.go_to_second(state.hours.trading_until - 1);
    let before = {
        markets.poke(market).expect("a poke");
        markets.state(market).pool.slow_prices[0]
    };
    markets
        .buy(&trader, market, 0, 2_000_000_000)
        .expect("a push");
    markets.go_to_second(state.proposal_until);
    markets.void(market).expect("a void");
    let settled = markets.state(market);
    assert_eq!(settled.pool.slow_prices[0], before);
    assert!(settled.settlement.payouts[0].abs_diff(before) < 1 << 12);
}

#[test]
fn cumulative_prices_give_averages_over_time() {
    let (mut markets, market, trader, _) = world_of(2, |args| args.fee_rate = 0);
    let (start, open) = (markets.state(market), markets.chain().slot());
    markets.go_to(open + 100);
    markets.buy(&trader, market, 0, 500_000_000).expect("a buy");
    let pushed = quotes::prices(&markets.state(market)).expect("prices")[0];
    markets.go_to(open + 400);
    markets.poke(market).expect("a poke");
    let end = markets.state(market);
    let average = math::twap::twap(start.cumulative_prices[0], end.cumulative_prices[0], 400)
        .expect("an average");
    let expected = (u128::from(Price::ONE.0 / 2) * 100 + u128::from(pushed.0) * 300) / 400;
    let expected = u64::try_from(expected).expect("a price");
    assert!(average.0.abs_diff(expected) < 1 << 33);
}

#[test]
fn pause_stops_what_is_new_and_no_exit() {
    let (mut markets, market, trader, _) = world_of(2, |_| {});
    markets.buy(&trader, market, 0, 1_000_000).expect("a buy");
    markets.split(&trader, market, 1_000_000).expect("a split");
    markets.open_provider(&trader, market);
    markets.add(&trader, market, 1_000_000).expect("liquidity");
    markets.pause().expect("a pause");
    let refused = [
        markets.build_buy(&trader, market, 0, 1_000).instruction(),
        markets
            .build_buy_shares(&trader, market, 0, 1_000)
            .instruction(),
        markets.build_split(&trader, market, 1_000).instruction(),
        markets.build_add(&trader, market, 1_000_000).instruction(),
    ];
    for instruction in refused {
        markets
            .send(instruction, &[&trader.key])
            .expect_refusal(MarketError::Paused);
    }
    let args = markets.terms(2);
    let creator = markets.creator();
    markets
        .try_market(&creator, args)
        .expect_refusal(MarketError::Paused);
    markets.sell(&trader, market, 0, 1_000).expect("a sale");
    markets.merge(&trader, market, 1_000).expect("a merge");
    let shares = markets.liquidity(market, &trader).shares;
    markets.remove(&trader, market, shares).expect("an exit");
    markets.unpause().expect("an unpause");
    markets.resolve_all(market, &[&trader]);
}

/// Teams that dropped out, whose holders have sold below the least price, block no trade in the others,
/// nor in themselves; those that are still in stay guarded.
#[test]
fn outcome_below_the_least_price_blocks_no_trade_in_others() {
    for outcomes in [3u8, 10] {
        let depth = 1_000_000_000;
        let (mut markets, market, trader, _) = world_of(outcomes, |args| args.fee_rate = 0);
        let other = markets.trader(PURSE);
        markets.open(&other, market).expect("a position");
        for outcome in 1..outcomes {
            markets
                .buy_shares(&trader, market, outcome, 9 * depth)
                .expect("while it has a chance");
        }
        markets
            .buy_shares(&trader, market, 0, 20 * depth)
            .expect("the rest is ahead");
        // It does not come to that by purchases.
        markets
            .buy_shares(&trader, market, 0, 20 * depth)
            .expect_refusal(MarketError::PriceOutOfRange);
        for outcome in 1..outcomes - 1 {
            markets
                .sell(&trader, market, outcome, 9 * depth)
                .expect("a sale");
        }
        let prices = markets.state(market).pool.prices().expect("prices");
        let below = prices[1..usize::from(outcomes) - 1].iter();
        assert!(below
            .copied()
            .all(|price| price < math::trade::MIN_TRADING_PRICE));
        for outcome in 0..outcomes {
            let purse = markets.balance(other.tokens);
            markets
                .buy_shares(&other, market, outcome, 1_000_000)
                .expect("a purchase");
            markets
                .buy(&other, market, outcome, 1_000)
                .expect("a purchase for a stake");
            let held = markets.position(market, &other).holdings.shares[usize::from(outcome)];
            markets.sell(&other, market, outcome, held).expect("a sale");
            assert!(markets.balance(other.tokens) <= purse, "outcome {outcome}");
        }
        // The last team still plays.
        markets
            .buy_shares(&other, market, 0, 20 * depth)
            .expect_refusal(MarketError::PriceOutOfRange);
        markets.resolve_all(market, &[&trader, &other]);
    }
}
