use anchor_lang::prelude::*;
use program_kit::EventHeader;
use result_tree::FeedResult;

use crate::instructions::ObservationVerified;
use crate::{
    error::OracleError,
    state::{require_observable, NewObservation, Observed, ProviderSet, ResultRoot, VerifyingKey},
    statement::require_field_element,
};

/// A leaf of a verified root.
#[derive(Clone, Debug)]
pub struct RecordResultArgs {
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// `T`, unix time in milliseconds, from 1 to `i64::MAX`.
    pub observe_at_ms: u64,
    pub value: i64,
    /// Number of the leaf.
    pub index: u32,
    /// Siblings from the leaf to the top, 32 bytes each.
    pub path: Vec<u8>,
}

#[derive(Accounts)]
pub struct RecordResult<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        has_one = provider_set @ OracleError::WrongProviderSet,
        has_one = verifying_key @ OracleError::WrongVerifyingKey,
    )]
    pub result_root: AccountLoader<'info, ResultRoot>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// PDA: "obs", account provider_set, account verifying_key, arg feed_id, arg observe_at_ms
    ///
    /// CHECK: created at the address that the observation has.
    #[account(mut)]
    pub observation: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// Makes an observation of a result in a verified root, for whatever takes observations only. Not
/// once the set or the key is suspended: a root speaks for more than anybody has looked at yet.
pub fn handle_record_result(ctx: Context<RecordResult>, args: RecordResultArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    require_observable(args.observe_at_ms, &clock)?;
    require_field_element(&args.feed_id)?;
    let provider_set = accounts.provider_set.load()?;
    provider_set.require_usable(clock.unix_timestamp)?;
    let verifying_key = accounts.verifying_key.load()?;
    verifying_key.require_usable(clock.unix_timestamp)?;
    let root = accounts.result_root.load()?;
    let result = FeedResult {
        feed_id: args.feed_id,
        time: args.observe_at_ms,
        value: args.value,
    };
    root.require_result(&result, args.index, &args.path)?;

    let observed = Observed {
        provider_set: &root.provider_set,
        verifying_key: &root.verifying_key,
        feed_id: &args.feed_id,
        observe_at_ms: args.observe_at_ms,
        value: args.value,
    };
    NewObservation {
        payer: &accounts.payer,
        account: &accounts.observation,
        system_program: &accounts.system_program,
    }
    .record(&observed, &clock)?;
    emit!(ObservationVerified {
        header: EventHeader::first(&clock),
        observation: accounts.observation.key(),
        provider_set: root.provider_set,
        verifying_key: root.verifying_key,
        feed_id: args.feed_id,
        observe_at_ms: args.observe_at_ms,
        value: args.value,
        rent_payer: accounts.payer.key(),
    });
    Ok(())
}
