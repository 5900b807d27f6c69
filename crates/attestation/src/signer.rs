//! A provider's key together with the record of what it signed.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Bound,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{
    decimal_field, Attestation, Domain, FeedKind, Field, Millis, Observation, ObservationError,
    PublicKey, SecretKey, Value,
};

/// How far an observation may be ahead of the clock, and the clock behind the last signature. The
/// chain takes no observation that is further ahead.
const CLOCK_TOLERANCE_MS: u64 = 60_000;
/// How long after an observation it is signed without being asked whether the clock is right: an hour.
const LONGEST_DELAY_MS: u64 = 3_600_000;
/// How long a provider may pause before its clock is doubted: 90 days.
const LONGEST_PAUSE_MS: u64 = 90 * 86_400_000;
/// What the first line of a record says it is.
const FORMAT: &str = "strobe/signing-record/v1";

/// Why a provider does not sign.
#[derive(Debug, Error)]
pub enum SignerError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("there is no record of what the key signed at {path}: restore it; to begin one is to forget what was signed", path = path.display())]
    NoRecord { path: PathBuf },
    #[error("{path} already exists: the record of a key is not begun anew", path = path.display())]
    RecordExists { path: PathBuf },
    #[error("{path} is in use by another process that signs", path = path.display())]
    InUse { path: PathBuf },
    #[error("{path} has mode {mode:03o}, expected 600: others may change the record", path = path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("{path}, line {line}: {what}; nothing is signed until the record is restored", path = path.display())]
    Corrupt {
        path: PathBuf,
        line: usize,
        what: &'static str,
    },
    #[error("{path} is the record of another key", path = path.display())]
    OtherKey { path: PathBuf },
    #[error("an event has no observation before it, so no prev_at")]
    PreviousOfEvent,
    #[error("prev_at of a tick feed's first observation is missing: since when the provider watches it, after 0")]
    NoPrevious,
    #[error("prev_at is {given} ms, but the provider's last observation of the feed was at {recorded} ms")]
    OtherPrevious { given: u64, recorded: u64 },
    #[error("the feed was signed as of kind \"{recorded}\", not \"{asked}\"")]
    OtherKind { recorded: FeedKind, asked: FeedKind },
    #[error("for {observed_at} ms the value {recorded} is signed, and {asked} is not signed too")]
    OtherValue {
        observed_at: u64,
        recorded: Value,
        asked: Value,
    },
    #[error(
        "from {from} to {to} ms (the first excluded) the feed has a signed observation, which the one \
         from {prev_at} to {observed_at} ms overlaps"
    )]
    Covered {
        from: u64,
        to: u64,
        prev_at: u64,
        observed_at: u64,
    },
    #[error("observed_at {observed_at} ms is after the clock, {now} ms, and {CLOCK_TOLERANCE_MS} ms more")]
    InFuture { observed_at: u64, now: u64 },
    #[error("the clock says {now} ms, more than {LONGEST_DELAY_MS} ms after observed_at, {observed_at} ms: is it right, and is this signed so late?")]
    Late { observed_at: u64, now: u64 },
    #[error(
        "the clock says {now} ms, but the last signature was at {last} ms: set the clock right"
    )]
    ClockBehind { now: u64, last: u64 },
    #[error("the clock says {now} ms, more than {LONGEST_PAUSE_MS} ms after the last signature, at {last} ms: is it right?")]
    LongPause { now: u64, last: u64 },
    #[error(transparent)]
    Observation(#[from] ObservationError),
}

/// What a provider is asked to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub kind: FeedKind,
    pub feed_id: Field,
    pub observed_at: Millis,
    /// Of a tick: since when the provider watches the feed, or what the record says anyway.
    pub prev_at: Option<Millis>,
    /// Whether the feed has an observation at times fixed beforehand, so that `prev_at` is the one before
    /// whether or not this provider signed it: then the record need not know it.
    pub is_regular: bool,
    pub value: Value,
}

/// When it is, and what to take of times that look wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub now: Millis,
    /// Takes an observation that is ahead of the clock.
    pub takes_future: bool,
    /// Takes an observation of more than an hour ago.
    pub takes_late: bool,
    /// Takes a clock more than 90 days after the last signature.
    pub takes_pause: bool,
    /// Takes a clock behind the last signature, because it was ahead then; the record says so, and times
    /// are compared with this signature from then on.
    pub was_ahead: bool,
}

