//! Money of lenders: in, out, and what it earns.

use leverage::error::LoanError;
use math::vault::LEAST_STAYING;
use testbed::{ExpectError, LeverageWorld, LENT, UNIT};

#[test]
fn deposit_waits_for_the_notice() {
    let mut world = LeverageWorld::start();
    let lender = world.markets.trader(LENT);
    world.request_deposit(&lender, 7, LENT).expect("a request");
    assert_eq!(world.markets.balance(lender.tokens), 0);
    assert_eq!(world.pool_state().pending_deposits, LENT);
    world
        .execute_deposit(&lender, 7)
        .expect_refusal(LoanError::NoticeNotPassed);
    world
        .cancel_deposit(&lender, 7)
        .expect_refusal(LoanError::ExecutionPossible);
    let state = world.deposit_state(&lender, 7);
    world.markets.go_to_second(state.available_until + 1);
    world
        .execute_deposit(&lender, 7)
        .expect_refusal(LoanError::ExecutionOver);
    world.cancel_deposit(&lender, 7).expect("a return");
    assert_eq!(world.markets.balance(lender.tokens), LENT);
    assert!(world.find_deposit(&lender, 7).is_none());
    world.deposit(&lender, 7, LENT).expect("a deposit");
    assert_eq!(world.deposit_state(&lender, 7).shares, LENT * 1_000);
    world
        .execute_deposit(&lender, 7)
        .expect_refusal(LoanError::DepositDone);
    world
        .cancel_deposit(&lender, 7)
        .expect_refusal(LoanError::DepositDone);
}

/// Fewer shares than the bound: the money goes back at once.
#[test]
fn deposit_below_its_bound_goes_back() {
    let mut world = LeverageWorld::start();
    let lender = world.markets.trader(LENT);
    let mut request = world.build_deposit(&lender, 1, LENT);
    request.min_due = LENT + 1;
    let request = request.instruction();
    world
        .markets
        .send(request, &[&lender.key])
        .expect("a request");
    let available = world.deposit_state(&lender, 1).available_at;
    world.markets.go_to_second(available);
    world.execute_deposit(&lender, 1).expect("a return");
    assert_eq!(world.markets.balance(lender.tokens), LENT);
    assert!(world.find_deposit(&lender, 1).is_none());
}

/// Interest is the lenders', by their shares; the later lender has none of what was earned before.
#[test]
fn interest_is_the_lenders_by_their_shares() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 500 * UNIT, 450 * UNIT)
        .expect("a position");
    let late = world.markets.trader(LENT);
    world.deposit(&late, 1, LENT).expect("a deposit");
    let shares = world.deposit_state(&late, 1).shares;
    assert!(shares < LENT * 1_000, "a share is worth more: {shares}");
    let hours = 10 * 60 * 60;
    let then = world.markets.seconds() + hours;
    world.markets.go_to_second(then);
    let (debt, _) = world.owed(&owner, 1);
    let earned = debt - 450 * UNIT;
    // Two hundredths a year, and somewhat more as a part is lent, for eleven hours.
    let least = 450 * UNIT * 2 / 100 * 11 / (24 * 365);
    assert!((least..least * 2).contains(&earned), "{earned}, {least}");
    world.repay(&owner, 1).expect("a repayment");
    world.close_position(&owner, 1).expect("an end");
    let lender = world.lender();
    let before = world.markets.balance(lender.tokens);
    world.withdraw(&lender, 1).expect("a withdrawal");
    let got = world.markets.balance(lender.tokens) - before;
    world.withdraw(&late, 1).expect("a withdrawal");
    let late = world.markets.balance(late.tokens);
    assert!(got + late <= 2 * LENT + earned && got + late + 3 >= 2 * LENT + earned);
    assert!(got > late && late > LENT, "{got}, {late}, {earned}");
}

#[test]
fn withdrawal_waits_and_lapses() {
    let mut world = LeverageWorld::start();
    let lender = world.lender();
    let shares = world.deposit_state(&lender, 1).shares;
    world
        .request_withdraw(&lender, 1, shares + 1)
        .expect_refusal(LoanError::NotEnoughShares);
    world
        .request_withdraw(&lender, 1, shares / 2)
        .expect("a request");
    world
        .request_withdraw(&lender, 1, 1)
        .expect_refusal("AccountAlreadyInUse");
    world
        .execute_withdraw(&lender, 1)
        .expect_refusal(LoanError::NoticeNotPassed);
    world
        .cancel_withdraw(&lender, 1)
        .expect_refusal(LoanError::ExecutionPossible);
    let state = world.withdrawal_state(&lender, 1);
    world.markets.go_to_second(state.available_until + 1);
    world
        .execute_withdraw(&lender, 1)
        .expect_refusal(LoanError::ExecutionOver);
    world.cancel_withdraw(&lender, 1).expect("a return");
    assert_eq!(world.deposit_state(&lender, 1).shares, shares);
    let before = world.markets.balance(lender.tokens);
    world.withdraw(&lender, 1).expect("a withdrawal");
    assert_eq!(world.markets.balance(lender.tokens), before + LENT);
    assert!(world.find_deposit(&lender, 1).is_none());
}

