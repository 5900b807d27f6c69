use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{decrement, EventHeader, Purse};

use crate::{
    error::OrderError,
    instructions::handover::Handover,
    state::{ask_market, Desk, DeskOrder},
};

#[derive(Accounts)]
pub struct ReturnOrder<'info> {
    /// CHECK: any address; gets the tip unless the owner signs.
    #[account(mut)]
    pub executor: UncheckedAccount<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = market_program @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    #[account(
        mut,
        close = rent_payer,
        has_one = desk @ OrderError::WrongAccount,
        has_one = owner @ OrderError::WrongAccount,
        has_one = rent_payer @ OrderError::WrongRentReceiver,
    )]
    pub order: Account<'info, DeskOrder>,
    /// CHECK: named by the order; signs to take back what could still be filled.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: named by the order; gets its rent and the tips that are left.
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
    /// CHECK: the owner's, which gets the shares; anything once the desk is settled, or if the order
    /// has none. Checked where shares move.
    #[account(mut)]
    pub owner_position: UncheckedAccount<'info>,
    /// CHECK: the desk's, as far as shares move; the market's program checks that the desk may sign.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: named by the desk.
    pub market_program: UncheckedAccount<'info>,
    /// CHECK: checked to be the owner's where money goes to it, which is only if his associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct OrderReturned {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    pub executor: Pubkey,
    /// Base units that the owner got, and shares of the outcome, which after a settlement are paid as
    /// money.
    pub money: u64,
    pub outcome: u8,
    pub shares: u64,
    /// What was not filled.
    pub left: u64,
    /// Lamports.
    pub tip: u64,
    /// Base units of all orders after it.
    pub desk_cash: u64,
}

/// Pays an order's owner what is his, and closes the order.
pub fn handle_return_order(ctx: Context<ReturnOrder>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    require!(
        accounts.order.in_flight.is_none(),
        OrderError::SliceInFlight
    );
    let is_owner = accounts.owner.is_signer;
    require!(
        is_owner || accounts.is_over(clock.unix_timestamp)?,
        OrderError::StillFillable
    );
    let (money, shares) = accounts.due()?;
    let tip = if is_owner {
        0
    } else {
        accounts.order.tip_lamports
    };
    accounts.book(money, shares, tip, &clock)?;
    accounts.give_shares(shares)?;
    accounts.pay(money)?;
    accounts.order.sub_lamports(tip)?;
    accounts.executor.add_lamports(tip)?;
    Ok(())
}

impl<'info> ReturnOrder<'info> {
    /// Whether there is nothing left to fill, or never will be.
    fn is_over(&self, now: i64) -> Result<bool> {
        if self.order.left == 0 || now > self.order.expires_at || self.desk.load()?.is_settled() {
            return Ok(true);
        }
        ask_market(&self.market, |market| market.is_trading_over(now))
    }

    /// Base units that are the owner's, and shares that are his in the market.
    fn due(&self) -> Result<(u64, u64)> {
        let (order, desk) = (&self.order, self.desk.load()?);
        if !desk.is_settled() {
            return Ok((order.money, order.shares));
        }
        let paid = desk.paid_for(order.outcome, order.shares)?;
        let money = order.money.checked_add(paid).ok_or(OrderError::Overflow)?;
        Ok((money, 0))
    }

    fn book(&self, money: u64, shares: u64, tip: u64, clock: &Clock) -> Result<()> {
        let order = &self.order;
        let mut desk = self.desk.load_mut()?;
        desk.take(order.outcome, money, order.shares)?;
        decrement(&mut desk.open_orders).map_err(OrderError::from)?;
        emit!(OrderReturned {
            header: desk.next_event(clock)?,
            desk: self.desk.key(),
            market: desk.market,
            order: order.key(),
            owner: order.owner,
            executor: self.executor.key(),
            money,
            outcome: order.outcome,
            shares,
            left: order.left,
            tip,
            desk_cash: desk.cash,
        });
        Ok(())
    }

    fn give_shares(&self, shares: u64) -> Result<()> {
        Handover {
            desk: &self.desk,
            market: &self.market,
            desk_position: &self.desk_position,
            owner: &self.order.owner,
            owner_position: &self.owner_position,
            market_program: &self.market_program,
        }
        .give(self.order.outcome, shares)
    }

    fn pay(&self, money: u64) -> Result<()> {
        let purse = Purse::new(&self.desk, &self.desk_tokens, &self.token_program)?;
        let fallback = self.fallback_tokens.as_deref();
        purse.pay_owner(&self.owner, &self.owner_tokens, fallback, money)
    }
}
