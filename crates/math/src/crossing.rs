//! Two orders of a market filled against each other, without the curve.

use crate::order_bounds::{least_return, least_shares};
use crate::units::{BasisPoints, Money, Price, Shares};
use crate::wide::divide;

/// How two orders trade with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// Shares of one outcome for money.
    Transfer,
    /// Money of both for complete sets, of which each gets its outcome's shares.
    Split,
    /// Complete sets, of which each has one outcome's shares, for money.
    Merge,
}

impl Crossing {
    /// How two orders trade, of the same outcome or of the two of a market; `None` if they want the same.
    pub fn of(are_sales: [bool; 2], is_same_outcome: bool) -> Option<Self> {
        match (is_same_outcome, are_sales) {
            (true, [false, true] | [true, false]) => Some(Self::Transfer),
            (false, [false, false]) => Some(Self::Split),
            (false, [true, true]) => Some(Self::Merge),
            _ => None,
        }
    }
}

/// What an order would trade of its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub is_sale: bool,
    /// Base units of a purchase, shares of a sale.
    pub amount: u64,
    /// The most that a share may cost, or the least that it may return.
    pub bound: Price,
}

/// What two orders trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossed {
    /// Of each order's outcome.
    pub shares: Shares,
    /// Base units that the older order pays, or gets, and the newer one.
    pub older: Money,
    pub newer: Money,
}

impl Offer {
    /// This offer with a bound that is no worse for it than what a curve at each of these prices of its
    /// outcome asks or gives for the first share, fee included. No size is better served there.
    pub fn no_worse_than_at(mut self, prices: [Price; 2], rate: BasisPoints) -> Self {
        for price in prices {
            let rest = Price::ONE.0.saturating_sub(price.0);
            let fee = rate.of_floor(price.0.min(rest)).unwrap_or(0);
            let bound = self.bound.0;
            self.bound = Price(if self.is_sale {
                bound.max(price.0.saturating_sub(fee))
            } else {
                bound.min(price.0.saturating_add(fee))
            });
        }
        self
    }

    /// Whether so many shares for so much money, neither nothing, are within amount and bound.
    fn admits(&self, shares: Shares, money: Money) -> bool {
        let (amount, is_within) = if self.is_sale {
            (
                shares.0,
                least_return(shares, self.bound).map(|least| money >= least),
            )
        } else {
            (
                money.0,
                least_shares(money, self.bound).map(|least| shares >= least),
            )
        };
        shares.0 > 0 && money.0 > 0 && amount <= self.amount && is_within == Ok(true)
    }
}

/// What two orders trade at the older one's bound: all that one of them offers, and of the other as much
/// as that takes. Money is rounded for the older one, by less than a base unit, as far as the newer one's
/// bound allows; what one pays the other gets, or both together pay or get a base unit for each set.
/// `None` where no trade is within both bounds.
pub fn cross(crossing: Crossing, older: Offer, newer: Offer) -> Option<Crossed> {
    let price = older.bound;
    let others = match crossing {
        Crossing::Transfer => price,
        Crossing::Split | Crossing::Merge => Price(Price::ONE.0.checked_sub(price.0)?),
    };
    let most = if older.is_sale {
        older.amount
    } else {
        // The least whose price, rounded down, is all of the money.
        least_shares(Money(older.amount), price).ok()?.0
    };
    let others_most = if newer.is_sale {
        newer.amount
    } else {
        // The most whose price, rounded up, is no more than the money: all of it.
        let exact = divide(u128::from(newer.amount) << 63, others.0.into())?;
        u64::try_from(exact).unwrap_or(u64::MAX)
    };
    let shares = Shares(most.min(others_most));
    let older_money = if older.is_sale {
        least_return(shares, price).ok()?
    } else {
        // At most the shares.
        let exact = u128::from(shares.0).saturating_mul(price.0.into()) >> 63;
        Money(u64::try_from(exact).ok()?)
    };
    let newer_money = match crossing {
        Crossing::Transfer => older_money,
        Crossing::Split | Crossing::Merge => Money(shares.0).checked_sub(older_money).ok()?,
    };
    let is_within = older.admits(shares, older_money) && newer.admits(shares, newer_money);
    is_within.then_some(Crossed {
        shares,
        older: older_money,
        newer: newer_money,
    })
}
