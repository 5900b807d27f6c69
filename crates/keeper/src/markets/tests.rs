use bytemuck::Zeroable;
use markets::state::{
    CurveSwitch, LiquidityPosition, Market, MarketStatus, Position, PositionKind, RuleKind,
};
use math::CurveKind;
use oracle::{Observation, ObservationStatus};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{MarketAction, MarketView};
use crate::{Money, Proposer, Settings};

const OBSERVE_AT: u64 = 7;
const OPENING: u64 = 3;
const DEADLINE: i64 = 1_000;
const LOCK_SLOT: u64 = 800;
const POKE_AFTER: i64 = 60;

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
        proposer: Some(Proposer {
            address: Pubkey::new_unique(),
            max_bond: 50,
        }),
        poke_after_seconds: POKE_AFTER,
    }
}

fn open_market() -> MarketView {
    let mut market = Market::zeroed();
    market.status = MarketStatus::Open as u8;
    market.rule = RuleKind::Categorical as u8;
    market.pool.outcomes = 2;
    market.pool.kind = CurveKind::Lmsr as u8;
    market.observe_at = OBSERVE_AT;
    market.freeze_slot = LOCK_SLOT;
    market.lock_slot = LOCK_SLOT;
    market.trading_until = DEADLINE;
    market.proposal_deadline = DEADLINE;
    market.bond_floor = 50;
    market.bond_cap = 50;
    market.needs_agreement = 1;
    for place in [
        &mut market.observation,
        &mut market.strike_observation,
        &mut market.provider_set,
        &mut market.verifying_key,
        &mut market.arbiter_set,
        &mut market.arbiter_key,
    ] {
        *place = Pubkey::new_unique();
    }
    MarketView {
        address: Pubkey::new_unique(),
        market,
        money: Money {
            mint: Pubkey::new_unique(),
            token_program: Pubkey::new_unique(),
        },
        positions: Vec::new(),
        liquidity: Vec::new(),
        observation: None,
        strike: None,
        arbiters: None,
        arbiters_strike: None,
    }
}

fn with_status(status: MarketStatus) -> MarketView {
    let mut view = open_market();
    view.market.status = status as u8;
    view
}

/// Of the market's providers.
fn observed(view: &MarketView, time: u64, value: i64) -> Observation {
    let mut observation = Observation::zeroed();
    observation.status = ObservationStatus::Valid as u8;
    observation.provider_set = view.market.provider_set;
    observation.verifying_key = view.market.verifying_key;
    observation.time = time;
    observation.value = value;
    observation
}

fn arbitrated(view: &MarketView, time: u64, value: i64) -> Observation {
    Observation {
        provider_set: view.market.arbiter_set,
        verifying_key: view.market.arbiter_key,
        ..observed(view, time, value)
    }
}

fn planned(view: &MarketView, clock: &Clock) -> Vec<&'static str> {
    let plan = view.plan(&settings(), clock);
    plan.iter().map(MarketAction::name).collect()
}

#[test]
fn market_is_poked_after_a_time_without_trades_while_it_trades() {
    let view = open_market();
    assert!(planned(&view, &at(10, POKE_AFTER - 1)).is_empty());
    assert_eq!(planned(&view, &at(10, POKE_AFTER)), ["poking a market"]);
    assert!(planned(&view, &at(LOCK_SLOT, POKE_AFTER)).is_empty());
    let mut poked = open_market();
    poked.market.observed_at = 1;
    assert!(planned(&poked, &at(10, POKE_AFTER)).is_empty());
}

#[test]
fn curve_is_switched_in_the_last_eighth_once() {
    let mut view = open_market();
    view.market.curve_switch = CurveSwitch::Offered as u8;
    assert!(planned(&view, &at(699, 10)).is_empty());
    assert_eq!(planned(&view, &at(700, 10)), ["switching a curve"]);
    assert!(planned(&view, &at(LOCK_SLOT, 10)).is_empty());
    view.market.curve_switch = CurveSwitch::Done as u8;
    assert!(planned(&view, &at(700, 10)).is_empty());
}

#[test]
fn strike_is_set_once_it_is_observed() {
    let mut view = open_market();
    view.market.rule = RuleKind::Threshold as u8;
    view.market.strike_count = 1;
    view.market.strike_pending = 1;
    view.market.opening_time = OPENING;
    assert!(planned(&view, &early()).is_empty());
    view.strike = Some(observed(&view, OPENING, 40));
    assert_eq!(planned(&view, &early()), ["setting a strike"]);
    view.market.strike_pending = 0;
    view.market.strikes[0] = 40;
    assert!(planned(&view, &early()).is_empty());
}

#[test]
fn observation_is_proposed_within_the_bond_that_the_keeper_puts_up() {
    let mut view = open_market();
    assert!(planned(&view, &early()).is_empty());
    view.observation = Some(observed(&view, OBSERVE_AT, 1));
    assert_eq!(planned(&view, &early()), ["proposing a result"]);

    let without_money = Settings {
        proposer: None,
        ..settings()
    };
    assert!(view.plan(&without_money, &early()).is_empty());
    view.market.bond_floor = 51;
    view.market.bond_cap = 51;
    assert!(planned(&view, &early()).is_empty());
}

