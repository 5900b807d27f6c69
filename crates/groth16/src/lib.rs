//! Groth16 keys and proofs over BN254 as Strobe's oracle reads them, and the one place that
//! verifies them. The same code runs on chain, where it calls the alt_bn128 syscalls, and natively.
//!
//! All numbers are big-endian, all points uncompressed, as EIP-197 and the syscalls take them: a G1
//! point is `x ‖ y` (64 bytes), a G2 point is `x₁ ‖ x₀ ‖ y₁ ‖ y₀` (128 bytes).
//!
//! # What a proof promises
//!
//! A proof that verifies shows that somebody knew a witness of the statement behind the key: for
//! Strobe, signatures of k providers and the arithmetic on them. It does not show that what the
//! providers signed is true; that trust is in the providers. And it shows this much only if nobody
//! knows the trapdoor of the key, which no check on the key can establish. [`VerifyingKey::check`]
//! refuses the keys whose trapdoor is known to everybody.
//!
//! Proof bytes are never an identifier: anybody can turn a proof into another one of the same
//! statement.

#![no_std]

extern crate alloc;

mod batch;
mod group;
mod key;
mod point;
mod proof;
mod scalar;

pub use batch::{verify_batch, Claim, MAX_BATCH};
pub use key::{KeyError, VerifyingKey};
pub use point::Point;
pub use proof::{is_field_element, negate_g1, verify, Proof, VerifyError, PROOF_LEN};
