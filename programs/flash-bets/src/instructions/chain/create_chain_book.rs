use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use program_kit::{new_account::NewAccount, EventHeader};

use crate::{
    error::FlashError,
    state::{
        seeds::{self, require_bump},
        ChainBook, FlashMarket, VERSION,
    },
};

#[derive(Accounts)]
pub struct CreateChainBook<'info> {
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// PDA: "chain-book", account market
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub chain_book: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct ChainBookCreated {
    pub header: EventHeader,
    pub market: Pubkey,
    pub chain_book: Pubkey,
    pub rent_payer: Pubkey,
}

/// Lets chains have legs on a market that is not settled; anybody, for the rent. Not on one on a price: what
/// may be at stake there is capped by what it costs to move it, and chains would come on top.
pub fn handle_create_chain_book(ctx: Context<CreateChainBook>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let address = accounts.market.key();
    let mut market = accounts.market.load_mut()?;
    market
        .settlement
        .require_not_settled()
        .map_err(FlashError::from)?;
    require!(!market.price.is_priced(), FlashError::LegOnPrice);
    let [prefix, of_market] = [seeds::CHAIN_BOOK, address.as_ref()];
    let mut book = ChainBook::zeroed();
    book.version = VERSION;
    book.bump = require_bump(&accounts.chain_book, &[prefix, of_market])?;
    book.market = address;
    book.rent_payer = accounts.rent_payer.key();
    market.has_chain_book = 1;
    emit!(ChainBookCreated {
        header: market.next_event(&clock)?,
        market: address,
        chain_book: accounts.chain_book.key(),
        rent_payer: book.rent_payer,
    });
    drop(market);
    NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.chain_book,
        system_program: &accounts.system_program,
        seeds: &[prefix, of_market, &[book.bump]],
    }
    .write_zero_copy(&book)
}
