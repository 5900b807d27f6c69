use anchor_lang::prelude::*;

use crate::{
    error::OracleError,
    state::{
        seeds, Observation, ObservationStatus, OracleConfig, ProviderSet, VerifyingKey, VERSION,
    },
    statement::Statement,
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct VerifyObservationArgs {
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// `T`, unix time in milliseconds, from 1 to `i64::MAX`.
    pub time: u64,
    pub value: i64,
    /// `−A ‖ B ‖ C`, uncompressed, big-endian.
    pub proof: [u8; groth16::PROOF_LEN],
}

#[derive(Accounts)]
#[instruction(args: VerifyObservationArgs)]
pub struct VerifyObservation<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    #[account(
        init,
        payer = payer,
        space = 8 + core::mem::size_of::<Observation>(),
        seeds = [
            seeds::OBSERVATION,
            provider_set.key().as_ref(),
            verifying_key.key().as_ref(),
            &args.feed_id,
            &args.time.to_le_bytes(),
        ],
        bump,
    )]
    pub observation: AccountLoader<'info, Observation>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct ObservationVerified {
    pub observation: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub feed_id: [u8; 32],
    pub time: u64,
    pub value: i64,
    pub slot: u64,
}

/// The public input is computed from accounts and from the claim itself; a replay finds the
/// observation's address taken.
pub fn handle_verify_observation(
    ctx: Context<VerifyObservation>,
    args: VerifyObservationArgs,
) -> Result<()> {
    let clock = Clock::get()?;
    require!(
        args.time > 0 && i64::try_from(args.time).is_ok(),
        OracleError::TimeOutOfRange
    );
    let provider_set = ctx.accounts.provider_set.load()?;
    provider_set.require_usable(clock.unix_timestamp)?;
    let verifying_key = ctx.accounts.verifying_key.load()?;
    verifying_key.require_usable(clock.unix_timestamp)?;

    let public_input = Statement {
        domain: &ctx.accounts.config.domain,
        root: &provider_set.root,
        threshold: provider_set.threshold,
        feed_id: &args.feed_id,
        time: args.time,
        value: args.value,
    }
    .public_input()?;
    groth16::verify(verifying_key.key(), &args.proof, &public_input).map_err(OracleError::from)?;

    *ctx.accounts.observation.load_init()? = Observation {
        version: VERSION,
        bump: ctx.bumps.observation,
        status: ObservationStatus::Valid as u8,
        padding: [0; 5],
        provider_set: ctx.accounts.provider_set.key(),
        verifying_key: ctx.accounts.verifying_key.key(),
        feed_id: args.feed_id,
        time: args.time,
        value: args.value,
        verified_slot: clock.slot,
        verified_at: clock.unix_timestamp,
        rent_payer: ctx.accounts.payer.key(),
        reserved: [0; 32],
    };
    emit!(ObservationVerified {
        observation: ctx.accounts.observation.key(),
        provider_set: ctx.accounts.provider_set.key(),
        verifying_key: ctx.accounts.verifying_key.key(),
        feed_id: args.feed_id,
        time: args.time,
        value: args.value,
        slot: clock.slot,
    });
    Ok(())
}
