//! Creating this program's accounts, whatever was sent to their addresses before.
//!
//! Anchor's `init` needs a newer system program for an address that already has lamports; without
//! it anybody could keep an account from being created by sending some.

use anchor_lang::solana_program::program_pack::Pack;
use anchor_lang::{prelude::*, ZeroCopy};
use anchor_spl::{
    token_2022::{
        self,
        spl_token_2022::state::{Account as TokenAccountState, Mint as MintState},
        InitializeAccount3, InitializeMint2,
    },
    token_interface::TokenInterface,
};
use oracle::program_account;

use crate::error::FlashError;

/// An account that is to be created.
pub struct NewAccount<'a, 'info> {
    pub payer: &'a AccountInfo<'info>,
    pub account: &'a AccountInfo<'info>,
    pub system_program: &'a Program<'info, System>,
    /// Seeds of its address, bump included.
    pub seeds: &'a [&'a [u8]],
}

impl<'info> NewAccount<'_, 'info> {
    /// Creates an account of `space` bytes, discriminator included, and writes `value` into it.
    ///
    /// # Errors
    /// Those of the system program; `AccountAlreadyInUse` if there is an account already.
    pub fn write<T: AccountSerialize>(&self, space: usize, value: &T) -> Result<()> {
        self.create(space, &crate::ID)?;
        let mut data = self.account.try_borrow_mut_data()?;
        value.try_serialize(&mut &mut data[..])
    }

    /// Creates an account that holds `value` as it is in memory.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_zero_copy<T: ZeroCopy + Discriminator>(&self, value: &T) -> Result<()> {
        let bytes = bytemuck::bytes_of(value);
        let parts = [T::DISCRIMINATOR, bytes].concat();
        self.create(parts.len(), &crate::ID)?;
        self.account
            .try_borrow_mut_data()?
            .get_mut(..parts.len())
            .ok_or(FlashError::Overflow)?
            .copy_from_slice(&parts);
        Ok(())
    }

    /// Creates an empty token account of `authority`. No admitted mint asks for extensions of its
    /// accounts.
    ///
    /// # Errors
    /// As [`Self::write`], and those of the token program.
    pub fn token_account(
        &self,
        mint: AccountInfo<'info>,
        authority: AccountInfo<'info>,
        token_program: &Interface<'info, TokenInterface>,
    ) -> Result<()> {
        self.create(TokenAccountState::LEN, token_program.key)?;
        let accounts = InitializeAccount3 {
            account: self.account.clone(),
            mint,
            authority,
        };
        token_2022::initialize_account3(CpiContext::new(token_program.key(), accounts))
    }

    /// Creates a mint of `authority` that nobody can freeze.
    ///
    /// # Errors
    /// As [`Self::write`], and those of the token program.
    pub fn mint(
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

    fn create(&self, space: usize, owner: &Pubkey) -> Result<()> {
        let space = u64::try_from(space).map_err(|_| FlashError::Overflow)?;
        program_account::create(
            self.payer,
            self.account,
            self.system_program,
            self.seeds,
            space,
            owner,
        )
    }
}
