//! Who paid an account's rent and makes a program of his address, as whoever has its key can, stops nobody.

use client::instructions::leverage::*;
use solana_signer::Signer;
use testbed::{KeySource, LeverageWorld, Trader, LENT, UNIT};

const ARGS: RequestOpenArgs = RequestOpenArgs {
    outcome: 0,
    margin: 450 * UNIT,
    loan: 300 * UNIT,
    min_shares: 0,
};

/// Lamports are sent to an address that becomes a program.
fn become_program(world: &mut LeverageWorld, payer: &Trader) -> u64 {
    let chain = &mut world.markets.world.chain;
    let program = chain.become_program(payer.address());
    program.expect("the chain");
    world.lamports(payer.address())
}

fn request(world: &mut LeverageWorld, owner: &Trader, payer: &Trader, nonce: u64) {
    let request = RequestOpen {
        rent_payer: payer.address(),
        ..world.build_request(owner, nonce, ARGS)
    };
    world.remember(owner, nonce);
    let asked = world.send(&[request.instruction()], &[&owner.key, &payer.key]);
    asked.expect("a request");
}

/// A request is given back and one opened, a position is closed, a deposit given back and one paid, all of whose
/// rent somebody paid who is a program then; nothing of any is left.
#[test]
fn rent_payer_who_becomes_a_program_holds_no_loan_up() {
    let mut world = LeverageWorld::start();
    let (owner, payer) = (world.trader(), world.trader());
    for nonce in [1, 2] {
        request(&mut world, &owner, &payer, nonce);
    }
    let lender = world.lender();
    for nonce in [2, 3] {
        let deposit = RequestDeposit {
            rent_payer: payer.address(),
            ..world.build_deposit(&lender, nonce, LENT)
        };
        world.remember_deposit(&lender, nonce);
        let asked = world.send(&[deposit.instruction()], &[&lender.key, &payer.key]);
        asked.expect("a deposit");
    }
    become_program(&mut world, &payer);
    world.wait_for_execution();
    let execute = ExecuteOpen {
        rent_payer: payer.address(),
        ..world.build_execute(&owner, 1)
    };
    let keeper = world.keeper.key.insecure_clone();
    let opened = world.send(&[execute.instruction()], &[&keeper]);
    opened.expect("a position");
    let cancel = CancelOpen {
        rent_payer: payer.address(),
        ..world.build_cancel(&owner, 2)
    };
    let until = world.request_state(&owner, 2).expires_at;
    world.markets.go_to_second(until + 1);
    let given = world.send(&[cancel.instruction()], &[]);
    given.expect("a return");
    world.close(&owner, 1).expect("a sale");
    world.claim(&owner, 1).expect("a payment");
    let close = ClosePosition {
        holding: world.holding(&owner, 1),
        rent_payer: payer.address(),
    };
    world.send(&[close.instruction()], &[]).expect("an end");

    let available = world.deposit_state(&lender, 2).available_at;
    world.markets.go_to_second(available);
    let end = |world: &LeverageWorld, nonce| EndDeposit {
        rent_payer: payer.address(),
        ..world.build_end_deposit(&lender, nonce)
    };
    let executed = end(&world, 2).execute();
    world.send(&[executed], &[]).expect("a deposit");
    let until = world.deposit_state(&lender, 3).available_until;
    world.markets.go_to_second(until + 1);
    let returned = end(&world, 3).cancel();
    world.send(&[returned], &[]).expect("a return");
    let shares = world.deposit_state(&lender, 2).shares;
    let asked = world.request_withdraw(&lender, 2, shares);
    asked.expect("a request");
    let available = world.withdrawal_state(&lender, 2).available_at;
    world.markets.go_to_second(available);
    let withdraw = ExecuteWithdraw {
        deposit_rent_payer: payer.address(),
        ..world.build_execute_withdraw(&lender, 2)
    };
    let paid = world.send(&[withdraw.instruction()], &[]);
    paid.expect("a withdrawal");
    assert!(world.find_deposit(&lender, 2).is_none());
    world.delist().expect("an end");
}

/// Nor does the admin who listed a market, before it is settled and after.
#[test]
fn listing_ends_whatever_its_rent_payer_has_become() {
    for is_settled in [false, true] {
        let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
        world.list().expect("a listing");
        let admin = world.admin();
        let chain = &mut world.markets.world.chain;
        chain.become_program(admin.pubkey()).expect("the chain");
        if is_settled {
            let market = world.listing.market;
            world.markets.resolve(market, 0);
            world.settle_market().expect("a settlement");
        }
        world.delist().expect("an end");
        assert_eq!(world.pool_state().open_listings, 0);
    }
}
