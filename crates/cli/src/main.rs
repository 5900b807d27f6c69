//! The `strobe` command. JSON goes to standard output, everything else to standard error; the exit
//! code is 1 when a command fails and 2 when it is called wrongly.

mod commands;
mod quiet;

use std::{error::Error, process::ExitCode};

use clap::Parser;
use commands::Command;
use demo::printable::printable;

/// On-chain betting settled by proof.
#[derive(Parser)]
#[command(name = "strobe", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast::<clap::Error>() {
            Ok(usage) => usage.exit(),
            Err(error) => {
                eprintln!("error: {}", printable(&with_causes(error.as_ref())));
                ExitCode::FAILURE
            }
        },
    }
}

/// The error and what caused it, leaving out causes that the message before already tells.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}
