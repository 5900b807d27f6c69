//! An embedded chain for tests and for the demo, and the helpers that build a world on it.
//!
//! [`Chain`] runs the programs in solana-program-test, as bytecode or natively.

mod chain;
mod expect;
mod programs;
mod time;

pub use chain::{Chain, ChainError, Receipt, Refusal, SendError};
pub use expect::{ExpectError, Expected};
pub use programs::{Program, ProgramKind, ProgramsError, PROGRAMS};
pub use time::UnixMillis;
