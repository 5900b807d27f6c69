//! What arbitrageurs are worth who trade a moved price back after some slots.

use math::{CurveKind, Fees, Money, Order, Pool, Price, Shares};
use simulation::arbitrage::{answer, move_to, Arbitrageurs, DELAYS, SLOW_PRICE_SLOTS};
use simulation::attacks::both_sides;
use simulation::delays::{delays, Delays, PAYS};
use simulation::ends::both_ends;
use simulation::hunting::{hunt, hunts, OWED};
use simulation::market::{fraction, Market, DEPTH};
use simulation::pump::{pump, Pumps};
use simulation::Rules;

const CURVES: [CurveKind; 2] = [CurveKind::Lmsr, CurveKind::PmAmm];

/// Of a search that ends at a hundredth of its numbers, part of what it finds.
const TOLERANCE: f64 = 0.01;

/// Rounding of a dozen trades, in depths.
const ROUNDING: f64 = 2e-8;

fn taken(row: &Delays, slots: Option<u64>) -> f64 {
    let at = row.by_delay.iter().find(|at| at.delay_slots == slots);
    at.expect("such a delay").taken
}

fn rows<'a>(all: &'a [Delays], attack: &'a str, rules: &'a str) -> Vec<&'a Delays> {
    let is_it = |row: &&Delays| row.attack == attack && row.rules.starts_with(rules);
    let rows: Vec<_> = all.iter().filter(is_it).collect();
    assert!(!rows.is_empty(), "{attack} under {rules}");
    rows
}

/// More delay takes no less, no delay nothing under any rules, and the least that pays is between those that do
/// not and those that do.
#[test]
fn sooner_answers_leave_less_to_take() {
    let mut slots = DELAYS.to_vec();
    slots.extend([1_000, 9_000, 11_250]);
    let all = delays(&slots).expect("figures");
    for row in &all {
        for pair in row.by_delay.windows(2) {
            let (sooner, later) = (pair[0].taken, pair[1].taken);
            let least = sooner * (1.0 - TOLERANCE) - ROUNDING;
            assert!(later >= least, "{pair:?} of {}", row.attack);
            let costs = pair.iter().map(|at| at.holding_as_unanswered);
            let costs: Vec<f64> = costs.flatten().collect();
            assert!(costs.len() < 2 || costs[0] >= costs[1], "{pair:?}");
        }
        assert_eq!(taken(row, Some(0)), 0.0, "{row:?}");
        let least = row.least_paying_slots.expect("one pays");
        for at in &row.by_delay {
            let is_reached = at.delay_slots.is_none_or(|slots| slots >= least);
            assert_eq!(at.taken > PAYS, is_reached, "{at:?} of {row:?}");
        }
    }
    // Unprotected loans need no price that is held.
    for attack in ["pump", "both ends", "hunt"] {
        for row in rows(&all, attack, "unprotected") {
            assert_eq!(taken(row, Some(1)), taken(row, None), "{row:?}");
        }
    }
    // What docs/leverage.md says of the defaults.
    for attack in ["pump", "pump, taken back before each answer"] {
        for row in rows(&all, attack, "defaults") {
            let least = row.least_paying_slots;
            assert!((9_000..10_000).contains(&least.expect("one")));
        }
    }
    let defaults = Rules::defaults();
    for row in rows(&all, "both ends", "defaults") {
        assert_eq!(row.least_paying_slots, Some(defaults.mark_slots));
    }
    for row in rows(&all, "hunt of nine tenths", "defaults") {
        assert!((20..=25).contains(&row.least_paying_slots.expect("one")));
    }
    for row in rows(&all, "hunt", "defaults") {
        assert!(taken(row, Some(10)) < 0.0011, "{row:?}");
    }
}

