use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OracleError,
    state::{seeds, OracleConfig, ResultRoot},
};

#[derive(Accounts)]
pub struct CloseResultRoot<'info> {
    #[account(seeds = [seeds::CONFIG], bump = config.bump)]
    pub config: Account<'info, OracleConfig>,
    #[account(
        mut,
        close = rent_payer,
        constraint = result_root.load()?.rent_payer == rent_payer.key() @ OracleError::WrongRentReceiver,
    )]
    pub result_root: AccountLoader<'info, ResultRoot>,
    /// Who paid the rent, as the root says.
    ///
    /// CHECK: by the constraint of the root.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct ResultRootClosed {
    pub header: EventHeader,
    pub result_root: Pubkey,
    /// Got the rent.
    pub rent_payer: Pubkey,
}

/// Nothing is lost: whoever needs the root again proves it again, and conflicts are not kept in it.
pub fn handle_close_result_root(ctx: Context<CloseResultRoot>) -> Result<()> {
    let mut result_root = ctx.accounts.result_root.load_mut()?;
    ctx.accounts
        .config
        .require_retained(result_root.verified_at)?;
    emit!(ResultRootClosed {
        header: result_root.next_event(&Clock::get()?)?,
        result_root: ctx.accounts.result_root.key(),
        rent_payer: result_root.rent_payer,
    });
    Ok(())
}
