//! Markets, from creation to the end of trading.

mod close_event;
mod create_event;
mod create_market;
mod resume_market;
mod suspend_market;

pub use close_event::*;
pub use create_event::*;
pub use create_market::*;
pub use resume_market::*;
pub use suspend_market::*;
