use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{Shares, TradeReceipt};
use program_kit::{EventHeader, Purse};

use super::orders::{queue, NewOrder};
use crate::{
    error::FlashError,
    state::{FlashMarket, Order, Ticket, Vault},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CashOutArgs {
    pub outcome: u8,
    pub shares: u64,
    /// Least number of base units to accept, fee deducted.
    pub min_return: u64,
    /// Lamports for whoever executes the order; without meaning in a market without bet delay.
    pub tip_lamports: u64,
}

#[derive(Accounts)]
pub struct CashOut<'info> {
    pub owner: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    // `dup`: Anchor need not hash its address, it is the only account that is written at the end.
    #[account(
        mut,
        dup,
        has_one = market @ FlashError::WrongAccount,
        has_one = owner @ FlashError::WrongAccount,
    )]
    pub ticket: Account<'info, Ticket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks the mint; the owner may have the money sent anywhere.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// For markets with a bet delay, and only for them.
    ///
    /// PDA: "pending", account market, account owner, arg nonce
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub pending: Option<UncheckedAccount<'info>>,
    /// Pays rent and tip of a pending order, and gets the rent back.
    #[account(mut)]
    pub rent_payer: Option<Signer<'info>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Option<Program<'info, System>>,
}

#[event]
pub struct CashedOut {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub outcome: u8,
    pub order: Order,
    /// What the owner got, fee deducted.
    pub amount: u64,
    pub fee: u64,
    /// After the sale: what the market holds for winners, its fees, the shares of this outcome
    /// outstanding, and those of the ticket.
    pub pool_cash: u64,
    pub pool_fees: u64,
    pub outcome_sold: u64,
    pub ticket_shares: u64,
}

/// Sells shares back, at once or, in a market with a bet delay, after the delay: then there is no
/// receipt. A pause does not stop it.
pub fn handle_cash_out(
    ctx: Context<CashOut>,
    nonce: u64,
    args: CashOutArgs,
) -> Result<Option<TradeReceipt>> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let now = accounts.vault.load()?.now(&clock);
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    require_gt!(args.shares, 0, FlashError::ZeroAmount);
    let holdings = &mut accounts.ticket.holdings;
    holdings
        .take(args.outcome, Shares(args.shares))
        .map_err(FlashError::from)?;
    let order = Order::Sell {
        shares: args.shares,
        min_return: args.min_return,
    };
    let receipt = match &accounts.pending {
        None => {
            require_eq!(market.delay_slots, 0, FlashError::DelayRequired);
            let fill = market.trade(now, args.outcome, order)?;
            holdings
                .book_received(fill.amount.0)
                .map_err(FlashError::from)?;
            let receipt = TradeReceipt::from(fill);
            report(
                &mut market,
                &accounts.ticket,
                args.outcome,
                order,
                receipt,
                &clock,
            )?;
            Some(receipt)
        }
        Some(account) => {
            let new = NewOrder {
                placer: &accounts.owner,
                account,
                rent_payer: accounts.rent_payer.as_ref(),
                system_program: accounts.system_program.as_ref(),
                outcome: args.outcome,
                nonce,
                order,
                tip_lamports: args.tip_lamports,
            };
            queue(&mut market, &mut accounts.ticket, new, &clock)?;
            None
        }
    };
    drop(market);

    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    let amount = receipt.map_or(0, |receipt| receipt.amount);
    purse.pay(&accounts.owner_tokens, amount)?;
    Ok(receipt)
}

fn report(
    market: &mut FlashMarket,
    ticket: &Ticket,
    outcome: u8,
    order: Order,
    receipt: TradeReceipt,
    clock: &Clock,
) -> Result<()> {
    emit!(CashedOut {
        header: market.next_event(clock)?,
        market: ticket.market,
        owner: ticket.owner,
        outcome,
        order,
        amount: receipt.amount,
        fee: receipt.fee,
        pool_cash: market.pool.cash,
        pool_fees: market.pool.fees,
        outcome_sold: market.pool.sold_of(outcome),
        ticket_shares: ticket.holdings.of(outcome),
    });
    Ok(())
}
