//! What must hold after every operation on a standard market: the invariants of
//! `docs/invariants.md`, one function each. Nothing here asks the program's own checks.

use market_core::pool::Order;
use markets::state::{LiquidityPosition, Market, Position, MAX_OUTCOMES};
use math::{CurveKind, Money, Shares};
use rand::{rngs::StdRng, seq::SliceRandom, Rng};
use testbed::MarketsWorld;

/// One operation, by what it may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Buy(u8),
    Sell(u8),
    /// Bought and sold again in one transaction.
    RoundTrip(u8),
    /// Of shares to somebody else.
    Transfer,
    Split,
    Merge,
    Add,
    Remove,
    Poke,
    Switch,
    Open,
    Donate,
    /// Of fees.
    Collect,
    /// Proposals, disputes and what settles them.
    Ladder,
    /// Of bonds.
    Claim,
    Redeem,
    RedeemLiquidity,
}

impl Act {
    /// Whether it works on the pool while it trades: these are what a run counts.
    pub fn is_of_pool(self) -> bool {
        use Act::*;
        matches!(
            self,
            Buy(_) | Sell(_) | RoundTrip(_) | Split | Merge | Add | Remove | Poke | Switch
        )
    }
}

/// Everything around one market.
#[derive(Clone)]
pub struct Books {
    pub market: Box<Market>,
    /// Base units in its token account, and those of them that somebody sent uninvited.
    pub tokens: u64,
    pub donated: u64,
    /// By person: base units, shares, liquidity.
    pub wallets: Vec<u64>,
    pub positions: Vec<Option<Position>>,
    pub liquidity: Vec<Option<LiquidityPosition>>,
}

impl Books {
    pub fn outcomes(&self) -> usize {
        usize::from(self.market.pool.outcomes)
    }

    /// What the providers have when `outcome` wins, base units.
    fn reserve(&self, outcome: usize) -> u64 {
        self.market.pool.cash - self.market.pool.sold[outcome]
    }

    fn shares(&self, person: usize) -> Vec<u64> {
        let position = self.positions[person].as_ref();
        position.map_or_else(
            || vec![0; self.outcomes()],
            |position| position.holdings.shares.clone(),
        )
    }

    fn liquidity_of(&self, person: usize) -> u64 {
        let liquidity = self.liquidity[person].as_ref();
        liquidity.map_or(0, |liquidity| liquidity.shares)
    }

    fn cost_basis(&self, person: usize) -> i64 {
        let position = self.positions[person].as_ref();
        position.map_or(0, |position| position.holdings.cost_basis)
    }

    /// What everybody but the pool is owed: fees and bonds, base units.
    fn fees(&self) -> u64 {
        let market = &self.market;
        market.liquidity_fees + market.protocol_fees + market.creator_fees
    }

    /// What a settled market owes for its shares, rounded up; base units.
    fn liability(&self) -> u128 {
        let owed: u128 = self.market.pool.sold[..self.outcomes()]
            .iter()
            .zip(&self.market.settlement.payouts)
            .map(|(sold, payout)| u128::from(*sold) * u128::from(*payout))
            .sum();
        owed.div_ceil(1 << 63)
    }
}

/// Asserts every invariant that two states and the operation between them are enough for. `person`
/// signed it.
#[track_caller]
pub fn check(act: Act, person: Option<usize>, before: &Books, after: &Books) {
    solvency(after);
    tracked_money(act, before, after);
    escrow(act, before, after);
    paid_for(act, person, before, after);
    provider_share(act, person, before, after);
    supplies(after);
}

/// 1. Before a market is settled its cash covers whatever wins, after it what is still owed.
#[track_caller]
fn solvency(after: &Books) {
    let pool = &after.market.pool;
    if after.market.settlement.is_settled() {
        assert!(
            u128::from(pool.cash) >= after.liability(),
            "invariant 1: {} cannot pay {}",
            pool.cash,
            after.liability()
        );
        return;
    }
    for outcome in 0..after.outcomes() {
        let mut owed = pool.sold[outcome];
        if pool.kind == CurveKind::PmAmm as u8 {
            owed += u64::try_from(pool.curve[outcome]).expect("a reserve");
        }
        assert!(
            pool.cash >= owed,
            "invariant 1: {} cannot pay {owed} for outcome {outcome}",
            pool.cash
        );
    }
}

