//! What must not work.

use anchor_lang::error::ErrorCode;
use client::{
    addresses::{markets as market_addresses, orders as addresses},
    instructions::orders::*,
};
use math::order_bounds::LOAD_SLOTS;
use orders::{error::OrderError, state::Desk};
use testbed::{thousandths, DeskWorld, ExpectError, PURSE};

#[test]
fn stranger_cannot_return_what_can_be_filled_nor_take_it() {
    let mut world = DeskWorld::start();
    let (owner, thief) = (world.trader(), world.trader());
    let terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    world.place(&owner, 1, terms).expect("an order");
    world
        .give_back(&owner, 1)
        .expect_refusal(OrderError::StillFillable);
    world.markets.go_to_second(terms.expires_at + 1);
    let good = world.build_return(&owner, 1);
    for (give, error) in [
        (
            ReturnOrder {
                owner_tokens: thief.tokens,
                ..good
            },
            OrderError::WrongTokenAccount,
        ),
        (
            ReturnOrder {
                rent_payer: thief.address(),
                ..good
            },
            OrderError::WrongRentReceiver,
        ),
    ] {
        world.send(&[give.instruction()], &[]).expect_refusal(error);
    }
    let mut instruction = good.instruction();
    let position = market_addresses::position(&world.market, &owner.address());
    let stolen = market_addresses::position(&world.market, &thief.address());
    for account in &mut instruction.accounts {
        if account.pubkey == owner.address() {
            account.pubkey = thief.address();
        } else if account.pubkey == position {
            account.pubkey = stolen;
        }
    }
    world
        .send(&[instruction], &[])
        .expect_refusal(OrderError::WrongAccount);
    world.give_back(&owner, 1).expect("a return");
    assert_eq!(world.markets.balance(owner.tokens), PURSE);
    world
        .give_back(&owner, 1)
        .expect_refusal(ErrorCode::AccountNotInitialized);
}

/// Shares go to the owner's position only.
#[test]
fn shares_are_not_returned_to_a_strangers_position() {
    let mut world = DeskWorld::start();
    let (owner, thief) = (world.trader(), world.trader());
    let terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    world.place(&owner, 1, terms).expect("an order");
    world.fill(&owner, 1).expect("a fill");
    world.markets.go_to_second(terms.expires_at + 1);
    let mut instruction = world.build_return(&owner, 1).instruction();
    let position = market_addresses::position(&world.market, &owner.address());
    for account in &mut instruction.accounts {
        if account.pubkey == position {
            account.pubkey = market_addresses::position(&world.market, &thief.address());
        }
    }
    world
        .send(&[instruction], &[])
        .expect_refusal(OrderError::WrongAccount);
    world.give_back(&owner, 1).expect("a return");
}

#[test]
fn accounts_of_another_desk_are_refused() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    world.place(&owner, 1, terms).expect("an order");
    let (market, desk) = (world.market, world.desk);
    let args = world.markets.terms(2);
    let other = world.markets.market(args);
    let opener = world.opener.key.insecure_clone();
    let open = OpenDesk {
        payer: world.opener.address(),
        market: other,
        vault: None,
        mint: world.markets.mint.address,
        token_program: world.markets.token_program(),
    };
    let other_desk = addresses::desk(&other);
    world.markets.know_position(other_desk, other);
    world
        .send(&[open.instruction()], &[&opener])
        .expect("a desk");
    world
        .send(&[open.instruction()], &[&opener])
        .expect_refusal("AccountAlreadyInUse");
    let fill = world.build_fill(&owner, 1);
    let swaps = [
        (desk, other_desk),
        (market, other),
        (
            market_addresses::position(&market, &desk),
            market_addresses::position(&other, &other_desk),
        ),
        (
            market_addresses::position(&market, &desk),
            market_addresses::position(&market, &owner.address()),
        ),
        (world.desk_tokens(), world.tokens_of(&other_desk)),
        (world.desk_tokens(), owner.tokens),
    ];
    for (right, wrong) in swaps {
        let mut swapped = fill.clone();
        for account in &mut swapped.accounts {
            if account.pubkey == right {
                account.pubkey = wrong;
            }
        }
        let refused = world.send(&[swapped], &[]);
        assert!(refused.is_err(), "{right} for {wrong}");
    }
    world.fill(&owner, 1).expect("a fill");
}

