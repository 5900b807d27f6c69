//! Prepaid chains, end to end.

use anchor_lang::{
    prelude::{AccountMeta, Pubkey},
    solana_program::instruction::Instruction,
};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        Caps, ChainTerms, CreateEventBook, FlashMarketTerms, RequestChain, RequestChainArgs,
    },
};
use flash_bets::{
    error::FlashError,
    state::{Chain, ChainStatus, LegStatus},
};
use math::{
    chain::{cash_out_value, LegPrice},
    BasisPoints, Money, Price,
};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{uniform, ExpectError, FlashOptions, FlashWorld, ProgramKind, Receipt, User};

const LIQUIDITY: u64 = 100_000_000_000;
const STAKE: u64 = 1_000_000;

/// One per cent a leg, no spread, everything may be reserved.
const TERMS: ChainTerms = ChainTerms {
    fee_rate: 100,
    spread: 0,
    reserve: 10_000,
    cash_out_fee_rate: 100,
};

/// Deep markets: a stake hardly moves them.
fn deep(flash: &FlashWorld) -> FlashMarketTerms {
    FlashMarketTerms {
        depth: 10_000_000_000,
        ..flash.terms(2)
    }
}

/// A world that offers chains, and a bettor with money.
fn world(change: impl FnOnce(&mut FlashOptions)) -> (FlashWorld, User, User) {
    let mut options = FlashOptions::default();
    change(&mut options);
    let mut flash = FlashWorld::start(&options);
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    flash.set_chain_terms(TERMS);
    let user = flash.user(LIQUIDITY);
    (flash, user, provider)
}

/// The same with so many even legs that trade.
fn start(legs: usize) -> (FlashWorld, User, Vec<Pubkey>) {
    let (mut flash, user, _) = world(|_| {});
    let terms = deep(&flash);
    let markets = flash.legs(legs, &terms);
    (flash, user, markets)
}

fn on_first(markets: &[Pubkey]) -> Vec<(Pubkey, u8)> {
    markets.iter().map(|market| (*market, 0)).collect()
}

/// Every market resolves on its first outcome, but for those that say otherwise.
fn resolve_all(flash: &mut FlashWorld, markets: &[Pubkey], lost: &[usize]) {
    for (index, market) in markets.iter().enumerate() {
        let value = i64::from(lost.contains(&index));
        flash.resolve(*market, value).expect("a result");
    }
}

/// Everything that chains left open is closed, and nothing is left of them.
fn close_all(flash: &mut FlashWorld, markets: &[Pubkey]) {
    for market in markets {
        flash.close_chain_book(*market).expect("a closing");
        flash.release(*market).expect("a release");
        flash.close(*market).expect("a closing");
        flash.forget(*market);
    }
    let vault = flash.vault_state();
    assert_eq!((vault.chain_reserve, vault.chain_stakes), (0, 0));
    assert_eq!((vault.open_chains, vault.allocated), (0, 0));
}

/// The chain that waits gets its stake back, to the base unit, and why.
#[track_caller]
fn expect_returned(flash: &mut FlashWorld, user: &User, nonce: u64, reason: FlashError) {
    let (had, tip) = (flash.balance(user.tokens), flash.chain_state(user, nonce));
    let treasury = flash.treasury.pubkey();
    let before = flash.chain().lamports(treasury).expect("lamports");
    let cash = flash.vault_state().cash;
    let receipt = flash.execute_chain(user, nonce).expect("an execution");
    assert_eq!(flash.balance(user.tokens), had + STAKE);
    assert_eq!(flash.vault_state().cash, cash);
    assert_eq!(flash.vault_state().open_chains, 0);
    let after = flash.chain().lamports(treasury).expect("lamports");
    assert_eq!(after, before + tip.tip_lamports);
    if flash.chain().kind() == ProgramKind::Sbf {
        assert_eq!(flash.reason(&receipt), Some(reason.into()));
    }
}

/// A chain on these legs that waits; its delay has passed.
#[track_caller]
fn ready(flash: &mut FlashWorld, user: &User, legs: &[(Pubkey, u8)]) -> u64 {
    let mut request = flash.build_chain(user, legs, STAKE);
    request.args.tip_lamports = 5_000;
    let sent = flash.send_with_table(&request.instruction(), &[&user.key]);
    sent.expect("a request");
    flash.pass_chain_delay(user, request.nonce);
    request.nonce
}

#[test]
fn nine_even_legs_pay_468_for_one_at_a_chance_of_one_in_512() {
    let (mut flash, user, markets) = start(9);
    let before = flash.vault_state().cash;
    let (nonce, odds) = flash.open_chain(&user, &on_first(&markets), STAKE);
    // 467.7x but for the nine times 0.01 % that the stake itself moves the curves by.
    assert_eq!(odds.multiple / 10_000_000_000, 46_730);
    assert_eq!(odds.chance / 1_000_000, 1_954);
    assert_eq!(odds.expected / 100_000_000, 9_135);
    let payout = odds.payout;
    assert_eq!(payout, odds.multiple / 1_000_000);
    let vault = flash.vault_state();
    assert_eq!(vault.cash, before + STAKE);
    assert_eq!(vault.chain_reserve, payout);

    resolve_all(&mut flash, &markets, &[]);
    flash.settle_legs(&user, nonce, &markets).expect("results");
    assert_eq!(flash.chain_state(&user, nonce).open_legs, 0);
    let (had, cash) = (flash.balance(user.tokens), flash.vault_state().cash);
    flash.close_chain(&user, nonce).expect("a payment");
    assert_eq!(flash.balance(user.tokens), had + payout);
    let vault = flash.vault_state();
    assert_eq!(vault.cash, cash - payout);
    let now = flash.chain().now().seconds();
    assert_eq!(vault.losses.lost(now).unwrap().0, payout - STAKE);
    close_all(&mut flash, &markets);
}

