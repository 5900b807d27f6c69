//! Flash bets, orders that wait: bet delay, suspension, cancelling.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{
    addresses::flash_bets as addresses,
    instructions::{flash_bets::*, signed_by},
};
use flash_bets::{error::FlashError, state::PendingBet};
use math::{Money, Shares};
use solana_signer::Signer;
use testbed::{ExpectError, FlashWorld, User};

const PURSE: u64 = 10_000_000_000;

/// A market with a delay of five slots and ten more to execute, and a bettor who holds `held` shares
/// of each outcome.
fn delayed(held: u64) -> (FlashWorld, Pubkey, User) {
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000_000);
    let mut args = flash.terms(2);
    args.delay = 2_000;
    args.execution = 4_000;
    args.freeze = 4_000;
    let market = flash.market(args);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    if held > 0 {
        for outcome in [0, 1] {
            flash.place(&user, market, outcome, held).expect("an order");
            let nonce = flash.nonce;
            flash.go_to(flash.chain().slot() + 5);
            flash.execute(&user, market, nonce).expect("a bet");
        }
    }
    (flash, market, user)
}

#[test]
fn order_executes_in_its_slots_and_only_once() {
    let (mut flash, market, user) = delayed(0);
    let placed = flash.chain().slot();
    let lamports = flash.chain().lamports(user.address()).expect("lamports");
    flash.place(&user, market, 0, 1_000_000).expect("an order");
    let nonce = flash.nonce;
    let address = addresses::pending(&market, &user.address(), nonce);
    let pending: PendingBet = flash.read(address);
    assert_eq!(
        (pending.executable_slot, pending.last_slot),
        (placed + 5, placed + 15)
    );
    assert_eq!(flash.balance(user.tokens), PURSE - 1_000_000);
    assert_eq!(flash.market_state(market).escrow, 1_000_000);
    assert_eq!(flash.ticket(market, &user).shares, [0, 0]);

    flash.go_to(placed + 4);
    flash
        .execute(&user, market, nonce)
        .expect_refusal(FlashError::DelayNotPassed);
    flash
        .cancel(&user, market, nonce)
        .expect_refusal(FlashError::ExecutionPossible);
    flash.go_to(placed + 5);
    let state = flash.market_state(market);
    let quote =
        client::quotes::buy(&state, flash.chain().clock(), 0, Money(1_000_000)).expect("a quote");
    flash.execute(&user, market, nonce).expect("a bet");
    assert_eq!(
        flash.ticket(market, &user).shares,
        [quote.trade.shares.0, 0]
    );
    assert_eq!(flash.ticket(market, &user).cost_basis, 1_000_000);
    assert_eq!(flash.market_state(market).escrow, 0);
    assert_eq!(
        flash.chain().lamports(user.address()).expect("lamports"),
        lamports,
        "the order's rent goes back to its owner"
    );
    flash
        .execute(&user, market, nonce)
        .expect_refusal(ErrorCode::AccountNotInitialized);
    flash
        .cancel(&user, market, nonce)
        .expect_refusal(ErrorCode::AccountNotInitialized);
}

#[test]
fn order_nobody_executed_in_time_goes_back() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).shares.clone();
    let purse = flash.balance(user.tokens);
    let placed = flash.chain().slot();
    flash.place(&user, market, 0, 500_000).expect("an order");
    let buy = flash.nonce;
    flash.cash_out(&user, market, 1, held[1]).expect("an order");
    let sell = flash.nonce;
    assert_eq!(flash.ticket(market, &user).shares, [held[0], 0]);
    flash
        .cash_out(&user, market, 1, 1)
        .expect_refusal(FlashError::NotEnoughShares);

    flash.go_to(placed + 15);
    for nonce in [buy, sell] {
        flash
            .cancel(&user, market, nonce)
            .expect_refusal(FlashError::ExecutionPossible);
    }
    flash.go_to(placed + 16);
    for nonce in [buy, sell] {
        flash
            .execute(&user, market, nonce)
            .expect_refusal(FlashError::ExecutionOver);
        flash.cancel(&user, market, nonce).expect("a cancellation");
    }
    assert_eq!(flash.balance(user.tokens), purse);
    assert_eq!(flash.ticket(market, &user).shares, held);
}

