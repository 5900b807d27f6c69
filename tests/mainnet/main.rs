//! What a deployment that is built for mainnet refuses. Run with the feature `mainnet`; the programs
//! run natively.

mod deployment;
