//! Flash bets, the end of a market: resolution, void, payment, closing.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::bpf_loader_upgradeable};
use attestation::{Attestation, FeedKind, Millis, Observation, Quorum};
use client::{
    addresses::flash_bets as addresses,
    instructions::{flash_bets::*, with_fallback},
};
use flash_bets::{error::FlashError, state::FlashMarket};
use market_core::{MarketStatus, NO_OUTCOME};
use math::Price;
use solana_signer::Signer;
use solana_system_interface::instruction::transfer;
use testbed::{
    feed, uniform, ExpectError, FeeShare, FlashOptions, FlashWorld, MintExtension, MintOptions,
    TokenProgram, User, World,
};

const LIQUIDITY: u64 = 100_000_000_000;
const PURSE: u64 = 10_000_000_000;

/// A market with `count` bettors, of whom number i has bet `(i + 1)` million on outcome i, as far
/// as there are outcomes, and then on the first ones again.
fn market_with(count: u8, change: impl FnOnce(&mut FlashMarketTerms)) -> Story {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mut args = flash.terms(2);
    change(&mut args);
    let outcomes = u8::try_from(args.prior.len()).expect("few");
    let market = flash.market(args);
    let users: Vec<_> = (0..count).map(|_| flash.user(PURSE)).collect();
    for (user, number) in users.iter().zip(0u8..) {
        flash.open_ticket(user, market).expect("a ticket");
        let stake = 1_000_000 * (u64::from(number) + 1);
        flash
            .place(user, market, number % outcomes, stake)
            .expect("a bet");
    }
    Story {
        flash,
        market,
        users,
    }
}

struct Story {
    flash: FlashWorld,
    market: Pubkey,
    users: Vec<User>,
}

impl Story {
    fn settle_all(&mut self) {
        let users: Vec<_> = self.users.iter().collect();
        for some in users.chunks(8) {
            self.flash.settle(self.market, some).expect("a settlement");
        }
    }

    /// Settles and closes everything, and asserts that nothing is left open.
    fn finish(mut self) -> FlashWorld {
        self.settle_all();
        let event = self.flash.market_state(self.market).event_book;
        self.flash.close(self.market).expect("a closing");
        self.flash.wind_up(event);
        assert_eq!(self.flash.open_accounts(), []);
        self.flash
    }
}

#[test]
fn winners_get_a_base_unit_a_share_and_the_vault_the_rest() {
    for winner in 0..3u8 {
        let mut story = market_with(5, |args| args.prior = uniform(3));
        let flash = &mut story.flash;
        let held: Vec<_> = story
            .users
            .iter()
            .map(|user| flash.ticket(story.market, user).holdings.shares)
            .collect();
        let before: Vec<_> = story
            .users
            .iter()
            .map(|user| flash.balance(user.tokens))
            .collect();
        let pool = flash.market_state(story.market).pool;
        flash
            .resolve(story.market, i64::from(winner))
            .expect("a resolution");
        let state = flash.market_state(story.market);
        assert_eq!(state.settlement.status, MarketStatus::Resolved as u8);
        assert_eq!(state.settlement.winning_outcome, winner);
        let cash = flash.vault_state().cash;
        story.settle_all();
        let flash = &mut story.flash;
        let mut paid = 0;
        for ((user, held), before) in story.users.iter().zip(&held).zip(&before) {
            let due = held[usize::from(winner)];
            assert_eq!(flash.balance(user.tokens), before + due);
            paid += due;
        }
        flash.close(story.market).expect("a closing");
        let vault = flash.vault_state();
        let (protocol, operator) = (pool.fees * 3 / 10, pool.fees / 10);
        assert_eq!(
            vault.cash,
            cash + pool.cash - paid + pool.fees - protocol - operator
        );
        assert_eq!(
            (vault.protocol_fees, vault.operator_fees, vault.allocated),
            (protocol, operator, 0)
        );
    }
}

