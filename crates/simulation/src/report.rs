//! All attacks and paths for all rule sets.

use math::CurveKind;
use serde::Serialize;

use crate::attacks::{
    both_sides, cascade, invented_prior, known_result, lender_run, provider_exit, round_trip,
    Cascade, Take,
};
use crate::delays::{delays, Delays};
use crate::hunting::{hunt, Hunt, FEES};
use crate::matches::{self, random_matches, Goals};
use crate::paths::{brownian, loans, loans_before, up_or_down, Loans, Path};
use crate::pump::pump;
use crate::rules::Rules;
use crate::SimulationError;

/// How long a pushed price is held while nobody answers, in time constants of the slow price.
pub const HOLDS: [f64; 7] = [0.0, 0.04, 0.25, 1.0, 1.25, 2.0, 4.0];

/// Opposing money of a cascade, in depths that are left.
pub const HITS: [f64; 3] = [0.25, 0.5, 1.0];

pub(crate) const CURVES: [(&str, CurveKind); 2] =
    [("lmsr", CurveKind::Lmsr), ("pm-amm", CurveKind::PmAmm)];

/// Lengths of markets, in minutes.
const MARKETS: [usize; 3] = [60, 4 * 60, DAY_MINUTES];

const DAY_MINUTES: usize = 24 * 60;

/// What a run draws.
#[derive(Clone, Debug)]
pub struct Settings {
    pub seed: u64,
    /// Random paths of each length.
    pub paths: usize,
    /// Closes a minute apart of a real price, for markets on it instead of random ones.
    pub closes: Option<Vec<f64>>,
    /// Goals of real matches, for markets on who wins instead of random ones.
    pub matches: Option<Vec<Goals>>,
    /// Slots after which somebody trades a price back that was moved.
    pub answer_slots: Vec<u64>,
}

/// What each attack takes and what is not paid back, for each rule set.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Part of the worst loss that a lender leaves to the others who goes before it: if he is paid as if all
    /// were paid back, and as the program pays him.
    pub lender_runs: [f64; 2],
    /// Under the defaults.
    pub hunts: Vec<Hunts>,
    /// Under the defaults and unprotected, by how soon somebody trades back a price that was moved.
    pub delays: Vec<Delays>,
    pub sets: Vec<Figures>,
}

/// The figures of one rule set on one curve; takes are in depths of the market.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub rules: &'static str,
    pub curve: &'static str,
    pub pump: Vec<Held>,
    /// The push not held, with ten loans instead of one.
    pub ten_small_loans: Take,
    pub provider_exit: Take,
    /// Of the value of a position, when the providers leave with what is not locked.
    pub value_kept: f64,
    pub known_result: Take,
    pub invented_prior: Take,
    pub both_sides: Take,
    pub cascades: Vec<Cascade>,
    /// Base units that opening at the cap and closing at once yields at most.
    pub round_trip: i64,
    pub loans: Vec<Loans>,
    /// On markets of a day that trade until the end of a match, whose prices jump at goals.
    pub on_matches: Loans,
    /// The same, if they would trade for a day more: what whoever lends on markets that end early bears.
    pub on_matches_that_end_early: Loans,
}

/// What whoever pushes the price for forced sales takes from those who borrowed, at each fee.
#[derive(Debug, Serialize)]
pub struct Hunts {
    pub curve: &'static str,
    pub by_fee: Vec<Hunt>,
}

/// A push of the price that is held before the loan is taken.
#[derive(Debug, Serialize)]
pub struct Held {
    /// In time constants of the slow price.
    pub held: f64,
    pub take: Take,
}

/// Every rule set on both curves. Only lengths that the closes suffice for are simulated with them.
///
/// # Errors
/// `TooFewCloses` for the shortest market; those of the curves.
pub fn run(settings: &Settings) -> Result<Report, SimulationError> {
    let mut paths = Vec::new();
    for minutes in MARKETS {
        paths.push(match &settings.closes {
            Some(closes) => up_or_down(closes, minutes)?,
            None => brownian(settings.seed, minutes, settings.paths)?,
        });
    }
    let random = || random_matches(settings.seed, settings.paths);
    let on_matches = matches::paths(&settings.matches.clone().unwrap_or_else(random));
    let (mut sets, mut hunts) = (Vec::new(), Vec::new());
    for (curve, kind) in CURVES {
        let by_fee = FEES.map(|fee| hunt(&Rules::defaults(), kind, fee));
        let by_fee = by_fee.into_iter().collect::<Result<_, _>>()?;
        hunts.push(Hunts { curve, by_fee });
        for rules in Rules::sets() {
            sets.push(figures(&rules, curve, kind, &paths, &on_matches)?);
        }
    }
    let lender_runs = [lender_run(false)?, lender_run(true)?];
    Ok(Report {
        lender_runs,
        hunts,
        delays: delays(&settings.answer_slots)?,
        sets,
    })
}

fn figures(
    rules: &Rules,
    curve: &'static str,
    kind: CurveKind,
    paths: &[Vec<Path>],
    on_matches: &[Path],
) -> Result<Figures, SimulationError> {
    let held = |held: f64| -> Result<Held, SimulationError> {
        let take = pump(rules, kind, held, 1)?;
        Ok(Held { held, take })
    };
    let (exit, value_kept) = provider_exit(rules, kind)?;
    Ok(Figures {
        rules: rules.name,
        curve,
        pump: HOLDS.into_iter().map(held).collect::<Result<_, _>>()?,
        ten_small_loans: pump(rules, kind, 0.0, 10)?,
        provider_exit: exit,
        value_kept,
        known_result: known_result(rules, kind)?,
        invented_prior: invented_prior(rules, kind)?,
        both_sides: both_sides(rules, kind)?,
        cascades: HITS
            .into_iter()
            .map(|money| cascade(rules, kind, money))
            .collect::<Result<_, _>>()?,
        round_trip: round_trip(rules, kind)?,
        loans: paths
            .iter()
            .map(|paths| loans(rules, kind, paths))
            .collect::<Result<_, _>>()?,
        on_matches: loans(rules, kind, on_matches)?,
        on_matches_that_end_early: loans_before(rules, kind, on_matches, DAY_MINUTES)?,
    })
}
