//! How many of something there are, as accounts count it.

use crate::KitError;

/// One more.
///
/// # Errors
/// `Overflow`.
pub fn increment(count: &mut u32) -> Result<(), KitError> {
    *count = count.checked_add(1).ok_or(KitError::Overflow)?;
    Ok(())
}

/// One fewer.
///
/// # Errors
/// `Overflow` if there is none.
pub fn decrement(count: &mut u32) -> Result<(), KitError> {
    *count = count.checked_sub(1).ok_or(KitError::Overflow)?;
    Ok(())
}
