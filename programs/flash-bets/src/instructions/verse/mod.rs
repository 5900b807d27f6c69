//! Verses: a tree over events, with what the vault has at risk on every level. `path` finds the levels above an
//! event among the accounts of an instruction.

mod close_verse;
mod create_verse;
mod path;

pub use close_verse::*;
pub use create_verse::*;
pub use path::Verses;
