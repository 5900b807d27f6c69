use client::instructions::flash_bets::QuantumAccounts;
use flash_bets::state::{FeedBook, FlashMarket, GroupStatus, QuantumGroup, QuantumTicket};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::FlashAction;
use crate::Money;

/// A group of branches and what belongs to it.
#[derive(Clone, Debug)]
pub struct QuantumView {
    pub address: Pubkey,
    pub group: QuantumGroup,
    pub money: Money,
    pub condition: Option<FlashMarket>,
    pub asset: Option<FlashMarket>,
    pub feed_book: Option<FeedBook>,
    pub tickets: Vec<QuantumTicket>,
}

impl QuantumView {
    /// What the program would accept now.
    pub fn plan(&self, clock: &Clock) -> Vec<FlashAction> {
        let group = &self.group;
        let accounts = QuantumAccounts::new(self.address, group, self.money.token_program);
        if group.is(GroupStatus::Settled) {
            return self.end(accounts);
        }
        let is_settled = |market: &Option<FlashMarket>| {
            market
                .as_ref()
                .is_some_and(|market| market.settlement.is_settled())
        };
        let is_collapsed = group.is(GroupStatus::Collapsed);
        if is_collapsed && is_settled(&self.asset) {
            return vec![FlashAction::SettleQuantum(accounts)];
        }
        let is_over = group.hours.is_over(clock.unix_timestamp);
        if !is_collapsed && is_over && is_settled(&self.condition) {
            return vec![FlashAction::CollapseQuantum(accounts)];
        }
        Vec::new()
    }

    /// Gives the vault its money back, pays the tickets, then closes the account.
    fn end(&self, accounts: QuantumAccounts) -> Vec<FlashAction> {
        let mut actions = Vec::new();
        let is_released = self.group.released != 0;
        if !is_released {
            actions.push(FlashAction::ReleaseQuantum(accounts));
        }
        actions.extend(
            self.tickets
                .iter()
                .map(|ticket| FlashAction::SettleQuantumTicket {
                    accounts,
                    owner: ticket.owner,
                    owner_tokens: self.money.account_of(&ticket.owner),
                    rent_payer: ticket.rent_payer,
                }),
        );
        if let Some(book) = self.feed_book.as_ref() {
            if is_released && self.group.open_tickets == 0 {
                actions.push(FlashAction::CloseQuantum {
                    accounts,
                    feed_book_rent_payer: book.rent_payer,
                });
            }
        }
        actions
    }
}
