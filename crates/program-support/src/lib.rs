//! What the programs that hold money share: which mints they admit, how tokens move, how token
//! accounts are made, and how accounts hold amounts.
//!
//! Nothing here names an error of its own: the programs do, each in its own terms.

pub mod amounts;
pub mod creation;
pub mod tokens;
