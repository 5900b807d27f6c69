use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::state::MAX_OUTCOMES;
use math::kept_payouts;
use program_kit::{EventHeader, Purse};

use crate::{
    error::OrderError,
    state::{ask_market, seeds, Desk},
};

#[derive(Accounts)]
pub struct SettleDesk<'info> {
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = market_program @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    /// CHECK: named by the desk; gone if everybody was paid and it was closed.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// The desk's; gone if somebody redeemed it after the time for which it is held.
    ///
    /// CHECK: the market's program checks it.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: the market's program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// CHECK: the market's program checks that it paid the position's rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: named by the desk.
    pub market_program: UncheckedAccount<'info>,
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
        require_eq!(desk.slices_in_flight, 0, OrderError::SlicesInFlight);
        desk.settled = 1;
        desk.bump
    };
    if accounts.desk_position.owner == accounts.market_program.key {
        accounts.redeem(bump)?;
    } else {
        let (desk, position) = (&accounts.desk, &accounts.desk_position);
        desk.load()?
            .require_position_is_gone(&desk.key(), position)?;
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
        desk.payouts = kept_payouts(payouts, received, &desk.shares);
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
        if self.market.owner != self.market_program.key {
            return Ok(None);
        }
        let payouts = ask_market(&self.market, |market| market.payouts())?;
        Ok(Some(payouts.ok_or(OrderError::MarketNotSettled)?))
    }

    fn is_flash(&self) -> bool {
        *self.market_program.key == flash_bets::ID
    }

    fn redeem(&self, bump: u8) -> Result<()> {
        let market = self.market.key();
        let bump = [bump];
        let signer: &[&[&[u8]]] = &[&seeds::of_desk(&market, &bump)];
        // Not taken: the desk signs.
        let fallback_tokens = Some(self.desk_tokens.to_account_info());
        let mut owner = self.desk.to_account_info();
        owner.is_signer = true;
        let position = vec![
            self.desk_position.to_account_info(),
            owner,
            self.desk_tokens.to_account_info(),
            self.rent_payer.to_account_info(),
        ];
        let program = self.market_program.key();
        if self.is_flash() {
            let settle = flash_bets::cpi::accounts::SettleTickets {
                market: self.market.to_account_info(),
                market_tokens: self.market_tokens.to_account_info(),
                token_program: self.token_program.to_account_info(),
                fallback_tokens,
            };
            let context = CpiContext::new_with_signer(program, settle, signer);
            let context = context.with_remaining_accounts(position);
            return flash_bets::cpi::settle_tickets(context, false);
        }
        let redeem = markets::cpi::accounts::Redeem {
            market: self.market.to_account_info(),
            market_tokens: self.market_tokens.to_account_info(),
            token_program: self.token_program.to_account_info(),
            fallback_tokens,
        };
        let context = CpiContext::new_with_signer(program, redeem, signer);
        markets::cpi::redeem(context.with_remaining_accounts(position))
    }
}
