//! Every operation of a pool in random sequences, over 100,000 for each curve, with what must hold
//! after each; and a search for a profit without risk, random at first and then by small changes
//! to the best that was found. Figures are printed (`--nocapture`).

mod common;

use std::cell::RefCell;

use common::{open, Trading};
use math::{
    liability, payout, BasisPoints, Conditions, CurveKind, History, MathError, MicroTau, Money,
    Order, Pool, Price, PriceAccumulator, Shares, SlowPrice, StandingInterest, Trade,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestRng, TestRunner};

const N: usize = 64;
const LOCK: i64 = 4_000;
const MICRO: i128 = 1_000_000;
const FREE: BasisPoints = BasisPoints(0);
const SMOOTHING: SlowPrice = SlowPrice::new(40);

/// An operation. Amounts are relative, so that any sequence makes sense on any pool.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Outcome, stake in millionths of the depth.
    Buy(usize, u64),
    /// Outcome, shares in millionths of the depth.
    BuyShares(usize, u64),
    /// Outcome, percent of those held.
    Sell(usize, u64),
    /// Outcome, price in millionths up or down to which to trade.
    Push(usize, u64),
    /// Millionths of the depth.
    Split(u64),
    /// Percent of the sets held.
    Merge(u64),
    /// Millionths of the greatest reserve.
    Add(u64),
    /// Percent of the pool's shares held.
    Remove(u64),
    /// Slots.
    Wait(u64),
    Switch,
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![1..100u64, 1..100_000u64, 1..5_000_000u64];
    let part = || prop_oneof![Just(100u64), 1..=100u64];
    prop_oneof![
        6 => (0..N, amount()).prop_map(|(outcome, stake)| Step::Buy(outcome, stake)),
        4 => (0..N, amount()).prop_map(|(outcome, shares)| Step::BuyShares(outcome, shares)),
        8 => (0..N, part()).prop_map(|(outcome, part)| Step::Sell(outcome, part)),
        2 => (0..N, prop_oneof![Just(1u64), Just(999_998), 1..999_999u64])
            .prop_map(|(outcome, price)| Step::Push(outcome, price)),
        2 => amount().prop_map(Step::Split),
        2 => part().prop_map(Step::Merge),
        3 => amount().prop_map(Step::Add),
        3 => part().prop_map(Step::Remove),
        2 => (1..60u64).prop_map(Step::Wait),
        1 => Just(Step::Switch),
    ]
}

/// Which pools to open.
#[derive(Clone, Copy, Debug)]
struct Setting {
    kind: CurveKind,
    outcomes: usize,
    depth: u64,
    /// Skew of the prior: the first outcome is this many times as likely as another.
    skew: u64,
    rate: BasisPoints,
    scheduled: bool,
}

fn settings(kind: CurveKind, most: usize) -> impl Strategy<Value = Setting> {
    let depth = prop_oneof![
        1_000..10_000u64,
        1_000_000..1_000_000_000u64,
        Just(1_000_000_000_000)
    ];
    let outcomes = prop_oneof![Just(2), 2..=most];
    let rate = prop_oneof![Just(0), 0..=1_000u16];
    let skew = prop_oneof![Just(1u64), 1..100u64];
    (outcomes, depth, skew, rate, any::<bool>()).prop_map(
        move |(outcomes, depth, skew, rate, scheduled)| Setting {
            kind,
            outcomes,
            depth,
            skew,
            rate: BasisPoints(rate),
            scheduled: scheduled && kind != CurveKind::L2,
        },
    )
}

/// A pool, one who trades with it and adds liquidity, and the one who opened it.
#[derive(Clone)]
struct World {
    setting: Setting,
    pool: Pool<N>,
    averages: PriceAccumulator<N>,
    interest: StandingInterest,
    calm_in_slots: u64,
    now: u64,
    supply: u64,
    /// Paid out of the trader's pocket less received.
    spent: i128,
    held: [u64; N],
    /// The trader's shares of the pool.
    provided: u64,
}

fn scaled(amount: u64, of: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(amount) * u128::from(of) / u128::from(whole)).expect("an amount")
}

impl World {
    fn open(setting: Setting) -> Self {
        let total = setting.skew + setting.outcomes as u64 - 1;
        let mut prior = vec![Price::ratio(1, total).expect("a price"); setting.outcomes];
        prior[0] = Price::ratio(setting.skew, total).expect("a price");
        let (pool, funding) = open(setting.kind, Money(setting.depth), &prior, 0)
            .unwrap_or_else(|error| panic!("{error}: {setting:?}"));
        Self {
            setting,
            pool,
            averages: PriceAccumulator { cumulative: [0; N] },
            calm_in_slots: 0,
            interest: StandingInterest::default(),
            now: 0,
            supply: funding.0,
            spent: 0,
            held: [0; N],
            provided: 0,
        }
    }

    fn outcomes(&self) -> usize {
        self.setting.outcomes
    }

    /// Adds liquidity on L2, which takes none later: millionths of what there is.
    fn provide_at_opening(&mut self, part: u64) {
        if self.setting.kind == CurveKind::L2 {
            assert!(self.take(Step::Add(part)));
        }
    }

