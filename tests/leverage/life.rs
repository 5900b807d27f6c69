//! A position from its request to its end.

use testbed::{LeverageWorld, LENT, UNIT};

/// Deposit, loan, purchase, sale, payment: every base unit is somebody's after each step.
#[test]
fn position_is_opened_and_closed() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 500 * UNIT, 450 * UNIT)
        .expect("a position");
    assert_eq!(world.markets.balance(owner.tokens), LENT - 500 * UNIT);
    let position = world.position(&owner, 1);
    assert!(position.shares > 1_800 * UNIT, "{position:?}");
    assert_eq!(world.pool_state().book.cash, LENT - 450 * UNIT);
    world.close(&owner, 1).expect("a sale");
    let position = world.position(&owner, 1);
    assert_eq!((position.shares, position.debt_shares), (0, 0));
    let claim = position.claim;
    world.claim(&owner, 1).expect("a payment");
    world.close_position(&owner, 1).expect("an end");
    let back = world.markets.balance(owner.tokens);
    assert_eq!(back, LENT - 500 * UNIT + claim);
    assert!(back < LENT, "it costs the fees at least");
    let lender = world.lender();
    world.withdraw(&lender, 1).expect("a withdrawal");
    world.delist().expect("an end");
}
