//! A market of the crate's sections, from its opening to the last payout.

use bytemuck::Zeroable;
use market_core::{
    pool::Fees, weighted_prices, BasisPoints, CoreError, Evidence, Halt, Holdings, Meaning, Memory,
    Moment, Money, Now, Observed, Observers, Order, Pauses, PoolState, Price, Rule, RuleTerms,
    Settlement, Shares, Status, TradingHours, NO_OUTCOME,
};
use math::CurveKind;

const FEES: Fees = Fees {
    rate: BasisPoints(100),
    floor: BasisPoints(0),
};
const DEPTH: Money = Money(1_000_000_000);
const PUSH: Order = Order::Stake(Money(500_000_000));
const MEMORY: Memory = Memory {
    slow_price_slots: 100,
    micro_tau: false,
};

fn at(seconds: i64) -> Moment {
    Moment {
        slot: 5 * seconds.unsigned_abs() / 2,
        seconds,
    }
}

fn now(moment: Moment) -> Now {
    Now::without_halts(moment.slot, moment.seconds)
}

fn hours() -> TradingHours {
    TradingHours::new(1_000, 2_000, 0).unwrap()
}

fn pool(weights: &[u32]) -> PoolState<4> {
    let mut pool = PoolState::zeroed();
    let prices = weighted_prices::<4>(weights).unwrap();
    let prior = &prices[..weights.len()];
    pool.open_at(CurveKind::Lmsr, DEPTH, prior, at(1_000).slot)
        .unwrap();
    pool
}

struct World {
    hours: TradingHours,
    pool: PoolState<4>,
    settlement: Settlement<4>,
}

impl World {
    fn open() -> Self {
        Self {
            hours: hours(),
            pool: pool(&[1, 1, 1]),
            settlement: Settlement::OPEN,
        }
    }

    fn fill(&mut self, second: i64, order: Order, bound: u64) -> Result<u64, CoreError> {
        let Self { hours, pool, .. } = self;
        let fill = pool.fill(hours, MEMORY, now(at(second)), None, 1, order, bound, FEES)?;
        self.settlement.assert_solvent(&self.pool)?;
        Ok(match order {
            Order::Stake(_) => fill.shares.0,
            Order::Buy(_) | Order::Sell(_) => fill.amount.0,
        })
    }
}

#[test]
fn bounds_hold_to_the_unit() {
    let stake = Order::Stake(Money(10_000_000));
    let shares = World::open().fill(1_100, stake, 0).unwrap();
    assert!(shares > 20_000_000);
    assert_eq!(World::open().fill(1_100, stake, shares), Ok(shares));
    let refused = Err(CoreError::SlippageExceeded);
    assert_eq!(World::open().fill(1_100, stake, shares + 1), refused);

    let buy = Order::Buy(Shares(20_000_000));
    let cost = World::open().fill(1_100, buy, u64::MAX).unwrap();
    assert_eq!(World::open().fill(1_100, buy, cost), Ok(cost));
    assert_eq!(World::open().fill(1_100, buy, cost - 1), refused);

    let mut world = World::open();
    world.fill(1_100, buy, u64::MAX).unwrap();
    let sell = Order::Sell(Shares(20_000_000));
    let state = world.pool;
    let returned = world.fill(1_100, sell, 0).unwrap();
    assert!(returned < cost);
    world.pool = state;
    assert_eq!(world.fill(1_100, sell, returned + 1), refused);
    world.pool = state;
    assert_eq!(world.fill(1_100, sell, returned), Ok(returned));
}

