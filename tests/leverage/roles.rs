//! The most that each role takes of others by loans, alone or with accomplices.

use client::instructions::markets::Curve;
use leverage::{
    error::LoanError,
    instructions::MIN_FEE_RATE,
    state::{COOLING_SECONDS, MARK_BOUNTY_LAMPORTS},
};
use market_core::{pool::Order, Shares};
use testbed::{ExpectError, KeySource, LeverageWorld, Trader, DEPTH, LENT, UNIT};

use super::{
    accounts::second_pool,
    attacks::request,
    common::{cheap_world, cost, held, money, pass, price, sale},
};

/// Buys an outcome with so much, does something, sells the same shares: what the one who does it gained.
pub fn around(
    world: &mut LeverageWorld,
    pusher: &Trader,
    (outcome, push): (u8, u64),
    act: impl FnOnce(&mut LeverageWorld),
) -> i64 {
    let market = world.listing.market;
    let (before, had) = (money(world, pusher), held(world, pusher, outcome.into()));
    let bought = world.markets.buy(pusher, market, outcome, push);
    bought.expect("a purchase");
    act(world);
    let shares = held(world, pusher, outcome.into()) - had;
    let sold = world.markets.sell(pusher, market, outcome, shares);
    sold.expect("a sale");
    money(world, pusher) - before
}

/// A pool with so much from one lender, whose market takes the least fee.
pub fn pool_of(lent: u64) -> LeverageWorld {
    let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |args| {
        args.fee_rate = MIN_FEE_RATE;
    });
    world.list().expect("a listing");
    let lender = world.lender();
    world.deposit(&lender, 1, lent).expect("a deposit");
    world.markets.go_to_second(world.state().open_from);
    world
}

pub fn equity(world: &LeverageWorld) -> u64 {
    world.pool_state().book.equity().expect("a sum").0
}

/// Who executes an open can push the price up before it, to what its owner's bound leaves, and no further than the
/// greatest distance above the slow price. Lenders lose nothing: the loan is within its cap at both prices.
#[test]
fn sandwich_of_an_open_takes_what_its_bound_leaves() {
    let (margin, loan) = (300 * UNIT, 250 * UNIT);
    let honest = {
        let mut world = cheap_world();
        let owner = world.trader();
        world.open(&owner, 1, 0, margin, loan).expect("a position");
        world.position(&owner, 1).shares
    };
    // Two hundredths less, which the command asks for where its user says nothing; and no bound.
    for (bound, at_most) in [(honest * 98 / 100, 10 * UNIT), (0, 24 * UNIT)] {
        let mut most = i64::MIN;
        for push in [100, 200, 220, 240, 400, 500, 560, 800] {
            let mut world = cheap_world();
            let (owner, keeper) = (world.trader(), world.trader());
            let mut args = request(0, margin, loan);
            args.min_shares = bound;
            world.request(&owner, 1, args).expect("a request");
            world.wait_for_execution();
            let mut is_open = false;
            let gained = around(&mut world, &keeper, (0, push * UNIT), |world| {
                is_open = world.execute(&owner, 1).is_ok();
            });
            if is_open {
                most = most.max(gained);
                assert_eq!(world.health(&owner, 1).shares_to_sell, 0);
            } else {
                assert!(gained < 0, "{gained}");
            }
        }
        println!("of {honest} shares, bound at {bound}: {most} taken at most");
        let at_most = at_most as i64;
        assert!(most > at_most * 9 / 10 && most <= at_most, "{most}");
    }
}

