//! Standard markets, what each role can take in unlimited rounds: a creator, a provider, a holder, and
//! somebody with borrowed money, alone and with an accomplice. The bounds are those that SECURITY.md
//! names.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{addresses::markets as addresses, instructions::markets::*};
use markets::state::{LiquidityPosition, Terms, PROPOSER_PART};
use rand::{rngs::StdRng, Rng, SeedableRng};
use testbed::{MarketsOptions, MarketsWorld, Trader};

const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 300_000_000;
const HOUR: i64 = 3_600;
/// Of its funding a creator puts up a tenth.
const BOND_SHARE: u16 = 1_000;
/// Of the fees, in basis points.
const PROTOCOL: u64 = 2_000;

fn world() -> MarketsWorld {
    let options = MarketsOptions::default();
    MarketsWorld::start(&MarketsOptions {
        terms: Terms {
            creator_bond_share: BOND_SHARE,
            ..options.terms
        },
        ..options
    })
}

/// Everything that these people have, base units.
fn wealth(markets: &MarketsWorld, people: &[&Trader]) -> i128 {
    let balances = people.iter().map(|one| markets.balance(one.tokens));
    balances.map(i128::from).sum()
}

/// How a market that nobody will ever report on is used against who buys in it.
#[derive(Clone, Copy, Debug)]
struct Trap {
    /// Of the liquidity that stays, in percent, once somebody has bought.
    stays: u64,
    /// What an accomplice pushes the price with, in percent of what stays of the depth, and for how long
    /// it stands before trading ends, in seconds.
    push_percent: u64,
    stands: i64,
    /// For how long before somebody answers each push, in seconds.
    answered_after: Option<i64>,
}

/// What the trap takes of the holder, for the creator and its accomplice, and what the creator's bond
/// costs them of it; base units.
fn spring(markets: &mut MarketsWorld, trap: Trap) -> (i128, i128) {
    let [victim, accomplice, honest] = [(); 3].map(|()| markets.trader(PURSE));
    let creator = markets.creator();
    let hostile = [&creator, &accomplice];
    let before = wealth(markets, &hostile);
    let mut args = markets.terms(2);
    // Invented: who believes in an even chance buys at a bargain.
    args.weights = vec![8, 2];
    args.fee_rate = 0;
    let market = markets.market(args);
    let bond = i128::from(markets.state(market).creator_bond);
    markets.open_provider(&creator, market);
    for trader in [&victim, &accomplice, &honest] {
        markets.open(trader, market).expect("a position");
    }
    markets.buy(&victim, market, 1, STAKE).expect("a bargain");
    let supply = markets.state(market).liquidity_supply;
    if trap.stays < 100 {
        let leaves = supply / 100 * (100 - trap.stays);
        markets.remove(&creator, market, leaves).expect("an exit");
    }
    let push = markets.state(market).pool.depth / 100 * trap.push_percent;
    let until = markets.state(market).hours.trading_until;
    let mut pushed_at = until - trap.stands;
    while pushed_at < until - 1 {
        markets.go_to_second(pushed_at);
        let held = markets.position(market, &accomplice).holdings.shares[0];
        markets.buy(&accomplice, market, 0, push).expect("a push");
        let Some(seconds) = trap.answered_after else {
            break;
        };
        if pushed_at + seconds >= until {
            break;
        }
        markets.go_to_second(pushed_at + seconds);
        // As many of the other outcome: the price is where it was.
        let pushed = markets.position(market, &accomplice).holdings.shares[0] - held;
        markets
            .buy_shares(&honest, market, 1, pushed)
            .expect("an answer");
        pushed_at += 2 * seconds;
    }
    markets.go_to_second(markets.state(market).proposal_until);
    markets.void(market).expect("a void");
    markets.resolve_all(market, &[&victim, &accomplice, &honest]);
    let taken = wealth(markets, &hostile) - before;
    let lost = i128::from(3 * PURSE) - i128::from(PURSE) - wealth(markets, &[&victim, &honest]);
    // Nobody else is paid but the protocol, by the bond and rounding.
    assert!((lost - taken - bond).abs() <= 10, "{lost}, {taken}, {bond}");
    (taken, bond)
}

