//! What attackers with unlimited money take from a lender, in depths of the market. Each is a search over
//! where the market stands, how far it is pushed and how much is borrowed against.

use math::{CurveKind, LendingBook, Money};

use crate::market::{depths, Market, DEPTH};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// Prices that attacks start at.
pub(crate) const STARTS: [f64; 7] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7];

/// Shares borrowed against, in depths.
pub(crate) const SIZES: [f64; 11] = [
    0.005, 0.02, 0.05, 0.074, 0.15, 0.29, 0.6, 1.0, 2.0, 3.0, 4.5,
];

/// Long before the end of trading.
pub(crate) const EARLY_SECONDS: u64 = 20 * 60 * 60;

/// What an attack yields at most, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Take {
    /// In depths; nothing if every variant costs its attacker more than it yields.
    pub depths: f64,
    pub start: f64,
    pub pushed_to: f64,
    /// Shares borrowed against, in depths.
    pub shares: f64,
}

/// The lender's loss if the providers leave with what is not locked as soon as a loan is given, and the
/// part of its value that the position keeps then.
///
/// # Errors
/// Those of the curve.
pub fn provider_exit(rules: &Rules, kind: CurveKind) -> Result<(Take, f64), SimulationError> {
    let (mut worst, mut kept) = (Take::default(), 1.0f64);
    for start in STARTS {
        for size in SIZES {
            let mut market = Market::at(kind, start)?;
            let shares = depths(size);
            if market.buy(shares).is_err() {
                continue;
            }
            let debt = rules.greatest_debt(&market, shares, Standing::default(), EARLY_SECONDS)?;
            if debt == 0 {
                continue;
            }
            let before = market.value(shares)?;
            let after = market.with_liquidity(rules.locked)?.value(shares)?;
            let lost = debt.saturating_sub(after) as f64 / DEPTH as f64;
            kept = kept.min(after as f64 / before as f64);
            if lost > worst.depths {
                worst = Take {
                    depths: lost,
                    start,
                    pushed_to: market.price()?,
                    shares: size,
                };
            }
        }
    }
    Ok((worst, kept))
}

/// What is lent to who knows that the outcome has lost while the market still trades: all of it is his
/// gain, since the shares that the loan buys make those that won cheaper by as much.
///
/// # Errors
/// Those of the curve.
pub fn known_result(rules: &Rules, kind: CurveKind) -> Result<Take, SimulationError> {
    let mut best = Take::default();
    if !rules.early_ends {
        return Ok(best);
    }
    for start in STARTS {
        for size in SIZES {
            let mut market = Market::at(kind, start)?;
            let shares = depths(size);
            if market.buy(shares).is_err() {
                continue;
            }
            let debt = rules.greatest_debt(&market, shares, Standing::default(), EARLY_SECONDS)?;
            let lent = debt as f64 / DEPTH as f64;
            if lent > best.depths {
                best = Take {
                    depths: lent,
                    start,
                    pushed_to: market.price()?,
                    shares: size,
                };
            }
        }
    }
    Ok(best)
}

/// What a creator who is the only provider takes, who opens the market at a price that he invents, and whom
/// nobody answers for as long as it takes to be lent on: all that is lent against the outcome is spent on
/// shares that his own liquidity sells, and they are worth nothing.
///
/// # Errors
/// Those of the curve.
pub fn invented_prior(rules: &Rules, kind: CurveKind) -> Result<Take, SimulationError> {
    let ends_early = Rules {
        early_ends: true,
        ..*rules
    };
    known_result(&ends_early, kind)
}

/// What somebody takes who borrows against both outcomes as much as is lent, and waits for a jump to the end
/// before anything can be sold: the loan on the side that is lost, whichever it is. Before the jump both
/// sides cost what they are worth.
///
/// # Errors
/// Those of the curve.
pub fn both_sides(rules: &Rules, kind: CurveKind) -> Result<Take, SimulationError> {
    let mut best = Take::default();
    for start in STARTS {
        for size in SIZES {
            let shares = depths(size);
            let lent = |price: f64| -> Result<u64, SimulationError> {
                let mut market = Market::at(kind, price)?;
                if market.buy(shares).is_err() {
                    return Ok(0);
                }
                rules.greatest_debt(&market, shares, Standing::default(), EARLY_SECONDS)
            };
            let taken = lent(start)?.min(lent(1.0 - start)?) as f64 / DEPTH as f64;
            if taken > best.depths {
                best = Take {
                    depths: taken,
                    start,
                    pushed_to: start,
                    shares: size,
                };
            }
        }
    }
    Ok(best)
}

