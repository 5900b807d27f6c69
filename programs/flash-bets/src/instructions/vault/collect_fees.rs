use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::FlashError,
    state::{Vault, VaultSigner},
    tokens::{destination, transfer, Payee},
};

/// Whose fees are collected.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeShare {
    /// Goes to a token account of the treasury.
    Protocol,
    /// Goes to a token account of the operator.
    Operator,
}

#[derive(Accounts)]
pub struct CollectFees<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the treasury or the operator.
    pub receiver: UncheckedAccount<'info>,
    /// CHECK: checked to be the receiver's.
    #[account(mut)]
    pub receiver_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the receiver's where money goes to it, which is only if the associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct FeesCollected {
    pub vault: Pubkey,
    pub share: FeeShare,
    pub receiver: Pubkey,
    pub amount: u64,
}

/// Pays out the protocol's or the operator's part of the fees; anybody.
pub fn handle_collect_fees(ctx: Context<CollectFees>, share: FeeShare) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = ctx.accounts;
    let mut vault = accounts.vault.load_mut()?;
    let (receiver, amount) = match share {
        FeeShare::Protocol => (vault.treasury, core::mem::take(&mut vault.protocol_fees)),
        FeeShare::Operator => (
            vault.operator_at(now),
            core::mem::take(&mut vault.operator_fees),
        ),
    };
    require_gt!(amount, 0, FlashError::NothingToCollect);
    require_keys_eq!(accounts.receiver.key(), receiver, FlashError::WrongAccount);
    let (signer, mint) = (VaultSigner::of(&vault), vault.mint);
    drop(vault);
    let destination = destination(Payee {
        owner: &accounts.receiver,
        mint,
        token_program: &accounts.token_program,
        tokens: &accounts.receiver_tokens,
        fallback: accounts.fallback_tokens.as_deref(),
    })?;

    transfer(
        &accounts.token_program,
        accounts.vault_tokens.to_account_info(),
        destination,
        accounts.vault.to_account_info(),
        amount,
        &[&signer.seeds()],
    )?;
    accounts
        .vault
        .load()?
        .assert_backed(&accounts.vault_tokens)?;
    emit!(FeesCollected {
        vault: accounts.vault.key(),
        share,
        receiver,
        amount,
    });
    Ok(())
}
