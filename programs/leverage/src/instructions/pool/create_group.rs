use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use oracle::OracleConfig;
use program_kit::{
    increment, new_account::NewAccount, refuse_durable_nonce, EventHeader, INSTRUCTIONS_SYSVAR,
};

use crate::{
    error::LoanError,
    state::{seeds, CorrelationGroup, LendingPool, VERSION},
};

#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateGroup<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ LoanError::NotAdmin)]
    pub config: Account<'info, OracleConfig>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::GROUP, pool.key().as_ref(), &id.to_le_bytes()], bump)]
    pub group: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct GroupCreated {
    pub header: EventHeader,
    pub pool: Pubkey,
    pub group: Pubkey,
    pub id: u64,
}

/// Makes a group of markets that are lost together; the admin.
pub fn handle_create_group(ctx: Context<CreateGroup>, id: u64) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(LoanError::from)?;
    let mut group = CorrelationGroup::zeroed();
    group.version = VERSION;
    group.bump = ctx.bumps.group;
    group.id = id;
    group.pool = accounts.pool.key();
    group.rent_payer = accounts.admin.key();
    {
        let mut pool = accounts.pool.load_mut()?;
        increment(&mut pool.open_groups).map_err(LoanError::from)?;
        emit!(GroupCreated {
            header: pool.next_event(&Clock::get()?)?,
            pool: group.pool,
            group: accounts.group.key(),
            id,
        });
    }
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.group,
        system_program: &accounts.system_program,
        seeds: &[
            seeds::GROUP,
            group.pool.as_ref(),
            &id.to_le_bytes(),
            &[group.bump],
        ],
    }
    .write_zero_copy(&group)
}
