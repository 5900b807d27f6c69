//! The rules that programs ask a loan by are those that the simulation tries.

use math::{
    BasisPoints, CurveKind, Fees, LoanRules, LoanTerms, Money, Opening, OpeningRefusal, Order,
    Pool, Position, Price, Shares,
};
use simulation::market::{fraction, Market, DEPTH};
use simulation::rules::Standing;
use simulation::Rules;

const DAY: u64 = 24 * 60 * 60;

/// What is lent by default, as a program has it.
fn rules() -> LoanRules {
    let Rules { terms, .. } = Rules::defaults();
    LoanRules {
        terms: LoanTerms { ..terms },
        target: BasisPoints(5_500),
        reward: BasisPoints(300),
        max_deviation: BasisPoints(1_000),
        withstands: BasisPoints(2_500),
        most_shares: BasisPoints(3_000),
        least_price: BasisPoints(1_000),
        greatest_price: BasisPoints(9_000),
    }
}

/// The pool of a [`Market`], whose slow price is what it opened at.
fn pool(kind: CurveKind, price: f64) -> Pool<2> {
    let mut pool = Pool::EMPTY;
    let first = fraction(price);
    let prior = [first, Price(Price::ONE.0 - first.0)];
    pool.open(kind, Money(DEPTH), &prior, 0).expect("a pool");
    pool.sold = [u64::MAX >> 2; 2];
    pool.cash = u64::MAX >> 1;
    pool.slow_prices = [first.0, prior[1].0];
    pool
}

fn opening(shares: u64, debt: u64, others: Standing, left_seconds: u64) -> Opening {
    Opening {
        shares: Shares(shares),
        debt: Money(debt),
        all_shares: Shares(shares + others.shares),
        all_debt: Money(debt + others.debt),
        left_seconds,
    }
}

/// What the simulation lends at most, a program lends but for rounding; a thousandth more it does not.
#[test]
fn program_and_simulation_lend_the_same() {
    let (own, rules) = (Rules::defaults(), rules());
    let (mut lent, mut refused) = (0, 0);
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        for price in [0.11, 0.3, 0.5, 0.62, 0.85] {
            for shares in [DEPTH / 1_000, DEPTH / 100, DEPTH / 20, DEPTH / 14] {
                for (others, left) in [(0, 20 * 60 * 60), (DEPTH / 200, 60 * 60), (DEPTH / 50, DAY)]
                {
                    let others = Standing {
                        shares: others,
                        debt: others / 10,
                    };
                    let mut market = Market::at(kind, price).expect("a market");
                    let mut pool = pool(kind, price);
                    market.buy(shares).expect("a purchase");
                    let order = Order::Buy(Shares(shares));
                    pool.execute(0, order, Fees::default()).expect("a purchase");
                    let most = own.greatest_debt(&market, shares, others, left);
                    let most = most.expect("a loan");
                    pool.keep_liquidity(1, 4).expect("a part");
                    let locked = pool.secured(0, Fees::default()).expect("a curve");
                    let check =
                        |debt| rules.check_opening(&locked, &opening(shares, debt, others, left));
                    if most < 10_000 {
                        refused += 1;
                        assert!(check(most + 10_000).is_err());
                        continue;
                    }
                    lent += 1;
                    let about = most / 1_000 + 10;
                    assert_eq!(
                        check(most - about),
                        Ok(()),
                        "{kind:?} {price} {shares} {most}"
                    );
                    assert!(
                        check(most + about).is_err(),
                        "{kind:?} {price} {shares} {most}"
                    );
                }
            }
        }
    }
    assert!(lent > 40 && refused > 10, "{lent} lent, {refused} refused");
}

