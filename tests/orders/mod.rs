//! Orders that others execute.

mod attacks;
mod batches;
mod endings;
mod fills;
mod properties;
mod triggers;
