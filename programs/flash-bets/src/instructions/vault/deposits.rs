//! The end of a deposit: `execute_deposit` and `cancel_deposit` finish it.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{difference, sum};
use program_kit::{EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{Deposit, Vault},
};

/// How a deposit ended.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositResult {
    Minted {
        shares: u64,
    },
    /// The money went back: it would have bought fewer shares than its bound, none at all, or more
    /// than can be counted.
    Returned,
    /// The money went back: the deposit was not executed in its time, or the vault is paused.
    Cancelled,
}

#[event]
pub struct DepositDone {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    pub result: DepositResult,
    /// After it.
    pub vault_cash: u64,
    pub vault_shares: u64,
}

pub struct DepositAccounts<'a, 'info> {
    pub vault: &'a AccountLoader<'info, Vault>,
    pub deposit: &'a Account<'info, Deposit>,
    pub owner: &'a AccountInfo<'info>,
    pub vault_tokens: &'a AccountInfo<'info>,
    pub owner_tokens: &'a AccountInfo<'info>,
    pub token_program: &'a Interface<'info, TokenInterface>,
    pub fallback_tokens: Option<&'a AccountInfo<'info>>,
}

/// Books the end of a deposit. Unless it bought LP shares, which the caller mints, its money goes to
/// a token account of its owner, whom the caller has checked.
///
/// # Errors
/// `WrongTokenAccount`, `Overflow`, those of the token program.
pub fn finish_deposit(
    accounts: DepositAccounts,
    result: DepositResult,
    clock: &Clock,
) -> Result<()> {
    let DepositAccounts {
        vault: loader,
        deposit,
        owner,
        vault_tokens,
        owner_tokens,
        token_program,
        fallback_tokens,
    } = accounts;
    let mut vault = loader.load_mut()?;
    vault.pending_deposits =
        difference(vault.pending_deposits, deposit.amount).map_err(FlashError::from)?;
    let returned = if let DepositResult::Minted { shares } = result {
        vault.cash = sum([vault.cash, deposit.amount]).map_err(FlashError::from)?;
        vault.shares = sum([vault.shares, shares]).map_err(FlashError::from)?;
        0
    } else {
        deposit.amount
    };
    emit!(DepositDone {
        header: vault.next_event(clock)?,
        vault: loader.key(),
        owner: deposit.owner,
        amount: deposit.amount,
        result,
        vault_cash: vault.cash,
        vault_shares: vault.shares,
    });
    drop(vault);

    let purse = Purse::new(loader, vault_tokens, token_program)?;
    purse.pay_owner(owner, owner_tokens, fallback_tokens, returned)
}
