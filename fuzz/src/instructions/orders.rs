use anchor_lang::solana_program::instruction::Instruction;
use client::instructions::orders::OrderSide;
use solana_keypair::Keypair;
use testbed::{DeskWorld, SendError};

use super::{target, Play, Steps};
use crate::Target;

/// Whatever a desk's instructions are given, its books balance.
pub fn orders_data() -> Target {
    target("orders_data", start)
}

impl Play for DeskWorld {
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Result<(), SendError> {
        DeskWorld::send(self, &[instruction], signers).map(drop)
    }

    fn pass(&mut self) {
        DeskWorld::pass(self, 200);
    }
}

fn start() -> (DeskWorld, Steps) {
    let mut desk = DeskWorld::start();
    let owner = desk.trader();
    let terms = desk.iceberg(OrderSide::Buy, 1_000_000, 900);
    desk.placed.insert((owner.address(), 1));
    let mut steps = Steps::default();
    steps.add(
        desk.build_place(&owner, 1, terms).instruction(),
        &[&owner.key],
    );
    steps.add(desk.build_fill(&owner, 1), &[]);
    steps.add(desk.build_return(&owner, 1).instruction(), &[&owner.key]);
    (desk, steps)
}