/// A provider's key and the record of all that it signed, which keeps it from contradicting itself:
/// from two values for one observation, and from two observations that are the tick of one `T`.
///
/// The record is a text file that only grows. A line is on disk before its signature exists, so after a
/// crash in between the same request is signed again and no other; a last line without its end was
/// never signed and is dropped. Each line has a digest of itself and all before it. What the record
/// cannot show is that its last lines are missing, as after a restored copy: a key has one record,
/// wherever it signs.
#[derive(Debug)]
pub struct Signer {
    secret: SecretKey,
    path: PathBuf,
    file: File,
    /// Bytes of the complete lines.
    length: u64,
    tip: [u8; 32],
    history: History,
}

impl Signer {
    /// Begins the record of a new key.
    ///
    /// # Errors
    /// [`SignerError::RecordExists`], [`SignerError::InUse`] or [`SignerError::Io`].
    pub fn create(secret: SecretKey, path: &Path) -> Result<Self, SignerError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => SignerError::RecordExists {
                path: path.to_owned(),
            },
            _ => io_error(path)(source),
        })?;
        lock(&file, path)?;
        let mut signer = Self::empty(secret, path, file);
        let header = Header {
            record: FORMAT.to_owned(),
            provider: signer.secret.public_key(),
        };
        signer.append(&header)?;
        sync_directory(path).map_err(io_error(path))?;
        Ok(signer)
    }

    /// Opens the record of a key; no other process can until this is dropped.
    ///
    /// # Errors
    /// All that is wrong with the record: [`SignerError::NoRecord`], [`SignerError::OpenToOthers`],
    /// [`SignerError::InUse`], [`SignerError::Corrupt`], [`SignerError::OtherKey`],
    /// [`SignerError::Io`].
    pub fn open(secret: SecretKey, path: &Path) -> Result<Self, SignerError> {
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SignerError::NoRecord {
                path: path.to_owned(),
            },
            _ => io_error(path)(source),
        })?;
        require_private(&file, path)?;
        lock(&file, path)?;
        let mut signer = Self::empty(secret, path, file);
        signer.read()?;
        Ok(signer)
    }

    fn empty(secret: SecretKey, path: &Path, file: File) -> Self {
        Self {
            secret,
            path: path.to_owned(),
            file,
            length: 0,
            tip: [0; 32],
            history: History::default(),
        }
    }

    /// Signs what the record does not speak against, once it is recorded. What is recorded already is
    /// signed again, whatever the clock says; the signature is the same.
    ///
    /// # Errors
    /// Why not, one variant of [`SignerError`] a cause.
    pub fn sign(
        &mut self,
        domain: Domain,
        request: Request,
        clock: Clock,
    ) -> Result<Attestation, SignerError> {
        let observation = self.history.observation(domain, request)?;
        if !self.history.admit(domain, observation)? {
            let signing = self.history.signing(observation.observed_at(), clock)?;
            self.append(&Entry::new(domain, observation, signing))?;
            self.history.insert(domain, observation, signing);
        }
        Ok(Attestation::sign(&self.secret, domain, observation))
    }

    /// Reads all lines, each of which must have been admissible after those before it.
    fn read(&mut self) -> Result<(), SignerError> {
        let mut bytes = Vec::new();
        self.file
            .read_to_end(&mut bytes)
            .map_err(io_error(&self.path))?;
        let complete = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut lines = 0;
        for (place, line) in complete.enumerate() {
            let Some(line) = line.strip_suffix(b"\n") else {
                break;
            };
            self.read_line(place, line)
                .map_err(|fault| fault.at(&self.path, place))?;
            self.length += line.len() as u64 + 1;
            lines += 1;
        }
        if lines == 0 {
            return Err(Fault::Corrupt("there is no first line").at(&self.path, 0));
        }
        Ok(())
    }

    fn read_line(&mut self, place: usize, line: &[u8]) -> Result<(), Fault> {
        const NOT_OURS: Fault = Fault::Corrupt("it is no line of a record");
        let line = std::str::from_utf8(line).map_err(|_| NOT_OURS)?;
        let (json, digest) = line.rsplit_once(' ').ok_or(NOT_OURS)?;
        let tip = chained(&self.tip, json);
        if digest != hex::encode(tip) {
            return Err(Fault::Corrupt(
                "its digest does not fit: it, or a line before it, was changed",
            ));
        }
        self.tip = tip;
        if place == 0 {
            let header: Header = serde_json::from_str(json).map_err(|_| NOT_OURS)?;
            if header.record != FORMAT {
                return Err(Fault::Corrupt("it is of another format"));
            }
            if header.provider != self.secret.public_key() {
                return Err(Fault::OtherKey);
            }
            return Ok(());
        }
        let entry: Entry = serde_json::from_str(json).map_err(|_| NOT_OURS)?;
        let (domain, observation) = entry.parts().map_err(|_| NOT_OURS)?;
        match self.history.admit(domain, observation) {
            Ok(false) => self.history.insert(domain, observation, entry.signing()),
            _ => return Err(Fault::Corrupt("it contradicts a line before it")),
        }
        Ok(())
    }

    /// Puts a line on disk. What a failed attempt before left behind is overwritten.
    fn append(&mut self, line: &impl Serialize) -> Result<(), SignerError> {
        let json = serde_json::to_string(line)
            .map_err(io::Error::from)
            .map_err(io_error(&self.path))?;
        let tip = chained(&self.tip, &json);
        let text = format!("{json} {}\n", hex::encode(tip));
        let write = |file: &mut File| {
            file.set_len(self.length)?;
            file.seek(SeekFrom::Start(self.length))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write(&mut self.file).map_err(io_error(&self.path))?;
        self.length += text.len() as u64;
        self.tip = tip;
        Ok(())
    }
}

