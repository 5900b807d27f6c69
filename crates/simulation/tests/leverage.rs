//! What a run says: the defaults lose nothing to attackers that somebody answers within minutes, and each
//! protection is needed.

use math::CurveKind;
use simulation::attacks::{
    both_sides, cascade, invented_prior, known_result, lender_run, provider_exit, round_trip,
};
use simulation::hunting::{hunt, FEES};
use simulation::matches::{self, random_matches};
use simulation::paths::{brownian, closes, loans, loans_before, up_or_down};
use simulation::pump::pump;
use simulation::{Rules, SimulationError};

const CURVES: [CurveKind; 2] = [CurveKind::Lmsr, CurveKind::PmAmm];

/// Rounding of a dozen trades, in depths.
const ROUNDING: f64 = 2e-8;

fn without(name: &str) -> Rules {
    let sets = Rules::sets();
    let rules = sets.iter().find(|rules| rules.name == name);
    *rules.expect("such rules")
}

fn pumped(rules: &Rules, kind: CurveKind, held: f64) -> f64 {
    pump(rules, kind, held, 1).expect("a search").depths
}

#[test]
fn unprotected_lender_pays_for_the_pump() {
    let [half, most] = [5_000, 8_000].map(|part| Rules::unprotected("", part));
    assert!(pumped(&half, CurveKind::Lmsr, 0.0) > 0.5);
    assert!(pumped(&most, CurveKind::Lmsr, 0.0) > 1.2);
    assert!(pumped(&most, CurveKind::PmAmm, 0.0) > 1.2);
}

/// Nothing is lent on a price that was far from the slow one until it has been near for the time constant, so one that
/// is held for no longer yields nothing. A price at the end moves the slow one by much before, and is lowered for the
/// wait.
#[test]
fn defaults_lose_nothing_to_a_pump_held_for_less_than_the_time_constant() {
    let rules = Rules::defaults();
    for kind in CURVES {
        for held in [0.0, 0.01, 0.04, 0.25, 0.5, 0.75, 0.9, 1.0] {
            let taken = pumped(&rules, kind, held);
            assert!(taken <= ROUNDING, "{taken} held {held} on {kind:?}");
        }
        let small = pump(&rules, kind, 0.0, 10).expect("a search");
        assert!(small.depths <= ROUNDING, "{small:?} on {kind:?}");
        let quarter_more = pumped(&rules, kind, 1.25);
        assert!(
            quarter_more > 0.009 && quarter_more < 0.017,
            "{quarter_more}"
        );
        // Nobody answers for four time constants: even then it is a small part of the depth.
        let longest = pumped(&rules, kind, 4.0);
        assert!(longest > 0.03 && longest < 0.04, "{longest}");
    }
}

#[test]
fn waiting_for_calm_prices_ends_short_pumps() {
    let hasty = without("defaults without waiting for calm prices");
    for kind in CURVES {
        assert!(pumped(&hasty, kind, 0.04) <= ROUNDING);
        assert!(pumped(&hasty, kind, 0.25) > 0.007);
        assert!(pumped(&hasty, kind, 1.0) > 0.024);
        assert!(pumped(&Rules::defaults(), kind, 1.0) <= ROUNDING);
    }
}

#[test]
fn slow_price_and_greatest_deviation_are_both_needed() {
    let no_slow_price = without("defaults without slow price");
    let no_deviation = without("defaults without greatest deviation");
    for kind in CURVES {
        assert!(pumped(&no_slow_price, kind, 0.0) > 0.03);
        // Where nobody waits for calm prices.
        let hasty = Rules {
            calm: false,
            ..no_deviation
        };
        assert!(pumped(&hasty, kind, 0.04) > 0.001);
    }
}

#[test]
fn loans_outlast_providers_that_leave() {
    let unprotected = Rules::unprotected("", 8_000);
    for kind in CURVES {
        let (lost, kept) = provider_exit(&unprotected, kind).expect("a search");
        assert!(lost.depths > 1.0 && kept < 0.3, "{lost:?}, {kept}");
        let (lost, kept) = provider_exit(&Rules::defaults(), kind).expect("a search");
        assert!(lost.depths == 0.0 && kept > 0.8, "{lost:?}, {kept}");
    }
}

#[test]
fn cascades_of_a_quarter_of_the_locked_depth_cost_the_lender_next_to_nothing() {
    for kind in CURVES {
        let hit = |rules: &Rules| cascade(rules, kind, 0.25).expect("a cascade");
        let defaults = hit(&Rules::defaults());
        assert!(
            defaults.lost < 3e-5 && defaults.hunted < 0.016,
            "{defaults:?}"
        );
        // The last of ten that are sold one after the other may be short of its reward, no more. Less is
        // left to hunt with money to withstand, and all is lost sooner if all liquidity counts.
        let frail = hit(&without("defaults without money to withstand"));
        assert!(frail.hunted > 1.2 * defaults.hunted, "{frail:?}");
        let hasty = hit(&without("defaults, all liquidity counted"));
        assert!(hasty.lost > 0.001, "{hasty:?}");
        let unprotected = hit(&Rules::unprotected("", 8_000));
        assert!(unprotected.lost > 0.5, "{unprotected:?}");
    }
}

