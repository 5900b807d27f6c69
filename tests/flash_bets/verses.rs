//! Verses: what the vault has at risk on every level of a tree over events.

use std::collections::BTreeSet;

use anchor_lang::{
    error::ErrorCode,
    prelude::{AccountMeta, Pubkey},
};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{with_verses, ChainTerms, CloseVerse, FlashMarketTerms},
};
use flash_bets::{
    error::FlashError,
    instructions::EVENT_BOOK_IDLE_SECONDS,
    state::{Chain, MAX_VERSE_DEPTH},
};
use solana_signer::Signer;
use testbed::{ExpectError, FlashOptions, FlashWorld, User};

const LIQUIDITY: u64 = 100_000_000_000;
const STAKE: u64 = 1_000_000;

fn start() -> (FlashWorld, User) {
    let mut flash = FlashWorld::start(&FlashOptions::default());
    let provider = flash.user(LIQUIDITY);
    flash.deposit(&provider, LIQUIDITY).expect("a deposit");
    flash.set_chain_terms(ChainTerms {
        fee_rate: 100,
        spread: 0,
        reserve: 10_000,
        cash_out_fee_rate: 100,
    });
    let user = flash.user(LIQUIDITY);
    (flash, user)
}

/// A league with two matches.
fn league(flash: &mut FlashWorld, cap: u64) -> [Pubkey; 3] {
    let league = flash.create_verse(None, cap);
    let [one, other] = [(); 2].map(|()| flash.create_verse(Some(league), cap));
    [league, one, other]
}

/// A market on an event of its own in a verse, for chains too.
#[track_caller]
fn market_in(flash: &mut FlashWorld, verse: Pubkey) -> Pubkey {
    let event_book = flash.create_event_book_in(Some(verse));
    let terms = flash.terms(2);
    let market = flash.announce_on(event_book, terms);
    flash.create_chain_book(market).expect("a chain book");
    market
}

fn at_risk<const N: usize>(flash: &FlashWorld, verses: [Pubkey; N]) -> [u64; N] {
    verses.map(|verse| flash.verse_state(verse).at_risk)
}

/// Closes settled markets, their events and then the verses, lowest first.
fn close_all(flash: &mut FlashWorld, markets: &[Pubkey], verses: &[Pubkey]) {
    for market in markets {
        let event_book = flash.market_state(*market).event_book;
        flash.close_chain_book(*market).expect("an end");
        flash.close(*market).expect("an end");
        flash.close_event_book(event_book).expect("an end");
    }
    for verse in verses {
        flash.close_verse(*verse).expect("an end");
    }
}

#[test]
fn funding_counts_on_every_level_until_it_is_released() {
    let (mut flash, _) = start();
    let [league, one, other] = league(&mut flash, u64::MAX);
    let first = market_in(&mut flash, one);
    let funding = flash.market_state(first).funding;
    assert_eq!(at_risk(&flash, [league, one, other]), [funding, funding, 0]);
    let second = market_in(&mut flash, other);
    let both = 2 * funding;
    assert_eq!(
        at_risk(&flash, [league, one, other]),
        [both, funding, funding]
    );

    flash
        .close_verse(one)
        .expect_refusal(FlashError::VerseInUse);
    for market in [first, second] {
        flash.resolve(market, 0).expect("a result");
    }
    flash.release(first).expect("a release");
    assert_eq!(at_risk(&flash, [league, one, other]), [funding, 0, funding]);
    flash.release(second).expect("a release");
    assert_eq!(at_risk(&flash, [league, one, other]), [0; 3]);
    flash.release(second).expect("nothing more");
    assert_eq!(at_risk(&flash, [league, one, other]), [0; 3]);
    close_all(&mut flash, &[first, second], &[one, other, league]);
    assert_eq!(flash.vault_state().verses, 0);
}

#[test]
fn market_that_is_closed_without_a_release_leaves_its_verses() {
    let (mut flash, _) = start();
    let [league, one, _] = league(&mut flash, u64::MAX);
    let market = market_in(&mut flash, one);
    flash.resolve(market, 0).expect("a result");
    flash.close_chain_book(market).expect("an end");
    let close = flash.build_close(market).instruction();
    flash
        .send(close.clone(), &[])
        .expect_refusal(FlashError::VerseMissing);
    flash
        .send(with_verses(close, &[league, one]), &[])
        .expect("an end");
    assert_eq!(at_risk(&flash, [league, one]), [0; 2]);
}

