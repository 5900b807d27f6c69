use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::MarketError,
    state::{Dispute, Market},
};

#[derive(Accounts)]
pub struct ClaimDisputeBond<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        close = disputer,
        has_one = market @ MarketError::WrongAccount,
        has_one = disputer @ MarketError::WrongAccount,
    )]
    pub dispute: Account<'info, Dispute>,
    /// CHECK: named by the dispute; gets its rent.
    #[account(mut)]
    pub disputer: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: checked to be the disputer's where money goes to it.
    #[account(mut)]
    pub disputer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be the disputer's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct DisputeBondClaimed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub disputer: Pubkey,
    pub amount: u64,
}

/// Pays the disputer of a settled market what is due of the bonds, if anything, and closes the
/// dispute; anybody.
pub fn handle_claim_dispute_bond(ctx: Context<ClaimDisputeBond>) -> Result<()> {
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_settled()?;
    let amount = core::mem::take(&mut market.disputer_claim);
    market.open_disputes = 0;
    emit!(DisputeBondClaimed {
        header: market.next_event(&Clock::get()?)?,
        market: accounts.market.key(),
        disputer: accounts.disputer.key(),
        amount,
    });
    drop(market);

    let purse = Purse::new(
        &accounts.market,
        &accounts.market_tokens,
        &accounts.token_program,
    )?;
    purse.pay_owner(
        &accounts.disputer,
        &accounts.disputer_tokens,
        accounts.fallback_tokens.as_deref(),
        amount,
    )
}
