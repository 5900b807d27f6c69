//! Values that change only after a timelock, and a pause that ends only after one.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

use crate::KitError;

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

/// Whether new risk is stopped: at once, and until a timelock has passed.
#[derive(
    AnchorSerialize,
    AnchorDeserialize,
    InitSpace,
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Pod,
    Zeroable,
)]
#[repr(C)]
pub struct Pause {
    /// Unix seconds since when new risk is stopped; 0 if it is not.
    pub paused_at: i64,
    /// Unix seconds from which the pause is over; 0 if its end is not set.
    pub unpause_from: i64,
}

impl Pause {
    /// Whether new risk is stopped at `now`, unix seconds.
    pub fn is_paused(&self, now: i64) -> bool {
        let is_over = self.unpause_from != 0 && now >= self.unpause_from;
        self.paused_at != 0 && !is_over
    }

    /// # Errors
    /// `Paused`.
    pub fn require_not_paused(&self, now: i64) -> core::result::Result<(), KitError> {
        if self.is_paused(now) {
            return Err(KitError::Paused);
        }
        Ok(())
    }

    /// Stops new risk at `now`, unix seconds. An end that was set is taken back.
    pub fn pause(&mut self, now: i64) {
        if !self.is_paused(now) {
            self.paused_at = now;
        }
        self.unpause_from = 0;
    }

    /// Ends the pause from `unpause_from` on, unix seconds. An end that is set already stays.
    ///
    /// # Errors
    /// `NotPaused` if nothing is stopped, or its end is set already.
    pub fn propose_unpause(
        &mut self,
        now: i64,
        unpause_from: i64,
    ) -> core::result::Result<(), KitError> {
        if !self.is_paused(now) || self.unpause_from != 0 {
            return Err(KitError::NotPaused);
        }
        self.unpause_from = unpause_from;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_in_force_from_its_second_on() {
        let mut number = ScheduledNumber::new(1);
        assert_eq!(number.at(i64::MAX), 1);
        number.propose(2, 100, 200);
        assert_eq!((number.at(199), number.at(200)), (1, 2));
        number.propose(3, 200, 300);
        assert_eq!((number.at(299), number.at(300)), (2, 3));
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

    #[test]
    fn pause_ends_when_its_timelock_has_passed() {
        let mut pause = Pause::default();
        assert_eq!(pause.propose_unpause(10, 20), Err(KitError::NotPaused));
        pause.pause(10);
        assert!(pause.is_paused(i64::MAX));
        assert_eq!(pause.propose_unpause(10, 20), Ok(()));
        assert_eq!(pause.propose_unpause(11, 21), Err(KitError::NotPaused));
        assert_eq!((pause.is_paused(19), pause.is_paused(20)), (true, false));
        pause.pause(15);
        assert!(pause.is_paused(i64::MAX));
        assert_eq!(pause.paused_at, 10);
    }
}
