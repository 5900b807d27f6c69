//! What markets cost together, of one group and of all, to who holds the prices of all of them at both ends.

use client::instructions::leverage::{CreateGroup, ListingAccounts};
use leverage::{error::LoanError, instructions::MIN_FEE_RATE};
use solana_signer::Signer;
use testbed::{ExpectError, LeverageWorld, Trader, LENT, UNIT};

use super::{
    attacks::request,
    common::money,
    roles::{equity, pool_of, sell_own_loan},
};

/// Small enough that each market's depth bears a hundredth of it.
const POOL: u64 = 40_000 * UNIT;

/// A pool of 40,000 that lends on so many groups of so many markets each.
fn pool_with(groups: u64, markets: u64) -> (LeverageWorld, Vec<ListingAccounts>) {
    listed(pool_of(POOL), groups, markets)
}

/// A world whose pool lends on so many groups of so many markets each.
pub fn listed(
    mut world: LeverageWorld,
    groups: u64,
    markets: u64,
) -> (LeverageWorld, Vec<ListingAccounts>) {
    let mut listings = vec![world.listing];
    for group in 1..=groups {
        if group > 1 {
            let create = CreateGroup {
                admin: world.admin().pubkey(),
                pool: world.listing.pool.pool,
                id: group,
            };
            let admin = world.admin();
            let created = world.markets.send(create.instruction(), &[&admin]);
            created.expect("a group");
            world.listing.group = create.group();
        }
        for _ in u64::from(group == 1)..markets {
            list_another(&mut world);
            listings.push(world.listing);
        }
    }
    let open_from = world.state().open_from;
    world.markets.go_to_second(open_from);
    (world, listings)
}

/// Another market like the world's own, of the same group.
pub fn list_another(world: &mut LeverageWorld) {
    let mut args = LeverageWorld::market_terms(&mut world.markets, 2);
    args.fee_rate = MIN_FEE_RATE;
    let market = world.markets.market(args);
    let creator = world.markets.creator();
    let shares = world.markets.liquidity(market, &creator).shares;
    let lock = world.markets.lock(&creator, market, shares);
    lock.expect("a lock");
    world.listing.market = market;
    world.list().expect("a listing");
}

/// The greatest loan that is given on an outcome up to so many units, in steps of ten; whether there is one.
pub fn borrow(world: &mut LeverageWorld, owner: &Trader, outcome: u8, most: u64) -> bool {
    let nonce = u64::from(outcome);
    for loan in (20..=most).rev().step_by(10) {
        let margin = loan * 9 / 10 * UNIT;
        let opened = world.open(owner, nonce, outcome, margin, loan * UNIT);
        if opened.is_ok() {
            return true;
        }
        opened.expect_refusal(LoanError::WorstLossAboveCap);
        world.take_back(owner, nonce).expect("a return");
    }
    false
}

/// Borrows on both outcomes of every market, then holds the prices of all at one end, and then at the other.
fn at_both_ends(world: &mut LeverageWorld, listings: &[ListingAccounts], attacker: &Trader) {
    let mut loans = [vec![], vec![]];
    for accounts in listings {
        world.listing = *accounts;
        for outcome in [0, 1] {
            if borrow(world, attacker, outcome, 190) {
                loans[usize::from(outcome)].push(*accounts);
            }
        }
    }
    for (nonce, of_outcome) in (0..).zip(loans) {
        for accounts in of_outcome {
            world.listing = accounts;
            sell_own_loan(world, attacker, nonce);
        }
    }
}

/// Borrows on one outcome of a market and has the loan sold at a price at the end before he goes on to the next.
fn one_after_the_other(world: &mut LeverageWorld, listings: &[ListingAccounts], attacker: &Trader) {
    for accounts in listings {
        world.listing = *accounts;
        if borrow(world, attacker, 0, 390) {
            sell_own_loan(world, attacker, 0);
        }
    }
}

/// What lenders of a pool on so many groups of so many markets lose, at most, to whom nobody answers for the 25 slots
/// of each mark.
#[track_caller]
fn is_lost(groups: u64, markets: u64, [least, most]: [u64; 2]) {
    for attack in [at_both_ends, one_after_the_other] {
        let (mut world, listings) = pool_with(groups, markets);
        let attacker = world.markets.trader(LENT);
        for accounts in &listings {
            let opened = world.markets.open(&attacker, accounts.market);
            opened.expect("a position");
        }
        let before = equity(&world);
        attack(&mut world, &listings, &attacker);
        let lost = before - equity(&world);
        let taken = money(&world, &attacker) - LENT as i64;
        println!("{groups} groups of {markets} markets: {lost} lost, {taken} taken");
        assert!(lost >= least * UNIT && lost <= most * UNIT, "{lost}");
        assert!(taken <= lost as i64);
        // Each is counted as a part of what the losses before left, and interest between.
        let part = lost as f64 / before as f64;
        let counted = world.pool_state().lost as f64 / (1u64 << 32) as f64;
        assert!(counted > part * 0.999 && counted < -(1.0 - part).ln() * 1.001);
    }
}

/// Seven markets of a group, each of which may cost a hundredth of the cash, cost three together.
#[test]
fn markets_of_a_group_cost_three_hundredths_together() {
    is_lost(1, 7, [1_000, 1_200]);
}

/// Sixteen markets in four groups, which may cost three hundredths of the cash each, cost ten together.
#[test]
fn all_markets_of_a_pool_cost_ten_hundredths_together() {
    is_lost(4, 4, [3_200, 4_000]);
}