#[test]
fn observation_that_the_program_refuses_is_not_proposed() {
    let mut view = open_market();
    for (time, value) in [(OBSERVE_AT + 1, 1), (OBSERVE_AT, 2)] {
        view.observation = Some(observed(&view, time, value));
        assert!(planned(&view, &early()).is_empty());
    }
}

#[test]
fn market_without_a_proposal_is_void_at_its_deadline() {
    let mut view = open_market();
    assert!(planned(&view, &at(LOCK_SLOT, DEADLINE - 1)).is_empty());
    assert_eq!(
        planned(&view, &at(LOCK_SLOT, DEADLINE)),
        ["voiding a market"]
    );
    // A proposal would come too late.
    view.observation = Some(observed(&view, OBSERVE_AT, 1));
    assert_eq!(
        planned(&view, &at(LOCK_SLOT, DEADLINE)),
        ["voiding a market"]
    );
}

#[test]
fn proposal_is_final_after_its_dispute_window() {
    let mut view = with_status(MarketStatus::Proposed);
    view.market.proposed_value = 1;
    view.market.dispute_deadline = 500;
    view.observation = Some(observed(&view, OBSERVE_AT, 1));
    assert!(planned(&view, &at(LOCK_SLOT, 499)).is_empty());
    assert_eq!(planned(&view, &at(LOCK_SLOT, 500)), ["finalizing a market"]);
}

#[test]
fn contradiction_calls_the_arbiters_before_and_after_a_proposal() {
    for status in [MarketStatus::Open, MarketStatus::Proposed] {
        let mut view = with_status(status);
        view.market.dispute_deadline = 500;
        view.observation = Some(Observation {
            status: ObservationStatus::Conflicted as u8,
            ..observed(&view, OBSERVE_AT, 1)
        });
        assert_eq!(planned(&view, &at(10, 500)), ["calling the arbiters"]);
    }
    let mut view = with_status(MarketStatus::Proposed);
    view.market.proposed_value = 0;
    view.observation = Some(observed(&view, OBSERVE_AT, 1));
    assert_eq!(planned(&view, &early()), ["calling the arbiters"]);
}

#[test]
fn dispute_is_resolved_by_the_arbiters_or_void_at_their_deadline() {
    let mut view = with_status(MarketStatus::Disputed);
    view.market.arbitration_deadline = 500;
    // The providers' word does not count any more.
    view.observation = Some(observed(&view, OBSERVE_AT, 1));
    assert!(planned(&view, &at(LOCK_SLOT, 499)).is_empty());
    assert_eq!(planned(&view, &at(LOCK_SLOT, 500)), ["voiding a market"]);
    view.arbiters = Some((Pubkey::new_unique(), arbitrated(&view, OBSERVE_AT, 0)));
    assert_eq!(planned(&view, &at(LOCK_SLOT, 499)), ["resolving a dispute"]);
    assert_eq!(planned(&view, &at(LOCK_SLOT, 500)), ["voiding a market"]);
}

#[test]
fn dispute_with_an_observed_strike_needs_the_arbiters_strike() {
    let mut view = with_status(MarketStatus::Disputed);
    view.market.rule = RuleKind::Threshold as u8;
    view.market.opening_time = OPENING;
    view.market.strike_pending = 1;
    view.market.arbitration_deadline = 500;
    view.arbiters = Some((Pubkey::new_unique(), arbitrated(&view, OBSERVE_AT, 0)));
    assert!(planned(&view, &early()).is_empty());
    let strike = Pubkey::new_unique();
    view.arbiters_strike = Some((strike, arbitrated(&view, OPENING, 0)));
    let plan = view.plan(&settings(), &early());
    let [MarketAction::ResolveDispute(resolve)] = &plan[..] else {
        panic!("{plan:?}");
    };
    assert_eq!(resolve.strike_observation, Some(strike));
}

fn position() -> Position {
    Position {
        version: 1,
        bump: 0,
        kind: PositionKind::Tradable,
        market: Pubkey::default(),
        owner: Pubkey::new_unique(),
        cost_basis: 0,
        shares: vec![1, 0],
    }
}

#[test]
fn settled_market_pays_everybody_then_closes() {
    let mut view = with_status(MarketStatus::Resolved);
    view.positions = (0..7).map(|_| position()).collect();
    view.market.open_positions = 7;
    view.liquidity = vec![LiquidityPosition {
        version: 1,
        bump: 0,
        market: Pubkey::default(),
        owner: Pubkey::new_unique(),
        shares: 1,
        fee_checkpoint: 0,
        fees_owed: 0,
    }];
    view.market.open_liquidity = 1;
    view.market.proposer_claim = 1;
    view.market.open_disputes = 1;
    assert_eq!(
        planned(&view, &early()),
        [
            "redeeming positions",
            "redeeming positions",
            "redeeming liquidity",
            "claiming a proposer's bond",
            "claiming a disputer's bond",
        ]
    );
    let plan = view.plan(&settings(), &early());
    let [first, second] = plan[0].halves().unwrap();
    let sizes = [first, second].map(|half| match half {
        MarketAction::Redeem(redeem) => redeem.positions.len(),
        other => panic!("{other:?}"),
    });
    assert_eq!(sizes, [3, 3]);

    let done = with_status(MarketStatus::Void);
    assert_eq!(planned(&done, &early()), ["closing a market"]);
}
