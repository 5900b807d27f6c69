//! The oracle: who governs it, what it believes, and what it refuses.

mod admin;
mod durable_nonce;
mod guardian;
mod initialize;
mod observations;
mod provider_sets;
mod verifying_keys;
