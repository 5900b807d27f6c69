use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{QuantumGroup, QuantumTicket},
};

#[derive(Accounts)]
pub struct SettleQuantumTicket<'info> {
    #[account(mut)]
    pub group: AccountLoader<'info, QuantumGroup>,
    #[account(
        mut,
        close = rent_payer,
        has_one = group @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub quantum_ticket: AccountLoader<'info, QuantumTicket>,
    /// CHECK: named by the ticket.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the group.
    #[account(mut)]
    pub group_tokens: UncheckedAccount<'info>,
    /// The owner's associated token account, or any of the owner's if the owner signs; anything if nothing
    /// is due.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// Any token account of the owner's, which takes the place of an associated one that cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
    /// CHECK: named by the ticket.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct QuantumTicketSettled {
    pub header: EventHeader,
    pub group: Pubkey,
    pub owner: Pubkey,
    /// Base units that the owner was paid, and those deposited and not merged.
    pub payout: u64,
    pub deposited: u64,
    /// After it: what the group owes and holds, and its tickets.
    pub total: u64,
    pub open_tickets: u32,
}

/// Pays and closes a ticket of a settled group; anybody.
pub fn handle_settle_quantum_ticket(ctx: Context<SettleQuantumTicket>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut group = accounts.group.load_mut()?;
    let ticket = accounts.quantum_ticket.load()?;
    let payout = group.redeem(&ticket)?;
    decrement(&mut group.open_tickets).map_err(FlashError::from)?;
    emit!(QuantumTicketSettled {
        header: group.next_event(&clock)?,
        group: accounts.group.key(),
        owner: ticket.owner,
        payout,
        deposited: ticket.deposited,
        total: group.total,
        open_tickets: group.open_tickets,
    });
    drop((group, ticket));

    let (group, tokens) = (&accounts.group, &accounts.group_tokens);
    let purse = Purse::new(group, tokens, &accounts.token_program)?;
    let fallback = accounts.fallback_tokens.as_deref();
    purse.pay_owner(&accounts.owner, &accounts.owner_tokens, fallback, payout)
}
