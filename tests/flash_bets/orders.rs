//! Flash bets, orders that wait: bet delay, suspension, cancelling.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{
    addresses::flash_bets as addresses,
    instructions::{flash_bets::*, signed_by},
};
use flash_bets::{error::FlashError, state::PendingOrder};
use math::{Money, Shares};
use solana_signer::Signer;
use testbed::{ExpectError, FlashWorld, User};

const PURSE: u64 = 10_000_000_000;

/// A question with a delay of two seconds, or five slots, and four more seconds to execute, and a bettor who holds `held` shares
/// of each outcome.
fn delayed(held: u64) -> (FlashWorld, Pubkey, User) {
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000_000);
    let mut terms = flash.question(2);
    terms.freeze_seconds = 4;
    let market = flash.market(terms);
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
    let address = addresses::pending_order(&market, &user.address(), nonce);
    let pending: PendingOrder = flash.read(address);
    let placed_at = flash.chain().now().seconds();
    assert_eq!(
        [pending.executable_at, pending.executable_until],
        [placed_at + 2, placed_at + 6]
    );
    assert_eq!(pending.executable_slot, placed + 5);
    assert_eq!(flash.balance(user.tokens), PURSE - 1_000_000);
    assert_eq!(flash.market_state(market).escrow, 1_000_000);
    assert_eq!(flash.ticket(market, &user).holdings.shares, [0, 0]);

    flash.go_to(placed + 4);
    flash
        .execute(&user, market, nonce)
        .expect_refusal(FlashError::DelayNotPassed);
    flash.go_to(placed + 5);
    let state = flash.market_state(market);
    let quote =
        client::quotes::buy(&state, flash.chain().clock(), 0, Money(1_000_000)).expect("a quote");
    flash.execute(&user, market, nonce).expect("a bet");
    assert_eq!(
        flash.ticket(market, &user).holdings.shares,
        [quote.trade.shares.0, 0]
    );
    assert_eq!(flash.ticket(market, &user).holdings.cost_basis, 1_000_000);
    assert_eq!(flash.market_state(market).escrow, 0);
    assert_eq!(
        flash.chain().lamports(user.address()).expect("lamports"),
        lamports,
        "the order's rent goes back to its owner"
    );
    flash
        .execute(&user, market, nonce)
        .expect_refusal(FlashError::NothingExecuted);
}

#[test]
fn order_nobody_executed_in_time_goes_back() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).holdings.shares.clone();
    let purse = flash.balance(user.tokens);
    flash.place(&user, market, 0, 500_000).expect("an order");
    let buy = flash.nonce;
    flash.cash_out(&user, market, 1, held[1]).expect("an order");
    let sell = flash.nonce;
    assert_eq!(flash.ticket(market, &user).holdings.shares, [held[0], 0]);
    flash
        .cash_out(&user, market, 1, 1)
        .expect_refusal(FlashError::NotEnoughShares);

    let last = flash.chain().now().seconds() + 6;
    flash.pass_to(last + 1);
    let lapsed: Vec<_> = [buy, sell]
        .map(|nonce| flash.ended(&user, market, nonce))
        .to_vec();
    let execute = flash.build_execute_all(market, lapsed);
    flash
        .send(execute.instruction(), &[])
        .expect("what was put in goes back");
    assert_eq!(flash.balance(user.tokens), purse);
    assert_eq!(flash.ticket(market, &user).holdings.shares, held);
}

#[test]
fn sale_pays_the_price_of_its_execution() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).holdings.shares[0];
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
    let held = flash.ticket(market, &user).holdings.shares.clone();
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
    for nonce in [buy.buyer.nonce, sell.nonce, dust.nonce] {
        flash.execute(&user, market, nonce).expect("an end");
    }
    assert_eq!(flash.balance(user.tokens), purse);
    assert_eq!(flash.ticket(market, &user).holdings.shares, held);
    assert_eq!(*flash.market_state(market).pool, *pool);
}

