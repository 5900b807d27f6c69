//! Whoever moves a price up, holds it against those who trade it back, borrows against shares at it, and leaves
//! the loan.
//!
//! It does not matter whether the price is moved by buying or by selling the other outcome out of complete sets:
//! without a fee both cost the same.

use math::CurveKind;

use crate::arbitrage::{move_to, opened_if_answered, Arbitrageurs, Held, Moved, SLOW_PRICE_SLOTS};
use crate::attacks::{Take, EARLY_SECONDS, SIZES, STARTS};
use crate::calm::{is_price_far, near};
use crate::market::{depths, Market, DEPTH};
use crate::rules::{Rules, Standing};
use crate::SimulationError;

/// Prices that attacks are pushed to, parts of the way to one.
const PUSHES: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.98];

/// How long prices are held, in time constants of the slow price, where whoever holds them may choose.
const HOLDS: [f64; 12] = [
    0.0, 0.03, 0.1, 0.25, 0.5, 1.0, 1.04, 1.25, 1.5, 2.0, 3.0, 4.0,
];

/// The same where they are taken back in between.
const PULSED_HOLDS: [f64; 5] = [0.1, 0.4, 1.1, 1.5, 4.0];

/// How far the price stands from the slow one where that has to be near, parts of what is near at most.
const NEAR: [f64; 2] = [1.0, -1.0];

/// And for how many answers' delays.
const ROUNDS: [u64; 3] = [1, 2, 4];

/// The longest that a price is held, eight time constants.
pub const LONGEST_SLOTS: u64 = 8 * SLOW_PRICE_SLOTS;

/// How far below its bound a price is brought, so that rounding leaves it there.
const ROUNDING: f64 = 1e-8;

/// What whoever takes a price back before it is answered pays for each trade: the least fee that is listed, basis
/// points.
pub const PULSE_FEE: u16 = 10;

/// Rounds of changes to the best variant, of half its numbers at first and a hundredth at last.
const CHANGES: i32 = 12;

/// What a pump does.
#[derive(Clone, Copy, Debug)]
struct Pump {
    start: f64,
    /// Part of the way to one.
    push: f64,
    held_slots: u64,
    /// The last of these slots, in which the price stands near the slow one, and how far above it, parts of what is
    /// near at most.
    near_slots: u64,
    near: f64,
    size: f64,
    /// Loans of equal shares, one after the other.
    parts: u32,
    /// Slots after which the price is taken back for one, if it is.
    pulse_slots: Option<u64>,
}

/// And what it comes to.
type Tried = (Pump, Held);

/// Buys until the price is somewhere else, holds it for so many time constants of the slow price while nobody
/// answers, lowers it to where a loan is just given if it is above that, borrows against shares bought there,
/// sells what pushed the price, and keeps or leaves the loan, whichever is worth more. `parts` loans of equal
/// shares are taken one after the other.
///
/// The search is a grid, and then changes of ever smaller size to the best of it.
///
/// # Errors
/// Those of the curve.
pub fn pump(
    rules: &Rules,
    kind: CurveKind,
    held: f64,
    parts: u32,
) -> Result<Take, SimulationError> {
    let pulse_slots = None;
    let search = Search {
        rules,
        kind,
        parts,
        pulse_slots,
    };
    let mut best = None;
    better(&mut best, search.grid(slots(held))?, Arbitrageurs::Never);
    search.change(&mut best, Arbitrageurs::Never, Pump::neighbours)?;
    Ok(match best {
        Some((pump, held)) if held.unanswered > 0.0 => Take {
            depths: held.unanswered,
            start: pump.start,
            pushed_to: pump.stands_at(rules),
            shares: pump.size,
        },
        _ => Take::default(),
    })
}

/// Pumps that are held as long as pays, up to [`LONGEST_SLOTS`], and pushed again whenever they are answered.
pub struct Pumps<'a> {
    search: Search<'a>,
    tried: Vec<Tried>,
}

