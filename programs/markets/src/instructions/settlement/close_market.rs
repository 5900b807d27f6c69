use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use market_core::{difference, sum};
use program_kit::{Custody, EventHeader, Purse};

use crate::{
    error::MarketError,
    instructions::MAX_LATE_OPENING_SECONDS,
    state::{add, Market, Venue},
};

#[derive(Accounts)]
pub struct CloseMarket<'info> {
    #[account(mut)]
    pub venue: AccountLoader<'info, Venue>,
    /// CHECK: named by the venue.
    #[account(mut)]
    pub venue_tokens: UncheckedAccount<'info>,
    #[account(
        mut,
        close = creator,
        has_one = venue @ MarketError::WrongAccount,
        has_one = creator @ MarketError::WrongAccount,
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
    /// Checked to be the creator's where money goes to it, which is only if the associated token
    /// account cannot receive.
    ///
    /// CHECK: as said.
    #[account(mut)]
    pub fallback_tokens: Option<UncheckedAccount<'info>>,
}

#[event]
pub struct MarketClosed {
    pub header: EventHeader,
    pub market: Pubkey,
    pub venue: Pubkey,
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
    let clock = Clock::get()?;
    let token_program = &accounts.token_program;
    let purse = Purse::new(&accounts.market, &accounts.market_tokens, token_program)?;
    let venue_purse = Purse::new(&accounts.venue, &accounts.venue_tokens, token_program)?;
    let balance = purse.balance()?;
    let mut venue = accounts.venue.load_mut()?;
    let mut market = accounts.market.load_mut()?;
    require_closable(&market, clock.unix_timestamp)?;
    let donated = difference(balance, market.tracked()?).map_err(|_| MarketError::TokensMissing)?;
    let creator_fees = market.creator_fees;
    let rest = difference(balance, creator_fees).map_err(MarketError::from)?;
    add(&mut venue.protocol_fees, rest)?;
    emit!(MarketClosed {
        header: market.next_event(&clock)?,
        market: accounts.market.key(),
        venue: accounts.venue.key(),
        creator_fees,
        protocol_fees: market.protocol_fees,
        dust: sum([market.pool.cash, market.liquidity_fees]).map_err(MarketError::from)?,
        donated,
    });
    write_off(&mut market);
    drop((venue, market));

    if creator_fees > 0 {
        let fallback = accounts.fallback_tokens.as_deref();
        let (creator, tokens) = (&accounts.creator, &accounts.creator_tokens);
        purse.pay_owner(creator, tokens, fallback, creator_fees)?;
    }
    purse.pay_to(&venue_purse, rest)?;
    purse.close(&accounts.creator)
}

/// Whether nobody has a claim on the market any more, and its terms are of the past: no market with
/// the same ones can be created, whose address would be this one's.
fn require_closable(market: &Market, now_seconds: i64) -> Result<()> {
    market.require_settled()?;
    let is_done = market.open_positions == 0
        && market.open_liquidity == 0
        && market.open_disputes == 0
        && market.proposer_claim == 0;
    require!(is_done, MarketError::ClaimsOpen);
    let latest_creation = market
        .hours
        .opens_at
        .saturating_add(MAX_LATE_OPENING_SECONDS);
    require_gt!(now_seconds, latest_creation, MarketError::TooEarlyToClose);
    Ok(())
}

/// Everything that the market tracks leaves it.
fn write_off(market: &mut Market) {
    market.pool.cash = 0;
    market.liquidity_fees = 0;
    market.protocol_fees = 0;
    market.creator_fees = 0;
}
