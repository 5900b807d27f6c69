//! Rolling chains: a stake that buys one leg after the other from the curves, each for what the one before
//! paid. `leg` buys them and takes what they pay, `endings` pays the owner.

mod advance_rolling;
mod endings;
mod execute_rolling;
mod leg;
mod open_rolling;
mod stop_rolling;

pub use advance_rolling::*;
pub use endings::{RollingEnd, RollingEnded};
pub use execute_rolling::*;
pub use leg::{RollingBought, RollingQueued, RollingRedeemed};
pub use open_rolling::*;
pub use stop_rolling::*;
