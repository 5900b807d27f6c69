//! The files of iden3's tools, circom and snarkjs: constraints (`.r1cs`), names (`.sym`), values
//! (`.wtns`) and keys (`.zkey`).
//!
//! Formats: github.com/iden3/r1csfile and github.com/iden3/snarkjs. All but `.sym` are binary: a magic
//! word, a version, and numbered sections, each with its length; numbers are little-endian.

mod r1cs;
mod sections;
mod wtns;
mod zkey;

pub use r1cs::r1cs_hash;
pub use wtns::write_wtns;
pub use zkey::{Contribution, Zkey, ZkeyError};