/// A creator who opens markets at invented prices on feeds that nobody reports, and an accomplice who
/// pushes their prices before they go void, with as much money, for as long and at as little liquidity
/// as is best for them, take no more than the holders paid, less the bond: a tenth of the funding here.
/// Where somebody answers each push, the bond is more than what they take.
#[test]
fn hostile_creator_takes_no_more_than_holders_paid_less_the_bond() {
    let mut markets = world();
    let mut most = (i128::MIN, None);
    let (mut rounds, mut thin) = (0, i128::MIN);
    for stays in [100, 10, 1] {
        for push_percent in [20, 200, 800] {
            for stands in [60, HOUR / 4, HOUR - 60] {
                let trap = Trap {
                    stays,
                    push_percent,
                    stands,
                    answered_after: None,
                };
                let (taken, bond) = spring(&mut markets, trap);
                assert!(taken + bond <= i128::from(STAKE), "{trap:?} took {taken}");
                rounds += 1;
                if taken > most.0 {
                    most = (taken, Some((trap, bond)));
                }
                if stays == 1 {
                    thin = thin.max(taken);
                }
            }
        }
    }
    println!("{rounds} markets, most {most:?}, at a hundredth of the liquidity {thin}");
    let (most, bond) = (most.0, most.1.expect("a round").1);
    assert!(
        most + bond > i128::from(STAKE) * 9 / 10,
        "the bound is reached"
    );

    // A push that comes again as soon as it was answered stands half of the time.
    let answered = Trap {
        stays: 100,
        push_percent: 100,
        stands: HOUR / 2,
        answered_after: Some(15),
    };
    let (taken, bond) = spring(&mut markets, answered);
    println!("answered as often: {taken} taken, the bond {bond}");
    assert!(taken < 0, "{taken}");
}

/// Who knows the answer to an event question first buys of the curve until somebody proposes it, and may
/// propose it himself in the same transaction: all that providers hold for that outcome, but no more.
#[test]
fn who_knows_the_answer_first_takes_no_more_than_providers_put_in() {
    let mut markets = world();
    let knowing = markets.trader(PURSE);
    let args = markets.terms(2);
    let market = markets.market(args);
    markets.open(&knowing, market).expect("a position");
    let put_in = markets.state(market).liquidity_supply;
    let observation = markets.observe(market, 0);
    let shares = markets.state(market).pool.depth * 12;
    let buy = markets.build_buy_shares(&knowing, market, 0, shares);
    let propose = markets.build_propose(&knowing, market, observation);
    markets
        .send_all(&[buy.instruction(), propose.instruction()], &[&knowing.key])
        .expect("a purchase and a proposal");
    markets.go_to_second(markets.state(market).dispute_until);
    markets.finalize(market).expect("an end");
    markets.redeem(market, &[&knowing]).expect("a payout");
    markets.claim_proposal(market, &knowing).expect("the bond");
    let taken = markets.balance(knowing.tokens) - PURSE;
    println!("{taken} of {put_in}");
    assert!(taken <= put_in, "{taken} of {put_in}");
    assert!(taken > put_in / 100 * 98, "the bound is reached: {taken}");
}

/// Somebody who trades and has what he bought sold in the same transaction, so that only fees are left
/// of it with the providers; what they get.
fn trade(markets: &mut MarketsWorld, trader: &Trader, market: Pubkey, shares: u64) -> u64 {
    let before = markets.state(market).liquidity_fees;
    let buy = markets.build_buy_shares(trader, market, 0, shares);
    let sell = markets.build_sell(trader, market, 0, shares);
    markets
        .send_all(&[buy.instruction(), sell.instruction()], &[&trader.key])
        .expect("a trade");
    markets.state(market).liquidity_fees - before
}

fn lp_shares(markets: &MarketsWorld, market: Pubkey, owner: &Trader) -> u64 {
    let address = addresses::liquidity(&market, &owner.address());
    let position: Option<LiquidityPosition> = markets.find(address);
    position.map_or(0, |position| position.shares)
}