#[test]
fn each_end_comes_once() {
    let mut story = market_with(2, |_| ());
    let (flash, market) = (&mut story.flash, story.market);
    for refused in [
        flash.settle(market, &[&story.users[0]]),
        flash.release(market),
        flash.close(market),
    ] {
        refused.expect_refusal(FlashError::MarketNotSettled);
    }
    let observation = flash.observe(market, 1);
    flash.resolve_on(market, observation).expect("a resolution");
    flash
        .resolve_on(market, observation)
        .expect_refusal(FlashError::MarketNotOpen);
    let deadline = flash.market_state(market).void_from;
    flash.go_to_second(deadline);
    flash.void(market).expect_refusal(FlashError::MarketNotOpen);

    let (loser, winner) = (&story.users[0], &story.users[1]);
    flash
        .settle(market, &[])
        .expect_refusal(FlashError::SettlementAccounts);
    let mut uneven = flash.build_settle(market, &[winner]).instruction();
    uneven.accounts.pop();
    flash
        .send(uneven, &[])
        .expect_refusal(FlashError::SettlementAccounts);
    let (purse, held) = (
        flash.balance(winner.tokens),
        flash.ticket(market, winner).holdings.shares[1],
    );
    flash
        .settle(market, &[winner, winner])
        .expect("a settlement of one ticket given twice");
    assert_eq!(flash.balance(winner.tokens), purse + held);
    flash
        .settle(market, &[winner])
        .expect_refusal(FlashError::NothingSettled);

    flash.release(market).expect("a release");
    let vault = flash.vault_state();
    flash.release(market).expect("a release of nothing");
    assert_eq!(
        bytemuck::bytes_of(&flash.vault_state()),
        bytemuck::bytes_of(&vault)
    );
    flash.close(market).expect_refusal(FlashError::TicketsOpen);
    flash.settle(market, &[loser]).expect("a settlement");
    let event = flash.market_state(market).event_book;
    flash
        .close_event_book(event)
        .expect_refusal(FlashError::EventInUse);
    let close = flash.build_close(market).instruction();
    flash.send(close.clone(), &[]).expect("a closing");
    flash
        .send(close, &[])
        .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);
    flash.close_event_book(event).expect("a closing");
    flash
        .close_event_book(event)
        .expect_refusal(ErrorCode::AccountNotInitialized);
}

#[test]
fn rent_goes_back_to_who_paid_it() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let lamports = |flash: &FlashWorld, address| flash.chain().lamports(address).expect("lamports");
    let operator = flash.operator.pubkey();
    let before = lamports(&flash, operator);
    let args = flash.terms(2);
    let market = flash.market(args);
    let user = flash.user(PURSE);
    let of_user = lamports(&flash, user.address());
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 1_000_000).expect("a bet");
    assert!(lamports(&flash, user.address()) < of_user);
    assert!(lamports(&flash, operator) < before);
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&user]).expect("a settlement");
    assert_eq!(lamports(&flash, user.address()), of_user);
    let event = flash.market_state(market).event_book;
    flash.close(market).expect("a closing");
    flash.wind_up(event);
    assert_eq!(lamports(&flash, operator), before);
    assert_eq!(flash.open_accounts(), []);
}

