use std::fmt;

use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInteger, PrimeField, Zero};
use rand::{rngs::OsRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{babyjubjub::reduce, decimal_field, poseidon, Field, Point, Scalar};

const SEED_LEN: usize = 32;

/// Why two coordinates are no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PublicKeyError {
    #[error("public key is not on the curve")]
    OffCurve,
    #[error("public key is of small order: the identity or a point of order 2, 4 or 8")]
    SmallOrder,
    #[error("public key is outside the subgroup of prime order")]
    OutsideSubgroup,
}

/// Why a signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    #[error("S of the signature is not below the subgroup order")]
    ScalarTooLarge,
    #[error("R8 of the signature is not on the curve")]
    OffCurve,
    #[error("R8 of the signature is of small order")]
    SmallOrder,
    #[error("signature is not by this key over this message")]
    Mismatch,
}

/// A key that verifies signatures: a point of the prime-order subgroup, not the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Coordinates", into = "Coordinates")]
pub struct PublicKey(Point);

impl PublicKey {
    /// # Errors
    /// One variant of [`PublicKeyError`] a cause.
    pub fn from_coordinates(x: Field, y: Field) -> Result<Self, PublicKeyError> {
        let point = Point::new_unchecked(x, y);
        if !point.is_on_curve() {
            return Err(PublicKeyError::OffCurve);
        }
        if is_small_order(&point) {
            return Err(PublicKeyError::SmallOrder);
        }
        if !point.is_in_correct_subgroup_assuming_on_curve() {
            return Err(PublicKeyError::OutsideSubgroup);
        }
        Ok(Self(point))
    }

    pub fn point(&self) -> Point {
        self.0
    }

    /// Verifies `S·B8 = R8 + 8·H(R8, A, M)·A`, circomlib's `EdDSAPoseidonVerifier`.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`]; the other causes are refused when a [`Signature`] is made.
    pub fn verify(&self, message: Field, signature: &Signature) -> Result<(), SignatureError> {
        let challenge = reduce(challenge(&signature.r8, &self.0, message));
        let left = Point::generator() * signature.s;
        let right = self.0 * (challenge * Scalar::from(8u64)) + signature.r8;
        if left == right {
            Ok(())
        } else {
            Err(SignatureError::Mismatch)
        }
    }
}

/// A signature whose S is below the subgroup order and whose R8 is a point of the curve, not of
/// small order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SignatureParts", into = "SignatureParts")]
pub struct Signature {
    r8: Point,
    s: Scalar,
}

impl Signature {
    /// # Errors
    /// One variant of [`SignatureError`] a cause.
    pub fn new(r8: (Field, Field), s: Scalar) -> Result<Self, SignatureError> {
        let r8 = Point::new_unchecked(r8.0, r8.1);
        if !r8.is_on_curve() {
            return Err(SignatureError::OffCurve);
        }
        if is_small_order(&r8) {
            return Err(SignatureError::SmallOrder);
        }
        Ok(Self { r8, s })
    }

    pub fn r8(&self) -> Point {
        self.r8
    }

    pub fn s(&self) -> Scalar {
        self.s
    }
}

/// A provider's secret: 32 random bytes, wiped from memory when dropped.
///
/// Signing is not constant-time: sign where nobody can measure it.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; SEED_LEN]>);

impl SecretKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Panics
    /// If the operating system has no randomness to give.
    pub fn generate() -> Self {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        OsRng.fill_bytes(seed.as_mut());
        Self(seed)
    }

    pub fn from_bytes(bytes: [u8; SEED_LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The secret itself, for a key file.
    pub fn expose(&self) -> &[u8; SEED_LEN] {
        &self.0
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey((Point::generator() * *self.scalar()).into_affine())
    }

    /// Signs `message`. The nonce is a hash of the secret and the message, as in RFC 8032, so that
    /// no two messages share one.
    pub fn sign(&self, message: Field) -> Signature {
        let secret = self.scalar();
        let public = self.public_key();
        let message_bytes = message.into_bigint().to_bytes_le();
        let nonce = self.derive(b"strobe/eddsa/nonce/v1", &message_bytes);
        let r8 = (Point::generator() * *nonce).into_affine();
        let challenge = reduce(challenge(&r8, &public.0, message));
        Signature {
            r8,
            s: *nonce + challenge * Scalar::from(8u64) * *secret,
        }
    }

    fn scalar(&self) -> Zeroizing<Scalar> {
        self.derive(b"strobe/eddsa/secret/v1", &[])
    }

    /// A scalar from 512 bits of hash, so that its distribution cannot be told from uniform.
    fn derive(&self, purpose: &[u8], data: &[u8]) -> Zeroizing<Scalar> {
        let digest = Sha512::new()
            .chain_update(purpose)
            .chain_update(self.0.as_ref())
            .chain_update(data)
            .finalize();
        let digest = Zeroizing::new(<[u8; 64]>::from(digest));
        Zeroizing::new(Scalar::from_le_bytes_mod_order(digest.as_ref()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// `H(R8, A, M)`.
fn challenge(r8: &Point, key: &Point, message: Field) -> Field {
    poseidon([r8.x, r8.y, key.x, key.y, message])
}

fn is_small_order(point: &Point) -> bool {
    point.mul_by_cofactor_to_group().is_zero()
}

/// `[x, y]` in JSON.
#[derive(Serialize, Deserialize)]
struct Coordinates(
    #[serde(with = "decimal_field")] Field,
    #[serde(with = "decimal_field")] Field,
);

impl From<PublicKey> for Coordinates {
    fn from(key: PublicKey) -> Self {
        Self(key.0.x, key.0.y)
    }
}

impl TryFrom<Coordinates> for PublicKey {
    type Error = PublicKeyError;

    fn try_from(Coordinates(x, y): Coordinates) -> Result<Self, PublicKeyError> {
        Self::from_coordinates(x, y)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(expecting = "a signature {r8, s}")]
struct SignatureParts {
    r8: Coordinates,
    /// As an element of the larger field, so that an S between the two orders is told from one
    /// that is no number at all.
    #[serde(with = "decimal_field")]
    s: Field,
}

impl From<Signature> for SignatureParts {
    fn from(signature: Signature) -> Self {
        Self {
            r8: Coordinates(signature.r8.x, signature.r8.y),
            s: Field::from(signature.s.into_bigint()),
        }
    }
}

impl TryFrom<SignatureParts> for Signature {
    type Error = SignatureError;

    fn try_from(parts: SignatureParts) -> Result<Self, SignatureError> {
        let s = Scalar::from_bigint(parts.s.into_bigint()).ok_or(SignatureError::ScalarTooLarge)?;
        Self::new((parts.r8.0, parts.r8.1), s)
    }
}
