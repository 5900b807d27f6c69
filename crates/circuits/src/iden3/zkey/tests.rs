use ark_bn254::G2Projective;
use ark_ff::{One, Zero};
use ark_poly::{univariate::DensePolynomial, DenseUVPolynomial};

use super::*;
use crate::{
    iden3::sections::{write_head, write_order, write_section},
    keys::{Keys, KeysError},
    small, Circuit,
};

/// What a ceremony's parties would have had to bring together.
struct Secrets {
    tau: Field,
    alpha: Field,
    beta: Field,
    deltas: [Field; 2],
}

impl Secrets {
    fn random() -> Self {
        let next = || Field::rand(&mut OsRng);
        Self {
            tau: next(),
            alpha: next(),
            beta: next(),
            deltas: [next(), next()],
        }
    }

    fn delta(&self) -> Field {
        self.deltas[0] * self.deltas[1]
    }
}

/// The sections of the `.zkey` file of `r1cs` under these secrets.
fn sections(r1cs: &R1cs, secrets: &Secrets) -> Vec<(u32, Vec<u8>)> {
    let size = r1cs.domain_size();
    let domain = Radix2EvaluationDomain::<Field>::new(size).expect("small");
    let twice = Radix2EvaluationDomain::<Field>::new(2 * size).expect("small");
    let lagrange = domain.evaluate_all_lagrange_coefficients(secrets.tau);
    let column = |matrix: &Matrix, variable: usize| -> Field {
        let rows = matrix.rows().zip(&lagrange);
        rows.flat_map(|(row, at)| row.iter().map(move |term| (term, at)))
            .filter(|((of, _), _)| *of == variable)
            .map(|((_, coefficient), at)| *coefficient * at)
            .sum()
    };
    let mut points: [Vec<u8>; 6] = Default::default();
    let [ic, a, b_g1, b_g2, l, h] = &mut points;
    for variable in 0..r1cs.num_variables {
        let is_public = variable < PUBLIC_VARIABLES;
        let in_a = column(&r1cs.a, variable)
            + match is_public {
                true => lagrange[r1cs.num_constraints() + variable],
                false => Field::ZERO,
            };
        let in_b = column(&r1cs.b, variable);
        let both = secrets.beta * in_a + secrets.alpha * in_b + column(&r1cs.c, variable);
        a.extend(g1(in_a));
        b_g1.extend(g1(in_b));
        b_g2.extend(g2(in_b));
        match is_public {
            true => ic.extend(g1(both)),
            false => l.extend(g1(both / secrets.delta())),
        }
    }
    let twice_lagrange = twice.evaluate_all_lagrange_coefficients(secrets.tau);
    for at in twice_lagrange.iter().skip(1).step_by(2) {
        h.extend(g1(*at / secrets.delta()));
    }
    let [ic, a, b_g1, b_g2, l, h] = points;
    vec![
        (PROTOCOL, GROTH16.to_le_bytes().to_vec()),
        (HEADER, header(r1cs, secrets)),
        (IC, ic),
        (COEFFICIENTS, coefficients(r1cs)),
        (A, a),
        (B1, b_g1),
        (B2, b_g2),
        (C, l),
        (H, h),
        (CONTRIBUTIONS, contributions(secrets)),
    ]
}

fn header(r1cs: &R1cs, secrets: &Secrets) -> Vec<u8> {
    let mut header = Vec::new();
    write_order::<Fq>(&mut header).expect("memory");
    write_order::<Field>(&mut header).expect("memory");
    for size in [r1cs.num_variables, 1, r1cs.domain_size()] {
        header.extend((size as u32).to_le_bytes());
    }
    header.extend(g1(secrets.alpha));
    header.extend(g1(secrets.beta));
    header.extend(g2(secrets.beta));
    header.extend(g2(Field::one()));
    header.extend(g1(secrets.delta()));
    header.extend(g2(secrets.delta()));
    header
}

