use bytemuck::Zeroable;
use flash_bets::{
    instructions::EVENT_BOOK_IDLE_SECONDS,
    state::{
        Chain, ChainBook, ChainStatus, ChainWait, Deposit, EventBook, Exposure, FeedBook,
        FlashMarket, GroupStatus, LegStatus, Order, PendingOrder, QuantumGroup, QuantumTicket,
        Receipt, RollingChain, RollingHolding, RollingLeg, Ticket, Vault, Withdrawal,
        ROLLING_STEP_SECONDS, TICKET_HOLD_SECONDS,
    },
};
use market_core::{Holdings, MarketStatus, RuleKind};
use oracle::{Observation, ObservationStatus};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{ChainView, FlashAction, MarketView, QuantumView, RollingView, VaultView};
use crate::{Money, Settings};

const OBSERVE_AT_MS: u64 = 7;
const STRIKE_AT_MS: u64 = 3;
const TRADING_UNTIL: i64 = 500;
const VOID_FROM: i64 = 1_000;

fn at(slot: u64, unix_timestamp: i64) -> Clock {
    Clock {
        slot,
        unix_timestamp,
        ..Clock::default()
    }
}

/// Before every deadline.
fn early() -> Clock {
    at(10, 10)
}

fn settings() -> Settings {
    Settings {
        keeper: Pubkey::new_unique(),
        proposer: None,
        poke_after_seconds: 60,
        pays_in_one_call: true,
    }
}

fn money() -> Money {
    Money {
        mint: Pubkey::new_unique(),
        token_program: Pubkey::new_unique(),
    }
}

/// It resolves as soon as its observation is there.
fn open_market() -> MarketView {
    let mut market = FlashMarket::zeroed();
    market.settlement.status = MarketStatus::Open as u8;
    market.rule.kind = RuleKind::Categorical as u8;
    market.rule.outcomes = 2;
    market.pool.outcomes = 2;
    market.evidence.observe_at_ms = OBSERVE_AT_MS;
    market.evidence.observation = Pubkey::new_unique();
    market.hours.trading_until = TRADING_UNTIL;
    market.hours.locks_at = TRADING_UNTIL;
    market.void_from = VOID_FROM;
    MarketView {
        address: Pubkey::new_unique(),
        market,
        money: money(),
        feed_book: None,
        chain_book: None,
        orders: Vec::new(),
        tickets: Vec::new(),
        observation: None,
        strike: None,
    }
}

fn settled_market() -> MarketView {
    let mut view = open_market();
    view.market.settlement.status = MarketStatus::Resolved as u8;
    view.market.released = 1;
    view
}

fn observed(observe_at_ms: u64, value: i64) -> Observation {
    let mut observation = Observation::zeroed();
    observation.status = ObservationStatus::Valid as u8;
    observation.observe_at_ms = observe_at_ms;
    observation.value = value;
    observation
}

/// Executable from slot 20 and second 20 to second 30.
fn order() -> PendingOrder {
    PendingOrder {
        version: 1,
        bump: 0,
        outcome: 0,
        ticket_bump: 0,
        market: Pubkey::default(),
        placer: Pubkey::new_unique(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        nonce: 5,
        order: Order::Stake {
            stake: 1,
            min_shares: 1,
        },
        tip_lamports: 1,
        placed_slot: 10,
        executable_slot: 20,
        executable_at: 20,
        executable_until: 30,
        receipt: Receipt::None,
        paid_elsewhere: false,
        reserved: [0; 5],
    }
}

fn ticket(pending_sales: u32) -> Ticket {
    Ticket {
        version: 1,
        bump: 0,
        pending_sales,
        is_held: false,
        market: Pubkey::default(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        reserved: [0; 17],
        holdings: Holdings {
            cost_basis: 0,
            shares: vec![1, 0],
        },
    }
}

fn feed_book() -> FeedBook {
    FeedBook {
        version: 1,
        bump: 0,
        vault: Pubkey::default(),
        feed_id: [0; 32],
        rent_payer: Pubkey::new_unique(),
        exposure: Exposure::default(),
        reserved: [0; 64],
    }
}

fn planned(view: &MarketView, clock: &Clock) -> Vec<&'static str> {
    names(&view.plan(&settings(), clock))
}

fn names(actions: &[FlashAction]) -> Vec<&'static str> {
    actions.iter().map(FlashAction::name).collect()
}

