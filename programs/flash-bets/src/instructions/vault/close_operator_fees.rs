use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{OperatorFees, Vault},
};

#[derive(Accounts)]
pub struct CloseOperatorFees<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        close = operator,
        has_one = vault @ FlashError::WrongAccount,
        has_one = operator @ FlashError::WrongAccount,
    )]
    pub operator_fees: Account<'info, OperatorFees>,
}

#[event]
pub struct OperatorFeesClosed {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub operator: Pubkey,
}

/// Gives an operator the rent back whose markets are closed and whose fees are collected.
pub fn handle_close_operator_fees(ctx: Context<CloseOperatorFees>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let operator_fees = &accounts.operator_fees;
    require!(
        operator_fees.amount == 0 && operator_fees.open_markets == 0,
        FlashError::OperatorInUse
    );

    let mut vault = accounts.vault.load_mut()?;
    vault.operator_accounts = vault
        .operator_accounts
        .checked_sub(1)
        .ok_or(FlashError::Overflow)?;
    emit!(OperatorFeesClosed {
        header: vault.next_event(&clock)?,
        vault: operator_fees.vault,
        operator: operator_fees.operator,
    });
    Ok(())
}
