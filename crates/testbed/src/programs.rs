//! Which programs the embedded chain runs, and in which form.

use std::{
    env,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anchor_lang::{
    prelude::{AccountInfo, Pubkey, Rent},
    solana_program::{
        bpf_loader_upgradeable::{self, get_program_data_address, UpgradeableLoaderState},
        entrypoint::ProgramResult,
    },
};
use solana_account::Account;
use solana_program_test::{processor, ProgramTest};
use thiserror::Error;

/// Environment variable that chooses the form: `sbf` or `native`.
pub const VARIABLE: &str = "STROBE_PROGRAMS";

/// How the chain runs the programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramKind {
    /// The built bytecode in `target/test-programs`: compute units and events are real.
    Sbf,
    /// The same source compiled for this machine: needs no toolchain but Rust's, has no compute
    /// units, and what the programs log goes to the process's standard output.
    Native,
}

/// Environment variable that chooses the token program: `spl-token` or `p-token`.
pub const TOKEN_VARIABLE: &str = "STROBE_TOKEN_PROGRAM";

/// Which bytecode runs at the address of the classic token program. Both do the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenBytecode {
    /// What solana-program-test brings.
    #[default]
    SplToken,
    /// What clusters run, and what costs a fraction of it. `scripts/p-token` fetches it.
    PToken,
}

/// Why the form cannot be had.
#[derive(Debug, Error)]
pub enum ProgramsError {
    #[error("{VARIABLE} is {0:?}, expected \"sbf\" or \"native\"")]
    Kind(String),
    #[error("{path} cannot be read ({cause}); build the programs with scripts/build-programs")]
    Bytecode {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{path} is no bytecode; build the programs with scripts/build-programs")]
    NoBytecode { path: PathBuf },
    #[error(
        "{path} is bytecode of SBPF version {found}, expected 0: the embedded chain refuses what \
         clusters take; scripts/build-programs builds both, each to its own folder"
    )]
    Version { path: PathBuf, found: u32 },
    #[error("{TOKEN_VARIABLE} is {0:?}, expected \"spl-token\" or \"p-token\"")]
    Token(String),
    #[error("{path} cannot be read ({cause}); fetch it with scripts/p-token")]
    PToken {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("the loader's state cannot be written: {0}")]
    State(#[from] bincode::Error),
}

impl ProgramKind {
    /// The form that [`VARIABLE`] names. If it is unset, bytecode when every program has been built
    /// since its source changed, else native.
    ///
    /// # Errors
    /// [`ProgramsError::Kind`].
    pub fn from_env() -> Result<Self, ProgramsError> {
        match env::var(VARIABLE).ok().as_deref() {
            Some("sbf") => Ok(Self::Sbf),
            Some("native") => Ok(Self::Native),
            Some(other) => Err(ProgramsError::Kind(other.to_string())),
            None if PROGRAMS.iter().all(|program| program.is_built()) => Ok(Self::Sbf),
            None => Ok(Self::Native),
        }
    }
}

impl TokenBytecode {
    /// The one that [`TOKEN_VARIABLE`] names; spl-token if it is unset.
    ///
    /// # Errors
    /// [`ProgramsError::Token`].
    pub fn from_env() -> Result<Self, ProgramsError> {
        match env::var(TOKEN_VARIABLE).ok().as_deref() {
            None | Some("spl-token") => Ok(Self::SplToken),
            Some("p-token") => Ok(Self::PToken),
            Some(other) => Err(ProgramsError::Token(other.to_string())),
        }
    }

    /// Puts it into the genesis of `test`.
    pub(crate) fn add_to(self, test: &mut ProgramTest) -> Result<(), ProgramsError> {
        if self == Self::SplToken {
            return Ok(());
        }
        let path = bytecode_folder().join("p_token.so");
        let bytecode =
            std::fs::read(&path).map_err(|cause| ProgramsError::PToken { path, cause })?;
        let account = Account {
            owner: solana_sdk_ids::bpf_loader::ID,
            ..loader_account(bytecode, true)
        };
        test.add_account(anchor_spl::token::ID, account);
        Ok(())
    }
}

/// A program that the chain can run in both forms.
pub struct Program {
    pub name: &'static str,
    pub id: Pubkey,
    native: fn(&mut ProgramTest),
}

/// Every program of Strobe.
pub const PROGRAMS: [Program; 5] = [
    Program {
        name: "oracle",
        id: oracle::ID,
        native: |test| test.add_program("oracle", oracle::ID, processor!(native::oracle)),
    },
    Program {
        name: "flash_bets",
        id: flash_bets::ID,
        native: |test| {
            test.add_program("flash_bets", flash_bets::ID, processor!(native::flash_bets))
        },
    },
    Program {
        name: "markets",
        id: markets::ID,
        native: |test| test.add_program("markets", markets::ID, processor!(native::markets)),
    },
    Program {
        name: "orders",
        id: orders::ID,
        native: |test| test.add_program("orders", orders::ID, processor!(native::orders)),
    },
    Program {
        name: "leverage",
        id: leverage::ID,
        native: |test| test.add_program("leverage", leverage::ID, processor!(native::leverage)),
    },
];

