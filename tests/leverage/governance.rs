//! What the admin changes after the timelock, what the guardian stops, and what is not listed.

use client::instructions::leverage::{CreateGroup, LoanParameters, PoolTerms};
use client::instructions::markets::Curve;
use leverage::{error::LoanError, instructions::MIN_FEE_RATE, state::COOLING_SECONDS};
use math::Price;
use solana_signer::Signer;
use testbed::{ExpectError, KeySource, LeverageWorld, UNIT};

#[test]
fn parameters_change_after_the_timelock() {
    let mut world = LeverageWorld::start();
    let (admin, guardian) = (world.admin(), world.markets.world.guardian.insecure_clone());
    let stricter = LoanParameters {
        opening: 3_000,
        ..world.parameters()
    };
    let set = world.govern_listing(&guardian).set_parameters(stricter);
    world
        .send(&[set], &[&guardian])
        .expect_refusal(LoanError::NotAdmin);
    let set = world.govern_listing(&admin).set_parameters(stricter);
    world.send(&[set], &[&admin]).expect("a change");
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 450 * UNIT, 450 * UNIT)
        .expect("as before");
    world.markets.world.pass_timelock();
    let open = world.open(&owner, 2, 1, 450 * UNIT, 450 * UNIT);
    open.expect_refusal(LoanError::LoanAboveCap);
}

/// Nothing looser than what the simulation tried is taken.
#[test]
fn looser_parameters_are_refused() {
    let mut world = LeverageWorld::start();
    let admin = world.admin();
    let loosest = world.parameters();
    let looser: [fn(&mut LoanParameters); 22] = [
        |own| own.opening += 1,
        |own| own.maintenance += 1,
        |own| own.target += 1,
        |own| own.target = 0,
        |own| own.opening = 0,
        |own| own.liquidator_reward += 1,
        |own| own.liquidator_reward = 99,
        |own| own.insurance_reward += 1,
        |own| own.opening_deviations -= 1,
        |own| own.maintenance_deviations -= 1,
        |own| own.max_deviation += 1,
        |own| own.withstands -= 1,
        |own| own.most_shares += 1,
        |own| own.least_locked -= 1,
        |own| own.market_loss += 1,
        |own| own.least_price -= 1,
        |own| own.greatest_price += 1,
        |own| own.latency_seconds -= 1,
        |own| own.decay_seconds -= 1,
        |own| own.delay_seconds -= 1,
        |own| own.mark_slots -= 1,
        |own| own.least_loan = 0,
    ];
    for change in looser {
        let mut parameters = loosest;
        change(&mut parameters);
        let set = world.govern_listing(&admin).set_parameters(parameters);
        world
            .send(&[set], &[&admin])
            .expect_refusal(LoanError::ParametersOutOfRange);
    }
    let set = world.govern_listing(&admin).set_parameters(loosest);
    world.send(&[set], &[&admin]).expect("a change");
}

#[test]
fn terms_of_a_pool_have_bounds() {
    let mut world = LeverageWorld::start();
    let admin = world.admin();
    let terms = LeverageWorld::pool_terms();
    for wrong in [
        PoolTerms {
            group_loss: 301,
            ..terms
        },
        PoolTerms {
            total_loss: 1_001,
            ..terms
        },
        PoolTerms { kink: 0, ..terms },
        PoolTerms {
            full_rate: 10_001,
            ..terms
        },
        PoolTerms {
            notice_seconds: 3_599,
            ..terms
        },
    ] {
        let set = world.govern_pool(&admin).set_terms(wrong);
        world
            .send(&[set], &[&admin])
            .expect_refusal(LoanError::TermsOutOfRange);
    }
    let longer = PoolTerms {
        notice_seconds: 7_200,
        ..terms
    };
    let set = world.govern_pool(&admin).set_terms(longer);
    world.send(&[set], &[&admin]).expect("a change");
    world.markets.world.pass_timelock();
    let set = world.govern_pool(&admin).set_terms(terms);
    world
        .send(&[set], &[&admin])
        .expect_refusal(LoanError::NoticeShortened);
}

