//! What a settled market has and does not owe.

use anchor_lang::{prelude::*, AccountsClose};
use market_core::{difference, sum, CoreError};
use math::{BasisPoints, Money};
use program_kit::decrement;

use crate::{
    error::FlashError,
    instructions::Verses,
    state::{EventBook, FeeSplit, FeedBook, FlashMarket, OperatorFees, Risk, Vault},
};

/// In base units.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surplus {
    /// What the pool does not owe.
    pub pool: u64,
    /// Parts of the fees.
    pub liquidity_fees: u64,
    pub protocol_fees: u64,
    pub operator_fees: u64,
}

/// What the vault put in, and whether it has left the books.
pub struct Funded<'a> {
    pub funding: u64,
    pub released: &'a mut u8,
}

/// The books that a market's funding is in.
pub struct Books<'a, 'info> {
    pub vault: &'a mut Vault,
    pub event_book: &'a mut EventBook,
    pub feed_book: &'a mut FeedBook,
    pub operator_fees: &'a mut OperatorFees,
    /// Those above the event.
    pub verses: Verses<'info>,
}

impl Books<'_, '_> {
    /// Takes what is closed at `now`, unix seconds, off them.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn close(&mut self, now: i64) -> Result<()> {
        self.event_book.exposure.close()?;
        self.event_book.idle_since = now;
        self.feed_book.exposure.close()?;
        decrement(&mut self.operator_fees.open_markets).map_err(FlashError::from)?;
        Ok(())
    }
}

/// Closes a feed's book with the last that is on it; its rent goes to who paid it.
///
/// # Errors
/// Those of closing an account.
pub fn close_idle_feed<'info>(
    feed_book: &Account<'info, FeedBook>,
    rent_payer: &AccountInfo<'info>,
) -> Result<()> {
    if feed_book.exposure.is_empty() {
        feed_book.close(rent_payer.clone())?;
    }
    Ok(())
}

impl Surplus {
    /// Takes the surplus off a settled market's books. Parts of the fees are rounded down but for
    /// that of LPs, who get the rest.
    ///
    /// # Errors
    /// `Insolvent`, `Overflow`.
    pub fn take(market: &mut FlashMarket) -> core::result::Result<Self, FlashError> {
        let liability = market.settlement.liability(&market.pool)?;
        let pool = difference(market.pool.cash, liability).map_err(|_| FlashError::Insolvent)?;
        let surplus = Self::of(pool, market.pool.fees, market.fee_split)?;
        market.pool.cash = liability;
        market.pool.fees = 0;
        Ok(surplus)
    }

    /// Of what a pool does not owe, and fees that are split.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn of(pool: u64, fees: u64, split: FeeSplit) -> core::result::Result<Self, FlashError> {
        let fees = math::vault::split_fee(
            Money(fees),
            BasisPoints(split.protocol),
            BasisPoints(split.operator),
        )
        .map_err(CoreError::from)?;
        Ok(Self {
            pool,
            liquidity_fees: fees.liquidity.0,
            protocol_fees: fees.protocol.0,
            operator_fees: fees.operator.0,
        })
    }

    /// Books it in the vault, the operator's part as that of whoever created what was funded. The first
    /// time the funding leaves the books, and what is not back of it is a loss.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn book(&self, funded: Funded, books: &mut Books, now: i64) -> Result<()> {
        let Books {
            vault,
            event_book,
            feed_book,
            operator_fees,
            verses,
        } = books;
        let add = |parts: [u64; 2]| sum(parts).map_err(FlashError::from);
        let returned = add([self.pool, self.liquidity_fees])?;
        vault.cash = add([vault.cash, returned])?;
        vault.protocol_fees = add([vault.protocol_fees, self.protocol_fees])?;
        vault.operator_fees = add([vault.operator_fees, self.operator_fees])?;
        operator_fees.amount = add([operator_fees.amount, self.operator_fees])?;
        let Funded { funding, released } = funded;
        if *released == 0 {
            *released = 1;
            vault.deallocate(funding, returned, now)?;
            event_book.exposure.release(funding)?;
            verses.take(event_book.verse, Risk::Funding(funding))?;
            feed_book.exposure.release(funding)?;
        }
        Ok(())
    }

    /// # Errors
    /// `Overflow`.
    pub fn total(&self) -> core::result::Result<u64, FlashError> {
        Ok(sum([
            self.pool,
            self.liquidity_fees,
            self.protocol_fees,
            self.operator_fees,
        ])?)
    }
}
