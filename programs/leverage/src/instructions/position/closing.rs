//! What `reduce` and `close` share: a sale of a position's shares for its owner.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    program::Markets,
    state::{Market, Venue},
};
use program_kit::{EventHeader, Purse};

use crate::{
    error::LoanError,
    instructions::{
        ledger::{pay_pool, Ledger, Settled},
        trading::Trading,
    },
    state::{CorrelationGroup, LendingPool, LeveredPosition, ListedMarket},
};

/// Of `reduce` and `close`. No breaker and no pause stops them.
#[derive(Accounts)]
pub struct SellForOwner<'info> {
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
        has_one = venue @ LoanError::WrongAccount,
    )]
    pub listing: AccountLoader<'info, ListedMarket>,
    #[account(
        mut,
        has_one = listing @ LoanError::WrongAccount,
        has_one = owner @ LoanError::WrongAccount,
    )]
    pub position: AccountLoader<'info, LeveredPosition>,
    pub venue: AccountLoader<'info, Venue>,
    #[account(mut)]
    pub market: AccountLoader<'info, Market>,
    /// CHECK: checked to be the listing's.
    #[account(mut)]
    pub listing_position: UncheckedAccount<'info>,
    /// CHECK: the markets' program checks it.
    #[account(mut)]
    pub market_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the listing.
    #[account(mut)]
    pub listing_tokens: UncheckedAccount<'info>,
    /// CHECK: named by the pool.
    #[account(mut)]
    pub pool_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
}

#[event]
pub struct PositionReduced {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub position: Pubkey,
    pub owner: Pubkey,
    pub outcome: u8,
    /// Sold, and what they returned, the market's fee deducted.
    pub shares: u64,
    pub returned: u64,
    pub settled: Settled,
    /// After it: of the position, of the listing and of the pool.
    pub shares_left: u64,
    pub debt_shares_left: u64,
    pub claim: u64,
    pub listing_cash: u64,
    pub pool_cash: u64,
}

impl<'info> SellForOwner<'info> {
    /// Sells shares of the position for at least `min_return`: the debt is paid first, then the
    /// insurance's fee, and the rest can be claimed. The loan has no recourse, so its owner must not be the one
    /// who sells what secures it for less than is owed on it: the price may be one that he made.
    ///
    /// # Errors
    /// [`LoanError::NotEnoughShares`], [`LoanError::NoShares`], [`LoanError::SaleLeavesDebt`]; those of the
    /// market.
    pub(super) fn sell(&self, shares: u64, min_return: u64) -> Result<()> {
        let clock = Clock::get()?;
        require_gt!(shares, 0, LoanError::NoShares);
        let mut position = self.position.load_mut()?;
        let left = position.shares.checked_sub(shares);
        let left = left.ok_or(LoanError::NotEnoughShares)?;
        let outcome = position.outcome;
        let [shares_before, debt_before] = [position.shares, position.debt_shares];
        let trading = self.trading();
        let returned = trading.sell(&self.listing_tokens, outcome, shares, min_return)?;
        position.shares = left;
        self.listing.load_mut()?.change_shares(outcome, 0, shares)?;

        let ledger = Ledger {
            pool: &self.pool,
            group: &self.group,
            listing: &self.listing,
        };
        let debt = ledger.debt(&mut position, clock.unix_timestamp)?;
        require!(left > 0 || returned >= debt.0, LoanError::SaleLeavesDebt);
        let settled = ledger.settle(&mut position, returned)?;
        let per_share = |debt: u64, of: u64| u128::from(debt).saturating_mul(of.into());
        let owed_after = per_share(position.debt_shares, shares_before);
        require_gte!(
            per_share(debt_before, left),
            owed_after,
            LoanError::SaleLeavesDebt
        );
        let listing = Purse::new(&self.listing, &self.listing_tokens, &self.token_program)?;
        let pool = Purse::new(&self.pool, &self.pool_tokens, &self.token_program)?;
        pay_pool(&listing, &pool, &settled)?;
        trading.require_shares()?;
        self.emit(&position, shares, returned, settled, &clock)
    }

    fn emit(
        &self,
        position: &LeveredPosition,
        shares: u64,
        returned: u64,
        settled: Settled,
        clock: &Clock,
    ) -> Result<()> {
        let mut listing = self.listing.load_mut()?;
        emit!(PositionReduced {
            header: listing.next_event(clock)?,
            listing: position.listing,
            position: self.position.key(),
            owner: position.owner,
            outcome: position.outcome,
            shares,
            returned,
            settled,
            shares_left: position.shares,
            debt_shares_left: position.debt_shares,
            claim: position.claim,
            listing_cash: listing.cash,
            pool_cash: self.pool.load()?.book.cash,
        });
        Ok(())
    }

    fn trading(&self) -> Trading<'_, 'info> {
        Trading {
            listing: &self.listing,
            venue: &self.venue,
            market: &self.market,
            listing_position: &self.listing_position,
            market_tokens: &self.market_tokens,
            listing_tokens: &self.listing_tokens,
            token_program: &self.token_program,
            markets_program: &self.markets_program,
        }
    }
}