/// A lender who borrows before another is paid has that one paid as if the loans were lost, closes them, and has
/// what that one left. A bound keeps it: the withdrawal lapses then.
#[test]
fn lender_who_stays_has_what_a_leaving_one_leaves() {
    let each = 20_000 * UNIT;
    for bound in [0, each * 999 / 1_000] {
        let mut world = pool_of(each);
        let (victim, attacker) = (world.markets.trader(LENT), world.lender());
        world.deposit(&victim, 1, each).expect("a deposit");
        let shares = world.deposit_state(&victim, 1).shares;
        let mut asked = world.build_withdraw(&victim, 1, shares);
        asked.min_amount = bound;
        let asked = world.send(&[asked.instruction()], &[&victim.key]);
        asked.expect("a request");
        let available = world.withdrawal_state(&victim, 1).available_at;
        world.markets.go_to_second(available - 60);
        // As much as a hundredth of the lenders' money bears.
        let borrower = world.trader();
        let opened = world.open(&borrower, 1, 0, 300 * UNIT, 190 * UNIT);
        opened.expect("a loan");
        world.markets.go_to_second(available);
        let before = money(&world, &victim);
        let paid = world.execute_withdraw(&victim, 1);
        if bound > 0 {
            paid.expect_refusal(LoanError::AmountBelowMinimum);
            continue;
        }
        paid.expect("a withdrawal");
        let left = each as i64 - (money(&world, &victim) - before);
        world.close(&borrower, 1).expect("an end");
        world.claim(&borrower, 1).expect("a payment");
        let cost = LENT as i64 - money(&world, &borrower);
        let had = money(&world, &attacker);
        world.withdraw(&attacker, 1).expect("a withdrawal");
        let taken = money(&world, &attacker) - had - each as i64;
        println!("{left} left of {each}, {taken} of it the other's, for {cost}");
        assert!(left.abs_diff(95 * UNIT as i64) <= 2 && taken >= left);
        assert!(cost < UNIT as i64);
    }
}

/// Who comes in while a loss is known and not booked bears his part of it: of half of the money one half.
#[test]
fn newcomer_bears_his_part_of_a_loss_that_is_not_booked() {
    let each = 50_000 * UNIT;
    let mut world = pool_of(each);
    let (old, new) = (world.lender(), world.markets.trader(LENT));
    let borrower = world.trader();
    let opened = world.open(&borrower, 1, 0, 550 * UNIT, 400 * UNIT);
    opened.expect("a loan");
    let (market, creator) = (world.listing.market, world.markets.creator());
    let proposed = world.markets.propose(&creator, market, 1);
    proposed.expect("a proposal");
    world.request_deposit(&new, 1, each).expect("a request");
    let until = world.markets.state(market).dispute_until;
    let available = world.deposit_state(&new, 1).available_at;
    world.markets.go_to_second(until.max(available));
    world.markets.finalize(market).expect("an end");
    world.execute_deposit(&new, 1).expect("a deposit");
    world.settle_market().expect("a settlement");
    let settled = world.settle_position(&borrower, 1);
    settled.expect("a settlement");
    for lender in [&old, &new] {
        let before = money(&world, lender);
        world.withdraw(lender, 1).expect("a withdrawal");
        let lost = each as i64 - (money(&world, lender) - before);
        assert!(lost.abs_diff(200 * UNIT as i64) < UNIT / 10, "{lost}");
    }
}

/// Pushes the price of what a loan is against to the end, holds it until it is sold, and trades back.
pub fn sell_own_loan(world: &mut LeverageWorld, owner: &Trader, nonce: u64) {
    let outcome = world.position(owner, nonce).outcome;
    let (market, other) = (world.listing.market, 1 - outcome);
    let had = held(world, owner, other.into());
    while price(world, outcome.into()) > 0.002 {
        let push = world.markets.buy(owner, market, other, 5_000 * UNIT);
        push.expect("a purchase");
    }
    world.monitor(owner, nonce).expect("a mark");
    pass(world, 25);
    world.liquidate(&[(owner, nonce)]).expect("a sale");
    let bought = held(world, owner, other.into()) - had;
    let sold = world.markets.sell(owner, market, other, bought);
    sold.expect("a sale");
}

