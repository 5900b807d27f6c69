//! A position from its request to its end.

use client::instructions::leverage::RequestOpenArgs;
use leverage::{
    error::LoanError,
    state::{LeveredPosition, MARK_BOUNTY_LAMPORTS, OPEN_TIP_LAMPORTS},
};
use testbed::{ExpectError, LeverageWorld, Trader, LENT, UNIT};

use super::common::sale;

const MARGIN: u64 = 500 * UNIT;
const LOAN: u64 = 450 * UNIT;

/// A world with one position against the first outcome.
fn opened() -> (LeverageWorld, Trader) {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world.open(&owner, 1, 0, MARGIN, LOAN).expect("a position");
    (world, owner)
}

/// The owner's money, all of it his own again.
fn take_all(world: &mut LeverageWorld, owner: &Trader, nonce: u64) -> u64 {
    if world.position(owner, nonce).claim > 0 {
        world.claim(owner, nonce).expect("a payment");
    }
    world.close_position(owner, nonce).expect("an end");
    world.markets.balance(owner.tokens)
}

/// The only lender takes all there is, and the listing is closed: what it gets.
fn drain(world: &mut LeverageWorld) -> u64 {
    let lender = world.lender();
    let before = world.markets.balance(lender.tokens);
    world.withdraw(&lender, 1).expect("a withdrawal");
    world.delist().expect("an end");
    let pool = world.pool_state();
    assert_eq!((pool.book.supply, pool.book.debt_shares), (0, 0));
    world.markets.balance(lender.tokens) - before
}

#[test]
fn position_is_opened_and_closed_at_a_gain() {
    let (mut world, owner) = opened();
    assert_eq!(world.markets.balance(owner.tokens), LENT - MARGIN);
    assert_eq!(world.pool_state().book.cash, LENT - LOAN);
    let shares = world.position(&owner, 1).shares;
    let other = world.trader();
    let market = world.listing.market;
    let buy = world.markets.buy(&other, market, 0, 2_000 * UNIT);
    buy.expect("a purchase");
    let (debt, fee) = world.owed(&owner, 1);
    assert!((LOAN..LOAN + UNIT).contains(&debt), "{debt}");
    let returned = sale(&world, 0, shares);
    world.close(&owner, 1).expect("a sale");
    let position = world.position(&owner, 1);
    assert_eq!((position.shares, position.debt_shares), (0, 0));
    assert_eq!(position.claim, returned - debt - fee);
    let pool = world.pool_state();
    assert_eq!(
        (pool.book.cash, pool.book.insurance),
        (LENT - LOAN + debt, fee)
    );
    let back = take_all(&mut world, &owner, 1);
    assert_eq!(back, LENT - MARGIN + returned - debt - fee);
    assert!(back > LENT, "the price rose");
    // A virtual share of a thousandth of a base unit has the rest.
    assert_eq!(drain(&mut world), LENT - LOAN + debt - 1);
}

#[test]
fn opening_and_closing_at_once_costs_the_fees() {
    let (mut world, owner) = opened();
    let (debt, fee) = world.owed(&owner, 1);
    // Rounded up twice.
    assert_eq!((debt, fee), (LOAN + 1, 0));
    world.close(&owner, 1).expect("a sale");
    let back = take_all(&mut world, &owner, 1);
    let lost = LENT - back;
    // A hundredth of `min(p, 1 − p)` a share, both ways: somewhat below two hundredths of the stake.
    assert!(
        lost > (MARGIN + LOAN) / 60 && lost < (MARGIN + LOAN) / 48,
        "{lost}"
    );
    assert_eq!(drain(&mut world), LENT);
}

#[test]
fn winning_position_is_settled() {
    let (mut world, owner) = opened();
    let shares = world.position(&owner, 1).shares;
    let market = world.listing.market;
    world
        .settle_market()
        .expect_refusal(LoanError::MarketNotSettled);
    world
        .settle_position(&owner, 1)
        .expect_refusal(LoanError::ListingNotSettled);
    world.markets.resolve(market, 0);
    world.settle_market().expect("a settlement");
    world
        .settle_market()
        .expect_refusal(LoanError::ListingSettled);
    let (debt, fee) = world.owed(&owner, 1);
    assert!(fee > 0 && debt > LOAN);
    world.settle_position(&owner, 1).expect("a settlement");
    world
        .settle_position(&owner, 1)
        .expect_refusal(LoanError::NoShares);
    let back = take_all(&mut world, &owner, 1);
    assert_eq!(back, LENT - MARGIN + shares - debt - fee);
    assert_eq!(drain(&mut world), LENT - LOAN + debt - 1);
}

