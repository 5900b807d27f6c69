use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::LoanError,
    state::{LeveredPosition, ListedMarket},
};

#[derive(Accounts)]
pub struct WithdrawClaim<'info> {
    #[account(mut)]
    pub listing: AccountLoader<'info, ListedMarket>,
    #[account(
        mut,
        has_one = listing @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
    )]
    pub position: AccountLoader<'info, LeveredPosition>,
    /// CHECK: named by the position; signs to be paid at another account than his associated one.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: the owner's associated token account, or any of his if he signs.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the listing.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the owner's where money goes to it, which is only if his associated token account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct ClaimWithdrawn {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    /// After it.
    pub listing_cash: u64,
}

/// Pays a position's owner what is his; anybody.
pub fn handle_withdraw_claim(ctx: Context<WithdrawClaim>) -> Result<()> {
    let accounts = ctx.accounts;
    let amount = core::mem::take(&mut accounts.position.load_mut()?.claim);
    require_gt!(amount, 0, LoanError::NothingToCollect);
    {
        let mut listing = accounts.listing.load_mut()?;
        listing.change_cash(0, amount)?;
        emit!(ClaimWithdrawn {
            header: listing.next_event(&Clock::get()?)?,
            listing: accounts.listing.key(),
            position: accounts.position.key(),
            owner: accounts.owner.key(),
            amount,
            listing_cash: listing.cash,
        });
    }
    let (listing, tokens) = (&accounts.listing, &accounts.listing_tokens);
    let purse = Purse::new(listing, tokens, &accounts.token_program)?;
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, amount)
}
