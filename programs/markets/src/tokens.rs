//! What is read of token accounts and mints, with this program's errors.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use program_kit::tokens::{is_plain_mint, Payee};

use crate::error::MarketError;

/// Refuses mints of Token-2022 under whose extensions tokens could be taken, taxed or held back.
///
/// # Errors
/// `MintExtensionRefused`.
pub fn require_plain_mint(mint: &InterfaceAccount<Mint>) -> Result<()> {
    require!(is_plain_mint(mint)?, MarketError::MintExtensionRefused);
    Ok(())
}

/// Where to pay `payee`.
///
/// # Errors
/// `WrongTokenAccount` if it can be paid at neither account.
pub fn destination<'a, 'info>(payee: Payee<'a, 'info>) -> Result<&'a AccountInfo<'info>> {
    payee
        .destination()
        .ok_or_else(|| error!(MarketError::WrongTokenAccount))
}
