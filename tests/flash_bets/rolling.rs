//! Rolling chains, end to end.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        CreateEventBook, FlashMarketTerms, OpenRolling, Resolve, StepKind, DEFAULT_MAX_ABOVE_SLOW,
    },
    quotes,
};
use flash_bets::{
    error::FlashError,
    state::{RollingHolding, Ticket, ROLLING_STEP_SECONDS},
};
use math::{Money, Price};
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{ExpectError, FlashOptions, FlashWorld, Mint, User};

use crate::support::{refuse_swaps, with_account};

const LIQUIDITY: u64 = 100_000_000_000;
const STAKE: u64 = 1_000_000;
const TIP: u64 = 5_000;

/// Percent of one, Q1.63.
const fn percent(percent: u64) -> u64 {
    Price::ONE.0 / 100 * percent
}

/// A world with liquidity, a bettor, and markets of two outcomes that open together and last so many seconds.
fn start(seconds: &[u32]) -> (FlashWorld, User, Vec<Pubkey>) {
    start_with(seconds, |_, _| {})
}

/// The same with other terms, by the index of the market.
fn start_with(
    seconds: &[u32],
    change: impl Fn(usize, &mut FlashMarketTerms),
) -> (FlashWorld, User, Vec<Pubkey>) {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let user = flash.user(LIQUIDITY);
    let markets: Vec<_> = seconds
        .iter()
        .enumerate()
        .map(|(index, seconds)| {
            let mut terms = flash.lasting(2, *seconds);
            change(index, &mut terms);
            announce(&mut flash, terms)
        })
        .collect();
    let opens_at = flash.market_state(markets[0]).hours.opens_at;
    flash.pass_to(opens_at);
    (flash, user, markets)
}

fn announce(flash: &mut FlashWorld, terms: FlashMarketTerms) -> Pubkey {
    let event_book = flash.create_event_book();
    flash.announce_on(event_book, terms)
}

/// Two seconds of bet delay, four to execute.
fn delayed(terms: &mut FlashMarketTerms) {
    (terms.delay_ms, terms.execution_seconds) = (2_000, 4);
}

fn on_first(markets: &[Pubkey]) -> Vec<(Pubkey, u8)> {
    markets.iter().map(|market| (*market, 0)).collect()
}

/// A chain on the first outcomes, with tips; gives its nonce.
#[track_caller]
fn open(flash: &mut FlashWorld, user: &User, markets: &[Pubkey]) -> u64 {
    open_within(flash, user, markets, Price::ONE.0)
}

/// The same with a bound on the price of every leg.
#[track_caller]
fn open_within(flash: &mut FlashWorld, user: &User, markets: &[Pubkey], max_price: u64) -> u64 {
    let mut open = flash.build_rolling(user, &on_first(markets), STAKE);
    open.args.tip_lamports = TIP;
    for step in &mut open.args.steps {
        step.max_price = max_price;
    }
    let sent = flash.send_with_table(&open.instruction(), &[&user.key]);
    sent.expect("a chain");
    open.nonce
}

#[track_caller]
fn shares(flash: &FlashWorld, user: &User, nonce: u64) -> u64 {
    match flash.rolling_state(user, nonce).holding {
        RollingHolding::Shares { amount } => amount,
        waiting @ RollingHolding::Stake { .. } => panic!("{waiting:?}"),
    }
}

/// Shares of the first outcome that a stake buys now.
#[track_caller]
fn quoted(flash: &FlashWorld, market: Pubkey, stake: u64) -> u64 {
    let state = flash.market_state(market);
    let quote = quotes::buy(&state, flash.chain().clock(), 0, Money(stake));
    quote.expect("a quote").trade.shares.0
}

fn lamports(flash: &FlashWorld, address: Pubkey) -> u64 {
    flash.chain().lamports(address).expect("lamports")
}

/// The chain ends with the next step: its owner gets `paid`, the executor the tip and the owner, who paid them,
/// rent and all other tips.
#[track_caller]
fn expect_end(flash: &mut FlashWorld, user: &User, nonce: u64, paid: u64) {
    let address = addresses::rolling_chain(&user.address(), nonce);
    let (had, held) = (flash.balance(user.tokens), lamports(flash, address));
    let treasury = flash.treasury.pubkey();
    let before = [treasury, user.address()].map(|who| lamports(flash, who));
    let is_waiting = matches!(
        flash.rolling_state(user, nonce).holding,
        RollingHolding::Stake { .. }
    );
    let sent = if is_waiting {
        flash.execute_rolling(user, nonce)
    } else {
        flash.advance(user, nonce)
    };
    sent.expect("an end");
    assert!(
        flash.find_rolling(user, nonce).is_none(),
        "the chain is closed"
    );
    assert_eq!(flash.balance(user.tokens), had + paid, "what the owner got");
    let after = [treasury, user.address()].map(|who| lamports(flash, who));
    assert_eq!(after, [before[0] + TIP, before[1] + held - TIP]);
}

