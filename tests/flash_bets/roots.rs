//! Markets that settle from a signed root, markets whose providers contradict themselves, and what
//! makes a market void.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use attestation::Field;
use client::instructions::{
    flash_bets::{Resolve, ResolveFromRoot, RuleTerms, Void},
    oracle::{CloseObservation, ReportResultConflict, ReportResultConflictArgs},
};
use flash_bets::{error::FlashError, state::FlashMarket};
use market_core::MarketStatus;
use oracle::{error::OracleError, Observation, ResultRoot};
use rand::{rngs::OsRng, seq::SliceRandom, Rng};
use result_tree::{includes, FeedResult, ResultTree};
use solana_signer::Signer;
use testbed::{feed, simulation::field, uniform, ExpectError, FlashWorld, PassedOn, World};

use crate::support::{suspension, with_account};

const LIQUIDITY: u64 = 1_000_000_000_000;
const PURSE: u64 = 10_000_000_000;

/// Feed on which roots are published.
fn root_feed() -> Field {
    Field::from(9u64)
}

/// A market with two outcomes and its ends, and a tree of ten results of which number [`PLACE`] is its.
struct Story {
    flash: FlashWorld,
    market: Pubkey,
    tree: ResultTree,
    root: Pubkey,
}

const PLACE: u32 = 4;
const VALUE: i64 = 1;

fn story() -> Story {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let args = flash.terms(2);
    let market = flash.market(args);
    let tree = tree_with(&flash, market, VALUE);
    let root = flash.world.publish(root_feed(), 1, &tree).expect("a root");
    Story {
        flash,
        market,
        tree,
        root,
    }
}

/// Ten results, of which one is the market's.
fn tree_with(flash: &FlashWorld, market: Pubkey, value: i64) -> ResultTree {
    let own = flash.result(market, value);
    let results: Vec<_> = (0..10u32)
        .map(|number| match number {
            PLACE => own,
            _ => FeedResult {
                feed_id: field(Field::from(number)),
                ..own
            },
        })
        .collect();
    flash.world.result_tree(&results).expect("a tree")
}

impl Story {
    /// Once trading is over.
    fn resolve(&mut self) -> Result<testbed::Receipt, testbed::SendError> {
        if let Some(state) = self.flash.find::<FlashMarket>(self.market) {
            self.flash.pass_to(state.hours.trading_until);
        }
        self.flash
            .resolve_from_root(self.market, self.root, &self.tree, (PLACE, VALUE))
    }

    /// The market's state, which is to be open still.
    fn open(&self) -> FlashMarket {
        let state = self.flash.market_state(self.market);
        assert!(state.settlement.is_open());
        state
    }
}

#[test]
fn result_in_a_root_pays_the_winner() {
    let mut story = story();
    let user = story.flash.user(PURSE);
    let market = story.market;
    story.flash.open_ticket(&user, market).expect("a ticket");
    story
        .flash
        .place(&user, market, 1, 400_000_000)
        .expect("a bet");
    let shares = story.flash.ticket(market, &user).holdings.shares[1];
    let purse = story.flash.balance(user.tokens);
    story.resolve().expect("a resolution");
    let state = story.flash.market_state(market);
    assert_eq!(
        (state.settlement.status, state.settlement.winning_outcome),
        (MarketStatus::Resolved as u8, 1)
    );
    story.flash.settle(market, &[&user]).expect("a payout");
    assert_eq!(story.flash.balance(user.tokens), purse + shares);
    story.flash.close(market).expect("an end");
    story.flash.check();
    // The root needs no observation, and stays for the other markets.
    assert_eq!(
        story
            .flash
            .find::<Observation>(state.evidence.observation)
            .map(|_| ()),
        None
    );
    story.flash.read::<ResultRoot>(story.root);
}

#[test]
fn market_is_resolved_once() {
    let mut story = story();
    story.resolve().expect("a resolution");
    story.resolve().expect_refusal(FlashError::MarketNotOpen);
    let market = story.market;
    story
        .flash
        .resolve(market, 0)
        .expect_refusal(FlashError::MarketNotOpen);
}

