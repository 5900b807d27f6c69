use anchor_lang::prelude::*;
use result_tree::FeedResult;

use super::ObservationVerified;
use crate::{
    state::{require_time, NewObservation, Observed, ResultRoot},
    statement::require_field_element,
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordResultArgs {
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// `T`, unix time in milliseconds, from 1 to `i64::MAX`.
    pub time: u64,
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
    pub result_root: AccountLoader<'info, ResultRoot>,
    /// CHECK: created by the handler at the address that the observation has.
    #[account(mut)]
    pub observation: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

/// Makes an observation of a result in a verified root, for whatever takes observations only.
pub fn handle_record_result(ctx: Context<RecordResult>, args: RecordResultArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    require_time(args.time)?;
    require_field_element(&args.feed_id)?;
    let root = accounts.result_root.load()?;
    let result = FeedResult {
        feed_id: args.feed_id,
        time: args.time,
        value: args.value,
    };
    root.require_result(&result, args.index, &args.path)?;

    let observed = Observed {
        provider_set: &root.provider_set,
        verifying_key: &root.verifying_key,
        feed_id: &args.feed_id,
        time: args.time,
        value: args.value,
    };
    NewObservation {
        payer: &accounts.payer,
        account: &accounts.observation,
        system_program: &accounts.system_program,
    }
    .record(&observed, &clock)?;
    emit!(ObservationVerified {
        observation: accounts.observation.key(),
        provider_set: root.provider_set,
        verifying_key: root.verifying_key,
        feed_id: args.feed_id,
        time: args.time,
        value: args.value,
        slot: clock.slot,
    });
    Ok(())
}
