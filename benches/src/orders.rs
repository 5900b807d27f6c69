//! The orders' instructions.

use anchor_lang::solana_program::instruction::Instruction;
use client::instructions::{
    orders::{CloseDesk, ObservePrices, OrderSide, SettleDesk},
    signed_by,
};
use solana_keypair::Keypair;
use testbed::{DeskWorld, KeySource};

use crate::{Measured, SEED};

const TOTAL: u64 = 10_000_000;

pub fn measure(measured: &mut Measured) {
    let world = DeskWorld::start_with(KeySource::seeded(SEED), 2, |_| {});
    let mut scenario = Scenario { world, measured };
    scenario.life();
    scenario.end();
}

struct Scenario<'a> {
    world: DeskWorld,
    measured: &'a mut Measured,
}

impl Scenario<'_> {
    fn send(&mut self, name: &str, instruction: Instruction, signers: &[&Keypair]) {
        let receipt = self.world.send(&[instruction], signers).expect(name);
        self.measured.take(&format!("orders {name}"), &receipt);
    }

    /// From placing to returning, on both sides.
    fn life(&mut self) {
        let market = self.world.market;
        for (what, side, limit) in [("buy", OrderSide::Buy, 520), ("sell", OrderSide::Sell, 480)] {
            let owner = self.world.trader();
            self.world
                .markets
                .split(&owner, market, TOTAL)
                .expect("sets");
            self.world.pass(1);
            let terms = self.world.iceberg(side, TOTAL, limit);
            let place = self.world.build_place(&owner, 1, terms);
            self.world.placed.insert((place.owner, 1));
            self.send(
                &format!("place_order ({what})"),
                place.instruction(),
                &[&owner.key],
            );
            let fill = self.world.build_fill(&owner, 1);
            self.send(&format!("fill_order ({what}, LMSR, 2 outcomes)"), fill, &[]);
            let give = self.world.build_return(&owner, 1).instruction();
            let signed = signed_by(give, &owner.address());
            self.send(&format!("return_order ({what})"), signed, &[&owner.key]);
        }
        let venue = self.world.markets.venue;
        let observe = ObservePrices { venue, market };
        self.send("observe_prices", observe.instruction(), &[]);
    }

    fn end(&mut self) {
        let world = &mut self.world;
        let (market, mint) = (world.market, world.markets.mint.address);
        let (rent_payer, token_program) = (world.opener.address(), world.markets.token_program());
        let close = CloseDesk {
            market,
            mint,
            rent_payer,
            token_program,
        };
        self.send("close_desk", close.instruction(), &[]);
        let open = self.world.build_open();
        let opener = self.world.opener.key.insecure_clone();
        self.send("open_desk", open.instruction(), &[&opener]);
        self.world.markets.resolve(market, 0);
        let settle = SettleDesk {
            market,
            rent_payer,
            mint,
            token_program,
        };
        self.send("settle_desk", settle.instruction(), &[]);
    }
}
