//! What is to be proven: arguments that name attestations, and the quorum among them.

use std::{error::Error, path::PathBuf};

use attestation::{
    Aggregation, Attestation, FeedKind, Field, Millis, ProviderSet, Quorum, QuorumError, Refused,
};
use circuits::Circuit;
use clap::Args;
use serde::Serialize;
use thiserror::Error;

use super::{
    arguments::{field, millis, DomainArguments, KindName, TimeArguments},
    attest::read_attestations,
    files::read_json,
};

#[derive(Args)]
pub struct QuorumArguments {
    /// The provider set.
    #[arg(long, value_name = "FILE")]
    providers: PathBuf,
    /// Attestations of the set's members. Those that are no good are left out of the proof and listed
    /// in the result.
    #[arg(long, value_name = "FILE")]
    attestations: PathBuf,
    /// T: the proof is about the feed's tick at this time, unix milliseconds.
    #[arg(long, value_name = "T", value_parser = millis)]
    at: Millis,
    /// The feed; by default the one that all attestations are about.
    #[arg(long, visible_alias = "feed-id", value_parser = field)]
    feed: Option<Field>,
    /// How many observations the feed has; by default as all attestations say.
    #[arg(long, value_enum)]
    kind: Option<KindName>,
    /// The value to prove; by default the one that reaches the threshold. Of a median, the value it
    /// must have.
    #[arg(long, allow_negative_numbers = true)]
    value: Option<attestation::Value>,
    #[command(flatten)]
    times: TimeArguments,
    #[command(flatten)]
    domain: DomainArguments,
}

/// An attestation that the proof does not count.
#[derive(Serialize)]
pub struct LeftOut {
    /// Its place in the file, from 0.
    attestation: usize,
    why: String,
}

/// The attestations of the file that can be counted, and their places in it.
#[derive(Default)]
struct Given {
    places: Vec<usize>,
    attestations: Vec<Attestation>,
    left_out: Vec<LeftOut>,
}

#[derive(Debug, Error)]
enum NoQuorumError {
    #[error("there are no attestations in {path}", path = path.display())]
    NoAttestations { path: PathBuf },
    #[error("the attestations are about feeds {first} and {second}: name one with --feed")]
    SeveralFeeds { first: Field, second: Field },
    #[error("some attestations are of an event and some of a tick: name one with --kind")]
    BothKinds,
    #[error("{0}")]
    LeftOut(String),
}

#[derive(Debug, Error)]
#[error("the median of the attestations is {found}, expected {expected}")]
struct OtherMedian {
    found: attestation::Value,
    expected: attestation::Value,
}

impl QuorumArguments {
    /// The quorum, for the circuit or by default the smallest with room for the threshold, and what was
    /// left out of it.
    ///
    /// # Errors
    /// What is wrong with the files, or why there is no quorum.
    pub fn find(
        &self,
        circuit: Option<Circuit>,
    ) -> Result<(Circuit, Quorum, Vec<LeftOut>), Box<dyn Error>> {
        self.times.check("--at", self.at)?;
        let set: ProviderSet = read_json(&self.providers)?;
        let mut given = self.given()?;
        let circuit = match circuit {
            Some(circuit) => circuit,
            None => Circuit::for_threshold(set.threshold())?,
        };
        let quorum = self.quorum(&set, circuit, &mut given)?;
        Ok((circuit, quorum, given.left_out))
    }

    /// Leaves out what cannot be read and what has impossible times.
    fn given(&self) -> Result<Given, Box<dyn Error>> {
        let mut given = Given::default();
        for (place, read) in read_attestations(&self.attestations)?
            .into_iter()
            .enumerate()
        {
            let checked = read.map_err(|error| error.to_string()).and_then(|read| {
                let checked = self.times.check_observation(&read.observation);
                checked.map(|()| read).map_err(|error| error.to_string())
            });
            match checked {
                Ok(attestation) => {
                    given.places.push(place);
                    given.attestations.push(attestation);
                }
                Err(why) => given.left_out.push(LeftOut {
                    attestation: place,
                    why,
                }),
            }
        }
        Ok(given)
    }

