use anchor_lang::prelude::*;
use program_kit::{decrement, Custody, EventHeader};

use crate::{
    error::FlashError,
    state::{FlashMarket, GroupStatus, QuantumGroup, Vault, MAX_BRANCHES},
};

#[derive(Accounts)]
pub struct CollapseQuantum<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = condition @ FlashError::WrongAccount,
        has_one = asset @ FlashError::WrongAccount,
    )]
    pub group: AccountLoader<'info, QuantumGroup>,
    #[account(mut)]
    pub condition: AccountLoader<'info, FlashMarket>,
    #[account(mut)]
    pub asset: AccountLoader<'info, FlashMarket>,
}

#[event]
pub struct QuantumCollapsed {
    pub header: EventHeader,
    pub group: Pubkey,
    /// The branch that came true; `NO_OUTCOME` if the condition is void.
    pub survivor: u8,
    /// How much of each branch is real, Q1.63.
    pub weights: [u64; MAX_BRANCHES],
    /// Whether the group is settled by that.
    pub is_settled: bool,
}

/// Takes the condition's result: balances mean those of the branch that came true, and all others are as if
/// they had never been; anybody, after trading. Of a void condition each branch counts by its weight there,
/// at the branch's own slow prices, and the group is settled.
pub fn handle_collapse_quantum(ctx: Context<CollapseQuantum>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut condition = accounts.condition.load_mut()?;
    let mut asset = accounts.asset.load_mut()?;
    let mut group = accounts.group.load_mut()?;
    let now = accounts.vault.load()?.now(&clock);
    group.collapse(&condition, now.suspended(asset.suspension))?;
    decrement(&mut condition.open_groups).map_err(FlashError::from)?;
    let is_settled = group.is(GroupStatus::Settled);
    if is_settled {
        decrement(&mut asset.open_groups).map_err(FlashError::from)?;
    }
    group.assert_solvent()?;
    emit!(QuantumCollapsed {
        header: group.next_event(&clock)?,
        group: accounts.group.key(),
        survivor: group.survivor,
        weights: group.weights,
        is_settled,
    });
    Ok(())
}