impl<'a> Pumps<'a> {
    /// # Errors
    /// Those of the curve.
    pub fn of(rules: &'a Rules, kind: CurveKind) -> Result<Self, SimulationError> {
        let search = Search {
            rules,
            kind,
            parts: 1,
            pulse_slots: None,
        };
        let mut tried = Vec::new();
        for held in HOLDS {
            tried.extend(search.grid(slots(held))?);
        }
        Ok(Self { search, tried })
    }

    /// The one that takes most, if anything is lent.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn best(&self, arbitrageurs: Arbitrageurs) -> Result<Option<Held>, SimulationError> {
        let mut best = None;
        better(&mut best, self.tried.iter().copied(), arbitrageurs);
        if let Arbitrageurs::After(delay @ 1..) = arbitrageurs {
            for rounds in ROUNDS {
                let held_slots = delay.saturating_mul(rounds).min(LONGEST_SLOTS);
                better(&mut best, self.search.grid(held_slots)?, arbitrageurs);
            }
        }
        self.search
            .change(&mut best, arbitrageurs, Pump::neighbours_in_time)?;
        Ok(best.map(|(_, held)| held))
    }

    /// The same where the price may be taken back for the slot in which it would be answered and be pushed again
    /// after it, at the least fee for these trades: whoever comes then finds it fair.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn best_pulsed(&self, arbitrageurs: Arbitrageurs) -> Result<Option<Held>, SimulationError> {
        let unpulsed = self.best(arbitrageurs)?;
        let Arbitrageurs::After(delay @ 1..) = arbitrageurs else {
            return Ok(unpulsed);
        };
        let search = Search {
            pulse_slots: Some(delay),
            ..self.search
        };
        let mut best = None;
        for held in PULSED_HOLDS {
            better(&mut best, search.grid(slots(held))?, arbitrageurs);
        }
        search.change(&mut best, arbitrageurs, Pump::neighbours_in_time)?;
        let pulsed = best.map(|(_, held)| held);
        Ok(unpulsed.into_iter().chain(pulsed).max_by(|one, other| {
            one.gains(arbitrageurs)
                .total_cmp(&other.gains(arbitrageurs))
        }))
    }
}

fn slots(time_constants: f64) -> u64 {
    (time_constants * SLOW_PRICE_SLOTS as f64).round() as u64
}

fn changed(slots: u64, change: f64) -> u64 {
    (slots as f64 * change) as u64
}

fn better(
    best: &mut Option<Tried>,
    tried: impl IntoIterator<Item = Tried>,
    arbitrageurs: Arbitrageurs,
) {
    for other in tried {
        let most = best.map(|(_, held)| held.gains(arbitrageurs));
        if most.is_none_or(|most| other.1.gains(arbitrageurs) > most) {
            *best = Some(other);
        }
    }
}

#[derive(Clone, Copy)]
struct Search<'a> {
    rules: &'a Rules,
    kind: CurveKind,
    parts: u32,
    pulse_slots: Option<u64>,
}

impl Search<'_> {
    fn grid(&self, held_slots: u64) -> Result<Vec<Tried>, SimulationError> {
        let mut all = Vec::new();
        for start in STARTS {
            for size in SIZES {
                let pump = Pump {
                    start,
                    push: 0.0,
                    held_slots,
                    near_slots: 0,
                    near: 0.0,
                    size,
                    parts: self.parts,
                    pulse_slots: self.pulse_slots,
                };
                for pump in self.pushes(pump) {
                    all.extend(pump.tried(self.rules, self.kind)?);
                }
            }
        }
        Ok(all)
    }

    /// Where the price is pushed to and for how long it is near the slow one, if it has to be: all of the time, or at
    /// last for as long as it has to be once it was far.
    fn pushes(&self, pump: Pump) -> Vec<Pump> {
        let far = PUSHES.map(|push| Pump { push, ..pump });
        if !self.rules.calm || pump.held_slots == 0 {
            return far.to_vec();
        }
        let mut all = Vec::new();
        for near in NEAR {
            let of = |pump: Pump, near_slots| Pump {
                near_slots,
                near,
                ..pump
            };
            all.push(of(pump, pump.held_slots));
            if pump.held_slots > SLOW_PRICE_SLOTS {
                all.extend(far.map(|pump| of(pump, SLOW_PRICE_SLOTS)));
            }
        }
        all
    }

    /// Ever smaller changes to the best.
    fn change(
        &self,
        best: &mut Option<Tried>,
        arbitrageurs: Arbitrageurs,
        neighbours: impl Fn(Pump, f64) -> Vec<Pump>,
    ) -> Result<(), SimulationError> {
        for round in 0..CHANGES {
            let factor = 1.0 + 0.5f64.powi(round / 2 + 1);
            let Some((pump, _)) = *best else {
                break;
            };
            for change in [factor, 1.0 / factor] {
                for other in neighbours(pump, change) {
                    better(best, other.tried(self.rules, self.kind)?, arbitrageurs);
                }
            }
        }
        Ok(())
    }
}