/// As snarkjs does it: `value · R²`, here by repeated doubling.
fn coefficients(r1cs: &R1cs) -> Vec<u8> {
    let mut terms = Vec::new();
    for row in 0..r1cs.num_constraints() {
        for (matrix, rows) in [(0u32, &r1cs.a), (1, &r1cs.b)] {
            let in_row = rows.row(row).iter();
            terms.extend(in_row.map(|(variable, value)| (matrix, row, *variable, *value)));
        }
    }
    for variable in 0..PUBLIC_VARIABLES {
        terms.push((0, r1cs.num_constraints() + variable, variable, Field::one()));
    }
    let mut bytes = (terms.len() as u32).to_le_bytes().to_vec();
    for (matrix, row, variable, value) in terms {
        for number in [matrix, row as u32, variable as u32] {
            bytes.extend(number.to_le_bytes());
        }
        let doubled = (0..512).fold(value, |value, _| value.double());
        bytes.extend(doubled.into_bigint().to_bytes_le());
    }
    bytes
}

/// One contribution and a beacon.
fn contributions(secrets: &Secrets) -> Vec<u8> {
    let circuit_hash = [9; 64];
    let mut section = circuit_hash.to_vec();
    section.extend(2u32.to_le_bytes());
    let mut before = Blake2b512::new_with_prefix(circuit_hash);
    let mut delta = Field::one();
    for (secret, kind) in secrets.deltas.iter().zip([0u32, 1]) {
        delta *= secret;
        let seed = Field::rand(&mut OsRng);
        let [after, g1_s, g1_sx] = [delta, seed, seed * secret].map(affine);
        let g2_spx = (G2Projective::from(G2Affine::generator()) * secret).into_affine();
        let own = before
            .clone()
            .chain_update(encode_g1(&g1_s))
            .chain_update(encode_g1(&g1_sx));
        let transcript = own.finalize();
        let mut parameters = vec![1, 3];
        parameters.extend(b"Ada");
        if kind == 1 {
            parameters.extend([2, 10, 3, 2, 0xbe, 0xac]);
        }
        for point in [&after, &g1_s, &g1_sx] {
            section.extend(montgomery(&[point.x, point.y]));
            before.update(encode_g1(point));
        }
        section.extend(g2_bytes(&g2_spx));
        before.update(encode_g2(&g2_spx));
        section.extend(transcript);
        before.update(transcript);
        section.extend(kind.to_le_bytes());
        section.extend((parameters.len() as u32).to_le_bytes());
        section.extend(parameters);
    }
    section
}

fn affine(scalar: Field) -> G1Affine {
    (G1Affine::generator() * scalar).into_affine()
}

fn g1(scalar: Field) -> Vec<u8> {
    let point = affine(scalar);
    match point.xy() {
        Some((x, y)) => montgomery(&[x, y]),
        None => vec![0; G1_LEN],
    }
}

fn g2(scalar: Field) -> Vec<u8> {
    g2_bytes(&(G2Affine::generator() * scalar).into_affine())
}

fn g2_bytes(point: &G2Affine) -> Vec<u8> {
    match point.xy() {
        Some((x, y)) => montgomery(&[x.c0, x.c1, y.c0, y.c1]),
        None => vec![0; G2_LEN],
    }
}

fn montgomery(coordinates: &[Fq]) -> Vec<u8> {
    let coordinates = coordinates.iter();
    coordinates.flat_map(|one| one.0.to_bytes_le()).collect()
}

fn file(sections: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    write_head(&mut file, b"zkey", 1, sections.len() as u32).expect("memory");
    for (number, contents) in sections {
        write_section(&mut file, *number, contents.len() as u64).expect("memory");
        file.extend(contents);
    }
    file
}

/// Reads and checks a file after a change to one section.
fn changed(
    r1cs: &R1cs,
    secrets: &Secrets,
    number: u32,
    change: impl FnOnce(&mut Vec<u8>),
) -> Result<(), ZkeyError> {
    let mut sections = sections(r1cs, secrets);
    let section = sections.iter_mut().find(|(found, _)| *found == number);
    change(&mut section.expect("there is such a section").1);
    Zkey::read(&file(&sections))?.check(r1cs)
}