#[test]
fn quote_is_what_a_trade_does_and_changes_nothing() {
    let mut world = World::open();
    for order in [
        Order::Stake(Money(5_000_000)),
        Order::Buy(Shares(7)),
        Order::Sell(Shares(1_000_000)),
    ] {
        let before = (world.pool, world.hours);
        let quote = world
            .pool
            .quote_at(&world.hours, MEMORY, at(1_200), 1, order, FEES);
        assert_eq!((world.pool, world.hours), before);
        let World { hours, pool, .. } = &mut world;
        let bound = if matches!(order, Order::Buy(_)) {
            u64::MAX
        } else {
            0
        };
        let fill = pool.fill(hours, MEMORY, now(at(1_200)), None, 1, order, bound, FEES);
        assert!(fill.is_ok());
        assert_eq!(fill, quote);
    }
}

#[test]
fn depth_falls_with_the_seconds_left_whatever_the_slots_do() {
    let memory = Memory {
        micro_tau: true,
        ..MEMORY
    };
    for slots in [1, 1_000_000] {
        let mut world = World::open();
        let halfway = Moment {
            slot: at(1_000).slot + slots,
            seconds: 1_500,
        };
        let World { hours, pool, .. } = &mut world;
        pool.bring_up_to(hours, memory, now(halfway), None).unwrap();
        assert_eq!(world.pool.depth, 707_106_781);
    }
}

#[test]
fn price_of_the_last_second_has_no_weight() {
    let mut world = World::open();
    world.fill(1_999, PUSH, 0).unwrap();
    let before = world.pool.slow_prices;
    let World { hours, pool, .. } = &mut world;
    pool.bring_up_to(hours, MEMORY, now(at(9_000)), None)
        .unwrap();
    assert_eq!(world.pool.slow_prices, before);
}

/// A price that stands for 40 s beside a pause and a suspension weighs as one that stands for 40 s
/// alone, to the bit, in whichever trade or poke it is observed.
#[test]
fn price_has_no_weight_while_trading_is_halted() {
    let mut pauses = Pauses::default();
    pauses.pause(1_120);
    pauses.propose_unpause(1_120, 1_150).unwrap();
    let suspension = Halt {
        from: 1_140,
        until: 1_160,
    };
    let end = Now::new(at(1_180).slot, 1_180, pauses).suspended(suspension);
    let mut plain = World::open();
    plain.fill(1_100, PUSH, 0).unwrap();
    let (mut poked, mut traded) = (plain.pool, plain.pool);
    let hours = plain.hours;
    let before = plain.pool.slow_prices;
    let World {
        hours: own, pool, ..
    } = &mut plain;
    pool.bring_up_to(own, MEMORY, now(at(1_140)), None).unwrap();
    poked
        .bring_up_to(&mut { hours }, MEMORY, end, None)
        .unwrap();
    let order = Order::Buy(Shares(1_000));
    traded
        .fill(&mut { hours }, MEMORY, end, None, 0, order, u64::MAX, FEES)
        .unwrap();
    assert!(plain.pool.slow_prices[1] > before[1]);
    assert_eq!(poked.slow_prices, plain.pool.slow_prices);
    assert_eq!(traded.slow_prices, plain.pool.slow_prices);
    assert_eq!(poked.observed_slot, at(1_180).slot);
    // And from then on it weighs as before.
    let World {
        hours: own, pool, ..
    } = &mut plain;
    pool.bring_up_to(own, MEMORY, now(at(1_240)), None).unwrap();
    let mut hours = TradingHours {
        observed_at: 1_180,
        ..hours
    };
    let later = Now::new(at(1_280).slot, 1_280, pauses).suspended(suspension);
    poked.bring_up_to(&mut hours, MEMORY, later, None).unwrap();
    for (one, other) in poked.slow_prices.iter().zip(plain.pool.slow_prices) {
        assert!(one.abs_diff(other) < 8, "{one} {other}");
    }
}