/// What is taken if nobody answers is what was measured of prices that nobody answers.
#[test]
fn never_answered_is_as_if_nobody_were_there() {
    let defaults = Rules::defaults();
    for kind in CURVES {
        let pumps = Pumps::of(&defaults, kind).expect("a search");
        let longest = pumps.best(Arbitrageurs::Never).expect("a search");
        let longest = longest.expect("a loan").gains(Arbitrageurs::Never);
        for held in [1.25, 2.0, 4.0] {
            let fixed = pump(&defaults, kind, held, 1).expect("a search").depths;
            assert!(longest >= fixed * (1.0 - TOLERANCE), "{longest}, {fixed}");
            // Answered just when it is over.
            let slots = (held * SLOW_PRICE_SLOTS as f64) as u64;
            let answered = pumps.best(Arbitrageurs::After(slots)).expect("a search");
            let answered = answered.expect("a loan");
            let answered = answered.gains(Arbitrageurs::After(slots));
            let least = fixed * (1.0 - TOLERANCE);
            assert!(answered >= least, "{answered}, {fixed} held {held}");
        }
        for fee in [0, 10] {
            let held: Vec<u64> = (1..=defaults.mark_slots).collect();
            let all = hunts(&defaults, kind, fee, &OWED, &held).expect("hunts");
            let gained = |at| all.iter().map(move |hunt| hunt.held().gains(at));
            let most = gained(Arbitrageurs::Never).fold(f64::MIN, f64::max);
            let unanswered = hunt(&defaults, kind, fee).expect("a hunt").unanswered;
            assert_eq!(most, unanswered);
        }
        // A price that jumps to one end by itself costs the one loan, and one that is moved to both at most two.
        let moved = both_ends(&defaults, kind).expect("variants");
        let moved = moved.iter().map(|held| held.unanswered);
        let moved = moved.fold(f64::MIN, f64::max);
        let jump = both_sides(&defaults, kind).expect("a search").depths;
        assert!(moved > jump && moved < 2.2 * jump, "{moved} and {jump}");
    }
}

/// Whatever is lent: where nothing but the fair price stands, every variant costs something.
#[test]
fn fair_prices_alone_yield_nothing() {
    for rules in Rules::sets() {
        for kind in CURVES {
            let pumps = Pumps::of(&rules, kind).expect("a search");
            let best = pumps.best(Arbitrageurs::After(0)).expect("a search");
            let most = best.map_or(0.0, |held| held.gains(Arbitrageurs::After(0)));
            assert!(most <= ROUNDING, "{most} under {}", rules.name);
            for held in both_ends(&rules, kind).expect("variants") {
                assert!(held.gains(Arbitrageurs::After(0)) <= ROUNDING);
            }
        }
    }
}

#[test]
fn price_held_for_a_delay_is_not_answered() {
    let answers = |delay, held| Arbitrageurs::After(delay).answers(held);
    assert_eq!([0, 1, 2, 25].map(|held| answers(1, held)), [0, 0, 1, 24]);
    assert_eq!([25, 26, 50, 51].map(|held| answers(25, held)), [0, 1, 1, 2]);
    assert_eq!(answers(0, 25), 0);
    assert_eq!(Arbitrageurs::Never.answers(u64::MAX), 0);
}

/// What an answered push costs is what whoever answers it gains, and they trade back as far as the fee leaves
/// something.
#[test]
fn answers_gain_what_pushes_lose() {
    for kind in CURVES {
        for (fee, pushed_to) in [(0, 0.6), (0, 0.2), (30, 0.6), (30, 0.35)] {
            let mut market = Market::at(kind, 0.4).expect("a market").with_fee(fee);
            let lost = move_to(&mut market, pushed_to).expect("a push").gains(0.4);
            let gained = answer(&mut market, 0.4).expect("an answer").gains(0.4);
            assert!(lost < 0.0 && gained > 0.0 && gained <= -lost + ROUNDING);
            let left = (market.price().expect("a price") - 0.4).abs();
            assert!((left - f64::from(fee) / 10_000.0 * 0.4).abs() < 1e-6);
            if fee == 0 {
                assert!((gained + lost).abs() < ROUNDING);
            }
        }
        let mut market = Market::at(kind, 0.4).expect("a market").with_fee(100);
        move_to(&mut market, 0.403).expect("a push");
        let answered = answer(&mut market, 0.4).expect("no answer");
        assert_eq!(answered.shares, 0, "within the fee");
    }
}

/// Without a fee a price is moved for as much by selling the other outcome out of complete sets.
#[test]
fn buying_costs_what_selling_the_other_side_does() {
    for kind in CURVES {
        let mut pools = [Pool::<2>::EMPTY; 2];
        for pool in &mut pools {
            let prior = [fraction(0.3), Price(Price::ONE.0 - fraction(0.3).0)];
            pool.open(kind, Money(DEPTH), &prior, 0).expect("a pool");
            pool.sold = [u64::MAX >> 2; 2];
            pool.cash = u64::MAX >> 1;
        }
        let [mut by_buying, mut by_selling] = pools;
        let shares = Shares(DEPTH / 2);
        let free = Fees::default();
        let bought = by_buying.execute(0, Order::Buy(shares), free);
        let sold = by_selling.execute(1, Order::Sell(shares), free);
        let set_less_sale = shares.0 - sold.expect("a sale").cost.0;
        assert!(bought.expect("a purchase").cost.0.abs_diff(set_less_sale) <= 2);
        let [one, other] = [by_buying, by_selling].map(|pool| pool.prices().expect("prices")[0]);
        assert!(one.0.abs_diff(other.0) < 1 << 36);
    }
}