    fn conditions(&self) -> Conditions {
        let schedule = MicroTau {
            opens_at: 0,
            locks_at: LOCK,
        };
        Conditions {
            now_slot: self.now,
            now_seconds: self.now.cast_signed(),
            schedule: self.setting.scheduled.then_some(schedule),
            smoothing: SMOOTHING,
        }
    }

    fn sets(&self) -> u64 {
        let held = self.held[..self.outcomes()].iter();
        held.min().copied().expect("an outcome")
    }

    /// Does the step, or nothing if the pool refuses it for a reason that it may have.
    fn take(&mut self, step: Step) -> bool {
        let before = self.clone();
        match self.try_take(step) {
            Ok(()) => true,
            Err(
                MathError::StakeTooSmall
                | MathError::NoShares
                | MathError::PriceBelowMinimum
                | MathError::LiquidityTooSmall
                | MathError::LiquidityLeftTooSmall
                | MathError::NoLiquidity
                | MathError::DepthOutOfRange
                | MathError::SetsNotOffered
                | MathError::SharesOutstanding
                | MathError::SwitchNotOffered,
            ) => {
                *self = before;
                false
            }
            // The last quantity of all bins stays.
            Err(MathError::MoreThanSold)
                if self.setting.kind == CurveKind::L2 && matches!(step, Step::Sell(..)) =>
            {
                *self = before;
                false
            }
            // Prices near one ask for more of a bin than the curve takes.
            Err(MathError::Overflow)
                if self.setting.kind == CurveKind::L2 && matches!(step, Step::Push(..)) =>
            {
                *self = before;
                false
            }
            Err(error) => panic!("{error}: {step:?} on {:?}", before.pool),
        }
    }

    fn try_take(&mut self, step: Step) -> Result<(), MathError> {
        let conditions = self.conditions();
        let rate = self.setting.rate;
        let outcomes = self.outcomes();
        match step {
            Step::Buy(outcome, stake) => {
                let outcome = outcome % outcomes;
                let stake = Money(scaled(stake, self.pool.depth, 1_000_000) + 1);
                let history = Some(History {
                    averages: &mut self.averages,
                    interest: &mut self.interest,
                    calm_in_slots: &mut self.calm_in_slots,
                });
                let trade =
                    self.pool
                        .trade(conditions, history, outcome, Order::Stake(stake), rate)?;
                assert_eq!(trade.cost.0 + trade.fee.0, stake.0);
                self.bought(outcome, trade);
            }
            Step::BuyShares(outcome, shares) => {
                let outcome = outcome % outcomes;
                let shares = Shares(scaled(shares, self.pool.depth, 1_000_000) + 1);
                let history = Some(History {
                    averages: &mut self.averages,
                    interest: &mut self.interest,
                    calm_in_slots: &mut self.calm_in_slots,
                });
                let trade =
                    self.pool
                        .trade(conditions, history, outcome, Order::Buy(shares), rate)?;
                self.bought(outcome, trade);
            }
            Step::Sell(outcome, part) => {
                let outcome = outcome % outcomes;
                let shares = Shares(scaled(self.held[outcome], part, 100));
                let history = Some(History {
                    averages: &mut self.averages,
                    interest: &mut self.interest,
                    calm_in_slots: &mut self.calm_in_slots,
                });
                let trade =
                    self.pool
                        .trade(conditions, history, outcome, Order::Sell(shares), rate)?;
                self.held[outcome] -= shares.0;
                self.spent -= i128::from(trade.cost.0) - i128::from(trade.fee.0);
            }
            Step::Push(outcome, price) => self.push(outcome % outcomes, price)?,
            Step::Split(amount) => {
                let amount = scaled(amount, self.pool.depth, 1_000_000);
                self.observe_for_sets(amount)?;
                self.pool.split(Money(amount))?;
                for held in &mut self.held[..outcomes] {
                    *held += amount;
                }
                self.spent += i128::from(amount);
            }
            Step::Merge(part) => {
                let amount = scaled(self.sets(), part, 100);
                self.observe_for_sets(0)?;
                self.pool.merge(Money(amount))?;
                for held in &mut self.held[..outcomes] {
                    *held -= amount;
                }
                self.spent -= i128::from(amount);
            }
            // Growth ends somewhere, as depths do.
            Step::Add(_) if self.pool.depth > 10_000_000_000_000 => {}
            Step::Add(part) => {
                self.bring_up_to_date()?;
                let least = self.pool.sold[..outcomes].iter().min();
                let greatest = self.pool.cash - least.expect("an outcome");
                let amount = Money(scaled(part, greatest, 1_000_000) + 1);
                let added = self.pool.add_liquidity(amount, Shares(self.supply))?;
                self.supply += added.shares.0;
                self.provided += added.shares.0;
                self.spent += i128::from(amount.0);
                self.receive(&added.returned);
            }
            Step::Remove(part) => {
                self.bring_up_to_date()?;
                let shares = Shares(scaled(self.provided, part, 100));
                let supply = Shares(self.supply);
                let removed = self.pool.remove_liquidity(shares, supply)?;
                self.supply -= shares.0;
                self.provided -= shares.0;
                self.spent -= i128::from(removed.cash.0);
                self.receive(&removed.returned);
            }
            Step::Wait(slots) => self.now += slots,
            Step::Switch => {
                self.bring_up_to_date()?;
                self.pool.switch_to_pm_amm()?;
            }
        }
        Ok(())
    }

