//! Flash bets, receipts: pending orders that stay when they end, for the programs that placed them.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::{
    error::FlashError,
    state::{OrderResult, PendingOrder, Receipt},
};
use testbed::{ExpectError, FlashWorld, User};

const PURSE: u64 = 10_000_000_000;
const STAKE: u64 = 1_000_000;

/// A question with a bet delay, and a bettor with a ticket and shares of the first outcome.
fn start() -> (FlashWorld, Pubkey, User) {
    let (mut flash, _) = FlashWorld::with_liquidity(1_000_000_000_000);
    let mut terms = flash.question(2);
    terms.freeze_seconds = 4;
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, STAKE).expect("a bet");
    pass_delay(&mut flash);
    let nonce = flash.nonce;
    flash.execute(&user, market, nonce).expect("a bet");
    (flash, market, user)
}

fn pass_delay(flash: &mut FlashWorld) {
    flash.go_to(flash.chain().slot() + 5);
}

/// Of the user's last order, whose rent he paid.
fn keep(flash: &FlashWorld, market: Pubkey, user: &User) -> KeepReceipt {
    KeepReceipt {
        placer: user.address(),
        rent_payer: user.address(),
        market,
        nonce: flash.nonce,
    }
}

fn close(flash: &FlashWorld, market: Pubkey, user: &User) -> CloseReceipt {
    CloseReceipt {
        placer: user.address(),
        rent_payer: user.address(),
        market,
        nonce: flash.nonce,
    }
}

fn pending(flash: &FlashWorld, market: Pubkey, user: &User) -> PendingOrder {
    flash.read(addresses::pending_order(
        &market,
        &user.address(),
        flash.nonce,
    ))
}

#[test]
fn receipt_says_how_the_order_ended_and_holds_its_rent() {
    type End = fn(&mut FlashWorld, Pubkey);
    let bet: fn(&mut FlashWorld, &User, Pubkey) = |flash, user, market| {
        flash.place(user, market, 0, STAKE).expect("a bet");
    };
    let sale: fn(&mut FlashWorld, &User, Pubkey) = |flash, user, market| {
        flash.cash_out(user, market, 0, STAKE).expect("a sale");
    };
    let suspended: End = |flash, market| {
        flash.suspend(market, 1).expect("a suspension");
    };
    let late: End = |flash, _| flash.go_to(flash.chain().slot() + 30);
    let executed: End = |_, _| {};
    for order in [bet, sale] {
        for (end, result) in [
            (executed, None),
            (suspended, Some(OrderResult::Returned)),
            (late, Some(OrderResult::Lapsed)),
        ] {
            let (mut flash, market, user) = start();
            let lamports = flash.chain().lamports(user.address()).expect("lamports");
            let had = (
                flash.balance(user.tokens),
                flash.ticket(market, &user).holdings.shares[0],
            );
            order(&mut flash, &user, market);
            let is_sale = pending(&flash, market, &user).order.is_sale();
            let asked = keep(&flash, market, &user).instruction();
            flash.send(asked, &[&user.key]).expect("a receipt");
            assert_eq!(pending(&flash, market, &user).receipt, Receipt::Asked);
            let early = close(&flash, market, &user).instruction();
            flash
                .send(early, &[&user.key])
                .expect_refusal(FlashError::OrderNotEnded);
            end(&mut flash, market);
            pass_delay(&mut flash);
            let nonce = flash.nonce;
            flash.execute(&user, market, nonce).expect("an end");
            let has = (
                flash.balance(user.tokens),
                flash.ticket(market, &user).holdings.shares[0],
            );
            let kept = pending(&flash, market, &user).kept().expect("a receipt");
            match (result, is_sale, kept) {
                (Some(result), ..) => {
                    assert_eq!(kept, result);
                    assert_eq!(has, had);
                }
                (None, false, OrderResult::Bought { shares, amount, .. }) => {
                    assert_eq!(has, (had.0 - amount, had.1 + shares));
                }
                (None, true, OrderResult::Sold { amount, .. }) => {
                    assert_eq!(has, (had.0 + amount, had.1 - STAKE));
                }
                other => panic!("{other:?}"),
            }
            // It is no order any more.
            let state = flash.market_state(market);
            assert_eq!((state.pending_orders, state.escrow), (0, 0));
            flash
                .execute(&user, market, nonce)
                .expect_refusal(FlashError::NothingExecuted);
            let again = keep(&flash, market, &user).instruction();
            flash
                .send(again, &[&user.key])
                .expect_refusal(FlashError::OrderEnded);
            let closing = close(&flash, market, &user).instruction();
            flash.send(closing, &[&user.key]).expect("a closing");
            let after = flash.chain().lamports(user.address()).expect("lamports");
            assert_eq!(after, lamports);
        }
    }
}