#[test]
fn suspension_returns_what_was_placed_before_it() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).holdings.shares.clone();
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

    // It ends by itself after two seconds. What was placed before goes back all the same.
    flash.go_to(flash.chain().slot() + 5);
    flash.place(&user, market, 1, 2_000_000).expect("an order");
    let later = flash.nonce;
    for nonce in [buy, sell] {
        flash.execute(&user, market, nonce).expect("a return");
    }
    assert_eq!(flash.balance(user.tokens), purse - 2_000_000);
    assert_eq!(flash.ticket(market, &user).holdings.shares, held);
    flash.go_to(flash.chain().slot() + 5);
    flash.execute(&user, market, later).expect("a bet");
    assert!(flash.ticket(market, &user).holdings.shares[1] > held[1]);
}

#[test]
fn suspensions_of_a_market_are_bounded_together() {
    let (mut flash, market, _) = delayed(0);
    let left = |flash: &FlashWorld| flash.market_state(market).suspension_left_seconds;
    // Half of 56 seconds of trading.
    assert_eq!(left(&flash), 28);
    for seconds in [0, 29, u32::MAX] {
        flash
            .suspend(market, seconds)
            .expect_refusal(FlashError::SuspensionOutOfRange);
    }
    flash
        .resume(market)
        .expect_refusal(FlashError::MarketNotSuspended);
    flash.suspend(market, 20).expect("a suspension");
    flash.pass_to(flash.chain().now().seconds() + 8);
    flash.resume(market).expect("an end");
    assert_eq!(left(&flash), 20);
    flash.suspend(market, 20).expect("all that is left");
    flash.pass_to(flash.chain().now().seconds() + 20);
    flash
        .suspend(market, 1)
        .expect_refusal(FlashError::SuspensionOutOfRange);
    flash
        .resume(market)
        .expect_refusal(FlashError::MarketNotSuspended);
}

/// One suspension returns every order that waits, however short it is: a last look at what the
/// operator's friends have bet. Each costs the six seconds in which an order waits and can be executed,
/// so that four are all there are in this market, where one slot each would have made 70.
#[test]
fn last_look_costs_delay_and_execution_each_time() {
    let (mut flash, market, user) = delayed(0);
    let mut looks = 0;
    loop {
        flash
            .place(&user, market, 0, 1_000_000_000)
            .expect("an order of a friend");
        let nonce = flash.nonce;
        if flash.suspend(market, 1).is_err() {
            break;
        }
        flash.resume(market).expect("an end in the same second");
        looks += 1;
        flash.go_to(flash.chain().slot() + 5);
        flash.execute(&user, market, nonce).expect("a return");
        assert_eq!(flash.balance(user.tokens), PURSE);
    }
    assert_eq!(looks, 4);
    assert_eq!(flash.market_state(market).suspension_left_seconds, 4);
    // The order that the operator would take back now stands.
    flash.go_to(flash.chain().slot() + 5);
    let nonce = flash.nonce;
    flash.execute(&user, market, nonce).expect("a bet");
    assert_eq!(flash.balance(user.tokens), PURSE - 1_000_000_000);
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
    let held = flash.ticket(market, &user).holdings.shares[0];
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
    assert_eq!(flash.ticket(market, &user).holdings.shares[0], 0);
    // An order to sell may still be placed, one to bet may not.
    flash.cash_out(&user, market, 1, 1_000).expect("an order");
    flash
        .place(&user, market, 1, 1_000)
        .expect_refusal(FlashError::Paused);
}

#[test]
fn order_has_all_its_time_before_the_freeze() {
    let (mut flash, market, user) = delayed(0);
    let freeze = flash.market_state(market).hours.trading_until;
    flash.go_to_second(freeze - 7);
    flash.place(&user, market, 0, 1_000_000).expect("just so");
    let executed = flash.nonce;
    flash.place(&user, market, 0, 1_000_000).expect("just so");
    let lapsed = flash.nonce;
    flash.go_to_second(freeze - 6);
    flash
        .place(&user, market, 0, 1_000_000)
        .expect_refusal(FlashError::DelayPastFreeze);
    flash.pass_to(freeze - 1);
    flash.go_to(flash.chain().slot() + 2);
    flash.execute(&user, market, executed).expect("a bet");
    assert_eq!(flash.balance(user.tokens), PURSE - 2_000_000);
    flash.pass_to(freeze);
    flash.execute(&user, market, lapsed).expect("a return");
    assert_eq!(flash.balance(user.tokens), PURSE - 1_000_000);
}

