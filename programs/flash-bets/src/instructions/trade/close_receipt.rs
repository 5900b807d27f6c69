use anchor_lang::prelude::*;

use crate::{error::FlashError, state::PendingOrder};

#[derive(Accounts)]
pub struct CloseReceipt<'info> {
    pub placer: Signer<'info>,
    #[account(
        mut,
        close = rent_payer,
        has_one = placer @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub pending: Account<'info, PendingOrder>,
    /// CHECK: named by the order as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
}

/// Closes what stayed of a pending order. There is no event: its market may be closed.
pub fn handle_close_receipt(ctx: Context<CloseReceipt>) -> Result<()> {
    let pending = &ctx.accounts.pending;
    require!(pending.kept().is_some(), FlashError::OrderNotEnded);
    Ok(())
}