#[test]
fn resolution_needs_the_very_observation() {
    let mut story = market_with(1, |_| ());
    let (flash, market) = (&mut story.flash, story.market);
    let state = flash.market_state(market);
    let observed_by = i64::try_from(state.evidence.observe_at_ms.div_ceil(1_000)).expect("a time");
    flash.pass_to(state.hours.locks_at.max(observed_by) + 1);
    let id = state.id;
    let own = (flash.world.provider_set, flash.world.verifying_key);

    let other_feed = flash
        .world
        .observe(feed(id + 1), state.evidence.observe_at_ms, 0)
        .expect("an observation");
    flash
        .resolve_on(market, other_feed)
        .expect_refusal(FlashError::WrongFeed);
    for time in [
        state.evidence.observe_at_ms - 1,
        state.evidence.observe_at_ms + 1,
    ] {
        let other_time = flash.observe_at(market, time, 0);
        flash
            .resolve_on(market, other_time)
            .expect_refusal(FlashError::WrongObservationTime);
    }
    let set = flash.world.provider_set_args(World::PROVIDER_SET_ID, 1);
    let set = flash.world.propose_provider_set(set).expect("a set");
    let key = flash.world.key_args(World::CIRCUIT_ID, 1);
    let key = flash.world.propose_verifying_key(key).expect("a key");
    flash.world.pass_timelock();
    flash.world.provider_set = set;
    let other_set = flash.observe(market, 0);
    flash
        .resolve_on(market, other_set)
        .expect_refusal(FlashError::WrongProviderSet);
    (flash.world.provider_set, flash.world.verifying_key) = (own.0, key);
    let other_key = flash.observe(market, 0);
    flash
        .resolve_on(market, other_key)
        .expect_refusal(FlashError::WrongVerifyingKey);
    // No account of another kind passes for an observation.
    for account in [market, own.0, Pubkey::new_unique()] {
        let resolve = Resolve {
            market,
            observation: account,
            strike_observation: None,
        };
        assert!(flash.send(resolve.instruction(), &[]).is_err());
    }
    flash.world.verifying_key = own.1;
    flash.resolve(market, 0).expect("a resolution");
    story.finish();
}

#[test]
fn categorical_values_name_an_outcome_or_nothing() {
    for value in [-1, 2, 256, i64::MIN, i64::MAX] {
        let mut story = market_with(1, |_| ());
        story
            .flash
            .resolve(story.market, value)
            .expect_refusal(FlashError::ValueOutsideRule);
        // Such a feed settles nothing: the market goes void at once.
        story.flash.void(story.market).expect("a void");
        story.finish();
    }
}

#[test]
fn thresholds_count_the_strikes_reached() {
    let strikes = vec![i64::MIN, -5, 0, i64::MAX];
    for (value, outcome) in [
        (i64::MIN, 1),
        (-6, 1),
        (-5, 2),
        (-1, 2),
        (0, 3),
        (i64::MAX - 1, 3),
        (i64::MAX, 4),
    ] {
        let mut story = market_with(5, |args| {
            args.prior = uniform(5);
            args.rule = RuleTerms::Threshold {
                strikes: strikes.clone(),
            };
        });
        story
            .flash
            .resolve(story.market, value)
            .expect("a resolution");
        let state = story.flash.market_state(story.market);
        assert_eq!(state.settlement.winning_outcome, outcome);
        story.finish();
    }
}

#[test]
fn up_or_down_waits_for_its_strike() {
    for (close, winner) in [(99, 0), (100, 1), (101, 1)] {
        let mut opening = 0;
        let mut story = market_with(2, |args| {
            opening = args.observe_at_ms - 60_000;
            args.rule = RuleTerms::ThresholdAtOpening {
                strike_at_ms: opening,
            };
        });
        let (flash, market) = (&mut story.flash, story.market);
        let at_close = flash.observe(market, close);
        flash
            .resolve_on(market, at_close)
            .expect_refusal(FlashError::StrikePending);
        let set = |observation| {
            SetStrike {
                market,
                observation,
            }
            .instruction()
        };
        flash
            .send(set(at_close), &[])
            .expect_refusal(FlashError::WrongObservationTime);
        let at_open = flash.observe_at(market, opening, 100);
        flash
            .resolve_on(market, at_open)
            .expect_refusal(FlashError::WrongObservationTime);
        flash.send(set(at_open), &[]).expect("a strike");
        flash
            .send(set(at_open), &[])
            .expect_refusal(FlashError::StrikeNotPending);
        flash.resolve_on(market, at_close).expect("a resolution");
        assert_eq!(
            flash.market_state(market).settlement.winning_outcome,
            winner
        );
        flash
            .send(set(at_open), &[])
            .expect_refusal(FlashError::MarketNotOpen);
        story.finish();
    }
}