/// What a lender of half of the money takes from the other by leaving just before the worst loss that a pool
/// bears, a tenth of what it has: part of the loss. `pays_sure` is whether he is paid as if the worst were
/// lost already.
///
/// # Errors
/// Those of the book.
pub fn lender_run(pays_sure: bool) -> Result<f64, SimulationError> {
    const EACH: Money = Money(DEPTH);
    let mut book = LendingBook::new(0);
    let (leaves, stays) = (book.deposit(EACH)?, book.deposit(EACH)?);
    let loan = Money(EACH.0 * 2 / 10);
    let shares = book.lend(loan)?;
    let at_risk = if pays_sure { loan } else { Money::ZERO };
    let paid = book.withdraw(leaves, at_risk)?;
    book.write_off(shares, Money::ZERO)?;
    let left = book.withdraw(stays, Money::ZERO)?;
    Ok((paid.0 as f64 - left.0 as f64) / 2.0 / loan.0 as f64)
}

/// What opening at the cap and closing at once yields at most, in base units: less than nothing.
///
/// # Errors
/// Those of the curve.
pub fn round_trip(rules: &Rules, kind: CurveKind) -> Result<i64, SimulationError> {
    let mut best = i64::MIN;
    for start in STARTS {
        for size in SIZES {
            let mut market = Market::at(kind, start)?;
            let shares = depths(size);
            let Ok(cost) = market.buy(shares) else {
                continue;
            };
            let debt = rules.greatest_debt(&market, shares, Standing::default(), EARLY_SECONDS)?;
            if debt == 0 {
                continue;
            }
            let margin = cost - debt.min(cost);
            let claim = market.value(shares)?.saturating_sub(debt.min(cost));
            best = best.max(claim.cast_signed() - margin.cast_signed());
        }
    }
    Ok(best)
}

/// Loans in a cascade.
const LOANS: u64 = 10;

/// Prices of cascades, and the shares of all loans together, in depths.
const CASCADE_STARTS: [f64; 6] = [0.12, 0.2, 0.35, 0.5, 0.65, 0.8];
const CASCADE_SIZES: [f64; 6] = [0.01, 0.03, 0.07, 0.3, 1.0, 3.0];

/// What a sudden trade of somebody with so much money on the other side sets off, in depths.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Cascade {
    /// Opposing money, in depths that are left.
    pub money: f64,
    /// The greatest loss of the lender.
    pub lost: f64,
    /// The most that the one with the money takes from those who borrowed: the rewards, and what their
    /// forced sales move the price for him. Nobody answers before he has traded back.
    pub hunted: f64,
}

/// Ten loans at the cap, opened at a price that others brought back after each. Then all liquidity that
/// can leaves, somebody buys the other outcome, and whatever is to be liquidated then is, one loan
/// after the other, until nothing is.
///
/// # Errors
/// Those of the curve.
pub fn cascade(rules: &Rules, kind: CurveKind, money: f64) -> Result<Cascade, SimulationError> {
    let mut worst = Cascade {
        money,
        ..Cascade::default()
    };
    for start in CASCADE_STARTS {
        for size in CASCADE_SIZES {
            let loans = Loans::opened(rules, kind, start, depths(size) / LOANS)?;
            let (lost, hunted) = loans.hit(rules, kind, start, money)?;
            worst.lost = worst.lost.max(lost);
            worst.hunted = worst.hunted.max(hunted);
        }
    }
    Ok(worst)
}

/// Shares and debt of each.
struct Loans(Vec<Standing>);

impl Loans {
    fn opened(
        rules: &Rules,
        kind: CurveKind,
        start: f64,
        shares: u64,
    ) -> Result<Self, SimulationError> {
        let (mut loans, mut standing) = (Vec::new(), Standing::default());
        for _ in 0..LOANS {
            let mut market = Market::at(kind, start)?;
            let Ok(paid) = market.buy(shares) else {
                break;
            };
            let debt = rules.greatest_debt(&market, shares, standing, EARLY_SECONDS)?;
            let debt = debt.min(paid);
            if debt == 0 {
                break;
            }
            loans.push(Standing { shares, debt });
            standing.shares += shares;
            standing.debt += debt;
        }
        Ok(Self(loans))
    }

    /// Loss and take, in depths.
    fn hit(
        mut self,
        rules: &Rules,
        kind: CurveKind,
        start: f64,
        money: f64,
    ) -> Result<(f64, f64), SimulationError> {
        let mut market = Market::at(kind, start)?.with_liquidity(rules.locked)?;
        let against = market.shares_against((money * rules.locked * DEPTH as f64) as u64)?;
        let sold_for = market.sell(against)?;
        let (mut lost, mut rewards) = (0, 0);
        let mut is_falling = true;
        while is_falling {
            is_falling = false;
            for loan in &mut self.0 {
                if let Some(sale) = rules.liquidate(&mut market, loan, EARLY_SECONDS)? {
                    is_falling = true;
                    lost += sale.lost;
                    rewards += sale.reward;
                }
            }
        }
        let bought_for = if against > 0 { market.buy(against)? } else { 0 };
        let hunted = sold_for as f64 - bought_for as f64 + rewards as f64;
        let depth = DEPTH as f64;
        Ok((lost as f64 / depth, hunted.max(0.0) / depth))
    }
}
