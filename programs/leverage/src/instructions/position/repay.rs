use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    program::Markets,
    state::{Market, Position},
};
use program_kit::{EventHeader, Purse};

use crate::{
    error::LoanError,
    instructions::ledger::Ledger,
    state::{seeds, CorrelationGroup, LendingPool, LeveredPosition, ListedMarket},
};

#[derive(Accounts)]
pub struct Repay<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub pool: AccountLoader<'info, LendingPool>,
    #[account(mut)]
    pub group: AccountLoader<'info, CorrelationGroup>,
    #[account(
        mut,
        has_one = pool @ LoanError::WrongAccount,
        has_one = group @ LoanError::WrongAccount,
        has_one = market @ LoanError::WrongAccount,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    #[account(
        mut,
        has_one = listing @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
    )]
    pub position: AccountLoader<'info, LeveredPosition>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = market @ LoanError::WrongAccount,
        constraint = listing_position.owner == listing.key() @ LoanError::WrongAccount,
    )]
    pub listing_position: Box<Account<'info, Position>>,
    /// The owner's in the market, which gets the shares.
    #[account(
        mut,
        has_one = market @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
    )]
    pub owner_position: Box<Account<'info, Position>>,
    /// CHECK: the token program checks mint, balance and authority.
    #[account(mut)]
    pub owner_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
}

#[event]
pub struct PositionRepaid {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub outcome: u8,
    /// Handed out.
    pub shares: u64,
    /// Base units to the lenders, and to the insurance.
    pub repaid: u64,
    pub fee: u64,
    /// After it.
    pub pool_cash: u64,
}

/// Takes all that a position owes in money, at most `max_paid`, and gives its shares out; its owner, until
/// the market is settled: while it trades, while it is paused, proposed or disputed.
pub fn handle_repay(ctx: Context<Repay>, max_paid: u64) -> Result<()> {
    let accounts = ctx.accounts;
    let clock = Clock::get()?;
    let mut position = accounts.position.load_mut()?;
    let shares = core::mem::take(&mut position.shares);
    require_gt!(shares, 0, LoanError::NoShares);
    let ledger = Ledger {
        pool: &accounts.pool,
        group: &accounts.group,
        listing: &accounts.listing,
    };
    let debt = ledger.debt(&mut position, clock.unix_timestamp)?;
    let due = debt.0.checked_add(position.jump_fee);
    let due = due.ok_or(LoanError::Overflow)?;
    require_gte!(max_paid, due, LoanError::DebtAboveMaximum);
    let settled = ledger.settle(&mut position, due)?;
    let bump = {
        let mut listing = accounts.listing.load_mut()?;
        listing.change_shares(position.outcome, 0, shares)?;
        emit!(PositionRepaid {
            header: listing.next_event(&clock)?,
            listing: position.listing,
            position: accounts.position.key(),
            owner: position.owner,
            outcome: position.outcome,
            shares,
            repaid: settled.repaid,
            fee: settled.fee,
            pool_cash: accounts.pool.load()?.book.cash,
        });
        listing.bump
    };
    let (pool, tokens) = (&accounts.pool, &accounts.pool_tokens);
    let purse = Purse::new(pool, tokens, &accounts.token_program)?;
    purse.receive(&accounts.owner_tokens, &accounts.owner, settled.for_pool())?;
    accounts.give_shares(position.outcome, shares, bump)?;
    accounts.listing_position.reload()?;
    let listing = accounts.listing.load()?;
    listing.require_shares(&accounts.listing_position.holdings.shares)
}

impl Repay<'_> {
    fn give_shares(&self, outcome: u8, shares: u64, bump: u8) -> Result<()> {
        let (pool, market, bump) = (self.pool.key(), self.market.key(), [bump]);
        let signer: &[&[&[u8]]] = &[&seeds::of_listing(&pool, &market, &bump)];
        let transfer = markets::cpi::accounts::TransferShares {
            owner: self.listing.to_account_info(),
            market: self.market.to_account_info(),
            position: self.listing_position.to_account_info(),
            receiver: self.owner_position.to_account_info(),
        };
        markets::cpi::transfer_shares(
            CpiContext::new_with_signer(self.markets_program.key(), transfer, signer),
            outcome,
            shares,
        )
    }
}
