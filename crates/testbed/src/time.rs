use std::ops::Add;

/// Unix time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// Whole seconds, rounded down, as the clock of the chain shows them.
    pub fn seconds(self) -> i64 {
        i64::try_from(self.0 / 1_000).unwrap_or(i64::MAX)
    }
}

impl Add<u64> for UnixMillis {
    type Output = Self;

    /// Adds milliseconds, up to the end of the type's range.
    fn add(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}
