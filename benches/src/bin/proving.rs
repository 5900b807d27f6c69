//! Times proving, and a plain `ark-groth16` call on the same constraints, machine and run:
//! `scripts/throughput proving [PROOFS]`.

use std::time::{Duration, Instant};

use ark_bn254::Bn254;
use ark_groth16::Groth16;
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable,
};
use ark_snark::SNARK;
use attestation::{
    Aggregation, Attestation, Domain, FeedKind, Field, Millis, Observation, Provider, ProviderSet,
    Quorum, SecretKey,
};
use circuits::{Circuit, Keys, Matrix, QuorumWitness, R1cs, PUBLIC_INPUT, PUBLIC_VARIABLES};
use prover::{Prover, Timings};
use rand::rngs::OsRng;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let proofs = std::env::args()
        .nth(1)
        .map_or(Ok(30), |count| count.parse())?;
    println!(
        "{proofs} proofs each, {} threads; milliseconds",
        rayon::current_num_threads()
    );
    println!("circuit    constraints  median     p99   (witness  proof  check)    plain  ratio");
    for circuit in Circuit::ALL {
        let quorum = quorum(circuit)?;
        let keys = Keys::generate(circuit)?;
        let plain_key = keys.proving_key.clone();
        let r1cs = keys.r1cs.clone();
        let prover = Prover::new(keys);

        let values = circuit.assign(&QuorumWitness::new(&quorum, circuit)?);
        let mut timings = Vec::<Timings>::new();
        let mut plain = Vec::new();
        for _ in 0..proofs {
            timings.push(prover.prove(&quorum)?.timings);
            let start = Instant::now();
            Groth16::<Bn254>::prove(
                &plain_key,
                Plain {
                    r1cs: &r1cs,
                    values: &values,
                },
                &mut OsRng,
            )?;
            plain.push(start.elapsed());
        }
        let part = |part: fn(&Timings) -> Duration| sorted(timings.iter().map(part));
        let total = part(Timings::total);
        let plain = sorted(plain.into_iter());
        println!(
            "{:<10} {:>11}  {:>6.0}  {:>6.0}   ({:>7.1} {:>6.1} {:>6.1})  {:>7.0}  {:>5.2}",
            circuit.id(),
            r1cs.num_constraints(),
            quantile(&total, 50),
            quantile(&total, 99),
            quantile(&part(|timings| timings.witness), 50),
            quantile(&part(|timings| timings.proof), 50),
            quantile(&part(|timings| timings.self_check), 50),
            quantile(&plain, 50),
            quantile(&plain, 50) / quantile(&total, 50),
        );
    }
    Ok(())
}

fn sorted(times: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut times: Vec<_> = times.collect();
    times.sort();
    times
}

/// Milliseconds.
fn quantile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted
        .get(place)
        .map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
}

/// As many signatures as the circuit has room for.
fn quorum(circuit: Circuit) -> Result<Quorum, Box<dyn std::error::Error>> {
    let domain = Domain::new(&[7; 32], "localnet");
    let time = Millis::new(1_671_375_600_000)?;
    let secrets: Vec<_> = (0..circuit.slots())
        .map(|_| SecretKey::generate())
        .collect();
    let providers = secrets
        .iter()
        .map(|secret| Provider {
            name: String::new(),
            public_key: secret.public_key(),
        })
        .collect();
    let set = ProviderSet::new(circuit.slots() as u64, providers)?;
    let observation = Observation::new(Field::from(42), time, Millis::new(0)?, -7)?;
    let attestations: Vec<_> = secrets
        .iter()
        .map(|secret| Attestation::sign(secret, domain, observation))
        .collect();
    let feed = Field::from(42);
    Ok(match circuit.aggregation() {
        Aggregation::Agreement => Quorum::new(
            &set,
            domain,
            FeedKind::Event,
            feed,
            time,
            &attestations,
            None,
        )?,
        Aggregation::Median => Quorum::median(
            &set,
            domain,
            FeedKind::Event,
            feed,
            time,
            &attestations,
            circuit.slots(),
        )?,
    })
}

/// The circuit as a plain arkworks user would hand it over.
struct Plain<'a> {
    r1cs: &'a R1cs,
    values: &'a [Field],
}

impl ConstraintSynthesizer<Field> for Plain<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Field>) -> Result<(), SynthesisError> {
        let mut variables = vec![
            Variable::One,
            cs.new_input_variable(|| Ok(self.values[PUBLIC_INPUT]))?,
        ];
        for value in &self.values[PUBLIC_VARIABLES..] {
            variables.push(cs.new_witness_variable(|| Ok(*value))?);
        }
        let combination = |matrix: &Matrix, row| {
            LinearCombination(
                matrix
                    .row(row)
                    .iter()
                    .map(|(variable, coefficient)| (*coefficient, variables[*variable]))
                    .collect(),
            )
        };
        for row in 0..self.r1cs.num_constraints() {
            cs.enforce_r1cs_constraint(
                || combination(&self.r1cs.a, row),
                || combination(&self.r1cs.b, row),
                || combination(&self.r1cs.c, row),
            )?;
        }
        Ok(())
    }
}
