//! Token accounts that receive nothing any more, of owners and of a listing.

use client::instructions::{
    markets::{Redeem, RedeemedPosition},
    with_fallback,
};
use markets::state::HOLD_SECONDS;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{LeverageWorld, MarketsOptions, LENT, UNIT};

use super::common::{pass, sale};
use crate::support::Spoiling;

const MARGIN: u64 = 450 * UNIT;
const LOAN: u64 = 450 * UNIT;

/// A world on a mint whose accounts can be spoiled so.
fn world_of(spoiling: Spoiling, freezer: &Keypair) -> LeverageWorld {
    let options = MarketsOptions {
        mint: spoiling.mint(freezer),
        ..MarketsOptions::default()
    };
    let mut world = LeverageWorld::with_pool_on(&options, 2, |_| {});
    world.list().expect("a listing");
    let lender = world.lender();
    world.deposit(&lender, 1, LENT).expect("a deposit");
    world.markets.go_to_second(world.state().open_from);
    world
}

/// An owner whose account is given away, wants memos or is frozen stops no sale for his lenders, of a part or of
/// all, and no settlement; what is his goes to another account of his.
#[test]
fn spoiled_account_of_an_owner_stops_no_sale_and_no_end() {
    for spoiling in Spoiling::ALL {
        let freezer = Keypair::new();
        let mut world = world_of(spoiling, &freezer);
        let owner = world.trader();
        let opened = world.open(&owner, 1, 0, MARGIN, LOAN);
        opened.expect("a position");
        let mint = world.markets.mint;
        let chain = &mut world.markets.world.chain;
        spoiling.spoil(chain, mint, owner.tokens, &owner.key, &freezer);
        let (other, market) = (world.trader(), world.listing.market);
        for part in [78, 98] {
            let debt = world.owed(&owner, 1).0;
            while sale(&world, 0, world.position(&owner, 1).shares) > debt * 100 / part {
                let push = world.markets.buy(&other, market, 1, 25 * UNIT);
                push.expect("a purchase");
            }
            world.monitor(&owner, 1).expect("a mark");
            pass(&mut world, 25);
            world.liquidate(&[(&owner, 1)]).expect("a sale");
            let left = world.position(&owner, 1).shares;
            assert_eq!(left > 0, part == 78);
        }
        let claim = world.position(&owner, 1).claim;
        if claim > 0 {
            assert!(world.claim(&owner, 1).is_err(), "it receives nothing");
            let elsewhere = world.markets.token_account(owner.address(), 0);
            let paid = with_fallback(world.build_claim(&owner, 1).instruction(), elsewhere);
            world.send(&[paid], &[]).expect("a payment");
            assert_eq!(world.markets.balance(elsewhere), claim);
        }
        world.close_position(&owner, 1).expect("an end");
        assert_eq!(world.pool_state().book.debt_shares, 0);
        world.markets.resolve(market, 1);
        world.settle_market().expect("a settlement");
        world.delist().expect("an end");
    }
}

/// A listing's account that the mint's issuer froze for a week, and a stranger who had its shares paid to another one
/// of the listing's, from where nobody gets the money: the positions lose it, their lenders the debts, and nothing is
/// paid of what is others' there.
#[test]
fn what_came_elsewhere_is_not_paid_out_of_others_claims() {
    let freezer = Keypair::new();
    let mut world = world_of(Spoiling::Frozen, &freezer);
    let (winner, other) = (world.trader(), world.trader());
    world.open(&winner, 1, 0, MARGIN, LOAN).expect("a position");
    let opened = world.open(&other, 1, 1, MARGIN, LOAN);
    opened.expect("a position");
    // What is the other's is in the listing's account.
    world.close(&other, 1).expect("a sale");
    let claim = world.position(&other, 1).claim;
    assert!(claim > MARGIN / 2);
    let before = world.pool_state().book.equity().expect("a sum").0;
    let market = world.listing.market;
    world.markets.resolve(market, 0);
    let (mint, tokens) = (world.markets.mint, world.listing.listing_tokens());
    let chain = &mut world.markets.world.chain;
    chain.freeze(mint, tokens, &freezer).expect("a freeze");
    world
        .settle_market()
        .expect_err("the listing receives nothing");
    let settled_at = world.markets.state(market).settled_at;
    world.markets.go_to_second(settled_at + HOLD_SECONDS);
    let elsewhere = world.markets.token_account(world.listing.listing(), 0);
    let redeem = Redeem {
        market,
        token_program: world.markets.token_program(),
        positions: vec![RedeemedPosition {
            owner: world.listing.listing(),
            rent_payer: world.admin().pubkey(),
            owner_tokens: tokens,
        }],
    };
    let redeem = with_fallback(redeem.instruction(), elsewhere);
    world.markets.send(redeem, &[]).expect("a payout");
    let chain = &mut world.markets.world.chain;
    chain.thaw(mint, tokens, &freezer).expect("a thaw");
    world.settle_market().expect("a settlement");
    world.settle_position(&winner, 1).expect("a settlement");
    assert_eq!(world.position(&winner, 1).claim, 0);
    let lost = before - world.pool_state().book.equity().expect("a sum").0;
    assert!(lost.abs_diff(LOAN) < UNIT / 10, "{lost}");
    world.claim(&other, 1).expect("a payment");
    assert_eq!(world.markets.balance(other.tokens), LENT - MARGIN + claim);
    for owner in [&winner, &other] {
        world.close_position(owner, 1).expect("an end");
    }
    world.delist().expect("an end");
}
