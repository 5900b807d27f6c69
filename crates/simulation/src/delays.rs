//! What is taken by whom somebody answers after some slots.

use math::CurveKind;
use serde::Serialize;

use crate::arbitrage::{Arbitrageurs, Held};
use crate::ends::both_ends;
use crate::forcing::Forced;
use crate::hunting::{hunts, OWED};
use crate::pump::{Pumps, LONGEST_SLOTS, PULSE_FEE};
use crate::report::CURVES;
use crate::rules::Rules;
use crate::SimulationError;

/// What is more than rounding, in depths.
pub const PAYS: f64 = 1e-6;

/// Hunts of loans that owe such parts of what may be owed, at a fee in basis points: none, and the least that is
/// listed.
const HUNTS: [(&str, &[f64], u16); 3] = [
    ("hunt", &OWED, 0),
    ("hunt", &OWED, 10),
    ("hunt of nine tenths", &[0.75, 0.9], 10),
];

/// One attack under one rule set on one curve.
#[derive(Clone, Debug, Serialize)]
pub struct Delays {
    pub attack: &'static str,
    pub taken_from: &'static str,
    pub fee_basis_points: u16,
    pub rules: &'static str,
    pub curve: &'static str,
    pub by_delay: Vec<AtDelay>,
    /// The fewest slots after which it takes more than rounding, if it ever does.
    pub least_paying_slots: Option<u64>,
}

/// In depths of the market.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtDelay {
    /// `None` if nobody answers.
    pub delay_slots: Option<u64>,
    /// By the best variant, after what holding costs it; nothing if every one costs more than it yields.
    pub taken: f64,
    /// What answers, or taking back what would be answered, cost that variant.
    pub holding: f64,
    /// What answers would cost the variant that takes most if nobody answers; `None` where no push stands.
    pub holding_as_unanswered: Option<f64>,
}

/// Every attack that takes a price which is held, at each delay in their order, and if nobody answers: under the
/// defaults and unprotected, on both curves.
///
/// # Errors
/// Those of the curves.
pub fn delays(slots: &[u64]) -> Result<Vec<Delays>, SimulationError> {
    let mut all: Vec<Arbitrageurs> = slots.iter().copied().map(Arbitrageurs::After).collect();
    all.push(Arbitrageurs::Never);
    let unprotected = Rules::unprotected("unprotected, eight tenths of the value", 8_000);
    let mut rows = Vec::new();
    for rules in [Rules::defaults(), unprotected] {
        for curve in CURVES {
            rows.extend(attacks(&rules, curve, &all)?);
        }
    }
    Ok(rows)
}

fn attacks(
    rules: &Rules,
    (curve, kind): (&'static str, CurveKind),
    all: &[Arbitrageurs],
) -> Result<Vec<Delays>, SimulationError> {
    let row = |attack, taken_from, fee_basis_points| Delays {
        attack,
        taken_from,
        fee_basis_points,
        rules: rules.name,
        curve,
        by_delay: Vec::new(),
        least_paying_slots: None,
    };
    let pumps = Pumps::of(rules, kind)?;
    let mut rows = vec![row("pump", "lenders", 0).filled(all, |at| pumps.best(at))?];
    if rules.slow_price {
        let pulsed = row("pump, taken back before each answer", "lenders", PULSE_FEE);
        rows.push(pulsed.filled(all, |at| pumps.best_pulsed(at))?);
    }

    let ends = both_ends(rules, kind)?;
    let both = row("both ends", "lenders", 0);
    rows.push(both.filled(all, |at| Ok(best(&ends, at)))?);

    let held: Vec<u64> = (1..=rules.mark_slots.max(1)).collect();
    for (name, owed, fee) in HUNTS {
        let hunts = hunts(rules, kind, fee, owed, &held)?;
        let hunts: Vec<Held> = hunts.iter().map(Forced::held).collect();
        let hunt = row(name, "borrowers", fee);
        rows.push(hunt.filled(all, |at| Ok(best(&hunts, at)))?);
    }
    Ok(rows)
}

fn best(all: &[Held], at: Arbitrageurs) -> Option<Held> {
    let all = all.iter().copied();
    all.max_by(|one, other| one.gains(at).total_cmp(&other.gains(at)))
}

impl Delays {
    fn filled(
        mut self,
        all: &[Arbitrageurs],
        best: impl Fn(Arbitrageurs) -> Result<Option<Held>, SimulationError>,
    ) -> Result<Self, SimulationError> {
        let unanswered = best(Arbitrageurs::Never)?;
        for at in all {
            let paying = best(*at)?.filter(|held| held.gains(*at) > 0.0);
            let as_unanswered = unanswered.filter(|_| *at != Arbitrageurs::After(0));
            self.by_delay.push(AtDelay {
                delay_slots: at.delay_slots(),
                taken: paying.map_or(0.0, |held| held.gains(*at)),
                holding: paying.map_or(0.0, |held| held.cost(*at)),
                holding_as_unanswered: as_unanswered.map(|held| held.cost(*at)),
            });
        }
        let pays = |at| -> Result<bool, SimulationError> {
            Ok(best(at)?.is_some_and(|held| held.gains(at) > PAYS))
        };
        self.least_paying_slots = if pays(Arbitrageurs::Never)? {
            Some(least(|slots| pays(Arbitrageurs::After(slots)))?)
        } else {
            None
        };
        Ok(self)
    }
}

/// The fewest slots at which something is so that stays so at more, and is at [`LONGEST_SLOTS`].
fn least(is_so: impl Fn(u64) -> Result<bool, SimulationError>) -> Result<u64, SimulationError> {
    let (mut is_not, mut is) = (0, LONGEST_SLOTS);
    while is > is_not + 1 {
        let middle = is_not + (is - is_not) / 2;
        if is_so(middle)? {
            is = middle;
        } else {
            is_not = middle;
        }
    }
    Ok(is)
}
