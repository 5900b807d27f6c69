//! What the admin changes after the timelock, and what the guardian stops at once. `govern` is shared by
//! all of it.

mod govern;
mod release;
mod set_parameters;
mod set_pool_terms;
mod trip;

pub use govern::*;
pub use release::*;
pub use set_parameters::*;
pub use set_pool_terms::*;
pub use trip::*;
