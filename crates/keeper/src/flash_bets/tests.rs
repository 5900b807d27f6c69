use bytemuck::Zeroable;
use flash_bets::state::{
    Deposit, FlashMarket, MarketStatus, Order, PendingBet, RuleKind, Ticket, Vault,
};
use oracle::{Observation, ObservationStatus};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{FlashAction, MarketView, VaultView};
use crate::Money;

const FREEZE_SLOT: u64 = 100;
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

fn money() -> Money {
    Money {
        mint: Pubkey::new_unique(),
        token_program: Pubkey::new_unique(),
    }
}

fn open_market() -> MarketView {
    let mut market = FlashMarket::zeroed();
    market.status = MarketStatus::Open as u8;
    market.rule = RuleKind::Categorical as u8;
    market.pool.outcomes = 2;
    market.observe_at = 7;
    market.freeze_slot = FREEZE_SLOT;
    market.void_from = VOID_FROM;
    market.observation = Pubkey::new_unique();
    MarketView {
        address: Pubkey::new_unique(),
        market,
        money: money(),
        orders: Vec::new(),
        tickets: Vec::new(),
        observation: None,
        strike: None,
    }
}

fn settled_market() -> MarketView {
    let mut view = open_market();
    view.market.status = MarketStatus::Resolved as u8;
    view.market.released = 1;
    view
}

fn observed(time: u64, value: i64) -> Observation {
    let mut observation = Observation::zeroed();
    observation.status = ObservationStatus::Valid as u8;
    observation.time = time;
    observation.value = value;
    observation
}

/// Executable in slots 20 to 30.
fn order() -> PendingBet {
    PendingBet {
        version: 1,
        bump: 0,
        outcome: 0,
        market: Pubkey::default(),
        owner: Pubkey::new_unique(),
        nonce: 5,
        order: Order::Buy {
            stake: 1,
            min_shares: 1,
        },
        placed_slot: 10,
        executable_slot: 20,
        last_slot: 30,
    }
}

fn ticket(pending_bets: u16) -> Ticket {
    Ticket {
        version: 1,
        bump: 0,
        pending_bets,
        market: Pubkey::default(),
        owner: Pubkey::new_unique(),
        cost_basis: 0,
        shares: vec![1, 0],
    }
}

fn names(actions: &[FlashAction]) -> Vec<&'static str> {
    actions.iter().map(FlashAction::name).collect()
}

#[test]
fn open_market_without_anything_due_is_left_alone() {
    assert!(open_market().plan(&early()).is_empty());
}

#[test]
fn order_is_executed_from_its_first_slot_to_its_last() {
    let mut view = open_market();
    view.orders = vec![order()];
    assert!(view.plan(&at(19, 10)).is_empty());
    for slot in [20, 30] {
        let plan = view.plan(&at(slot, 10));
        let [FlashAction::ExecuteOrder(execute)] = &plan[..] else {
            panic!("{plan:?}");
        };
        assert_eq!((execute.owner, execute.nonce), (view.orders[0].owner, 5));
        assert_eq!(execute.owner_tokens, view.money.account_of(&execute.owner));
    }
    assert_eq!(names(&view.plan(&at(31, 10))), ["cancelling an order"]);
}

#[test]
fn order_is_cancelled_once_trading_is_over() {
    let mut view = open_market();
    view.orders = vec![order()];
    view.market.freeze_slot = 15;
    assert!(view.plan(&at(14, 10)).is_empty());
    assert_eq!(names(&view.plan(&at(15, 10))), ["cancelling an order"]);
    let mut settled = settled_market();
    settled.orders = vec![order()];
    settled.market.pending_bets = 1;
    assert_eq!(names(&settled.plan(&early())), ["cancelling an order"]);
}