/// Nothing is left of settled markets.
#[track_caller]
fn close_all(flash: &mut FlashWorld, markets: &[Pubkey]) {
    for market in markets {
        flash.release(*market).expect("a release");
        flash.close(*market).expect("an end");
        flash.forget(*market);
    }
    assert_eq!(flash.vault_state().allocated, 0);
}

#[test]
fn each_leg_is_bought_for_what_the_one_before_paid() {
    let (mut flash, user, markets) = start(&[60, 120, 180]);
    let had = flash.balance(user.tokens);
    let first = quoted(&flash, markets[0], STAKE);
    let nonce = open(&mut flash, &user, &markets);
    assert_eq!(flash.balance(user.tokens), had - STAKE);
    assert_eq!(shares(&flash, &user, nonce), first);
    flash
        .advance(&user, nonce)
        .expect_refusal(FlashError::MarketNotSettled);

    flash.resolve(markets[0], 0).expect("a result");
    let second = quoted(&flash, markets[1], first);
    let treasury = flash.treasury.pubkey();
    let before = lamports(&flash, treasury);
    flash.advance(&user, nonce).expect("the second leg");
    assert_eq!(lamports(&flash, treasury), before + TIP);
    assert_eq!(shares(&flash, &user, nonce), second);
    assert_eq!(flash.balance(user.tokens), had - STAKE, "nothing is paid");

    flash.resolve(markets[1], 0).expect("a result");
    let third = quoted(&flash, markets[2], second);
    flash.advance(&user, nonce).expect("the third leg");
    assert_eq!(shares(&flash, &user, nonce), third);
    flash.resolve(markets[2], 0).expect("a result");
    flash
        .close(markets[2])
        .expect_refusal(FlashError::TicketsOpen);
    expect_end(&mut flash, &user, nonce, third);
    assert!(third > 7 * STAKE && third < 8 * STAKE, "{third}");
    close_all(&mut flash, &markets);
}

#[test]
fn lost_leg_ends_the_chain_and_frees_its_market() {
    let (mut flash, user, markets) = start(&[60, 120]);
    let nonce = open(&mut flash, &user, &markets);
    flash.resolve(markets[0], 1).expect("a result");
    expect_end(&mut flash, &user, nonce, 0);
    flash.resolve(markets[1], 0).expect("a result");
    close_all(&mut flash, &markets);
}

#[test]
fn void_leg_pays_its_slow_price_and_that_rolls_on() {
    let (mut flash, user, markets) = start(&[60, 7_200]);
    let nonce = open(&mut flash, &user, &markets);
    let held = shares(&flash, &user, nonce);
    let void_from = flash.market_state(markets[0]).void_from;
    flash.pass_to(void_from);
    flash.void(markets[0]).expect("a void");
    let market = flash.market_state(markets[0]);
    let paid = market.settlement.payout_of(&[held, 0]).expect("a payout");
    assert!(paid > 9 * STAKE / 10 && paid < STAKE, "{paid}");
    let next = quoted(&flash, markets[1], paid);
    flash.advance(&user, nonce).expect("the second leg");
    assert_eq!(shares(&flash, &user, nonce), next);
    flash.resolve(markets[1], 0).expect("a result");
    expect_end(&mut flash, &user, nonce, next);
    close_all(&mut flash, &markets);
}