    fn push(&mut self, outcome: usize, price: u64) -> Result<(), MathError> {
        self.bring_up_to_date()?;
        let target = Price::ratio(price, 1_000_000)?;
        let rate = self.setting.rate;
        match self.pool.amount_until(outcome, target, rate)? {
            None => {}
            Some((Order::Sell(shares), _)) => {
                let shares = shares.min(Shares(self.held[outcome]));
                let trade = self.pool.sell(outcome, shares, rate)?;
                self.held[outcome] -= shares.0;
                self.spent -= i128::from(trade.cost.0) - i128::from(trade.fee.0);
            }
            Some((order, _)) => {
                let trade = self.pool.execute(outcome, order, rate)?;
                self.bought(outcome, trade);
            }
        }
        Ok(())
    }

    fn bring_up_to_date(&mut self) -> Result<(), MathError> {
        if let Some(schedule) = self.conditions().schedule {
            self.pool.decay(schedule, self.now.cast_signed())?;
        }
        self.observe()
    }

    fn observe(&mut self) -> Result<(), MathError> {
        let history = History {
            averages: &mut self.averages,
            interest: &mut self.interest,
            calm_in_slots: &mut self.calm_in_slots,
        };
        self.pool.observe(self.now, SMOOTHING, Some(history))
    }

    fn observe_for_sets(&mut self, added: u64) -> Result<(), MathError> {
        let interest = self.pool.open_interest();
        if self.pool.is_thin(Money(interest.0 + added)) {
            self.observe()
        } else {
            self.interest.observe(interest, self.now, SMOOTHING)
        }
    }

    fn bought(&mut self, outcome: usize, trade: Trade) {
        self.held[outcome] += trade.shares.0;
        self.spent += i128::from(trade.cost.0) + i128::from(trade.fee.0);
    }

    fn receive(&mut self, returned: &[u64; N]) {
        for (held, returned) in self.held.iter_mut().zip(returned) {
            *held += returned;
        }
    }

    /// What the trader wins by each outcome if the market is settled now, in millionths of a base
    /// unit, rounded down.
    fn profits(&self) -> Vec<i128> {
        let profit = |outcome: usize| {
            let reserve = self.pool.cash - self.pool.sold[outcome];
            (i128::from(self.held[outcome]) - self.spent) * MICRO + self.part_of(reserve)
        };
        (0..self.outcomes()).map(profit).collect()
    }

    /// The trader's part of what is left to the providers, in millionths.
    fn part_of(&self, value: u64) -> i128 {
        let value = i128::from(value) * i128::from(self.provided) * MICRO;
        value.checked_div(i128::from(self.supply)).unwrap_or(0)
    }

    /// Of the quantities of L2, in shares.
    fn norm(&self) -> f64 {
        let squares = self.pool.curve.map(|parts| (parts as f64 / 64.0).powi(2));
        squares.iter().sum::<f64>().sqrt()
    }

    /// By how much each reserve is above what the curve may pay for the outcome, in base units.
    fn slack(&self) -> Vec<f64> {
        let pool = &self.pool;
        let states = &pool.curve[..self.outcomes()];
        let at_stake: Vec<f64> = match CurveKind::try_from(pool.kind).expect("a curve") {
            CurveKind::PmAmm => states.iter().map(|state| *state as f64).collect(),
            CurveKind::L2 => {
                let shares = || states.iter().map(|state| *state as f64 / 64.0);
                let norm = self.norm();
                shares().map(|x| norm - x).collect()
            }
            CurveKind::Lmsr => {
                let depth = pool.depth as f64;
                let top = *states.iter().max().expect("an outcome");
                let weight = |state: &i64| ((state - top) as f64 / depth).exp();
                let rest = states.iter().map(weight).sum::<f64>() - 1.0;
                let above = |state: &i64| (top - state) as f64 + depth * rest.ln_1p();
                states.iter().map(above).collect()
            }
        };
        let sold = pool.sold.iter();
        let reserves = sold.map(|sold| (pool.cash - sold) as f64);
        reserves.zip(at_stake).map(|(r, c)| r - c).collect()
    }
}

/// The worst that was seen, over all sequences.
#[derive(Debug, Default)]
struct Worst {
    steps: u64,
    done: u64,
    /// What a trader lost in buying and selling back without fee, base units, depth and cash up to
    /// 10¹².
    round_trip: u64,
    /// What a trader lost so in adding and removing liquidity; not on L2.
    liquidity: u64,
    /// What the pool lost of an outcome's slack beyond the error of floating point, base units, depth
    /// up to 10⁹.
    pool: f64,
    /// Move of a price by liquidity, in units of 1 / depth, of L2 of 1 / norm.
    price: f64,
    /// The first outcome's chance: the lowest and the highest, and how far it went in all steps.
    path: (f64, f64, f64),
    /// What a share of the pool, opened at about one base unit, was worth at the end of a sequence,
    /// without fees: the least of all outcomes.
    provider: f64,
    /// The same at the last prices, of each sequence.
    expected: Vec<f64>,
}