/// Who borrows, holds the price at one end and then at the other, each until the loan against it is sold, and
/// whom nobody answers for those 25 slots, takes the loans: no more than a hundredth of the pool, or than the depth
/// bears, on either side and on both together.
#[test]
fn price_at_both_ends_costs_no_more_than_the_markets_part() {
    for (lent, loans, at_most) in [
        // A hundredth of the pool bears no second loan.
        (40_000, vec![(0, 395)], 400),
        // And of a great one the depth.
        (1_000_000, vec![(0, 555), (1, 770)], 1_325),
    ] {
        let mut world = pool_of(lent * UNIT);
        let attacker = world.trader();
        let before = equity(&world);
        for (outcome, loan) in &loans {
            let margin = loan * 9 / 10 * UNIT;
            let nonce = u64::from(*outcome);
            let opened = world.open(&attacker, nonce, *outcome, margin, loan * UNIT);
            opened.expect("a loan");
        }
        if loans.len() == 1 {
            let more = world.open(&attacker, 1, 1, 20 * UNIT, 20 * UNIT);
            more.expect_refusal(LoanError::WorstLossAboveCap);
            world.take_back(&attacker, 1).expect("a return");
        }
        for (outcome, _) in &loans {
            sell_own_loan(&mut world, &attacker, u64::from(*outcome));
        }
        let lost = before - equity(&world);
        let taken = money(&world, &attacker) - LENT as i64;
        println!("pool of {lent}: {lost} lost, {taken} taken");
        assert!(lost <= at_most * UNIT && taken <= lost as i64);
        // But for interest.
        assert!(cost(&world, before).abs_diff(lost) < lost / 1_000);
        // And no more is lent, but what of the hundredth is left.
        world
            .markets
            .go_to_second(world.state().breaker.released_from);
        if loans.len() == 1 {
            let more = world.open(&attacker, 9, 0, 20 * UNIT, 20 * UNIT);
            more.expect_refusal(LoanError::WorstLossAboveCap);
        }
    }
}

/// A loan of 300 whose debt is so many ten-thousandths of what its shares return, because others bought the other
/// outcome.
pub fn owing(world: &mut LeverageWorld, owed: u64) -> Trader {
    let (owner, other) = (world.trader(), world.trader());
    let opened = world.open(&owner, 1, 0, 300 * UNIT, 300 * UNIT);
    opened.expect("a loan");
    let shares = world.position(&owner, 1).shares;
    let (debt, _) = world.owed(&owner, 1);
    while debt * 10_000 < sale(world, 0, shares) * owed {
        let market = world.listing.market;
        let bought = world.markets.buy(&other, market, 1, 2 * UNIT);
        bought.expect("a purchase");
    }
    pass(world, 1);
    owner
}

/// A position within a hundredth of being due is sold by who marks it by a push of a moment, and later holds the
/// price a little lower for ten of the 25 slots alone: the average since the mark is low enough then. From one that
/// owes nine tenths of what it may nothing is sold so.
#[test]
fn nearly_due_position_is_sold_by_a_part_of_a_mark() {
    for (owed, is_sold) in [(6_750, false), (7_460, true)] {
        let mut world = cheap_world();
        let owner = owing(&mut world, owed);
        let hunter = world.trader();
        let marking = around(&mut world, &hunter, (1, 2_000 * UNIT), |world| {
            world.monitor(&owner, 1).expect("a mark");
        });
        pass(&mut world, 15);
        let holding = around(&mut world, &hunter, (1, 180 * UNIT), |world| {
            pass(world, 10);
            let sold = world.liquidate(&[(&owner, 1)]);
            assert_eq!(sold.is_ok(), is_sold, "{sold:?}");
        });
        let reward = world.markets.balance(world.keeper.tokens);
        println!("owing {owed}: {marking} and {holding} beside {reward} of reward");
        let gained = marking + holding + reward.cast_signed();
        assert_eq!(gained > 0, is_sold, "{gained}");
        assert!(gained < 11 * UNIT.cast_signed(), "{gained}");
    }
}

