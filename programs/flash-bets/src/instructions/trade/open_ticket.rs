use anchor_lang::prelude::*;

use market_core::Holdings;
use program_kit::{increment, new_account::NewAccount, EventHeader};

use crate::{
    error::FlashError,
    state::{
        seeds::{self, require_bump},
        FlashMarket, Ticket, VERSION,
    },
};

#[derive(Accounts)]
pub struct OpenTicket<'info> {
    /// Pays the rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    /// CHECK: any address; whose signature sells what the ticket holds, and who is paid for it.
    pub owner: UncheckedAccount<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// PDA: "ticket", account market, account owner
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub ticket: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct TicketOpened {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    /// After it.
    pub open_tickets: u32,
}

/// Opens the account that holds an owner's shares in one market, once; anybody, for anybody.
pub fn handle_open_ticket(ctx: Context<OpenTicket>) -> Result<()> {
    let accounts = ctx.accounts;
    NewTicket {
        rent_payer: &accounts.rent_payer,
        owner: accounts.owner.key(),
        market: &accounts.market,
        ticket: &accounts.ticket,
        system_program: &accounts.system_program,
    }
    .open()
}

/// A ticket that is to be opened.
pub struct NewTicket<'a, 'info> {
    pub rent_payer: &'a Signer<'info>,
    pub owner: Pubkey,
    pub market: &'a AccountLoader<'info, FlashMarket>,
    pub ticket: &'a UncheckedAccount<'info>,
    pub system_program: &'a Program<'info, System>,
}

impl NewTicket<'_, '_> {
    /// # Errors
    /// [`FlashError::MarketNotOpen`], [`FlashError::WrongAccount`] at another address, those of creating
    /// an account.
    pub fn open(&self) -> Result<()> {
        let address = self.market.key();
        let mut market = self.market.load_mut()?;
        market.settlement.require_open().map_err(FlashError::from)?;
        increment(&mut market.open_tickets).map_err(FlashError::from)?;
        let seeds: [&[u8]; 3] = [seeds::TICKET, address.as_ref(), self.owner.as_ref()];
        let bump = require_bump(self.ticket, &seeds)?;
        let outcomes = usize::from(market.pool.outcomes);
        let ticket = Ticket {
            version: VERSION,
            bump,
            pending_sales: 0,
            is_held: false,
            market: address,
            owner: self.owner,
            rent_payer: self.rent_payer.key(),
            reserved: [0; 17],
            holdings: Holdings::none(outcomes),
        };
        NewAccount {
            payer: self.rent_payer,
            account: self.ticket,
            system_program: self.system_program,
            seeds: &[
                seeds::TICKET,
                ticket.market.as_ref(),
                ticket.owner.as_ref(),
                &[ticket.bump],
            ],
        }
        .write(Ticket::space(outcomes), &ticket)?;
        emit!(TicketOpened {
            header: market.next_event(&Clock::get()?)?,
            market: address,
            owner: ticket.owner,
            rent_payer: ticket.rent_payer,
            open_tickets: market.open_tickets,
        });
        Ok(())
    }
}
