use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{state::Market, ID as MARKETS};
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::LoanError,
    state::{ListedMarket, PendingOpen, OPEN_TIP_LAMPORTS},
};

#[derive(Accounts)]
pub struct CancelOpen<'info> {
    /// Gets the tip unless the owner signs.
    ///
    /// CHECK: any address.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(mut, has_one = market @ LoanError::WrongAccount)]
    pub listing: AccountLoader<'info, ListedMarket>,
    /// CHECK: named by the listing; may be closed already.
    pub market: UncheckedAccount<'info>,
    #[account(
        mut,
        close = rent_payer,
        has_one = listing @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub pending_open: Account<'info, PendingOpen>,
    /// CHECK: named by the request; signs while it can be executed.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the request.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
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
pub struct OpenCancelled {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub pending_open: Pubkey,
    pub owner: Pubkey,
    pub executor: Pubkey,
    pub margin: u64,
    pub tip_lamports: u64,
    /// After it.
    pub listing_cash: u64,
}

/// Gives the margin of a request back: its owner at any time, anybody for the tip once it cannot be
/// executed any more.
pub fn handle_cancel_open(ctx: Context<CancelOpen>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let is_owner = accounts.owner.is_signer;
    let is_over = now > accounts.pending_open.expires_at || accounts.is_trading_over(now)?;
    require!(is_owner || is_over, LoanError::StillExecutable);
    let tip_lamports = if is_owner { 0 } else { OPEN_TIP_LAMPORTS };
    let margin = accounts.pending_open.margin;
    {
        let mut listing = accounts.listing.load_mut()?;
        listing.change_cash(0, margin)?;
        decrement(&mut listing.open_requests).map_err(LoanError::from)?;
        emit!(OpenCancelled {
            header: listing.next_event(&clock)?,
            listing: accounts.listing.key(),
            pending_open: accounts.pending_open.key(),
            owner: accounts.owner.key(),
            executor: accounts.executor.key(),
            margin,
            tip_lamports,
            listing_cash: listing.cash,
        });
    }
    let (listing, tokens) = (&accounts.listing, &accounts.listing_tokens);
    let purse = Purse::new(listing, tokens, &accounts.token_program)?;
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, margin)?;
    accounts.pending_open.sub_lamports(tip_lamports)?;
    accounts.executor.add_lamports(tip_lamports)?;
    Ok(())
}

impl CancelOpen<'_> {
    /// A market that is gone trades no more.
    fn is_trading_over(&self, now: i64) -> Result<bool> {
        if *self.market.owner != MARKETS {
            return Ok(true);
        }
        let data = self.market.try_borrow_data()?;
        let market = Market::in_data(&data).ok_or(LoanError::WrongAccount)?;
        Ok(market.is_trading_over(now))
    }
}