#[test]
fn no_level_has_more_at_risk_than_its_cap() {
    let (mut flash, _) = start();
    let event_book = flash.create_event_book();
    let terms = flash.terms(2);
    let market = flash.announce_on(event_book, terms);
    let funding = flash.market_state(market).funding;
    let [_, one, other] = league(&mut flash, 2 * funding - 1);
    market_in(&mut flash, one);
    for verse in [one, other] {
        let event_book = flash.create_event_book_in(Some(verse));
        let terms = flash.terms(2);
        flash
            .try_market(event_book, terms)
            .expect_refusal(FlashError::VerseCapExceeded);
    }
    // What fits goes on.
    let event_book = flash.create_event_book_in(Some(other));
    let terms = FlashMarketTerms {
        depth: 500_000_000,
        ..flash.terms(2)
    };
    flash.try_market(event_book, terms).expect("half of it");
}

#[test]
fn payout_of_a_chain_counts_whole_for_each_leg_until_that_ends() {
    let (mut flash, user) = start();
    let [league, one, other] = league(&mut flash, u64::MAX);
    let markets = [one, other].map(|verse| market_in(&mut flash, verse));
    let opens_at = flash.market_state(markets[1]).hours.opens_at;
    flash.pass_to(opens_at);
    let funding = flash.market_state(markets[0]).funding;
    let legs = markets.map(|market| (market, 0));
    flash.request_chain(&user, &legs, STAKE).expect("a request");
    let nonce = flash.nonce;
    flash.pass_chain_delay(&user, nonce);
    // Nobody gives the stake back by leaving a verse out.
    let execute = flash.build_execute_chain(&user, nonce).instruction();
    for missing in [vec![], vec![one, other], vec![league, one]] {
        flash
            .send_with_table(&with_verses(execute.clone(), &missing), &[])
            .expect_refusal(FlashError::VerseMissing);
    }
    let mut read_only = with_verses(execute, &[league, one]);
    read_only
        .accounts
        .push(AccountMeta::new_readonly(other, false));
    flash
        .send_with_table(&read_only, &[])
        .expect_refusal(ErrorCode::AccountNotMutable);
    flash.execute_chain(&user, nonce).expect("a chain");
    let payout = flash.odds(&user, nonce).payout;
    assert_eq!(
        at_risk(&flash, [league, one, other]),
        [2 * (funding + payout), funding + payout, funding + payout]
    );
    flash.resolve(markets[0], 0).expect("a result");
    flash.resolve(markets[1], 0).expect("a result");
    flash
        .settle_legs(&user, nonce, &markets[..1])
        .expect("a result");
    assert_eq!(
        at_risk(&flash, [league, one, other]),
        [2 * funding + payout, funding, funding + payout]
    );
    flash.settle_legs(&user, nonce, &markets).expect("a result");
    flash.close_chain(&user, nonce).expect("a payment");
    for market in markets {
        flash.release(market).expect("a release");
    }
    assert_eq!(at_risk(&flash, [league, one, other]), [0; 3]);
    close_all(&mut flash, &markets, &[one, other, league]);
}

#[test]
fn chain_above_the_cap_of_a_level_goes_back_and_counts_nowhere() {
    let (mut flash, user) = start();
    let event_book = flash.create_event_book();
    let terms = flash.terms(2);
    let market = flash.announce_on(event_book, terms);
    let funding = flash.market_state(market).funding;
    // Each match has room for the payout of nearly four stakes, the league for it once, not for both legs.
    let [league, one, other] = league(&mut flash, 2 * funding + 5 * STAKE);
    let markets = [one, other].map(|verse| market_in(&mut flash, verse));
    let opens_at = flash.market_state(markets[1]).hours.opens_at;
    flash.pass_to(opens_at);
    let had = flash.balance(user.tokens);
    let legs = markets.map(|market| (market, 0));
    flash.request_chain(&user, &legs, STAKE).expect("a request");
    let nonce = flash.nonce;
    flash.pass_chain_delay(&user, nonce);
    flash.execute_chain(&user, nonce).expect("a return");
    assert_eq!(flash.balance(user.tokens), had);
    assert_eq!(
        at_risk(&flash, [league, one, other]),
        [2 * funding, funding, funding]
    );
}

