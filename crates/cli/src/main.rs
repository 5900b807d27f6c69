//! The `strobe` command. The exit code is 1 when it fails and 2 when it is called wrongly.

use std::{env, error::Error, process::ExitCode};

use demo::printable::printable;

fn main() -> ExitCode {
    match strobe_cli::run(env::args_os()) {
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