#[test]
fn nine_legs_fit_one_transaction_of_version_0_with_a_lookup_table() {
    let (mut flash, user, markets) = start(9);
    let request = flash.build_chain(&user, &on_first(&markets), STAKE);
    let nonce = request.nonce;
    let size = |flash: &mut FlashWorld, instruction: &Instruction, signers: &[&Keypair]| {
        let sent = flash.world.chain.send_with_table(instruction, signers);
        flash.check();
        sent.expect("a transaction").1
    };
    let requested = size(&mut flash, &request.instruction(), &[&user.key]);
    flash.pass_chain_delay(&user, nonce);
    let execute = flash.build_execute_chain(&user, nonce).instruction();
    assert_eq!(execute.accounts.len(), 54);
    let executed = size(&mut flash, &execute, &[]);
    resolve_all(&mut flash, &markets, &[]);
    let settle = flash
        .build_settle_legs(&user, nonce, &markets)
        .instruction();
    let settled = size(&mut flash, &settle, &[]);
    assert_eq!(flash.chain_state(&user, nonce).open_legs, 0);
    for size in [requested, executed, settled] {
        assert!(size <= 500, "{size} of 1,232 bytes");
    }
}

#[test]
fn lost_leg_frees_the_reserve_at_once() {
    let (mut flash, user, markets) = start(3);
    let before = flash.vault_state().cash;
    let (nonce, odds) = flash.open_chain(&user, &on_first(&markets), STAKE);
    assert_eq!(flash.vault_state().chain_reserve, odds.payout);
    flash.resolve(markets[1], 1).expect("a result");
    flash
        .settle_legs(&user, nonce, &markets[..1])
        .expect_refusal(FlashError::NothingSettled);
    // The first leg, whose market is not settled, is dropped in the same instruction.
    flash
        .settle_legs(&user, nonce, &markets[..2])
        .expect("a result");
    let vault = flash.vault_state();
    assert_eq!((vault.cash, vault.chain_reserve), (before + STAKE, 0));
    let chain = flash.chain_state(&user, nonce);
    assert!(chain.is(ChainStatus::Lost) && chain.legs[0].is(LegStatus::Dropped));
    assert_eq!(chain.open_legs, 1);
    flash
        .close_chain(&user, nonce)
        .expect_refusal(FlashError::LegsOpen);
    flash.settle_legs(&user, nonce, &markets).expect("drops");
    flash
        .settle_legs(&user, nonce, &markets)
        .expect_refusal(FlashError::NothingSettled);
    let had = flash.balance(user.tokens);
    flash.close_chain(&user, nonce).expect("a closing");
    assert_eq!(flash.balance(user.tokens), had);
    assert_eq!(flash.vault_state().cash, before + STAKE);
    resolve_all(&mut flash, &[markets[0], markets[2]], &[]);
    close_all(&mut flash, &markets);
}

#[test]
fn void_leg_counts_as_one_and_frees_what_it_multiplied() {
    let (mut flash, user, markets) = start(3);
    let (nonce, odds) = flash.open_chain(&user, &on_first(&markets), STAKE);
    let chain = flash.chain_state(&user, nonce);
    resolve_all(&mut flash, &markets[1..], &[]);
    let void_from = flash.market_state(markets[0]).void_from;
    flash.pass_to(void_from);
    flash.void(markets[0]).expect("a void");
    flash.settle_legs(&user, nonce, &markets).expect("results");
    let prices: Vec<_> = chain.legs()[1..]
        .iter()
        .map(|leg| LegPrice::try_from(Price(leg.price)).unwrap())
        .collect();
    let two = math::Chain::new(&prices, BasisPoints(100)).unwrap();
    let payout = two.payout(Money(STAKE)).unwrap().0;
    assert!(payout < odds.payout);
    assert_eq!(flash.vault_state().chain_reserve, payout);
    let had = flash.balance(user.tokens);
    flash.close_chain(&user, nonce).expect("a payment");
    assert_eq!(flash.balance(user.tokens), had + payout);
    close_all(&mut flash, &markets);
}

#[test]
fn chain_of_void_legs_alone_gives_the_stake_back() {
    let (mut flash, user, markets) = start(2);
    let (nonce, _) = flash.open_chain(&user, &on_first(&markets), STAKE);
    let void_from = flash.market_state(markets[1]).void_from;
    flash.pass_to(void_from);
    for market in &markets {
        flash.void(*market).expect("a void");
        flash.settle_legs(&user, nonce, &[*market]).expect("an end");
    }
    let had = flash.balance(user.tokens);
    flash.close_chain(&user, nonce).expect("a payment");
    assert_eq!(flash.balance(user.tokens), had + STAKE);
    let now = flash.chain().now().seconds();
    assert_eq!(flash.vault_state().losses.lost(now).unwrap().0, 0);
    close_all(&mut flash, &markets);
}

#[test]
fn chain_waits_for_the_longest_delay_in_slots_and_in_seconds() {
    let (mut flash, user, _) = world(|_| {});
    let mut slow = flash.terms(2);
    (slow.delay_ms, slow.execution_seconds) = (7_000, 4);
    let terms = flash.terms(2);
    let (first, second) = (flash.leg(slow), flash.leg(terms));
    let opens_at = flash.market_state(second).hours.opens_at;
    flash.pass_to(opens_at);
    flash
        .request_chain(&user, &[(first, 0), (second, 1)], STAKE)
        .expect("a request");
    let nonce = flash.nonce;
    let chain = flash.chain_state(&user, nonce);
    assert_eq!((chain.delay_slots, chain.delay_seconds), (18, 7));
    let (slot, at) = (chain.wait.executable_slot, chain.wait.executable_at);
    flash.go_to_second(at);
    flash
        .execute_chain(&user, nonce)
        .expect_refusal(FlashError::DelayNotPassed);
    flash
        .cancel_chain(&user, nonce)
        .expect_refusal(FlashError::ExecutionPossible);
    let now = flash.chain().now();
    flash
        .world
        .chain
        .set_time(slot, testbed::UnixMillis(now.0 - 1_000));
    flash
        .execute_chain(&user, nonce)
        .expect_refusal(FlashError::DelayNotPassed);
    flash.world.chain.set_time(slot, now);
    flash.execute_chain(&user, nonce).expect("an execution");
    flash
        .execute_chain(&user, nonce)
        .expect_refusal(FlashError::ChainNotWaiting);
    flash
        .cancel_chain(&user, nonce)
        .expect_refusal(FlashError::ChainNotWaiting);
}