/// Each rule alone refuses what it is for.
#[test]
fn each_rule_has_its_refusal() {
    let rules = rules();
    let locked = |kind, price| {
        let mut locked = pool(kind, price);
        locked.keep_liquidity(1, 4).expect("a part");
        locked
    };
    let none = Standing::default();
    let small = DEPTH / 1_000;
    let check = |pool: &Pool<2>, shares, debt, others| {
        let locked = pool.secured(0, Fees::default()).expect("a curve");
        rules.check_opening(&locked, &opening(shares, debt, others, DAY))
    };
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let even = locked(kind, 0.5);
        assert_eq!(check(&even, small, small / 4, none), Ok(()));
        for price in [0.09, 0.91] {
            let refused = check(&locked(kind, price), small, small / 100, none);
            assert_eq!(refused, Err(OpeningRefusal::PriceNotOffered));
        }
        let mut pushed = even;
        pushed.slow_prices[0] = fraction(0.45).0;
        let refused = check(&pushed, small, small / 4, none);
        assert_eq!(refused, Err(OpeningRefusal::DeviationTooGreat));
        let refused = check(&even, DEPTH / 4 * 3 / 10 + 10, small, none);
        assert_eq!(refused, Err(OpeningRefusal::TooManyShares));
        let refused = check(&even, small, small * 3 / 10, none);
        assert_eq!(refused, Err(OpeningRefusal::DebtAboveCap));
        let mut slow = even;
        slow.slow_prices[0] = fraction(0.55).0;
        let others = Standing {
            shares: small,
            debt: small * 3 / 10,
        };
        let refused = check(&slow, small, small * 29 / 100, others);
        assert_eq!(refused, Err(OpeningRefusal::AllDebtAboveCap));
        let strict = LoanRules {
            withstands: BasisPoints(9_000),
            ..rules
        };
        let locked = even.secured(0, Fees::default()).expect("a curve");
        let refused = strict.check_opening(&locked, &opening(small, small / 4, none, DAY));
        assert_eq!(refused, Err(OpeningRefusal::TooEasilyUnderWater));
    }
}

/// A part of a position restores the target, and pays its fee out of the sale; from where reward and
/// debt are above the value it is all.
#[test]
fn forced_sale_restores_the_target() {
    let rules = rules();
    let mut parts = 0;
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        for price in [0.2, 0.5, 0.8] {
            for fee in [0, 100] {
                let mut pool = pool(kind, price);
                let held = |shares| Position {
                    outcome: 0,
                    shares: Shares(shares),
                    fees: Fees::from(BasisPoints(fee)),
                };
                let shares = DEPTH / 10;
                let value = pool.sale_value(held(shares)).expect("a value").0;
                let sale = |debt| {
                    let secured = pool.secured(0, BasisPoints(fee)).expect("a curve");
                    let all = (Shares(shares), Money(value));
                    let sale = rules.forced_sale(&secured, all, Money(debt), DAY);
                    sale.expect("a sale")
                };
                assert_eq!(sale(value / 2), None);
                let whole = sale(value * 97 / 100 + 1).expect("a sale");
                assert!(whole.is_whole && whole.shares.0 == shares);
                let debt = value * 80 / 100;
                let part = sale(debt).expect("a sale");
                assert!(!part.is_whole && part.shares.0 < shares);
                parts += 1;
                let order = Order::Sell(part.shares);
                let trade = pool.execute(0, order, BasisPoints(fee)).expect("a sale");
                let returned = trade.cost.0 - trade.fee.0;
                let debt = debt - returned * 97 / 100;
                let left = held(shares - part.shares.0);
                let value = pool.sale_value(left).expect("a value").0;
                assert!(debt.abs_diff(value * 55 / 100) <= 20, "{debt} of {value}");
            }
        }
    }
    assert_eq!(parts, 12);
}

/// However low its price, a position under water is sold, as long as it returns a base unit.
#[test]
fn worthless_positions_are_sold_whole() {
    let rules = rules();
    for kind in [CurveKind::Lmsr, CurveKind::PmAmm] {
        let mut pool = pool(kind, 0.5);
        let held = Position {
            outcome: 0,
            shares: Shares(DEPTH / 10),
            fees: Fees::from(BasisPoints(100)),
        };
        let mut sold = 0;
        for _ in 0..40 {
            let order = Order::Stake(Money(DEPTH / 2));
            let fees = Fees::default();
            if pool.execute(1, order, fees).is_err() {
                break;
            }
            let value = pool.sale_value(held).expect("a value");
            let secured = pool.secured(0, held.fees).expect("a curve");
            let sale = rules.forced_sale(&secured, (held.shares, value), Money(DEPTH / 20), DAY);
            let sale = sale.expect("a sale");
            assert_eq!(sale.is_some(), value > Money::ZERO);
            if let Some(sale) = sale {
                assert!(sale.is_whole && sale.shares == held.shares);
                sold += 1;
            }
        }
        assert!(sold >= 1, "{kind:?}");
    }
}
