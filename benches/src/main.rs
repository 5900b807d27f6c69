//! Measures the compute units of every instruction on the built bytecode and compares them with the
//! committed baseline. `UPDATE_COMPUTE_UNITS=1` rewrites the baseline and the table.

mod chains;
mod flash;
mod leverage;
mod markets;
mod oracle_program;
mod orders;
mod report;

use std::{collections::BTreeMap, process::ExitCode};

use serde::{Deserialize, Serialize};
use testbed::{Receipt, TokenProgram, TOKEN_VARIABLE, VARIABLE};

/// Seed of all keys: the search for the bump of an address costs units, and would differ by run.
const SEED: u64 = 1;

/// Units of one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Units {
    total: u64,
    /// The part that a token program used, which is not ours to save.
    token: u64,
}

/// Units of one instruction by token program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Both {
    p_token: Units,
    spl_token: Units,
}

/// Units by instruction, `program instruction` and in brackets what is particular about the call.
#[derive(Default)]
struct Measured(BTreeMap<String, Units>);

impl Measured {
    /// Takes down the units of a transaction that holds one instruction.
    fn take(&mut self, name: &str, receipt: &Receipt) {
        let units = Units {
            total: receipt.compute_units.expect("bytecode has units"),
            token: receipt
                .logs
                .iter()
                .filter_map(|line| token_units(line))
                .sum(),
        };
        let before = self.0.insert(name.to_string(), units);
        assert!(before.is_none(), "{name} is measured twice");
    }
}

/// The units in a token program's line `Program … consumed 4645 of 200000 compute units`.
fn token_units(line: &str) -> Option<u64> {
    [TokenProgram::Token, TokenProgram::Token2022]
        .iter()
        .find_map(|program| line.strip_prefix(&format!("Program {} consumed ", program.id())))
        .and_then(|rest| rest.split(' ').next()?.parse().ok())
}

fn main() -> ExitCode {
    // The worlds ask the environment.
    std::env::set_var(VARIABLE, "sbf");
    let [with_p_token, with_spl_token] = ["p-token", "spl-token"].map(|token_program| {
        std::env::set_var(TOKEN_VARIABLE, token_program);
        let mut measured = Measured::default();
        oracle_program::measure(&mut measured);
        flash::measure(&mut measured);
        chains::measure(&mut measured);
        markets::measure(&mut measured);
        orders::measure(&mut measured);
        leverage::measure(&mut measured);
        measured.0
    });
    let both = with_p_token.into_iter().map(|(name, p_token)| {
        let spl_token = with_spl_token[&name];
        (name, Both { p_token, spl_token })
    });
    match report::conclude(both.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compute-units: {error}");
            ExitCode::FAILURE
        }
    }
}
