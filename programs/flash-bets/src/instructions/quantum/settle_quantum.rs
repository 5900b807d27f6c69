use anchor_lang::prelude::*;
use program_kit::{decrement, Custody, EventHeader};

use crate::{
    error::FlashError,
    state::{FlashMarket, QuantumGroup, Vault, MAX_OUTCOMES},
};

#[derive(Accounts)]
pub struct SettleQuantum<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = asset @ FlashError::WrongAccount,
    )]
    pub group: AccountLoader<'info, QuantumGroup>,
    #[account(mut)]
    pub asset: AccountLoader<'info, FlashMarket>,
}

#[event]
pub struct QuantumSettled {
    pub header: EventHeader,
    pub group: Pubkey,
    pub survivor: u8,
    /// What a share of each outcome pays in the branch that came true, Q1.63.
    pub payouts: [u64; MAX_OUTCOMES],
}

/// Takes the asset's result for the branch that came true; anybody. Of a void asset the branch's own slow
/// prices count.
pub fn handle_settle_quantum(ctx: Context<SettleQuantum>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut asset = accounts.asset.load_mut()?;
    let mut group = accounts.group.load_mut()?;
    let now = accounts.vault.load()?.now(&clock);
    group.settle(&asset, now.suspended(asset.suspension))?;
    decrement(&mut asset.open_groups).map_err(FlashError::from)?;
    group.assert_solvent()?;
    let payouts = group.payouts.get(usize::from(group.survivor));
    emit!(QuantumSettled {
        payouts: payouts.copied().unwrap_or_default(),
        header: group.next_event(&clock)?,
        group: accounts.group.key(),
        survivor: group.survivor,
    });
    Ok(())
}
