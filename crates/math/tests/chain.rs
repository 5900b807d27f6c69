//! Prepaid chains, against exact fractions.

use math::chain::{
    cash_out_value, delta_shares, multiple_cap, shares_of_leg, LegPrice, LegPrices, MAX_MULTIPLE,
};
use math::{BasisPoints, Chain, ChainError, Money, Price};
use proptest::prelude::*;

fn legs(prices: &[u64], denominator: u64) -> Vec<LegPrice> {
    prices
        .iter()
        .map(|price| LegPrice::new(*price, denominator).expect("a price"))
        .collect()
}

#[test]
fn figures_are_exact() {
    let rows = include_str!("vectors/chains.csv");
    for line in rows.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let integer = |place: usize| fields[place].parse::<u64>().expect("an integer");
        let prices: Vec<u64> = fields[1]
            .split(' ')
            .map(|price| price.parse().expect("a price"))
            .collect();
        let legs = legs(&prices, integer(0));
        let fee = BasisPoints(integer(2).try_into().expect("a rate"));
        let chain = Chain::new(&legs, fee).expect("a chain");
        assert_eq!(
            chain.payout(Money(integer(3))),
            Ok(Money(integer(4))),
            "{line}"
        );
        let figures = [chain.multiple(), chain.chance(), chain.expected()];
        let figures = figures.map(|figure| figure.expect("a figure").digits());
        assert_eq!(figures, [5, 6, 7].map(integer), "{line}");
        let cap = chain.check_multiple(MAX_MULTIPLE);
        assert_eq!(cap.is_ok(), figures[0] <= 500_000_000_000_000, "{line}");
    }
    assert_eq!(rows.lines().count(), 401);
}

#[test]
fn nine_even_legs_are_468_for_one_in_512() {
    let legs = legs(&[1; 9], 2);
    let chain = Chain::new(&legs, BasisPoints(100)).expect("a chain");
    let text =
        |figure: Result<math::chain::Figure, ChainError>| figure.expect("a figure").to_string();
    assert_eq!(text(chain.multiple()), "467.720830711624");
    assert_eq!(text(chain.chance()), "0.001953125000");
    assert_eq!(text(chain.expected()), "0.913517247484");
    assert_eq!(chain.payout(Money(1_000_000)), Ok(Money(467_720_830)));
    assert_eq!(chain.check_multiple(500), Ok(()));
    assert_eq!(chain.check_multiple(250), Err(ChainError::AboveCap(250)));
}

#[test]
fn a_multiple_of_just_the_cap_is_offered() {
    let legs = [LegPrice::new(1, 500).expect("a price")];
    let chain = Chain::new(&legs, BasisPoints(0)).expect("a chain");
    assert_eq!(chain.check_multiple(500), Ok(()));
    let legs = [LegPrice::new(999_999_999_999, 500_000_000_000_000).expect("a price")];
    let chain = Chain::new(&legs, BasisPoints(0)).expect("a chain");
    assert_eq!(chain.check_multiple(500), Err(ChainError::AboveCap(500)));
}

#[test]
fn the_shortest_leg_decides_the_cap() {
    for (seconds, cap) in [
        (0, 500),
        (60, 500),
        (61, 250),
        (600, 250),
        (601, 150),
        (1_801, 100),
        (3_601, 75),
        (14_400, 75),
    ] {
        assert_eq!(multiple_cap(seconds), Ok(cap), "{seconds}");
    }
    assert_eq!(multiple_cap(14_401), Err(ChainError::LegTooLong));
}

#[test]
fn chains_out_of_range_are_refused() {
    assert_eq!(LegPrice::new(0, 2), Err(ChainError::PriceOutOfRange));
    assert_eq!(LegPrice::new(2, 2), Err(ChainError::PriceOutOfRange));
    assert_eq!(
        LegPrice::try_from(Price::ONE),
        Err(ChainError::PriceOutOfRange)
    );
    let legs = legs(&[1; 10], 2);
    let refused = |legs, fee| Chain::new(legs, BasisPoints(fee)).err();
    assert_eq!(refused(&[][..], 0), Some(ChainError::NoLegs));
    assert_eq!(refused(&legs[..], 0), Some(ChainError::TooManyLegs));
    assert_eq!(refused(&legs[..9], 1_001), Some(ChainError::FeeRateTooHigh));
    let chain = Chain::new(&legs[..9], BasisPoints(0)).expect("a chain");
    assert_eq!(chain.payout(Money(0)), Err(ChainError::NoStake));
    assert_eq!(chain.payout(Money(u64::MAX)), Err(ChainError::Overflow));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// A chain never pays more than the same stakes on one leg after the other, each paid exactly.
    #[test]
    fn rounding_is_for_the_vault(
        prices in prop::collection::vec(1u64..1 << 63, 1..10), fee in 0u16..=1_000, stake in 1u64..1 << 40,
    ) {
        let legs: Vec<LegPrice> = prices.iter()
            .map(|price| Price(*price).try_into().expect("a price"))
            .collect();
        let chain = Chain::new(&legs, BasisPoints(fee)).expect("a chain");
        let exact = prices.iter().fold(stake as f64, |paid, price| {
            paid * f64::from(10_000 - fee) / 10_000.0 * (1u64 << 63) as f64 / *price as f64
        });
        match chain.payout(Money(stake)) {
            Ok(payout) => {
                prop_assert!(payout.0 as f64 <= exact * (1.0 + 1e-13));
                prop_assert!(payout.0 as f64 + 1.0 >= exact * (1.0 - 1e-13));
            }
            Err(error) => {
                prop_assert_eq!(error, ChainError::Overflow);
                prop_assert!(exact > 1.8e19);
            }
        }
        // The order of the legs is of no account.
        let mut turned = legs.clone();
        turned.reverse();
        let turned = Chain::new(&turned, BasisPoints(fee)).expect("a chain");
        prop_assert_eq!(turned.payout(Money(stake)), chain.payout(Money(stake)));
    }
}

