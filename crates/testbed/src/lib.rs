//! An embedded chain for tests and for the demo, and the helpers that build a world on it.
//!
//! [`Chain`] runs the programs in solana-program-test, as bytecode or natively. [`World`] puts a
//! working deployment on it, [`FlashWorld`] and [`MarketsWorld`] one of the market programs on top.

pub mod agent;
mod batch_world;
mod chain;
mod desk_accounts;
mod desk_world;
mod expect;
mod flash_desk_world;
mod flash_world;
mod leverage_world;
mod markets_world;
pub mod multisig;
mod program_world;
mod programs;
mod receipt;
pub mod simulation;
mod time;
mod tokens;
mod world;

pub use batch_world::{BatchWorld, Sealed, DENOMINATION, DENOMINATION_POWER};
pub use chain::{Chain, ChainError, KeySource};
pub use desk_accounts::DeskAccounts;
pub use desk_world::{thousandths, DeskWorld, PURSE, SLICE_TIP, TIP};
pub use expect::{ExpectError, Expected, PassedOn, PassedOnByMarkets};
pub use flash_desk_world::FlashDeskWorld;
pub use flash_world::{uniform, FeeShare, FlashBets, FlashOptions, FlashWorld, User};
pub use leverage_world::{LeverageWorld, DEPTH, LENT, UNIT};
pub use markets_world::{MarketsOptions, MarketsWorld, StandardMarkets, Trader};
pub use program_world::{feed, MarketProgram, ProgramWorld};
pub use programs::{
    Program, ProgramKind, ProgramsError, TokenBytecode, PROGRAMS, TOKEN_VARIABLE, VARIABLE,
};
pub use receipt::{Receipt, Refusal, SendError};
pub use time::UnixMillis;
pub use tokens::{Mint, MintExtension, MintOptions, TokenProgram};
pub use world::{World, WorldError, WorldOptions};
