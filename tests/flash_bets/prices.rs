//! Flash bets on a price: strike and close are medians of a window, and what is at stake is bounded by
//! what it costs to move the price for half of one.

use anchor_lang::prelude::Pubkey;
use client::{addresses::flash_bets as addresses, instructions::flash_bets::*};
use flash_bets::{error::FlashError, instructions::FlashPriceFeed};
use market_core::{median_feed_id, MarketStatus, Price, NO_OUTCOME};
use oracle::{error::OracleError, ObservationStatus};
use solana_signer::Signer;
use testbed::{
    feed,
    simulation::{element, field},
    ExpectError, FlashWorld, PassedOn, User,
};

use crate::support::with_account;

const LIQUIDITY: u64 = 100_000_000_000;
const PURSE: u64 = 10_000_000_000;
const STAKE: u64 = 400_000_000;
/// Half of a window of eleven seconds costs 5.5 times as much.
const COST: u64 = 1_000_000_000;
const STRIKE: i64 = 2_037_104;

/// A vault whose next market is on a feed that costs [`COST`] a second to move.
fn priced_world() -> FlashWorld {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    flash.world.prove_medians().expect("a key of medians");
    flash.price_feed(next_feed(&flash), COST);
    flash
}

/// The feed that the next market is on.
fn next_feed(flash: &FlashWorld) -> [u8; 32] {
    field(feed(flash.vault_state().next_market_id))
}

/// An up/down market with somebody who bet on each side; its strike is not set.
struct Story {
    flash: FlashWorld,
    market: Pubkey,
    bear: User,
    bull: User,
    shares: [u64; 2],
}

impl Story {
    fn new(change: impl FnOnce(&mut FlashMarketTerms)) -> Self {
        let mut flash = priced_world();
        let mut terms = flash.up_or_down();
        change(&mut terms);
        let market = flash.market(terms);
        let [bear, bull] = [0, 1].map(|outcome| {
            let user = flash.user(PURSE);
            flash.open_ticket(&user, market).expect("a ticket");
            flash.place(&user, market, outcome, STAKE).expect("a bet");
            user
        });
        let held = |user, outcome: usize| flash.ticket(market, user).holdings.shares[outcome];
        let shares = [held(&bear, 0), held(&bull, 1)];
        Self {
            flash,
            market,
            bear,
            bull,
            shares,
        }
    }

    fn strike(&mut self, value: i64) -> Pubkey {
        let opening = self.flash.market_state(self.market).evidence.strike_at_ms;
        let observation = self.flash.observe_at(self.market, opening, value);
        self.flash.set_strike_from(self.market).expect("a strike");
        observation
    }

    /// Pays all, closes all, and asserts what each got.
    fn finish(mut self, bear: u64, bull: u64) {
        let (flash, market) = (&mut self.flash, self.market);
        flash
            .settle(market, &[&self.bear, &self.bull])
            .expect("payouts");
        assert_eq!(flash.balance(self.bear.tokens), PURSE - STAKE + bear);
        assert_eq!(flash.balance(self.bull.tokens), PURSE - STAKE + bull);
        let event = flash.market_state(market).event_book;
        flash.close(market).expect("a closing");
        flash.wind_up(event);
        assert_eq!(flash.open_accounts(), []);
    }
}

#[test]
fn up_or_down_is_settled_by_medians_of_the_price() {
    for (close, winner) in [(STRIKE - 3, 0), (STRIKE + 3, 1), (1, 0), (i64::MAX, 1)] {
        let mut story = Story::new(|_| {});
        story.strike(STRIKE);
        let evidence = story.flash.market_state(story.market).evidence;
        let base_feed = story.flash.market_state(story.market).price.base_feed;
        assert_eq!(evidence.feed_id, median_feed_id(&base_feed, 1_000, 11));
        story.flash.resolve(story.market, close).expect("a result");
        let settlement = story.flash.market_state(story.market).settlement;
        assert_eq!(settlement.winning_outcome, winner);
        let [down, up] = story.shares;
        let (bear, bull) = if winner == 0 { (down, 0) } else { (0, up) };
        story.finish(bear, bull);
    }
}

