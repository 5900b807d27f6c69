//! Positions that owe more than they may.

use anchor_lang::AnchorDeserialize;
use leverage::{
    error::LoanError,
    instructions::{Health, TripCause, Tripped},
    state::{COOLING_SECONDS, MARK_BOUNTY_LAMPORTS},
};
use testbed::{ExpectError, LeverageWorld, ProgramKind, Receipt, Trader, UNIT};

use super::common::{cost, pass, sale};

const MARGIN: u64 = 450 * UNIT;
const LOAN: u64 = 450 * UNIT;

fn opened(count: u64) -> (LeverageWorld, Vec<Trader>) {
    let mut world = LeverageWorld::start();
    let owners: Vec<_> = (0..count).map(|_| world.trader()).collect();
    for owner in &owners {
        world
            .open(owner, 1, 0, MARGIN / count, LOAN / count)
            .expect("a position");
    }
    (world, owners)
}

/// Somebody buys the other outcome until all shares of the first that secure loans return no more than
/// so many base units.
fn push_down(world: &mut LeverageWorld, value: u64) {
    let other = world.trader();
    let shares = world.state().shares[0];
    while sale(world, 0, shares) > value {
        let market = world.listing.market;
        let buy = world.markets.buy(&other, market, 1, 25 * UNIT);
        buy.expect("a purchase");
    }
}

/// What the program says of a position, if it says something natively too: else what it would say.
fn health(world: &mut LeverageWorld, owner: &Trader) -> Health {
    let receipt = world.monitor(owner, 1).expect("a look");
    let health = world.health(owner, 1);
    if matches!(ProgramKind::from_env(), Ok(ProgramKind::Sbf)) {
        // The runtime leaves the zeros at the end out.
        let mut data = receipt.return_data.expect("a health");
        data.resize(size_of::<Health>(), 0);
        assert_eq!(Health::try_from_slice(&data).expect("a health"), health);
    }
    health
}

/// Marks a position, and lets the price stand until it can be sold.
fn mark(world: &mut LeverageWorld, owner: &Trader) {
    world.monitor(owner, 1).expect("a mark");
    pass(world, 25);
}

/// A part is sold once the mark is old enough, and debt over value is the target after it.
#[test]
fn partial_liquidation_restores_the_target() {
    let (mut world, owners) = opened(1);
    let owner = &owners[0];
    let healthy = health(&mut world, owner);
    assert_eq!((healthy.shares_to_sell, healthy.marked_slot), (0, 0));
    push_down(&mut world, LOAN * 100 / 78);
    let keeper = world.lamports(world.keeper.address());
    world
        .liquidate(&[(owner, 1)])
        .expect_refusal(LoanError::NothingToLiquidate);
    let due = health(&mut world, owner);
    let shares = world.position(owner, 1).shares;
    assert!(
        due.shares_to_sell > 0 && due.shares_to_sell < shares,
        "{due:?}"
    );
    assert_eq!(due.value, sale(&world, 0, shares));
    assert_eq!(
        world.lamports(world.keeper.address()),
        keeper + MARK_BOUNTY_LAMPORTS
    );
    // Too young.
    pass(&mut world, 24);
    world
        .liquidate(&[(owner, 1)])
        .expect_refusal(LoanError::NothingToLiquidate);
    pass(&mut world, 1);
    let before = world.pool_state().book.cash;
    // With the interest of the meantime.
    let due = world.health(owner, 1);
    let debt = due.debt;
    let returned = sale(&world, 0, due.shares_to_sell);
    world.liquidate(&[(owner, 1)]).expect("a liquidation");
    let reward = world.markets.balance(world.keeper.tokens);
    assert_eq!(reward, returned * 2 / 100);
    let pool = world.pool_state();
    let insurance = returned / 100;
    assert_eq!(pool.book.insurance, insurance);
    assert_eq!(pool.book.cash, before + returned - reward - insurance);
    let position = world.position(owner, 1);
    assert_eq!(position.shares, shares - due.shares_to_sell);
    assert_eq!((position.claim, position.marked_slot), (0, 0));
    let (left, _) = world.owed(owner, 1);
    assert!(left.abs_diff(debt - (returned - reward - insurance)) <= 1);
    let value = sale(&world, 0, position.shares);
    let target = value * 55 / 100;
    assert!(left.abs_diff(target) <= 3, "{left} of {value}");
    world
        .liquidate(&[(owner, 1)])
        .expect_refusal(LoanError::NothingToLiquidate);
}

