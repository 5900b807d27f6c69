//! Whoever pushes the price so that loans are sold for, and buys where their forced sales left it.

use math::loan_rules::MAX_SALE_DROP;
use math::CurveKind;
use serde::Serialize;

use crate::market::{depths, fraction, number, Market, DEPTH};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// Prices at which loans stand, and the shares of all, parts of the most that secure loans.
const STARTS: [f64; 6] = [0.12, 0.2, 0.35, 0.5, 0.65, 0.8];
const SIZES: [f64; 3] = [0.1, 0.5, 1.0];

/// What is owed, parts of what may be: a loan just opened, and one that is almost due.
const OWED: [f64; 4] = [0.75, 0.9, 0.97, 0.995];

/// Where the price is pushed to, parts of it.
const PUSHES: [f64; 8] = [0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4];

/// Of the reward, the part of whom liquidates.
const REWARDED: f64 = 2.0 / 3.0;

/// Long before the end of trading.
const EARLY_SECONDS: u64 = 20 * 60 * 60;

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
    /// If somebody does: nothing is sold, and what was sold to push is bought back by others.
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
    for start in STARTS {
        for size in SIZES {
            for owed in OWED {
                for push in PUSHES {
                    let market = Market::at(kind, start)?.with_fee(fee_basis_points);
                    let target = start * push;
                    let Some(hunted) = pushed(rules, market, size, owed, target)? else {
                        continue;
                    };
                    hunt.unanswered = hunt.unanswered.max(hunted.take);
                    hunt.answered = hunt.answered.max(hunted.take_if_answered);
                    if hunted.take > 0.0 {
                        let cost = -hunted.take_if_answered;
                        let chance = cost / (cost + hunted.take);
                        hunt.break_even_chance = hunt.break_even_chance.min(chance);
                    }
                }
            }
            for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
                let market = Market::at(kind, start)?.with_fee(fee_basis_points);
                let drop = number(MAX_SALE_DROP.to_price());
                let target = start - part * drop * start.min(1.0 - start);
                // Due already.
                if let Some(hunted) = pushed(rules, market, size, 1.001, target)? {
                    let beside = hunted.take - hunted.reward;
                    hunt.around_a_due_sale = hunt.around_a_due_sale.max(beside);
                }
            }
        }
    }
    Ok(hunt)
}

struct Hunted {
    take: f64,
    take_if_answered: f64,
    reward: f64,
}

/// What it yields, in depths; `None` if nothing is sold.
fn pushed(
    rules: &Rules,
    mut market: Market,
    size: f64,
    owed: f64,
    target: f64,
) -> Result<Option<Hunted>, SimulationError> {
    let shares = depths(size * rules.most_shares * rules.locked);
    let fair = market.price()?;
    let most = number(rules.terms.maintenance_at(fraction(fair), EARLY_SECONDS)?);
    let debt = (market.value(shares)? as f64 * most * owed) as u64;
    let mut loan = Standing { shares, debt };
    let against = market.shares_down_to(target)?;
    let sold_for = market.sell(against)?;
    let mut rewards = 0;
    while let Some(sale) = rules.liquidate(&mut market, &mut loan, EARLY_SECONDS)? {
        rewards += sale.reward;
    }
    if loan.shares == shares {
        return Ok(None);
    }
    let bought_for = if against > 0 { market.buy(against)? } else { 0 };
    let depth = DEPTH as f64;
    let reward = rewards as f64 * REWARDED / depth;
    let sold_for = sold_for as f64;
    Ok(Some(Hunted {
        take: (sold_for - bought_for as f64) / depth + reward,
        take_if_answered: (sold_for - against as f64 * fair) / depth,
        reward,
    }))
}
