//! What an owner says of an order.

use anchor_lang::prelude::*;
use math::Price;

use crate::{
    error::OrderError,
    state::{OrderKind, OrderSide, TriggerTerms},
};

/// Most slices of an order.
#[constant]
pub const MAX_SLICES: u64 = 10_000;

/// Longest life of an order, in seconds: 180 days.
#[constant]
pub const MAX_ORDER_SECONDS: i64 = 180 * 24 * 60 * 60;

/// Greatest deviation from the average that an order may allow, basis points of one unit.
#[constant]
pub const MAX_DEVIATION: u16 = 5_000;

/// How an order spreads over time. Limits are Q1.63.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderPlan {
    /// Slices of `shown`, at least an interval apart.
    Iceberg {
        shown: u64,
        interval_seconds: u32,
        limit: u64,
    },
    /// So many equal slices at equal intervals until the expiry.
    Twap { slices: u32, limit: u64 },
    /// The same, with a limit that moves from one price now to another at the expiry.
    Gradual {
        slices: u32,
        limit_from: u64,
        limit_to: u64,
    },
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderTerms {
    pub outcome: u8,
    pub side: OrderSide,
    /// Base units to spend, fees included, or shares to sell.
    pub total: u64,
    /// Last second in which a slice can be filled, unix time.
    pub expires_at: i64,
    /// How far the price before a fill may be from its average, basis points of one unit.
    pub max_deviation: u16,
    /// Lamports for who fires the trigger, fills a slice, or returns the order.
    pub tip_lamports: u64,
    pub plan: OrderPlan,
    /// What the plan waits for; it begins at once without one. Its intervals are what they would be then.
    pub trigger: Option<TriggerTerms>,
}

/// A plan in the terms that fills go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    pub kind: OrderKind,
    pub slice: u64,
    pub interval_seconds: u32,
    pub limit_from: u64,
    pub limit_to: u64,
}

impl OrderTerms {
    /// The plan of an order that starts at `now`, unix seconds.
    ///
    /// # Errors
    /// `ZeroAmount`, [`OrderError::TimesOutOfRange`], [`OrderError::DeviationOutOfRange`],
    /// [`OrderError::SliceOutOfRange`], [`OrderError::LimitOutOfRange`],
    /// [`OrderError::TriggerOutOfRange`].
    pub fn spread(&self, now: i64) -> core::result::Result<Spread, OrderError> {
        if self.total == 0 {
            return Err(OrderError::ZeroAmount);
        }
        let duration = self.expires_at.saturating_sub(now);
        if !(1..=MAX_ORDER_SECONDS).contains(&duration) {
            return Err(OrderError::TimesOutOfRange);
        }
        if let Some(trigger) = self.trigger {
            trigger.check(self.side)?;
        }
        if !(1..=MAX_DEVIATION).contains(&self.max_deviation) {
            return Err(OrderError::DeviationOutOfRange);
        }
        let spread = match self.plan {
            OrderPlan::Iceberg {
                shown,
                interval_seconds,
                limit,
            } => Spread {
                kind: OrderKind::Iceberg,
                slice: shown,
                interval_seconds,
                limit_from: limit,
                limit_to: limit,
            },
            OrderPlan::Twap { slices, limit } => Spread {
                kind: OrderKind::Twap,
                limit_from: limit,
                limit_to: limit,
                ..self.evenly(slices, duration)?
            },
            OrderPlan::Gradual {
                slices,
                limit_from,
                limit_to,
            } => Spread {
                kind: OrderKind::Gradual,
                limit_from,
                limit_to,
                ..self.evenly(slices, duration)?
            },
        };
        spread.check(self.total, duration)?;
        Ok(spread)
    }

    /// So many slices, the last perhaps smaller, at equal intervals.
    fn evenly(&self, slices: u32, duration: i64) -> core::result::Result<Spread, OrderError> {
        let slice = self
            .total
            .checked_add(u64::from(slices).saturating_sub(1))
            .and_then(|sum| sum.checked_div(slices.into()))
            .ok_or(OrderError::SliceOutOfRange)?;
        let interval = duration
            .checked_div(slices.into())
            .and_then(|interval| u32::try_from(interval).ok())
            .filter(|interval| *interval > 0)
            .ok_or(OrderError::TimesOutOfRange)?;
        Ok(Spread {
            kind: OrderKind::Twap,
            slice,
            interval_seconds: interval,
            limit_from: 0,
            limit_to: 0,
        })
    }
}

impl Spread {
    fn check(&self, total: u64, duration: i64) -> core::result::Result<(), OrderError> {
        if i64::from(self.interval_seconds) > duration {
            return Err(OrderError::TimesOutOfRange);
        }
        let is_whole = (1..=total).contains(&self.slice);
        if !is_whole || self.slice.saturating_mul(MAX_SLICES) < total {
            return Err(OrderError::SliceOutOfRange);
        }
        let is_price = |limit: u64| limit > 0 && limit < Price::ONE.0;
        if !is_price(self.limit_from) || !is_price(self.limit_to) {
            return Err(OrderError::LimitOutOfRange);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: u64 = Price::ONE.0 / 2;

    fn terms(plan: OrderPlan) -> OrderTerms {
        OrderTerms {
            outcome: 0,
            side: OrderSide::Buy,
            total: 1_000,
            expires_at: 1_600,
            max_deviation: 300,
            tip_lamports: 0,
            plan,
            trigger: None,
        }
    }

    #[test]
    fn slices_cover_the_whole_and_intervals_the_time() {
        let spread = terms(OrderPlan::Twap {
            slices: 3,
            limit: HALF,
        })
        .spread(1_000)
        .unwrap();
        assert_eq!((spread.slice, spread.interval_seconds), (334, 200));
        let twap = |slices| {
            terms(OrderPlan::Twap {
                slices,
                limit: HALF,
            })
            .spread(1_000)
        };
        assert_eq!(twap(0), Err(OrderError::SliceOutOfRange));
        assert_eq!(twap(601), Err(OrderError::TimesOutOfRange));
        assert!(twap(600).is_ok());
    }

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        let iceberg = |shown, interval_seconds, limit| {
            terms(OrderPlan::Iceberg {
                shown,
                interval_seconds,
                limit,
            })
        };
        let good = iceberg(10, 60, HALF);
        assert!(good.spread(1_000).is_ok());
        for (terms, error) in [
            (OrderTerms { total: 0, ..good }, OrderError::ZeroAmount),
            (
                OrderTerms {
                    expires_at: 1_000,
                    ..good
                },
                OrderError::TimesOutOfRange,
            ),
            (
                OrderTerms {
                    expires_at: i64::MAX,
                    ..good
                },
                OrderError::TimesOutOfRange,
            ),
            (
                OrderTerms {
                    max_deviation: 0,
                    ..good
                },
                OrderError::DeviationOutOfRange,
            ),
            (
                OrderTerms {
                    max_deviation: 5_001,
                    ..good
                },
                OrderError::DeviationOutOfRange,
            ),
            (iceberg(0, 60, HALF), OrderError::SliceOutOfRange),
            (iceberg(1_001, 60, HALF), OrderError::SliceOutOfRange),
            (iceberg(10, 601, HALF), OrderError::TimesOutOfRange),
            (iceberg(10, 60, 0), OrderError::LimitOutOfRange),
            (iceberg(10, 60, Price::ONE.0), OrderError::LimitOutOfRange),
            (
                OrderTerms {
                    total: 100_001,
                    ..good
                },
                OrderError::SliceOutOfRange,
            ),
        ] {
            assert_eq!(terms.spread(1_000), Err(error));
        }
    }
}