/// Of a position within half a percent of being due it is, too, if somebody trades the price back in every slot: the
/// push is so small that all 25 of them cost less than the sale pays.
#[test]
fn nearly_due_position_is_sold_against_answers_in_every_slot() {
    let mut world = cheap_world();
    let owner = owing(&mut world, 7_470);
    let (hunter, arbitrageur) = (world.trader(), world.trader());
    let (market, had) = (world.listing.market, money(&world, &hunter));
    let fair = price(&world, 1);
    let push = |world: &mut LeverageWorld| {
        let before = held(world, &hunter, 1);
        let bought = world.markets.buy(&hunter, market, 1, 60 * UNIT);
        bought.expect("a purchase");
        held(world, &hunter, 1) - before
    };
    let mut pushed = push(&mut world);
    world.monitor(&owner, 1).expect("a mark");
    for _ in 0..24 {
        pass(&mut world, 1);
        let order = Order::Buy(Shares(pushed));
        let quote = world.markets.quote(market, 0, order).expect("a quote");
        let paid = quote.fill.amount.0;
        let answered = world.markets.buy(&arbitrageur, market, 0, paid);
        answered.expect("an answer");
        pushed = push(&mut world);
    }
    pass(&mut world, 1);
    world.liquidate(&[(&owner, 1)]).expect("a sale");
    let sold = world.markets.sell(&hunter, market, 1, pushed);
    sold.expect("a sale");
    // What others answered is worth the fair price.
    let rest = (held(&world, &hunter, 1) as f64 * fair) as i64;
    let reward = world.markets.balance(world.keeper.tokens).cast_signed();
    let gained = money(&world, &hunter) - had + rest;
    println!("{gained} beside {reward} of reward");
    assert!((0..11 * UNIT.cast_signed()).contains(&(gained + reward)));
}

/// A bad debt on purpose costs its owner a held push and stops new loans for a quarter of an hour, and as the price was
/// held far off for the time constant; what it cost lenders is gone from what the market may cost.
#[test]
fn bad_debt_on_purpose_stops_loans_for_a_while() {
    let mut world = cheap_world();
    let attacker = world.trader();
    let opened = world.open(&attacker, 1, 0, 18 * UNIT, 20 * UNIT);
    opened.expect("a loan");
    let before = equity(&world);
    let paid = around(&mut world, &attacker, (1, 9_000 * UNIT), |world| {
        world.monitor(&attacker, 1).expect("a mark");
        pass(world, 25);
        world.liquidate(&[(&attacker, 1)]).expect("a sale");
    });
    let lost = before - equity(&world);
    let reward = world.markets.balance(world.keeper.tokens);
    println!("{lost} lost, {reward} of reward, for 18 of margin and {paid}");
    assert!(lost > 4 * UNIT && lost < 6 * UNIT);
    // With the margin.
    assert!(paid - ((18 * UNIT) as i64) < -4 * UNIT as i64, "{paid}");
    assert!(cost(&world, before).abs_diff(lost) < lost / 10_000);
    let until = world.state().breaker.released_from;
    assert_eq!(until, world.markets.seconds() + COOLING_SECONDS);
    let other = world.trader();
    let opened = world.open(&other, 1, 0, 100 * UNIT, 80 * UNIT);
    opened.expect_refusal(LoanError::ReduceOnly);
    world.markets.go_to_second(until);
    let opened = world.open(&other, 2, 0, 100 * UNIT, 80 * UNIT);
    opened.expect_refusal(LoanError::PriceNotCalm);
    world.wait_until_calm();
    let opened = world.open(&other, 3, 0, 100 * UNIT, 80 * UNIT);
    opened.expect("a loan");
}