#[test]
fn sale_pays_the_price_of_its_execution() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).shares[0];
    let purse = flash.balance(user.tokens);
    flash.cash_out(&user, market, 0, held).expect("an order");
    let sell = flash.nonce;
    // The price moves while the order waits.
    let other = flash.user(PURSE);
    flash.open_ticket(&other, market).expect("a ticket");
    flash
        .place(&other, market, 0, 300_000_000)
        .expect("an order");
    let buy = flash.nonce;
    let due = flash.chain().slot() + 5;
    flash.go_to(due);
    flash.execute(&other, market, buy).expect("a bet");
    let state = flash.market_state(market);
    let trade = client::quotes::sell(&state, flash.chain().clock(), 0, Shares(held))
        .expect("a quote")
        .trade;
    flash.execute(&user, market, sell).expect("a sale");
    assert_eq!(
        flash.balance(user.tokens),
        purse + trade.cost.0 - trade.fee.0
    );
}

#[test]
fn order_outside_its_bound_goes_back() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).shares.clone();
    let purse = flash.balance(user.tokens);
    let mut buy = flash.build_bet(&user, market, 0, 1_000_000);
    buy.args.min_shares = 3_000_000;
    flash
        .send(buy.instruction(), &[&user.key])
        .expect("an order");
    let mut sell = flash.build_cash_out(&user, market, 0, 1_000);
    sell.args.min_return = 1_000;
    flash
        .send(sell.instruction(), &[&user.key])
        .expect("an order");
    let mut dust = flash.build_cash_out(&user, market, 0, 1);
    dust.args.min_return = 0;
    flash
        .send(dust.instruction(), &[&user.key])
        .expect("an order");
    flash.go_to(flash.chain().slot() + 5);
    let pool = flash.market_state(market).pool;
    for nonce in [buy.args.nonce, sell.args.nonce, dust.args.nonce] {
        flash.execute(&user, market, nonce).expect("an end");
    }
    assert_eq!(flash.balance(user.tokens), purse);
    assert_eq!(flash.ticket(market, &user).shares, held);
    assert_eq!(flash.market_state(market).pool, pool);
}

#[test]
fn suspension_returns_what_was_placed_before_it() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).shares.clone();
    let purse = flash.balance(user.tokens);
    flash.place(&user, market, 0, 1_000_000).expect("an order");
    let buy = flash.nonce;
    flash.cash_out(&user, market, 0, 1_000).expect("an order");
    let sell = flash.nonce;
    flash.suspend(market, 2).expect("a suspension");
    flash
        .place(&user, market, 0, 1_000_000)
        .expect_refusal(FlashError::MarketSuspended);
    flash
        .cash_out(&user, market, 0, 1_000)
        .expect_refusal(FlashError::MarketSuspended);
    flash
        .suspend(market, 1)
        .expect_refusal(FlashError::MarketSuspended);

    // It ends by itself after two slots. What was placed before goes back all the same.
    flash.go_to(flash.chain().slot() + 2);
    flash.place(&user, market, 1, 2_000_000).expect("an order");
    let later = flash.nonce;
    flash.go_to(flash.chain().slot() + 3);
    for nonce in [buy, sell] {
        flash.execute(&user, market, nonce).expect("a return");
    }
    assert_eq!(flash.balance(user.tokens), purse - 2_000_000);
    assert_eq!(flash.ticket(market, &user).shares, held);
    flash.go_to(flash.chain().slot() + 2);
    flash.execute(&user, market, later).expect("a bet");
    assert!(flash.ticket(market, &user).shares[1] > held[1]);
}

#[test]
fn suspensions_of_a_market_are_bounded_together() {
    let (mut flash, market, _) = delayed(0);
    let budget = flash.market_state(market).suspension_left;
    assert_eq!(budget, 70);
    for slots in [0, budget + 1, u64::MAX] {
        flash
            .suspend(market, slots)
            .expect_refusal(FlashError::SuspensionOutOfRange);
    }
    flash
        .resume(market)
        .expect_refusal(FlashError::MarketNotSuspended);
    flash.suspend(market, 50).expect("a suspension");
    flash.go_to(flash.chain().slot() + 10);
    flash.resume(market).expect("an end");
    assert_eq!(flash.market_state(market).suspension_left, budget - 10);

    // Each suspension costs a slot at least: returning all orders is never free.
    flash.suspend(market, 1).expect("a suspension");
    flash.resume(market).expect("an end in the same slot");
    assert_eq!(flash.market_state(market).suspension_left, budget - 11);
    flash.suspend(market, 59).expect("all that is left");
    flash.go_to(flash.chain().slot() + 59);
    flash
        .suspend(market, 1)
        .expect_refusal(FlashError::SuspensionOutOfRange);
    flash
        .resume(market)
        .expect_refusal(FlashError::MarketNotSuspended);
}