#[test]
fn what_is_not_the_markets_leaf_is_refused() {
    let mut story = story();
    let build = |value, index, path_of| {
        let mut resolve = story.flash.build_resolve_from_root(
            story.market,
            story.root,
            &story.tree,
            (index, value),
        );
        resolve.args.path = story.tree.path(path_of).expect("ten results");
        resolve
    };
    let mut wrong = vec![
        build(VALUE - 1, PLACE, PLACE),
        build(VALUE, PLACE + 1, PLACE),
        build(VALUE, PLACE, PLACE + 1),
        build(VALUE, PLACE + 16, PLACE),
        // Leaves of other feeds.
        build(VALUE, 5, 5),
        build(VALUE, 0, 0),
    ];
    for change in [
        |path: &mut Vec<u8>| path.clear(),
        |path: &mut Vec<u8>| path.truncate(96),
        |path: &mut Vec<u8>| path.push(0),
        |path: &mut Vec<u8>| path.extend([0; 32]),
        |path: &mut Vec<u8>| path[0] ^= 1,
    ] {
        let mut resolve = build(VALUE, PLACE, PLACE);
        change(&mut resolve.args.path);
        wrong.push(resolve);
    }
    for resolve in wrong {
        story
            .flash
            .send(resolve.instruction(), &[])
            .expect_refusal(PassedOn(OracleError::NotInRoot));
    }
    story.open();
    story.resolve().expect("a resolution");
}

#[test]
fn leaf_of_another_time_is_refused() {
    let mut story = story();
    let own = story.flash.result(story.market, VALUE);
    for time in [own.time - 1, own.time + 1] {
        let tree = story
            .flash
            .world
            .result_tree(&[FeedResult { time, ..own }])
            .expect("a tree");
        let root = story.flash.world.publish(root_feed(), 1, &tree);
        let root = root.expect("a root");
        story
            .flash
            .resolve_from_root(story.market, root, &tree, (0, VALUE))
            .expect_refusal(PassedOn(OracleError::NotInRoot));
    }
}

#[test]
fn value_outside_the_rule_is_refused() {
    let mut story = story();
    for value in [-1, 2, i64::MAX] {
        let tree = tree_with(&story.flash, story.market, value);
        let root = story.flash.world.publish(root_feed(), 1, &tree);
        let root = root.expect("a root");
        story.flash.pass_to(story.open().hours.locks_at);
        story
            .flash
            .resolve_from_root(story.market, root, &tree, (PLACE, value))
            .expect_refusal(FlashError::ValueOutsideRule);
    }
}

#[test]
fn root_of_another_set_or_key_is_refused() {
    let mut story = story();
    let world = &mut story.flash.world;
    let key = world.key_args(World::CIRCUIT_ID, 1);
    let other_key = world.propose_verifying_key(key).expect("a key");
    let set = world.provider_set_args(World::PROVIDER_SET_ID, 1);
    let other_set = world.propose_provider_set(set).expect("a set");
    world.pass_timelock();
    let (own_set, own_key) = (world.provider_set, world.verifying_key);
    for (set, key, error) in [
        (own_set, other_key, FlashError::WrongVerifyingKey),
        (other_set, own_key, FlashError::WrongProviderSet),
    ] {
        let world = &mut story.flash.world;
        (world.provider_set, world.verifying_key) = (set, key);
        let root = world.publish(root_feed(), 1, &story.tree).expect("a root");
        story
            .flash
            .resolve_from_root(story.market, root, &story.tree, (PLACE, VALUE))
            .expect_refusal(error);
    }
}

#[test]
fn wrong_forged_or_foreign_accounts_are_refused() {
    let mut story = story();
    let resolve =
        story
            .flash
            .build_resolve_from_root(story.market, story.root, &story.tree, (PLACE, VALUE));
    let instruction = resolve.instruction();
    // The bytes of the real root, owned by somebody else.
    let forged = Pubkey::new_unique();
    let mut account = story
        .flash
        .chain()
        .find_account(story.root)
        .expect("a chain")
        .expect("a root");
    account.owner = flash_bets::ID;
    story.flash.world.chain.set_account(forged, account);
    let provider_set = story.flash.world.provider_set;
    for (own, other, error) in [
        (story.root, forged, ErrorCode::AccountOwnedByWrongProgram),
        (
            story.root,
            provider_set,
            ErrorCode::AccountDiscriminatorMismatch,
        ),
        (
            story.market,
            story.flash.vault,
            ErrorCode::AccountDiscriminatorMismatch,
        ),
    ] {
        story
            .flash
            .send(with_account(instruction.clone(), own, other), &[])
            .expect_refusal(error);
    }
    // An account that says nothing, in the place of an observation that might.
    for other in [Pubkey::new_unique(), provider_set] {
        story
            .flash
            .send(
                with_account(instruction.clone(), resolve.observation, other),
                &[],
            )
            .expect_refusal(FlashError::WrongObservation);
    }
}