/// Who opens chains keeps no market below from being created: they take at most half of a cap.
#[test]
fn chains_leave_half_of_a_verse_to_markets() {
    let (mut flash, user) = start();
    let event_book = flash.create_event_book();
    let terms = flash.terms(2);
    let market = flash.announce_on(event_book, terms);
    let funding = flash.market_state(market).funding;
    let [league, one, other] = league(&mut flash, 6 * funding);
    let markets = [one, other].map(|verse| market_in(&mut flash, verse));
    let opens_at = flash.market_state(markets[1]).hours.opens_at;
    flash.pass_to(opens_at);
    let legs = markets.map(|market| (market, 0));
    let is_full = (0..12).any(|_| {
        flash
            .request_chain(&user, &legs, funding / 10)
            .expect("a request");
        let nonce = flash.nonce;
        flash.pass_chain_delay(&user, nonce);
        flash.execute_chain(&user, nonce).expect("an answer");
        let address = addresses::chain(&flash.vault, &user.address(), nonce);
        flash.find::<Chain>(address).is_none()
    });
    assert!(is_full, "chains come to an end");
    let verse = flash.verse_state(league);
    assert!(verse.chain_payouts > 2 * funding && verse.chain_payouts <= 3 * funding);
    assert_eq!(verse.at_risk, 2 * funding + verse.chain_payouts);
    market_in(&mut flash, one);
}

#[test]
fn cashing_out_and_groups_count_as_well() {
    let (mut flash, user) = start();
    let [league, one, other] = league(&mut flash, u64::MAX);
    let markets = [one, other].map(|verse| market_in(&mut flash, verse));
    let opens_at = flash.market_state(markets[1]).hours.opens_at;
    flash.pass_to(opens_at);
    let before = at_risk(&flash, [league, one, other]);
    let legs = markets.map(|market| (market, 0));
    let (nonce, _) = flash.open_chain(&user, &legs, STAKE);
    flash.request_cash_out(&user, nonce).expect("a request");
    flash.pass_chain_delay(&user, nonce);
    flash.execute_cash_out(&user, nonce).expect("an exit");
    assert_eq!(at_risk(&flash, [league, one, other]), before);

    let terms = flash.lasting(2, 300);
    let events = [one, other].map(|verse| flash.create_event_book_in(Some(verse)));
    let [condition, asset] = events.map(|event| flash.announce_on(event, terms.clone()));
    let before = at_risk(&flash, [league, one, other]);
    let group = flash.group(condition, asset, 1_000_000_000);
    let funding = flash.group_state(group).funding;
    let with_group = [before[0] + funding, before[1], before[2] + funding];
    assert_eq!(at_risk(&flash, [league, one, other]), with_group);
    flash.resolve(condition, 0).expect("a result");
    flash.collapse(group).expect("a collapse");
    flash.resolve(asset, 0).expect("a result");
    flash.settle_group(group).expect("an end");
    flash.release_group(group).expect("a release");
    assert_eq!(at_risk(&flash, [league, one, other]), before);
}

#[test]
fn only_the_operator_makes_a_tree_of_eight_levels_at_most() {
    let (mut flash, user) = start();
    let mut forged = flash.build_verse(None, 1);
    forged.operator = user.address();
    flash
        .send(forged.instruction(), &[&user.key])
        .expect_refusal(FlashError::NotOperator);
    let mut verses = vec![flash.create_verse(None, u64::MAX)];
    for depth in 2..=MAX_VERSE_DEPTH {
        let verse = flash.create_verse(verses.last().copied(), u64::MAX);
        assert_eq!(flash.verse_state(verse).depth, depth);
        verses.push(verse);
    }
    let deeper = flash.build_verse(verses.last().copied(), 1);
    flash
        .send_as_operator(deeper.instruction())
        .expect_refusal(FlashError::VerseTooDeep);
    let lowest = verses.last().copied().expect("a verse");
    let market = market_in(&mut flash, lowest);
    let funding = flash.market_state(market).funding;
    for verse in &verses {
        assert_eq!(flash.verse_state(*verse).at_risk, funding);
    }
    // An event is of another vault's verse as little as a verse is.
    let event_book = flash.market_state(market).event_book;
    let strange = flash.build_event_book(Some(event_book));
    flash
        .send_as_operator(strange.instruction())
        .expect_refusal(ErrorCode::AccountDiscriminatorMismatch);
}

