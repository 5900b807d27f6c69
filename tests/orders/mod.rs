//! Orders that others execute.

mod attacks;
mod endings;
mod fills;
mod properties;
mod triggers;
