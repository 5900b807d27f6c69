//! Against values computed with mpmath at 50 digits.

use super::*;

const MICRO: i128 = 1_000_000;

struct Row {
    depth: u64,
    state: Vec<u64>,
    terms: Terms,
    given: u64,
    /// Shares, money without fee, and fee, in millionths.
    shares: i128,
    money: i128,
    fee: i128,
}

/// `None` for rows that no market's account could be in: quantities below zero.
fn parse(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split(',').collect();
    let micro = |place: usize| fields[place].replace('.', "").parse().expect("a decimal");
    Some(Row {
        depth: fields[0].parse().expect("a depth"),
        state: fields[1]
            .split(' ')
            .map(|quantity| quantity.parse().ok())
            .collect::<Option<_>>()?,
        terms: Terms {
            outcome: fields[2].parse().expect("an outcome"),
            fee_bps: fields[3].parse().expect("a rate"),
            fee_floor_bps: 0,
        },
        given: fields[4].parse().expect("an amount"),
        shares: micro(5),
        money: micro(6),
        fee: micro(7),
    })
}

/// Checks that every amount is on the pool's side of `exact`, and no further from it than allowed.
fn check(
    rows: &str,
    order: impl Fn(u64) -> Order,
    quote: impl Fn(&Row, Order) -> Result<Quoted, QuoteError>,
    exact: impl Fn(&Row) -> i128,
) {
    let mut count = 0;
    for row in rows.lines().skip(1).filter_map(parse) {
        let order = order(row.given);
        let quoted = match quote(&row, order) {
            Ok(quoted) => quoted,
            Err(QuoteError {
                cause: MathError::MoreThanSold,
                ..
            }) => continue,
            Err(error) => panic!("{error}: depth {}, state {:?}", row.depth, row.state),
        };
        let amount = i128::from(quoted.amount) * MICRO;
        let off = match order {
            Order::Buy(_) => amount - exact(&row),
            Order::Stake(_) | Order::Sell(_) => exact(&row) - amount,
        };
        let depth = i128::from(row.depth);
        // Cost and fee are each rounded to the pool's side. The exact values are cut to millionths.
        let parts = if row.terms.fee_bps == 0 { 1 } else { 2 };
        let bound = parts * (2 * MICRO).max(2 * depth / MICRO + 2);
        let noise = 2 + depth / 1_000_000_000;
        assert!(
            (-noise..=bound).contains(&off),
            "{off} millionths off: {line}",
            line = row.depth
        );
        count += 1;
    }
    let total = rows.lines().count();
    assert!(
        4 * count > total,
        "only {count} of {total} rows were of use"
    );
}

fn any_trade(order: Order) -> AnyTrade {
    let none = AnyTrade {
        buy: None,
        sell: None,
        stake: None,
    };
    match order {
        Order::Buy(shares) => AnyTrade {
            buy: Some(shares.0),
            ..none
        },
        Order::Stake(stake) => AnyTrade {
            stake: Some(stake.0),
            ..none
        },
        Order::Sell(shares) => AnyTrade {
            sell: Some(shares.0),
            ..none
        },
    }
}

fn lmsr(row: &Row, order: Order) -> Result<Quoted, QuoteError> {
    LmsrQuote {
        depth: row.depth,
        sold: row.state.clone(),
        terms: row.terms,
        trade: any_trade(order),
    }
    .run()
}

fn l2(row: &Row, order: Order) -> Result<Quoted, QuoteError> {
    L2Quote {
        depth: row.depth,
        sold: row.state.clone(),
        terms: row.terms,
        trade: any_trade(order),
    }
    .run()
}

fn pm_amm(row: &Row, order: Order) -> Result<Quoted, QuoteError> {
    let none = PmAmmTrade {
        stake: None,
        sell: None,
    };
    PmAmmQuote {
        state: PmAmmState {
            depth: row.depth,
            reserves: row.state.clone(),
        },
        terms: row.terms,
        trade: match order {
            Order::Stake(stake) => PmAmmTrade {
                stake: Some(stake.0),
                ..none
            },
            Order::Buy(shares) | Order::Sell(shares) => PmAmmTrade {
                sell: Some(shares.0),
                ..none
            },
        },
    }
    .run()
}

macro_rules! vectors {
    ($name:literal) => {
        include_str!(concat!("../../../../math/tests/vectors/", $name, ".csv"))
    };
}

#[test]
fn lmsr_amounts_are_within_two_base_units() {
    check(
        vectors!("lmsr_buy"),
        |given| Order::Buy(Shares(given)),
        lmsr,
        |row| row.money + row.fee,
    );
    check(
        vectors!("lmsr_stake"),
        |given| Order::Stake(Money(given)),
        lmsr,
        |row| row.shares,
    );
    check(
        vectors!("lmsr_sell"),
        |given| Order::Sell(Shares(given)),
        lmsr,
        |row| (row.money - row.fee).max(0),
    );
}

#[test]
fn lmsr_amounts_of_many_outcomes_are_within_two_base_units() {
    check(
        vectors!("lmsr_many_buy"),
        |given| Order::Buy(Shares(given)),
        lmsr,
        |row| row.money + row.fee,
    );
    check(
        vectors!("lmsr_many_stake"),
        |given| Order::Stake(Money(given)),
        lmsr,
        |row| row.shares,
    );
    check(
        vectors!("lmsr_many_sell"),
        |given| Order::Sell(Shares(given)),
        lmsr,
        |row| (row.money - row.fee).max(0),
    );
}

#[test]
fn l2_amounts_are_within_two_base_units() {
    check(
        vectors!("l2_even_buy"),
        |given| Order::Buy(Shares(given)),
        l2,
        |row| row.money + row.fee,
    );
    check(
        vectors!("l2_even_stake"),
        |given| Order::Stake(Money(given)),
        l2,
        |row| row.shares,
    );
    check(
        vectors!("l2_even_sell"),
        |given| Order::Sell(Shares(given)),
        l2,
        |row| (row.money - row.fee).max(0),
    );
}

#[test]
fn pm_amm_amounts_are_within_two_base_units() {
    check(
        vectors!("pm_amm_stake"),
        |given| Order::Stake(Money(given)),
        pm_amm,
        |row| row.shares,
    );
    check(
        vectors!("pm_amm_sell"),
        |given| Order::Sell(Shares(given)),
        pm_amm,
        |row| (row.money - row.fee).max(0),
    );
}
