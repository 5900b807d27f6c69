use bytemuck::Zeroable;
use market_core::{Holdings, MarketStatus, RuleKind};
use markets::{
    instructions::MAX_LATE_OPENING_SECONDS,
    state::{CurveSwitch, LiquidityPosition, Market, Position, Venue, HOLD_SECONDS},
};
use math::CurveKind;
use oracle::{Observation, ObservationStatus};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::{MarketAction, MarketView};
use crate::{Money, Proposer, Settings};

const OBSERVE_AT_MS: u64 = 7;
const STRIKE_AT_MS: u64 = 3;
const DEADLINE: i64 = 1_000;
const LOCKS_AT: i64 = 800;
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
        pays_in_one_call: false,
    }
}

fn open_market() -> MarketView {
    let mut market = Market::zeroed();
    market.settlement.status = MarketStatus::Open as u8;
    market.rule.kind = RuleKind::Categorical as u8;
    market.rule.outcomes = 2;
    market.pool.outcomes = 2;
    market.pool.kind = CurveKind::Lmsr as u8;
    market.pool.depth = 1_000_000;
    market.pool.slow_prices[..2].fill(1 << 62);
    market.slow_price_slots = 16;
    market.hours.locks_at = LOCKS_AT;
    market.hours.trading_until = LOCKS_AT;
    market.proposal_until = DEADLINE;
    market.bond_floor = 50;
    market.bond_cap = 50;
    let evidence = &mut market.evidence;
    evidence.observe_at_ms = OBSERVE_AT_MS;
    evidence.needs_agreement = 1;
    for place in [
        &mut evidence.observation,
        &mut evidence.strike_observation,
        &mut evidence.provider_set,
        &mut evidence.verifying_key,
        &mut market.arbiter_set,
        &mut market.arbiter_key,
    ] {
        *place = Pubkey::new_unique();
    }
    MarketView {
        address: Pubkey::new_unique(),
        market,
        venue: Venue::zeroed(),
        money: Money {
            mint: Pubkey::new_unique(),
            token_program: Pubkey::new_unique(),
        },
        positions: Vec::new(),
        liquidity: Vec::new(),
        observation: None,
        strike: None,
        providers_are_in_force: true,
        providers_are_suspended: false,
        arbiters: None,
        arbiters_strike: None,
    }
}

fn with_status(status: MarketStatus) -> MarketView {
    let mut view = open_market();
    view.market.settlement.status = status as u8;
    view
}

/// With an observed strike that the market still waits for.
fn up_down_market() -> MarketView {
    let mut view = open_market();
    view.market.rule.kind = RuleKind::Threshold as u8;
    view.market.rule.strike_count = 1;
    view.market.rule.strike_pending = 1;
    view.market.evidence.strike_at_ms = STRIKE_AT_MS;
    view
}

/// Of the market's providers.
fn observed(view: &MarketView, observe_at_ms: u64, value: i64) -> Observation {
    let mut observation = Observation::zeroed();
    observation.status = ObservationStatus::Valid as u8;
    observation.provider_set = view.market.evidence.provider_set;
    observation.verifying_key = view.market.evidence.verifying_key;
    observation.observe_at_ms = observe_at_ms;
    observation.value = value;
    observation
}