#[test]
fn least_delay_is_ten_slots_and_four_seconds() {
    let (mut flash, user, markets) = start(2);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect("a request");
    let chain = flash.chain_state(&user, flash.nonce);
    assert_eq!((chain.delay_slots, chain.delay_seconds), (10, 4));
}

#[test]
fn chain_that_nobody_opened_in_its_time_goes_back() {
    let (mut flash, user, markets) = start(2);
    let had = flash.balance(user.tokens);
    for by_execution in [true, false] {
        let nonce = ready(&mut flash, &user, &on_first(&markets));
        let until = flash.chain_state(&user, nonce).wait.executable_until;
        flash.go_to_second(until);
        flash
            .cancel_chain(&user, nonce)
            .expect_refusal(FlashError::ExecutionPossible);
        flash.go_to_second(until + 1);
        if by_execution {
            expect_returned(&mut flash, &user, nonce, FlashError::ExecutionOver);
        } else {
            let address = addresses::chain(&flash.vault, &user.address(), nonce);
            let rent = flash.chain().lamports(address).expect("rent");
            let before = flash.chain().lamports(user.address()).expect("lamports");
            flash.cancel_chain(&user, nonce).expect("a cancellation");
            let after = flash.chain().lamports(user.address()).expect("lamports");
            assert_eq!(after, before + rent, "the tip goes back with the rent");
        }
        assert_eq!(flash.balance(user.tokens), had);
        if by_execution {
            let terms = deep(&flash);
            let others = flash.legs(2, &terms);
            assert_eq!(others.len(), 2);
        }
    }
}

#[test]
fn suspended_leg_returns_the_chain_also_when_it_trades_again() {
    let (mut flash, user, markets) = start(2);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect("a request");
    let nonce = flash.nonce;
    flash.suspend(markets[1], 5).expect("a suspension");
    flash.resume(markets[1]).expect("a resumption");
    flash.pass_chain_delay(&user, nonce);
    expect_returned(&mut flash, &user, nonce, FlashError::LegWasSuspended);
    flash.suspend(markets[1], 5).expect("a suspension");
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect_refusal(FlashError::MarketSuspended);
}

/// Who has seen the result asks for a chain before it is on chain, and anybody shows it before the delay has
/// passed: the stake goes back.
#[test]
fn leg_whose_result_is_known_but_not_on_chain_returns_the_chain() {
    let (mut flash, user, _) = world(|_| {});
    let question = flash.question(2);
    let markets = flash.legs(2, &question);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect("a request");
    let nonce = flash.nonce;
    flash.observe(markets[0], 0);
    flash.pass_chain_delay(&user, nonce);
    expect_returned(&mut flash, &user, nonce, FlashError::LegResultKnown);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect_refusal(FlashError::LegResultKnown);
}

#[test]
fn leg_that_does_not_trade_is_refused() {
    let (mut flash, user, markets) = start(2);
    let terms = deep(&flash);
    let later = flash.leg(terms);
    flash
        .request_chain(&user, &[(markets[0], 0), (later, 0)], STAKE)
        .expect_refusal(FlashError::TradingNotStarted);
    let nonce = ready(&mut flash, &user, &on_first(&markets));
    let until = flash.market_state(markets[0]).hours.trading_until;
    // The request is executable until then: a second before the end it still opens.
    flash.go_to_second(until.min(flash.chain_state(&user, nonce).wait.executable_until));
    flash.execute_chain(&user, nonce).expect("an execution");
    flash.pass_to(until);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect_refusal(FlashError::TradingOver);
}

#[test]
fn pause_stops_new_chains_and_no_exit() {
    let (mut flash, user, markets) = start(2);
    let legs = on_first(&markets);
    let (open, _) = flash.open_chain(&user, &legs, STAKE);
    flash.request_chain(&user, &legs, STAKE).expect("a request");
    let waiting = flash.nonce;
    flash.pause().expect("a pause");
    flash
        .request_chain(&user, &legs, STAKE)
        .expect_refusal(FlashError::Paused);
    let had = flash.balance(user.tokens);
    flash.cancel_chain(&user, waiting).expect("a cancellation");
    assert_eq!(flash.balance(user.tokens), had + STAKE);
    flash.request_cash_out(&user, open).expect("a request");
    flash.pass_chain_delay(&user, open);
    flash.execute_cash_out(&user, open).expect("an exit");
    assert!(flash.balance(user.tokens) > had + STAKE);
    resolve_all(&mut flash, &markets, &[]);
    close_all(&mut flash, &markets);
}

#[test]
fn chains_are_offered_only_under_terms_that_reserve_something() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let user = flash.user(LIQUIDITY);
    let terms = flash.terms(2);
    let markets = flash.legs(2, &terms);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect_refusal(FlashError::ChainsNotOffered);
}

#[test]
fn legs_that_depend_on_each_other_are_refused() {
    let (mut flash, user, _) = world(|_| {});
    let terms = flash.terms(2);
    let first = flash.leg(terms.clone());
    let event_book = flash.market_state(first).event_book;
    let same_event = flash.announce_on(event_book, terms.clone());
    flash.create_chain_book(same_event).expect("a chain book");

    let in_group = |flash: &mut FlashWorld, id, correlation_group| {
        let create = CreateEventBook {
            operator: flash.operator.pubkey(),
            vault: flash.vault,
            id,
            correlation_group,
            verse: None,
        };
        let book = addresses::event_book(&flash.vault, id);
        flash.know_account(book);
        flash
            .send_as_operator(create.instruction())
            .expect("a book");
        let market = flash.announce_on(book, terms.clone());
        flash.create_chain_book(market).expect("a chain book");
        market
    };
    let grouped = [101, 102].map(|id| in_group(&mut flash, id, 7));
    let other_group = in_group(&mut flash, 103, 8);

    let event_book = flash.create_event_book();
    let mut create = flash.build_market(event_book, terms.clone());
    create.feed_id = flash.market_state(first).evidence.feed_id;
    flash
        .send_as_operator(create.instruction())
        .expect("a market");
    let same_feed = addresses::market(&flash.vault, create.id);
    flash.create_chain_book(same_feed).expect("a chain book");
    let opens_at = flash.market_state(same_feed).hours.opens_at;
    flash.pass_to(opens_at);

    let mut refused = |legs: &[(Pubkey, u8)], error| {
        flash
            .request_chain(&user, legs, STAKE)
            .expect_refusal(error);
    };
    let other = (other_group, 0);
    refused(&[(first, 0), other, (first, 0)], FlashError::LegsShareEvent);
    refused(&[(first, 0), (first, 1)], FlashError::LegsShareEvent);
    refused(&[(first, 0), (same_event, 0)], FlashError::LegsShareEvent);
    refused(
        &[(grouped[0], 0), other, (grouped[1], 0)],
        FlashError::LegsShareGroup,
    );
    refused(&[(first, 0), (same_feed, 1)], FlashError::LegsShareFeed);
    refused(&[(first, 0)], FlashError::ChainLegCount);
    refused(
        &[(first, 0), (other_group, 2)],
        FlashError::OutcomeOutOfRange,
    );
    flash
        .request_chain(&user, &[(first, 0), (grouped[0], 0), other], STAKE)
        .expect("independent legs");
}

