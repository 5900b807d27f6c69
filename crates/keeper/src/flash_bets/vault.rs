use client::{
    addresses::associated_tokens,
    instructions::flash_bets::{CancelDeposit, ExecuteDeposit},
};
use flash_bets::state::{Deposit, Vault};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::FlashAction;
use crate::Money;

/// A vault and the money on its way into it.
#[derive(Clone, Debug)]
pub struct VaultView {
    pub address: Pubkey,
    pub vault: Vault,
    pub money: Money,
    pub deposits: Vec<Deposit>,
}

impl VaultView {
    /// What the program would accept now.
    pub fn plan(&self, clock: &Clock) -> Vec<FlashAction> {
        let is_paused = self.vault.is_paused(clock.unix_timestamp);
        let due = self.deposits.iter().filter_map(|deposit| {
            if is_paused || clock.slot > deposit.last_slot {
                Some(self.cancel(deposit))
            } else {
                (clock.slot >= deposit.available_slot).then(|| self.execute(deposit))
            }
        });
        due.collect()
    }

    fn execute(&self, deposit: &Deposit) -> FlashAction {
        let (owner, token_program) = (deposit.owner, self.money.token_program);
        FlashAction::ExecuteDeposit(ExecuteDeposit {
            vault: self.address,
            owner,
            owner_tokens: self.money.account_of(&owner),
            owner_lp_tokens: associated_tokens(&owner, &self.vault.lp_mint, &token_program),
            token_program,
        })
    }

    fn cancel(&self, deposit: &Deposit) -> FlashAction {
        FlashAction::CancelDeposit(CancelDeposit {
            vault: self.address,
            owner: deposit.owner,
            owner_tokens: self.money.account_of(&deposit.owner),
            token_program: self.money.token_program,
        })
    }
}
