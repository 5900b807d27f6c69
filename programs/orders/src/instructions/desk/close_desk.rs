use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{Custody, EventHeader, Purse};

use crate::{
    error::OrderError,
    state::{seeds, Desk},
};

#[derive(Accounts)]
pub struct CloseDesk<'info> {
    #[account(
        mut,
        close = rent_payer,
        has_one = market @ OrderError::WrongAccount,
        has_one = market_program @ OrderError::WrongAccount,
        has_one = rent_payer @ OrderError::WrongRentReceiver,
    )]
    pub desk: AccountLoader<'info, Desk>,
    /// CHECK: named by the desk; may be closed already.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: of an unsettled desk, its position, which the market's program checks.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// The rent payer's associated token account, which gets what rounding and strangers left;
    /// anything if that is nothing.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub rent_payer_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: named by the desk.
    pub market_program: UncheckedAccount<'info>,
}

#[event]
pub struct DeskClosed {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    /// Base units that rounding and strangers left.
    pub rest: u64,
}

/// Closes a desk without orders, once its market is settled, or while its position is empty.
pub fn handle_close_desk(ctx: Context<CloseDesk>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let purse = Purse::new(
        &accounts.desk,
        &accounts.desk_tokens,
        &accounts.token_program,
    )?;
    let rest = purse.balance()?;
    let (bump, is_settled) = {
        let mut desk = accounts.desk.load_mut()?;
        require_eq!(desk.open_orders, 0, OrderError::DeskInUse);
        require_gte!(rest, desk.tracked()?, OrderError::TokensMissing);
        desk.cash = 0;
        emit!(DeskClosed {
            header: desk.next_event(&clock)?,
            desk: accounts.desk.key(),
            market: desk.market,
            rest,
        });
        (desk.bump, desk.is_settled())
    };
    if !is_settled {
        accounts.close_position(bump)?;
    }
    let (rent_payer, tokens) = (&accounts.rent_payer, &accounts.rent_payer_tokens);
    purse.pay_owner(rent_payer, tokens, None, rest)?;
    purse.close(&accounts.rent_payer)
}

impl CloseDesk<'_> {
    /// Closes the empty position, which the market's own program refuses if it is not. A ticket stays until
    /// its market is settled, some hours at most.
    fn close_position(&self, bump: u8) -> Result<()> {
        let is_flash = *self.market_program.key == flash_bets::ID;
        require!(!is_flash, OrderError::TicketStays);
        let market = self.market.key();
        let bump = [bump];
        let signer: &[&[u8]] = &seeds::of_desk(&market, &bump);
        let close = markets::cpi::accounts::ClosePosition {
            owner: self.desk.to_account_info(),
            market: self.market.to_account_info(),
            position: self.desk_position.to_account_info(),
            rent_payer: self.rent_payer.to_account_info(),
        };
        markets::cpi::close_position(CpiContext::new_with_signer(
            self.market_program.key(),
            close,
            &[signer],
        ))
    }
}
