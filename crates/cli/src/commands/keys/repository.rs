//! Private keys in a git repository, where they are one `git add` from being everybody's.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use thiserror::Error;

use super::holders::keypair;
use crate::commands::attest::KeyFile;

/// No file of a key is longer.
const MAX_KEY_FILE_BYTES: u64 = 4_096;

/// Why a repository cannot be searched.
#[derive(Debug, Error)]
pub enum RepositoryError {
    #[error("git cannot be run ({0}), so nobody can say whether keys are in a repository")]
    Git(io::Error),
    #[error("git ls-files fails in {root}: {message}", root = root.display())]
    List { root: PathBuf, message: String },
}

/// Files with a private key in the repository that `folder` is in, tracked or neither tracked nor
/// ignored; none if it is in no repository.
///
/// # Errors
/// Each variant of [`RepositoryError`].
pub fn keys_in(folder: &Path) -> Result<Vec<PathBuf>, RepositoryError> {
    let top = git(folder, ["rev-parse", "--show-toplevel"])?;
    if !top.status.success() {
        return Ok(Vec::new());
    }
    let root = PathBuf::from(String::from_utf8_lossy(&top.stdout).trim_end_matches('\n'));
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let listed = git(&root, arguments)?;
    if !listed.status.success() {
        let message = String::from_utf8_lossy(&listed.stderr).trim().to_owned();
        return Err(RepositoryError::List { root, message });
    }
    let names = listed.stdout.split(|byte| *byte == 0);
    let paths = names
        .filter(|name| !name.is_empty())
        .map(|name| root.join(String::from_utf8_lossy(name).as_ref()));
    Ok(paths.filter(|path| holds_private_key(path)).collect())
}

fn git<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Result<Output, RepositoryError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    command.output().map_err(RepositoryError::Git)
}

/// Whether the file is a Solana key file or one of `strobe attest keygen`, whatever its name.
fn holds_private_key(path: &Path) -> bool {
    let is_short = fs::metadata(path).is_ok_and(|data| data.len() <= MAX_KEY_FILE_BYTES);
    let text = is_short.then(|| fs::read(path).unwrap_or_default());
    let text = text.unwrap_or_default();
    serde_json::from_slice::<Vec<u8>>(&text).is_ok_and(|bytes| keypair(&bytes).is_some())
        || serde_json::from_slice::<KeyFile>(&text).is_ok()
}
