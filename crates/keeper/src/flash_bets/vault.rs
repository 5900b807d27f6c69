use client::{
    addresses::associated_tokens,
    instructions::flash_bets::{
        CancelDeposit, CloseEventBook, ExecuteDeposit, LapseWithdraw, Withdraw,
    },
};
use flash_bets::{
    instructions::EVENT_BOOK_IDLE_SECONDS,
    state::{Deposit, EventBook, Vault, Withdrawal},
};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::FlashAction;
use crate::{Money, Settings};

/// A vault, the money on its way into it and out of it, and its books of events.
#[derive(Clone, Debug)]
pub struct VaultView {
    pub address: Pubkey,
    pub vault: Vault,
    pub money: Money,
    pub deposits: Vec<Deposit>,
    pub withdrawals: Vec<Withdrawal>,
    pub event_books: Vec<(Pubkey, EventBook)>,
}

impl VaultView {
    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<FlashAction> {
        let now = clock.unix_timestamp;
        let deposits = self
            .deposits
            .iter()
            .filter_map(|one| self.deposit(one, now));
        let withdrawals = self.withdrawals.iter();
        let withdrawals = withdrawals.filter_map(|one| self.withdrawal(one, now));
        let books = self.event_books.iter();
        let books = books.filter_map(|(address, book)| {
            let idle_seconds = now.saturating_sub(book.idle_since);
            let is_idle = book.exposure.is_empty() && idle_seconds >= EVENT_BOOK_IDLE_SECONDS;
            is_idle.then_some(FlashAction::CloseEventBook(CloseEventBook {
                authority: settings.keeper,
                vault: self.address,
                event_book: *address,
                rent_payer: book.rent_payer,
                verse: (book.verse != Pubkey::default()).then_some(book.verse),
            }))
        });
        deposits.chain(withdrawals).chain(books).collect()
    }

    fn deposit(&self, deposit: &Deposit, now: i64) -> Option<FlashAction> {
        let (vault, owner, rent_payer) = (self.address, deposit.owner, deposit.rent_payer);
        let (owner_tokens, token_program) =
            (self.money.account_of(&owner), self.money.token_program);
        if self.vault.pauses.is_paused(now) || now > deposit.available_until {
            return Some(FlashAction::CancelDeposit(CancelDeposit {
                vault,
                owner,
                rent_payer,
                owner_tokens,
                token_program,
            }));
        }
        (now >= deposit.available_at).then(|| {
            FlashAction::ExecuteDeposit(ExecuteDeposit {
                vault,
                owner,
                rent_payer,
                owner_tokens,
                owner_lp_tokens: self.lp_tokens(&owner),
                token_program,
            })
        })
    }

    /// While the vault has too little free cash, or it is worth less than the owner accepts, a
    /// withdrawal waits for the end of its window.
    fn withdrawal(&self, withdrawal: &Withdrawal, now: i64) -> Option<FlashAction> {
        let (vault, owner, rent_payer) = (self.address, withdrawal.owner, withdrawal.rent_payer);
        let token_program = self.money.token_program;
        if now > withdrawal.available_until {
            return Some(FlashAction::LapseWithdraw(LapseWithdraw {
                vault,
                owner,
                rent_payer,
                owner_lp_tokens: self.lp_tokens(&owner),
                token_program,
            }));
        }
        let worth = self
            .vault
            .amount_for(withdrawal.shares, withdrawal.min_amount);
        let is_payable = worth.is_ok_and(|amount| amount <= self.vault.cash);
        (now >= withdrawal.available_at && is_payable).then(|| {
            FlashAction::Withdraw(Withdraw {
                vault,
                owner,
                rent_payer,
                owner_tokens: self.money.account_of(&owner),
                token_program,
            })
        })
    }

    /// LP shares are of the same token program as the money.
    fn lp_tokens(&self, owner: &Pubkey) -> Pubkey {
        associated_tokens(owner, &self.vault.lp_mint, &self.money.token_program)
    }
}
