//! The oracle: who governs it, what it believes, and what it refuses.

mod admin;
mod batches;
mod conflicts;
mod durable_nonce;
mod guardian;
mod initialize;
mod observations;
mod provider_sets;
mod result_roots;
mod verifying_keys;
