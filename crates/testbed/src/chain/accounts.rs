//! Reading accounts, each once until a transaction may have written it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use anchor_lang::prelude::Pubkey;
use client::accounts::{self, StrobeAccount};
use solana_account::Account;

use super::Chain;
use crate::ChainError;

/// Accounts as they were read. A transaction can change only what it may write.
#[derive(Default)]
pub(super) struct Seen {
    accounts: RefCell<BTreeMap<Pubkey, Option<Rc<Account>>>>,
    /// Every account that a transaction might have written.
    written: BTreeSet<Pubkey>,
    /// Accounts that may have changed since [`Chain::take_changes`] was last called.
    changes: RefCell<BTreeSet<Pubkey>>,
}

impl Seen {
    /// The account may have changed.
    pub fn forget(&mut self, address: &Pubkey) {
        self.accounts.get_mut().remove(address);
        self.changes.get_mut().insert(*address);
    }

    /// A transaction may have made or changed the account.
    pub fn note_written(&mut self, address: Pubkey) {
        self.forget(&address);
        self.written.insert(address);
    }
}

impl Chain {
    /// The account, if there is one.
    ///
    /// # Errors
    /// [`ChainError::Banks`].
    pub fn find_account(&self, address: Pubkey) -> Result<Option<Account>, ChainError> {
        Ok(self.see(address)?.map(Rc::unwrap_or_clone))
    }

    /// As [`Self::find_account`], without a copy.
    ///
    /// # Errors
    /// [`ChainError::Banks`].
    pub fn see(&self, address: Pubkey) -> Result<Option<Rc<Account>>, ChainError> {
        if let Some(account) = self.seen.accounts.borrow().get(&address) {
            return Ok(account.clone());
        }
        let read = self.context.banks_client.get_account(address);
        let account = self.runtime.block_on(read)?.map(Rc::new);
        let mut accounts = self.seen.accounts.borrow_mut();
        accounts.insert(address, account.clone());
        Ok(account)
    }

    /// Every account of these programs that a transaction made: it had to be writable there.
    ///
    /// # Errors
    /// [`ChainError::Banks`].
    pub fn accounts_of(&self, programs: &[Pubkey]) -> Result<Vec<(Pubkey, Account)>, ChainError> {
        let mut found = Vec::new();
        for address in &self.seen.written {
            if let Some(account) = self.see(*address)? {
                if programs.contains(&account.owner) {
                    found.push((*address, Account::clone(&account)));
                }
            }
        }
        Ok(found)
    }

    /// Accounts that may have changed since the last call.
    pub(crate) fn take_changes(&self) -> BTreeSet<Pubkey> {
        self.seen.changes.take()
    }

    /// An account of one of Strobe's types.
    ///
    /// # Errors
    /// [`ChainError::NoAccount`], [`ChainError::Account`] if it is of another type.
    pub fn account<T: StrobeAccount>(&self, address: Pubkey) -> Result<T, ChainError> {
        let account = self.see(address)?.ok_or(ChainError::NoAccount(address))?;
        accounts::decode(&account.owner, &account.data)
            .map_err(|cause| ChainError::Account { address, cause })
    }

    /// Zero if there is no account.
    ///
    /// # Errors
    /// [`ChainError::Banks`].
    pub fn lamports(&self, address: Pubkey) -> Result<u64, ChainError> {
        Ok(self.see(address)?.map_or(0, |account| account.lamports))
    }
}
