//! Creating accounts of this program, token accounts and mints.

pub use program_support::creation::{NewAccount, NewTokens};