#[test]
fn close_within_a_tick_of_the_strike_is_void() {
    for close in [STRIKE - 2, STRIKE, STRIKE + 2] {
        let mut story = Story::new(|_| {});
        story.strike(STRIKE);
        let observation = story.flash.observe(story.market, close);
        story
            .flash
            .resolve_on(story.market, observation)
            .expect_refusal(FlashError::Tie);
        story.flash.void(story.market).expect("a void");
        let settlement = story.flash.market_state(story.market).settlement;
        assert!(settlement.is(MarketStatus::Void));
        assert_eq!(settlement.winning_outcome, NO_OUTCOME);
        let paid = [0, 1].map(|outcome: usize| {
            let price = u128::from(settlement.payouts[outcome]);
            let paid = u128::from(story.shares[outcome]) * price / u128::from(Price::ONE.0);
            u64::try_from(paid).expect("an amount")
        });
        story.finish(paid[0], paid[1]);
    }
}

#[test]
fn strikes_that_are_given_are_sides_of_the_close() {
    for (close, winner) in [(89, 0), (105, 1), (150, 2)] {
        let mut flash = priced_world();
        let terms = FlashMarketTerms {
            rule: RuleTerms::Threshold {
                strikes: vec![100, 110],
            },
            prior: testbed::uniform(3),
            price: Some(PriceTerms {
                tick: 0,
                ..price(&flash)
            }),
            ..flash.up_or_down()
        };
        let event = flash.create_event_book();
        flash
            .try_market(event, terms.clone())
            .expect_refusal(FlashError::PriceTick);
        let with_tick = |tick| FlashMarketTerms {
            price: Some(PriceTerms {
                tick,
                ..terms.price.expect("a price")
            }),
            ..terms.clone()
        };
        flash
            .try_market(event, with_tick(5))
            .expect_refusal(FlashError::PriceTick);
        flash.try_market(event, with_tick(1)).expect("a market");
        let market = addresses::market(&flash.vault, flash.vault_state().next_market_id - 1);
        let user = flash.user(PURSE);
        flash.open_ticket(&user, market).expect("a ticket");
        let opens_at = flash.market_state(market).hours.opens_at;
        flash.pass_to(opens_at);
        flash.place(&user, market, winner, STAKE).expect("a bet");
        let shares = flash.ticket(market, &user).holdings.shares[usize::from(winner)];
        flash.resolve(market, close).expect("a result");
        flash.settle(market, &[&user]).expect("a payout");
        assert_eq!(flash.balance(user.tokens), PURSE - STAKE + shares);
        flash.close(market).expect("a closing");
        flash.wind_up(event);
        assert_eq!(flash.open_accounts(), []);
    }
}

fn price(flash: &FlashWorld) -> PriceTerms {
    flash.up_or_down().price.expect("a price")
}

#[test]
fn market_whose_strike_nobody_observed_is_void_after_its_deadline() {
    let mut story = Story::new(|_| {});
    let close = story.flash.observe(story.market, STRIKE);
    story
        .flash
        .resolve_on(story.market, close)
        .expect_refusal(FlashError::StrikePending);
    story
        .flash
        .void(story.market)
        .expect_refusal(FlashError::DeadlineNotPassed);
    let deadline = story.flash.market_state(story.market).void_from;
    story.flash.pass_to(deadline);
    story.flash.void(story.market).expect("a void");
    let settlement = story.flash.market_state(story.market).settlement;
    assert!(settlement.is(MarketStatus::Void));
}

/// Other signatures make another median, so a second one contradicts nothing and replaces nothing.
#[test]
fn second_median_of_a_strike_changes_nothing() {
    let mut story = Story::new(|_| {});
    let observation = story.strike(STRIKE);
    let evidence = story.flash.market_state(story.market).evidence;
    let medians = element(&evidence.feed_id);
    let again = story
        .flash
        .world
        .observe(medians, evidence.strike_at_ms, STRIKE + 100);
    again.expect_err("the place is taken");
    let report = story
        .flash
        .world
        .report_conflict(medians, evidence.strike_at_ms, STRIKE + 100)
        .expect("a proof");
    story
        .flash
        .send(report.instruction(), &[])
        .expect_refusal(OracleError::MedianKey);
    story
        .flash
        .resolve(story.market, STRIKE + 50)
        .expect("a result");
    let observed: oracle::Observation = story.flash.read(observation);
    assert_eq!(observed.value, STRIKE);
    let up = story.shares[1];
    story.finish(0, up);
}