#[test]
fn winners_are_paid_and_the_books_end_empty() {
    let mut world = World::open();
    let shares = world
        .fill(1_100, Order::Stake(Money(10_000_000)), 0)
        .unwrap();
    let rule = Rule::<3>::new(&RuleTerms::Categorical, 3).unwrap();
    world.settlement.resolve(rule.meaning(1).unwrap()).unwrap();
    assert_eq!(world.settlement.winning_outcome, 1);
    assert_eq!(world.settlement.liability(&world.pool), Ok(shares));
    world.settlement.assert_solvent(&world.pool).unwrap();

    let cash = world.pool.cash;
    let paid = world.settlement.redeem(&mut world.pool, &[0, shares, 0]);
    assert_eq!(paid, Ok(Money(shares)));
    assert_eq!(world.pool.cash, cash - shares);
    assert_eq!(world.settlement.liability(&world.pool), Ok(0));
    let again = world.settlement.redeem(&mut world.pool, &[0, 1, 0]);
    assert_eq!(again, Err(CoreError::NotEnoughShares));
}

#[test]
fn market_that_owes_more_than_it_has_is_refused() {
    let mut world = World::open();
    let shares = world
        .fill(1_100, Order::Stake(Money(10_000_000)), 0)
        .unwrap();
    world.settlement.resolve(Meaning::Outcome(1)).unwrap();
    world.pool.cash = shares - 1;
    let refused = Err(CoreError::Insolvent);
    assert_eq!(world.settlement.assert_solvent(&world.pool), refused);
    let redeemed = world.settlement.redeem(&mut world.pool, &[0, shares, 0]);
    assert_eq!(redeemed.map(|_| ()), refused);
}

#[test]
fn void_pays_no_more_than_one_for_a_set() {
    let mut settlement = Settlement::<4>::OPEN;
    settlement.void(pool(&[1, 2, 3]).void_payouts().unwrap());
    assert_eq!(settlement.winning_outcome, NO_OUTCOME);
    assert!(settlement.is_settled());
    let set = settlement.payout_of(&[1_000_000; 3]).unwrap();
    assert!((999_999..=1_000_000).contains(&set));
    let mut open = Settlement::<4>::OPEN;
    let outside = open.resolve(Meaning::NoOutcome);
    assert_eq!(outside, Err(CoreError::ValueOutsideRule));
    let beyond = open.resolve(Meaning::Outcome(4));
    assert_eq!(beyond, Err(CoreError::ValueOutsideRule));
}

fn evidence() -> Evidence {
    Evidence {
        feed_id: [1; 32],
        provider_set: [2; 32],
        verifying_key: [3; 32],
        observation: [4; 32],
        strike_observation: [5; 32],
        observe_at_ms: 2_000_000,
        strike_at_ms: 1_000_000,
        needs_agreement: 1,
        padding: [0; 7],
    }
}

fn observed() -> Observed {
    Observed {
        provider_set: [2; 32],
        verifying_key: [3; 32],
        feed_id: [1; 32],
        observe_at_ms: 2_000_000,
        value: 7,
        status: Status::Valid,
    }
}

#[test]
fn each_way_an_observation_can_be_another_has_its_name() {
    let evidence = evidence();
    let check = |change: fn(&mut Observed)| {
        let mut observed = observed();
        change(&mut observed);
        evidence.require_observation(evidence.observers(), &observed)
    };
    assert_eq!(check(|_| ()), Ok(()));
    let refused = [
        check(|observed| observed.provider_set = [9; 32]),
        check(|observed| observed.verifying_key = [9; 32]),
        check(|observed| observed.feed_id = [9; 32]),
        check(|observed| observed.observe_at_ms = 1_000_000),
        check(|observed| observed.status = Status::Conflicted),
    ];
    let expected = [
        CoreError::WrongProviderSet,
        CoreError::WrongVerifyingKey,
        CoreError::WrongFeed,
        CoreError::WrongObservationTime,
        CoreError::ObservationNotValid,
    ];
    assert_eq!(refused, expected.map(Err));
}

#[test]
fn arbiters_take_the_place_of_the_providers() {
    let arbiters = Observers {
        provider_set: [6; 32],
        verifying_key: [7; 32],
    };
    let by_arbiters = Observed {
        provider_set: [6; 32],
        verifying_key: [7; 32],
        ..observed()
    };
    let evidence = evidence();
    assert_eq!(evidence.require_observation(arbiters, &by_arbiters), Ok(()));
    let by_providers = evidence.require_observation(arbiters, &observed());
    assert_eq!(by_providers, Err(CoreError::WrongProviderSet));
}

