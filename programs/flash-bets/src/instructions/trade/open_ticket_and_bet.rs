use anchor_lang::{prelude::*, AccountsExit};
use anchor_spl::token_interface::TokenInterface;
use market_core::TradeReceipt;

use super::{open_ticket::NewTicket, place_bet::PlaceBetArgs, purchases::Purchase};
use crate::{
    error::FlashError,
    state::{FlashMarket, Order, Ticket, Vault},
};

#[derive(Accounts)]
pub struct OpenTicketAndBet<'info> {
    /// Pays for the shares; need not be the owner of the ticket.
    pub payer: Signer<'info>,
    /// CHECK: any address; owner of the ticket.
    pub owner: UncheckedAccount<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, has_one = vault @ FlashError::WrongAccount)]
    pub market: AccountLoader<'info, FlashMarket>,
    /// PDA: "ticket", account market, account owner
    ///
    /// CHECK: created at that address by the handler unless it is there.
    #[account(mut)]
    pub ticket: UncheckedAccount<'info>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub payer_tokens: UncheckedAccount<'info>,
    /// For markets with a bet delay, and only for them.
    ///
    /// PDA: "pending", account market, account payer, arg nonce
    ///
    /// CHECK: created at that address by the handler.
    #[account(mut)]
    pub pending: Option<UncheckedAccount<'info>>,
    /// Pays rents and tip, and gets the rents back.
    #[account(mut)]
    pub rent_payer: Signer<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

/// As `place_bet`, and opens the ticket before if there is none. One that is there is the owner's, of
/// this market: at no other address is there such a ticket.
pub fn handle_open_ticket_and_bet<'info>(
    ctx: Context<'info, OpenTicketAndBet<'info>>,
    nonce: u64,
    args: PlaceBetArgs,
) -> Result<Option<TradeReceipt>> {
    let accounts = ctx.accounts;
    if accounts.ticket.data_is_empty() {
        NewTicket {
            rent_payer: &accounts.rent_payer,
            owner: accounts.owner.key(),
            market: &accounts.market,
            ticket: &accounts.ticket,
            system_program: &accounts.system_program,
        }
        .open()?;
    }
    let mut ticket = Account::<Ticket>::try_from(accounts.ticket.as_ref())?;
    require_keys_eq!(ticket.owner, accounts.owner.key(), FlashError::WrongAccount);
    let result = Purchase {
        payer: &accounts.payer,
        vault: &accounts.vault,
        market: &accounts.market,
        ticket: &mut ticket,
        market_tokens: &accounts.market_tokens,
        payer_tokens: &accounts.payer_tokens,
        pending: accounts.pending.as_ref(),
        rent_payer: Some(&accounts.rent_payer),
        token_program: &accounts.token_program,
        system_program: Some(&accounts.system_program),
        nonce,
        tip_lamports: args.tip_lamports,
    }
    .make(
        args.outcome,
        Order::Stake {
            stake: args.stake,
            min_shares: args.min_shares,
        },
    )?;
    ticket.exit(&crate::ID)?;
    Ok(result)
}
