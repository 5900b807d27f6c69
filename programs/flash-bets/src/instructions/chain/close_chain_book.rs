use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{ChainBook, FlashMarket},
};

#[derive(Accounts)]
pub struct CloseChainBook<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    #[account(
        mut,
        close = rent_payer,
        has_one = market @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub chain_book: AccountLoader<'info, ChainBook>,
    /// CHECK: named by the book; gets its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct ChainBookClosed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub chain_book: Pubkey,
}

/// Closes the chain book of a settled market, once every chain took its result; anybody.
pub fn handle_close_chain_book(ctx: Context<CloseChainBook>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market
        .settlement
        .require_settled()
        .map_err(FlashError::from)?;
    let open_legs = accounts.chain_book.load()?.open_legs;
    require_eq!(open_legs, 0, FlashError::ChainBookInUse);
    market.has_chain_book = 0;
    emit!(ChainBookClosed {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        chain_book: accounts.chain_book.key(),
    });
    Ok(())
}
