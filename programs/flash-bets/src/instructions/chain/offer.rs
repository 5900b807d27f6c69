//! What the vault offers for a stake on legs, and what it pays for a chain whose legs are open.

use anchor_lang::prelude::*;
use market_core::{sum, Now};
use math::{
    chain::{multiple_cap, LegPrice},
    BasisPoints, ChainError, Money, Price,
};

use super::legs::Leg;
use crate::{
    error::FlashError,
    state::{planned_seconds, Caps, Chain, ChainTerms},
};

/// What a chain comes to. The decimals are in units of 10⁻¹².
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainOdds {
    /// Base units paid if every leg wins, rounded down.
    pub payout: u64,
    /// Payout over stake, before rounding.
    pub multiple: u64,
    /// That every leg wins, if prices are chances.
    pub chance: u64,
    /// What each unit staked is worth, if prices are chances.
    pub expected: u64,
}

impl ChainOdds {
    /// Of a stake on legs at these prices.
    ///
    /// # Errors
    /// Those of [`math::Chain`].
    pub fn of(
        prices: &[LegPrice],
        stake: Money,
        fee_rate: BasisPoints,
    ) -> core::result::Result<Self, ChainError> {
        let chain = math::Chain::new(prices, fee_rate)?;
        Ok(Self {
            payout: chain.payout(stake)?.0,
            multiple: chain.multiple()?.digits(),
            chance: chain.chance()?.digits(),
            expected: chain.expected()?.digits(),
        })
    }

    /// The same, if the multiple is offered on legs of which the shortest lasts so long.
    ///
    /// # Errors
    /// `AboveCap`, those of [`Self::of`].
    pub fn within_cap(
        prices: &[LegPrice],
        stake: Money,
        fee_rate: BasisPoints,
        shortest_seconds: u32,
    ) -> core::result::Result<Self, ChainError> {
        let cap = multiple_cap(shortest_seconds)?;
        let odds = Self::of(prices, stake, fee_rate);
        if odds == Err(ChainError::Overflow) {
            // Mostly of a multiple that is far above the cap.
            math::Chain::new(prices, fee_rate)?.check_multiple(cap)?;
        }
        let odds = odds?;
        if u128::from(odds.payout) > u128::from(cap).saturating_mul(stake.0.into()) {
            return Err(ChainError::AboveCap(cap));
        }
        Ok(odds)
    }
}

/// The moment that legs are priced at, and by what.
pub struct Moment<'a> {
    pub clock: &'a Clock,
    pub now: Now,
    pub terms: ChainTerms,
}

/// Refuses legs that do not trade, or whose result is known to somebody. `waited_since` is the slot of the
/// request.
///
/// # Errors
/// Those of the market's hours, [`FlashError::LegResultKnown`], [`FlashError::LegWasSuspended`].
fn require_tradeable(leg: &Leg, clock: &Clock, waited_since: Option<u64>) -> Result<()> {
    let market = leg.books.market.load()?;
    market.require_trading(clock)?;
    require!(!leg.is_observed, FlashError::LegResultKnown);
    let was_suspended = waited_since.is_some_and(|slot| market.was_suspended_since(slot));
    require!(!was_suspended, FlashError::LegWasSuspended);
    Ok(())
}

/// Prices the legs of a chain, writes price and shares into each, and says what it comes to.
///
/// A leg costs what it would on the curve after all chains' purchases, this one's included.
///
/// # Errors
/// `Paused`, [`FlashError::ChainsNotOffered`], those of [`require_tradeable`] and of the curve,
/// [`FlashError::LegTooCertain`], a `MultipleAbove…`, `SlippageExceeded` below the chain's bound.
pub fn offer(
    chain: &mut Chain,
    legs: &[Leg],
    moment: &Moment,
    waited_since: Option<u64>,
) -> Result<ChainOdds> {
    let Moment { clock, now, terms } = moment;
    now.require_not_paused().map_err(FlashError::from)?;
    terms.require_offered()?;
    let mut shortest_seconds = u32::MAX;
    let mut prices = Vec::with_capacity(legs.len());
    for (place, leg) in chain.legs.iter_mut().zip(legs) {
        require_tradeable(leg, clock, waited_since)?;
        let market = leg.books.market.load()?;
        shortest_seconds = shortest_seconds.min(planned_seconds(&market));
        let book = leg.books.chain_book.load()?;
        *place = place.priced(&market, &book, Money(chain.stake), *now, terms)?;
        prices.push(LegPrice::try_from(Price(place.price)).map_err(FlashError::from)?);
    }
    let (stake, fee_rate) = (Money(chain.stake), BasisPoints(terms.fee_rate));
    let odds = ChainOdds::within_cap(&prices, stake, fee_rate, shortest_seconds);
    let odds = odds.map_err(FlashError::from)?;
    require_gte!(odds.payout, chain.bound, FlashError::SlippageExceeded);
    chain.fee_rate = terms.fee_rate;
    chain.payout = odds.payout;
    chain.reserve = odds.payout;
    Ok(odds)
}

/// Refuses a chain that puts more on a market, an event or a feed than that may have, each chain counted
/// with its whole payout.
///
/// # Errors
/// [`FlashError::LegCapExceeded`], [`FlashError::EventCapExceeded`], [`FlashError::FeedCapExceeded`].
pub fn require_within_caps(legs: &[Leg], payout: u64, caps: &Caps) -> Result<()> {
    let with = |at_risk| sum([at_risk, payout]).map_err(FlashError::from);
    for Leg { books, .. } in legs {
        let on_market = with(books.chain_book.load()?.payouts)?;
        require_gte!(caps.market_funding, on_market, FlashError::LegCapExceeded);
        let on_event = with(books.event_book.exposure.at_risk()?)?;
        require_gte!(caps.event_funding, on_event, FlashError::EventCapExceeded);
        let on_feed = with(books.feed_book.exposure.at_risk()?)?;
        require_gte!(caps.feed_funding, on_feed, FlashError::FeedCapExceeded);
    }
    Ok(())
}

/// Base units that an open chain is cashed out for, `legs` being those of its legs that are open, in their
/// order.
///
/// # Errors
/// Those of [`require_tradeable`] and of [`Chain::cash_out_value`].
pub fn cash_out_offer(chain: &Chain, legs: &[Leg], moment: &Moment) -> Result<u64> {
    let mut markets = Vec::with_capacity(legs.len());
    for leg in legs {
        require_tradeable(leg, moment.clock, Some(chain.wait.requested_slot))?;
        markets.push(leg.books.market.load()?);
    }
    let fee = BasisPoints(moment.terms.cash_out_fee_rate);
    Ok(chain.cash_out_value(&markets, moment.now, fee)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within_cap(price: u64, legs: usize, stake: u64) -> core::result::Result<u64, ChainError> {
        let prices = vec![LegPrice::new(price, 100).unwrap(); legs];
        let odds = ChainOdds::within_cap(&prices, Money(stake), BasisPoints(100), 300);
        odds.map(|odds| odds.payout)
    }

    /// Nine goals within minutes multiply by more than any number that is told of them.
    #[test]
    fn refusal_names_the_cap_however_far_above_it_a_chain_is() {
        for price in [3, 30, 53] {
            assert_eq!(
                within_cap(price, 9, 1_000_000),
                Err(ChainError::AboveCap(250))
            );
        }
        assert_eq!(within_cap(55, 9, 1_000_000), Ok(198_359_290));
        assert_eq!(within_cap(50, 1, u64::MAX), Err(ChainError::Overflow));
    }
}