#[test]
fn only_the_operator_suspends() {
    let (mut flash, market, user) = delayed(0);
    let mut suspend = flash.build_suspend(market, 1);
    suspend.operator = user.address();
    flash
        .send(suspend.instruction(), &[&user.key])
        .expect_refusal(FlashError::NotOperator);
    let admin = flash.world.admin.insecure_clone();
    suspend.operator = admin.pubkey();
    flash
        .send(suspend.instruction(), &[&admin])
        .expect_refusal(FlashError::NotOperator);
    flash.suspend(market, 5).expect("a suspension");
    let mut resume = flash.build_resume(market);
    resume.operator = user.address();
    flash
        .send(resume.instruction(), &[&user.key])
        .expect_refusal(FlashError::NotOperator);
}

#[test]
fn pause_returns_bets_and_lets_sales_through() {
    let (mut flash, market, user) = delayed(1_000_000);
    let purse = flash.balance(user.tokens);
    let held = flash.ticket(market, &user).shares[0];
    flash.place(&user, market, 0, 1_000_000).expect("an order");
    let buy = flash.nonce;
    flash.cash_out(&user, market, 0, held).expect("an order");
    let sell = flash.nonce;
    let guardian = flash.world.guardian.insecure_clone();
    let pause = Pause {
        authority: guardian.pubkey(),
        vault: flash.vault,
    };
    flash
        .send(pause.instruction(), &[&guardian])
        .expect("a pause");
    flash.go_to(flash.chain().slot() + 5);
    flash.execute(&user, market, buy).expect("a return");
    assert_eq!(flash.balance(user.tokens), purse);
    flash.execute(&user, market, sell).expect("a sale");
    assert!(flash.balance(user.tokens) > purse);
    assert_eq!(flash.ticket(market, &user).shares[0], 0);
    // An order to sell may still be placed, one to bet may not.
    flash.cash_out(&user, market, 1, 1_000).expect("an order");
    flash
        .place(&user, market, 1, 1_000)
        .expect_refusal(FlashError::VaultPaused);
}

#[test]
fn order_has_all_its_time_before_the_freeze() {
    let (mut flash, market, user) = delayed(0);
    let freeze = flash.market_state(market).freeze_slot;
    flash.go_to(freeze - 16);
    flash.place(&user, market, 0, 1_000_000).expect("just so");
    let nonce = flash.nonce;
    flash.go_to(freeze - 15);
    flash
        .place(&user, market, 0, 1_000_000)
        .expect_refusal(FlashError::DelayPastFreeze);
    flash.go_to(freeze - 1);
    flash.execute(&user, market, nonce).expect("a bet");
    assert_eq!(flash.balance(user.tokens), PURSE - 1_000_000);
}

#[test]
fn order_that_nobody_executed_goes_back_after_trading() {
    let (mut flash, market, user) = delayed(0);
    let freeze = flash.market_state(market).freeze_slot;
    flash.go_to(freeze - 16);
    flash.place(&user, market, 0, 1_000_000).expect("an order");
    let nonce = flash.nonce;
    flash.go_to(freeze - 1);
    flash
        .cancel(&user, market, nonce)
        .expect_refusal(FlashError::ExecutionPossible);
    flash.go_to(freeze);
    flash
        .execute(&user, market, nonce)
        .expect_refusal(FlashError::ExecutionOver);
    flash.cancel(&user, market, nonce).expect("a cancellation");
    assert_eq!(flash.balance(user.tokens), PURSE);
}

#[test]
fn resolution_returns_the_orders_that_wait() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).shares.clone();
    let purse = flash.balance(user.tokens);
    flash.place(&user, market, 0, 1_000_000).expect("an order");
    let buy = flash.nonce;
    flash.cash_out(&user, market, 0, held[0]).expect("an order");
    let sell = flash.nonce;
    flash.place(&user, market, 1, 1_000_000).expect("an order");
    let third = flash.nonce;
    flash.resolve(market, 0).expect("before the lock");
    flash
        .settle(market, &[&user])
        .expect_refusal(FlashError::NothingSettled);
    // A release does not touch what orders wait for.
    flash.release(market).expect("a release");
    flash.close(market).expect_refusal(FlashError::TicketsOpen);
    flash.cancel(&user, market, third).expect("a cancellation");
    flash.go_to(flash.chain().slot() + 5);
    flash.execute(&user, market, buy).expect("a return");
    flash.execute(&user, market, sell).expect("a return");
    assert_eq!(flash.balance(user.tokens), purse);
    flash.settle(market, &[&user]).expect("a settlement");
    assert_eq!(flash.balance(user.tokens), purse + held[0]);
    flash.close(market).expect("a closing");
}

