//! A sale of several positions' shares for their lenders.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use markets::{
    program::Markets,
    state::{Market, Venue},
};
use math::{wide::share_of, BasisPoints, ForcedSale, Money};
use program_kit::{EventHeader, Purse};

use super::Standing;
use crate::{
    error::LoanError,
    instructions::{
        ledger::{Ledger, Settled},
        trading::trading,
    },
    state::{CorrelationGroup, LendingPool, LeveredPosition, ListedMarket, LoanParameters},
};

/// Of `liquidate`, `force_deleverage` and `deleverage_pro_rata`. No breaker stops them.
///
/// Remaining accounts, all writable: positions, each once. Of those against another outcome than the first that is due
/// nothing is sold.
#[derive(Accounts)]
pub struct Liquidate<'info> {
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
    /// CHECK: any token account; gets the reward.
    #[account(mut)]
    pub reward_tokens: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub markets_program: Program<'info, Markets>,
}

/// What became of one position.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidation {
    pub position: Pubkey,
    pub owner: Pubkey,
    /// Sold, and their part of what the sale returned.
    pub shares: u64,
    pub returned: u64,
    /// Of it, base units of whom liquidates and of the insurance.
    pub reward: u64,
    pub insurance: u64,
    pub settled: Settled,
    /// After it.
    pub shares_left: u64,
    pub debt_shares_left: u64,
    pub claim: u64,
}

#[event]
pub struct PositionsLiquidated {
    pub header: EventHeader,
    pub listing: Pubkey,
    pub reward_tokens: Pubkey,
    pub outcome: u8,
    pub liquidations: Vec<Liquidation>,
    /// After it.
    pub listing_cash: u64,
    pub pool_cash: u64,
    pub pool_insurance: u64,
}

type Purses<'a, 'info> = (
    Purse<'a, 'info, LendingPool>,
    Purse<'a, 'info, ListedMarket>,
);

/// A position of which something is sold.
struct Due<'info> {
    account: AccountLoader<'info, LeveredPosition>,
    /// A copy, until all is done.
    position: LeveredPosition,
    debt: Money,
    sale: ForcedSale,
    /// Its part of what the sale returned, and of it the reward of whom liquidates.
    returned: u64,
    reward: u64,
}

impl Due<'_> {
    /// Whether its debt outlives its shares.
    fn is_short(&self) -> bool {
        self.sale.is_whole && self.returned.saturating_sub(self.reward) < self.debt.0
    }
}