#[test]
fn markets_that_end_early_are_not_listed() {
    for kind in CURVES {
        let taken = |rules: &Rules| known_result(rules, kind).expect("a search").depths;
        assert_eq!(taken(&Rules::defaults()), 0.0);
        assert!(taken(&without("defaults on markets that end early")) > 0.02);
    }
}

#[test]
fn opening_at_the_cap_and_closing_at_once_never_pays() {
    for kind in CURVES {
        for rules in Rules::sets() {
            let most = round_trip(&rules, kind).expect("a search");
            assert!(most <= 0, "{most} with {}", rules.name);
        }
    }
}

#[test]
fn debts_that_fall_with_the_time_left_are_paid_back() {
    for kind in CURVES {
        let lost = |name: &str, minutes: usize| {
            let paths = brownian(7, minutes, 12).expect("paths");
            loans(&without(name), kind, &paths).expect("loans")
        };
        let short = lost("defaults with a cap at the opening alone", 60);
        assert!(short.given > 40 && short.lost_part > 0.01, "{short:?}");
        assert_eq!(lost("defaults", 60).given, 0);
        let any_length = lost("defaults on markets of any length", 60);
        assert!(
            any_length.given > 10 && any_length.lost_part < 0.002,
            "{any_length:?}"
        );
        // A third of a day's loans find a price that was far off within the hour before.
        let day = lost("defaults", 24 * 60);
        let refused = day.not_calm > day.given / 5;
        assert!(
            day.given > 15 && refused && day.lost_part < 0.001,
            "{day:?}"
        );
        let hasty = lost("defaults without waiting for calm prices", 24 * 60);
        assert_eq!(hasty.given, day.given + day.not_calm);
    }
}

#[test]
fn jumps_cost_nothing_where_results_come_by_time() {
    const DAY_MINUTES: usize = 24 * 60;
    let paths = matches::paths(&random_matches(3, 10));
    assert_eq!(paths.len(), 20);
    for kind in CURVES {
        let lost = |name: &str, more_minutes: usize| {
            loans_before(&without(name), kind, &paths, more_minutes).expect("loans")
        };
        let by_time = lost("defaults", 0);
        assert!(
            by_time.given > 100 && by_time.lost_part < 0.001,
            "{by_time:?}"
        );
        assert_eq!(lost("defaults", DAY_MINUTES).given, 0);
        let early = lost("defaults on markets that end early", DAY_MINUTES);
        assert!(early.given > 100 && early.lost_part > 0.1, "{early:?}");
    }
}

#[test]
fn closes_are_read_and_made_into_markets() {
    let read = closes("time_utc,close_usd\n2023-03-10T00:00Z,100\n2023-03-10T00:01Z,101.5\n");
    assert_eq!(read.expect("closes"), [100.0, 101.5]);
    for line in ["2023-03-10T00:00Z", "2023-03-10T00:00Z,0", "a,b"] {
        let refused = closes(&format!("time_utc,close_usd\n{line}\n"));
        assert!(matches!(
            refused,
            Err(SimulationError::Line { line: 2, .. })
        ));
    }
    let rising: Vec<f64> = (0..=60).map(|minute| 100.0 + f64::from(minute)).collect();
    let paths = up_or_down(&rising, 60).expect("paths");
    assert!(matches!(
        up_or_down(&rising, 61),
        Err(SimulationError::TooFewCloses {
            found: 61,
            needed: 62
        })
    ));
    let [down, up] = &paths[..] else {
        panic!("one market both ways, not {}", paths.len());
    };
    assert_eq!((up[0], up[60], down[60]), (0.5, 1.0, 0.0));
    assert!(up[30] > 0.5 && down[30] < 0.5);
}

/// A hunter who gives up where somebody answers within the age of a mark pays for it whatever the fee, and around a sale that
/// is due he gets little beside its reward.
#[test]
fn hunters_of_marked_loans_pay_for_it() {
    let defaults = Rules::defaults();
    for kind in CURVES {
        for fee in FEES {
            let hunted = hunt(&defaults, kind, fee).expect("a hunt");
            println!("{kind:?}: {hunted:?}");
            assert!(hunted.answered < 0.0, "{hunted:?} on {kind:?}");
            assert!(hunted.around_a_due_sale < 7e-4, "{hunted:?} on {kind:?}");
        }
        let [free, least, _, most] = FEES.map(|fee| hunt(&defaults, kind, fee).expect("a hunt"));
        assert!(free.unanswered > most.unanswered, "a fee makes it dearer");
        assert!(free.answered > least.answered, "a fee makes it dearer");
    }
}

#[test]
fn other_attackers_take_no_more_than_is_lent() {
    for kind in CURVES {
        let defaults = Rules::defaults();
        let prior = invented_prior(&defaults, kind).expect("a search").depths;
        let both = both_sides(&defaults, kind).expect("a search").depths;
        assert!(prior < 0.03 && both <= prior, "{prior} and {both}");
        let unprotected = Rules::unprotected("", 8_000);
        let both = both_sides(&unprotected, kind).expect("a search").depths;
        assert!(both > 1.0, "{both}");
    }
    let [open, sure] = [false, true].map(|sure| lender_run(sure).expect("a run"));
    assert!(open > 0.4 && sure.abs() < 1e-6, "{open} and {sure}");
}