/// Should the oracle ever mark a median as contradicted, a strike taken from it settles nothing.
#[test]
fn contradicted_strike_voids_the_market() {
    let mut story = Story::new(|_| {});
    let observation = story.strike(STRIKE);
    let close = story.flash.observe(story.market, STRIKE + 50);
    let chain = &mut story.flash.world.chain;
    let mut account = chain.find_account(observation).expect("an account");
    let account = account.as_mut().expect("an observation");
    let mut found: oracle::Observation = story.flash.read(observation);
    found.status = ObservationStatus::Conflicted as u8;
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&found));
    let account = account.clone();
    story.flash.world.chain.set_account(observation, account);
    story
        .flash
        .resolve_on(story.market, close)
        .expect_refusal(FlashError::ObservationNotValid);
    story.flash.void(story.market).expect("a void");
}

/// The same base feed sampled otherwise, another base feed, the base feed itself, and the right medians
/// of another window: none of them settles a market.
#[test]
fn no_other_feed_than_the_derived_one_settles_the_market() {
    let mut story = Story::new(|_| {});
    story.strike(STRIKE);
    let state = story.flash.market_state(story.market);
    let (base, closes_at) = (state.price.base_feed, state.evidence.observe_at_ms);
    let mut other = base;
    other[31] ^= 1;
    story.flash.pass_to(state.hours.locks_at + 60);
    for feed_id in [
        median_feed_id(&base, 2_000, 11),
        median_feed_id(&base, 1_000, 13),
        median_feed_id(&other, 1_000, 11),
        base,
    ] {
        let observation = story
            .flash
            .world
            .observe(element(&feed_id), closes_at, STRIKE + 50)
            .expect("an observation");
        story
            .flash
            .resolve_on(story.market, observation)
            .expect_refusal(FlashError::WrongFeed);
    }
    for time in [closes_at - 1_000, closes_at + 1_000] {
        let observation = story.flash.observe_at(story.market, time, STRIKE + 50);
        story
            .flash
            .resolve_on(story.market, observation)
            .expect_refusal(FlashError::WrongObservationTime);
    }
}

#[test]
fn terms_that_let_trading_see_a_sample_or_cost_too_little_are_refused() {
    let mut flash = priced_world();
    let event = flash.create_event_book();
    let terms = flash.up_or_down();
    let price = price(&flash);
    let priced = Some::<PriceTerms>;
    let opening = terms.rule.strike_at_ms().expect("a strike");
    type Change<'a> = &'a dyn Fn(&mut FlashMarketTerms);
    let cases: [(Change, FlashError); 14] = [
        (&|t| t.freeze_seconds = 10, FlashError::PriceTime),
        (&|t| t.observe_at_ms += 500, FlashError::PriceTime),
        (
            &|t| {
                t.rule = RuleTerms::ThresholdAtOpening {
                    strike_at_ms: opening + 1_000,
                };
            },
            FlashError::PriceTime,
        ),
        (
            &|t| t.observe_at_ms -= 1_000,
            FlashError::ObservationTimeOutOfRange,
        ),
        (&|t| t.fee_rate = 159, FlashError::PriceFee),
        (
            &|t| {
                t.price = priced(PriceTerms {
                    samples: 9,
                    ..price
                })
            },
            FlashError::PriceSamples,
        ),
        (
            &|t| {
                t.price = priced(PriceTerms {
                    samples: 12,
                    ..price
                })
            },
            FlashError::PriceSamples,
        ),
        (
            &|t| {
                t.price = priced(PriceTerms {
                    step_ms: 99,
                    ..price
                })
            },
            FlashError::PriceSamples,
        ),
        (
            &|t| t.price = priced(PriceTerms { tick: 0, ..price }),
            FlashError::PriceTick,
        ),
        (&|t| t.rule = RuleTerms::Categorical, FlashError::PriceRule),
        (
            &|t| {
                t.price = priced(PriceTerms {
                    max_interest: 0,
                    ..price
                });
            },
            FlashError::PriceInterest,
        ),
        (
            // A hundred times its funding is 69.3 depths.
            &|t| {
                t.depth = 1_000_000;
                t.price = priced(PriceTerms {
                    max_interest: 69_400_000,
                    ..price
                });
            },
            FlashError::PriceInterest,
        ),
        (
            &|t| {
                t.price = priced(PriceTerms {
                    max_interest: 11 * COST / 2 + 1,
                    ..price
                });
            },
            FlashError::PriceWindowFull,
        ),
        (
            // A wider window does not fit before the lock.
            &|t| {
                t.price = priced(PriceTerms {
                    samples: 13,
                    ..price
                })
            },
            FlashError::PriceTime,
        ),
    ];
    for (change, error) in cases {
        let mut changed = terms.clone();
        change(&mut changed);
        let refused = flash.try_market(event, changed);
        // A number of an outcome has no median: the oracle says so first.
        match error {
            FlashError::PriceRule => refused.expect_refusal(PassedOn(OracleError::MedianKey)),
            error => refused.expect_refusal(error),
        }
    }
    flash.try_market(event, terms).expect("a market");
}

