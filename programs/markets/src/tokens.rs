//! Token movements, and what is read of token accounts, with this program's errors.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenInterface};
use program_support::tokens;

pub use program_support::tokens::{can_receive, close_account, transfer};

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

/// # Errors
/// [`MarketError::WrongTokenAccount`] unless `account` is a token account of `owner`. That it is of
/// the right mint is left to the transfer.
pub fn require_token_account_of(
    account: &AccountInfo,
    owner: &Pubkey,
    token_program: &Interface<TokenInterface>,
) -> Result<()> {
    require!(
        tokens::is_token_account_of(account, owner, token_program),
        MarketError::WrongTokenAccount
    );
    Ok(())
}
