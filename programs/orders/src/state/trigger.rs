use anchor_lang::prelude::*;
use market_core::{Moment, Now};
use math::{
    trigger::{seen_by, Trigger},
    Price,
};

use super::{AnyMarket, Desk, OrderSide};
use crate::error::OrderError;

/// Fewest and most slots over which a trigger's average is taken.
#[constant]
pub const MIN_TRIGGER_SLOTS: u32 = 25;
#[constant]
pub const MAX_TRIGGER_SLOTS: u32 = 10_000;

/// For so many windows after it was armed a trigger can fire.
const WINDOWS: u64 = 4;

/// What an order waits for, whichever comes first. Prices are of the order's outcome, Q1.63; on an L2
/// curve the chances that they stand for.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriggerTerms {
    /// A price that is worse for the owner: at or below it for a sale, at or above it for a purchase.
    pub stop: Option<u64>,
    /// A price that is better for him.
    pub take: Option<u64>,
    /// So much worse than the best average price since the order was placed.
    pub trail: Option<u64>,
    /// Slots for which the average price has to be beyond.
    pub window_slots: u32,
}

/// The moment in which the spot price was seen beyond, from which the average is taken.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    pub slot: u64,
    /// Unix seconds.
    pub at: i64,
    /// Of the outcome's prices; see [`super::PriceReading`].
    pub mark: u64,
}

/// What an order waits for before its first slice, and how far it is.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderTrigger {
    pub terms: TriggerTerms,
    /// Averages that reach further back are none of this order's.
    pub since_slot: u64,
    /// The best average price since then, as the owner sees it, Q1.63; see [`math::trigger::seen_by`].
    pub best: Option<u64>,
    pub armed: Option<Armed>,
}

/// What is seen of a market when a trigger is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    pub now: Now,
    pub spot: Price,
    pub mark: u64,
    /// The average price, if it is one of the order's time, and of no halt.
    pub average: Option<Price>,
    /// The average price since the trigger was armed, if it was, and some slots before.
    pub since_armed: Option<Price>,
}

/// What came of looking at a trigger.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerProgress {
    /// The best price is a better one.
    Improved,
    /// The spot price is beyond.
    Armed,
    /// The average was not beyond in time, or trading was halted, and the spot price is not beyond.
    Disarmed,
    /// The average is beyond: the order begins.
    Fired,
}

impl TriggerTerms {
    /// # Errors
    /// [`OrderError::TriggerOutOfRange`].
    pub fn check(&self, side: OrderSide) -> core::result::Result<(), OrderError> {
        let window = MIN_TRIGGER_SLOTS..=MAX_TRIGGER_SLOTS;
        if window.contains(&self.window_slots) && self.seen_by(side).is_sound() {
            Ok(())
        } else {
            Err(OrderError::TriggerOutOfRange)
        }
    }

    fn seen_by(&self, side: OrderSide) -> Trigger {
        let seen = |price: u64| seen_by(side == OrderSide::Sell, Price(price));
        Trigger {
            stop: self.stop.map(seen),
            take: self.take.map(seen),
            // A distance, which is the same from both sides.
            trail: self.trail.map(Price),
        }
    }
}

impl OrderTrigger {
    /// Of an order that is placed in `slot`.
    pub fn new(terms: TriggerTerms, slot: u64) -> Self {
        Self {
            terms,
            since_slot: slot,
            best: None,
            armed: None,
        }
    }

    /// Takes note of what is seen. A price that stands for less than the window fires nothing, since the
    /// average counts from the moment in which the price was first seen there; nor does one of a halt,
    /// which nobody could answer. Where the average is not beyond after a window but the spot price is, the
    /// count begins again, so that a wick puts off a move that follows it by a window at most.
    ///
    /// # Errors
    /// [`OrderError::NothingToWatch`] if nothing came of it.
    pub fn watch(
        &mut self,
        side: OrderSide,
        sight: Sight,
    ) -> core::result::Result<TriggerProgress, OrderError> {
        let is_better = self.improve(side, sight.average);
        let nothing = if is_better {
            Ok(TriggerProgress::Improved)
        } else {
            Err(OrderError::NothingToWatch)
        };
        let Some(armed) = self.armed else {
            return if self.is_beyond(side, sight.spot) {
                Ok(self.arm(sight))
            } else {
                nothing
            };
        };
        let slots = sight.now.slot.saturating_sub(armed.slot);
        let window = u64::from(self.terms.window_slots);
        if slots > window.saturating_mul(WINDOWS) || sight.was_halted_since(armed) {
            self.armed = None;
            return Ok(if self.is_beyond(side, sight.spot) {
                self.arm(sight)
            } else {
                TriggerProgress::Disarmed
            });
        }
        let Some(average) = sight.since_armed.filter(|_| slots >= window) else {
            return nothing;
        };
        if self.is_beyond(side, average) {
            Ok(TriggerProgress::Fired)
        } else if self.is_beyond(side, sight.spot) {
            // Else a wick just before a real move would put it off for four windows.
            Ok(self.arm(sight))
        } else {
            nothing
        }
    }

    fn improve(&mut self, side: OrderSide, average: Option<Price>) -> bool {
        let seen = average.map(|average| seen_by(side == OrderSide::Sell, average).0);
        let is_better = self.terms.trail.is_some() && seen > self.best;
        if is_better {
            self.best = seen;
        }
        is_better
    }

    fn is_beyond(&self, side: OrderSide, price: Price) -> bool {
        let seen = seen_by(side == OrderSide::Sell, price);
        self.terms
            .seen_by(side)
            .is_beyond(seen, self.best.map(Price))
    }

