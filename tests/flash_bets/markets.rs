//! Flash bets, creating markets: terms, deadlines, caps.

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::{error::FlashError, state::FeedBook};
use math::Price;
use oracle::{error::OracleError, Aggregation, ProviderRole};
use solana_signer::Signer;
use testbed::{uniform, ExpectError, FlashWorld, PassedOn, World};

const LIQUIDITY: u64 = 10_000_000_000;

type Change = fn(&mut FlashMarketTerms);

#[test]
fn terms_out_of_range_are_refused() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    let cases: Vec<(FlashError, Change)> = vec![
        (FlashError::DurationOutOfRange, |t| t.duration_seconds = 4),
        (FlashError::DurationOutOfRange, |t| {
            t.duration_seconds = 14_401
        }),
        (FlashError::DurationOutOfRange, |t| {
            t.opens_in_seconds = 14_401
        }),
        (FlashError::DurationOutOfRange, |t| {
            t.duration_seconds = u32::MAX
        }),
        (FlashError::OpensTooSoon, |t| t.opens_in_seconds = 4),
        (FlashError::OpensTooSoon, |t| t.opens_in_seconds = 0),
        (FlashError::ResolutionTimeOutOfRange, |t| {
            t.resolution_seconds = 299
        }),
        (FlashError::ResolutionTimeOutOfRange, |t| {
            t.resolution_seconds = 86_401
        }),
        (FlashError::FreezeOutOfRange, |t| t.freeze_seconds = 60),
        (FlashError::FreezeOutOfRange, |t| {
            t.freeze_seconds = u32::MAX
        }),
        (FlashError::DelayOutOfRange, |t| t.execution_seconds = 1),
        (FlashError::DelayOutOfRange, |t| t.delay_ms = 400),
        (FlashError::DelayOutOfRange, |t| {
            (t.delay_ms, t.execution_seconds) = (30_001, 1)
        }),
        (FlashError::DelayOutOfRange, |t| {
            (t.delay_ms, t.execution_seconds) = (400, 61)
        }),
        // No second would be left in which an order could be placed.
        (FlashError::DelayOutOfRange, |t| {
            (t.delay_ms, t.execution_seconds) = (30_000, 30)
        }),
        (FlashError::FeeRateOutOfRange, |t| t.fee_rate = 501),
        (FlashError::FeeRateOutOfRange, |t| t.fee_rate = u16::MAX),
        (FlashError::FeeFloorOutOfRange, |t| t.fee_floor_bps = 1_001),
        (FlashError::OutcomeCountOutOfRange, |t| t.prior = uniform(1)),
        (FlashError::OutcomeCountOutOfRange, |t| t.prior = Vec::new()),
        (FlashError::OutcomeCountOutOfRange, |t| {
            t.prior = uniform(11)
        }),
        (FlashError::OutcomeCountOutOfRange, |t| {
            (t.curve, t.prior) = (FlashCurve::PmAmm, uniform(3))
        }),
        (FlashError::PriorOutOfRange, |t| {
            t.prior[0] -= Price::ONE.0 / 100_000_000
        }),
        (FlashError::FreezeOutOfRange, |t| t.micro_tau = true),
        (FlashError::FreezeOutOfRange, |t| {
            (t.micro_tau, t.freeze_seconds) = (true, 0)
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
            // More than a minute before the opening.
            t.observe_at_ms -= 120_001
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // More than a day after the lock.
            t.observe_at_ms += 86_400_001
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.observe_at_ms = u64::MAX
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.observe_at_ms = 0
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // A price that is known while the curve trades.
            t.observe_at_ms -= 59_000
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.observe_at_ms -= 1
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // An up/down market is one of prices, whose last comes after trading.
            t.observe_at_ms -= 60_000;
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at_ms - 1,
            }
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at_ms - 120_001,
            };
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            t.duration_seconds = 120;
            t.observe_at_ms += 60_000;
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at_ms - 59_999,
            };
        }),
        (FlashError::ObservationTimeOutOfRange, |t| {
            // The opening has to come before the close.
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at_ms,
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
        (FlashError::RuleOutcomes, |t| {
            t.prior = uniform(3);
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at_ms - 60_000,
            };
        }),
        (FlashError::RuleNotOffered, |t| {
            t.rule = RuleTerms::Scalar { low: 0, high: 1 }
        }),
    ];
    for (number, (expected, change)) in cases.into_iter().enumerate() {
        println!("case {number}");
        let mut terms = flash.terms(2);
        change(&mut terms);
        flash.try_market(event, terms).expect_refusal(expected);
    }
    let terms = flash.terms(2);
    let mut create = flash.build_market(event, terms);
    create.feed_id = [0xff; 32];
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(FlashError::NotAFieldElement);
    create.feed_id = [0; 32];
    create.id += 1;
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(FlashError::MarketIdNotNext);
}

