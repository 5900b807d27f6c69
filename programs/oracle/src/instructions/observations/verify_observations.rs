use anchor_lang::prelude::*;
use groth16::Claim;
use program_kit::EventHeader;

use super::{ObservationVerified, VerifyObservationArgs};
use crate::{
    error::OracleError,
    state::{require_observable, NewObservation, Observed, ProviderSet, VerifyingKey},
};

/// Remaining accounts: for each claim its observation, writable, in the claims' order; addresses as
/// of `verify_observation`.
#[derive(Accounts)]
pub struct VerifyObservations<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub provider_set: AccountLoader<'info, ProviderSet>,
    pub verifying_key: AccountLoader<'info, VerifyingKey>,
    pub system_program: Program<'info, System>,
}

/// As `verify_observation` for each claim; all are recorded or none. Five claims take 1,520 bytes,
/// more than a legacy transaction holds: they need one of version 1, of up to 4,096 bytes.
pub fn handle_verify_observations<'info>(
    ctx: Context<'info, VerifyObservations<'info>>,
    claims: Vec<VerifyObservationArgs>,
) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    require_eq!(
        claims.len(),
        ctx.remaining_accounts.len(),
        OracleError::BatchSizeOutOfRange
    );
    let set = accounts.provider_set.load()?;
    set.require_usable(clock.unix_timestamp)?;
    let key = accounts.verifying_key.load()?;
    key.require_usable(clock.unix_timestamp)?;
    key.require_room_for(&set)?;

    let mut proven = Vec::with_capacity(claims.len());
    for claim in &claims {
        require_observable(claim.observe_at_ms, &clock)?;
        proven.push(Claim {
            proof: &claim.proof,
            public_input: set.input_of_value(
                &key,
                &claim.feed_id,
                claim.observe_at_ms,
                claim.value,
            )?,
        });
    }
    groth16::verify_batch(key.key(), &proven).map_err(OracleError::from)?;

    let (provider_set, verifying_key) = (accounts.provider_set.key(), accounts.verifying_key.key());
    for (claim, observation) in claims.iter().zip(ctx.remaining_accounts) {
        let observed = Observed {
            provider_set: &provider_set,
            verifying_key: &verifying_key,
            feed_id: &claim.feed_id,
            observe_at_ms: claim.observe_at_ms,
            value: claim.value,
        };
        NewObservation {
            payer: &accounts.payer,
            account: observation,
            system_program: &accounts.system_program,
        }
        .record(&observed, &clock)?;
        emit!(ObservationVerified {
            header: EventHeader::first(&clock),
            observation: observation.key(),
            provider_set,
            verifying_key,
            feed_id: claim.feed_id,
            observe_at_ms: claim.observe_at_ms,
            value: claim.value,
            rent_payer: accounts.payer.key(),
        });
    }
    Ok(())
}
