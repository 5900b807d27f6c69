use bytemuck::Zeroable;
use flash_bets::state::{FlashMarket, Order as FlashOrder, OrderResult, PendingOrder, Receipt};
use market_core::{MarketStatus, Pauses, RuleKind};
use markets::state::Market;
use math::{CurveKind, Price};
use orders::state::{
    Desk, DeskOrder, MarketCopy, OrderKind, OrderSide, PriceReading, SliceInFlight, AVERAGE_SLOTS,
};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{DeskView, OrderAction};
use crate::{Money, Settings};

const SLOT: u64 = 1_000;
const NOW: i64 = 400;
const LOCKS_AT: i64 = 3_600;

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

/// An LMSR at even prices that traded a little, and a desk that read it twice.
fn view() -> DeskView {
    let mut market = Market::zeroed();
    market.settlement.status = MarketStatus::Open as u8;
    market.rule.kind = RuleKind::Categorical as u8;
    market.fee_rate = 100;
    market.slow_price_slots = 1_000;
    market.hours.locks_at = LOCKS_AT;
    market.hours.trading_until = LOCKS_AT;
    let half = Price::ratio(1, 2).unwrap();
    market
        .pool
        .open(
            CurveKind::Lmsr,
            math::Money(1_000_000_000),
            &[half, half],
            1,
        )
        .unwrap();
    let mut desk = Desk::zeroed();
    desk.market = Pubkey::new_unique();
    desk.market_program = markets::ID;
    desk.outcomes = 2;
    desk.open_orders = 1;
    desk.cash = 10_000_000;
    // The market's sums are those of even prices since the first slot.
    let reading = |slot: u64| PriceReading {
        slot,
        read_at: 0,
        marks: [(slot - 1) << 31; 64],
    };
    desk.earlier = reading(SLOT - 2 * AVERAGE_SLOTS);
    desk.later = reading(SLOT - AVERAGE_SLOTS + 1);
    DeskView {
        position_rent_payer: desk.rent_payer,
        desk,
        market: Some(MarketCopy::Standard(Box::new(market))),
        pauses: Pauses::default(),
        money: Money {
            mint: Pubkey::new_unique(),
            token_program: Pubkey::new_unique(),
        },
        orders: vec![order()],
        slices: vec![],
    }
}

fn standard(view: &mut DeskView) -> &mut Market {
    match view.market.as_mut().unwrap() {
        MarketCopy::Standard(market) => market,
        MarketCopy::Flash(_) => panic!("a standard market"),
    }
}

fn order() -> DeskOrder {
    let limit = Price::ratio(52, 100).unwrap().0;
    DeskOrder {
        version: 1,
        bump: 255,
        outcome: 0,
        side: OrderSide::Buy,
        kind: OrderKind::Iceberg,
        desk: Pubkey::new_unique(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        nonce: 1,
        money: 10_000_000,
        shares: 0,
        total: 10_000_000,
        left: 10_000_000,
        slice: 1_000_000,
        fills: 0,
        interval_seconds: 60,
        starts_at: NOW,
        next_at: NOW,
        expires_at: NOW + 600,
        limit_from: limit,
        limit_to: limit,
        max_deviation: 300,
        tip_lamports: 1,
        trigger: None,
        began_in: 1,
        slice_filled: 0,
        crossed_at: 0,
        in_flight: None,
        reserved: [0; 23],
    }
}

fn names(view: &DeskView) -> Vec<&'static str> {
    let plan = view.plan(&settings(), &clock());
    plan.iter().map(OrderAction::name).collect()
}

#[test]
fn due_slice_within_its_bounds_is_filled() {
    assert_eq!(names(&view()), ["filling an order"]);
}

#[test]
fn slice_that_the_program_would_refuse_is_left_alone() {
    let changes: [fn(&mut DeskOrder); 4] = [
        |order| order.next_at = NOW + 1,
        |order| order.limit_from = Price::ratio(1, 2).unwrap().0,
        |order| (order.slice, order.left) = (20_000_000, 20_000_000),
        |order| order.outcome = 9,
    ];
    for change in changes {
        let mut view = view();
        change(&mut view.orders[0]);
        view.orders[0].limit_to = view.orders[0].limit_from;
        assert!(names(&view).is_empty());
    }
    let mut fresh = view();
    fresh.desk.earlier = PriceReading::zeroed();
    assert!(names(&fresh).is_empty(), "no average yet");
    let mut pushed = view();
    let market = standard(&mut pushed);
    market.pool.curve[0] += 200_000_000;
    market.pool.observed_slot = SLOT;
    assert!(names(&pushed).is_empty(), "far from the average");
}

