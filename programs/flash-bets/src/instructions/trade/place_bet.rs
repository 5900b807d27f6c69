use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use math::{Money, Shares};

use crate::{
    error::FlashError,
    instructions::{queue, NewOrder},
    state::{seeds, FlashMarket, Order, Ticket, Vault},
    tokens::transfer,
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct PlaceBetArgs {
    pub outcome: u8,
    /// Base units, fee included.
    pub stake: u64,
    /// Least number of shares to accept.
    pub min_shares: u64,
    /// Distinguishes the owner's pending orders; without meaning in a market without bet delay.
    pub nonce: u64,
}

#[derive(Accounts)]
#[instruction(args: PlaceBetArgs)]
pub struct PlaceBet<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        mut,
        has_one = vault @ FlashError::WrongAccount,
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
    /// CHECK: the token program checks mint, balance and authority.
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
pub struct BetPlaced {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub outcome: u8,
    pub stake: u64,
    pub fee: u64,
    pub shares: u64,
    /// After the bet: what the market holds for winners, and the shares of this outcome.
    pub pool_cash: u64,
    pub outcome_sold: u64,
}

/// Bets a stake on an outcome, at once or, in a market with a bet delay, after the delay.
pub fn handle_place_bet(ctx: Context<PlaceBet>, args: PlaceBetArgs) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    accounts
        .vault
        .load()?
        .require_not_paused(clock.unix_timestamp)?;
    let mut market = accounts.market.load_mut()?;
    market.require_trading(&clock)?;
    require_gt!(args.stake, 0, FlashError::ZeroAmount);

    match &accounts.pending {
        None => {
            require_eq!(market.delay_slots, 0, FlashError::DelayRequired);
            let trade = market.buy(
                &clock,
                args.outcome,
                Money(args.stake),
                Shares(args.min_shares),
            )?;
            accounts.ticket.add(args.outcome, trade.shares)?;
            accounts.ticket.book_paid(args.stake)?;
            emit!(BetPlaced {
                market: accounts.market.key(),
                owner: accounts.owner.key(),
                sequence: market.next_sequence()?,
                outcome: args.outcome,
                stake: args.stake,
                fee: trade.fee.0,
                shares: trade.shares.0,
                pool_cash: market.pool.cash,
                outcome_sold: market.pool.sold_of(args.outcome),
            });
        }
        Some(pending) => {
            let order = Order::Buy {
                stake: args.stake,
                min_shares: args.min_shares,
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
        }
    }
    drop(market);

    transfer(
        &accounts.token_program,
        accounts.owner_tokens.to_account_info(),
        accounts.market_tokens.to_account_info(),
        accounts.owner.to_account_info(),
        args.stake,
        &[],
    )?;
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}
