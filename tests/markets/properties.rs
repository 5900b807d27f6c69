//! Standard markets under random operations, thousands on each curve: the invariants are checked
//! after each, and at the end every claim is paid and every account closed.

use std::collections::BTreeMap;

use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::instruction::Instruction,
};
use client::{
    accounts::StrobeAccount, addresses::markets as addresses, instructions::markets::*, NamedError,
};
use market_core::{
    pool::Order,
    rule::{RuleKind, RuleTerms},
    settlement::MarketStatus,
    Now,
};
use markets::{
    error::MarketError,
    state::{CurveSwitch, LiquidityPosition, Market, Position, Venue},
};
use math::{CurveKind, Money, Price, Shares};
use oracle::Observation;
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use testbed::{agent, KeySource, MarketsOptions, MarketsWorld, Trader};

use super::invariants::{self as invariants, Act, Books, Certain, Probes};

/// Accepted operations of the pool that each curve goes through.
fn operations() -> u32 {
    crate::support::operations(1_000, 5_000)
}

/// How a market is priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Lmsr,
    StaticPmAmm,
    DynamicPmAmm,
    L2,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Lmsr, Self::StaticPmAmm, Self::DynamicPmAmm, Self::L2];

    fn of(market: &Market) -> Self {
        let is_of = |kind: &Self| {
            let curve = kind.curve();
            let falls = curve == Curve::PmAmm { micro_tau: true };
            curve.kind().map(|kind| kind as u8) == Some(market.pool.kind)
                && falls == (market.micro_tau != 0)
        };
        Self::ALL.into_iter().find(is_of).expect("a curve")
    }

    fn curve(self) -> Curve {
        match self {
            Self::Lmsr => Curve::Lmsr,
            Self::StaticPmAmm => Curve::PmAmm { micro_tau: false },
            Self::DynamicPmAmm => Curve::PmAmm { micro_tau: true },
            Self::L2 => Curve::L2,
        }
    }
}

#[test]
fn thousands_of_operations_on_an_lmsr() {
    run(&[Kind::Lmsr], 1);
}

#[test]
fn thousands_of_operations_on_a_static_pm_amm() {
    run(&[Kind::StaticPmAmm], 2);
}

#[test]
fn thousands_of_operations_on_a_dynamic_pm_amm() {
    run(&[Kind::DynamicPmAmm], 3);
}

#[test]
fn thousands_of_operations_on_l2_bins() {
    run(&[Kind::L2], 4);
}

/// All curves side by side, with another seed every time: who sees it fail gives the seed a test.
#[test]
fn random_operations_of_a_new_seed() {
    run(&Kind::ALL, rand::random());
}

/// Goes on until each of the curves has had its operations, or its part of them in a run of all.
fn run(kinds: &'static [Kind], seed: u64) {
    println!("seed {seed}");
    let mut run = Run::start(kinds, seed);
    let most = 2 * operations();
    let share = operations() / u32::try_from(kinds.len() * kinds.len()).expect("few");
    for _ in 0..most {
        if kinds
            .iter()
            .all(|kind| run.tally(*kind).operations >= share)
        {
            break;
        }
        run.step();
    }
    run.drain();
    for kind in kinds {
        let tally = run.tally(*kind);
        println!("{}", tally.describe(*kind));
        assert!(
            tally.operations >= share,
            "{kind:?}: {} operations in {most} steps",
            tally.operations
        );
        for name in [
            "Buy",
            "Sell",
            "RoundTrip",
            "Split",
            "Merge",
            "Add",
            "Remove",
            "Poke",
        ] {
            let has_no_sets = *kind == Kind::L2 && matches!(name, "Split" | "Merge");
            let count = tally.by_act.get(name).copied().unwrap_or(0);
            assert!(
                has_no_sets || count >= share / 500,
                "{kind:?}: {count} of {name}"
            );
        }
    }
    println!(
        "{:?}: best of parts {} over the whole; {} round trips and {} splits probed",
        kinds, run.probes.best_split, run.probes.round_trips, run.probes.splits
    );
}

/// What a curve went through.
#[derive(Clone, Debug)]
struct Tally {
    /// Of the pool, accepted.
    operations: u32,
    refused: u32,
    /// Of the ladder, claims and donations, accepted.
    others: u32,
    by_act: BTreeMap<String, u32>,
    least: Price,
    greatest: Price,
    largest_move: Price,
    settled: u32,
    /// Of all providers, base units: what trades brought them in the end, and their fees.
    trading: i128,
    fees: u64,
    /// By round trip through the program on a market without a fee: base units of rounding that the
    /// user lost, and the pool kept.
    kept: Vec<i128>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            operations: 0,
            refused: 0,
            others: 0,
            by_act: BTreeMap::new(),
            least: Price::ONE,
            greatest: Price::ZERO,
            largest_move: Price::ZERO,
            settled: 0,
            trading: 0,
            fees: 0,
            kept: Vec::new(),
        }
    }
}

