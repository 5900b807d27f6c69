//! Token movements, and what is read of token accounts, with this program's errors.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use program_kit::tokens;

pub use program_kit::tokens::{close_account, transfer, Payee};

use crate::error::MarketError;

/// Refuses mints of Token-2022 under whose extensions tokens could be taken, taxed or held back.
///
/// # Errors
/// [`MarketError::MintExtensionRefused`].
pub fn require_plain_mint(mint: &InterfaceAccount<Mint>) -> Result<()> {
    require!(
        tokens::is_plain_mint(mint)?,
        MarketError::MintExtensionRefused
    );
    Ok(())
}

/// Base units in a token account.
///
/// # Errors
/// [`MarketError::WrongTokenAccount`] if the account is no token account.
pub fn token_amount(account: &AccountInfo) -> Result<u64> {
    tokens::token_amount(account).ok_or_else(|| error!(MarketError::WrongTokenAccount))
}

/// Where to pay `payee`.
///
/// # Errors
/// [`MarketError::WrongTokenAccount`] if it can be paid at neither account.
pub fn destination<'info>(payee: Payee<'_, 'info>) -> Result<AccountInfo<'info>> {
    let destination = payee.destination().cloned();
    destination.ok_or_else(|| error!(MarketError::WrongTokenAccount))
}
