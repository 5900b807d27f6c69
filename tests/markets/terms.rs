//! Standard markets, addresses and terms: an address means one market, before it is there and after it
//! is gone, and what a venue is bound by changes behind the timelock.

use anchor_lang::prelude::Pubkey;
use client::instructions::markets::*;
use markets::{error::MarketError, instructions::MAX_LATE_OPENING_SECONDS, state::Terms};
use solana_signer::Signer;
use testbed::{ExpectError, MarketsOptions, MarketsWorld};

/// Whoever changes one term of a market that somebody waits for gets another address.
#[test]
fn address_is_of_all_terms() {
    let mut markets = MarketsWorld::start(&Default::default());
    let creator = markets.creator();
    let args = markets.terms(2);
    let create = markets.build_market(&creator, args);
    let right = create.market();
    let changes: [fn(&mut CreateMarketArgs); 12] = [
        |args| args.id += 1,
        |args| args.feed_id[31] ^= 1,
        |args| args.rule = RuleTerms::Threshold { strikes: vec![1] },
        |args| args.curve = Curve::PmAmm { micro_tau: false },
        |args| args.weights = vec![1, 2],
        |args| args.depth += 1,
        |args| args.fee_rate += 1,
        |args| args.creator_fee_share += 1,
        |args| args.observe_at_ms += 1,
        |args| args.locks_at += 1,
        |args| args.dispute_window_seconds += 1,
        |args| args.arbitration_seconds += 1,
    ];
    let mut others = vec![right];
    for change in changes {
        let mut other = create.clone();
        change(&mut other.args);
        others.push(other.market());
    }
    let mut other = create.clone();
    other.venue_terms.protocol_fee_share += 1;
    others.push(other.market());
    for swap in [
        |create: &mut CreateMarket| {
            core::mem::swap(&mut create.provider_set, &mut create.arbiter_set)
        },
        |create: &mut CreateMarket| create.verifying_key = Pubkey::new_unique(),
        |create: &mut CreateMarket| create.arbiter_key = Pubkey::new_unique(),
    ] {
        let mut other = create.clone();
        swap(&mut other);
        others.push(other.market());
    }
    let count = others.len();
    others.sort();
    others.dedup();
    assert_eq!(others.len(), count, "every term is in the address");

    // Nor does the program take another market at this one's address.
    let mut swapped = create.clone();
    swapped.args.fee_rate += 1;
    let mut instruction = swapped.instruction();
    let honest = create.instruction();
    // Its discriminator and the hash.
    instruction.data[..40].copy_from_slice(&honest.data[..40]);
    for (account, right) in instruction.accounts.iter_mut().zip(&honest.accounts) {
        account.pubkey = right.pubkey;
    }
    markets
        .send(instruction, &[&creator.key])
        .expect_refusal(MarketError::TermsHashMismatch);
    markets
        .create(&creator, &create)
        .expect("the market that was meant");
    markets.resolve_all(right, &[]);
}

/// Terms of the venue that change before a market is created keep it from being another one than was
/// meant.
#[test]
fn market_is_not_created_under_other_terms_of_the_venue() {
    let mut markets = MarketsWorld::start(&Default::default());
    let creator = markets.creator();
    let args = markets.terms(2);
    let create = markets.build_market(&creator, args);
    let mut terms = create.venue_terms;
    terms.max_fee_rate -= 1;
    let admin = markets.world.admin.insecure_clone();
    let set = SetVenueTerms {
        authority: admin.pubkey(),
        venue: markets.venue,
        terms,
    };
    markets.send(set.instruction(), &[&admin]).expect("lower");
    markets
        .create(&creator, &create)
        .expect_refusal(MarketError::TermsHashMismatch);
}

/// What a venue asks for of a market binds whoever creates one: a part of the fees for the providers,
/// and time to resolve.
#[test]
fn market_within_the_venues_terms_alone_is_created() {
    const LEAST_SECONDS: u32 = 3 * 60 * 60;
    let options = MarketsOptions::default();
    let mut markets = MarketsWorld::start(&MarketsOptions {
        terms: Terms {
            min_liquidity_fee_share: 6_000,
            min_resolution_seconds: LEAST_SECONDS,
            ..options.terms
        },
        ..options
    });
    let creator = markets.creator();
    let mut args = markets.terms(2);
    args.creator_fee_share = 2_000;
    args.proposal_seconds = LEAST_SECONDS;
    args.arbitration_seconds = LEAST_SECONDS;
    type Change = (fn(&mut CreateMarketArgs), MarketError);
    let changes: [Change; 3] = [
        (
            |args| args.creator_fee_share += 1,
            MarketError::LiquidityFeeShareTooLow,
        ),
        (
            |args| args.proposal_seconds -= 1,
            MarketError::ResolutionTimeOutOfRange,
        ),
        (
            |args| args.arbitration_seconds -= 1,
            MarketError::ResolutionTimeOutOfRange,
        ),
    ];
    for (change, expected) in changes {
        let mut args = args.clone();
        change(&mut args);
        markets.try_market(&creator, args).expect_refusal(expected);
    }
    let market = markets.market(args);
    let trader = markets.trader(1_000_000_000);
    markets.open(&trader, market).expect("a position");
    markets
        .buy(&trader, market, 0, 100_000_000)
        .expect("a purchase");
    let state = markets.state(market);
    let fees = state.liquidity_fees + state.protocol_fees + state.creator_fees;
    assert!(state.liquidity_fees >= fees * 6_000 / 10_000);
    markets.resolve_all(market, &[&trader]);
}

