//! How orders end, whatever has become of the market, and who is paid where.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::markets::{Redeem, RedeemedPosition};
use client::instructions::{orders::*, signed_by, with_fallback};
use markets::{
    error::MarketError,
    state::{seeds::POSITION, HOLD_SECONDS},
};
use orders::error::OrderError;
use sha2::{Digest, Sha256};
use solana_keypair::Keypair;
use testbed::{DeskWorld, ExpectError, MarketsOptions, Trader, PURSE, TIP};

use crate::support::{with_account, Spoiling};

/// Half of what was put in is filled.
fn half_filled() -> (DeskWorld, Trader, u64) {
    half_filled_in(DeskWorld::start())
}

fn half_filled_in(mut world: DeskWorld) -> (DeskWorld, Trader, u64) {
    let owner = world.trader();
    let mut terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    terms.plan = OrderPlan::Iceberg {
        shown: 5_000_000,
        interval_seconds: 60,
        limit: testbed::thousandths(520),
    };
    world.place(&owner, 1, terms).expect("an order");
    world.fill(&owner, 1).expect("a fill");
    let bought = world.order(&owner, 1).shares;
    (world, owner, bought)
}

/// Everything of the desk is closed, and what was left went to who opened it.
fn close(mut world: DeskWorld, rest: u64) {
    let before = world.markets.balance(world.opener.tokens);
    world.close().expect("a closing");
    assert_eq!(world.markets.balance(world.opener.tokens), before + rest);
    for address in [
        world.desk,
        world.desk_tokens(),
        client::addresses::markets::position(&world.market, &world.desk),
    ] {
        assert_eq!(world.lamports(address), 0);
    }
}

#[test]
fn owner_takes_an_order_back_at_any_time() {
    let (mut world, owner, bought) = half_filled();
    let lamports = world.lamports(owner.address());
    let rent = world
        .markets
        .chain()
        .rent(8 + orders::state::DeskOrder::SPACE);
    world.take_back(&owner, 1).expect("a return");
    assert_eq!(world.markets.balance(owner.tokens), PURSE - 5_000_000);
    assert_eq!(
        world.markets.position(world.market, &owner).holdings.shares[0],
        bought
    );
    // Of three tips one was paid.
    assert_eq!(world.lamports(owner.address()), lamports + rent + 2 * TIP);
    close(world, 0);
}

/// Nor does whoever opened a desk keep it open by making a program of the address that its rent goes to.
#[test]
fn empty_desk_is_closed_whatever_its_opener_has_become() {
    let mut world = DeskWorld::start();
    let opener = world.opener.address();
    let chain = &mut world.markets.world.chain;
    chain.become_program(opener).expect("the chain");
    close(world, 0);
}

#[test]
fn pause_stops_purchases_alone() {
    let (mut world, owner, _) = half_filled();
    world.pass(150);
    let seller = world.trader();
    world
        .markets
        .split(&seller, world.market, 10_000_000)
        .expect("sets");
    world
        .place(&seller, 1, world.iceberg(OrderSide::Sell, 10_000_000, 480))
        .expect("an order");
    world.markets.pause().expect("a pause");
    world.fill(&owner, 1).expect_refusal(MarketError::Paused);
    world.fill(&seller, 1).expect("a sale");
    world.take_back(&owner, 1).expect("a return");
    world.take_back(&seller, 1).expect("a return");
}

#[test]
fn market_that_is_proposed_gives_everything_back() {
    let (mut world, owner, bought) = half_filled();
    let market = world.market;
    world
        .give_back(&owner, 1)
        .expect_refusal(OrderError::StillFillable);
    let creator = world.markets.creator();
    world
        .markets
        .propose(&creator, market, 0)
        .expect("a proposal");
    world.pass(150);
    world
        .fill(&owner, 1)
        .expect_refusal(OrderError::TradingOver);
    let terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    let late = world.build_place(&owner, 2, terms);
    world
        .send(&[late.instruction()], &[&owner.key])
        .expect_refusal(OrderError::TradingOver);
    world.give_back(&owner, 1).expect("a return");
    assert_eq!(
        world.markets.position(market, &owner).holdings.shares[0],
        bought
    );
    assert_eq!(world.markets.balance(owner.tokens), PURSE - 5_000_000);
    close(world, 0);
}

#[test]
fn settled_market_pays_orders_in_money() {
    for (value, is_won) in [(0, true), (1, false)] {
        let (mut world, owner, bought) = half_filled();
        let market = world.market;
        world.settle().expect_refusal(OrderError::MarketNotSettled);
        world.markets.resolve(market, value);
        world
            .give_back(&owner, 1)
            .expect_refusal(OrderError::DeskNotSettled);
        world.settle().expect("a settlement");
        world.give_back(&owner, 1).expect("a return");
        let won = if is_won { bought } else { 0 };
        let purse = PURSE - 5_000_000 + won;
        assert_eq!(world.markets.balance(owner.tokens), purse);
        close(world, 0);
    }
}