/// What nobody pays is the insurance's loss first, and then the lenders'. Nobody borrows on the market
/// from then on.
#[test]
fn losing_position_costs_lenders_its_debt() {
    let (mut world, owner) = opened();
    let market = world.listing.market;
    world.markets.resolve(market, 1);
    world.settle_market().expect("a settlement");
    world.settle_position(&owner, 1).expect("a settlement");
    let position = world.position(&owner, 1);
    assert_eq!(
        (position.shares, position.debt_shares, position.claim),
        (0, 0, 0)
    );
    let back = take_all(&mut world, &owner, 1);
    assert_eq!(back, LENT - MARGIN);
    assert_eq!(drain(&mut world), LENT - LOAN);
}

#[test]
fn void_market_pays_debts_of_what_it_pays() {
    let (mut world, owner) = opened();
    let (market, shares) = (world.listing.market, world.position(&owner, 1).shares);
    let until = world.markets.state(market).proposal_until;
    world.markets.go_to_second(until);
    world.markets.void(market).expect("a void");
    world.settle_market().expect("a settlement");
    let payout = world.state().payout(0, shares).expect("a payout").0;
    let (debt, fee) = world.owed(&owner, 1);
    assert!(payout > debt + fee && payout < shares);
    world.settle_position(&owner, 1).expect("a settlement");
    let back = take_all(&mut world, &owner, 1);
    assert_eq!(back, LENT - MARGIN + payout - debt - fee);
    assert_eq!(drain(&mut world), LENT - LOAN + debt - 1);
}

/// Cash in, shares out: while a result is proposed, disputed and while the venue is paused.
#[test]
fn debt_is_repaid_in_money_until_the_settlement() {
    let (mut world, owner) = opened();
    let market = world.listing.market;
    let shares = world.position(&owner, 1).shares;
    let creator = world.markets.creator();
    world
        .markets
        .propose(&creator, market, 0)
        .expect("a proposal");
    let disputer = world.markets.trader(LENT);
    world.markets.dispute(&disputer, market).expect("a dispute");
    world.markets.pause().expect("a pause");
    world
        .close(&owner, 1)
        .expect_refusal(markets::error::MarketError::MarketNotOpen);
    let (debt, fee) = world.owed(&owner, 1);
    let mut low = world.build_repay(&owner, 1);
    low.max_paid = debt + fee - 1;
    world
        .send(&[low.instruction()], &[&owner.key])
        .expect_refusal(LoanError::DebtAboveMaximum);
    world.repay(&owner, 1).expect("a repayment");
    assert_eq!(
        world.markets.balance(owner.tokens),
        LENT - MARGIN - debt - fee
    );
    let held = world.markets.position(market, &owner).holdings.shares;
    assert_eq!(held, [shares, 0]);
    let pool = world.pool_state();
    assert_eq!(
        (pool.book.cash, pool.book.insurance),
        (LENT - LOAN + debt, fee)
    );
    world.close_position(&owner, 1).expect("an end");
    assert_eq!(drain(&mut world), LENT - LOAN + debt - 1);
}

#[test]
fn margin_is_added_and_a_position_reduced() {
    let (mut world, owner) = opened();
    world.add_margin(&owner, 1, 100 * UNIT).expect("a payment");
    let (debt, _) = world.owed(&owner, 1);
    assert!(debt.abs_diff(LOAN - 100 * UNIT) <= 1, "{debt}");
    let shares = world.position(&owner, 1).shares;
    let returned = sale(&world, 0, shares / 4);
    world.reduce(&owner, 1, shares / 4).expect("a sale");
    let position = world.position(&owner, 1);
    assert_eq!((position.shares, position.claim), (shares - shares / 4, 0));
    let (left, _) = world.owed(&owner, 1);
    assert!(left.abs_diff(debt - returned) <= 1, "{left}");
    // No more is taken than is owed.
    let before = world.markets.balance(owner.tokens);
    world.add_margin(&owner, 1, LENT / 2).expect("a payment");
    assert_eq!(world.markets.balance(owner.tokens), before - left);
    world
        .add_margin(&owner, 1, 1)
        .expect_refusal(LoanError::NoDebt);
    world.reduce(&owner, 1, 1_000).expect("a sale");
    assert!(
        world.position(&owner, 1).claim > 0,
        "the rest is the owner's"
    );
    world.close(&owner, 1).expect("a sale");
    world.close(&owner, 1).expect_refusal(LoanError::NoShares);
    take_all(&mut world, &owner, 1);
    drain(&mut world);
}

