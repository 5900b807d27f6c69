//! Token movements that end in the invariant, so that no instruction can forget it: the only way to
//! move tokens into or out of an account's custody is through its [`Purse`].

use anchor_lang::{prelude::*, ZeroCopy};
use anchor_spl::token_interface::TokenInterface;

use crate::{
    rent_receiver,
    tokens::{close_account, mint_of, token_amount, transfer, transfer_together, Payee, Payment},
    KitError,
};

/// Most seeds of an account that holds tokens, bump included.
const MAX_SEEDS: usize = 6;

/// Longest seed.
const MAX_SEED_LEN: usize = 32;

/// Seeds with which an account signs, kept apart from the account, which a call needs unborrowed.
pub struct SignerSeeds {
    bytes: [[u8; MAX_SEED_LEN]; MAX_SEEDS],
    lengths: [usize; MAX_SEEDS],
    count: usize,
}

impl SignerSeeds {
    /// A copy of the seeds; those beyond the sixth, and bytes beyond the 32nd, which no program
    /// address has, are left out.
    pub fn new(seeds: &[&[u8]]) -> Self {
        let mut copy = Self {
            bytes: [[0; MAX_SEED_LEN]; MAX_SEEDS],
            lengths: [0; MAX_SEEDS],
            count: seeds.len().min(MAX_SEEDS),
        };
        let places = copy.bytes.iter_mut().zip(&mut copy.lengths);
        for ((bytes, length), seed) in places.zip(seeds) {
            *length = seed.len().min(MAX_SEED_LEN);
            if let (Some(place), Some(given)) = (bytes.get_mut(..*length), seed.get(..*length)) {
                place.copy_from_slice(given);
            }
        }
        copy
    }

    fn with<T>(&self, call: impl FnOnce(&[&[u8]]) -> T) -> T {
        let mut seeds: [&[u8]; MAX_SEEDS] = [&[]; MAX_SEEDS];
        for ((seed, bytes), length) in seeds.iter_mut().zip(&self.bytes).zip(&self.lengths) {
            *seed = bytes.get(..*length).unwrap_or(bytes);
        }
        call(seeds.get(..self.count).unwrap_or(&seeds))
    }
}

/// An account that holds tokens, in one token account whose authority it is.
pub trait Custody: ZeroCopy + Owner {
    /// The errors of the program.
    type Error: From<KitError> + Into<anchor_lang::error::Error>;

    /// Address of the token account.
    fn token_account(&self) -> Pubkey;

    /// Seeds of the account's own address, bump included.
    fn signer(&self) -> SignerSeeds;

    /// Base units that the token account must hold, by the books.
    ///
    /// # Errors
    /// `Overflow`.
    fn tracked(&self) -> core::result::Result<u64, Self::Error>;

    /// Whether the account can pay whatever happens, as far as its books show.
    ///
    /// # Errors
    /// Of the program: `Insolvent` in whatever words.
    fn assert_solvent(&self) -> core::result::Result<(), Self::Error>;
}

/// An account with its tokens. Write the books first; each movement ends in the invariant: the
/// account can pay whatever happens, and holds what it says it holds.
pub struct Purse<'a, 'info, T: Custody> {
    account: &'a AccountLoader<'info, T>,
    tokens: &'a AccountInfo<'info>,
    token_program: &'a Interface<'info, TokenInterface>,
}

impl<'a, 'info, T: Custody> Purse<'a, 'info, T> {
    /// # Errors
    /// `WrongAccount` if the account names another token account.
    pub fn new(
        account: &'a AccountLoader<'info, T>,
        tokens: &'a AccountInfo<'info>,
        token_program: &'a Interface<'info, TokenInterface>,
    ) -> Result<Self> {
        if account.load()?.token_account() != *tokens.key {
            return Err(refused::<T>(KitError::WrongAccount));
        }
        Ok(Self {
            account,
            tokens,
            token_program,
        })
    }

    /// Takes `amount` base units from a token account whose authority signed.
    ///
    /// # Errors
    /// Those of the token program, and of [`Self::assert_backed`].
    pub fn receive(
        &self,
        from: &AccountInfo<'info>,
        authority: &AccountInfo<'info>,
        amount: u64,
    ) -> Result<()> {
        transfer(
            self.token_program,
            from,
            self.tokens,
            authority,
            amount,
            &[],
        )?;
        self.assert_backed()
    }

