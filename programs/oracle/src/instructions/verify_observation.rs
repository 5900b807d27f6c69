use anchor_lang::prelude::*;

use crate::{
    error::OracleError,
    program_account::{self, NewAccount},
    state::{seeds, Observation, ObservationStatus, ProviderSet, VerifyingKey, VERSION},
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
pub struct VerifyObservation<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    /// CHECK: created by the handler at the address that the observation has.
    #[account(mut)]
    pub observation: UncheckedAccount<'info>,
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
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    require!(
        args.time > 0 && i64::try_from(args.time).is_ok(),
        OracleError::TimeOutOfRange
    );
    require!(
        accounts.observation.data_is_empty(),
        OracleError::AlreadyObserved
    );
    let provider_set = accounts.provider_set.load()?;
    provider_set.require_usable(clock.unix_timestamp)?;
    let verifying_key = accounts.verifying_key.load()?;
    verifying_key.require_usable(clock.unix_timestamp)?;

    let public_input = Statement {
        domain: &provider_set.domain,
        root: &provider_set.root,
        threshold: provider_set.threshold,
        feed_id: &args.feed_id,
        time: args.time,
        value: args.value,
    }
    .public_input()?;
    groth16::verify(verifying_key.key(), &args.proof, &public_input).map_err(OracleError::from)?;

    let observation = Observation {
        version: VERSION,
        bump: 0,
        status: ObservationStatus::Valid as u8,
        padding: [0; 5],
        provider_set: accounts.provider_set.key(),
        verifying_key: accounts.verifying_key.key(),
        feed_id: args.feed_id,
        time: args.time,
        value: args.value,
        verified_slot: clock.slot,
        verified_at: clock.unix_timestamp,
        rent_payer: accounts.payer.key(),
        reserved: [0; 32],
    };
    accounts.record(observation)?;
    emit!(ObservationVerified {
        observation: accounts.observation.key(),
        provider_set: accounts.provider_set.key(),
        verifying_key: accounts.verifying_key.key(),
        feed_id: args.feed_id,
        time: args.time,
        value: args.value,
        slot: clock.slot,
    });
    Ok(())
}

impl VerifyObservation<'_> {
    fn record(&self, mut observation: Observation) -> Result<()> {
        let seeds: [&[u8]; 5] = [
            seeds::OBSERVATION,
            observation.provider_set.as_ref(),
            observation.verifying_key.as_ref(),
            &observation.feed_id,
            &observation.time.to_le_bytes(),
        ];
        let bump = program_account::bump_of(self.observation.key, &seeds, &crate::ID)
            .ok_or(OracleError::WrongObservationAddress)?;
        observation.bump = bump;
        let [prefix, set, key, feed_id, time] = seeds;
        NewAccount {
            payer: &self.payer,
            account: &self.observation,
            system_program: &self.system_program,
            seeds: &[prefix, set, key, feed_id, time, &[bump]],
        }
        .write_zero_copy(&observation)
    }
}