#[test]
fn more_than_nine_legs_and_no_stake_are_refused() {
    let (mut flash, user, markets) = start(10);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect_refusal(FlashError::ChainLegCount);
    flash
        .request_chain(&user, &on_first(&markets[..9]), 0)
        .expect_refusal(FlashError::ZeroAmount);
    let mut request = flash.build_chain(&user, &on_first(&markets[..2]), STAKE);
    request.args.outcomes.pop();
    flash
        .send_with_table(&request.instruction(), &[&user.key])
        .expect_refusal(FlashError::ChainLegCount);
    let mut request = flash
        .build_chain(&user, &on_first(&markets[..2]), STAKE)
        .instruction();
    request.accounts.pop();
    flash
        .send_with_table(&request, &[&user.key])
        .expect_refusal(FlashError::ChainLegAccounts);
}

#[test]
fn multiple_of_500_is_for_legs_of_a_minute_and_250_for_two() {
    let (mut flash, user, _) = world(|_| {});
    let two_minutes = FlashMarketTerms {
        depth: 1_000_000_000,
        ..flash.lasting(2, 120)
    };
    let longer = flash.legs(9, &two_minutes);
    flash
        .request_chain(&user, &on_first(&longer), STAKE)
        .expect_refusal(FlashError::MultipleAbove250);
    flash
        .request_chain(&user, &on_first(&longer[..8]), STAKE / 100)
        .expect("236 times the stake");
    // One leg of a minute makes it the shorter tier.
    let terms = flash.terms(4);
    let short = flash.legs(5, &terms);
    flash
        .request_chain(&user, &on_first(&short), STAKE / 100)
        .expect_refusal(FlashError::MultipleAbove500);
    let mut mixed = on_first(&longer[..8]);
    mixed.push((short[0], 0));
    flash
        .request_chain(&user, &mixed, STAKE / 100)
        .expect_refusal(FlashError::MultipleAbove500);
    for (seconds, error) in [
        (601, FlashError::MultipleAbove150),
        (1_801, FlashError::MultipleAbove100),
        (3_601, FlashError::MultipleAbove75),
    ] {
        let terms = flash.lasting(4, seconds);
        let legs = flash.legs(4, &terms);
        flash
            .request_chain(&user, &on_first(&legs), STAKE / 100)
            .expect_refusal(error);
    }
}

/// Each cap gives the stake back, and none of the books keeps anything of it.
#[test]
fn caps_return_what_is_above_them() {
    fn reason(change: impl FnOnce(&mut Caps), terms: ChainTerms, error: FlashError) {
        let (mut flash, user, _) = world(|options| change(&mut options.caps));
        flash.set_chain_terms(terms);
        let market_terms = FlashMarketTerms {
            depth: 100_000_000,
            ..flash.terms(2)
        };
        let markets = flash.legs(2, &market_terms);
        let nonce = ready(&mut flash, &user, &on_first(&markets));
        expect_returned(&mut flash, &user, nonce, error);
    }
    // Two even legs pay 3.8 of the stake; a market is funded with 69.3 million.
    let funding = 69_314_735;
    let below = funding + 3_000_000;
    reason(
        |caps| caps.event_funding = below,
        TERMS,
        FlashError::EventCapExceeded,
    );
    reason(
        |caps| caps.feed_funding = below,
        TERMS,
        FlashError::FeedCapExceeded,
    );
    reason(
        |caps| caps.daily_loss = 2 * funding + 3_000_000,
        TERMS,
        FlashError::LossCapExceeded,
    );
    // Of 100,000 million 2.1 million are 0.2 basis points: none.
    let none = ChainTerms {
        reserve: 1,
        ..TERMS
    };
    let (mut flash, user, _) = world(|_| {});
    flash.set_chain_terms(none);
    let terms = deep(&flash);
    let markets = flash.legs(2, &terms);
    flash
        .request_chain(&user, &on_first(&markets), 10 * STAKE)
        .expect("a request");
    let nonce = flash.nonce;
    flash.pass_chain_delay(&user, nonce);
    let had = flash.balance(user.tokens);
    let receipt = flash.execute_chain(&user, nonce).expect("an execution");
    assert_eq!(flash.balance(user.tokens), had + 10 * STAKE);
    if flash.chain().kind() == ProgramKind::Sbf {
        let exceeded = FlashError::ChainReserveExceeded.into();
        assert_eq!(flash.reason(&receipt), Some(exceeded));
    }
}