#[test]
fn terms_at_their_edges_are_taken() {
    let cases: [Change; 13] = [
        |t| {
            t.duration_seconds = 5;
            t.freeze_seconds = 4;
        },
        |t| {
            (t.opens_in_seconds, t.duration_seconds) = (14_400, 14_400);
            t.resolution_seconds = 86_400;
            t.observe_at_ms += 28_800_000;
        },
        |t| {
            (t.duration_seconds, t.delay_ms, t.execution_seconds) = (91, 30_000, 60);
            t.observe_at_ms += 31_000;
        },
        |t| (t.micro_tau, t.freeze_seconds) = (true, 1),
        |t| t.observe_at_ms += 86_400_000,
        |t| {
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at_ms - 120_000,
            };
        },
        |t| {
            t.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: t.observe_at_ms - 1,
            };
        },
        |t| (t.delay_ms, t.execution_seconds) = (1, 1),
        |t| t.fee_rate = 500,
        |t| t.fee_floor_bps = 1_000,
        |t| t.prior = uniform(10),
        |t| t.depth = 1_000,
        |t| {
            // A question whose answer may be a minute old when it opens.
            t.observe_at_ms -= 120_000;
            (t.delay_ms, t.execution_seconds) = (1_000, 1);
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
fn times_are_seconds_and_delays_slots_as_well() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let now = flash.chain().now().seconds();
    let mut terms = flash.terms(2);
    (terms.delay_ms, terms.execution_seconds) = (1_001, 3);
    terms.freeze_seconds = 7;
    // The deadline counts from what is observed after the lock.
    terms.observe_at_ms += 10_001;
    let market = flash.market(terms);
    let state = flash.market_state(market);
    assert_eq!(state.hours.opens_at, now + 5);
    assert_eq!(state.hours.trading_until, now + 5 + 53);
    assert_eq!(state.hours.locks_at, now + 5 + 60);
    assert_eq!((state.delay_slots, state.delay_seconds), (3, 2));
    assert_eq!(state.execution_seconds, 3);
    assert_eq!(state.void_from, now + 65 + 11 + 300);
    // 150 slots / 16 would be nine, which smooth next to nothing.
    assert_eq!(state.slow_price_slots, 16);
}