#[test]
fn fixed_strike_cannot_be_set() {
    let mut story = market_with(1, |args| {
        args.rule = RuleTerms::Threshold { strikes: vec![7] };
    });
    let market = story.market;
    let observation = story.flash.observe(market, 3);
    let set = SetStrike {
        market,
        observation,
    };
    story
        .flash
        .send(set.instruction(), &[])
        .expect_refusal(FlashError::StrikeNotPending);
}

/// By hand: a bet moves the price from ½ to p and it stays there to the last slot of trading. The time
/// constant of 150 slots is the least one, 16.
#[test]
fn void_pays_slow_prices() {
    let mut story = market_with(0, |args| args.fee_rate = 0);
    let (flash, market) = (&mut story.flash, story.market);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 0, 400_000_000).expect("a bet");
    let shares = flash.ticket(market, &user).holdings.shares[0];
    let purse = flash.balance(user.tokens);

    let state = flash.market_state(market);
    let bet_in = flash.chain().slot();
    flash.pass_to(state.hours.trading_until - 1);
    let last = flash.chain().slot();
    flash.pass_to(state.void_from - 1);
    flash
        .void(market)
        .expect_refusal(FlashError::DeadlineNotPassed);
    flash.pass_to(state.void_from);
    flash.void(market).expect("a void");
    let state = flash.market_state(market);
    assert_eq!(
        (state.settlement.status, state.settlement.winning_outcome),
        (MarketStatus::Void as u8, NO_OUTCOME)
    );
    let price = 1.0 / (1.0 + (-(shares as f64) / 1e9).exp());
    let weight = |slots: u64| slow_weight(slots as f64, 16.0);
    let payout = state.settlement.payouts[0] as f64 / Price::ONE.0 as f64;
    // The last second has no weight, whichever of its slots the second began with.
    let [least, most] = [last - 3 - bet_in, last + 1 - bet_in].map(weight);
    let way = (payout - 0.5) / (price - 0.5);
    assert!((least..=most).contains(&way), "{least} {way} {most}");
    let other = state.settlement.payouts[1] as f64 / Price::ONE.0 as f64;
    assert!((payout + other - 1.0).abs() < 1e-15);

    flash.settle(market, &[&user]).expect("a settlement");
    let due = (u128::from(shares) * u128::from(state.settlement.payouts[0])) >> 63;
    assert_eq!(u128::from(flash.balance(user.tokens) - purse), due);
    story.finish();
}

#[test]
fn void_opens_with_its_second() {
    let mut story = market_with(2, |_| ());
    let deadline = story.flash.market_state(story.market).void_from;
    story.flash.go_to_second(deadline - 1);
    story
        .flash
        .void(story.market)
        .expect_refusal(FlashError::DeadlineNotPassed);
    story.flash.go_to_second(deadline);
    story.flash.void(story.market).expect("a void");
    story
        .flash
        .resolve(story.market, 0)
        .expect_refusal(FlashError::MarketNotOpen);
    story.finish();
}

/// A proof that comes after the deadline, but before anybody voided the market, still settles it.
#[test]
fn late_proof_settles_a_market_that_nobody_voided() {
    let mut story = market_with(2, |_| ());
    let deadline = story.flash.market_state(story.market).void_from;
    story.flash.go_to_second(deadline + 1);
    story.flash.resolve(story.market, 1).expect("a resolution");
    story.finish();
}

#[test]
fn price_pushed_in_the_last_second_has_no_weight() {
    // A minute, and the shortest market there is.
    for duration in [60, 5] {
        let payouts = [false, true].map(|is_pushed| {
            let mut story = market_with(2, |args| args.duration_seconds = duration);
            let (flash, market) = (&mut story.flash, story.market);
            let state = flash.market_state(market);
            flash.pass_to(state.hours.trading_until - 1);
            if is_pushed {
                let rich = flash.user(PURSE);
                flash.open_ticket(&rich, market).expect("a ticket");
                flash.place(&rich, market, 0, 5_000_000_000).expect("a bet");
                story.users.push(rich);
            }
            story.flash.pass_to(state.void_from);
            story.flash.void(market).expect("a void");
            let payouts = story.flash.market_state(market).settlement.payouts;
            story.finish();
            payouts
        });
        // Which slot began the last second is known to the slot; a push of one would move half a price
        // by a 34th.
        let moved = payouts[0][0].abs_diff(payouts[1][0]);
        assert!(moved < Price::ONE.0 / 100_000, "{moved}");
    }
}

