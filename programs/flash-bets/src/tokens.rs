//! What is read of mints and token accounts, with this program's errors.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use program_kit::tokens::{self, Payee};

use crate::error::FlashError;

/// Refuses mints of Token-2022 under whose extensions tokens could be taken, taxed or held back.
///
/// # Errors
/// `MintExtensionRefused`.
pub fn require_plain_mint(mint: &InterfaceAccount<Mint>) -> Result<()> {
    require!(
        tokens::is_plain_mint(mint)?,
        FlashError::MintExtensionRefused
    );
    Ok(())
}

/// Base units in a token account.
///
/// # Errors
/// `WrongTokenAccount` if the account is no token account.
pub fn token_amount(account: &AccountInfo) -> Result<u64> {
    tokens::token_amount(account).ok_or_else(|| error!(FlashError::WrongTokenAccount))
}

/// Where to pay `payee`.
///
/// # Errors
/// `WrongTokenAccount` if it can be paid at neither account.
pub fn destination<'info>(payee: Payee<'_, 'info>) -> Result<AccountInfo<'info>> {
    let destination = payee.destination().cloned();
    destination.ok_or_else(|| error!(FlashError::WrongTokenAccount))
}

/// The mint of a token account.
///
/// # Errors
/// `WrongTokenAccount` if the account is no token account.
pub fn mint_of(account: &AccountInfo) -> Result<Pubkey> {
    tokens::mint_of(account).ok_or_else(|| error!(FlashError::WrongTokenAccount))
}
