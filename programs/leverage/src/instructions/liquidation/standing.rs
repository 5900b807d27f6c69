//! How positions stand, and what is due of them: for the instructions, and for whoever plans them.

use anchor_lang::prelude::*;
use markets::state::{Market, Venue, MAX_OUTCOMES};
use math::{DueSale, ForcedSale, LoanRules, Money, Pool, Price, Secured, Shares};

use crate::{
    error::LoanError,
    state::{secured, LeveredPosition, LoanParameters, PriceMark},
};

/// One outcome of a market that trades, as it is now, set up once for all positions in it. The market need not
/// be up to date.
pub struct Standing<'a> {
    secured: Secured<'a, MAX_OUTCOMES>,
    venue: &'a Venue,
    mark: PriceMark,
    /// Until the end of trading.
    left_seconds: u64,
}

impl<'a> Standing<'a> {
    /// # Errors
    /// [`LoanError::TradingOver`]; those of the curve.
    #[inline(never)]
    pub fn now(market: &'a Market, venue: &'a Venue, outcome: u8, clock: &Clock) -> Result<Self> {
        let now = clock.unix_timestamp;
        require!(!market.is_trading_over(now), LoanError::TradingOver);
        let secured = secured(&market.pool, market, outcome)?;
        let (slot, sum) = market.price_sum(outcome, secured.price(), venue.now(clock))?;
        Ok(Self {
            secured,
            venue,
            mark: PriceMark { slot, at: now, sum },
            left_seconds: seconds_left(market, now),
        })
    }