fn leg(spot: f64, moved: f64, slow: f64) -> LegPrices {
    let price = |value: f64| Price((value * Price::ONE.0 as f64) as u64);
    LegPrices {
        spot: price(spot),
        moved: price(moved),
        slow: price(slow),
    }
}

#[test]
fn leg_costs_the_greater_price_as_chains_move_it() {
    let cost = |leg: LegPrices, spread| {
        let price = leg.offered(BasisPoints(spread)).unwrap().0;
        price as f64 / Price::ONE.0 as f64
    };
    let is = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
    is(cost(leg(0.5, 0.5, 0.5), 0), 0.5);
    is(cost(leg(0.5, 0.5, 0.4), 0), 0.5);
    is(cost(leg(0.5, 0.5, 0.6), 100), 0.606);
    // Odds of 1 to 4 instead of 1 to 9 are 2.25 times as high, and so are those of one half.
    is(cost(leg(0.1, 0.2, 0.5), 0), 2.25 / 3.25);
    is(cost(leg(0.1, 0.05, 0.5), 0), 0.5);
    // A push of the spot price does not change what chains move the slow one by.
    let pushed = leg(0.1, 0.1 * 1.5 / (0.9 + 0.1 * 1.5), 0.5);
    is(cost(pushed, 0), 0.6);
    let refused = Err(ChainError::PriceOutOfRange);
    assert_eq!(leg(0.5, 0.7, 0.7).offered(BasisPoints(5_000)), refused);
}

#[test]
fn chain_is_cashed_out_at_what_its_open_legs_are_worth() {
    let half = Price(Price::ONE.0 / 2);
    let worth = |prices: &[Price], fee| cash_out_value(Money(1_001), prices, BasisPoints(fee));
    assert_eq!(worth(&[], 0), Ok(Money(1_001)));
    assert_eq!(worth(&[half, half], 0), Ok(Money(250)));
    assert_eq!(worth(&[half], 100), Ok(Money(500 - 5)));
    assert_eq!(worth(&[half], 1_001), Err(ChainError::FeeRateTooHigh));
    assert_eq!(leg(0.5, 0.45, 0.4).bid(), leg(0.5, 0.45, 0.4).slow);
    assert_eq!(leg(0.5, 0.35, 0.4).bid(), leg(0.5, 0.35, 0.4).moved);
}

#[test]
fn shares_that_stand_for_a_chain_are_rounded_up() {
    let third = Price(Price::ONE.0 / 3);
    assert_eq!(delta_shares(Money(1), third), Ok(4));
    assert_eq!(delta_shares(Money(100), Price(Price::ONE.0 / 4)), Ok(400));
    let refused = Err(ChainError::PriceOutOfRange);
    assert_eq!(delta_shares(Money(1), Price::ZERO), refused);
    assert_eq!(
        shares_of_leg(Money(900), &[third, third, third], 1),
        Ok(100)
    );
    assert_eq!(shares_of_leg(Money(7), &[third], 0), Ok(7));
}

/// Prices after purchases that are only thought of are those after purchases that are made, whatever the
/// curve; a complete set more moves nothing where sets are offered.
#[test]
fn prices_after_purchases_are_those_of_purchases_made() {
    use math::{CurveKind, Order, Pool, Shares};
    for (kind, outcomes) in [
        (CurveKind::Lmsr, 2),
        (CurveKind::Lmsr, 5),
        (CurveKind::PmAmm, 2),
        (CurveKind::L2, 5),
    ] {
        let mut prior = vec![Price(Price::ONE.0 / outcomes); outcomes as usize];
        prior[0] = Price(Price::ONE.0 - Price::ONE.0 / outcomes * (outcomes - 1));
        let mut pool = Pool::<10>::EMPTY;
        pool.open(kind, Money(1_000_000_000), &prior, 0).unwrap();
        let mut bought = [0; 10];
        (bought[0], bought[1]) = (300_000_000, 120_000_000);
        let thought = pool.prices_after(&bought).unwrap();
        let mut made = pool;
        for (outcome, shares) in bought.iter().enumerate().filter(|(_, shares)| **shares > 0) {
            made.execute(outcome, Order::Buy(Shares(*shares)), BasisPoints(0))
                .unwrap();
        }
        let made = made.prices().unwrap();
        for (thought, made) in thought.iter().zip(&made) {
            assert!(thought.0.abs_diff(made.0) < 1 << 34, "{kind:?}");
        }
        assert!(thought[0] > pool.prices().unwrap()[0]);
        if kind != CurveKind::L2 {
            let with_sets = bought.map(|shares| shares + 50_000_000);
            let same = pool.prices_after(&with_sets).unwrap();
            for (with, without) in same.iter().zip(&thought) {
                assert!(with.0.abs_diff(without.0) < 1 << 34, "{kind:?}");
            }
        }
    }
}