#[test]
fn leg_with_a_bet_delay_is_bought_after_it_at_the_price_of_then() {
    let (mut flash, user, markets) = start_with(&[60, 120], |_, terms| delayed(terms));
    let nonce = open(&mut flash, &user, &markets);
    let waits = |flash: &FlashWorld, amount| {
        let RollingHolding::Stake {
            amount: waiting, ..
        } = flash.rolling_state(&user, nonce).holding
        else {
            panic!("the stake does not wait");
        };
        assert_eq!(waiting, amount);
    };
    waits(&flash, STAKE);
    assert_eq!(flash.market_state(markets[0]).escrow, STAKE);
    flash
        .execute_rolling(&user, nonce)
        .expect_refusal(FlashError::DelayNotPassed);
    flash
        .advance(&user, nonce)
        .expect_refusal(FlashError::RollingWaiting);
    flash.pass_rolling_delay(&user, nonce);
    let first = quoted(&flash, markets[0], STAKE);
    flash.execute_rolling(&user, nonce).expect("the first leg");
    assert_eq!(shares(&flash, &user, nonce), first);
    flash
        .execute_rolling(&user, nonce)
        .expect_refusal(FlashError::RollingNotWaiting);

    flash.resolve(markets[0], 0).expect("a result");
    flash.advance(&user, nonce).expect("the second leg waits");
    waits(&flash, first);
    flash.pass_rolling_delay(&user, nonce);
    let second = quoted(&flash, markets[1], first);
    flash.execute_rolling(&user, nonce).expect("the second leg");
    flash.resolve(markets[1], 0).expect("a result");
    // Four steps and no more were paid for, of which this is the last.
    let address = addresses::rolling_chain(&user.address(), nonce);
    let space = flash
        .chain()
        .find_account(address)
        .expect("the chain")
        .expect("an account")
        .data
        .len();
    assert_eq!(
        lamports(&flash, address),
        flash.chain().rent(space) + TIP,
        "one tip is left"
    );
    expect_end(&mut flash, &user, nonce, second);
    close_all(&mut flash, &markets);
}

/// What an order that waits is given back for ends the chain, and the stake goes to the owner.
#[test]
fn stake_that_waits_goes_back_as_that_of_any_order() {
    type Spoil = fn(&mut FlashWorld, Pubkey);
    let spoils: [Spoil; 5] = [
        |flash, market| {
            flash.suspend(market, 6).expect("a suspension");
            flash.resume(market).expect("a resumption");
        },
        |flash, _| {
            flash.pause().expect("a pause");
        },
        |flash, market| {
            flash.observe(market, 0);
        },
        |flash, market| {
            let buyer = flash.user(LIQUIDITY);
            flash.open_ticket(&buyer, market).expect("a ticket");
            flash
                .place(&buyer, market, 0, LIQUIDITY / 50)
                .expect("a bet");
            let nonce = flash.nonce;
            flash.go_to(flash.chain().slot() + 5);
            flash.execute(&buyer, market, nonce).expect("a bet");
        },
        |flash, market| {
            let over = flash.market_state(market).hours.trading_until;
            flash.pass_to(over);
        },
    ];
    for (index, spoil) in spoils.iter().enumerate() {
        println!("case {index}");
        let (mut flash, user, _) = start(&[60]);
        let markets: Vec<_> = (0..2)
            .map(|_| {
                let question = flash.question(2);
                announce(&mut flash, question)
            })
            .collect();
        let opens_at = flash.market_state(markets[1]).hours.opens_at;
        flash.pass_to(opens_at);
        let nonce = open_within(&mut flash, &user, &markets, percent(55));
        spoil(&mut flash, markets[0]);
        if index != 4 {
            let RollingHolding::Stake { wait, .. } = flash.rolling_state(&user, nonce).holding
            else {
                panic!("the stake does not wait");
            };
            flash.pass_to(wait.executable_at);
            flash.go_to(wait.executable_slot.max(flash.chain().slot()));
        }
        expect_end(&mut flash, &user, nonce, STAKE);
        assert_eq!(flash.market_state(markets[0]).escrow, 0);
        assert_eq!(flash.market_state(markets[0]).pending_orders, 0);
    }
}

/// The chain stops where its next leg cannot be taken, and pays its owner all that the leg before paid.
#[test]
fn leg_that_cannot_be_taken_stops_the_chain() {
    type Spoil = fn(&mut FlashWorld, Pubkey);
    let spoils: [(&str, Spoil); 5] = [
        ("paused", |flash, _| {
            flash.pause().expect("a pause");
        }),
        ("above the bound", |flash, market| {
            let buyer = flash.user(LIQUIDITY);
            flash
                .open_and_place(&buyer, market, 0, LIQUIDITY / 50)
                .expect("a bet");
        }),
        ("over", |flash, market| {
            let over = flash.market_state(market).hours.trading_until;
            flash.pass_to(over);
        }),
        ("settled", |flash, market| {
            flash.resolve(market, 0).expect("a result");
        }),
        ("gone", |flash, market| {
            flash.resolve(market, 0).expect("a result");
            flash.release(market).expect("a release");
            flash.close(market).expect("an end");
            flash.forget(market);
        }),
    ];
    for (name, spoil) in spoils {
        println!("{name}");
        let (mut flash, user, markets) = start(&[60, 120]);
        let nonce = open_within(&mut flash, &user, &markets, percent(55));
        let held = shares(&flash, &user, nonce);
        flash.resolve(markets[0], 0).expect("a result");
        spoil(&mut flash, markets[1]);
        expect_end(&mut flash, &user, nonce, held);
        flash.release(markets[0]).expect("a release");
        flash.close(markets[0]).expect("an end");
    }
}