fn arbitrated(view: &MarketView, observe_at_ms: u64, value: i64) -> Observation {
    Observation {
        provider_set: view.market.arbiter_set,
        verifying_key: view.market.arbiter_key,
        ..observed(view, observe_at_ms, value)
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
    assert!(planned(&view, &at(10, LOCKS_AT)).is_empty());
    let mut poked = open_market();
    poked.market.hours.observed_at = 1;
    assert!(planned(&poked, &at(10, POKE_AFTER)).is_empty());
}

#[test]
fn curve_is_switched_in_the_last_eighth_once() {
    let mut view = open_market();
    view.market.hours.observed_at = LOCKS_AT;
    view.market.curve_switch = CurveSwitch::Offered as u8;
    assert!(planned(&view, &at(10, 699)).is_empty());
    assert_eq!(planned(&view, &at(10, 700)), ["switching a curve"]);
    assert!(planned(&view, &at(10, LOCKS_AT)).is_empty());
    view.market.curve_switch = CurveSwitch::Done as u8;
    assert!(planned(&view, &at(10, 700)).is_empty());
}

#[test]
fn strike_is_set_once_it_is_observed() {
    let mut view = up_down_market();
    assert!(planned(&view, &early()).is_empty());
    view.strike = Some(observed(&view, STRIKE_AT_MS, 40));
    assert_eq!(planned(&view, &early()), ["setting a strike"]);
    view.market.rule.set_strike(40).unwrap();
    assert!(planned(&view, &early()).is_empty());
}

#[test]
fn observation_is_proposed_within_the_bond_that_the_keeper_puts_up() {
    let mut view = open_market();
    assert!(planned(&view, &early()).is_empty());
    view.observation = Some(observed(&view, OBSERVE_AT_MS, 1));
    assert_eq!(planned(&view, &early()), ["proposing a result"]);

    let without_money = Settings {
        proposer: None,
        ..settings()
    };
    assert!(view.plan(&without_money, &early()).is_empty());
    view.providers_are_in_force = false;
    assert!(planned(&view, &early()).is_empty());
    view.providers_are_in_force = true;
    view.market.bond_floor = 51;
    view.market.bond_cap = 51;
    assert!(planned(&view, &early()).is_empty());
}

#[test]
fn observation_that_the_program_refuses_is_not_proposed() {
    let mut view = open_market();
    for (time, value) in [(OBSERVE_AT_MS + 1, 1), (OBSERVE_AT_MS, 2)] {
        view.observation = Some(observed(&view, time, value));
        assert!(planned(&view, &early()).is_empty());
    }
}

#[test]
fn market_without_a_proposal_is_void_at_its_deadline() {
    let mut view = open_market();
    assert!(planned(&view, &at(10, DEADLINE - 1)).is_empty());
    assert_eq!(planned(&view, &at(10, DEADLINE)), ["voiding a market"]);
    // A proposal would come too late.
    view.observation = Some(observed(&view, OBSERVE_AT_MS, 1));
    assert_eq!(planned(&view, &at(10, DEADLINE)), ["voiding a market"]);
}

#[test]
fn proposal_is_final_after_its_dispute_window() {
    let mut view = with_status(MarketStatus::Proposed);
    view.market.proposed_value = 1;
    view.market.dispute_until = 500;
    view.observation = Some(observed(&view, OBSERVE_AT_MS, 1));
    assert!(planned(&view, &at(10, 499)).is_empty());
    assert_eq!(planned(&view, &at(10, 500)), ["finalizing a market"]);
}

#[test]
fn contradiction_calls_the_arbiters_before_and_after_a_proposal() {
    for status in [MarketStatus::Open, MarketStatus::Proposed] {
        let mut view = with_status(status);
        view.market.dispute_until = 500;
        view.observation = Some(Observation {
            status: ObservationStatus::Conflicted as u8,
            ..observed(&view, OBSERVE_AT_MS, 1)
        });
        assert_eq!(planned(&view, &at(10, 500)), ["calling the arbiters"]);
    }
    let mut view = with_status(MarketStatus::Proposed);
    view.market.proposed_value = 0;
    view.observation = Some(observed(&view, OBSERVE_AT_MS, 1));
    assert_eq!(planned(&view, &early()), ["calling the arbiters"]);
}

#[test]
fn dispute_is_resolved_by_the_arbiters_or_void_at_their_deadline() {
    let mut view = with_status(MarketStatus::Disputed);
    view.market.arbitration_until = 500;
    // The providers' word does not count any more.
    view.observation = Some(observed(&view, OBSERVE_AT_MS, 1));
    assert!(planned(&view, &at(10, 499)).is_empty());
    assert_eq!(planned(&view, &at(10, 500)), ["voiding a market"]);
    view.arbiters = Some((Pubkey::new_unique(), arbitrated(&view, OBSERVE_AT_MS, 0)));
    assert_eq!(planned(&view, &at(10, 499)), ["resolving a dispute"]);
    assert_eq!(planned(&view, &at(10, 500)), ["voiding a market"]);
}

#[test]
fn suspension_calls_the_arbiters_of_a_proposal_at_once_and_else_after_trading() {
    const CALL: [&str; 1] = ["calling the arbiters after a suspension"];
    let suspended = |status| {
        let mut view = with_status(status);
        view.market.hours.observed_at = LOCKS_AT;
        view.market.dispute_until = 500;
        view.observation = Some(observed(&view, OBSERVE_AT_MS, 0));
        view.providers_are_in_force = false;
        view.providers_are_suspended = true;
        view
    };
    let open = suspended(MarketStatus::Open);
    assert!(planned(&open, &at(10, LOCKS_AT - 1)).is_empty());
    assert_eq!(planned(&open, &at(10, LOCKS_AT)), CALL);
    let mut spoken = suspended(MarketStatus::Open);
    spoken.arbiters = Some((Pubkey::new_unique(), arbitrated(&spoken, OBSERVE_AT_MS, 0)));
    assert_eq!(planned(&spoken, &at(10, LOCKS_AT - 1)), CALL);
    assert_eq!(planned(&open, &at(10, DEADLINE - 1)), CALL);
    assert_eq!(planned(&open, &at(10, DEADLINE)), ["voiding a market"]);
    let proposed = suspended(MarketStatus::Proposed);
    assert_eq!(planned(&proposed, &early()), CALL);
    // Not known to be suspended, as where the accounts were not read.
    let mut unknown = suspended(MarketStatus::Open);
    unknown.providers_are_suspended = false;
    assert!(planned(&unknown, &at(10, LOCKS_AT)).is_empty());
}

#[test]
fn dispute_with_an_observed_strike_needs_the_arbiters_strike() {
    let mut view = up_down_market();
    view.market.settlement.status = MarketStatus::Disputed as u8;
    view.market.arbitration_until = 500;
    view.arbiters = Some((Pubkey::new_unique(), arbitrated(&view, OBSERVE_AT_MS, 0)));
    assert!(planned(&view, &early()).is_empty());
    let strike = Pubkey::new_unique();
    view.arbiters_strike = Some((strike, arbitrated(&view, STRIKE_AT_MS, 0)));
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
        is_held: false,
        market: Pubkey::default(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        reserved: [0; 24],
        holdings: Holdings {
            cost_basis: 0,
            shares: vec![1, 0],
        },
    }
}

fn sizes(actions: &[MarketAction]) -> Vec<usize> {
    let sizes = actions.iter().filter_map(|action| match action {
        MarketAction::Redeem(redeem) => Some(redeem.positions.len()),
        _ => None,
    });
    sizes.collect()
}

#[test]
fn settled_market_pays_everybody_then_closes() {
    let mut view = with_status(MarketStatus::Resolved);
    view.positions = (0..6).map(|_| position()).collect();
    view.market.open_positions = 6;
    view.liquidity = vec![LiquidityPosition {
        version: 1,
        bump: 0,
        market: Pubkey::default(),
        owner: Pubkey::new_unique(),
        rent_payer: Pubkey::new_unique(),
        shares: 1,
        locked_shares: 0,
        fee_checkpoint: 0,
        fees_owed: 0,
        reserved: [0; 32],
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
    assert_eq!(sizes(&plan), [5, 1]);
    assert_eq!(sizes(&plan[0].halves().unwrap()), [2, 3]);
    assert!(plan[1].halves().is_none());
}

#[test]
fn market_without_claims_is_closed_once_nobody_can_create_it_again() {
    let done = with_status(MarketStatus::Void);
    assert!(planned(&done, &at(10, MAX_LATE_OPENING_SECONDS)).is_empty());
    let later = at(10, MAX_LATE_OPENING_SECONDS + 1);
    assert_eq!(planned(&done, &later), ["closing a market"]);
}

#[test]
fn held_position_is_left_to_its_owner_for_a_time() {
    let mut view = with_status(MarketStatus::Resolved);
    view.positions = vec![position()];
    view.positions[0].is_held = true;
    view.market.open_positions = 1;
    view.market.settled_at = 5;
    assert!(planned(&view, &at(10, 4 + HOLD_SECONDS)).is_empty());
    assert_eq!(
        planned(&view, &at(10, 5 + HOLD_SECONDS)),
        ["redeeming positions"]
    );
}