/// A provider with three quarters of the liquidity takes them away for two moments, in which he marks a position and
/// sells it: one that may owe three quarters of what it returns on all liquidity is sold from seven tenths on. What
/// he buys back there, and sells once he has added them again, is some hundredths of it.
#[test]
fn provider_who_thins_a_market_out_sells_what_is_nearly_due() {
    let mut most = 0;
    for (owed, is_sold) in [(690, false), (705, true), (740, true)] {
        let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |_| {});
        let mut args = LeverageWorld::market_terms(&mut world.markets, 2);
        args.fee_rate = MIN_FEE_RATE;
        let market = world.markets.market(args);
        world.listing.market = market;
        let creator = world.markets.creator();
        let locked = world.markets.liquidity(market, &creator).shares / 4 + 1;
        let lock = world.markets.lock(&creator, market, locked);
        lock.expect("a lock");
        world.list().expect("a listing");
        let lender = world.lender();
        world.deposit(&lender, 1, LENT).expect("a deposit");
        world.markets.go_to_second(world.state().open_from);
        world.markets.open(&creator, market).expect("a position");
        let (owner, hunter) = (world.trader(), world.trader());
        let loan = 190 * UNIT;
        let opened = world.open(&owner, 1, 0, loan, loan);
        opened.expect("a loan");
        let shares = world.position(&owner, 1).shares;
        while sale(&world, 0, shares) > loan * 1_000 / owed {
            let fall = world.markets.buy(&hunter, market, 1, 10 * UNIT);
            fall.expect("a purchase");
        }
        let then = world.markets.seconds() + 3_600;
        world.markets.go_to_second(then);
        assert_eq!(world.health(&owner, 1).shares_to_sell, 0);
        let value = sale(&world, 0, shares);
        let thin = |world: &mut LeverageWorld| {
            let before = world.markets.balance(creator.tokens);
            let free = world.markets.liquidity(market, &creator).shares - locked;
            let removed = world.markets.remove(&creator, market, free);
            removed.expect("a removal");
            world.markets.balance(creator.tokens) - before
        };
        let removed = thin(&mut world);
        world.monitor(&owner, 1).expect("a look");
        let added = world.markets.add(&creator, market, removed);
        added.expect("liquidity");
        pass(&mut world, 25);
        let removed = thin(&mut world);
        assert_eq!(world.liquidate(&[(&owner, 1)]).is_ok(), is_sold);
        let sold = shares - world.position(&owner, 1).shares;
        let before = money(&world, &hunter);
        if is_sold {
            let bought = world.markets.buy_shares(&hunter, market, 0, sold);
            bought.expect("a purchase");
        }
        let added = world.markets.add(&creator, market, removed);
        added.expect("liquidity");
        if is_sold {
            let back = world.markets.sell(&hunter, market, 0, sold);
            back.expect("a sale");
        }
        let taken = money(&world, &hunter) - before;
        let reward = world.markets.balance(world.keeper.tokens);
        println!("owing {owed} of {value}: {taken} taken beside a reward of {reward}");
        most = most.max(taken);
    }
    assert!(most > UNIT as i64 && most < 3 * UNIT as i64, "{most}");
}

/// The price of what a loan is against falls until a sale of its shares returns so much.
pub fn fall(world: &mut LeverageWorld, owner: &Trader, value: u64) {
    let (position, other) = (world.position(owner, 1), world.trader());
    let market = world.listing.market;
    while sale(world, position.outcome, position.shares) > value {
        let push = world
            .markets
            .buy(&other, market, 1 - position.outcome, 50 * UNIT);
        push.expect("a purchase");
    }
}

