use anchor_lang::prelude::*;
use program_kit::{new_account::NewAccount, EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::refuse_durable_nonce,
    state::{
        seeds, Aggregation, FeedKind, Network, OracleConfig, Standing, VerifyingKey, NETWORK,
        VERSION,
    },
};

/// Most signatures that a circuit has room for: the members of the largest provider set.
#[constant]
pub const MAX_SLOTS: u8 = 16;

/// A verifying key as the admin says it.
#[derive(Clone, Debug)]
pub struct ProposeVerifyingKeyArgs {
    pub circuit_id: u32,
    pub key_version: u32,
    /// What the circuit of the key makes of differing values.
    pub aggregation: Aggregation,
    /// Of the feeds that proofs under the key are about. One key can be published once for each kind.
    pub feed_kind: FeedKind,
    /// Signatures that the circuit has room for, 1 to 16.
    pub slots: u8,
    /// Whether one party made the key alone.
    pub development: bool,
    /// SHA-256 of the ceremony's transcript; zero for a development key.
    pub transcript_hash: [u8; 32],
    /// SHA-256 of the circuit's `.r1cs` file; zero for a development key.
    pub r1cs_hash: [u8; 32],
    /// α, β, γ, δ and the IC points, uncompressed, big-endian.
    pub key: Vec<u8>,
}

impl ProposeVerifyingKeyArgs {
    /// Whether the key may be published on this network, and says where it comes from: that of a
    /// ceremony names its transcript and its circuit, that of one party neither. Whether they are the
    /// key's no program can see; who reads the transcript can.
    fn require_provenance(&self) -> Result<()> {
        let [has_transcript, has_r1cs] =
            [self.transcript_hash, self.r1cs_hash].map(|hash| hash != [0; 32]);
        if self.development {
            require!(
                NETWORK != Network::Mainnet,
                OracleError::DevelopmentKeyOnMainnet
            );
            require!(
                !has_transcript && !has_r1cs,
                OracleError::DevelopmentKeyWithCeremony
            );
        } else {
            require!(has_transcript, OracleError::TranscriptMissing);
            require!(has_r1cs, OracleError::R1csHashMissing);
        }
        Ok(())
    }
}

#[derive(Accounts)]
#[instruction(circuit_id: u32, key_version: u32)]
pub struct ProposeVerifyingKey<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump, has_one = admin @ OracleError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    /// CHECK: created here.
    #[account(
        mut,
        seeds = [
            seeds::VERIFYING_KEY,
            &circuit_id.to_le_bytes(),
            &key_version.to_le_bytes(),
        ],
        bump,
    )]
    pub verifying_key: UncheckedAccount<'info>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct VerifyingKeyProposed {
    pub header: EventHeader,
    pub verifying_key: Pubkey,
    pub circuit_id: u32,
    pub key_version: u32,
    pub aggregation: Aggregation,
    pub feed_kind: FeedKind,
    pub slots: u8,
    pub development: bool,
    pub hash: [u8; 32],
    pub transcript_hash: [u8; 32],
    pub r1cs_hash: [u8; 32],
    pub rent_payer: Pubkey,
    /// Unix seconds from which the key can be used.
    pub active_from: i64,
}

pub fn handle_propose_verifying_key(
    ctx: Context<ProposeVerifyingKey>,
    args: ProposeVerifyingKeyArgs,
) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    args.require_provenance()?;
    require!(
        (1..=MAX_SLOTS).contains(&args.slots),
        OracleError::SlotsOutOfRange
    );
    let key = groth16::VerifyingKey::from_bytes(&args.key).map_err(OracleError::from)?;
    key.check().map_err(OracleError::from)?;

    let clock = Clock::get()?;
    let active_from = ctx.accounts.config.active_from(clock.unix_timestamp)?;
    let header = EventHeader::first(&clock);
    let standing = Standing::proposed(active_from, ctx.accounts.admin.key(), &header);
    let hash = key.hash();
    let verifying_key = VerifyingKey {
        version: VERSION,
        bump: ctx.bumps.verifying_key,
        development: u8::from(args.development),
        circuit_id: args.circuit_id,
        key_version: args.key_version,
        aggregation: args.aggregation as u8,
        slots: args.slots,
        feed_kind: args.feed_kind as u8,
        padding: [0; 2],
        hash,
        transcript_hash: args.transcript_hash,
        r1cs_hash: args.r1cs_hash,
        standing,
        key: bytemuck::must_cast(key),
        reserved: [0; 56],
    };
    NewAccount {
        payer: &ctx.accounts.admin,
        account: &ctx.accounts.verifying_key,
        system_program: &ctx.accounts.system_program,
        seeds: &[
            seeds::VERIFYING_KEY,
            &args.circuit_id.to_le_bytes(),
            &args.key_version.to_le_bytes(),
            &[verifying_key.bump],
        ],
    }
    .write_zero_copy(&verifying_key)?;
    emit!(VerifyingKeyProposed {
        header,
        verifying_key: ctx.accounts.verifying_key.key(),
        circuit_id: args.circuit_id,
        key_version: args.key_version,
        aggregation: args.aggregation,
        feed_kind: args.feed_kind,
        slots: args.slots,
        development: args.development,
        hash,
        transcript_hash: args.transcript_hash,
        r1cs_hash: args.r1cs_hash,
        rent_payer: ctx.accounts.admin.key(),
        active_from,
    });
    Ok(())
}
