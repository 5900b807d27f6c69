//! LP tokens that the vault gives out.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{tokens::mint_to, EventHeader};

use crate::{
    error::FlashError,
    state::{seeds, Vault, Withdrawal},
};

/// Mints LP tokens of a vault.
///
/// # Errors
/// Those of the token program.
pub fn mint_lp_tokens<'info>(
    vault: &AccountLoader<'info, Vault>,
    lp_mint: &AccountInfo<'info>,
    to: &AccountInfo<'info>,
    shares: u64,
    token_program: &Interface<'info, TokenInterface>,
) -> Result<()> {
    let (mint, id, bump) = {
        let vault = vault.load()?;
        (vault.mint, vault.id.to_le_bytes(), [vault.bump])
    };
    mint_to(
        token_program,
        lp_mint.clone(),
        to.clone(),
        vault.to_account_info(),
        shares,
        &[&[seeds::VAULT, mint.as_ref(), &id, &bump]],
    )
}

#[event]
pub struct WithdrawalReturned {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// Minted again.
    pub shares: u64,
    /// After it.
    pub vault_shares: u64,
    pub requested_shares: u64,
}

/// Takes a withdrawal off the books, whose shares the caller mints again.
///
/// # Errors
/// `SharesMismatch`, `Overflow`.
pub fn book_return(
    vault: &AccountLoader<Vault>,
    withdrawal: &Withdrawal,
    clock: &Clock,
) -> Result<()> {
    let address = vault.key();
    let mut vault = vault.load_mut()?;
    vault.requested_shares = vault
        .requested_shares
        .checked_sub(withdrawal.shares)
        .ok_or(FlashError::SharesMismatch)?;
    emit!(WithdrawalReturned {
        header: vault.next_event(clock)?,
        vault: address,
        owner: withdrawal.owner,
        shares: withdrawal.shares,
        vault_shares: vault.shares,
        requested_shares: vault.requested_shares,
    });
    Ok(())
}