impl Worst {
    fn see_price(&mut self, before: &World, after: &World) {
        let chance = |world: &World| {
            let chances = world.pool.probabilities().expect("prices");
            chances[0].0 as f64 / Price::ONE.0 as f64
        };
        let (before, after) = (chance(before), chance(after));
        let (lowest, highest, moved) = self.path;
        self.path = (
            lowest.min(after),
            highest.max(after),
            moved + (after - before).abs(),
        );
    }

    fn see_provider(&mut self, world: &World) {
        let chances = world.pool.probabilities().expect("prices");
        let sold = &world.pool.sold[..world.outcomes()];
        let value = |sold: &u64| (world.pool.cash - sold) as f64 / world.supply as f64;
        let expected = sold
            .iter()
            .zip(chances)
            .map(|(sold, chance)| value(sold) * (chance.0 as f64 / Price::ONE.0 as f64));
        self.provider = sold.iter().map(value).fold(self.provider, f64::min);
        self.expected.push(expected.sum());
    }
}

/// Runs the steps and checks what holds after each.
fn run(setting: Setting, steps: &[Step], worst: &RefCell<Worst>) {
    let mut world = World::open(setting);
    world.provide_at_opening(1_000_000);
    for &step in steps {
        let before = world.clone();
        let done = world.take(step);
        let mut worst = worst.borrow_mut();
        worst.steps += 1;
        if !done {
            continue;
        }
        worst.done += 1;
        world.pool.check_solvent().expect("solvent");
        check_amounts(&world);
        if world.pool.depth == 0 {
            return;
        }
        check_slack(&before, &world, step, &mut worst);
        worst.see_price(&before, &world);
        match step {
            Step::Add(_) | Step::Remove(_) | Step::Switch => {
                check_prices(&before, &world, step, &mut worst);
            }
            Step::Split(_) | Step::Merge(_) => assert_eq!(before.pool.curve, world.pool.curve),
            Step::Buy(outcome, stake) | Step::BuyShares(outcome, stake) => {
                check_round_trip(&world, outcome, stake, &mut worst);
                check_parts(&before, outcome, stake);
            }
            Step::Sell(..) | Step::Push(..) | Step::Wait(_) => {}
        }
        if let Step::Add(part) = step {
            check_liquidity_round_trip(&world, part, &mut worst);
        }
    }
    worst.borrow_mut().see_provider(&world);
    check_exits(world);
}

/// Everybody's claims are what the pool counts, and it can pay them whatever happens.
fn check_amounts(world: &World) {
    assert_eq!(world.held, world.pool.sold);
    let void = world.pool.void_payouts().expect("payouts");
    let owed = liability(&world.pool.sold, &void).expect("a liability");
    assert!(owed.0 <= world.pool.cash);
}

/// No step takes from an outcome's slack more than its part of the liquidity removed.
fn check_slack(before: &World, after: &World, step: Step, worst: &mut Worst) {
    if before.pool.depth > 1_000_000_000 || matches!(step, Step::Switch) {
        return;
    }
    let mut decayed = before.clone();
    let decays = !matches!(step, Step::Wait(_) | Step::Split(_) | Step::Merge(_));
    if let Some(schedule) = before.conditions().schedule.filter(|_| decays) {
        decayed
            .pool
            .decay(schedule, before.now.cast_signed())
            .expect("a decay");
    }
    let growth = match step {
        Step::Add(_) | Step::Remove(_) => after.supply as f64 / before.supply as f64,
        _ => 1.0,
    };
    for (from, to, growth) in [(before, &decayed, 1.0), (&decayed, after, growth)] {
        for (before, after) in from.slack().iter().zip(to.slack()) {
            let lost = before * growth - after;
            // Floating point itself errs by less.
            let error = 1e-6 + from.pool.cash.max(to.pool.cash) as f64 * 1e-14;
            assert!(
                lost < error,
                "a loss of {lost} by {step:?} on {:?}",
                from.pool
            );
            worst.pool = worst.pool.max(lost - error);
        }
    }
}

fn check_prices(before: &World, after: &World, step: Step, worst: &mut Worst) {
    let mut decayed = before.clone();
    decayed.bring_up_to_date().expect("prices");
    let scale = match after.setting.kind {
        CurveKind::L2 => after.norm(),
        CurveKind::Lmsr | CurveKind::PmAmm => after.pool.depth as f64,
    };
    let (before, now) = (decayed.pool.prices(), after.pool.prices());
    let prices = before
        .expect("prices")
        .into_iter()
        .zip(now.expect("prices"));
    for (before, after_price) in prices.take(after.outcomes()) {
        let moved = before.0.abs_diff(after_price.0) as f64 / Price::ONE.0 as f64;
        let bound = 0.5 / scale + 1e-12;
        assert!(moved <= bound, "{moved} by {step:?} on {:?}", after.pool);
        worst.price = worst.price.max((moved - 1e-12).max(0.0) * scale);
    }
}

