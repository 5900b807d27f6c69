//! Flash bets, creating markets: terms, deadlines, caps.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::error::FlashError;
use math::Price;
use oracle::{error::OracleError, Aggregation, ProviderRole};
use solana_signer::Signer;
use testbed::{uniform, ExpectError, FlashWorld, PassedOn, World};

const LIQUIDITY: u64 = 10_000_000_000;

type Change = fn(&mut MarketTerms);

#[test]
fn terms_out_of_range_are_refused() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    let cases: Vec<(FlashError, Change)> = vec![
        (FlashError::DurationOutOfRange, |t| t.duration = 4_999),
        (FlashError::DurationOutOfRange, |t| t.duration = 14_400_001),
        (FlashError::DurationOutOfRange, |t| t.opens_in = 14_400_001),
        (FlashError::DurationOutOfRange, |t| t.duration = u32::MAX),
        (FlashError::ResolutionTimeOutOfRange, |t| {
            t.resolution = 59_999
        }),
        (FlashError::ResolutionTimeOutOfRange, |t| {
            t.resolution = 86_400_001
        }),
        (FlashError::FreezeOutOfRange, |t| t.freeze = 60_000),
        (FlashError::FreezeOutOfRange, |t| t.freeze = u32::MAX),
        (FlashError::DelayOutOfRange, |t| t.execution = 400),
        (FlashError::DelayOutOfRange, |t| t.delay = 400),
        (FlashError::DelayOutOfRange, |t| {
            (t.delay, t.execution) = (30_001, 400)
        }),
        (FlashError::DelayOutOfRange, |t| {
            (t.delay, t.execution) = (400, 99)
        }),
        (FlashError::DelayOutOfRange, |t| {
            (t.delay, t.execution) = (400, 60_001)
        }),
        // No slot would be left in which an order could be placed.
        (FlashError::DelayOutOfRange, |t| {
            (t.duration, t.delay, t.execution) = (20_000, 20_000, 400)
        }),
        (FlashError::FeeRateOutOfRange, |t| t.fee_rate = 501),
        (FlashError::FeeRateOutOfRange, |t| t.fee_rate = u16::MAX),
        (FlashError::OutcomeCountOutOfRange, |t| t.prior = uniform(1)),
        (FlashError::OutcomeCountOutOfRange, |t| t.prior = Vec::new()),
        (FlashError::OutcomeCountOutOfRange, |t| {
            t.prior = uniform(11)
        }),
        (FlashError::OutcomeCountOutOfRange, |t| {
            (t.curve, t.prior) = (Curve::PmAmm, uniform(3))
        }),
        (FlashError::PriorOutOfRange, |t| {
            t.prior[0] -= Price::ONE.0 / 100_000_000
        }),
        (FlashError::FreezeOutOfRange, |t| t.micro_tau = true),
        (FlashError::FreezeOutOfRange, |t| {
            // Two slots of 150 would do.
            (t.micro_tau, t.freeze) = (true, 400)
        }),
        (FlashError::PriorOutOfRange, |t| {
            t.prior = vec![Price::ONE.0, 0]
        }),
        (FlashError::PriorOutOfRange, |t| {
            t.prior = vec![u64::MAX, u64::MAX]
        }),
        (FlashError::DepthOutOfRange, |t| t.depth = 0),
        (FlashError::DepthOutOfRange, |t| t.depth = 999),
        (FlashError::DepthOutOfRange, |t| {
            t.depth = 1_000_000_000_000_001
        }),
        (FlashError::DepthOutOfRange, |t| t.depth = u64::MAX),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.observe_at -= 60_001
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // Less than a minute before the deadline.
            t.observe_at += 61_000
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.observe_at = u64::MAX
        }),
        (FlashError::ObservationTimeOutOfRange, |t| t.observe_at = 0),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // A price that is known while the curve trades, or before it opens.
            t.observe_at += 1_000
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.observe_at += 59_000
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.opens_in = 61_000
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // An up/down market is one of prices, whose last comes after trading.
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at - 1,
            }
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at - 60_001,
            };
            t.observe_at += 60_000;
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at + 60_001,
            };
            (t.duration, t.observe_at) = (120_000, t.observe_at + 120_000);
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // The opening has to come before the close.
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at,
            }
        }),
        (FlashError::StrikesInvalid, |t| {
            t.rule = RuleTerms::Threshold { strikes: vec![] }
        }),
        (FlashError::StrikesInvalid, |t| {
            t.rule = RuleTerms::Threshold {
                strikes: vec![1, 2],
            }
        }),
        (FlashError::StrikesInvalid, |t| {
            t.prior = uniform(3);
            t.rule = RuleTerms::Threshold {
                strikes: vec![2, 2],
            }
        }),
        (FlashError::StrikesInvalid, |t| {
            t.prior = uniform(3);
            t.rule = RuleTerms::Threshold {
                strikes: vec![2, 1],
            }
        }),
        (FlashError::StrikesInvalid, |t| {
            t.prior = uniform(3);
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at,
            };
            t.observe_at += 60_000;
        }),
    ];
    for (number, (expected, change)) in cases.into_iter().enumerate() {
        println!("case {number}");
        let mut terms = flash.terms(2);
        change(&mut terms);
        flash.try_market(event, terms).expect_refusal(expected);
    }
    let mut terms = flash.terms(2);
    terms.feed_id = [0xff; 32];
    flash
        .try_market(event, terms)
        .expect_refusal(FlashError::NotAFieldElement);
}

