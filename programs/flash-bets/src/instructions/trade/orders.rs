//! The two ends of a pending order: it is queued in a market with a bet delay, and ended by
//! `execute_orders`.

use anchor_lang::prelude::*;
use market_core::{difference, sum, Now, Shares};
use program_kit::{decrement, increment, new_account::NewAccount, EventHeader};

use crate::{
    error::FlashError,
    state::{
        seeds::{self, require_bump},
        ChainWait, FlashMarket, Order, OrderResult, PendingOrder, Receipt, Ticket, VERSION,
    },
};

#[event]
pub struct OrderQueued {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub placer: Pubkey,
    pub pending: Pubkey,
    pub nonce: u64,
    pub outcome: u8,
    pub order: Order,
    pub tip_lamports: u64,
    pub executable_slot: u64,
    /// First and last second in which anybody may execute the order.
    pub executable_at: i64,
    pub executable_until: i64,
    /// After it: what the buyers of pending orders put in.
    pub escrow: u64,
}

/// An order that is to wait, and where.
pub struct NewOrder<'a, 'info> {
    pub placer: &'a Signer<'info>,
    /// Where the order will be.
    pub account: &'a UncheckedAccount<'info>,
    pub rent_payer: Option<&'a Signer<'info>>,
    pub system_program: Option<&'a Program<'info, System>>,
    pub outcome: u8,
    pub nonce: u64,
    pub order: Order,
    pub tip_lamports: u64,
}

/// Lets an order wait for the market's bet delay. Money goes into the market's escrow, shares are
/// taken off the ticket, by the caller.
///
/// # Errors
/// [`FlashError::DelayNotOffered`], [`FlashError::DelayPastFreeze`],
/// [`FlashError::OutcomeOutOfRange`], [`FlashError::WrongAccount`] at another address than the order's,
/// [`FlashError::Overflow`], those of creating an account.
pub fn queue(
    market: &mut FlashMarket,
    ticket: &mut Ticket,
    new: NewOrder,
    clock: &Clock,
) -> Result<()> {
    require_gt!(market.delay_slots, 0, FlashError::DelayNotOffered);
    require_gt!(
        market.pool.outcomes,
        new.outcome,
        FlashError::OutcomeOutOfRange
    );
    let rent_payer = new.rent_payer.ok_or(ErrorCode::ConstraintAccountIsNone)?;
    let pending = pending_order(market, ticket, &new, rent_payer.key(), clock)?;

    increment(&mut market.pending_orders).map_err(FlashError::from)?;
    market.escrow = sum([market.escrow, new.order.escrow()]).map_err(FlashError::from)?;
    ticket.pending_opened(new.order)?;
    create(&pending, &new, rent_payer)?;
    emit!(OrderQueued {
        header: market.next_event(clock)?,
        market: pending.market,
        owner: pending.owner,
        placer: pending.placer,
        pending: new.account.key(),
        nonce: new.nonce,
        outcome: new.outcome,
        order: new.order,
        tip_lamports: new.tip_lamports,
        executable_slot: pending.executable_slot,
        executable_at: pending.executable_at,
        executable_until: pending.executable_until,
        escrow: market.escrow,
    });
    Ok(())
}

fn pending_order(
    market: &FlashMarket,
    ticket: &Ticket,
    new: &NewOrder,
    rent_payer: Pubkey,
    clock: &Clock,
) -> Result<PendingOrder> {
    let wait = market.wait_from(clock)?;
    let placer = new.placer.key();
    let seeds: [&[u8]; 4] = [
        seeds::PENDING_ORDER,
        ticket.market.as_ref(),
        placer.as_ref(),
        &new.nonce.to_le_bytes(),
    ];
    Ok(PendingOrder {
        version: VERSION,
        bump: require_bump(new.account, &seeds)?,
        outcome: new.outcome,
        ticket_bump: ticket.bump,
        market: ticket.market,
        placer,
        owner: ticket.owner,
        rent_payer,
        nonce: new.nonce,
        order: new.order,
        tip_lamports: new.tip_lamports,
        placed_slot: wait.requested_slot,
        executable_slot: wait.executable_slot,
        executable_at: wait.executable_at,
        executable_until: wait.executable_until,
        receipt: Receipt::None,
        reserved: [0; 6],
    })
}