impl Tally {
    fn describe(&self, kind: Kind) -> String {
        let Self {
            operations,
            refused,
            others,
            by_act,
            least,
            greatest,
            largest_move,
            settled,
            trading,
            fees,
            kept,
        } = self;
        let user_loss = kept.iter().max().copied().unwrap_or(0);
        let pool_loss = -kept.iter().min().copied().unwrap_or(0);
        format!(
            "{kind:?}: {operations} operations of the pool and {others} others accepted, {refused} \
             refused {by_act:?}\n  prices from {least} to {greatest}, largest move {largest_move}\n  \
             providers of {settled} settled markets: {trading} by trades, {fees} in fees, {} in all\
             \n  {} round trips without fee: rounding cost the user {user_loss} at worst, the pool \
             {pool_loss}",
            trading + i128::from(*fees),
            kept.len(),
        )
    }
}

/// What a run remembers of a market.
struct Record {
    address: Pubkey,
    kind: Kind,
    addresses: Addresses,
    donated: u64,
    proposer: Option<usize>,
    disputer: Option<usize>,
    certain: Certain,
    /// Base units that trades brought, and shares by outcome that they took.
    inflow: i128,
    taken: Vec<i128>,
}

/// Of a market's accounts, by person.
struct Addresses {
    tokens: Pubkey,
    positions: Vec<Pubkey>,
    liquidity: Vec<Pubkey>,
}

const PURSE: u64 = 1_000_000_000_000_000;
/// The last of them is an address of another program.
const TRADERS: usize = 3;
/// The creator comes after the traders.
const CREATOR: usize = TRADERS;
const MOST_MARKETS: usize = 3;
/// How often the harness looks at everything.
const CHECK_INTERVAL: u32 = 40;

struct Run {
    markets: MarketsWorld,
    random: StdRng,
    kinds: &'static [Kind],
    people: Vec<Trader>,
    records: Vec<Record>,
    tallies: BTreeMap<Kind, Tally>,
    probes: Probes,
    sent: u32,
}

impl Run {
    fn start(kinds: &'static [Kind], seed: u64) -> Self {
        let mut markets = MarketsWorld::start(&MarketsOptions {
            keys: KeySource::seeded(seed),
            ..MarketsOptions::default()
        });
        let mut people: Vec<_> = (1..TRADERS).map(|_| markets.trader(PURSE)).collect();
        people.push(markets.agent(PURSE));
        people.push(markets.creator());
        Self {
            markets,
            random: StdRng::seed_from_u64(seed),
            kinds,
            people,
            records: Vec::new(),
            tallies: BTreeMap::new(),
            probes: Probes::default(),
            sent: 0,
        }
    }

    fn tally(&mut self, kind: Kind) -> &mut Tally {
        self.tallies.entry(kind).or_default()
    }

    fn step(&mut self) {
        if self.is_paused() && self.random.gen_bool(0.5) {
            return self.pause();
        }
        if self.records.is_empty() {
            return self.create_market();
        }
        match self.random.gen_range(0..1_000) {
            0..=309 => self.buy(),
            310..=489 => self.sell(),
            490..=529 => self.round_trip(),
            530..=559 => self.transfer(),
            560..=679 => self.move_sets(),
            680..=829 => self.move_liquidity(),
            830..=879 => self.pass_time(),
            880..=899 => self.create_market(),
            900..=929 => self.move_on(),
            930..=939 => self.donate(),
            940..=959 => self.collect(),
            960..=961 => self.pause(),
            962..=974 => self.switch(),
            _ => self.poke(),
        }
    }

    fn chain_is_before(&self, time_ms: u64) -> bool {
        self.markets.chain().now().0 < time_ms
    }

    fn clock(&self) -> &Clock {
        self.markets.chain().clock()
    }

    fn now(&self) -> Now {
        let venue: Venue = self.find(self.markets.venue).expect("a venue");
        venue.now(self.clock())
    }

    fn is_paused(&self) -> bool {
        let (now, address) = (self.clock().unix_timestamp, self.markets.venue);
        let venue: Venue = self.find(address).expect("a venue");
        venue.pauses.is_paused(now)
    }

    fn find<T: StrobeAccount>(&self, address: Pubkey) -> Option<T> {
        self.markets.see_as(address)
    }

    fn state(&self, market: usize) -> Box<Market> {
        let address = self.records[market].address;
        Box::new(self.find(address).expect("a market"))
    }

