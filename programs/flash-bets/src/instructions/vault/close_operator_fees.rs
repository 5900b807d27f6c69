use anchor_lang::prelude::*;

use crate::{error::FlashError, state::OperatorFees};

#[derive(Accounts)]
pub struct CloseOperatorFees<'info> {
    #[account(mut)]
    pub operator: Signer<'info>,
    #[account(mut, close = operator, has_one = operator @ FlashError::WrongAccount)]
    pub operator_fees: Account<'info, OperatorFees>,
}

#[event]
pub struct OperatorFeesClosed {
    pub vault: Pubkey,
    pub operator: Pubkey,
}

/// Gives an operator the rent back whose markets are closed and whose fees are collected.
pub fn handle_close_operator_fees(ctx: Context<CloseOperatorFees>) -> Result<()> {
    let operator_fees = &ctx.accounts.operator_fees;
    require!(
        operator_fees.amount == 0 && operator_fees.open_markets == 0,
        FlashError::OperatorInUse
    );

    emit!(OperatorFeesClosed {
        vault: operator_fees.vault,
        operator: operator_fees.operator,
    });
    Ok(())
}
