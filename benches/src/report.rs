//! The baseline, the comparison and the table.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use testbed::PROGRAMS;
use thiserror::Error;

use crate::Both;

const UPDATE: &str = "UPDATE_COMPUTE_UNITS";

/// A figure may grow by this many units,
const TOLERATED_UNITS: u64 = 300;
/// and by this part of itself, in percent, before it is a regression.
const TOLERATED_PERCENT: u64 = 1;

/// What is aimed at with p-token: goal and stretch goal.
const GOALS: [(&str, u64, u64); 21] = [
    (
        "flash_bets create_market (LMSR, 2 outcomes)",
        20_000,
        16_000,
    ),
    (
        "flash_bets place_bet (LMSR, 2 outcomes, above one half)",
        9_000,
        7_000,
    ),
    (
        "flash_bets place_bet (LMSR, 2 outcomes, below one half)",
        9_000,
        7_000,
    ),
    ("flash_bets place_bet (LMSR, 8 outcomes)", 10_500, 8_500),
    ("flash_bets place_bet (pm-AMM)", 11_000, 9_000),
    ("flash_bets resolve", 1_700, 1_500),
    ("flash_bets resolve_from_root (1,024 results)", 4_000, 3_000),
    ("flash_bets settle_tickets (8)", 20_000, 17_600),
    ("leverage execute_open (LMSR, 2 outcomes)", 45_000, 35_000),
    ("leverage liquidate (1, a part)", 25_000, 20_000),
    ("leverage liquidate (8, whole)", 64_000, 48_000),
    ("markets buy (L2, 16 bins)", 9_500, 8_500),
    ("markets buy (LMSR, 32 outcomes)", 15_000, 12_000),
    ("markets buy (LMSR, 8 outcomes)", 10_500, 8_500),
    ("markets buy (pm-AMM)", 11_000, 9_000),
    ("markets split (LMSR, 2 outcomes)", 5_000, 4_000),
    ("markets split (LMSR, 8 outcomes)", 5_000, 4_000),
    ("orders fill_order (buy, LMSR, 2 outcomes)", 26_000, 22_000),
    ("orders fill_order (sell, LMSR, 2 outcomes)", 26_000, 22_000),
    ("oracle verify_observation", 84_000, 82_500),
    ("oracle verify_observations (5)", 195_000, 188_000),
];

#[derive(Debug, Error)]
pub enum ReportError {
    #[error("{path} cannot be read or written: {cause}")]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{path} is not what this program writes: {cause}")]
    Format {
        path: PathBuf,
        cause: serde_json::Error,
    },
    #[error("not measured: {}", .0.join(", "))]
    NotMeasured(Vec<String>),
    #[error("more compute units than the baseline ({UPDATE}=1 accepts them):\n{}", .0.join("\n"))]
    Regression(Vec<String>),
    #[error("the baseline knows other instructions; {UPDATE}=1 brings it up to date: {}", .0.join(", "))]
    OtherInstructions(Vec<String>),
}

/// What `benches/compute-units.json` holds.
#[derive(Deserialize, Serialize)]
struct Baseline {
    built_with: String,
    /// Bytes of bytecode by program.
    bytes: BTreeMap<String, u64>,
    compute_units: BTreeMap<String, Both>,
}

/// Writes the baseline if asked to, else compares with it.
///
/// # Errors
/// Each variant of [`ReportError`].
pub fn conclude(compute_units: BTreeMap<String, Both>) -> Result<(), ReportError> {
    check_complete(&compute_units)?;
    let measured = Baseline {
        built_with: built_with()?,
        bytes: sizes()?,
        compute_units,
    };
    println!("{}", table(&measured));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
    let path = folder.join("compute-units.json");
    if std::env::var_os(UPDATE).is_some() {
        let cause_of = |path: &Path| {
            let path = path.to_path_buf();
            move |cause| ReportError::File { path, cause }
        };
        let text = serde_json::to_string_pretty(&measured).map_err(|cause| {
            let path = path.clone();
            ReportError::Format { path, cause }
        })?;
        std::fs::write(&path, text + "\n").map_err(cause_of(&path))?;
        let page = folder.join("compute-units.md");
        return std::fs::write(&page, document(&measured)).map_err(cause_of(&page));
    }
    let text = read(&path)?;
    let baseline: Baseline =
        serde_json::from_str(&text).map_err(|cause| ReportError::Format { path, cause })?;
    compare(&baseline, &measured)
}

