use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OracleError,
    state::{require_observable, NewObservation, Observed, ProviderSet, VerifyingKey},
};

/// What a proof shows, and the proof.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct VerifyObservationArgs {
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// `T`, unix time in milliseconds, from 1 to `i64::MAX`.
    pub observe_at_ms: u64,
    pub value: i64,
    /// `−A ‖ B ‖ C`, uncompressed, big-endian.
    pub proof: [u8; groth16::PROOF_LEN],
}

#[derive(Accounts)]
pub struct VerifyObservation<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// PDA: "obs", account provider_set, account verifying_key, arg feed_id, arg observe_at_ms
    ///
    /// CHECK: created at the address that the observation has.
    #[account(mut)]
    pub observation: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct ObservationVerified {
    pub header: EventHeader,
    pub observation: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub feed_id: [u8; 32],
    pub observe_at_ms: u64,
    pub value: i64,
    pub rent_payer: Pubkey,
}

/// The public input is computed from accounts and from the claim itself; a replay finds the
/// observation's address taken.
pub fn handle_verify_observation(
    ctx: Context<VerifyObservation>,
    claim: VerifyObservationArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    require_observable(claim.observe_at_ms, &clock)?;
    require!(
        accounts.observation.data_is_empty(),
        OracleError::AlreadyObserved
    );
    let provider_set = accounts.provider_set.load()?;
    provider_set.require_usable(clock.unix_timestamp)?;
    let verifying_key = accounts.verifying_key.load()?;
    verifying_key.require_usable(clock.unix_timestamp)?;
    verifying_key.require_room_for(&provider_set)?;

    let public_input = provider_set.input_of_value(
        &verifying_key,
        &claim.feed_id,
        claim.observe_at_ms,
        claim.value,
    )?;
    groth16::verify(verifying_key.key(), &claim.proof, &public_input).map_err(OracleError::from)?;

    let observed = Observed {
        provider_set: &accounts.provider_set.key(),
        verifying_key: &accounts.verifying_key.key(),
        feed_id: &claim.feed_id,
        observe_at_ms: claim.observe_at_ms,
        value: claim.value,
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
        provider_set: accounts.provider_set.key(),
        verifying_key: accounts.verifying_key.key(),
        feed_id: claim.feed_id,
        observe_at_ms: claim.observe_at_ms,
        value: claim.value,
        rent_payer: accounts.payer.key(),
    });
    Ok(())
}