    fn books(&self, market: usize) -> Books {
        let Record {
            addresses, donated, ..
        } = &self.records[market];
        let wallets = self.people.iter();
        let positions = addresses.positions.iter();
        let liquidity = addresses.liquidity.iter();
        Books {
            market: self.state(market),
            tokens: self.markets.see_balance(addresses.tokens),
            donated: *donated,
            wallets: wallets
                .map(|person| self.markets.see_balance(person.tokens))
                .collect(),
            positions: positions.map(|address| self.find(*address)).collect(),
            liquidity: liquidity.map(|address| self.find(*address)).collect(),
        }
    }

    fn held(&self, market: usize, person: usize) -> Vec<u64> {
        let address = self.records[market].addresses.positions[person];
        let position: Option<Position> = self.find(address);
        position.map_or_else(Vec::new, |position| position.holdings.shares)
    }

    /// Sends an instruction that names one market, and checks the invariants on what it made of it.
    /// Refusals are part of life, but no sum may come out wrong.
    fn act(
        &mut self,
        market: usize,
        act: Act,
        person: Option<usize>,
        instructions: &[Instruction],
    ) -> bool {
        let before = self.books(market);
        let others: Vec<_> = (0..self.records.len())
            .filter(|other| *other != market)
            .map(|other| self.records[other].addresses.tokens)
            .collect();
        let untouched: Vec<_> = others
            .iter()
            .map(|other| self.markets.see(*other).expect("an account"))
            .collect();

        let accepted = self.send(market, person, instructions);
        for (other, before) in others.iter().zip(&untouched) {
            let account = self.markets.chain().find_account(*other);
            let account = account.expect("the chain").expect("an account");
            invariants::untouched(&before.data, &account.data);
        }
        if !accepted {
            return false;
        }
        let after = self.books(market);
        invariants::check(act, person, &before, &after);
        self.records[market].certain.check(act, &after.market);
        self.count(market, act, person, &before, &after);
        if self.random.gen_bool(0.25) {
            invariants::probe(
                &self.markets,
                &after.market,
                &mut self.random,
                &mut self.probes,
            );
        }
        true
    }

    fn send(&mut self, market: usize, person: Option<usize>, instructions: &[Instruction]) -> bool {
        let signer = person.map(|person| &self.people[person]);
        let result = match signer {
            Some(signer) if signer.is_agent() => {
                let called: Vec<_> = instructions
                    .iter()
                    .map(agent::in_the_name_of_the_agent)
                    .collect();
                self.markets.send_unchecked(&called, &[])
            }
            _ => {
                let signers: Vec<_> = signer.iter().map(|signer| &signer.key).collect();
                self.markets.send_unchecked(instructions, &signers)
            }
        };
        self.sent += 1;
        if self.sent.is_multiple_of(CHECK_INTERVAL) {
            self.markets.check();
        }
        let Err(error) = result else {
            return true;
        };
        let refusal = error.refusal().expect("an answer of the programs");
        assert!(is_refusal(&refusal.error), "{refusal:?}");
        let kind = self.records[market].kind;
        self.tally(kind).refused += 1;
        false
    }

    fn count(
        &mut self,
        market: usize,
        act: Act,
        person: Option<usize>,
        before: &Books,
        after: &Books,
    ) {
        let record = &mut self.records[market];
        let paid = person.map_or(0, |person| {
            i128::from(before.wallets[person]) - i128::from(after.wallets[person])
        });
        let [old, new] = [&before.market.pool, &after.market.pool];
        if let Act::Buy(outcome) | Act::Sell(outcome) = act {
            let outcome = usize::from(outcome);
            record.inflow += i128::from(new.cash) - i128::from(old.cash);
            record.taken[outcome] += i128::from(new.sold[outcome]) - i128::from(old.sold[outcome]);
        }
        if let Act::RoundTrip(_) = act {
            record.inflow += i128::from(new.cash) - i128::from(old.cash);
        }
        let is_settled =
            after.market.settlement.is_settled() && !before.market.settlement.is_settled();
        let owed: i128 = record
            .taken
            .iter()
            .zip(&after.market.settlement.payouts)
            .map(|(shares, payout)| shares * i128::from(*payout) / (1 << 63))
            .sum();
        let (kind, inflow) = (record.kind, record.inflow);
        let tally = self.tally(kind);
        if is_settled {
            tally.settled += 1;
            tally.trading += inflow - owed;
        }
        // The run's curve becomes another at a switch.
        let tally = self.tally(Kind::of(&before.market));
        if !act.is_of_pool() {
            tally.others += 1;
            return;
        }
        tally.operations += 1;
        let name = format!("{act:?}");
        let name = name.split('(').next().unwrap_or_default().to_string();
        *tally.by_act.entry(name).or_default() += 1;
        // What whoever comes brings for its part of them is nobody's gain.
        if act != Act::Add {
            tally.fees += after.market.liquidity_fees - before.market.liquidity_fees;
        }
        if matches!(act, Act::RoundTrip(_)) && after.market.fee_rate == 0 {
            tally.kept.push(paid);
        }
        let (Ok(old), Ok(new)) = (
            before.market.pool.probabilities(),
            after.market.pool.probabilities(),
        ) else {
            return;
        };
        for (old, new) in old.iter().zip(&new).take(after.outcomes()) {
            tally.least = tally.least.min(*new);
            tally.greatest = tally.greatest.max(*new);
            tally.largest_move = tally.largest_move.max(Price(old.0.abs_diff(new.0)));
        }
    }