#[test]
fn leg_whose_result_is_known_stops_the_chain() {
    let (mut flash, user, _) = start(&[60]);
    let terms = flash.lasting(2, 60);
    let first = announce(&mut flash, terms);
    let terms = FlashMarketTerms {
        observe_at_ms: flash.question(2).observe_at_ms,
        ..flash.lasting(2, 180)
    };
    let second = announce(
        &mut flash,
        FlashMarketTerms {
            delay_ms: 2_000,
            execution_seconds: 4,
            ..terms
        },
    );
    let opens_at = flash.market_state(second).hours.opens_at;
    flash.pass_to(opens_at);
    let nonce = open(&mut flash, &user, &[first, second]);
    let held = shares(&flash, &user, nonce);
    flash.resolve(first, 0).expect("a result");
    flash.observe(second, 1);
    expect_end(&mut flash, &user, nonce, held);
}

#[test]
fn leg_that_does_not_trade_yet_is_waited_for() {
    let (mut flash, user, markets) = start(&[60, 600]);
    let terms = FlashMarketTerms {
        opens_in_seconds: 100,
        observe_at_ms: flash.lasting(2, 60).observe_at_ms + 95_000,
        ..flash.terms(2)
    };
    let later = announce(&mut flash, terms);
    let nonce = open(&mut flash, &user, &[markets[0], later]);
    flash.resolve(markets[0], 0).expect("a result");
    flash
        .advance(&user, nonce)
        .expect_refusal(FlashError::TradingNotStarted);
    // Nor does a pause of the vault end it before.
    flash.pause().expect("a pause");
    flash
        .advance(&user, nonce)
        .expect_refusal(FlashError::TradingNotStarted);
    flash.stop_rolling(&user, nonce).expect("a payment");
}

#[test]
fn leg_that_opens_later_is_bought_then() {
    let (mut flash, user, markets) = start(&[60, 600]);
    let terms = FlashMarketTerms {
        opens_in_seconds: 100,
        observe_at_ms: flash.lasting(2, 60).observe_at_ms + 95_000,
        ..flash.terms(2)
    };
    let later = announce(&mut flash, terms);
    let nonce = open(&mut flash, &user, &[markets[0], later]);
    let held = shares(&flash, &user, nonce);
    flash.resolve(markets[0], 0).expect("a result");
    let opens_at = flash.market_state(later).hours.opens_at;
    flash.pass_to(opens_at);
    let next = quoted(&flash, later, held);
    flash.advance(&user, nonce).expect("the second leg");
    assert_eq!(shares(&flash, &user, nonce), next);
}

#[test]
fn what_no_chain_is_opened_on_is_refused() {
    let (mut flash, user, markets) = start(&[60, 120]);
    let legs = on_first(&markets);
    let refused = |flash: &mut FlashWorld, open: OpenRolling, error: FlashError| {
        flash
            .send_with_table(&open.instruction(), &[&user.key])
            .expect_refusal(error);
    };
    let mut open = flash.build_rolling(&user, &legs, STAKE);
    open.args.steps[1].kind = StepKind::Borrow;
    refused(&mut flash, open, FlashError::BorrowNotOffered);
    for max_price in [0, Price::ONE.0 + 1] {
        let mut open = flash.build_rolling(&user, &legs, STAKE);
        open.args.steps[1].max_price = max_price;
        refused(&mut flash, open, FlashError::RollingPriceOutOfRange);
    }
    let mut open = flash.build_rolling(&user, &legs, STAKE);
    open.args.steps[0].outcome = 2;
    refused(&mut flash, open, FlashError::OutcomeOutOfRange);
    let open = flash.build_rolling(&user, &legs, 0);
    refused(&mut flash, open, FlashError::ZeroAmount);
    let open = flash.build_rolling(&user, &[legs[0], legs[0]], STAKE);
    refused(&mut flash, open, FlashError::LegsShareMarket);
    for legs in [&legs[..1], &[legs[0]; 10]] {
        let open = flash.build_rolling(&user, legs, STAKE);
        refused(&mut flash, open, FlashError::ChainLegCount);
    }
    let mut open = flash.build_rolling(&user, &legs, STAKE);
    open.args.steps.pop();
    refused(&mut flash, open, FlashError::ChainLegCount);
    let mut open = flash.build_rolling(&user, &legs, STAKE);
    open.args.steps[0].max_price = percent(50);
    refused(&mut flash, open, FlashError::SlippageExceeded);
    let mut open = flash.build_rolling(&user, &legs, STAKE).instruction();
    open.accounts.pop();
    flash
        .send(open, &[&user.key])
        .expect_refusal(FlashError::RollingLegAccounts);
    flash.resolve(markets[0], 0).expect("a result");
    let open = flash.build_rolling(&user, &[legs[1], legs[0]], STAKE);
    refused(&mut flash, open, FlashError::MarketNotOpen);
}