#[test]
fn settled_accounts_do_not_come_back_to_life() {
    let mut story = market_with(2, |_| ());
    let (flash, market) = (&mut story.flash, story.market);
    flash.resolve(market, 0).expect("a resolution");
    let winner = &story.users[0];
    let ticket = addresses::ticket(&market, &winner.address());
    let settle = flash.build_settle(market, &[winner]).instruction();
    let rescue = transfer(&flash.operator.pubkey(), &ticket, 10_000_000);
    let operator = flash.operator.insecure_clone();
    flash
        .send_all(
            &[settle.clone(), rescue.clone(), settle.clone()],
            &[&operator],
        )
        .expect_refusal(FlashError::NothingSettled);
    flash
        .send_all(&[settle.clone(), rescue], &[&operator])
        .expect("only lamports");
    flash
        .send(settle, &[])
        .expect_refusal(FlashError::NothingSettled);
    flash
        .open_ticket(winner, market)
        .expect_refusal(FlashError::MarketNotOpen);

    flash.settle(market, &[&story.users[1]]).expect("the other");
    let close = flash.build_close(market).instruction();
    let rescue = transfer(&flash.operator.pubkey(), &market, 10_000_000);
    flash
        .send_all(&[close.clone(), rescue, close], &[&operator])
        .expect_refusal(ErrorCode::AccountOwnedByWrongProgram);
    flash.close(market).expect("a closing");
    // Its number is never used again.
    let terms = flash.terms(2);
    let event_book = flash.create_event_book();
    let again = CreateMarket {
        id: 1,
        ..flash.build_market(event_book, terms)
    };
    flash
        .send(again.instruction(), &[&operator])
        .expect_refusal(FlashError::MarketIdNotNext);
}

#[test]
fn frozen_winner_blocks_nobody() {
    let authority = solana_keypair::Keypair::new();
    let mut flash = FlashWorld::start(&FlashOptions {
        mint: MintOptions {
            freeze_authority: Some(authority.pubkey()),
            ..MintOptions::default()
        },
        ..FlashOptions::default()
    });
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    let args = flash.terms(2);
    let market = flash.market(args);
    let users = [flash.user(PURSE), flash.user(PURSE)];
    for user in &users {
        flash.open_ticket(user, market).expect("a ticket");
        flash.place(user, market, 0, 1_000_000).expect("a bet");
    }
    let mint = flash.mint;
    flash
        .world
        .chain
        .freeze(mint, users[0].tokens, &authority)
        .expect("frozen");
    flash.resolve(market, 0).expect("a resolution");
    flash
        .settle(market, &[&users[0]])
        .expect_refusal(FlashError::NothingSettled);
    flash
        .settle(market, &[&users[0], &users[1]])
        .expect("the other");
    flash.release(market).expect("a release");
    assert_eq!(flash.vault_state().allocated, 0);
    let state = flash.market_state(market);
    assert_eq!(
        flash.balance(state.token_account),
        flash.ticket(market, &users[0]).holdings.shares[0],
        "only what the frozen winner is owed stays"
    );
    // Another account of the same owner will do.
    let other = flash.token_account(users[0].address(), 0);
    let settle = flash.build_settle(market, &[&users[0]]).instruction();
    flash
        .send(with_fallback(settle, other), &[])
        .expect("a payout");
    flash.close(market).expect("a closing");
}

