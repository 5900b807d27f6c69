//! The `strobe` command, for its binary and for searches through the files that it reads.

mod commands;
mod quiet;

use std::{error::Error, ffi::OsString};

use clap::Parser;
use commands::Command;

/// On-chain betting settled by proof.
#[derive(Parser)]
#[command(name = "strobe", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Runs a command; JSON goes to standard output, everything else to standard error. The first argument
/// is the program's name.
///
/// # Errors
/// A [`clap::Error`] if it is called wrongly or asked for help, else whatever the command refuses.
pub fn run<T: Into<OsString> + Clone>(
    arguments: impl IntoIterator<Item = T>,
) -> Result<(), Box<dyn Error>> {
    Arguments::try_parse_from(arguments)?.command.run()
}
