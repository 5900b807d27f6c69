//! What people do with groups of branches.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{with_verses, CreateQuantum, QuantumAccounts, QuantumTerms},
};
use flash_bets::state::{FeedBook, Order, QuantumGroup, QuantumTicket};
use solana_signer::Signer;

use super::{FlashWorld, User};
use crate::{Receipt, SendError};

impl FlashWorld {
    /// A group of even branches of `depth`, with the vault's least lead.
    pub fn quantum_terms(&self, condition: Pubkey, asset: Pubkey, depth: u64) -> QuantumTerms {
        let rows = self.market_state(condition).pool.outcomes;
        let outcomes = u16::from(self.market_state(asset).pool.outcomes);
        let mut row = vec![10_000 / outcomes; usize::from(outcomes)];
        row[0] += 10_000 % outcomes;
        QuantumTerms {
            depth,
            priors: vec![row; usize::from(rows)],
            opens_in_seconds: 5,
        }
    }

    pub fn build_group(
        &mut self,
        condition: Pubkey,
        asset: Pubkey,
        terms: QuantumTerms,
    ) -> CreateQuantum {
        let state = self.market_state(asset);
        let id = self.vault_state().next_market_id;
        self.know_market(addresses::quantum_group(&self.vault, id));
        CreateQuantum {
            operator: self.operator.pubkey(),
            vault: self.vault,
            mint: self.mint.address,
            token_program: self.token_program(),
            condition,
            condition_observers: self.market_state(condition).evidence.observers(),
            asset,
            asset_observers: state.evidence.observers(),
            event_book: state.event_book,
            feed_id: state.evidence.feed_id,
            id,
            terms,
        }
    }

    /// # Errors
    /// Those of [`crate::Chain::send`], here and below.
    pub fn try_group(
        &mut self,
        condition: Pubkey,
        asset: Pubkey,
        terms: QuantumTerms,
    ) -> Result<Receipt, SendError> {
        let create = self.build_group(condition, asset, terms);
        let group = addresses::quantum_group(&self.vault, create.id);
        let verses = self.verses_of([asset]);
        let result = self.send_as_operator(with_verses(create.instruction(), &verses));
        if self.find::<QuantumGroup>(group).is_none() {
            self.forget(group);
        }
        result
    }

    /// A group of even branches, which opens; gives its address.
    #[track_caller]
    pub fn group(&mut self, condition: Pubkey, asset: Pubkey, depth: u64) -> Pubkey {
        let id = self.vault_state().next_market_id;
        let terms = self.quantum_terms(condition, asset, depth);
        self.try_group(condition, asset, terms).expect("a group");
        let group = addresses::quantum_group(&self.vault, id);
        self.pass_to(self.group_state(group).hours.opens_at);
        group
    }

    #[track_caller]
    pub fn group_state(&self, group: Pubkey) -> QuantumGroup {
        self.read(group)
    }

    #[track_caller]
    pub fn quantum_ticket(&self, group: Pubkey, user: &User) -> QuantumTicket {
        self.read(addresses::quantum_ticket(&group, &user.address()))
    }

    pub fn group_accounts(&self, group: Pubkey) -> QuantumAccounts {
        QuantumAccounts::new(group, &self.group_state(group), self.token_program())
    }

    /// Looks for a user's ticket from now on.
    pub fn know_quantum_ticket(&mut self, group: Pubkey, user: &User) {
        let ticket = addresses::quantum_ticket(&group, &user.address());
        self.know(group, ticket);
    }

    pub fn deposit_quantum(
        &mut self,
        user: &User,
        group: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        self.know_quantum_ticket(group, user);
        let owner = user.address();
        let accounts = self.group_accounts(group);
        let deposit = accounts.deposit(owner, user.tokens, owner, amount);
        self.send(deposit, &[&user.key])
    }

    pub fn trade_branch(
        &mut self,
        user: &User,
        group: Pubkey,
        [branch, outcome]: [u8; 2],
        order: Order,
    ) -> Result<Receipt, SendError> {
        let accounts = self.group_accounts(group);
        let trade = accounts.trade(user.address(), branch, outcome, order);
        self.send(trade, &[&user.key])
    }

    pub fn merge_branches(
        &mut self,
        user: &User,
        group: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let accounts = self.group_accounts(group);
        let merge = accounts.merge(user.address(), user.tokens, amount);
        self.send(merge, &[&user.key])
    }

    pub fn collapse(&mut self, group: Pubkey) -> Result<Receipt, SendError> {
        self.send(self.group_accounts(group).collapse(), &[])
    }

    pub fn settle_group(&mut self, group: Pubkey) -> Result<Receipt, SendError> {
        self.send(self.group_accounts(group).settle(), &[])
    }

    pub fn settle_quantum_ticket(
        &mut self,
        user: &User,
        group: Pubkey,
    ) -> Result<Receipt, SendError> {
        let accounts = self.group_accounts(group);
        let owner = user.address();
        self.send(accounts.settle_ticket(owner, user.tokens, owner), &[])
    }

    pub fn release_group(&mut self, group: Pubkey) -> Result<Receipt, SendError> {
        let release = self.group_accounts(group).release();
        let verses = self.verses_of_event(self.group_state(group).event_book);
        self.send(with_verses(release, &verses), &[])
    }

    pub fn close_group(&mut self, group: Pubkey) -> Result<Receipt, SendError> {
        let accounts = self.group_accounts(group);
        let book = addresses::feed_book(&self.vault, &accounts.feed_id);
        let rent_payer = self.read::<FeedBook>(book).rent_payer;
        self.send(accounts.close(rent_payer), &[])
    }
}