/// Selling what was just bought returns no more than it cost.
fn check_round_trip(world: &World, outcome: usize, stake: u64, worst: &mut Worst) {
    let outcome = outcome % world.outcomes();
    let stake = scaled(stake, world.pool.depth, 1_000_000) + 1;
    let mut pool = world.pool;
    let Ok(bought) = pool.buy_shares(outcome, Shares(stake), FREE) else {
        return;
    };
    let sold = pool.sell(outcome, bought.shares, FREE).expect("a sale");
    assert!(sold.cost <= bought.cost);
    if world.pool.depth.max(world.pool.cash) <= 1_000_000_000_000 {
        worst.round_trip = worst.round_trip.max(bought.cost.0 - sold.cost.0);
    }
}

/// A stake in two parts buys no more than at once, but for what rounding of its own takes.
fn check_parts(world: &World, outcome: usize, stake: u64) {
    let outcome = outcome % world.outcomes();
    let shares = scaled(stake, world.pool.depth, 1_000_000) + 2;
    let (mut whole, mut parts) = (world.pool, world.pool);
    let Ok(at_once) = whole.buy_shares(outcome, Shares(shares), FREE) else {
        return;
    };
    let first = parts.buy_shares(outcome, Shares(shares / 2), FREE);
    // What is priced below the minimum blocks nobody, until the first part lifts it above.
    let (Ok(first), Ok(second)) = (
        first,
        parts.buy_shares(outcome, Shares(shares - shares / 2), FREE),
    ) else {
        return;
    };
    // Each amount carries the bound of its error.
    let margin = 2 + world.pool.depth.max(shares) / 100_000_000_000_000;
    assert!(first.cost.0 + second.cost.0 + margin >= at_once.cost.0);
}

/// Taking out what was just put in returns no more.
fn check_liquidity_round_trip(world: &World, part: u64, worst: &mut Worst) {
    let mut trip = world.clone();
    trip.spent = 0;
    let (held, provided) = (trip.held, trip.provided);
    trip.take(Step::Add(part));
    let shares = Shares(trip.provided - provided);
    if shares == Shares::ZERO {
        return;
    }
    let supply = Shares(trip.supply);
    let removed = trip.pool.remove_liquidity(shares, supply);
    let removed = removed.expect("liquidity");
    trip.receive(&removed.returned);
    let gains = (0..trip.outcomes()).map(|outcome| {
        let gained = trip.held[outcome] - held[outcome];
        trip.spent - i128::from(removed.cash.0) - i128::from(gained)
    });
    for loss in gains {
        assert!(loss >= 0, "a profit of {} on {:?}", -loss, world.pool);
        if world.setting.kind != CurveKind::L2 {
            let loss = u64::try_from(loss).expect("a loss");
            // A share of the pool may be worth more than a base unit.
            let unit = world.pool.cash / world.supply + 1;
            worst.liquidity = worst.liquidity.max(loss.saturating_sub(unit));
        }
    }
}

/// Everybody leaves: what remains is owed to holders, and covered to the last unit.
fn check_exits(mut world: World) {
    if world.setting.kind == CurveKind::L2 {
        // Where holders have to sell or to wait for the settlement.
        for outcome in 0..world.outcomes() {
            world.take(Step::Sell(outcome, 100));
        }
        if world.held.iter().any(|held| *held > 0) {
            return;
        }
    }
    let supply = Shares(world.supply);
    world
        .pool
        .remove_liquidity(supply, supply)
        .expect("liquidity");
    assert_eq!(world.pool.depth, 0);
    let outcomes = world.outcomes();
    for sold in &world.pool.sold[..outcomes] {
        assert_eq!(*sold, world.pool.cash);
    }
    assert_eq!(
        world.pool.buy(0, Money(1_000_000), FREE),
        Err(MathError::NoLiquidity)
    );
    world.now += 1;
    world.observe().expect("prices");
    world.pool.void_payouts().expect("payouts");
}

