//! The public side of the resolution statements: the domain and the one public input.

use anchor_lang::prelude::*;
use solana_poseidon::{hashv, Endianness, Parameters};

use crate::{error::OracleError, state::Network};

/// Prefix that separates Strobe's attestations from every other use of SHA-256.
const DOMAIN_PREFIX: &[u8] = b"strobe/attestation/v1";
/// Prefix that separates roots of result trees from numbers.
const ROOT_DOMAIN_PREFIX: &[u8] = b"strobe/result-root/v1";

/// Domain of the signatures and statements of this deployment: SHA-256 of the prefix, the program
/// id and the network tag, with the first byte cleared so that it is a field element (big-endian).
pub fn domain(program_id: &Pubkey, network: Network) -> [u8; 32] {
    let mut hash = solana_sha256_hasher::hashv(&[
        DOMAIN_PREFIX,
        program_id.as_ref(),
        network.tag().as_bytes(),
    ])
    .to_bytes();
    hash[0] = 0;
    hash
}

/// Domain of the signatures and statements about roots of result trees: SHA-256 of the prefix and
/// the deployment's domain, with the first byte cleared.
pub fn root_domain(domain: &[u8; 32]) -> [u8; 32] {
    let mut hash = solana_sha256_hasher::hashv(&[ROOT_DOMAIN_PREFIX, domain]).to_bytes();
    hash[0] = 0;
    hash
}

/// What a proof is about. Field elements are big-endian.
pub struct Statement<'a> {
    /// [`root_domain`] of the deployment's if the value is a root.
    pub domain: &'a [u8; 32],
    /// Root of the provider tree.
    pub root: &'a [u8; 32],
    pub threshold: u8,
    /// A [`crate::FeedKind`].
    pub feed_kind: u8,
    pub feed_id: &'a [u8; 32],
    /// `T`, unix time in milliseconds.
    pub observe_at_ms: u64,
    /// Of a number [`number_value`], or a root.
    pub value: &'a [u8; 32],
}

impl Statement<'_> {
    /// `h = Poseidon(domain, R, threshold + 256·kind, feed_id, T, value)`, the proof's only public
    /// input.
    ///
    /// # Errors
    /// [`OracleError::NotAFieldElement`] if a field element is not below the field's order.
    pub fn public_input(&self) -> Result<[u8; 32]> {
        let hash = hashv(
            Parameters::Bn254X5,
            Endianness::BigEndian,
            &[
                self.domain,
                self.root,
                &field_from(u64::from(u16::from_be_bytes([
                    self.feed_kind,
                    self.threshold,
                ]))),
                self.feed_id,
                &field_from(self.observe_at_ms),
                self.value,
            ],
        )
        .map_err(|_| OracleError::NotAFieldElement)?;
        Ok(hash.to_bytes())
    }
}

/// Whether `bytes` are a canonical field element, big-endian.
///
/// # Errors
/// [`OracleError::NotAFieldElement`].
pub fn require_field_element(bytes: &[u8; 32]) -> Result<()> {
    require!(
        groth16::is_field_element(bytes),
        OracleError::NotAFieldElement
    );
    Ok(())
}

/// A number as a field element: moved to `0..2⁶⁴`, so that order is kept.
pub fn number_value(value: i64) -> [u8; 32] {
    field_from(value.cast_unsigned() ^ (1 << 63))
}

fn field_from(number: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    bytes
}