/// Whose loan is under water can hold the price up for some slots of every mark, open to everybody's answer, so that
/// the spot price is too far below the average: the sale waits for the mark to lapse, at the fees of the push.
#[test]
fn owner_puts_a_sale_off_by_holding_the_price_up() {
    let mut world = cheap_world();
    let owner = world.trader();
    let loan = 450 * UNIT;
    let opened = world.open(&owner, 1, 0, loan, loan);
    opened.expect("a loan");
    fall(&mut world, &owner, loan * 95 / 100);
    world.monitor(&owner, 1).expect("a mark");
    let marked = world.position(&owner, 1).marked_slot;
    let cost = around(&mut world, &owner, (0, 1_600 * UNIT), |world| {
        pass(world, 9);
    });
    for age in [25, 60, 100, 150] {
        world.markets.go_to(marked + age);
        let sold = world.liquidate(&[(&owner, 1)]);
        sold.expect_refusal(LoanError::NothingToLiquidate);
    }
    println!("{cost} for 150 slots");
    assert!(cost < -3 * UNIT as i64 && cost > -4 * UNIT as i64, "{cost}");
    // He has to do it again and again.
    pass(&mut world, 1);
    world.monitor(&owner, 1).expect("a mark");
    pass(&mut world, 25);
    world.liquidate(&[(&owner, 1)]).expect("a sale");
}

/// A guardian who pauses the venue keeps a loan of an accomplice's from being sold, as he keeps everybody from
/// answering prices; the loan ends with the market, and costs its lenders no more than itself.
#[test]
fn guardian_keeps_a_loan_from_being_sold_by_pauses() {
    let mut world = cheap_world();
    let owner = world.trader();
    let loan = 450 * UNIT;
    let opened = world.open(&owner, 1, 0, loan, loan);
    opened.expect("a loan");
    let before = equity(&world);
    fall(&mut world, &owner, loan * 80 / 100);
    world.monitor(&owner, 1).expect("a mark");
    world.markets.pause().expect("a pause");
    pass(&mut world, 25);
    let sold = world.liquidate(&[(&owner, 1)]);
    sold.expect_refusal(LoanError::NothingToLiquidate);
    world.monitor(&owner, 1).expect("a look");
    let market = world.listing.market;
    world.markets.resolve(market, 1);
    world.settle_market().expect("a settlement");
    world.settle_position(&owner, 1).expect("a settlement");
    let lost = before - equity(&world);
    println!("{lost} lost of {loan}, {} lent with the interest", before);
    assert!(lost.abs_diff(loan) <= 2, "{lost}");
    assert_eq!(world.markets.balance(owner.tokens), LENT - loan);
}

/// A creator who provides all of the liquidity, opens the market at a price that he invents and buys on credit what
/// nobody else would, has the loan once the result is there: a hundredth of the pool, or what the depth bears.
#[test]
fn creator_with_an_invented_price_takes_the_markets_part() {
    for (lent, least, most) in [(40_000, 350, 396), (1_000_000, 1_000, 1_250)] {
        let mut world = LeverageWorld::with_pool(KeySource::Random, 2, |args| {
            args.fee_rate = MIN_FEE_RATE;
            // Of an outcome that he knows to lose.
            args.weights = vec![75, 25];
        });
        world.list().expect("a listing");
        let lender = world.lender();
        let deposit = world.deposit(&lender, 1, lent * UNIT);
        deposit.expect("a deposit");
        world.markets.go_to_second(world.state().open_from);
        let before = equity(&world);
        let accomplice = world.trader();
        let market = world.listing.market;
        let mut nonce = 0;
        let refused = loop {
            let opened = world.open(&accomplice, nonce, 0, 50 * UNIT, 50 * UNIT);
            if let Err(error) = opened {
                break error;
            }
            nonce += 1;
            // What he sells to himself leaves the price where it was.
            while price(&world, 0) > 0.751 {
                let back = world.markets.buy(&accomplice, market, 1, 5 * UNIT);
                back.expect("a purchase");
            }
        };
        println!("after {nonce} loans: {refused}");
        world.take_back(&accomplice, nonce).expect("a return");
        world.markets.resolve(market, 1);
        world.settle_market().expect("a settlement");
        for loan in 0..nonce {
            let settled = world.settle_position(&accomplice, loan);
            settled.expect("a settlement");
        }
        let lost = before - equity(&world);
        println!("pool of {lent}: {lost} lost");
        assert!(lost >= least * UNIT && lost <= most * UNIT, "{lost}");
    }
}

