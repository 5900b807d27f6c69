use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use oracle::{governance::refuse_durable_nonce, OracleConfig};

use crate::{
    error::FlashError,
    state::{seeds, Caps, FeeSplit, Vault, VERSION},
    tokens::require_plain_mint,
};

/// Range of the notice of withdrawals, in slots.
pub const NOTICE_SLOTS: core::ops::RangeInclusive<u64> = 1..=10_000_000;

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CreateVaultArgs {
    pub operator: Pubkey,
    /// Wallet whose token account gets the protocol's part of the fees.
    pub treasury: Pubkey,
    /// Slots between the request of a withdrawal and the withdrawal.
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
    #[account(
        init,
        payer = admin,
        space = 8 + core::mem::size_of::<Vault>(),
        seeds = [seeds::VAULT, mint.key().as_ref()],
        bump,
    )]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        init,
        payer = admin,
        seeds = [seeds::VAULT_TOKENS, vault.key().as_ref()],
        bump,
        token::mint = mint,
        token::authority = vault,
        token::token_program = token_program,
    )]
    pub vault_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        init,
        payer = admin,
        seeds = [seeds::LP_MINT, vault.key().as_ref()],
        bump,
        mint::decimals = mint.decimals,
        mint::authority = vault,
        mint::token_program = token_program,
    )]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
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
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    require_plain_mint(&ctx.accounts.mint)?;
    require!(
        NOTICE_SLOTS.contains(&args.notice_slots),
        FlashError::NoticeOutOfRange
    );
    require_keys_neq!(args.operator, Pubkey::default(), FlashError::DefaultKey);
    require_keys_neq!(args.treasury, Pubkey::default(), FlashError::DefaultKey);
    args.caps.check()?;
    args.fee_split.check()?;

    let mut vault = ctx.accounts.vault.load_init()?;
    vault.version = VERSION;
    vault.bump = ctx.bumps.vault;
    vault.fee_split = args.fee_split;
    vault.mint = ctx.accounts.mint.key();
    vault.lp_mint = ctx.accounts.lp_mint.key();
    vault.token_account = ctx.accounts.vault_tokens.key();
    vault.operator = args.operator;
    vault.treasury = args.treasury;
    vault.notice_slots = args.notice_slots;
    vault.caps = args.caps;
    emit!(VaultCreated {
        vault: ctx.accounts.vault.key(),
        mint: vault.mint,
        operator: args.operator,
        treasury: args.treasury,
        notice_slots: args.notice_slots,
    });
    Ok(())
}
