//! circom's Poseidon as constraints: four an S-box, nothing for the linear layers.

use std::sync::OnceLock;

use ark_ff::Field as _;
use attestation::Field;
use light_poseidon::{parameters::bn254_x5::get_poseidon_parameters, PoseidonParameters};

use crate::system::{zero, Expression, System};

const MAX_INPUTS: usize = 12;

/// Poseidon of 1 to 12 inputs, equal to [`attestation::poseidon`].
pub fn poseidon<S: System, const N: usize>(
    system: &mut S,
    inputs: [&S::Expression; N],
) -> S::Expression {
    let parameters = parameters::<N>();
    let first_partial = parameters.full_rounds / 2;
    let last_partial = first_partial + parameters.partial_rounds;

    let mut state = vec![zero::<S::Expression>()];
    state.extend(inputs.into_iter().cloned());
    for round in 0..parameters.full_rounds + parameters.partial_rounds {
        let constants = &parameters.ark[round * parameters.width..];
        for (element, constant) in state.iter_mut().zip(constants) {
            *element = element.clone() + S::Expression::constant(*constant);
        }
        if round == 0 {
            // The first element is the constant capacity: its S-box needs no constraint.
            state[0] = S::Expression::constant(constants[0].pow([parameters.alpha]));
            for element in &mut state[1..] {
                *element = s_box(system, element);
            }
        } else if (first_partial..last_partial).contains(&round) {
            state[0] = s_box(system, &state[0]);
        } else {
            for element in &mut state {
                *element = s_box(system, element);
            }
        }
        state = parameters
            .mds
            .iter()
            .map(|row| inner_product(row, &state))
            .collect();
    }
    state.swap_remove(0)
}

/// `x⁵`.
///
/// Four constraints where three would do: this way `x` is the only factor on the side that costs
/// the prover most, which saves more than the constraint costs.
fn s_box<S: System>(system: &mut S, x: &S::Expression) -> S::Expression {
    let squared = system.product(x, x);
    let cubed = system.product(&squared, x);
    let fourth = system.product(&cubed, x);
    system.product(&fourth, x)
}

fn inner_product<E: Expression>(row: &[Field], state: &[E]) -> E {
    row.iter()
        .zip(state)
        .fold(zero(), |sum, (coefficient, element)| {
            sum + element.clone() * *coefficient
        })
}

fn parameters<const N: usize>() -> &'static PoseidonParameters<Field> {
    const {
        assert!(
            N >= 1 && N <= MAX_INPUTS,
            "circom's parameters are for 1 to 12 inputs"
        )
    };
    static PARAMETERS: [OnceLock<PoseidonParameters<Field>>; MAX_INPUTS] =
        [const { OnceLock::new() }; MAX_INPUTS];
    PARAMETERS[N - 1].get_or_init(|| {
        get_poseidon_parameters(N as u8 + 1).expect("parameters exist for 1 to 12 inputs")
    })
}

#[cfg(test)]
mod tests {
    use ark_ff::UniformRand;
    use rand::rngs::OsRng;

    use super::*;
    use crate::system::{Assignment, Constraints};

    fn agrees<const N: usize>(expected_constraints: usize) {
        let inputs: [Field; N] = std::array::from_fn(|_| Field::rand(&mut OsRng));
        let hash = attestation::poseidon(inputs);
        assert_eq!(
            poseidon::<Assignment, N>(&mut Assignment::new(), std::array::from_fn(|i| &inputs[i]))
                .value(),
            hash
        );

        let mut system = Constraints::new();
        let inputs = inputs.map(|input| system.witness(input));
        let output = poseidon::<Constraints, N>(&mut system, std::array::from_fn(|i| &inputs[i]));
        assert_eq!(output.value(), hash);
        let (r1cs, values) = system.finish();
        assert_eq!(r1cs.unsatisfied(&values), None);
        assert_eq!(r1cs.num_constraints(), expected_constraints);
    }

    #[test]
    fn agrees_with_the_native_hash() {
        // 4·(8·width + partial rounds − 1).
        agrees::<1>(284);
        agrees::<2>(320);
        agrees::<4>(396);
        agrees::<5>(428);
        agrees::<6>(472);
        agrees::<12>(672);
    }
}
