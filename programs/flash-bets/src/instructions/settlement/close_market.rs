use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::FlashError,
    instructions::Surplus,
    state::{Event, FlashMarket, MarketSigner, Vault},
    tokens::{close_account, token_amount, transfer},
};

#[derive(Accounts)]
pub struct CloseMarket<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: named by the vault.
    #[account(mut, address = vault.load()?.token_account @ FlashError::WrongAccount)]
    pub vault_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        close = creator,
        has_one = vault @ FlashError::WrongAccount,
        has_one = event @ FlashError::WrongAccount,
        has_one = creator @ FlashError::WrongAccount,
        constraint = market.load()?.token_account == market_tokens.key() @ FlashError::WrongAccount,
    )]
    pub market: AccountLoader<'info, FlashMarket>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    #[account(mut)]
    pub event: Account<'info, Event>,
    /// CHECK: named by the market as who paid its rent.
    #[account(mut)]
    pub creator: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

#[event]
pub struct MarketClosed {
    pub market: Pubkey,
    pub vault: Pubkey,
    pub sequence: u64,
    /// Base units that went to the vault's LPs at last.
    pub surplus: u64,
    /// Base units that somebody sent uninvited; the protocol keeps them.
    pub donated: u64,
}

/// Closes a settled market after its last ticket, and gives back all that it holds; anybody.
pub fn handle_close_market(ctx: Context<CloseMarket>) -> Result<()> {
    let accounts = ctx.accounts;
    let balance = token_amount(&accounts.market_tokens)?;
    let signer = {
        let mut vault = accounts.vault.load_mut()?;
        let mut market = accounts.market.load_mut()?;
        market.require_settled()?;
        require_eq!(market.open_tickets, 0, FlashError::TicketsOpen);
        require_eq!(market.pending_bets, 0, FlashError::OrdersPending);

        let surplus = Surplus::take(&mut market)?;
        surplus.book(&mut vault, &mut market, &mut accounts.event)?;
        let donated = balance
            .checked_sub(surplus.total()?)
            .ok_or(FlashError::TokensMissing)?;
        vault.protocol_fees = vault
            .protocol_fees
            .checked_add(donated)
            .ok_or(FlashError::Overflow)?;
        accounts.event.open_markets = accounts
            .event
            .open_markets
            .checked_sub(1)
            .ok_or(FlashError::Overflow)?;
        require_eq!(market.tracked()?, 0, FlashError::TicketsOpen);
        emit!(MarketClosed {
            market: accounts.market.key(),
            vault: accounts.vault.key(),
            sequence: market.next_sequence()?,
            surplus: surplus.pool,
            donated,
        });
        MarketSigner::of(&market)
    };

    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.vault_tokens.to_account_info(),
        accounts.market.to_account_info(),
        balance,
        &[&signer.seeds()],
    )?;
    accounts
        .vault
        .load()?
        .assert_backed(&accounts.vault_tokens)?;
    close_account(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.creator.to_account_info(),
        accounts.market.to_account_info(),
        &[&signer.seeds()],
    )
}