#[test]
fn swapped_accounts_are_refused() {
    let (mut flash, user, markets) = start(&[60, 120, 180]);
    let mallory = flash.user(LIQUIDITY);
    let tokens = |market: &Pubkey| addresses::market_tokens(market);
    let open_now = flash.build_rolling(&user, &on_first(&markets[..2]), STAKE);
    let observation = flash.market_state(markets[0]).evidence.observation;
    let other = flash.market_state(markets[2]).evidence.observation;
    refuse_swaps(
        &mut flash,
        &open_now.instruction(),
        &[&user.key],
        &[
            (
                tokens(&markets[0]),
                tokens(&markets[2]),
                &FlashError::WrongAccount,
            ),
            (
                tokens(&markets[1]),
                tokens(&markets[2]),
                &FlashError::WrongAccount,
            ),
            (observation, other, &FlashError::WrongObservation),
            (
                markets[1],
                mallory.tokens,
                &ErrorCode::AccountOwnedByWrongProgram,
            ),
        ],
    );
    let nonce = open(&mut flash, &user, &markets[..2]);
    let theirs = open(&mut flash, &mallory, &markets[1..]);
    let (mine, other_chain) = (
        addresses::rolling_chain(&user.address(), nonce),
        addresses::rolling_chain(&mallory.address(), theirs),
    );
    flash.resolve(markets[0], 0).expect("a result");
    let advance = flash.build_advance(&user, nonce).instruction();
    let next = flash.market_state(markets[1]).evidence.observation;
    refuse_swaps(
        &mut flash,
        &advance,
        &[],
        &[
            (mine, other_chain, &FlashError::WrongAccount),
            (markets[0], markets[2], &FlashError::WrongAccount),
            (
                tokens(&markets[0]),
                tokens(&markets[2]),
                &FlashError::WrongAccount,
            ),
            (markets[1], markets[2], &FlashError::WrongAccount),
            (markets[1], mallory.tokens, &FlashError::WrongAccount),
            (
                tokens(&markets[1]),
                tokens(&markets[2]),
                &FlashError::WrongAccount,
            ),
            (next, other, &FlashError::WrongObservation),
        ],
    );
    let vault = flash.vault;
    let swapped = with_account(advance.clone(), vault, mallory.address());
    flash
        .send(swapped, &[])
        .expect_refusal(FlashError::WrongAccount);
    // Without the right accounts of the next leg nobody stops the chain, nor by having them read only.
    let mut cut = advance.clone();
    cut.accounts.pop();
    flash
        .send(cut, &[])
        .expect_refusal(FlashError::NextLegAccounts);
    let mut read_only = advance.clone();
    for account in &mut read_only.accounts {
        account.is_writable &= account.pubkey != markets[1];
    }
    flash
        .send(read_only, &[])
        .expect_refusal(ErrorCode::AccountNotMutable);
    flash.send(advance, &[]).expect("the second leg");
    flash.resolve(markets[1], 0).expect("a result");
    let end = flash.build_advance(&user, nonce).instruction();
    for (own, other, error) in [
        (user.tokens, mallory.tokens, FlashError::WrongTokenAccount),
        (user.address(), mallory.address(), FlashError::WrongAccount),
    ] {
        let swapped = with_account(end.clone(), own, other);
        flash.send(swapped, &[]).expect_refusal(error);
    }
    flash.send(end, &[]).expect("a payment");
}