/// One wick liquidates nobody: a mark that is not seen again in time, or that somebody takes away, is none.
#[test]
fn mark_that_is_too_old_or_taken_away_counts_no_more() {
    let (mut world, owners) = opened(1);
    let owner = &owners[0];
    push_down(&mut world, LOAN * 100 / 78);
    let first = health(&mut world, owner).marked_slot;
    pass(&mut world, 151);
    world
        .liquidate(&[(owner, 1)])
        .expect_refusal(LoanError::NothingToLiquidate);
    let second = health(&mut world, owner).marked_slot;
    assert!(first > 0 && second > first + 150);
    let other = world.trader();
    let market = world.listing.market;
    world
        .markets
        .buy(&other, market, 0, 2_000 * UNIT)
        .expect("a purchase");
    // A price of a moment takes no mark away, as it makes none count.
    assert_eq!(health(&mut world, owner).marked_slot, second);
    pass(&mut world, 100);
    assert_eq!(health(&mut world, owner).marked_slot, 0);
    pass(&mut world, 25);
    world
        .liquidate(&[(owner, 1)])
        .expect_refusal(LoanError::NothingToLiquidate);
}

/// From where the debt and the reward are above the value, all is sold: the reward first, then the debt, and
/// what is missing is lost.
#[test]
fn position_under_water_is_sold_whole() {
    let (mut world, owners) = opened(1);
    let owner = &owners[0];
    push_down(&mut world, LOAN * 90 / 100);
    mark(&mut world, owner);
    let shares = world.position(owner, 1).shares;
    let returned = sale(&world, 0, shares);
    let (debt, _) = world.owed(owner, 1);
    let before = world.pool_state();
    world.liquidate(&[(owner, 1)]).expect("a liquidation");
    let reward = world.markets.balance(world.keeper.tokens);
    assert_eq!(reward, returned * 2 / 100);
    let pool = world.pool_state();
    assert_eq!(pool.book.cash, before.book.cash + returned - reward);
    assert_eq!((pool.book.insurance, pool.book.debt_shares), (0, 0));
    let lost = debt - (returned - reward);
    assert!(lost > LOAN / 10, "{lost}");
    let position = world.position(owner, 1);
    assert_eq!(
        (position.shares, position.debt_shares, position.claim),
        (0, 0, 0)
    );
    world.close_position(owner, 1).expect("an end");
    // The listing lends no more for a while, and remembers the loss.
    let open = world.open(owner, 2, 0, MARGIN, LOAN / 2);
    open.expect_refusal(LoanError::ReduceOnly);
    let had = before.book.equity().expect("a sum").0;
    assert!(cost(&world, had).abs_diff(lost) < lost / 10_000);
}

/// Whole, but not under water: debt, insurance and owner all get theirs.
#[test]
fn rest_of_a_whole_liquidation_is_the_owners() {
    let (mut world, owners) = opened(1);
    let owner = &owners[0];
    push_down(&mut world, LOAN * 10_000 / 9_710);
    mark(&mut world, owner);
    let shares = world.position(owner, 1).shares;
    let returned = sale(&world, 0, shares);
    let (debt, fee) = world.owed(owner, 1);
    assert!(returned > debt && debt * 100 >= returned * 97);
    world.liquidate(&[(owner, 1)]).expect("a liquidation");
    let reward = returned * 2 / 100;
    let insurance = (returned / 100).min(returned - reward - debt);
    let rest = returned - reward - insurance - debt;
    let pool = world.pool_state();
    assert_eq!(pool.book.insurance, insurance + fee.min(rest));
    assert_eq!(world.position(owner, 1).claim, rest.saturating_sub(fee));
    assert_eq!(pool.book.debt_shares, 0);
}