/// The delay must have passed in slots and in seconds: on a cluster whose slots are shorter than the
/// vault knows, and on one whose clock runs ahead.
#[test]
fn delay_passes_in_slots_and_in_seconds() {
    for (slots, milliseconds) in [(100, 1_000), (4, 3_000)] {
        let (mut flash, market, user) = delayed(0);
        flash.place(&user, market, 0, 1_000_000).expect("an order");
        let nonce = flash.nonce;
        flash.world.chain.advance(slots, milliseconds);
        flash
            .execute(&user, market, nonce)
            .expect_refusal(FlashError::DelayNotPassed);
        flash.world.chain.advance(1, 1_000);
        flash.execute(&user, market, nonce).expect("a bet");
    }
}

/// The tip is whoever's who executes; the rent goes back to who paid it; and a purchase of exact shares
/// gets back what they did not cost.
#[test]
fn keeper_executes_several_orders_for_their_tips() {
    let (mut flash, market, user) = delayed(0);
    let payer = flash.user(PURSE);
    let friend = flash.user(0);
    let mut open = flash.build_ticket(&friend, market);
    open.rent_payer = payer.address();
    flash
        .send(open.instruction(), &[&payer.key])
        .expect("a ticket");
    let lamports = |flash: &FlashWorld, of| flash.chain().lamports(of).expect("lamports");
    let of_payer = lamports(&flash, payer.address());

    let mut bet = flash.build_bet(&user, market, 0, 1_000_000);
    bet.buyer.order_rent_payer = Some(payer.address());
    bet.args.tip_lamports = 5_000;
    flash
        .send(bet.instruction(), &[&user.key, &payer.key])
        .expect("an order");
    let first = flash.ended(&user, market, flash.nonce);
    let mut buy = flash.build_buy_shares(&payer, market, 1, [1_000_000, 900_000]);
    buy.buyer.owner = friend.address();
    buy.args.tip_lamports = 7_000;
    flash
        .send(buy.instruction(), &[&payer.key])
        .expect("an order for a friend");
    let second = flash.ended(&payer, market, flash.nonce);
    assert_eq!(second.owner, friend.address());
    assert_eq!(flash.market_state(market).escrow, 1_900_000);

    flash.go_to(flash.chain().slot() + 5);
    let executor = flash.treasury.pubkey();
    let before = lamports(&flash, executor);
    let execute = flash.build_execute_all(market, vec![first, second, first]);
    flash.send(execute.instruction(), &[]).expect("two orders");
    assert_eq!(lamports(&flash, executor), before + 12_000);
    assert_eq!(lamports(&flash, payer.address()), of_payer - 12_000);
    assert!(flash.ticket(market, &user).holdings.shares[0] > 1_000_000);
    let ticket = flash.ticket(market, &friend);
    assert_eq!(ticket.holdings.shares[1], 1_000_000);
    let amount = PURSE - flash.balance(payer.tokens);
    assert!((500_000..520_000).contains(&amount), "{amount}");
    assert_eq!(
        ticket.holdings.cost_basis,
        i64::try_from(amount).expect("small")
    );
    assert_eq!(flash.market_state(market).escrow, 0);
}

/// Whoever holds a proof must not bet on what it shows: once the observation is there, what waits goes
/// back, whichever side it is on.
#[test]
fn nothing_is_executed_once_the_observation_exists() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).holdings.shares.clone();
    let purse = flash.balance(user.tokens);
    flash
        .place(&user, market, 0, 1_000_000_000)
        .expect("an order on what will be proven");
    let buy = flash.nonce;
    flash.cash_out(&user, market, 1, held[1]).expect("an order");
    let sell = flash.nonce;
    flash.go_to(flash.chain().slot() + 5);
    let observation = flash.observe(market, 0);
    for nonce in [buy, sell] {
        flash.execute(&user, market, nonce).expect("a return");
    }
    assert_eq!(flash.balance(user.tokens), purse);
    assert_eq!(flash.ticket(market, &user).holdings.shares, held);
    flash.resolve_on(market, observation).expect("a resolution");
    flash.settle(market, &[&user]).expect("a settlement");
    assert_eq!(flash.balance(user.tokens), purse + held[0]);
}

