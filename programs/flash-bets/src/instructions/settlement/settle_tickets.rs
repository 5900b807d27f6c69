use anchor_lang::{prelude::*, AccountsClose};
use anchor_spl::token_interface::TokenInterface;
use program_kit::{
    decrement, rent_receiver, tokens::mint_of, ClaimAccounts, EventHeader, Payment, Purse,
};

use crate::{
    error::FlashError,
    state::{FlashMarket, Ticket, TICKET_HOLD_SECONDS},
};

/// Accounts of one ticket among the remaining ones.
const ACCOUNTS_OF_TICKET: usize = 4;

/// Remaining accounts, in fours and all writable:
/// 0. a ticket of the market,
/// 1. its owner, who signs if the ticket is held,
/// 2. the owner's associated token account, or any of the owner's if the owner signs, which gets the
///    payout; anything if the payout is 0,
/// 3. who paid its rent and gets it back; the owner does where that has become a program.
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

/// What became of one ticket.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct TicketPayout {
    pub owner: Pubkey,
    pub shares: Vec<u64>,
    /// Base units that the owner was paid.
    pub payout: u64,
    /// Stakes less what cash-outs returned, base units.
    pub cost_basis: i64,
}

#[event]
pub struct TicketsSettled {
    pub header: EventHeader,
    pub market: Pubkey,
    pub tickets: Vec<TicketPayout>,
    /// After it: what the market holds for the tickets that are left, and how many those are.
    pub pool_cash: u64,
    pub open_tickets: u32,
}

/// Pays and closes tickets of a settled market; anybody, several at once. One that is gone already,
/// that is held, whose owner cannot be paid there or that has sales pending is passed over: nobody can stop a batch by
/// what he does with a ticket or an account of his own just before it.
///
/// `in_one_call` pays all of them with a single call of the token program, which p-token takes and no
/// other: without it any does.
pub fn handle_settle_tickets<'info>(
    ctx: Context<'info, SettleTickets<'info>>,
    in_one_call: bool,
) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let (tickets, rest) = ctx.remaining_accounts.as_chunks::<ACCOUNTS_OF_TICKET>();
    require!(
        !tickets.is_empty() && rest.is_empty(),
        FlashError::SettlementAccounts
    );
    let mint = mint_of(&accounts.market_tokens).map_err(FlashError::from)?;
    let address = accounts.market.key();
    let mut market = accounts.market.load_mut()?;
    market
        .settlement
        .require_settled()
        .map_err(FlashError::from)?;
    let mut settled = Vec::with_capacity(tickets.len());
    let mut payments = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let now = clock.unix_timestamp;
        let done = settle_ticket(accounts, &mut market, address, mint, ticket, now)?;
        if let Some((done, to)) = done {
            let amount = done.payout;
            payments.push(Payment { to, amount });
            settled.push(done);
        }
    }
    require!(!settled.is_empty(), FlashError::NothingSettled);
    emit!(TicketsSettled {
        header: market.next_event(&clock)?,
        market: address,
        tickets: settled,
        pool_cash: market.pool.cash,
        open_tickets: market.open_tickets,
    });
    drop(market);

    let (market, tokens) = (&accounts.market, &accounts.market_tokens);
    let purse = Purse::new(market, tokens, &accounts.token_program)?;
    if in_one_call {
        purse.pay_together(&payments)
    } else {
        purse.pay_each(&payments)
    }
}

/// Takes a ticket off the market's books and closes it; what it is to be paid, and where. `None` if it
/// is passed over.
fn settle_ticket<'a, 'info>(
    accounts: &'a SettleTickets<'info>,
    market: &mut FlashMarket,
    address: Pubkey,
    mint: Pubkey,
    [claim, claimant, tokens, rent_payer]: &'info [AccountInfo<'info>; ACCOUNTS_OF_TICKET],
    now: i64,
) -> Result<Option<(TicketPayout, &'a AccountInfo<'info>)>> {
    let given = ClaimAccounts {
        claim,
        claimant,
        tokens,
        rent_payer,
    };
    let Some(ticket) = given.load::<Ticket>(&address).map_err(FlashError::from)? else {
        return Ok(None);
    };
    let held_until = market.settled_at.saturating_add(TICKET_HOLD_SECONDS);
    let is_held = ticket.is_held && !claimant.is_signer && now < held_until;
    if is_held || ticket.pending_sales > 0 {
        return Ok(None);
    }
    let FlashMarket {
        settlement, pool, ..
    } = market;
    let payout = settlement
        .payout_of(&ticket.holdings.shares)
        .map_err(FlashError::from)?;
    let fallback = accounts.fallback_tokens.as_deref();
    let payee = given.payee(mint, &accounts.token_program, fallback);
    let Some(to) = payee.destination_of(payout) else {
        return Ok(None);
    };
    settlement
        .redeem(pool, &ticket.holdings.shares)
        .map_err(FlashError::from)?;
    decrement(&mut market.open_tickets).map_err(FlashError::from)?;
    ticket.close(rent_receiver(rent_payer, claimant))?;
    let Ticket {
        owner, holdings, ..
    } = ticket.into_inner();
    let done = TicketPayout {
        owner,
        shares: holdings.shares,
        payout,
        cost_basis: holdings.cost_basis,
    };
    Ok(Some((done, to)))
}
