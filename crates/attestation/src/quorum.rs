use std::collections::BTreeMap;

use thiserror::Error;

use crate::{
    Attestation, Domain, FeedKind, Field, Millis, ProviderSet, SignatureError, Statement, Value,
};

/// Why an attestation does not count towards a quorum.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("its provider is not in the provider set")]
    UnknownProvider,
    #[error("provider \"{provider}\" already has an attestation")]
    SecondOfProvider { provider: String },
    #[error("it is about feed {found}, expected feed {expected}")]
    OtherFeed { found: Field, expected: Field },
    #[error(
        "wrong tick of provider \"{provider}\": expected prev_at < T <= observed_at, \
         found prev_at {prev_at}, T {time}, observed_at {observed_at}"
    )]
    WrongTick {
        provider: String,
        prev_at: u64,
        observed_at: u64,
        time: u64,
    },
    #[error(
        "provider \"{provider}\" signed it as of a feed of kind \"{found}\", expected \"{expected}\""
    )]
    OtherKind {
        provider: String,
        found: FeedKind,
        expected: FeedKind,
    },
    #[error("signature of provider \"{provider}\": {source}")]
    Signature {
        provider: String,
        source: SignatureError,
    },
}

/// An attestation that does not count, by its place in the input.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("attestation {place} is refused: {refusal}")]
pub struct Refused {
    /// From 0.
    pub place: usize,
    pub refusal: Refusal,
}

/// Why there is no quorum.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuorumError {
    #[error("there is no valid attestation")]
    NoAttestations,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("too few attestations: have {have} of value {value}, need {need}")]
    TooFew {
        value: Value,
        have: usize,
        need: usize,
    },
    #[error(
        "providers disagree: the most common value {value} has {have} attestations, need {need}"
    )]
    Disagreement {
        value: Value,
        have: usize,
        need: usize,
    },
    #[error("too few attestations for a median: have {have}, need {need}")]
    TooFewForMedian { have: usize, need: usize },
    #[error("a root of results is among the values: it has no place in a median")]
    RootInMedian,
    #[error("values {first} and {second} both reach the threshold of {need}")]
    Ambiguous {
        first: Value,
        second: Value,
        need: usize,
    },
}

/// How the values that the members signed make the one that is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregation {
    /// All signed this value.
    Agreement,
    /// It is one of the values they signed; at least half of these are at or below it, and at least
    /// half at or above it.
    Median,
}

/// Enough attestations: what a proof is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    aggregation: Aggregation,
    statement: Statement,
    leaves: [Field; crate::CAPACITY],
    /// Members by their place in the set, strictly increasing.
    members: Vec<(usize, Attestation)>,
}

impl Quorum {
    /// Finds the quorum in `attestations` of the feed `feed_id` of this kind at `time`. Every attestation must be valid;
    /// values may differ, as long as `value`, or without it exactly one value, reaches the
    /// threshold.
    ///
    /// # Errors
    /// One variant of [`QuorumError`] a cause.
    pub fn new(
        set: &ProviderSet,
        domain: Domain,
        kind: FeedKind,
        feed_id: Field,
        time: Millis,
        attestations: &[Attestation],
        value: Option<Value>,
    ) -> Result<Self, QuorumError> {
        let (quorum, refused) =
            Self::screened(set, domain, kind, feed_id, time, attestations, value);
        match refused.into_iter().next() {
            Some(first) => Err(first.into()),
            None => quorum,
        }
    }

    /// As [`Self::new`], but what is invalid is left out and returned instead of being an error: a
    /// faulty provider cannot hold up the honest ones.
    pub fn screened(
        set: &ProviderSet,
        domain: Domain,
        kind: FeedKind,
        feed_id: Field,
        time: Millis,
        attestations: &[Attestation],
        value: Option<Value>,
    ) -> (Result<Self, QuorumError>, Vec<Refused>) {
        let (members, refused) = screen_all(set, domain, kind, feed_id, time, attestations);
        let quorum = choose_value(&members, set.threshold().into(), value).map(|value| Self {
            aggregation: Aggregation::Agreement,
            statement: Statement {
                domain,
                root: set.root(),
                threshold: set.threshold(),
                kind,
                feed_id,
                time,
                value,
            },
            leaves: set.leaves(),
            members: members
                .into_iter()
                .filter(|(_, attestation)| attestation.observation.value() == value)
                .collect(),
        });
        (quorum, refused)
    }

    /// The median of `attestations` of `feed_id` at `time`, of two in the middle the lower one. Every
    /// attestation must be valid. At most `most` are counted, the first ones by their place in the
    /// set.
    ///
    /// If no more than `f` of the members lie and the threshold is above `2f`, the median lies
    /// between values of honest members. Within that it depends on whose attestations are there.
    ///
    /// # Errors
    /// [`QuorumError::Refused`], [`QuorumError::NoAttestations`],
    /// [`QuorumError::TooFewForMedian`], [`QuorumError::RootInMedian`].
    pub fn median(
        set: &ProviderSet,
        domain: Domain,
        kind: FeedKind,
        feed_id: Field,
        time: Millis,
        attestations: &[Attestation],
        most: usize,
    ) -> Result<Self, QuorumError> {
        let (quorum, refused) =
            Self::screened_median(set, domain, kind, feed_id, time, attestations, most);
        match refused.into_iter().next() {
            Some(first) => Err(first.into()),
            None => quorum,
        }
    }

