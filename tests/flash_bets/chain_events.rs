//! What the events of chains say.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    chain_quotes::{self, QuotedLeg},
    instructions::flash_bets::*,
};
use flash_bets::{
    error::FlashError,
    instructions::{
        CashOutRequested, ChainBookClosed, ChainBookCreated, ChainCashedOut, ChainClosed,
        ChainOpened, ChainRequested, ChainReturned, LegEnd, LegsSettled,
    },
    state::{Chain, LegStatus},
};
use math::Money;
use testbed::{Receipt, User};

use super::events::{Story, STAKE};

const TERMS: ChainTerms = ChainTerms {
    fee_rate: 100,
    spread: 50,
    reserve: 5_000,
    cash_out_fee_rate: 100,
};

impl Story {
    /// A chain that is won, one that goes back and one that is cashed out.
    pub(super) fn chains(&mut self) {
        self.flash.set_chain_terms(TERMS);
        let user = self.flash.user(1_000 * STAKE);
        let terms = self.flash.terms(2);
        let books: Vec<_> = (0..2).map(|_| self.flash.create_event_book()).collect();
        let announce = |book: &Pubkey| self.flash.announce_on(*book, terms.clone());
        let markets: Vec<_> = books.iter().map(announce).collect();
        for market in &markets {
            self.chain_book(*market);
        }
        let opens_at = self.flash.market_state(markets[1]).hours.opens_at;
        self.flash.pass_to(opens_at);

        let won = self.open_chain(&user, &markets);
        let returned = self.request_chain(&user, &markets);
        let until = self
            .flash
            .chain_state(&user, returned)
            .wait
            .executable_until;
        let cashed_out = self.open_chain(&user, &markets);
        self.cash_out_chain(&user, cashed_out);
        self.flash.go_to_second(until + 1);
        self.cancel_chain(&user, returned);
        for market in &markets {
            self.flash.resolve(*market, 0).expect("a result");
        }
        self.win_chain(&user, won, &markets);
        for (market, book) in markets.iter().zip(books) {
            self.close_chain_book(*market);
            self.flash.release(*market).expect("a release");
            self.flash.close(*market).expect("an end");
            self.flash.close_event_book(book).expect("an end");
        }
    }

    fn chain_book(&mut self, market: Pubkey) {
        let create = self.flash.build_chain_book(market);
        let receipt = self.flash.send_as_operator(create.instruction());
        let event = ChainBookCreated {
            header: self.of_market(market),
            market,
            chain_book: addresses::chain_book(&market),
            rent_payer: create.rent_payer,
        };
        self.said(&receipt.expect("a book"), event);
    }

    fn close_chain_book(&mut self, market: Pubkey) {
        let receipt = self.flash.close_chain_book(market).expect("an end");
        let event = ChainBookClosed {
            header: self.of_market(market),
            market,
            chain_book: addresses::chain_book(&market),
        };
        self.said(&receipt, event);
    }

    /// What a chain on the first outcomes would come to now.
    fn odds_now(&self, markets: &[Pubkey]) -> ChainOdds {
        let states = markets.iter().map(|market| {
            let book = self.flash.chain_book(*market);
            (self.flash.market_state(*market), book)
        });
        let states: Vec<_> = states.collect();
        let legs = states.iter().map(|(market, book)| QuotedLeg {
            market,
            book,
            outcome: 0,
        });
        let (vault, legs) = (self.flash.vault_state(), legs.collect::<Vec<_>>());
        let quote = chain_quotes::open(&vault, &legs, Money(STAKE), self.flash.chain().clock());
        quote.expect("odds").odds
    }

    /// What a chain would be cashed out for now.
    fn worth_now(&self, chain: &Chain) -> u64 {
        let legs = chain.legs().iter();
        let markets = legs.map(|leg| self.flash.market_state(leg.market));
        let markets: Vec<_> = markets.collect();
        let (vault, markets) = (self.flash.vault_state(), markets.iter().collect::<Vec<_>>());
        let worth = chain_quotes::cash_out(&vault, chain, &markets, self.flash.chain().clock());
        worth.expect("a value").0
    }

