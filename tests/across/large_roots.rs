//! A root of 1,024 results settles as many markets with one proof.

use anchor_lang::prelude::Pubkey;
use client::{addresses, instructions::markets::*};
use market_core::settlement::MarketStatus;
use rand::{rngs::StdRng, Rng, SeedableRng};
use result_tree::FeedResult;
use solana_signer::Signer;
use testbed::{feed, FeeShare, FlashWorld, MarketsWorld, Receipt, Trader};

const MARKETS: u32 = 1_024;
const PURSE: u64 = 1_000_000_000_000_000;
const STAKE: u64 = 10_000_000;

/// Bounds of the rules between two bounds. The middle is a half exactly.
const HIGH: i64 = 128;

/// A market of the root, its result, and what that pays the trader.
struct Entry {
    market: Pubkey,
    value: i64,
    payout: u64,
}

/// 0 natively, where nothing is metered.
fn units(receipt: &Receipt) -> u64 {
    receipt.compute_units.unwrap_or(0)
}

/// The curve and the rule of market `number`, what `value` is drawn from, and what a share of
/// `outcome` pays then.
fn question(markets: &mut MarketsWorld, number: u32) -> CreateMarketArgs {
    let outcomes = [2, 5, 2, 8][number as usize % 4];
    let mut terms = markets.terms(outcomes);
    terms.depth = 100_000_000;
    (terms.curve, terms.rule) = match number % 4 {
        0 => (Curve::Lmsr, RuleTerms::Categorical),
        1 => (
            Curve::Lmsr,
            RuleTerms::Threshold {
                strikes: vec![10, 20, 30, 40],
            },
        ),
        2 => (
            Curve::PmAmm { micro_tau: false },
            RuleTerms::Linear { low: 0, high: HIGH },
        ),
        _ => (Curve::L2, RuleTerms::Scalar { low: 0, high: HIGH }),
    };
    terms
}

/// What a share of `outcome` pays, in halves of a base unit.
fn halves(number: u32, value: i64, outcome: u8) -> u64 {
    let winner = match number % 4 {
        0 => value,
        1 => [10, 20, 30, 40]
            .iter()
            .filter(|strike| **strike <= value)
            .count() as i64,
        2 => {
            let long = (2 * value / HIGH) as u64;
            return if outcome == 0 { long } else { 2 - long };
        }
        _ => (value * 8 / HIGH).min(7),
    };
    2 * u64::from(winner == i64::from(outcome))
}

#[test]
fn one_root_settles_1024_markets() {
    let mut random = StdRng::seed_from_u64(1_024);
    let mut markets = MarketsWorld::start(&Default::default());
    let (creator, trader) = (markets.creator(), markets.trader(PURSE));
    for owner in [creator.address(), trader.address()] {
        let chain = &mut markets.world.chain;
        chain.airdrop(owner, 100_000_000_000).expect("lamports");
    }
    let entries: Vec<_> = (0..MARKETS)
        .map(|number| {
            let value = match number % 4 {
                0 => random.gen_range(0..2),
                1 => random.gen_range(0..50),
                2 => HIGH / 2 * random.gen_range(0..3),
                _ => random.gen_range(0..=HIGH),
            };
            open(&mut markets, [&creator, &trader], number, value)
        })
        .collect();
    markets.check();

    let results: Vec<_> = entries
        .iter()
        .map(|entry| {
            let state = markets.state(entry.market);
            FeedResult {
                feed_id: state.evidence.feed_id,
                time: state.evidence.observe_at_ms,
                value: entry.value,
            }
        })
        .collect();
    let tree = markets.world.result_tree(&results).expect("a tree");
    let now = markets.chain().now().0;
    let result_root = markets
        .world
        .publish(feed(77_777), now, &tree)
        .expect("a root");

    let (mut proposals, mut ends) = (0, 0);
    for (entry, index) in entries.iter().zip(0..) {
        let propose = ProposeFromRoot {
            proposer: creator.address(),
            venue: markets.venue,
            market: entry.market,
            provider_set: markets.world.provider_set,
            verifying_key: markets.world.verifying_key,
            result_root,
            observation: markets.state(entry.market).evidence.observation,
            proposer_tokens: creator.tokens,
            token_program: markets.token_program(),
            args: ProposeFromRootArgs {
                value: entry.value,
                index,
                path: tree.path(index).expect("a path"),
                max_bond: u64::MAX,
            },
        };
        let proposed = markets.send_unchecked(&[propose.instruction()], &[&creator.key]);
        proposals += units(&proposed.expect("a proposal"));
    }
    let last = markets.state(entries[entries.len() - 1].market);
    markets.go_to_second(last.dispute_until);
    for entry in &entries {
        let finalize = markets.build_finalize(entry.market).instruction();
        let finalized = markets.send_unchecked(&[finalize], &[]);
        ends += units(&finalized.expect("an end"));
        let state = markets.state(entry.market);
        assert_eq!(state.settlement.status, MarketStatus::Resolved as u8);
        assert_eq!(state.proposal_source, result_root);
    }
    markets.check();
    let number = u64::from(MARKETS);
    println!(
        "{number} markets of one root, compute units each: {} to propose, {} to finalize",
        proposals / number,
        ends / number
    );

    let before = markets.balance(trader.tokens);
    for entry in &entries {
        pay_and_close(&mut markets, &creator, &trader, entry.market);
    }
    let paid: u64 = entries.iter().map(|entry| entry.payout).sum();
    assert_eq!(markets.balance(trader.tokens), before + paid);
    assert!(markets.open_markets().is_empty());
    markets.check();
}

