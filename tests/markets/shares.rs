//! Standard markets, shares that change hands: transfers, purchases for others, held positions, and
//! what programs read back.

use anchor_lang::AnchorDeserialize;
use client::{addresses::markets as addresses, instructions::markets::*};
use market_core::pool::Order;
use markets::{error::MarketError, state::HOLD_SECONDS};
use math::{Money, Shares};
use testbed::{ExpectError, MarketsWorld, ProgramKind, Receipt, Trader};

use crate::support::unsigned;

const PURSE: u64 = 1_000_000_000_000;

/// A market, and two traders with positions in it, the first with shares.
fn world_of() -> (MarketsWorld, anchor_lang::prelude::Pubkey, Trader, Trader) {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let (giver, taker) = (markets.trader(PURSE), markets.trader(PURSE));
    for trader in [&giver, &taker] {
        markets.open(trader, market).expect("a position");
    }
    markets
        .split(&giver, market, 100_000_000)
        .expect("complete sets");
    (markets, market, giver, taker)
}

/// Shares leave with their part of the giver's cost, cost the receiver nothing, move no price and no money, and are paid to whom they were
/// given, up to the settlement and in any state before it.
#[test]
fn shares_change_hands_until_the_settlement() {
    let (mut markets, market, giver, taker) = world_of();
    let pool = markets.state(market).pool;
    markets
        .transfer_shares(&giver, &taker, market, 0, 30_000_000)
        .expect("while it trades");
    assert_eq!(markets.state(market).pool, pool);
    let [from, to] = [&giver, &taker].map(|trader| markets.position(market, trader));
    assert_eq!(from.holdings.shares, [70_000_000, 100_000_000]);
    assert_eq!(to.holdings.shares, [30_000_000, 0]);
    // 30 of 200 shares, for 100 in all.
    assert_eq!(
        (from.holdings.cost_basis, to.holdings.cost_basis),
        (85_000_000, 0)
    );

    markets.pause().expect("a pause");
    markets
        .transfer_shares(&giver, &taker, market, 0, 1)
        .expect("while the venue is paused");
    markets.unpause().expect("an unpause");
    let creator = markets.creator();
    markets.propose(&creator, market, 0).expect("a proposal");
    markets
        .transfer_shares(&giver, &taker, market, 0, 1)
        .expect("while a result is proposed");
    markets.dispute(&creator, market).expect("a dispute");
    markets
        .transfer_shares(&giver, &taker, market, 0, 1)
        .expect("while it is disputed");
    markets.resolve_dispute(market, 0).expect("a word");
    markets
        .transfer_shares(&giver, &taker, market, 0, 1)
        .expect_refusal(MarketError::MarketSettled);

    let purses = [giver.tokens, taker.tokens].map(|purse| markets.balance(purse));
    markets.redeem(market, &[&giver, &taker]).expect("payouts");
    assert_eq!(markets.balance(giver.tokens), purses[0] + 69_999_997);
    assert_eq!(markets.balance(taker.tokens), purses[1] + 30_000_003);
}

/// Nobody gives what is not his, more than he has, to himself, or into another market.
#[test]
fn transfers_take_nothing_that_is_not_the_owners() {
    let (mut markets, market, giver, taker) = world_of();
    let terms = markets.terms(2);
    let other = markets.market(terms);
    markets.open(&taker, other).expect("a position");
    let right = TransferShares {
        owner: giver.address(),
        market,
        receiver: taker.address(),
        outcome: 0,
        shares: 1_000,
    };
    markets
        .send(unsigned(right.instruction(), giver.address()), &[])
        .expect_refusal(anchor_lang::error::ErrorCode::AccountNotSigner);
    let mut stolen = right.instruction();
    stolen.accounts[0].pubkey = taker.address();
    markets
        .send(stolen, &[&taker.key])
        .expect_refusal(MarketError::WrongAccount);
    let elsewhere = crate::support::with_account(
        right.instruction(),
        addresses::position(&market, &taker.address()),
        addresses::position(&other, &taker.address()),
    );
    markets
        .send(elsewhere, &[&giver.key])
        .expect_refusal(MarketError::WrongAccount);
    let to_himself = TransferShares {
        receiver: giver.address(),
        ..right
    };
    markets
        .send(to_himself.instruction(), &[&giver.key])
        .expect_refusal(anchor_lang::error::ErrorCode::ConstraintDuplicateMutableAccount);
    for (outcome, shares, expected) in [
        (0, 100_000_001, MarketError::NotEnoughShares),
        (2, 1, MarketError::OutcomeOutOfRange),
        (0, 0, MarketError::ZeroAmount),
    ] {
        markets
            .transfer_shares(&giver, &taker, market, outcome, shares)
            .expect_refusal(expected);
    }
    let [from, to] =
        [&giver, &taker].map(|trader| markets.position(market, trader).holdings.shares);
    assert_eq!((from, to), (vec![100_000_000; 2], vec![0; 2]));
}

