//! Loans against shares of standard markets: lenders' pools, and positions that are bought with more
//! than their owner's money.
//!
//! A pool lends against shares that it holds. A loan has no recourse: what its owner has is what the
//! shares return beyond the debt, if anything, and what lenders can lose is the debt; so a pool never
//! owes more than it has. How much is lent is bounded by what a sale of the shares returns and would
//! return after others sell, by slow prices, by the liquidity that cannot leave, by the money that would
//! put a loan under water, and by the worst that a market, a group of markets and all of them can cost
//! lenders. See `docs/leverage.md`.
//!
//! All positions of a market stand in one position of it, which the listing holds. Nothing is sent to
//! owners: what is theirs waits until they, or anybody for them, take it.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::integer_division,
        clippy::unwrap_used,
        reason = "tests fail by panicking, and read better with plain operators"
    )
)]

pub mod error;
pub mod instructions;
pub mod state;

use anchor_lang::prelude::*;
use instructions::*;
use state::{LoanParameters, PoolTerms};

declare_id!("5WCXhVMNHtX3JSH17wgizeGfkGNzfXuMeYxrakVC72sd");

#[cfg(all(target_os = "solana", not(feature = "cpi")))]
program_kit::entrypoint!(entry);

#[cfg(not(feature = "cpi"))]
solana_security_txt::security_txt! {
    name: "Strobe leverage",
    project_url: "https://github.com/strobe-protocol/strobe",
    contacts: "link:https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    policy: "https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    source_code: "https://github.com/strobe-protocol/strobe"
}

// Dispatch tries one instruction after the other: those that are sent most come first.
#[program]
pub mod leverage {
    use super::*;

    /// Opens a requested position after its delay; anybody, for the request's tip.
    pub fn execute_open(ctx: Context<ExecuteOpen>) -> Result<()> {
        handle_execute_open(ctx)
    }

    /// Asks for a position, and puts its margin in.
    pub fn request_open(
        ctx: Context<RequestOpen>,
        nonce: u64,
        args: RequestOpenArgs,
    ) -> Result<()> {
        handle_request_open(ctx, nonce, args)
    }

    /// Says what a position is worth and owes, and marks it if it owes as much as it may; anybody, for
    /// the position's bounty.
    pub fn monitor_health(ctx: Context<MonitorHealth>) -> Result<Health> {
        handle_monitor_health(ctx)
    }

