//! Who is believed: provider sets, verifying keys and observations.
//!
//! The only program of Strobe that verifies Groth16 proofs. A proof shows that at least `threshold`
//! members of a provider set signed a value for a feed at a time; it shows signatures and
//! arithmetic, not the world. The trust is in the k-of-n providers.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::unwrap_used
)]
#![allow(
    clippy::too_many_arguments,
    reason = "an argument of an instruction has to stand at the top for generators of clients"
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::integer_division,
        clippy::unwrap_used,
        reason = "tests fail by panicking, and read better with plain operators"
    )
)]

pub mod error;
pub mod governance;
pub mod instructions;
mod price_feeds;
pub mod state;
pub mod statement;

use anchor_lang::prelude::*;
use instructions::*;

pub use state::{
    evidence, Aggregation, FeedKind, Network, Observation, ObservationStatus, OracleConfig,
    ProviderRole, ProviderSet, ResultRoot, VerifyingKey, NETWORK,
};

declare_id!("73nDbVsSF1zLEKeCDPJkXveoHXcxisDFsQAtpkWi3eGu");

#[cfg(all(target_os = "solana", not(feature = "cpi")))]
program_kit::entrypoint!(entry);

#[cfg(not(feature = "cpi"))]
solana_security_txt::security_txt! {
    name: "Strobe oracle",
    project_url: "https://github.com/strobe-protocol/strobe",
    contacts: "link:https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    policy: "https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    source_code: "https://github.com/strobe-protocol/strobe"
}

// Dispatch tries one instruction after the other: those that are sent most come first.
#[program]
pub mod oracle {
    use super::*;

    /// Verifies a proof and records what it shows; anybody.
    pub fn verify_observation(
        ctx: Context<VerifyObservation>,
        feed_id: [u8; 32],
        observe_at_ms: u64,
        value: i64,
        proof: [u8; groth16::PROOF_LEN],
    ) -> Result<()> {
        let claim = VerifyObservationArgs {
            feed_id,
            observe_at_ms,
            value,
            proof,
        };
        handle_verify_observation(ctx, claim)
    }

