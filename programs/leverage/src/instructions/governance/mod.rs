//! What the admin changes after the timelock, and what the guardian, or anybody by what the chain shows, stops
//! at once. `govern` is shared by
//! all of it.

mod govern;
mod release;
mod set_parameters;
mod set_pool_terms;
mod trip;
mod trip_by_price;
mod trip_by_utilisation;

pub use govern::*;
pub use release::*;
pub use set_parameters::*;
pub use set_pool_terms::*;
pub use trip::*;
pub use trip_by_price::*;
pub use trip_by_utilisation::*;