/// Chains through one market together pay no more than it may be funded with, whatever their other legs are:
/// and so chains of one combination.
#[test]
fn chains_through_one_market_share_its_cap() {
    let (mut flash, user, _) = world(|options| options.caps.market_funding = 100_000_000);
    let terms = FlashMarketTerms {
        depth: 100_000_000,
        ..flash.terms(2)
    };
    let markets = flash.legs(5, &terms);
    let mut reserved = 0;
    for (others, fits) in [(1, true), (2, true), (3, false), (4, false)] {
        let legs = [(markets[0], 0), (markets[others], 0)];
        flash
            .request_chain(&user, &legs, 16 * STAKE)
            .expect("a request");
        let nonce = flash.nonce;
        flash.pass_chain_delay(&user, nonce);
        flash.execute_chain(&user, nonce).expect("an execution");
        let address = addresses::chain(&flash.vault, &user.address(), nonce);
        let chain = flash.find::<Chain>(address);
        assert_eq!(chain.is_some(), fits, "{others}");
        reserved += chain.map_or(0, |chain| chain.reserve);
    }
    assert_eq!(flash.chain_book(markets[0]).payouts, reserved);
    assert!(reserved <= 100_000_000);
}

/// What a stake of ten times a safe one pays on the first outcomes of these markets, as it opens now.
fn opened(flash: &mut FlashWorld, user: &User, markets: &[Pubkey]) -> u64 {
    let (_, odds) = flash.open_chain(user, &on_first(markets), STAKE);
    odds.payout
}

/// A leg's price is pushed down in the transaction before the execution and let go after it. The slow price
/// does not know of that: the chain pays no more than without, and the push cost its fees.
#[test]
fn spot_pushed_before_acceptance_makes_no_leg_cheaper() {
    let honest = {
        let (mut flash, user, markets) = start(3);
        opened(&mut flash, &user, &markets)
    };
    let (mut flash, user, markets) = start(3);
    let had = flash.balance(user.tokens);
    flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect("a request");
    let nonce = flash.nonce;
    flash.pass_chain_delay(&user, nonce);
    for market in &markets {
        // To a price of a tenth: eight times the odds of three even legs at their spot prices.
        flash
            .open_and_place(&user, *market, 1, 18_000_000_000)
            .expect("a push");
        assert!(
            client::quotes::prices(&flash.market_state(*market)).unwrap()[0].0 < Price::ONE.0 / 5
        );
    }
    flash.execute_chain(&user, nonce).expect("an execution");
    let pushed = flash.odds(&user, nonce).payout;
    for market in &markets {
        let shares = flash.ticket(*market, &user).holdings.shares[1];
        flash
            .cash_out(&user, *market, 1, shares)
            .expect("a way back");
    }
    assert!(pushed <= honest, "{pushed} of {honest}");
    let cost = had - STAKE - flash.balance(user.tokens);
    println!("{pushed} instead of {honest}, for {cost}");
    assert!(cost > 200_000_000, "the push cost {cost}");
}

/// Chains one after the other through the same legs pay less each.
#[test]
fn chains_move_the_price_of_the_next() {
    let (mut flash, user, _) = world(|_| {});
    let terms = flash.terms(2);
    let markets = flash.legs(2, &terms);
    let mut last = u64::MAX;
    for _ in 0..3 {
        let (_, odds) = flash.open_chain(&user, &on_first(&markets), 50 * STAKE);
        assert!(odds.payout < last);
        last = odds.payout;
    }
    // Shares of the stake at about a half each.
    let delta = flash.chain_book(markets[0]).delta_shares;
    assert!((280 * STAKE..300 * STAKE).contains(&delta[0]), "{delta:?}");
    // Whoever takes the other side of both is offered more than even.
    let (_, odds) = flash.open_chain(&user, &[(markets[0], 1), (markets[1], 1)], STAKE);
    assert!(
        odds.multiple <= 3_920_400_000_000,
        "the slow price bounds it"
    );
}

#[test]
fn bound_of_the_owner_holds() {
    let (mut flash, user, markets) = start(2);
    let mut request = flash.build_chain(&user, &on_first(&markets), STAKE);
    request.args.min_payout = 3_921_000;
    flash
        .send_with_table(&request.instruction(), &[&user.key])
        .expect_refusal(FlashError::SlippageExceeded);
    request.args.min_payout = 3_910_000;
    flash
        .send_with_table(&request.instruction(), &[&user.key])
        .expect("a request");
    let whale = flash.user(LIQUIDITY);
    flash
        .open_and_place(&whale, markets[0], 0, 1_000_000_000)
        .expect("a bet");
    flash.pass_chain_delay(&user, request.nonce);
    expect_returned(
        &mut flash,
        &user,
        request.nonce,
        FlashError::SlippageExceeded,
    );
}

#[test]
fn chain_is_cashed_out_at_the_lesser_prices_of_its_open_legs() {
    let (mut flash, user, markets) = start(3);
    let (nonce, odds) = flash.open_chain(&user, &on_first(&markets), STAKE);
    flash
        .execute_cash_out(&user, nonce)
        .expect_refusal(FlashError::NoCashOutWaiting);
    flash.request_cash_out(&user, nonce).expect("a request");
    flash
        .request_cash_out(&user, nonce)
        .expect_refusal(FlashError::ExecutionPossible);
    flash
        .execute_cash_out(&user, nonce)
        .expect_refusal(FlashError::DelayNotPassed);
    flash.pass_chain_delay(&user, nonce);
    let (had, cash) = (flash.balance(user.tokens), flash.vault_state().cash);
    flash.execute_cash_out(&user, nonce).expect("an exit");
    let paid = flash.balance(user.tokens) - had;
    let even = cash_out_value(
        Money(odds.payout),
        &[Price(Price::ONE.0 / 2); 3],
        BasisPoints(100),
    );
    let even = even.unwrap().0;
    // The sale of shares of a quarter of the payout moves each of the three curves.
    assert!((even - 300..even).contains(&paid), "{paid} of {even}");
    assert!(paid < STAKE);
    let vault = flash.vault_state();
    assert_eq!(vault.cash, cash - paid);
    assert_eq!((vault.chain_reserve, vault.open_chains), (0, 0));
    resolve_all(&mut flash, &markets, &[]);
    close_all(&mut flash, &markets);
}

