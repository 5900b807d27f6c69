//! What every program shares and needs the chain: new accounts, which mints are admitted, how
//! tokens move, how claims are paid, what changes after a timelock, and how events start.
//!
//! Depends on no program: refusals are [`KitError`]s, which each program maps to errors of its own.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::integer_division,
        clippy::unwrap_used,
        reason = "tests fail by panicking, and read better with plain operators"
    )
)]

pub mod calls;
pub mod claims;
pub mod counters;
pub mod custody;
mod entry_point;
pub mod error;
pub mod event_header;
pub mod governance;
pub mod new_account;
pub mod new_tokens;
pub mod scheduled;
pub mod tokens;

#[doc(hidden)]
pub use anchor_lang::solana_program::entrypoint as runtime_entrypoint;
pub use calls::{call, Access, Called};
pub use claims::{rent_receiver, Claim, ClaimAccounts};
pub use counters::{decrement, increment};
pub use custody::{Custody, Purse, SignerSeeds};
pub use error::KitError;
pub use event_header::EventHeader;
pub use governance::{refuse_durable_nonce, INSTRUCTIONS_SYSVAR};
pub use scheduled::{ScheduledKey, ScheduledNumber};
pub use tokens::Payment;
