//! Sums and differences of amounts, which end in an error rather than wrap.

use crate::error::CoreError;

/// # Errors
/// `Overflow` above `u64::MAX`.
pub fn sum(parts: impl IntoIterator<Item = u64>) -> Result<u64, CoreError> {
    parts
        .into_iter()
        .try_fold(0u64, u64::checked_add)
        .ok_or(CoreError::Overflow)
}

/// # Errors
/// `Overflow` if the part is more than the whole.
pub fn difference(whole: u64, part: u64) -> Result<u64, CoreError> {
    whole.checked_sub(part).ok_or(CoreError::Overflow)
}