#[test]
fn oldest_orders_that_cross_are_filled_against_each_other_first() {
    let mut view = view();
    let sale = |began_in, limit| DeskOrder {
        side: OrderSide::Sell,
        shares: 2_000_000,
        money: 0,
        total: 2_000_000,
        left: 2_000_000,
        slice: 2_000_000,
        limit_from: Price::ratio(limit, 100).unwrap().0,
        limit_to: Price::ratio(limit, 100).unwrap().0,
        owner: Pubkey::new_unique(),
        began_in,
        ..order()
    };
    view.orders.push(sale(4, 45));
    view.orders.push(sale(3, 40));
    view.orders.push(sale(2, 60));
    let plan = view.plan(&settings(), &clock());
    let [OrderAction::Match(pair)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(pair.older.0, view.orders[0].owner);
    assert_eq!(pair.newer.0, view.orders[2].owner);
    view.pauses.pause(NOW - 1);
    assert!(!names(&view).contains(&"filling two orders against each other"));
}

#[test]
fn what_cannot_be_filled_any_more_is_returned() {
    let changes: [fn(&mut DeskView); 3] = [
        |view| view.orders[0].left = 0,
        |view| view.orders[0].expires_at = NOW - 1,
        |view| {
            let market = standard(view);
            market.settlement.status = MarketStatus::Proposed as u8;
        },
    ];
    for change in changes {
        let mut view = view();
        change(&mut view);
        assert_eq!(names(&view), ["returning an order"]);
    }
}

#[test]
fn desk_is_settled_before_its_orders_and_closed_after_them() {
    let mut settled = view();
    let market = standard(&mut settled);
    market.settlement.status = MarketStatus::Resolved as u8;
    assert_eq!(names(&settled), ["settling a desk"]);
    settled.desk.settled = 1;
    assert_eq!(names(&settled), ["returning an order"]);
    settled.market = None;
    assert_eq!(names(&settled), ["returning an order"]);
    settled.orders.clear();
    settled.desk.open_orders = 0;
    assert_eq!(names(&settled), ["closing a desk"]);
    settled.desk.settled = 0;
    assert_eq!(names(&settled), ["settling a desk"], "its market is gone");
}

/// A flash market of the same prices in which bets wait, and its desk.
fn delayed() -> DeskView {
    let mut market = FlashMarket::zeroed();
    market.settlement.status = MarketStatus::Open as u8;
    market.rule.kind = RuleKind::Categorical as u8;
    market.fee_rate = 100;
    market.slow_price_slots = 1_000;
    market.hours.locks_at = LOCKS_AT;
    market.hours.trading_until = LOCKS_AT;
    (market.delay_slots, market.delay_seconds) = (5, 2);
    market.execution_seconds = 4;
    let half = Price::ratio(1, 2).unwrap();
    market
        .pool
        .open(
            CurveKind::Lmsr,
            math::Money(1_000_000_000),
            &[half, half],
            1,
        )
        .unwrap();
    let mut view = view();
    view.desk.market_program = flash_bets::ID;
    (view.desk.earlier, view.desk.later) = (PriceReading::zeroed(), PriceReading::zeroed());
    view.market = Some(MarketCopy::Flash(Box::new(market)));
    view
}

#[test]
fn slice_that_waits_is_placed_and_booked() {
    let mut view = delayed();
    assert_eq!(names(&view), ["placing a slice of an order"]);
    view.pauses.pause(NOW - 1);
    assert!(names(&view).is_empty(), "a purchase in a pause");
    view.pauses = Pauses::default();
    view.desk.load_in_flight = 1 << 32;
    assert!(names(&view).is_empty(), "others are in flight");
    view.desk.load_in_flight = 0;
    view.orders[0].expires_at = NOW + 5;
    assert!(names(&view).is_empty(), "too late for a slice");

    let mut view = delayed();
    view.orders[0].in_flight = Some(SliceInFlight { amount: 1, load: 0 });
    view.desk.slices_in_flight = 1;
    assert!(names(&view).is_empty(), "nothing is known of it");
    let address = view.slice(&view.orders[0], Pubkey::default()).order();
    let mut slice = PendingOrder {
        version: 1,
        bump: 0,
        outcome: 0,
        ticket_bump: 0,
        market: view.desk.market,
        placer: view.address(),
        owner: view.address(),
        rent_payer: Pubkey::new_unique(),
        nonce: DeskOrder::slice_nonce(&address),
        order: FlashOrder::Stake {
            stake: 1,
            min_shares: 1,
        },
        tip_lamports: 0,
        placed_slot: SLOT,
        executable_slot: SLOT,
        executable_at: NOW,
        executable_until: NOW,
        receipt: Receipt::Asked,
        reserved: [0; 6],
    };
    view.slices.push(slice.clone());
    assert!(names(&view).is_empty(), "it is not executed");
    slice.receipt = Receipt::Kept(OrderResult::Lapsed);
    view.slices[0] = slice.clone();
    let plan = view.plan(&settings(), &clock());
    let [OrderAction::BookSlice(book)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(book.slice.rent_payer, slice.rent_payer);
    // Before a desk is settled, every slice is booked, of a market that is gone too.
    view.market = None;
    assert_eq!(names(&view), ["booking a slice of an order"]);
    view.orders[0].in_flight = None;
    view.desk.slices_in_flight = 0;
    assert_eq!(names(&view), ["settling a desk"]);
}