#[test]
fn observation_that_agrees_does_not_stand_in_the_way() {
    let mut story = story();
    let market = story.market;
    story.flash.observe(market, VALUE);
    story.resolve().expect("a resolution");
}

#[test]
fn root_and_observation_that_contradict_each_other_settle_nothing() {
    let mut story = story();
    let market = story.market;
    let observation = story.flash.observe(market, VALUE - 1);
    assert_eq!(observation, story.open().evidence.observation);
    story
        .resolve()
        .expect_refusal(FlashError::ObservationDisagrees);
    let report = ReportResultConflict {
        result_root: story.root,
        observation,
        args: ReportResultConflictArgs {
            value: VALUE,
            index: PLACE,
            path: story.tree.path(PLACE).expect("ten results"),
        },
    };
    story
        .flash
        .send(report.instruction(), &[])
        .expect("a report");
    story
        .resolve()
        .expect_refusal(FlashError::ObservationNotValid);
    story
        .flash
        .resolve_on(market, observation)
        .expect_refusal(FlashError::ObservationNotValid);
    story.flash.void(market).expect("a void");
}

#[test]
fn conflict_voids_a_market_at_once_and_pays_slow_prices() {
    let mut story = story();
    let market = story.market;
    let user = story.flash.user(PURSE);
    story.flash.open_ticket(&user, market).expect("a ticket");
    story
        .flash
        .place(&user, market, 1, 400_000_000)
        .expect("a bet");
    let observation = story.flash.contradict(market, [0, 1]);
    story
        .flash
        .resolve_on(market, observation)
        .expect_refusal(FlashError::ObservationNotValid);
    story.flash.void(market).expect("a void");
    let state = story.flash.market_state(market);
    assert_eq!(state.settlement.status, MarketStatus::Void as u8);

    let shares = story.flash.ticket(market, &user).holdings.shares[1];
    let due = (u128::from(shares) * u128::from(state.settlement.payouts[1])) >> 63;
    let purse = story.flash.balance(user.tokens);
    story.flash.settle(market, &[&user]).expect("a payout");
    assert_eq!(u128::from(story.flash.balance(user.tokens) - purse), due);
    story.flash.close(market).expect("an end");
    story.flash.check();
}

#[test]
fn only_its_own_observation_voids_a_market() {
    let mut story = story();
    let market = story.market;
    story
        .flash
        .void(market)
        .expect_refusal(FlashError::DeadlineNotPassed);
    // Of another time of the feed, and of another market's feed.
    let time = story.open().evidence.observe_at_ms + 1;
    let feed_of_market = feed(story.open().id);
    story.flash.pass_to(story.open().hours.locks_at);
    let of_other_time = story
        .flash
        .world
        .observe(feed_of_market, time, 0)
        .expect("an observation");
    let report = story.flash.world.report_conflict(feed_of_market, time, 1);
    story
        .flash
        .send(report.expect("a proof").instruction(), &[])
        .expect("a report");
    let terms = story.flash.terms(2);
    let other_market = story.flash.market(terms);
    let of_other_market = story.flash.contradict(other_market, [0, 1]);
    let right = story.flash.build_void(market);
    for observation in [
        of_other_time,
        of_other_market,
        story.root,
        Pubkey::new_unique(),
    ] {
        let wrong = Void {
            observation,
            ..right
        };
        story
            .flash
            .send(wrong.instruction(), &[])
            .expect_refusal(FlashError::WrongObservation);
    }
    story.open();
}

/// Who holds the losing side of a market that nobody resolved yet cannot have it paid by slow prices:
/// an observation that names an outcome is there, and settles it.
#[test]
fn known_outcome_is_not_voided_at_the_deadline() {
    let mut story = story();
    let market = story.market;
    let user = story.flash.user(PURSE);
    story
        .flash
        .open_and_place(&user, market, 0, 500_000_000)
        .expect("a bet that will lose");
    let observation = story.flash.observe(market, 1);
    for second in [story.open().hours.locks_at, story.open().void_from + 1] {
        story.flash.pass_to(second);
        story
            .flash
            .void(market)
            .expect_refusal(FlashError::OutcomeKnown);
    }
    story
        .flash
        .resolve_on(market, observation)
        .expect("a result");
    let purse = story.flash.balance(user.tokens);
    story.flash.settle(market, &[&user]).expect("a settlement");
    assert_eq!(
        story.flash.balance(user.tokens),
        purse,
        "nothing for the loser"
    );
}

