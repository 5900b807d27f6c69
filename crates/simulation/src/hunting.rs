//! Whoever pushes the price so that loans are sold for, and buys where their forced sales left it.

use math::loan_rules::MAX_SALE_DROP;
use math::CurveKind;
use serde::Serialize;

use crate::attacks::EARLY_SECONDS;
use crate::forcing::{force, Forced, Push};
use crate::market::{depths, fraction, number, Market};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// Prices at which loans stand, and the shares of all, parts of the most that secure loans by default.
const STARTS: [f64; 6] = [0.12, 0.2, 0.35, 0.5, 0.65, 0.8];
const SIZES: [f64; 3] = [0.1, 0.5, 1.0];

/// What is owed, parts of what may be: a loan just opened, and one that is almost due.
pub const OWED: [f64; 4] = [0.75, 0.9, 0.97, 0.995];

/// Due already.
const OVERDUE: f64 = 1.001;

/// Where the price is pushed to, parts of it.
const PUSHES: [f64; 8] = [0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4];

/// Fees that hunts are tried at, basis points.
pub const FEES: [u16; 4] = [0, 10, 30, 100];

/// The most that a hunter takes at a fee, in depths of the market; less than nothing where every variant that
/// has something sold costs him.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Hunt {
    pub fee_basis_points: u16,
    /// If the price of a moment were enough, all in one transaction; and where a sale needs a mark some slots
    /// old and the average since it, if nobody answers the price for so long.
    pub unanswered: f64,
    /// If somebody does and he gives up: nothing is sold, and what was sold to push is bought back by others.
    pub answered: f64,
    /// The chance of no answer from which on a variant pays; more than one if none does.
    pub break_even_chance: f64,
    /// Around a sale that is due without him, beside its reward: the price is pushed no farther than the sale
    /// allows.
    pub around_a_due_sale: f64,
}

/// # Errors
/// Those of the curve.
pub fn hunt(
    rules: &Rules,
    kind: CurveKind,
    fee_basis_points: u16,
) -> Result<Hunt, SimulationError> {
    let mut hunt = Hunt {
        fee_basis_points,
        unanswered: f64::NEG_INFINITY,
        answered: f64::NEG_INFINITY,
        break_even_chance: f64::INFINITY,
        around_a_due_sale: f64::NEG_INFINITY,
    };
    for hunted in hunts(rules, kind, fee_basis_points, &OWED, &[rules.mark_slots])? {
        let (take, cost) = (hunted.held().unanswered, hunted.pushing);
        hunt.unanswered = hunt.unanswered.max(take);
        hunt.answered = hunt.answered.max(-cost);
        if take > 0.0 {
            hunt.break_even_chance = hunt.break_even_chance.min(cost / (cost + take));
        }
    }
    let drop = number(MAX_SALE_DROP.to_price());
    for start in STARTS {
        for size in SIZES {
            for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
                let target = start - part * drop * start.min(1.0 - start);
                let market = Market::at(kind, start)?.with_fee(fee_basis_points);
                let loan = loan(rules, &market, size, OVERDUE)?;
                let held_slots = rules.mark_slots;
                let push = Push { target, held_slots };
                if let Some(forced) = force(rules, market, loan, push)? {
                    hunt.around_a_due_sale = hunt.around_a_due_sale.max(forced.traded);
                }
            }
        }
    }
    Ok(hunt)
}

/// Every variant in which something is sold of loans that owe such parts of what may be owed, if the price is
/// held for one of so many slots up to the sale.
///
/// # Errors
/// Those of the curve.
pub fn hunts(
    rules: &Rules,
    kind: CurveKind,
    fee_basis_points: u16,
    all_owed: &[f64],
    held: &[u64],
) -> Result<Vec<Forced>, SimulationError> {
    let mut all = Vec::new();
    for start in STARTS {
        let market = Market::at(kind, start)?.with_fee(fee_basis_points);
        for size in SIZES {
            for owed in all_owed {
                let loan = loan(rules, &market, size, *owed)?;
                for part in PUSHES {
                    for held_slots in held {
                        let push = Push {
                            target: start * part,
                            held_slots: *held_slots,
                        };
                        all.extend(force(rules, market, loan, push)?);
                    }
                }
            }
        }
    }
    Ok(all)
}

/// A loan that owes such a part of what may be owed.
fn loan(rules: &Rules, market: &Market, size: f64, owed: f64) -> Result<Standing, SimulationError> {
    let shares = depths(size * Rules::defaults().most_shares * rules.locked);
    let most = rules
        .terms
        .maintenance_at(fraction(market.price()?), EARLY_SECONDS)?;
    let debt = (market.value(shares)? as f64 * number(most) * owed) as u64;
    Ok(Standing { shares, debt })
}
