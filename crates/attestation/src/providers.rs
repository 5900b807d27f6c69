use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{poseidon, Field, PublicKey};

/// Children of a node of the provider tree.
pub const ARITY: usize = 4;
/// Levels of the provider tree, the same for every size of circuit, so that one root serves all.
pub const DEPTH: usize = 2;
/// Most members a set can have.
pub const CAPACITY: usize = ARITY.pow(DEPTH as u32);

/// Why a provider set is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderSetError {
    #[error("provider set is empty")]
    Empty,
    #[error("provider set has {size} members, at most {CAPACITY} fit")]
    TooLarge { size: usize },
    #[error("threshold is 0, expected 1 to the number of providers")]
    ThresholdZero,
    #[error("threshold {threshold} is above the number of providers, {size}")]
    ThresholdAboveSize { threshold: u64, size: usize },
    #[error("providers \"{first}\" and \"{second}\" have the same public key")]
    DuplicateKey { first: String, second: String },
}

/// A member of a provider set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a provider {name, public_key}")]
pub struct Provider {
    pub name: String,
    pub public_key: PublicKey,
}

impl Provider {
    /// `Poseidon(x, y)` of the public key.
    pub fn leaf(&self) -> Field {
        let point = self.public_key.point();
        poseidon([point.x, point.y])
    }
}

/// Providers and how many of them must agree, in the JSON form
/// `{threshold, providers: [{name, public_key: [x, y]}]}`. The order of the members counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ProviderSetParts", into = "ProviderSetParts")]
pub struct ProviderSet {
    threshold: u8,
    providers: Vec<Provider>,
}

impl ProviderSet {
    /// # Errors
    /// One variant of [`ProviderSetError`] a cause.
    pub fn new(threshold: u64, providers: Vec<Provider>) -> Result<Self, ProviderSetError> {
        let size = providers.len();
        if size == 0 {
            return Err(ProviderSetError::Empty);
        }
        if size > CAPACITY {
            return Err(ProviderSetError::TooLarge { size });
        }
        if threshold == 0 {
            return Err(ProviderSetError::ThresholdZero);
        }
        let too_high = ProviderSetError::ThresholdAboveSize { threshold, size };
        let threshold = match u8::try_from(threshold) {
            Ok(threshold) if usize::from(threshold) <= size => threshold,
            _ => return Err(too_high),
        };
        let mut seen = HashSet::new();
        for provider in &providers {
            if !seen.insert(provider.public_key) {
                let first = providers
                    .iter()
                    .find(|other| other.public_key == provider.public_key);
                return Err(ProviderSetError::DuplicateKey {
                    first: first.map_or_else(String::new, |first| first.name.clone()),
                    second: provider.name.clone(),
                });
            }
        }
        Ok(Self {
            threshold,
            providers,
        })
    }

    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// Place of a key in the set.
    pub fn index_of(&self, key: &PublicKey) -> Option<usize> {
        self.providers
            .iter()
            .position(|provider| provider.public_key == *key)
    }

    /// The leaves of the tree in order; places without a member are zero, which is no key's leaf
    /// that anybody could find.
    pub fn leaves(&self) -> [Field; CAPACITY] {
        let mut leaves = [Field::from(0u64); CAPACITY];
        for (leaf, provider) in leaves.iter_mut().zip(&self.providers) {
            *leaf = provider.leaf();
        }
        leaves
    }

    /// Root of the tree: what the oracle program stores.
    pub fn root(&self) -> Field {
        root_of_leaves(&self.leaves())
    }
}

/// Root of the tree over `leaves`: every node is Poseidon of its four children.
///
/// Four children a node and not two, because a proof shows the whole tree: 16 leaves take 5 hashes
/// of four elements, a fraction of the 15 hashes of two.
pub fn root_of_leaves(leaves: &[Field; CAPACITY]) -> Field {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks_exact(ARITY)
            .map(|children| poseidon::<ARITY>(std::array::from_fn(|child| children[child])))
            .collect();
    }
    level[0]
}

#[derive(Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a provider set {threshold, providers}"
)]
struct ProviderSetParts {
    threshold: u64,
    providers: Vec<Provider>,
}

impl From<ProviderSet> for ProviderSetParts {
    fn from(set: ProviderSet) -> Self {
        Self {
            threshold: set.threshold.into(),
            providers: set.providers,
        }
    }
}

impl TryFrom<ProviderSetParts> for ProviderSet {
    type Error = ProviderSetError;

    fn try_from(parts: ProviderSetParts) -> Result<Self, ProviderSetError> {
        Self::new(parts.threshold, parts.providers)
    }
}
