use anchor_lang::solana_program::instruction::Instruction;
use client::instructions::orders::{CancelOrder, OrderSide, RevealOrder};
use solana_keypair::Keypair;
use testbed::{BatchWorld, SendError, Trader};

use super::{target, Play, Steps};
use crate::Target;

/// Whatever a desk's and a batch's instructions are given, their books balance.
pub fn orders_data() -> Target {
    target("orders_data", start)
}

impl Play for BatchWorld {
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Result<(), SendError> {
        self.desk.send(&[instruction], signers).map(drop)
    }

    fn pass(&mut self) {
        self.desk.pass(200);
    }
}

fn start() -> (BatchWorld, Steps) {
    let mut world = BatchWorld::start();
    let [owner, other] = [world.desk.trader(), world.desk.trader()];
    let mut steps = Steps::default();
    on_desk(&mut world, [&owner, &other], &mut steps);
    in_batch(&mut world, [&owner, &other], &mut steps);
    (world, steps)
}

/// One buys and the other sells.
fn on_desk(world: &mut BatchWorld, people: [&Trader; 2], steps: &mut Steps) {
    let desk = &mut world.desk;
    let [owner, other] = people;
    let split = desk.markets.split(other, desk.market, 10_000_000);
    split.expect("shares");
    let sides = [(OrderSide::Buy, 900), (OrderSide::Sell, 100)];
    for (who, (side, limit)) in people.into_iter().zip(sides) {
        let terms = desk.iceberg(side, 1_000_000, limit);
        desk.placed.insert((who.address(), 1));
        let place = desk.build_place(who, 1, terms);
        steps.add(place.instruction(), &[&who.key]);
        steps.add(desk.build_fill(who, 1), &[]);
        steps.add(desk.build_watch(who, 1).instruction(), &[]);
    }
    let cross = desk.build_match((owner, 1), (other, 1));
    steps.add(cross.instruction(), &[]);
    let cancel = CancelOrder {
        market: desk.market,
        owner: owner.address(),
        nonce: 1,
    };
    steps.add(cancel.instruction(), &[&owner.key]);
    let give_back = desk.build_return(other, 1);
    steps.add(give_back.instruction(), &[&other.key]);
}

/// One order on each side.
fn in_batch(world: &mut BatchWorld, people: [&Trader; 2], steps: &mut Steps) {
    for (who, (outcome, limit)) in people.into_iter().zip([(0, 700), (1, 600)]) {
        let terms = BatchWorld::terms(outcome, limit);
        let seal = world.build_seal(who, 1, terms);
        world.desk.sealed.push((world.batch, who.address(), 1));
        steps.add(seal.instruction(), &[&who.key]);
        let reveal = RevealOrder {
            batch: world.batch,
            owner: who.address(),
            nonce: 1,
            terms,
        };
        steps.add(reveal.instruction(), &[]);
        steps.add(world.build_return(who, 1).instruction(), &[]);
    }
    steps.add(world.build_price().instruction(), &[]);
    steps.add(world.build_cross().instruction(), &[]);
}