/// 2. The tokens are what the market tracks and what was donated, and a donation changes nothing.
#[track_caller]
fn tracked_money(act: Act, before: &Books, after: &Books) {
    let market = &after.market;
    let tracked = market.pool.cash + after.fees() + market.proposer_claim + market.disputer_claim;
    assert_eq!(after.tokens, tracked + after.donated, "invariant 2: tokens");
    assert_eq!(market.pool.fees, 0, "invariant 2: fees of nobody");
    if act == Act::Donate {
        assert!(
            bytemuck::bytes_of(&*before.market) == bytemuck::bytes_of(&*after.market),
            "invariant 2: a donation moved something"
        );
    }
}

/// 3. What is reserved here is the bonds: they come and go with proposals, disputes and claims, and
///    these leave the pool's money alone.
#[track_caller]
fn escrow(act: Act, before: &Books, after: &Books) {
    let bonds = |books: &Books| (books.market.proposer_claim, books.market.disputer_claim);
    let money = |books: &Books| (books.market.pool.cash, books.market.pool.sold);
    if matches!(act, Act::Ladder | Act::Claim) {
        assert_eq!(
            money(before),
            money(after),
            "invariant 3: the pool paid a bond"
        );
    } else {
        assert_eq!(bonds(before), bonds(after), "invariant 3: bonds at {act:?}");
    }
}

/// 5. Nothing counts that is not paid for: nobody pays who has not signed; what an operation hands
///    out for certain, whatever wins, the one who signed pays at once; and a position's cost basis
///    is what was paid for it less what it returned. No instruction of standard markets lends
///    against a position, so its unrealised profit buys nothing; see [`Certain`] for all holders
///    together.
#[track_caller]
fn paid_for(act: Act, person: Option<usize>, before: &Books, after: &Books) {
    for (other, (old, new)) in before.wallets.iter().zip(&after.wallets).enumerate() {
        assert!(
            new >= old || Some(other) == person,
            "invariant 5: {other} paid at {act:?} of {person:?}"
        );
    }
    let Some(person) = person else {
        return;
    };
    use Act::*;
    if !matches!(
        act,
        Buy(_) | Sell(_) | RoundTrip(_) | Split | Merge | Add | Remove
    ) {
        return;
    }
    let change = |old: u64, new: u64| i128::from(new) - i128::from(old);
    let money = change(before.wallets[person], after.wallets[person]);
    let certain = (0..before.outcomes())
        .map(|outcome| {
            let [old, new] = [before, after].map(|books| books.shares(person)[outcome]);
            let shares = change(old, new);
            shares + provided(person, outcome, after, false)
                - provided(person, outcome, before, true)
        })
        .min();
    let certain = match act {
        // What a trade does to the reserves is the providers'.
        Buy(outcome) | Sell(outcome) | RoundTrip(outcome) => {
            let [old, new] = [before, after].map(|books| books.shares(person));
            change(old[usize::from(outcome)], new[usize::from(outcome)]).min(0)
        }
        _ => certain.expect("outcomes"),
    };
    assert!(
        money + certain <= 0,
        "invariant 5: {act:?} gave {money} and {certain} for certain"
    );
    let basis = i128::from(after.cost_basis(person)) - i128::from(before.cost_basis(person));
    let expected = match act {
        Add | Remove => 0,
        _ => -money,
    };
    // On L2 a loss that was taken by a sale counts no longer.
    let is_l2_sale =
        before.market.pool.kind == CurveKind::L2 as u8 && matches!(act, Sell(_) | RoundTrip(_));
    assert!(
        basis == expected || (is_l2_sale && basis < expected),
        "invariant 5: cost basis at {act:?}: {basis}, not {expected}"
    );
}

/// A person's part of a reserve, base units.
fn provided(person: usize, outcome: usize, books: &Books, rounds_up: bool) -> i128 {
    let supply = u128::from(books.market.liquidity_supply);
    if supply == 0 {
        return 0;
    }
    let product = u128::from(books.liquidity_of(person)) * u128::from(books.reserve(outcome));
    let part = if rounds_up {
        product.div_ceil(supply)
    } else {
        product / supply
    };
    i128::try_from(part).expect("base units")
}

