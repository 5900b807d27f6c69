use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::new_account::NewAccount;

use crate::{
    error::FlashError,
    state::{seeds, Vault, Withdrawal, VERSION},
    tokens::{burn, token_amount},
};

#[derive(Accounts)]
pub struct RequestWithdraw<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.lp_mint @ FlashError::WrongAccount)]
    pub lp_mint: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_lp_tokens: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::WITHDRAWAL, vault.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub withdrawal: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct WithdrawRequested {
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub shares: u64,
    pub available_slot: u64,
}

/// Burns the LP shares; what they are worth is decided at the withdrawal.
pub fn handle_request_withdraw(ctx: Context<RequestWithdraw>, shares: u64) -> Result<()> {
    let accounts = ctx.accounts;
    require_gt!(shares, 0, FlashError::ZeroAmount);
    require_gte!(
        token_amount(&accounts.owner_lp_tokens)?,
        shares,
        FlashError::NotEnoughLpShares
    );
    let mut vault = accounts.vault.load_mut()?;

    let available_slot = Clock::get()?
        .slot
        .checked_add(vault.notice_slots)
        .ok_or(FlashError::Overflow)?;
    vault.requested_shares = vault
        .requested_shares
        .checked_add(shares)
        .ok_or(FlashError::Overflow)?;
    require_gte!(
        vault.shares,
        vault.requested_shares,
        FlashError::SharesMismatch
    );
    drop(vault);
    let withdrawal = Withdrawal {
        version: VERSION,
        bump: ctx.bumps.withdrawal,
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        shares,
        available_slot,
    };
    NewAccount {
        payer: &accounts.owner,
        account: &accounts.withdrawal,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::WITHDRAWAL,
            withdrawal.vault.as_ref(),
            withdrawal.owner.as_ref(),
            &[withdrawal.bump],
        ],
    }
    .write(8 + Withdrawal::INIT_SPACE, &withdrawal)?;

    burn(
        &accounts.token_program,
        accounts.lp_mint.to_account_info(),
        accounts.owner_lp_tokens.to_account_info(),
        accounts.owner.to_account_info(),
        shares,
    )?;
    emit!(WithdrawRequested {
        vault: accounts.vault.key(),
        owner: accounts.owner.key(),
        shares,
        available_slot,
    });
    Ok(())
}
