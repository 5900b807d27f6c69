use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{decrement, Purse};

use super::{
    endings::{report_end, RollingEnd},
    leg::redeem,
};
use crate::{
    error::FlashError,
    state::{FlashMarket, RollingChain, Ticket},
};

#[derive(Accounts)]
pub struct StopRolling<'info> {
    pub owner: Signer<'info>,
    #[account(
        mut,
        close = rent_payer,
        has_one = owner @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub rolling_chain: Account<'info, RollingChain>,
    #[account(mut, address = rolling_chain.market() @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// The owner's, which gets the shares; needed if the market is not settled.
    #[account(
        mut,
        has_one = market @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub ticket: Option<Account<'info, Ticket>>,
    /// CHECK: the token program checks the mint; the owner may have the money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the chain; gets its rent, and the tips that nobody earned.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

/// Ends a rolling chain that holds shares: its owner gets what they are paid if the market is settled, else
/// the shares in a ticket of his. A pause does not stop it.
pub fn handle_stop_rolling(ctx: Context<StopRolling>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let chain = &accounts.rolling_chain;
    let mut market = accounts.market.load_mut()?;
    let (paid, shares) = if market.settlement.is_settled() {
        (redeem(&mut market, chain, &clock)?, 0)
    } else {
        let ticket = accounts.ticket.as_mut();
        let ticket = ticket.ok_or(ErrorCode::ConstraintAccountIsNone)?;
        let held = chain.shares()?;
        ticket.holdings.add_each(held).map_err(FlashError::from)?;
        decrement(&mut market.open_tickets).map_err(FlashError::from)?;
        (0, held.into_iter().max().unwrap_or(0))
    };
    report_end(
        &mut market,
        chain,
        RollingEnd::ByOwner { shares },
        paid,
        &clock,
    )?;
    drop(market);
    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    purse.pay(&accounts.owner_tokens, paid)
}
