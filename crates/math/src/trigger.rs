//! When a conditional order begins.

use crate::units::Price;

/// The price as the owner of an order sees it, so that a higher one is better for him: of a sale the
/// price itself, of a purchase what it leaves of one.
pub fn seen_by(is_sale: bool, price: Price) -> Price {
    if is_sale {
        price
    } else {
        Price(Price::ONE.0.saturating_sub(price.0))
    }
}

/// Prices at which an order begins, whichever comes first, all as its owner sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// At this price or a worse one.
    pub stop: Option<Price>,
    /// At this price or a better one.
    pub take: Option<Price>,
    /// So far below the best price, or further.
    pub trail: Option<Price>,
}

impl Trigger {
    /// Whether there is anything to wait for: each price given is above zero and below one, and a stop
    /// is below what to take.
    pub fn is_sound(&self) -> bool {
        let mut given = [self.stop, self.take, self.trail]
            .into_iter()
            .flatten()
            .peekable();
        let is_any = given.peek().is_some();
        let in_order = match (self.stop, self.take) {
            (Some(stop), Some(take)) => stop < take,
            _ => true,
        };
        is_any && in_order && given.all(|price| price > Price::ZERO && price < Price::ONE)
    }

    /// Whether `price` is one at which the order begins; without a best price nothing trails.
    pub fn is_beyond(&self, price: Price, best: Option<Price>) -> bool {
        let is_stopped = self.stop.is_some_and(|stop| price <= stop);
        let is_taken = self.take.is_some_and(|take| price >= take);
        let trails = match (self.trail, best) {
            (Some(trail), Some(best)) => best.0.saturating_sub(price.0) >= trail.0,
            _ => false,
        };
        is_stopped || is_taken || trails
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    fn percent(parts: u64) -> Price {
        Price::ratio(parts, 100).unwrap()
    }

    fn trigger(stop: Option<u64>, take: Option<u64>, trail: Option<u64>) -> Trigger {
        Trigger {
            stop: stop.map(percent),
            take: take.map(percent),
            trail: trail.map(percent),
        }
    }

    #[test]
    fn begins_at_its_prices_and_beyond() {
        let both = trigger(Some(40), Some(70), None);
        let begun = |price| both.is_beyond(percent(price), None);
        assert_eq!(
            [39, 40, 41, 69, 70, 71].map(begun),
            [true, true, false, false, true, true]
        );
    }

    #[test]
    fn trails_the_best_price_by_its_distance() {
        let trailing = trigger(None, None, Some(10));
        let best = Some(percent(60));
        assert!(!trailing.is_beyond(percent(10), None));
        let begun = |price| trailing.is_beyond(percent(price), best);
        // A percent is no whole number of 2⁻⁶³.
        assert_eq!([49, 51, 70].map(begun), [true, false, false]);
    }

    #[test]
    fn buyer_sees_what_a_price_leaves_of_one() {
        assert_eq!(seen_by(true, percent(25)), percent(25));
        assert_eq!(seen_by(false, percent(25)), percent(75));
        assert_eq!(seen_by(false, Price::ONE), Price::ZERO);
    }

    #[test]
    fn needs_a_price_and_a_stop_below_what_to_take() {
        assert!(trigger(Some(40), Some(41), Some(99)).is_sound());
        for unsound in [
            trigger(None, None, None),
            trigger(Some(0), None, None),
            trigger(None, Some(100), None),
            trigger(None, None, Some(0)),
            trigger(Some(50), Some(50), None),
            trigger(Some(60), Some(50), Some(10)),
        ] {
            assert!(!unsound.is_sound(), "{unsound:?}");
        }
    }
}