#[test]
fn token_2022_lives_a_whole_life() {
    let mut flash = FlashWorld::start(&FlashOptions {
        mint: MintOptions {
            program: TokenProgram::Token2022,
            extensions: vec![MintExtension::MetadataPointer],
            ..MintOptions::default()
        },
        ..FlashOptions::default()
    });
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    let mut args = flash.terms(3);
    args.delay_ms = 1_000;
    args.execution_seconds = 1;
    let market = flash.market(args);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    flash.place(&user, market, 2, 1_000_000).expect("an order");
    let nonce = flash.nonce;
    flash.go_to(flash.chain().slot() + 3);
    flash.execute(&user, market, nonce).expect("a bet");
    flash.cash_out(&user, market, 2, 500_000).expect("an order");
    let nonce = flash.nonce;
    flash.go_to(flash.chain().slot() + 3);
    flash.execute(&user, market, nonce).expect("a sale");
    flash.resolve(market, 2).expect("a resolution");
    let held = flash.ticket(market, &user).holdings.shares[2];
    let purse = flash.balance(user.tokens);
    flash.settle(market, &[&user]).expect("a settlement");
    assert_eq!(flash.balance(user.tokens), purse + held);
    let event = flash.market_state(market).event_book;
    flash.close(market).expect("a closing");
    flash.wind_up(event);
    flash.collect(FeeShare::Protocol).expect("a collection");
    let shares = flash.balance(provider.lp_tokens);
    flash.request_withdraw(&provider, shares).expect("one");
    flash.pass_to(flash.withdrawal_state(&provider).available_at);
    flash.withdraw(&provider).expect("a withdrawal");
    assert_eq!(flash.open_accounts(), []);
}

/// A loss that everybody sees coming cannot be left to others: what is in markets counts for nothing
/// in a withdrawal, so leaving early pays no more than staying through the worst.
#[test]
fn liquidity_cannot_step_around_a_result() {
    let (mut flash, first) = FlashWorld::with_liquidity(LIQUIDITY);
    let second = flash.user(LIQUIDITY);
    flash.deposit(&second, LIQUIDITY).expect("a deposit");
    let terms = flash.lasting(2, 2 * 3_600);
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    // The withdrawal is asked for long before, so that its notice has passed when it is wanted.
    let shares = flash.balance(first.lp_tokens);
    flash.request_withdraw(&first, shares).expect("a request");
    flash.pass_to(flash.withdrawal_state(&first).available_at);
    flash
        .place(&user, market, 0, 5_000_000_000)
        .expect("a bet that will win");
    flash.withdraw(&first).expect("a withdrawal");
    flash.resolve(market, 0).expect("a resolution");
    flash.settle(market, &[&user]).expect("a settlement");
    flash.close(market).expect("a closing");
    let shares = flash.balance(second.lp_tokens);
    flash.request_withdraw(&second, shares).expect("a request");
    flash.pass_to(flash.withdrawal_state(&second).available_at);
    flash.withdraw(&second).expect("a withdrawal");
    assert!(
        flash.balance(first.tokens) <= flash.balance(second.tokens),
        "who left before the loss has no more than who bore it"
    );
}

/// States that no transaction makes: the checks that end every instruction notice them.
#[test]
fn books_that_do_not_add_up_stop_everything() {
    let mut story = market_with(2, |_| ());
    let (flash, market) = (&mut story.flash, story.market);
    let bet = flash
        .build_bet(&story.users[0], market, 0, 1_000_000)
        .instruction();
    let sound = flash
        .chain()
        .find_account(market)
        .expect("the chain")
        .expect("a market");
    let state: FlashMarket = flash.market_state(market);
    let forge = |flash: &mut FlashWorld, change: &dyn Fn(&mut FlashMarket)| {
        let mut forged = state;
        change(&mut forged);
        let mut account = sound.clone();
        account.data[8..].copy_from_slice(bytemuck::bytes_of(&forged));
        flash.world.chain.set_account(market, account);
    };
    forge(flash, &|market| market.pool.sold[1] = market.pool.cash * 2);
    flash
        .world
        .chain
        .send(std::slice::from_ref(&bet), &[&story.users[0].key])
        .expect_refusal(FlashError::Insolvent);
    forge(flash, &|market| market.pool.fees += 10_000_000);
    flash
        .world
        .chain
        .send(&[bet], &[&story.users[0].key])
        .expect_refusal(FlashError::TokensMissing);
    flash.world.chain.set_account(market, sound.clone());
    story
        .flash
        .resolve(market, 0)
        .expect("a resolution of the sound state");
    story.finish();
}

