//! What a desk trades in its market.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    cpi::accounts::{Buy, Sell},
    instructions::{BuyArgs, SellArgs},
    program::Markets,
    state::Venue,
};

use crate::state::{seeds, Desk};

/// The accounts of a trade of a desk's. That the position is the desk's the caller has checked: the markets'
/// program takes any of the market.
pub(super) struct Trading<'a, 'info> {
    pub desk: &'a AccountLoader<'info, Desk>,
    pub venue: &'a AccountLoader<'info, Venue>,
    pub market: &'a AccountInfo<'info>,
    pub desk_position: &'a AccountInfo<'info>,
    pub market_tokens: &'a AccountInfo<'info>,
    pub desk_tokens: &'a AccountInfo<'info>,
    pub token_program: &'a Interface<'info, TokenInterface>,
    pub markets_program: &'a Program<'info, Markets>,
}

impl<'info> Trading<'_, 'info> {
    /// # Errors
    /// Those of the market's `buy`; so below.
    pub fn buy(&self, args: BuyArgs) -> Result<()> {
        self.signed(self.payer(), |context| {
            markets::cpi::buy(context, args).map(|_| ())
        })
    }

    pub fn sell(&self, args: SellArgs) -> Result<()> {
        self.signed(self.owner(), |context| {
            markets::cpi::sell(context, args).map(|_| ())
        })
    }

    pub fn split(&self, sets: u64) -> Result<()> {
        self.signed(self.payer(), |context| {
            markets::cpi::split(context, sets).map(|_| ())
        })
    }

    pub fn merge(&self, sets: u64) -> Result<()> {
        self.signed(self.owner(), |context| {
            markets::cpi::merge(context, sets).map(|_| ())
        })
    }

    fn payer(&self) -> Buy<'info> {
        Buy {
            payer: self.desk.to_account_info(),
            venue: self.venue.to_account_info(),
            market: self.market.clone(),
            position: self.desk_position.clone(),
            market_tokens: self.market_tokens.clone(),
            payer_tokens: self.desk_tokens.clone(),
            token_program: self.token_program.to_account_info(),
        }
    }

    fn owner(&self) -> Sell<'info> {
        Sell {
            owner: self.desk.to_account_info(),
            venue: self.venue.to_account_info(),
            market: self.market.clone(),
            position: self.desk_position.clone(),
            market_tokens: self.market_tokens.clone(),
            owner_tokens: self.desk_tokens.clone(),
            token_program: self.token_program.to_account_info(),
        }
    }

    fn signed<T: ToAccountMetas + ToAccountInfos<'info>>(
        &self,
        accounts: T,
        call: impl FnOnce(CpiContext<'_, '_, '_, 'info, T>) -> Result<()>,
    ) -> Result<()> {
        let (market, bump) = (self.market.key(), [self.desk.load()?.bump]);
        let signer: &[&[&[u8]]] = &[&seeds::of_desk(&market, &bump)];
        let program = self.markets_program.key();
        call(CpiContext::new_with_signer(program, accounts, signer))
    }
}
