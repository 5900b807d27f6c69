//! Values that change only after a timelock.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

/// Makes a struct that holds a value and the one that replaces it after a timelock:
/// `scheduled!(attributes pub struct ScheduledCaps of Caps)`. A generic one would be lost on
/// generators of clients.
///
/// The attributes make it whatever its account needs it to be. The value is `Copy`; for a zero-copy
/// account it has a multiple of 8 bytes.
#[macro_export]
macro_rules! scheduled {
    ($(#[$($attribute:tt)*])* pub struct $name:ident of $value:ident) => {
        $(#[$($attribute)*])*
        pub struct $name {
            /// In force, unless `pending` is already.
            pub value: $value,
            /// In force from `active_from`, unless that is 0.
            pub pending: $value,
            /// Unix seconds; 0 if nothing is pending.
            pub active_from: i64,
        }

        impl $name {
            /// In force from now on, with nothing pending.
            pub fn new(value: $value) -> Self {
                Self { value, pending: value, active_from: 0 }
            }

            /// What is in force at `now`, unix seconds.
            pub fn at(&self, now: i64) -> $value {
                let is_replaced = self.active_from != 0 && now >= self.active_from;
                if is_replaced { self.pending } else { self.value }
            }

            /// The second in which the value changed, if that is after `from` and not after `until`: what counts by
            /// the time counts up to it by the old value.
            pub fn changed_between(&self, from: i64, until: i64) -> ::core::option::Option<i64> {
                (from < self.active_from && self.active_from <= until).then_some(self.active_from)
            }

            /// Whether a change waits at `now`, unix seconds.
            pub fn is_pending(&self, now: i64) -> bool {
                self.active_from > now
            }

            /// Replaces the value from `active_from` on, both unix seconds. A change that waits is
            /// dropped for this one.
            pub fn propose(&mut self, value: $value, now: i64, active_from: i64) {
                self.value = self.at(now);
                self.pending = value;
                self.active_from = active_from;
            }

            /// Replaces the value at once. A change that waits is dropped.
            pub fn set(&mut self, value: $value) {
                *self = Self::new(value);
            }

            /// Drops a change that waits at `now`, unix seconds, and returns it.
            ///
            /// # Errors
            /// `NothingPending`.
            pub fn cancel(&mut self, now: i64) -> ::core::result::Result<$value, $crate::KitError> {
                if !self.is_pending(now) {
                    return Err($crate::KitError::NothingPending);
                }
                let dropped = self.pending;
                self.set(self.value);
                Ok(dropped)
            }
        }
    };
}

scheduled! {
    /// A key that changes only after a timelock.
    #[derive(
        AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable,
    )]
    #[repr(C)]
    pub struct ScheduledKey of Pubkey
}

scheduled! {
    /// A number that changes only after a timelock.
    #[derive(
        AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable,
    )]
    #[repr(C)]
    pub struct ScheduledNumber of u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KitError;

    #[test]
    fn change_is_in_force_from_its_second_on() {
        let mut number = ScheduledNumber::new(1);
        assert_eq!(number.at(i64::MAX), 1);
        number.propose(2, 100, 200);
        assert_eq!((number.at(199), number.at(200)), (1, 2));
        number.propose(3, 200, 300);
        assert_eq!((number.at(299), number.at(300)), (2, 3));
        let changes = [(0, 299), (299, 300), (300, 400)];
        let changes = changes.map(|(from, until)| number.changed_between(from, until));
        assert_eq!(changes, [None, Some(300), None]);
        assert_eq!(ScheduledNumber::new(1).changed_between(0, 100), None);
    }

    #[test]
    fn change_that_waits_can_be_dropped_and_one_in_force_not() {
        let mut number = ScheduledNumber::new(1);
        assert_eq!(number.cancel(0), Err(KitError::NothingPending));
        number.propose(2, 100, 200);
        assert_eq!(number.cancel(199), Ok(2));
        assert_eq!(number.at(i64::MAX), 1);
        number.propose(2, 200, 300);
        assert_eq!(number.cancel(300), Err(KitError::NothingPending));
        assert_eq!(number.at(300), 2);
    }

    #[test]
    fn proposal_does_not_revive_what_was_replaced() {
        let mut number = ScheduledNumber::new(1);
        number.propose(2, 100, 200);
        number.propose(3, 150, 250);
        assert_eq!((number.at(249), number.at(250)), (1, 3));
    }
}