    /// From 1 to `most`, small ones as likely as large ones.
    fn amount(&mut self, most: u64) -> u64 {
        let digits = (most.max(1) as f64).ln();
        let amount = self.random.gen_range(0.0..=digits).exp();
        (amount as u64).clamp(1, most.max(1))
    }

    /// The first of a few drawn amounts that `is_accepted` on a copy of the market.
    fn amount_that(
        &mut self,
        most: u64,
        state: &Market,
        is_accepted: impl Fn(&mut Market, Now, u64) -> bool,
    ) -> u64 {
        let now = self.now();
        for _ in 0..8 {
            let amount = self.amount(most);
            if is_accepted(&mut state.clone(), now, amount) {
                return amount;
            }
        }
        self.amount(most)
    }

    /// A market that trades now, and somebody who has a position in it.
    fn pick(&mut self) -> Option<(usize, usize, Box<Market>)> {
        let clock = self.clock().clone();
        let trading: Vec<_> = (0..self.records.len())
            .filter(|market| {
                let state = self.state(*market);
                state.require_trading(clock.unix_timestamp).is_ok() && state.pool.depth > 0
            })
            .collect();
        let Some(market) = trading.choose(&mut self.random).copied() else {
            if self.records.len() < MOST_MARKETS {
                self.create_market();
            } else {
                self.move_on();
            }
            return None;
        };
        let person = self.random.gen_range(0..TRADERS);
        if !self.open(market, person) {
            return None;
        }
        Some((market, person, self.state(market)))
    }

    fn open(&mut self, market: usize, person: usize) -> bool {
        let address = self.records[market].addresses.positions[person];
        if self.markets.see(address).is_some() {
            return true;
        }
        let address = self.records[market].address;
        let open = self.markets.build_position(&self.people[person], address);
        self.act(market, Act::Open, Some(person), &[open.instruction()])
    }

    fn buy(&mut self) {
        let Some((market, person, state)) = self.pick() else {
            return;
        };
        let address = self.records[market].address;
        let outcome = self.random.gen_range(0..state.pool.outcomes);
        let most = state.pool.initial_depth.saturating_mul(5);
        let by_stake = self.random.gen_bool(0.5);
        let amount = self.amount_that(most, &state, |market, now, amount| {
            let (order, bound) = if by_stake {
                (Order::Stake(Money(amount)), 0)
            } else {
                (Order::Buy(Shares(amount)), u64::MAX)
            };
            market.fill(now, outcome, order, bound).is_ok()
        });
        let trader = &self.people[person];
        let buy = if by_stake {
            self.markets
                .build_buy(trader, address, outcome, amount)
                .instruction()
        } else {
            self.markets
                .build_buy_shares(trader, address, outcome, amount)
                .instruction()
        };
        self.act(market, Act::Buy(outcome), Some(person), &[buy]);
    }

    fn sell(&mut self) {
        let Some((market, person, state)) = self.pick() else {
            return;
        };
        let held = self.held(market, person);
        let some: Vec<_> = (0..held.len())
            .filter(|outcome| held[*outcome] > 0)
            .collect();
        let Some(outcome) = some.choose(&mut self.random).copied() else {
            return self.buy();
        };
        let held = held[outcome];
        let outcome = u8::try_from(outcome).expect("few");
        let shares = match self.random.gen_range(0..20) {
            0..=9 => held,
            10..=18 => self.amount_that(held, &state, |market, now, shares| {
                let order = Order::Sell(Shares(shares));
                market.fill(now, outcome, order, 0).is_ok()
            }),
            _ => self.random.gen_range(0..=held.saturating_add(1)),
        };
        let address = self.records[market].address;
        let sell = self
            .markets
            .build_sell(&self.people[person], address, outcome, shares);
        self.act(
            market,
            Act::Sell(outcome),
            Some(person),
            &[sell.instruction()],
        );
    }