#[test]
fn market_is_resolved_by_its_observation_and_before_its_orders() {
    let mut view = open_market();
    view.orders = vec![order()];
    view.observation = Some(observed(7, 1));
    let plan = view.plan(&at(20, 10));
    let [FlashAction::Resolve(resolve)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(resolve.observation, view.market.observation);
}

#[test]
fn market_is_not_resolved_by_what_the_program_refuses() {
    let mut view = open_market();
    for observation in [observed(8, 1), observed(7, 2)] {
        view.observation = Some(observation);
        assert!(view.plan(&early()).is_empty());
    }
}

#[test]
fn market_is_void_once_its_deadline_has_passed() {
    let view = open_market();
    assert!(view.plan(&at(200, VOID_FROM - 1)).is_empty());
    assert_eq!(
        names(&view.plan(&at(200, VOID_FROM))),
        ["voiding a flash market"]
    );
    assert!(!names(&settled_market().plan(&at(200, VOID_FROM))).contains(&"voiding a flash market"));
}

#[test]
fn market_with_a_result_is_resolved_after_its_deadline_too() {
    let mut view = open_market();
    view.observation = Some(observed(7, 0));
    assert_eq!(
        names(&view.plan(&at(200, VOID_FROM))),
        ["resolving a flash market"]
    );
}

#[test]
fn market_is_void_when_what_it_stands_on_is_contradicted() {
    let conflicted = Observation {
        status: ObservationStatus::Conflicted as u8,
        ..observed(7, 0)
    };
    let mut view = open_market();
    view.observation = Some(conflicted);
    let plan = view.plan(&early());
    let [FlashAction::VoidConflicted(void)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(void.observation, view.market.observation);

    let mut view = open_market();
    let strike = Pubkey::new_unique();
    view.strike = Some((strike, conflicted));
    let plan = view.plan(&early());
    let [FlashAction::VoidConflicted(void)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(void.observation, strike);
}

#[test]
fn strike_is_set_once_it_is_observed_and_before_the_result() {
    let mut view = open_market();
    view.market.rule = RuleKind::Threshold as u8;
    view.market.strike_count = 1;
    view.market.strike_pending = 1;
    view.market.opening_time = 3;
    view.observation = Some(observed(7, 50));
    assert!(view.plan(&early()).is_empty());

    view.strike = Some((Pubkey::new_unique(), observed(3, 40)));
    assert_eq!(names(&view.plan(&early())), ["setting a strike"]);

    view.market.strike_pending = 0;
    assert_eq!(names(&view.plan(&early())), ["resolving a flash market"]);
}

#[test]
fn settled_market_pays_in_batches_then_closes() {
    let mut view = settled_market();
    view.market.released = 0;
    view.market.open_tickets = 10;
    view.tickets = (0..9).map(|_| ticket(0)).collect();
    view.tickets.push(ticket(1));
    let plan = view.plan(&early());
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
    assert_eq!(settled.collect::<Vec<_>>(), [8, 1]);

    view.market.released = 1;
    view.tickets.clear();
    assert!(view.plan(&early()).is_empty());
    view.market.open_tickets = 0;
    assert_eq!(names(&view.plan(&early())), ["closing a flash market"]);
}

#[test]
fn batch_of_tickets_has_halves_and_a_single_one_has_none() {
    let mut view = settled_market();
    view.market.open_tickets = 3;
    view.tickets = (0..3).map(|_| ticket(0)).collect();
    let plan = view.plan(&early());
    let [first, second] = plan[0].halves().unwrap();
    assert!(first.halves().is_none());
    let [third, fourth] = second.halves().unwrap();
    let owners = [first, third, fourth].map(|action| match action {
        FlashAction::SettleTickets(settle) => settle.tickets[0].owner,
        other => panic!("{other:?}"),
    });
    assert!(view.tickets.iter().map(|one| one.owner).eq(owners));
}

/// Executable in slots 20 to 30.
fn vault() -> VaultView {
    VaultView {
        address: Pubkey::new_unique(),
        vault: Vault::zeroed(),
        money: money(),
        deposits: vec![Deposit {
            version: 1,
            bump: 0,
            vault: Pubkey::default(),
            owner: Pubkey::new_unique(),
            amount: 1,
            min_shares: 1,
            available_slot: 20,
            last_slot: 30,
            reserved: [0; 32],
        }],
    }
}

#[test]
fn deposit_is_executed_after_its_notice_and_cancelled_after_its_window() {
    let view = vault();
    assert!(view.plan(&at(19, 10)).is_empty());
    assert_eq!(names(&view.plan(&at(20, 10))), ["executing a deposit"]);
    assert_eq!(names(&view.plan(&at(30, 10))), ["executing a deposit"]);
    assert_eq!(names(&view.plan(&at(31, 10))), ["cancelling a deposit"]);
}

#[test]
fn deposit_into_a_paused_vault_is_cancelled() {
    let mut view = vault();
    view.vault.paused = 1;
    assert_eq!(names(&view.plan(&at(10, 10))), ["cancelling a deposit"]);
}
