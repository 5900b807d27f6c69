use bytemuck::Zeroable;
use leverage::state::{
    CorrelationGroup, LendingPool, LeveredPosition, ListedMarket, LoanParameters, PendingOpen,
    PoolDeposit, PoolTerms, PoolWithdrawal, ScheduledLoanParameters, ScheduledPoolTerms,
};
use market_core::{MarketStatus, RuleKind};
use markets::state::{Market, Venue};
use math::{CurveKind, Price};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{ListingView, LoanAction, PoolView};
use crate::{Money, Settings};

const SLOT: u64 = 1_000_000;
const NOW: i64 = 1_000_000;
const DAY: i64 = 24 * 60 * 60;
const UNIT: u64 = 1_000_000;
const DEPTH: u64 = 10_000 * UNIT;

fn clock() -> Clock {
    Clock {
        slot: SLOT,
        unix_timestamp: NOW,
        ..Clock::default()
    }
}

fn settings() -> Settings {
    Settings {
        keeper: Pubkey::new_unique(),
        proposer: None,
        poke_after_seconds: 60,
        pays_in_one_call: false,
    }
}

fn money() -> Money {
    Money {
        mint: Pubkey::new_unique(),
        token_program: Pubkey::new_unique(),
    }
}

fn lending_pool() -> LendingPool {
    let mut pool = LendingPool::zeroed();
    pool.terms = ScheduledPoolTerms::new(PoolTerms {
        idle_rate: 200,
        kink_rate: 1_000,
        full_rate: 10_000,
        kink: 8_000,
        group_loss: 300,
        total_loss: 1_000,
        notice_seconds: 3_600,
    });
    *pool.book = math::LendingBook::new(NOW);
    let shares = pool.book.deposit(math::Money(1_000_000 * UNIT));
    shares.expect("shares");
    pool
}

/// A market of a day at even prices, twelve hours before its lock, all of its liquidity locked.
fn market() -> Market {
    let mut market = Market::zeroed();
    market.settlement.status = MarketStatus::Open as u8;
    market.rule.kind = RuleKind::Categorical as u8;
    market.fee_rate = 100;
    market.slow_price_slots = 1_000;
    market.hours.opens_at = NOW - DAY / 2;
    market.hours.locks_at = NOW + DAY / 2;
    market.hours.trading_until = NOW + DAY / 2;
    market.locked_liquidity = 1;
    market.liquidity_supply = 1;
    let half = Price::ratio(1, 2).unwrap();
    let opened = market
        .pool
        .open(CurveKind::Lmsr, math::Money(DEPTH), &[half, half], 1);
    opened.unwrap();
    market.pool.sold = [u64::MAX >> 2; 64];
    market.pool.cash = u64::MAX >> 2;
    market.pool.observed_slot = SLOT;
    market
}

fn view() -> ListingView {
    let mut listing = Box::new(ListedMarket::zeroed());
    let parameters = LoanParameters::loosest(DAY.unsigned_abs(), UNIT);
    listing.parameters = ScheduledLoanParameters::new(parameters);
    listing.outcomes = 2;
    listing.pool = Pubkey::new_unique();
    listing.market = Pubkey::new_unique();
    listing.jump_counted_until = NOW;
    ListingView {
        listing,
        pool: lending_pool(),
        group: CorrelationGroup::zeroed(),
        market: Some(Box::new(market())),
        venue: Some(Venue::zeroed()),
        money: money(),
        positions: vec![],
        requests: vec![],
    }
}

/// With a position of the first outcome that owes so much.
fn lent(shares: u64, debt: u64) -> ListingView {
    let mut view = view();
    let owed = view.pool.book.lend(math::Money(debt)).unwrap().0;
    view.listing.change_shares(0, shares, 0).unwrap();
    view.listing.change_debt_shares(0, owed, 0).unwrap();
    view.listing.open_positions += 1;
    view.group.debt_shares = owed;
    view.positions.push(LeveredPosition {
        version: 1,
        bump: 255,
        outcome: 0,
        has_bounty: 1,
        listing: view.address(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        nonce: 1,
        shares,
        debt_shares: owed,
        claim: 0,
        jump_fee: 0,
        jump_index: 0,
        marked_slot: 0,
        marked_at: 0,
        marked_sum: 0,
        call_number: 0,
        kept_debt_shares: u64::MAX,
        reserved: [0; 8],
    });
    view
}

fn names(view: &ListingView) -> Vec<&'static str> {
    let plan = view.plan(&settings(), &clock());
    plan.iter().map(LoanAction::name).collect()
}

