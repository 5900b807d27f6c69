//! What balances in the branches of a condition are worth once the condition is known: those of the branch
//! that came true, or, of a condition without a result, of each branch by its weight.

use crate::error::MathError;
use crate::payout::{liability, payout};
use crate::units::{Money, Price};

/// What somebody has in one branch.
#[derive(Clone, Copy, Debug)]
pub struct Balance<'a> {
    /// Base units that are in no share.
    pub credit: Money,
    pub shares: &'a [u64],
}

/// A branch, and how much of it is real: one or nothing, or its weight.
#[derive(Clone, Copy, Debug)]
pub struct Outturn<'a> {
    pub weight: Price,
    /// What a share of each outcome pays in it.
    pub payouts: &'a [Price],
}

/// What balances, one in each branch, are paid, rounded down.
///
/// # Errors
/// `PayoutAboveOne`, `Overflow`.
pub fn worth<'a>(
    branches: impl IntoIterator<Item = (Balance<'a>, Outturn<'a>)>,
) -> Result<Money, MathError> {
    let mut sum = 0u128;
    for (balance, outturn) in branches {
        let shares = payout(balance.shares, outturn.payouts)?;
        sum = add(sum, balance.credit.checked_add(shares)?, outturn.weight)?;
    }
    to_money(sum >> 63)
}

/// What all balances together are paid, rounded up: at least the sum of what [`worth`] says of each.
///
/// # Errors
/// `PayoutAboveOne`, `Overflow`.
pub fn owed<'a>(
    branches: impl IntoIterator<Item = (Balance<'a>, Outturn<'a>)>,
) -> Result<Money, MathError> {
    let mut sum = 0u128;
    for (balance, outturn) in branches {
        let shares = liability(balance.shares, outturn.payouts)?;
        sum = add(sum, balance.credit.checked_add(shares)?, outturn.weight)?;
    }
    to_money(sum.div_ceil(Price::ONE.0.into()))
}

/// Adds a weight's part of an amount, in units of 2⁻⁶³.
fn add(sum: u128, amount: Money, weight: Price) -> Result<u128, MathError> {
    u128::from(amount.0)
        .checked_mul(weight.0.into())
        .and_then(|part| sum.checked_add(part))
        .ok_or(MathError::Overflow)
}

fn to_money(amount: u128) -> Result<Money, MathError> {
    u64::try_from(amount)
        .map(Money)
        .map_err(|_| MathError::Overflow)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    const HALF: Price = Price(1 << 62);

    fn balance(credit: u64, shares: &[u64]) -> Balance<'_> {
        Balance {
            credit: Money(credit),
            shares,
        }
    }

    #[test]
    fn branch_that_came_true_is_all_that_counts() {
        let payouts = [Price::ZERO, Price::ONE];
        let outturns = [Price::ONE, Price::ZERO].map(|weight| Outturn {
            weight,
            payouts: &payouts,
        });
        let balances = [balance(7, &[5, 3]), balance(1_000, &[9, 9])];
        let both = || balances.into_iter().zip(outturns);
        assert_eq!(worth(both()), Ok(Money(10)));
        assert_eq!(owed(both()), Ok(Money(10)));
    }

    #[test]
    fn parts_never_sum_to_more_than_the_whole() {
        let payouts = [Price(HALF.0 - 1), HALF];
        let outturns = [
            Price(3_074_457_345_618_258_602),
            Price(1_537_228_672_809_129_301),
        ]
        .map(|weight| Outturn {
            weight,
            payouts: &payouts,
        });
        let of = |credits: [u64; 2], shares: [[u64; 2]; 2]| {
            let balances = [
                balance(credits[0], &shares[0]),
                balance(credits[1], &shares[1]),
            ];
            let sum = worth(balances.into_iter().zip(outturns)).unwrap().0;
            (sum, owed(balances.into_iter().zip(outturns)).unwrap().0)
        };
        let (first, _) = of([10, 11], [[1, 2], [3, 4]]);
        let (second, _) = of([5, 1], [[7, 1], [1, 1]]);
        let (_, whole) = of([15, 12], [[8, 3], [4, 5]]);
        assert!(first + second <= whole, "{first} + {second} > {whole}");
        assert!(whole <= first + second + 5);
    }

    #[test]
    fn too_much_is_refused() {
        let outturn = Outturn {
            weight: Price::ONE,
            payouts: &[Price::ONE],
        };
        let much = (balance(u64::MAX, &[1]), outturn);
        assert_eq!(worth([much]), Err(MathError::Overflow));
        let above = Outturn {
            weight: Price::ONE,
            payouts: &[Price(u64::MAX)],
        };
        assert_eq!(
            worth([(balance(0, &[1]), above)]),
            Err(MathError::PayoutAboveOne)
        );
    }
}