/// Two holders of one share each of a payout of a third: what rounding leaves goes to the opener.
#[test]
fn void_market_pays_slow_prices_rounded_down() {
    let mut world = DeskWorld::start_with(testbed::KeySource::Random, 3, |_| {});
    let market = world.market;
    let owners = [world.trader(), world.trader()];
    for owner in &owners {
        world.markets.split(owner, market, 1_000_000).expect("sets");
        let mut terms = world.iceberg(OrderSide::Sell, 10, 900);
        terms.total = 1_000_000;
        terms.plan = OrderPlan::Iceberg {
            shown: 1_000_000,
            interval_seconds: 60,
            limit: testbed::thousandths(900),
        };
        world.place(owner, 1, terms).expect("an order");
    }
    world
        .markets
        .go_to_second(world.markets.state(market).proposal_until);
    world.markets.void(market).expect("a void");
    world.settle().expect("a settlement");
    let received = world.state().cash;
    for owner in &owners {
        world.give_back(owner, 1).expect("a return");
        let payout = world.markets.balance(owner.tokens) - (PURSE - 1_000_000);
        assert_eq!(payout, 333_333);
    }
    close(world, received - 2 * 333_333);
}

#[test]
fn order_outlives_its_market() {
    let (mut world, owner, bought) = half_filled();
    let market = world.market;
    world.markets.resolve(market, 0);
    world.settle().expect("a settlement");
    let position = world.markets.position(market, &owner);
    assert_eq!(position.holdings.shares, [0, 0]);
    world.markets.resolve_all(market, &[&owner]);
    assert!(world
        .markets
        .find::<markets::state::Market>(market)
        .is_none());
    world.give_back(&owner, 1).expect("a return");
    let purse = PURSE - 5_000_000 + bought;
    assert_eq!(world.markets.balance(owner.tokens), purse);
    close(world, 0);
}

#[test]
fn owner_whose_account_cannot_receive_blocks_nobody() {
    let (mut world, owner, bought) = half_filled();
    let market = world.market;
    world.markets.resolve(market, 0);
    world.settle().expect("a settlement");
    let other = world.markets.token_account(owner.address(), 0);
    // The associated account is given to a stranger.
    let stranger = world.markets.trader(0);
    world
        .markets
        .world
        .chain
        .give_away(owner.tokens, &owner.key, stranger.address())
        .expect("a gift");
    world
        .give_back(&owner, 1)
        .expect_refusal(OrderError::WrongTokenAccount);
    let give = world.build_return(&owner, 1);
    let fallback = client::instructions::with_fallback(give.instruction(), other);
    world.send(&[fallback], &[]).expect("a return");
    assert_eq!(world.markets.balance(other), 5_000_000 + bought);
    close(world, 0);
}

#[test]
fn owner_who_signs_is_paid_where_he_wants() {
    let (mut world, owner, _) = half_filled();
    let other = world.markets.token_account(owner.address(), 0);
    let mut give = world.build_return(&owner, 1);
    give.owner_tokens = other;
    let signed = signed_by(give.instruction(), &owner.address());
    world.send(&[signed], &[&owner.key]).expect("a return");
    assert_eq!(world.markets.balance(other), 5_000_000);
}

/// Has a stranger redeem the desk's position once it is not held any more.
fn redeem_as_a_stranger(world: &mut DeskWorld) {
    let instruction = redemption(world);
    world.markets.send(instruction, &[]).expect("a payout");
}

/// Anybody's, as soon as he may.
fn redemption(world: &mut DeskWorld) -> Instruction {
    let settled_at = world.markets.state(world.market).settled_at;
    world.markets.go_to_second(settled_at + HOLD_SECONDS);
    let redeem = Redeem {
        market: world.market,
        token_program: world.markets.token_program(),
        positions: vec![RedeemedPosition {
            owner: world.desk,
            rent_payer: world.opener.address(),
            owner_tokens: world.desk_tokens(),
        }],
    };
    redeem.instruction()
}

/// The desk's account was frozen for a day, and a stranger had its shares paid to another one of it, from where
/// nobody gets the money: those whose shares they were lose it, and nobody else's money makes up for it.
#[test]
fn what_came_elsewhere_is_not_paid_out_of_the_money_of_others() {
    let freezer = Keypair::new();
    let options = MarketsOptions {
        mint: Spoiling::Frozen.mint(&freezer),
        ..MarketsOptions::default()
    };
    let (mut world, winner, _) = half_filled_in(DeskWorld::start_on(&options, 2, |_| {}));
    let other = world.trader();
    let terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    world.place(&other, 1, terms).expect("an order");
    let market = world.market;
    world.markets.resolve(market, 0);
    let (mint, tokens) = (world.markets.mint, world.desk_tokens());
    let chain = &mut world.markets.world.chain;
    chain.freeze(mint, tokens, &freezer).expect("a freeze");
    world.settle().expect_err("the desk receives nothing");
    let elsewhere = world.markets.token_account(world.desk, 0);
    let redeem = with_fallback(redemption(&mut world), elsewhere);
    world.markets.send(redeem, &[]).expect("a payout");
    let chain = &mut world.markets.world.chain;
    chain.thaw(mint, tokens, &freezer).expect("a thaw");
    world.settle().expect("a settlement");
    for owner in [&winner, &other] {
        world.give_back(owner, 1).expect("a return");
    }
    assert_eq!(world.markets.balance(winner.tokens), PURSE - 5_000_000);
    assert_eq!(world.markets.balance(other.tokens), PURSE);
    close(world, 0);
}

