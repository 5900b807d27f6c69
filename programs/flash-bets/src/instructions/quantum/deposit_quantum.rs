use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use bytemuck::Zeroable;
use market_core::sum;
use program_kit::{increment, new_account::NewAccount, EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{
        seeds::{self, require_bump},
        QuantumGroup, QuantumTicket, Vault, VERSION,
    },
};

#[derive(Accounts)]
pub struct DepositQuantum<'info> {
    /// Pays the deposit and owns the ticket.
    pub owner: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub group: AccountLoader<'info, QuantumGroup>,
    /// PDA: "quantum-ticket", account group, account owner
    ///
    /// CHECK: created at that address by the handler unless it is there.
    #[account(mut)]
    pub quantum_ticket: UncheckedAccount<'info>,
    /// CHECK: named by the group.
    #[account(mut)]
    pub group_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// Pays the ticket's rent and gets it back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct QuantumDeposited {
    pub header: EventHeader,
    pub group: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub amount: u64,
    /// After it: base units behind each branch, and tickets.
    pub total: u64,
    pub open_tickets: u32,
}

/// Deposits base units, which count in every branch; opens the owner's ticket if there is none.
pub fn handle_deposit_quantum<'info>(
    ctx: Context<'info, DepositQuantum<'info>>,
    amount: u64,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(amount, 0, FlashError::ZeroAmount);
    let now = clock.unix_timestamp;
    accounts.vault.load()?.require_not_paused(now)?;
    let group = accounts.group.load()?;
    group.require_open()?;
    require!(!group.hours.is_over(now), FlashError::TradingOver);
    drop(group);
    if accounts.quantum_ticket.data_is_empty() {
        open_ticket(accounts)?;
    }
    let ticket =
        AccountLoader::<QuantumTicket>::try_from_unchecked(&crate::ID, &accounts.quantum_ticket)?;
    let mut ticket = ticket.load_mut()?;
    require_keys_eq!(ticket.group, accounts.group.key(), FlashError::WrongAccount);
    require_keys_eq!(ticket.owner, accounts.owner.key(), FlashError::WrongAccount);
    let mut group = accounts.group.load_mut()?;
    group.deposit(&mut ticket, amount)?;
    ticket.deposited = sum([ticket.deposited, amount]).map_err(FlashError::from)?;
    emit!(QuantumDeposited {
        header: group.next_event(&clock)?,
        group: accounts.group.key(),
        owner: ticket.owner,
        rent_payer: ticket.rent_payer,
        amount,
        total: group.total,
        open_tickets: group.open_tickets,
    });
    drop((group, ticket));

    let (group, tokens) = (&accounts.group, &accounts.group_tokens);
    let purse = Purse::new(group, tokens, &accounts.token_program)?;
    purse.receive(&accounts.owner_tokens, &accounts.owner, amount)
}

fn open_ticket(accounts: &DepositQuantum) -> Result<()> {
    let (group, owner) = (accounts.group.key(), accounts.owner.key());
    increment(&mut accounts.group.load_mut()?.open_tickets).map_err(FlashError::from)?;
    let seeds: [&[u8]; 3] = [seeds::QUANTUM_TICKET, group.as_ref(), owner.as_ref()];
    let bump = require_bump(&accounts.quantum_ticket, &seeds)?;
    let mut ticket = Box::<QuantumTicket>::new(Zeroable::zeroed());
    ticket.version = VERSION;
    ticket.bump = bump;
    ticket.group = group;
    ticket.owner = owner;
    ticket.rent_payer = accounts.rent_payer.key();
    NewAccount {
        payer: &accounts.rent_payer,
        account: &accounts.quantum_ticket,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::QUANTUM_TICKET,
            group.as_ref(),
            owner.as_ref(),
            &[bump],
        ],
    }
    .write_zero_copy(&*ticket)
}