/// A position against another outcome is passed over, wherever it stands: who names one of his own makes no sale fail.
#[test]
fn position_of_another_outcome_is_passed_over() {
    let (mut world, owners) = opened(1);
    let other = world.trader();
    let opened = world.open(&other, 1, 1, 100 * UNIT, 50 * UNIT);
    opened.expect("a position");
    push_down(&mut world, LOAN * 80 / 100);
    mark(&mut world, &owners[0]);
    let before = world.position(&other, 1);
    let batch = [(&other, 1), (&owners[0], 1)];
    for order in [[0, 1], [1, 0]] {
        let shares = world.position(&owners[0], 1).shares;
        let sold = world.liquidate(&order.map(|index| batch[index]));
        if shares > 0 {
            sold.expect("a sale");
            assert!(world.position(&owners[0], 1).shares < shares);
        }
    }
    let after = world.position(&other, 1);
    assert_eq!(
        (after.shares, after.debt_shares),
        (before.shares, before.debt_shares)
    );
    let alone = world.liquidate(&batch[..1]);
    alone.expect_refusal(LoanError::NothingToLiquidate);
}

/// One sale serves all loans of an outcome, and each gets what is its shares' by number.
#[test]
fn several_are_liquidated_in_one_sale() {
    let (mut world, owners) = opened(4);
    push_down(&mut world, LOAN * 80 / 100);
    for owner in &owners {
        world.monitor(owner, 1).expect("a mark");
    }
    pass(&mut world, 25);
    let shares: Vec<_> = owners
        .iter()
        .map(|owner| world.position(owner, 1).shares)
        .collect();
    let whole = world.state().shares[0];
    let returned = sale(&world, 0, whole);
    let before = world.pool_state().book.cash;
    let owner_of = |index: usize| (&owners[index], 1);
    let twice = [owner_of(0), owner_of(0)];
    world
        .liquidate(&twice)
        .expect_refusal(LoanError::LiquidationAccounts);
    world
        .liquidate(&[])
        .expect_refusal(LoanError::NothingToLiquidate);
    let all = [owner_of(0), owner_of(1), owner_of(2), owner_of(3)];
    world.liquidate(&all).expect("a liquidation");
    assert_eq!(shares.iter().sum::<u64>(), whole);
    let reward = world.markets.balance(world.keeper.tokens);
    assert!(reward.abs_diff(returned * 2 / 100) <= 4, "{reward}");
    assert_eq!(world.pool_state().book.cash, before + returned - reward);
    assert_eq!(world.pool_state().book.debt_shares, 0);
    for owner in &owners {
        world.close_position(owner, 1).expect("an end");
    }
}

/// In one sale the insurance gets its part of those that can pay before it pays for one that cannot,
/// whatever order they are named in.
#[test]
fn lenders_lose_nothing_while_the_insurance_gains_by_the_same_sale() {
    for is_short_first in [true, false] {
        let mut world = LeverageWorld::start();
        let (short, sound) = (world.trader(), world.trader());
        let margin = MARGIN / 2;
        for (owner, margin) in [(&short, margin), (&sound, margin * 4 / 3)] {
            world
                .open(owner, 1, 0, margin, LOAN / 2)
                .expect("a position");
        }
        push_down(&mut world, 460 * UNIT);
        world.monitor(&short, 1).expect("a mark");
        mark(&mut world, &sound);
        let before = world.pool_state().book;
        let mut named = [(&short, 1), (&sound, 1)];
        if !is_short_first {
            named.reverse();
        }
        let (owed, _) = world.owed(&short, 1);
        world.liquidate(&named).expect("a liquidation");
        assert_eq!(world.position(&short, 1).shares, 0);
        assert!(world.position(&sound, 1).shares > 0, "sold in part");
        let after = world.pool_state().book;
        assert_eq!(after.insurance, 0);
        let lost = before.equity().expect("a sum").0 - after.equity().expect("a sum").0;
        assert!(lost > 0 && lost < owed / 10, "{lost}");
    }
}

/// A loan that its lenders lose by already is sold at no price that somebody makes for a moment: what the
/// sale returns less would be his gain.
#[test]
fn position_under_water_is_not_sold_at_a_pushed_price() {
    let (mut world, owners) = opened(1);
    let owner = &owners[0];
    push_down(&mut world, LOAN * 80 / 100);
    mark(&mut world, owner);
    let fair = sale(&world, 0, world.position(owner, 1).shares);
    push_down(&mut world, LOAN * 40 / 100);
    let hunted = world.liquidate(&[(owner, 1)]);
    hunted.expect_refusal(LoanError::NothingToLiquidate);
    // Once the price is back, or has stood for as long as a mark asks, it is sold.
    pass(&mut world, 150);
    mark(&mut world, owner);
    let returned = sale(&world, 0, world.position(owner, 1).shares);
    assert!(returned < fair / 2 + UNIT, "{returned} of {fair}");
    world.liquidate(&[(owner, 1)]).expect("a liquidation");
    assert_eq!(world.position(owner, 1).shares, 0);
}