#[test]
fn terms_at_their_edges_are_taken() {
    let cases: [Change; 12] = [
        |t| {
            t.duration = 5_000;
            t.freeze = 4_800;
        },
        |t| {
            (t.opens_in, t.duration) = (14_400_000, 14_400_000);
            t.resolution = 86_400_000;
            t.observe_at += 14_400_000;
        },
        |t| (t.duration, t.delay, t.execution) = (91_000, 30_000, 60_000),
        |t| (t.micro_tau, t.freeze) = (true, 800),
        |t| t.observe_at += 60_000,
        |t| {
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at - 60_000,
            };
            t.observe_at += 60_000;
        },
        |t| {
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at + 59_999,
            };
            t.observe_at += 60_000;
        },
        |t| (t.delay, t.execution) = (1, 100),
        |t| t.fee_rate = 500,
        |t| t.prior = uniform(10),
        |t| t.depth = 1_000,
        |t| {
            t.observe_at -= 60_000;
            t.rule = RuleTerms::Threshold {
                strikes: vec![i64::MIN],
            };
        },
    ];
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    for change in cases {
        let mut terms = flash.terms(2);
        change(&mut terms);
        flash.try_market(event, terms).expect("a market");
    }
}

#[test]
fn durations_become_slots_rounded_up() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mut terms = flash.terms(2);
    (terms.opens_in_seconds, terms.duration_seconds, terms.freeze_seconds) = (401, 5_001, 1);
    (terms.delay_ms, terms.execution_seconds, terms.resolution_seconds) = (801, 101, 60_000);
    let market = flash.market(terms);
    let now = flash.chain().slot();
    let second = flash.chain().now().seconds();
    let state = flash.market_state(market);
    assert_eq!(state.open_slot, now + 2);
    assert_eq!(state.lock_slot, now + 2 + 13);
    assert_eq!(state.freeze_slot, now + 2 + 13 - 1);
    assert_eq!((state.delay_slots, state.execution_slots), (3, 1));
    // 65,402 ms, and never before.
    assert_eq!(state.void_from, second + 66);
}

