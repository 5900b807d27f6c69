use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use program_kit::{increment, new_account::NewAccount, EventHeader, Purse};

use super::OrderTerms;
use crate::{
    error::OrderError,
    instructions::handover::ShareTransfer,
    state::{ask_market, seeds, Desk, DeskOrder, Held, OrderSide, OrderTrigger, VERSION},
};

#[derive(Accounts)]
#[instruction(nonce: u64)]
pub struct PlaceOrder<'info> {
    /// Pays rent and tips.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub owner: Signer<'info>,
    #[account(
        mut,
        has_one = market @ OrderError::WrongAccount,
        has_one = market_program @ OrderError::WrongAccount,
    )]
    pub desk: AccountLoader<'info, Desk>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [seeds::ORDER, desk.key().as_ref(), owner.key().as_ref(), &nonce.to_le_bytes()],
        bump,
    )]
    pub order: UncheckedAccount<'info>,
    /// CHECK: of a purchase, what the owner pays from; the token program checks it.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the desk.
    #[account(mut)]
    pub desk_tokens: UncheckedAccount<'info>,
    /// Position or ticket of the owner's: shares come from it, or go to it in the end.
    ///
    /// CHECK: checked to be that.
    #[account(mut)]
    pub owner_position: UncheckedAccount<'info>,
    /// CHECK: checked to be the desk's.
    #[account(mut)]
    pub desk_position: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: named by the desk.
    pub market_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct OrderPlaced {
    pub header: EventHeader,
    pub desk: Pubkey,
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    pub nonce: u64,
    pub starts_at: i64,
    pub terms: OrderTerms,
    /// Of one fill, and the least time between two.
    pub slice: u64,
    pub interval_seconds: u32,
    /// Base units of all orders after it, and shares of this outcome.
    pub desk_cash: u64,
    pub desk_shares: u64,
}

/// Takes an order's money or shares into the desk, and lamports for its tips.
pub fn handle_place_order(ctx: Context<PlaceOrder>, nonce: u64, terms: OrderTerms) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let mut order = new_order(accounts, ctx.bumps.order, nonce, &terms, &clock)?;
    let mut desk = accounts.desk.load_mut()?;
    require_gt!(desk.outcomes, terms.outcome, OrderError::OutcomeOutOfRange);
    desk.add(terms.outcome, order.money, order.shares)?;
    increment(&mut desk.open_orders).map_err(OrderError::from)?;
    let header = desk.next_event(&clock)?;
    order.began_in = header.sequence;
    emit!(OrderPlaced {
        header,
        desk: order.desk,
        market: desk.market,
        order: accounts.order.key(),
        owner: order.owner,
        rent_payer: order.rent_payer,
        nonce,
        starts_at: order.starts_at,
        terms,
        slice: order.slice,
        interval_seconds: order.interval_seconds,
        desk_cash: desk.cash,
        desk_shares: desk.shares_held(terms.outcome),
    });
    drop(desk);
    accounts.create(&order)?;
    accounts.put_in(&order)?;
    let desk = accounts.desk.load()?;
    desk.require_shares(&accounts.desk.key(), &accounts.desk_position)
}

fn new_order(
    accounts: &PlaceOrder,
    bump: u8,
    nonce: u64,
    terms: &OrderTerms,
    clock: &Clock,
) -> Result<DeskOrder> {
    let now = clock.unix_timestamp;
    let is_over = ask_market(&accounts.market, |market| market.is_trading_over(now))?;
    require!(!is_over, OrderError::TradingOver);
    let owners = Held::in_account(&accounts.owner_position)?;
    owners.require_of(accounts.market.key, accounts.owner.key)?;
    let spread = terms.spread(now)?;
    let (money, shares) = match terms.side {
        OrderSide::Buy => (terms.total, 0),
        OrderSide::Sell => (0, terms.total),
    };
    Ok(DeskOrder {
        version: VERSION,
        bump,
        outcome: terms.outcome,
        side: terms.side,
        kind: spread.kind,
        desk: accounts.desk.key(),
        owner: accounts.owner.key(),
        rent_payer: accounts.payer.key(),
        nonce,
        money,
        shares,
        total: terms.total,
        left: terms.total,
        slice: spread.slice,
        fills: 0,
        interval_seconds: spread.interval_seconds,
        starts_at: now,
        next_at: now,
        expires_at: terms.expires_at,
        limit_from: spread.limit_from,
        limit_to: spread.limit_to,
        max_deviation: terms.max_deviation,
        tip_lamports: terms.tip_lamports,
        trigger: terms
            .trigger
            .map(|trigger| OrderTrigger::new(trigger, clock.slot)),
        began_in: 0,
        slice_filled: 0,
        crossed_at: 0,
        in_flight: None,
        reserved: [0; 23],
    })
}

impl PlaceOrder<'_> {
    fn create(&self, order: &DeskOrder) -> Result<()> {
        const SPACE: usize = DeskOrder::DISCRIMINATOR.len() + DeskOrder::INIT_SPACE;
        NewAccount {
            payer: &self.payer,
            account: &self.order,
            system_program: &self.system_program,
            seeds: &[
                seeds::ORDER,
                order.desk.as_ref(),
                order.owner.as_ref(),
                &order.nonce.to_le_bytes(),
                &[order.bump],
            ],
        }
        .write(SPACE, order)?;
        let tips = order.tips_left()?;
        let transfer = anchor_lang::system_program::Transfer {
            from: self.payer.to_account_info(),
            to: self.order.to_account_info(),
        };
        let system = self.system_program.key();
        anchor_lang::system_program::transfer(CpiContext::new(system, transfer), tips)
    }

    /// Moves what the order is made of from its owner to the desk.
    fn put_in(&self, order: &DeskOrder) -> Result<()> {
        let purse = Purse::new(&self.desk, &self.desk_tokens, &self.token_program)?;
        purse.receive(&self.owner_tokens, &self.owner, order.money)?;
        if order.shares == 0 {
            return Ok(());
        }
        ShareTransfer {
            owner: &self.owner,
            market: &self.market,
            position: &self.owner_position,
            receiver: &self.desk_position,
            market_program: &self.market_program,
        }
        .make(order.outcome, order.shares, &[])
    }
}
