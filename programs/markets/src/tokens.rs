//! Token movements, and what is read of token accounts, with this program's errors.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenInterface};
use program_support::tokens;

pub use program_support::tokens::{can_receive, close_account, is_payable_at, transfer};

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
/// [`MarketError::WrongTokenAccount`] unless anybody may have `owner` paid at `account`: at the
/// associated token account, or at any of the owner's if the owner signs.
pub fn require_payable_at(
    account: &AccountInfo,
    owner: &AccountInfo,
    mint: &Pubkey,
    token_program: &Interface<TokenInterface>,
) -> Result<()> {
    require!(
        tokens::is_payable_at(account, owner, mint, token_program),
        MarketError::WrongTokenAccount
    );
    Ok(())
}