/// A market that two pools lend on is lent on twice: each counts its own loans alone, of which the second returns
/// less once the first is sold.
#[test]
fn each_pool_counts_its_own_loans_alone() {
    let mut world = cheap_world();
    let owner = world.trader();
    let loans = |world: &mut LeverageWorld| {
        let mut nonce = 1;
        loop {
            let opened = world.open(&owner, nonce, 0, 100 * UNIT, 90 * UNIT);
            if opened.is_err() {
                world.take_back(&owner, nonce).expect("a return");
                return (world.state().shares[0], (nonce - 1) * 90);
            }
            nonce += 1;
            while price(world, 0) > 0.501 {
                let market = world.listing.market;
                let back = world.markets.buy(&owner, market, 1, 5 * UNIT);
                back.expect("a purchase");
            }
        }
    };
    let (first, lent) = loans(&mut world);
    let (pool, group) = second_pool(&mut world);
    (world.listing.pool, world.listing.group) = (pool, group);
    world.list().expect("a listing");
    let lender = world.markets.trader(LENT);
    world.deposit(&lender, 1, LENT).expect("a deposit");
    let opens = world.state();
    world.markets.go_to_second(opens.open_from);
    let slot = world.markets.chain().slot().max(opens.open_from_slot);
    world.markets.go_to(slot);
    let (second, more) = loans(&mut world);
    let (alone, both) = (sale(&world, 0, first), sale(&world, 0, first + second));
    println!(
        "{lent} lent on what returns {alone}, and {more} more on {}",
        both - alone
    );
    let cap = |value: u64| value * 55 / 100 / UNIT;
    assert!(
        lent <= cap(alone) + 20 && more > cap(both - alone),
        "{more}"
    );
    assert!(more < (both - alone) * 75 / 100 / UNIT);
}

/// The greatest loan that is given, at several prices and fees on both curves, closed in the slot after it: it costs
/// the fees both ways and what the purchase moves the price, and lenders have what they had.
#[test]
fn opening_at_the_cap_and_closing_at_once_costs_fees_and_spread() {
    for curve in [Curve::Lmsr, Curve::PmAmm { micro_tau: false }] {
        for (fee_rate, weights) in [(MIN_FEE_RATE, [50, 50]), (100, [30, 70]), (100, [75, 25])] {
            let mut world = LeverageWorld::start_with(KeySource::Random, 2, |args| {
                (args.curve, args.fee_rate) = (curve, fee_rate);
                args.weights = weights.to_vec();
            });
            let owner = world.trader();
            let before = equity(&world);
            let margin = 120 * UNIT;
            let mut given = None;
            let mut nonce = 0;
            for loan in (20..=200).rev().step_by(2) {
                nonce = loan;
                if world.open(&owner, nonce, 0, margin, loan * UNIT).is_ok() {
                    given = Some(loan * UNIT);
                    break;
                }
                world.take_back(&owner, nonce).expect("a return");
            }
            let loan = given.expect("a loan");
            world.close(&owner, nonce).expect("a sale");
            world.claim(&owner, nonce).expect("a payment");
            let lost = LENT - world.markets.balance(owner.tokens);
            let stake = margin + loan;
            println!("{curve:?} {fee_rate} {weights:?}: {loan} lent, {lost} lost of {stake}");
            assert!(
                loan > margin && loan < 200 * UNIT,
                "the cap is between: {loan}"
            );
            // Fees are a part of the less likely side, both ways.
            let part = weights[1].min(weights[0]) as u64;
            let fees = stake * u64::from(fee_rate) * part / (10_000 * weights[0] as u64);
            assert!(lost > fees && lost < 3 * fees, "{lost}, {fees}");
            assert!(equity(&world) >= before);
        }
    }
}