/// Bet, verify, resolve and be paid in one transaction took 686 of 693 where a market could resolve
/// before its lock without a delay.
#[test]
fn market_that_may_resolve_early_has_a_delay() {
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000_000);
    let event_book = flash.create_event_book();
    for (delay_ms, execution_seconds) in [(0, 0), (999, 1)] {
        let mut terms = flash.question(2);
        terms.delay_ms = delay_ms;
        terms.execution_seconds = execution_seconds;
        flash
            .try_market(event_book, terms)
            .expect_refusal(FlashError::DelayNeeded);
    }
    // A market on what is observed after trading needs none, and cannot resolve before.
    let terms = flash.terms(2);
    let observe_at_ms = terms.observe_at_ms;
    let market = flash.market_on(event_book, terms);
    let user = flash.user(PURSE);
    let trading_until = flash.market_state(market).hours.trading_until;
    flash.go_to_second(trading_until - 1);
    // The oracle takes what is observed up to some seconds ahead of the cluster's clock.
    flash
        .open_and_place(&user, market, 0, 1_000_000)
        .expect("a bet");
    let observation = flash.observe_at(market, observe_at_ms, 0);
    flash
        .resolve_on(market, observation)
        .expect_refusal(FlashError::TradingNotOver);
    flash.go_to_second(trading_until);
    flash.resolve_on(market, observation).expect("a resolution");
}

