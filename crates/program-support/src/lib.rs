//! What the programs that hold money share: which mints they admit, how tokens move, and how token
//! accounts are made.
//!
//! Nothing here names an error of its own: the programs do, each in its own terms.

pub mod creation;
pub mod tokens;
