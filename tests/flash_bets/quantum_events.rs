//! What groups of branches say, from their creation to their end.

use anchor_lang::prelude::Pubkey;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::Order};
use flash_bets::{
    instructions::{
        BranchTraded, BranchesMerged, QuantumClosed, QuantumCollapsed, QuantumCreated,
        QuantumDeposited, QuantumReleased, QuantumSettled, QuantumTicketSettled, Surplus,
    },
    state::Vault,
};
use market_core::Money;
use program_kit::EventHeader;
use solana_signer::Signer;
use testbed::User;

use super::events::{Story, PURSE, STAKE};

const DEPTH: u64 = 1_000_000_000;

impl Story {
    /// A group on two markets, which are closed with it.
    pub(super) fn quantum(&mut self) {
        let condition = self.flash.market(self.flash.lasting(2, 300));
        let asset = self.flash.market(self.flash.lasting(2, 300));
        let group = self.quantum_created(condition, asset);
        let user = self.flash.user(PURSE);
        self.quantum_used(group, &user);
        self.flash.resolve(condition, 1).expect("a result");
        let receipt = self.flash.collapse(group).expect("a collapse");
        let weights = self.flash.group_state(group).weights;
        let event = QuantumCollapsed {
            header: self.of_group(group),
            group,
            survivor: 1,
            weights,
            is_settled: false,
        };
        self.said(&receipt, event);
        self.flash.resolve(asset, 0).expect("a result");
        let receipt = self.flash.settle_group(group).expect("an end");
        let payouts = self.flash.group_state(group).payouts[1];
        let event = QuantumSettled {
            header: self.of_group(group),
            group,
            survivor: 1,
            payouts,
        };
        self.said(&receipt, event);
        self.quantum_ended(group, &user);
        for market in [condition, asset] {
            let event_book = self.flash.market_state(market).event_book;
            self.flash.release(market).expect("a surplus");
            self.flash.close(market).expect("a closing");
            if market == condition {
                self.flash.close_event_book(event_book).expect("a closing");
            }
        }
        self.quantum_closed(group);
    }

    fn of_group(&self, group: Pubkey) -> EventHeader {
        self.header(self.flash.group_state(group).sequence)
    }

    fn quantum_created(&mut self, condition: Pubkey, asset: Pubkey) -> Pubkey {
        let terms = self.flash.quantum_terms(condition, asset, DEPTH);
        let create = self.flash.build_group(condition, asset, terms.clone());
        let group = addresses::quantum_group(&self.flash.vault, create.id);
        let receipt = self.flash.send_as_operator(create.instruction());
        let receipt = receipt.expect("a group");
        let (state, vault) = (self.flash.group_state(group), self.flash.vault_state());
        let event = QuantumCreated {
            header: self.of_group(group),
            group,
            vault: self.flash.vault,
            condition,
            asset,
            event_book: create.event_book,
            feed_id: create.feed_id,
            operator: self.flash.operator.pubkey(),
            id: create.id,
            terms,
            branches: 2,
            outcomes: 2,
            fee_rate: 100,
            fee_floor_bps: 0,
            hours: state.hours,
            slow_price_slots: state.slow_price_slots,
            funding: state.total,
            vault_cash: vault.cash,
            vault_allocated: vault.allocated,
        };
        self.said(&receipt, event);
        self.flash.pass_to(state.hours.opens_at);
        group
    }

    fn quantum_used(&mut self, group: Pubkey, user: &User) {
        let owner = user.address();
        let funding = self.flash.group_state(group).funding;
        let receipt = self.flash.deposit_quantum(user, group, 3 * STAKE);
        let receipt = receipt.expect("a deposit");
        let event = QuantumDeposited {
            header: self.of_group(group),
            group,
            owner,
            rent_payer: owner,
            amount: 3 * STAKE,
            total: funding + 3 * STAKE,
            open_tickets: 1,
        };
        self.said(&receipt, event);
        let order = Order::Stake {
            stake: STAKE,
            min_shares: 0,
        };
        let receipt = self.flash.trade_branch(user, group, [1, 0], order);
        let receipt = receipt.expect("a trade");
        let pool = self.flash.group_state(group).pools[1];
        let event = BranchTraded {
            header: self.of_group(group),
            group,
            owner,
            branch: 1,
            outcome: 0,
            order,
            shares: pool.sold[0],
            amount: pool.cash - funding + pool.fees,
            fee: pool.fees,
            pool_cash: pool.cash,
            pool_fees: pool.fees,
            outcome_sold: pool.sold[0],
            ticket_credit: 3 * STAKE - (pool.cash - funding + pool.fees),
            ticket_shares: pool.sold[0],
        };
        self.said(&receipt, event);
        let receipt = self.flash.merge_branches(user, group, STAKE);
        let receipt = receipt.expect("the exit");
        let event = BranchesMerged {
            header: self.of_group(group),
            group,
            owner,
            amount: STAKE,
            total: funding + 2 * STAKE,
        };
        self.said(&receipt, event);
    }

    fn quantum_ended(&mut self, group: Pubkey, user: &User) {
        let before = self.flash.group_state(group);
        let old: Vault = self.flash.vault_state();
        let receipt = self.flash.release_group(group).expect("a surplus");
        let (after, vault) = (self.flash.group_state(group), self.flash.vault_state());
        let fees = math::vault::split_fee(
            Money(before.pools[1].fees),
            math::BasisPoints(before.fee_split.protocol),
            math::BasisPoints(before.fee_split.operator),
        );
        let fees = fees.expect("parts");
        let surplus = Surplus {
            pool: vault.cash - old.cash - fees.liquidity.0,
            liquidity_fees: fees.liquidity.0,
            protocol_fees: vault.protocol_fees - old.protocol_fees,
            operator_fees: vault.operator_fees - old.operator_fees,
        };
        let all = surplus.total().expect("a sum");
        assert_eq!(after.total, before.total - all);
        let event = QuantumReleased {
            header: self.of_group(group),
            group,
            vault: self.flash.vault,
            surplus,
            total: after.total,
            vault_cash: vault.cash,
            vault_allocated: vault.allocated,
        };
        self.said(&receipt, event);
        let purse = self.flash.balance(user.tokens);
        let receipt = self.flash.settle_quantum_ticket(user, group);
        let receipt = receipt.expect("a payment");
        let event = QuantumTicketSettled {
            header: self.of_group(group),
            group,
            owner: user.address(),
            payout: self.flash.balance(user.tokens) - purse,
            deposited: 2 * STAKE,
            total: 0,
            open_tickets: 0,
        };
        self.said(&receipt, event);
    }

    fn quantum_closed(&mut self, group: Pubkey) {
        let header = self.header(self.flash.group_state(group).sequence + 1);
        let event_book = self.flash.group_state(group).event_book;
        let receipt = self.flash.close_group(group).expect("a closing");
        let event = QuantumClosed {
            header,
            group,
            vault: self.flash.vault,
            rest: 0,
        };
        self.said(&receipt, event);
        self.flash.close_event_book(event_book).expect("a closing");
    }
}