    /// Pays base units out.
    ///
    /// # Errors
    /// Those of the token program, and of [`Self::assert_backed`].
    pub fn pay(&self, to: &AccountInfo<'info>, amount: u64) -> Result<()> {
        self.pay_each(&[Payment { to, amount }])
    }

    /// Pays base units to somebody whom anybody may have paid: see [`Payee`]. `fallback` takes the
    /// place of an associated token account that cannot receive.
    ///
    /// # Errors
    /// `WrongTokenAccount` if something is due and neither account is right; those of [`Self::pay`].
    pub fn pay_owner(
        &self,
        owner: &AccountInfo<'info>,
        tokens: &AccountInfo<'info>,
        fallback: Option<&AccountInfo<'info>>,
        amount: u64,
    ) -> Result<()> {
        let payee = Payee {
            owner,
            mint: mint_of(self.tokens).map_err(refused::<T>)?,
            token_program: self.token_program,
            tokens,
            fallback,
        };
        let Some(to) = payee.destination_of(amount) else {
            return Err(refused::<T>(KitError::WrongTokenAccount));
        };
        self.pay(to, amount)
    }

    /// Makes several payments, with one check of the invariant after the last.
    ///
    /// # Errors
    /// Those of the token program, and of [`Self::assert_backed`].
    pub fn pay_each(&self, payments: &[Payment<'_, 'info>]) -> Result<()> {
        let signer = self.account.load()?.signer();
        signer.with(|seeds| {
            payments.iter().try_for_each(|payment| {
                transfer(
                    self.token_program,
                    self.tokens,
                    payment.to,
                    self.account.as_ref(),
                    payment.amount,
                    &[seeds],
                )
            })
        })?;
        self.assert_backed()
    }

    /// As [`Self::pay_each`], in one call of a token program that takes several transfers at once.
    ///
    /// # Errors
    /// Those, and that of a token program that does not.
    pub fn pay_together(&self, payments: &[Payment<'_, 'info>]) -> Result<()> {
        let signer = self.account.load()?.signer();
        let authority = self.account.to_account_info();
        signer.with(|seeds| {
            let signer = &[seeds];
            transfer_together(
                self.token_program,
                self.tokens,
                &authority,
                payments,
                signer,
            )
        })?;
        self.assert_backed()
    }

    /// Moves base units into another account's custody, whose invariant is checked too.
    ///
    /// # Errors
    /// Those of the token program, and of [`Self::assert_backed`].
    pub fn pay_to<U: Custody>(&self, to: &Purse<'_, 'info, U>, amount: u64) -> Result<()> {
        self.pay(to.tokens, amount)?;
        to.assert_backed()
    }

    /// Closes the token account, which is empty; its rent goes to `rent_payer`, or to the account that it is of where
    /// that one has become a program.
    ///
    /// # Errors
    /// Those of the token program.
    pub fn close(&self, rent_payer: &AccountInfo<'info>) -> Result<()> {
        let signer = self.account.load()?.signer();
        let account = self.account.to_account_info();
        let receiver = rent_receiver(rent_payer, &account);
        signer.with(|seeds| {
            close_account(
                self.token_program,
                self.tokens.clone(),
                receiver,
                account,
                &[seeds],
            )
        })
    }

    /// Base units in the token account.
    ///
    /// # Errors
    /// `WrongTokenAccount` if it is none.
    pub fn balance(&self) -> Result<u64> {
        token_amount(self.tokens).map_err(refused::<T>)
    }

    /// Ends an instruction that changes the books and moves no tokens; every movement ends in it.
    ///
    /// # Errors
    /// `TokensMissing`, and those of [`Custody::assert_solvent`].
    pub fn assert_backed(&self) -> Result<()> {
        let balance = self.balance()?;
        let account = self.account.load()?;
        account.assert_solvent().map_err(Into::into)?;
        if balance < account.tracked().map_err(Into::into)? {
            return Err(refused::<T>(KitError::TokensMissing));
        }
        Ok(())
    }
}

fn refused<T: Custody>(error: KitError) -> anchor_lang::error::Error {
    T::Error::from(error).into()
}
