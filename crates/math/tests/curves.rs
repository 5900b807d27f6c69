//! Trades on the curves against mpmath at 50 digits: every amount is on the pool's side of the
//! exact value, and within two base units of it for depths up to 10¹², within 2·10⁻¹² of the depth
//! above. Each test prints its largest deviations (`--nocapture`).

use math::units::{BasisPoints, Money, Price, Shares};
use math::{Lmsr, MathError, Order, PmAmm, Trade, L2};

const MICRO: i128 = 1_000_000;

/// Exact values are in millionths of a base unit, rounded down.
#[derive(Debug)]
struct Row {
    depth: Money,
    state: Vec<i64>,
    outcome: usize,
    rate: BasisPoints,
    given: u64,
    shares: i128,
    money: i128,
    fee: i128,
    price: Price,
}

fn parse(line: &str) -> Row {
    let fields: Vec<&str> = line.split(',').collect();
    let [depth, state, outcome, rate, given, shares, money, fee, price] = fields[..] else {
        panic!("nine columns: {line}");
    };
    let micro = |text: &str| text.replace('.', "").parse().expect("a decimal");
    Row {
        depth: Money(depth.parse().expect("a depth")),
        state: state
            .split(' ')
            .map(|quantity| quantity.parse().expect("a quantity"))
            .collect(),
        outcome: outcome.parse().expect("an outcome"),
        rate: BasisPoints(rate.parse().expect("a rate")),
        given: given.parse().expect("an amount"),
        shares: micro(shares),
        money: micro(money),
        fee: micro(fee),
        price: Price(price.parse().expect("a price")),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Buys for an exact stake.
    Stake,
    /// Buys exact shares.
    Buy,
    /// Sells exact shares.
    Sell,
}

/// A curve's trade and the price of the outcome before it.
type Outcome = Result<(Trade, Price), MathError>;

impl Row {
    fn order(&self, kind: Kind) -> Order {
        match kind {
            Kind::Stake => Order::Stake(Money(self.given)),
            Kind::Buy => Order::Buy(Shares(self.given)),
            Kind::Sell => Order::Sell(Shares(self.given)),
        }
    }
}

fn lmsr(row: &Row, kind: Kind) -> Outcome {
    let curve = Lmsr::new(row.depth, &row.state)?;
    let trade = curve.quote(row.outcome, row.order(kind), row.rate.into())?;
    Ok((trade, curve.prices::<64>()?[row.outcome]))
}

fn pm_amm(row: &Row, kind: Kind) -> Outcome {
    let reserve = |index: usize| Shares(row.state[index].try_into().expect("a reserve"));
    let curve = PmAmm::new(row.depth, [reserve(0), reserve(1)])?;
    let trade = curve.quote(row.outcome, row.order(kind), row.rate.into())?;
    Ok((trade, curve.prices()[row.outcome]))
}

fn l2(row: &Row, kind: Kind) -> Outcome {
    let curve = L2::new(&row.state)?;
    let trade = curve.quote(row.outcome, row.order(kind), row.rate.into())?;
    Ok((trade, curve.prices::<64>()?[row.outcome]))
}

/// The largest deviation seen of one quantity: in base units for depths up to 10¹², over the depth
/// above.
#[derive(Default)]
struct Largest {
    units: f64,
    of_depth: f64,
}

impl Largest {
    /// Takes a deviation in millionths, which must not be negative nor above the bound.
    fn take(&mut self, what: &str, row: &Row, deviation: i128) {
        // The exact value is cut to millionths, and the kernels err by less than 10⁻¹⁵ of the depth.
        let depth = i128::from(row.depth.0);
        let noise = 1 + depth / 1_000_000_000;
        let bound = if depth <= 1_000_000_000_000 {
            self.units = self.units.max(deviation as f64 / MICRO as f64);
            2 * MICRO
        } else {
            self.of_depth = self
                .of_depth
                .max(deviation as f64 / MICRO as f64 / depth as f64);
            (2 * depth).div_euclid(MICRO) + 2 * MICRO
        };
        assert!(
            (-noise..=bound).contains(&deviation),
            "{what} is off by {} base units: {row:?}",
            deviation as f64 / MICRO as f64
        );
    }
}

fn check(name: &str, rows: &str, kind: Kind, trade: impl Fn(&Row, Kind) -> Outcome) {
    let mut count = 0;
    let (mut shares, mut money, mut fee) =
        (Largest::default(), Largest::default(), Largest::default());
    let mut price: f64 = 0.0;
    for line in rows.lines().skip(1) {
        let row = parse(line);
        let (trade, spot) = trade(&row, kind).unwrap_or_else(|error| panic!("{error}: {row:?}"));
        let exact = |amount: u64| i128::from(amount) * MICRO;
        match kind {
            Kind::Stake => {
                shares.take("shares", &row, row.shares - exact(trade.shares.0));
                money.take("cost", &row, exact(trade.cost.0) - row.money);
                fee.take("fee", &row, row.fee - exact(trade.fee.0));
                assert_eq!(trade.cost.0 + trade.fee.0, row.given);
            }
            Kind::Buy => {
                money.take("cost", &row, exact(trade.cost.0) - row.money);
                fee.take("fee", &row, exact(trade.fee.0) - row.fee);
                assert_eq!(trade.shares.0, row.given);
            }
            Kind::Sell => {
                money.take("proceeds", &row, row.money - exact(trade.cost.0));
                if trade.fee.0 < trade.cost.0 {
                    fee.take("fee", &row, exact(trade.fee.0) - row.fee);
                }
                assert_eq!(trade.shares.0, row.given);
            }
        }
        // Beside some units of the last place.
        let deviation = spot.0.abs_diff(row.price.0).saturating_sub(4);
        price = price.max(deviation as f64 / row.price.0 as f64);
        count += 1;
    }
    println!("{name}: {count} trades; price within {price:.1e} relative");
    for (what, largest) in [("shares", shares), ("money", money), ("fee", fee)] {
        println!(
            "  {what}: at most {:.4} base units for depths up to 10^12, {:.2e} of the depth above",
            largest.units, largest.of_depth
        );
    }
    assert!(count >= 400);
    assert!(price < 1e-12);
}

#[test]
fn lmsr_buys_for_a_stake() {
    check(
        "lmsr stake",
        include_str!("vectors/lmsr_stake.csv"),
        Kind::Stake,
        lmsr,
    );
}

#[test]
fn lmsr_buys_shares() {
    check(
        "lmsr buy",
        include_str!("vectors/lmsr_buy.csv"),
        Kind::Buy,
        lmsr,
    );
}

#[test]
fn lmsr_sells() {
    check(
        "lmsr sell",
        include_str!("vectors/lmsr_sell.csv"),
        Kind::Sell,
        lmsr,
    );
}

#[test]
fn pm_amm_buys_for_a_stake() {
    check(
        "pm-AMM stake",
        include_str!("vectors/pm_amm_stake.csv"),
        Kind::Stake,
        pm_amm,
    );
}

#[test]
fn pm_amm_buys_shares() {
    check(
        "pm-AMM buy",
        include_str!("vectors/pm_amm_buy.csv"),
        Kind::Buy,
        pm_amm,
    );
}

#[test]
fn pm_amm_sells() {
    check(
        "pm-AMM sell",
        include_str!("vectors/pm_amm_sell.csv"),
        Kind::Sell,
        pm_amm,
    );
}

#[test]
fn lmsr_of_many_outcomes_buys_for_a_stake() {
    check(
        "lmsr of many outcomes stake",
        include_str!("vectors/lmsr_many_stake.csv"),
        Kind::Stake,
        lmsr,
    );
}

#[test]
fn lmsr_of_many_outcomes_buys_shares() {
    check(
        "lmsr of many outcomes buy",
        include_str!("vectors/lmsr_many_buy.csv"),
        Kind::Buy,
        lmsr,
    );
}

#[test]
fn lmsr_of_many_outcomes_sells() {
    check(
        "lmsr of many outcomes sell",
        include_str!("vectors/lmsr_many_sell.csv"),
        Kind::Sell,
        lmsr,
    );
}

#[test]
fn lmsr_of_most_outcomes_buys_for_a_stake() {
    check(
        "lmsr of most outcomes stake",
        include_str!("vectors/lmsr_most_stake.csv"),
        Kind::Stake,
        lmsr,
    );
}

#[test]
fn lmsr_of_most_outcomes_buys_shares() {
    check(
        "lmsr of most outcomes buy",
        include_str!("vectors/lmsr_most_buy.csv"),
        Kind::Buy,
        lmsr,
    );
}

#[test]
fn lmsr_of_most_outcomes_sells() {
    check(
        "lmsr of most outcomes sell",
        include_str!("vectors/lmsr_most_sell.csv"),
        Kind::Sell,
        lmsr,
    );
}

#[test]
fn l2_buys_for_a_stake() {
    check(
        "l2 stake",
        include_str!("vectors/l2_stake.csv"),
        Kind::Stake,
        l2,
    );
}

#[test]
fn l2_buys_shares() {
    check("l2 buy", include_str!("vectors/l2_buy.csv"), Kind::Buy, l2);
}

#[test]
fn l2_sells() {
    check(
        "l2 sell",
        include_str!("vectors/l2_sell.csv"),
        Kind::Sell,
        l2,
    );
}