#[test]
fn price_market_needs_its_feed_and_a_key_of_medians() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let event = flash.create_event_book();
    flash.price_feed(next_feed(&flash), COST);
    let agreeing = flash.up_or_down();
    flash
        .try_market(event, agreeing)
        .expect_refusal(FlashError::PriceKey);
    flash.world.prove_medians().expect("a key of medians");
    let terms = flash.up_or_down();
    let create = flash.build_market(event, terms);
    let market = addresses::market(&flash.vault, create.id);
    let own = addresses::price_feed(&flash.vault, &create.feed_id);
    let without = with_account(create.instruction(), own, flash_bets::ID);
    flash
        .send_as_operator(without)
        .expect_refusal(FlashError::PriceFeedMissing);
    let mut other_feed = create.feed_id;
    other_feed[31] ^= 1;
    flash.price_feed(other_feed, u64::MAX);
    let terms = flash.up_or_down();
    let create = CreateMarket { terms, ..create };
    let other = addresses::price_feed(&flash.vault, &other_feed);
    let elsewhere = with_account(create.instruction(), own, other);
    flash
        .send_as_operator(elsewhere)
        .expect_refusal(FlashError::WrongAccount);
    flash
        .send_as_operator(create.instruction())
        .expect("a market");
    assert!(flash.market_state(market).price.is_priced());
}

/// Buys as much as the market still takes: what is above is refused, whatever the way, and sales are not.
#[test]
fn open_interest_of_a_price_market_is_capped() {
    let mut flash = priced_world();
    let terms = flash.up_or_down();
    let most = 2 * terms.depth;
    let market = flash.market(terms);
    let [whale, other] = [flash.user(PURSE), flash.user(PURSE)];
    for user in [&whale, &other] {
        flash.open_ticket(user, market).expect("a ticket");
    }
    let buy = |flash: &mut FlashWorld, user: &User, outcome, shares| {
        let buy = flash.build_buy_shares(user, market, outcome, [shares, PURSE]);
        flash.send(buy.instruction(), &[&user.key])
    };
    buy(&mut flash, &whale, 1, most).expect("all");
    buy(&mut flash, &other, 1, 1).expect_refusal(FlashError::InterestCapExceeded);
    flash
        .place(&other, market, 1, 1_000_000)
        .expect_refusal(FlashError::InterestCapExceeded);
    buy(&mut flash, &other, 0, most).expect("the other side is as much");
    flash.cash_out(&whale, market, 1, 1_000).expect("a sale");
    buy(&mut flash, &other, 1, 1_000).expect("what was sold");
    buy(&mut flash, &other, 1, 1).expect_refusal(FlashError::InterestCapExceeded);
}

#[test]
fn order_above_the_cap_goes_back_after_its_delay() {
    let mut flash = priced_world();
    let mut terms = flash.up_or_down();
    (terms.delay_ms, terms.execution_seconds) = (2_000, 4);
    let most = 2 * terms.depth;
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    for (shares, left) in [(most, PURSE), (1_000_000, PURSE)] {
        let before = flash.balance(user.tokens);
        let buy = flash.build_buy_shares(&user, market, 1, [shares, left / 2]);
        flash
            .send(buy.instruction(), &[&user.key])
            .expect("an order");
        let nonce = buy.buyer.nonce;
        let now = flash.chain().now().seconds();
        flash.pass_to(now + 3);
        let execute = flash.build_execute(&user, market, nonce);
        flash.send(execute.instruction(), &[]).expect("an end");
        let is_filled = flash.balance(user.tokens) < before;
        assert_eq!(is_filled, shares == most);
    }
    assert_eq!(flash.ticket(market, &user).holdings.shares[1], most);
}