/// What a keeper's transaction costs is a signature: a tenth of the bounty of a mark, and of what the least loan's
/// partial or whole sale pays in tokens of two hundred thousand lamports or more each.
#[test]
fn least_loan_pays_its_keeper_ten_times_his_cost() {
    const SIGNATURE_LAMPORTS: u64 = 5_000;
    const { assert!(MARK_BOUNTY_LAMPORTS >= 10 * SIGNATURE_LAMPORTS) };
    for (part, is_whole) in [(77, false), (100, true)] {
        let mut world = cheap_world();
        let owner = world.trader();
        let least = world.parameters().least_loan;
        let opened = world.open(&owner, 1, 0, least * 9 / 10, least);
        opened.expect("a loan");
        fall(&mut world, &owner, least * 100 / part);
        world.monitor(&owner, 1).expect("a mark");
        pass(&mut world, 25);
        world.liquidate(&[(&owner, 1)]).expect("a sale");
        let left = world.position(&owner, 1).shares;
        assert!(left == 0 || !is_whole);
        let reward = world.markets.balance(world.keeper.tokens);
        println!("{reward} of reward for a loan of {least}, whole {is_whole}");
        assert!(
            reward * 200_000 / UNIT >= 10 * SIGNATURE_LAMPORTS,
            "{reward}"
        );
    }
}

/// What a pool's insurance has is its admin's once nobody has a deposit, and not before.
#[test]
fn admin_has_the_insurance_once_nobody_has_a_deposit() {
    let mut world = cheap_world();
    let owner = world.trader();
    let opened = world.open(&owner, 1, 0, 450 * UNIT, 450 * UNIT);
    opened.expect("a loan");
    let day = world.markets.seconds() + 20 * 3_600;
    world.markets.go_to_second(day);
    world.close(&owner, 1).expect("a sale");
    world.claim(&owner, 1).expect("a payment");
    world.close_position(&owner, 1).expect("an end");
    world.delist().expect("an end");
    let insured = world.pool_state().book.insurance;
    // Half a thousandth a day.
    assert!(insured.abs_diff(450 * UNIT * 5 * 20 / 24 / 10_000) < UNIT / 1_000);
    let lender = world.lender();
    let admins = world.markets.trader(0).tokens;
    let early = world.close_pool(admins);
    early.expect_refusal(LoanError::PoolInUse);
    world.withdraw(&lender, 1).expect("a withdrawal");
    world.close_pool(admins).expect("an end");
    let rest = world.markets.balance(admins);
    assert!(rest >= insured && rest - insured <= 2, "{rest}");
}

/// Who brings a hundred times the liquidity for a moment, on which a sale moves the price by less, takes no mark away:
/// what cannot leave alone is counted.
#[test]
fn liquidity_of_a_moment_takes_no_mark_away() {
    let mut world = cheap_world();
    let owner = world.trader();
    let loan = 500 * UNIT;
    let opened = world.open(&owner, 1, 0, loan, loan);
    opened.expect("a loan");
    fall(&mut world, &owner, loan * 100 / 76);
    world.monitor(&owner, 1).expect("a mark");
    pass(&mut world, 25);
    let (provider, market) = (world.markets.creator(), world.listing.market);
    let had = world.markets.liquidity(market, &provider).shares;
    world.markets.open(&provider, market).expect("a position");
    let added = world.markets.add(&provider, market, 100 * DEPTH);
    added.expect("liquidity");
    assert_eq!(world.health(&owner, 1).shares_to_sell, 0);
    world.monitor(&owner, 1).expect("a look");
    let more = world.markets.liquidity(market, &provider).shares - had;
    let removed = world.markets.remove(&provider, market, more);
    removed.expect("a removal");
    world.liquidate(&[(&owner, 1)]).expect("a sale");
}
