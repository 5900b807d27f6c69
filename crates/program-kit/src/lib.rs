//! What every program shares and needs the chain: new accounts, which mints are admitted, how
//! tokens move, how accounts hold amounts, what changes after a timelock, and how events start.
//!
//! Depends on no program: refusals are [`KitError`]s, which each program maps to errors of its own.

pub mod amounts;
pub mod custody;
pub mod error;
pub mod event_header;
pub mod governance;
pub mod new_account;
pub mod new_tokens;
pub mod observation_time;
pub mod scheduled;
pub mod tokens;

pub use custody::{Custody, Payment, Purse, SignerSeeds};
pub use error::KitError;
pub use event_header::EventHeader;
pub use governance::{refuse_durable_nonce, INSTRUCTIONS_SYSVAR};
pub use scheduled::{Pause, ScheduledKey, ScheduledNumber};
