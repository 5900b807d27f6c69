use anchor_lang::prelude::*;
use market_core::TradeReceipt;
use program_kit::{Custody, EventHeader};

use crate::{
    error::FlashError,
    state::{FlashMarket, Order, QuantumGroup, QuantumTicket, Vault},
};

#[derive(Accounts)]
pub struct TradeBranch<'info> {
    pub owner: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
        has_one = condition @ FlashError::WrongAccount,
        has_one = asset @ FlashError::WrongAccount,
    )]
    pub group: AccountLoader<'info, QuantumGroup>,
    /// Has to be open; is not changed.
    pub condition: AccountLoader<'info, FlashMarket>,
    /// Has to trade itself; is not changed.
    pub asset: AccountLoader<'info, FlashMarket>,
    #[account(
        mut,
        has_one = group @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub quantum_ticket: AccountLoader<'info, QuantumTicket>,
}

#[event]
pub struct BranchTraded {
    pub header: EventHeader,
    pub group: Pubkey,
    pub owner: Pubkey,
    pub branch: u8,
    pub outcome: u8,
    pub order: Order,
    pub shares: u64,
    /// Credit that was paid with the fee on top, or received with the fee deducted.
    pub amount: u64,
    pub fee: u64,
    /// After it, of the branch: what its pool holds, its fees, the shares of the outcome outstanding; and
    /// the ticket's.
    pub pool_cash: u64,
    pub pool_fees: u64,
    pub outcome_sold: u64,
    pub ticket_credit: u64,
    pub ticket_shares: u64,
}

/// Buys or sells shares of the asset's outcomes in one branch, with that branch's credit, at once. While
/// the asset's market trades and the condition's is open. A pause stops purchases only.
pub fn handle_trade_branch(
    ctx: Context<TradeBranch>,
    branch: u8,
    outcome: u8,
    order: Order,
) -> Result<TradeReceipt> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    require_gt!(order.size(), 0, FlashError::ZeroAmount);
    let asset = accounts.asset.load()?;
    asset.require_trading(&clock)?;
    // Of a void condition each branch pays its slow prices, against which nobody may trade.
    let condition = accounts.condition.load()?;
    condition
        .settlement
        .require_open()
        .map_err(FlashError::from)?;
    let now = accounts.vault.load()?.now(&clock);
    if !order.is_sale() {
        now.require_not_paused().map_err(FlashError::from)?;
    }
    let now = now.suspended(asset.suspension);
    let mut group = accounts.group.load_mut()?;
    let mut ticket = accounts.quantum_ticket.load_mut()?;
    let fill = group.trade(&mut ticket, now, branch, outcome, order)?;
    group.assert_solvent()?;
    let receipt = TradeReceipt::from(fill);
    let (of_branch, of_outcome) = (usize::from(branch), usize::from(outcome));
    let header = group.next_event(&clock)?;
    let pool = group.pools.get(of_branch);
    let pool = pool.ok_or(FlashError::BranchOutOfRange)?;
    let shares = ticket.shares.get(of_branch);
    let shares = shares.and_then(|shares| shares.get(of_outcome));
    emit!(BranchTraded {
        header,
        group: accounts.group.key(),
        owner: ticket.owner,
        branch,
        outcome,
        order,
        shares: receipt.shares,
        amount: receipt.amount,
        fee: receipt.fee,
        pool_cash: pool.cash,
        pool_fees: pool.fees,
        outcome_sold: pool.sold_of(outcome),
        ticket_credit: ticket.credits.get(of_branch).copied().unwrap_or(0),
        ticket_shares: shares.copied().unwrap_or(0),
    });
    Ok(receipt)
}
