//! The venue and its terms.

mod collect_protocol_fees;
mod create_venue;
mod pause;
mod price_feeds;
mod set_treasury;
mod set_venue_terms;
mod unpause;

pub use collect_protocol_fees::*;
pub use create_venue::*;
pub use pause::*;
pub use price_feeds::*;
pub use set_treasury::*;
pub use set_venue_terms::*;
pub use unpause::*;
