use anchor_lang::solana_program::instruction::Instruction;
use client::instructions::{
    leverage::{
        AddMargin, CallDeleverage, RequestOpenArgs, SettleMarket, SettlePosition, TripByPrice,
    },
    signed_by,
};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{LeverageWorld, SendError, Trader, LENT, UNIT};

use super::{target, Play, Steps};
use crate::Target;

const MARGIN: u64 = 500 * UNIT;
const LOAN: u64 = 450 * UNIT;

/// Whatever a pool's, a listing's and a position's instructions are given, their books balance.
pub fn leverage_data() -> Target {
    target("leverage_data", start)
}

impl Play for LeverageWorld {
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Result<(), SendError> {
        LeverageWorld::send(self, &[instruction], signers).map(drop)
    }

    fn pass(&mut self) {
        let slot = self.markets.chain().slot() + 400;
        self.markets.go_to(slot);
        let evidence = self.markets.state(self.listing.market).evidence;
        let is_over = self.markets.chain().now().0 >= evidence.observe_at_ms;
        if is_over
            && self
                .markets
                .find::<oracle::Observation>(evidence.observation)
                .is_none()
        {
            self.markets.observe(self.listing.market, 1);
        }
    }
}

fn start() -> (LeverageWorld, Steps) {
    let mut world = LeverageWorld::start();
    let [owner, other] = [world.trader(), world.trader()];
    world.open(&owner, 1, 0, MARGIN, LOAN).expect("a position");
    for (who, nonce) in [(&owner, 2), (&other, 3)] {
        world.remember(who, nonce);
        world.remember_deposit(who, nonce);
    }
    let mut steps = Steps::default();
    lending(&world, &other, &mut steps);
    borrowing(&world, &owner, &mut steps);
    risk(&world, &owner, &mut steps);
    governance(&world, &mut steps);
    (world, steps)
}

fn lending(world: &LeverageWorld, other: &Trader, steps: &mut Steps) {
    let (lender, of_other) = (world.lender(), &[&other.key]);
    let deposit = world.build_deposit(other, 3, LENT / 10);
    steps.add(deposit.instruction(), of_other);
    let end = world.build_end_deposit(other, 3);
    steps.add(end.execute(), &[]);
    steps.add(signed_by(end.cancel(), &other.address()), of_other);
    let withdraw = world.build_withdraw(&lender, 1, UNIT);
    steps.add(withdraw.instruction(), &[&lender.key]);
    let execute = world.build_execute_withdraw(&lender, 1);
    steps.add(execute.instruction(), &[]);
}

fn borrowing(world: &LeverageWorld, owner: &Trader, steps: &mut Steps) {
    let of_owner = &[&owner.key];
    let args = RequestOpenArgs {
        outcome: 1,
        margin: MARGIN,
        loan: LOAN,
        min_shares: 0,
    };
    steps.add(world.build_request(owner, 2, args).instruction(), of_owner);
    let execute = world.build_execute(owner, 2);
    steps.add(execute.instruction(), &[&world.keeper.key]);
    let cancel = world.build_cancel(owner, 2).instruction();
    steps.add(signed_by(cancel, &owner.address()), of_owner);
    let add = AddMargin {
        holding: world.holding(owner, 1),
        payer: owner.address(),
        payer_tokens: owner.tokens,
        amount: UNIT,
    };
    steps.add(add.instruction(), of_owner);
    steps.add(world.build_repay(owner, 2).instruction(), of_owner);
    for nonce in [1, 2] {
        let sale = world.build_sale(owner, nonce);
        steps.add(sale.reduce(UNIT), of_owner);
        steps.add(sale.close(), of_owner);
    }
    steps.add(world.build_claim(owner, 1).instruction(), &[]);
}

fn risk(world: &LeverageWorld, owner: &Trader, steps: &mut Steps) {
    let listing = world.listing;
    steps.add(world.build_monitor(owner, 1).instruction(), &[]);
    let liquidate = world.build_liquidate(&[(owner, 1), (owner, 2)]);
    for instruction in [
        liquidate.liquidate(),
        liquidate.force_deleverage(),
        liquidate.deleverage_pro_rata(),
    ] {
        steps.add(instruction, &[]);
    }
    let outcome = 0;
    steps.add(CallDeleverage { listing, outcome }.instruction(), &[]);
    steps.add(TripByPrice { listing, outcome }.instruction(), &[]);
    let settle = SettleMarket {
        listing,
        rent_payer: world.admin().pubkey(),
    };
    steps.add(settle.instruction(), &[]);
    let holding = world.holding(owner, 1);
    steps.add(SettlePosition { holding }.instruction(), &[]);
}

fn governance(world: &LeverageWorld, steps: &mut Steps) {
    let admin = world.admin();
    let pool = world.govern_pool(&admin);
    let terms = pool.set_terms(LeverageWorld::pool_terms());
    let listing = world.govern_listing(&admin);
    let parameters = listing.set_parameters(world.parameters());
    for instruction in [
        terms,
        pool.trip(),
        pool.release(),
        parameters,
        listing.trip(),
    ] {
        steps.add(instruction, &[&admin]);
    }
    steps.add(listing.release(), &[&admin]);
}