/// A provider with 99 times the liquidity of all others, who comes and goes around trades, ends trading
/// itself, settles in the same slot, has a void or a dispute, and passes liquidity on to an accomplice,
/// takes at most its part of the fees of the trades that it provided for.
#[test]
fn hostile_provider_takes_at_most_its_part_of_the_fees_it_provided_for() {
    const ROUNDS: u64 = 12;
    let (mut all, mut earned_in_all, mut best) = (0, 0, i128::MIN);
    let mut random = StdRng::seed_from_u64(17);
    let mut markets = world();
    let honest = markets.trader(PURSE);
    for round in 0..ROUNDS {
        let [hostile, accomplice] = [(); 2].map(|()| markets.trader(PURSE));
        let hands = [&hostile, &accomplice];
        let args = markets.terms(2);
        let market = markets.market(args);
        markets.open(&honest, market).expect("a position");
        for hand in hands {
            markets.open_provider(hand, market);
        }
        let before = wealth(&markets, &hands);
        let (mut earned, mut trades) = (0.0, 0);
        let observation = markets.observe(market, 0);
        let word = markets.arbitrate(market, 0);
        for _ in 0..random.gen_range(5..20) {
            let owned: u64 = hands
                .iter()
                .map(|hand| lp_shares(&markets, market, hand))
                .sum();
            match random.gen_range(0..6) {
                0 => {
                    let slot = markets.chain().slot() + random.gen_range(1..400);
                    markets.go_to(slot);
                }
                1 | 2 if owned == 0 => {
                    let cash = markets.state(market).pool.cash;
                    let amount = cash * random.gen_range(1..=99);
                    markets.add(&hostile, market, amount).expect("liquidity");
                }
                3 if owned > 0 => {
                    for hand in hands {
                        let shares = lp_shares(&markets, market, hand);
                        if shares > 0 {
                            markets.remove(hand, market, shares).expect("an exit");
                        }
                    }
                }
                4 if lp_shares(&markets, market, &hostile) > 1 => {
                    let transfer = TransferLiquidity {
                        owner: hostile.address(),
                        venue: markets.venue,
                        market,
                        receiver: accomplice.address(),
                        shares: lp_shares(&markets, market, &hostile) / 2,
                    };
                    markets
                        .send(transfer.instruction(), &[&hostile.key])
                        .expect("a gift");
                }
                _ => {
                    let supply = markets.state(market).liquidity_supply;
                    let shares = random.gen_range(1_000_000..500_000_000);
                    let fees = trade(&mut markets, &honest, market, shares);
                    earned += fees as f64 * owned as f64 / supply as f64;
                    trades += 1;
                }
            }
        }
        // The last trades are the dearest, and the end comes at once.
        if lp_shares(&markets, market, &hostile) == 0 {
            let amount = markets.state(market).pool.cash * 99;
            markets.add(&hostile, market, amount).expect("liquidity");
        }
        let reward = i128::from(markets.state(market).proposer_reward);
        match round % 4 {
            0 => {
                markets
                    .propose_on(&hostile, market, observation)
                    .expect("a proposal");
                for hand in hands {
                    let shares = lp_shares(&markets, market, hand);
                    if shares > 0 {
                        markets.remove(hand, market, shares).expect("an exit");
                    }
                }
                markets.go_to_second(markets.state(market).dispute_until);
                markets.finalize(market).expect("an end");
            }
            1 => {
                markets
                    .propose_on(&hostile, market, observation)
                    .expect("a proposal");
                markets.dispute(&accomplice, market).expect("a dispute");
                let resolve = markets.build_resolve_dispute(market, word);
                markets.send(resolve.instruction(), &[]).expect("a word");
                markets.claim_dispute(market, &accomplice).expect("rent");
            }
            2 => {
                markets
                    .propose_on(&hostile, market, observation)
                    .expect("a proposal");
                markets.go_to_second(markets.state(market).dispute_until);
                markets.finalize(market).expect("an end");
            }
            _ => {
                markets.go_to_second(markets.state(market).proposal_until);
                markets.void(market).expect("a void");
            }
        }
        if markets.state(market).proposer_claim > 0 {
            markets.claim_proposal(market, &hostile).expect("a bond");
        }
        markets.resolve_all(market, &[&honest, &hostile, &accomplice]);
        let gain = wealth(&markets, &hands) - before;
        // Beside fees it has what a proposer whom nobody disputes earns, and of each trade what rounding
        // left with the pool.
        let most = earned.ceil() as i128 + reward + 8 * i128::from(trades) + 8;
        assert!(gain <= most, "round {round}: {gain} of {most}");
        all += gain;
        earned_in_all += most;
        best = best.max(gain);
    }
    println!("{ROUNDS} rounds: {all} taken where {earned_in_all} was its part, {best} at best");
    assert!(
        best > 0 && all < 0,
        "it earns fees, and loses what it brings"
    );
}

