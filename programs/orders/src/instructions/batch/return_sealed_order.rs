use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::program::Markets;
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::OrderError,
    instructions::handover::Handover,
    state::{Batch, BatchClaims, BatchStatus, Desk, SealedOrder},
};

#[derive(Accounts)]
pub struct ReturnSealedOrder<'info> {
    /// CHECK: any address; gets the tip unless the owner signs.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(mut, has_one = market @ OrderError::WrongAccount)]
    pub desk: AccountLoader<'info, Desk>,
    #[account(mut, has_one = desk @ OrderError::WrongAccount)]
    pub batch: Box<Account<'info, Batch>>,
    #[account(
        mut,
        close = rent_payer,
        has_one = batch @ OrderError::WrongAccount,
        has_one = owner @ OrderError::WrongAccount,
        has_one = rent_payer @ OrderError::WrongRentReceiver,
    )]
    pub sealed_order: Box<Account<'info, SealedOrder>>,
    /// CHECK: named by the order; signs to take it back before the commitments end.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the order; gets its rent, and the tip if it is not paid.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: named by the desk; may be closed once the desk is settled.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: the owner's associated token account, or any of the owner's if the owner signs;
    /// anything if no money is due.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// CHECK: the owner's, which gets the shares; anything once the desk is settled, or if there are
    /// none. Checked where shares move.
    #[account(mut)]
    pub owner_position: UncheckedAccount<'info>,
    /// CHECK: the desk's, as far as shares move; the markets' program checks that the desk may sign.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
    /// CHECK: checked to be the owner's where money goes to it, which is only if his associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct SealedOrderReturned {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub batch: Pubkey,
    pub sealed_order: Pubkey,
    pub owner: Pubkey,
    pub executor: Pubkey,
    /// Of the batch.
    pub status: BatchStatus,
    /// Base units that the owner got, of them bonds of others, and shares of the outcome, which after a
    /// settlement are paid as money.
    pub money: u64,
    pub forfeited_by_others: u64,
    pub outcome: u8,
    pub shares: u64,
    pub tip_lamports: u64,
    /// After it.
    pub desk_cash: u64,
}

/// What an owner gets: base units and shares of an outcome.
struct Due {
    outcome: u8,
    money: u64,
    claims: BatchClaims,
}

/// Gives an owner what his sealed order came to, and closes it.
pub fn handle_return_sealed_order(ctx: Context<ReturnSealedOrder>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let is_owner = accounts.owner.is_signer;
    let due = accounts.due(is_owner, clock.unix_timestamp)?;
    let tip = if is_owner {
        0
    } else {
        accounts.sealed_order.tip_lamports
    };
    let shares = accounts.book(&due, tip, &clock)?;
    accounts.give_shares(due.outcome, shares.given)?;
    accounts.pay(shares.money)?;
    accounts.sealed_order.sub_lamports(tip)?;
    accounts.executor.add_lamports(tip)?;
    Ok(())
}

/// What moves: shares as such while the market is not settled, else their money.
struct Moved {
    money: u64,
    given: u64,
}

impl<'info> ReturnSealedOrder<'info> {
    /// Takes the order's claims out of its batch.
    fn due(&mut self, is_owner: bool, now: i64) -> Result<Due> {
        let (batch, order) = (&mut self.batch, &self.sealed_order);
        let denomination = batch.denomination()?;
        let whole = denomination
            .checked_add(order.bond)
            .ok_or(OrderError::Overflow)?;
        let mut due = Due {
            outcome: 0,
            money: whole,
            claims: BatchClaims::default(),
        };
        if !batch.is_done() {
            let is_early = is_owner && now < batch.commit_until;
            require!(is_early, OrderError::BatchNotDone);
            batch.take_back(order.bond)?;
            return Ok(due);
        }
        decrement(&mut batch.open_orders).map_err(OrderError::from)?;
        if batch.status == BatchStatus::Void {
            return Ok(due);
        }
        match order.revealed {
            None => due.money = denomination,
            Some(revealed) if revealed.is_within_limit => {
                due.outcome = revealed.outcome;
                due.claims = batch.claim(revealed.outcome)?;
                due.money = order
                    .bond
                    .checked_add(due.claims.unspent)
                    .and_then(|money| money.checked_add(due.claims.forfeited))
                    .ok_or(OrderError::Overflow)?;
            }
            Some(_) => (),
        }
        Ok(due)
    }

    fn book(&self, due: &Due, tip: u64, clock: &Clock) -> Result<Moved> {
        let (outcome, shares) = (due.outcome, due.claims.shares);
        let mut desk = self.desk.load_mut()?;
        let moved = if desk.is_settled() {
            let paid = desk.paid_for(outcome, shares)?;
            let money = due.money.checked_add(paid);
            Moved {
                money: money.ok_or(OrderError::Overflow)?,
                given: 0,
            }
        } else {
            Moved {
                money: due.money,
                given: shares,
            }
        };
        desk.take(outcome, moved.money, shares)?;
        emit!(SealedOrderReturned {
            header: desk.next_event(clock)?,
            desk: self.desk.key(),
            market: desk.market,
            batch: self.batch.key(),
            sealed_order: self.sealed_order.key(),
            owner: self.sealed_order.owner,
            executor: self.executor.key(),
            status: self.batch.status,
            money: moved.money,
            forfeited_by_others: due.claims.forfeited,
            outcome,
            shares,
            tip_lamports: tip,
            desk_cash: desk.cash,
        });
        Ok(moved)
    }

    fn give_shares(&self, outcome: u8, shares: u64) -> Result<()> {
        Handover {
            desk: &self.desk,
            market: &self.market,
            desk_position: &self.desk_position,
            owner: &self.sealed_order.owner,
            owner_position: &self.owner_position,
            market_program: &self.markets_program,
        }
        .give(outcome, shares)
    }

    fn pay(&self, money: u64) -> Result<()> {
        let purse = Purse::new(&self.desk, &self.desk_tokens, &self.token_program)?;
        let fallback = self.fallback_tokens.as_deref();
        purse.pay_owner(&self.owner, &self.owner_tokens, fallback, money)
    }
}
