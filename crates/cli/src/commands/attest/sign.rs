//! A provider's keys and what it signs with them.

use std::{
    error::Error,
    ffi::OsString,
    fmt, fs,
    path::{Path, PathBuf},
};

use attestation::{
    format_field, Clock, Domain, FeedKind, Field, Millis, Observation, Request, SecretKey, Signer,
    Ticks, Window,
};
use clap::{error::ErrorKind, Args};
use market_core::median_feed_id;
use num_bigint::BigUint;
use serde_json::{json, Value};
use thiserror::Error;

use super::key_file::{KeyFile, PassphraseArguments};
use crate::commands::{
    arguments::{field, millis, now, DomainArguments, KindName, TimeArguments},
    files::FileError,
};

#[derive(Args)]
pub struct Keygen {
    /// File to write the key to. The record of what it signs is begun beside it, as FILE.record.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write the key as it is, for tests: it signs for localnet and devnet only.
    #[arg(long, conflicts_with_all = ["passphrase_file", "passphrase_env"])]
    unencrypted: bool,
    #[command(flatten)]
    passphrase: PassphraseArguments,
}

/// The key that signs, and what keeps it from contradicting itself.
#[derive(Args)]
pub struct Signing {
    /// File with the provider's key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArguments,
    /// File with the record of what the key signed: it signs nothing that contradicts it. A key has one
    /// record, wherever it signs [default: the key's file and .record].
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Begin the record: of a key that has signed nothing yet.
    #[arg(long)]
    new_record: bool,
    /// Take a clock that is more than 90 days after the last signature.
    #[arg(long)]
    after_pause: bool,
    /// Sign what was observed more than an hour ago, as arbiters do.
    #[arg(long)]
    late: bool,
    /// Take a clock that is behind the last signature, since it was ahead then and is right now. The
    /// record says so from then on; nothing is signed that contradicts it all the same.
    #[arg(long)]
    clock_was_ahead: bool,
    #[command(flatten)]
    times: TimeArguments,
    #[command(flatten)]
    domain: DomainArguments,
}

#[derive(Args)]
pub struct Sign {
    #[command(flatten)]
    signing: Signing,
    /// Feed, a field element.
    #[arg(long, visible_alias = "feed-id", value_parser = field)]
    feed: Field,
    /// When the value was observed, unix milliseconds.
    #[arg(long, value_parser = millis)]
    observed_at: Millis,
    /// Whether the feed says one thing once or goes on, like a price. A tick signed as an event would let
    /// a prover choose among all ticks of the feed.
    #[arg(long, value_enum)]
    kind: KindName,
    /// Of a feed's first tick: since when the provider watches it. Of later ones the record knows when
    /// the one before was.
    #[arg(long, value_parser = millis)]
    prev_at: Option<Millis>,
    /// What was observed: an integer, or root: and the hash of a tree of results.
    #[arg(long, allow_negative_numbers = true)]
    value: attestation::Value,
}

/// What a feed of medians is of.
#[derive(Args)]
pub struct MedianFeed {
    /// The price itself, a field element.
    #[arg(long, visible_alias = "price-feed", value_parser = field)]
    feed: Field,
    /// Milliseconds from sample to sample.
    #[arg(long, value_name = "MS")]
    step_ms: u32,
    /// Samples of a window, an odd number.
    #[arg(long, value_name = "N")]
    samples: u16,
}

#[derive(Args)]
pub struct SignMedian {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    of: MedianFeed,
    /// When the window ends, unix milliseconds: T of the proof, a multiple of the step.
    #[arg(long, visible_alias = "observed-at", value_parser = millis)]
    at: Millis,
    /// Prices by time: comma-separated with a heading and a time and a price a line, or a JSON array of
    /// {at, price} if the name ends so. Times are unix milliseconds, or UTC such as 2023-03-10T00:00Z.
    #[arg(long, value_name = "FILE")]
    ticks: PathBuf,
    /// Digits after the point that make a unit of the feed.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=18))]
    decimals: u8,
}

#[derive(Debug, Error)]
enum SignError {
    #[error(
        "{path} is not encrypted: such a key signs with --network localnet or devnet only, expected one \
         of strobe attest keygen without --unencrypted",
        path = path.display()
    )]
    Unencrypted { path: PathBuf },
    #[error("--any-time is for --network localnet and devnet only")]
    AnyTime,
}