    /// The same on other liquidity of the market's, at the same prices.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn on<'b>(
        &self,
        pool: &'b Pool<MAX_OUTCOMES>,
        market: &Market,
        outcome: u8,
    ) -> Result<Standing<'b>>
    where
        'a: 'b,
    {
        Ok(Standing {
            secured: secured(pool, market, outcome)?,
            venue: self.venue,
            mark: self.mark,
            left_seconds: self.left_seconds,
        })
    }

    /// From which an average starts now.
    pub fn mark(&self) -> PriceMark {
        self.mark
    }

    /// Whether the market's venue is paused at a second of unix time.
    pub fn is_paused(&self, now: i64) -> bool {
        self.venue.pauses.is_paused(now)
    }

    /// Whether the last part of the decay has come: see [`is_final`].
    pub fn is_final(&self, parameters: &LoanParameters) -> bool {
        is_final_part(self.left_seconds, parameters)
    }

    /// What a sale of shares returns, base units, rounded down.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn value(&self, shares: u64) -> Result<Money> {
        if shares == 0 {
            return Ok(Money::ZERO);
        }
        let value = self.secured.sale_value(Shares(shares));
        Ok(value.map_err(LoanError::from)?)
    }

    /// The average price since a mark; `None` in its slot, and if the venue was paused since.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn average_since(&self, mark: &PriceMark) -> Result<Option<Price>> {
        mark.average(&self.mark, self.venue)
    }

    /// What is due of a position at the spot price, by its value: what restores the target if it owes as much
    /// as it may; in a final sale what pays its debt.
    ///
    /// # Errors
    /// Those of the formulas.
    pub fn sale(
        &self,
        rules: &LoanRules,
        position: &LeveredPosition,
        value: Money,
        debt: Money,
        is_final: bool,
    ) -> Result<Option<ForcedSale>> {
        let all = (Shares(position.shares), value);
        let sale = if is_final {
            rules.final_sale(&self.secured, all, debt)
        } else {
            rules.forced_sale(&self.secured, all, debt, self.left_seconds)
        };
        Ok(sale.map_err(LoanError::from)?)
    }

    /// Whether a sale that is due at the spot price is due at an average as well, and near it.
    ///
    /// # Errors
    /// Those of the formulas.
    #[inline(never)]
    pub fn is_lasting(
        &self,
        rules: &LoanRules,
        position: &LeveredPosition,
        debt: Money,
        average: Price,
        is_final: bool,
    ) -> Result<bool> {
        let due = self.due(position, debt, is_final);
        let is_lasting = rules.is_lasting(&self.secured, due, average);
        Ok(is_lasting.map_err(LoanError::from)?)
    }

    fn due(&self, position: &LeveredPosition, debt: Money, is_final: bool) -> DueSale {
        DueSale {
            shares: Shares(position.shares),
            debt,
            left_seconds: self.left_seconds,
            is_final,
        }
    }

    /// Whether a mark is old enough for a sale and stands in its way: nothing is due at the average since it, which
    /// began at better prices than now. So nobody puts a sale off by a mark before a fall.
    ///
    /// # Errors
    /// Those of the formulas.
    pub(super) fn is_mark_in_the_way(
        &self,
        parameters: &LoanParameters,
        position: &LeveredPosition,
        debt: Money,
        slot: u64,
    ) -> Result<bool> {
        let (from, until) = (parameters.mark_slots, parameters.mark_lasts_slots);
        let average = self.average_since(&position.marked())?;
        let (Some(average), true) = (average, position.is_marked_at(slot, from, until)) else {
            return Ok(false);
        };
        let due = self.due(position, debt, self.is_final(parameters));
        let is_due = parameters.rules().is_due_at(&self.secured, due, average);
        Ok(!is_due.map_err(LoanError::from)?)
    }

    /// What is sold of a position that is marked for long enough: what is due, if that is due at the average
    /// since the mark too.
    ///
    /// # Errors
    /// Those of the formulas.
    #[inline(never)]
    pub fn marked_sale(
        &self,
        parameters: &LoanParameters,
        position: &LeveredPosition,
        debt: Money,
        slot: u64,
        is_final: bool,
    ) -> Result<Option<ForcedSale>> {
        let (from, until) = (parameters.mark_slots, parameters.mark_lasts_slots);
        if !position.is_marked_at(slot, from, until) {
            return Ok(None);
        }
        let Some(average) = self.average_since(&position.marked())? else {
            return Ok(None);
        };
        let rules = parameters.rules();
        self.lasting_sale(&rules, position, [debt, debt], average, is_final)
    }

    /// What is sold of a position by a call that is counted in it, by what of its debt is `above` what may
    /// stay, and the average price since the call.
    ///
    /// # Errors
    /// Those of the formulas.
    #[inline(never)]
    pub fn called_sale(
        &self,
        rules: &LoanRules,
        position: &LeveredPosition,
        [debt, above]: [Money; 2],
        average: Price,
    ) -> Result<Option<ForcedSale>> {
        self.lasting_sale(rules, position, [debt, above], average, true)
    }

    /// What is due of a position at the spot price for what is `due` of its debt, if a sale lasts at an average.
    fn lasting_sale(
        &self,
        rules: &LoanRules,
        position: &LeveredPosition,
        [debt, due]: [Money; 2],
        average: Price,
        is_final: bool,
    ) -> Result<Option<ForcedSale>> {
        let value = self.value(position.shares)?;
        let sale = self.sale(rules, position, value, due, is_final)?;
        if sale.is_none() || !self.is_lasting(rules, position, debt, average, is_final)? {
            return Ok(None);
        }
        Ok(sale)
    }
}

/// Until the end of trading.
pub fn seconds_left(market: &Market, now: i64) -> u64 {
    let left = market.hours.trading_until.saturating_sub(now);
    left.max(0).unsigned_abs()
}

/// The last part of the decay, in which debts are paid whatever they are: one in so many.
const FINAL_PART: u64 = 8;

/// Whether the last part of the decay has come.
pub fn is_final(market: &Market, parameters: &LoanParameters, now: i64) -> bool {
    is_final_part(seconds_left(market, now), parameters)
}

fn is_final_part(left_seconds: u64, parameters: &LoanParameters) -> bool {
    left_seconds.saturating_mul(FINAL_PART) <= parameters.decay_seconds.into()
}
