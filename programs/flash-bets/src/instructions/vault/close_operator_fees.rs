use anchor_lang::prelude::*;
use program_kit::{decrement, EventHeader};

use crate::{
    error::FlashError,
    state::{OperatorFees, Vault},
};

#[derive(Accounts)]
pub struct CloseOperatorFees<'info> {
    /// The operator whose account it is, or anybody once the vault has another one.
    pub authority: Signer<'info>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        close = operator,
        has_one = vault @ FlashError::WrongAccount,
        has_one = operator @ FlashError::WrongAccount,
    )]
    pub operator_fees: Account<'info, OperatorFees>,
    /// CHECK: named by the account as whose it is, and who paid its rent.
    #[account(mut)]
    pub operator: UncheckedAccount<'info>,
}

#[event]
pub struct OperatorFeesClosed {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub operator: Pubkey,
}

/// Gives an operator the rent back whose markets are closed and whose fees are collected, which anybody
/// can do: the operator itself, or anybody once the vault has another, so that no former operator
/// keeps a vault from being closed.
pub fn handle_close_operator_fees(ctx: Context<CloseOperatorFees>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let operator_fees = &accounts.operator_fees;
    require!(
        operator_fees.amount == 0 && operator_fees.open_markets == 0,
        FlashError::OperatorInUse
    );

    let mut vault = accounts.vault.load_mut()?;
    let authority = accounts.authority.key();
    require!(
        authority == operator_fees.operator
            || operator_fees.operator != vault.operator.at(clock.unix_timestamp),
        FlashError::NotOperator
    );
    decrement(&mut vault.operator_accounts).map_err(FlashError::from)?;
    emit!(OperatorFeesClosed {
        header: vault.next_event(&clock)?,
        vault: operator_fees.vault,
        operator: operator_fees.operator,
    });
    Ok(())
}
