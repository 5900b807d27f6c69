use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::markets::{LockLiquidity, TransferShares};
use oracle::Observation;
use solana_keypair::Keypair;
use testbed::{MarketsOptions, MarketsWorld, SendError, Trader};

use super::{target, Play, Steps, PURSE};
use crate::Target;

/// Whatever a market's instructions are given, its books balance.
pub fn markets_data() -> Target {
    target("markets_data", start)
}

struct Markets {
    world: MarketsWorld,
    market: Pubkey,
    observation: Pubkey,
    observe_at_ms: u64,
}

impl Play for Markets {
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Result<(), SendError> {
        self.world.send(instruction, signers).map(drop)
    }

    fn pass(&mut self) {
        let slot = self.world.chain().slot() + 400;
        self.world.go_to(slot);
        let is_over = self.world.chain().now().0 >= self.observe_at_ms;
        if is_over && self.world.find::<Observation>(self.observation).is_none() {
            self.world.observe(self.market, 1);
        }
    }
}

fn start() -> (Markets, Steps) {
    let mut world = MarketsWorld::start(&MarketsOptions::default());
    let terms = world.terms(3);
    let market = world.market(terms);
    let [trader, other] = [world.trader(PURSE), world.trader(PURSE)];
    for one in [&trader, &other] {
        world.open_provider(one, market);
    }
    world
        .buy(&trader, market, 0, 1_000_000)
        .expect("a purchase");
    let creator = world.creator();
    let evidence = world.state(market).evidence;

    let mut steps = Steps::default();
    let key = &trader.key;
    steps.add(
        world.build_buy(&trader, market, 1, 1_000_000).instruction(),
        &[key],
    );
    steps.add(
        world
            .build_buy_shares(&trader, market, 2, 500_000)
            .instruction(),
        &[key],
    );
    steps.add(
        world.build_sell(&trader, market, 0, 100_000).instruction(),
        &[key],
    );
    steps.add(
        world.build_split(&trader, market, 1_000_000).instruction(),
        &[key],
    );
    steps.add(
        world.build_merge(&trader, market, 500_000).instruction(),
        &[key],
    );
    steps.add(
        world.build_add(&other, market, 1_000_000).instruction(),
        &[&other.key],
    );
    steps.add(
        world.build_remove(&other, market, 1_000).instruction(),
        &[&other.key],
    );
    steps.add(
        world.build_collect(&other, market).instruction(),
        &[&other.key],
    );
    steps.add(
        world.build_collect_creator(market).instruction(),
        &[&creator.key],
    );
    steps.add(world.build_release(market).instruction(), &[]);
    steps.add(world.build_collect_protocol().instruction(), &[]);
    let propose = world.build_propose(&trader, market, evidence.observation);
    steps.add(propose.instruction(), &[key]);
    steps.add(
        world.build_dispute(&other, market).instruction(),
        &[&other.key],
    );
    steps.add(world.build_finalize(market).instruction(), &[]);
    steps.add(
        world.build_redeem(market, &[&trader, &other]).instruction(),
        &[],
    );
    steps.add(
        world.build_redeem_liquidity(market, &other).instruction(),
        &[],
    );

    terms_and_transfers(&mut world, market, [&trader, &other], &mut steps);
    let markets = Markets {
        world,
        market,
        observation: evidence.observation,
        observe_at_ms: evidence.observe_at_ms,
    };
    (markets, steps)
}

fn terms_and_transfers(
    world: &mut MarketsWorld,
    market: Pubkey,
    [trader, other]: [&Trader; 2],
    steps: &mut Steps,
) {
    let terms = world.terms(2);
    let create = world.build_market(other, terms);
    steps.add(create.instruction(), &[&other.key]);
    let transfer = TransferShares {
        owner: trader.address(),
        market,
        receiver: other.address(),
        outcome: 0,
        shares: 1_000,
    };
    steps.add(transfer.instruction(), &[&trader.key]);
    let lock = LockLiquidity {
        owner: other.address(),
        market,
        shares: 10,
    };
    steps.add(lock.instruction(), &[&other.key]);
}
