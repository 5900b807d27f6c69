use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::FlashError,
    state::{FlashMarket, MarketSigner, Ticket},
    tokens::{mint_of, transfer, Payee},
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
    /// CHECK: checked to be an owner's where money goes to it, which is only if his associated
    /// token account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
    // Remaining accounts, in threes and all writable:
    // 0. a ticket of the market,
    // 1. its owner, who gets the rent,
    // 2. the owner's associated token account, or any of the owner's if the owner signs, which gets
    //    the payout; anything if the payout is 0.
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

/// Pays and closes tickets of a settled market; anybody, several at once. One that is gone already,
/// whose owner cannot be paid there or has orders pending is passed over: nobody can stop a batch by
/// what he does with a ticket or an account of his own just before it.
pub fn handle_settle_tickets<'info>(ctx: Context<'info, SettleTickets<'info>>) -> Result<()> {
    let accounts = ctx.accounts;
    accounts.market.load()?.require_settled()?;
    let (tickets, rest) = ctx.remaining_accounts.as_chunks::<3>();
    require!(
        !tickets.is_empty() && rest.is_empty(),
        FlashError::SettlementAccounts
    );
    let mint = mint_of(&accounts.market_tokens)?;
    let mut is_any_settled = false;
    for [ticket, owner, owner_tokens] in tickets {
        is_any_settled |= settle_ticket(accounts, mint, ticket, owner, owner_tokens)?;
    }
    require!(is_any_settled, FlashError::NothingSettled);
    accounts
        .market
        .load()?
        .assert_backed(&accounts.market_tokens)
}

/// Whether the ticket was settled.
fn settle_ticket<'info>(
    accounts: &SettleTickets<'info>,
    mint: Pubkey,
    ticket_info: &'info AccountInfo<'info>,
    owner: &'info AccountInfo<'info>,
    owner_tokens: &'info AccountInfo<'info>,
) -> Result<bool> {
    // A ticket given twice is closed the second time, and no ticket any more.
    if *ticket_info.owner != crate::ID {
        return Ok(false);
    }
    let ticket = Account::<Ticket>::try_from(ticket_info)?;
    require_keys_eq!(
        ticket.market,
        accounts.market.key(),
        FlashError::WrongAccount
    );
    require_keys_eq!(ticket.owner, owner.key(), FlashError::WrongAccount);
    if ticket.pending_bets > 0 {
        return Ok(false);
    }

    let mut market = accounts.market.load_mut()?;
    let payout = market.payout_of(&ticket.shares)?;
    let destination = if payout == 0 {
        Some(owner_tokens)
    } else {
        let payee = Payee {
            owner,
            mint,
            token_program: &accounts.token_program,
            tokens: owner_tokens,
            fallback: accounts.fallback_tokens.as_deref(),
        };
        payee.destination()
    };
    let Some(destination) = destination else {
        return Ok(false);
    };
    market.redeem(&ticket.shares, payout)?;
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

    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        destination.clone(),
        accounts.market.to_account_info(),
        payout,
        &[&signer.seeds()],
    )?;
    ticket.close(owner.clone())?;
    Ok(true)
}
