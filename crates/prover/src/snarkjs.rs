//! Keys, proofs and public inputs as snarkjs reads them.

use groth16::{negate_g1, Proof, VerifyingKey};
use num_bigint::BigUint;
use serde_json::{json, Value};

/// `verification_key.json`.
pub fn verification_key_json(key: &VerifyingKey) -> Value {
    json!({
        "protocol": "groth16",
        "curve": "bn128",
        "nPublic": key.ic.len() - 1,
        "vk_alpha_1": g1(&key.alpha_g1),
        "vk_beta_2": g2(&key.beta_g2),
        "vk_gamma_2": g2(&key.gamma_g2),
        "vk_delta_2": g2(&key.delta_g2),
        "IC": key.ic.iter().map(|point| g1(point)).collect::<Vec<_>>(),
    })
}

/// `proof.json`.
pub fn proof_json(proof: &Proof) -> Value {
    let (minus_a, rest) = proof.split_at(64);
    let (b, c) = rest.split_at(128);
    let mut a = [0; 64];
    a.copy_from_slice(minus_a);
    json!({
        "protocol": "groth16",
        "curve": "bn128",
        "pi_a": g1(&negate_g1(&a)),
        "pi_b": g2(b),
        "pi_c": g1(c),
    })
}

/// `public.json`.
pub fn public_json(public_input: &[u8; 32]) -> Value {
    json!([decimal(public_input)])
}

/// `[x, y, 1]`.
fn g1(point: &[u8]) -> Value {
    json!([decimal(&point[..32]), decimal(&point[32..]), "1"])
}

/// `[[x₀, x₁], [y₀, y₁], [1, 0]]`: snarkjs puts the real part first, EIP-197 last.
fn g2(point: &[u8]) -> Value {
    let [x1, x0, y1, y0] = [0, 32, 64, 96].map(|start| decimal(&point[start..start + 32]));
    json!([[x0, x1], [y0, y1], ["1", "0"]])
}

fn decimal(bytes: &[u8]) -> String {
    BigUint::from_bytes_be(bytes).to_string()
}