impl Keygen {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let secret = SecretKey::generate();
        let file = if self.unencrypted {
            KeyFile::unencrypted(&secret)
        } else {
            KeyFile::sealed(&secret, &self.passphrase)?
        };
        file.write(&self.out)?;
        let record = record_of(&self.out);
        Signer::create(secret, &record)?;
        Ok(json!({
            "public_key": file.public_key,
            "file": self.out,
            "record": record,
            "encrypted": file.is_encrypted(),
        }))
    }
}

impl Signing {
    fn sign(&self, request: Request) -> Result<Value, Box<dyn Error>> {
        let file = KeyFile::read(&self.key)?;
        if !self.domain.is_for_tests() {
            if !file.is_encrypted() {
                let path = self.key.clone();
                return Err(SignError::Unencrypted { path }.into());
            }
            if self.times.takes_any() {
                return Err(SignError::AnyTime.into());
            }
        }
        let secret = file.secret(&self.key, &self.passphrase)?;
        let record = self.record.clone().unwrap_or_else(|| record_of(&self.key));
        let mut signer = if self.new_record {
            Signer::create(secret, &record)?
        } else {
            Signer::open(secret, &record)?
        };
        let clock = Clock {
            now: now(),
            takes_future: self.times.takes_any(),
            takes_late: self.late || self.times.takes_any(),
            takes_pause: self.after_pause,
            was_ahead: self.clock_was_ahead,
        };
        let attestation = signer.sign(self.domain.domain(), request, clock)?;
        Ok(serde_json::to_value(attestation)?)
    }
}

impl MedianFeed {
    /// The feed of medians, whose values settle markets.
    fn feed_id(&self) -> Field {
        let base = Domain(self.feed).to_bytes();
        let id = median_feed_id(&base, self.step_ms, self.samples);
        BigUint::from_bytes_be(&id).into()
    }

    pub fn run(self) -> Value {
        json!({ "feed_id": format_field(&self.feed_id()) })
    }
}

impl SignMedian {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let window = Window {
            ends_at: self.at,
            step_ms: self.of.step_ms,
            samples: self.of.samples,
        };
        let prev_at = window.prev_at()?;
        let path = &self.ticks;
        let text = fs::read_to_string(path).map_err(FileError::io(path))?;
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let read = if is_json {
            Ticks::from_json
        } else {
            Ticks::from_csv
        };
        let in_file = |error: &dyn fmt::Display| format!("{}: {error}", path.display());
        let ticks = read(&text, self.decimals).map_err(|error| in_file(&error))?;
        let median = ticks.median(window).map_err(|error| in_file(&error))?;
        let observation = Observation::new(self.of.feed_id(), self.at, prev_at, median)?;
        self.signing.times.check_observation(&observation)?;
        self.signing.sign(Request {
            kind: FeedKind::Tick,
            feed_id: observation.feed_id(),
            observed_at: observation.observed_at(),
            prev_at: Some(prev_at),
            is_regular: true,
            value: observation.value(),
        })
    }
}

impl Sign {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        self.signing.sign(self.request()?)
    }

    fn request(&self) -> Result<Request, Box<dyn Error>> {
        let zero = Millis::default();
        let wrong = |kind, message| clap::Error::raw(kind, format!("{message}\n"));
        match (self.kind, self.prev_at) {
            (KindName::Event, Some(_)) => {
                return Err(wrong(
                    ErrorKind::ArgumentConflict,
                    "--prev-at is of ticks: an event has no observation before it",
                )
                .into());
            }
            (KindName::Tick, Some(prev_at)) if prev_at == zero => {
                return Err(wrong(
                    ErrorKind::ValueValidation,
                    "--prev-at of a tick is a time after 0: of the first tick, since when the provider \
                     watches the feed",
                )
                .into());
            }
            _ => {}
        }
        // The times by themselves, before anything is asked for or opened.
        let prev_at = self.prev_at.unwrap_or_default();
        let times = Observation::new(self.feed, self.observed_at, prev_at, self.value)?;
        self.signing.times.check_observation(&times)?;
        Ok(Request {
            kind: self.kind.into(),
            feed_id: self.feed,
            observed_at: self.observed_at,
            prev_at: self.prev_at,
            is_regular: false,
            value: self.value,
        })
    }
}

/// Where the record of a key is unless said otherwise.
fn record_of(key: &Path) -> PathBuf {
    let mut name: OsString = key.into();
    name.push(".record");
    name.into()
}
