use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    program::Markets,
    state::{Market, Position},
};
use program_kit::{EventHeader, Purse};

use crate::{
    error::OrderError,
    state::{seeds, Desk},
};

#[derive(Accounts)]
pub struct SettleDesk<'info> {
    #[account(mut, has_one = market @ OrderError::WrongAccount)]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = rent_payer @ OrderError::WrongRentReceiver,
        constraint = desk_position.owner == desk.key() @ OrderError::WrongAccount,
        constraint = desk_position.market == market.key() @ OrderError::WrongAccount,
    )]
    pub desk_position: Account<'info, Position>,
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the position as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
}

#[event]
pub struct DeskSettled {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    /// What the desk's shares were paid, base units.
    pub received: u64,
    /// Base units of all orders after it.
    pub cash: u64,
}

/// Redeems the desk's position. What each order is paid is its shares' part, rounded down.
pub fn handle_settle_desk(ctx: Context<SettleDesk>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let bump = {
        let market = accounts.market.load()?;
        require!(market.settlement.is_settled(), OrderError::MarketNotSettled);
        let mut desk = accounts.desk.load_mut()?;
        require!(!desk.is_settled(), OrderError::DeskSettled);
        desk.require_shares(&accounts.desk_position.shares)?;
        desk.settled = 1;
        desk.payouts = market.settlement.payouts;
        desk.bump
    };
    let purse = Purse::new(
        &accounts.desk,
        &accounts.desk_tokens,
        &accounts.token_program,
    )?;
    let before = purse.balance()?;
    accounts.redeem(bump)?;
    let received = purse
        .balance()?
        .checked_sub(before)
        .ok_or(OrderError::Overflow)?;
    {
        let mut desk = accounts.desk.load_mut()?;
        desk.cash = desk
            .cash
            .checked_add(received)
            .ok_or(OrderError::Overflow)?;
        emit!(DeskSettled {
            header: desk.next_event(&clock)?,
            desk: accounts.desk.key(),
            market: desk.market,
            received,
            cash: desk.cash,
        });
    }
    purse.assert_backed()
}

impl SettleDesk<'_> {
    fn redeem(&self, bump: u8) -> Result<()> {
        let market = self.market.key();
        let signer: &[&[u8]] = &[seeds::DESK, market.as_ref(), &[bump]];
        let redeem = markets::cpi::accounts::Redeem {
            market: self.market.to_account_info(),
            market_tokens: self.market_tokens.to_account_info(),
            token_program: self.token_program.to_account_info(),
            // Not taken: the desk signs.
            fallback_tokens: Some(self.desk_tokens.to_account_info()),
        };
        let mut owner = self.desk.to_account_info();
        owner.is_signer = true;
        let position = vec![
            self.desk_position.to_account_info(),
            owner,
            self.desk_tokens.to_account_info(),
            self.rent_payer.to_account_info(),
        ];
        markets::cpi::redeem(
            CpiContext::new_with_signer(self.markets_program.key(), redeem, &[signer])
                .with_remaining_accounts(position),
        )
    }
}
