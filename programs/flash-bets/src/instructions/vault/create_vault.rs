use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenInterface};
use bytemuck::Zeroable;
use oracle::{governance::refuse_durable_nonce, OracleConfig};
use program_kit::{new_account::NewAccount, new_tokens::NewTokens};

use crate::{
    error::FlashError,
    state::{seeds, Caps, FeeSplit, Vault, VERSION},
    tokens::require_plain_mint,
};

/// Range of the notice, in slots.
pub const NOTICE_SLOTS: core::ops::RangeInclusive<u64> = 1..=10_000_000;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CreateVaultArgs {
    pub operator: Pubkey,
    /// Wallet whose token account gets the protocol's part of the fees.
    pub treasury: Pubkey,
    /// Slots between the request of a deposit or a withdrawal and its execution. Not shorter than the
    /// longest market with its proof: see [`super::handle_request_deposit`].
    pub notice_slots: u64,
    pub caps: Caps,
    pub fee_split: FeeSplit,
}

#[derive(Accounts)]
pub struct CreateVault<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ FlashError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::VAULT, mint.key().as_ref()], bump)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::VAULT_TOKENS, vault.key().as_ref()], bump)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::LP_MINT, vault.key().as_ref()], bump)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar; its loader checks the address.
    pub instructions: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct VaultCreated {
    pub vault: Pubkey,
    pub mint: Pubkey,
    pub operator: Pubkey,
    pub treasury: Pubkey,
    pub notice_slots: u64,
}

pub fn handle_create_vault(ctx: Context<CreateVault>, args: CreateVaultArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require_plain_mint(&accounts.mint)?;
    require!(
        NOTICE_SLOTS.contains(&args.notice_slots),
        FlashError::NoticeOutOfRange
    );
    require_keys_neq!(args.operator, Pubkey::default(), FlashError::DefaultKey);
    require_keys_neq!(args.treasury, Pubkey::default(), FlashError::DefaultKey);
    args.caps.check()?;
    args.fee_split.check()?;

    let mut vault = Vault::zeroed();
    vault.version = VERSION;
    vault.bump = ctx.bumps.vault;
    vault.fee_split = args.fee_split;
    vault.mint = accounts.mint.key();
    vault.lp_mint = accounts.lp_mint.key();
    vault.token_account = accounts.vault_tokens.key();
    vault.operator = args.operator;
    vault.treasury = args.treasury;
    vault.notice_slots = args.notice_slots;
    vault.caps = args.caps;
    create_accounts(accounts, &ctx.bumps, &vault)?;
    emit!(VaultCreated {
        vault: accounts.vault.key(),
        mint: vault.mint,
        operator: args.operator,
        treasury: args.treasury,
        notice_slots: args.notice_slots,
    });
    Ok(())
}

fn create_accounts(accounts: &CreateVault, bumps: &CreateVaultBumps, vault: &Vault) -> Result<()> {
    let address = accounts.vault.key();
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.vault,
        system_program: &accounts.system_program,
        seeds: &[seeds::VAULT, vault.mint.as_ref(), &[bumps.vault]],
    }
    .write_zero_copy(vault)?;
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.vault_tokens,
        system_program: &accounts.system_program,
        seeds: &[seeds::VAULT_TOKENS, address.as_ref(), &[bumps.vault_tokens]],
    }
    .token_account(
        accounts.mint.to_account_info(),
        accounts.vault.to_account_info(),
        &accounts.token_program,
    )?;
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.lp_mint,
        system_program: &accounts.system_program,
        seeds: &[seeds::LP_MINT, address.as_ref(), &[bumps.lp_mint]],
    }
    .mint(accounts.mint.decimals, &address, &accounts.token_program)
}
