//! Orders that others execute.

mod attacks;
mod batches;
mod crossings;
mod delayed;
mod endings;
mod fills;
mod flash;
mod flash_properties;
mod keeping;
mod kinds;
mod l2;
mod properties;
mod triggers;