/// Who knows that a leg is lost asks to be cashed out at the price that still stands: the result is shown, or
/// the market suspended, before the delay has passed.
#[test]
fn nobody_cashes_out_on_a_price_that_is_stale() {
    let (mut flash, user, _) = world(|_| {});
    let question = flash.question(2);
    let markets = flash.legs(3, &question);
    let (nonce, _) = flash.open_chain(&user, &on_first(&markets), STAKE);
    flash.request_cash_out(&user, nonce).expect("a request");
    flash.suspend(markets[0], 6).expect("a suspension");
    flash.resume(markets[0]).expect("a resumption");
    flash.pass_chain_delay(&user, nonce);
    flash
        .execute_cash_out(&user, nonce)
        .expect_refusal(FlashError::LegWasSuspended);
    let until = flash.chain_state(&user, nonce).wait.executable_until;
    flash.go_to_second(until + 1);
    flash
        .execute_cash_out(&user, nonce)
        .expect_refusal(FlashError::ExecutionOver);
    flash.observe(markets[1], 1);
    flash.request_cash_out(&user, nonce).expect("a request");
    flash.pass_chain_delay(&user, nonce);
    flash
        .execute_cash_out(&user, nonce)
        .expect_refusal(FlashError::LegResultKnown);
    let observation = flash.market_state(markets[1]).evidence.observation;
    flash.resolve_on(markets[1], observation).expect("a result");
    let had = flash.balance(user.tokens);
    flash.settle_legs(&user, nonce, &markets).expect("a loss");
    flash
        .request_cash_out(&user, nonce)
        .expect_refusal(FlashError::ChainNotOpen);
    flash
        .settle_legs(&user, nonce, &markets[..1])
        .expect_refusal(FlashError::NothingSettled);
    flash.close_chain(&user, nonce).expect("a closing");
    assert_eq!(flash.balance(user.tokens), had);
}

/// The spot price of a leg pushed up for the moment of cashing out brings nothing.
#[test]
fn spot_pushed_before_cashing_out_brings_nothing() {
    let (mut flash, user, markets) = start(2);
    let whale = flash.user(LIQUIDITY);
    let (nonce, odds) = flash.open_chain(&user, &on_first(&markets), STAKE);
    flash.request_cash_out(&user, nonce).expect("a request");
    flash.pass_chain_delay(&user, nonce);
    for market in &markets {
        flash
            .open_and_place(&whale, *market, 0, 15_000_000_000)
            .expect("a push");
    }
    let had = flash.balance(user.tokens);
    flash.execute_cash_out(&user, nonce).expect("an exit");
    let paid = flash.balance(user.tokens) - had;
    // A quarter of the payout less one per cent, at the slow prices.
    assert!(paid <= odds.payout / 4 * 99 / 100 + 2, "{paid}");
}

#[test]
fn cash_out_after_a_won_leg_is_of_the_others() {
    let (mut flash, user, _) = world(|_| {});
    let short = deep(&flash);
    let long = FlashMarketTerms {
        depth: 10_000_000_000,
        ..flash.lasting(2, 600)
    };
    let (first, second, third) = (flash.leg(short), flash.leg(long.clone()), flash.leg(long));
    let opens_at = flash.market_state(third).hours.opens_at;
    flash.pass_to(opens_at);
    let markets = [first, second, third];
    let (nonce, odds) = flash.open_chain(&user, &on_first(&markets), STAKE);
    flash.resolve(first, 0).expect("a result");
    flash.settle_legs(&user, nonce, &[first]).expect("a result");
    let mut request = flash.build_cash_out_request(&user, nonce);
    request.args.min_return = odds.payout / 4;
    flash
        .send(request.instruction(), &[&user.key])
        .expect("a request");
    flash.pass_chain_delay(&user, nonce);
    flash
        .execute_cash_out(&user, nonce)
        .expect_refusal(FlashError::SlippageExceeded);
    let until = flash.chain_state(&user, nonce).wait.executable_until;
    flash.pass_to(until + 1);
    request.args.min_return = odds.payout / 4 * 98 / 100;
    request.args.tip_lamports = 7_000;
    flash
        .send(request.instruction(), &[&user.key])
        .expect("a request");
    flash.pass_chain_delay(&user, nonce);
    // All of the open legs, and no other.
    let mut execute = flash.build_execute_cash_out(&user, nonce);
    let third_leg = execute.legs.pop().expect("a leg");
    flash
        .send_with_table(&execute.instruction(), &[])
        .expect_refusal(FlashError::ChainLegAccounts);
    execute.legs.insert(0, third_leg);
    flash
        .send_with_table(&execute.instruction(), &[])
        .expect_refusal(FlashError::WrongAccount);
    let treasury = flash.treasury.pubkey();
    let before = flash.chain().lamports(treasury).expect("lamports");
    flash.execute_cash_out(&user, nonce).expect("an exit");
    let after = flash.chain().lamports(treasury).expect("lamports");
    assert_eq!(after, before + 7_000);
}

#[test]
fn wrong_and_swapped_accounts_are_refused() {
    let (mut flash, user, markets) = start(3);
    let mallory = flash.user(LIQUIDITY);
    let request = flash.build_chain(&user, &on_first(&markets), STAKE);
    let legs = 8;
    // Chain book, event book, feed book and observation of the next leg.
    for (offset, error) in [
        (1, FlashError::WrongAccount),
        (2, FlashError::WrongAccount),
        (3, FlashError::WrongAccount),
        (4, FlashError::WrongObservation),
    ] {
        let mut built = request.instruction();
        built.accounts[legs + offset] = built.accounts[legs + 5 + offset].clone();
        flash
            .send_with_table(&built, &[&user.key])
            .expect_refusal(error);
    }
    let nonce = ready(&mut flash, &user, &on_first(&markets));
    let mut execute = flash.build_execute_chain(&user, nonce);
    execute.legs.swap(0, 1);
    flash
        .send_with_table(&execute.instruction(), &[])
        .expect_refusal(FlashError::WrongAccount);
    execute.legs.swap(0, 1);
    let last = execute.legs.pop().expect("a leg");
    flash
        .send_with_table(&execute.instruction(), &[])
        .expect_refusal(FlashError::ChainLegAccounts);
    execute.legs.push(last);
    for (index, other, error) in [
        (3, mallory.address(), FlashError::WrongAccount),
        (5, mallory.address(), FlashError::WrongRentReceiver),
    ] {
        let mut built = execute.instruction();
        built.accounts[index].pubkey = other;
        flash.send_with_table(&built, &[]).expect_refusal(error);
    }
    flash.execute_chain(&user, nonce).expect("an execution");

    // Nobody else asks for its money, and nobody else gets it.
    let mut cash_out = flash.build_cash_out_request(&user, nonce).instruction();
    cash_out.accounts[0] = AccountMeta::new(mallory.address(), true);
    flash
        .send(cash_out, &[&mallory.key])
        .expect_refusal(FlashError::WrongAccount);
    flash
        .close_chain(&user, nonce)
        .expect_refusal(FlashError::LegsOpen);
    resolve_all(&mut flash, &markets, &[]);
    let mut settle = flash
        .build_settle_legs(&user, nonce, &markets)
        .instruction();
    settle.accounts[3] = settle.accounts[7].clone();
    flash
        .send_with_table(&settle, &[])
        .expect_refusal(FlashError::WrongAccount);
    // The same leg twice counts once.
    let twice = [markets[0], markets[0], markets[1], markets[2]];
    flash.settle_legs(&user, nonce, &twice).expect("results");
    let mut close = flash.chain_of(&user, nonce);
    close.owner_tokens = mallory.tokens;
    let close = client::instructions::flash_bets::CloseChain { chain: close };
    flash
        .send(close.instruction(), &[])
        .expect_refusal(FlashError::WrongTokenAccount);
    flash.close_chain(&user, nonce).expect("a payment");
    close_all(&mut flash, &markets);
}