impl<'info> Liquidate<'info> {
    /// Sells what `choose` says of each position, by it and its debt, in one sale, by the parameters in force. Each
    /// gets of it what is its shares' by number. Those whose debt outlives them come last, so that the lenders lose nothing
    /// while the insurance gains by the same sale.
    ///
    /// # Errors
    /// [`LoanError::LiquidationAccounts`], [`LoanError::NothingToLiquidate`]; those of the market.
    pub(super) fn sell(
        &self,
        positions: &'info [AccountInfo<'info>],
        clock: &Clock,
        parameters: &LoanParameters,
        choose: impl Fn(&Standing, &LeveredPosition, Money) -> Result<Option<ForcedSale>>,
    ) -> Result<()> {
        let mut due = self.due(positions, clock, choose)?;
        let outcome = due.first().map(|due| due.position.outcome);
        let outcome = outcome.ok_or(LoanError::NothingToLiquidate)?;
        let shares = due
            .iter()
            .try_fold(0u64, |sum, due| sum.checked_add(due.sale.shares.0))
            .ok_or(LoanError::Overflow)?;
        let trading = trading!(self);
        let purses = self.purses()?;
        let returned = trading.sell(&self.pool_tokens, outcome, shares, 0)?;
        self.listing.load_mut()?.change_shares(outcome, 0, shares)?;

        share_out(&mut due, shares, returned, parameters)?;
        due.sort_by_key(Due::is_short);
        let mut liquidations = Vec::with_capacity(due.len());
        for due in &mut due {
            liquidations.push(self.settle(due, parameters)?);
        }
        self.pay(&purses, &liquidations)?;
        trading.require_shares()?;
        self.emit(outcome, liquidations, clock)?;
        for due in due {
            *due.account.load_mut()? = due.position;
        }
        Ok(())
    }

    /// The positions of which something is to be sold, all against the outcome of the first. One that is gone, or is
    /// against another, is passed over.
    fn due(
        &self,
        positions: &'info [AccountInfo<'info>],
        clock: &Clock,
        choose: impl Fn(&Standing, &LeveredPosition, Money) -> Result<Option<ForcedSale>>,
    ) -> Result<Vec<Due<'info>>> {
        let ledger = self.ledger();
        let (market, venue) = (self.market.load()?, self.venue.load()?);
        let mut last: Option<(u8, Standing)> = None;
        let mut chosen: Vec<Due> = Vec::with_capacity(positions.len());
        for (index, info) in positions.iter().enumerate() {
            let is_new = positions
                .iter()
                .take(index)
                .all(|other| other.key != info.key);
            require!(is_new, LoanError::LiquidationAccounts);
            if *info.owner != crate::ID {
                continue;
            }
            let account = AccountLoader::<LeveredPosition>::try_from(info)?;
            let mut position = *account.load_mut()?;
            require_keys_eq!(
                position.listing,
                self.listing.key(),
                LoanError::WrongAccount
            );
            let outcome = position.outcome;
            let is_other = |due: &Due| due.position.outcome != outcome;
            if chosen.first().is_some_and(is_other) {
                continue;
            }
            let (_, standing) = match &mut last {
                Some(last) if last.0 == outcome => last,
                _ => last.insert((outcome, Standing::now(&market, &venue, outcome, clock)?)),
            };
            let debt = ledger.debt(&mut position, clock.unix_timestamp)?;
            if let Some(sale) = choose(standing, &position, debt)? {
                chosen.push(Due {
                    account,
                    position,
                    debt,
                    sale,
                    returned: 0,
                    reward: 0,
                });
            }
        }
        Ok(chosen)
    }

    /// Books one position's part: the reward, then the debt; of a part the insurance before the debt, so
    /// that the target is restored, of all shares after it.
    fn settle(&self, due: &mut Due<'info>, parameters: &LoanParameters) -> Result<Liquidation> {
        let rest = due.returned.saturating_sub(due.reward);
        let rate = BasisPoints(parameters.insurance_reward);
        let insurance = rate.of_floor(due.returned).map_err(LoanError::from)?;
        let mut insurance = insurance.min(rest);
        if due.sale.is_whole {
            insurance = insurance.min(rest.saturating_sub(due.debt.0));
        }
        let position = &mut due.position;
        let left = position.shares.checked_sub(due.sale.shares.0);
        position.shares = left.ok_or(LoanError::Overflow)?;
        position.mark(None);
        let settled = self
            .ledger()
            .settle(position, rest.saturating_sub(insurance))?;
        let mut pool = self.pool.load_mut()?;
        let sum = pool.book.insurance.checked_add(insurance);
        pool.book.insurance = sum.ok_or(LoanError::Overflow)?;
        Ok(Liquidation {
            position: due.account.key(),
            owner: position.owner,
            shares: due.sale.shares.0,
            returned: due.returned,
            reward: due.reward,
            insurance,
            settled,
            shares_left: position.shares,
            debt_shares_left: position.debt_shares,
            claim: position.claim,
        })
    }

    /// Pays what is not the pool's of money that it got: rewards, and what owners can take of their listing.
    fn pay(&self, (pool, listing): &Purses<'_, 'info>, liquidations: &[Liquidation]) -> Result<()> {
        let (mut rewards, mut claims) = (0u64, 0u64);
        for done in liquidations {
            rewards = rewards.saturating_add(done.reward);
            claims = claims.saturating_add(done.settled.claimable);
        }
        if claims > 0 {
            pool.pay_to(listing, claims)?;
        }
        pool.pay(&self.reward_tokens, rewards)
    }

    fn purses(&self) -> Result<Purses<'_, 'info>> {
        Ok((
            Purse::new(&self.pool, &self.pool_tokens, &self.token_program)?,
            Purse::new(&self.listing, &self.listing_tokens, &self.token_program)?,
        ))
    }

    fn emit(&self, outcome: u8, liquidations: Vec<Liquidation>, clock: &Clock) -> Result<()> {
        let pool = self.pool.load()?;
        let mut listing = self.listing.load_mut()?;
        emit!(PositionsLiquidated {
            header: listing.next_event(clock)?,
            listing: self.listing.key(),
            reward_tokens: self.reward_tokens.key(),
            outcome,
            liquidations,
            listing_cash: listing.cash,
            pool_cash: pool.book.cash,
            pool_insurance: pool.book.insurance,
        });
        Ok(())
    }

    fn ledger(&self) -> Ledger<'_, 'info> {
        Ledger {
            pool: &self.pool,
            group: &self.group,
            listing: &self.listing,
        }
    }
}

/// Gives each position its part of what the sale of all `shares` returned, and whom liquidates his.
fn share_out(
    due: &mut [Due],
    shares: u64,
    returned: u64,
    parameters: &LoanParameters,
) -> Result<()> {
    let rate = BasisPoints(parameters.liquidator_reward);
    let (mut shares_left, mut returned_left) = (shares, returned);
    for due in due {
        // Of what is left, so that the parts sum to the whole.
        due.returned = share_of(returned_left, due.sale.shares.0, shares_left);
        due.reward = rate.of_floor(due.returned).map_err(LoanError::from)?;
        shares_left = shares_left.saturating_sub(due.sale.shares.0);
        returned_left = returned_left.saturating_sub(due.returned);
    }
    Ok(())
}