/// Who pays for shares of another pays alone, and gets nothing of them back.
#[test]
fn purchase_for_another_is_the_payers_money_and_the_owners_shares() {
    let (mut markets, market, payer, owner) = world_of();
    let purses = [payer.tokens, owner.tokens].map(|purse| markets.balance(purse));
    let mut buy = markets.build_buy(&payer, market, 1, 5_000_000);
    buy.buyer.owner = owner.address();
    markets
        .send(buy.instruction(), &[&payer.key])
        .expect("a purchase");
    let mut split = markets.build_split(&payer, market, 1_000_000);
    split.buyer.owner = owner.address();
    markets
        .send(split.instruction(), &[&payer.key])
        .expect("sets");
    assert_eq!(markets.balance(payer.tokens), purses[0] - 6_000_000);
    assert_eq!(markets.balance(owner.tokens), purses[1]);
    let position = markets.position(market, &owner);
    assert_eq!(position.holdings.shares[0], 1_000_000);
    assert!(position.holdings.shares[1] > 6_000_000);
    assert_eq!(
        position.holdings.cost_basis, 0,
        "others' money is no cost of his"
    );
    // Only the owner sells them.
    let mut sell = markets.build_sell(&payer, market, 1, 1_000);
    sell.holder.owner = owner.address();
    markets
        .send(unsigned(sell.instruction(), owner.address()), &[])
        .expect_refusal(anchor_lang::error::ErrorCode::AccountNotSigner);
}

/// A held position is redeemed by its owner alone for a week, whoever else is in the batch; then by
/// anybody.
#[test]
fn held_position_is_the_owners_to_redeem_for_a_week() {
    let (mut markets, market, free, _) = world_of();
    let holder = markets.trader(PURSE);
    let mut open = markets.build_position(&holder, market);
    open.is_held = true;
    markets
        .send(open.instruction(), &[&holder.key])
        .expect("a position");
    markets
        .buy(&holder, market, 0, 50_000_000)
        .expect("a purchase");
    let held = markets.position(market, &holder).holdings.shares[0];
    let purse = markets.balance(holder.tokens);
    markets.resolve(market, 0);
    markets
        .redeem(market, &[&holder, &free])
        .expect("the free one's payout");
    assert_eq!(markets.balance(holder.tokens), purse);
    markets
        .redeem(market, &[&holder])
        .expect_refusal(MarketError::NothingRedeemed);

    let settled_at = markets.state(market).settled_at;
    markets.go_to_second(settled_at + HOLD_SECONDS - 1);
    markets
        .redeem(market, &[&holder])
        .expect_refusal(MarketError::NothingRedeemed);
    let redeem = markets.build_redeem(market, &[&holder]).instruction();
    let signed = client::instructions::signed_by(redeem, &holder.address());
    markets
        .send(signed, &[&holder.key])
        .expect("the owner's own");
    assert_eq!(markets.balance(holder.tokens), purse + held);
}

#[test]
fn held_position_is_anybodys_to_redeem_after_a_week() {
    let (mut markets, market, _, _) = world_of();
    let holder = markets.trader(PURSE);
    let mut open = markets.build_position(&holder, market);
    open.is_held = true;
    markets
        .send(open.instruction(), &[&holder.key])
        .expect("a position");
    markets
        .buy(&holder, market, 0, 50_000_000)
        .expect("a purchase");
    let held = markets.position(market, &holder).holdings.shares[0];
    let purse = markets.balance(holder.tokens);
    markets.resolve(market, 0);
    markets.go_to_second(markets.state(market).settled_at + HOLD_SECONDS);
    markets.redeem(market, &[&holder]).expect("a payout");
    assert_eq!(markets.balance(holder.tokens), purse + held);
}

/// An empty position is closed by its owner in any status, its rent goes to who paid it, and nobody
/// else closes it under the owner's hands.
#[test]
fn empty_position_is_closed_in_any_status() {
    let (mut markets, market, giver, taker) = world_of();
    let close = |owner: &Trader| ClosePosition {
        owner: owner.address(),
        market,
        rent_payer: owner.address(),
    };
    markets
        .send(close(&giver).instruction(), &[&giver.key])
        .expect_refusal(MarketError::PositionNotEmpty);
    markets
        .send(unsigned(close(&taker).instruction(), taker.address()), &[])
        .expect_refusal(anchor_lang::error::ErrorCode::AccountNotSigner);
    let mut stolen = close(&taker);
    stolen.rent_payer = giver.address();
    markets
        .send(stolen.instruction(), &[&taker.key])
        .expect_refusal(MarketError::WrongRentReceiver);
    let position = addresses::position(&market, &taker.address());
    let rent = markets.chain().lamports(position).expect("rent");
    let before = markets.chain().lamports(taker.address()).expect("lamports");
    markets
        .send(close(&taker).instruction(), &[&taker.key])
        .expect("while it trades");
    let after = markets.chain().lamports(taker.address()).expect("lamports");
    assert_eq!(after, before + rent);
    markets.open(&taker, market).expect("again");
    let creator = markets.creator();
    markets.propose(&creator, market, 0).expect("a proposal");
    markets
        .send(close(&taker).instruction(), &[&taker.key])
        .expect("while a result is proposed");
    assert_eq!(markets.state(market).open_positions, 1);
}