#[test]
fn leg_on_a_market_of_another_vault_is_refused() {
    let (mut flash, user, markets) = start(2);
    let mut request: RequestChain = flash.build_chain(&user, &on_first(&markets), STAKE);
    request.vault = Pubkey::new_unique();
    flash
        .send_with_table(&request.instruction(), &[&user.key])
        .expect_refusal(anchor_lang::error::ErrorCode::AccountOwnedByWrongProgram);
    let args = RequestChainArgs {
        stake: 2 * LIQUIDITY,
        ..request.args
    };
    let mut request = flash.build_chain(&user, &on_first(&markets), STAKE);
    request.args = args;
    assert!(flash
        .send_with_table(&request.instruction(), &[&user.key])
        .is_err());
}

#[test]
fn markets_and_vault_stay_until_chains_have_ended() {
    let (mut flash, user, markets) = start(2);
    let (nonce, _) = flash.open_chain(&user, &on_first(&markets), STAKE);
    flash
        .close_chain_book(markets[0])
        .expect_refusal(FlashError::MarketNotSettled);
    resolve_all(&mut flash, &markets, &[]);
    for market in &markets {
        flash.release(*market).expect("a release");
        flash
            .close(*market)
            .expect_refusal(FlashError::ChainBookOpen);
        flash
            .close_chain_book(*market)
            .expect_refusal(FlashError::ChainBookInUse);
    }
    flash.close_vault().expect_refusal(FlashError::VaultInUse);
    flash.settle_legs(&user, nonce, &markets).expect("results");
    flash.close_chain(&user, nonce).expect("a payment");
    for market in &markets {
        flash.close_chain_book(*market).expect("a closing");
        flash.close(*market).expect("a closing");
        flash.forget(*market);
    }
}

/// A provider who sees that a chain is about to be paid leaves: its reserve stays behind.
#[test]
fn provider_who_leaves_before_a_chain_is_paid_leaves_its_reserve() {
    let (mut flash, user, provider) = world(|_| {});
    let rest = flash.user(LIQUIDITY);
    flash.deposit(&rest, LIQUIDITY).expect("a deposit");
    let long = FlashMarketTerms {
        depth: 1_000_000_000,
        resolution_seconds: 20_000,
        ..flash.lasting(2, 14_400)
    };
    let markets = flash.legs(2, &long);
    let (nonce, odds) = flash.open_chain(&user, &on_first(&markets), 1_000 * STAKE);
    let shares = flash.balance(provider.lp_tokens);
    flash
        .request_withdraw(&provider, shares)
        .expect("a request");
    let address = addresses::withdrawal(&flash.vault, &provider.address());
    let available_at = flash
        .read::<flash_bets::state::Withdrawal>(address)
        .available_at;
    flash.pass_to(available_at);
    let vault = flash.vault_state();
    flash.withdraw(&provider).expect("a withdrawal");
    let paid = flash.balance(provider.tokens);
    // Half of what is neither in markets nor reserved.
    let half = (vault.cash - odds.payout) / 2;
    assert!(paid.abs_diff(half) <= 2, "{paid} of {half}");
    let vault = flash.vault_state();
    assert!(vault.cash >= vault.chain_reserve);

    resolve_all(&mut flash, &markets, &[]);
    flash.settle_legs(&user, nonce, &markets).expect("results");
    let had = flash.balance(user.tokens);
    flash.close_chain(&user, nonce).expect("a payment");
    assert_eq!(flash.balance(user.tokens), had + odds.payout);
    close_all(&mut flash, &markets);
}

/// The operator opens markets at a hundredth of what will happen for certain, and an accomplice chains through
/// them, in as many rounds as the vault lets it. What they take of the vault is its cap of a day's loss.
#[test]
fn operator_with_an_accomplice_takes_a_days_loss_by_chains() {
    const CAP: u64 = 2_000_000_000;
    let (mut flash, accomplice, _) = world(|options| options.caps.daily_loss = CAP);
    let had = flash.balance(accomplice.tokens);
    let mut rounds = 0;
    loop {
        let mut prior = uniform(2);
        prior[0] = Price::ONE.0 / 10;
        prior[1] = Price::ONE.0 - prior[0];
        let terms = FlashMarketTerms {
            prior,
            depth: 100_000_000,
            ..flash.terms(2)
        };
        let Some(markets) = try_legs(&mut flash, &terms) else {
            break;
        };
        // The greatest stake whose payout the vault still reserves.
        let mut stake = 4_000_000;
        while stake > 200_000 && !chain_opens(&mut flash, &accomplice, &markets, stake) {
            stake /= 2;
        }
        if stake <= 200_000 {
            break;
        }
        let nonce = flash.nonce;
        resolve_all(&mut flash, &markets, &[]);
        flash
            .settle_legs(&accomplice, nonce, &markets)
            .expect("results");
        flash.close_chain(&accomplice, nonce).expect("a payment");
        for market in &markets {
            flash.release(*market).expect("a release");
        }
        rounds += 1;
        assert!(rounds < 60, "they are stopped");
    }
    let taken = flash.balance(accomplice.tokens) - had;
    println!("{taken} of {CAP} in {rounds} rounds");
    assert!(taken <= CAP, "{taken} in {rounds} rounds");
    assert!(
        taken >= CAP / 2,
        "{taken} in {rounds} rounds: else nothing is shown"
    );
}