fn operate(name: &str, kind: CurveKind, most: usize, cases: u32) {
    let worst = RefCell::new(Worst {
        path: (1.0, 0.0, 0.0),
        provider: f64::INFINITY,
        ..Worst::default()
    });
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let sequences = (
        settings(kind, most),
        prop::collection::vec(step(), 110..140),
    );
    TestRunner::new(config)
        .run(&sequences, |(setting, steps)| {
            run(setting, &steps, &worst);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut worst = worst.into_inner();
    let mut expected = std::mem::take(&mut worst.expected);
    expected.sort_by(f64::total_cmp);
    let quartiles = [1, 2, 3].map(|part| expected[expected.len() * part / 4]);
    println!("{name}: {worst:?}, quartiles of a provider's value at the last prices {quartiles:?}");
    assert!(worst.provider >= 0.0);
    assert!(worst.done >= 100_000);
}

const CURVES: [(&str, CurveKind); 3] = [
    ("LMSR", CurveKind::Lmsr),
    ("pm-AMM", CurveKind::PmAmm),
    ("L2", CurveKind::L2),
];

#[test]
fn lmsr_keeps_its_promises() {
    operate("LMSR", CurveKind::Lmsr, 64, 1_050);
}

#[test]
fn pm_amm_keeps_its_promises() {
    operate("pm-AMM", CurveKind::PmAmm, 2, 1_050);
}

#[test]
fn l2_keeps_its_promises() {
    operate("L2", CurveKind::L2, 64, 1_600);
}

/// What a sequence gains over doing nothing, at the best moment to stop: settled, the least over all
/// outcomes; void, as long as no time has passed for the slow price to follow what was done.
fn best_gain(world: &World, steps: &[Step], counts: &mut Counts) -> i128 {
    let mut world = world.clone();
    let (settled, void) = (world.profits(), world.void_profit());
    let mut best = i128::MIN;
    let mut is_slow_price_its_own = false;
    let leave = [Step::Remove(100), Step::Merge(100)];
    let outcomes = world.outcomes();
    let sell = (0..outcomes).map(|outcome| Step::Sell(outcome, 100));
    for step in steps.iter().copied().chain(leave).chain(sell) {
        counts.steps += 1;
        counts.done += u64::from(world.take(step));
        is_slow_price_its_own |= matches!(step, Step::Wait(_));
        let profits = world.profits();
        let gains = profits
            .iter()
            .zip(&settled)
            .map(|(now, before)| now - before);
        best = best.max(gains.min().expect("an outcome"));
        if !is_slow_price_its_own {
            counts.voids += 1;
            // What is owed is rounded up, and what is paid down: by a unit each.
            best = best.max(world.void_profit() - void - 2 * MICRO);
        }
    }
    counts.exits += u64::from(world.provided == 0);
    best
}

fn changed(steps: &[Step], rng: &mut TestRng, fresh: impl Fn() -> Step) -> Vec<Step> {
    let mut steps = steps.to_vec();
    let place = (rng.next_u64() % steps.len() as u64) as usize;
    match rng.next_u64() % 4 {
        0 => steps[place] = fresh(),
        1 => steps.insert(place, fresh()),
        2 if steps.len() > 2 => drop(steps.remove(place)),
        _ => {
            let factor = 500 + rng.next_u64() % 1_000;
            let moved = |amount: u64| (amount * factor / 1_000).clamp(1, 50_000_000);
            steps[place] = match steps[place] {
                Step::Buy(outcome, stake) => Step::Buy(outcome, moved(stake)),
                Step::BuyShares(outcome, shares) => Step::BuyShares(outcome, moved(shares)),
                Step::Sell(outcome, part) => Step::Sell(outcome, moved(part).min(100)),
                Step::Push(outcome, price) => Step::Push(outcome, moved(price).min(999_998)),
                Step::Split(amount) => Step::Split(moved(amount)),
                Step::Merge(part) => Step::Merge(moved(part).min(100)),
                Step::Add(part) => Step::Add(moved(part)),
                Step::Remove(part) => Step::Remove(moved(part).min(100)),
                Step::Wait(slots) => Step::Wait(moved(slots).min(1_000)),
                Step::Switch => Step::Switch,
            };
        }
    }
    steps
}

/// How much was tried.
#[derive(Debug, Default)]
struct Counts {
    sequences: u64,
    steps: u64,
    /// Steps that the pool did not refuse.
    done: u64,
    /// Moments at which the market was void.
    voids: u64,
    /// Sequences after which the searcher provides nothing.
    exits: u64,
}

/// Who searches for a profit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Comes to a market that others have traded.
    Trader,
    /// Provides beside others from the beginning.
    Provider,
    /// Opened the market, and others have traded.
    SoleProvider,
}

impl World {
    fn to_search(setting: Setting, role: Role, rng: &mut TestRng) -> Self {
        let mut world = Self::open(setting);
        if role == Role::Provider {
            let part = 50_000 + rng.next_u64() % 10_000_000;
            assert!(world.take(Step::Add(part)));
        }
        let (spent, provided) = (world.spent, world.provided);
        // Somebody else trades, and keeps what they hold.
        for outcome in 0..world.outcomes().min(3) {
            world.take(Step::Buy(outcome, 50_000 + rng.next_u64() % 500_000));
        }
        if rng.next_u64().is_multiple_of(2) {
            world.take(Step::Sell(0, 1 + rng.next_u64() % 100));
        }
        world.held = [0; N];
        (world.spent, world.provided) = (spent, provided);
        if role == Role::SoleProvider {
            world.provided = world.supply;
            world.spent = i128::from(world.supply);
        }
        // Long ago.
        world.pool.slow_prices = world
            .pool
            .probabilities()
            .expect("prices")
            .map(|price| price.0);
        world
    }

    /// What the searcher wins if the market is void now, in millionths.
    fn void_profit(&self) -> i128 {
        let payouts = self.pool.void_payouts().expect("payouts");
        let owed = liability(&self.pool.sold, &payouts).expect("a liability");
        let paid = payout(&self.held, &payouts).expect("a payout");
        (i128::from(paid.0) - self.spent) * MICRO + self.part_of(self.pool.cash - owed.0)
    }
}

/// Looks for a sequence after which somebody owns a base unit or more beyond what they had, whatever
/// wins, or if the market is void. Less can be what others lost to rounding: a trade with the
/// pm-AMM may use the part of a unit by which its reserves lie above the curve, once.
fn search(name: &str, settings: &[Setting], starts: u64, attempts: u64) {
    let runner = RefCell::new(TestRunner::new(ProptestConfig::default()));
    let fresh = || {
        let tree = step().new_tree(&mut runner.borrow_mut());
        tree.expect("a step").current()
    };
    let mut rng = runner.borrow_mut().new_rng();
    let mut counts = Counts::default();
    let mut best_of_all = i128::MIN;
    for &setting in settings {
        for role in [Role::Trader, Role::Provider, Role::SoleProvider] {
            for _ in 0..starts {
                let world = World::to_search(setting, role, &mut rng);
                let mut steps: Vec<Step> = (0..8).map(|_| fresh()).collect();
                let mut best = best_gain(&world, &steps, &mut counts);
                for _ in 0..attempts {
                    let attempt = changed(&steps, &mut rng, fresh);
                    let gain = best_gain(&world, &attempt, &mut counts);
                    counts.sequences += 1;
                    assert!(
                        gain < MICRO,
                        "{name}: a gain of {gain} millionths by {role:?} with {attempt:?} on {setting:?}, {:?}",
                        world.pool
                    );
                    if gain >= best && attempt.len() <= 24 {
                        (best, steps) = (gain, attempt);
                    }
                }
                best_of_all = best_of_all.max(best);
            }
        }
    }
    println!("{name}: {counts:?}, best gain {best_of_all} millionths");
}

/// How much of so many time constants a price counts for, while the interest that stood goes to what is
/// outstanding.
fn counted(depth: f64, stood: f64, outstanding: f64, time: f64) -> f64 {
    let whole = 16.0 * depth;
    if outstanding <= whole {
        return time;
    }
    let least = (whole / outstanding).powi(2);
    if stood >= outstanding {
        return time * least;
    }
    let after = outstanding + (stood - outstanding) * (-time).exp();
    if after <= whole {
        return time;
    }
    let start = stood.max(whole);
    let before = ((outstanding - stood) / (outstanding - start)).ln();
    let rising = time - before + (after / start).ln();
    before + least * (rising + outstanding * (1.0 / start - 1.0 / after))
}

impl World {
    /// Slow and spot chance of the first outcome.
    fn chances(&self) -> (f64, f64) {
        let chance = |price: u64| price as f64 / Price::ONE.0 as f64;
        let spot = self.pool.probabilities().expect("prices")[0].0;
        (chance(self.pool.slow_prices[0]), chance(spot))
    }

    fn after(&self, slots: u64) -> Self {
        let mut later = self.clone();
        later.now += slots;
        later.observe().expect("prices");
        later
    }

    /// By how much the slow price moved in some slots after this was made of `start` within one slot,
    /// beyond what the prices that stood explain. Beside what others hold, which the searcher cannot
    /// touch, a price may not weigh more than its depth allows; beside what was outstanding in that time
    /// it may not weigh less; and where the searcher brought and took everything, nothing may change
    /// but by the rounding of prices and depth.
    fn beyond_standing_prices(&self, start: &Self, slots: u64) -> f64 {
        let (slow, spot) = (start.chances().0, self.chances().1);
        let later = self.after(slots);
        let moved = (later.chances().0 - slow).abs();
        let way = (spot - slow).abs();
        let (depth, time) = (self.pool.depth as f64, slots as f64 / 40.0);
        let stood = start.interest.average as f64;
        let moves = |outstanding: f64| match self.setting.kind {
            CurveKind::L2 => way * -(-time).exp_m1(),
            _ => way * -(-counted(depth, stood, outstanding, time)).exp_m1(),
        };
        let of_others = start.pool.open_interest().0 as f64;
        let outstanding = self.pool.open_interest().0 as f64;
        let mut beyond = (moved - moves(of_others)).max(moves(outstanding) - moved);
        if self.provided == start.provided && self.held == start.held {
            let untouched = start.after(slots).chances();
            let rounded = (self.chances().1 - start.chances().1).abs();
            let thinner = (depth / start.pool.depth as f64 - 1.0).abs();
            let differs = (later.chances().0 - untouched.0).abs();
            beyond = beyond.max(differs - rounded - 3.0 * thinner);
        }
        beyond
    }
}

/// The most that a sequence within a slot does to a slow price beyond what standing prices explain: at
/// every moment to stop, the last of them with nothing held or provided.
fn most_beyond(start: &World, steps: &[Step], counts: &mut Counts) -> f64 {
    let mut world = start.clone();
    let mut most = f64::MIN;
    let outcomes = world.outcomes();
    let leave = [Step::Remove(100), Step::Merge(100)];
    let sell = (0..outcomes).map(|outcome| Step::Sell(outcome, 100));
    for step in steps.iter().copied().chain(leave).chain(sell) {
        counts.steps += 1;
        if matches!(step, Step::Wait(_)) || !world.take(step) || world.pool.depth == 0 {
            continue;
        }
        counts.done += 1;
        let slots = [4, 400, 40_000][counts.done as usize % 3];
        most = most.max(world.beyond_standing_prices(start, slots));
    }
    if world.held == start.held && world.provided == start.provided && world.pool.depth > 0 {
        counts.exits += 1;
        most = most.max(world.beyond_standing_prices(start, 400));
    }
    most
}

/// Looks for a sequence within one slot, of trades, sets and liquidity, after which a slow price goes
/// another way than the prices explain that stand from then on.
fn search_slow_prices(name: &str, settings: &[Setting], starts: u64, attempts: u64) {
    let runner = RefCell::new(TestRunner::new(ProptestConfig::default()));
    let fresh = || {
        let tree = step().new_tree(&mut runner.borrow_mut());
        tree.expect("a step").current()
    };
    let mut rng = runner.borrow_mut().new_rng();
    let mut counts = Counts::default();
    let mut most_of_all = f64::MIN;
    let roles = [Role::Trader, Role::Provider, Role::SoleProvider];
    for (&setting, role) in settings.iter().flat_map(|s| roles.map(|role| (s, role))) {
        for _ in 0..starts {
            let mut world = World::to_search(setting, role, &mut rng);
            // None, a part or all of what is outstanding stood.
            let outstanding = world.pool.open_interest().0;
            let parts = [0, 30, 100, 100];
            let part = parts[(rng.next_u64() % 4) as usize];
            world.interest = StandingInterest {
                average: scaled(outstanding, part, 100),
                fraction: 0,
                observed_slot: world.pool.observed_slot,
            };
            let mut steps: Vec<Step> = (0..8).map(|_| fresh()).collect();
            let mut most = most_beyond(&world, &steps, &mut counts);
            for _ in 0..attempts {
                let attempt = changed(&steps, &mut rng, fresh);
                let beyond = most_beyond(&world, &attempt, &mut counts);
                counts.sequences += 1;
                assert!(
                    beyond < 1e-8,
                    "{name}: {beyond} by {role:?} with {attempt:?} on {setting:?}, {:?} {:?}",
                    world.pool,
                    world.interest
                );
                if beyond >= most && attempt.len() <= 24 {
                    (most, steps) = (beyond, attempt);
                }
            }
            most_of_all = most_of_all.max(most);
        }
    }
    println!("{name}: {counts:?}, slow prices moved by {most_of_all} beyond what stood");
}

fn searched(kind: CurveKind, outcomes: &[usize]) -> Vec<Setting> {
    let depths = [50_000, 1_000_000_000];
    let mut settings = Vec::new();
    for &outcomes in outcomes {
        for depth in depths {
            for skew in [1, 9] {
                settings.push(Setting {
                    kind,
                    outcomes,
                    depth,
                    skew,
                    rate: FREE,
                    scheduled: kind != CurveKind::L2 && skew == 9,
                });
            }
        }
    }
    settings
}

#[test]
fn lmsr_gives_nothing_away() {
    search("LMSR", &searched(CurveKind::Lmsr, &[2, 3]), 5, 150);
}

#[test]
fn pm_amm_gives_nothing_away() {
    search("pm-AMM", &searched(CurveKind::PmAmm, &[2]), 8, 150);
}

#[test]
fn l2_gives_nothing_away() {
    search("L2", &searched(CurveKind::L2, &[2, 3, 4]), 4, 150);
}

#[test]
#[ignore = "ten million steps take minutes"]
fn lmsr_gives_nothing_away_in_ten_million_steps() {
    search("LMSR", &searched(CurveKind::Lmsr, &[2, 3, 8]), 45, 900);
}

#[test]
#[ignore = "ten million steps take minutes"]
fn pm_amm_gives_nothing_away_in_ten_million_steps() {
    search("pm-AMM", &searched(CurveKind::PmAmm, &[2]), 150, 900);
}

#[test]
#[ignore = "ten million steps take minutes"]
fn l2_gives_nothing_away_in_ten_million_steps() {
    search("L2", &searched(CurveKind::L2, &[2, 3, 4, 16]), 60, 900);
}

#[test]
fn nothing_within_a_slot_moves_slow_prices() {
    for (name, kind) in CURVES {
        search_slow_prices(name, &searched(kind, &[2]), 3, 60);
    }
}

#[test]
#[ignore = "ten million steps take minutes"]
fn nothing_within_a_slot_moves_slow_prices_in_ten_million_steps() {
    for (name, kind) in CURVES {
        let most: &[usize] = if kind == CurveKind::PmAmm {
            &[2]
        } else {
            &[2, 3]
        };
        search_slow_prices(name, &searched(kind, most), 80, 800);
    }
}