#[test]
fn owner_takes_the_shares_or_what_they_are_paid() {
    let (mut flash, user, markets) = start(&[60, 120]);
    let mallory = flash.user(STAKE);
    let nonce = open(&mut flash, &user, &markets);
    let held = shares(&flash, &user, nonce);
    flash
        .stop_rolling(&user, nonce)
        .expect_refusal(ErrorCode::ConstraintAccountIsNone);
    flash.open_ticket(&user, markets[0]).expect("a ticket");
    flash.open_ticket(&mallory, markets[0]).expect("a ticket");
    let stop = flash.build_stop(&user, nonce).instruction();
    let theirs = addresses::ticket(&markets[0], &mallory.address());
    let own = addresses::ticket(&markets[0], &user.address());
    let stolen = with_account(stop.clone(), own, theirs);
    flash
        .send(stolen, &[&user.key])
        .expect_refusal(FlashError::WrongAccount);
    let forged = with_account(stop, user.address(), mallory.address());
    flash
        .send(forged, &[&mallory.key])
        .expect_refusal(FlashError::WrongAccount);
    flash.pause().expect("a pause");
    flash.stop_rolling(&user, nonce).expect("the shares");
    assert!(flash.find_rolling(&user, nonce).is_none());
    assert_eq!(flash.ticket(markets[0], &user).holdings.shares, [held, 0]);

    flash.unpause().expect("a proposal");
    flash.world.pass_timelock();
}

#[test]
fn owner_stops_a_chain_between_its_legs() {
    let (mut flash, user, markets) = start_with(&[60, 120], |index, terms| {
        if index == 1 {
            delayed(terms);
        }
    });
    let nonce = open(&mut flash, &user, &markets);
    let other = open(&mut flash, &user, &markets);
    let held = shares(&flash, &user, nonce);
    flash.resolve(markets[0], 0).expect("a result");
    let had = flash.balance(user.tokens);
    flash.stop_rolling(&user, nonce).expect("a payment");
    assert_eq!(flash.balance(user.tokens), had + held);

    // Not while its stake waits, which would be a free look at the price.
    flash.advance(&user, other).expect("the second leg waits");
    flash.open_ticket(&user, markets[1]).expect("a ticket");
    flash
        .stop_rolling(&user, other)
        .expect_refusal(FlashError::RollingWaiting);
    flash.pass_rolling_delay(&user, other);
    flash.execute_rolling(&user, other).expect("the second leg");
    let held = shares(&flash, &user, other);
    flash.stop_rolling(&user, other).expect("the shares");
    assert_eq!(flash.ticket(markets[1], &user).holdings.shares, [held, 0]);
}

#[test]
fn nobody_settles_the_shares_of_a_chain_as_a_ticket() {
    let (mut flash, user, markets) = start(&[60, 120]);
    let nonce = open(&mut flash, &user, &markets);
    let chain = addresses::rolling_chain(&user.address(), nonce);
    // A ticket of the chain's address holds nothing of the chain's.
    let other = flash.user(STAKE);
    let tokens = flash.admit(chain, markets[0], 0);
    let mut gift = flash.build_open_and_bet(&other, markets[0], 0, STAKE);
    gift.buyer.owner = chain;
    flash
        .send(gift.instruction(), &[&other.key])
        .expect("a ticket");
    let ticket: Ticket = flash.read(addresses::ticket(&markets[0], &chain));
    flash.resolve(markets[0], 0).expect("a result");
    let mut settle = flash.build_settle(markets[0], &[&other]);
    (settle.tickets[0].owner, settle.tickets[0].owner_tokens) = (chain, tokens);
    flash.send(settle.instruction(), &[]).expect("a payment");
    assert_eq!(flash.balance(tokens), ticket.holdings.shares[0]);
    let held = shares(&flash, &user, nonce);
    flash.advance(&user, nonce).expect("the second leg");
    assert!(shares(&flash, &user, nonce) > held);
}

/// A keeper who pushes the next leg's price as far as the chain still takes it, moves the chain on and sells
/// again, all before anybody else acts. His gain, of what rolled on, at the best of some pushes; the prices are
/// percents.
fn best_sandwich(price: u64, bound: u64, max_above_slow: u16) -> (i64, u64) {
    let mut best = (i64::MIN, 0);
    for push in [102, 104, 106, 108, 110, 115] {
        let (mut flash, user, markets) = start_with(&[60, 120], |index, terms| {
            if index == 1 {
                terms.prior = vec![percent(price), Price::ONE.0 - percent(price)];
            }
        });
        let keeper = flash.user(LIQUIDITY);
        let mut open = flash.build_rolling(&user, &on_first(&markets), price * STAKE / 2);
        open.args.steps[1].max_price = percent(bound);
        open.args.max_above_slow = max_above_slow;
        let nonce = open.nonce;
        flash
            .send_with_table(&open.instruction(), &[&user.key])
            .expect("a chain");
        flash.resolve(markets[0], 0).expect("a result");
        let proceeds = shares(&flash, &user, nonce);
        flash.open_ticket(&keeper, markets[1]).expect("a ticket");
        let had = flash.balance(keeper.tokens);
        let state = flash.market_state(markets[1]);
        let clock = flash.chain().clock().clone();
        let target = Price(percent(price) / 100 * push);
        let bought = quotes::amount_until(&state, &clock, 0, target);
        let (_, quote) = bought.expect("a quote").expect("a purchase");
        let pushed = quote.trade.shares.0;
        flash
            .buy_shares(&keeper, markets[1], 0, [pushed, LIQUIDITY])
            .expect("a push");
        flash.advance(&user, nonce).expect("a step");
        let is_bought = flash.find_rolling(&user, nonce).is_some();
        flash
            .cash_out(&keeper, markets[1], 0, pushed)
            .expect("a sale");
        let has = flash.balance(keeper.tokens);
        let gain = i64::try_from(has).unwrap() - i64::try_from(had).unwrap();
        println!("{price} to {push} %: bought {is_bought}, of {proceeds} gained {gain}");
        assert!(
            is_bought || gain < 0,
            "a chain that stops leaves him with the fees of his push"
        );
        best = best.max((gain, proceeds));
    }
    best
}