#[test]
fn desk_that_a_stranger_had_redeemed_pays_its_orders() {
    let (mut world, owner, bought) = half_filled();
    let market = world.market;
    world.markets.resolve(market, 0);
    redeem_as_a_stranger(&mut world);
    world.settle().expect("a settlement");
    world.give_back(&owner, 1).expect("a return");
    let purse = PURSE - 5_000_000 + bought;
    assert_eq!(world.markets.balance(owner.tokens), purse);
    close(world, 0);
}

/// Nobody settled the desk for a week, and then its market was closed: what came is shared by all
/// shares alike, since nobody can say any more which of them won.
#[test]
fn desk_whose_market_is_gone_pays_the_average() {
    let (mut world, winner, won) = half_filled();
    let market = world.market;
    let loser = world.trader();
    let mut terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    terms.outcome = 1;
    world.place(&loser, 1, terms).expect("an order");
    world.fill(&loser, 1).expect("a fill");
    let lost = world.order(&loser, 1).shares;
    world.markets.resolve(market, 0);
    redeem_as_a_stranger(&mut world);
    world.markets.resolve_all(market, &[&winner, &loser]);
    world.settle().expect("a settlement");
    let average = |shares| u128::from(won) * u128::from(shares) / u128::from(won + lost);
    for (owner, rest, shares) in [(&winner, 5_000_000, won), (&loser, 9_000_000, lost)] {
        world.give_back(owner, 1).expect("a return");
        let got = world.markets.balance(owner.tokens) + 10_000_000 - PURSE - rest;
        assert!(u128::from(got).abs_diff(average(shares)) <= 1, "{got}");
    }
    world.close().expect("a closing");
}

/// Whoever settles the desk cannot keep it from its shares' money by another account in its position's
/// place.
#[test]
fn desk_is_not_settled_without_its_position() {
    let (mut world, owner, bought) = half_filled();
    let market = world.market;
    world.markets.resolve(market, 0);
    let position = client::addresses::markets::position(&market, &world.desk);
    let settle = SettleDesk {
        market,
        market_program: MarketProgram::Standard,
        rent_payer: world.opener.address(),
        mint: world.markets.mint.address,
        token_program: world.markets.token_program(),
    };
    let owners = client::addresses::markets::position(&market, &owner.address());
    for other in [owner.tokens, owner.address(), Pubkey::new_unique()] {
        let mut swapped = settle.instruction();
        for account in &mut swapped.accounts {
            if account.pubkey == position {
                account.pubkey = other;
            }
        }
        world
            .send(&[swapped], &[])
            .expect_refusal(OrderError::WrongAccount);
    }
    let mut swapped = settle.instruction();
    for account in &mut swapped.accounts {
        if account.pubkey == position {
            account.pubkey = owners;
        }
    }
    world
        .send(&[swapped], &[])
        .expect_refusal(MarketError::WrongAccount);
    world.settle().expect("a settlement");
    world.give_back(&owner, 1).expect("a return");
    let purse = PURSE - 5_000_000 + bought;
    assert_eq!(world.markets.balance(owner.tokens), purse);
    close(world, 0);
}

/// Of the hashes for greater bumps than the position's, which are on the curve and so no program's
/// address, none takes its place: about half of all desks have one.
#[test]
fn desk_is_not_settled_by_a_hash_that_is_no_program_address() {
    let (mut world, owner, bought, bump) = loop {
        let (world, owner, bought) = half_filled();
        let seeds: [&[u8]; 3] = [POSITION, world.market.as_ref(), world.desk.as_ref()];
        let (_, bump) = Pubkey::find_program_address(&seeds, &markets::ID);
        if bump < u8::MAX {
            break (world, owner, bought, bump);
        }
    };
    let market = world.market;
    world.markets.resolve(market, 0);
    let position = client::addresses::markets::position(&market, &world.desk);
    let settle = SettleDesk {
        market,
        market_program: MarketProgram::Standard,
        rent_payer: world.opener.address(),
        mint: world.markets.mint.address,
        token_program: world.markets.token_program(),
    };
    for greater in bump + 1..=u8::MAX {
        let hash = Sha256::new()
            .chain_update(POSITION)
            .chain_update(market)
            .chain_update(world.desk)
            .chain_update([greater])
            .chain_update(markets::ID)
            .chain_update(b"ProgramDerivedAddress")
            .finalize();
        let swapped = with_account(
            settle.instruction(),
            position,
            Pubkey::from(<[u8; 32]>::from(hash)),
        );
        world
            .send(&[swapped], &[])
            .expect_refusal(OrderError::WrongAccount);
    }
    world.settle().expect("a settlement");
    world.give_back(&owner, 1).expect("a return");
    let purse = PURSE - 5_000_000 + bought;
    assert_eq!(world.markets.balance(owner.tokens), purse);
    close(world, 0);
}
