use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::{self, AssociatedToken},
    token_interface::TokenInterface,
};
use bytemuck::Zeroable;
use markets::{
    program::Markets,
    state::{CurveSwitch, Market, SLOW_PRICE_PART, SLOW_PRICE_SECONDS},
};
use math::CurveKind;
use oracle::OracleConfig;
use program_kit::{
    increment, new_account::NewAccount, refuse_durable_nonce, EventHeader, INSTRUCTIONS_SYSVAR,
};

use crate::{
    error::LoanError,
    state::{
        locked_pool, seeds, CorrelationGroup, LendingPool, ListedMarket, LoanParameters,
        ScheduledLoanParameters, VERSION,
    },
};

/// Shortest market that is lent on, seconds.
#[constant]
pub const MIN_MARKET_SECONDS: u64 = 24 * 60 * 60;

/// Least fee of a market that is lent on, basis points.
#[constant]
pub const MIN_FEE_RATE: u16 = 10;

/// Time constants of its slow prices for which a market has to have traded.
const AGE_TIME_CONSTANTS: u64 = 3;

#[derive(Accounts)]
pub struct ListMarket<'info> {
    #[account(mut)]
    pub admin: Signer<'info>,
    /// The oracle's configuration: one governance for all of Strobe. Its type proves it.
    #[account(has_one = admin @ LoanError::NotAdmin)]
    pub config: Box<Account<'info, OracleConfig>>,
    #[account(mut, has_one = mint @ LoanError::WrongAccount)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(mut, has_one = pool @ LoanError::WrongAccount)]
    pub group: AccountLoader<'info, CorrelationGroup>,
    #[account(mut, has_one = mint @ LoanError::WrongAccount)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: named by pool and market.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: created by the handler.
    #[account(mut, seeds = [seeds::LISTING, pool.key().as_ref(), market.key().as_ref()], bump)]
    pub listing: UncheckedAccount<'info>,
    /// The listing's associated token account, so that whoever has the listing paid, pays it there.
    ///
    /// CHECK: created by the handler if it is not there.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks its address and creates it.
    #[account(mut)]
    pub listing_position: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub associated_token_program: Program<'info, AssociatedToken>,
    pub markets_program: Program<'info, Markets>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct MarketListed {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub pool: Pubkey,
    pub market: Pubkey,
    pub group: Pubkey,
    pub rent_payer: Pubkey,
    pub parameters: LoanParameters,
    /// From when on loans are made: both have to be reached.
    pub open_from: i64,
    pub open_from_slot: u64,
}

/// Has a pool lend on a market after the timelock; the admin.
pub fn handle_list_market(ctx: Context<ListMarket>, parameters: LoanParameters) -> Result<()> {
    let accounts = ctx.accounts;
    refuse_durable_nonce(&accounts.instructions).map_err(LoanError::from)?;
    let clock = Clock::get()?;
    let listing = new_listing(accounts, ctx.bumps.listing, parameters, &clock)?;
    increment(&mut accounts.pool.load_mut()?.open_listings).map_err(LoanError::from)?;
    increment(&mut accounts.group.load_mut()?.open_listings).map_err(LoanError::from)?;
    emit!(MarketListed {
        header: EventHeader::first(&clock),
        listing: accounts.listing.key(),
        pool: listing.pool,
        market: listing.market,
        group: listing.group,
        rent_payer: listing.rent_payer,
        parameters,
        open_from: listing.open_from,
        open_from_slot: listing.open_from_slot,
    });

    let bump = [listing.bump];
    let listing_seeds: &[&[u8]] = &seeds::of_listing(&listing.pool, &listing.market, &bump);
    NewAccount {
        payer: &accounts.admin,
        account: &accounts.listing,
        system_program: &accounts.system_program,
        seeds: listing_seeds,
    }
    .write_zero_copy(&*listing)?;
    accounts.create_tokens()?;
    let open = markets::cpi::accounts::OpenPosition {
        payer: accounts.admin.to_account_info(),
        owner: accounts.listing.to_account_info(),
        market: accounts.market.to_account_info(),
        position: accounts.listing_position.to_account_info(),
        system_program: accounts.system_program.to_account_info(),
    };
    markets::cpi::open_position(
        CpiContext::new_with_signer(accounts.markets_program.key(), open, &[listing_seeds]),
        true,
    )
}