/// What was signed of a feed, by `observed_at`. No two overlap.
type Feed = BTreeMap<Millis, Observation>;

/// All that was signed, by domain and feed.
#[derive(Debug, Default)]
struct History {
    feeds: BTreeMap<([u8; 32], [u8; 32]), Feed>,
    last_signed_at: Option<Millis>,
}

impl History {
    fn feed(&self, domain: Domain, feed_id: Field) -> &Feed {
        const NOTHING: &Feed = &Feed::new();
        self.feeds.get(&key(domain, feed_id)).unwrap_or(NOTHING)
    }

    /// The observation that is asked for, `prev_at` from the record if that knows it.
    fn observation(&self, domain: Domain, request: Request) -> Result<Observation, SignerError> {
        let Request {
            kind,
            feed_id,
            observed_at,
            prev_at,
            is_regular,
            value,
        } = request;
        let feed = self.feed(domain, feed_id);
        require_kind(feed, kind)?;
        let last = feed.last_key_value().map(|(last, _)| *last);
        let again = feed.get(&observed_at).map(Observation::prev_at);
        let known = again.or(last);
        let prev_at = match (kind, prev_at, known) {
            (FeedKind::Event, Some(_), _) => return Err(SignerError::PreviousOfEvent),
            (FeedKind::Event, None, _) => Millis::default(),
            (FeedKind::Tick, Some(given), Some(recorded)) if given != recorded && !is_regular => {
                return Err(SignerError::OtherPrevious {
                    given: given.get(),
                    recorded: recorded.get(),
                });
            }
            (FeedKind::Tick, given, recorded) => given
                .or(recorded)
                .filter(|prev_at| *prev_at > Millis::default())
                .ok_or(SignerError::NoPrevious)?,
        };
        Ok(Observation::new(feed_id, observed_at, prev_at, value)?)
    }

    /// Whether the observation is recorded already.
    ///
    /// # Errors
    /// What of the record contradicts it.
    fn admit(&self, domain: Domain, asked: Observation) -> Result<bool, SignerError> {
        let feed = self.feed(domain, asked.feed_id());
        require_kind(feed, asked.kind())?;
        match feed.get(&asked.observed_at()) {
            Some(one) if *one == asked => return Ok(true),
            Some(one) if one.value() != asked.value() => {
                return Err(SignerError::OtherValue {
                    observed_at: one.observed_at().get(),
                    recorded: one.value(),
                    asked: asked.value(),
                });
            }
            _ => {}
        }
        // Of those that end after `asked` begins, the first begins earliest.
        let after = (Bound::Excluded(asked.prev_at()), Bound::Unbounded);
        match feed.range(after).next() {
            Some((_, one)) if one.prev_at() < asked.observed_at() => Err(SignerError::Covered {
                from: one.prev_at().get(),
                to: one.observed_at().get(),
                prev_at: asked.prev_at().get(),
                observed_at: asked.observed_at().get(),
            }),
            _ => Ok(false),
        }
    }