/// "Abandoned", which is no outcome of a winner's market: a market that is certain to be void is not
/// traded on for a second, since whoever knows it would buy what the slow price is above the spot of.
#[test]
fn value_that_is_no_outcome_voids_at_once() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let terms = flash.question(2);
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash
        .open_and_place(&user, market, 0, 400_000_000)
        .expect("an order");
    let nonce = flash.nonce;
    flash.observe(market, 9);
    flash.void(market).expect("a void, while it would trade");
    flash.execute(&user, market, nonce).expect("a return");
    assert_eq!(flash.balance(user.tokens), PURSE);
    let late = flash.place(&user, market, 1, 1_000_000);
    late.expect_refusal(FlashError::MarketNotOpen);
    let payouts = flash.market_state(market).settlement.payouts;
    let moved = payouts[0].abs_diff(uniform(2)[0]);
    assert!(moved < 1_000, "the slow prices are those of the opening");
}

#[test]
fn up_down_market_is_not_voided_while_its_strike_can_be_shown() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    for is_strike_shown in [false, true] {
        let mut terms = flash.terms(2);
        let strike_at_ms = terms.observe_at_ms - 60_000;
        terms.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
        let market = flash.market(terms);
        flash.observe(market, 7);
        let deadline = flash.market_state(market).void_from;
        flash.pass_to(deadline - 1);
        let without_strike = Void {
            strike_observation: None,
            ..flash.build_void(market)
        };
        flash
            .send(without_strike.instruction(), &[])
            .expect_refusal(FlashError::WrongObservation);
        flash
            .void(market)
            .expect_refusal(FlashError::DeadlineNotPassed);
        flash.pass_to(deadline);
        if is_strike_shown {
            flash.observe_at(market, strike_at_ms, 5);
            flash.void(market).expect_refusal(FlashError::StrikeKnown);
            flash.set_strike_from(market).expect("a strike");
            flash.void(market).expect_refusal(FlashError::OutcomeKnown);
        } else {
            flash.void(market).expect("a void");
        }
    }
}

#[test]
fn conflict_of_the_opening_voids_an_up_down_market() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    for is_set in [false, true] {
        let mut terms = flash.terms(2);
        let strike_at_ms = terms.observe_at_ms - 60_000;
        terms.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
        let id = flash.vault_state().next_market_id;
        let market = flash.market(terms);
        flash.observe_at(market, strike_at_ms, 100);
        if is_set {
            flash.set_strike_from(market).expect("a strike");
        }
        let report = flash.world.report_conflict(feed(id), strike_at_ms, 101);
        flash
            .send(report.expect("a proof").instruction(), &[])
            .expect("a report");
        flash.void(market).expect("a void");
    }
}

