use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenInterface};
use bytemuck::Zeroable;
use oracle::OracleConfig;
use program_kit::tokens::require_plain_mint;
use program_kit::{
    new_account::NewAccount, new_tokens::NewTokens, refuse_durable_nonce, EventHeader,
    ScheduledKey, ScheduledNumber, INSTRUCTIONS_SYSVAR,
};

use crate::{
    error::FlashError,
    instructions::VaultChange,
    state::{seeds, Caps, FeeSplit, ScheduledCaps, ScheduledFeeSplit, Vault, VERSION},
};

/// Least seconds that the oracle must keep observations: longer than any market waits for its deadline,
/// so that no observation that names an outcome is gone by then.
#[constant]
pub const MIN_RETENTION_SECONDS: i64 = 3 * 24 * 60 * 60;

/// Decimals that LP tokens have beyond the mint's: a deposit into a new vault buys a thousand shares a
/// base unit, and so as many LP tokens as it has of the mint.
const LP_DECIMALS_MORE: u8 = 3;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CreateVaultArgs {
    pub operator: Pubkey,
    /// Wallet whose token account gets the protocol's part of the fees.
    pub treasury: Pubkey,
    /// Between the request of a deposit or a withdrawal and its execution. Not shorter than the longest
    /// market with its proof: see `request_deposit`.
    pub notice_seconds: u64,
    pub caps: Caps,
    pub fee_split: FeeSplit,
}

impl CreateVaultArgs {
    /// # Errors
    /// A variant for whatever is out of range.
    fn check(&self) -> Result<()> {
        VaultChange::Operator(self.operator).check()?;
        VaultChange::Treasury(self.treasury).check()?;
        VaultChange::NoticeSeconds(self.notice_seconds).check()?;
        VaultChange::Caps(self.caps).check()?;
        VaultChange::FeeSplit(self.fee_split).check()
    }
}

#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateVault<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ FlashError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::VAULT, mint.key().as_ref(), &id.to_le_bytes()],
        bump,
    )]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::VAULT_TOKENS, vault.key().as_ref()], bump)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::LP_MINT, vault.key().as_ref()], bump)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct VaultCreated {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub mint: Pubkey,
    pub id: u64,
    pub lp_mint: Pubkey,
    pub terms: CreateVaultArgs,
}

/// Creates a vault. Its address is used once: the mint of its LP tokens outlives it.
pub fn handle_create_vault(
    ctx: Context<CreateVault>,
    id: u64,
    args: CreateVaultArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(FlashError::from)?;
    require_plain_mint(&accounts.mint).map_err(FlashError::from)?;
    args.check()?;
    require_gte!(
        accounts.config.retention_seconds,
        MIN_RETENTION_SECONDS,
        FlashError::RetentionTooShort
    );

    let mut vault = Vault::zeroed();
    vault.version = VERSION;
    vault.bump = ctx.bumps.vault;
    vault.id = id;
    vault.mint = accounts.mint.key();
    vault.lp_mint = accounts.lp_mint.key();
    vault.token_account = accounts.vault_tokens.key();
    vault.rent_payer = accounts.admin.key();
    vault.operator = ScheduledKey::new(args.operator);
    vault.treasury = ScheduledKey::new(args.treasury);
    vault.notice_seconds = ScheduledNumber::new(args.notice_seconds);
    vault.caps = ScheduledCaps::new(args.caps);
    vault.fee_split = ScheduledFeeSplit::new(args.fee_split);
    vault.next_market_id = 1;
    emit!(VaultCreated {
        header: vault.next_event(&Clock::get()?)?,
        vault: accounts.vault.key(),
        mint: vault.mint,
        id,
        lp_mint: vault.lp_mint,
        terms: args,
    });
    create_accounts(accounts, &ctx.bumps, &vault)
}

fn create_accounts(accounts: &CreateVault, bumps: &CreateVaultBumps, vault: &Vault) -> Result<()> {
    let address = accounts.vault.key();
    let decimals = accounts
        .mint
        .decimals
        .checked_add(LP_DECIMALS_MORE)
        .ok_or(FlashError::TooManyDecimals)?;
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.vault,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::VAULT,
            vault.mint.as_ref(),
            &vault.id.to_le_bytes(),
            &[bumps.vault],
        ],
    }
    .write_zero_copy(vault)?;
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.vault_tokens,
        system_program: &accounts.system_program,
        seeds: &[seeds::VAULT_TOKENS, address.as_ref(), &[bumps.vault_tokens]],
    }
    .token_account(
        &accounts.mint.to_account_info(),
        &accounts.vault.to_account_info(),
        &accounts.token_program,
    )?;
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.lp_mint,
        system_program: &accounts.system_program,
        seeds: &[seeds::LP_MINT, address.as_ref(), &[bumps.lp_mint]],
    }
    .mint(decimals, &address, &accounts.token_program)
}