/// Creates a market, and has the trader buy an outcome.
fn open(
    markets: &mut MarketsWorld,
    [creator, trader]: [&Trader; 2],
    number: u32,
    value: i64,
) -> Entry {
    let terms = question(markets, number);
    let outcomes = terms.outcomes;
    let create = markets.build_market(creator, terms);
    let market = create.market();
    let created = markets.send_unchecked(&[create.instruction()], &[&creator.key]);
    created.expect("a market");
    let outcome = (number / 4 % u32::from(outcomes)) as u8;
    let open = markets.build_position(trader, market);
    let buy = markets.build_buy(trader, market, outcome, STAKE);
    let bought = [open.instruction(), buy.instruction()];
    markets
        .send_unchecked(&bought, &[&trader.key])
        .expect("a purchase");
    let shares = markets.position(market, trader).holdings.shares[usize::from(outcome)];
    Entry {
        market,
        value,
        payout: shares * halves(number, value, outcome) / 2,
    }
}

/// Pays everybody and closes the market, in one transaction; asserts that nothing is left of it.
fn pay_and_close(markets: &mut MarketsWorld, creator: &Trader, trader: &Trader, market: Pubkey) {
    let all = [
        markets.build_redeem(market, &[trader]).instruction(),
        markets
            .build_redeem_liquidity(market, creator)
            .instruction(),
        markets.build_claim_proposal(market, creator).instruction(),
        markets.build_close(market).instruction(),
    ];
    markets.send_unchecked(&all, &[]).expect("an end");
    markets.forget(market);
}

#[test]
fn one_root_settles_1024_flash_markets() {
    let (mut flash, _provider) = FlashWorld::with_liquidity(1_000_000_000_000_000);
    let user = flash.user(PURSE);
    let event = flash.create_event_book();
    let operator = flash.operator.insecure_clone();
    for owner in [user.address(), operator.pubkey()] {
        let chain = &mut flash.world.chain;
        chain.airdrop(owner, 100_000_000_000).expect("lamports");
    }
    let mut all = Vec::new();
    for number in 0..MARKETS {
        let outcomes = 2 + (number % 9) as u8;
        let mut terms = flash.terms(outcomes);
        terms.depth = 100_000_000;
        terms.resolution_seconds = 86_400;
        let create = flash.build_market(event, terms);
        let market = addresses::flash_bets::market(&flash.vault, create.id);
        flash
            .send_unchecked(&[create.instruction()], &[&operator])
            .expect("a market");
        let opens_at = flash.market_state(market).hours.opens_at;
        flash.go_to_second(opens_at);
        let ticket = flash.build_ticket(&user, market).instruction();
        let bet = flash.build_bet(&user, market, 1, STAKE).instruction();
        flash
            .send_unchecked(&[ticket, bet], &[&user.key])
            .expect("a bet");
        let shares = flash.ticket(market, &user).holdings.shares[1];
        let value = i64::from(number / 9) % i64::from(outcomes);
        all.push((market, shares, value));
    }
    let (last, _, _) = all.last().expect("markets");
    let locks_at = flash.market_state(*last).hours.locks_at;
    flash.go_to_second(locks_at);
    let results: Vec<_> = all
        .iter()
        .map(|(market, _, value)| flash.result(*market, *value))
        .collect();
    let tree = flash.world.result_tree(&results).expect("a tree");
    let now = flash.chain().now().0;
    let root = flash
        .world
        .publish(feed(77_777), now, &tree)
        .expect("a root");
    let mut resolutions = 0;
    for ((market, _, value), index) in all.iter().zip(0..) {
        let resolve = flash.build_resolve_from_root(*market, root, &tree, (index, *value));
        let resolved = flash.send_unchecked(&[resolve.instruction()], &[]);
        resolutions += units(&resolved.expect("a result"));
    }
    println!(
        "{MARKETS} flash markets of one root, compute units each: {}",
        resolutions / u64::from(MARKETS)
    );
    let before = flash.balance(user.tokens);
    for (market, _, _) in &all {
        let settle = flash.build_settle(*market, &[&user]).instruction();
        let close = flash.build_close(*market).instruction();
        flash.send_unchecked(&[settle, close], &[]).expect("an end");
    }
    let paid: u64 = all
        .iter()
        .filter(|(_, _, value)| *value == 1)
        .map(|(_, shares, _)| shares)
        .sum();
    assert_eq!(flash.balance(user.tokens), before + paid);
    flash.collect(FeeShare::Protocol).expect("fees");
    for (market, _, _) in all {
        flash.forget(market);
    }
    flash.check();
}
