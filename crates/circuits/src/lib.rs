//! The statements that Strobe's oracle accepts proofs of, as rank-1 constraint systems, and the
//! keys of their proofs.
//!
//! # What a proof promises
//!
//! A proof of the quorum statement shows that at least `threshold` distinct members of the provider
//! set signed this value for this feed as its tick at `T`. It does not show which members, and it
//! does not show that the value is true: the trust is in the k-of-n providers. Keys made by
//! [`Keys::generate`] are for development: whoever ran it could have kept the trapdoor and forge
//! proofs of anything. They carry a flag that says so.

mod bits;
mod circuit;
mod curve;
mod encoding;
pub mod iden3;
mod keys;
mod median;
mod poseidon;
mod quorum;
#[cfg(any(test, feature = "small"))]
pub mod small;
mod system;

pub use circuit::{Circuit, CircuitError};
pub use encoding::{encode_g1, encode_g2};
pub use keys::{KeyStore, Keys, KeysError};
pub use quorum::QuorumWitness;
pub use system::{Matrix, R1cs, Section, PUBLIC_INPUT, PUBLIC_VARIABLES};