/// Who creates, provides and proposes in one hand, market after market, has the fees but for the
/// protocol's part less a twentieth of that: 81 % here. Another provider, as large, keeps half of what
/// is the providers'.
#[test]
fn creator_provider_and_proposer_in_one_hand_has_the_fees_but_for_the_protocols() {
    let mut markets = world();
    let creator = markets.creator();
    let (trader, other) = (markets.trader(PURSE), markets.trader(PURSE));
    for is_alone in [true, false] {
        let (mut fees, mut rounds) = (0, 0);
        let before = wealth(&markets, &[&creator]);
        let others = wealth(&markets, &[&other]);
        let traders = wealth(&markets, &[&trader]);
        for round in 0..6 {
            let mut args = markets.terms(2);
            args.creator_fee_share = 7_000;
            let market = markets.market(args);
            markets.open(&trader, market).expect("a position");
            if !is_alone {
                markets.open_provider(&other, market);
                let amount = markets.state(market).pool.cash;
                markets.add(&other, market, amount).expect("liquidity");
            }
            for _ in 0..=round {
                fees += trade(&mut markets, &trader, market, STAKE);
                let slot = markets.chain().slot() + 500;
                markets.go_to(slot);
            }
            // Trading ends when it likes: after a trade.
            markets.resolve(market, 0);
            markets.resolve_all(market, &[&trader, &other]);
            rounds += 1;
        }
        let paid = traders - wealth(&markets, &[&trader]);
        let taken = wealth(&markets, &[&creator]) - before;
        let most = paid * i128::from(10_000 * PROPOSER_PART - PROTOCOL * (PROPOSER_PART - 1))
            / i128::from(10_000 * PROPOSER_PART);
        let of_other = wealth(&markets, &[&other]) - others;
        println!("alone {is_alone}, {rounds} rounds: {taken} of {paid}, another {of_other}, at most {most}");
        if is_alone {
            assert!((most - taken).abs() < 100, "{taken} of {most}");
        } else {
            // Its ten in a hundred of the fees, and half of them.
            assert!(
                (of_other - i128::from(fees / 2)).abs() < 100,
                "{of_other} of {fees}"
            );
            assert!((most - of_other - taken).abs() < 100, "{taken}");
        }
    }
}

/// Complete sets keep no price from counting, for however long somebody holds them, while with them at
/// most 16 times the depth is outstanding. 900 times it, held for the whole market, do: a price follows
/// at 1 / 56² of its pace then.
#[test]
fn holder_of_sets_slows_a_price_by_many_depths_only() {
    let payout_with = |sets: u64| {
        let mut markets = world();
        let mut args = markets.terms(2);
        args.fee_rate = 0;
        let market = markets.market(args);
        let (trader, holder) = (markets.trader(PURSE), markets.trader(PURSE));
        for one in [&trader, &holder] {
            markets.open(one, market).expect("a position");
        }
        if sets > 0 {
            markets.split(&holder, market, sets).expect("sets");
        }
        let half = markets.chain().now().seconds() + HOUR / 2;
        markets.go_to_second(half);
        markets.buy(&trader, market, 0, STAKE).expect("a purchase");
        // Some of them come back, and more are made.
        if sets > 0 {
            markets.merge(&holder, market, sets / 2).expect("money");
            markets.split(&holder, market, sets / 3).expect("sets");
        }
        markets.go_to_second(markets.state(market).proposal_until);
        markets.void(market).expect("a void");
        let payout = markets.state(market).settlement.payouts[0];
        let before = wealth(&markets, &[&holder]);
        markets.resolve_all(market, &[&trader, &holder]);
        let held = i128::from(sets - sets / 2 + sets / 3);
        let paid = wealth(&markets, &[&holder]) - before;
        assert!((held - paid).abs() <= 1, "a set pays one");
        payout
    };
    let without = payout_with(0);
    for sets in [STAKE, 14_000_000_000] {
        assert_eq!(payout_with(sets), without);
    }
    let half = math::Price::ONE.0 / 2;
    let slowed = payout_with(900_000_000_000);
    assert!(slowed > half && slowed - half < (without - half) / 100);
}