/// A breaker stops new loans alone; only time releases it.
#[test]
fn breakers_stop_new_loans_and_nothing_else() {
    let mut world = LeverageWorld::start();
    let (admin, guardian) = (world.admin(), world.markets.world.guardian.insecure_clone());
    let owner = world.trader();
    world
        .open(&owner, 1, 0, 450 * UNIT, 300 * UNIT)
        .expect("a position");
    let (pool, listing) = (
        world.govern_pool(&guardian),
        world.govern_listing(&guardian),
    );
    let (of_pool, of_listing) = (world.govern_pool(&admin), world.govern_listing(&admin));
    for (trip, release, no) in [
        (pool.trip(), of_pool.release(), pool.release()),
        (listing.trip(), of_listing.release(), listing.release()),
    ] {
        let early = release.clone();
        world
            .send(&[early], &[&admin])
            .expect_refusal(LoanError::NotTripped);
        world
            .send(std::slice::from_ref(&trip), &[&guardian])
            .expect("a stop");
        world
            .send(&[trip], &[&guardian])
            .expect_refusal(LoanError::AlreadyTripped);
        let open = world.open(&owner, 2, 0, 100 * UNIT, 50 * UNIT);
        open.expect_refusal(LoanError::ReduceOnly);
        if world.find_request(&owner, 2) {
            world.take_back(&owner, 2).expect("a return");
        }
        world.add_margin(&owner, 1, UNIT).expect("a payment");
        world.reduce(&owner, 1, UNIT).expect("a sale");
        world
            .send(&[no], &[&guardian])
            .expect_refusal(LoanError::NotAdmin);
        world
            .send(std::slice::from_ref(&release), &[&admin])
            .expect("a release");
        world
            .send(&[release], &[&admin])
            .expect_refusal(LoanError::NotTripped);
        let open = world.open(&owner, 2, 0, 100 * UNIT, 50 * UNIT);
        open.expect_refusal(LoanError::ReduceOnly);
        if world.find_request(&owner, 2) {
            world.take_back(&owner, 2).expect("a return");
        }
        world.markets.world.pass_timelock();
    }
    world
        .open(&owner, 2, 0, 100 * UNIT, 50 * UNIT)
        .expect("a position");
    let stranger = world.trader();
    let trip = world.govern_pool(&stranger.key).trip();
    world
        .send(&[trip], &[&stranger.key])
        .expect_refusal(LoanError::NotAdminOrGuardian);
}

/// Who pushes a price stops new loans for a while and nothing else, and takes nothing from what the guardian
/// stopped.
#[test]
fn anybody_stops_new_loans_while_the_price_is_far_off() {
    let mut world = LeverageWorld::start();
    let (owner, pusher) = (world.trader(), world.trader());
    let opened = world.open(&owner, 1, 0, 450 * UNIT, 300 * UNIT);
    opened.expect("a position");
    world.trip_by_price(0).expect_refusal(LoanError::PriceCalm);
    let market = world.listing.market;
    let pushed = world.markets.buy(&pusher, market, 1, 6_000 * UNIT);
    pushed.expect("a purchase");
    world
        .trip_by_price(2)
        .expect_refusal(LoanError::OutcomeOutOfRange);
    world.trip_by_price(0).expect("a stop");
    world
        .trip_by_price(0)
        .expect_refusal(LoanError::AlreadyTripped);
    let until = world.markets.seconds() + COOLING_SECONDS;
    assert_eq!(world.state().breaker.released_from, until);
    // Of the outcome whose price is above its slow price nothing is lent anyhow.
    let others = world
        .markets
        .find::<markets::state::Position>(client::addresses::markets::position(
            &market,
            &pusher.address(),
        ))
        .expect("a position")
        .holdings
        .of(1);
    let back = world.markets.sell(&pusher, market, 1, others);
    back.expect("a sale");
    let open = world.open(&owner, 2, 0, 100 * UNIT, 50 * UNIT);
    open.expect_refusal(LoanError::ReduceOnly);
    world.trip_by_price(0).expect_refusal(LoanError::PriceCalm);
    world.reduce(&owner, 1, UNIT).expect("a sale");
    world.add_margin(&owner, 1, UNIT).expect("a payment");
    world.markets.go_to_second(until);
    let opened = world.open(&owner, 3, 0, 100 * UNIT, 50 * UNIT);
    opened.expect("a position");

    let guardian = world.markets.world.guardian.insecure_clone();
    let trip = world.govern_listing(&guardian).trip();
    world.send(&[trip], &[&guardian]).expect("a stop");
    let pushed = world.markets.buy(&pusher, market, 1, 8_000 * UNIT);
    pushed.expect("a purchase");
    world
        .trip_by_price(0)
        .expect_refusal(LoanError::AlreadyTripped);
    assert_eq!(world.state().breaker.released_from, 0);
}