/// Who paid the rent waits longer for it, so that the placer alone does not ask; and nobody else closes one.
#[test]
fn placer_and_rent_payer_ask_and_the_placer_closes() {
    let (mut flash, market, user) = start();
    let sponsor = flash.user(0);
    let mut bet = flash.build_bet(&user, market, 0, STAKE);
    bet.buyer.order_rent_payer = Some(sponsor.address());
    let placed = flash.send(bet.instruction(), &[&user.key, &sponsor.key]);
    placed.expect("a bet");
    let asked = KeepReceipt {
        rent_payer: sponsor.address(),
        ..keep(&flash, market, &user)
    };
    let alone = keep(&flash, market, &user).instruction();
    flash
        .send(alone, &[&user.key])
        .expect_refusal(FlashError::WrongRentReceiver);
    let mut unsigned = asked.instruction();
    unsigned.accounts[1].is_signer = false;
    flash
        .send(unsigned, &[&user.key])
        .expect_refusal(ErrorCode::AccountNotSigner);
    let mut by_sponsor = asked.instruction();
    by_sponsor.accounts[0].pubkey = sponsor.address();
    flash
        .send(by_sponsor, &[&sponsor.key])
        .expect_refusal(FlashError::WrongAccount);
    let both = flash.send(asked.instruction(), &[&user.key, &sponsor.key]);
    both.expect("a receipt");
    let nonce = flash.nonce;
    pass_delay(&mut flash);
    flash.execute(&user, market, nonce).expect("an end");
    let own = CloseReceipt {
        rent_payer: sponsor.address(),
        ..close(&flash, market, &user)
    };
    let mut strangers = own.instruction();
    strangers.accounts[0].pubkey = sponsor.address();
    flash
        .send(strangers, &[&sponsor.key])
        .expect_refusal(FlashError::WrongAccount);
    let to_himself = close(&flash, market, &user).instruction();
    flash
        .send(to_himself, &[&user.key])
        .expect_refusal(FlashError::WrongRentReceiver);
    let before = flash.chain().lamports(sponsor.address()).expect("lamports");
    flash
        .send(own.instruction(), &[&user.key])
        .expect("a closing");
    let after = flash.chain().lamports(sponsor.address()).expect("lamports");
    assert!(after > before, "the rent is the sponsor's");
}

/// A receipt keeps no market from closing, and outlives it.
#[test]
fn market_closes_before_its_receipts() {
    let (mut flash, market, user) = start();
    flash.place(&user, market, 0, STAKE).expect("a bet");
    let asked = keep(&flash, market, &user).instruction();
    flash.send(asked, &[&user.key]).expect("a receipt");
    let nonce = flash.nonce;
    flash.resolve(market, 0).expect("a result");
    flash.execute(&user, market, nonce).expect("an end");
    flash.settle(market, &[&user]).expect("a payout");
    flash.close(market).expect("a closing");
    assert_eq!(
        pending(&flash, market, &user).kept(),
        Some(OrderResult::Lapsed)
    );
    let closing = close(&flash, market, &user).instruction();
    flash.send(closing, &[&user.key]).expect("a closing");
    flash.forget(market);
}

/// Given twice, or with orders that wait, it is passed over.
#[test]
fn receipt_among_other_orders_ends_once() {
    let (mut flash, market, user) = start();
    let other = flash.user(PURSE);
    flash.open_ticket(&other, market).expect("a ticket");
    flash.place(&user, market, 0, STAKE).expect("a bet");
    let asked = keep(&flash, market, &user).instruction();
    flash.send(asked, &[&user.key]).expect("a receipt");
    let first = flash.nonce;
    flash.place(&other, market, 1, STAKE).expect("a bet");
    let second = flash.nonce;
    pass_delay(&mut flash);
    let receipt = flash.ended(&user, market, first);
    let orders = vec![receipt, receipt, flash.ended(&other, market, second)];
    let all = flash.build_execute_all(market, orders).instruction();
    flash.send(all, &[]).expect("both once");
    assert_eq!(flash.balance(user.tokens), PURSE - 2 * STAKE);
    assert_eq!(flash.balance(other.tokens), PURSE - STAKE);
}