#[test]
fn verse_is_closed_by_its_operator_or_after_a_day_by_anybody_for_its_payer() {
    let (mut flash, user) = start();
    let root = flash.create_verse(None, 1);
    let verse = flash.create_verse(Some(root), 1);
    flash
        .close_verse(root)
        .expect_refusal(FlashError::VerseInUse);
    let operator = flash.operator.pubkey();
    let close = CloseVerse {
        authority: user.address(),
        vault: flash.vault,
        verse,
        parent: Some(root),
        rent_payer: operator,
    };
    let send =
        |flash: &mut FlashWorld, close: CloseVerse| flash.send(close.instruction(), &[&user.key]);
    send(&mut flash, close).expect_refusal(FlashError::VerseNotIdle);
    let idle_since = flash.verse_state(verse).idle_since;
    flash.pass_to(idle_since + EVENT_BOOK_IDLE_SECONDS);
    for parent in [None, Some(verse)] {
        let wrong = CloseVerse { parent, ..close };
        send(&mut flash, wrong).expect_refusal(FlashError::VerseMissing);
    }
    let thief = CloseVerse {
        rent_payer: user.address(),
        ..close
    };
    send(&mut flash, thief).expect_refusal(FlashError::WrongRentReceiver);
    let rent = flash.chain().lamports(verse).expect("lamports");
    let before = flash.chain().lamports(operator).expect("lamports");
    send(&mut flash, close).expect("an end");
    let after = flash.chain().lamports(operator).expect("lamports");
    assert_eq!(after, before + rent);
    flash.close_verse(root).expect("an end");
}

/// Markets of one verse trade side by side: a bet writes nothing of a verse, nor of another market.
#[test]
fn bets_in_a_verse_wait_for_no_verse_and_no_other_market() {
    let (mut flash, user) = start();
    let [league, one, _] = league(&mut flash, u64::MAX);
    let markets = [(); 2].map(|()| market_in(&mut flash, one));
    let written = markets.map(|market| {
        let other = flash.user(STAKE);
        let bets = [
            flash.build_bet(&other, market, 0, STAKE).instruction(),
            flash
                .build_open_and_bet(&other, market, 0, STAKE)
                .instruction(),
            flash
                .build_buy_shares(&other, market, 0, [STAKE, STAKE])
                .instruction(),
            flash.build_cash_out(&other, market, 0, STAKE).instruction(),
            flash.build_execute(&other, market, 1).instruction(),
            flash.build_settle(market, &[&other]).instruction(),
        ];
        let metas = bets.iter().flat_map(|bet| &bet.accounts);
        let written = metas.filter(|meta| meta.is_writable);
        written.map(|meta| meta.pubkey).collect::<BTreeSet<_>>()
    });
    let shared: BTreeSet<_> = written[0].intersection(&written[1]).copied().collect();
    let optional = BTreeSet::from([flash_bets::ID, flash.treasury.pubkey()]);
    assert!(shared.is_subset(&optional), "{shared:?}");
    for verse in [league, one] {
        assert!(written.iter().all(|written| !written.contains(&verse)));
    }
    let opens_at = flash.market_state(markets[1]).hours.opens_at;
    flash.pass_to(opens_at);
    let before = [league, one].map(|verse| flash.chain().find_account(verse).expect("the chain"));
    for market in markets {
        flash
            .open_and_place(&user, market, 0, STAKE)
            .expect("a bet");
    }
    let after = [league, one].map(|verse| flash.chain().find_account(verse).expect("the chain"));
    assert_eq!(before, after);
}
