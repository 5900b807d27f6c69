use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;

use crate::{
    error::MarketError,
    state::{Market, MarketSigner, Venue},
    tokens::{close_account, destination, token_amount, transfer, Payee},
};

#[derive(Accounts)]
pub struct CloseMarket<'info> {
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: named by the venue.
    #[account(mut, address = venue.load()?.token_account @ MarketError::WrongAccount)]
    pub venue_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        close = creator,
        has_one = venue @ MarketError::WrongAccount,
        has_one = creator @ MarketError::WrongAccount,
        constraint = market.load()?.token_account == market_tokens.key() @ MarketError::WrongAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by the market.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the market as who paid its rent.
    #[account(mut)]
    pub creator: UncheckedAccount<'info>,
    /// CHECK: checked to be the creator's where money goes to it.
    #[account(mut)]
    pub creator_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    /// CHECK: checked to be the creator's where money goes to it, which is only if the associated token
    /// account cannot receive.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct MarketClosed {
    pub market: Pubkey,
    pub venue: Pubkey,
    pub sequence: u64,
    pub creator_fees: u64,
    pub protocol_fees: u64,
    /// Base units that rounding left in the pool and in the providers' fees; the protocol keeps them.
    pub dust: u64,
    /// Base units that somebody sent uninvited; the protocol keeps them.
    pub donated: u64,
}

/// Closes a settled market after the last claim on it, and gives back all that it holds; anybody.
pub fn handle_close_market(ctx: Context<CloseMarket>) -> Result<()> {
    let accounts = ctx.accounts;
    let balance = token_amount(&accounts.market_tokens)?;
    let (signer, mint, creator_fees, rest) = {
        let mut venue = accounts.venue.load_mut()?;
        let mut market = accounts.market.load_mut()?;
        market.require_settled()?;
        let is_done = market.open_positions == 0
            && market.open_liquidity == 0
            && market.open_disputes == 0
            && market.proposer_claim == 0;
        require!(is_done, MarketError::ClaimsOpen);

        let donated = balance
            .checked_sub(market.tracked()?)
            .ok_or(MarketError::TokensMissing)?;
        let creator_fees = market.creator_fees;
        let rest = balance
            .checked_sub(creator_fees)
            .ok_or(MarketError::TokensMissing)?;
        venue.protocol_fees = venue
            .protocol_fees
            .checked_add(rest)
            .ok_or(MarketError::Overflow)?;
        let dust = market
            .pool
            .cash
            .checked_add(market.liquidity_fees)
            .ok_or(MarketError::Overflow)?;
        emit!(MarketClosed {
            market: accounts.market.key(),
            venue: accounts.venue.key(),
            sequence: market.next_sequence()?,
            creator_fees,
            protocol_fees: market.protocol_fees,
            dust,
            donated,
        });
        (MarketSigner::of(&market), market.mint, creator_fees, rest)
    };

    if creator_fees > 0 {
        let destination = destination(Payee {
            owner: &accounts.creator,
            mint,
            token_program: &accounts.token_program,
            tokens: &accounts.creator_tokens,
            fallback: accounts.fallback_tokens.as_deref(),
        })?;
        transfer(
            &accounts.token_program,
            accounts.market_tokens.to_account_info(),
            destination,
            accounts.market.to_account_info(),
            creator_fees,
            &[&signer.seeds()],
        )?;
    }
    transfer(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.venue_tokens.to_account_info(),
        accounts.market.to_account_info(),
        rest,
        &[&signer.seeds()],
    )?;
    accounts
        .venue
        .load()?
        .assert_backed(&accounts.venue_tokens)?;
    close_account(
        &accounts.token_program,
        accounts.market_tokens.to_account_info(),
        accounts.creator.to_account_info(),
        accounts.market.to_account_info(),
        &[&signer.seeds()],
    )
}