impl Pump {
    /// Where the price is held far from the slow one.
    fn pushed_to(self) -> f64 {
        self.start + (1.0 - self.start) * self.push
    }

    /// Where it is held far from the slow price, or, if it is never far, at last.
    fn stands_at(self, rules: &Rules) -> f64 {
        if rules.calm && self.near_slots == self.held_slots {
            near(self.start, self.start, self.near, self.near_slots).end
        } else {
            self.pushed_to()
        }
    }

    /// Those that differ in price, push, size, or what is near of them, by a factor.
    fn neighbours(self, change: f64) -> Vec<Self> {
        let start = (self.start * change).min(0.9);
        let push = (self.push * change).min(0.999);
        let size = self.size * change;
        let mut all = vec![
            Self { start, ..self },
            Self { push, ..self },
            Self { size, ..self },
        ];
        if self.near_slots > 0 {
            let near = (self.near + change - 1.0).clamp(-1.0, 1.0);
            let near_slots = changed(self.near_slots, change).min(self.held_slots);
            all.push(Self { near, ..self });
            all.push(Self { near_slots, ..self });
        }
        all
    }

    /// And those that hold the price longer or less long by it, all of the time or far from the slow one alone.
    fn neighbours_in_time(self, change: f64) -> Vec<Self> {
        let far_slots = changed(self.held_slots - self.near_slots, change);
        let times = [
            (
                changed(self.held_slots, change),
                changed(self.near_slots, change),
            ),
            (far_slots + self.near_slots, self.near_slots),
        ];
        let mut all = self.neighbours(change);
        for (held_slots, near_slots) in times {
            if held_slots <= LONGEST_SLOTS {
                all.push(Self {
                    held_slots,
                    near_slots,
                    ..self
                });
            }
        }
        all
    }

    fn far_slots(self) -> u64 {
        self.held_slots - self.near_slots
    }

    /// Holds the price far from the slow one, and says what taking it back and pushing it again costs, in depths.
    fn hold(self, market: &mut Market) -> Result<f64, SimulationError> {
        let time = |slots: u64| slots as f64 / SLOW_PRICE_SLOTS as f64;
        let Some(slots) = self.pulse_slots else {
            market.stand(time(self.far_slots()))?;
            return Ok(0.0);
        };
        let pulses = self.far_slots() / (slots + 1);
        let pushed = market.price()?;
        let kept = |slots: u64| (-time(slots)).exp();
        // What the slow price tends to, at the end of the slot in which the price is fair.
        let limit = self.start * (1.0 - kept(1)) + pushed * kept(1) * (1.0 - kept(slots));
        let limit = limit / (1.0 - kept(slots + 1));
        market.slow = limit + (market.slow - limit) * kept(pulses * (slots + 1));
        market.stand(time(self.far_slots() % (slots + 1)))?;

        Ok(pulses as f64 * self.pulse(market.kind(), pushed)?)
    }

    /// What it costs to take a price back before it is answered, and to push it again.
    fn pulse(self, kind: CurveKind, pushed: f64) -> Result<f64, SimulationError> {
        let mut fair = Market::at(kind, self.start)?.with_fee(PULSE_FEE);
        let mut moved = move_to(&mut fair, pushed)?;
        moved += sold(&mut fair, moved.shares.unsigned_abs())?;
        Ok(-moved.gains(self.start))
    }