/// The keeper buys ahead of a slice and sells after it in one transaction, with any amount.
#[test]
fn keeper_who_sandwiches_a_fill_gains_nothing() {
    let mut best = i128::MIN;
    for stake in [
        100_000,
        1_000_000,
        5_000_000,
        20_000_000,
        60_000_000,
        150_000_000,
    ] {
        let mut world = DeskWorld::start();
        let (owner, keeper) = (world.trader(), world.trader());
        let terms = OrderTerms {
            max_deviation: 5_000,
            plan: OrderPlan::Iceberg {
                shown: 10_000_000,
                interval_seconds: 60,
                limit: thousandths(990),
            },
            ..world.iceberg(OrderSide::Buy, 100_000_000, 990)
        };
        world.place(&owner, 1, terms).expect("an order");
        let market = world.market;
        let order = market_core::pool::Order::Stake(math::Money(stake));
        let shares = world
            .markets
            .quote(market, 0, order)
            .expect("a quote")
            .fill
            .shares
            .0;
        let front = world
            .markets
            .build_buy(&keeper, market, 0, stake)
            .instruction();
        let back = world
            .markets
            .build_sell(&keeper, market, 0, shares)
            .instruction();
        let sandwich = [front, world.build_fill(&owner, 1), back];
        match world.send(&sandwich, &[&keeper.key]) {
            Ok(_) => {
                let gained = i128::from(world.markets.balance(keeper.tokens)) - i128::from(PURSE);
                best = best.max(gained);
            }
            refused => refused.expect_refusal(OrderError::SliceTooLarge),
        }
    }
    assert!(best < 0, "{best}");
    println!("a sandwich gained {best} base units at best");
}

/// The keeper buys ahead of several slices, of one order or of several, and sells after them in one
/// transaction: each is safe by itself, and takes 0.77 of a safe move.
#[test]
fn keeper_who_sandwiches_many_fills_gains_nothing() {
    let mut gains = vec![];
    for (owners, fills) in [(1, 1), (1, 4), (4, 4), (6, 6)] {
        let mut world = DeskWorld::start();
        let keeper = world.trader();
        let owners: Vec<_> = (0..owners).map(|_| world.trader()).collect();
        for owner in &owners {
            let terms = hasty(&world);
            world.place(owner, 1, terms).expect("an order");
        }
        let market = world.market;
        let stake = 20_000_000;
        let order = market_core::pool::Order::Stake(math::Money(stake));
        let quote = world.markets.quote(market, 0, order).expect("a quote");
        let shares = quote.fill.shares.0;
        let build = &world.markets;
        let mut sandwich = vec![build.build_buy(&keeper, market, 0, stake).instruction()];
        let served = owners.iter().cycle().take(fills);
        sandwich.extend(served.map(|owner| world.build_fill(owner, 1)));
        let back = build.build_sell(&keeper, market, 0, shares);
        sandwich.push(back.instruction());
        let refused = world.send(&sandwich, &[&keeper.key]);
        if fills > 1 {
            refused.expect_refusal(OrderError::TooManyFills);
        }
        let money = i128::from(world.markets.balance(keeper.tokens));
        gains.push(money - i128::from(PURSE));
    }
    assert_eq!(gains, [-196_927, 0, 0, 0]);
}

/// An iceberg whose slices may follow each other at once.
fn hasty(world: &DeskWorld) -> OrderTerms {
    OrderTerms {
        plan: OrderPlan::Iceberg {
            shown: 10_000_000,
            interval_seconds: 0,
            limit: thousandths(990),
        },
        ..world.iceberg(OrderSide::Buy, 100_000_000, 990)
    }
}