    /// Buys and sells again, in one transaction.
    fn round_trip(&mut self) {
        let Some((market, person, state)) = self.pick() else {
            return;
        };
        let outcome = self.random.gen_range(0..state.pool.outcomes);
        let most = state.pool.initial_depth.saturating_mul(5);
        let shares = self.amount_that(most, &state, |market, now, shares| {
            let shares = Shares(shares);
            market
                .fill(now, outcome, Order::Buy(shares), u64::MAX)
                .and_then(|_| market.fill(now, outcome, Order::Sell(shares), 0))
                .is_ok()
        });
        let (address, trader) = (self.records[market].address, &self.people[person]);
        let buy = self
            .markets
            .build_buy_shares(trader, address, outcome, shares);
        let sell = self.markets.build_sell(trader, address, outcome, shares);
        let wallet = trader.tokens;
        let before = self.markets.see_balance(wallet);
        let both = [buy.instruction(), sell.instruction()];
        self.act(market, Act::RoundTrip(outcome), Some(person), &both);
        let after = self.markets.see_balance(wallet);
        assert!(
            after <= before,
            "invariant 6: a round trip made {}",
            after - before
        );
    }

    /// Gives shares, or liquidity, to somebody else.
    fn transfer(&mut self) {
        let Some((market, person, _)) = self.pick() else {
            return;
        };
        let other = (person + 1) % TRADERS;
        if !self.open(market, other) {
            return;
        }
        let address = self.records[market].address;
        let (owner, receiver) = (&self.people[person], &self.people[other]);
        let held = self.held(market, person);
        let outcome = self.random.gen_range(0..held.len());
        let transfer = TransferShares {
            owner: owner.address(),
            market: address,
            receiver: receiver.address(),
            outcome: u8::try_from(outcome).expect("few"),
            shares: self.random.gen_range(0..=held[outcome].saturating_add(1)),
        };
        let transfer = transfer.instruction();
        self.act(market, Act::Transfer, Some(person), &[transfer]);
    }

    fn move_sets(&mut self) {
        let Some((market, person, state)) = self.pick() else {
            return;
        };
        // L2 has no sets, which a run need not try often.
        if state.pool.kind == CurveKind::L2 as u8 && self.random.gen_bool(0.98) {
            return self.sell();
        }
        let address = self.records[market].address;
        let held = self.held(market, person);
        let sets = held.iter().copied().min().unwrap_or(0);
        let (act, instruction) = if sets == 0 || self.random.gen_bool(0.4) {
            let amount = self.amount(state.pool.initial_depth);
            let split = self
                .markets
                .build_split(&self.people[person], address, amount);
            (Act::Split, split.instruction())
        } else {
            let amount = self.random.gen_range(1..=sets);
            let merge = self
                .markets
                .build_merge(&self.people[person], address, amount);
            (Act::Merge, merge.instruction())
        };
        self.act(market, act, Some(person), &[instruction]);
    }

    fn move_liquidity(&mut self) {
        let Some((market, mut person, state)) = self.pick() else {
            return;
        };
        if self.random.gen_bool(0.4) {
            person = CREATOR;
        }
        let address = self.records[market].address;
        let is_l2 = state.pool.kind == CurveKind::L2 as u8;
        let liquidity = self.records[market].addresses.liquidity[person];
        if self.markets.see(liquidity).is_none() {
            let open = self.markets.build_liquidity(&self.people[person], address);
            if !self.act(market, Act::Open, Some(person), &[open.instruction()]) {
                return;
            }
        }
        if !self.open(market, person) {
            return;
        }
        let position: LiquidityPosition = self.find(liquidity).expect("liquidity");
        // L2 takes liquidity only while nobody has shares.
        let takes = !is_l2 || state.pool.sold.iter().all(|sold| *sold == 0);
        if takes && (position.shares == 0 || self.random.gen_bool(0.55)) {
            let most = state.pool.initial_depth.saturating_mul(3);
            let amount = self.amount_that(most, &state, |market, now, amount| {
                market.add_liquidity(amount, now).is_ok()
            });
            let add = self
                .markets
                .build_add(&self.people[person], address, amount);
            self.act(market, Act::Add, Some(person), &[add.instruction()]);
        } else if position.shares > 0 {
            // Whoever takes all leaves a market without a curve, which happens often enough.
            let shares = if self.random.gen_bool(0.02) {
                position.shares
            } else {
                self.amount(position.shares.div_ceil(2))
            };
            let remove = self
                .markets
                .build_remove(&self.people[person], address, shares);
            self.act(market, Act::Remove, Some(person), &[remove.instruction()]);
        } else {
            self.sell();
        }
    }

    fn switch(&mut self) {
        let clock = self.clock().clone();
        let offered = (0..self.records.len()).find(|market| {
            let state = self.state(*market);
            state.curve_switch == CurveSwitch::Offered as u8
                && state.require_trading(clock.unix_timestamp).is_ok()
                && state.require_switch(state.hours.trading_until - 1).is_ok()
        });
        let Some(market) = offered else {
            return self.poke();
        };
        let state = self.state(market);
        if state.require_switch(clock.unix_timestamp).is_err() {
            // Most markets would be over before their time comes.
            if self.random.gen_bool(0.8) {
                return self.poke();
            }
            let mut later = clock.unix_timestamp..state.hours.trading_until;
            let first = later.find(|second| state.require_switch(*second).is_ok());
            let first = first.expect("a second before the freeze");
            self.markets.go_to_second(first);
        }
        let address = self.records[market].address;
        let switch = SwitchCurve {
            venue: self.markets.venue,
            market: address,
        }
        .instruction();
        self.act(market, Act::Switch, None, &[switch]);
    }