/// A price that little money moves far, by its own measure, stops nothing: it counts as one at the least price
/// of openings. What stops a market by an outcome at a hundredth costs as much as by one at a tenth.
#[test]
fn long_shot_stops_no_loans_for_next_to_nothing() {
    let mut world = LeverageWorld::start_with(KeySource::Random, 3, |args| {
        args.weights = vec![50, 49, 1];
    });
    let pusher = world.trader();
    let market = world.listing.market;
    let price = |world: &LeverageWorld| {
        let prices = world.markets.state(market).pool.prices();
        prices.expect("prices")[2].0
    };
    let before = price(&world);
    // From .01 to .015, half of the price more.
    while price(&world) < before + before / 2 {
        let pushed = world.markets.buy(&pusher, market, 2, UNIT);
        pushed.expect("a purchase");
    }
    world.trip_by_price(2).expect_refusal(LoanError::PriceCalm);
    // The move that trips it is three eighths of a tenth, whatever the price is.
    let part = Price::ONE.0 / 10 / 8 * 3;
    while price(&world) <= before + part {
        world.trip_by_price(2).expect_refusal(LoanError::PriceCalm);
        let pushed = world.markets.buy(&pusher, market, 2, UNIT);
        pushed.expect("a purchase");
    }
    world.trip_by_price(2).expect("a stop");
}

#[test]
fn anybody_stops_new_loans_of_a_pool_that_is_lent_out() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    let opened = world.open(&owner, 1, 0, 450 * UNIT, 300 * UNIT);
    opened.expect("a position");
    world
        .trip_by_utilisation()
        .expect_refusal(LoanError::UtilisationLow);
    let lender = world.lender();
    world.withdraw(&lender, 1).expect("a withdrawal");
    world.trip_by_utilisation().expect("a stop");
    let until = world.markets.seconds() + COOLING_SECONDS;
    assert_eq!(world.pool_state().breaker.released_from, until);
    world
        .trip_by_utilisation()
        .expect_refusal(LoanError::AlreadyTripped);
    let open = world.open(&owner, 2, 0, 100 * UNIT, 50 * UNIT);
    open.expect_refusal(LoanError::ReduceOnly);
    world.close(&owner, 1).expect("an end");
    world
        .trip_by_utilisation()
        .expect_refusal(LoanError::UtilisationLow);
}

/// Only markets whose shares have a value to sell, and whose result nobody can know while they trade.
#[test]
fn unfit_markets_are_not_listed() {
    let refused = |change: fn(&mut client::instructions::markets::CreateMarketArgs), error| {
        let mut world = LeverageWorld::with_pool(KeySource::Random, 2, change);
        world.list().expect_refusal(error);
    };
    refused(|args| args.curve = Curve::L2, LoanError::CurveNotOffered);
    refused(|args| args.offers_switch = true, LoanError::CurveNotOffered);
    refused(
        |args| args.observe_at_ms = args.opens_at.unsigned_abs() * 1_000,
        LoanError::MayEndEarly,
    );
    refused(|args| args.locks_at -= 1, LoanError::MarketTooShort);
    refused(
        |args| args.fee_rate = MIN_FEE_RATE - 1,
        LoanError::FeeTooLow,
    );
    refused(
        |args| args.dispute_window_seconds = 2 * 60 * 60,
        LoanError::DisputeWindowTooLong,
    );
}

#[test]
fn market_without_locked_liquidity_is_not_listed() {
    let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
    let args = LeverageWorld::market_terms(&mut world.markets, 2);
    world.listing.market = world.markets.market(args);
    world.list().expect_refusal(LoanError::TooLittleLocked);
    let market = world.listing.market;
    let creator = world.markets.creator();
    let shares = world.markets.liquidity(market, &creator).shares;
    world
        .markets
        .lock(&creator, market, shares / 4 - 1)
        .expect("a lock");
    world.list().expect_refusal(LoanError::TooLittleLocked);
    world.markets.lock(&creator, market, 4).expect("a lock");
    world.list().expect("a listing");
    world.list().expect_refusal("AccountAlreadyInUse");
}

