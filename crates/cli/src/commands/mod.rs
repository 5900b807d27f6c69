//! One module a command.

mod quote;

use std::error::Error;

use clap::Subcommand;
use serde::Serialize;

#[derive(Subcommand)]
pub enum Command {
    /// Quotes a trade on a curve without any chain.
    #[command(subcommand)]
    Quote(quote::Quote),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever the command refuses, in one sentence for the user.
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Quote(quote) => print_json(&quote.run()?),
        }
    }
}

/// Writes a result to standard output.
fn print_json(result: &impl Serialize) -> Result<(), Box<dyn Error>> {
    println!("{}", serde_json::to_string_pretty(result)?);
    Ok(())
}
