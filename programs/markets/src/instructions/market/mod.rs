//! Markets, from creation to the end of trading.

mod collect_creator_fees;
mod create_market;
mod poke;
mod release_protocol_fees;
mod switch_curve;
mod terms_hash;

pub use collect_creator_fees::*;
pub use create_market::*;
pub use poke::*;
pub use release_protocol_fees::*;
pub use switch_curve::*;
pub use terms_hash::*;
