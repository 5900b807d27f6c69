//! What a lender asks before it lends, and what it does after.

use math::leverage::liquidation_value;
use math::{BasisPoints, LoanTerms, Money, Price};

use crate::market::{depths, fraction, number, Market};
use crate::SimulationError;

/// Steps of the search for the greatest debt that withstands opposing money: a part of a millionth.
const DEBT_STEPS: u32 = 20;

/// The rules of a lender. Every protection can be left out, to see what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub name: &'static str,
    pub terms: LoanTerms,
    /// Debt over value after a partial liquidation, and the part of a sale that rewards whom does it.
    pub target: Price,
    pub reward: Price,
    /// Whether no more is lent than the slow price of the shares justifies.
    pub slow_price: bool,
    /// Greatest distance of the spot price above the slow price s, parts of `min(s, 1 − s)`.
    pub deviation: Option<f64>,
    /// Whether loans wait until no price was far from its slow price for the time constant of that.
    pub calm: bool,
    /// Opposing money after which a sale of all shares must still pay its reward and all loans against
    /// them, in depths counted. If there is
    /// such a rule, they are also no more than the target of what a sale of all their shares returns.
    pub withstands: f64,
    /// Part of the liquidity that cannot leave before trading is over.
    pub locked: f64,
    /// Whether only that part is counted.
    pub counts_locked: bool,
    /// Most shares of an outcome that secure loans, in depths counted.
    pub most_shares: f64,
    /// Slots for which a position has to be marked before something of it is sold, at the average price since
    /// then too; without any the price of a moment is enough.
    pub mark_slots: u64,
    /// Prices at which loans are given.
    pub prices: [f64; 2],
    /// Whether loans are given on markets whose result may be known while they trade.
    pub early_ends: bool,
    /// Shortest market that loans are given on.
    pub least_seconds: u64,
}

/// Least price that terms are taken at.
const LEAST_SPOT: f64 = 1e-12;

/// Loans that already stand against shares of the same outcome.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    pub shares: u64,
    pub debt: u64,
}

const DAY_SECONDS: u64 = 24 * 60 * 60;

impl Rules {
    /// The defaults.
    pub fn defaults() -> Self {
        Self {
            name: "defaults",
            terms: LoanTerms {
                opening: BasisPoints(6_000),
                maintenance: BasisPoints(7_500),
                decay_seconds: 3 * 60 * 60,
                latency_seconds: 60,
                opening_deviations: 8,
                maintenance_deviations: 8,
            },
            target: fraction(0.55),
            reward: fraction(0.03),
            slow_price: true,
            deviation: Some(0.10),
            calm: true,
            withstands: 0.25,
            locked: 0.25,
            counts_locked: true,
            most_shares: 0.3,
            mark_slots: 25,
            prices: [0.10, 0.90],
            early_ends: false,
            least_seconds: DAY_SECONDS,
        }
    }

    /// A loan of a part of what a sale returns, and nothing else asked.
    pub fn unprotected(name: &'static str, opening: u16) -> Self {
        Self {
            name,
            terms: LoanTerms {
                opening: BasisPoints(opening),
                maintenance: BasisPoints(9_000),
                decay_seconds: 0,
                latency_seconds: 0,
                opening_deviations: 0,
                maintenance_deviations: 0,
            },
            slow_price: false,
            deviation: None,
            calm: false,
            withstands: 0.0,
            counts_locked: false,
            most_shares: f64::INFINITY,
            mark_slots: 0,
            prices: [0.0, 1.0],
            early_ends: true,
            least_seconds: 0,
            ..Self::defaults()
        }
    }

    /// The defaults, the defaults without each of their protections, and loans without any.
    pub fn sets() -> Vec<Self> {
        let defaults = Self::defaults();
        let mut undated = defaults.terms;
        undated.decay_seconds = 0;
        undated.opening_deviations = 0;
        undated.maintenance_deviations = 0;
        vec![
            Self::unprotected("unprotected, half the value", 5_000),
            Self::unprotected("unprotected, eight tenths of the value", 8_000),
            defaults,
            Self {
                name: "defaults without slow price",
                slow_price: false,
                deviation: None,
                calm: false,
                ..defaults
            },
            Self {
                name: "defaults without greatest deviation",
                deviation: None,
                ..defaults
            },
            Self {
                name: "defaults without waiting for calm prices",
                calm: false,
                ..defaults
            },
            Self {
                name: "defaults without money to withstand",
                withstands: 0.0,
                ..defaults
            },
            Self {
                name: "defaults, all liquidity counted",
                counts_locked: false,
                ..defaults
            },
            Self {
                name: "defaults on markets that end early",
                early_ends: true,
                ..defaults
            },
            Self {
                name: "defaults with a cap at the opening alone",
                terms: undated,
                least_seconds: 0,
                ..defaults
            },
            Self {
                name: "defaults on markets of any length",
                least_seconds: 0,
                ..defaults
            },
        ]
    }

