//! What was sent, written down before it was sent.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use client::transport::Prepared;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::step::Step;

/// What has been done on one chain, in a file that only grows: a line an entry.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// The last entry of each step.
    entries: BTreeMap<String, Entry>,
}

/// Why a journal cannot be kept.
#[derive(Debug, Error)]
pub enum JournalError {
    #[error("{path}: {cause}", path = path.display())]
    Io { path: PathBuf, cause: io::Error },
    #[error("{path}, line {line}: {cause}", path = path.display())]
    Entry {
        path: PathBuf,
        line: usize,
        cause: serde_json::Error,
    },
    #[error("{path} is the journal of the chain with genesis hash {found}, this one has {expected}", path = path.display())]
    OtherChain {
        path: PathBuf,
        found: String,
        expected: String,
    },
    #[error("{path} is locked: another `strobe migrate apply` is running", path = path.display())]
    Locked { path: PathBuf },
    #[error("{step} was applied as something else than it is now; steps are never edited, a change is a new step")]
    Edited { step: String },
    #[error("the transaction of {step} in the journal cannot be read")]
    Transaction { step: String },
}

#[derive(Serialize, Deserialize)]
struct Header {
    genesis_hash: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    step: String,
    #[serde(with = "hex::serde")]
    digest: [u8; 32],
    #[serde(flatten)]
    state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum State {
    /// Sent, or about to be.
    Pending {
        signature: String,
        last_valid_block_height: u64,
        /// The signed transaction, bincode in base 64.
        transaction: String,
    },
    /// It was seen that it can no longer land.
    Expired,
    /// It is on the chain. Without a signature somebody else put it there.
    Confirmed { signature: Option<String> },
}

impl Journal {
    /// Opens the journal of the chain with this genesis hash, or begins it. Nobody else can open it
    /// meanwhile.
    ///
    /// # Errors
    /// Each variant of [`JournalError`] but those of single steps.
    pub fn open(path: &Path, genesis_hash: &str) -> Result<Self, JournalError> {
        let error = |cause| JournalError::Io {
            path: path.to_owned(),
            cause,
        };
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).create(true).open(path);
        let file = file.map_err(error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(JournalError::Locked {
                    path: path.to_owned(),
                })
            }
            Err(fs::TryLockError::Error(cause)) => return Err(error(cause)),
        }
        let text = fs::read_to_string(path).map_err(error)?;
        // Who was interrupted while writing a line has sent nothing yet.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        if whole.len() < text.len() {
            let length = u64::try_from(whole.len()).unwrap_or(0);
            file.set_len(length).map_err(error)?;
        }
        let mut journal = Self {
            path: path.to_owned(),
            file,
            entries: BTreeMap::new(),
        };
        journal.read(whole, genesis_hash)?;
        Ok(journal)
    }

    fn read(&mut self, text: &str, genesis_hash: &str) -> Result<(), JournalError> {
        let mut lines = text.lines().zip(1..);
        let Some((first, _)) = lines.next() else {
            return self.write(&Header {
                genesis_hash: genesis_hash.to_owned(),
            });
        };
        let header: Header = self.parse(first, 1)?;
        if header.genesis_hash != genesis_hash {
            return Err(JournalError::OtherChain {
                path: self.path.clone(),
                found: header.genesis_hash,
                expected: genesis_hash.to_owned(),
            });
        }
        for (text, line) in lines {
            let entry: Entry = self.parse(text, line)?;
            self.entries.insert(entry.step.clone(), entry);
        }
        Ok(())
    }

    fn parse<'a, T: Deserialize<'a>>(&self, text: &'a str, line: usize) -> Result<T, JournalError> {
        serde_json::from_str(text).map_err(|cause| JournalError::Entry {
            path: self.path.clone(),
            line,
            cause,
        })
    }

    /// Appends a line, and returns when it is on the disk.
    fn write(&mut self, value: &impl Serialize) -> Result<(), JournalError> {
        let written = serde_json::to_string(value)
            .map_err(io::Error::from)
            .and_then(|text| self.file.write_all(format!("{text}\n").as_bytes()))
            .and_then(|()| self.file.sync_all());
        written.map_err(|cause| JournalError::Io {
            path: self.path.clone(),
            cause,
        })
    }

    fn note(&mut self, step: &Step, state: State) -> Result<(), JournalError> {
        let entry = Entry {
            step: step.name.clone(),
            digest: step.digest,
            state,
        };
        self.write(&entry)?;
        self.entries.insert(entry.step.clone(), entry);
        Ok(())
    }

    /// Notes what is about to be sent.
    pub(crate) fn pending(&mut self, step: &Step, sent: &Prepared) -> Result<(), JournalError> {
        let bytes = bincode::serialize(&sent.transaction);
        let bytes = bytes.map_err(|_| JournalError::Transaction {
            step: step.name.clone(),
        })?;
        let state = State::Pending {
            signature: sent.signature().to_string(),
            last_valid_block_height: sent.last_valid_block_height,
            transaction: STANDARD.encode(bytes),
        };
        self.note(step, state)
    }

    pub(crate) fn expired(&mut self, step: &Step) -> Result<(), JournalError> {
        self.note(step, State::Expired)
    }

    /// Notes that a step is on the chain, by what was sent for it if anything was; once.
    pub(crate) fn confirmed(&mut self, step: &Step) -> Result<(), JournalError> {
        let signature = match self.entries.get(&step.name).map(|entry| &entry.state) {
            Some(State::Confirmed { .. }) => return Ok(()),
            Some(State::Pending { signature, .. }) => Some(signature.clone()),
            _ => None,
        };
        self.note(step, State::Confirmed { signature })
    }

    /// What was sent for a step and may still land.
    ///
    /// # Errors
    /// [`JournalError::Transaction`].
    pub(crate) fn sent(&self, step: &Step) -> Result<Option<Prepared>, JournalError> {
        let Some(State::Pending {
            last_valid_block_height,
            transaction,
            ..
        }) = self.entries.get(&step.name).map(|entry| &entry.state)
        else {
            return Ok(None);
        };
        let bytes = STANDARD.decode(transaction).ok();
        let transaction = bytes.and_then(|bytes| bincode::deserialize(&bytes).ok());
        let transaction = transaction.ok_or_else(|| JournalError::Transaction {
            step: step.name.clone(),
        })?;
        Ok(Some(Prepared {
            transaction,
            last_valid_block_height: *last_valid_block_height,
        }))
    }

    /// Signature by which a step was done, if it was by this journal.
    pub fn signature(&self, step: &Step) -> Option<&str> {
        match &self.entries.get(&step.name)?.state {
            State::Confirmed { signature } => signature.as_deref(),
            State::Pending { signature, .. } => Some(signature),
            State::Expired => None,
        }
    }

    /// Refuses a step that was another when it was applied.
    ///
    /// # Errors
    /// [`JournalError::Edited`].
    pub(crate) fn require_unedited(&self, step: &Step) -> Result<(), JournalError> {
        match self.entries.get(&step.name) {
            Some(entry) if entry.digest != step.digest => Err(JournalError::Edited {
                step: step.name.clone(),
            }),
            _ => Ok(()),
        }
    }
}
