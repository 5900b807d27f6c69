//! The flash bets' instructions.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::Field;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        with_verses, CancelChange, CloseEventBook, CloseOperatorFees, ClosePriceFeed, CloseReceipt,
        CloseVerse, CreateEventBook, CreateMarket, FlashCurve, FlashMarketTerms, HoldTicket,
        KeepReceipt, Pause, ProposeChange, QuoteOrder, Resolve, RuleTerms, SetPriceFeed, SetStrike,
        TransferShares, Unpause, VaultChange, VaultTerm,
    },
};
use flash_bets::state::{Order, Withdrawal};
use result_tree::FeedResult;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{
    simulation::field, FeeShare, FlashOptions, FlashWorld, KeySource, MintOptions, User,
};

use crate::{Measured, SEED};

const LIQUIDITY: u64 = 1_000_000_000_000;
const STAKE: u64 = 10_000_000;
/// Of each branch of a group.
const DEPTH: u64 = 1_000_000_000;
/// Most tickets that one transaction settles here.
const BATCH: usize = 8;

pub fn measure(measured: &mut Measured) {
    let mut flash = start();
    let provider = flash.user(2 * LIQUIDITY);
    let mut scenario = Scenario { flash, measured };
    scenario.vault(&provider);
    scenario.trades();
    scenario.orders();
    scenario.ends();
    scenario.verses();
    scenario.roots();
    scenario.strike();
    scenario.quantum();
    scenario.fees();
    scenario.governance();
    let flash = start();
    Scenario { flash, measured }.prices();
    let flash = start();
    Scenario { flash, measured }.end_of_vault();
}

fn start() -> FlashWorld {
    FlashWorld::start(&FlashOptions {
        keys: KeySource::seeded(SEED),
        ..FlashOptions::default()
    })
}

struct Scenario<'a> {
    flash: FlashWorld,
    measured: &'a mut Measured,
}

