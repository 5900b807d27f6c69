use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{QuantumGroup, QuantumTicket},
};

#[derive(Accounts)]
pub struct MergeBranches<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub group: AccountLoader<'info, QuantumGroup>,
    #[account(
        mut,
        has_one = group @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub quantum_ticket: AccountLoader<'info, QuantumTicket>,
    /// CHECK: named by the group.
    #[account(mut)]
    pub group_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks the mint; the owner may have the money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct BranchesMerged {
    pub header: EventHeader,
    pub group: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    /// After it: base units behind each branch.
    pub total: u64,
}

/// Gives `amount` base units back for as much credit of every branch: whichever comes true, that is what it
/// would be. Until the group collapses, after trading and while paused too.
pub fn handle_merge_branches(ctx: Context<MergeBranches>, amount: u64) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(amount, 0, FlashError::ZeroAmount);
    let mut group = accounts.group.load_mut()?;
    let mut ticket = accounts.quantum_ticket.load_mut()?;
    group.require_open()?;
    group.merge(&mut ticket, amount)?;
    // What was won in every branch can be merged too.
    ticket.deposited = ticket.deposited.saturating_sub(amount);
    emit!(BranchesMerged {
        header: group.next_event(&clock)?,
        group: accounts.group.key(),
        owner: ticket.owner,
        amount,
        total: group.total,
    });
    drop((group, ticket));

    let (group, tokens) = (&accounts.group, &accounts.group_tokens);
    let purse = Purse::new(group, tokens, &accounts.token_program)?;
    purse.pay(&accounts.owner_tokens, amount)
}