/// Whose liquidity it is thins it out, pushes the price at little cost, brings the liquidity back and
/// fills a slice: it pays no worse a price than its owner allows.
#[test]
fn provider_who_thins_liquidity_takes_no_more_than_the_deviation() {
    let bought = [0, 1_100_000, 1_250_000].map(|push| {
        let mut world = DeskWorld::start();
        let owner = world.trader();
        let terms = hasty(&world);
        world.place(&owner, 1, terms).expect("an order");
        let (provider, market) = (world.markets.creator(), world.market);
        world.markets.open_provider(&provider, market);
        let supply = world.markets.state(market).liquidity_supply;
        let markets = &mut world.markets;
        if push > 0 {
            let out = supply / 100 * 99;
            markets.remove(&provider, market, out).expect("an exit");
            markets
                .buy_shares(&provider, market, 0, push)
                .expect("a push");
            let left = markets.state(market).pool.greatest_reserve();
            let back = left.expect("a reserve") * 99;
            markets.add(&provider, market, back).expect("a return");
        }
        match world.fill(&owner, 1) {
            Ok(_) => world.order(&owner, 1).shares,
            refused => {
                refused.expect_refusal(OrderError::DeviationTooGreat);
                0
            }
        }
    });
    // Three hundredths of one half more are six hundredths.
    assert_eq!(bought, [19_706_814, 18_708_873, 0]);
}

/// What fills took of a safe move is forgotten evenly.
#[test]
fn fills_that_together_are_no_longer_safe_wait() {
    let mut world = DeskWorld::start();
    let (first, second) = (world.trader(), world.trader());
    for owner in [&first, &second] {
        let terms = hasty(&world);
        world.place(owner, 1, terms).expect("an order");
    }
    world.fill(&first, 1).expect("a fill");
    for owner in [&first, &second] {
        world
            .fill(owner, 1)
            .expect_refusal(OrderError::TooManyFills);
    }
    // Each took 0.77 of a safe move, so 0.54 is too much, which takes 8.7 slots.
    world.pass(LOAD_SLOTS / 2);
    world
        .fill(&second, 1)
        .expect_refusal(OrderError::TooManyFills);
    world.pass(1);
    world.fill(&second, 1).expect("a fill");
    assert_eq!(world.order(&second, 1).left, 90_000_000);
}

/// A price pushed for the slot is not the owner's to pay.
#[test]
fn fill_far_from_the_average_is_refused() {
    let mut world = DeskWorld::start();
    let (owner, pusher) = (world.trader(), world.trader());
    let terms = OrderTerms {
        plan: OrderPlan::Iceberg {
            shown: 1_000_000,
            interval_seconds: 60,
            limit: thousandths(990),
        },
        ..world.iceberg(OrderSide::Buy, 10_000_000, 990)
    };
    world.place(&owner, 1, terms).expect("an order");
    let market = world.market;
    world
        .markets
        .buy(&pusher, market, 0, 80_000_000)
        .expect("a push");
    world
        .fill(&owner, 1)
        .expect_refusal(OrderError::DeviationTooGreat);
    // What has stood for the window is the price.
    world.pass(300);
    world.fill(&owner, 1).expect("a fill");
}

#[test]
fn slice_that_can_be_sandwiched_is_refused() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let terms = OrderTerms {
        plan: OrderPlan::Iceberg {
            shown: 20_000_000,
            interval_seconds: 60,
            limit: thousandths(600),
        },
        ..world.iceberg(OrderSide::Buy, 20_000_000, 600)
    };
    world.place(&owner, 1, terms).expect("an order");
    world
        .fill(&owner, 1)
        .expect_refusal(OrderError::SliceTooLarge);
    world.take_back(&owner, 1).expect("a return");
    assert_eq!(world.markets.balance(owner.tokens), PURSE);
}

