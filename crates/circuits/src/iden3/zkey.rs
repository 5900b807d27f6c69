use ark_bn254::{Bn254, Fq, Fq2, G1Affine, G1Projective, G2Affine};
use ark_ec::{pairing::Pairing, AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{
    AdditiveGroup, BigInteger, BigInteger256, FftField, Field as _, PrimeField, UniformRand,
};
use ark_groth16::{ProvingKey, VerifyingKey as ArkVerifyingKey};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use attestation::Field;
use blake2::{Blake2b512, Digest};
use rand::rngs::OsRng;
use rayon::prelude::*;
use thiserror::Error;

use super::sections::{split, Reader, ELEMENT_LEN};
use crate::{
    encoding::{encode_g1, encode_g2},
    system::{Matrix, PUBLIC_VARIABLES},
    R1cs,
};

/// Numbers of the sections.
const PROTOCOL: u32 = 1;
const HEADER: u32 = 2;
const IC: u32 = 3;
const COEFFICIENTS: u32 = 4;
const A: u32 = 5;
const B1: u32 = 6;
const B2: u32 = 7;
const C: u32 = 8;
const H: u32 = 9;
const CONTRIBUTIONS: u32 = 10;

const GROTH16: u32 = 1;
const G1_LEN: usize = 2 * ELEMENT_LEN;
const G2_LEN: usize = 2 * G1_LEN;
/// Matrix, row, variable and value.
const COEFFICIENT_LEN: usize = 3 * 4 + ELEMENT_LEN;

/// Why a `.zkey` file is no key of a circuit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ZkeyError {
    #[error("it is not a .zkey file")]
    NotAZkey,
    #[error("it is a key of protocol {found}, expected {GROTH16}: Groth16")]
    OtherProtocol { found: u32 },
    #[error("it is a key over another curve than BN254")]
    OtherCurve,
    #[error("it has {found} {what}, the circuit has {expected}")]
    OtherSize {
        what: &'static str,
        found: usize,
        expected: usize,
    },
    #[error("coefficient {place} is not the circuit's: it is a key of other constraints")]
    OtherConstraints { place: usize },
    #[error("point {place} of section {section} is off the curve or outside the subgroup")]
    BadPoint { section: u32, place: usize },
    #[error("γ is not the generator of G2, as a ceremony leaves it")]
    Gamma,
    #[error("the points of {0} in G1 and in G2 have no common secret")]
    Unrelated(&'static str),
    #[error("contribution {place} does not continue the transcript before it")]
    BrokenTranscript { place: usize },
    #[error("nobody contributed")]
    NoContribution,
    #[error("the last contribution is none of a beacon")]
    NoBeacon,
    #[error("contribution {place} is one of a beacon, which must be the last")]
    EarlyBeacon { place: usize },
    #[error("δ is not what the last contribution left")]
    Delta,
}

/// What one party of a ceremony did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// As the party called itself.
    pub name: String,
    /// BLAKE2b-512 of what it published: what snarkjs shows the party as its contribution hash.
    pub hash: [u8; 64],
    /// The value of the beacon, if it is one, and log₂ of how often it is hashed.
    pub beacon: Option<(Vec<u8>, u8)>,
}

/// A contribution and what it is checked by.
#[derive(Clone, Debug)]
struct Step {
    contribution: Contribution,
    delta_after: G1Affine,
    /// What the next step's transcript takes in.
    public_key: Vec<u8>,
    g1_s: G1Affine,
    g1_sx: G1Affine,
    transcript: [u8; 64],
}

/// A Groth16 key of snarkjs, whose points are all on their curves and in their groups.
#[derive(Clone, Debug)]
pub struct Zkey {
    num_variables: usize,
    num_public: usize,
    domain_size: usize,
    alpha_g1: G1Affine,
    beta_g1: G1Affine,
    beta_g2: G2Affine,
    gamma_g2: G2Affine,
    delta_g1: G1Affine,
    delta_g2: G2Affine,
    coefficients: Vec<u8>,
    ic: Vec<G1Affine>,
    a: Vec<G1Affine>,
    b_g1: Vec<G1Affine>,
    b_g2: Vec<G2Affine>,
    l: Vec<G1Affine>,
    /// `[L(τ)/δ]` for the Lagrange polynomials `L` at the odd places of the domain twice as large.
    h: Vec<G1Affine>,
    circuit_hash: [u8; 64],
    steps: Vec<Step>,
}