/// An operator who suspends the market with an accomplice's bet, so that nobody can answer it until
/// the lock, moves no slow price.
#[test]
fn price_that_a_suspension_shields_has_no_weight() {
    let mut story = market_with(0, |args| args.fee_rate = 0);
    let (flash, market) = (&mut story.flash, story.market);
    let accomplice = flash.user(PURSE);
    flash.open_ticket(&accomplice, market).expect("a ticket");
    let state = flash.market_state(market);
    let left = state.suspension_left_seconds;
    flash.pass_to(state.hours.trading_until - i64::from(left));
    flash
        .place(&accomplice, market, 0, 5_000_000_000)
        .expect("a bet");
    flash.suspend(market, left).expect("a suspension");
    flash.pass_to(state.void_from);
    flash.void(market).expect("a void");
    let payouts = flash.market_state(market).settlement.payouts;
    let moved = payouts[0].abs_diff(uniform(2)[0]);
    assert!(moved < 1_000, "the slow prices are those before the bet");
    story.users.push(accomplice);
    story.finish();
}

/// Who holds vast complete sets can sell one side into a depth that has fallen to a thirtieth. The
/// price of that side vanishes, and the market is as solvent as before, and can be voided.
#[test]
fn one_sided_dump_into_a_fallen_depth_leaves_the_market_whole() {
    for curve in [FlashCurve::Lmsr, FlashCurve::PmAmm] {
        let mut story = market_with(0, |args| {
            args.curve = curve;
            args.micro_tau = true;
            args.freeze_seconds = 1;
            args.depth = 1_000_000;
        });
        let (flash, market) = (&mut story.flash, story.market);
        let user = flash.user(PURSE);
        flash.open_ticket(&user, market).expect("a ticket");
        for _ in 0..100 {
            for outcome in [0, 1] {
                flash
                    .place(&user, market, outcome, 2_000_000)
                    .expect("a bet");
            }
        }
        let state = flash.market_state(market);
        flash.pass_to(state.hours.trading_until - 1);
        let held = flash.ticket(market, &user).holdings.shares[0];
        let before = flash.balance(user.tokens);
        flash.cash_out(&user, market, 0, held).expect("a sale");
        let returned = flash.balance(user.tokens) - before;
        assert!(returned < held / 10, "{returned} for {held}");
        // On the LMSR a price that has vanished blocks no trade in another outcome.
        let bet = flash.place(&user, market, 1, 1_000);
        match curve {
            FlashCurve::Lmsr => assert!(bet.is_ok()),
            FlashCurve::PmAmm => bet.expect_refusal(FlashError::PriceOutOfRange),
        }
        flash.go_to_second(state.void_from);
        flash.void(market).expect("a void");
        story.users.push(user);
        story.finish();
    }
}