#[test]
fn market_with_delay_takes_no_bet_at_once() {
    let (mut flash, market, user) = delayed(1_000_000);
    let mut bet = flash.build_bet(&user, market, 0, 1_000);
    bet.is_delayed = false;
    flash
        .send(bet.instruction(), &[&user.key])
        .expect_refusal(FlashError::DelayRequired);
    let mut sale = flash.build_cash_out(&user, market, 0, 1_000);
    sale.is_delayed = false;
    flash
        .send(sale.instruction(), &[&user.key])
        .expect_refusal(FlashError::DelayRequired);
    // An order account without the program that creates it.
    bet.is_delayed = true;
    let mut instruction = bet.instruction();
    let last = instruction.accounts.len() - 1;
    instruction.accounts[last].pubkey = flash_bets::ID;
    flash
        .send(instruction, &[&user.key])
        .expect_refusal(ErrorCode::ConstraintAccountIsNone);
    // An order that names no outcome.
    flash
        .place(&user, market, 2, 1_000)
        .expect_refusal(FlashError::OutcomeOutOfRange);
    // The same nonce twice, and lamports waiting at the address.
    let bet = flash.build_bet(&user, market, 0, 1_000);
    let address = addresses::pending(&market, &user.address(), bet.args.nonce);
    flash.world.chain.airdrop(address, 1_000_000).expect("some");
    flash
        .send(bet.instruction(), &[&user.key])
        .expect("an order");
    flash
        .send(bet.instruction(), &[&user.key])
        .expect_refusal("AccountAlreadyInUse");
}

#[test]
fn return_goes_to_the_owner_alone() {
    let (mut flash, market, user) = delayed(0);
    let thief = flash.user(0);
    flash.place(&user, market, 0, 1_000_000).expect("an order");
    let nonce = flash.nonce;
    flash.suspend(market, 1).expect("a suspension");
    flash.go_to(flash.chain().slot() + 5);
    let mut execute = flash.build_execute(&user, market, nonce);
    execute.owner_tokens = thief.tokens;
    flash
        .send(execute.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    // The market's own account neither: the stake would be anybody's.
    execute.owner_tokens = addresses::market_tokens(&market);
    flash
        .send(execute.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    let mut instruction = flash.build_execute(&user, market, nonce).instruction();
    // Rent to the thief.
    instruction.accounts[4].pubkey = thief.address();
    flash
        .send(instruction, &[])
        .expect_refusal(FlashError::WrongAccount);
    // Another token account of the owner will do if he signs.
    let other = flash.token_account(user.address(), 0);
    execute.owner_tokens = other;
    let execute = execute.instruction();
    flash
        .send(execute.clone(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    flash
        .send(signed_by(execute, &user.address()), &[&user.key])
        .expect("a return");
    assert_eq!(flash.balance(other), 1_000_000);
}

/// Feeds and deadlines go by the second. A cluster whose slots take longer than planned must not let
/// anybody trade on after it.
#[test]
fn trading_ends_by_the_second_too() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).shares.clone();
    let state = flash.market_state(market);
    assert!(state.trading_until <= state.void_from - 60);
    flash.place(&user, market, 0, 1_000_000).expect("an order");
    let (nonce, purse) = (flash.nonce, flash.balance(user.tokens));
    flash.go_to(flash.chain().slot() + 5);

    flash.go_to_second(state.trading_until - 1);
    flash.place(&user, market, 0, 1_000_000).expect("in time");
    flash.go_to_second(state.trading_until);
    assert!(flash.chain().slot() < state.freeze_slot - 20);
    flash
        .place(&user, market, 0, 1_000_000)
        .expect_refusal(FlashError::TradingOver);
    flash
        .cash_out(&user, market, 0, held[0])
        .expect_refusal(FlashError::TradingOver);
    let state = flash.market_state(market);
    client::quotes::buy(&state, flash.chain().clock(), 0, Money(1_000_000))
        .expect_err("trading is over");
    flash.execute(&user, market, nonce).expect("a return");
    assert_eq!(flash.balance(user.tokens), purse);
    assert_eq!(flash.ticket(market, &user).shares, held);
    flash
        .void(market)
        .expect_refusal(FlashError::DeadlineNotPassed);
}