/// Markets whose windows overlap share what half of a window costs; the next window has its own.
#[test]
fn windows_of_a_feed_share_its_cap() {
    let mut flash = priced_world();
    let event = flash.create_event_book();
    let feed_id = next_feed(&flash);
    let terms = flash.up_or_down();
    let price = price(&flash);
    let fixed = |later_ms: u64, max_interest| FlashMarketTerms {
        rule: RuleTerms::Threshold { strikes: vec![1] },
        observe_at_ms: terms.observe_at_ms + later_ms,
        price: Some(PriceTerms {
            max_interest,
            ..price
        }),
        ..terms.clone()
    };
    let create = |flash: &mut FlashWorld, terms| {
        let create = CreateMarket {
            feed_id,
            ..flash.build_market(event, terms)
        };
        flash.know_feed(&feed_id);
        let sent = flash.send_as_operator(create.instruction());
        if sent.is_err() {
            flash.forget(addresses::market(&flash.vault, create.id));
        }
        sent
    };
    let cap = 11 * COST / 2;
    create(&mut flash, fixed(0, cap - 5)).expect("a market");
    create(&mut flash, fixed(0, 5)).expect("the rest");
    for later in [0, 1_000, 10_000] {
        create(&mut flash, fixed(later, 1)).expect_refusal(FlashError::PriceWindowFull);
    }
    create(&mut flash, fixed(11_000, cap)).expect("the next window");
    let last = flash.vault_state().next_market_id - 1;
    let next = addresses::market(&flash.vault, last);
    let book: FlashPriceFeed = flash.read(addresses::price_feed(&flash.vault, &feed_id));
    assert_eq!(book.windows.iter().filter(|w| w.interest > 0).count(), 2);

    // Once they are over they make place.
    let admin = flash.world.admin.insecure_clone();
    let close = ClosePriceFeed {
        admin: admin.pubkey(),
        vault: flash.vault,
        feed_id,
        rent_payer: admin.pubkey(),
    };
    flash
        .send(close.instruction(), &[&admin])
        .expect_refusal(FlashError::PriceWindowsOpen);
    let locks_at = flash.market_state(next).hours.locks_at;
    flash.pass_to(locks_at + 11 + 60);
    flash
        .send(close.instruction(), &[&admin])
        .expect_refusal(FlashError::PriceWindowsOpen);
    flash.pass_to(locks_at + 11 + 61);
    let before = flash.chain().lamports(admin.pubkey()).expect("an account");
    flash.send(close.instruction(), &[&admin]).expect("an end");
    assert!(flash.chain().lamports(admin.pubkey()).expect("an account") > before);
}

/// Whoever moves the strike of a market that opens at fixed prices gains as who moves its close.
#[test]
fn strike_takes_its_part_of_the_cap_too() {
    let mut flash = priced_world();
    let market = {
        let mut terms = flash.up_or_down();
        terms.price = Some(PriceTerms {
            max_interest: 11 * COST / 2,
            ..price(&flash)
        });
        flash.market(terms)
    };
    let state = flash.market_state(market);
    let address = addresses::price_feed(&flash.vault, &state.price.base_feed);
    let book: FlashPriceFeed = flash.read(address);
    for time in [state.evidence.strike_at_ms, state.evidence.observe_at_ms] {
        let window = book.windows.iter().find(|w| w.ends_at_ms == time);
        assert_eq!(window.expect("a window").overlapping, 11 * COST / 2);
    }
}

