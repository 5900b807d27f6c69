//! What is funded by the vault, with a token account of its own.

use anchor_lang::{prelude::*, Discriminator};
use anchor_spl::token_interface::TokenInterface;
use program_kit::{
    new_account::NewAccount, new_tokens::NewTokens, tokens::token_amount, Custody, Purse,
};

use crate::{
    error::FlashError,
    state::{
        seeds::{self, require_bump},
        Vault,
    },
};

/// A market or a group that is to be made, and who pays the rent of both accounts.
pub struct NewCustody<'a, 'info> {
    pub payer: &'a Signer<'info>,
    pub account: &'a UncheckedAccount<'info>,
    pub tokens: &'a UncheckedAccount<'info>,
    pub mint: &'a UncheckedAccount<'info>,
    pub token_program: &'a Interface<'info, TokenInterface>,
    pub system_program: &'a Program<'info, System>,
}

impl<'info> NewCustody<'_, 'info> {
    /// Creates the account with this value, at the address of the seeds, and its token account.
    ///
    /// # Errors
    /// [`FlashError::WrongAccount`] for tokens at another address; those of creating accounts.
    pub fn create<T: Custody + Discriminator>(&self, value: &T, seeds: &[&[u8]]) -> Result<()> {
        NewAccount {
            payer: self.payer,
            account: self.account,
            system_program: self.system_program,
            seeds,
        }
        .write_zero_copy(value)?;
        let address = self.account.key();
        let [prefix, of_account] = [seeds::MARKET_TOKENS, address.as_ref()];
        let bump = require_bump(self.tokens, &[prefix, of_account])?;
        NewAccount {
            payer: self.payer,
            account: self.tokens,
            system_program: self.system_program,
            seeds: &[prefix, of_account, &[bump]],
        }
        .token_account(
            &self.mint.to_account_info(),
            &self.account.to_account_info(),
            self.token_program,
        )
    }

    /// Pays the funding, which the vault has booked.
    ///
    /// # Errors
    /// [`FlashError::TokensMissing`], those of the token program.
    pub fn fund(
        &self,
        vault: &AccountLoader<'info, Vault>,
        vault_tokens: &AccountInfo<'info>,
        funding: u64,
    ) -> Result<()> {
        let purse = Purse::new(vault, vault_tokens, self.token_program)?;
        purse.pay(self.tokens, funding)?;
        // Anybody may have sent something to the address before. The account is not one for a loader yet.
        let balance = token_amount(self.tokens).unwrap_or(0);
        require_gte!(balance, funding, FlashError::TokensMissing);
        Ok(())
    }
}