/// Whoever wins on a strike that is contradicted cannot be faster than the void: neither an observation
/// nor a root settles the market on it, and all that there is are the slow prices.
#[test]
fn contradicted_strike_settles_nothing_before_the_void() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mut terms = flash.terms(2);
    let strike_at_ms = terms.observe_at_ms - 60_000;
    terms.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
    let market = flash.market(terms);
    let feed_of_market = feed(flash.market_state(market).id);
    let tree = tree_with(&flash, market, 150);
    let root = flash.world.publish(root_feed(), 1, &tree).expect("a root");
    let users = [0, 1].map(|outcome| {
        let user = flash.user(PURSE);
        flash.open_ticket(&user, market).expect("a ticket");
        let placed = flash.place(&user, market, outcome, 400_000_000);
        placed.expect("a bet");
        user
    });
    flash.observe_at(market, strike_at_ms, 100);
    flash.set_strike_from(market).expect("a strike");
    let close = flash.observe(market, 150);
    let report = flash
        .world
        .report_conflict(feed_of_market, strike_at_ms, 200);
    let report = report.expect("a proof").instruction();
    flash.send(report, &[]).expect("a report");

    // By the strike of 100 the second outcome has won, by that of 200 the first.
    flash
        .resolve_on(market, close)
        .expect_refusal(FlashError::ObservationNotValid);
    flash
        .resolve_from_root(market, root, &tree, (PLACE, 150))
        .expect_refusal(FlashError::ObservationNotValid);
    // Nor is it hidden by another account than the strike's, or by none.
    let from_root = flash.build_resolve_from_root(market, root, &tree, (PLACE, 150));
    for strike_observation in [None, Some(close), Some(Pubkey::new_unique())] {
        let hidden = Resolve {
            market,
            observation: close,
            strike_observation,
        };
        let hidden_from_root = ResolveFromRoot {
            strike_observation,
            ..from_root.clone()
        };
        for instruction in [hidden.instruction(), hidden_from_root.instruction()] {
            flash
                .send(instruction, &[])
                .expect_refusal(FlashError::WrongObservation);
        }
    }

    flash.void(market).expect("a void");
    let payouts = flash.market_state(market).settlement.payouts;
    for (user, outcome) in users.iter().zip([0, 1]) {
        let shares = flash.ticket(market, user).holdings.shares[outcome];
        let due = (u128::from(shares) * u128::from(payouts[outcome])) >> 63;
        let purse = flash.balance(user.tokens);
        flash.settle(market, &[user]).expect("a payout");
        assert_eq!(u128::from(flash.balance(user.tokens) - purse), due);
        assert!(due < u128::from(shares), "nobody is paid in full");
    }
    flash.close(market).expect("an end");
    flash.check();
}

#[test]
fn contradicted_value_cannot_come_back_after_the_retention() {
    let mut story = story();
    let market = story.market;
    let observation = story.flash.contradict(market, [1, 0]);
    let retention = story.flash.world.retention;
    story.flash.world.advance_seconds(retention);
    let close = CloseObservation {
        observation,
        rent_payer: story.flash.world.keeper.pubkey(),
    };
    story
        .flash
        .send(close.instruction(), &[])
        .expect_refusal(OracleError::ConflictStays);
    story
        .resolve()
        .expect_refusal(FlashError::ObservationNotValid);
    story.flash.void(market).expect("a void");
}

#[test]
fn one_proof_settles_markets_of_a_tree_of_1024() {
    const LEAVES: u64 = 1_024;
    const MARKETS: usize = 32;
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mut places: Vec<u32> = (0..LEAVES as u32).collect();
    places.shuffle(&mut OsRng);
    let event = flash.create_event_book();
    let markets: Vec<_> = places[..MARKETS]
        .iter()
        .map(|place| {
            let mut args = flash.terms(3);
            args.depth = 10_000_000;
            (*place, flash.market_on(event, args), OsRng.gen_range(0..3))
        })
        .collect();
    let (_, last, _) = markets.last().expect("markets");
    let locks_at = flash.market_state(*last).hours.locks_at;
    flash.pass_to(locks_at);
    let mut results: Vec<_> = (0..LEAVES)
        .map(|number| FeedResult {
            feed_id: field(Field::from(number)),
            time: 1_671_375_600_000 + number,
            value: number.cast_signed() % 3,
        })
        .collect();
    for (place, market, value) in &markets {
        results[*place as usize] = flash.result(*market, *value);
    }
    let tree = flash.world.result_tree(&results).expect("a tree");
    let root = flash.world.publish(root_feed(), 1, &tree).expect("a root");

    // What the program checks, for every leaf.
    let domain = flash.world.domain().to_bytes();
    for (index, result) in (0u32..).zip(&results) {
        let path = tree.path(index).expect("a leaf");
        let leaf = result.leaf(&domain);
        assert!(includes(&tree.top(), tree.leaves(), leaf, index, &path));
    }
    for (place, market, value) in markets {
        flash
            .resolve_from_root(market, root, &tree, (place, value))
            .expect("a resolution");
        let state = flash.market_state(market);
        assert_eq!(i64::from(state.settlement.winning_outcome), value);
        flash.close(market).expect("an end");
    }
    flash.check();
}

/// A root speaks for more than anybody looked at when it was verified.
#[test]
fn suspension_stops_roots_that_were_verified_before() {
    for of_set in [true, false] {
        let mut story = story();
        let (suspend, error) = suspension(&story.flash.world, of_set);
        let guardian = story.flash.world.guardian.insecure_clone();
        story
            .flash
            .send(suspend, &[&guardian])
            .expect("a suspension");
        story.resolve().expect_refusal(PassedOn(error));
        story.open();
    }
}
