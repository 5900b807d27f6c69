use light_poseidon::{Poseidon, PoseidonHasher};

use crate::Field;

/// circom's Poseidon of 1 to 12 elements: BN254, x⁵, first state element zero, first one returned.
pub fn poseidon<const N: usize>(inputs: [Field; N]) -> Field {
    const {
        assert!(
            N >= 1 && N <= 12,
            "circom's parameters are for 1 to 12 inputs"
        )
    };
    Poseidon::<Field>::new_circom(N)
        .and_then(|mut hasher| hasher.hash(&inputs))
        .expect("parameters exist for this number of inputs")
}
