//! The accounts of a chain's legs, among the remaining ones.

use anchor_lang::{prelude::*, AccountsExit};

use crate::{
    error::FlashError,
    instructions::Verses,
    state::{ChainBook, ChainLeg, EventBook, FeedBook, FlashMarket, Risk},
};

/// Accounts of a leg whose price is asked for.
pub const ACCOUNTS_OF_LEG: usize = 5;

/// Accounts of a leg whose result is asked for.
pub const BOOKS_OF_LEG: usize = 4;

/// The market of a leg, and the books that count it.
pub struct LegBooks<'info> {
    pub market: AccountLoader<'info, FlashMarket>,
    pub chain_book: AccountLoader<'info, ChainBook>,
    pub event_book: Account<'info, EventBook>,
    pub feed_book: Account<'info, FeedBook>,
}

impl<'info> LegBooks<'info> {
    /// # Errors
    /// [`FlashError::WrongAccount`] for a market of another vault, and books of another market.
    pub fn load(
        vault: &Pubkey,
        [market, chain_book, event_book, feed_book]: [&'info AccountInfo<'info>; BOOKS_OF_LEG],
    ) -> Result<Self> {
        let books = Self {
            market: AccountLoader::try_from(market)?,
            chain_book: AccountLoader::try_from(chain_book)?,
            event_book: Account::try_from(event_book)?,
            feed_book: Account::try_from(feed_book)?,
        };
        let state = books.market.load()?;
        // There is one chain book of a market, and one feed book of a vault and feed.
        let is_right = state.vault == *vault
            && books.chain_book.load()?.market == books.market.key()
            && books.event_book.key() == state.event_book
            && books.feed_book.vault == *vault
            && books.feed_book.feed_id == state.evidence.feed_id;
        require!(is_right, FlashError::WrongAccount);
        drop(state);
        Ok(books)
    }

    /// Counts a leg of a chain that opens with this payout.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn open(&mut self, leg: &ChainLeg, payout: u64) -> Result<()> {
        let mut book = self.chain_book.load_mut()?;
        book.open_leg(leg.outcome, leg.delta_shares, payout)?;
        drop(book);
        self.event_book.exposure.open_chain(payout)?;
        self.feed_book.exposure.open_chain(payout)?;
        self.store()
    }

    /// Takes a leg off.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn close(&mut self, leg: &ChainLeg, payout: u64, verses: Verses) -> Result<()> {
        let mut book = self.chain_book.load_mut()?;
        book.close_leg(leg.outcome, leg.delta_shares, payout)?;
        drop(book);
        self.event_book.exposure.close_chain(payout)?;
        verses.take(self.event_book.verse, Risk::Chain(payout))?;
        self.feed_book.exposure.close_chain(payout)?;
        self.store()
    }

    /// Writes what is not zero-copy.
    fn store(&self) -> Result<()> {
        self.event_book.exit(&crate::ID)?;
        self.feed_book.exit(&crate::ID)
    }
}

/// The accounts of a leg whose price is asked for.
pub struct Leg<'info> {
    pub books: LegBooks<'info>,
    /// Whether the observation exists that its market waits for.
    pub is_observed: bool,
}

impl<'info> Leg<'info> {
    /// # Errors
    /// Those of [`LegBooks::load`], and `WrongObservation` at another place than the market's.
    pub fn load(
        vault: &Pubkey,
        [market, chain_book, event_book, feed_book, observation]: &'info [AccountInfo<'info>;
                   ACCOUNTS_OF_LEG],
    ) -> Result<Self> {
        let books = LegBooks::load(vault, [market, chain_book, event_book, feed_book])?;
        let found = books.market.load()?.find_result(observation)?;
        Ok(Self {
            books,
            is_observed: found.is_some(),
        })
    }
}

/// The legs whose accounts are among the remaining ones, and nothing else.
///
/// # Errors
/// [`FlashError::ChainLegAccounts`], and those of [`Leg::load`].
pub fn load_legs<'info>(
    vault: &Pubkey,
    remaining: &'info [AccountInfo<'info>],
) -> Result<Vec<Leg<'info>>> {
    let (legs, rest) = remaining.as_chunks::<ACCOUNTS_OF_LEG>();
    require!(rest.is_empty(), FlashError::ChainLegAccounts);
    legs.iter().map(|leg| Leg::load(vault, leg)).collect()
}

/// The legs whose accounts come first, and the verses that follow, among which are all above their events.
///
/// # Errors
/// Those of [`load_legs`] and of [`Verses::path`].
pub fn load_legs_in_verses<'info>(
    vault: &Pubkey,
    remaining: &'info [AccountInfo<'info>],
) -> Result<(Vec<Leg<'info>>, Verses<'info>)> {
    let (legs, verses) = Verses::split(remaining);
    let legs = load_legs(vault, legs)?;
    for leg in &legs {
        verses.path(leg.books.event_book.verse)?;
    }
    Ok((legs, verses))
}

/// Refuses legs that depend on each other: of one event, and so of one market, of one correlation group, or
/// of one feed.
///
/// # Errors
/// [`FlashError::LegsShareEvent`], [`FlashError::LegsShareGroup`], [`FlashError::LegsShareFeed`].
pub fn require_independent(legs: &[Leg]) -> core::result::Result<(), FlashError> {
    let mut rest = legs;
    while let Some((first, others)) = rest.split_first() {
        let (event, feed) = (&first.books.event_book, &first.books.feed_book);
        for other in others {
            if other.books.event_book.key() == event.key() {
                return Err(FlashError::LegsShareEvent);
            }
            let group = event.correlation_group;
            if group != 0 && other.books.event_book.correlation_group == group {
                return Err(FlashError::LegsShareGroup);
            }
            if other.books.feed_book.feed_id == feed.feed_id {
                return Err(FlashError::LegsShareFeed);
            }
        }
        rest = others;
    }
    Ok(())
}
