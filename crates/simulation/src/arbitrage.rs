//! Who trades a price back that was moved off its fair value.

use math::CurveKind;

use crate::attacks::EARLY_SECONDS;
use crate::market::{Market, DEPTH};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// The time constant of the slow price of a market of a day, an hour of slots of 0.4 s.
pub const SLOW_PRICE_SLOTS: u64 = 9_000;

/// Slots after which prices are answered, if no others are asked for.
pub const DELAYS: [u64; 7] = [0, 1, 5, 10, 25, 75, 250];

/// Whether somebody with unlimited money trades a price back that left its fair value, each time that it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arbitrageurs {
    /// So many slots after it left it. Whoever moved it may act in that slot before they do, sees it, and may move
    /// it again in the same slot: so it stands for all of the slots. After 0 they come between any two trades,
    /// within a transaction too, as nobody can: 1 is the least there is.
    After(u64),
    Never,
}

impl Arbitrageurs {
    /// How often they answer a price that is held for so many slots, before whoever holds it is done.
    pub fn answers(self, held_slots: u64) -> u64 {
        match self {
            Self::After(delay @ 1..) => held_slots.saturating_sub(1) / delay,
            Self::After(0) | Self::Never => 0,
        }
    }

    /// `None` if they never do.
    pub fn delay_slots(self) -> Option<u64> {
        match self {
            Self::After(slots) => Some(slots),
            Self::Never => None,
        }
    }
}

/// What one way comes to of doing what takes a price that is held, in depths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// How long it is held, up to what is done then, and for how many of these slots it stands near the slow price
    /// at last.
    pub slots: u64,
    pub near_slots: u64,
    /// What is taken if nobody answers; less than nothing if it costs more.
    pub unanswered: f64,
    /// The same if no price stands that is not fair.
    pub answered_at_once: f64,
    /// What another push costs once the one before is answered, and what in the slots near the slow price.
    pub another_push: f64,
    pub near_push: f64,
    /// What it costs to take the price back so that nobody answers it, and to push it again, for all slots.
    pub pulses: f64,
}

impl Held {
    /// What holding the price costs.
    pub fn cost(&self, at: Arbitrageurs) -> f64 {
        let all = at.answers(self.slots);
        // Who answers in the slot in which it is lowered comes after that.
        let far = at.answers(self.slots - self.near_slots).min(all);
        self.pulses + far as f64 * self.another_push + (all - far) as f64 * self.near_push
    }

    /// What is taken in all.
    pub fn gains(&self, at: Arbitrageurs) -> f64 {
        match at {
            Arbitrageurs::After(0) => self.answered_at_once,
            _ => self.unanswered - self.cost(at),
        }
    }
}

/// What a loan yields, in depths, if the price is fair again before it is given: never more than nothing.
///
/// # Errors
/// Those of the curve.
pub(crate) fn opened_if_answered(
    rules: &Rules,
    kind: CurveKind,
    start: f64,
    shares: u64,
) -> Result<f64, SimulationError> {
    let fair = Market::at(kind, start)?;
    let Ok(paid) = fair.clone().buy(shares) else {
        return Ok(0.0);
    };
    let lent = rules.greatest_debt(&fair, shares, Standing::default(), EARLY_SECONDS)?;
    let lent = lent.min(paid) as f64;
    let kept = (shares as f64 * start - lent).max(0.0);
    Ok((lent + kept - paid as f64) / DEPTH as f64)
}

/// Shares that were bought to move a price and what they cost, base units; less than nothing if they were sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub shares: i64,
    pub cost: i64,
}

impl Moved {
    /// What it gains, in depths, by what the shares are worth at the fair price; less than nothing for whoever
    /// moves a price away from it, which he only gets back by moving it back himself.
    pub fn gains(self, fair: f64) -> f64 {
        (self.shares as f64 * fair - self.cost as f64) / DEPTH as f64
    }
}

impl core::ops::AddAssign for Moved {
    fn add_assign(&mut self, other: Self) {
        self.shares += other.shares;
        self.cost += other.cost;
    }
}

/// Moves the price to another.
///
/// # Errors
/// Those of the curve.
pub fn move_to(market: &mut Market, target: f64) -> Result<Moved, SimulationError> {
    let price = market.price()?;
    if target > price {
        let shares = market.shares_until(target)?;
        let cost = if shares > 0 { market.buy(shares)? } else { 0 };
        Ok(Moved {
            shares: shares.cast_signed(),
            cost: cost.cast_signed(),
        })
    } else if target < price {
        let shares = market.shares_down_to(target)?;
        Ok(Moved {
            shares: -shares.cast_signed(),
            cost: -market.sell(shares)?.cast_signed(),
        })
    } else {
        Ok(Moved::default())
    }
}

/// Trades a price back towards its fair value, as far as the fee leaves something.
///
/// # Errors
/// Those of the curve.
pub fn answer(market: &mut Market, fair: f64) -> Result<Moved, SimulationError> {
    let price = market.price()?;
    let width = market.fee_part() * fair.min(1.0 - fair);
    if price > fair + width {
        move_to(market, fair + width)
    } else if price < fair - width {
        move_to(market, fair - width)
    } else {
        Ok(Moved::default())
    }
}