#[test]
fn key_of_a_ceremony_becomes_one_of_arkworks() {
    let (r1cs, secrets) = (small::circuit(), Secrets::random());
    let zkey = Zkey::read(&file(&sections(&r1cs, &secrets))).expect("a key");
    zkey.check(&r1cs).expect("the circuit's");
    let names: Vec<_> = zkey.contributions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Ada", "Ada"]);
    let beacons: Vec<_> = zkey.contributions().map(|one| one.beacon.clone()).collect();
    assert_eq!(beacons, [None, Some((vec![0xbe, 0xac], 10))]);

    let key = zkey.proving_key();
    let size = r1cs.domain_size();
    assert_eq!(key.h_query.len(), size - 1);
    let vanishing = secrets.tau.pow([size as u64]) - Field::one();
    for (power, point) in key.h_query.iter().enumerate() {
        let scalar = secrets.tau.pow([power as u64]) * vanishing / secrets.delta();
        assert_eq!(*point, affine(scalar));
    }
}

#[test]
fn every_part_of_the_key_is_checked() {
    let (r1cs, secrets) = (small::circuit(), Secrets::random());
    let check = |number, change: fn(&mut Vec<u8>)| changed(&r1cs, &secrets, number, change);
    assert_eq!(check(PROTOCOL, |_| ()), Ok(()));
    assert_eq!(
        check(PROTOCOL, |bytes| bytes[0] = 2),
        Err(ZkeyError::OtherProtocol { found: 2 })
    );
    assert_eq!(
        check(HEADER, |bytes| bytes[4] ^= 1),
        Err(ZkeyError::OtherCurve)
    );
    let other = |what, found, expected| {
        Err(ZkeyError::OtherSize {
            what,
            found,
            expected,
        })
    };
    assert_eq!(
        check(HEADER, |bytes| bytes[72] += 1),
        other("variables", 7, 6)
    );
    assert_eq!(
        check(HEADER, |bytes| bytes[76] += 1),
        other("public inputs", 2, 1)
    );
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - G1_LEN);
    assert_eq!(check(IC, cut), other("points in IC", 1, 2));
    assert_eq!(check(A, cut), other("points in A", 5, 6));
    assert_eq!(check(C, cut), other("points in C", 3, 4));
    assert_eq!(check(H, cut), other("points in H", 7, 8));
    for section in [A, B1, B2, C, H, IC] {
        let place = 1;
        let flip = |bytes: &mut Vec<u8>| match bytes.len() / G2_LEN >= 6 {
            true => bytes[G2_LEN + G1_LEN - 40] ^= 1,
            false => bytes[G1_LEN + 5] ^= 1,
        };
        let found = check(section, flip);
        let is_bad = matches!(found, Err(ZkeyError::BadPoint { section: at, .. }) if at == section);
        assert!(is_bad, "section {section}, point {place}: {found:?}");
    }
    assert_eq!(
        check(COEFFICIENTS, |bytes| bytes[4 + COEFFICIENT_LEN + 12] ^= 1),
        Err(ZkeyError::OtherConstraints { place: 1 })
    );
    assert_eq!(
        check(COEFFICIENTS, |bytes| bytes[4 + COEFFICIENT_LEN + 8] ^= 1),
        Err(ZkeyError::OtherConstraints { place: 1 })
    );
    // A point of B in one group only.
    assert_eq!(
        check(B1, |bytes| bytes.copy_within(..G1_LEN, 2 * G1_LEN)),
        Err(ZkeyError::Unrelated("B"))
    );
    for (start, len, from, secret) in [
        (G1_LEN, G1_LEN, 0, Err(ZkeyError::Unrelated("β"))),
        (
            2 * G1_LEN + G2_LEN,
            G2_LEN,
            2 * G1_LEN,
            Err(ZkeyError::Gamma),
        ),
        (
            3 * G1_LEN + 2 * G2_LEN,
            G2_LEN,
            2 * G1_LEN,
            Err(ZkeyError::Unrelated("δ")),
        ),
    ] {
        let found = changed(&r1cs, &secrets, HEADER, |bytes| {
            let points = 84;
            bytes.copy_within(points + from..points + from + len, points + start);
        });
        assert_eq!(found, secret);
    }
}

