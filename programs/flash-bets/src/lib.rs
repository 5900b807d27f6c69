//! Flash bets: markets on events that last seconds to hours, funded by a vault, settled by proof.
//!
//! No instruction takes an outcome from a signer: it comes from an observation that the oracle
//! verified, or a market is void after its deadline. Settling, cancelling and closing are open to
//! anybody, and a pause never stops an exit.
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
use market_core::TradeReceipt;
use state::Order;

declare_id!("2kRMLRLvey8jzxoy2d29JXNuGCCSKk5jFe19VLst659f");

#[cfg(all(target_os = "solana", not(feature = "cpi")))]
program_kit::entrypoint!(entry);

#[cfg(not(feature = "cpi"))]
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

    /// Bets an exact stake on an outcome, at once or after the market's bet delay, for any ticket.
    pub fn place_bet(
        ctx: Context<PlaceBet>,
        nonce: u64,
        args: PlaceBetArgs,
    ) -> Result<Option<TradeReceipt>> {
        handle_place_bet(ctx, nonce, args)
    }

    /// Sells shares back, at once or after the market's bet delay.
    pub fn cash_out(
        ctx: Context<CashOut>,
        nonce: u64,
        args: CashOutArgs,
    ) -> Result<Option<TradeReceipt>> {
        handle_cash_out(ctx, nonce, args)
    }

    /// Executes pending orders, or returns what they put in, for their tips; anybody.
    /// Remaining accounts, all writable, for each order: the order, its ticket, placer, the placer's token
    /// account, rent payer.
    pub fn execute_orders<'info>(ctx: Context<'info, ExecuteOrders<'info>>) -> Result<()> {
        handle_execute_orders(ctx)
    }

    /// Buys exact shares, at once or after the market's bet delay, for any ticket.
    pub fn buy_shares(
        ctx: Context<PlaceBet>,
        nonce: u64,
        args: FlashBuySharesArgs,
    ) -> Result<Option<TradeReceipt>> {
        handle_buy_shares(ctx, nonce, args)
    }

    /// Opens a ticket if there is none, and bets for it.
    pub fn open_ticket_and_bet<'info>(
        ctx: Context<'info, OpenTicketAndBet<'info>>,
        nonce: u64,
        args: PlaceBetArgs,
    ) -> Result<Option<TradeReceipt>> {
        handle_open_ticket_and_bet(ctx, nonce, args)
    }

    /// Pays and closes tickets of a settled market; anybody.
    /// Remaining accounts, all writable, for each ticket: the ticket, its owner, the owner's token account,
    /// rent payer.
    pub fn settle_tickets<'info>(
        ctx: Context<'info, SettleTickets<'info>>,
        in_one_call: bool,
    ) -> Result<()> {
        handle_settle_tickets(ctx, in_one_call)
    }

    /// Returns what an order would come to now.
    pub fn quote(ctx: Context<Quote>, outcome: u8, order: Order) -> Result<TradeReceipt> {
        handle_quote(ctx, outcome, order)
    }

    /// Opens an owner's ticket in a market; anybody, for anybody.
    pub fn open_ticket(ctx: Context<OpenTicket>) -> Result<()> {
        handle_open_ticket(ctx)
    }

    /// Gives shares to another ticket of the market; the owner.
    pub fn transfer_shares(ctx: Context<TransferShares>, outcome: u8, shares: u64) -> Result<()> {
        handle_transfer_shares(ctx, outcome, shares)
    }

    /// Keeps others from settling a ticket for a day after the settlement; its owner.
    pub fn hold_ticket(ctx: Context<HoldTicket>) -> Result<()> {
        handle_hold_ticket(ctx)
    }

    /// Has a pending order stay when it ends, with how it ended; its placer and who paid its rent.
    pub fn keep_receipt(ctx: Context<KeepReceipt>) -> Result<()> {
        handle_keep_receipt(ctx)
    }

    /// Closes what stayed of a pending order; its placer.
    pub fn close_receipt(ctx: Context<CloseReceipt>) -> Result<()> {
        handle_close_receipt(ctx)
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

    /// Creates a vault of a mint; the admin.
    pub fn create_vault(ctx: Context<CreateVault>, id: u64, args: CreateVaultArgs) -> Result<()> {
        handle_create_vault(ctx, id, args)
    }

    /// Closes a vault that nobody has anything in; the admin.
    pub fn close_vault(ctx: Context<CloseVault>) -> Result<()> {
        handle_close_vault(ctx)
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
    pub fn request_withdraw(
        ctx: Context<RequestWithdraw>,
        args: RequestWithdrawArgs,
    ) -> Result<()> {
        handle_request_withdraw(ctx, args)
    }

    /// Pays a withdrawal whose notice has passed, in its time; anybody.
    pub fn withdraw(ctx: Context<Withdraw>) -> Result<()> {
        handle_withdraw(ctx)
    }

    /// Takes a withdrawal back before its notice has passed; its owner.
    pub fn cancel_withdraw(ctx: Context<CancelWithdraw>) -> Result<()> {
        handle_cancel_withdraw(ctx)
    }

    /// Gives back the shares of a withdrawal that was not paid in its time; anybody.
    pub fn lapse_withdraw(ctx: Context<LapseWithdraw>) -> Result<()> {
        handle_lapse_withdraw(ctx)
    }

    /// Tightens caps at once (admin or guardian), changes all else after the timelock (admin).
    pub fn propose_change(ctx: Context<Govern>, change: VaultChange) -> Result<()> {
        handle_propose_change(ctx, change)
    }

    /// Withdraws a change before it is in force; admin or guardian.
    pub fn cancel_change(ctx: Context<Govern>, term: VaultTerm) -> Result<()> {
        handle_cancel_change(ctx, term)
    }

    /// Stops new risk at once; admin or guardian.
    pub fn pause(ctx: Context<Govern>) -> Result<()> {
        handle_pause(ctx)
    }

    /// Ends a pause after the timelock; the admin.
    pub fn unpause(ctx: Context<Govern>) -> Result<()> {
        handle_unpause(ctx)
    }

    /// Pays out the protocol's part of the fees, or an operator's; anybody.
    pub fn collect_fees(ctx: Context<CollectFees>) -> Result<()> {
        handle_collect_fees(ctx)
    }

    /// Gives a former operator the rent of its account back.
    pub fn close_operator_fees(ctx: Context<CloseOperatorFees>) -> Result<()> {
        handle_close_operator_fees(ctx)
    }

    /// Says what it costs to move a price for a second, base units: lower at once (admin or guardian), higher after
    /// the timelock (admin).
    pub fn set_price_feed(ctx: Context<SetPriceFeed>, feed_id: [u8; 32], cost: u64) -> Result<()> {
        handle_set_price_feed(ctx, feed_id, cost)
    }

    /// Closes the account of a price on which nothing is at stake; the admin.
    pub fn close_price_feed(ctx: Context<ClosePriceFeed>) -> Result<()> {
        handle_close_price_feed(ctx)
    }

    /// Opens the book of an event; the operator.
    pub fn create_event_book(
        ctx: Context<CreateEventBook>,
        id: u64,
        correlation_group: u64,
    ) -> Result<()> {
        handle_create_event_book(ctx, id, correlation_group)
    }

    /// Opens a verse, under another or as a root, with the most that may be at risk on what is below; the operator.
    pub fn create_verse(ctx: Context<CreateVerse>, id: u64, cap: u64) -> Result<()> {
        handle_create_verse(ctx, id, cap)
    }

    /// Closes a verse that nothing names; the operator, after a day anybody.
    pub fn close_verse(ctx: Context<CloseVerse>) -> Result<()> {
        handle_close_verse(ctx)
    }

    /// Closes the book of an event without markets; the operator, after a day anybody.
    pub fn close_event_book(ctx: Context<CloseEventBook>) -> Result<()> {
        handle_close_event_book(ctx)
    }

    /// Creates and funds a market; the operator.
    /// Remaining accounts: the event's verse and those above it, writable.
    pub fn create_market<'info>(
        ctx: Context<'info, CreateMarket<'info>>,
        id: u64,
        feed_id: [u8; 32],
        terms: FlashMarketTerms,
    ) -> Result<()> {
        handle_create_market(ctx, id, feed_id, terms)
    }

    /// Suspends trading for some seconds; the operator.
    pub fn suspend_market(ctx: Context<SuspendMarket>, seconds: u32) -> Result<()> {
        handle_suspend_market(ctx, seconds)
    }

    /// Ends a suspension early; the operator.
    pub fn resume_market(ctx: Context<ResumeMarket>) -> Result<()> {
        handle_resume_market(ctx)
    }

    /// Sets the strike of an up/down market from its opening observation; anybody.
    pub fn set_strike(ctx: Context<SetStrike>) -> Result<()> {
        handle_set_strike(ctx)
    }

    /// Settles a market at its slow prices, when no outcome can be shown; anybody.
    pub fn void(ctx: Context<Void>) -> Result<()> {
        handle_void(ctx)
    }

    /// Gives the vault what a settled market does not owe; anybody.
    /// Remaining accounts: the event's verse and those above it, writable.
    pub fn release_surplus<'info>(ctx: Context<'info, ReleaseSurplus<'info>>) -> Result<()> {
        handle_release_surplus(ctx)
    }

    /// Closes a settled market after its last ticket; anybody.
    /// Remaining accounts: the event's verse and those above it, writable, unless its surplus has been released.
    pub fn close_market<'info>(ctx: Context<'info, CloseMarket<'info>>) -> Result<()> {
        handle_close_market(ctx)
    }

    /// Opens a group of branches, one for each outcome of a condition; the operator.
    /// Remaining accounts: the verse of the asset's event and those above it, writable.
    pub fn create_quantum<'info>(
        ctx: Context<'info, CreateQuantum<'info>>,
        id: u64,
        terms: QuantumTerms,
    ) -> Result<()> {
        handle_create_quantum(ctx, id, terms)
    }

    /// Deposits base units that count in every branch, and opens the ticket if there is none.
    pub fn deposit_quantum<'info>(
        ctx: Context<'info, DepositQuantum<'info>>,
        amount: u64,
    ) -> Result<()> {
        handle_deposit_quantum(ctx, amount)
    }

    /// Buys or sells the asset's outcomes in one branch, with that branch's credit.
    pub fn trade_branch(
        ctx: Context<TradeBranch>,
        branch: u8,
        outcome: u8,
        order: Order,
    ) -> Result<TradeReceipt> {
        handle_trade_branch(ctx, branch, outcome, order)
    }

    /// Gives base units back for as much credit of every branch.
    pub fn merge_branches(ctx: Context<MergeBranches>, amount: u64) -> Result<()> {
        handle_merge_branches(ctx, amount)
    }

    /// Takes the condition's result, which tells the branch that comes true; anybody.
    pub fn collapse_quantum(ctx: Context<CollapseQuantum>) -> Result<()> {
        handle_collapse_quantum(ctx)
    }

    /// Takes the asset's result for the branch that came true; anybody.
    pub fn settle_quantum(ctx: Context<SettleQuantum>) -> Result<()> {
        handle_settle_quantum(ctx)
    }

    /// Pays and closes a ticket of a settled group; anybody.
    pub fn settle_quantum_ticket(ctx: Context<SettleQuantumTicket>) -> Result<()> {
        handle_settle_quantum_ticket(ctx)
    }

    /// Gives the vault what a settled group does not owe, once; anybody.
    /// Remaining accounts: the event's verse and those above it, writable.
    pub fn release_quantum<'info>(ctx: Context<'info, ReleaseQuantum<'info>>) -> Result<()> {
        handle_release_quantum(ctx)
    }

    /// Closes a group after its last ticket; anybody.
    pub fn close_quantum(ctx: Context<CloseQuantum>) -> Result<()> {
        handle_close_quantum(ctx)
    }

    /// Lets chains have legs on a market; anybody.
    pub fn create_chain_book(ctx: Context<CreateChainBook>) -> Result<()> {
        handle_create_chain_book(ctx)
    }

    /// Closes the chain book of a settled market without open legs; anybody.
    pub fn close_chain_book(ctx: Context<CloseChainBook>) -> Result<()> {
        handle_close_chain_book(ctx)
    }

    /// Asks for a chain, whose stake waits in the vault; returns what it would come to now.
    /// Remaining accounts for each leg: market, chain book, event book, feed book, observation.
    pub fn request_chain<'info>(
        ctx: Context<'info, RequestChain<'info>>,
        nonce: u64,
        args: RequestChainArgs,
    ) -> Result<ChainOdds> {
        handle_request_chain(ctx, nonce, args)
    }

    /// Opens a chain at the odds of this moment, or gives its stake back, for its tip; anybody.
    /// Remaining accounts for each leg: market, and writable chain book, event book, feed book, and the
    /// observation; then the verses of their events and those above them, each once, writable.
    pub fn execute_chain<'info>(
        ctx: Context<'info, ExecuteChain<'info>>,
    ) -> Result<Option<ChainOdds>> {
        handle_execute_chain(ctx)
    }

    /// Gives back the stake of a chain that nobody can open any more; anybody.
    pub fn cancel_chain(ctx: Context<EndChain>) -> Result<()> {
        handle_cancel_chain(ctx)
    }

    /// Takes results of a chain's legs; anybody.
    /// Remaining accounts for each leg: market, and writable chain book, event book, feed book; then the verses of
    /// their events and those above them, each once, writable.
    pub fn settle_legs<'info>(ctx: Context<'info, SettleLegs<'info>>) -> Result<()> {
        handle_settle_legs(ctx)
    }

    /// Asks that a chain be cashed out; its owner.
    pub fn request_cash_out(ctx: Context<RequestCashOut>, args: RequestCashOutArgs) -> Result<()> {
        handle_request_cash_out(ctx, args)
    }

    /// Cashes a chain out at the prices of this moment, for its tip; anybody.
    /// Remaining accounts for each open leg: market, and writable chain book, event book, feed book, and the
    /// observation; then the verses of their events and those above them, each once, writable.
    pub fn execute_cash_out<'info>(ctx: Context<'info, ExecuteChain<'info>>) -> Result<()> {
        handle_execute_cash_out(ctx)
    }

    /// Pays and closes a chain whose legs are all settled; anybody.
    pub fn close_chain(ctx: Context<EndChain>) -> Result<()> {
        handle_close_chain(ctx)
    }

    /// Opens a chain that buys each leg for what the one before paid, and takes its first leg.
    /// Remaining accounts for each leg after the first: market, the market's token account.
    pub fn open_rolling<'info>(
        ctx: Context<'info, OpenRolling<'info>>,
        nonce: u64,
        args: OpenRollingArgs,
    ) -> Result<()> {
        handle_open_rolling(ctx, nonce, args)
    }

    /// Takes what a settled leg paid and with it the next leg, or pays the owner, for its tip; anybody.
    /// Remaining accounts, unless it is in its last leg, of the next: market and its token account, both writable,
    /// the market's vault, its observation.
    pub fn advance_rolling<'info>(ctx: Context<'info, AdvanceRolling<'info>>) -> Result<()> {
        handle_advance_rolling(ctx)
    }

    /// Buys a rolling chain's leg whose bet delay has passed, or gives its stake back, for its tip; anybody.
    pub fn execute_rolling(ctx: Context<ExecuteRolling>) -> Result<()> {
        handle_execute_rolling(ctx)
    }

    /// Ends a rolling chain that has shares, which go to its owner's ticket, or what they are paid; its owner.
    pub fn stop_rolling(ctx: Context<StopRolling>) -> Result<()> {
        handle_stop_rolling(ctx)
    }
}
