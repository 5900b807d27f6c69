use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::flash_bets::{ChainTerms, FlashMarketTerms, Pause, Resolve, Unpause};
use oracle::Observation;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{FeeShare, FlashWorld, SendError, User};

use super::{target, Play, Steps, PURSE};
use crate::Target;

/// Whatever a market's and a vault's instructions are given, their books balance.
pub fn flash_bets_data() -> Target {
    target("flash_bets_data", start)
}

struct Flash {
    world: FlashWorld,
    market: Pubkey,
    observation: Pubkey,
    observe_at_ms: u64,
}

impl Play for Flash {
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Result<(), SendError> {
        self.world.send(instruction, signers).map(drop)
    }

    fn pass(&mut self) {
        let slot = self.world.chain().slot() + 60;
        self.world.go_to(slot);
        let is_over = self.world.chain().now().0 >= self.observe_at_ms;
        if is_over && self.world.find::<Observation>(self.observation).is_none() {
            self.world.observe(self.market, 1);
        }
    }
}

fn start() -> (Flash, Steps) {
    let (mut flash, provider) = FlashWorld::with_liquidity(1_000_000_000_000);
    flash.set_chain_terms(ChainTerms {
        fee_rate: 100,
        spread: 100,
        reserve: 10_000,
        cash_out_fee_rate: 100,
    });
    let event_book = flash.create_event_book();
    let terms = flash.lasting(3, 600);
    let market = flash.market_on(event_book, terms);
    let [user, other] = [flash.user(PURSE), flash.user(PURSE)];
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 1_000_000).expect("a bet");
    let (operator, admin) = (
        flash.operator.insecure_clone(),
        flash.world.admin.insecure_clone(),
    );
    let guardian = flash.world.guardian.insecure_clone();
    let (vault, evidence) = (flash.vault, flash.market_state(market).evidence);

    let mut steps = Steps::default();
    steps.add(
        flash.build_bet(&user, market, 1, 1_000_000).instruction(),
        &[&user.key],
    );
    steps.add(
        flash
            .build_buy_shares(&user, market, 2, [500_000, 500_000])
            .instruction(),
        &[&user.key],
    );
    steps.add(
        flash
            .build_cash_out(&user, market, 0, 100_000)
            .instruction(),
        &[&user.key],
    );
    steps.add(
        flash.build_ticket(&other, market).instruction(),
        &[&other.key],
    );
    steps.add(
        flash.build_bet(&other, market, 0, 2_000_000).instruction(),
        &[&other.key],
    );
    steps.add(
        flash.build_deposit(&user, 1_000_000).instruction(),
        &[&user.key],
    );
    steps.add(flash.build_execute_deposit(&user).instruction(), &[]);
    steps.add(
        flash.build_cancel_deposit(&user).instruction(),
        &[&user.key],
    );
    steps.add(
        flash.build_request(&provider, 1_000_000).instruction(),
        &[&provider.key],
    );
    steps.add(flash.build_withdraw(&provider).instruction(), &[]);
    steps.add(
        flash.build_cancel_withdraw(&provider).instruction(),
        &[&provider.key],
    );
    steps.add(flash.build_lapse_withdraw(&provider).instruction(), &[]);
    steps.add(flash.build_suspend(market, 10).instruction(), &[&operator]);
    steps.add(flash.build_resume(market).instruction(), &[&operator]);
    steps.add(flash.build_settle(market, &[&user]).instruction(), &[]);
    steps.add(flash.build_release(market).instruction(), &[]);
    steps.add(flash.build_void(market).instruction(), &[]);
    steps.add(
        flash.build_collect(FeeShare::Operator).instruction(),
        &[&operator],
    );
    steps.add(flash.build_collect(FeeShare::Protocol).instruction(), &[]);
    let (authority, of_admin) = (guardian.pubkey(), admin.pubkey());
    steps.add(Pause { authority, vault }.instruction(), &[&guardian]);
    steps.add(
        Unpause {
            authority: of_admin,
            vault,
        }
        .instruction(),
        &[&admin],
    );
    let resolve = Resolve {
        market,
        observation: evidence.observation,
        strike_observation: None,
    };
    steps.add(resolve.instruction(), &[]);

    let terms = flash.lasting(2, 600);
    let create = flash.build_market(event_book, terms.clone());
    steps.add(create.instruction(), &[&operator]);
    chains(&mut flash, &user, &terms, &mut steps);
    let flash = Flash {
        world: flash,
        market,
        observation: evidence.observation,
        observe_at_ms: evidence.observe_at_ms,
    };
    (flash, steps)
}

/// A chain and a rolling chain of two legs, and a group of one of these markets if the other.
fn chains(flash: &mut FlashWorld, user: &User, terms: &FlashMarketTerms, steps: &mut Steps) {
    let legs = flash.legs(2, terms);
    let legs = [(legs[0], 0), (legs[1], 1)];
    let of_user = &[&user.key];
    let request = flash.build_chain(user, &legs, 1_000_000);
    let nonce = request.nonce;
    flash.send(request.instruction(), of_user).expect("a chain");
    let another = flash.build_chain(user, &legs, 2_000_000);
    steps.add(another.instruction(), of_user);
    let execute = flash.build_execute_chain(user, nonce);
    steps.add(execute.instruction(), &[]);
    let cash_out = flash.build_cash_out_request(user, nonce);
    steps.add(cash_out.instruction(), of_user);
    let settle = flash.build_settle_legs(user, nonce, &[legs[0].0]);
    steps.add(settle.instruction(), &[]);

    let open = flash.build_rolling(user, &legs, 1_000_000);
    steps.add(open.instruction(), of_user);
    let [condition, asset] = legs.map(|(market, _)| market);
    let terms = flash.quantum_terms(condition, asset, 10_000_000);
    let group = flash.build_group(condition, asset, terms);
    let operator = flash.operator.insecure_clone();
    steps.add(group.instruction(), &[&operator]);
}
