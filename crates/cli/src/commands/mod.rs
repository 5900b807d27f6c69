//! One module a command.

mod arguments;
mod attest;
mod chain;
mod circuit;
mod demo;
mod files;
mod genesis;
mod key;
mod keys;
mod live;
mod migrate;
mod proof_file;
mod prove;
mod providers;
mod quorum;
mod quote;
mod simulate;
mod transcript;
mod verify;

use std::{error::Error, fmt::Write};

use ::demo::printable::is_hidden;
use clap::Subcommand;
use serde::Serialize;

#[derive(Subcommand)]
pub enum Command {
    /// Replays a football match on an embedded chain, from bets to paid winners.
    Demo(demo::Demo),
    /// Quotes a trade on a curve without any chain.
    #[command(subcommand)]
    Quote(quote::Quote),
    /// Chains of bets that pay only if all of them win.
    #[command(subcommand)]
    Chain(chain::Chain),
    /// Simulates attacks on those who lend, and slices of orders.
    #[command(subcommand)]
    Simulate(simulate::Simulate),
    /// Signs and verifies observations.
    #[command(subcommand)]
    Attest(attest::Attest),
    /// Checks the keys of those who run a deployment.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Brings a deployment to the state that numbered files declare.
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Describes sets of providers.
    #[command(subcommand)]
    Providers(providers::Providers),
    /// Proves what a quorum of providers signed.
    Prove(prove::Prove),
    /// Verifies a proof.
    Verify(verify::Verify),
    /// Describes circuits, in the files of circom's tools.
    #[command(subcommand)]
    Circuit(circuit::CircuitCommand),
    /// Takes over and verifies the keys that a ceremony made.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Writes the accounts of a set-up deployment, for a local validator to start with.
    Genesis(genesis::Genesis),
    #[command(flatten)]
    Live(live::LiveCommand),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever the command refuses, in one sentence for the user.
    pub fn run(self) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Demo(demo) => demo.run(),
            Self::Quote(quote) => print_json(&quote.run()?),
            Self::Chain(chain::Chain::Quote(quote)) => print_json(&quote.run()?),
            Self::Chain(chain::Chain::Live(live)) => print_json(&live.run()?),
            Self::Simulate(simulate) => print_json(&simulate.run()?),
            Self::Attest(attest) => print_json(&attest.run()?),
            Self::Keys(keys) => print_json(&keys.run()?),
            Self::Migrate(migrate) => print_json(&migrate.run()?),
            Self::Providers(providers) => print_json(&providers.run()?),
            Self::Prove(prove) => print_json(&prove.run()?),
            Self::Verify(verify) => print_json(&verify.run()?),
            Self::Circuit(circuit) => print_json(&circuit.run()?),
            Self::Key(key) => print_json(&key.run()?),
            Self::Genesis(genesis) => print_json(&genesis.run()?),
            Self::Live(live) => print_json(&live.run()?),
        }
    }
}

/// Writes a result to standard output. Characters that a terminal would not show are escaped as JSON
/// does it; they are in texts only.
fn print_json(result: &impl Serialize) -> Result<(), Box<dyn Error>> {
    let mut escaped = String::new();
    for character in serde_json::to_string_pretty(result)?.chars() {
        if character != '\n' && is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}")?;
            }
        } else {
            escaped.push(character);
        }
    }
    println!("{escaped}");
    Ok(())
}
