//! Values that change after the timelock.

/// A struct of the name given that holds a value in force and the next one, with its time.
macro_rules! scheduled {
    ($(#[$meta:meta])* $name:ident, $value:ty) => {
        $(#[$meta])*
        #[derive(
            anchor_lang::AnchorSerialize,
            anchor_lang::AnchorDeserialize,
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            bytemuck::Pod,
            bytemuck::Zeroable,
        )]
        #[repr(C)]
        pub struct $name {
            pub current: $value,
            /// Takes the place of `current` from `next_from`, unless that is 0.
            pub next: $value,
            /// Unix seconds; 0 if nothing is to come.
            pub next_from: i64,
        }

        impl $name {
            /// A value that nothing is to replace.
            pub fn new(current: $value) -> Self {
                Self {
                    current,
                    next: bytemuck::Zeroable::zeroed(),
                    next_from: 0,
                }
            }

            /// The value in force at `now`, unix seconds.
            pub fn at(&self, now: i64) -> $value {
                if self.next_from != 0 && now >= self.next_from {
                    self.next
                } else {
                    self.current
                }
            }

            /// Lets `next` be in force from `from`, unix seconds, in place of what was to come.
            pub fn schedule(&mut self, next: $value, now: i64, from: i64) {
                *self = Self {
                    current: self.at(now),
                    next,
                    next_from: from,
                };
            }

            /// Takes back what is to come after `now`; `None` if nothing is.
            pub fn cancel(&mut self, now: i64) -> Option<$value> {
                if now >= self.next_from {
                    return None;
                }
                let cancelled = self.next;
                *self = Self::new(self.current);
                Some(cancelled)
            }
        }
    };
}

pub(crate) use scheduled;
