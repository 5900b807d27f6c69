//! Groups of branches, one for each outcome of a condition. `ticket` is what several need of a ticket.

mod close_quantum;
mod collapse_quantum;
mod create_quantum;
mod deposit_quantum;
mod merge_branches;
mod release_quantum;
mod settle_quantum;
mod settle_quantum_ticket;
mod trade_branch;

pub use close_quantum::*;
pub use collapse_quantum::*;
pub use create_quantum::*;
pub use deposit_quantum::*;
pub use merge_branches::*;
pub use release_quantum::*;
pub use settle_quantum::*;
pub use settle_quantum_ticket::*;
pub use trade_branch::*;