    fn request_chain(&mut self, user: &User, markets: &[Pubkey]) -> u64 {
        let odds = self.odds_now(markets);
        let legs: Vec<_> = markets.iter().map(|market| (*market, 0)).collect();
        let mut request = self.flash.build_chain(user, &legs, STAKE);
        (request.args.min_payout, request.args.tip_lamports) = (3 * STAKE, 5_000);
        let receipt = self
            .flash
            .send_with_table(&request.instruction(), &[&user.key])
            .expect("a request");
        let wait = self.flash.chain_state(user, request.nonce).wait;
        let event = ChainRequested {
            header: self.of_vault(),
            vault: self.flash.vault,
            chain: addresses::chain(&self.flash.vault, &user.address(), request.nonce),
            owner: user.address(),
            nonce: request.nonce,
            stake: STAKE,
            min_payout: 3 * STAKE,
            tip_lamports: 5_000,
            markets: markets.to_vec(),
            outcomes: vec![0; markets.len()],
            odds,
            executable_slot: wait.executable_slot,
            executable_at: wait.executable_at,
            executable_until: wait.executable_until,
            chain_stakes: self.flash.vault_state().chain_stakes,
        };
        self.said(&receipt, event);
        request.nonce
    }

    fn open_chain(&mut self, user: &User, markets: &[Pubkey]) -> u64 {
        let nonce = self.request_chain(user, markets);
        self.flash.pass_chain_delay(user, nonce);
        let receipt = self.flash.execute_chain(user, nonce).expect("an execution");
        let (chain, vault) = (
            self.flash.chain_state(user, nonce),
            self.flash.vault_state(),
        );
        let event = ChainOpened {
            header: self.of_vault(),
            vault: self.flash.vault,
            chain: addresses::chain(&self.flash.vault, &user.address(), nonce),
            owner: user.address(),
            stake: STAKE,
            odds: self.flash.odds(user, nonce),
            fee_rate: TERMS.fee_rate,
            legs: chain.legs().to_vec(),
            tip_lamports: 5_000,
            vault_cash: vault.cash,
            chain_reserve: vault.chain_reserve,
            chain_stakes: vault.chain_stakes,
        };
        self.said(&receipt, event);
        nonce
    }

    fn cancel_chain(&mut self, user: &User, nonce: u64) {
        let receipt = self.flash.cancel_chain(user, nonce).expect("a return");
        let event = ChainReturned {
            header: self.of_vault(),
            vault: self.flash.vault,
            chain: addresses::chain(&self.flash.vault, &user.address(), nonce),
            owner: user.address(),
            stake: STAKE,
            reason: FlashError::ExecutionOver.into(),
            chain_stakes: self.flash.vault_state().chain_stakes,
        };
        self.said(&receipt, event);
    }

    fn cash_out_chain(&mut self, user: &User, nonce: u64) {
        let receipt = self.flash.request_cash_out(user, nonce).expect("a request");
        let before = self.flash.chain_state(user, nonce);
        let (vault, owner) = (self.flash.vault, user.address());
        let chain = addresses::chain(&vault, &owner, nonce);
        let event = CashOutRequested {
            header: self.of_vault(),
            vault,
            chain,
            owner,
            min_return: 0,
            tip_lamports: 0,
            executable_slot: before.wait.executable_slot,
            executable_at: before.wait.executable_at,
            executable_until: before.wait.executable_until,
        };
        self.said(&receipt, event);
        self.flash.pass_chain_delay(user, nonce);
        let had = self.flash.balance(user.tokens);
        let worth = self.worth_now(&before);
        let receipt = self.flash.execute_cash_out(user, nonce).expect("an exit");
        assert_eq!(self.flash.balance(user.tokens), had + worth);
        let state = self.flash.vault_state();
        let event = ChainCashedOut {
            header: self.of_vault(),
            vault,
            chain,
            owner,
            stake: STAKE,
            payout: before.reserve,
            paid: worth,
            tip_lamports: 0,
            vault_cash: state.cash,
            chain_reserve: state.chain_reserve,
        };
        self.said(&receipt, event);
    }

    fn win_chain(&mut self, user: &User, nonce: u64, markets: &[Pubkey]) {
        let (vault, owner) = (self.flash.vault, user.address());
        let chain = addresses::chain(&vault, &owner, nonce);
        let receipt: Receipt = self
            .flash
            .settle_legs(user, nonce, markets)
            .expect("results");
        let before = self.flash.chain_state(user, nonce);
        let won = |market: &Pubkey| LegEnd {
            market: *market,
            status: LegStatus::Won,
        };
        let event = LegsSettled {
            header: self.of_vault(),
            vault,
            chain,
            legs: markets.iter().map(won).collect(),
            open_legs: 0,
            reserve: before.reserve,
            chain_reserve: self.flash.vault_state().chain_reserve,
        };
        self.said(&receipt, event);
        let receipt = self.flash.close_chain(user, nonce).expect("a payment");
        let state = self.flash.vault_state();
        let event = ChainClosed {
            header: self.of_vault(),
            vault,
            chain,
            owner,
            stake: STAKE,
            paid: before.reserve,
            vault_cash: state.cash,
            chain_reserve: state.chain_reserve,
        };
        self.said(&receipt, event);
    }
}
