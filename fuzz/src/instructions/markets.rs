use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use oracle::Observation;
use solana_keypair::Keypair;
use testbed::{MarketsOptions, MarketsWorld, SendError};

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

    let markets = Markets {
        world,
        market,
        observation: evidence.observation,
        observe_at_ms: evidence.observe_at_ms,
    };
    (markets, steps)
}