/// 7. What a liquidity share has when an outcome wins falls, for any outcome, by a trade only, and
///    then by what the trade's buyer was given less what was paid; so it does however the outcomes
///    are valued, at the worst or at the slow prices. After the settlement nobody's redemption takes
///    from the others. Fees are the providers' until they are paid.
#[track_caller]
fn provider_share(act: Act, person: Option<usize>, before: &Books, after: &Books) {
    let [old_supply, new_supply] =
        [before, after].map(|books| u128::from(books.market.liquidity_supply));
    if !matches!(act, Act::Collect | Act::RedeemLiquidity) {
        assert!(
            after.market.liquidity_fees >= before.market.liquidity_fees,
            "invariant 7: {act:?} took fees"
        );
    }
    if let Act::Buy(outcome) | Act::Sell(outcome) | Act::RoundTrip(outcome) = act {
        let person = person.expect("a trader");
        let paid = i128::from(before.wallets[person]) - i128::from(after.wallets[person]);
        let fees = i128::from(after.fees()) - i128::from(before.fees());
        let cash = i128::from(after.market.pool.cash) - i128::from(before.market.pool.cash);
        assert_eq!(cash, paid - fees, "invariant 7: money of a trade");
        let [old, new] = [before, after].map(|books| books.shares(person));
        for other in 0..before.outcomes() {
            let given = i128::from(new[other]) - i128::from(old[other]);
            let sold = i128::from(after.market.pool.sold[other])
                - i128::from(before.market.pool.sold[other]);
            assert_eq!(given, sold, "invariant 7: shares of a trade");
            assert!(
                sold == 0 || other == usize::from(outcome),
                "invariant 7: shares of another outcome"
            );
        }
        assert_eq!(old_supply, new_supply, "invariant 7: supply at a trade");
        return;
    }
    if new_supply == 0 {
        return;
    }
    if after.market.settlement.is_settled() {
        if before.market.settlement.is_settled() {
            let worth = |books: &Books| u128::from(books.market.pool.cash) - books.liability();
            // Redeemed payouts are rounded down one by one, the liability as a whole and up.
            assert!(
                worth(after) * old_supply >= worth(before) * new_supply,
                "invariant 7: {act:?} took from the providers of a settled market"
            );
        }
        return;
    }
    for outcome in 0..before.outcomes() {
        let [old, new] = [before, after].map(|books| u128::from(books.reserve(outcome)));
        assert!(
            new * old_supply >= old * new_supply,
            "invariant 7: {act:?} left {new} of {new_supply} after {old} of {old_supply} \
             for outcome {outcome}"
        );
    }
}

/// 8. All claims together are what accounts hold.
#[track_caller]
fn supplies(after: &Books) {
    let market = &after.market;
    let mut held = [0u64; MAX_OUTCOMES];
    let mut positions = 0;
    for position in after.positions.iter().flatten() {
        positions += 1;
        for (held, shares) in held.iter_mut().zip(&position.holdings.shares) {
            *held += shares;
        }
    }
    assert_eq!(market.pool.sold, held, "invariant 8: shares");
    assert_eq!(market.open_positions, positions, "invariant 8: positions");
    let providers: Vec<_> = after.liquidity.iter().flatten().collect();
    let supply: u64 = providers.iter().map(|provider| provider.shares).sum();
    assert_eq!(
        market.liquidity_supply, supply,
        "invariant 8: liquidity shares"
    );
    assert_eq!(
        usize::try_from(market.open_liquidity),
        Ok(providers.len()),
        "invariant 8: providers"
    );
    let owed: u64 = providers
        .into_iter()
        .map(|provider| {
            let mut provider = provider.clone();
            market.credit_fees(&mut provider).expect("fees");
            provider.fees_owed
        })
        .sum();
    assert!(
        market.liquidity_fees >= owed,
        "invariant 8: {} for fees of {owed}",
        market.liquidity_fees
    );
}

/// 4. No market's money pays another: byte for byte, what a transaction does not name stays.
#[track_caller]
pub fn untouched(before: &[u8], after: &[u8]) {
    assert!(before == after, "invariant 4: another market was touched");
}

/// The other half of invariant 5: whatever holders of a market trade among themselves and with the
/// pool, they have no profit together that is sure. From one change of liquidity to the next there is
/// an outcome for which the providers have lost nothing. (Liquidity that comes and goes may give
/// holders such a profit: of the providers' timing. And on L2, where a set costs more than a unit and
/// returns more, what was bought before such a change is sold after it for what it cost: there this
/// holds from states in which nobody has a share.)
pub struct Certain {
    reserves: Option<Vec<u64>>,
}

impl Certain {
    pub fn of(market: &Market) -> Self {
        let is_l2 = market.pool.kind == CurveKind::L2 as u8;
        let has_shares = market.pool.sold.iter().any(|sold| *sold > 0);
        Self {
            reserves: (!is_l2 || !has_shares).then(|| reserves(market).collect()),
        }
    }

    #[track_caller]
    pub fn check(&mut self, act: Act, after: &Market) {
        if matches!(act, Act::Add | Act::Remove) {
            *self = Self::of(after);
        } else if let (true, Some(reserves_before)) = (act.is_of_pool(), &self.reserves) {
            assert!(
                reserves(after)
                    .zip(reserves_before)
                    .any(|(new, old)| new >= *old),
                "invariant 5: at {act:?} the providers lose for every outcome"
            );
        }
    }
}

