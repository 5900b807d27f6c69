//! `strobe register`: what the oracle believes, published by its admin.

use std::{error::Error, path::PathBuf};

use attestation::{Aggregation, FeedKind, Field};
use circuits::{iden3::r1cs_hash, Circuit};
use clap::{Args, Subcommand};
use client::{
    addresses::oracle as addresses,
    instructions::oracle::{
        ProposeProviderSet, ProposeProviderSetArgs, ProposeVerifyingKey, ProposeVerifyingKeyArgs,
    },
};
use groth16::VerifyingKey;
use migrations::{ended, provider_set_differences, verifying_key_differences};
use num_bigint::BigUint;
use oracle::{instructions::usual_median_slack, Network, ProviderRole, ProviderSet};
use serde_json::{json, Value};

use super::{
    session::{merge, Session},
    Answer, Live, Run,
};
use crate::commands::{
    arguments::{KeysArguments, KindName},
    files::read_json,
    proof_file::KeyFile,
};

#[derive(Subcommand)]
pub enum Register {
    /// Publishes a provider set.
    ProviderSet(Live<Providers>),
    /// Publishes the verifying key of a circuit.
    VerifyingKey(Live<Key>),
}

#[derive(Args)]
pub struct Providers {
    /// The set, as for `strobe prove`.
    #[arg(long, value_name = "FILE")]
    providers: PathBuf,
    /// Number of the set.
    #[arg(long, default_value_t = 1)]
    id: u32,
    /// Counts the changes of its members.
    #[arg(long, default_value_t = 0)]
    epoch: u32,
    /// How many members' signatures a median may lack [default: 1]. Each lets a prover choose among more
    /// values.
    #[arg(long, value_name = "COUNT")]
    median_slack: Option<u8>,
    /// The set decides disputes of standard markets instead of observing.
    #[arg(long)]
    arbiters: bool,
}

#[derive(Args)]
pub struct Key {
    /// quorum-3, quorum-6, quorum-13, median-3, median-6 or median-13.
    #[arg(long, default_value = "quorum-3")]
    circuit: Circuit,
    /// Of the feeds that proofs under the key are about.
    #[arg(long, value_enum, default_value_t = KindName::Event)]
    kind: KindName,
    /// Counts the keys of the circuit.
    #[arg(long, default_value_t = 0)]
    key_version: u32,
    /// A key's file instead of the one in the keys' directory.
    #[arg(long, value_name = "FILE")]
    verifying_key: Option<PathBuf>,
    #[command(flatten)]
    keys: KeysArguments,
}

impl Register {
    pub fn run(self) -> Answer {
        match self {
            Self::ProviderSet(command) => command.run(),
            Self::VerifyingKey(command) => command.run(),
        }
    }
}

/// Number on the chain of a circuit for a kind of feed: its signatures, a hundred more if it proves a
/// median, and a thousand more for ticks.
pub fn circuit_id(circuit: Circuit, kind: FeedKind) -> u32 {
    let slots = u32::try_from(circuit.slots()).unwrap_or(u32::MAX);
    let aggregation = match circuit.aggregation() {
        Aggregation::Agreement => 0,
        Aggregation::Median => 100,
    };
    let kind = match kind {
        FeedKind::Event => 0,
        FeedKind::Tick => 1_000,
    };
    slots.saturating_add(aggregation).saturating_add(kind)
}

/// A verifying key and what is published with it.
pub struct Registered<'a> {
    pub circuit: Circuit,
    pub kind: FeedKind,
    pub key_version: u32,
    pub key: &'a VerifyingKey,
    /// Of the ceremony that made it; nothing of a development key.
    pub transcript_hash: Option<[u8; 32]>,
}

/// The key as the oracle takes it.
///
/// # Errors
/// None that is expected.
pub fn key_proposal(
    registered: &Registered<'_>,
) -> Result<ProposeVerifyingKeyArgs, Box<dyn Error>> {
    let circuit = registered.circuit;
    Ok(ProposeVerifyingKeyArgs {
        circuit_id: circuit_id(circuit, registered.kind),
        key_version: registered.key_version,
        aggregation: match circuit.aggregation() {
            Aggregation::Agreement => oracle::Aggregation::Agreement,
            Aggregation::Median => oracle::Aggregation::Median,
        },
        feed_kind: match registered.kind {
            FeedKind::Event => oracle::FeedKind::Event,
            FeedKind::Tick => oracle::FeedKind::Tick,
        },
        slots: u8::try_from(circuit.slots())?,
        development: registered.transcript_hash.is_none(),
        transcript_hash: registered.transcript_hash.unwrap_or_default(),
        r1cs_hash: match registered.transcript_hash {
            Some(_) => r1cs_hash(&circuit.r1cs()),
            None => [0; 32],
        },
        key: registered.key.as_bytes().to_vec(),
    })
}