/// What a keeper serves is paid before the result can be known.
#[test]
fn debts_are_paid_before_the_lock() {
    let (mut world, owners) = opened(1);
    let owner = &owners[0];
    world
        .force_deleverage(&[(owner, 1)])
        .expect_refusal(LoanError::TooEarlyToDeleverage);
    let until = world
        .markets
        .state(world.listing.market)
        .hours
        .trading_until;
    let decay = i64::from(world.parameters().decay_seconds);
    world.markets.go_to_second(until - decay / 8 - 1);
    world
        .force_deleverage(&[(owner, 1)])
        .expect_refusal(LoanError::TooEarlyToDeleverage);
    world.markets.go_to_second(until - decay / 8);
    world
        .force_deleverage(&[(owner, 1)])
        .expect_refusal(LoanError::NothingToLiquidate);
    mark(&mut world, owner);
    let shares = world.position(owner, 1).shares;
    world.force_deleverage(&[(owner, 1)]).expect("a sale");
    let position = world.position(owner, 1);
    assert!(position.shares > 0 && position.shares < shares);
    assert_eq!(position.debt_shares, 0);
    assert!(position.claim < 10, "{}", position.claim);
    world
        .force_deleverage(&[(owner, 1)])
        .expect_refusal(LoanError::NothingToLiquidate);
    world.markets.go_to_second(until);
    world
        .monitor(owner, 1)
        .expect_refusal(LoanError::TradingOver);
    world
        .liquidate(&[(owner, 1)])
        .expect_refusal(LoanError::TradingOver);
}

/// Ends positions by which lenders lose.
type Ending = fn(&mut LeverageWorld, &[Trader; 2]) -> Receipt;

/// Whatever way a debt is lost, the event that says since when no loans are made says why; one for all debts of a
/// sale, and none where the guardian stopped them before.
#[test]
fn bad_debt_says_why_no_loans_are_made() {
    let endings: [Ending; 3] = [
        |world, [one, other]| {
            world.monitor(one, 1).expect("a mark");
            mark(world, other);
            let sold = world.liquidate(&[(one, 1), (other, 1)]);
            sold.expect("a liquidation")
        },
        |world, [one, other]| {
            let market = world.markets.state(world.listing.market);
            let decay = i64::from(world.parameters().decay_seconds);
            let then = market.hours.trading_until - decay / 8;
            world.markets.go_to_second(then);
            world.monitor(one, 1).expect("a mark");
            mark(world, other);
            let sold = world.force_deleverage(&[(one, 1), (other, 1)]);
            sold.expect("a sale")
        },
        |world, [one, _]| {
            let market = world.listing.market;
            world.markets.resolve(market, 1);
            world.settle_market().expect("a settlement");
            world.settle_position(one, 1).expect("a settlement")
        },
    ];
    for ending in endings {
        for is_stopped in [false, true] {
            let (mut world, owners) = opened(2);
            let owners = <[Trader; 2]>::try_from(owners).ok().expect("two");
            push_down(&mut world, LOAN * 80 / 100);
            if is_stopped {
                let guardian = world.markets.world.guardian.insecure_clone();
                let trip = world.govern_listing(&guardian).trip();
                world.send(&[trip], &[&guardian]).expect("a stop");
            }
            let receipt = ending(&mut world, &owners);
            assert!(world.state().lost > 0);
            // Native programs have no log to say it in.
            if world.markets.chain().kind() != ProgramKind::Sbf {
                continue;
            }
            let said: Vec<Tripped> = receipt.events_of(&leverage::ID);
            if is_stopped {
                assert!(said.is_empty());
                continue;
            }
            let [said] = &said[..] else {
                panic!("{} events", said.len());
            };
            assert_eq!(said.account, world.listing.listing());
            assert_eq!((said.cause, said.authority), (TripCause::BadDebt, None));
            let breaker = world.state().breaker;
            assert_eq!(said.released_from, breaker.released_from);
            assert_eq!(said.released_from, said.header.unix_time + COOLING_SECONDS);
            // The event of what was done comes after it.
            assert_eq!(said.header.sequence + 1, world.state().sequence);
        }
    }
}
