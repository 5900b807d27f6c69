//! A market of either program from the bytes of its accounts, and the quotes of it.

use anchor_lang::{
    error::Error,
    prelude::{Clock, ProgramError},
};
use client::{accounts::StrobeAccount, market_quotes, quotes};
use flash_bets::{error::FlashError, state::FlashMarket};
use market_core::Order;
use markets::state::{Market as StandardMarket, Venue};
use math::Price;

use crate::NO_MARKET;

/// Whole accounts: eight bytes that name the type, and its fields.
pub const MOST_MARKET_BYTES: usize = {
    let (flash, standard) = (size_of::<FlashMarket>(), size_of::<StandardMarket>());
    8 + if flash > standard { flash } else { standard }
};
pub const MOST_VENUE_BYTES: usize = 8 + size_of::<Venue>();
pub const MOST_OUTCOMES: usize = markets::state::MAX_OUTCOMES;
const _: () = assert!(MOST_OUTCOMES >= flash_bets::state::MAX_OUTCOMES);

/// Of an error that is none of a program's own.
const UNNAMED: u32 = u32::MAX;

/// A market of either kind; a standard one with its venue, if that is known.
pub enum Market {
    Flash(Box<FlashMarket>),
    Standard(Box<StandardMarket>, Option<Box<Venue>>),
}

/// A trade that has not been made, and the prices around it.
pub struct Quote {
    pub shares: u64,
    /// Paid with the fee on top, or received with the fee deducted; base units.
    pub amount: u64,
    pub fee: u64,
    pub before: Vec<Price>,
    pub after: Vec<Price>,
}

impl Quote {
    /// Shares, amount, fee, number of outcomes; then their prices before, and after.
    pub fn numbers(&self) -> Vec<u64> {
        let head = [self.shares, self.amount, self.fee, self.before.len() as u64];
        let prices = self.before.iter().chain(&self.after).map(|price| price.0);
        head.into_iter().chain(prices).collect()
    }
}

impl Market {
    /// A flash market, or a standard one and its venue; `None` for other bytes.
    pub fn read(market: &[u8], venue: &[u8]) -> Option<Self> {
        if let Some(flash) = account(market) {
            return Some(Self::Flash(Box::new(flash)));
        }
        Some(Self::Standard(
            Box::new(account(market)?),
            account(venue).map(Box::new),
        ))
    }

    /// What `order` would trade at `clock`.
    ///
    /// # Errors
    /// The code of the program's error, or [`NO_MARKET`] without the market's venue.
    pub fn quote(&self, clock: &Clock, outcome: u8, order: Order) -> Result<Quote, u32> {
        match self {
            Self::Flash(market) => {
                let quote = match order {
                    Order::Stake(stake) => quotes::buy(market, clock, outcome, stake),
                    Order::Buy(shares) => quotes::buy_shares(market, clock, outcome, shares),
                    Order::Sell(shares) => quotes::sell(market, clock, outcome, shares),
                }
                .map_err(code)?;
                let (cost, fee) = (quote.trade.cost.0, quote.trade.fee.0);
                let amount = match order {
                    Order::Stake(_) | Order::Buy(_) => cost.checked_add(fee),
                    Order::Sell(_) => cost.checked_sub(fee),
                };
                Ok(Quote {
                    shares: quote.trade.shares.0,
                    amount: amount.ok_or_else(|| code(FlashError::Overflow.into()))?,
                    fee,
                    before: quote.prices_before,
                    after: quote.prices_after,
                })
            }
            Self::Standard(market, venue) => {
                let venue = venue.as_ref().ok_or(NO_MARKET)?;
                let quote = market_quotes::quote(market, venue, clock, outcome, order);
                let quote = quote.map_err(code)?;
                Ok(Quote {
                    shares: quote.fill.shares.0,
                    amount: quote.fill.amount.0,
                    fee: quote.fill.fee.0,
                    before: quote.prices_before,
                    after: quote.prices_after,
                })
            }
        }
    }

    /// The prices of now, of no trade.
    ///
    /// # Errors
    /// The code of the program's error.
    pub fn unchanged(&self) -> Result<Quote, u32> {
        let prices = match self {
            Self::Flash(market) => quotes::prices(market),
            Self::Standard(market, _) => market_quotes::prices(market),
        };
        let before = prices.map_err(code)?;
        Ok(Quote {
            shares: 0,
            amount: 0,
            fee: 0,
            after: before.clone(),
            before,
        })
    }
}

/// An account of this type, if the bytes are one.
pub fn account<T: StrobeAccount>(data: &[u8]) -> Option<T> {
    let is_named = data.starts_with(T::DISCRIMINATOR);
    is_named.then(|| T::from_checked(data).ok()).flatten()
}

/// What a client sees of a program's error.
fn code(error: Error) -> u32 {
    match error {
        Error::AnchorError(error) => error.error_code_number,
        Error::ProgramError(error) => match error.program_error {
            ProgramError::Custom(code) => code,
            _ => UNNAMED,
        },
    }
}