    /// As [`Self::median`], but what is invalid is left out and returned.
    pub fn screened_median(
        set: &ProviderSet,
        domain: Domain,
        kind: FeedKind,
        feed_id: Field,
        time: Millis,
        attestations: &[Attestation],
        most: usize,
    ) -> (Result<Self, QuorumError>, Vec<Refused>) {
        let (members, refused) = screen_all(set, domain, kind, feed_id, time, attestations);
        let members: Vec<_> = members.into_iter().take(most).collect();
        let quorum = choose_median(&members, set.threshold().into()).map(|value| Self {
            aggregation: Aggregation::Median,
            statement: Statement {
                domain,
                root: set.root(),
                threshold: set.threshold(),
                kind,
                feed_id,
                time,
                value,
            },
            leaves: set.leaves(),
            members,
        });
        (quorum, refused)
    }

    pub fn aggregation(&self) -> Aggregation {
        self.aggregation
    }

    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Leaves of the provider tree.
    pub fn leaves(&self) -> &[Field; crate::CAPACITY] {
        &self.leaves
    }

    /// The members that agree, or of whose values it is the median: at least `threshold`, by strictly
    /// increasing place in the set.
    pub fn members(&self) -> &[(usize, Attestation)] {
        &self.members
    }
}

/// The valid attestations by their providers' place in the set, and what is wrong with the others.
fn screen_all(
    set: &ProviderSet,
    domain: Domain,
    kind: FeedKind,
    feed_id: Field,
    time: Millis,
    attestations: &[Attestation],
) -> (BTreeMap<usize, Attestation>, Vec<Refused>) {
    let mut members = BTreeMap::new();
    let mut refused = Vec::new();
    for (place, attestation) in attestations.iter().enumerate() {
        match screen(set, domain, kind, feed_id, time, attestation, &members) {
            Ok(index) => {
                members.insert(index, *attestation);
            }
            Err(refusal) => refused.push(Refused { place, refusal }),
        }
    }
    (members, refused)
}

/// Place in the set of a valid attestation's provider.
fn screen(
    set: &ProviderSet,
    domain: Domain,
    kind: FeedKind,
    feed_id: Field,
    time: Millis,
    attestation: &Attestation,
    members: &BTreeMap<usize, Attestation>,
) -> Result<usize, Refusal> {
    let index = set
        .index_of(&attestation.provider)
        .ok_or(Refusal::UnknownProvider)?;
    let provider = || set.providers()[index].name.clone();
    if members.contains_key(&index) {
        return Err(Refusal::SecondOfProvider {
            provider: provider(),
        });
    }
    let observation = &attestation.observation;
    if observation.feed_id() != feed_id {
        return Err(Refusal::OtherFeed {
            found: observation.feed_id(),
            expected: feed_id,
        });
    }
    if observation.kind() != kind {
        return Err(Refusal::OtherKind {
            provider: provider(),
            found: observation.kind(),
            expected: kind,
        });
    }
    if !observation.is_tick_at(time) {
        return Err(Refusal::WrongTick {
            provider: provider(),
            prev_at: observation.prev_at().get(),
            observed_at: observation.observed_at().get(),
            time: time.get(),
        });
    }
    attestation
        .verify(domain)
        .map_err(|source| Refusal::Signature {
            provider: provider(),
            source,
        })?;
    Ok(index)
}

fn choose_value(
    members: &BTreeMap<usize, Attestation>,
    need: usize,
    value: Option<Value>,
) -> Result<Value, QuorumError> {
    let mut votes = BTreeMap::<Value, usize>::new();
    for attestation in members.values() {
        *votes.entry(attestation.observation.value()).or_default() += 1;
    }
    if let Some(value) = value {
        let have = votes.get(&value).copied().unwrap_or(0);
        return if have >= need {
            Ok(value)
        } else {
            Err(QuorumError::TooFew { value, have, need })
        };
    }
    let mut by_votes: Vec<_> = votes.into_iter().collect();
    by_votes.sort_by_key(|(_, have)| std::cmp::Reverse(*have));
    match by_votes[..] {
        [] => Err(QuorumError::NoAttestations),
        [(first, _), (second, have), ..] if have >= need => Err(QuorumError::Ambiguous {
            first,
            second,
            need,
        }),
        [(value, have), ..] if have >= need => Ok(value),
        [(value, have)] => Err(QuorumError::TooFew { value, have, need }),
        [(value, have), ..] => {
            if members.len() >= need {
                Err(QuorumError::Disagreement { value, have, need })
            } else {
                Err(QuorumError::TooFew { value, have, need })
            }
        }
    }
}

/// The lower median.
fn choose_median(members: &[(usize, Attestation)], need: usize) -> Result<Value, QuorumError> {
    let have = members.len();
    if have < need {
        return Err(QuorumError::TooFewForMedian { have, need });
    }
    let values = members.iter().map(|(_, attestation)| {
        let value = attestation.observation.value();
        value.number().ok_or(QuorumError::RootInMedian)
    });
    let mut values = values.collect::<Result<Vec<_>, _>>()?;
    values.sort_unstable();
    let middle = have.saturating_sub(1) / 2;
    let median = values.get(middle).ok_or(QuorumError::NoAttestations)?;
    Ok(Value::Number(*median))
}
