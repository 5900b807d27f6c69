use std::{fmt, str::FromStr};

use ark_ff::{BigInteger, PrimeField};
use result_tree::Root;
use serde::{
    de::{Error, Unexpected, Visitor},
    Deserialize, Deserializer, Serialize, Serializer,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{
    decimal, decimal_field, poseidon, Field, Millis, PublicKey, SecretKey, Signature,
    SignatureError,
};

/// Why an observation is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ObservationError {
    #[error("time {millis} ms is above the largest, {max}", max = i64::MAX)]
    TimeTooLarge { millis: u64 },
    #[error("observed_at {observed_at} ms is not after prev_at {prev_at} ms")]
    NotAfterPrevious { observed_at: u64, prev_at: u64 },
}

/// Why a text is no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is not {EXPECTED_VALUE}")]
pub struct ValueError(String);

const EXPECTED_VALUE: &str = "an integer of 64 bits in decimal, without sign +, spaces or leading \
                              zeros, or \"root:\" and a hash below 2^253 in small hexadecimal digits";

/// Separates the signatures and proofs of one deployment from those of every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain(pub Field);

impl Domain {
    /// SHA-256 of `"strobe/attestation/v1" ‖ program id ‖ network tag`, read big-endian with its
    /// first byte cleared: 248 bits, so always a field element, and one syscall for a program.
    pub fn new(program_id: &[u8; 32], network_tag: &str) -> Self {
        let mut hash = <[u8; 32]>::from(
            Sha256::new()
                .chain_update(b"strobe/attestation/v1")
                .chain_update(program_id)
                .chain_update(network_tag)
                .finalize(),
        );
        hash[0] = 0;
        Self(Field::from_be_bytes_mod_order(&hash))
    }

    /// The domain of signatures over the roots of result trees: SHA-256 of
    /// `"strobe/result-root/v1" ‖ domain`, its first byte cleared. It keeps a root from being taken
    /// for a number, and the other way round.
    pub fn of_roots(self) -> Self {
        let mut hash = <[u8; 32]>::from(
            Sha256::new()
                .chain_update(b"strobe/result-root/v1")
                .chain_update(self.to_bytes())
                .finalize(),
        );
        hash[0] = 0;
        Self(Field::from_be_bytes_mod_order(&hash))
    }

    /// Big-endian, as accounts hold it.
    pub fn to_bytes(self) -> [u8; 32] {
        to_be_bytes(self.0)
    }
}

/// What a feed can say: a number, or the root of a tree of many feeds' results.
///
/// As text, in JSON too, a number is decimal, and a root is `root:` and 64 hexadecimal digits; each has
/// one text. JSON may also have a number as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Number(i64),
    Root(Root),
}

impl Value {
    /// A number moved to `0..2⁶⁴`, so that order is kept; a root as it is.
    pub fn to_field(self) -> Field {
        match self {
            Self::Number(number) => Field::from(number.cast_unsigned() ^ (1 << 63)),
            Self::Root(root) => Field::from_be_bytes_mod_order(root.as_bytes()),
        }
    }

    /// The number, if it is one.
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Root(_) => None,
        }
    }

    /// The domain in which values of this kind are signed and proven.
    fn domain_in(self, domain: Domain) -> Domain {
        match self {
            Self::Number(_) => domain,
            Self::Root(_) => domain.of_roots(),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Root> for Value {
    fn from(root: Root) -> Self {
        Self::Root(root)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NumberOrText)
    }
}

struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED_VALUE)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        let signed = i64::try_from(number);
        signed
            .map(Value::Number)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        text.parse().map_err(E::custom)
    }
}

/// What a root's text begins with.
const ROOT_PREFIX: &str = "root:";

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Root(root) => write!(f, "{ROOT_PREFIX}{root}"),
        }
    }
}

impl FromStr for Value {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let refused = || ValueError(text.to_owned());
        let Some(digits) = text.strip_prefix(ROOT_PREFIX) else {
            return decimal::parse_integer(text)
                .map(Self::Number)
                .ok_or_else(refused);
        };
        if digits.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(refused());
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| refused())?;
        Root::from_bytes(bytes).map(Self::Root).ok_or_else(refused)
    }
}

/// What a provider saw: `value` on the feed at `observed_at`, its previous observation of the feed
/// having been at `prev_at` (0 for the first one).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    feed_id: Field,
    observed_at: Millis,
    prev_at: Millis,
    value: Value,
}

impl Observation {
    /// # Errors
    /// [`ObservationError::NotAfterPrevious`] if `observed_at ≤ prev_at`: no tick could use it.
    pub fn new(
        feed_id: Field,
        observed_at: Millis,
        prev_at: Millis,
        value: impl Into<Value>,
    ) -> Result<Self, ObservationError> {
        if observed_at <= prev_at {
            return Err(ObservationError::NotAfterPrevious {
                observed_at: observed_at.get(),
                prev_at: prev_at.get(),
            });
        }
        Ok(Self {
            feed_id,
            observed_at,
            prev_at,
            value: value.into(),
        })
    }

