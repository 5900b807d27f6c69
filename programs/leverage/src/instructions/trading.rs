//! What a listing trades on its market's curve.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    instructions::{BuyArgs, SellArgs},
    program::Markets,
    state::{Market, Position, Venue},
};

use crate::{
    error::LoanError,
    state::{seeds, ListedMarket},
};

/// The accounts of a trade of a listing's.
pub struct Trading<'a, 'info> {
    pub listing: &'a AccountLoader<'info, ListedMarket>,
    pub venue: &'a AccountLoader<'info, Venue>,
    pub market: &'a AccountLoader<'info, Market>,
    pub listing_position: &'a AccountInfo<'info>,
    pub market_tokens: &'a AccountInfo<'info>,
    pub listing_tokens: &'a AccountInfo<'info>,
    pub token_program: &'a Interface<'info, TokenInterface>,
    pub markets_program: &'a Program<'info, Markets>,
}

/// Brings a market's depth, slow prices and sums of prices up to now.
///
/// # Errors
/// Those of the market's `poke`.
pub fn poke<'info>(
    markets_program: &Program<'info, Markets>,
    venue: &AccountLoader<'info, Venue>,
    market: &AccountLoader<'info, Market>,
) -> Result<()> {
    let poke = markets::cpi::accounts::Poke {
        venue: venue.to_account_info(),
        market: market.to_account_info(),
    };
    markets::cpi::poke(CpiContext::new(markets_program.key(), poke))
}

impl Trading<'_, '_> {
    /// Spends `stake` on at least `min_shares` of an outcome, and books the shares, which it returns.
    ///
    /// # Errors
    /// Those of the market's `buy`; [`LoanError::SharesMissing`].
    pub fn buy(&self, outcome: u8, stake: u64, min_shares: u64) -> Result<u64> {
        let buy = markets::cpi::accounts::Buy {
            payer: self.listing.to_account_info(),
            venue: self.venue.to_account_info(),
            market: self.market.to_account_info(),
            position: self.listing_position.clone(),
            market_tokens: self.market_tokens.clone(),
            payer_tokens: self.listing_tokens.clone(),
            token_program: self.token_program.to_account_info(),
        };
        let args = BuyArgs {
            outcome,
            stake,
            min_shares,
        };
        let program = self.markets_program.key();
        let receipt = self.signed(|signer| {
            markets::cpi::buy(CpiContext::new_with_signer(program, buy, signer), args)
        })?;
        let bought = receipt.get().shares;
        self.listing.load_mut()?.change_shares(outcome, bought, 0)?;
        self.require_shares()?;
        Ok(bought)
    }

    /// Sells shares of an outcome for at least `min_return`; returns the base units.
    ///
    /// # Errors
    /// Those of the market's `sell`.
    pub fn sell(&self, outcome: u8, shares: u64, min_return: u64) -> Result<u64> {
        let sell = markets::cpi::accounts::Sell {
            owner: self.listing.to_account_info(),
            venue: self.venue.to_account_info(),
            market: self.market.to_account_info(),
            position: self.listing_position.clone(),
            market_tokens: self.market_tokens.clone(),
            owner_tokens: self.listing_tokens.clone(),
            token_program: self.token_program.to_account_info(),
        };
        let args = SellArgs {
            outcome,
            shares,
            min_return,
        };
        let program = self.markets_program.key();
        let receipt = self.signed(|signer| {
            markets::cpi::sell(CpiContext::new_with_signer(program, sell, signer), args)
        })?;
        Ok(receipt.get().amount)
    }

    /// Ends an instruction that moves shares: the market's position holds those of all loans.
    ///
    /// # Errors
    /// [`LoanError::SharesMissing`].
    pub fn require_shares(&self) -> Result<()> {
        let position = self.position()?;
        let listing = self.listing.load()?;
        listing.require_shares(&position.holdings.shares)
    }

    fn signed<T>(&self, call: impl FnOnce(&[&[&[u8]]]) -> Result<T>) -> Result<T> {
        let (pool, market, bump) = {
            let listing = self.listing.load()?;
            (listing.pool, listing.market, [listing.bump])
        };
        call(&[&seeds::of_listing(&pool, &market, &bump)])
    }

    /// The listing's own in the market.
    ///
    /// # Errors
    /// `WrongAccount`.
    fn position(&self) -> Result<Position> {
        let data = self.listing_position.try_borrow_data()?;
        let is_markets = *self.listing_position.owner == markets::ID;
        require!(is_markets, LoanError::WrongAccount);
        let position = Position::try_deserialize(&mut &data[..])?;
        let is_own = position.owner == self.listing.key() && position.market == self.market.key();
        require!(is_own, LoanError::WrongAccount);
        Ok(position)
    }
}