/// At even prices for so many slots.
fn marked(view: &mut ListingView, slots: u64) {
    let position = &mut view.positions[0];
    position.marked_slot = SLOT - slots;
    position.marked_at = NOW - 100;
    let market = view.market.as_mut().unwrap();
    position.marked_sum = market.cumulative_prices[0].wrapping_sub(slots << 31);
}

#[test]
fn healthy_position_is_left_alone() {
    assert!(names(&lent(1_000 * UNIT, 250 * UNIT)).is_empty());
}

#[test]
fn position_that_owes_too_much_is_marked_and_then_sold_for() {
    let mut view = lent(1_000 * UNIT, 400 * UNIT);
    assert_eq!(
        names(&view),
        ["marking a position", "calling loans to shrink"]
    );
    for (slots, due) in [(24, false), (25, true), (150, true)] {
        marked(&mut view, slots);
        let is_sold = names(&view).contains(&"liquidating positions");
        assert_eq!(is_sold, due, "{slots}");
    }
    marked(&mut view, 151);
    assert!(names(&view).contains(&"marking a position"));
    view.venue.as_mut().unwrap().pauses.pause(NOW - 1);
    assert!(names(&view).is_empty(), "nothing while it is paused");
}

/// A mark that somebody made by a price of a moment, which would put a sale after a fall off, is taken away.
#[test]
fn mark_of_a_healthy_position_is_taken_away() {
    let mut view = lent(1_000 * UNIT, 250 * UNIT);
    marked(&mut view, 2);
    assert_eq!(names(&view), ["marking a position"]);
}

