//! A market of two outcomes at one moment, without fees unless it is said.

use math::{BasisPoints, CurveKind, Fees, Money, Order, Pool, Position, Price, Shares};

use crate::SimulationError;

/// Depth of every market here, base units: so a billionth of it is one.
pub const DEPTH: u64 = 1_000_000_000;

/// Prices that a market opens at.
const LEAST_PRICE: f64 = 0.0002;

/// The market as a loan against its first outcome sees it.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    kind: CurveKind,
    pool: Pool<2>,
    fees: Fees,
    /// The slow price of the first outcome.
    pub slow: f64,
}

impl Market {
    /// At a price that has stood for long, with as many shares out as anybody wants to sell.
    ///
    /// # Errors
    /// Those of the curve, here and below.
    pub fn at(kind: CurveKind, price: f64) -> Result<Self, SimulationError> {
        let mut pool = Pool::EMPTY;
        let first = fraction(price.clamp(LEAST_PRICE, 1.0 - LEAST_PRICE));
        let prior = [first, Price(Price::ONE.0 - first.0)];
        pool.open(kind, Money(DEPTH), &prior, 0)?;
        pool.sold = [u64::MAX >> 2; 2];
        pool.cash = u64::MAX >> 1;
        Ok(Self {
            kind,
            pool,
            fees: Fees::default(),
            slow: price,
        })
    }

    /// The same with a fee, basis points of `min(p, 1 − p)`.
    #[must_use]
    pub fn with_fee(mut self, rate: u16) -> Self {
        self.fees = BasisPoints(rate).into();
        self
    }

    /// One of the same curve and fee that has stood at another price.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn opened_at(&self, price: f64) -> Result<Self, SimulationError> {
        let other = Self::at(self.kind, price)?;
        Ok(Self {
            fees: self.fees,
            ..other
        })
    }

    /// The fee, part of `min(p, 1 − p)`.
    pub fn fee_part(&self) -> f64 {
        f64::from(self.fees.rate.0) / f64::from(BasisPoints::ONE)
    }

    pub fn kind(&self) -> CurveKind {
        self.kind
    }

    /// The spot price of the first outcome.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn price(&self) -> Result<f64, SimulationError> {
        let [first, _] = self.pool.prices()?;
        Ok(number(first))
    }

    /// What the shares cost, base units.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn buy(&mut self, shares: u64) -> Result<u64, SimulationError> {
        let order = Order::Buy(Shares(shares));
        let trade = self.pool.execute(0, order, self.fees)?;
        Ok(trade.cost.0 + trade.fee.0)
    }

    /// What the shares return, base units.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn sell(&mut self, shares: u64) -> Result<u64, SimulationError> {
        if shares == 0 {
            return Ok(0);
        }
        let order = Order::Sell(Shares(shares));
        let trade = self.pool.execute(0, order, self.fees)?;
        Ok(trade.cost.0 - trade.fee.0)
    }

    /// The shares whose purchase moves the spot price up to another.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn shares_until(&self, price: f64) -> Result<u64, SimulationError> {
        Ok(match self.until(price)? {
            Some(Order::Buy(shares)) => shares.0,
            _ => 0,
        })
    }

    /// The shares whose sale moves the spot price down to another.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn shares_down_to(&self, price: f64) -> Result<u64, SimulationError> {
        Ok(match self.until(price)? {
            Some(Order::Sell(shares)) => shares.0,
            _ => 0,
        })
    }

    fn until(&self, price: f64) -> Result<Option<Order>, SimulationError> {
        let until = self.pool.amount_until(0, fraction(price), self.fees)?;
        Ok(until.map(|(order, _)| order))
    }

    /// What a sale of the shares would return, base units.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn value(&self, shares: u64) -> Result<u64, SimulationError> {
        if shares == 0 {
            return Ok(0);
        }
        Ok(self.pool.sale_value(self.held(shares))?.0)
    }

    /// The money on the other side that brings the value of the shares down to the debt.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn opposing_money(&self, shares: u64, debt: u64) -> Result<u64, SimulationError> {
        if debt == 0 {
            return Ok(u64::MAX);
        }
        match self.pool.opposing_money(self.held(shares), Money(debt)) {
            Ok(money) => Ok(money.0),
            Err(math::LeverageError::UnderWater) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// The fewest shares whose sale returns the value.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn shares_for(&self, shares: u64, value: u64) -> Result<u64, SimulationError> {
        Ok(self.pool.shares_for(self.held(shares), Money(value))?.0)
    }

    /// The shares whose sale moves the price as so much money on the other side does: as many of the
    /// other outcome cost their number less what the sale returns.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn shares_against(&self, money: u64) -> Result<u64, SimulationError> {
        let (mut low, mut high) = (0, 64 * DEPTH);
        while high > low + 1 {
            let middle = low + (high - low) / 2;
            if middle - self.value(middle)? <= money {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Lets the spot price stand for so many time constants of the slow price.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn stand(&mut self, time_constants: f64) -> Result<(), SimulationError> {
        let spot = self.price()?;
        self.slow = spot + (self.slow - spot) * (-time_constants).exp();
        Ok(())
    }

    /// The same market when only a part of its liquidity is left, at the same prices.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn with_liquidity(&self, part: f64) -> Result<Self, SimulationError> {
        let scaled = |amount: i64| (amount as f64 * part) as i64;
        let mut left = *self;
        left.pool.depth = (self.pool.depth as f64 * part) as u64;
        left.pool.curve = self.pool.curve.map(scaled);
        Ok(left)
    }

    fn held(&self, shares: u64) -> Position {
        Position {
            outcome: 0,
            shares: Shares(shares),
            fees: self.fees,
        }
    }
}

/// The price nearest to a number from 0 to 1.
pub fn fraction(number: f64) -> Price {
    Price((number.clamp(0.0, 1.0) * Price::ONE.0 as f64) as u64)
}

pub fn number(price: Price) -> f64 {
    price.0 as f64 / Price::ONE.0 as f64
}

/// So many depths, in base units or shares.
pub fn depths(parts: f64) -> u64 {
    (parts * DEPTH as f64) as u64
}