fn compare(baseline: &Baseline, measured: &Baseline) -> Result<(), ReportError> {
    let (old, new) = (&baseline.compute_units, &measured.compute_units);
    let others: Vec<_> = old
        .keys()
        .filter(|name| !new.contains_key(*name))
        .chain(new.keys().filter(|name| !old.contains_key(*name)))
        .cloned()
        .collect();
    if !others.is_empty() {
        return Err(ReportError::OtherInstructions(others));
    }
    if baseline.built_with != measured.built_with {
        println!(
            "Not compared: the baseline was built with {}, this bytecode with {}.",
            baseline.built_with, measured.built_with
        );
        return Ok(());
    }
    let grown: Vec<_> = old
        .iter()
        .filter_map(|(name, old)| Some((name, old, new.get(name)?)))
        .flat_map(|(name, old, new)| {
            [
                (name, "p-token", old.p_token.total, new.p_token.total),
                (name, "spl-token", old.spl_token.total, new.spl_token.total),
            ]
        })
        .filter(|(_, _, old, new)| *new > old + TOLERATED_UNITS.min(old * TOLERATED_PERCENT / 100))
        .map(|(name, token, old, new)| format!("    {name}, {token}: {old} -> {new}"))
        .collect();
    if grown.is_empty() {
        println!("No figure has grown by more than {TOLERATED_PERCENT}% or {TOLERATED_UNITS}.");
        return Ok(());
    }
    Err(ReportError::Regression(grown))
}

/// The part of an IDL that lists the instructions.
#[derive(Deserialize)]
struct Idl {
    instructions: Vec<IdlInstruction>,
}

#[derive(Deserialize)]
struct IdlInstruction {
    name: String,
}

/// Every instruction of every IDL has to have a figure.
fn check_complete(measured: &BTreeMap<String, Both>) -> Result<(), ReportError> {
    let names: BTreeSet<_> = measured
        .keys()
        .map(|name| name.split(" (").next().unwrap_or(name).to_string())
        .collect();
    let mut missing = Vec::new();
    for program in PROGRAMS {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../idl");
        let path = root.join(program.name).with_extension("json");
        let idl: Idl = serde_json::from_str(&read(&path)?)
            .map_err(|cause| ReportError::Format { path, cause })?;
        missing.extend(
            idl.instructions
                .into_iter()
                .map(|instruction| format!("{} {}", program.name, instruction.name))
                .filter(|name| !names.contains(name)),
        );
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(ReportError::NotMeasured(missing)),
    }
}

fn built_with() -> Result<String, ReportError> {
    let path = PROGRAMS[0].bytecode().with_file_name("BUILT_WITH");
    Ok(read(&path)?.trim().to_string())
}

fn sizes() -> Result<BTreeMap<String, u64>, ReportError> {
    PROGRAMS
        .iter()
        .map(|program| {
            let path = program.bytecode();
            match path.metadata() {
                Ok(data) => Ok((program.name.to_string(), data.len())),
                Err(cause) => Err(ReportError::File { path, cause }),
            }
        })
        .collect()
}

fn read(path: &Path) -> Result<String, ReportError> {
    std::fs::read_to_string(path).map_err(|cause| ReportError::File {
        path: path.to_path_buf(),
        cause,
    })
}

fn table(measured: &Baseline) -> String {
    let mut text = String::from(
        "| instruction | with p-token | of these in it | goal | stretch | with spl-token | of these in it |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
    );
    for (name, Both { p_token, spl_token }) in &measured.compute_units {
        let goal = GOALS.iter().find(|(of, ..)| of == name);
        let (goal, stretch) = goal.map_or_else(Default::default, |(_, goal, stretch)| {
            (thousands(*goal), thousands(*stretch))
        });
        let [total, token, spl_total, spl] = [
            p_token.total,
            p_token.token,
            spl_token.total,
            spl_token.token,
        ]
        .map(thousands);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| `{name}` | {total} | {token} | {goal} | {stretch} | {spl_total} | {spl} |"
        );
    }
    text
}

fn document(measured: &Baseline) -> String {
    let sizes: Vec<_> = measured
        .bytes
        .iter()
        .map(|(program, bytes)| format!("`{program}` {} bytes", thousands(*bytes)))
        .collect();
    format!(
        "# Compute units\n\n\
         Of the whole instruction, measured on the built bytecode in solana-program-test by \
         `scripts/compute-units`, which wrote this file and `compute-units.json`. CI fails when a \
         figure grows by more than {TOLERATED_PERCENT}% or {TOLERATED_UNITS} units.\n\n\
         Clusters run p-token as the token program, and the goals are with it; `scripts/p-token` \
         fetches its bytecode. spl-token 3.5.0 is what solana-program-test brings.\n\n\
         Built with {}; another builder gives somewhat other figures. Bytecode: {}.\n\n\
         Finding the bump of a new account's address costs units by luck, about 350 a try in \
         `verify_observation` and 1,500 elsewhere. Here the keys come from a fixed seed, so \
         that runs can be compared. `verify_observation` cannot go below 80,524: that is what the \
         runtime charges for the pairing, the multiplication and addition, and Poseidon of six \
         inputs; creating the account at a program address costs some 2,000 more.\n\n{}",
        measured.built_with,
        sizes.join(", "),
        table(measured)
    )
}

/// 86,958
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
