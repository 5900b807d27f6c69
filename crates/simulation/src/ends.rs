//! Whoever borrows against both outcomes, and moves the price to one end, where one loan is sold, and then to
//! the other.

use math::CurveKind;

use crate::arbitrage::{opened_if_answered, Held};
use crate::attacks::{EARLY_SECONDS, SIZES, STARTS};
use crate::forcing::{force, Push};
use crate::market::{depths, Market, DEPTH};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// Where the price of each outcome is moved to, parts of it.
const PUSHES: [f64; 9] = [0.9, 0.8, 0.7, 0.5, 0.3, 0.1, 0.05, 0.02, 0.005];

/// Every variant of price, size and both pushes in which something is lent. Both outcomes are bought one after
/// the other, so that the price is where it was; each price is held for a whole mark.
///
/// # Errors
/// Those of the curve.
pub fn both_ends(rules: &Rules, kind: CurveKind) -> Result<Vec<Held>, SimulationError> {
    let mut all = Vec::new();
    for start in STARTS {
        for size in SIZES {
            let shares = depths(size);
            let Some((margin, loans)) = opened(rules, kind, start, shares)? else {
                continue;
            };
            let answered_at_once = opened_if_answered(rules, kind, start, shares)?
                + opened_if_answered(rules, kind, 1.0 - start, shares)?;
            let [one, other] = loans;
            let others = ends(rules, kind, 1.0 - start, other)?;
            for [taken, another_push] in ends(rules, kind, start, one)? {
                for [other_taken, other_push] in &others {
                    all.push(Held {
                        slots: rules.mark_slots,
                        near_slots: 0,
                        unanswered: taken + other_taken - margin,
                        answered_at_once,
                        another_push: another_push + other_push,
                        near_push: 0.0,
                        pulses: 0.0,
                    });
                }
            }
        }
    }
    Ok(all)
}

/// What both loans' shares cost less what was lent, in depths, and the loans.
fn opened(
    rules: &Rules,
    kind: CurveKind,
    start: f64,
    shares: u64,
) -> Result<Option<(f64, [Standing; 2])>, SimulationError> {
    let lent = |market: &Market, paid: u64| -> Result<Standing, SimulationError> {
        let debt = rules.greatest_debt(market, shares, Standing::default(), EARLY_SECONDS)?;
        let debt = debt.min(paid);
        Ok(Standing { shares, debt })
    };
    let mut first = Market::at(kind, start)?;
    let Ok(cost) = first.buy(shares) else {
        return Ok(None);
    };
    let mut second = Market::at(kind, 1.0 - first.price()?)?;
    second.slow = 1.0 - start;
    let Ok(other_cost) = second.buy(shares) else {
        return Ok(None);
    };
    let loans = [lent(&first, cost)?, lent(&second, other_cost)?];
    let debt: u64 = loans.iter().map(|loan| loan.debt).sum();
    let margin = (cost + other_cost) as f64 - debt as f64;
    Ok((debt > 0).then_some((margin / DEPTH as f64, loans)))
}

/// What comes of a loan in depths, and what another push costs: left alone, and by each push that has it sold.
fn ends(
    rules: &Rules,
    kind: CurveKind,
    fair: f64,
    loan: Standing,
) -> Result<Vec<[f64; 2]>, SimulationError> {
    let kept = loan.shares as f64 * fair - loan.debt as f64;
    let mut all = vec![[kept.max(0.0) / DEPTH as f64, 0.0]];
    for part in PUSHES {
        let push = Push {
            target: fair * part,
            held_slots: rules.mark_slots,
        };
        if let Some(forced) = force(rules, Market::at(kind, fair)?, loan, push)? {
            let taken = forced.held().unanswered + forced.kept;
            all.push([taken, forced.another_push]);
        }
    }
    Ok(all)
}