fn try_legs(flash: &mut FlashWorld, terms: &FlashMarketTerms) -> Option<Vec<Pubkey>> {
    let mut markets = Vec::new();
    for _ in 0..2 {
        let event_book = flash.create_event_book();
        let id = flash.vault_state().next_market_id;
        flash.try_market(event_book, terms.clone()).ok()?;
        let market = addresses::market(&flash.vault, id);
        flash.create_chain_book(market).expect("a chain book");
        markets.push(market);
    }
    let opens_at = flash.market_state(markets[0]).hours.opens_at;
    flash.pass_to(opens_at);
    Some(markets)
}

fn chain_opens(flash: &mut FlashWorld, user: &User, markets: &[Pubkey], stake: u64) -> bool {
    if flash
        .request_chain(user, &on_first(markets), stake)
        .is_err()
    {
        return false;
    }
    let nonce = flash.nonce;
    flash.pass_chain_delay(user, nonce);
    flash.execute_chain(user, nonce).expect("an execution");
    let address = addresses::chain(&flash.vault, &user.address(), nonce);
    flash.find::<Chain>(address).is_some()
}

/// Bets write none of the accounts of chains, and chains no market: nobody waits for the other, but for the
/// vault, which chains write and bets read.
#[test]
fn bets_and_chains_write_none_of_each_others_accounts() {
    let (mut flash, user, markets) = start(2);
    let market = flash.market_state(markets[0]);
    let of_chains = [
        addresses::chain_book(&markets[0]),
        market.event_book,
        addresses::feed_book(&flash.vault, &market.evidence.feed_id),
        flash.vault,
        addresses::vault_tokens(&flash.vault),
    ];
    let bets = [
        flash.build_bet(&user, markets[0], 0, STAKE).instruction(),
        flash
            .build_open_and_bet(&user, markets[0], 0, STAKE)
            .instruction(),
        flash
            .build_cash_out(&user, markets[0], 0, STAKE)
            .instruction(),
        flash.build_execute(&user, markets[0], 1).instruction(),
    ];
    let written = |metas: &[AccountMeta]| -> Vec<Pubkey> {
        let written = metas.iter().filter(|meta| meta.is_writable);
        written.map(|meta| meta.pubkey).collect()
    };
    for bet in bets {
        let written = written(&bet.accounts);
        assert!(of_chains.iter().all(|account| !written.contains(account)));
    }
    let request = flash.build_chain(&user, &on_first(&markets), STAKE);
    let nonce = request.nonce;
    flash
        .send_with_table(&request.instruction(), &[&user.key])
        .expect("a request");
    let chains = [
        request.instruction(),
        flash.build_execute_chain(&user, nonce).instruction(),
        flash
            .build_settle_legs(&user, nonce, &markets)
            .instruction(),
    ];
    for chain in chains {
        let written = written(&chain.accounts);
        for market in &markets {
            assert!(!written.contains(market));
            assert!(!written.contains(&addresses::market_tokens(market)));
        }
    }
}

/// Natively nothing is returned; as bytecode the request says what the execution says at the same prices.
#[test]
fn request_says_what_the_execution_would() {
    let (mut flash, user, markets) = start(2);
    let receipt: Receipt = flash
        .request_chain(&user, &on_first(&markets), STAKE)
        .expect("a request");
    let nonce = flash.nonce;
    flash.pass_chain_delay(&user, nonce);
    flash.execute_chain(&user, nonce).expect("an execution");
    let odds = flash.odds(&user, nonce);
    assert_eq!(odds.payout, flash.chain_state(&user, nonce).payout);
    if flash.chain().kind() == ProgramKind::Sbf {
        let requested =
            receipt.events_of::<flash_bets::instructions::ChainRequested>(&flash_bets::ID);
        assert_eq!(requested[0].odds, odds);
    }
}

/// Whoever has a chain that is due may wait for news before it is executed, at prices that do not show them
/// yet: what that is worth is in the odds that are locked, for as long as it can be executed and no longer.
#[test]
fn chain_that_waits_is_an_option_for_ten_seconds() {
    let (mut flash, user, _) = world(|_| {});
    let terms = |flash: &FlashWorld, percent: u64| FlashMarketTerms {
        prior: vec![
            Price::ONE.0 / 100 * percent,
            Price::ONE.0 - Price::ONE.0 / 100 * percent,
        ],
        depth: 1_000_000_000,
        ..flash.lasting(2, 300)
    };
    // At .3, which news make .9, and four at .9.
    let mut markets = Vec::new();
    for percent in [30, 90, 90, 90, 90] {
        let terms = terms(&flash, percent);
        markets.extend(flash.legs(1, &terms));
    }
    let nonce = ready(&mut flash, &user, &on_first(&markets));
    let until = flash.chain_state(&user, nonce).wait.executable_until;
    flash.pass_to(until);
    let executed = flash.execute_chain(&user, nonce);
    executed.expect("an execution at the prices before the news");
    let paid = flash.chain_state(&user, nonce).payout;
    // Whoever knows that the first wins at nine in ten: all five at .9.
    let worth = paid * 59_049 / 100_000;
    assert!(
        (2_800_000..2_900_000).contains(&worth),
        "{worth} of {STAKE}"
    );
    assert!(flash.vault_state().chain_reserve >= paid);

    let nonce = ready(&mut flash, &user, &on_first(&markets[..2]));
    let until = flash.chain_state(&user, nonce).wait.executable_until;
    flash.pass_to(until + 1);
    let had = flash.balance(user.tokens);
    flash.execute_chain(&user, nonce).expect("an execution");
    assert_eq!(flash.balance(user.tokens), had + STAKE, "too late");
}