#[test]
fn every_contribution_is_checked() {
    let (r1cs, secrets) = (small::circuit(), Secrets::random());
    let check = |change: fn(&mut Vec<u8>)| changed(&r1cs, &secrets, CONTRIBUTIONS, change);
    let broken = |place| Err(ZkeyError::BrokenTranscript { place });
    let first = 64 + 4;
    let transcript = first + 3 * G1_LEN + G2_LEN;
    assert_eq!(check(|bytes| bytes[0] ^= 1), broken(0));
    let found = changed(&r1cs, &secrets, CONTRIBUTIONS, |bytes| {
        bytes[transcript] ^= 1
    });
    assert_eq!(found, broken(0));
    // Another δ after the first step: the second does not continue from it.
    let found = changed(&r1cs, &secrets, CONTRIBUTIONS, |bytes| {
        bytes.copy_within(first + G1_LEN..first + 2 * G1_LEN, first);
    });
    assert_eq!(found, broken(1));
    // The first is of a beacon, too.
    let found = changed(&r1cs, &secrets, CONTRIBUTIONS, |bytes| {
        let kind = transcript + 64;
        bytes[kind] = 1;
        bytes[kind + 4] += 4;
        bytes.splice(kind + 13..kind + 13, [2, 10, 3, 0]);
    });
    assert_eq!(found, Err(ZkeyError::EarlyBeacon { place: 0 }));
    // The second is none.
    let found = changed(&r1cs, &secrets, CONTRIBUTIONS, |bytes| {
        let kind = transcript + 64 + 4 + 4 + 5 + 3 * G1_LEN + G2_LEN + 64;
        bytes[kind] = 0;
    });
    assert_eq!(found, Err(ZkeyError::NoBeacon));
    let found = changed(&r1cs, &secrets, CONTRIBUTIONS, |bytes| {
        bytes.truncate(first);
        bytes[64] = 0;
    });
    assert_eq!(found, Err(ZkeyError::NoContribution));
    // A whole transcript, but of another δ.
    let other = Secrets {
        deltas: [Field::one(), Field::one()],
        ..Secrets::random()
    };
    let found = changed(&r1cs, &secrets, CONTRIBUTIONS, |bytes| {
        *bytes = contributions(&other);
    });
    assert_eq!(found, Err(ZkeyError::Delta));
}

#[test]
fn cut_or_foreign_files_are_no_keys() {
    let (r1cs, secrets) = (small::circuit(), Secrets::random());
    let sections = sections(&r1cs, &secrets);
    let good = file(&sections);
    let is_none = |bytes: &[u8]| matches!(Zkey::read(bytes), Err(ZkeyError::NotAZkey));
    for len in (0..good.len()).step_by(7) {
        assert!(is_none(&good[..len]), "{len} bytes");
    }
    assert!(is_none(&[&good[..], &[0]].concat()));
    for missing in 0..sections.len() {
        let mut fewer = sections.clone();
        fewer.remove(missing);
        assert!(is_none(&file(&fewer)));
    }
    let twice = [&sections[..], &sections[2..3]].concat();
    assert!(is_none(&file(&twice)));
}

/// What snarkjs 0.7.5 took as the constraints of [`small::circuit`].
const SNARKJS_R1CS: &[u8] = include_bytes!("../../fixtures/small.r1cs");