/// What a receipt's return data says; natively nothing is returned, and the client's quote stands for
/// it.
fn returned(receipt: &Receipt, otherwise: TradeReceipt) -> TradeReceipt {
    if !matches!(ProgramKind::from_env(), Ok(ProgramKind::Sbf)) {
        return otherwise;
    }
    let data = receipt.return_data.as_ref().expect("return data");
    TradeReceipt::try_from_slice(data).expect("a receipt")
}

/// A quote and a trade return the same, which is what is paid.
#[test]
fn trades_return_what_the_quote_said() {
    let (mut markets, market, trader, _) = world_of();
    let venue = markets.venue;
    let pool = markets.state(market).pool;
    let mut stake = None;
    for (asked, order) in [
        (
            TradeOrder::Sell { shares: 2_000_000 },
            Order::Sell(Shares(2_000_000)),
        ),
        (
            TradeOrder::Buy { shares: 3_000_000 },
            Order::Buy(Shares(3_000_000)),
        ),
        (
            TradeOrder::Stake { amount: 7_000_000 },
            Order::Stake(Money(7_000_000)),
        ),
    ] {
        let expected = markets
            .quote(market, 0, order)
            .expect("a quote")
            .fill
            .into();
        let quote = Quote {
            venue,
            market,
            outcome: 0,
            order: asked,
        };
        let receipt = markets.send(quote.instruction(), &[]).expect("a quote");
        assert_eq!(returned(&receipt, expected), expected);
        stake = Some(expected);
    }
    assert_eq!(markets.state(market).pool, pool, "a quote writes nothing");
    let stake = stake.expect("the last one");
    let (purse, held) = (
        markets.balance(trader.tokens),
        markets.position(market, &trader).holdings.shares[0],
    );
    let receipt = markets
        .buy(&trader, market, 0, 7_000_000)
        .expect("a purchase");
    assert_eq!(returned(&receipt, stake), stake);
    assert_eq!(markets.balance(trader.tokens), purse - stake.amount);
    let bought = markets.position(market, &trader).holdings.shares[0] - held;
    assert_eq!(bought, stake.shares);
    markets.pause().expect("a pause");
    let quote = Quote {
        venue,
        market,
        outcome: 0,
        order: TradeOrder::Stake { amount: 1_000 },
    };
    markets
        .send(quote.instruction(), &[])
        .expect_refusal(MarketError::Paused);
}

/// Gifts do not keep an owner from buying: on an L2 curve, which bounds what a position may have cost,
/// shares that others give, or pay for, cost it nothing.
#[test]
fn gifts_keep_nobody_from_buying() {
    let mut markets = MarketsWorld::start(&Default::default());
    let mut terms = markets.terms(16);
    terms.curve = Curve::L2;
    terms.rule = RuleTerms::Scalar { low: 0, high: 100 };
    let market = markets.market(terms);
    let (giver, owner) = (markets.trader(PURSE), markets.trader(PURSE));
    for trader in [&giver, &owner] {
        markets.open(trader, market).expect("a position");
    }
    // 200 of each of five bins, of which one pays, cost more than 200.
    let mut cost = 0;
    for bin in 0..4 {
        markets
            .buy_shares(&giver, market, bin, 200_000_000)
            .expect("a purchase");
        cost += markets.position(market, &giver).holdings.cost_basis;
        markets
            .transfer_shares(&giver, &owner, market, bin, 200_000_000)
            .expect("a gift");
    }
    assert!(cost > 200_000_000, "{cost}");
    let mut paid_for = markets.build_buy_shares(&giver, market, 4, 200_000_000);
    paid_for.buyer.owner = owner.address();
    markets
        .send(paid_for.instruction(), &[&giver.key])
        .expect("a purchase for the owner");
    assert_eq!(markets.position(market, &giver).holdings.cost_basis, 0);
    assert_eq!(markets.position(market, &owner).holdings.cost_basis, 0);

    let purse = markets.balance(owner.tokens);
    markets
        .buy_shares(&owner, market, 5, 10_000_000)
        .expect("the owner's own purchase");
    let paid = purse - markets.balance(owner.tokens);
    let position = markets.position(market, &owner);
    assert_eq!(
        position.holdings.cost_basis,
        i64::try_from(paid).expect("an amount")
    );
    markets.resolve_all(market, &[&giver, &owner]);
}