impl Zkey {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ZkeyError::NotAZkey`], [`ZkeyError::OtherProtocol`], [`ZkeyError::OtherCurve`],
    /// [`ZkeyError::BadPoint`].
    pub fn read(bytes: &[u8]) -> Result<Self, ZkeyError> {
        let sections = split(bytes, b"zkey", 1).ok_or(ZkeyError::NotAZkey)?;
        let section = |wanted| {
            let mut sections = sections.iter();
            let found = sections.find(|(number, _)| *number == wanted);
            found
                .map(|(_, contents)| *contents)
                .ok_or(ZkeyError::NotAZkey)
        };
        let found = Reader(section(PROTOCOL)?).number();
        match found.ok_or(ZkeyError::NotAZkey)? {
            GROTH16 => {}
            found => return Err(ZkeyError::OtherProtocol { found }),
        }
        let header = Header::read(section(HEADER)?)?;
        let (circuit_hash, steps) = read_contributions(section(CONTRIBUTIONS)?)?;
        Ok(Self {
            num_variables: header.sizes[0],
            num_public: header.sizes[1],
            domain_size: header.sizes[2],
            alpha_g1: header.alpha_g1,
            beta_g1: header.beta_g1,
            beta_g2: header.beta_g2,
            gamma_g2: header.gamma_g2,
            delta_g1: header.delta_g1,
            delta_g2: header.delta_g2,
            coefficients: section(COEFFICIENTS)?.to_vec(),
            ic: points_g1(section(IC)?, IC)?,
            a: points_g1(section(A)?, A)?,
            b_g1: points_g1(section(B1)?, B1)?,
            b_g2: points_g2(section(B2)?, B2)?,
            l: points_g1(section(C)?, C)?,
            h: points_g1(section(H)?, H)?,
            circuit_hash,
            steps,
        })
    }

    /// The contributions, in their order.
    pub fn contributions(&self) -> impl Iterator<Item = &Contribution> {
        self.steps.iter().map(|step| &step.contribution)
    }

    /// BLAKE2b-512 of the key before the first contribution, as snarkjs shows it.
    pub fn circuit_hash(&self) -> &[u8; 64] {
        &self.circuit_hash
    }

    /// Whether this is a key of the constraints, and what a ceremony leaves behind.
    ///
    /// That the points are of powers of one τ and of these constraints, and that each contribution
    /// multiplied δ by a secret of its own, takes the powers of tau: `snarkjs zkey verify` shows it.
    ///
    /// # Errors
    /// All variants of [`ZkeyError`] but those of [`Self::read`].
    pub fn check(&self, r1cs: &R1cs) -> Result<(), ZkeyError> {
        self.check_sizes(r1cs)?;
        self.check_coefficients(r1cs)?;
        self.check_secrets()?;
        self.check_transcript()
    }

    fn check_sizes(&self, r1cs: &R1cs) -> Result<(), ZkeyError> {
        let variables = r1cs.num_variables;
        for (what, found, expected) in [
            ("variables", self.num_variables, variables),
            ("public inputs", self.num_public, PUBLIC_VARIABLES - 1),
            ("places in its domain", self.domain_size, r1cs.domain_size()),
            ("points in IC", self.ic.len(), PUBLIC_VARIABLES),
            ("points in A", self.a.len(), variables),
            ("points in B1", self.b_g1.len(), variables),
            ("points in B2", self.b_g2.len(), variables),
            ("points in C", self.l.len(), variables - PUBLIC_VARIABLES),
            ("points in H", self.h.len(), r1cs.domain_size()),
        ] {
            if found != expected {
                return Err(ZkeyError::OtherSize {
                    what,
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }

    /// Compares A and B with the circuit's, and the rows that make the key's points of the public
    /// variables independent. C is in no `.zkey` file: only its points are.
    fn check_coefficients(&self, r1cs: &R1cs) -> Result<(), ZkeyError> {
        let mut expected = Vec::with_capacity(self.coefficients.len());
        let constraints = r1cs.num_constraints();
        let mut count = 0u32;
        let mut push = |matrix: u32, row: usize, variable: usize, value: &Field| {
            count += 1;
            for number in [matrix, row as u32, variable as u32] {
                expected.extend(number.to_le_bytes());
            }
            expected.extend(in_montgomery_form_twice(value));
        };
        let mut push_row = |number, matrix: &Matrix, row| {
            for (variable, value) in matrix.row(row) {
                push(number, row, *variable, value);
            }
        };
        for row in 0..constraints {
            push_row(0, &r1cs.a, row);
            push_row(1, &r1cs.b, row);
        }
        for variable in 0..PUBLIC_VARIABLES {
            push(0, constraints + variable, variable, &Field::ONE);
        }
        let (found_count, found) = self
            .coefficients
            .split_first_chunk::<4>()
            .ok_or(ZkeyError::NotAZkey)?;
        let found_count = u32::from_le_bytes(*found_count);
        if found_count != count || found.len() != expected.len() {
            return Err(ZkeyError::OtherSize {
                what: "coefficients",
                found: found_count as usize,
                expected: count as usize,
            });
        }
        let mut pairs = found
            .chunks_exact(COEFFICIENT_LEN)
            .zip(expected.chunks_exact(COEFFICIENT_LEN));
        match pairs.position(|(found, expected)| found != expected) {
            Some(place) => Err(ZkeyError::OtherConstraints { place }),
            None => Ok(()),
        }
    }

    /// What is there in both groups has the same secrets, and γ none.
    fn check_secrets(&self) -> Result<(), ZkeyError> {
        if self.gamma_g2 != G2Affine::generator() {
            return Err(ZkeyError::Gamma);
        }
        let same = |in_g1: G1Affine, in_g2: G2Affine| {
            Bn254::pairing(in_g1, G2Affine::generator())
                == Bn254::pairing(G1Affine::generator(), in_g2)
        };
        if !same(self.beta_g1, self.beta_g2) {
            return Err(ZkeyError::Unrelated("β"));
        }
        if !same(self.delta_g1, self.delta_g2) {
            return Err(ZkeyError::Unrelated("δ"));
        }
        let weights: Vec<_> = (0..self.b_g1.len())
            .map(|_| Field::rand(&mut OsRng))
            .collect();
        let in_g1 = G1Projective::msm_unchecked(&self.b_g1, &weights).into_affine();
        let in_g2 = <Bn254 as Pairing>::G2::msm_unchecked(&self.b_g2, &weights).into_affine();
        same(in_g1, in_g2)
            .then_some(())
            .ok_or(ZkeyError::Unrelated("B"))
    }

    /// Each contribution signs all that was before it, the last is a beacon's, and δ is what it left.
    fn check_transcript(&self) -> Result<(), ZkeyError> {
        let mut before = Blake2b512::new();
        before.update(self.circuit_hash);
        for (place, step) in self.steps.iter().enumerate() {
            let own = before
                .clone()
                .chain_update(encode_g1(&step.g1_s))
                .chain_update(encode_g1(&step.g1_sx));
            if own.finalize()[..] != step.transcript {
                return Err(ZkeyError::BrokenTranscript { place });
            }
            before.update(&step.public_key);
            let is_last = place + 1 == self.steps.len();
            match (step.contribution.beacon.is_some(), is_last) {
                (true, false) => return Err(ZkeyError::EarlyBeacon { place }),
                (false, true) => return Err(ZkeyError::NoBeacon),
                _ => {}
            }
        }
        // A beacon is known to all: somebody else must have contributed.
        match self.steps.as_slice() {
            [] | [_] => Err(ZkeyError::NoContribution),
            [.., last] if last.delta_after != self.delta_g1 => Err(ZkeyError::Delta),
            _ => Ok(()),
        }
    }

    /// The key as arkworks has it.
    ///
    /// Its points of H are `[τʲ·(τⁿ − 1)/δ]`, of the powers of τ. With ω of order 2n, a polynomial of
    /// degree below 2n that vanishes at the even powers of ω is the sum of its values at the odd ones
    /// times the Lagrange polynomials there. `Xʲ·(Xⁿ − 1)` is `−2·ωʲ⁽²ⁱ⁺¹⁾` at the odd power 2i + 1,
    /// so a transform of this key's points over the powers of ω² makes those of arkworks. It takes
    /// seconds, and once: proving then costs what it costs with any other key.
    pub fn proving_key(&self) -> ProvingKey<Bn254> {
        let domain = Radix2EvaluationDomain::<Field>::new(self.domain_size)
            .expect("the field has roots of unity for every circuit");
        let mut h: Vec<_> = self.h.iter().map(|point| point.into_group()).collect();
        domain.fft_in_place(&mut h);
        let root = Field::get_root_of_unity(2 * self.domain_size as u64)
            .expect("the field has roots of unity for every circuit");
        let factor = -Field::from(2u64);
        h.par_iter_mut().enumerate().for_each(|(power, point)| {
            *point *= factor * root.pow([power as u64]);
        });
        // The quotient has no coefficient at the highest power.
        h.truncate(self.domain_size - 1);
        ProvingKey {
            vk: ArkVerifyingKey {
                alpha_g1: self.alpha_g1,
                beta_g2: self.beta_g2,
                gamma_g2: self.gamma_g2,
                delta_g2: self.delta_g2,
                gamma_abc_g1: self.ic.clone(),
            },
            beta_g1: self.beta_g1,
            delta_g1: self.delta_g1,
            a_query: self.a.clone(),
            b_g1_query: self.b_g1.clone(),
            b_g2_query: self.b_g2.clone(),
            h_query: G1Projective::normalize_batch(&h),
            l_query: self.l.clone(),
        }
    }
}

struct Header {
    /// Variables, public inputs, places in the domain.
    sizes: [usize; 3],
    alpha_g1: G1Affine,
    beta_g1: G1Affine,
    beta_g2: G2Affine,
    gamma_g2: G2Affine,
    delta_g1: G1Affine,
    delta_g2: G2Affine,
}

impl Header {
    fn read(section: &[u8]) -> Result<Self, ZkeyError> {
        let mut reader = Reader(section);
        for order in [Fq::MODULUS, Field::MODULUS] {
            let len = reader.number().ok_or(ZkeyError::NotAZkey)?;
            let found = reader.array().ok_or(ZkeyError::NotAZkey)?;
            if len as usize != ELEMENT_LEN || limbs(&found) != order {
                return Err(ZkeyError::OtherCurve);
            }
        }
        let mut size = || Some(reader.number()? as usize);
        let sizes = size().zip(size()).zip(size());
        let ((variables, public), domain) = sizes.ok_or(ZkeyError::NotAZkey)?;
        let mut place = 0;
        let mut bytes = |len| {
            place += 1;
            let bytes = reader.bytes(len).ok_or(ZkeyError::NotAZkey)?;
            Ok((
                bytes,
                ZkeyError::BadPoint {
                    section: HEADER,
                    place: place - 1,
                },
            ))
        };
        let g1 = |(bytes, bad): (&[u8], _)| point_g1(bytes).ok_or(bad);
        let g2 = |(bytes, bad): (&[u8], _)| point_g2(bytes).ok_or(bad);
        let header = Self {
            sizes: [variables, public, domain],
            alpha_g1: g1(bytes(G1_LEN)?)?,
            beta_g1: g1(bytes(G1_LEN)?)?,
            beta_g2: g2(bytes(G2_LEN)?)?,
            gamma_g2: g2(bytes(G2_LEN)?)?,
            delta_g1: g1(bytes(G1_LEN)?)?,
            delta_g2: g2(bytes(G2_LEN)?)?,
        };
        reader
            .0
            .is_empty()
            .then_some(header)
            .ok_or(ZkeyError::NotAZkey)
    }
}

fn read_contributions(section: &[u8]) -> Result<([u8; 64], Vec<Step>), ZkeyError> {
    let mut reader = Reader(section);
    let circuit_hash = reader.array().ok_or(ZkeyError::NotAZkey)?;
    let count = reader.number().ok_or(ZkeyError::NotAZkey)?;
    let steps = (0..count)
        .map(|_| read_step(&mut reader).ok_or(ZkeyError::NotAZkey))
        .collect::<Result<_, _>>()?;
    reader
        .0
        .is_empty()
        .then_some((circuit_hash, steps))
        .ok_or(ZkeyError::NotAZkey)
}

fn read_step(reader: &mut Reader) -> Option<Step> {
    let mut point = || point_g1(reader.bytes(G1_LEN)?);
    let (delta_after, g1_s, g1_sx) = (point()?, point()?, point()?);
    let g2_spx = point_g2(reader.bytes(G2_LEN)?)?;
    let transcript = reader.array()?;
    let is_beacon = reader.number()? == 1;
    let len = usize::try_from(reader.number()?).ok()?;
    let (name, beacon) = read_parameters(reader.bytes(len)?)?;
    let mut public_key = [delta_after, g1_s, g1_sx]
        .map(|point| encode_g1(&point))
        .concat();
    public_key.extend(encode_g2(&g2_spx));
    public_key.extend(transcript);
    let beacon = match (is_beacon, beacon) {
        (true, (Some(value), Some(exponent))) => Some((value, exponent)),
        (true, _) => return None,
        (false, _) => None,
    };
    Some(Step {
        contribution: Contribution {
            name,
            hash: Blake2b512::digest(&public_key).into(),
            beacon,
        },
        delta_after,
        public_key,
        g1_s,
        g1_sx,
        transcript,
    })
}

/// The name, and value and exponent of a beacon.
type Parameters = (String, (Option<Vec<u8>>, Option<u8>));

fn read_parameters(bytes: &[u8]) -> Option<Parameters> {
    let (mut name, mut value, mut exponent) = (String::new(), None, None);
    let mut reader = Reader(bytes);
    while let Some([kind]) = reader.array() {
        let [number] = reader.array()?;
        match kind {
            1 => name = String::from_utf8_lossy(reader.bytes(number.into())?).into_owned(),
            2 => exponent = Some(number),
            3 => value = Some(reader.bytes(number.into())?.to_vec()),
            _ => return None,
        }
    }
    Some((name, (value, exponent)))
}

fn points_g1(section: &[u8], number: u32) -> Result<Vec<G1Affine>, ZkeyError> {
    points(section, number, G1_LEN, point_g1)
}

fn points_g2(section: &[u8], number: u32) -> Result<Vec<G2Affine>, ZkeyError> {
    points(section, number, G2_LEN, point_g2)
}

fn points<P: Send>(
    bytes: &[u8],
    section: u32,
    len: usize,
    read: fn(&[u8]) -> Option<P>,
) -> Result<Vec<P>, ZkeyError> {
    if bytes.len() % len != 0 {
        return Err(ZkeyError::NotAZkey);
    }
    let read = |(place, bytes)| read(bytes).ok_or(ZkeyError::BadPoint { section, place });
    bytes.par_chunks_exact(len).enumerate().map(read).collect()
}

/// A point of the prime-order group; zeros stand for the identity.
fn point_g1(bytes: &[u8]) -> Option<G1Affine> {
    let (x, y) = bytes.split_at_checked(ELEMENT_LEN)?;
    let (x, y) = (coordinate(x)?, coordinate(y)?);
    if x == Fq::ZERO && y == Fq::ZERO {
        return Some(G1Affine::identity());
    }
    let point = G1Affine::new_unchecked(x, y);
    point.is_on_curve().then_some(point)
}

/// As [`point_g1`], in G2.
fn point_g2(bytes: &[u8]) -> Option<G2Affine> {
    let mut coordinates = bytes.chunks(ELEMENT_LEN).map(coordinate);
    let mut next = || Some(Fq2::new(coordinates.next()??, coordinates.next()??));
    let (x, y) = (next()?, next()?);
    if x == Fq2::ZERO && y == Fq2::ZERO {
        return Some(G2Affine::identity());
    }
    let point = G2Affine::new_unchecked(x, y);
    let is_good = point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve();
    is_good.then_some(point)
}

/// A field element in Montgomery form, which snarkjs and arkworks have in common.
fn coordinate(bytes: &[u8]) -> Option<Fq> {
    let limbs = limbs(bytes.try_into().ok()?);
    (limbs < Fq::MODULUS).then(|| Fq::new_unchecked(limbs))
}

fn limbs(bytes: &[u8; ELEMENT_LEN]) -> BigInteger256 {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        *limb = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    }
    BigInteger256::new(limbs)
}

/// How snarkjs writes coefficients: times R², so that one multiplication with a plain value makes a
/// product in Montgomery form.
fn in_montgomery_form_twice(value: &Field) -> Vec<u8> {
    let once = Field::from_bigint(value.0).expect("Montgomery forms are below the order");
    once.0.to_bytes_le()
}

#[cfg(test)]
mod tests;
