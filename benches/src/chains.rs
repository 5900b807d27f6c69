//! The instructions of prepaid chains, of two legs and of nine.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::flash_bets::{ChainTerms, FlashMarketTerms};
use flash_bets::state::ROLLING_STEP_SECONDS;
use solana_keypair::Keypair;
use testbed::{FlashOptions, FlashWorld, KeySource, User};

use crate::{Measured, SEED};

const LIQUIDITY: u64 = 1_000_000_000_000;
const STAKE: u64 = 1_000_000;

pub fn measure(measured: &mut Measured) {
    let mut flash = FlashWorld::start(&FlashOptions {
        keys: KeySource::seeded(SEED),
        ..FlashOptions::default()
    });
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    flash.set_chain_terms(ChainTerms {
        fee_rate: 100,
        spread: 100,
        reserve: 10_000,
        cash_out_fee_rate: 100,
    });
    let user = flash.user(LIQUIDITY);
    let mut scenario = Scenario {
        flash,
        user,
        measured,
    };
    scenario.books();
    scenario.life(2, 2);
    scenario.life(9, 2);
    scenario.life(9, 8);
    scenario.rolling();
}

struct Scenario<'a> {
    flash: FlashWorld,
    user: User,
    measured: &'a mut Measured,
}

impl Scenario<'_> {
    fn take(&mut self, name: &str, instruction: &Instruction, signers: &[&Keypair]) {
        let receipt = self
            .flash
            .send_with_table(instruction, signers)
            .expect(name);
        self.measured.take(&format!("flash_bets {name}"), &receipt);
    }

    fn books(&mut self) {
        let event_book = self.flash.create_event_book();
        let terms = self.flash.terms(2);
        let market = self.flash.announce_on(event_book, terms);
        let operator = self.flash.operator.insecure_clone();
        let create = self.flash.build_chain_book(market).instruction();
        self.take("create_chain_book", &create, &[&operator]);
        self.flash.resolve(market, 0).expect("a result");
        let close = client::instructions::flash_bets::CloseChainBook {
            market,
            rent_payer: self.flash.chain_book(market).rent_payer,
        };
        self.take("close_chain_book", &close.instruction(), &[]);
    }

    /// A chain that is won, one that is returned, one that is cancelled and one that is cashed out.
    fn life(&mut self, legs: usize, outcomes: u8) {
        let what = format!("{legs} legs, N = {outcomes}");
        // Eight even outcomes would multiply the stake by more than what is offered.
        let mut prior = testbed::uniform(outcomes);
        if outcomes > 2 {
            let halves: Vec<_> = prior.iter().map(|price| price / 2).collect();
            prior[1..].copy_from_slice(&halves[1..]);
            prior[0] += halves[1..].iter().sum::<u64>();
        }
        let terms = FlashMarketTerms {
            prior,
            ..self.flash.terms(outcomes)
        };
        let markets = self.flash.legs(legs, &terms);
        let on_first: Vec<_> = markets.iter().map(|market| (*market, 0)).collect();
        let user_key = self.user.key.insecure_clone();

        let request = self.flash.build_chain(&self.user, &on_first, STAKE);
        let nonce = request.nonce;
        let name = format!("request_chain ({what})");
        self.take(&name, &request.instruction(), &[&user_key]);
        self.flash.pass_chain_delay(&self.user, nonce);
        let execute = self.flash.build_execute_chain(&self.user, nonce);
        self.take(
            &format!("execute_chain ({what})"),
            &execute.instruction(),
            &[],
        );

        let cashed_out = self.flash.build_chain(&self.user, &on_first, STAKE);
        self.flash
            .send_with_table(&cashed_out.instruction(), &[&user_key])
            .expect("a request");
        self.flash.pass_chain_delay(&self.user, cashed_out.nonce);
        self.flash
            .execute_chain(&self.user, cashed_out.nonce)
            .expect("an execution");
        self.cash_out(cashed_out.nonce, &what, &user_key);
        if legs == 2 {
            self.ends(&on_first, &user_key);
        }
        self.win(nonce, &markets, &what);
    }

    fn cash_out(&mut self, nonce: u64, what: &str, key: &Keypair) {
        let request = self.flash.build_cash_out_request(&self.user, nonce);
        let name = format!("request_cash_out ({what})");
        self.take(&name, &request.instruction(), &[key]);
        self.flash.pass_chain_delay(&self.user, nonce);
        let execute = self.flash.build_execute_cash_out(&self.user, nonce);
        let name = format!("execute_cash_out ({what})");
        self.take(&name, &execute.instruction(), &[]);
    }

    /// A chain that the price has left behind, and one whose time has passed.
    fn ends(&mut self, on_first: &[(Pubkey, u8)], key: &Keypair) {
        let mut request = self.flash.build_chain(&self.user, on_first, STAKE);
        request.args.min_payout = 3_780_000;
        self.flash
            .send_with_table(&request.instruction(), &[key])
            .expect("a request");
        let whale = self.flash.user(LIQUIDITY);
        self.flash
            .open_and_place(&whale, on_first[0].0, 0, 50_000_000)
            .expect("a bet");
        self.flash.pass_chain_delay(&self.user, request.nonce);
        let execute = self.flash.build_execute_chain(&self.user, request.nonce);
        let name = "execute_chain (2 legs, returned)";
        self.take(name, &execute.instruction(), &[]);

        let request = self.flash.build_chain(&self.user, on_first, STAKE);
        self.flash
            .send_with_table(&request.instruction(), &[key])
            .expect("a request");
        let until = self.flash.chain_state(&self.user, request.nonce).wait;
        self.flash.pass_to(until.executable_until + 1);
        let chain = self.flash.chain_of(&self.user, request.nonce);
        let cancel = client::instructions::flash_bets::CancelChain { chain };
        self.take("cancel_chain", &cancel.instruction(), &[]);
    }

    /// Chains that roll from a leg into the next, with and without a bet delay, that stop, and that end.
    fn rolling(&mut self) {
        let event_book = self.flash.create_event_book();
        let mut market = |seconds, delay_ms, outcomes| {
            let terms = FlashMarketTerms {
                delay_ms,
                execution_seconds: u32::from(delay_ms > 0) * 4,
                ..self.flash.lasting(outcomes, seconds)
            };
            self.flash.announce_on(event_book, terms)
        };
        let [first, second, eight, delayed] =
            [(60, 0, 2), (120, 0, 2), (180, 0, 8), (240, 2_000, 2)]
                .map(|(seconds, delay, outcomes)| market(seconds, delay, outcomes));
        let opens_at = self.flash.market_state(delayed).hours.opens_at;
        self.flash.pass_to(opens_at);
        let rolls = self.open_rolling(Some("2 legs"), &[first, second]);
        let to_eight = self.open_rolling(None, &[first, eight]);
        let queues = self.open_rolling(Some("3 legs"), &[first, delayed, eight]);
        let stops = self.open_rolling(None, &[first, second]);
        let given = self.open_rolling(None, &[first, second]);
        self.flash.open_ticket(&self.user, first).expect("a ticket");
        let key = self.user.key.insecure_clone();
        let stop = self.flash.build_stop(&self.user, given).instruction();
        self.take("stop_rolling", &stop, &[&key]);

        self.flash.resolve(first, 0).expect("a result");
        for (nonce, what) in [
            (rolls, "N = 2 to 2"),
            (to_eight, "N = 2 to 8"),
            (queues, "to a bet delay"),
        ] {
            self.advance_rolling(what, nonce);
        }
        self.flash.pass_rolling_delay(&self.user, queues);
        let execute = self.flash.build_execute_rolling(&self.user, queues);
        self.take("execute_rolling", &execute.instruction(), &[]);
        let settled_at = self.flash.market_state(first).settled_at;
        self.flash.pass_to(settled_at + ROLLING_STEP_SECONDS + 1);
        self.advance_rolling("stopped", stops);
        self.flash.resolve(second, 0).expect("a result");
        self.advance_rolling("last leg", rolls);
    }

    fn open_rolling(&mut self, what: Option<&str>, markets: &[Pubkey]) -> u64 {
        let legs: Vec<_> = markets.iter().map(|market| (*market, 0)).collect();
        let open = self.flash.build_rolling(&self.user, &legs, STAKE);
        let key = self.user.key.insecure_clone();
        let instruction = open.instruction();
        match what {
            Some(what) => self.take(&format!("open_rolling ({what})"), &instruction, &[&key]),
            None => {
                let sent = self.flash.send_with_table(&instruction, &[&key]);
                sent.expect("a chain");
            }
        }
        open.nonce
    }

    fn advance_rolling(&mut self, what: &str, nonce: u64) {
        let advance = self.flash.build_advance(&self.user, nonce).instruction();
        self.take(&format!("advance_rolling ({what})"), &advance, &[]);
    }

    fn win(&mut self, nonce: u64, markets: &[Pubkey], what: &str) {
        for market in markets {
            self.flash.resolve(*market, 0).expect("a result");
        }
        let settle = self.flash.build_settle_legs(&self.user, nonce, markets);
        self.take(&format!("settle_legs ({what})"), &settle.instruction(), &[]);
        let chain = self.flash.chain_of(&self.user, nonce);
        let close = client::instructions::flash_bets::CloseChain { chain };
        self.take(&format!("close_chain ({what})"), &close.instruction(), &[]);
    }
}