#[test]
fn request_waits_for_its_delay_and_is_given_back() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    let args = RequestOpenArgs {
        outcome: 0,
        margin: MARGIN,
        loan: LOAN,
        min_shares: 0,
    };
    let before = world.lamports(owner.address());
    world.request(&owner, 1, args).expect("a request");
    assert_eq!(world.markets.balance(owner.tokens), LENT - MARGIN);
    world
        .execute(&owner, 1)
        .expect_refusal(LoanError::DelayNotPassed);
    let slot = world.request_state(&owner, 1).executable_from_slot;
    world.markets.go_to(slot);
    // The slots have passed, but at 400 ms each the seconds have not.
    world
        .execute(&owner, 1)
        .expect_refusal(LoanError::DelayNotPassed);
    world
        .give_back(&owner, 1)
        .expect_refusal(LoanError::StillExecutable);
    world.take_back(&owner, 1).expect("a return");
    assert_eq!(world.markets.balance(owner.tokens), LENT);

    world.request(&owner, 2, args).expect("a request");
    let until = world.request_state(&owner, 2).expires_at;
    world.markets.go_to_second(until + 1);
    world
        .execute(&owner, 2)
        .expect_refusal(LoanError::RequestExpired);
    let keeper = world.lamports(world.keeper.address());
    world.give_back(&owner, 2).expect("a return");
    let tip = world.lamports(world.keeper.address()) - keeper;
    assert_eq!(tip, OPEN_TIP_LAMPORTS);
    assert_eq!(world.markets.balance(owner.tokens), LENT);
    assert_eq!(world.lamports(owner.address()), before - OPEN_TIP_LAMPORTS);
    world.delist().expect("an end");
}

/// Who executes is paid for it out of what the owner put in, and gets back what the position's account
/// costs; the rest is the owner's again when it is closed.
#[test]
fn executor_advances_the_rent_and_earns_the_tip() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    let (owned, kept) = (
        world.lamports(owner.address()),
        world.lamports(world.keeper.address()),
    );
    world.open(&owner, 1, 0, MARGIN, LOAN).expect("a position");
    assert_eq!(
        world.lamports(world.keeper.address()),
        kept + OPEN_TIP_LAMPORTS
    );
    let rent = world.markets.chain().rent(LeveredPosition::SPACE);
    let position = world.holding(&owner, 1).position();
    assert_eq!(world.lamports(position), rent + MARK_BOUNTY_LAMPORTS);
    world.close(&owner, 1).expect("a sale");
    take_all(&mut world, &owner, 1);
    assert_eq!(world.lamports(owner.address()), owned - OPEN_TIP_LAMPORTS);
}

/// Of debts against outcomes that exclude each other one is lost, and both are counted.
#[test]
fn both_sides_are_lent_on() {
    let (mut world, owner) = opened();
    let other = world.trader();
    world.open(&other, 1, 1, MARGIN, LOAN).expect("a position");
    let debts = world.owed(&owner, 1).0 + world.owed(&other, 1).0;
    let counted = world.pool_state().at_stake().expect("a sum").0;
    assert!(counted.abs_diff(debts) <= 2, "{counted}, {debts}");
    let market = world.listing.market;
    world.markets.resolve(market, 1);
    world.settle_market().expect("a settlement");
    for owner in [&owner, &other] {
        world.settle_position(owner, 1).expect("a settlement");
        take_all(&mut world, owner, 1);
    }
    let lost = LENT - drain(&mut world);
    assert!(lost.abs_diff(LOAN) < UNIT, "{lost}");
}