/// From signatures through the circuit of three to the payment of the winner.
#[test]
fn real_quorum_pays_the_winner() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let prover = &*crate::across::real_proofs::QUORUM_3;
    let mut key = flash.world.key_args(World::CIRCUIT_ID, 1);
    key.development = prover.is_dev();
    key.key = prover.verifying_key().as_bytes().to_vec();
    flash.world.verifying_key = flash.world.propose_verifying_key(key).expect("a key");
    flash.world.pass_timelock();

    let terms = flash.question(3);
    let (id, time) = (1, terms.observe_at_ms);
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash
        .open_and_place(&user, market, 2, 1_000_000)
        .expect("an order");
    let nonce = flash.nonce;
    flash.go_to(flash.chain().slot() + 5);
    flash.execute(&user, market, nonce).expect("a bet");

    // An event question has one observation, whose predecessor is at 0.
    let said_at = Millis::new(time + 45_000).expect("a time");
    let never = Millis::new(0).expect("a time");
    let domain = flash.world.domain();
    let attestations: Vec<_> = flash.world.providers[..3]
        .iter()
        .map(|provider| {
            let said = Observation::new(feed(id), said_at, never, 2).expect("an observation");
            Attestation::sign(provider, domain, said)
        })
        .collect();
    let time_asked = Millis::new(time).expect("a time");
    let members = &flash.world.members;
    let quorum = Quorum::new(
        members,
        domain,
        FeedKind::Event,
        feed(id),
        time_asked,
        &attestations,
        None,
    )
    .expect("three who agree");
    let mut verify = flash
        .world
        .verify_observation(feed(id), time, 2)
        .expect("an instruction");
    verify.args.proof = prover.prove(&quorum).expect("a proof").proof;
    flash
        .world
        .send_verify(&verify)
        .expect("a proof that holds");

    let (held, purse) = (
        flash.ticket(market, &user).holdings.shares[2],
        flash.balance(user.tokens),
    );
    flash
        .resolve_on(market, verify.observation())
        .expect("a resolution");
    flash.settle(market, &[&user]).expect("a settlement");
    assert_eq!(flash.balance(user.tokens), purse + held);
    flash.close(market).expect("a closing");
}

/// A status that the oracle does not give yet, but may one day.
#[test]
fn observation_that_is_not_valid_resolves_nothing() {
    let mut story = market_with(1, |_| ());
    let (flash, market) = (&mut story.flash, story.market);
    let address = flash.observe(market, 0);
    let mut account = flash
        .chain()
        .find_account(address)
        .expect("the chain")
        .expect("an observation");
    let status = 8 + core::mem::offset_of!(oracle::Observation, status);
    let valid = core::mem::replace(&mut account.data[status], 2);
    flash.world.chain.set_account(address, account.clone());
    flash
        .resolve_on(market, address)
        .expect_refusal(FlashError::ObservationNotValid);
    account.data[status] = valid;
    flash.world.chain.set_account(address, account);
    flash.resolve_on(market, address).expect("a resolution");
    story.finish();
}

/// Where slots take longer than planned, a price that is pushed in the last second of trading does
/// not stand for the slots after it.
#[test]
fn push_in_the_last_second_does_not_outweigh_the_minute() {
    let mut story = market_with(0, |_| {});
    let (flash, market) = (&mut story.flash, story.market);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).expect("a ticket");
    let state = flash.market_state(market);
    // Slots of 500 ms in place of 400.
    let pace = |flash: &mut FlashWorld, second: i64| {
        let seconds = second - flash.chain().now().seconds();
        let seconds = u64::try_from(seconds).expect("a later time");
        flash.world.chain.advance(seconds * 2, seconds * 1_000);
    };
    pace(flash, state.hours.trading_until - 1);
    flash.place(&user, market, 0, PURSE / 2).expect("a push");
    pace(flash, state.void_from);
    flash.void(market).expect("a void");
    // A push of a second has the weight of two slots at most, and of half a price.
    let payout = flash.market_state(market).settlement.payouts[0];
    let most = Price::ONE.0 / 2 + Price::ONE.0 / 17;
    assert!(
        payout < most,
        "a push of a second moved the payout to {payout}"
    );
    story.users.push(user);
    story.finish();
}

/// How far a slow price follows one that stands for so many slots.
fn slow_weight(slots: f64, tau_slots: f64) -> f64 {
    1.0 - (-slots / tau_slots).exp()
}

/// What a called program pays to a program fails its caller, the closing of a token account too.
#[test]
fn operator_who_becomes_a_program_keeps_no_market_from_closing() {
    let Story {
        mut flash, market, ..
    } = market_with(0, |_| {});
    flash.resolve(market, 0).expect("a result");
    let operator = flash.operator.pubkey();
    let chain = &mut flash.world.chain;
    let account = chain.find_account(operator).expect("the chain");
    let mut account = account.expect("an account");
    account.owner = bpf_loader_upgradeable::ID;
    account.executable = true;
    account.data = vec![2; 36];
    chain.set_account(operator, account);
    flash.close(market).expect("a closing");
    flash.forget(market);
}