impl Scenario<'_> {
    fn send(&mut self, name: &str, instruction: Instruction, signers: &[&Keypair]) {
        let receipt = self.flash.send(instruction, signers).expect(name);
        self.measured.take(&format!("flash_bets {name}"), &receipt);
    }

    fn send_as_admin(&mut self, name: &str, instruction: Instruction) {
        let admin = self.flash.world.admin.insecure_clone();
        self.send(name, instruction, &[&admin]);
    }

    fn send_as_operator(&mut self, name: &str, instruction: Instruction) {
        let operator = self.flash.operator.insecure_clone();
        self.send(name, instruction, &[&operator]);
    }

    fn given_and_held(&mut self, market: Pubkey, user: &User) {
        let receiver = self.flash.user(0);
        self.flash.open_ticket(&receiver, market).expect("a ticket");
        let owner = user.address();
        let give = TransferShares {
            owner,
            market,
            receiver: receiver.address(),
            outcome: 0,
            shares: 1,
        };
        self.send("transfer_shares", give.instruction(), &[&user.key]);
        let hold = HoldTicket { owner, market };
        self.send("hold_ticket", hold.instruction(), &[&user.key]);
    }

    /// A market on a price.
    fn prices(&mut self) {
        let provider = self.flash.user(LIQUIDITY);
        self.flash.deposit(&provider, LIQUIDITY).expect("a deposit");
        self.flash.world.prove_medians().expect("a key of medians");
        let event_book = self.flash.create_event_book();
        let terms = self.flash.up_or_down();
        let create = self.flash.build_market(event_book, terms);
        let (admin, vault) = (self.flash.world.admin.pubkey(), self.flash.vault);
        let set = SetPriceFeed {
            authority: admin,
            vault,
            feed_id: create.feed_id,
            cost_per_second: LIQUIDITY,
        };
        self.send_as_admin("set_price_feed", set.instruction());
        self.flash.world.pass_timelock();
        let terms = self.flash.up_or_down();
        let create = CreateMarket { terms, ..create };
        self.send_as_operator("create_market (of a price)", create.instruction());
        let market = addresses::market(&vault, create.id);
        let opens_at = self.flash.market_state(market).hours.opens_at;
        self.flash.pass_to(opens_at);
        let user = self.flash.user(LIQUIDITY);
        self.flash.open_ticket(&user, market).expect("a ticket");
        self.flash.place(&user, market, 0, STAKE).expect("a bet");
        let bet = self.flash.build_bet(&user, market, 1, STAKE);
        self.send("place_bet (of a price)", bet.instruction(), &[&user.key]);
        self.given_and_held(market, &user);
        let locks_at = self.flash.market_state(market).hours.locks_at;
        self.flash.pass_to(locks_at + 120);
        let close = ClosePriceFeed {
            admin,
            vault,
            feed_id: create.feed_id,
            rent_payer: admin,
        };
        self.send_as_admin("close_price_feed", close.instruction());
    }

    fn vault(&mut self, provider: &User) {
        let chain = &mut self.flash.world.chain;
        let mint = chain.create_mint(&MintOptions::default()).expect("a mint");
        let options = FlashOptions::default();
        let create = self.flash.build_vault(mint, &options).instruction();
        self.send_as_admin("create_vault", create);

        let deposit = self.flash.build_deposit(provider, 2 * LIQUIDITY);
        self.send("request_deposit", deposit.instruction(), &[&provider.key]);
        let last = self.flash.deposit_state(provider).available_until;
        self.flash.go_to_second(last + 1);
        let cancel = self.flash.build_cancel_deposit(provider);
        self.send("cancel_deposit", cancel.instruction(), &[]);
        self.flash
            .send(deposit.instruction(), &[&provider.key])
            .expect("a deposit");
        let notice = self.flash.deposit_state(provider).available_at;
        self.flash.go_to_second(notice);
        let execute = self.flash.build_execute_deposit(provider);
        self.send("execute_deposit", execute.instruction(), &[]);

        let shares = self.flash.balance(provider.lp_tokens) / 2;
        let request = self.flash.build_request(provider, shares);
        self.send("request_withdraw", request.instruction(), &[&provider.key]);
        let cancel = self.flash.build_cancel_withdraw(provider);
        self.send("cancel_withdraw", cancel.instruction(), &[&provider.key]);
        let [_, last] = self.request_withdraw(provider, shares);
        self.flash.go_to_second(last + 1);
        let lapse = self.flash.build_lapse_withdraw(provider);
        self.send("lapse_withdraw", lapse.instruction(), &[]);
        let [notice, _] = self.request_withdraw(provider, shares);
        self.flash.go_to_second(notice);
        let withdraw = self.flash.build_withdraw(provider);
        self.send("withdraw", withdraw.instruction(), &[]);
    }

    /// First and last second in which it can be paid.
    fn request_withdraw(&mut self, provider: &User, shares: u64) -> [i64; 2] {
        let request = self.flash.request_withdraw(provider, shares);
        request.expect("a request");
        let place = addresses::withdrawal(&self.flash.vault, &provider.address());
        let withdrawal: Withdrawal = self.flash.read(place);
        [withdrawal.available_at, withdrawal.available_until]
    }

    /// A market on `curve`, a user with a ticket in it, and a bet and a cash-out measured.
    fn trade(&mut self, what: &str, outcomes: u8, change: impl FnOnce(&mut FlashMarketTerms)) {
        let mut args = self.flash.terms(outcomes);
        change(&mut args);
        let market = self.flash.market(args);
        let user = self.bettor(market);
        // The first bet is not the usual one: nothing has been sold yet.
        self.flash.place(&user, market, 0, STAKE).expect("a bet");
        let later = self.flash.chain().slot() + 5;
        self.flash.go_to(later);
        let bet = self.flash.build_bet(&user, market, 1, STAKE);
        let name = format!("place_bet ({what})");
        self.send(&name, bet.instruction(), &[&user.key]);
        let quote = QuoteOrder {
            market,
            outcome: 0,
            order: Order::Stake {
                stake: STAKE,
                min_shares: 0,
            },
        };
        self.send(&format!("quote ({what})"), quote.instruction(), &[]);
        let buy = self
            .flash
            .build_buy_shares(&user, market, 1, [STAKE, u64::MAX]);
        let name = format!("buy_shares ({what})");
        self.send(&name, buy.instruction(), &[&user.key]);
        let sale = self.flash.build_cash_out(&user, market, 0, STAKE / 2);
        let name = format!("cash_out ({what})");
        self.send(&name, sale.instruction(), &[&user.key]);
    }

    /// Two outcomes cost more to trade above one half, where the curve is solved by the other one.
    fn sides(&mut self) {
        let terms = self.flash.terms(2);
        let market = self.flash.market(terms);
        let user = self.bettor(market);
        self.flash
            .place(&user, market, 0, 10 * STAKE)
            .expect("a bet");
        for (outcome, side) in [(0, "above"), (1, "below")] {
            let later = self.flash.chain().slot() + 5;
            self.flash.go_to(later);
            let bet = self.flash.build_bet(&user, market, outcome, STAKE);
            let name = format!("place_bet (LMSR, 2 outcomes, {side} one half)");
            self.send(&name, bet.instruction(), &[&user.key]);
        }
    }

    fn bettor(&mut self, market: Pubkey) -> User {
        let user = self.flash.user(LIQUIDITY);
        self.flash.open_ticket(&user, market).expect("a ticket");
        user
    }

    fn trades(&mut self) {
        for outcomes in [2, 3, 8, 10] {
            self.trade(&format!("LMSR, {outcomes} outcomes"), outcomes, |_| {});
        }
        self.sides();
        self.trade("LMSR, 2 outcomes, micro-tau", 2, |args| {
            args.micro_tau = true;
            args.freeze_seconds = 1;
        });
        self.trade("pm-AMM", 2, |args| args.curve = FlashCurve::PmAmm);
        self.trade("pm-AMM, micro-tau", 2, |args| {
            args.curve = FlashCurve::PmAmm;
            args.micro_tau = true;
            args.freeze_seconds = 1;
        });
    }

    fn orders(&mut self) {
        let terms = self.flash.question(2);
        let market = self.flash.market(terms);
        let user = self.flash.user(LIQUIDITY);
        let bet = self.flash.build_open_and_bet(&user, market, 0, STAKE);
        self.send(
            "open_ticket_and_bet (delayed)",
            bet.instruction(),
            &[&user.key],
        );
        let mut nonces = vec![self.flash.nonce];
        let bet = self.flash.build_bet(&user, market, 0, STAKE);
        self.send("place_bet (delayed)", bet.instruction(), &[&user.key]);
        nonces.push(self.flash.nonce);
        for _ in 0..3 {
            self.flash.place(&user, market, 0, STAKE).expect("a bet");
            nonces.push(self.flash.nonce);
        }
        self.pass_delay();
        let (first, rest) = nonces.split_first().expect("orders");
        let one = self.flash.build_execute(&user, market, *first);
        self.send("execute_orders (1)", one.instruction(), &[]);
        let ended = rest
            .iter()
            .map(|nonce| self.flash.ended(&user, market, *nonce));
        let ended = ended.collect();
        let four = self.flash.build_execute_all(market, ended);
        self.send("execute_orders (4)", four.instruction(), &[]);

        let sale = self.flash.build_cash_out(&user, market, 0, STAKE / 2);
        let nonce = self.flash.nonce;
        self.send("cash_out (delayed)", sale.instruction(), &[&user.key]);
        let seconds = self.flash.market_state(market).least_suspension_seconds();
        let suspend = self.flash.build_suspend(market, seconds).instruction();
        self.send_as_operator("suspend_market", suspend);
        let resume = self.flash.build_resume(market).instruction();
        self.send_as_operator("resume_market", resume);
        self.pass_delay();
        let returned = self.flash.build_execute(&user, market, nonce);
        self.send("execute_orders (1, returned)", returned.instruction(), &[]);
        self.receipt(market, &user);
    }

    fn receipt(&mut self, market: Pubkey, user: &User) {
        self.flash.place(user, market, 0, STAKE).expect("a bet");
        let (placer, nonce) = (user.address(), self.flash.nonce);
        let keep = KeepReceipt {
            placer,
            rent_payer: placer,
            market,
            nonce,
        };
        self.send("keep_receipt", keep.instruction(), &[&user.key]);
        self.pass_delay();
        let kept = self.flash.build_execute(user, market, nonce);
        self.send("execute_orders (1, receipt)", kept.instruction(), &[]);
        let close = CloseReceipt {
            placer,
            rent_payer: placer,
            market,
            nonce,
        };
        self.send("close_receipt", close.instruction(), &[&user.key]);
    }

    /// The two seconds of the market's bet delay, and the slots.
    fn pass_delay(&mut self) {
        let due = self.flash.chain().slot() + 10;
        self.flash.go_to(due);
    }

    fn ends(&mut self) {
        let id = u64::MAX;
        let (operator, vault) = (self.flash.operator.pubkey(), self.flash.vault);
        let event_book = addresses::event_book(&vault, id);
        let create = CreateEventBook {
            operator,
            vault,
            id,
            correlation_group: 0,
            verse: None,
        };
        self.send_as_operator("create_event_book", create.instruction());
        let close = CloseEventBook {
            authority: operator,
            vault,
            event_book,
            rent_payer: operator,
            verse: None,
        };
        self.send_as_operator("close_event_book", close.instruction());

        let event_book = self.flash.create_event_book();
        let terms = self.flash.terms(2);
        let create = self.flash.build_market(event_book, terms);
        let market = addresses::market(&self.flash.vault, create.id);
        self.send_as_operator("create_market (LMSR, 2 outcomes)", create.instruction());
        let opens_at = self.flash.market_state(market).hours.opens_at;
        self.flash.pass_to(opens_at);
        let mut users = Vec::new();
        for place in 0..=BATCH {
            let user = self.flash.user(LIQUIDITY);
            let open = self.flash.build_ticket(&user, market);
            if place == 0 {
                self.send("open_ticket", open.instruction(), &[&user.key]);
            } else {
                self.flash
                    .send(open.instruction(), &[&user.key])
                    .expect("a ticket");
            }
            self.flash.place(&user, market, 0, STAKE).expect("a bet");
            users.push(user);
        }
        self.end_trading(market);
        let observation = self.flash.observe(market, 0);
        let resolve = Resolve {
            market,
            observation,
            strike_observation: None,
        };
        self.send("resolve", resolve.instruction(), &[]);
        let (first, rest) = users.split_first().expect("users");
        let one = self.flash.build_settle(market, &[first]);
        self.send("settle_tickets (1)", one.instruction(), &[]);
        let surplus = self.flash.build_release(market);
        self.send("release_surplus", surplus.instruction(), &[]);
        let rest: Vec<_> = rest.iter().collect();
        let batch = self.flash.build_settle(market, &rest);
        self.send("settle_tickets (8)", batch.instruction(), &[]);
        let close = self.flash.build_close(market);
        self.send("close_market", close.instruction(), &[]);

        let terms = self.flash.terms(2);
        let market = self.flash.market(terms);
        let deadline = self.flash.market_state(market).void_from;
        self.flash.go_to_second(deadline);
        let void = self.flash.build_void(market);
        self.send("void", void.instruction(), &[]);

        let terms = self.flash.terms(2);
        let market = self.flash.market(terms);
        self.end_trading(market);
        self.flash.contradict(market, [0, 1]);
        let void = self.flash.build_void(market);
        self.send("void (contradicted)", void.instruction(), &[]);
    }

    /// A market three levels down.
    fn verses(&mut self) {
        let create = self.flash.build_verse(None, u64::MAX);
        let root = addresses::verse(&self.flash.vault, create.id);
        self.send_as_operator("create_verse", create.instruction());
        let middle = self.flash.create_verse(Some(root), u64::MAX);
        let lowest = self.flash.create_verse(Some(middle), u64::MAX);
        let event_book = self.flash.create_event_book_in(Some(lowest));
        let terms = self.flash.terms(2);
        let create = self.flash.build_market(event_book, terms);
        let market = addresses::market(&self.flash.vault, create.id);
        let path = [lowest, middle, root];
        let name = "create_market (in 3 verses)";
        self.send_as_operator(name, with_verses(create.instruction(), &path));
        self.flash.resolve(market, 0).expect("a result");
        let release = self.flash.build_release(market).instruction();
        let name = "release_surplus (in 3 verses)";
        self.send(name, with_verses(release, &path), &[]);
        self.flash.close(market).expect("an end");
        self.flash.close_event_book(event_book).expect("an end");
        let operator = self.flash.operator.pubkey();
        let close = CloseVerse {
            authority: operator,
            vault: self.flash.vault,
            verse: lowest,
            parent: Some(middle),
            rent_payer: operator,
        };
        self.send_as_operator("close_verse", close.instruction());
        for verse in [middle, root] {
            self.flash.close_verse(verse).expect("an end");
        }
    }

    fn end_trading(&mut self, market: Pubkey) {
        let locks_at = self.flash.market_state(market).hours.locks_at;
        self.flash.pass_to(locks_at);
    }

    /// One proof for 1,024 results.
    fn roots(&mut self) {
        let terms = self.flash.terms(2);
        let market = self.flash.market(terms);
        self.end_trading(market);
        let own = self.flash.result(market, 1);
        let results: Vec<_> = (0..1_024)
            .map(|number: u64| match number {
                600 => own,
                _ => FeedResult {
                    feed_id: field(Field::from(number)),
                    ..own
                },
            })
            .collect();
        let tree = self.flash.world.result_tree(&results).expect("a tree");
        let root = self.flash.world.publish(Field::from(1u64), 1, &tree);
        let root = root.expect("a root");
        let resolve = self
            .flash
            .build_resolve_from_root(market, root, &tree, (600, 1));
        self.send(
            "resolve_from_root (1,024 results)",
            resolve.instruction(),
            &[],
        );
    }

    fn strike(&mut self) {
        let mut terms = self.flash.terms(2);
        let strike_at_ms = self.flash.chain().now().0;
        terms.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
        let market = self.flash.market(terms);
        let observation = self.flash.observe_at(market, strike_at_ms, 100);
        let set = SetStrike {
            market,
            observation,
        };
        self.send("set_strike", set.instruction(), &[]);
    }

    fn fees(&mut self) {
        let collect = self.flash.build_collect(FeeShare::Protocol);
        self.send("collect_fees", collect.instruction(), &[]);
    }

    /// Groups of two and of ten branches.
    fn quantum(&mut self) {
        for (branches, outcomes) in [(2, 2), (10, 10)] {
            let name = |what: &str| format!("{what} ({branches} branches, {outcomes} outcomes)");
            let flash = &mut self.flash;
            let condition = flash.market(flash.lasting(branches, 300));
            let asset = flash.market(flash.lasting(outcomes, 300));
            let terms = flash.quantum_terms(condition, asset, DEPTH);
            let create = flash.build_group(condition, asset, terms);
            let group = addresses::quantum_group(&flash.vault, create.id);
            self.send_as_operator(&name("create_quantum"), create.instruction());
            let flash = &mut self.flash;
            flash.pass_to(flash.group_state(group).hours.opens_at);
            let user = flash.user(10 * STAKE);
            let (owner, tokens) = (user.address(), user.tokens);
            let accounts = flash.group_accounts(group);
            flash.know_quantum_ticket(group, &user);
            for what in ["deposit_quantum (new ticket)", "deposit_quantum"] {
                let deposit = accounts.deposit(owner, tokens, owner, STAKE);
                self.send(&name(what), deposit, &[&user.key]);
            }
            let buy = Order::Stake {
                stake: STAKE,
                min_shares: 0,
            };
            let buy = accounts.trade(owner, 1, 0, buy);
            self.send(&name("trade_branch (stake)"), buy, &[&user.key]);
            let sell = Order::Sell {
                shares: STAKE / 2,
                min_return: 0,
            };
            let sell = accounts.trade(owner, 1, 0, sell);
            self.send(&name("trade_branch (sell)"), sell, &[&user.key]);
            let merge = accounts.merge(owner, tokens, STAKE / 2);
            self.send(&name("merge_branches"), merge, &[&user.key]);
            self.flash.resolve(condition, 1).expect("a result");
            self.send(&name("collapse_quantum"), accounts.collapse(), &[]);
            self.flash.resolve(asset, 0).expect("a result");
            self.send(&name("settle_quantum"), accounts.settle(), &[]);
            let settle = accounts.settle_ticket(owner, tokens, owner);
            self.send(&name("settle_quantum_ticket"), settle, &[]);
            self.send(&name("release_quantum"), accounts.release(), &[]);
            for market in [asset, condition] {
                self.flash.close(market).expect("a closing");
            }
            let operator = self.flash.operator.pubkey();
            self.send(&name("close_quantum"), accounts.close(operator), &[]);
        }
    }

    fn governance(&mut self) {
        let (admin, vault) = (self.flash.world.admin.pubkey(), self.flash.vault);
        let mut caps = self.flash.vault_state().caps.value;
        caps.market_funding -= 1;
        for (name, change) in [
            ("propose_change (lower caps)", VaultChange::Caps(caps)),
            ("propose_change (operator)", VaultChange::Operator(admin)),
        ] {
            let propose = ProposeChange {
                authority: admin,
                vault,
                change,
            };
            self.send_as_admin(name, propose.instruction());
        }
        let cancel = CancelChange {
            authority: admin,
            vault,
            term: VaultTerm::Operator,
        };
        self.send_as_admin("cancel_change", cancel.instruction());
        let pause = Pause {
            authority: admin,
            vault,
        };
        self.send_as_admin("pause", pause.instruction());
        let unpause = Unpause {
            authority: admin,
            vault,
        };
        self.send_as_admin("unpause", unpause.instruction());
    }

    /// The last market of an operator, and the last provider.
    fn end_of_vault(&mut self) {
        let provider = self.flash.user(LIQUIDITY);
        self.flash.deposit(&provider, LIQUIDITY).expect("a deposit");
        let event_book = self.flash.create_event_book();
        let terms = self.flash.terms(2);
        let market = self.flash.market_on(event_book, terms);
        self.end_trading(market);
        self.flash.resolve(market, 0).expect("a result");
        self.flash.release(market).expect("a surplus");
        self.flash.close(market).expect("an end");
        self.flash.close_event_book(event_book).expect("an end");
        let close = CloseOperatorFees {
            authority: self.flash.operator.pubkey(),
            operator: self.flash.operator.pubkey(),
            vault: self.flash.vault,
        };
        self.send_as_operator("close_operator_fees", close.instruction());
        let shares = self.flash.balance(provider.lp_tokens);
        let [notice, _] = self.request_withdraw(&provider, shares);
        self.flash.go_to_second(notice);
        self.flash.withdraw(&provider).expect("a withdrawal");
        let close = self.flash.build_close_vault().instruction();
        let admin = self.flash.world.admin.insecure_clone();
        // The books are the vault's, which is gone.
        let receipt = self.flash.send_unchecked(&[close], &[&admin]);
        let receipt = receipt.expect("close_vault");
        self.measured.take("flash_bets close_vault", &receipt);
    }
}