/// One sale serves all positions of an outcome, eight in a transaction.
#[test]
fn positions_of_an_outcome_are_sold_for_at_once() {
    let mut view = lent(1_000 * UNIT, 400 * UNIT);
    marked(&mut view, 30);
    let first = view.positions[0];
    for nonce in 2..=10 {
        let mut more = first;
        more.nonce = nonce;
        view.positions.push(more);
    }
    let plan = view.plan(&settings(), &clock());
    let sizes: Vec<_> = plan
        .iter()
        .map(|action| match action {
            LoanAction::Liquidate(sale) => sale.positions.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [8, 2]);
    let [left, right] = plan[0].halves().expect("halves");
    for half in [left, right] {
        let LoanAction::Liquidate(sale) = half else {
            panic!("{half:?}");
        };
        assert_eq!(sale.positions.len(), 4);
    }
}

#[test]
fn debts_are_paid_before_the_lock() {
    let mut view = lent(1_000 * UNIT, 100 * UNIT);
    let market = view.market.as_mut().unwrap();
    market.hours.trading_until = NOW + 20 * 60;
    market.hours.locks_at = NOW + 20 * 60;
    assert!(names(&view).contains(&"marking a position"));
    marked(&mut view, 30);
    assert_eq!(names(&view), ["selling what pays debts before the lock"]);
}

#[test]
fn what_a_call_leaves_unpaid_is_sold() {
    let mut view = lent(1_000 * UNIT, 400 * UNIT);
    let position = &mut view.positions[0];
    view.listing.call.number = 1;
    view.listing.call.debt_factor = Price::ONE.0 / 2;
    view.listing.call.called_at = NOW - 600;
    view.listing.call.called_slot = SLOT - 1_500;
    view.listing.call.shares = position.shares;
    view.listing.call.debt_shares = position.debt_shares;
    let market = view.market.as_ref().unwrap();
    let sum = market.cumulative_prices[0];
    view.listing.call.called_sum = sum.wrapping_sub(1_500 << 31);
    let due = ["marking a position", "selling what a call leaves unpaid"];
    assert_eq!(names(&view), due);
    view.listing.call.called_at = NOW - 599;
    assert_eq!(names(&view), ["marking a position"], "its notice");
    // Its owner has paid his part.
    let mut paid = view.clone();
    paid.listing.call.called_at = NOW - 600;
    paid.positions[0].call_number = 1;
    paid.positions[0].kept_debt_shares = paid.positions[0].debt_shares;
    assert_eq!(names(&paid), ["marking a position"]);
}

fn request() -> PendingOpen {
    PendingOpen {
        version: 1,
        bump: 255,
        outcome: 0,
        listing: Pubkey::new_unique(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        nonce: 1,
        margin: 300 * UNIT,
        loan: 200 * UNIT,
        min_shares: 0,
        executable_from: NOW,
        executable_from_slot: SLOT,
        expires_at: NOW + 300,
        reserved: [0; 32],
    }
}

#[test]
fn request_is_opened_once_the_program_would() {
    let with = |change: fn(&mut ListingView)| {
        let mut view = view();
        view.requests.push(request());
        change(&mut view);
        names(&view)
    };
    assert_eq!(with(|_| ()), ["opening a position"]);
    let waits: [fn(&mut ListingView); 10] = [
        |view| view.requests[0].executable_from = NOW + 1,
        |view| view.requests[0].executable_from_slot = SLOT + 1,
        |view| view.requests[0].min_shares = 2_000 * UNIT,
        |view| view.requests[0].margin = 100 * UNIT,
        |view| view.listing.open_from = NOW + 1,
        |view| view.pool.breaker.tripped_at = NOW,
        |view| view.group.debt_shares = 30_000 * UNIT,
        // The parts that they may cost, Q32.32.
        |view| view.group.lost = (3 << 32) / 100,
        |view| view.pool.lost = (1 << 32) / 10,
        |view| view.listing.lost = (1 << 32) / 100,
    ];
    for wait in waits {
        assert!(with(wait).is_empty());
    }
    let returned = ["returning a position's margin"];
    assert_eq!(with(|view| view.requests[0].expires_at = NOW - 1), returned);
    assert_eq!(with(|view| view.market = None)[0], returned[0]);
}

#[test]
fn listing_is_settled_paid_and_closed() {
    let mut view = lent(1_000 * UNIT, 250 * UNIT);
    let market = view.market.as_mut().unwrap();
    market.settlement.status = MarketStatus::Proposed as u8;
    assert!(names(&view).is_empty(), "its result is not final");
    let market = view.market.as_mut().unwrap();
    market.settlement.status = MarketStatus::Resolved as u8;
    assert_eq!(names(&view), ["settling a listing"]);
    view.listing.settled = 1;
    assert_eq!(names(&view), ["settling a position"]);
    let position = &mut view.positions[0];
    (position.shares, position.debt_shares, position.claim) = (0, 0, 5);
    assert_eq!(names(&view), ["paying a position's owner"]);
    view.positions[0].claim = 0;
    assert_eq!(names(&view), ["closing a position"]);
    view.positions.clear();
    view.listing.open_positions = 0;
    assert_eq!(names(&view), ["closing a listing"]);
}

#[test]
fn notices_of_lenders_are_ended_in_time() {
    let deposit = PoolDeposit {
        version: 1,
        bump: 255,
        pool: Pubkey::new_unique(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        nonce: 1,
        amount: 5 * UNIT,
        min_due: 0,
        available_at: NOW,
        available_until: NOW + 300,
        shares: 0,
        reserved: [0; 32],
    };
    let mut view = PoolView {
        address: Pubkey::new_unique(),
        pool: lending_pool(),
        money: money(),
        deposits: vec![deposit.clone()],
        withdrawals: vec![],
    };
    let names = |view: &PoolView| -> Vec<_> {
        let plan = view.plan(&clock());
        plan.iter().map(LoanAction::name).collect()
    };
    assert_eq!(names(&view), ["executing a lender's deposit"]);
    view.deposits[0].available_at = NOW + 1;
    assert!(names(&view).is_empty());
    view.deposits[0].available_until = NOW - 1;
    assert_eq!(names(&view), ["returning a lender's deposit"]);

    view.deposits[0].amount = 0;
    let of = client::addresses::leverage::deposit(&view.address, &deposit.owner, 1);
    view.withdrawals.push(PoolWithdrawal {
        version: 1,
        bump: 255,
        deposit: of,
        rent_payer: Pubkey::new_unique(),
        shares: view.pool.book.supply / 2,
        min_amount: 0,
        available_at: NOW,
        available_until: NOW + 300,
        reserved: [0; 32],
    });
    assert_eq!(names(&view), ["paying a lender's withdrawal"]);
    let cash = view.pool.book.cash;
    view.withdrawals[0].min_amount = cash / 2;
    view.pool.book.lend(math::Money(cash / 10)).unwrap();
    assert!(names(&view).is_empty(), "it is paid less");
    view.withdrawals[0].available_until = NOW - 1;
    assert_eq!(names(&view), ["letting a lender's withdrawal lapse"]);
}
