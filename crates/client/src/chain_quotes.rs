//! What a chain of bets would come to now: the program's own prices, on copies of its accounts.

use anchor_lang::prelude::{Clock, Pubkey};
use flash_bets::{
    error::FlashError,
    instructions::ChainOdds,
    state::{
        planned_seconds, Chain, ChainBook, ChainLeg, FlashMarket, LegStatus, Vault, MAX_OUTCOMES,
    },
};
use math::{
    chain::{cash_out_value, multiple_cap, shares_of_leg, LegPrice},
    BasisPoints, ChainError, Money, Price,
};

/// An outcome of a market that has a chain book.
#[derive(Clone, Copy, Debug)]
pub struct QuotedLeg<'a> {
    pub market: &'a FlashMarket,
    pub book: &'a ChainBook,
    pub outcome: u8,
}

/// A chain that has not been opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainQuote {
    /// What a share of each leg costs, spread included.
    pub prices: Vec<Price>,
    pub odds: ChainOdds,
}

/// What a stake on these legs would pay if the chain opened at `clock`. Caps of the vault, and observations
/// that are there before a market has its result, are not looked at.
///
/// # Errors
/// Those of the program's `execute_chain`.
pub fn open(
    vault: &Vault,
    legs: &[QuotedLeg],
    stake: Money,
    clock: &Clock,
) -> Result<ChainQuote, FlashError> {
    let terms = vault.chain_terms.at(clock.unix_timestamp);
    let now = vault.now(clock);
    now.require_not_paused()?;
    terms.require_offered()?;
    let mut shortest_seconds = u32::MAX;
    let mut prices = Vec::with_capacity(legs.len());
    for leg in legs {
        leg.market.require_trading(clock)?;
        shortest_seconds = shortest_seconds.min(planned_seconds(leg.market));
        let unpriced = ChainLeg::unpriced(Pubkey::default(), leg.outcome);
        let priced = unpriced.priced(leg.market, leg.book, stake, now, &terms)?;
        prices.push(Price(priced.price));
    }
    let of_legs = prices.iter().map(|price| LegPrice::try_from(*price));
    let of_legs = of_legs.collect::<Result<Vec<_>, _>>()?;
    let fee_rate = BasisPoints(terms.fee_rate);
    let odds = ChainOdds::of(&of_legs, stake, fee_rate)?;
    let cap = multiple_cap(shortest_seconds)?;
    if u128::from(odds.payout) > u128::from(cap).saturating_mul(stake.0.into()) {
        return Err(ChainError::AboveCap(cap).into());
    }
    Ok(ChainQuote { prices, odds })
}

/// Base units that an open chain would be cashed out for at `clock`; `markets` are those of its open legs,
/// in their order.
///
/// # Errors
/// Those of the program's `execute_cash_out`.
pub fn cash_out(
    vault: &Vault,
    chain: &Chain,
    markets: &[&FlashMarket],
    clock: &Clock,
) -> Result<Money, FlashError> {
    let now = vault.now(clock);
    let open = chain.legs().iter().filter(|leg| leg.is(LegStatus::Open));
    let legs: Vec<_> = open.zip(markets.iter().copied()).collect();
    if legs.len() != usize::from(chain.open_legs) {
        return Err(FlashError::ChainLegAccounts);
    }
    let reserve = Money(chain.reserve);
    let mut prices = Vec::with_capacity(legs.len());
    for (leg, market) in &legs {
        market.require_trading(clock)?;
        prices.push(
            market
                .leg_prices(now, leg.outcome, &[0; MAX_OUTCOMES])?
                .bid(),
        );
    }
    let mut bids = Vec::with_capacity(legs.len());
    for (index, (leg, market)) in legs.iter().enumerate() {
        // A sale moves prices as the purchase of every other outcome does.
        let mut others = [shares_of_leg(reserve, &prices, index)?; MAX_OUTCOMES];
        if let Some(own) = others.get_mut(usize::from(leg.outcome)) {
            *own = 0;
        }
        bids.push(market.leg_prices(now, leg.outcome, &others)?.bid());
    }
    let fee = BasisPoints(vault.chain_terms.at(clock.unix_timestamp).cash_out_fee_rate);
    Ok(cash_out_value(reserve, &bids, fee)?)
}
