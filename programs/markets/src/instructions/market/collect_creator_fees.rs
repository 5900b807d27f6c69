use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{error::MarketError, state::Market};

#[derive(Accounts)]
pub struct CollectCreatorFees<'info> {
    #[account(
        mut,
        has_one = creator @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market.
    pub creator: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the creator's.
    #[account(mut)]
    pub creator_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct CreatorFeesCollected {
    pub header: EventHeader,
    pub market: Pubkey,
    pub creator: Pubkey,
    pub amount: u64,
}

/// Pays the creator its part of the fees so far; anybody.
pub fn handle_collect_creator_fees(ctx: Context<CollectCreatorFees>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    let amount = core::mem::take(&mut market.creator_fees);
    require_gt!(amount, 0, MarketError::NothingToCollect);
    emit!(CreatorFeesCollected {
        header: market.next_event(&Clock::get()?)?,
        market: accounts.market.key(),
        creator: accounts.creator.key(),
        amount,
    });
    drop(market);

    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    purse.pay_owner(&accounts.creator, &accounts.creator_tokens, None, amount)
}