impl Run for Providers {
    fn run(self, session: &mut Session) -> Answer {
        let set: attestation::ProviderSet = read_json(&self.providers)?;
        let config = session.config()?;
        let address = addresses::provider_set(self.id, self.epoch);
        let role = match self.arbiters {
            true => ProviderRole::Arbiter,
            false => ProviderRole::Primary,
        };
        let mut details = json!({
            "provider_set": address.to_string(),
            "id": self.id,
            "epoch": self.epoch,
            "threshold": set.threshold(),
            "size": set.providers().len(),
        });
        let size = u8::try_from(set.providers().len())?;
        let usual = usual_median_slack(size);
        let args = ProposeProviderSetArgs {
            id: self.id,
            epoch: self.epoch,
            role,
            root: to_bytes(set.root()),
            threshold: set.threshold(),
            size,
            median_slack: self.median_slack.unwrap_or(usual),
        };
        if let Some(found) = session.find::<ProviderSet>(&address)? {
            let mut differences = provider_set_differences(&found, &args, session.network);
            differences.extend(ended(&found.standing));
            return already(session, "register provider-set", &differences, &mut details);
        }
        let admin = session.payer();
        let propose = ProposeProviderSet { admin, args };
        let active_from = session.now()?.saturating_add(config.timelock_seconds);
        merge(&mut details, json!({ "usable_from": active_from }));
        say_timelock(session, config.timelock_seconds);
        session.act(
            "register provider-set",
            &[propose.instruction()],
            &[],
            details,
        )
    }
}

impl Run for Key {
    fn run(self, session: &mut Session) -> Answer {
        let (key, transcript_hash) = self.key()?;
        let is_development = transcript_hash.is_none();
        if is_development && session.network == Network::Mainnet {
            return Err("a development key, whose maker can forge proofs, does not go on mainnet: take over the ceremony's with `strobe key import`".into());
        }
        let config = session.config()?;
        let kind = self.kind.into();
        let circuit_id = circuit_id(self.circuit, kind);
        let address = addresses::verifying_key(circuit_id, self.key_version);
        let mut details = json!({
            "verifying_key": address.to_string(),
            "circuit": self.circuit.id(),
            "circuit_id": circuit_id,
            "key_version": self.key_version,
            "hash": hex::encode(key.hash()),
            "development": is_development,
        });
        let args = key_proposal(&Registered {
            circuit: self.circuit,
            kind,
            key_version: self.key_version,
            key: &key,
            transcript_hash,
        })?;
        if let Some(found) = session.find::<oracle::VerifyingKey>(&address)? {
            let mut differences = verifying_key_differences(&found, &args);
            differences.extend(ended(&found.standing));
            return already(
                session,
                "register verifying-key",
                &differences,
                &mut details,
            );
        }
        let admin = session.payer();
        let propose = ProposeVerifyingKey { admin, args };
        let active_from = session.now()?.saturating_add(config.timelock_seconds);
        merge(&mut details, json!({ "usable_from": active_from }));
        say_timelock(session, config.timelock_seconds);
        session.act(
            "register verifying-key",
            &[propose.instruction()],
            &[],
            details,
        )
    }
}

/// A key, and the hash of its ceremony's transcript if it has one.
type KeyAndTranscript = (VerifyingKey, Option<[u8; 32]>);

impl Key {
    fn key(&self) -> Result<KeyAndTranscript, Box<dyn Error>> {
        let store = self.keys.store()?;
        if let Some(path) = &self.verifying_key {
            let file = KeyFile::read(path)?;
            let (key, _) = file.key(path, &store)?;
            if !file.development {
                return Err("the file does not say which ceremony the key is of: take it over with `strobe key import`".into());
            }
            return Ok((key, None));
        }
        let keys = store.load_or_generate(self.circuit)?;
        Ok((keys.verifying_key, keys.transcript_hash))
    }
}

/// What is there already is no error if it is the same, and in force.
fn already(session: &Session, what: &str, differences: &[String], details: &mut Value) -> Answer {
    if !differences.is_empty() {
        return Err(format!(
            "{what} refused: another one has this number already, and none is ever changed; take the next epoch or version ({})",
            differences.join(", ")
        )
        .into());
    }
    session.say(&format!("{what}: it is there already"));
    let mut answer = json!({ "action": what, "already_done": true });
    merge(&mut answer, details.take());
    Ok(answer)
}

fn say_timelock(session: &Session, seconds: i64) {
    if seconds > 0 {
        session.say(&format!(
            "it can be used after the timelock, in {seconds} s"
        ));
    }
}

/// A field element, big-endian.
pub fn to_bytes(element: Field) -> [u8; 32] {
    let digits = BigUint::from(element).to_bytes_be();
    let mut bytes = [0; 32];
    let zeros = bytes.len().saturating_sub(digits.len());
    bytes[zeros..].copy_from_slice(&digits);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_elements_are_big_endian() {
        let mut expected = [0; 32];
        expected[30..].copy_from_slice(&[1, 2]);
        assert_eq!(to_bytes(Field::from(258)), expected);
        assert_eq!(to_bytes(Field::from(0)), [0; 32]);
    }

    #[test]
    fn circuits_have_different_numbers() {
        let kinds = [FeedKind::Event, FeedKind::Tick];
        let ids: std::collections::BTreeSet<_> = Circuit::ALL
            .into_iter()
            .flat_map(|circuit| kinds.map(|kind| circuit_id(circuit, kind)))
            .collect();
        assert_eq!(ids.len(), kinds.len() * Circuit::ALL.len());
    }
}