    fn poke(&mut self) {
        let market = self.random.gen_range(0..self.records.len());
        let address = self.records[market].address;
        if self.state(market).settlement.is_settled() {
            return self.move_on();
        }
        let poke = Poke {
            venue: self.markets.venue,
            market: address,
        }
        .instruction();
        self.act(market, Act::Poke, None, &[poke]);
    }

    fn pass_time(&mut self) {
        let slots = match self.random.gen_range(0..20) {
            0 => self.random.gen_range(0..20_000),
            _ => self.random.gen_range(0..400),
        };
        self.markets.go_to(self.markets.chain().slot() + slots);
    }

    fn donate(&mut self) {
        let market = self.random.gen_range(0..self.records.len());
        let amount = self.amount(1_000_000_000);
        if self.random.gen_bool(0.2) {
            let venue = addresses::venue_tokens(&self.markets.venue);
            self.markets.donate(venue, amount);
            return;
        }
        let before = self.books(market);
        let tokens = self.records[market].addresses.tokens;
        self.markets.donate(tokens, amount);
        self.records[market].donated += amount;
        let after = self.books(market);
        invariants::check(Act::Donate, None, &before, &after);
        self.count(market, Act::Donate, None, &before, &after);
    }

    fn collect(&mut self) {
        let market = self.random.gen_range(0..self.records.len());
        let address = self.records[market].address;
        let person = self.random.gen_range(0..=TRADERS);
        let liquidity = self.records[market].addresses.liquidity[person];
        let instruction = match self.random.gen_range(0..4) {
            0 => self.markets.build_collect_creator(address).instruction(),
            1 => self.markets.build_release(address).instruction(),
            2 => self.markets.build_collect_protocol().instruction(),
            _ if self.markets.see(liquidity).is_none() => return,
            _ => self
                .markets
                .build_collect(&self.people[person], address)
                .instruction(),
        };
        self.act(market, Act::Collect, None, &[instruction]);
    }

    /// A pause, or the end of one.
    fn pause(&mut self) {
        let result = if self.is_paused() {
            self.markets.unpause()
        } else {
            self.markets.pause()
        };
        if let Err(error) = result {
            let refusal = error.refusal().expect("an answer of the programs");
            assert!(is_refusal(&refusal.error), "{refusal:?}");
        }
    }

    fn create_market(&mut self) {
        if self.records.len() >= MOST_MARKETS {
            return self.buy_somewhere();
        }
        let rarest = |kind: &&Kind| self.tallies.get(kind).map_or(0, |tally| tally.operations);
        let kind = *self.kinds.iter().min_by_key(rarest).expect("a curve");
        let outcomes = match kind {
            Kind::Lmsr if self.random.gen_bool(0.5) => 2,
            Kind::Lmsr => self.random.gen_range(2..=32),
            Kind::StaticPmAmm | Kind::DynamicPmAmm => 2,
            Kind::L2 => self.random.gen_range(2..=64),
        };
        let mut terms = self.markets.terms(outcomes);
        terms.curve = match kind {
            // What a short market of two outcomes gets.
            Kind::DynamicPmAmm if self.random.gen_bool(0.5) => Curve::Auto,
            kind => kind.curve(),
        };
        terms.rule = match self.random.gen_range(0..4) {
            0 => RuleTerms::Threshold {
                strikes: (1..i64::from(outcomes)).collect(),
            },
            1 if terms.curve != Curve::Auto => RuleTerms::Scalar {
                low: 0,
                high: i64::from(outcomes),
            },
            2 if outcomes == 2 && self.random.gen_bool(0.5) => {
                RuleTerms::Linear { low: 0, high: 7 }
            }
            2 if outcomes == 2 => RuleTerms::ThresholdAtOpening {
                strike_at_ms: terms.observe_at_ms,
            },
            _ => RuleTerms::Categorical,
        };
        terms.offers_switch = kind == Kind::Lmsr && outcomes == 2;
        if self.random.gen_bool(0.5) {
            terms.weights = (0..outcomes)
                .map(|_| self.random.gen_range(1_000..100_000))
                .collect();
        }
        terms.depth = 1_000 * self.amount(1_000_000_000);
        terms.fee_rate = match self.random.gen_bool(0.4) {
            true => 0,
            false => self.random.gen_range(1..=500),
        };
        terms.creator_fee_share = self.random.gen_range(0..=7_000);
        let duration: u32 = self.random.gen_range(600..20_000);
        terms.opens_at += 20 * i64::from(self.random.gen_bool(0.1));
        terms.locks_at = terms.opens_at + i64::from(duration);
        terms.frozen_seconds = self.random.gen_range(0..duration / 4);
        if terms.rule.strike_at_ms().is_some() {
            terms.observe_at_ms = u64::try_from(terms.locks_at).expect("a time") * 1_000;
        }
        terms.dispute_window_seconds = self.random.gen_range(60..600);
        let creator = self.markets.creator();
        let create = self.markets.build_market(&creator, terms);
        let address = create.market();
        let created = self.markets.create(&creator, &create);
        if let Err(error) = created {
            let refusal = error.refusal().expect("an answer of the programs");
            assert!(is_refusal(&refusal.error), "{refusal:?}");
            return;
        }
        let owners: Vec<_> = self.people.iter().map(Trader::address).collect();
        let addresses = Addresses {
            tokens: addresses::market_tokens(&address),
            positions: owners
                .iter()
                .map(|owner| addresses::position(&address, owner))
                .collect(),
            liquidity: owners
                .iter()
                .map(|owner| addresses::liquidity(&address, owner))
                .collect(),
        };
        let state = self.markets.state(address);
        self.records.push(Record {
            address,
            kind: Kind::of(&state),
            addresses,
            donated: 0,
            proposer: None,
            disputer: None,
            certain: Certain::of(&state),
            inflow: 0,
            taken: vec![0; usize::from(outcomes)],
        });
        if kind == Kind::L2 {
            // The only time at which it takes liquidity.
            self.move_liquidity();
            self.move_liquidity();
        }
    }