/// A proof without blinding, by the definition: the quotient is divided out in coefficients.
fn is_proven_under(key: &ProvingKey<Bn254>, r1cs: &R1cs, values: &[Field]) -> bool {
    let size = r1cs.domain_size();
    let domain = Radix2EvaluationDomain::<Field>::new(size).expect("small");
    let interpolate = |matrix: &Matrix, extra: &[Field]| {
        let rows = 0..r1cs.num_constraints();
        let mut at: Vec<_> = rows.map(|row| matrix.evaluate(row, values)).collect();
        at.extend(extra);
        DensePolynomial::from_coefficients_vec(domain.ifft(&at))
    };
    let a = interpolate(&r1cs.a, &values[..PUBLIC_VARIABLES]);
    let (b, c) = (interpolate(&r1cs.b, &[]), interpolate(&r1cs.c, &[]));
    let (quotient, rest) = (&(&a * &b) - &c).divide_by_vanishing_poly(domain);
    assert!(rest.is_zero());
    let sum = |points: &[G1Affine], scalars: &[Field]| {
        let terms = points.iter().zip(scalars);
        terms
            .map(|(point, scalar)| *point * scalar)
            .sum::<G1Projective>()
    };
    let proof_a = sum(&key.a_query, values) + key.vk.alpha_g1;
    let in_b = key.b_g2_query.iter().zip(values);
    let in_b: G2Projective = in_b.map(|(point, value)| *point * value).sum();
    let proof_b = in_b + key.vk.beta_g2;
    let proof_c = sum(&key.l_query, &values[PUBLIC_VARIABLES..]) + sum(&key.h_query, &quotient);
    let public = sum(&key.vk.gamma_abc_g1, &values[..PUBLIC_VARIABLES]);
    Bn254::pairing(proof_a, proof_b)
        == Bn254::pairing(key.vk.alpha_g1, key.vk.beta_g2)
            + Bn254::pairing(public, key.vk.gamma_g2)
            + Bn254::pairing(proof_c, key.vk.delta_g2)
}

#[test]
fn key_that_snarkjs_made_proves() {
    let r1cs = small::circuit();
    let mut written = Vec::new();
    r1cs.write_r1cs(&mut written).expect("memory");
    assert_eq!(written, SNARKJS_R1CS);

    let zkey = Zkey::read(small::ZKEY).expect("a key");
    zkey.check(&r1cs).expect("the circuit's");
    let names: Vec<_> = zkey.contributions().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["first", "second", "third", "beacon"]);
    let first = zkey.contributions().next().expect("there is one");
    // The first words of the hash that snarkjs showed to who contributed.
    assert_eq!(
        first.hash[..8],
        [0x61, 0x23, 0x31, 0x68, 0xb9, 0x76, 0x66, 0x7e]
    );
    let beacon = zkey
        .contributions()
        .last()
        .and_then(|last| last.beacon.clone());
    assert_eq!(beacon, Some(((1..32).collect(), 10)));

    let values = [1u64, 6, 2, 3, 1, 4].map(Field::from);
    assert_eq!(r1cs.unsatisfied(&values), None);
    let secrets = Secrets::random();
    let own = Zkey::read(&file(&sections(&r1cs, &secrets))).expect("a key");
    for key in [zkey.proving_key(), own.proving_key()] {
        assert!(is_proven_under(&key, &r1cs, &values));
        // Points of H in another order are those of no key.
        let mut wrong = key.clone();
        wrong.h_query.rotate_left(1);
        assert!(!is_proven_under(&wrong, &r1cs, &values));
    }
}

#[test]
fn key_of_another_circuit_or_without_a_transcript_is_not_imported() {
    let zkey = Zkey::read(&file(&sections(&small::circuit(), &Secrets::random()))).expect("a key");
    let import = |transcript_hash| Keys::import(&zkey, Circuit::Quorum3, transcript_hash);
    assert!(matches!(import([0; 32]), Err(KeysError::NoTranscript)));
    assert!(matches!(
        import([7; 32]),
        Err(KeysError::Zkey(ZkeyError::OtherSize { .. }))
    ));
}