/// The cash that leaving lenders are worth is not lent any more, and who leaves is paid as if all that
/// can be lost were lost: nobody leaves before a loss at the others' cost.
#[test]
fn leaving_lender_bears_the_worst() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 500 * UNIT, 450 * UNIT)
        .expect("a position");
    let lender = world.lender();
    let shares = world.deposit_state(&lender, 1).shares;
    world
        .request_withdraw(&lender, 1, shares / 2)
        .expect("a request");
    let available = world.withdrawal_state(&lender, 1).available_at;
    world.markets.go_to_second(available);
    let before = world.markets.balance(lender.tokens);
    world.execute_withdraw(&lender, 1).expect("a withdrawal");
    let got = world.markets.balance(lender.tokens) - before;
    assert!(got.abs_diff((LENT - 450 * UNIT) / 2) <= 1, "{got}");
    world.close(&owner, 1).expect("a sale");
    let left = world.pool_state().book.cash;
    assert!(left > LENT - got, "{left}");
}

/// What is lent out cannot be withdrawn; what there is, is paid, and the last shares stay the lender's, with what is
/// paid back.
#[test]
fn withdrawal_from_a_pool_without_cash_is_paid_in_part() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 500 * UNIT, 450 * UNIT)
        .expect("a position");
    let second = world.trader();
    world
        .open(&second, 1, 1, 500 * UNIT, 450 * UNIT)
        .expect("a position");
    let lender = world.lender();
    world.withdraw(&lender, 1).expect("a withdrawal");
    let pool = world.pool_state();
    assert!(pool.book.cash <= 1_000, "{:?}", pool.book);
    let left = world.deposit_state(&lender, 1).shares;
    assert!(left > 0 && left == pool.book.supply);
    // Nobody borrows from a pool without cash.
    let third = world.trader();
    let open = world.open(&third, 1, 0, 50 * UNIT, 20 * UNIT);
    open.expect_refusal(LoanError::NotEnoughCash);
    world.close(&owner, 1).expect("a sale");
    world.repay(&second, 1).expect("a repayment");
    world.withdraw(&lender, 1).expect("a withdrawal");
    assert!(world.find_deposit(&lender, 1).is_none());
    // Of what was lent a thousandth is the virtual shares', beside so few.
    let balance = world.markets.balance(lender.tokens);
    assert!(balance > 10 * LENT - 900 * UNIT / 1_000, "{balance}");
}

/// Who leaves again and again, down to the last base unit, keeps his part of what comes back.
#[test]
fn shares_are_not_given_for_nothing_while_anything_is_lent() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    let opened = world.open(&owner, 1, 0, 500 * UNIT, 450 * UNIT);
    opened.expect("a position");
    let lender = world.lender();
    for staying in [LEAST_STAYING.0, 1_001, 2] {
        world.withdraw(&lender, 1).expect("a withdrawal");
        assert_eq!(world.pool_state().book.supply, staying);
    }
    let again = world.withdraw(&lender, 1);
    again.expect_refusal(LoanError::NotEnoughCash);
    world.close(&owner, 1).expect("a sale");
    let before = world.markets.balance(lender.tokens);
    world.execute_withdraw(&lender, 1).expect("a withdrawal");
    // Two shares' part beside a thousand virtual ones.
    let paid = world.markets.balance(lender.tokens) - before;
    assert!(paid.abs_diff(450 * UNIT * 2 / 1_002) < 1_000, "{paid}");
}

/// Who leaves alone leaves a million shares to whom all comes back that was lent: later lenders' shares cost nearly a
/// million times as much, and yet all but a thousandth of their money leaves while anything is lent.
#[test]
fn dear_shares_of_a_lender_who_left_keep_no_others_money() {
    let mut world = LeverageWorld::start();
    let owners = [world.trader(), world.trader()];
    for (outcome, owner) in (0..).zip(&owners) {
        let opened = world.open(owner, 1, outcome, 500 * UNIT, 450 * UNIT);
        opened.expect("a position");
    }
    let first = world.lender();
    world.withdraw(&first, 1).expect("a withdrawal");
    assert_eq!(world.pool_state().book.supply, LEAST_STAYING.0);
    world.close(&owners[0], 1).expect("a sale");
    world.repay(&owners[1], 1).expect("a repayment");
    let later = [world.trader(), world.trader()];
    for lender in &later {
        world.deposit(lender, 2, 2_500 * UNIT).expect("a deposit");
    }
    let book = world.pool_state().book;
    assert!(book.supply < 8 * LEAST_STAYING.0 && book.cash > 5_900 * UNIT);
    let borrower = world.trader();
    let opened = world.open(&borrower, 1, 0, 40 * UNIT, 20 * UNIT);
    opened.expect("a position");
    world.withdraw(&first, 1).expect("a withdrawal");
    for lender in &later {
        let before = world.markets.balance(lender.tokens);
        world.withdraw(lender, 2).expect("a withdrawal");
        let paid = world.markets.balance(lender.tokens) - before;
        println!("{paid} of 2,500 paid");
        // But for their part of what is lent, a 295th.
        assert!(paid > 2_500 * UNIT * 995 / 1_000, "{paid}");
    }
}
