use anchor_lang::prelude::*;
use program_kit::{new_account::NewAccount, EventHeader, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::refuse_durable_nonce,
    state::{seeds, OracleConfig, ProviderRole, ProviderSet, Standing, VERSION},
    statement::require_field_element,
};

/// Capacity of the provider tree, which the circuits fix.
#[constant]
pub const MAX_PROVIDERS: u8 = 16;

/// How many members' signatures a median of so many may usually lack.
pub fn usual_median_slack(size: u8) -> u8 {
    size.saturating_sub(1).min(1)
}

/// A provider set as the admin says it.
#[derive(Clone, Copy, Debug)]
pub struct ProposeProviderSetArgs {
    pub id: u32,
    pub epoch: u32,
    pub role: ProviderRole,
    /// Root of the Poseidon tree of the members' public keys, a field element, big-endian.
    pub root: [u8; 32],
    /// Least number of members that must have signed, 1 to `size`.
    pub threshold: u8,
    /// Number of members, 1 to [`MAX_PROVIDERS`].
    pub size: u8,
    /// How many members' signatures a median may lack, below `size`. Usually 1: more keeps medians coming
    /// when members fail, and lets the prover choose among more values.
    pub median_slack: u8,
}

#[derive(Accounts)]
#[instruction(id: u32, epoch: u32)]
pub struct ProposeProviderSet<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    #[account(seeds = [seeds::CONFIG], bump = config.bump, has_one = admin @ OracleError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    /// CHECK: created here.
    #[account(
        mut,
        seeds = [seeds::PROVIDERS, &id.to_le_bytes(), &epoch.to_le_bytes()],
        bump,
    )]
    pub provider_set: UncheckedAccount<'info>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct ProviderSetProposed {
    pub header: EventHeader,
    pub provider_set: Pubkey,
    pub id: u32,
    pub epoch: u32,
    pub role: ProviderRole,
    pub root: [u8; 32],
    pub threshold: u8,
    pub size: u8,
    pub median_slack: u8,
    pub domain: [u8; 32],
    pub rent_payer: Pubkey,
    /// Unix seconds from which the set can be used.
    pub active_from: i64,
}

pub fn handle_propose_provider_set(
    ctx: Context<ProposeProviderSet>,
    args: ProposeProviderSetArgs,
) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require!(
        (1..=MAX_PROVIDERS).contains(&args.size),
        OracleError::ProviderCountOutOfRange
    );
    require!(
        (1..=args.size).contains(&args.threshold),
        OracleError::ThresholdOutOfRange
    );
    require_gt!(
        args.size,
        args.median_slack,
        OracleError::MedianSlackOutOfRange
    );
    require_field_element(&args.root)?;

    let clock = Clock::get()?;
    let active_from = ctx.accounts.config.active_from(clock.unix_timestamp)?;
    let header = EventHeader::first(&clock);
    let standing = Standing::proposed(active_from, ctx.accounts.admin.key(), &header);
    let provider_set = ProviderSet {
        version: VERSION,
        bump: ctx.bumps.provider_set,
        role: args.role as u8,
        threshold: args.threshold,
        size: args.size,
        median_slack: args.median_slack,
        padding: [0; 2],
        id: args.id,
        epoch: args.epoch,
        domain: ctx.accounts.config.domain,
        root: args.root,
        standing,
        reserved: [0; 56],
    };
    NewAccount {
        payer: &ctx.accounts.admin,
        account: &ctx.accounts.provider_set,
        system_program: &ctx.accounts.system_program,
        seeds: &[
            seeds::PROVIDERS,
            &args.id.to_le_bytes(),
            &args.epoch.to_le_bytes(),
            &[provider_set.bump],
        ],
    }
    .write_zero_copy(&provider_set)?;
    emit!(ProviderSetProposed {
        header,
        provider_set: ctx.accounts.provider_set.key(),
        id: args.id,
        epoch: args.epoch,
        role: args.role,
        root: args.root,
        threshold: args.threshold,
        size: args.size,
        median_slack: args.median_slack,
        domain: provider_set.domain,
        rent_payer: ctx.accounts.admin.key(),
        active_from,
    });
    Ok(())
}