    /// Whether nothing was far for long enough.
    fn is_calm(self, rules: &Rules) -> bool {
        let was_far = self.far_slots() > 0 && is_price_far(self.pushed_to(), self.start);
        !rules.calm || !was_far || self.near_slots >= SLOW_PRICE_SLOTS
    }

    /// Brings the price near the slow one for as long as it has to be there, and says what a push costs meanwhile.
    fn stay_near(self, market: &mut Market, moved: &mut Moved) -> Result<f64, SimulationError> {
        let near = near(market.slow, self.start, self.near, self.near_slots);
        *moved += move_to(market, near.end)?;
        market.slow = near.slow;
        let kind = market.kind();
        let push = -move_to(&mut Market::at(kind, self.start)?, near.middle)?.gains(self.start);
        // A fair price keeps nobody waiting where it is near.
        let may_pulse = self.pulse_slots.is_some() && !is_price_far(self.start, near.slow);
        Ok(if may_pulse {
            push.min(self.pulse(kind, near.middle)?)
        } else {
            push
        })
    }

    /// What it yields, where anything is lent.
    fn tried(self, rules: &Rules, kind: CurveKind) -> Result<Option<Tried>, SimulationError> {
        let mut market = Market::at(kind, self.start)?;
        let mut moved = Moved::default();
        if self.far_slots() > 0 || self.near_slots == 0 {
            moved = move_to(&mut market, self.pushed_to())?;
        }
        let pushed_for = -moved.gains(self.start);
        let pulses = self.hold(&mut market)?;
        if !self.is_calm(rules) {
            return Ok(None);
        }
        let near_push = if rules.calm && self.near_slots > 0 {
            self.stay_near(&mut market, &mut moved)?
        } else {
            0.0
        };

        let each = depths(self.size) / u64::from(self.parts);
        let mut bought = market;
        if bought.buy(each * u64::from(self.parts)).is_err() {
            // The price of the other outcome is as low as it goes.
            return Ok(None);
        }
        let bound = rules.greatest_spot(market.slow).min(rules.prices[1]);
        if bought.price()? > bound {
            let above = bought.shares_down_to(bound - ROUNDING)?;
            moved += sold(&mut market, above.min(moved.shares.unsigned_abs()))?;
        }
        let Some((standing, cost)) = borrow(rules, &mut market, each, self.parts)? else {
            return Ok(None);
        };
        moved += sold(&mut market, moved.shares.unsigned_abs())?;
        let kept = market.value(standing.shares)?.saturating_sub(standing.debt);
        let got = (standing.debt + kept) as f64 - cost as f64 - moved.cost as f64;
        let answered = opened_if_answered(rules, kind, self.start, each)?;
        let held = Held {
            slots: self.held_slots,
            near_slots: self.near_slots,
            unanswered: got / DEPTH as f64,
            answered_at_once: answered * f64::from(self.parts),
            another_push: match self.pulse_slots {
                Some(_) => 0.0,
                None => pushed_for,
            },
            near_push,
            pulses,
        };
        Ok(Some((self, held)))
    }
}

fn sold(market: &mut Market, shares: u64) -> Result<Moved, SimulationError> {
    Ok(Moved {
        shares: -shares.cast_signed(),
        cost: -market.sell(shares)?.cast_signed(),
    })
}

/// Buys shares in parts and borrows against each as much as is lent: all loans and what the shares cost, if
/// anything is lent.
fn borrow(
    rules: &Rules,
    market: &mut Market,
    each: u64,
    parts: u32,
) -> Result<Option<(Standing, u64)>, SimulationError> {
    let (mut standing, mut cost) = (Standing::default(), 0);
    for _ in 0..parts {
        let Ok(paid) = market.buy(each) else {
            return Ok(None);
        };
        cost += paid;
        let lent = rules.greatest_debt(market, each, standing, EARLY_SECONDS)?;
        // More than the purchase costs is not lent.
        standing.debt += lent.min(paid);
        standing.shares += each;
    }
    Ok((standing.debt > 0).then_some((standing, cost)))
}