    /// The terms for a market of so many seconds: they close over its last eighth, an hour at least.
    #[must_use]
    pub fn for_market(mut self, duration_seconds: u64) -> Self {
        if self.terms.decay_seconds > 0 {
            self.terms.decay_seconds = (duration_seconds / 8).max(60 * 60);
        }
        self
    }

    /// The greatest spot price at which a loan is given where the slow price is so much.
    pub fn greatest_spot(&self, slow: f64) -> f64 {
        self.deviation
            .map_or(1.0, |part| slow + part * slow.min(1.0 - slow))
    }

    /// The most that is lent against shares that were just bought, base units: nothing if the loan is
    /// refused.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn greatest_debt(
        &self,
        market: &Market,
        shares: u64,
        others: Standing,
        left_seconds: u64,
    ) -> Result<u64, SimulationError> {
        let (spot, slow) = (market.price()?, market.slow);
        let is_deviant = spot > self.greatest_spot(slow);
        let is_offered = (self.prices[0]..=self.prices[1]).contains(&spot);
        let all = shares.saturating_add(others.shares);
        let counted = if self.counts_locked { self.locked } else { 1.0 };
        if is_deviant || !is_offered || all as f64 > self.most_shares * depths(counted) as f64 {
            return Ok(0);
        }
        let market = market.with_liquidity(counted)?;
        // What the shares return after all others of the outcome were sold.
        let value_of_all = market.value(all)?;
        let mut value = value_of_all.saturating_sub(market.value(others.shares)?);
        if self.slow_price {
            value = value.min((shares as f64 * slow) as u64);
        }
        let part = self.terms.opening_at(fraction(spot), left_seconds)?;
        let mut most = (value as f64 * number(part)) as u64;
        if self.withstands == 0.0 {
            return Ok(most);
        }
        let target = (value_of_all as f64 * number(self.target)) as u64;
        most = most.min(target.saturating_sub(others.debt));
        let least_money = (self.withstands * depths(counted) as f64) as u64;
        let withstands = |debt: u64| -> Result<bool, SimulationError> {
            // A liquidation pays its reward first.
            let owed = (others.debt + debt) as f64 / (1.0 - number(self.reward));
            Ok(market.opposing_money(all, owed as u64)? >= least_money)
        };
        if withstands(most)? {
            return Ok(most);
        }
        let (mut low, mut high) = (0, most);
        for _ in 0..DEBT_STEPS {
            let middle = low + (high - low) / 2;
            if withstands(middle)? {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// What a loan's shares return and the part of it that may be owed, if at least as much is.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn due(
        &self,
        market: &Market,
        loan: &Standing,
        left_seconds: u64,
    ) -> Result<Option<(u64, Price)>, SimulationError> {
        if loan.shares == 0 || loan.debt == 0 {
            return Ok(None);
        }
        let value = market.value(loan.shares)?;
        // A price that rounds to zero is none.
        let spot = fraction(market.price()?.max(LEAST_SPOT));
        let most = self.terms.maintenance_at(spot, left_seconds)?;
        let is_due = loan.debt as f64 >= value as f64 * number(most);
        Ok(is_due.then_some((value, most)))
    }

    /// Sells of a loan's shares what a liquidation sells now, if anything: the reward first, then the
    /// debt. Nothing is left of a loan all of whose shares are sold.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn liquidate(
        &self,
        market: &mut Market,
        loan: &mut Standing,
        left_seconds: u64,
    ) -> Result<Option<Liquidation>, SimulationError> {
        let Some((value, most)) = self.due(market, loan, left_seconds)? else {
            return Ok(None);
        };
        // Once maintenance is below the usual target, that is a little below it.
        let target = self.target.min(Price(most.0 / 100 * 95)).max(Price(1));
        let due = liquidation_value(Money(value), Money(loan.debt), target, self.reward)?.0;
        let sold = if due >= value {
            loan.shares
        } else {
            market.shares_for(loan.shares, due)?
        };
        let returned = market.sell(sold)?;
        let reward = (returned as f64 * number(self.reward)).ceil() as u64;
        let repaid = loan.debt.min(returned - reward);
        loan.shares -= sold;
        loan.debt -= repaid;
        let lost = if loan.shares == 0 { loan.debt } else { 0 };
        loan.debt -= lost;
        Ok(Some(Liquidation { lost, reward }))
    }
}

/// What a liquidation cost the lender and paid whom did it, base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidation {
    pub lost: u64,
    pub reward: u64,
}