fn reserves(market: &Market) -> impl Iterator<Item = u64> + '_ {
    let sold = &market.pool.sold[..usize::from(market.pool.outcomes)];
    sold.iter().map(|sold| market.pool.cash - sold)
}

/// The most that probes of invariant 6 have found, base units.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probes {
    pub round_trips: u32,
    pub splits: u32,
    /// By how much parts were better than the whole: rounding.
    pub best_split: i128,
}

/// Rounding of a trade: of its cost and of its fee, and what the curve adds for its own error.
const ROUNDING: i128 = 3;

/// 6. Round trips never profit, and the parts of a trade never beat the whole by more than rounding:
///    tried on a copy of the market's state as the chain has it.
#[track_caller]
pub fn probe(markets: &MarketsWorld, state: &Market, random: &mut StdRng, probes: &mut Probes) {
    let now = markets.moment();
    if state.require_trading(now.seconds).is_err() || state.pool.depth == 0 {
        return;
    }
    let most = state.pool.depth.saturating_mul(2).max(1);
    let amount = |random: &mut StdRng| {
        let digits = (most as f64).ln();
        (random.gen_range(0.0..=digits).exp() as u64).clamp(1, most)
    };
    let outcome = |random: &mut StdRng| random.gen_range(0..state.pool.outcomes);

    // Some buys, unwound in any order, with and without complete sets in between.
    let mut copy = *state;
    let (mut paid, mut held) = (0i128, Vec::new());
    for _ in 0..random.gen_range(1..=4) {
        let (outcome, amount) = (outcome(random), amount(random));
        let bought = if random.gen_bool(0.5) {
            copy.fill(now, outcome, Order::Buy(Shares(amount)), u64::MAX)
        } else {
            copy.fill(now, outcome, Order::Stake(Money(amount)), 0)
        };
        if let Ok(fill) = bought {
            paid += i128::from(fill.amount.0);
            held.push((outcome, fill.shares));
        }
    }
    let sets = amount(random);
    if random.gen_bool(0.5) && copy.pool.split(Money(sets)).is_ok() {
        paid += i128::from(sets);
        held.extend((0..state.pool.outcomes).map(|outcome| (outcome, Shares(sets))));
    }
    held.shuffle(random);
    let mut returned = 0i128;
    for (outcome, shares) in held {
        if let Ok(fill) = copy.fill(now, outcome, Order::Sell(shares), 0) {
            returned += i128::from(fill.amount.0);
        }
    }
    assert!(
        returned <= paid,
        "invariant 6: a round trip paid {paid} and got {returned}"
    );
    probes.round_trips += 1;

    // All outcomes bought one by one, and merged.
    let (mut copy, mut paid) = (*state, 0i128);
    let all = (0..state.pool.outcomes).all(|outcome| {
        let bought = copy.fill(now, outcome, Order::Buy(Shares(sets)), u64::MAX);
        paid += bought.as_ref().map_or(0, |fill| i128::from(fill.amount.0));
        bought.is_ok()
    });
    if all && copy.pool.merge(Money(sets)).is_ok() {
        assert!(
            i128::from(sets) <= paid,
            "invariant 6: {sets} sets cost {paid}"
        );
    }

    // A purchase and a sale, whole and in two parts.
    let (outcome, shares) = (outcome(random), amount(random).max(2));
    let part = random.gen_range(1..shares);
    let (mut whole, mut parts) = (*state, *state);
    let buy = |market: &mut Market, shares: u64| {
        let bought = market.fill(now, outcome, Order::Buy(Shares(shares)), u64::MAX);
        bought.map(|fill| i128::from(fill.amount.0))
    };
    let sell = |market: &mut Market, shares: u64| {
        let sold = market.fill(now, outcome, Order::Sell(Shares(shares)), 0);
        sold.map(|fill| i128::from(fill.amount.0))
    };
    let Ok(once) = buy(&mut whole, shares) else {
        return;
    };
    let (Ok(first), Ok(second)) = (buy(&mut parts, part), buy(&mut parts, shares - part)) else {
        return;
    };
    let gain = once - (first + second);
    let Ok(once) = sell(&mut whole, shares) else {
        return;
    };
    // A part that returns nothing is refused.
    let twice = sell(&mut parts, part).unwrap_or(0) + sell(&mut parts, shares - part).unwrap_or(0);
    let gain = gain.max(twice - once);
    probes.splits += 1;
    probes.best_split = probes.best_split.max(gain);
    assert!(
        gain <= ROUNDING,
        "invariant 6: {part} and the rest of {shares} gain {gain} over the whole"
    );
}