    fn buy_somewhere(&mut self) {
        if !self.is_paused() {
            self.buy();
        }
    }

    /// Takes a market one step further towards its end.
    fn move_on(&mut self) {
        let market = self.random.gen_range(0..self.records.len());
        let (state, address) = (self.state(market), self.records[market].address);
        if state.settlement.is_settled() {
            return self.pay(market);
        }
        let clock = self.clock().clone();
        let now = clock.unix_timestamp;
        if state.settlement.status == MarketStatus::Open as u8 {
            if now >= state.proposal_until {
                let void = Void {
                    venue: self.markets.venue,
                    market: address,
                }
                .instruction();
                self.act(market, Act::Ladder, None, &[void]);
            } else if now >= state.hours.trading_until || self.random.gen_bool(0.25) {
                self.propose(market);
            }
        } else if state.settlement.status == MarketStatus::Proposed as u8 {
            if now < state.dispute_until && self.random.gen_bool(0.4) {
                let person = self.random.gen_range(0..TRADERS);
                let dispute = self.markets.build_dispute(&self.people[person], address);
                if self.act(market, Act::Ladder, Some(person), &[dispute.instruction()]) {
                    self.records[market].disputer = Some(person);
                }
            } else {
                if now < state.dispute_until && self.random.gen_bool(0.7) {
                    self.markets.go_to_second(state.dispute_until);
                }
                let finalize = self.markets.build_finalize(address).instruction();
                self.act(market, Act::Ladder, None, &[finalize]);
            }
        } else if now < state.arbitration_until && self.random.gen_bool(0.8) {
            let value = self.value(&state);
            if state.evidence.strike_at_ms != 0 {
                let strike_at_ms = state.evidence.strike_at_ms;
                self.markets.arbitrate_at(address, strike_at_ms, 1);
            }
            let word = self.markets.arbitrate(address, value);
            let resolve = self.markets.build_resolve_dispute(address, word);
            self.act(market, Act::Ladder, None, &[resolve.instruction()]);
        } else {
            if now < state.arbitration_until {
                self.markets.go_to_second(state.arbitration_until);
            }
            let void = Void {
                venue: self.markets.venue,
                market: address,
            }
            .instruction();
            self.act(market, Act::Ladder, None, &[void]);
        }
    }

    fn value(&mut self, state: &Market) -> i64 {
        let most = match state.rule.bounds() {
            Ok((_, high))
                if state
                    .rule
                    .kind()
                    .is_ok_and(|kind| kind != RuleKind::Threshold) =>
            {
                high
            }
            _ => i64::from(state.pool.outcomes) - 1,
        };
        self.random.gen_range(0..=most)
    }

    /// Lets an up/down market have its strike, if it waits for one.
    fn set_strike(&mut self, market: usize) {
        let (state, address) = (self.state(market), self.records[market].address);
        if !state.rule.is_strike_pending() || !state.settlement.is_open() {
            return;
        }
        let strike_at_ms = state.evidence.strike_at_ms;
        let observation = match self.find::<Observation>(state.evidence.strike_observation) {
            Some(_) => state.evidence.strike_observation,
            None => self.markets.observe_at(address, strike_at_ms, 1),
        };
        let set = self.markets.build_set_strike(address, observation);
        assert!(self.act(market, Act::Ladder, None, &[set.instruction()]));
    }