    pub fn feed_id(&self) -> Field {
        self.feed_id
    }

    pub fn observed_at(&self) -> Millis {
        self.observed_at
    }

    pub fn prev_at(&self) -> Millis {
        self.prev_at
    }

    pub fn value(&self) -> Value {
        self.value
    }

    pub fn kind(&self) -> FeedKind {
        if self.prev_at == Millis::default() {
            FeedKind::Event
        } else {
            FeedKind::Tick
        }
    }

    /// Whether this is the feed's tick at `time`: the first observation not before it.
    pub fn is_tick_at(&self, time: Millis) -> bool {
        self.prev_at < time && time <= self.observed_at
    }

    /// What is signed: `Poseidon(domain, feed_id, observed_at, prev_at, value)`, with
    /// [`Domain::of_roots`] for a root.
    pub fn message(&self, domain: Domain) -> Field {
        poseidon([
            self.value.domain_in(domain).0,
            self.feed_id,
            Field::from(self.observed_at.get()),
            Field::from(self.prev_at.get()),
            self.value.to_field(),
        ])
    }
}

/// How many observations a feed has. `T` picks one of many only if each says which was before it, so
/// a proof is of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// One, the final answer to a question: `prev_at` is 0.
    Event,
    /// One after the other, as of a price: `prev_at` is not 0.
    Tick,
}

impl FeedKind {
    /// What is added to the threshold in the public input.
    pub const fn offset(self) -> u16 {
        match self {
            Self::Event => 0,
            Self::Tick => 1 << 8,
        }
    }
}

impl fmt::Display for FeedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "event",
            Self::Tick => "tick",
        })
    }
}

/// What a proof shows: at least `threshold` distinct members of the provider set with this root
/// signed `value` for the feed, each as its tick at `time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    pub domain: Domain,
    /// Root of the provider tree.
    pub root: Field,
    pub threshold: u8,
    /// Of every observation counted.
    pub kind: FeedKind,
    pub feed_id: Field,
    /// `T`.
    pub time: Millis,
    pub value: Value,
}

impl Statement {
    /// The domain that the signatures counted are in: [`Domain::of_roots`] for a root.
    pub fn signed_domain(&self) -> Domain {
        self.value.domain_in(self.domain)
    }

    /// `Poseidon(signed domain, root, threshold + offset of the kind, feed_id, T, value)`: the one
    /// public input.
    pub fn hash(&self) -> Field {
        poseidon([
            self.signed_domain().0,
            self.root,
            Field::from(u16::from(self.threshold) + self.kind.offset()),
            self.feed_id,
            Field::from(self.time.get()),
            self.value.to_field(),
        ])
    }

    /// The hash as a verifier takes it, big-endian.
    pub fn public_input(&self) -> [u8; 32] {
        to_be_bytes(self.hash())
    }
}

fn to_be_bytes(element: Field) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&element.into_bigint().to_bytes_be());
    bytes
}

/// An observation and a provider's signature over it, in the JSON form
/// `{provider: [x, y], feed_id, observed_at, prev_at, value, signature: {r8: [x, y], s}}` with all
/// numbers as decimal strings, of which each number has one (times and value may be numbers on input),
/// a root as [`Value`] has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "AttestationParts", into = "AttestationParts")]
pub struct Attestation {
    pub provider: PublicKey,
    pub observation: Observation,
    pub signature: Signature,
}

impl Attestation {
    pub fn sign(secret: &SecretKey, domain: Domain, observation: Observation) -> Self {
        Self {
            provider: secret.public_key(),
            observation,
            signature: secret.sign(observation.message(domain)),
        }
    }

    /// # Errors
    /// [`SignatureError::Mismatch`] if this provider did not sign this observation in this domain.
    pub fn verify(&self, domain: Domain) -> Result<(), SignatureError> {
        self.provider
            .verify(self.observation.message(domain), &self.signature)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "an attestation {provider, feed_id, observed_at, prev_at, value, signature}")]
struct AttestationParts {
    provider: PublicKey,
    #[serde(with = "decimal_field")]
    feed_id: Field,
    observed_at: Millis,
    prev_at: Millis,
    value: Value,
    signature: Signature,
}

impl From<Attestation> for AttestationParts {
    fn from(attestation: Attestation) -> Self {
        let Attestation {
            provider,
            observation,
            signature,
        } = attestation;
        Self {
            provider,
            feed_id: observation.feed_id,
            observed_at: observation.observed_at,
            prev_at: observation.prev_at,
            value: observation.value,
            signature,
        }
    }
}

impl TryFrom<AttestationParts> for Attestation {
    type Error = ObservationError;

    fn try_from(parts: AttestationParts) -> Result<Self, ObservationError> {
        Ok(Self {
            provider: parts.provider,
            observation: Observation::new(
                parts.feed_id,
                parts.observed_at,
                parts.prev_at,
                parts.value,
            )?,
            signature: parts.signature,
        })
    }
}
