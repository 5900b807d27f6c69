//! The two ends of a pending order: `place_bet` and `cash_out` queue it in a market with a bet delay,
//! `execute_bet` and `cancel_pending` finish it.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::Shares;
use program_kit::new_account::NewAccount;

use crate::{
    error::FlashError,
    state::{seeds, FlashMarket, MarketSigner, Order, PendingBet, Ticket, VERSION},
    tokens::{destination, mint_of, transfer, Payee},
};

#[event]
pub struct OrderQueued {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub pending: Pubkey,
    pub outcome: u8,
    pub order: Order,
    /// First and last slot in which anybody may execute the order.
    pub executable_slot: u64,
    pub last_slot: u64,
}

pub struct NewOrder<'a, 'info> {
    pub owner: &'a Signer<'info>,
    /// Where the order will be; its address has been checked.
    pub account: &'a UncheckedAccount<'info>,
    pub bump: u8,
    pub system_program: Option<&'a Program<'info, System>>,
    pub outcome: u8,
    pub nonce: u64,
    pub order: Order,
    /// The present one.
    pub slot: u64,
}

/// Lets an order wait for the market's bet delay. A stake goes into the market's escrow, shares are
/// taken off the ticket by the caller.
///
/// # Errors
/// [`FlashError::DelayNotOffered`], [`FlashError::DelayPastFreeze`],
/// [`FlashError::OutcomeOutOfRange`], [`FlashError::Overflow`], those of creating an account.
pub fn queue(market: &mut FlashMarket, ticket: &mut Ticket, new: NewOrder) -> Result<()> {
    require_gt!(market.delay_slots, 0, FlashError::DelayNotOffered);
    require_gt!(
        market.pool.outcomes,
        new.outcome,
        FlashError::OutcomeOutOfRange
    );
    let executable_slot = new
        .slot
        .checked_add(market.delay_slots)
        .ok_or(FlashError::Overflow)?;
    let last_slot = executable_slot
        .checked_add(market.execution_slots)
        .ok_or(FlashError::Overflow)?;
    require_gt!(market.freeze_slot, last_slot, FlashError::DelayPastFreeze);

    market.pending_bets = market
        .pending_bets
        .checked_add(1)
        .ok_or(FlashError::Overflow)?;
    if let Order::Buy { stake, .. } = new.order {
        market.escrow = market
            .escrow
            .checked_add(stake)
            .ok_or(FlashError::Overflow)?;
    }
    ticket.pending_opened()?;
    let pending = PendingBet {
        version: VERSION,
        bump: new.bump,
        outcome: new.outcome,
        market: ticket.market,
        owner: ticket.owner,
        nonce: new.nonce,
        order: new.order,
        placed_slot: new.slot,
        executable_slot,
        last_slot,
    };
    NewAccount {
        payer: new.owner,
        account: new.account,
        system_program: new
            .system_program
            .ok_or(ErrorCode::ConstraintAccountIsNone)?,
        seeds: &[
            seeds::PENDING,
            pending.market.as_ref(),
            pending.owner.as_ref(),
            &pending.nonce.to_le_bytes(),
            &[pending.bump],
        ],
    }
    .write(8 + PendingBet::INIT_SPACE, &pending)?;
    emit!(OrderQueued {
        market: ticket.market,
        owner: ticket.owner,
        sequence: market.next_sequence()?,
        pending: new.account.key(),
        outcome: new.outcome,
        order: new.order,
        executable_slot,
        last_slot,
    });
    Ok(())
}

/// How a pending order ended.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderResult {
    Bought {
        shares: u64,
        fee: u64,
    },
    Sold {
        amount: u64,
        fee: u64,
    },
    /// The stake or the shares went back: trading was over or suspended meanwhile, the vault paused,
    /// or the price outside the bound.
    Returned,
    /// The stake or the shares went back: the order was not executed in its time.
    Cancelled,
}

#[event]
pub struct OrderDone {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub pending: Pubkey,
    pub outcome: u8,
    pub result: OrderResult,
    /// After it: what the market holds for winners, and the shares of this outcome.
    pub pool_cash: u64,
    pub outcome_sold: u64,
}

pub struct OrderAccounts<'a, 'info> {
    pub market: &'a AccountLoader<'info, FlashMarket>,
    pub ticket: &'a mut Account<'info, Ticket>,
    pub pending: &'a Account<'info, PendingBet>,
    pub owner: &'a AccountInfo<'info>,
    pub market_tokens: AccountInfo<'info>,
    pub owner_tokens: &'a AccountInfo<'info>,
    pub token_program: &'a Interface<'info, TokenInterface>,
    pub fallback_tokens: Option<&'a AccountInfo<'info>>,
}

/// Takes an order off the books and pays its owner, whom the caller has checked, what `result` gives:
/// shares to the ticket, money to a token account.
///
/// # Errors
/// [`FlashError::WrongTokenAccount`], [`FlashError::Overflow`], those of the market's invariants.
pub fn finish(accounts: OrderAccounts, result: OrderResult) -> Result<()> {
    let OrderAccounts {
        market: loader,
        ticket,
        pending,
        owner,
        market_tokens,
        owner_tokens,
        token_program,
        fallback_tokens,
    } = accounts;
    let mut market = loader.load_mut()?;
    market.pending_bets = market
        .pending_bets
        .checked_sub(1)
        .ok_or(FlashError::Overflow)?;
    ticket.pending_closed()?;

    let amount = match pending.order {
        Order::Buy { stake, .. } => {
            market.escrow = market
                .escrow
                .checked_sub(stake)
                .ok_or(FlashError::Overflow)?;
            if let OrderResult::Bought { shares, .. } = result {
                ticket.add(pending.outcome, Shares(shares))?;
                ticket.book_paid(stake)?;
                0
            } else {
                stake
            }
        }
        Order::Sell { shares, .. } => {
            if let OrderResult::Sold { amount, .. } = result {
                ticket.book_received(amount)?;
                amount
            } else {
                ticket.add(pending.outcome, Shares(shares))?;
                0
            }
        }
    };
    let signer = MarketSigner::of(&market);
    emit!(OrderDone {
        market: loader.key(),
        owner: pending.owner,
        sequence: market.next_sequence()?,
        pending: pending.key(),
        outcome: pending.outcome,
        result,
        pool_cash: market.pool.cash,
        outcome_sold: market.pool.sold_of(pending.outcome),
    });
    drop(market);

    if amount > 0 {
        let destination = destination(Payee {
            owner,
            mint: mint_of(&market_tokens)?,
            token_program,
            tokens: owner_tokens,
            fallback: fallback_tokens,
        })?;
        transfer(
            token_program,
            market_tokens.clone(),
            destination,
            loader.to_account_info(),
            amount,
            &[&signer.seeds()],
        )?;
    }
    loader.load()?.assert_backed(&market_tokens)
}
