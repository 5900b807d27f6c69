use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{Money, Shares};

use crate::{
    error::FlashError,
    instructions::{queue, NewOrder},
    state::{seeds, FlashMarket, MarketSigner, Order, Ticket},
    tokens::transfer,
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct CashOutArgs {
    pub outcome: u8,
    pub shares: u64,
    /// Least number of base units to accept, fee deducted.
    pub min_return: u64,
    /// Distinguishes the owner's pending orders; without meaning in a market without bet delay.
    pub nonce: u64,
}

#[derive(Accounts)]
#[instruction(args: CashOutArgs)]
pub struct CashOut<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ FlashError::WrongAccount,
    )]
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
    /// CHECK: created by the handler.
    #[account(
        mut,
        seeds = [
            seeds::PENDING,
            market.key().as_ref(),
            owner.key().as_ref(),
            &args.nonce.to_le_bytes(),
        ],
        bump,
    )]
    pub pending: Option<UncheckedAccount<'info>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Option<Program<'info, System>>,
}

#[event]
pub struct CashedOut {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub outcome: u8,
    pub shares: u64,
    pub fee: u64,
    /// What the owner got, fee deducted.
    pub amount: u64,
    /// After the sale: what the market holds for winners, and the shares of this outcome.
    pub pool_cash: u64,
    pub outcome_sold: u64,
}

/// Sells shares back, at once or, in a market with a bet delay, after the delay. A pause does not
/// stop it.
pub fn handle_cash_out(ctx: Context<CashOut>, args: CashOutArgs) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    require_gt!(args.shares, 0, FlashError::ZeroAmount);
    accounts.ticket.take(args.outcome, Shares(args.shares))?;

    let amount = match &accounts.pending {
        None => {
            require_eq!(market.delay_slots, 0, FlashError::DelayRequired);
            let (trade, amount) = market.sell(
                &clock,
                args.outcome,
                Shares(args.shares),
                Money(args.min_return),
            )?;
            accounts.ticket.book_received(amount)?;
            emit!(CashedOut {
                market: accounts.market.key(),
                owner: accounts.owner.key(),
                sequence: market.next_sequence()?,
                outcome: args.outcome,
                shares: args.shares,
                fee: trade.fee.0,
                amount,
                pool_cash: market.pool.cash,
                outcome_sold: market.pool.sold_of(args.outcome),
            });
            amount
        }
        Some(pending) => {
            let order = Order::Sell {
                shares: args.shares,
                min_return: args.min_return,
            };
            let bump = ctx.bumps.pending.unwrap_or_default();
            queue(
                &mut market,
                &mut accounts.ticket,
                NewOrder {
                    owner: &accounts.owner,
                    account: pending,
                    bump,
                    system_program: accounts.system_program.as_ref(),
                    outcome: args.outcome,
                    nonce: args.nonce,
                    order,
                    slot: clock.slot,
                },
            )?;
            0
        }
    };
    let signer = MarketSigner::of(&market);
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.owner_tokens.to_account_info(),
        accounts.market.to_account_info(),
        amount,
        &[&signer.seeds()],
    )?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