/// What these people have when each outcome wins: money, and their shares of it. Liquidity and bonds
/// count as lost.
fn outcomes_of(markets: &MarketsWorld, market: Pubkey, people: &[&Trader]) -> [i128; 2] {
    let mut all = [wealth(markets, people); 2];
    for one in people {
        let held = markets.position(market, one).holdings.shares;
        for (sum, held) in all.iter_mut().zip(held) {
            *sum += i128::from(held);
        }
    }
    all
}

/// Something of any kind that somebody does with a market, in amounts that come again.
fn draw(
    markets: &MarketsWorld,
    market: Pubkey,
    [owner, friend]: [&Trader; 2],
    random: &mut StdRng,
) -> Instruction {
    let (outcome, amount) = (random.gen_range(0..2), 10u64.pow(random.gen_range(6..11)));
    let shares = markets.state(market).liquidity_supply / random.gen_range(1..4);
    match random.gen_range(0..12) {
        0 => markets
            .build_buy(owner, market, outcome, amount)
            .instruction(),
        1 | 2 => markets
            .build_buy_shares(owner, market, outcome, amount)
            .instruction(),
        3 | 4 => markets
            .build_sell(owner, market, outcome, amount)
            .instruction(),
        5 => markets.build_split(owner, market, amount).instruction(),
        6 => markets.build_merge(owner, market, amount).instruction(),
        7 | 8 => markets.build_add(owner, market, amount).instruction(),
        9 => markets.build_remove(owner, market, shares).instruction(),
        10 => TransferLiquidity {
            owner: owner.address(),
            venue: markets.venue,
            market,
            receiver: friend.address(),
            shares,
        }
        .instruction(),
        _ => TransferShares {
            owner: owner.address(),
            market,
            receiver: friend.address(),
            outcome,
            shares: amount,
        }
        .instruction(),
    }
}

/// Borrowed money makes nothing for certain in a transaction of up to five instructions of any kind,
/// whatever liquidity is left behind taken back right after it: of transactions drawn at random those
/// that the chain takes are counted.
#[test]
fn borrowed_money_makes_nothing_in_one_transaction() {
    const TRANSACTIONS: u32 = 1_000;
    let mut random = StdRng::seed_from_u64(23);
    for curve in [Curve::Lmsr, Curve::PmAmm { micro_tau: true }] {
        let (mut accepted, mut best) = (0, i128::MIN);
        let mut markets = world();
        let [hostile, friend, other] = [(); 3].map(|()| markets.trader(PURSE));
        let people = [&hostile, &friend];
        let mut args = markets.terms(2);
        args.curve = curve;
        let market = markets.market(args);
        for one in [&hostile, &friend, &other] {
            markets.open_provider(one, market);
        }
        for number in 0..TRANSACTIONS {
            if number % 40 == 0 {
                // Somebody else buys what is cheap, and pays fees that vest.
                let prices = markets.state(market).pool.probabilities().expect("prices");
                let outcome = u8::from(prices[1] < prices[0]);
                markets.buy(&other, market, outcome, STAKE).expect("a buy");
                let slot = markets.chain().slot() + 60;
                markets.go_to(slot);
            }
            let instructions: Vec<_> = (0..random.gen_range(2..=5))
                .map(|_| draw(&markets, market, people, &mut random))
                .collect();
            let before = outcomes_of(&markets, market, &people);
            let signers = [&hostile.key];
            if markets.send_unchecked(&instructions, &signers).is_err() {
                continue;
            }
            for one in people {
                let shares = lp_shares(&markets, market, one);
                if shares > 0 {
                    markets.remove(one, market, shares).expect("an exit");
                }
            }
            accepted += 1;
            let after = outcomes_of(&markets, market, &people);
            let gain = after
                .iter()
                .zip(before)
                .map(|(after, before)| after - before);
            best = best.max(gain.min().expect("outcomes"));
        }
        println!("{curve:?}: {accepted} transactions, {best} at best");
        assert!(
            accepted > TRANSACTIONS / 20 && best <= 0,
            "{best} in {accepted}"
        );
        markets.resolve_all(market, &[&hostile, &friend, &other]);
    }
}
