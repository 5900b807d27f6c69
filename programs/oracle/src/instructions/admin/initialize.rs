use anchor_lang::{prelude::*, solana_program::bpf_loader_upgradeable};
use program_kit::{new_account::NewAccount, EventHeader, ScheduledKey, INSTRUCTIONS_SYSVAR};

use crate::{
    error::OracleError,
    governance::refuse_durable_nonce,
    state::{seeds, Network, OracleConfig, FIRST_EVENT, NETWORK, VERSION},
    statement::domain,
};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// Shortest timelock of a mainnet deployment, in seconds.
#[constant]
pub const MIN_MAINNET_TIMELOCK_SECONDS: i64 = 48 * HOUR;
/// Longest timelock, in seconds: a longer one would make governance unable to act.
#[constant]
pub const MAX_TIMELOCK_SECONDS: i64 = 30 * DAY;
/// Range of the retention of observations, in seconds.
#[constant]
pub const MIN_RETENTION_SECONDS: i64 = HOUR;
#[constant]
pub const MAX_RETENTION_SECONDS: i64 = 90 * DAY;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct InitializeArgs {
    /// The network that the program is built for: says that its deployer knows which.
    pub network: Network,
    pub admin: Pubkey,
    pub guardian: Pubkey,
    /// Seconds between a proposal and its effect.
    pub timelock_seconds: i64,
    /// Seconds that an observation stays before it may be closed.
    pub retention_seconds: i64,
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
    /// CHECK: created here.
    #[account(mut, seeds = [seeds::CONFIG], bump)]
    pub config: UncheckedAccount<'info>,
    /// The instructions sysvar.
    ///
    /// CHECK: by its address.
    #[account(address = INSTRUCTIONS_SYSVAR @ OracleError::WrongAccount)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct Initialized {
    pub header: EventHeader,
    pub config: Pubkey,
    pub network: Network,
    pub admin: Pubkey,
    pub guardian: Pubkey,
    pub timelock_seconds: i64,
    pub retention_seconds: i64,
    pub domain: [u8; 32],
}

pub fn handle_initialize(ctx: Context<Initialize>, args: InitializeArgs) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require!(args.network == NETWORK, OracleError::WrongNetwork);
    let min_timelock = match NETWORK {
        Network::Mainnet => MIN_MAINNET_TIMELOCK_SECONDS,
        Network::Localnet | Network::Devnet => 0,
    };
    require!(
        (min_timelock..=MAX_TIMELOCK_SECONDS).contains(&args.timelock_seconds),
        OracleError::TimelockOutOfRange
    );
    require!(
        (MIN_RETENTION_SECONDS..=MAX_RETENTION_SECONDS).contains(&args.retention_seconds),
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
        guardian: ScheduledKey::new(args.guardian),
        timelock_seconds: args.timelock_seconds,
        retention_seconds: args.retention_seconds,
        domain,
        sequence: FIRST_EVENT,
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
        header: EventHeader::first(&Clock::get()?),
        config: ctx.accounts.config.key(),
        network: args.network,
        admin: args.admin,
        guardian: args.guardian,
        timelock_seconds: args.timelock_seconds,
        retention_seconds: args.retention_seconds,
        domain,
    });
    Ok(())
}
