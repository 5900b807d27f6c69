//! Reading and writing the files that commands exchange.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use serde::{de::DeserializeOwned, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a file cannot be used.
#[derive(Debug, Error)]
pub enum FileError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: {place}{source}", path = path.display())]
    Json {
        path: PathBuf,
        /// The field at fault and a colon; empty if it is the whole.
        place: String,
        source: serde_json::Error,
    },
    /// As `Json`, without what the file says.
    #[error("{path}, line {line}, column {column}: {fault}", path = path.display())]
    Secret {
        path: PathBuf,
        line: usize,
        column: usize,
        fault: String,
    },
    #[error("{path} already exists and is not overwritten", path = path.display())]
    Exists { path: PathBuf },
    #[cfg(unix)]
    #[error("{path} has mode {mode:03o}, expected 600: others may read the secret", path = path.display())]
    NotPrivate { path: PathBuf, mode: u32 },
}

impl FileError {
    pub fn json(path: &Path, source: serde_json::Error) -> Self {
        Self::Json {
            path: path.to_owned(),
            place: String::new(),
            source,
        }
    }

    /// The error without anything that the file says, which may be a secret in a wrong place.
    fn without_contents(self) -> Self {
        let Self::Json { path, source, .. } = self else {
            return self;
        };
        let said = source.to_string();
        // What was found comes first, so that what follows the last of these words is the program's.
        let expected = said.rsplit_once(", expected ").map(|(_, expected)| {
            let expected = expected.split(" at line ").next().unwrap_or_default();
            format!("it is not what is expected here, {expected}")
        });
        let fault = match expected {
            Some(expected) if source.is_data() => expected,
            _ if source.is_data() => "it is not what is expected here".to_owned(),
            _ => "it is no JSON".to_owned(),
        };
        Self::Secret {
            path,
            line: source.line(),
            column: source.column(),
            fault,
        }
    }

    /// Says of which file an error is.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// Reads JSON from a file, or from standard input if the path is `-`.
///
/// # Errors
/// [`FileError::Io`] or [`FileError::Json`].
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let mut text = Zeroizing::new(String::new());
    if path == Path::new("-") {
        io::stdin()
            .read_to_string(&mut text)
            .map_err(FileError::io(path))?;
    } else {
        text = Zeroizing::new(fs::read_to_string(path).map_err(FileError::io(path))?);
    }
    parse_json(path, text.strip_prefix('\u{feff}').unwrap_or(&text))
}

/// Reads the JSON of a file, to its end. What is said twice is refused where it has a place of its own.
///
/// # Errors
/// [`FileError::Json`].
pub fn parse_json<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, FileError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = deserialize(path, "", &mut reader)?;
    reader
        .end()
        .map_err(|source| FileError::json(path, source))?;
    Ok(value)
}

/// Reads a part of a file, called `name` in errors.
///
/// # Errors
/// [`FileError::Json`], which names the field at fault.
pub fn deserialize<'de, T, D>(path: &Path, name: &str, from: D) -> Result<T, FileError>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(from).map_err(|error| {
        let field = match error.path().to_string().as_str() {
            "." | "?" => name.to_owned(),
            inner if name.is_empty() || inner.starts_with('[') => format!("{name}{inner}"),
            inner => format!("{name}.{inner}"),
        };
        let place = match field.as_str() {
            "" => field,
            _ => format!("{field}: "),
        };
        FileError::Json {
            path: path.to_owned(),
            place,
            source: error.into_inner(),
        }
    })
}

/// Writes JSON to a file, replacing it.
///
/// # Errors
/// [`FileError::Io`] or [`FileError::Json`].
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), FileError> {
    let text = to_text(path, value)?;
    fs::write(path, text).map_err(FileError::io(path))
}

/// Writes JSON with a secret in it to a new file that only its owner may read.
///
/// # Errors
/// [`FileError::Exists`], [`FileError::Io`] or [`FileError::Json`].
pub fn write_secret_json(path: &Path, value: &impl Serialize) -> Result<(), FileError> {
    let text = Zeroizing::new(to_text(path, value)?);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists {
            path: path.to_owned(),
        },
        _ => FileError::Io {
            path: path.to_owned(),
            source,
        },
    })?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(FileError::io(path))
}

/// Reads JSON with a secret in it from a file that only its owner may read.
///
/// # Errors
/// [`FileError::NotPrivate`], [`FileError::Io`] or [`FileError::Secret`], none of which repeats anything
/// that the file says.
pub fn read_secret_json<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    require_private(path)?;
    read_json(path).map_err(FileError::without_contents)
}

/// Refuses a file that others than its owner may read.
///
/// # Errors
/// [`FileError::NotPrivate`] or [`FileError::Io`].
pub fn require_private(path: &Path) -> Result<(), FileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(path).map_err(FileError::io(path))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(FileError::NotPrivate {
                path: path.to_owned(),
                mode,
            });
        }
    }
    Ok(())
}

/// Makes a directory and those above it.
///
/// # Errors
/// [`FileError::Io`].
pub fn create_directory(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(FileError::io(path))
}

fn to_text(path: &Path, value: &impl Serialize) -> Result<String, FileError> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|source| FileError::Json {
            path: path.to_owned(),
            place: String::new(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{attest::KeyFile, live::read_key};

    const SECRET: &str = "4Z7cXSyeFR8wNGMVXUE1TwtKn5D5Vu7FzEv69dokLv7KrQk7h6pu4LF8";

    /// What is said of a secret file with this text when it is read.
    fn said<T, E: ToString>(text: &str, read: impl Fn(&Path) -> Result<T, E>) -> String {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("key.json");
        fs::write(&path, text).expect("writable");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("an own file");
        }
        let error = read(&path).err().expect("it is refused").to_string();
        assert!(!error.contains("4Z7c"), "{error}");
        error
    }

    #[test]
    fn error_of_a_solana_key_file_does_not_repeat_it() {
        let base58 = format!("\n  \"{SECRET}\"");
        let error = said(&base58, read_key);
        assert!(error.contains("key.json, line 2, column "), "{error}");
        assert!(error.ends_with("expected here, a sequence"), "{error}");
        said(SECRET, read_key);
        said(&format!("[1, \"{SECRET}, expected x\"]"), read_key);
        said(&format!("[1] {SECRET}"), read_key);
        assert!(!said("[1, 2561]", read_key).contains("2561"));
    }

    #[test]
    fn error_of_a_provider_key_file_does_not_repeat_it() {
        for text in [
            format!(r#"{{ "sealed_secret_key": "{SECRET}" }}"#),
            format!(r#"{{ "sealed_secret_key": {{ "log_cost": "{SECRET}" }} }}"#),
            format!(r#"{{ "sealed_secret_key": {{ "salt": "{SECRET}" }} }}"#),
            format!(r#"{{ "sealed_secret_key": {{ "{SECRET}": 1 }} }}"#),
            format!(r#"{{ "public_key": "{SECRET}" }}"#),
            format!(r#"{{ "public_key": ["{SECRET}", "1"] }}"#),
            format!(r#"{{ "{SECRET}": 1 }}"#),
            format!(r#"{{ "unencrypted_secret_key": ["{SECRET}"] }}"#),
        ] {
            said(&text, KeyFile::read);
        }
        let error = said(r#"{ "sealed_secret_key": "4Z7c" }"#, KeyFile::read);
        assert!(error.ends_with("here, struct Sealed"), "{error}");
    }
}
