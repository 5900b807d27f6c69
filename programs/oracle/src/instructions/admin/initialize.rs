use anchor_lang::{prelude::*, solana_program::bpf_loader_upgradeable};
use program_kit::new_account::NewAccount;

use crate::{
    error::OracleError,
    governance::refuse_durable_nonce,
    state::{seeds, Network, OracleConfig, VERSION},
    statement::domain,
};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// Shortest timelock of a mainnet deployment, in seconds.
pub const MIN_MAINNET_TIMELOCK: i64 = 48 * HOUR;
/// Longest timelock, in seconds: a longer one would make governance unable to act.
pub const MAX_TIMELOCK: i64 = 30 * DAY;
/// Range of the retention of observations, in seconds.
pub const MIN_RETENTION: i64 = HOUR;
pub const MAX_RETENTION: i64 = 90 * DAY;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct InitializeArgs {
    pub network: Network,
    pub admin: Pubkey,
    pub guardian: Pubkey,
    /// Seconds between a proposal and its effect.
    pub timelock: i64,
    /// Seconds that an observation stays before it may be closed.
    pub retention: i64,
}

#[derive(Accounts)]
pub struct Initialize<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub upgrade_authority: Signer<'info>,
    #[account(
        seeds = [crate::ID.as_ref()],
        bump,
        seeds::program = bpf_loader_upgradeable::ID,
        constraint = program_data.upgrade_authority_address == Some(upgrade_authority.key())
            @ OracleError::NotUpgradeAuthority,
    )]
    pub program_data: Account<'info, ProgramData>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::CONFIG], bump)]
    pub config: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct Initialized {
    pub network: Network,
    pub admin: Pubkey,
    pub guardian: Pubkey,
    pub timelock: i64,
    pub retention: i64,
    pub domain: [u8; 32],
}

pub fn handle_initialize(ctx: Context<Initialize>, args: InitializeArgs) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    let min_timelock = match args.network {
        Network::Mainnet => MIN_MAINNET_TIMELOCK,
        Network::Localnet | Network::Devnet => 0,
    };
    require!(
        (min_timelock..=MAX_TIMELOCK).contains(&args.timelock),
        OracleError::TimelockOutOfRange
    );
    require!(
        (MIN_RETENTION..=MAX_RETENTION).contains(&args.retention),
        OracleError::RetentionOutOfRange
    );
    require_keys_neq!(args.admin, Pubkey::default(), OracleError::DefaultKey);
    require_keys_neq!(args.guardian, Pubkey::default(), OracleError::DefaultKey);

    let domain = domain(&crate::ID, args.network);
    let config = OracleConfig {
        version: VERSION,
        bump: ctx.bumps.config,
        network: args.network,
        admin: args.admin,
        pending_admin: Pubkey::default(),
        pending_admin_from: 0,
        guardian: args.guardian,
        pending_guardian: Pubkey::default(),
        pending_guardian_from: 0,
        timelock: args.timelock,
        retention: args.retention,
        domain,
        reserved: [0; 128],
    };
    NewAccount {
        payer: &ctx.accounts.payer,
        account: &ctx.accounts.config,
        system_program: &ctx.accounts.system_program,
        seeds: &[seeds::CONFIG, &[config.bump]],
    }
    .write(8 + OracleConfig::INIT_SPACE, &config)?;
    emit!(Initialized {
        network: args.network,
        admin: args.admin,
        guardian: args.guardian,
        timelock: args.timelock,
        retention: args.retention,
        domain,
    });
    Ok(())
}
