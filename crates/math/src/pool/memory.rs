//! What a pool remembers of its prices.

use super::Pool;
use crate::error::MathError;
use crate::interest::StandingInterest;
use crate::micro_tau::MicroTau;
use crate::real::Real;
use crate::slow_price::{is_far, Exposure, SlowPrice, Weight, FAR_FLOOR};
use crate::twap::PriceAccumulator;
use crate::units::{Money, Price};

/// What the clock and the market's parameters say about a trade, beside its own arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Slot up to which prices have weight; see [`crate::slow_price::priced_slot`].
    pub now_slot: u64,
    /// The clock's second, unix time, for the schedule.
    pub now_seconds: i64,
    /// None: the depth stays what it is.
    pub schedule: Option<MicroTau>,
    pub smoothing: SlowPrice,
}

/// What a market whose liquidity comes and goes remembers beside its pool.
#[derive(Debug)]
pub struct History<'a, const N: usize> {
    pub averages: &'a mut PriceAccumulator<N>,
    /// Of [`Pool::open_interest`].
    pub interest: &'a mut StandingInterest,
    /// For how many slots more prices have to stand near the slow ones until they are calm: as many as the time
    /// constant from when on one was last far; see [`is_far`].
    pub calm_in_slots: &'a mut u64,
}

impl<const N: usize> History<'_, N> {
    /// The same, for a moment.
    pub fn reborrow(&mut self) -> History<'_, N> {
        History {
            averages: self.averages,
            interest: self.interest,
            calm_in_slots: self.calm_in_slots,
        }
    }

    /// Counts slots through which prices stood, before they move the slow prices: what was near at their beginning is
    /// near at their end, and what nobody recorded while it was far is not passed over.
    fn count_calm(
        &mut self,
        prices: &[Price],
        slow_prices: &[u64],
        elapsed: u64,
        smoothing: SlowPrice,
    ) {
        let mut both = prices.iter().zip(slow_prices);
        if both.any(|(&price, &slow)| is_far(price, Price(slow), FAR_FLOOR)) {
            *self.calm_in_slots = smoothing.tau_slots();
        } else {
            *self.calm_in_slots = self.calm_in_slots.saturating_sub(elapsed);
        }
    }
}

impl<const N: usize> Pool<N> {
    /// Moves the slow prices, and what `history` has, to a slot, at the spot prices and the
    /// open interest that stood since the last time; when trading has ended for want of liquidity, at
    /// the slow prices. Call it before a trade, and at settlement with the slot of the lock. Nothing
    /// happens when the slow prices are current. How often it is called at the same prices changes
    /// nothing but rounding, below 2⁻⁴⁰ of one, in prices; a price that was far counts so from the record on.
    ///
    /// A price has the less weight the less of what is outstanding the liquidity could have sold:
    /// see [`Exposure`].
    ///
    /// # Errors
    /// Those of [`Pool::prices`].
    pub fn observe(
        &mut self,
        now_slot: u64,
        smoothing: SlowPrice,
        history: Option<History<N>>,
    ) -> Result<(), MathError> {
        if now_slot > self.observed_slot {
            let prices = if self.depth == 0 {
                self.slow_prices.map(Price)
            } else {
                self.probabilities()?
            };
            self.record(&prices, now_slot, smoothing, history)
        } else if let Some(history) = history {
            let stood = self.open_interest();
            history.interest.observe(stood, now_slot, smoothing)
        } else {
            Ok(())
        }
    }

    /// Lets the time up to a slot pass without weight.
    pub fn skip(&mut self, now_slot: u64) {
        self.observed_slot = self.observed_slot.max(now_slot);
    }

    /// The most that the shares outstanding can be paid. It does not fall when holders of different
    /// outcomes balance each other, nor when a provider leaves with shares of all.
    pub fn open_interest(&self) -> Money {
        let sold = self.sold.iter().take(usize::from(self.outcomes));
        Money(sold.copied().max().unwrap_or(0))
    }

    /// Whether prices have less than their whole weight at this open interest, if it stood: then
    /// [`Pool::observe`] comes before every change of it, that by complete sets too.
    pub fn is_thin(&self, open_interest: Money) -> bool {
        Exposure::whole(self.depth) < open_interest.0
    }

    pub(super) fn record(
        &mut self,
        prices: &[Price; N],
        now_slot: u64,
        smoothing: SlowPrice,
        mut history: Option<History<N>>,
    ) -> Result<(), MathError> {
        let elapsed = now_slot.saturating_sub(self.observed_slot);
        let interest = history.as_mut().map(|history| &mut *history.interest);
        let weight = self.weight(now_slot, elapsed, smoothing, interest)?;
        let prices = prices.get(..usize::from(self.outcomes));
        let prices = prices.ok_or(MathError::OutcomeCountOutOfRange)?;
        if let Some(mut history) = history {
            history.averages.add(prices.iter(), elapsed);
            history.count_calm(prices, &self.slow_prices, elapsed, smoothing);
        }
        for (slow, &spot) in self.slow_prices.iter_mut().zip(prices) {
            *slow = weight.moved(Price(*slow), spot).0;
        }
        self.observed_slot = now_slot;
        Ok(())
    }

    /// The weight of the prices that stood for the slots elapsed. Brings the interest up to date.
    /// Without it, what is at stake is by how much the outcome most outstanding is ahead of the least:
    /// true of a pool whose liquidity stays.
    fn weight(
        &self,
        now_slot: u64,
        elapsed: u64,
        smoothing: SlowPrice,
        interest: Option<&mut StandingInterest>,
    ) -> Result<Weight, MathError> {
        let span = smoothing.span(elapsed)?;
        let (exposure, rise) = match interest {
            None => (Exposure::steady(self.depth, self.spread()), span),
            Some(interest) => {
                let outstanding = self.open_interest();
                interest.observe(outstanding, self.observed_slot, smoothing)?;
                // What stood has no weight otherwise.
                let stood = if self.is_thin(outstanding) {
                    interest.exact()
                } else {
                    Real::ZERO
                };
                let exposure = Exposure {
                    depth: self.depth,
                    stood,
                    outstanding: outstanding.0,
                };
                let unobserved = now_slot.saturating_sub(interest.observed_slot);
                let rise = if unobserved == elapsed {
                    span
                } else {
                    smoothing.span(unobserved)?
                };
                interest.pass(outstanding, now_slot, rise.weight());
                (exposure, rise)
            }
        };
        if self.limits()?.sets {
            span.weight_at(exposure, rise)
        } else {
            // No liquidity has left that sold what is outstanding.
            Ok(span.weight())
        }
    }

    fn spread(&self) -> u64 {
        let sold = self.sold.iter().take(usize::from(self.outcomes));
        let least = sold.min().copied().unwrap_or(0);
        self.open_interest().0.saturating_sub(least)
    }
}