#[inline(never)]
fn new_listing(
    accounts: &ListMarket,
    bump: u8,
    parameters: LoanParameters,
    clock: &Clock,
) -> Result<Box<ListedMarket>> {
    let now = clock.unix_timestamp;
    let market = accounts.market.load()?;
    let pool = accounts.pool.load()?;
    require_admitted(&market, now)?;
    let duration_seconds = market.hours.duration_seconds();
    parameters.check(duration_seconds)?;
    let notice_seconds = pool.terms.at(now).notice_seconds;
    require_gte!(
        notice_seconds,
        market.dispute_window_seconds,
        LoanError::DisputeWindowTooLong
    );
    locked_pool(&market, parameters.least_locked)?;

    let mut listing = Box::new(ListedMarket::zeroed());
    listing.version = VERSION;
    listing.bump = bump;
    listing.outcomes = market.pool.outcomes;
    listing.sequence = EventHeader::first(clock).sequence;
    listing.pool = accounts.pool.key();
    listing.market = accounts.market.key();
    listing.venue = market.venue;
    listing.mint = market.mint;
    listing.group = accounts.group.key();
    listing.token_account = accounts.listing_tokens.key();
    listing.rent_payer = accounts.admin.key();
    listing.parameters = ScheduledLoanParameters::new(parameters);
    listing.open_from = accounts
        .config
        .active_from(now)?
        .max(market.hours.opens_at.saturating_add_unsigned(age(&market)));
    listing.open_from_slot = market
        .slow_price_slots
        .checked_mul(AGE_TIME_CONSTANTS)
        .and_then(|slots| slots.checked_add(clock.slot))
        .ok_or(LoanError::Overflow)?;
    listing.jump_counted_until = now;
    Ok(listing)
}

/// Whether a market is one of those that are lent on: its shares have a value to sell, and nobody can
/// know its result while it trades.
fn require_admitted(market: &Market, now: i64) -> Result<()> {
    let is_curve = [CurveKind::Lmsr, CurveKind::PmAmm].map(|kind| kind as u8);
    let is_offered = is_curve.contains(&market.pool.kind)
        && market.micro_tau == 0
        && market.curve_switch == CurveSwitch::NotOffered as u8;
    require!(is_offered, LoanError::CurveNotOffered);
    require_gte!(market.fee_rate, MIN_FEE_RATE, LoanError::FeeTooLow);
    let hours = &market.hours;
    let observe_at_ms = market.evidence.observe_at_ms;
    require!(
        !hours.may_resolve_early(observe_at_ms),
        LoanError::MayEndEarly
    );
    let is_long = hours.duration_seconds() >= MIN_MARKET_SECONDS;
    require!(is_long, LoanError::MarketTooShort);
    require!(!market.is_trading_over(now), LoanError::TradingOver);
    Ok(())
}

/// Seconds for which a market has to have traded before it is lent on.
fn age(market: &Market) -> u64 {
    let part = market.hours.duration_seconds().div_ceil(SLOW_PRICE_PART);
    part.min(SLOW_PRICE_SECONDS)
        .saturating_mul(AGE_TIME_CONSTANTS)
}

impl ListMarket<'_> {
    /// The associated token program checks the address.
    fn create_tokens(&self) -> Result<()> {
        let create = associated_token::Create {
            payer: self.admin.to_account_info(),
            associated_token: self.listing_tokens.to_account_info(),
            authority: self.listing.to_account_info(),
            mint: self.mint.to_account_info(),
            system_program: self.system_program.to_account_info(),
            token_program: self.token_program.to_account_info(),
        };
        let program = self.associated_token_program.key();
        associated_token::create_idempotent(CpiContext::new(program, create))
    }
}