#[test]
fn resolution_returns_the_orders_that_wait() {
    let (mut flash, market, user) = delayed(1_000_000);
    let held = flash.ticket(market, &user).holdings.shares.clone();
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
    flash.execute(&user, market, third).expect("a return");
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
    bet.buyer.order_rent_payer = None;
    flash
        .send(bet.instruction(), &[&user.key])
        .expect_refusal(FlashError::DelayRequired);
    let mut sale = flash.build_cash_out(&user, market, 0, 1_000);
    sale.order_rent_payer = None;
    flash
        .send(sale.instruction(), &[&user.key])
        .expect_refusal(FlashError::DelayRequired);
    // An order account without the program that creates it.
    bet.buyer.order_rent_payer = Some(user.address());
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
    let address = addresses::pending_order(&market, &user.address(), bet.buyer.nonce);
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
    execute.orders[0].placer_tokens = thief.tokens;
    flash
        .send(execute.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    // The market's own account neither: the stake would be anybody's.
    execute.orders[0].placer_tokens = addresses::market_tokens(&market);
    flash
        .send(execute.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    let mut instruction = flash.build_execute(&user, market, nonce).instruction();
    // Rent to the thief.
    let last = instruction.accounts.len() - 1;
    instruction.accounts[last].pubkey = thief.address();
    flash
        .send(instruction, &[])
        .expect_refusal(FlashError::WrongRentReceiver);
    // Another token account of the owner will do if he signs.
    let other = flash.token_account(user.address(), 0);
    execute.orders[0].placer_tokens = other;
    let execute = execute.instruction();
    flash
        .send(execute.clone(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    flash
        .send(signed_by(execute, &user.address()), &[&user.key])
        .expect("a return");
    assert_eq!(flash.balance(other), 1_000_000);
}

/// Orders that strangers place on somebody's ticket held up its settlement until each was ended, which
/// took a token account of each placer. Now the owner is paid at once, and everybody gets back what he
/// put in, to the lamport but for the tip, after the ticket is gone.
#[test]
fn strangers_orders_hold_up_no_settlement() {
    const TIP: u64 = 1_000;
    let (mut flash, market, owner) = delayed(1_000_000);
    let held = flash.ticket(market, &owner).holdings.shares.clone();
    let purse = flash.balance(owner.tokens);
    let lamports = |flash: &FlashWorld, of| flash.chain().lamports(of).expect("lamports");
    let of_owner = lamports(&flash, owner.address());
    let ticket = addresses::ticket(&market, &owner.address());
    let rent = lamports(&flash, ticket);
    let mut strangers = Vec::new();
    for number in 0..20u8 {
        let stranger = flash.user(1_000_000);
        let before = lamports(&flash, stranger.address());
        let mut bet = flash.build_bet(&stranger, market, number % 2, 1_000_000);
        bet.buyer.owner = owner.address();
        bet.args.tip_lamports = TIP;
        flash
            .send(bet.instruction(), &[&stranger.key])
            .expect("an order");
        strangers.push((
            flash.ended(&stranger, market, flash.nonce),
            stranger,
            before,
        ));
    }
    assert_eq!(flash.market_state(market).escrow, 20_000_000);
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&owner]).expect("at once");
    assert_eq!(flash.balance(owner.tokens), purse + held[0]);
    assert_eq!(lamports(&flash, owner.address()), of_owner + rent);
    assert_eq!(flash.see(ticket), None);
    flash.release(market).expect("a release");
    flash
        .close(market)
        .expect_refusal(FlashError::OrdersPending);

    // Not with another account in the ticket's place, however empty.
    let mut wrong = flash
        .build_execute_all(market, vec![strangers[0].0])
        .instruction();
    let place = wrong.accounts.len() - 4;
    assert_eq!(wrong.accounts[place].pubkey, ticket);
    wrong.accounts[place].pubkey = Pubkey::new_unique();
    flash
        .send(wrong, &[])
        .expect_refusal(FlashError::WrongAccount);
    let executor = flash.treasury.pubkey();
    let tips = lamports(&flash, executor);
    for some in strangers.chunks(4) {
        let orders = some.iter().map(|(order, ..)| *order).collect();
        let execute = flash.build_execute_all(market, orders);
        flash.send(execute.instruction(), &[]).expect("returns");
    }
    for (_, stranger, before) in &strangers {
        assert_eq!(flash.balance(stranger.tokens), 1_000_000);
        assert_eq!(lamports(&flash, stranger.address()), before - TIP);
    }
    assert_eq!(lamports(&flash, executor), tips + 20 * TIP);
    assert_eq!(flash.market_state(market).escrow, 0);
    flash.close(market).expect("a closing");
}

/// A placer who ends his order just before a batch and places another under the same nonce, for
/// another ticket and from another payer of rent, does not stop it: his is left, the others are done.
#[test]
fn replaced_order_holds_up_no_batch() {
    let (mut flash, market, hostile) = delayed(0);
    let honest = flash.user(1_000_000);
    let payer = flash.user(0);
    flash.open_ticket(&honest, market).expect("a ticket");
    flash
        .place(&hostile, market, 0, 1_000_000)
        .expect("an order");
    let nonce = flash.nonce;
    let replaced = flash.ended(&hostile, market, nonce);
    flash
        .place(&honest, market, 1, 1_000_000)
        .expect("an order");
    let other = flash.ended(&honest, market, flash.nonce);
    flash.go_to(flash.chain().slot() + 5);
    flash.execute(&hostile, market, nonce).expect("a bet");
    let spent = flash.balance(hostile.tokens);
    let mut again = flash.build_bet(&hostile, market, 1, 2_000_000);
    again.buyer.nonce = nonce;
    again.buyer.owner = honest.address();
    again.buyer.order_rent_payer = Some(payer.address());
    flash
        .send(again.instruction(), &[&hostile.key, &payer.key])
        .expect("another order");

    let batch = flash.build_execute_all(market, vec![replaced, other]);
    flash.send(batch.instruction(), &[]).expect("the other one");
    assert_eq!(flash.balance(honest.tokens), 0);
    assert!(flash.ticket(market, &honest).holdings.shares[1] > 1_000_000);
    assert_eq!(flash.balance(hostile.tokens), spent - 2_000_000);
    assert_eq!(flash.market_state(market).escrow, 2_000_000);
    // Alone it is refused, and says why.
    let batch = flash.build_execute_all(market, vec![replaced]);
    flash
        .send(batch.instruction(), &[])
        .expect_refusal(FlashError::WrongRentReceiver);
    // Nor do accounts that are none of an order.
    let mut strange = flash
        .build_execute_all(market, vec![replaced])
        .instruction();
    let place = strange.accounts.len() - 5;
    strange.accounts[place].pubkey = market;
    flash
        .send(strange, &[])
        .expect_refusal(FlashError::WrongAccount);
}
