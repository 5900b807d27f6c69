//! Tickets that are given shares, and that are held for their owners.

use client::instructions::{
    flash_bets::{HoldTicket, TransferShares},
    signed_by,
};
use flash_bets::{error::FlashError, state::TICKET_HOLD_SECONDS};
use testbed::{ExpectError, FlashWorld};

const STAKE: u64 = 1_000_000;

#[test]
fn shares_are_given_until_the_settlement_with_their_part_of_the_cost() {
    let (mut flash, _) = FlashWorld::with_liquidity(10_000_000_000);
    let market = flash.market(flash.terms(2));
    let [giver, receiver] = [(); 2].map(|()| flash.user(STAKE));
    for user in [&giver, &receiver] {
        flash.open_ticket(user, market).expect("a ticket");
    }
    flash.place(&giver, market, 0, STAKE).expect("a bet");
    let shares = flash.ticket(market, &giver).holdings.shares[0];
    let give = |shares| {
        TransferShares {
            owner: giver.address(),
            market,
            receiver: receiver.address(),
            outcome: 0,
            shares,
        }
        .instruction()
    };
    let mut forged = give(1);
    forged.accounts[0].is_signer = false;
    forged.accounts[0].pubkey = receiver.address();
    let forged = signed_by(forged, &receiver.address());
    flash
        .send(forged, &[&receiver.key])
        .expect_refusal(FlashError::WrongAccount);
    for (amount, error) in [
        (0, FlashError::ZeroAmount),
        (shares + 1, FlashError::NotEnoughShares),
    ] {
        flash
            .send(give(amount), &[&giver.key])
            .expect_refusal(error);
    }
    flash.send(give(shares / 4), &[&giver.key]).expect("a gift");
    let [left, given] = [&giver, &receiver].map(|user| flash.ticket(market, user).holdings);
    assert_eq!(
        (left.shares[0], given.shares[0]),
        (shares - shares / 4, shares / 4)
    );
    assert_eq!(given.cost_basis, 0);
    assert_eq!(
        left.cost_basis, 750_001,
        "a quarter of the cost is gone, rounded down"
    );
    flash.resolve(market, 0).expect("a result");
    flash
        .send(give(1), &[&giver.key])
        .expect_refusal(FlashError::MarketSettled);
    flash.settle(market, &[&giver, &receiver]).expect("payouts");
    let [first, second] = [&giver, &receiver].map(|user| flash.balance(user.tokens));
    assert_eq!((first, second - STAKE), (shares - shares / 4, shares / 4));
    flash.close(market).expect("a closing");
}

#[test]
fn held_ticket_is_settled_by_its_owner_alone_for_a_day() {
    let (mut flash, _) = FlashWorld::with_liquidity(10_000_000_000);
    let market = flash.market(flash.terms(2));
    let users = [(); 3].map(|()| flash.user(STAKE));
    for user in &users {
        flash.open_ticket(user, market).expect("a ticket");
        flash.place(user, market, 0, STAKE).expect("a bet");
    }
    let [first, second, free] = &users;
    for user in [first, second] {
        let hold = HoldTicket {
            owner: user.address(),
            market,
        };
        flash.send(hold.instruction(), &[&user.key]).expect("held");
    }
    flash.resolve(market, 0).expect("a result");
    flash
        .settle(market, &[first])
        .expect_refusal(FlashError::NothingSettled);
    // It is passed over, and holds up nobody else.
    flash.settle(market, &[first, free]).expect("a payout");
    assert_eq!(flash.balance(first.tokens), 0);
    assert!(flash.balance(free.tokens) > STAKE);
    let own = flash.build_settle(market, &[first]).instruction();
    let signed = signed_by(own, &first.address());
    flash.send(signed, &[&first.key]).expect("his own");
    assert!(flash.balance(first.tokens) > STAKE);
    flash.close(market).expect_refusal(FlashError::TicketsOpen);
    let settled_at = flash.market_state(market).settled_at;
    flash.pass_to(settled_at + TICKET_HOLD_SECONDS - 1);
    flash
        .settle(market, &[second])
        .expect_refusal(FlashError::NothingSettled);
    flash.pass_to(settled_at + TICKET_HOLD_SECONDS);
    flash.settle(market, &[second]).expect("after the day");
    assert!(flash.balance(second.tokens) > STAKE);
    flash.close(market).expect("a closing");
}