#[test]
fn open_market_without_anything_due_is_left_alone() {
    assert!(planned(&open_market(), &early()).is_empty());
}

#[test]
fn order_is_executed_once_both_clocks_have_passed_its_delay() {
    let mut view = open_market();
    view.orders = vec![order()];
    for clock in [at(19, 20), at(20, 19)] {
        assert!(planned(&view, &clock).is_empty(), "{clock:?}");
    }
    let settings = settings();
    let plan = view.plan(&settings, &at(20, 20));
    let [FlashAction::ExecuteOrders(execute)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(execute.executor, settings.keeper);
    assert_eq!(execute.observation, view.market.evidence.observation);
    let [ended] = &execute.orders[..] else {
        panic!("{plan:?}");
    };
    let waiting = &view.orders[0];
    assert_eq!((ended.placer, ended.nonce), (waiting.placer, 5));
    assert_eq!(ended.owner, waiting.owner);
    assert_eq!(ended.rent_payer, waiting.rent_payer);
    assert_eq!(ended.placer_tokens, view.money.account_of(&waiting.placer));
}

#[test]
fn order_that_nobody_can_execute_any_more_is_given_back() {
    let mut view = open_market();
    view.orders = vec![order()];
    view.orders[0].executable_slot = u64::MAX;
    assert!(planned(&view, &at(10, 30)).is_empty());
    assert_eq!(planned(&view, &at(10, 31)), ["executing orders"]);
    view.market.hours.trading_until = 15;
    assert!(planned(&view, &at(10, 14)).is_empty());
    assert_eq!(planned(&view, &at(10, 15)), ["executing orders"]);

    let mut settled = settled_market();
    settled.orders = vec![order()];
    settled.market.pending_orders = 1;
    assert_eq!(planned(&settled, &early()), ["executing orders"]);
}

#[test]
fn orders_are_executed_in_batches_that_have_halves() {
    let mut view = open_market();
    view.orders = (0..5).map(|_| order()).collect();
    let plan = view.plan(&settings(), &at(20, 20));
    let sizes = |actions: &[FlashAction]| {
        let sizes = actions.iter().map(|action| match action {
            FlashAction::ExecuteOrders(execute) => execute.orders.len(),
            other => panic!("{other:?}"),
        });
        sizes.collect::<Vec<_>>()
    };
    assert_eq!(sizes(&plan), [4, 1]);
    assert_eq!(sizes(&plan[0].halves().unwrap()), [2, 2]);
    assert!(plan[1].halves().is_none());
}

#[test]
fn market_is_resolved_by_its_observation_and_before_its_orders() {
    let mut view = open_market();
    view.market.hours.opens_at = 1;
    view.orders = vec![order()];
    view.observation = Some(observed(OBSERVE_AT_MS, 1));
    let plan = view.plan(&settings(), &at(20, 20));
    let [FlashAction::Resolve(resolve)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(resolve.observation, view.market.evidence.observation);
}

#[test]
fn market_that_is_observed_after_trading_is_resolved_only_then() {
    let mut view = open_market();
    let observe_at_ms = 1_000 * u64::try_from(TRADING_UNTIL).unwrap();
    view.market.evidence.observe_at_ms = observe_at_ms;
    view.observation = Some(observed(observe_at_ms, 1));
    assert!(planned(&view, &at(20, TRADING_UNTIL - 1)).is_empty());
    assert_eq!(
        planned(&view, &at(20, TRADING_UNTIL)),
        ["resolving a flash market"]
    );
}

#[test]
fn market_is_not_resolved_by_what_the_program_refuses() {
    let mut view = open_market();
    view.observation = Some(observed(OBSERVE_AT_MS + 1, 1));
    assert!(planned(&view, &early()).is_empty());
}

#[test]
fn market_is_void_once_its_deadline_has_passed() {
    let view = open_market();
    assert!(planned(&view, &at(200, VOID_FROM - 1)).is_empty());
    assert_eq!(
        planned(&view, &at(200, VOID_FROM)),
        ["voiding a flash market"]
    );
    assert!(!planned(&settled_market(), &at(200, VOID_FROM)).contains(&"voiding a flash market"));
}

#[test]
fn market_with_a_result_is_resolved_after_its_deadline_too() {
    let mut view = open_market();
    view.observation = Some(observed(OBSERVE_AT_MS, 0));
    assert_eq!(
        planned(&view, &at(200, VOID_FROM)),
        ["resolving a flash market"]
    );
}

#[test]
fn market_whose_observation_is_no_outcome_is_void_at_once() {
    let mut view = open_market();
    view.observation = Some(observed(OBSERVE_AT_MS, 9));
    assert_eq!(planned(&view, &early()), ["voiding a flash market"]);
}

#[test]
fn market_is_void_when_what_it_stands_on_is_contradicted() {
    let conflicted = Observation {
        status: ObservationStatus::Conflicted as u8,
        ..observed(OBSERVE_AT_MS, 0)
    };
    let mut view = open_market();
    view.observation = Some(conflicted);
    let plan = view.plan(&settings(), &early());
    let [FlashAction::Void(void)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(void.observation, view.market.evidence.observation);
    assert_eq!(void.strike_observation, None);

    let mut view = open_market();
    view.market.evidence.strike_at_ms = STRIKE_AT_MS;
    view.market.evidence.strike_observation = Pubkey::new_unique();
    view.strike = Some(conflicted);
    let plan = view.plan(&settings(), &early());
    let [FlashAction::Void(void)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(
        void.strike_observation,
        Some(view.market.evidence.strike_observation)
    );
}

#[test]
fn strike_is_set_once_it_is_observed_and_before_the_result() {
    let mut view = open_market();
    view.market.rule.kind = RuleKind::Threshold as u8;
    view.market.rule.strike_count = 1;
    view.market.rule.strike_pending = 1;
    view.market.evidence.strike_at_ms = STRIKE_AT_MS;
    view.observation = Some(observed(OBSERVE_AT_MS, 50));
    assert!(planned(&view, &early()).is_empty());

    view.strike = Some(observed(STRIKE_AT_MS, 40));
    assert_eq!(planned(&view, &early()), ["setting a strike"]);

    view.market.rule.set_strike(40).unwrap();
    assert_eq!(planned(&view, &early()), ["resolving a flash market"]);
}

#[test]
fn settled_market_pays_in_batches_then_closes() {
    let mut view = settled_market();
    view.market.released = 0;
    view.market.open_tickets = 9;
    view.feed_book = Some(feed_book());
    view.tickets = (0..8).map(|_| ticket(0)).collect();
    view.tickets.push(ticket(1));
    let plan = view.plan(&settings(), &early());
    assert_eq!(
        names(&plan),
        [
            "releasing a surplus",
            "settling tickets",
            "settling tickets"
        ]
    );
    let settled = plan.iter().filter_map(|action| match action {
        FlashAction::SettleTickets(settle) => Some(settle.tickets.len()),
        _ => None,
    });
    assert_eq!(settled.collect::<Vec<_>>(), [7, 1]);

    view.market.released = 1;
    view.tickets = vec![Ticket {
        is_held: true,
        ..ticket(0)
    }];
    view.market.settled_at = 5;
    let held = planned(&view, &at(10, 4 + TICKET_HOLD_SECONDS));
    assert!(!held.contains(&"settling tickets"), "it is its owner's");
    let free = planned(&view, &at(10, 5 + TICKET_HOLD_SECONDS));
    assert!(free.contains(&"settling tickets"));
    view.market.settled_at = 0;
    view.tickets.clear();
    assert!(planned(&view, &early()).is_empty());
    view.market.open_tickets = 0;
    let plan = view.plan(&settings(), &early());
    let [FlashAction::CloseMarket(close)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(
        close.feed_book_rent_payer,
        view.feed_book.unwrap().rent_payer
    );
}

#[test]
fn batch_of_tickets_has_halves_and_a_single_one_has_none() {
    let mut view = settled_market();
    view.market.open_tickets = 3;
    view.tickets = (0..3).map(|_| ticket(0)).collect();
    let in_one_call = |action: &FlashAction| match action {
        FlashAction::SettleTickets(settle) => settle.in_one_call,
        other => panic!("{other:?}"),
    };
    let plan = view.plan(&settings(), &early());
    assert!(in_one_call(&plan[0]));
    let [first, second] = plan[0].halves().unwrap();
    assert!(!in_one_call(&first) && !in_one_call(&second));
    assert!(first.halves().is_none());
    let [third, fourth] = second.halves().unwrap();
    let owners = [first, third, fourth].map(|action| match action {
        FlashAction::SettleTickets(settle) => settle.tickets[0].owner,
        other => panic!("{other:?}"),
    });
    assert!(view.tickets.iter().map(|one| one.owner).eq(owners));
}

/// With 1,000 base units of cash for 1,000 shares.
fn vault() -> VaultView {
    let mut vault = Vault::zeroed();
    vault.cash = 1_000;
    vault.shares = 1_000;
    VaultView {
        address: Pubkey::new_unique(),
        vault,
        money: money(),
        deposits: Vec::new(),
        withdrawals: Vec::new(),
        event_books: Vec::new(),
    }
}

/// Executable in seconds 20 to 30.
fn deposit() -> Deposit {
    Deposit {
        version: 1,
        bump: 0,
        vault: Pubkey::default(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        amount: 1,
        min_shares: 1,
        available_at: 20,
        available_until: 30,
        reserved: [0; 32],
    }
}

/// Executable in seconds 20 to 30.
fn withdrawal() -> Withdrawal {
    Withdrawal {
        version: 1,
        bump: 0,
        vault: Pubkey::default(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        shares: 100,
        min_amount: 1,
        available_at: 20,
        available_until: 30,
        reserved: [0; 32],
    }
}

fn planned_for_vault(view: &VaultView, now: i64) -> Vec<&'static str> {
    names(&view.plan(&settings(), &at(10, now)))
}

#[test]
fn deposit_is_executed_after_its_notice_and_cancelled_after_its_window() {
    let mut view = vault();
    view.deposits = vec![deposit()];
    assert!(planned_for_vault(&view, 19).is_empty());
    assert_eq!(planned_for_vault(&view, 20), ["executing a deposit"]);
    assert_eq!(planned_for_vault(&view, 30), ["executing a deposit"]);
    assert_eq!(planned_for_vault(&view, 31), ["cancelling a deposit"]);
}

#[test]
fn deposit_into_a_paused_vault_is_cancelled() {
    let mut view = vault();
    view.deposits = vec![deposit()];
    view.vault.pauses.pause(1);
    assert_eq!(planned_for_vault(&view, 10), ["cancelling a deposit"]);
}

#[test]
fn withdrawal_is_paid_after_its_notice_and_lapses_after_its_window() {
    let mut view = vault();
    view.withdrawals = vec![withdrawal()];
    assert!(planned_for_vault(&view, 19).is_empty());
    assert_eq!(planned_for_vault(&view, 20), ["paying a withdrawal"]);
    assert_eq!(planned_for_vault(&view, 30), ["paying a withdrawal"]);
    assert_eq!(
        planned_for_vault(&view, 31),
        ["returning the shares of a withdrawal"]
    );
}

#[test]
fn withdrawal_that_is_worth_too_little_waits() {
    let mut view = vault();
    view.withdrawals = vec![withdrawal()];
    view.withdrawals[0].min_amount = u64::MAX;
    assert!(planned_for_vault(&view, 25).is_empty());
}

#[test]
fn book_of_an_event_is_closed_after_a_day_without_markets() {
    let mut view = vault();
    let book = EventBook {
        version: 1,
        bump: 0,
        id: 1,
        vault: Pubkey::default(),
        rent_payer: Pubkey::new_unique(),
        exposure: Exposure::default(),
        idle_since: 5,
        correlation_group: 0,
        verse: Pubkey::default(),
        reserved: [0; 24],
    };
    view.event_books = vec![(Pubkey::new_unique(), book)];
    let due = 5 + EVENT_BOOK_IDLE_SECONDS;
    assert!(planned_for_vault(&view, due - 1).is_empty());
    assert_eq!(
        planned_for_vault(&view, due),
        ["closing the book of an event"]
    );
    view.event_books[0].1.exposure.open_markets = 1;
    assert!(planned_for_vault(&view, due).is_empty());
}

fn quantum() -> QuantumView {
    let mut group = QuantumGroup::zeroed();
    group.hours.trading_until = TRADING_UNTIL;
    QuantumView {
        address: Pubkey::new_unique(),
        group,
        money: money(),
        condition: Some(open_market().market),
        asset: Some(open_market().market),
        feed_book: Some(feed_book()),
        tickets: Vec::new(),
    }
}

fn planned_for_group(view: &QuantumView, now: i64) -> Vec<&'static str> {
    names(&view.plan(&at(10, now)))
}

#[test]
fn group_waits_for_the_condition_then_for_the_asset() {
    let mut view = quantum();
    let settled = Some(settled_market().market);
    assert_eq!(planned_for_group(&view, TRADING_UNTIL), [""; 0]);
    view.condition = settled;
    assert_eq!(planned_for_group(&view, TRADING_UNTIL - 1), [""; 0]);
    let collapse = ["collapsing a quantum group"];
    assert_eq!(planned_for_group(&view, TRADING_UNTIL), collapse);
    view.group.status = GroupStatus::Collapsed as u8;
    assert_eq!(planned_for_group(&view, TRADING_UNTIL), [""; 0]);
    view.asset = settled;
    let settle = ["settling a quantum group"];
    assert_eq!(planned_for_group(&view, TRADING_UNTIL), settle);
}

#[test]
fn settled_group_pays_then_closes() {
    let mut view = quantum();
    view.group.status = GroupStatus::Settled as u8;
    view.group.open_tickets = 1;
    view.tickets.push(QuantumTicket::zeroed());
    let first = [
        "releasing the surplus of a quantum group",
        "settling a quantum ticket",
    ];
    assert_eq!(planned_for_group(&view, TRADING_UNTIL), first);
    view.group.released = 1;
    view.tickets.clear();
    assert_eq!(planned_for_group(&view, TRADING_UNTIL), [""; 0]);
    view.group.open_tickets = 0;
    let last = ["closing a quantum group"];
    assert_eq!(planned_for_group(&view, TRADING_UNTIL), last);
}

#[test]
fn market_stays_for_groups_that_wait_for_its_result() {
    let mut view = settled_market();
    view.feed_book = Some(feed_book());
    assert_eq!(planned(&view, &early()), ["closing a flash market"]);
    view.market.open_groups = 1;
    assert_eq!(planned(&view, &early()), [""; 0]);
}

/// Of three legs, executable from slot 20 and second 20 to second 30.
fn chain() -> ChainView {
    let mut chain = Chain::zeroed();
    (chain.leg_count, chain.open_legs) = (3, 3);
    chain.owner = Pubkey::new_unique();
    chain.rent_payer = Pubkey::new_unique();
    chain.wait = ChainWait {
        requested_slot: 10,
        executable_slot: 20,
        executable_at: 20,
        executable_until: 30,
    };
    for leg in &mut chain.legs {
        leg.market = Pubkey::new_unique();
    }
    ChainView {
        address: Pubkey::new_unique(),
        chain,
        vault: Vault::zeroed(),
        money: money(),
        markets: vec![Some(open_market().market); 3],
    }
}

fn planned_for_chain(view: &ChainView, clock: &Clock) -> Vec<&'static str> {
    names(&view.plan(&settings(), clock))
}

#[test]
fn chain_is_executed_once_both_clocks_have_passed_its_delay_and_given_back_after_its_time() {
    let mut view = chain();
    for clock in [at(19, 20), at(20, 19)] {
        assert!(planned_for_chain(&view, &clock).is_empty(), "{clock:?}");
    }
    let settings = settings();
    let plan = view.plan(&settings, &at(20, 30));
    let [FlashAction::ExecuteChain(execute)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(execute.executor, settings.keeper);
    assert_eq!(execute.chain.owner, view.chain.owner);
    assert_eq!(execute.legs.len(), 3);
    let back = ["returning the stake of a chain"];
    assert_eq!(planned_for_chain(&view, &at(20, 31)), back);
    view.vault.pauses.pause(15);
    assert_eq!(planned_for_chain(&view, &at(20, 20)), back);
}

#[test]
fn chain_of_nine_legs_is_upcoming_until_it_is_due() {
    let mut view = chain();
    (view.chain.leg_count, view.chain.open_legs) = (9, 9);
    view.markets = vec![Some(open_market().market); 9];
    let upcoming = |view: &ChainView| view.upcoming(&settings()).map(|action| action.name());
    assert!(planned_for_chain(&view, &at(19, 20)).is_empty());
    assert_eq!(upcoming(&view), Some("executing a chain"));
    let due = ["executing a chain"];
    assert_eq!(planned_for_chain(&view, &at(20, 20)), due);
    view.chain.status = ChainStatus::Open as u8;
    assert_eq!(upcoming(&view), None);
    view.chain.cash_out_waits = 1;
    assert_eq!(upcoming(&view), Some("cashing a chain out"));
    // Nothing can be executed without all of its legs.
    view.markets[4] = None;
    assert_eq!(upcoming(&view), None);
}

#[test]
fn chain_takes_results_that_are_there_and_is_paid_after_the_last() {
    let mut view = chain();
    view.chain.status = ChainStatus::Open as u8;
    assert!(planned_for_chain(&view, &at(20, 20)).is_empty());
    view.markets[1] = Some(settled_market().market);
    let plan = view.plan(&settings(), &at(20, 20));
    let [FlashAction::SettleLegs(settle)] = &plan[..] else {
        panic!("{plan:?}");
    };
    let [leg] = &settle.legs[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(leg.market, view.chain.legs[1].market);
    view.chain.legs[1].status = LegStatus::Won as u8;
    assert!(planned_for_chain(&view, &at(20, 20)).is_empty());
    // Of a lost one all others are dropped.
    view.chain.status = ChainStatus::Lost as u8;
    let plan = view.plan(&settings(), &at(20, 20));
    let [FlashAction::SettleLegs(settle)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(settle.legs.len(), 2);
    view.chain.open_legs = 0;
    let closed = ["paying or closing a chain"];
    assert_eq!(planned_for_chain(&view, &at(20, 20)), closed);
}

#[test]
fn chain_is_cashed_out_while_its_open_legs_trade() {
    let mut view = chain();
    view.chain.status = ChainStatus::Open as u8;
    view.chain.cash_out_waits = 1;
    for market in view.markets.iter_mut().flatten() {
        market.last_suspended_slot = 9;
    }
    assert!(planned_for_chain(&view, &at(19, 20)).is_empty());
    assert_eq!(
        planned_for_chain(&view, &at(20, 20)),
        ["cashing a chain out"]
    );
    assert!(planned_for_chain(&view, &at(20, 31)).is_empty());
    view.markets[2]
        .as_mut()
        .expect("a market")
        .last_suspended_slot = 10;
    assert!(planned_for_chain(&view, &at(20, 20)).is_empty());
}

/// Of two legs, in the first with shares.
fn rolling() -> RollingView {
    let leg = |_| RollingLeg {
        market: Pubkey::new_unique(),
        outcome: 0,
        max_price: 1,
    };
    RollingView {
        chain: RollingChain {
            version: 1,
            bump: 255,
            leg: 0,
            owner: Pubkey::new_unique(),
            rent_payer: Pubkey::new_unique(),
            nonce: 7,
            tip_lamports: 5_000,
            holding: RollingHolding::Shares { amount: 9 },
            max_above_slow: 1_000,
            reserved: [0; 30],
            legs: (0..2).map(leg).collect(),
        },
        market: open_market().market,
        money: money(),
        next: Some(open_market().market),
    }
}

#[test]
fn rolling_chain_moves_on_once_its_market_is_settled_and_the_next_one_opened() {
    let mut view = rolling();
    let names = |view: &RollingView, clock: &Clock| names(&view.plan(&settings(), clock));
    let moves = ["moving a rolling chain on"];
    assert!(names(&view, &at(20, 20)).is_empty());
    view.market = settled_market().market;
    view.market.settlement.payouts[0] = math::Price::ONE.0;
    view.next.as_mut().expect("a market").hours.opens_at = 21;
    assert!(names(&view, &at(20, 20)).is_empty());
    assert_eq!(names(&view, &at(20, 21)), moves);
    view.next.as_mut().expect("a market").suspension = market_core::Halt {
        from: 21,
        until: i64::MAX,
    };
    assert!(names(&view, &at(20, 21 + ROLLING_STEP_SECONDS)).is_empty());
    assert_eq!(names(&view, &at(20, 22 + ROLLING_STEP_SECONDS)), moves);
    // A lost one ends without the next market, and one whose next market is gone too.
    view.market.settlement.payouts[0] = 0;
    assert_eq!(names(&view, &at(20, 20)), moves);
    view.next = None;
    let plan = view.plan(&settings(), &at(20, 20));
    let [FlashAction::AdvanceRolling(advance)] = &plan[..] else {
        panic!("{plan:?}");
    };
    let next = advance.next.expect("the accounts of a leg");
    assert_eq!(next.market, view.chain.legs[1].market);
    view.chain.leg = 1;
    let plan = view.plan(&settings(), &at(20, 20));
    let [FlashAction::AdvanceRolling(advance)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(advance.next, None);
}

#[test]
fn stake_of_a_rolling_chain_waits_for_its_delay_or_the_end_of_trading() {
    let mut view = rolling();
    view.market.hours.trading_until = 100;
    view.chain.holding = RollingHolding::Stake {
        amount: 9,
        wait: chain().chain.wait,
    };
    let names = |view: &RollingView, clock: &Clock| names(&view.plan(&settings(), clock));
    let executes = ["executing a leg of a rolling chain"];
    for clock in [at(19, 20), at(20, 19)] {
        assert!(names(&view, &clock).is_empty(), "{clock:?}");
    }
    for clock in [at(20, 20), at(19, 31), at(19, 100)] {
        assert_eq!(names(&view, &clock), executes, "{clock:?}");
    }
}

#[test]
fn market_closes_after_its_chain_book_and_that_without_open_legs() {
    let mut view = settled_market();
    view.feed_book = Some(feed_book());
    view.market.has_chain_book = 1;
    let mut book = ChainBook::zeroed();
    book.open_legs = 1;
    view.chain_book = Some(book);
    assert!(planned(&view, &early()).is_empty());
    book.open_legs = 0;
    view.chain_book = Some(book);
    assert_eq!(planned(&view, &early()), ["closing a chain book"]);
    view.market.has_chain_book = 0;
    assert_eq!(planned(&view, &early()), ["closing a flash market"]);
}
