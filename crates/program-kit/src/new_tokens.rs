//! Creating token accounts and mints at addresses of the running program.

use anchor_lang::{prelude::*, solana_program::program_pack::Pack};
use anchor_spl::{
    token_2022::{
        self,
        spl_token_2022::state::{Account as TokenAccountState, Mint as MintState},
        InitializeAccount3, InitializeMint2,
    },
    token_interface::TokenInterface,
};

pub use crate::new_account::NewAccount;

/// What a new account can be besides an account of the running program.
pub trait NewTokens<'info> {
    /// Creates an empty token account of `authority`. No admitted mint asks for extensions of its
    /// accounts.
    ///
    /// # Errors
    /// As [`NewAccount::create`], and those of the token program.
    fn token_account(
        &self,
        mint: &AccountInfo<'info>,
        authority: &AccountInfo<'info>,
        token_program: &Interface<'info, TokenInterface>,
    ) -> Result<()>;

    /// Creates a mint of `authority` that nobody can freeze.
    ///
    /// # Errors
    /// As [`NewAccount::create`], and those of the token program.
    fn mint(
        &self,
        decimals: u8,
        authority: &Pubkey,
        token_program: &Interface<'info, TokenInterface>,
    ) -> Result<()>;
}

impl<'info> NewTokens<'info> for NewAccount<'_, 'info> {
    fn token_account(
        &self,
        mint: &AccountInfo<'info>,
        authority: &AccountInfo<'info>,
        token_program: &Interface<'info, TokenInterface>,
    ) -> Result<()> {
        self.create(TokenAccountState::LEN, token_program.key)?;
        let accounts = InitializeAccount3 {
            account: self.account.clone(),
            mint: mint.clone(),
            authority: authority.clone(),
        };
        token_2022::initialize_account3(CpiContext::new(token_program.key(), accounts))
    }

    fn mint(
        &self,
        decimals: u8,
        authority: &Pubkey,
        token_program: &Interface<'info, TokenInterface>,
    ) -> Result<()> {
        self.create(MintState::LEN, token_program.key)?;
        let mint = self.account.clone();
        token_2022::initialize_mint2(
            CpiContext::new(token_program.key(), InitializeMint2 { mint }),
            decimals,
            authority,
            None,
        )
    }
}
