//! A circuit of three constraints, for tests of what reads keys: those of statements have megabytes.

use std::path::Path;

use attestation::Field;

use crate::{
    iden3::Zkey,
    system::{Constraints, Expression, System},
    Circuit, Keys, KeysError, R1cs,
};

/// Its key of a ceremony of three and a beacon, as snarkjs 0.7.5 made it.
pub const ZKEY: &[u8] = include_bytes!("fixtures/small_zkey.bin");

/// `h = w₂·w₃`, `w₂ + 1 = w₃·w₄`, `w₂² = w₅`.
pub fn circuit() -> R1cs {
    let mut system = Constraints::new();
    let public = system.public_input(Field::from(6u64));
    let [second, third, fourth] = [2u64, 3, 1].map(|value| system.witness(Field::from(value)));
    system.enforce(&second, &third, &public);
    let one = Expression::constant(Field::from(1u64));
    system.enforce(&third, &fourth, &(second.clone() + one));
    system.product(&second, &second);
    system.finish().0
}

/// The keys of that ceremony, under the name of another circuit.
///
/// # Panics
/// Never: the file is the circuit's.
pub fn keys() -> Keys {
    let zkey = Zkey::read(ZKEY).expect("a key");
    Keys::import_for(&zkey, Circuit::Quorum3, circuit(), [7; 32]).expect("of the circuit")
}

/// Reads what [`keys`] wrote.
///
/// # Errors
/// Those of [`Keys::read`].
pub fn read_keys(path: &Path) -> Result<Keys, KeysError> {
    Keys::read_for(path, Circuit::Quorum3, circuit())
}
