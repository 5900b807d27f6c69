//! What a test says of a transaction that must fail.

use std::fmt::Debug;

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::NamedError;
use flash_bets::error::FlashError;
use leverage::error::LoanError;
use markets::error::MarketError;
use oracle::error::OracleError;
use orders::error::OrderError;

use crate::{Receipt, SendError};

/// An error that a test can name.
pub trait Expected: Debug {
    fn is(&self, error: &NamedError) -> bool;
}

fn is_code(error: &NamedError, program: &Pubkey, code: u32) -> bool {
    error.program.as_ref() == Some(program) && error.code == Some(code)
}

impl Expected for OracleError {
    fn is(&self, error: &NamedError) -> bool {
        is_code(error, &oracle::ID, (*self).into())
    }
}

impl Expected for FlashError {
    fn is(&self, error: &NamedError) -> bool {
        is_code(error, &flash_bets::ID, (*self).into())
    }
}

impl Expected for MarketError {
    fn is(&self, error: &NamedError) -> bool {
        is_code(error, &markets::ID, (*self).into())
    }
}

impl Expected for OrderError {
    fn is(&self, error: &NamedError) -> bool {
        is_code(error, &orders::ID, (*self).into())
    }
}

impl Expected for LoanError {
    fn is(&self, error: &NamedError) -> bool {
        is_code(error, &leverage::ID, (*self).into())
    }
}

/// An error of the oracle's that the flash bets pass on.
#[derive(Clone, Copy, Debug)]
pub struct PassedOn(pub OracleError);

impl Expected for PassedOn {
    fn is(&self, error: &NamedError) -> bool {
        is_code(error, &flash_bets::ID, self.0.into())
    }
}

/// An error of the oracle's that the standard markets pass on.
#[derive(Clone, Copy, Debug)]
pub struct PassedOnByMarkets(pub OracleError);

impl Expected for PassedOnByMarkets {
    fn is(&self, error: &NamedError) -> bool {
        is_code(error, &markets::ID, self.0.into())
    }
}

/// An error of Anchor's within any of Strobe's programs.
impl Expected for ErrorCode {
    fn is(&self, error: &NamedError) -> bool {
        crate::PROGRAMS
            .iter()
            .any(|program| is_code(error, &program.id, (*self).into()))
    }
}

/// An error of the runtime or of another program, by its name.
impl Expected for str {
    fn is(&self, error: &NamedError) -> bool {
        error.name == self
    }
}

impl<T: Expected + ?Sized> Expected for &T {
    fn is(&self, error: &NamedError) -> bool {
        (**self).is(error)
    }
}

/// Asserts on the result of [`crate::Chain::send`].
pub trait ExpectError {
    /// # Panics
    /// If the transaction succeeded or failed otherwise; the message shows the programs' log.
    fn expect_refusal(self, expected: impl Expected);
}

impl ExpectError for Result<Receipt, SendError> {
    #[track_caller]
    fn expect_refusal(self, expected: impl Expected) {
        match self {
            Err(SendError::Refused(refusal)) if expected.is(&refusal.error) => {}
            Err(other) => panic!("expected {expected:?}, but it failed with {other:?}"),
            Ok(receipt) => panic!("expected {expected:?}, but it succeeded: {receipt:?}"),
        }
    }
}