/// A market that ended as early as can be stays until no other can be created with its terms: its
/// address is never used again.
#[test]
fn address_is_never_used_again() {
    let mut markets = MarketsWorld::start(&Default::default());
    let creator = markets.creator();
    let mut args = markets.terms(2);
    args.dispute_window_seconds = 60;
    args.arbitration_seconds = 2 * 60 * 60;
    let create = markets.build_market(&creator, args.clone());
    let market = create.market();
    markets.create(&creator, &create).expect("a market");
    // Settled in the second of its opening: on the arbiters' word.
    markets.propose(&creator, market, 0).expect("a proposal");
    markets.dispute(&creator, market).expect("a dispute");
    markets.resolve_dispute(market, 0).expect("a word");
    markets
        .redeem_liquidity(market, &creator)
        .expect("the funding");
    markets.claim_proposal(market, &creator).expect("the bonds");
    markets.claim_dispute(market, &creator).expect("the rent");
    let close = markets.build_close(market).instruction();
    markets
        .send(close.clone(), &[])
        .expect_refusal(MarketError::TooEarlyToClose);
    let last = args.opens_at + MAX_LATE_OPENING_SECONDS;
    markets.go_to_second(last);
    markets
        .send(close, &[])
        .expect_refusal(MarketError::TooEarlyToClose);
    markets.go_to_second(last + 1);
    markets.close(market).expect("a closing");
    markets
        .world
        .chain
        .send(&[create.instruction()], &[&creator.key])
        .expect_refusal(MarketError::DurationOutOfRange);
}

/// The treasury changes behind the timelock, at the admin's word alone; until then the old one is
/// paid, from then on only the new one.
#[test]
fn treasury_changes_behind_the_timelock() {
    let mut markets = MarketsWorld::start(&Default::default());
    let terms = markets.terms(2);
    let market = markets.market(terms);
    let trader = markets.trader(1_000_000_000);
    markets.open(&trader, market).expect("a position");
    let (admin, guardian) = (
        markets.world.admin.insecure_clone(),
        markets.world.guardian.insecure_clone(),
    );
    let successor = markets.trader(0);
    let set = |authority: Pubkey, treasury: Pubkey, venue: Pubkey| SetTreasury {
        admin: authority,
        venue,
        treasury,
    };
    let venue = markets.venue;
    markets
        .send(
            set(guardian.pubkey(), guardian.pubkey(), venue).instruction(),
            &[&guardian],
        )
        .expect_refusal(MarketError::NotAdmin);
    markets
        .send(
            set(admin.pubkey(), Pubkey::default(), venue).instruction(),
            &[&admin],
        )
        .expect_refusal(MarketError::DefaultKey);
    markets
        .send(
            set(admin.pubkey(), successor.address(), venue).instruction(),
            &[&admin],
        )
        .expect("a proposal");

    let release = |markets: &mut MarketsWorld| {
        markets
            .buy(&trader, market, 0, 10_000_000)
            .expect("a purchase");
        let release = markets.build_release(market).instruction();
        markets.send(release, &[]).expect("fees");
        markets.venue_state().protocol_fees
    };
    let first = release(&mut markets);
    let mut early = markets.build_collect_protocol();
    early.treasury = successor.address();
    early.treasury_tokens = successor.tokens;
    markets
        .send(early.instruction(), &[])
        .expect_refusal(MarketError::WrongAccount);
    let collect = markets.build_collect_protocol().instruction();
    markets.send(collect.clone(), &[]).expect("the old one's");
    assert_eq!(markets.balance(markets.treasury_tokens), first);

    let second = release(&mut markets);
    markets.world.pass_timelock();
    markets
        .send(collect, &[])
        .expect_refusal(MarketError::WrongAccount);
    markets
        .send(early.instruction(), &[])
        .expect("the new one's");
    assert_eq!(markets.balance(successor.tokens), second);
}