/// Creates the order's account and puts the tip into it.
fn create<'info>(
    pending: &PendingOrder,
    new: &NewOrder<'_, 'info>,
    rent_payer: &Signer<'info>,
) -> Result<()> {
    let system_program = new
        .system_program
        .ok_or(ErrorCode::ConstraintAccountIsNone)?;
    let nonce = pending.nonce.to_le_bytes();
    let account = NewAccount {
        payer: rent_payer,
        account: new.account,
        system_program,
        seeds: &[
            seeds::PENDING_ORDER,
            pending.market.as_ref(),
            pending.placer.as_ref(),
            &nonce,
            &[pending.bump],
        ],
    };
    account.write(8 + PendingOrder::INIT_SPACE, pending)?;
    account.add_lamports(new.tip_lamports)
}

#[event]
pub struct OrderDone {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub placer: Pubkey,
    pub pending: Pubkey,
    pub outcome: u8,
    pub order: Order,
    pub result: OrderResult,
    /// Base units that the placer was paid, and lamports that whoever ended the order got.
    pub paid: u64,
    pub tip_lamports: u64,
    /// After it: what the market holds for winners, its fees, what waits in escrow, the shares of this
    /// outcome outstanding, and those of the ticket, none if that is settled.
    pub pool_cash: u64,
    pub pool_fees: u64,
    pub escrow: u64,
    pub outcome_sold: u64,
    pub ticket_shares: u64,
}

/// The moment at which orders of a market end.
pub struct OrderMoment {
    pub clock: Clock,
    pub now: Now,
    /// Whether the observation exists that the market waits for.
    pub is_observed: bool,
}

/// What becomes now of an order that waits, and the trade if that is one.
///
/// # Errors
/// [`FlashError::DelayNotPassed`]: nothing yet.
pub fn end_of(
    market: &mut FlashMarket,
    outcome: u8,
    order: Order,
    wait: &ChainWait,
    moment: &OrderMoment,
) -> core::result::Result<OrderResult, FlashError> {
    let clock = &moment.clock;
    if market.is_trading_over(clock.unix_timestamp) {
        return Ok(OrderResult::Lapsed);
    }
    match wait.require_executable(clock) {
        Err(FlashError::ExecutionOver) => return Ok(OrderResult::Lapsed),
        waited => waited?,
    }
    let is_stopped = moment.now.is_paused() && !order.is_sale();
    let is_tradeable = market.require_trading(clock).is_ok()
        && !market.was_suspended_since(wait.requested_slot)
        && !moment.is_observed
        && !is_stopped;
    if !is_tradeable {
        return Ok(OrderResult::Returned);
    }
    match market.try_trade(moment.now, outcome, order) {
        Ok(fill) => Ok(OrderResult::filled(order, fill)),
        Err(_) => Ok(OrderResult::Returned),
    }
}

/// Takes an order off the market's books.
///
/// # Errors
/// [`FlashError::Overflow`].
pub fn take_off(market: &mut FlashMarket, order: Order) -> core::result::Result<(), FlashError> {
    decrement(&mut market.pending_orders).map_err(FlashError::from)?;
    market.escrow = difference(market.escrow, order.escrow())?;
    Ok(())
}

/// Gives the ticket what `result` says.
///
/// # Errors
/// [`FlashError::Overflow`].
pub fn book_end(
    ticket: &mut Ticket,
    pending: &PendingOrder,
    result: OrderResult,
) -> core::result::Result<(), FlashError> {
    ticket.pending_closed(pending.order)?;
    let holdings = &mut ticket.holdings;
    match result {
        OrderResult::Bought { shares, amount, .. } => {
            holdings.add(pending.outcome, Shares(shares))?;
            holdings.book_paid(amount)?;
        }
        OrderResult::Sold { amount, .. } => holdings.book_received(amount)?,
        OrderResult::Returned | OrderResult::Lapsed => {
            if let Order::Sell { shares, .. } = pending.order {
                holdings.add(pending.outcome, Shares(shares))?;
            }
        }
    }
    Ok(())
}

/// Base units that are to be paid to the placer of an order that ended so.
pub fn due(order: Order, result: OrderResult) -> u64 {
    match result {
        // Within the bound, which is what was put in.
        OrderResult::Bought { amount, .. } => order.escrow().saturating_sub(amount),
        OrderResult::Sold { amount, .. } => amount,
        OrderResult::Returned | OrderResult::Lapsed => order.escrow(),
    }
}
