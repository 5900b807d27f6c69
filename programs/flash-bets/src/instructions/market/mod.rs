//! Markets and the books that bound them, from creation to the end of trading. `terms` is what a
//! market is created with, `new_custody` makes the accounts of whatever the vault funds.

mod close_event_book;
mod create_event_book;
mod create_market;
mod new_custody;
mod resume_market;
mod suspend_market;
mod terms;

pub use close_event_book::*;
pub use create_event_book::*;
pub use create_market::*;
pub use new_custody::*;
pub use resume_market::*;
pub use suspend_market::*;
pub use terms::*;