#[test]
fn caps_hold_at_their_very_edge() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    // What a market of the default terms is funded with.
    let funding = 693_147_181 + 16;
    let admin = flash.world.admin.insecure_clone();
    let set = |flash: &mut FlashWorld, market_funding, event_funding, utilisation| {
        let caps = Caps {
            market_funding,
            event_funding,
            utilisation,
            slot_ms: 400,
            padding: [0; 4],
        };
        let vault = flash.vault;
        let authority = admin.pubkey();
        let set = SetCaps {
            authority,
            vault,
            caps,
        };
        flash.send(set.instruction(), &[&admin]).expect("caps");
        flash.world.pass_timelock();
    };
    let event = flash.create_event_book();
    let attempt = |flash: &mut FlashWorld| {
        let terms = flash.terms(2);
        flash.try_market(event, terms)
    };

    set(&mut flash, funding - 1, u64::MAX, 10_000);
    attempt(&mut flash).expect_refusal(FlashError::MarketCapExceeded);
    set(&mut flash, funding, 2 * funding - 1, 10_000);
    attempt(&mut flash).expect("one market");
    attempt(&mut flash).expect_refusal(FlashError::EventCapExceeded);
    set(&mut flash, funding, 2 * funding, 10_000);
    attempt(&mut flash).expect("two markets");
    attempt(&mut flash).expect_refusal(FlashError::EventCapExceeded);
    assert_eq!(flash.vault_state().allocated, 2 * funding);

    // Three fundings of an equity of 10¹⁰ are 2,079.44…/10,000.
    set(&mut flash, u64::MAX, u64::MAX, 2_079);
    attempt(&mut flash).expect_refusal(FlashError::UtilisationExceeded);
    set(&mut flash, u64::MAX, u64::MAX, 2_080);
    attempt(&mut flash).expect("three markets");

    // More than there is.
    set(&mut flash, u64::MAX, u64::MAX, 10_000);
    let mut deep = flash.terms(2);
    deep.depth = 20_000_000_000;
    flash
        .try_market(event, deep)
        .expect_refusal(FlashError::NotEnoughCash);
    let mut endless = flash.terms(10);
    endless.depth = 1_000_000_000_000_000;
    flash
        .try_market(event, endless)
        .expect_refusal(FlashError::NotEnoughCash);
}

/// What a market was funded with counts for its event until it is released, not until it is closed.
#[test]
fn release_frees_the_caps() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    let terms = flash.terms(2);
    let market = flash.market_on(event, terms);
    let user = flash.user(1_000_000);
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 1_000_000).expect("a bet");
    flash.resolve(market, 0).expect("a resolution");
    flash.release(market).expect("a release");
    assert_eq!(flash.vault_state().allocated, 0);
    // The event's book cannot be closed over a market that is still there.
    flash
        .close_event(event)
        .expect_refusal(FlashError::EventInUse);
    flash.settle(market, &[&user]).expect("a settlement");
    flash.close(market).expect("a closing");
    flash.close_event_book(event).expect("a closing");
}

#[test]
fn event_without_a_market_yet_is_not_for_anybody_to_close() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    flash
        .close_event(event)
        .expect_refusal(FlashError::EventUnused);
    let terms = flash.terms(2);
    flash.try_market(event, terms).expect("a market");
    let event = flash.create_event_book();
    flash.close_event_book(event).expect("a closing");
}

#[test]
fn market_is_the_operators_to_create() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mallory = flash.user(0);
    let terms = flash.terms(2);
    let event = flash.create_event_book();
    let mut create = flash.build_market(event, terms);
    create.operator = mallory.address();
    flash
        .send(create.instruction(), &[&mallory.key])
        .expect_refusal(FlashError::NotOperator);
    let operator = flash.operator.pubkey();
    create.operator = operator;
    let mut unsigned = create.instruction();
    unsigned.accounts[0].is_signer = false;
    flash
        .send(unsigned, &[])
        .expect_refusal(ErrorCode::AccountNotSigner);

    // Lamports at its addresses do not stop it.
    let market = addresses::market(&flash.vault, create.args.id);
    for address in [market, addresses::market_tokens(&market)] {
        flash.world.chain.airdrop(address, 1_000_000).expect("some");
    }
    flash
        .send_as_operator(create.instruction())
        .expect("a market");
    flash
        .send_as_operator(create.instruction())
        .expect_refusal("AccountAlreadyInUse");
    let mut event = CreateEventBook {
        operator: mallory.address(),
        vault: flash.vault,
        id: 77,
    };
    flash
        .send(event.instruction(), &[&mallory.key])
        .expect_refusal(FlashError::NotOperator);
    event.operator = operator;
    let address = addresses::event(&flash.vault, 77);
    flash.world.chain.airdrop(address, 1_000_000).expect("some");
    flash
        .send_as_operator(event.instruction())
        .expect("an event");
}

