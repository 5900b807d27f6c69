//! Powers of tau for rehearsals of a ceremony: prepared for phase 2, of one party, who could have kept
//! the secrets. A ceremony takes a public file of many contributors instead.
//!
//! Usage: `powers_of_tau POWER FILE.ptau`

use std::{
    env,
    error::Error,
    fs::File,
    io::{self, BufWriter, Write},
};

use ark_bn254::{Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{scalar_mul::ScalarMul, AffineRepr, PrimeGroup};
use ark_ff::{BigInteger, PrimeField, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::rngs::OsRng;

/// Bytes of a coordinate.
const COORDINATE_LEN: u64 = 32;
const G1_LEN: u64 = 2 * COORDINATE_LEN;
const G2_LEN: u64 = 2 * G1_LEN;
/// The sections of a prepared file.
const SECTIONS: u32 = 11;
const LARGEST_POWER: u32 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [power, path] = arguments.as_slice() else {
        return Err("usage: powers_of_tau POWER FILE".into());
    };
    let power: u32 = power.parse()?;
    if power > LARGEST_POWER {
        return Err(format!("the power is {power}, expected at most {LARGEST_POWER}").into());
    }
    let mut file = BufWriter::new(File::create(path)?);
    write_powers(&mut file, power)?;
    Ok(file.flush()?)
}

fn write_powers(to: &mut impl Write, power: u32) -> io::Result<()> {
    let [tau, alpha, beta] = [(); 3].map(|()| Fr::rand(&mut OsRng));
    let size = 1usize << power;
    let mut next = Fr::from(1u64);
    let powers: Vec<Fr> = (1..2 * size)
        .map(|_| {
            let now = next;
            next *= tau;
            now
        })
        .collect();
    let first = &powers[..size];

    to.write_all(b"ptau")?;
    to.write_all(&1u32.to_le_bytes())?;
    to.write_all(&SECTIONS.to_le_bytes())?;
    write_head(to, 1, 4 + COORDINATE_LEN + 4 + 4)?;
    to.write_all(&(COORDINATE_LEN as u32).to_le_bytes())?;
    to.write_all(&Fq::MODULUS.to_bytes_le())?;
    to.write_all(&power.to_le_bytes())?;
    to.write_all(&power.to_le_bytes())?;

    write_g1(to, 2, &powers)?;
    write_g2(to, 3, first)?;
    write_g1(to, 4, &times(first, alpha))?;
    write_g1(to, 5, &times(first, beta))?;
    write_g2(to, 6, &[beta])?;
    write_head(to, 7, 4)?;
    to.write_all(&0u32.to_le_bytes())?;

    let lagrange = |highest| -> Vec<Fr> {
        let sizes = (0..=highest).map(|power| 1usize << power);
        sizes.flat_map(|size| lagrange(&powers, size)).collect()
    };
    let to_size = lagrange(power);
    write_g1(to, 12, &lagrange(power + 1))?;
    write_g2(to, 13, &to_size)?;
    write_g1(to, 14, &times(&to_size, alpha))?;
    write_g1(to, 15, &times(&to_size, beta))
}

/// The Lagrange polynomials of a domain of this size at τ. Of the largest one the highest power is not
/// in the file: zero stands for it.
fn lagrange(powers: &[Fr], size: usize) -> Vec<Fr> {
    let domain =
        Radix2EvaluationDomain::<Fr>::new(size).expect("the field has such roots of unity");
    let mut values = powers[..size.min(powers.len())].to_vec();
    values.resize(size, Fr::zero());
    domain.ifft_in_place(&mut values);
    values
}

fn times(scalars: &[Fr], factor: Fr) -> Vec<Fr> {
    scalars.iter().map(|scalar| *scalar * factor).collect()
}

fn write_head(to: &mut impl Write, section: u32, len: u64) -> io::Result<()> {
    to.write_all(&section.to_le_bytes())?;
    to.write_all(&len.to_le_bytes())
}

fn write_g1(to: &mut impl Write, section: u32, scalars: &[Fr]) -> io::Result<()> {
    write_head(to, section, G1_LEN * scalars.len() as u64)?;
    for point in G1Projective::generator().batch_mul(scalars) {
        let (x, y) = G1Affine::xy(&point).unwrap_or_default();
        write_coordinates(to, &[x, y])?;
    }
    Ok(())
}

fn write_g2(to: &mut impl Write, section: u32, scalars: &[Fr]) -> io::Result<()> {
    write_head(to, section, G2_LEN * scalars.len() as u64)?;
    for point in G2Projective::generator().batch_mul(scalars) {
        let (x, y) = G2Affine::xy(&point).unwrap_or_default();
        write_coordinates(to, &[x.c0, x.c1, y.c0, y.c1])?;
    }
    Ok(())
}

/// In Montgomery form, as snarkjs keeps points.
fn write_coordinates(to: &mut impl Write, coordinates: &[Fq]) -> io::Result<()> {
    for coordinate in coordinates {
        to.write_all(&coordinate.0.to_bytes_le())?;
    }
    Ok(())
}
