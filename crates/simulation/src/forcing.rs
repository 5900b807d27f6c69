//! Whoever has a loan sold by pushing the price of its shares down, and buys back what he sold.

use math::loan_rules::MAX_SALE_DROP;

use crate::arbitrage::{answer, move_to, Held};
use crate::attacks::EARLY_SECONDS;
use crate::market::{number, Market, DEPTH};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// Of the reward, the part of whom liquidates.
const REWARDED: f64 = 2.0 / 3.0;

/// Where the price is pushed to, and for how many of the slots of a mark it is held there, up to the sale. The
/// mark itself takes a push of a moment.
#[derive(Clone, Copy, Debug)]
pub struct Push {
    pub target: f64,
    pub held_slots: u64,
}

/// A forced sale, in depths.
#[derive(Clone, Copy, Debug)]
pub struct Forced {
    pub held_slots: u64,
    /// What whoever pushes has of trading around it, and of the reward.
    pub traded: f64,
    pub rewarded: f64,
    /// What the loan's owner keeps of shares that are left, at the fair price.
    pub kept: f64,
    /// What the push costs, if the price is not taken back.
    pub pushing: f64,
    /// What another push costs once somebody has answered it: nothing if the fee keeps them from it.
    pub another_push: f64,
}

impl Forced {
    /// For whom pushes, without what the loan's owner keeps. Nothing is sold where no pushed price stands.
    pub fn held(&self) -> Held {
        Held {
            slots: self.held_slots,
            near_slots: 0,
            unanswered: self.traded + self.rewarded,
            answered_at_once: 0.0,
            another_push: self.another_push,
            near_push: 0.0,
            pulses: 0.0,
        }
    }
}

/// What a push yields; `None` if nothing is sold.
///
/// # Errors
/// Those of the curve.
pub fn force(
    rules: &Rules,
    mut market: Market,
    mut loan: Standing,
    push: Push,
) -> Result<Option<Forced>, SimulationError> {
    let (fair, all) = (market.price()?, loan.shares);
    if !lasts(rules, &market, &loan, push)? {
        return Ok(None);
    }
    let pushed = move_to(&mut market, push.target)?;
    let mut answered = market;
    answer(&mut answered, fair)?;
    let again = move_to(&mut answered, push.target)?;
    let mut reward = 0;
    while let Some(sale) = rules.liquidate(&mut market, &mut loan, EARLY_SECONDS)? {
        reward += sale.reward;
    }
    if loan.shares == all {
        return Ok(None);
    }
    let depth = DEPTH as f64;
    let kept = loan.shares as f64 * fair - loan.debt as f64;
    Ok(Some(Forced {
        held_slots: push.held_slots,
        traded: pushed.gains(fair) + answer(&mut market, fair)?.gains(fair),
        rewarded: reward as f64 * REWARDED / depth,
        kept: kept.max(0.0) / depth,
        pushing: -pushed.gains(fair),
        another_push: -again.gains(fair),
    }))
}

/// Whether a sale at the pushed price is due at the average since the mark too, and the price near enough to it.
fn lasts(
    rules: &Rules,
    market: &Market,
    loan: &Standing,
    push: Push,
) -> Result<bool, SimulationError> {
    if rules.mark_slots == 0 {
        return Ok(true);
    }
    let fair = market.price()?;
    let part = push.held_slots as f64 / rules.mark_slots as f64;
    let average = fair - part * (fair - push.target);
    let most = number(MAX_SALE_DROP.to_price()) * average.min(1.0 - average);
    if average - push.target > most {
        return Ok(false);
    }
    let at_average = market.opened_at(average)?;
    Ok(rules.due(&at_average, loan, EARLY_SECONDS)?.is_some())
}