#[test]
fn cost_of_a_price_is_raised_after_the_timelock_and_lowered_at_once() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let (admin, guardian) = (
        flash.world.admin.insecure_clone(),
        flash.world.guardian.insecure_clone(),
    );
    let feed_id = next_feed(&flash);
    let address = addresses::price_feed(&flash.vault, &feed_id);
    let vault = flash.vault;
    let set = |authority, cost_per_second| SetPriceFeed {
        authority,
        vault,
        feed_id,
        cost_per_second,
    };
    let now = |flash: &FlashWorld| flash.chain().now().seconds();
    let cost = |flash: &FlashWorld| {
        let feed: FlashPriceFeed = flash.read(address);
        feed.cost_per_second.at(now(flash))
    };
    flash
        .send(set(guardian.pubkey(), 5).instruction(), &[&guardian])
        .expect_refusal(PassedOn(OracleError::NotAdmin));
    let stranger = flash.user(0);
    flash
        .send(set(stranger.address(), 0).instruction(), &[&stranger.key])
        .expect_refusal(PassedOn(OracleError::NotAdminOrGuardian));
    flash
        .send(set(admin.pubkey(), 5).instruction(), &[&admin])
        .expect("a proposal");
    assert_eq!(cost(&flash), 0);
    flash.world.pass_timelock();
    assert_eq!(cost(&flash), 5);
    flash
        .send(set(admin.pubkey(), 9).instruction(), &[&admin])
        .expect("a proposal");
    // The guardian ends what is pending by saying what is in force.
    flash
        .send(set(guardian.pubkey(), 5).instruction(), &[&guardian])
        .expect("a veto");
    flash.world.pass_timelock();
    assert_eq!(cost(&flash), 5);
    flash
        .send(set(guardian.pubkey(), 3).instruction(), &[&guardian])
        .expect("less at once");
    assert_eq!(cost(&flash), 3);
    let close = ClosePriceFeed {
        admin: guardian.pubkey(),
        vault,
        feed_id,
        rent_payer: admin.pubkey(),
    };
    flash
        .send(close.instruction(), &[&guardian])
        .expect_refusal(FlashError::NotAdmin);
    let close = ClosePriceFeed {
        admin: admin.pubkey(),
        rent_payer: guardian.pubkey(),
        ..close
    };
    flash
        .send(close.instruction(), &[&admin])
        .expect_refusal(FlashError::WrongRentReceiver);
    let close = ClosePriceFeed {
        rent_payer: admin.pubkey(),
        ..close
    };
    flash.send(close.instruction(), &[&admin]).expect("an end");
    assert!(flash.find::<FlashPriceFeed>(address).is_none());
}

/// Bets on one price market write nothing that bets on another one do.
#[test]
fn bets_on_the_same_price_share_no_account_that_they_write() {
    let mut flash = priced_world();
    let event = flash.create_event_book();
    let feed_id = next_feed(&flash);
    let written = [1_000_000, 2_000_000].map(|max_interest| {
        let terms = FlashMarketTerms {
            price: Some(PriceTerms {
                max_interest,
                ..price(&flash)
            }),
            ..flash.up_or_down()
        };
        let create = CreateMarket {
            feed_id,
            ..flash.build_market(event, terms)
        };
        flash.know_feed(&feed_id);
        let market = addresses::market(&flash.vault, create.id);
        flash
            .send_as_operator(create.instruction())
            .expect("a market");
        let user = flash.user(PURSE);
        flash.open_ticket(&user, market).expect("a ticket");
        let bet = flash.build_bet(&user, market, 0, 1_000).instruction();
        let accounts = bet.accounts.iter().filter(|account| account.is_writable);
        accounts.map(|account| account.pubkey).collect::<Vec<_>>()
    });
    assert!(written[0]
        .iter()
        .all(|account| !written[1].contains(account)));
}

/// What the branches of a group hold would not count against the cap of what is at stake.
#[test]
fn market_on_a_price_is_in_no_group() {
    let mut flash = priced_world();
    let condition = flash.market(flash.up_or_down());
    let mut terms = flash.lasting(2, 300);
    terms.rule = RuleTerms::Threshold { strikes: vec![7] };
    let asset = flash.market(terms);
    let terms = flash.quantum_terms(condition, asset, 1_000_000_000);
    flash
        .try_group(condition, asset, terms)
        .expect_refusal(FlashError::GroupOnPrice);
}

/// Chains would put more at stake on a price than it costs to move it.
#[test]
fn no_chain_has_a_leg_on_a_price() {
    let mut story = Story::new(|_| {});
    let market = story.market;
    story
        .flash
        .create_chain_book(market)
        .expect_refusal(FlashError::LegOnPrice);
    assert_eq!(story.flash.market_state(market).has_chain_book, 0);
}