#[test]
fn caps_hold_at_their_very_edge() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    // What a market of the default terms is funded with.
    let funding = 693_147_181 + 16;
    let set = |flash: &mut FlashWorld, market_funding, event_funding, utilisation| {
        let caps = Caps {
            market_funding,
            event_funding,
            utilisation,
            ..flash.vault_state().caps.at(i64::MAX)
        };
        set_caps(flash, caps);
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

/// Sets caps, and waits until they are in force.
fn set_caps(flash: &mut FlashWorld, caps: Caps) {
    let admin = flash.world.admin.insecure_clone();
    let change = ProposeChange {
        authority: admin.pubkey(),
        vault: flash.vault,
        change: VaultChange::Caps(caps),
    };
    flash.send(change.instruction(), &[&admin]).expect("caps");
    flash.world.pass_timelock();
}

/// What markets on one feed risk together is bounded, whatever events they are of; and the last market
/// on a feed closes its book.
#[test]
fn exposure_of_a_feed_is_bounded_over_events() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let funding = 693_147_181 + 16;
    let caps = Caps {
        feed_funding: 2 * funding - 1,
        ..flash.vault_state().caps.value
    };
    set_caps(&mut flash, caps);
    let create_on = |flash: &mut FlashWorld, feed_id: [u8; 32]| {
        let event_book = flash.create_event_book();
        let terms = flash.terms(2);
        let create = CreateMarket {
            feed_id,
            ..flash.build_market(event_book, terms)
        };
        let market = addresses::market(&flash.vault, create.id);
        flash.know_feed(&feed_id);
        let result = flash.send_as_operator(create.instruction());
        result.map(|receipt| (market, receipt))
    };
    let feed_id = flash
        .build_market(Pubkey::default(), flash.terms(2))
        .feed_id;
    let (first, _) = create_on(&mut flash, feed_id).expect("one market");
    create_on(&mut flash, feed_id)
        .map(|(_, receipt)| receipt)
        .expect_refusal(FlashError::FeedCapExceeded);
    create_on(&mut flash, [1; 32]).expect("a market on another feed");
    let book = addresses::feed_book(&flash.vault, &feed_id);
    let state: FeedBook = flash.read(book);
    assert_eq!(
        (state.exposure.allocated, state.exposure.open_markets),
        (funding, 1)
    );
    flash.resolve(first, 0).expect("a resolution");
    flash.close(first).expect("a closing");
    assert!(flash.find::<FeedBook>(book).is_none());
    create_on(&mut flash, feed_id).expect("another market");
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
        .close_event_book(event)
        .expect_refusal(FlashError::EventInUse);
    flash.settle(market, &[&user]).expect("a settlement");
    flash.close(market).expect("a closing");
    flash.close_event_book(event).expect("a closing");
}

/// Nobody but the operator closes the book of an event before its first market, or between two.
#[test]
fn book_of_an_event_is_not_for_anybody_to_close() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mallory = flash.user(0);
    let event_book = flash.create_event_book();
    let close = CloseEventBook {
        authority: mallory.address(),
        vault: flash.vault,
        event_book,
        rent_payer: flash.operator.pubkey(),
        verse: None,
    };
    let refused = |flash: &mut FlashWorld| {
        flash
            .send(close.instruction(), &[&mallory.key])
            .expect_refusal(FlashError::EventNotIdle);
    };
    refused(&mut flash);
    let terms = flash.terms(2);
    let market = flash.market_on(event_book, terms);
    flash.resolve(market, 0).expect("a resolution");
    flash.close(market).expect("a closing");
    refused(&mut flash);
    let terms = flash.terms(2);
    let market = flash.market_on(event_book, terms);
    flash.resolve(market, 0).expect("a resolution");
    flash.close(market).expect("a closing");
    // A day later nobody needs it any more.
    flash.world.advance_seconds(86_400);
    flash
        .send(close.instruction(), &[&mallory.key])
        .expect("a closing");
    let event_book = flash.create_event_book();
    flash.close_event_book(event_book).expect("a closing");
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
    let market = addresses::market(&flash.vault, create.id);
    for address in [market, addresses::market_tokens(&market)] {
        flash.world.chain.airdrop(address, 1_000_000).expect("some");
    }
    flash
        .send_as_operator(create.instruction())
        .expect("a market");
    flash
        .send_as_operator(create.instruction())
        .expect_refusal(FlashError::MarketIdNotNext);
    let mut event = CreateEventBook {
        operator: mallory.address(),
        vault: flash.vault,
        id: 77,
        correlation_group: 0,
        verse: None,
    };
    flash
        .send(event.instruction(), &[&mallory.key])
        .expect_refusal(FlashError::NotOperator);
    event.operator = operator;
    let address = addresses::event_book(&flash.vault, 77);
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
    create.terms = flash.terms(2);
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
        .expect_refusal(PassedOn(OracleError::WrongProviderRole));
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
    create.terms = flash.terms(2);
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
    let terms = flash.terms(2);
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
    create.terms.rule = RuleTerms::Threshold { strikes: vec![0] };
    flash
        .send_as_operator(create.instruction())
        .expect("a market on a median");
}