    fn arm(&mut self, sight: Sight) -> TriggerProgress {
        self.armed = Some(Armed {
            slot: sight.now.slot,
            at: sight.now.seconds,
            mark: sight.mark,
        });
        TriggerProgress::Armed
    }
}

impl Sight {
    /// What an order's trigger sees of a market, which is up to date, as is the desk's reading of it: as of
    /// the slot that the market has prices of.
    ///
    /// # Errors
    /// [`OrderError::OutcomeOutOfRange`], those of the curve.
    pub fn of(
        market: AnyMarket,
        desk: &Desk,
        outcome: u8,
        trigger: &OrderTrigger,
        now: Now,
    ) -> Result<Self> {
        let is_its = desk.earlier.slot >= trigger.since_slot;
        let average = if is_its && desk.is_unbroken(market, &now) {
            desk.average(market, outcome).ok()
        } else {
            None
        };
        let slot = market.observed().slot;
        let armed = trigger.armed.filter(|armed| armed.slot < slot);
        let since_armed = armed.and_then(|armed| {
            let slots = slot.saturating_sub(armed.slot);
            market.average_since(armed.mark, slots, outcome).ok()
        });
        Ok(Self {
            now: Now {
                slot,
                ..market.halted(now)
            },
            spot: market.chance(outcome)?,
            mark: market.mark(outcome)?,
            average,
            since_armed,
        })
    }

    fn was_halted_since(&self, armed: Armed) -> bool {
        let since = Moment {
            slot: armed.slot,
            seconds: armed.at,
        };
        let slots = self.now.slot.saturating_sub(armed.slot);
        self.now.weighed_slots(since, self.now.moment()) < slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use market_core::Pauses;

    const WINDOW: u32 = 100;

    fn percent(parts: u64) -> Price {
        Price::ratio(parts, 100).unwrap()
    }

    fn stop(parts: u64) -> OrderTrigger {
        let terms = TriggerTerms {
            stop: Some(percent(parts).0),
            take: None,
            trail: None,
            window_slots: WINDOW,
        };
        terms.check(OrderSide::Sell).unwrap();
        OrderTrigger::new(terms, 1)
    }

    /// Of a market at one price since slot 0, two slots a second.
    fn sight(slot: u64, parts: u64, pauses: Pauses) -> Sight {
        let spot = percent(parts);
        Sight {
            now: Now::new(slot, i64::try_from(slot / 2).unwrap(), pauses),
            spot,
            mark: (spot.0 >> 31) * slot,
            average: None,
            since_armed: None,
        }
    }

    fn watch(trigger: &mut OrderTrigger, sight: Sight) -> Option<TriggerProgress> {
        let slot = sight.now.slot;
        let armed = trigger.armed.filter(|armed| armed.slot < slot);
        let since_armed = armed.map(|armed| {
            let average = math::twap::twap(armed.mark, sight.mark, slot - armed.slot);
            average.unwrap()
        });
        let sight = Sight {
            since_armed,
            ..sight
        };
        trigger.watch(OrderSide::Sell, sight).ok()
    }

    #[test]
    fn fires_from_the_window_to_four_of_them() {
        let open = Pauses::default();
        let mut armed = stop(50);
        let first = watch(&mut armed, sight(1_000, 40, open));
        assert_eq!(first, Some(TriggerProgress::Armed));
        for (slot, expected) in [
            (1_099, None),
            (1_100, Some(TriggerProgress::Fired)),
            (1_400, Some(TriggerProgress::Fired)),
            // Too late: it counts from now on.
            (1_401, Some(TriggerProgress::Armed)),
        ] {
            assert_eq!(watch(&mut armed.clone(), sight(slot, 40, open)), expected);
        }
        let back = Sight {
            mark: (percent(40).0 >> 31) * 1_000 + (percent(60).0 >> 31) * 401,
            ..sight(1_401, 60, open)
        };
        let gone = watch(&mut armed, back);
        assert_eq!(gone, Some(TriggerProgress::Disarmed));
        assert_eq!(armed.armed, None);
    }

    #[test]
    fn wick_puts_a_move_off_by_a_window_at_most() {
        let open = Pauses::default();
        let mut armed = stop(50);
        watch(&mut armed, sight(1_000, 40, open)).unwrap();
        // Back at .6 for 50 slots, and down for good since.
        let at = |slot: u64| Sight {
            mark: (percent(40).0 >> 31) * 1_000
                + (percent(60).0 >> 31) * 50
                + (percent(45).0 >> 31) * (slot - 1_050),
            ..sight(slot, 45, open)
        };
        let again = watch(&mut armed, at(1_100));
        assert_eq!(again, Some(TriggerProgress::Armed));
        assert_eq!(watch(&mut armed, at(1_199)), None);
        assert_eq!(watch(&mut armed, at(1_200)), Some(TriggerProgress::Fired));
    }

    #[test]
    fn halt_after_it_was_armed_fires_nothing() {
        let mut pauses = Pauses::default();
        let mut armed = stop(50);
        watch(&mut armed, sight(1_000, 40, pauses)).unwrap();
        pauses.pause(510);
        pauses.propose_unpause(510, 540).unwrap();
        let after = watch(&mut armed, sight(1_150, 40, pauses));
        assert_eq!(after, Some(TriggerProgress::Armed));
        assert_eq!(armed.armed.unwrap().slot, 1_150);
        let fired = watch(&mut armed, sight(1_250, 40, pauses));
        assert_eq!(fired, Some(TriggerProgress::Fired));
    }
}