    /// Verifies several proofs under one key at once, and records what they show; anybody.
    /// Remaining accounts, writable: where each claim's observation will be.
    pub fn verify_observations<'info>(
        ctx: Context<'info, VerifyObservations<'info>>,
        claims: Vec<VerifyObservationArgs>,
    ) -> Result<()> {
        handle_verify_observations(ctx, claims)
    }

    /// Verifies a proof of the root of many results; anybody.
    pub fn verify_result_root(
        ctx: Context<VerifyResultRoot>,
        args: VerifyResultRootArgs,
    ) -> Result<()> {
        handle_verify_result_root(ctx, args)
    }

    /// Makes an observation of a result in a verified root; anybody.
    pub fn record_result(
        ctx: Context<RecordResult>,
        feed_id: [u8; 32],
        observe_at_ms: u64,
        value: i64,
        index: u32,
        path: Vec<u8>,
    ) -> Result<()> {
        let args = RecordResultArgs {
            feed_id,
            observe_at_ms,
            value,
            index,
            path,
        };
        handle_record_result(ctx, args)
    }

    /// Marks an observation that another proof contradicts; anybody.
    pub fn report_conflict(ctx: Context<ReportConflict>, args: ReportConflictArgs) -> Result<()> {
        handle_report_conflict(ctx, args)
    }

    /// Marks an observation that a result in a verified root contradicts; anybody.
    pub fn report_result_conflict(
        ctx: Context<ReportResultConflict>,
        args: ReportResultConflictArgs,
    ) -> Result<()> {
        handle_report_result_conflict(ctx, args)
    }

    /// Creates the configuration; only the program's upgrade authority may, once.
    pub fn initialize(ctx: Context<Initialize>, args: InitializeArgs) -> Result<()> {
        handle_initialize(ctx, args)
    }

    /// Names the next admin, who may accept once the timelock has passed.
    pub fn propose_admin(ctx: Context<ProposeAdmin>, new_admin: Pubkey) -> Result<()> {
        handle_propose_admin(ctx, new_admin)
    }

    /// Takes over as admin; signed by the proposed admin.
    pub fn accept_admin(ctx: Context<AcceptAdmin>) -> Result<()> {
        handle_accept_admin(ctx)
    }

    /// Withdraws a proposed admin; admin or guardian.
    pub fn cancel_admin(ctx: Context<CancelAdmin>) -> Result<()> {
        handle_cancel_admin(ctx)
    }

    /// Names the next guardian, who replaces the present one when the timelock has passed.
    pub fn set_guardian(ctx: Context<SetGuardian>, new_guardian: Pubkey) -> Result<()> {
        handle_set_guardian(ctx, new_guardian)
    }

    /// Withdraws the next guardian before it takes over; admin or guardian.
    pub fn cancel_guardian(ctx: Context<CancelGuardian>) -> Result<()> {
        handle_cancel_guardian(ctx)
    }

    /// Publishes a provider set that becomes usable when the timelock has passed.
    pub fn propose_provider_set(
        ctx: Context<ProposeProviderSet>,
        id: u32,
        epoch: u32,
        role: ProviderRole,
        root: [u8; 32],
        threshold: u8,
        size: u8,
        median_slack: u8,
    ) -> Result<()> {
        let args = ProposeProviderSetArgs {
            id,
            epoch,
            role,
            root,
            threshold,
            size,
            median_slack,
        };
        handle_propose_provider_set(ctx, args)
    }

    /// Withdraws a provider set before it becomes usable; admin or guardian.
    pub fn cancel_provider_set(ctx: Context<CancelProviderSet>) -> Result<()> {
        handle_cancel_provider_set(ctx)
    }

    /// Retires a provider set for good: no new market may take it; admin or guardian.
    pub fn retire_provider_set(ctx: Context<TakeBackProviderSet>) -> Result<()> {
        handle_retire_provider_set(ctx)
    }

    /// Suspends a provider set for good; admin or guardian.
    pub fn suspend_provider_set(ctx: Context<TakeBackProviderSet>) -> Result<()> {
        handle_suspend_provider_set(ctx)
    }

    /// Publishes a verifying key that becomes usable when the timelock has passed.
    pub fn propose_verifying_key(
        ctx: Context<ProposeVerifyingKey>,
        circuit_id: u32,
        key_version: u32,
        aggregation: Aggregation,
        feed_kind: FeedKind,
        slots: u8,
        development: bool,
        transcript_hash: [u8; 32],
        r1cs_hash: [u8; 32],
        key: Vec<u8>,
    ) -> Result<()> {
        let args = ProposeVerifyingKeyArgs {
            circuit_id,
            key_version,
            aggregation,
            feed_kind,
            slots,
            development,
            transcript_hash,
            r1cs_hash,
            key,
        };
        handle_propose_verifying_key(ctx, args)
    }

    /// Withdraws a verifying key before it becomes usable; admin or guardian.
    pub fn cancel_verifying_key(ctx: Context<CancelVerifyingKey>) -> Result<()> {
        handle_cancel_verifying_key(ctx)
    }

    /// Retires a verifying key for good: no new market may take it; admin or guardian.
    pub fn retire_verifying_key(ctx: Context<TakeBackVerifyingKey>) -> Result<()> {
        handle_retire_verifying_key(ctx)
    }

    /// Suspends a verifying key for good; admin or guardian.
    pub fn suspend_verifying_key(ctx: Context<TakeBackVerifyingKey>) -> Result<()> {
        handle_suspend_verifying_key(ctx)
    }

    /// Closes an observation after its retention; anybody, the rent goes to who paid it.
    pub fn close_observation(ctx: Context<CloseObservation>) -> Result<()> {
        handle_close_observation(ctx)
    }

    /// Closes a result root after its retention; anybody, the rent goes to who paid it.
    pub fn close_result_root(ctx: Context<CloseResultRoot>) -> Result<()> {
        handle_close_result_root(ctx)
    }
}