    /// When the observation is signed, if the clock can be believed.
    fn signing(&self, observed_at: Millis, clock: Clock) -> Result<Signing, SignerError> {
        let mut signing = Signing {
            at: clock.now,
            clock_was_ahead: false,
        };
        let now = clock.now.get();
        if !clock.takes_future && observed_at.get() > now.saturating_add(CLOCK_TOLERANCE_MS) {
            return Err(SignerError::InFuture {
                observed_at: observed_at.get(),
                now,
            });
        }
        if !clock.takes_late && now > observed_at.get().saturating_add(LONGEST_DELAY_MS) {
            return Err(SignerError::Late {
                observed_at: observed_at.get(),
                now,
            });
        }
        let Some(last) = self.last_signed_at.map(Millis::get) else {
            return Ok(signing);
        };
        if now.saturating_add(CLOCK_TOLERANCE_MS) < last {
            signing.clock_was_ahead = clock.was_ahead;
            if !clock.was_ahead {
                return Err(SignerError::ClockBehind { now, last });
            }
        }
        if !clock.takes_pause && now > last.saturating_add(LONGEST_PAUSE_MS) {
            return Err(SignerError::LongPause { now, last });
        }
        Ok(signing)
    }

    fn insert(&mut self, domain: Domain, observation: Observation, signing: Signing) {
        let feed = self.feeds.entry(key(domain, observation.feed_id()));
        feed.or_default()
            .insert(observation.observed_at(), observation);
        let before = self.last_signed_at.filter(|_| !signing.clock_was_ahead);
        self.last_signed_at = before.max(Some(signing.at));
    }
}

/// A feed has one kind for ever.
fn require_kind(feed: &Feed, asked: FeedKind) -> Result<(), SignerError> {
    match feed.first_key_value().map(|(_, one)| one.kind()) {
        Some(recorded) if recorded != asked => Err(SignerError::OtherKind { recorded, asked }),
        _ => Ok(()),
    }
}

fn key(domain: Domain, feed_id: Field) -> ([u8; 32], [u8; 32]) {
    (domain.to_bytes(), Domain(feed_id).to_bytes())
}

/// When something was signed.
#[derive(Clone, Copy)]
struct Signing {
    at: Millis,
    /// Whether the clock had been ahead of this at a signature before.
    clock_was_ahead: bool,
}

/// The first line of a record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    record: String,
    provider: PublicKey,
}

/// A line of a record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(with = "decimal_field")]
    domain: Field,
    #[serde(with = "decimal_field")]
    feed_id: Field,
    observed_at: Millis,
    prev_at: Millis,
    value: Value,
    /// What the clock said.
    signed_at: Millis,
    /// Whether that is behind a line before, whose clock was ahead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    clock_was_ahead: bool,
}

impl Entry {
    fn new(domain: Domain, observation: Observation, signing: Signing) -> Self {
        Self {
            domain: domain.0,
            feed_id: observation.feed_id(),
            observed_at: observation.observed_at(),
            prev_at: observation.prev_at(),
            value: observation.value(),
            signed_at: signing.at,
            clock_was_ahead: signing.clock_was_ahead,
        }
    }

    fn signing(&self) -> Signing {
        Signing {
            at: self.signed_at,
            clock_was_ahead: self.clock_was_ahead,
        }
    }

    fn parts(&self) -> Result<(Domain, Observation), ObservationError> {
        let observation =
            Observation::new(self.feed_id, self.observed_at, self.prev_at, self.value)?;
        Ok((Domain(self.domain), observation))
    }
}

/// What is wrong with a line.
enum Fault {
    Corrupt(&'static str),
    OtherKey,
}

impl Fault {
    fn at(self, path: &Path, place: usize) -> SignerError {
        let path = path.to_owned();
        match self {
            Self::Corrupt(what) => SignerError::Corrupt {
                path,
                line: place + 1,
                what,
            },
            Self::OtherKey => SignerError::OtherKey { path },
        }
    }
}

/// Digest of a line and, through theirs, all before it.
fn chained(before: &[u8; 32], json: &str) -> [u8; 32] {
    let digest = Sha256::new().chain_update(before).chain_update(json);
    digest.finalize().into()
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> SignerError + '_ {
    |source| SignerError::Io {
        path: path.to_owned(),
        source,
    }
}

fn lock(file: &File, path: &Path) -> Result<(), SignerError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => SignerError::InUse {
            path: path.to_owned(),
        },
        TryLockError::Error(source) => io_error(path)(source),
    })
}

/// Refuses a record that others may write to.
fn require_private(file: &File, path: &Path) -> Result<(), SignerError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = file.metadata().map_err(io_error(path))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o022 != 0 {
            return Err(SignerError::OpenToOthers {
                path: path.to_owned(),
                mode,
            });
        }
    }
    Ok(())
}

/// Makes the name of a new file durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
