//! What spans programs.

mod believed;
mod large_roots;
mod program_owners;
pub mod real_proofs;
mod rotations;