    /// The quorum of those attestations that are good. The others join what was left out.
    fn quorum(
        &self,
        set: &ProviderSet,
        circuit: Circuit,
        given: &mut Given,
    ) -> Result<Quorum, Box<dyn Error>> {
        let feed = self.feed(given)?;
        let kind = self.kind(given)?;
        let domain = self.domain.domain();
        let all = &given.attestations;
        let (quorum, refused) = match circuit.aggregation() {
            Aggregation::Agreement => {
                Quorum::screened(set, domain, kind, feed, self.at, all, self.value)
            }
            Aggregation::Median => {
                Quorum::screened_median(set, domain, kind, feed, self.at, all, circuit.slots())
            }
        };
        let mut is_refused = vec![false; all.len()];
        for Refused { place, refusal } in refused {
            is_refused[place] = true;
            given.left_out.push(LeftOut {
                attestation: given.places[place],
                why: refusal.to_string(),
            });
        }
        let quorum = match quorum {
            Ok(quorum) => quorum,
            Err(error) => {
                given.leave_out_others(&is_refused, |attestation| {
                    let found = attestation.observation.value();
                    let wanted = self.value.filter(|wanted| *wanted != found)?;
                    Some(format!("its value is {found}, wanted is {wanted}"))
                });
                return Err(given.no_quorum(&error).into());
            }
        };
        let proven = quorum.statement().value;
        given.leave_out_others(&is_refused, |attestation| {
            let mut members = quorum.members().iter();
            if members.any(|(_, member)| member == attestation) {
                return None;
            }
            let value = attestation.observation.value();
            Some(match circuit.aggregation() {
                Aggregation::Agreement => format!("its value is {value}, proven is {proven}"),
                Aggregation::Median => format!("{circuit} has no room for more"),
            })
        });
        match self.value.filter(|value| *value != proven) {
            Some(expected) => Err(OtherMedian {
                found: proven,
                expected,
            }
            .into()),
            None => Ok(quorum),
        }
    }

    fn feed(&self, given: &Given) -> Result<Field, NoQuorumError> {
        if let Some(feed) = self.feed {
            return Ok(feed);
        }
        let attestations = given.attestations.iter();
        let mut feeds = attestations.map(|one| one.observation.feed_id());
        let Some(first) = feeds.next() else {
            return Err(match given.left_out.is_empty() {
                true => NoQuorumError::NoAttestations {
                    path: self.attestations.clone(),
                },
                false => given.no_quorum(&QuorumError::NoAttestations),
            });
        };
        match feeds.find(|feed| *feed != first) {
            Some(second) => Err(NoQuorumError::SeveralFeeds { first, second }),
            None => Ok(first),
        }
    }

    /// Without attestations any will do: there is no quorum.
    fn kind(&self, given: &Given) -> Result<FeedKind, NoQuorumError> {
        if let Some(kind) = self.kind {
            return Ok(kind.into());
        }
        let attestations = given.attestations.iter();
        let mut kinds = attestations.map(|one| one.observation.kind());
        let first = kinds.next().unwrap_or(FeedKind::Event);
        match kinds.all(|kind| kind == first) {
            true => Ok(first),
            false => Err(NoQuorumError::BothKinds),
        }
    }
}

impl Given {
    /// Leaves out those that are not refused already and that there is something against.
    fn leave_out_others(
        &mut self,
        is_refused: &[bool],
        against: impl Fn(&Attestation) -> Option<String>,
    ) {
        let given = self.places.iter().zip(&self.attestations).zip(is_refused);
        for ((place, attestation), is_refused) in given {
            let why = against(attestation).filter(|_| !is_refused);
            self.left_out.extend(why.map(|why| LeftOut {
                attestation: *place,
                why,
            }));
        }
        self.left_out.sort_by_key(|one| one.attestation);
    }

    /// The error, and what was left out and why.
    fn no_quorum(&self, error: &QuorumError) -> NoQuorumError {
        let mut text = error.to_string();
        let mut separator = "; left out: ";
        for LeftOut { attestation, why } in &self.left_out {
            text = format!("{text}{separator}attestation {attestation}: {why}");
            separator = "; ";
        }
        NoQuorumError::LeftOut(text)
    }
}