/// A lender of seven eighths of the money who borrows on both sides, leaves and holds the price at both ends has
/// of the others no more than the hundredth that the market may cost: he is paid as if both loans were lost.
#[test]
fn lender_who_leaves_before_both_ends_leaves_his_part_of_both() {
    let mut world = pool_of(POOL / 8);
    let attacker = world.markets.trader(2 * POOL);
    let market = world.listing.market;
    world.markets.open(&attacker, market).expect("a position");
    let deposit = world.deposit(&attacker, 1, POOL * 7 / 8);
    deposit.expect("a deposit");
    for outcome in [0, 1] {
        assert!(borrow(&mut world, &attacker, outcome, 190));
    }
    let left = world.withdraw(&attacker, 1);
    left.expect("a withdrawal");
    for nonce in [0, 1] {
        sell_own_loan(&mut world, &attacker, nonce);
    }
    let lost = POOL as i64 / 8 - equity(&world) as i64;
    let taken = money(&world, &attacker) - 2 * POOL as i64;
    println!("{lost} of {} lost, {taken} taken", POOL / 8);
    assert!(lost <= (POOL / 8 / 100) as i64, "{lost}");
    assert!(taken <= lost);
}

/// A lender of nine tenths of the money who borrows, leaves and defaults keeps a pool from lending until the market
/// of his loan is settled: what that cost is a greater part of what is left. It costs him what he leaves to the
/// others, who lose less than a hundredth of theirs.
#[test]
fn lender_who_leaves_and_defaults_stops_loans_until_the_settlement() {
    let others = POOL / 10;
    let (mut world, listings) = listed(pool_of(others), 1, 2);
    let attacker = world.markets.trader(LENT);
    for accounts in &listings {
        let opened = world.markets.open(&attacker, accounts.market);
        opened.expect("a position");
    }
    let deposit = world.deposit(&attacker, 1, 9 * others);
    deposit.expect("a deposit");
    assert!(borrow(&mut world, &attacker, 0, 390));
    let left = world.withdraw(&attacker, 1);
    left.expect("a withdrawal");
    sell_own_loan(&mut world, &attacker, 0);
    world.close_position(&attacker, 0).expect("an end");

    let lost = others as i64 - equity(&world) as i64;
    let taken = money(&world, &attacker) - LENT as i64;
    let counted = world.pool_state().lost as f64 / (1u64 << 32) as f64;
    println!("{lost} of {others} lost, {taken} taken, {counted} counted");
    assert!(lost <= (others / 100) as i64 && taken <= lost);
    // More than a group may cost: nothing is lent on its other market.
    let (lost_in, other) = (world.listing, listings[0]);
    world.listing = other;
    assert!(!borrow(&mut world, &attacker, 0, 20));
    world.markets.resolve(lost_in.market, 1);
    world.listing = lost_in;
    world.settle_market().expect("a settlement");
    assert_eq!(world.pool_state().lost, 0);
}

/// Who has taken a market's hundredth deposits nine times the others' money, and is lent no more for it: what the
/// market cost is a part of the pool, whatever the pool has since. A tenth of the others' 40,000 would be 400.
#[test]
fn deposit_after_a_loss_makes_no_room_for_another() {
    let others = POOL / 10;
    let mut world = pool_of(others);
    let attacker = world.markets.trader(LENT);
    let market = world.listing.market;
    world.markets.open(&attacker, market).expect("a position");
    // Of the others' alone that is 40.
    assert!(borrow(&mut world, &attacker, 0, 390));
    sell_own_loan(&mut world, &attacker, 0);
    world.close_position(&attacker, 0).expect("an end");
    for nonce in 1..4 {
        let deposit = world.deposit(&attacker, nonce, 9 * others);
        deposit.expect("a deposit");
        let (listing, group) = (world.state(), world.group_state());
        assert_eq!(
            [listing.lost, group.lost],
            [group.lost, world.pool_state().lost]
        );
        assert!(listing.breaker.released_from < world.markets.seconds());
        if borrow(&mut world, &attacker, 0, 390) {
            sell_own_loan(&mut world, &attacker, 0);
            world.close_position(&attacker, 0).expect("an end");
        }
        let left = world.withdraw(&attacker, nonce);
        left.expect("a withdrawal");
    }
    let lost = others as i64 - equity(&world) as i64;
    let taken = money(&world, &attacker) - LENT as i64;
    println!("{lost} of {others} lost, {taken} taken");
    assert!(lost <= (others / 100) as i64, "{lost}");
    assert!(taken <= lost);
}

/// What a market cost stays counted against its group and its pool until it is settled, and no longer, though a request
/// that nobody ends keeps its listing open. That is not closed before, and so not made anew.
#[test]
fn listing_that_has_lost_is_closed_once_its_market_is_settled() {
    let mut world = pool_of(POOL);
    let (owner, other) = (world.trader(), world.trader());
    world
        .request(&other, 1, request(1, 1, 20 * UNIT))
        .expect("a request");
    assert!(borrow(&mut world, &owner, 0, 390));
    sell_own_loan(&mut world, &owner, 0);
    world.close_position(&owner, 0).expect("an end");
    let lost = world.state().lost;
    // 0.0095 of what was the lenders' then.
    assert!(lost > (95 << 32) / 10_000);
    let sums = |world: &LeverageWorld| (world.group_state().lost, world.pool_state().lost);
    assert_eq!(sums(&world), (lost, lost));
    world.delist().expect_refusal(LoanError::ListingHasLost);
    let market = world.listing.market;
    world.markets.resolve(market, 1);
    world.settle_market().expect("a settlement");
    assert_eq!((world.state().lost, sums(&world)), (0, (0, 0)));
    world.delist().expect_refusal(LoanError::ListingInUse);
    world.take_back(&other, 1).expect("a return");
    let (admin, had) = (
        world.admin().pubkey(),
        world.lamports(world.admin().pubkey()),
    );
    world.delist().expect("an end");
    assert!(world.lamports(admin) > had, "the rent is back");
}