#[test]
fn keeper_around_a_purchase_gets_no_more_than_the_bounds_leave() {
    for price in [50, 30, 5] {
        let (gain, proceeds) = best_sandwich(price, 60, DEFAULT_MAX_ABOVE_SLOW);
        // Of shares that cost at most eleven tenths of their slow price.
        let left = i64::try_from(proceeds / 11).unwrap();
        println!("at {price}: {gain} of {proceeds}, the bound leaves {left}");
        assert!(gain < left, "{gain} of {left}");
    }
    // What he could take by the fixed bound alone is as much as the owner lets him.
    let (gain, proceeds) = best_sandwich(30, 60, 10_000);
    assert!(gain < i64::try_from(proceeds / 2).unwrap());
}

#[test]
fn leg_above_its_slow_price_stops_the_chain_within_the_fixed_bound() {
    let (mut flash, user, markets) = start_with(&[60, 120], |index, terms| {
        if index == 1 {
            terms.prior = vec![percent(30), Price::ONE.0 - percent(30)];
        }
    });
    let nonce = open_within(&mut flash, &user, &markets, percent(60));
    let held = shares(&flash, &user, nonce);
    let buyer = flash.user(LIQUIDITY);
    flash.resolve(markets[0], 0).expect("a result");
    flash
        .open_and_place(&buyer, markets[1], 0, LIQUIDITY / 1_000)
        .expect("a push");
    expect_end(&mut flash, &user, nonce, held);

    let mut open = flash.build_rolling(&user, &on_first(&markets[1..]), STAKE);
    open.args.max_above_slow = 10_001;
    flash
        .send(open.instruction(), &[&user.key])
        .expect_refusal(FlashError::AboveSlowOutOfRange);
}

#[test]
fn delayed_leg_is_bound_by_the_slow_price_of_its_execution() {
    let (mut flash, user, markets) = start_with(&[60, 120], |_, terms| delayed(terms));
    let nonce = open_within(&mut flash, &user, &markets, percent(90));
    let buyer = flash.user(LIQUIDITY);
    flash.open_ticket(&buyer, markets[0]).expect("a ticket");
    flash
        .place(&buyer, markets[0], 0, LIQUIDITY / 200)
        .expect("an order");
    let order = flash.nonce;
    flash.pass_rolling_delay(&user, nonce);
    flash.execute(&buyer, markets[0], order).expect("a push");
    expect_end(&mut flash, &user, nonce, STAKE);
}

#[test]
fn step_that_is_late_stops_the_chain() {
    let (mut flash, user, markets) = start(&[60, 1_200]);
    let nonce = open(&mut flash, &user, &markets);
    let late = open(&mut flash, &user, &markets);
    flash.resolve(markets[0], 0).expect("a result");
    let until = flash.market_state(markets[0]).settled_at + ROLLING_STEP_SECONDS;
    flash.go_to_second(until);
    flash.advance(&user, nonce).expect("the second leg");
    let held = shares(&flash, &user, late);
    flash.go_to_second(until + 1);
    expect_end(&mut flash, &user, late, held);
}

/// A suspension stops no chain: its operator would choose which. It is waited for as long as a step may take.
#[test]
fn suspended_leg_is_waited_for() {
    let (mut flash, user, markets) = start(&[60, 1_200]);
    let nonce = open(&mut flash, &user, &markets);
    flash.resolve(markets[0], 0).expect("a result");
    flash.suspend(markets[1], 5).expect("a suspension");
    flash
        .advance(&user, nonce)
        .expect_refusal(FlashError::MarketSuspended);
    flash.resume(markets[1]).expect("a resumption");
    flash.advance(&user, nonce).expect("the second leg");
    shares(&flash, &user, nonce);
}

