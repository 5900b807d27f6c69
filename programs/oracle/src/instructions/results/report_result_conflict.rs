use anchor_lang::prelude::*;
use result_tree::FeedResult;

use crate::instructions::ConflictReported;
use crate::{
    error::OracleError,
    state::{Observation, ObservationStatus, ResultRoot},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ReportResultConflictArgs {
    /// The other value.
    pub value: i64,
    /// Number of the leaf that says so.
    pub index: u32,
    /// Siblings from the leaf to the top, 32 bytes each.
    pub path: Vec<u8>,
}

#[derive(Accounts)]
pub struct ReportResultConflict<'info> {
    pub result_root: AccountLoader<'info, ResultRoot>,
    #[account(
        mut,
        constraint = observation.load()?.provider_set == result_root.load()?.provider_set
            @ OracleError::WrongProviderSet,
        constraint = observation.load()?.verifying_key == result_root.load()?.verifying_key
            @ OracleError::WrongVerifyingKey,
    )]
    pub observation: AccountLoader<'info, Observation>,
}

/// As `report_conflict`, with a leaf of a verified root for the other value. Of two roots that
/// contradict each other, or themselves, `record_result` makes one leaf the observation first.
pub fn handle_report_result_conflict(
    ctx: Context<ReportResultConflict>,
    args: ReportResultConflictArgs,
) -> Result<()> {
    let accounts = ctx.accounts;
    let mut observation = accounts.observation.load_mut()?;
    observation.conflict_with(args.value)?;
    let result = FeedResult {
        feed_id: observation.feed_id,
        time: observation.observe_at_ms,
        value: args.value,
    };
    let root = accounts.result_root.load()?;
    root.require_result(&result, args.index, &args.path)?;
    emit!(ConflictReported {
        header: observation.next_event(&Clock::get()?)?,
        status: ObservationStatus::Conflicted,
        observation: accounts.observation.key(),
        value: observation.value,
        other_value: args.value,
    });
    Ok(())
}
