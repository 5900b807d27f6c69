use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::program::Markets;
use oracle::OracleConfig;
use program_kit::{decrement, refuse_durable_nonce, EventHeader, Purse, INSTRUCTIONS_SYSVAR};

use crate::{
    error::LoanError,
    state::{seeds, CorrelationGroup, LendingPool, ListedMarket},
};

#[derive(Accounts)]
pub struct Delist<'info> {
    /// The admin, unless the listing is settled.
    pub authority: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    pub config: Box<Account<'info, OracleConfig>>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(mut)]
    pub group: AccountLoader<'info, CorrelationGroup>,
    #[account(
        mut,
        close = rent_payer,
        has_one = pool @ LoanError::WrongAccount,
        has_one = group @ LoanError::WrongAccount,
        has_one = market @ LoanError::WrongAccount,
        has_one = rent_payer @ LoanError::WrongRentReceiver,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    /// CHECK: named by the listing; may be closed already.
    #[account(mut)]
    pub market: UncheckedAccount<'info>,
    /// CHECK: of a listing that is not settled, its position, which the markets' program checks.
    #[account(mut)]
    pub listing_position: UncheckedAccount<'info>,
    /// CHECK: named by the listing.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the listing as who paid its rent.
    #[account(mut)]
    pub rent_payer: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
}

#[event]
pub struct MarketDelisted {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub pool: Pubkey,
    pub market: Pubkey,
    /// Base units that rounding and strangers left, which are the insurance's.
    pub rest: u64,
}

/// Closes a listing without positions and requests: anybody once its market is settled; the admin before, unless it
/// has cost lenders something, which a listing anew would not count, and which the settlement takes off.
pub fn handle_delist(ctx: Context<Delist>) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let of_listing = Purse::new(
        &accounts.listing,
        &accounts.listing_tokens,
        &accounts.token_program,
    )?;
    let rest = of_listing.balance()?;
    let (bump, is_settled) = {
        let mut listing = accounts.listing.load_mut()?;
        let is_admin = accounts.authority.key() == accounts.config.admin;
        if !listing.is_settled() {
            require!(is_admin, LoanError::NotAdmin);
            refuse_durable_nonce(&accounts.instructions).map_err(LoanError::from)?;
        }
        require_eq!(listing.lost, 0, LoanError::ListingHasLost);
        let is_free = listing.open_positions == 0 && listing.open_requests == 0;
        require!(is_free, LoanError::ListingInUse);
        require_gte!(rest, listing.cash, LoanError::TokensMissing);
        listing.cash = 0;
        emit!(MarketDelisted {
            header: listing.next_event(&clock)?,
            listing: accounts.listing.key(),
            pool: listing.pool,
            market: listing.market,
            rest,
        });
        (listing.bump, listing.is_settled())
    };
    if !is_settled {
        accounts.close_position(bump)?;
    }
    {
        let mut pool = accounts.pool.load_mut()?;
        decrement(&mut pool.open_listings).map_err(LoanError::from)?;
        decrement(&mut accounts.group.load_mut()?.open_listings).map_err(LoanError::from)?;
        let insurance = pool.book.insurance.checked_add(rest);
        pool.book.insurance = insurance.ok_or(LoanError::Overflow)?;
    }
    let of_pool = Purse::new(
        &accounts.pool,
        &accounts.pool_tokens,
        &accounts.token_program,
    )?;
    of_listing.pay_to(&of_pool, rest)?;
    of_listing.close(&accounts.rent_payer)
}

impl Delist<'_> {
    /// Closes the empty position, which the market's own program refuses if it is not.
    fn close_position(&self, bump: u8) -> Result<()> {
        let (pool, market, bump) = (self.pool.key(), self.market.key(), [bump]);
        let signer: &[&[u8]] = &seeds::of_listing(&pool, &market, &bump);
        let close = markets::cpi::accounts::ClosePosition {
            owner: self.listing.to_account_info(),
            market: self.market.to_account_info(),
            position: self.listing_position.to_account_info(),
            rent_payer: self.rent_payer.to_account_info(),
        };
        markets::cpi::close_position(CpiContext::new_with_signer(
            self.markets_program.key(),
            close,
            &[signer],
        ))
    }
}