#[test]
fn providers_and_key_must_be_usable() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    let terms = flash.terms(2);
    let mut create = flash.build_market(event, terms);
    let own = create.clone();

    let set = flash.world.provider_set_args(World::PROVIDER_SET_ID, 1);
    create.provider_set = flash.world.propose_provider_set(set).expect("a set");
    let mut arbiters = flash.world.provider_set_args(World::PROVIDER_SET_ID, 2);
    arbiters.role = ProviderRole::Arbiter;
    let arbiters = flash.world.propose_provider_set(arbiters).expect("a set");
    let key = flash.world.key_args(World::CIRCUIT_ID, 1);
    let key = flash.world.propose_verifying_key(key).expect("a key");

    let from = flash.chain().now().seconds() + flash.world.timelock;
    flash.go_to_second(from - 1);
    create.args.observe_at_ms = flash.chain().now().0;
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(PassedOn(OracleError::ProviderSetNotActive));
    create.provider_set = own.provider_set;
    create.verifying_key = key;
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(PassedOn(OracleError::VerifyingKeyNotActive));
    flash.go_to_second(from);
    create.provider_set = arbiters;
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(FlashError::ProviderSetNotPrimary);
    create.provider_set = own.verifying_key;
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(ErrorCode::AccountDiscriminatorMismatch);
    create.provider_set = Pubkey::new_unique();
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);

    let admin = flash.world.admin.insecure_clone();
    let suspend = client::instructions::oracle::SuspendVerifyingKey {
        authority: admin.pubkey(),
        verifying_key: key,
    };
    create.provider_set = own.provider_set;
    flash
        .send(suspend.instruction(), &[&admin])
        .expect("a suspension");
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(PassedOn(OracleError::VerifyingKeySuspended));
    create.verifying_key = own.verifying_key;
    flash
        .send_as_operator(create.instruction())
        .expect("a market");
    let suspend = client::instructions::oracle::SuspendProviderSet {
        authority: admin.pubkey(),
        provider_set: own.provider_set,
    };
    flash
        .send(suspend.instruction(), &[&admin])
        .expect("a suspension");
    let mut terms = flash.terms(2);
    terms.id += 1;
    flash
        .try_market(event, terms)
        .expect_refusal(PassedOn(OracleError::ProviderSetSuspended));
}

/// A market that no proof could resolve would go void for certain, and trade as a bet on that.
#[test]
fn market_needs_a_key_that_can_prove_its_outcome() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    let mut small = flash.world.key_args(World::CIRCUIT_ID, 1);
    small.slots = flash.world.members.threshold() - 1;
    let mut median = flash.world.key_args(World::CIRCUIT_ID, 2);
    median.aggregation = Aggregation::Median;
    let small = flash.world.propose_verifying_key(small).expect("a key");
    let median = flash.world.propose_verifying_key(median).expect("a key");
    flash.world.pass_timelock();

    let terms = flash.terms(2);
    let mut create = flash.build_market(event, terms);
    create.verifying_key = small;
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(PassedOn(OracleError::ThresholdAboveSlots));
    create.verifying_key = median;
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(PassedOn(OracleError::MedianKey));
    create.args.rule = RuleTerms::Threshold { strikes: vec![0] };
    flash
        .send_as_operator(create.instruction())
        .expect("a market on a median");
}