#[test]
fn stranger_governs_nothing() {
    let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
    let stranger = world.trader();
    let mut list = world.build_list();
    list.admin = stranger.address();
    world
        .send(&[list.instruction()], &[&stranger.key])
        .expect_refusal(LoanError::NotAdmin);
    let group = CreateGroup {
        admin: stranger.address(),
        pool: world.listing.pool.pool,
        id: 2,
    };
    world
        .send(&[group.instruction()], &[&stranger.key])
        .expect_refusal(LoanError::NotAdmin);
    world.list().expect("a listing");
    let terms = world
        .govern_pool(&stranger.key)
        .set_terms(LeverageWorld::pool_terms());
    world
        .send(&[terms], &[&stranger.key])
        .expect_refusal(LoanError::NotAdmin);
    let delist = client::instructions::leverage::Delist {
        authority: stranger.address(),
        listing: world.listing,
        rent_payer: world.admin().pubkey(),
    };
    world
        .send(&[delist.instruction()], &[&stranger.key])
        .expect_refusal(LoanError::NotAdmin);
    let close = |authority, admin| client::instructions::leverage::ClosePool {
        admin: authority,
        pool: world.listing.pool,
        rent_payer: admin,
        rest_tokens: stranger.tokens,
    };
    let admin = world.admin();
    let stolen = close(stranger.address(), admin.pubkey()).instruction();
    let early = close(admin.pubkey(), admin.pubkey()).instruction();
    world
        .send(&[stolen], &[&stranger.key])
        .expect_refusal(LoanError::NotAdmin);
    world
        .send(std::slice::from_ref(&early), &[&admin])
        .expect_refusal(LoanError::PoolInUse);
    world.delist().expect("by the admin");
    world
        .send(&[early], &[&admin])
        .expect_refusal(LoanError::PoolInUse);
    world.close_pool(stranger.tokens).expect("by the admin");
}

/// What is counted by the time is counted by what was in force then, however long nobody looked: who leaves before
/// a change owes nothing by it.
#[test]
fn dearer_terms_cost_nothing_before_they_are_in_force() {
    let mut world = LeverageWorld::start();
    let owner = world.trader();
    let opened = world.open(&owner, 1, 0, 500 * UNIT, 450 * UNIT);
    opened.expect("a position");
    let admin = world.admin();
    let terms = PoolTerms {
        idle_rate: 10_000,
        kink_rate: 10_000,
        full_rate: 10_000,
        ..LeverageWorld::pool_terms()
    };
    let parameters = LoanParameters {
        jump_fee: 100,
        ..world.parameters()
    };
    let old = world.parameters();
    let dearer = [
        world.govern_pool(&admin).set_terms(terms),
        world.govern_listing(&admin).set_parameters(parameters),
    ];
    let opened_at = world.markets.seconds();
    let (at_first, _) = world.owed(&owner, 1);
    world.send(&dearer, &[&admin]).expect("a change");
    let active_from = world.state().parameters.active_from;
    assert_eq!(world.pool_state().terms.active_from, active_from);
    assert!(active_from > opened_at);

    world.markets.go_to_second(active_from);
    let (debt, fee) = world.owed(&owner, 1);
    let passed = (active_from - opened_at).unsigned_abs();
    // Half a hundredth of a hundredth a day, and somewhat above two hundredths a year.
    let least = 450 * UNIT * 2 / 100 * passed / (365 * 24 * 3_600);
    let earned = debt - at_first;
    assert!((least..least * 2).contains(&earned), "{earned}, {least}");
    let by_old = |seconds: u64| 450 * UNIT * u64::from(old.jump_fee) * seconds / (10_000 * 86_400);
    assert!(fee.abs_diff(by_old(passed)) <= fee / 100 + 2, "{fee}");

    let hour = 3_600;
    world.markets.go_to_second(active_from + hour);
    let (later, more) = world.owed(&owner, 1);
    let dear = debt / (365 * 24);
    assert!((later - debt).abs_diff(dear) <= dear / 100 + 2);
    let dear = debt / 100 / 24;
    assert!((more - fee).abs_diff(dear) <= dear / 100 + 2);
}
