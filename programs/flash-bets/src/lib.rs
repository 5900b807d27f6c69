//! Flash bets: markets on events that last seconds to hours, funded by a vault, settled by proof.
//!
//! No instruction takes an outcome from a signer: it comes from an observation that the oracle
//! verified, or a market is void after its deadline. Settling, cancelling and closing are open to
//! anybody, and a pause never stops an exit.

pub mod error;
pub mod instructions;
pub mod state;
mod tokens;

use anchor_lang::prelude::*;
use instructions::*;
use state::Caps;

declare_id!("2kRMLRLvey8jzxoy2d29JXNuGCCSKk5jFe19VLst659f");

#[cfg(not(feature = "no-entrypoint"))]
solana_security_txt::security_txt! {
    name: "Strobe flash bets",
    project_url: "https://github.com/strobe-protocol/strobe",
    contacts: "link:https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    policy: "https://github.com/strobe-protocol/strobe/blob/main/SECURITY.md",
    source_code: "https://github.com/strobe-protocol/strobe"
}

// Dispatch tries one instruction after the other: those that are sent most come first.
#[program]
pub mod flash_bets {
    use super::*;

    /// Bets an exact stake on an outcome, at once or after the market's bet delay.
    pub fn place_bet(ctx: Context<PlaceBet>, args: PlaceBetArgs) -> Result<()> {
        handle_place_bet(ctx, args)
    }

    /// Sells shares back, at once or after the market's bet delay.
    pub fn cash_out(ctx: Context<CashOut>, args: CashOutArgs) -> Result<()> {
        handle_cash_out(ctx, args)
    }

    /// Executes a pending order, or returns what it put in; anybody.
    pub fn execute_bet(ctx: Context<ExecuteBet>) -> Result<()> {
        handle_execute_bet(ctx)
    }

    /// Pays and closes tickets of a settled market; anybody.
    pub fn settle_tickets<'info>(ctx: Context<'info, SettleTickets<'info>>) -> Result<()> {
        handle_settle_tickets(ctx)
    }

    /// Returns what an order put in that nobody can execute any more; anybody.
    pub fn cancel_pending(ctx: Context<CancelPending>) -> Result<()> {
        handle_cancel_pending(ctx)
    }

    /// Opens the signer's ticket in a market.
    pub fn open_ticket(ctx: Context<OpenTicket>) -> Result<()> {
        handle_open_ticket(ctx)
    }

    /// Settles a market on an observation; anybody.
    pub fn resolve(ctx: Context<Resolve>) -> Result<()> {
        handle_resolve(ctx)
    }

    /// Settles a market on a result in a verified root; anybody.
    pub fn resolve_from_root(
        ctx: Context<ResolveFromRoot>,
        args: ResolveFromRootArgs,
    ) -> Result<()> {
        handle_resolve_from_root(ctx, args)
    }

    /// Creates the vault of a mint; the admin.
    pub fn create_vault(ctx: Context<CreateVault>, args: CreateVaultArgs) -> Result<()> {
        handle_create_vault(ctx, args)
    }

    /// Gives the vault money that buys LP shares after the notice.
    pub fn request_deposit(ctx: Context<RequestDeposit>, args: RequestDepositArgs) -> Result<()> {
        handle_request_deposit(ctx, args)
    }

    /// Mints the LP shares of a deposit whose notice has passed, or returns its money; anybody.
    pub fn execute_deposit(ctx: Context<ExecuteDeposit>) -> Result<()> {
        handle_execute_deposit(ctx)
    }

    /// Returns a deposit that nobody can execute any more; anybody.
    pub fn cancel_deposit(ctx: Context<CancelDeposit>) -> Result<()> {
        handle_cancel_deposit(ctx)
    }

    /// Gives LP shares back, to be paid after the notice.
    pub fn request_withdraw(ctx: Context<RequestWithdraw>, shares: u64) -> Result<()> {
        handle_request_withdraw(ctx, shares)
    }

    /// Pays a withdrawal whose notice has passed.
    pub fn withdraw(ctx: Context<Withdraw>, min_amount: u64) -> Result<()> {
        handle_withdraw(ctx, min_amount)
    }

    /// Lowers caps at once (admin or guardian), raises them after the timelock (admin).
    pub fn set_caps(ctx: Context<SetCaps>, caps: Caps) -> Result<()> {
        handle_set_caps(ctx, caps)
    }

    /// Names the next operator, in force after the timelock; the admin.
    pub fn set_operator(ctx: Context<SetOperator>, new_operator: Pubkey) -> Result<()> {
        handle_set_operator(ctx, new_operator)
    }

    /// Withdraws the next operator before it takes over; admin or guardian.
    pub fn cancel_operator(ctx: Context<CancelOperator>) -> Result<()> {
        handle_cancel_operator(ctx)
    }

    /// Stops new risk at once; admin or guardian.
    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        handle_pause(ctx)
    }

    /// Ends a pause after the timelock; the admin.
    pub fn unpause(ctx: Context<Unpause>) -> Result<()> {
        handle_unpause(ctx)
    }

    /// Pays out the protocol's or the operator's part of the fees; anybody.
    pub fn collect_fees(ctx: Context<CollectFees>, share: FeeShare) -> Result<()> {
        handle_collect_fees(ctx, share)
    }

    /// Opens the book of an event; the operator.
    pub fn create_event(ctx: Context<CreateEvent>, id: u64) -> Result<()> {
        handle_create_event(ctx, id)
    }

    /// Closes the book of an event without markets; anybody.
    pub fn close_event(ctx: Context<CloseEvent>) -> Result<()> {
        handle_close_event(ctx)
    }

    /// Creates and funds a market; the operator.
    pub fn create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
        handle_create_market(ctx, args)
    }

    /// Suspends trading for some slots; the operator.
    pub fn suspend_market(ctx: Context<SuspendMarket>, slots: u64) -> Result<()> {
        handle_suspend_market(ctx, slots)
    }

    /// Ends a suspension early; the operator.
    pub fn resume_market(ctx: Context<ResumeMarket>) -> Result<()> {
        handle_resume_market(ctx)
    }

    /// Sets the strike of an up/down market from its opening observation; anybody.
    pub fn set_strike(ctx: Context<SetStrike>) -> Result<()> {
        handle_set_strike(ctx)
    }

    /// Settles a market past its deadline at its slow prices; anybody.
    pub fn void(ctx: Context<Void>) -> Result<()> {
        handle_void(ctx)
    }

    /// Settles a market whose observation is contradicted at its slow prices, at once; anybody.
    pub fn void_conflicted(ctx: Context<VoidConflicted>) -> Result<()> {
        handle_void_conflicted(ctx)
    }

    /// Gives the vault what a settled market does not owe; anybody.
    pub fn release_surplus(ctx: Context<ReleaseSurplus>) -> Result<()> {
        handle_release_surplus(ctx)
    }

    /// Closes a settled market after its last ticket; anybody.
    pub fn close_market(ctx: Context<CloseMarket>) -> Result<()> {
        handle_close_market(ctx)
    }
}
