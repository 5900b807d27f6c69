use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    program::Markets,
    state::{seeds::POSITION, MAX_OUTCOMES},
};
use program_kit::{new_account::find_address, EventHeader, Purse};

use crate::{
    error::OrderError,
    state::{market_in, seeds, Desk},
};

#[derive(Accounts)]
pub struct SettleDesk<'info> {
    #[account(mut, has_one = market @ OrderError::WrongAccount)]
    pub desk: AccountLoader<'info, Desk>,
    /// CHECK: named by the desk; gone if everybody was paid and it was closed.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// The desk's; gone if somebody redeemed it after the time for which it is held.
    ///
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks that it paid the position's rent.
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

/// Redeems the desk's position. What each order is paid is its shares' part, rounded down: by what a
/// share of its outcome pays, or, of a market that was closed before anybody settled the desk, by the
/// average of all shares.
pub fn handle_settle_desk(ctx: Context<SettleDesk>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let payouts = accounts.payouts()?;
    let bump = {
        let mut desk = accounts.desk.load_mut()?;
        require!(!desk.is_settled(), OrderError::DeskSettled);
        desk.settled = 1;
        desk.bump
    };
    if *accounts.desk_position.owner == markets::ID {
        accounts.redeem(bump)?;
    } else {
        accounts.require_position_is_gone()?;
    }
    let purse = Purse::new(
        &accounts.desk,
        &accounts.desk_tokens,
        &accounts.token_program,
    )?;
    let balance = purse.balance()?;
    {
        let mut desk = accounts.desk.load_mut()?;
        let received = balance
            .checked_sub(desk.cash)
            .ok_or(OrderError::TokensMissing)?;
        desk.payouts = match payouts {
            Some(payouts) => payouts,
            None => desk.average_payouts(received),
        };
        desk.cash = balance;
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
    /// What a share of each outcome pays, as the market says; `None` of one that is gone, which had
    /// paid everybody.
    fn payouts(&self) -> Result<Option<[u64; MAX_OUTCOMES]>> {
        if *self.market.owner != markets::ID {
            return Ok(None);
        }
        let data = self.market.try_borrow_data()?;
        let market = market_in(&data)?;
        require!(market.settlement.is_settled(), OrderError::MarketNotSettled);
        Ok(Some(market.settlement.payouts))
    }

    /// That the account is no position shows that the desk has none only if it is at the position's
    /// address: else anybody could settle the desk without its shares' money. Nobody signs for it, so
    /// it has to be found, off the curve.
    fn require_position_is_gone(&self) -> Result<()> {
        let (market, desk) = (self.market.key(), self.desk.key());
        let position: &[&[u8]] = &[POSITION, market.as_ref(), desk.as_ref()];
        let is_its = find_address(position, &markets::ID) == Some(self.desk_position.key());
        require!(is_its, OrderError::WrongAccount);
        Ok(())
    }

    fn redeem(&self, bump: u8) -> Result<()> {
        let market = self.market.key();
        let bump = [bump];
        let signer: &[&[u8]] = &seeds::of_desk(&market, &bump);
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