/// Sends what changes another vault than the world's, whose books are not looked at here.
#[track_caller]
fn send(flash: &mut FlashWorld, instruction: Instruction, signers: &[&Keypair]) {
    let sent = flash.world.chain.send(&[instruction], signers);
    sent.expect("an instruction");
}

/// A market of the vault that the world has now.
fn market_of_vault(flash: &mut FlashWorld, seconds: u32) -> Pubkey {
    let operator = flash.operator.insecure_clone();
    let book = CreateEventBook {
        operator: operator.pubkey(),
        vault: flash.vault,
        id: 1,
        correlation_group: 0,
        verse: None,
    };
    send(flash, book.instruction(), &[&operator]);
    let terms = flash.lasting(2, seconds);
    let create = flash.build_market(addresses::event_book(&flash.vault, 1), terms);
    send(flash, create.instruction(), &[&operator]);
    addresses::market(&flash.vault, create.id)
}

/// A market of another vault of this mint, and then one of the world's own; and somebody with money of that.
fn markets_of_two_vaults(flash: &mut FlashWorld, mint: Mint) -> ([Pubkey; 2], User) {
    let (own, own_mint) = (flash.vault, flash.mint);
    let admin = flash.world.admin.insecure_clone();
    let options = FlashOptions {
        vault_id: 2,
        ..FlashOptions::default()
    };
    let create = flash.build_vault(mint, &options).instruction();
    send(flash, create, &[&admin]);
    (flash.vault, flash.mint) = (addresses::vault(&mint.address, 2), mint);
    let provider = flash.user(LIQUIDITY);
    let deposit = flash.build_deposit(&provider, LIQUIDITY).instruction();
    send(flash, deposit, &[&provider.key]);
    flash.pass_to(flash.deposit_state(&provider).available_at);
    let deposit = flash.build_execute_deposit(&provider).instruction();
    send(flash, deposit, &[]);
    let second = market_of_vault(flash, 120);
    (flash.vault, flash.mint) = (own, own_mint);
    let user = flash.user(LIQUIDITY);
    let first = market_of_vault(flash, 60);
    flash.pass_to(flash.market_state(first).hours.opens_at);
    ([first, second], user)
}

#[test]
fn chain_rolls_from_a_market_of_one_vault_into_one_of_another() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mint = flash.mint;
    let ([first, second], user) = markets_of_two_vaults(&mut flash, mint);
    let other = addresses::vault(&mint.address, 2);
    let open = flash.build_rolling(&user, &on_first(&[first, second]), STAKE);
    let nonce = open.nonce;
    let mut wrong = open.clone();
    wrong.first.vault = other;
    let refused = flash.world.chain.send(&[wrong.instruction()], &[&user.key]);
    refused.expect_refusal(FlashError::WrongAccount);
    send(&mut flash, open.instruction(), &[&user.key]);
    let held = shares(&flash, &user, nonce);
    let settle = |flash: &mut FlashWorld, market| {
        let resolve = Resolve {
            market,
            observation: flash.observe(market, 0),
            strike_observation: None,
        };
        send(flash, resolve.instruction(), &[]);
    };
    settle(&mut flash, first);
    let next = quoted(&flash, second, held);
    let advance = flash.build_advance(&user, nonce).instruction();
    send(&mut flash, advance, &[]);
    assert_eq!(shares(&flash, &user, nonce), next);
    settle(&mut flash, second);
    let had = flash.balance(user.tokens);
    let advance = flash.build_advance(&user, nonce).instruction();
    send(&mut flash, advance, &[]);
    assert_eq!(flash.balance(user.tokens), had + next);
    for market in [first, second] {
        let state = flash.market_state(market);
        assert_eq!(state.open_tickets, 0);
        let tokens = flash.balance(state.token_account);
        assert_eq!(tokens, state.pool.cash + state.pool.fees);
    }
}

#[test]
fn leg_of_another_mint_is_refused() {
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let mint = flash.new_mint();
    let (markets, user) = markets_of_two_vaults(&mut flash, mint);
    let open = flash.build_rolling(&user, &on_first(&markets), STAKE);
    let sent = flash.world.chain.send(&[open.instruction()], &[&user.key]);
    sent.expect_refusal(FlashError::LegsOfOtherMint);
}