#[test]
fn leaf_agrees_with_what_is_recorded() {
    let evidence = evidence();
    let leaf = |recorded: Option<&Observed>, value| {
        evidence
            .leaf([2; 32], [3; 32], recorded, value)
            .map(|leaf| leaf.value)
    };
    assert_eq!(leaf(None, 8), Ok(8));
    assert_eq!(leaf(Some(&observed()), 7), Ok(7));
    let disagrees = leaf(Some(&observed()), 8);
    assert_eq!(disagrees, Err(CoreError::ObservationDisagrees));
    let conflicted = Observed {
        status: Status::Conflicted,
        ..observed()
    };
    let refused = leaf(Some(&conflicted), 7);
    assert_eq!(refused, Err(CoreError::ObservationNotValid));
    let other_key = evidence.leaf([2; 32], [9; 32], None, 7);
    assert_eq!(
        other_key.map(|leaf| leaf.value),
        Err(CoreError::WrongVerifyingKey)
    );
}

#[test]
fn contradiction_is_of_what_was_taken_from_that_address() {
    let evidence = evidence();
    let of = |address: &[u8; 32], result, strike| {
        evidence.is_contradicted(address, &observed(), result, strike)
    };
    assert_eq!(of(&[4; 32], Some(7), Some(8)), Ok(false));
    assert_eq!(of(&[4; 32], Some(8), Some(7)), Ok(true));
    assert_eq!(of(&[4; 32], None, None), Ok(false));
    assert_eq!(of(&[5; 32], Some(7), Some(8)), Ok(true));
    assert_eq!(of(&[5; 32], Some(8), Some(7)), Ok(false));
    let elsewhere = of(&[9; 32], Some(8), Some(8));
    assert_eq!(elsewhere, Err(CoreError::WrongObservation));

    let medians = Evidence {
        needs_agreement: 0,
        ..evidence
    };
    let differ = medians.is_contradicted(&[4; 32], &observed(), Some(8), None);
    assert_eq!(differ, Ok(false));
    let conflicted = Observed {
        status: Status::Conflicted,
        ..observed()
    };
    let conflict = medians.is_contradicted(&[4; 32], &conflicted, None, None);
    assert_eq!(conflict, Ok(true));
}

#[test]
fn holdings_never_go_below_zero_nor_wrap() {
    let mut holdings = Holdings {
        cost_basis: 0,
        shares: vec![5, 0, u64::MAX],
    };
    assert_eq!(holdings.take(0, Shares(6)), Err(CoreError::NotEnoughShares));
    assert_eq!(holdings.add(2, Shares(1)), Err(CoreError::Overflow));
    assert_eq!(
        holdings.add(3, Shares(1)),
        Err(CoreError::OutcomeOutOfRange)
    );
    assert_eq!(holdings.take_sets(1), Err(CoreError::NotEnoughShares));
    assert_eq!(holdings.book_received(3), Ok(()));
    assert_eq!(holdings.book_paid(10), Ok(()));
    assert_eq!(holdings.book_paid(u64::MAX), Err(CoreError::Overflow));
    assert_eq!(holdings.cost_basis, 7);
}

#[test]
fn payout_of_a_split_is_the_value_within_the_bounds() {
    let mut settlement = Settlement::<4>::OPEN;
    let rule = Rule::<3>::new(&RuleTerms::Linear { low: 0, high: 4 }, 2).unwrap();
    settlement.resolve(rule.meaning(1).unwrap()).unwrap();
    assert_eq!(settlement.winning_outcome, NO_OUTCOME);
    let quarter = Price::ONE.0 / 4;
    assert_eq!(settlement.payouts, [quarter, 3 * quarter, 0, 0]);
}
