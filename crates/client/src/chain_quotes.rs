//! What a chain of bets would come to now: the program's own prices, on copies of its accounts.

use anchor_lang::prelude::{Clock, Pubkey};
use flash_bets::{
    error::FlashError,
    instructions::ChainOdds,
    state::{planned_seconds, Chain, ChainBook, ChainLeg, FlashMarket, Vault},
};
use math::{chain::LegPrice, BasisPoints, Money, Price};

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
    let odds = ChainOdds::within_cap(&of_legs, stake, fee_rate, shortest_seconds)?;
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
    if markets.len() != usize::from(chain.open_legs) {
        return Err(FlashError::ChainLegAccounts);
    }
    for market in markets {
        market.require_trading(clock)?;
    }
    let fee_rate = BasisPoints(vault.chain_terms.at(clock.unix_timestamp).cash_out_fee_rate);
    chain.cash_out_value(markets, vault.now(clock), fee_rate)
}
