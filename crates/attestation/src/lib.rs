//! What a provider signs about a feed, and how a quorum of providers is recognised.
//!
//! Everything is compatible with circomlib: Poseidon over the scalar field of BN254, the curve
//! BabyJubJub in the coordinates of EIP-2494, and `EdDSA-Poseidon` signatures, so that any
//! circomlib-compatible signer can be a provider. Poseidon is also what the `sol_poseidon` syscall
//! computes, so that a program can recompute the [`Statement::hash`] a proof is about.
//!
//! # What an attestation promises
//!
//! That the holder of a key signed an [`Observation`], no more. Whether the observation is true
//! is for the provider to answer for; Strobe's trust is in k of n providers, of whom at least one
//! must be honest for every k that sign.
//!
//! An observation's [`Value`] is a number, or the root of a tree of many results.

mod babyjubjub;
mod decimal;
mod eddsa;
mod observation;
mod poseidon;
mod providers;
mod quorum;
mod signer;
mod ticks;
mod time;

pub use babyjubjub::{BabyJubJub, Point, Scalar, MONTGOMERY_A};
pub use decimal::{decimal_field, format_field, parse_field, DecimalError};
pub use eddsa::{PublicKey, PublicKeyError, SecretKey, Signature, SignatureError};
pub use observation::{
    Attestation, Domain, FeedKind, Observation, ObservationError, Statement, Value, ValueError,
};
pub use poseidon::poseidon;
pub use providers::{
    root_of_leaves, Provider, ProviderSet, ProviderSetError, ARITY, CAPACITY, DEPTH,
};
pub use quorum::{Aggregation, Quorum, QuorumError, Refusal, Refused};
pub use signer::{Clock, Request, Signer, SignerError};
pub use ticks::{Tick, Ticks, TicksError, Window, WindowError};
pub use time::{ImplausibleTime, Millis, TimeError};

/// An element of the field all of this is defined over: the scalar field of BN254, which is the
/// base field of BabyJubJub.
pub type Field = ark_bn254::Fr;