impl Program {
    /// Whether the bytecode is newer than every source file of the programs and the crates in them.
    fn is_built(&self) -> bool {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let Some(built) = modified(&self.bytecode()) else {
            return false;
        };
        [
            "programs",
            "crates/groth16",
            "crates/math",
            "crates/market-core",
            "crates/program-kit",
            "crates/result-tree",
        ]
        .iter()
        .all(|folder| newest_source(&root.join(folder)) <= Some(built))
    }

    /// Where `scripts/build-programs` puts the bytecode that the embedded chain takes.
    pub fn bytecode(&self) -> PathBuf {
        bytecode_folder().join(self.name).with_extension("so")
    }

    /// Puts the program into the genesis of `test`, upgradeable by `authority`.
    pub(crate) fn add_to(
        &self,
        test: &mut ProgramTest,
        kind: ProgramKind,
        authority: Pubkey,
    ) -> Result<(), ProgramsError> {
        let program_data = get_program_data_address(&self.id);
        let mut data = bincode::serialize(&UpgradeableLoaderState::ProgramData {
            slot: 0,
            upgrade_authority_address: Some(authority),
        })?;
        match kind {
            ProgramKind::Sbf => {
                let program = bincode::serialize(&UpgradeableLoaderState::Program {
                    programdata_address: program_data,
                })?;
                test.add_account(self.id, loader_account(program, true));
                data.extend(read_bytecode(self.bytecode())?);
            }
            ProgramKind::Native => (self.native)(test),
        }
        test.add_account(program_data, loader_account(data, false));
        Ok(())
    }
}

/// Bytecode after a look at its version.
fn read_bytecode(path: PathBuf) -> Result<Vec<u8>, ProgramsError> {
    let bytecode = match std::fs::read(&path) {
        Ok(bytecode) => bytecode,
        Err(cause) => return Err(ProgramsError::Bytecode { path, cause }),
    };
    match sbpf_version(&bytecode) {
        Some(0) => Ok(bytecode),
        Some(found) => Err(ProgramsError::Version { path, found }),
        None => Err(ProgramsError::NoBytecode { path }),
    }
}

/// The version of SBPF that a program is for: the flags in its ELF header. `None` if it has none.
fn sbpf_version(bytecode: &[u8]) -> Option<u32> {
    const FLAGS_AT: usize = 48;
    bytecode.starts_with(b"\x7fELF").then_some(())?;
    let flags = bytecode.get(FLAGS_AT..)?.first_chunk()?;
    Some(u32::from_le_bytes(*flags))
}

/// Not `target/deploy`, where `anchor build` puts what clusters take.
fn bytecode_folder() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
        PathBuf::from,
    );
    target.join("test-programs")
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

/// When the latest change of a file under `folder` was made that bytecode is built from.
fn newest_source(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                let name = entry.file_name();
                return (name != "tests").then(|| newest_source(&path)).flatten();
            }
            let is_source = ["rs", "toml"]
                .iter()
                .any(|extension| path.extension().is_some_and(|found| found == *extension));
            is_source.then(|| modified(&path)).flatten()
        })
        .max()
}

/// An account of the upgradeable loader.
fn loader_account(data: Vec<u8>, executable: bool) -> Account {
    Account {
        lamports: Rent::default().minimum_balance(data.len()),
        data,
        owner: bpf_loader_upgradeable::ID,
        executable,
        rent_epoch: u64::MAX,
    }
}

/// The programs as the native runtime calls them.
mod native {
    use super::*;

    macro_rules! entry {
        ($program:ident) => {
            pub fn $program(id: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
                ::$program::entry(id, as_anchor_takes_them(accounts), data)
            }
        };
    }

    entry!(oracle);
    entry!(flash_bets);
    entry!(markets);
    entry!(orders);
    entry!(leverage);

    /// Anchor's entry wants one lifetime for the slice and for what its accounts refer to.
    #[allow(unsafe_code)]
    fn as_anchor_takes_them<'a>(accounts: &'a [AccountInfo<'_>]) -> &'a [AccountInfo<'a>] {
        // SAFETY: only lifetimes change, and the accounts' data outlive the slice. A program could
        // abuse the shorter lifetime only by storing a reference to memory of its own in an
        // account; the references it may store are those that resizing makes, into the same data.
        unsafe { std::mem::transmute(accounts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(flags: u32) -> Vec<u8> {
        let mut header = b"\x7fELF".to_vec();
        header.resize(48, 0);
        header.extend(flags.to_le_bytes());
        header
    }

    #[test]
    fn bytecode_for_a_cluster_is_refused_with_a_sentence() {
        let path = std::env::temp_dir().join(format!("strobe-v3-{}.so", std::process::id()));
        std::fs::write(&path, elf(3)).expect("a file");
        let error = read_bytecode(path.clone())
            .expect_err("refused")
            .to_string();
        std::fs::write(&path, elf(0)).expect("a file");
        assert_eq!(read_bytecode(path.clone()).expect("taken"), elf(0));
        std::fs::write(&path, b"#!/bin/sh").expect("a file");
        assert!(matches!(
            read_bytecode(path.clone()),
            Err(ProgramsError::NoBytecode { .. })
        ));
        std::fs::remove_file(&path).expect("removed");
        let expected = format!(
            "{} is bytecode of SBPF version 3, expected 0: ",
            path.display()
        );
        assert!(error.starts_with(&expected), "{error}");
    }
}