    fn propose(&mut self, market: usize) {
        self.set_strike(market);
        let (state, address) = (self.state(market), self.records[market].address);
        let value = self.value(&state);
        if self.chain_is_before(state.evidence.observe_at_ms) {
            return;
        }
        let observation = match self.markets.find::<Observation>(state.evidence.observation) {
            Some(_) => state.evidence.observation,
            None => self.markets.observe(address, value),
        };
        let person = self.random.gen_range(0..TRADERS);
        let propose = self
            .markets
            .build_propose(&self.people[person], address, observation);
        if self.act(market, Act::Ladder, Some(person), &[propose.instruction()]) {
            self.records[market].proposer = Some(person);
        }
    }

    /// Pays everybody in a settled market, in any order, and closes it.
    fn pay(&mut self, market: usize) {
        let address = self.records[market].address;
        let mut order: Vec<_> = (0..self.people.len()).collect();
        order.shuffle(&mut self.random);
        for person in order {
            let redeem = self.markets.build_redeem(address, &[&self.people[person]]);
            let liquidity = self.records[market].addresses.liquidity[person];
            let provides = self.markets.see(liquidity).is_some();
            if provides && self.random.gen_bool(0.5) {
                self.redeem_liquidity(market, person);
            }
            if !redeem.positions.is_empty() {
                assert!(self.act(market, Act::Redeem, None, &[redeem.instruction()]));
            }
            if self.markets.see(liquidity).is_some() {
                self.redeem_liquidity(market, person);
            }
        }
        let state = self.state(market);
        let record = &self.records[market];
        if let (Some(proposer), true) = (record.proposer, state.proposer_claim > 0) {
            let claim = self
                .markets
                .build_claim_proposal(address, &self.people[proposer]);
            assert!(self.act(market, Act::Claim, None, &[claim.instruction()]));
        }
        let record = &self.records[market];
        if let (Some(disputer), true) = (record.disputer, state.open_disputes > 0) {
            let claim = self
                .markets
                .build_claim_dispute(address, &self.people[disputer]);
            assert!(self.act(market, Act::Claim, None, &[claim.instruction()]));
        }
        // Invariant 8: it asserts that nothing is left.
        self.markets.close(address).expect("a closing");
        self.records.remove(market);
    }

    fn redeem_liquidity(&mut self, market: usize, person: usize) {
        let address = self.records[market].address;
        let redeem = self
            .markets
            .build_redeem_liquidity(address, &self.people[person]);
        assert!(self.act(market, Act::RedeemLiquidity, None, &[redeem.instruction()]));
    }

    /// Everybody leaves, and nothing stays behind.
    fn drain(&mut self) {
        while !self.records.is_empty() {
            let state = self.state(0);
            if state.settlement.is_settled() {
                self.pay(0);
                continue;
            }
            let address = self.records[0].address;
            if state.settlement.status == MarketStatus::Proposed as u8 {
                self.wait_until(state.dispute_until);
                let finalize = self.markets.build_finalize(address).instruction();
                assert!(self.act(0, Act::Ladder, None, &[finalize]), "an end");
                continue;
            }
            let is_open = state.settlement.status == MarketStatus::Open as u8;
            if is_open && self.random.gen_bool(0.5) {
                self.propose(0);
                if !self.state(0).settlement.is_open() {
                    continue;
                }
            }
            self.wait_until(if is_open {
                state.proposal_until
            } else {
                state.arbitration_until
            });
            let void = Void {
                venue: self.markets.venue,
                market: address,
            }
            .instruction();
            assert!(self.act(0, Act::Ladder, None, &[void]), "an end");
        }
        if self.markets.venue_state().protocol_fees > 0 {
            let collect = self.markets.build_collect_protocol();
            self.markets
                .send(collect.instruction(), &[])
                .expect("a collection");
        }
        assert_eq!(self.markets.venue_state().protocol_fees, 0);
        assert!(self.markets.open_markets().is_empty());
        self.markets.check();
    }

    fn wait_until(&mut self, second: i64) {
        if self.clock().unix_timestamp < second {
            self.markets.go_to_second(second);
        }
    }
}

/// Whether the program refused what it may refuse.
fn is_refusal(error: &NamedError) -> bool {
    const NEVER: [MarketError; 4] = [
        MarketError::Insolvent,
        MarketError::TokensMissing,
        MarketError::NoConvergence,
        MarketError::WrongAccount,
    ];
    let code = error.code.unwrap_or_default();
    let is_ours = error.program == Some(markets::ID) && (8_000..9_000).contains(&code);
    is_ours && !NEVER.iter().any(|never| u32::from(*never) == code)
}
