use anchor_lang::prelude::*;

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
    /// CHECK: named by the root as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

#[event]
pub struct ResultRootClosed {
    pub result_root: Pubkey,
}

/// Nothing is lost: whoever needs the root again proves it again, and conflicts are not kept in it.
pub fn handle_close_result_root(ctx: Context<CloseResultRoot>) -> Result<()> {
    let verified_at = ctx.accounts.result_root.load()?.verified_at;
    ctx.accounts.config.require_retained(verified_at)?;
    emit!(ResultRootClosed {
        result_root: ctx.accounts.result_root.key(),
    });
    Ok(())
}