#[test]
fn market_without_fee_has_no_desk() {
    let mut world = DeskWorld::start();
    let mut args = world.markets.terms(2);
    args.fee_rate = 0;
    let market = world.markets.market(args);
    let open = OpenDesk {
        market,
        ..world.build_open()
    };
    let opener = world.opener.key.insecure_clone();
    world
        .send(&[open.instruction()], &[&opener])
        .expect_refusal(OrderError::FeeFreeMarket);
}

#[test]
fn orders_out_of_range_are_refused_by_name() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let good = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    let market_shares = OrderTerms {
        side: OrderSide::Sell,
        ..good
    };
    for (terms, error) in [
        (
            OrderTerms { outcome: 2, ..good },
            OrderError::OutcomeOutOfRange,
        ),
        (OrderTerms { total: 0, ..good }, OrderError::ZeroAmount),
        (
            OrderTerms {
                expires_at: world.markets.seconds(),
                ..good
            },
            OrderError::TimesOutOfRange,
        ),
        (
            OrderTerms {
                tip_lamports: u64::MAX,
                ..good
            },
            OrderError::Overflow,
        ),
    ] {
        world.place(&owner, 1, terms).expect_refusal(error);
    }
    world
        .place(&owner, 1, market_shares)
        .expect_refusal(markets::error::MarketError::NotEnoughShares);
    world.place(&owner, 1, good).expect("an order");
    let again = world.build_place(&owner, 1, good);
    world
        .send(&[again.instruction()], &[&owner.key])
        .expect_refusal("AccountAlreadyInUse");
}

/// Money and shares that nobody asked for change no order.
#[test]
fn gifts_to_a_desk_are_nobodys() {
    let mut world = DeskWorld::start();
    let (owner, giver) = (world.trader(), world.trader());
    let terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    world.place(&owner, 1, terms).expect("an order");
    let (market, desk) = (world.market, world.desk);
    world.markets.split(&giver, market, 500).expect("sets");
    let gift = client::instructions::markets::TransferShares {
        owner: giver.address(),
        market,
        receiver: desk,
        outcome: 0,
        shares: 500,
    };
    world
        .send(&[gift.instruction()], &[&giver.key])
        .expect("a gift");
    let (mint, tokens) = (world.markets.mint, world.desk_tokens());
    let chain = &mut world.markets.world.chain;
    chain.mint_to(mint, tokens, 77).expect("a gift");
    world.fill(&owner, 1).expect("a fill");
    let bought = world.order(&owner, 1).shares;
    world.take_back(&owner, 1).expect("a return");
    assert_eq!(
        world.markets.position(market, &owner).holdings.shares[0],
        bought
    );
    assert_eq!(world.markets.balance(owner.tokens), PURSE - 1_000_000);
    world
        .close()
        .expect_refusal(markets::error::MarketError::PositionNotEmpty);
    world.markets.resolve(market, 0);
    world.settle().expect("a settlement");
    world.settle().expect_refusal(OrderError::DeskSettled);
    let before = world.markets.balance(world.opener.tokens);
    world.close().expect("a closing");
    assert_eq!(world.markets.balance(world.opener.tokens), before + 577);
    assert!(world.markets.find::<Desk>(desk).is_none());
}

#[test]
fn desk_with_orders_stays_open() {
    let mut world = DeskWorld::start();
    let owner = world.trader();
    let terms = world.iceberg(OrderSide::Buy, 10_000_000, 520);
    world.place(&owner, 1, terms).expect("an order");
    world.close().expect_refusal(OrderError::DeskInUse);
    world.take_back(&owner, 1).expect("a return");
    world.close().expect("a closing");
    // It can be opened again while the market trades.
    let open = OpenDesk {
        payer: world.opener.address(),
        market: world.market,
        vault: None,
        mint: world.markets.mint.address,
        token_program: world.markets.token_program(),
    };
    let opener = world.opener.key.insecure_clone();
    world
        .send(&[open.instruction()], &[&opener])
        .expect("a desk");
}
