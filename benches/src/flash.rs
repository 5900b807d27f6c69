//! The flash bets' instructions.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::Field;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        CancelOperator, CloseEvent, CreateEvent, CreateMarketArgs, Curve, FeeShare, Pause, Resolve,
        Rule, SetCaps, SetOperator, SetStrike, Unpause, Void, VoidConflicted,
    },
};
use result_tree::FeedResult;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{simulation::field, FlashOptions, FlashWorld, KeySource, MintOptions, User};

use crate::{Measured, SEED};

const LIQUIDITY: u64 = 1_000_000_000_000;
const STAKE: u64 = 10_000_000;
/// Most tickets that one transaction settles here.
const BATCH: usize = 8;

pub fn measure(measured: &mut Measured) {
    let mut flash = FlashWorld::start(&FlashOptions {
        keys: KeySource::seeded(SEED),
        ..FlashOptions::default()
    });
    let provider = flash.user(2 * LIQUIDITY);
    let mut scenario = Scenario { flash, measured };
    scenario.vault(&provider);
    scenario.trades();
    scenario.orders();
    scenario.ends();
    scenario.roots();
    scenario.strike();
    scenario.fees();
    scenario.governance();
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

    fn vault(&mut self, provider: &User) {
        let chain = &mut self.flash.world.chain;
        let mint = chain.create_mint(&MintOptions::default()).expect("a mint");
        let options = FlashOptions::default();
        let create = self.flash.build_vault(mint, &options).instruction();
        self.send_as_admin("create_vault", create);

        let deposit = self.flash.build_deposit(provider, 2 * LIQUIDITY);
        self.send("request_deposit", deposit.instruction(), &[&provider.key]);
        let last = self.flash.deposit_state(provider).last_slot;
        self.flash.go_to(last + 1);
        let cancel = self.flash.build_cancel_deposit(provider);
        self.send("cancel_deposit", cancel.instruction(), &[]);
        self.flash
            .send(deposit.instruction(), &[&provider.key])
            .expect("a deposit");
        let notice = self.flash.deposit_state(provider).available_slot;
        self.flash.go_to(notice);
        let execute = self.flash.build_execute_deposit(provider);
        self.send("execute_deposit", execute.instruction(), &[]);
        let shares = self.flash.balance(provider.lp_tokens) / 2;
        let request = self.flash.build_request(provider, shares);
        self.send("request_withdraw", request.instruction(), &[&provider.key]);
        let notice = self.flash.chain().slot() + options.notice_slots;
        self.flash.go_to(notice);
        let withdraw = self.flash.build_withdraw(provider);
        self.send("withdraw", withdraw.instruction(), &[&provider.key]);
    }

    /// A market on `curve`, a user with a ticket in it, and a bet and a cash-out measured.
    fn trade(&mut self, what: &str, outcomes: u8, change: impl FnOnce(&mut CreateMarketArgs)) {
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
            args.freeze = 1_000;
        });
        self.trade("pm-AMM", 2, |args| args.curve = Curve::PmAmm);
        self.trade("pm-AMM, micro-tau", 2, |args| {
            args.curve = Curve::PmAmm;
            args.micro_tau = true;
            args.freeze = 1_000;
        });
    }

    fn orders(&mut self) {
        let mut args = self.flash.terms(2);
        (args.delay, args.execution) = (2_000, 4_000);
        let delay = 5;
        let window = 10;
        let market = self.flash.market(args);
        let user = self.bettor(market);

        let bet = self.flash.build_bet(&user, market, 0, STAKE);
        let nonce = self.flash.nonce;
        self.send("place_bet (delayed)", bet.instruction(), &[&user.key]);
        let due = self.flash.chain().slot() + delay;
        self.flash.go_to(due);
        let execute = self.flash.build_execute(&user, market, nonce);
        self.send("execute_bet (LMSR, 2 outcomes)", execute.instruction(), &[]);

        let sale = self.flash.build_cash_out(&user, market, 0, STAKE / 2);
        let nonce = self.flash.nonce;
        self.send("cash_out (delayed)", sale.instruction(), &[&user.key]);
        let expired = self.flash.chain().slot() + delay + window + 1;
        self.flash.go_to(expired);
        let cancel = self.flash.build_cancel(&user, market, nonce);
        self.send("cancel_pending", cancel.instruction(), &[]);

        let suspend = self.flash.build_suspend(market, 5).instruction();
        self.send_as_operator("suspend_market", suspend);
        let resume = self.flash.build_resume(market).instruction();
        self.send_as_operator("resume_market", resume);
    }

    fn ends(&mut self) {
        let event_id = u64::MAX;
        let create = CreateEvent {
            operator: self.flash.operator.pubkey(),
            vault: self.flash.vault,
            id: event_id,
        };
        self.send_as_operator("create_event", create.instruction());
        let close = CloseEvent {
            event: addresses::event(&self.flash.vault, event_id),
            rent_payer: self.flash.operator.pubkey(),
            rent_payer_signs: true,
        };
        self.send_as_operator("close_event", close.instruction());

        let event = self.flash.create_event();
        let args = self.flash.terms(2);
        let market = addresses::market(&self.flash.vault, args.id);
        let create = self.flash.build_market(event, args).instruction();
        self.send_as_operator("create_market (LMSR, 2 outcomes)", create);
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
        let observation = self.flash.observe(market, 0);
        let resolve = Resolve {
            market,
            observation,
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

        let args = self.flash.terms(2);
        let market = self.flash.market(args);
        let deadline = self.flash.market_state(market).void_from;
        self.flash.go_to_second(deadline);
        self.send("void", Void { market }.instruction(), &[]);

        let args = self.flash.terms(2);
        let market = self.flash.market(args);
        let observation = self.flash.contradict(market, [0, 1]);
        let void = VoidConflicted {
            market,
            observation,
        };
        self.send("void_conflicted", void.instruction(), &[]);
    }

    /// One proof for 1,024 results.
    fn roots(&mut self) {
        let args = self.flash.terms(2);
        let market = self.flash.market(args);
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
        let mut args = self.flash.terms(2);
        let opening_time = args.observe_at;
        args.rule = Rule::ThresholdAtOpening { opening_time };
        args.observe_at += 60_000;
        let market = self.flash.market(args);
        let observation = self.flash.observe_at(market, opening_time, 100);
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

    fn governance(&mut self) {
        let (admin, vault) = (self.flash.world.admin.pubkey(), self.flash.vault);
        let mut caps = self.flash.vault_state().caps;
        caps.market_funding -= 1;
        let caps = SetCaps {
            authority: admin,
            vault,
            caps,
        };
        self.send_as_admin("set_caps", caps.instruction());
        let operator = SetOperator {
            admin,
            vault,
            new_operator: admin,
        };
        self.send_as_admin("set_operator", operator.instruction());
        let cancel = CancelOperator {
            authority: admin,
            vault,
        };
        self.send_as_admin("cancel_operator", cancel.instruction());
        let pause = Pause {
            authority: admin,
            vault,
        };
        self.send_as_admin("pause", pause.instruction());
        let unpause = Unpause { admin, vault };
        self.send_as_admin("unpause", unpause.instruction());
    }
}
