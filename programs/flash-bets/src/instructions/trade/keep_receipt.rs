use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::FlashError,
    state::{FlashMarket, PendingOrder, Receipt},
};

#[derive(Accounts)]
pub struct KeepReceipt<'info> {
    pub placer: Signer<'info>,
    /// Paid the order's rent, and gets it later than it would without a receipt.
    pub rent_payer: Signer<'info>,
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    #[account(
        mut,
        has_one = market @ FlashError::WrongAccount,
        has_one = placer @ FlashError::WrongAccount,
        has_one = rent_payer @ FlashError::WrongRentReceiver,
    )]
    pub pending: Account<'info, PendingOrder>,
}

#[event]
pub struct ReceiptAsked {
    pub header: EventHeader,
    pub market: Pubkey,
    pub placer: Pubkey,
    pub pending: Pubkey,
}

/// Has a pending order stay when it ends, with how it ended, until its placer closes it. Programs that place
/// orders for others learn so what became of them, whoever ends them and whatever else that one does then.
pub fn handle_keep_receipt(ctx: Context<KeepReceipt>) -> Result<()> {
    let accounts = ctx.accounts;
    let pending = &mut accounts.pending;
    require!(pending.kept().is_none(), FlashError::OrderEnded);
    pending.receipt = Receipt::Asked;
    let mut market = accounts.market.load_mut()?;
    emit!(ReceiptAsked {
        header: market.next_event(&Clock::get()?)?,
        market: pending.market,
        placer: pending.placer,
        pending: pending.key(),
    });
    Ok(())
}
