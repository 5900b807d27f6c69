//! Quantum groups in numbers alone: random deposits, trades and merges in every branch, any end of condition and
//! asset, and everybody paid.

use bytemuck::Zeroable;
use flash_bets::state::{
    FlashMarket, GroupStatus, Order, QuantumGroup, QuantumTicket, MAX_OUTCOMES,
};
use market_core::{Meaning, Now, Pauses, TradingHours};
use math::{BasisPoints, Price};
use rand::{rngs::StdRng, Rng, SeedableRng};

const HISTORIES: u64 = 100_000;
const TICKETS: usize = 3;
const OPENS_AT: i64 = 1_700_000_000;
const LOCKS_AT: i64 = OPENS_AT + 600;
const SLOTS_PER_SECOND: u64 = 3;

/// Parts of one, in basis points.
fn prior(random: &mut StdRng, outcomes: u8) -> Vec<u16> {
    let outcomes = u16::from(outcomes);
    let mut parts: Vec<u16> = (1..outcomes)
        .map(|_| random.gen_range(200..=9_000 / outcomes))
        .collect();
    parts.push(BasisPoints::ONE - parts.iter().sum::<u16>());
    parts
}

fn group(random: &mut StdRng, branches: u8, outcomes: u8) -> QuantumGroup {
    let mut group = QuantumGroup::zeroed();
    group.branches = branches;
    group.fee_rate = random.gen_range(0..=300);
    group.fee_floor_bps = random.gen_range(0..=500);
    group.slow_price_slots = random.gen_range(60..600);
    group.hours = TradingHours::new(OPENS_AT, LOCKS_AT, 0).expect("hours");
    group.observed_at.fill(OPENS_AT);
    let priors: Vec<_> = (0..branches).map(|_| prior(random, outcomes)).collect();
    let depth = 10u64.pow(random.gen_range(4..=12));
    group
        .open_branches(depth, &priors, outcomes, 0)
        .expect("branches");
    group
}

/// The moment of so many seconds after the opening.
fn at(second: i64) -> Now {
    let slot = second.unsigned_abs() * SLOTS_PER_SECOND;
    Now::new(slot, OPENS_AT + second, Pauses::default())
}

fn order(random: &mut StdRng, size: u64) -> Order {
    let amount = random.gen_range(1..=size.max(1));
    match random.gen_range(0..3) {
        0 => Order::Stake {
            stake: amount,
            min_shares: 0,
        },
        1 => Order::Buy {
            shares: amount,
            max_cost: u64::MAX,
        },
        _ => Order::Sell {
            shares: amount,
            min_return: 0,
        },
    }
}

/// In every branch all credits, the pool's cash and its fees are what is behind it, and tickets hold what the
/// group counts.
fn assert_books(group: &QuantumGroup, tickets: &[QuantumTicket]) {
    for branch in 0..usize::from(group.branches) {
        let pool = &group.pools[branch];
        let credits: u64 = tickets.iter().map(|ticket| ticket.credits[branch]).sum();
        assert_eq!(credits, group.credits[branch], "credits of tickets");
        assert_eq!(credits + pool.cash + pool.fees, group.total, "of the total");
        for outcome in 0..MAX_OUTCOMES {
            let held = tickets.iter().map(|ticket| ticket.shares[branch][outcome]);
            assert_eq!(held.sum::<u64>(), pool.sold[outcome], "shares of tickets");
        }
    }
}

/// A refused trade leaves the books alone in the program, which reverts; here copies do.
fn step(
    random: &mut StdRng,
    group: &mut QuantumGroup,
    ticket: &mut QuantumTicket,
    now: Now,
    outcomes: u8,
) -> i128 {
    let mut next = (Box::new(*group), *ticket);
    let moved = match random.gen_range(0..10) {
        0..=2 => {
            let amount = random.gen_range(1..=group.funding * 2);
            next.0.deposit(&mut next.1, amount).expect("a deposit");
            i128::from(amount)
        }
        3 => {
            let least = ticket.credits.iter().take(usize::from(group.branches));
            let amount = random.gen_range(0..=least.copied().min().unwrap_or(0));
            next.0.merge(&mut next.1, amount).expect("a merger");
            -i128::from(amount)
        }
        _ => {
            let branch = random.gen_range(0..group.branches);
            let outcome = random.gen_range(0..outcomes);
            let index = usize::from(branch);
            let held = ticket.shares[index][usize::from(outcome)];
            let order = order(random, held.max(ticket.credits[index]));
            let traded = next.0.trade(&mut next.1, now, branch, outcome, order);
            if traded.is_err() {
                return 0;
            }
            0
        }
    };
    (*group, *ticket) = (*next.0, next.1);
    moved
}

/// A market that ended: with an outcome or, of `None`, void at even payouts.
fn ended(outcome: Option<u8>, outcomes: u8) -> FlashMarket {
    let mut market = FlashMarket::zeroed();
    match outcome {
        Some(outcome) => {
            let meaning = Meaning::Outcome(outcome);
            market.settlement.resolve(meaning).expect("a result");
        }
        None => {
            let mut payouts = [Price::ZERO; MAX_OUTCOMES];
            let each = Price(Price::ONE.0 / u64::from(outcomes));
            payouts[..usize::from(outcomes)].fill(each);
            market.settlement.void(payouts);
        }
    }
    market
}

fn play(seed: u64) {
    let random = &mut StdRng::seed_from_u64(seed);
    let (branches, outcomes) = (random.gen_range(2..=10), random.gen_range(2..=10));
    let mut group = Box::new(group(random, branches, outcomes));
    let mut tickets = [QuantumTicket::zeroed(); TICKETS];
    let mut put_in = i128::from(group.total);
    let mut second = 0;
    for _ in 0..random.gen_range(1..12) {
        second = (second + random.gen_range(0..60)).min(599);
        let ticket = &mut tickets[random.gen_range(0..TICKETS)];
        put_in += step(random, &mut group, ticket, at(second), outcomes);
        assert_books(&group, &tickets);
        assert_eq!(i128::from(group.total), put_in, "what was put in");
    }

    let now = at(600 + random.gen_range(0..100));
    let which = random.gen_bool(0.7).then(|| random.gen_range(0..branches));
    let won = random.gen_bool(0.7).then(|| random.gen_range(0..outcomes));
    group
        .collapse(&ended(which, branches), now)
        .expect("a collapse");
    if which.is_some() {
        group.settle(&ended(won, outcomes), now).expect("an end");
    }
    assert!(group.is(GroupStatus::Settled));
    let (surplus, _) = group.surplus().expect("nobody is owed more than there is");
    let mut paid = 0;
    for ticket in tickets.iter().take(TICKETS) {
        let own = group.redeem(ticket).expect("a payment");
        if let (Some(branch), Some(outcome)) = (which, won) {
            // As if there had been this branch alone.
            let (branch, outcome) = (usize::from(branch), usize::from(outcome));
            let alone = ticket.credits[branch] + ticket.shares[branch][outcome];
            assert_eq!(own, alone, "of the surviving branch");
        }
        paid += own;
    }
    let left = put_in - i128::from(paid) - i128::from(surplus.0);
    assert!(
        (0..=i128::from(branches) * 4).contains(&left),
        "{left} left by rounding"
    );
    assert!(group.credits.iter().all(|credits| *credits == 0));
    let sold = group.pools.iter().flat_map(|pool| pool.sold);
    assert_eq!(sold.sum::<u64>(), 0, "no share is left");
}

#[test]
fn every_branch_adds_up_in_100_000_histories() {
    for seed in 0..HISTORIES {
        play(seed);
    }
}
