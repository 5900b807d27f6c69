use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::FlashError,
    state::{FlashMarket, MarketSigner, Ticket},
    tokens::{require_token_account_of, transfer},
};

#[derive(Accounts)]
pub struct SettleTickets<'info> {
    #[account(
        mut,
        constraint = market.load()?.token_account == market_tokens.key() @ FlashError::WrongAccount,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    // Remaining accounts, in threes and all writable:
    // 0. a ticket of the market,
    // 1. its owner, who gets the rent,
    // 2. a token account of the owner, who gets the payout; anything if the payout is 0.
}

#[event]
pub struct TicketSettled {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub sequence: u64,
    pub payout: u64,
    pub cost_basis: i64,
    /// After it: what the market holds for the tickets that are left.
    pub pool_cash: u64,
}

/// Pays and closes tickets of a settled market; anybody, several at once.
pub fn handle_settle_tickets<'info>(ctx: Context<'info, SettleTickets<'info>>) -> Result<()> {
    let accounts = ctx.accounts;
    accounts.market.load()?.require_settled()?;
    let (tickets, rest) = ctx.remaining_accounts.as_chunks::<3>();
    require!(
        !tickets.is_empty() && rest.is_empty(),
        FlashError::SettlementAccounts
    );
    for [ticket, owner, owner_tokens] in tickets {
        settle_ticket(accounts, ticket, owner, owner_tokens)?;
    }
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}

fn settle_ticket<'info>(
    accounts: &SettleTickets<'info>,
    ticket_info: &'info AccountInfo<'info>,
    owner: &'info AccountInfo<'info>,
    owner_tokens: &'info AccountInfo<'info>,
) -> Result<()> {
    // A ticket given twice is closed the second time, and no ticket any more.
    let ticket = Account::<Ticket>::try_from(ticket_info)?;
    require_keys_eq!(
        ticket.market,
        accounts.market.key(),
        FlashError::WrongAccount
    );
    require_keys_eq!(ticket.owner, owner.key(), FlashError::WrongAccount);
    require_eq!(ticket.pending_bets, 0, FlashError::OrdersPending);

    let mut market = accounts.market.load_mut()?;
    let payout = market.redeem(&ticket.shares)?;
    market.open_tickets = market
        .open_tickets
        .checked_sub(1)
        .ok_or(FlashError::Overflow)?;
    emit!(TicketSettled {
        market: ticket.market,
        owner: ticket.owner,
        sequence: market.next_sequence()?,
        payout,
        cost_basis: ticket.cost_basis,
        pool_cash: market.pool.cash,
    });
    let signer = MarketSigner::of(&market);
    drop(market);

    if payout > 0 {
        require_token_account_of(owner_tokens, &ticket.owner, &accounts.token_program)?;
        transfer(
            &accounts.token_program,
            accounts.market_tokens.to_account_info(),
            owner_tokens.clone(),
            accounts.market.to_account_info(),
            payout,
            &[&signer.seeds()],
        )?;
    }
    ticket.close(owner.clone())
}