    /// Sells of positions that owe more than they may; anybody, for a part of the sale.
    /// Remaining accounts, all writable: positions against one outcome, each once.
    pub fn liquidate<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
        handle_liquidate(ctx)
    }

    /// Sells of positions what pays their debts shortly before the end of trading; anybody, for a part of
    /// the sale.
    /// Remaining accounts, all writable: positions against one outcome, each once.
    pub fn force_deleverage<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
        handle_force_deleverage(ctx)
    }

    /// Calls on all loans against an outcome to shrink by the same factor, which one sale of all their shares
    /// does not bear any more; anybody.
    pub fn call_deleverage(ctx: Context<CallDeleverage>, outcome: u8) -> Result<()> {
        handle_call_deleverage(ctx, outcome)
    }

    /// Sells of positions what their owners have not paid of a call within its notice; anybody, for a part of
    /// the sale.
    /// Remaining accounts, all writable: positions against the outcome of the call, each once.
    pub fn deleverage_pro_rata<'info>(ctx: Context<'info, Liquidate<'info>>) -> Result<()> {
        handle_deleverage_pro_rata(ctx)
    }

    /// Sells all of a position's shares; its owner.
    pub fn close(ctx: Context<SellForOwner>, min_return: u64) -> Result<()> {
        handle_close(ctx, min_return)
    }

    /// Sells some of a position's shares, which pays its debt first; its owner.
    pub fn reduce(ctx: Context<SellForOwner>, shares: u64, min_return: u64) -> Result<()> {
        handle_reduce(ctx, shares, min_return)
    }

    /// Pays of a position's debt in money; anybody.
    pub fn add_margin(ctx: Context<AddMargin>, amount: u64) -> Result<()> {
        handle_add_margin(ctx, amount)
    }

    /// Pays all that a position owes in money, and takes its shares out; its owner.
    pub fn repay(ctx: Context<Repay>, max_paid: u64) -> Result<()> {
        handle_repay(ctx, max_paid)
    }

    /// Pays a position's owner what is his; anybody.
    pub fn withdraw_claim(ctx: Context<WithdrawClaim>) -> Result<()> {
        handle_withdraw_claim(ctx)
    }

    /// Closes a position of which nothing is left; anybody.
    pub fn close_position(ctx: Context<ClosePosition>) -> Result<()> {
        handle_close_position(ctx)
    }

    /// Gives the margin of a request back: its owner, or anybody for the tip once it has expired.
    pub fn cancel_open(ctx: Context<CancelOpen>) -> Result<()> {
        handle_cancel_open(ctx)
    }

    /// Redeems all shares of a settled market at once; anybody.
    pub fn settle_market(ctx: Context<SettleMarket>) -> Result<()> {
        handle_settle_market(ctx)
    }

    /// Pays a position's debt of its payout; anybody.
    pub fn settle_position(ctx: Context<SettlePosition>) -> Result<()> {
        handle_settle_position(ctx)
    }

    /// Puts money into a pool after a notice.
    pub fn request_deposit(
        ctx: Context<RequestDeposit>,
        nonce: u64,
        amount: u64,
        min_due: u64,
    ) -> Result<()> {
        handle_request_deposit(ctx, nonce, amount, min_due)
    }

    /// Has a deposit buy shares; anybody, after the notice.
    pub fn execute_deposit(ctx: Context<EndDeposit>) -> Result<()> {
        handle_execute_deposit(ctx)
    }

    /// Gives a deposit back that was not executed in time; anybody.
    pub fn cancel_deposit(ctx: Context<EndDeposit>) -> Result<()> {
        handle_cancel_deposit(ctx)
    }

    /// Announces that a lender's shares leave.
    pub fn request_withdraw(
        ctx: Context<RequestWithdraw>,
        shares: u64,
        min_amount: u64,
    ) -> Result<()> {
        handle_request_withdraw(ctx, shares, min_amount)
    }

    /// Pays a withdrawal after its notice; anybody.
    pub fn execute_withdraw(ctx: Context<ExecuteWithdraw>) -> Result<()> {
        handle_execute_withdraw(ctx)
    }

    /// Gives a lender the shares back that nobody had paid in time; anybody.
    pub fn cancel_withdraw(ctx: Context<CancelWithdraw>) -> Result<()> {
        handle_cancel_withdraw(ctx)
    }

    /// Makes a pool of a mint; the admin.
    pub fn create_pool(ctx: Context<CreatePool>, id: u64, terms: PoolTerms) -> Result<()> {
        handle_create_pool(ctx, id, terms)
    }

    /// Makes a group of markets that are lost together; the admin.
    pub fn create_group(ctx: Context<CreateGroup>, id: u64) -> Result<()> {
        handle_create_group(ctx, id)
    }

    /// Closes a group without listings; who made it.
    pub fn close_group(ctx: Context<CloseGroup>) -> Result<()> {
        handle_close_group(ctx)
    }

    /// Closes a pool that nobody has anything in; the admin.
    pub fn close_pool(ctx: Context<ClosePool>) -> Result<()> {
        handle_close_pool(ctx)
    }

    /// Has a pool lend on a market after the timelock; the admin.
    pub fn list_market(ctx: Context<ListMarket>, parameters: LoanParameters) -> Result<()> {
        handle_list_market(ctx, parameters)
    }

    /// Closes a listing without positions: the admin while it has cost nothing, or anybody once its market is settled.
    pub fn delist(ctx: Context<Delist>) -> Result<()> {
        handle_delist(ctx)
    }

    /// Changes what loans of a market are given and liquidated by, after the timelock; the admin.
    pub fn set_parameters(ctx: Context<GovernListing>, parameters: LoanParameters) -> Result<()> {
        handle_set_parameters(ctx, parameters)
    }

    /// Changes a pool's terms after the timelock; the admin.
    pub fn set_pool_terms(ctx: Context<GovernPool>, terms: PoolTerms) -> Result<()> {
        handle_set_pool_terms(ctx, terms)
    }

    /// Stops new loans on a market; admin or guardian.
    pub fn trip(ctx: Context<GovernListing>) -> Result<()> {
        handle_trip(ctx)
    }

    /// Stops new loans of a pool; admin or guardian.
    pub fn trip_pool(ctx: Context<GovernPool>) -> Result<()> {
        handle_trip_pool(ctx)
    }

    /// Stops new loans on a market for a while whose price is far from its slow price; anybody.
    pub fn trip_by_price(ctx: Context<TripByPrice>, outcome: u8) -> Result<()> {
        handle_trip_by_price(ctx, outcome)
    }

    /// Stops new loans of a pool for a while of whose money almost all is lent; anybody.
    pub fn trip_by_utilisation(ctx: Context<TripByUtilisation>) -> Result<()> {
        handle_trip_by_utilisation(ctx)
    }

    /// Lets a market be lent on again after the timelock; the admin.
    pub fn release(ctx: Context<GovernListing>) -> Result<()> {
        handle_release(ctx)
    }

    /// Lets a pool lend again after the timelock; the admin.
    pub fn release_pool(ctx: Context<GovernPool>) -> Result<()> {
        handle_release_pool(ctx)
    }
}
