//! What a listing trades on its market's curve.

use anchor_lang::{prelude::*, InstructionData};
use anchor_spl::token_interface::TokenInterface;
use markets::{
    instructions::{BuyArgs, SellArgs},
    program::Markets,
    state::{Market, Position, Venue},
};
use program_kit::{call, tokens::token_amount, Access};

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

impl<'info> Trading<'_, 'info> {
    /// Spends `stake` on at least `min_shares` of an outcome, and books the shares, which it returns.
    ///
    /// # Errors
    /// Those of the market's `buy`; [`LoanError::SharesMissing`].
    pub fn buy(&self, outcome: u8, stake: u64, min_shares: u64) -> Result<u64> {
        let of = |shares: &[u64]| shares.get(usize::from(outcome)).copied().unwrap_or(0);
        let before = of(&self.shares()?);
        let args = BuyArgs {
            outcome,
            stake,
            min_shares,
        };
        self.call(self.listing_tokens, &markets::instruction::Buy { args })?;
        let held = self.shares()?;
        let bought = of(&held).checked_sub(before);
        let bought = bought.ok_or(LoanError::Overflow)?;
        let mut listing = self.listing.load_mut()?;
        listing.change_shares(outcome, bought, 0)?;
        listing.require_shares(&held)?;
        Ok(bought)
    }

    /// Sells shares of an outcome for at least `min_return`, which goes `to` a token account; returns the
    /// base units.
    ///
    /// # Errors
    /// Those of the market's `sell`.
    pub fn sell(
        &self,
        to: &AccountInfo<'info>,
        outcome: u8,
        shares: u64,
        min_return: u64,
    ) -> Result<u64> {
        let before = token_amount(to).map_err(LoanError::from)?;
        let args = SellArgs {
            outcome,
            shares,
            min_return,
        };
        self.call(to, &markets::instruction::Sell { args })?;
        let after = token_amount(to).map_err(LoanError::from)?;
        Ok(after.checked_sub(before).ok_or(LoanError::Overflow)?)
    }

    /// Ends an instruction that moves shares: the market's position holds those of all loans.
    ///
    /// # Errors
    /// [`LoanError::SharesMissing`].
    pub fn require_shares(&self) -> Result<()> {
        let held = self.shares()?;
        self.listing.load()?.require_shares(&held)
    }

    /// Of `buy` or `sell`, which take the same accounts; `tokens` pay, or are paid.
    fn call(&self, tokens: &AccountInfo<'info>, arguments: &impl InstructionData) -> Result<()> {
        let (pool, market, bump) = {
            let listing = self.listing.load()?;
            (listing.pool, listing.market, [listing.bump])
        };
        let accounts = [
            (self.listing.as_ref(), Access::Signer),
            (self.venue.as_ref(), Access::Read),
            (self.market.as_ref(), Access::Write),
            (self.listing_position, Access::Write),
            (self.market_tokens, Access::Write),
            (tokens, Access::Write),
            (self.token_program.as_ref(), Access::Read),
        ];
        let signer = seeds::of_listing(&pool, &market, &bump);
        call(self.markets_program.key(), accounts, arguments, &signer)
    }

    /// The listing's own in the market.
    ///
    /// # Errors
    /// `WrongAccount`.
    fn shares(&self) -> Result<Vec<u64>> {
        let account = self.listing_position;
        let data = account.try_borrow_data()?;
        let (owner, market) = (self.listing.key(), self.market.key());
        let held = Position::held(&data).filter(|held| {
            let is_own = held.owner == owner.as_array() && held.market == market.as_array();
            is_own && *account.owner == markets::ID
        });
        Ok(held.ok_or(LoanError::WrongAccount)?.shares)
    }
}
