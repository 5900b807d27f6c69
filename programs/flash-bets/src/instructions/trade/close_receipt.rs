use anchor_lang::{prelude::*, AccountsClose};
use program_kit::rent_receiver;

use crate::{error::FlashError, state::PendingOrder};

#[derive(Accounts)]
pub struct CloseReceipt<'info> {
    /// Gets the rent where the rent payer has become a program.
    #[account(mut)]
    pub placer: Signer<'info>,
    #[account(
        mut,
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
    let accounts = ctx.accounts;
    require!(accounts.pending.kept().is_some(), FlashError::OrderNotEnded);
    let receiver = rent_receiver(&accounts.rent_payer, &accounts.placer);
    accounts.pending.close(receiver)
}
