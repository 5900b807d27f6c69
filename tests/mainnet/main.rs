//! What a deployment that is built for mainnet refuses, and how a ceremony's key works there. Run with
//! the feature `mainnet`; the programs run natively.

mod ceremony;
mod deployment;
