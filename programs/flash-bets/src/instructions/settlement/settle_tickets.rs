use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use program_kit::tokens::mint_of;
use program_kit::{tokens::Payee, EventHeader, Purse};

use crate::{
    error::FlashError,
    state::{FlashMarket, Ticket},
};

/// Accounts of one ticket among the remaining ones.
const ACCOUNTS_OF_TICKET: usize = 4;

/// Remaining accounts, in fours and all writable:
/// 0. a ticket of the market,
/// 1. its owner,
/// 2. the owner's associated token account, or any of the owner's if the owner signs, which gets the
///    payout; anything if the payout is 0,
/// 3. who paid its rent and gets it back.
#[derive(Accounts)]
pub struct SettleTickets<'info> {
    #[account(mut)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// Checked to be an owner's where money goes to it, which is only if his associated
    /// token account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct TicketSettled {
    pub header: EventHeader,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub shares: Vec<u64>,
    pub payout: u64,
    pub cost_basis: i64,
    /// After it: what the market holds for the tickets that are left, and how many those are.
    pub pool_cash: u64,
    pub open_tickets: u32,
}

/// Pays and closes tickets of a settled market; anybody, several at once. One that is gone already,
/// whose owner cannot be paid there or has sales pending is passed over: nobody can stop a batch by
/// what he does with a ticket or an account of his own just before it.
pub fn handle_settle_tickets<'info>(ctx: Context<'info, SettleTickets<'info>>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let settlement = accounts.market.load()?.settlement;
    settlement.require_settled().map_err(FlashError::from)?;
    let (tickets, rest) = ctx.remaining_accounts.as_chunks::<ACCOUNTS_OF_TICKET>();
    require!(
        !tickets.is_empty() && rest.is_empty(),
        FlashError::SettlementAccounts
    );
    let mint = mint_of(&accounts.market_tokens).map_err(FlashError::from)?;
    let mut is_any_settled = false;
    for ticket in tickets {
        is_any_settled |= settle_ticket(accounts, mint, ticket, &clock)?;
    }
    require!(is_any_settled, FlashError::NothingSettled);
    Ok(())
}

/// Whether the ticket was settled.
fn settle_ticket<'info>(
    accounts: &SettleTickets<'info>,
    mint: Pubkey,
    given: &'info [AccountInfo<'info>; ACCOUNTS_OF_TICKET],
    clock: &Clock,
) -> Result<bool> {
    let [ticket_info, owner, owner_tokens, rent_payer] = given;
    // A ticket given twice is closed the second time, and no ticket any more.
    if *ticket_info.owner != crate::ID {
        return Ok(false);
    }
    let ticket = Account::<Ticket>::try_from(ticket_info)?;
    let is_right = ticket.market == accounts.market.key()
        && ticket.owner == owner.key()
        && ticket.rent_payer == rent_payer.key();
    require!(is_right, FlashError::WrongAccount);
    if ticket.pending_sales > 0 {
        return Ok(false);
    }

    let mut market = accounts.market.load_mut()?;
    let payout = market
        .settlement
        .payout_of(&ticket.shares)
        .map_err(FlashError::from)?;
    let payee = Payee {
        owner,
        mint,
        token_program: &accounts.token_program,
        tokens: owner_tokens,
        fallback: accounts.fallback_tokens.as_deref(),
    };
    let destination = payee.destination_of(payout);
    let Some(destination) = destination else {
        return Ok(false);
    };
    take_off(&mut market, &ticket, payout, clock)?;
    drop(market);

    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    Purse::new(market, tokens, &accounts.token_program)?.pay(destination, payout)?;
    ticket.close(rent_payer.clone())?;
    Ok(true)
}

/// Takes a ticket off the market's books.
fn take_off(market: &mut FlashMarket, ticket: &Ticket, payout: u64, clock: &Clock) -> Result<()> {
    let settlement = market.settlement;
    settlement
        .redeem(&mut market.pool, &ticket.shares)
        .map_err(FlashError::from)?;
    market.open_tickets = market
        .open_tickets
        .checked_sub(1)
        .ok_or(FlashError::Overflow)?;
    emit!(TicketSettled {
        header: market.next_event(clock)?,
        market: ticket.market,
        owner: ticket.owner,
        shares: ticket.shares.clone(),
        payout,
        cost_basis: ticket.cost_basis,
        pool_cash: market.pool.cash,
        open_tickets: market.open_tickets,
    });
    Ok(())
}
