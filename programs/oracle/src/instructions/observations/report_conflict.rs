use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OracleError,
    state::{Observation, ObservationStatus, ProviderSet, VerifyingKey},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct ReportConflictArgs {
    /// The other value.
    pub value: i64,
    /// That the provider set says so, `−A ‖ B ‖ C`, uncompressed, big-endian.
    pub proof: [u8; groth16::PROOF_LEN],
}

#[derive(Accounts)]
pub struct ReportConflict<'info> {
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    #[account(
        mut,
        has_one = provider_set @ OracleError::WrongProviderSet,
        has_one = verifying_key @ OracleError::WrongVerifyingKey,
    )]
    pub observation: AccountLoader<'info, Observation>,
}

#[event]
pub struct ConflictReported {
    pub header: EventHeader,
    pub observation: Pubkey,
    pub status: ObservationStatus,
    /// What the observation says.
    pub value: i64,
    /// What was proven as well.
    pub other_value: i64,
}

/// Shows that the providers say another thing too; anybody, also while the set or the key is
/// suspended. An open market that waits for the observation can then only become void, which is
/// the least harm whichever of the values is a lie.
pub fn handle_report_conflict(
    ctx: Context<ReportConflict>,
    args: ReportConflictArgs,
) -> Result<()> {
    let accounts = ctx.accounts;
    let verifying_key = accounts.verifying_key.load()?;
    verifying_key.require_agreement()?;
    let mut observation = accounts.observation.load_mut()?;
    observation.conflict_with(args.value)?;

    let public_input = accounts.provider_set.load()?.input_of_value(
        &verifying_key,
        &observation.feed_id,
        observation.observe_at_ms,
        args.value,
    )?;
    groth16::verify(verifying_key.key(), &args.proof, &public_input).map_err(OracleError::from)?;
    emit!(ConflictReported {
        header: observation.next_event(&Clock::get()?)?,
        status: ObservationStatus::Conflicted,
        observation: accounts.observation.key(),
        value: observation.value,
        other_value: args.value,
    });
    Ok(())
}
