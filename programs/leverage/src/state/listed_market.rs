use anchor_lang::prelude::*;
use markets::state::{Market, MAX_OUTCOMES};
use math::{LendingBook, Money, Pool, Price, Secured, Shares};
use program_kit::{Custody, EventHeader, SignerSeeds};

use crate::{
    error::LoanError,
    state::{seeds, Breaker, DeleverageCall, LoanParameters, ScheduledLoanParameters},
};

/// A market that a pool lends on. Address: seeds `listing`, pool, market.
///
/// It holds the shares of all positions in one position of the market, and in its associated token
/// account the margin of requests and what positions' owners have not taken yet.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct ListedMarket {
    pub version: u8,
    pub bump: u8,
    /// 1 once its shares have been redeemed.
    pub settled: u8,
    pub outcomes: u8,
    pub padding: [u8; 4],
    /// Number of the last event.
    pub sequence: u64,
    pub pool: Pubkey,
    pub market: Pubkey,
    pub venue: Pubkey,
    pub mint: Pubkey,
    pub group: Pubkey,
    /// Holds `cash`.
    pub token_account: Pubkey,
    /// Paid the rent, and gets it back.
    pub rent_payer: Pubkey,
    pub parameters: ScheduledLoanParameters,
    /// From when on loans are made: both have to be reached.
    pub open_from: i64,
    pub open_from_slot: u64,
    pub breaker: Breaker,
    /// Base units of requests and of claims; once settled, of shares that are not paid yet too.
    pub cash: u64,
    /// What a debt has owed to the insurance since the listing, part of it, Q1.63, and the unix second up
    /// to which that is counted.
    pub jump_index: u64,
    pub jump_counted_until: i64,
    pub open_positions: u32,
    pub open_requests: u32,
    /// Of all positions, by outcome: shares in the market, and debt shares of the pool.
    pub shares: [u64; MAX_OUTCOMES],
    pub debt_shares: [u64; MAX_OUTCOMES],
    /// What a share of each outcome was paid once the market was settled, Q1.63.
    pub payouts: [u64; MAX_OUTCOMES],
    pub call: DeleverageCall,
    /// What debts against it that nobody paid have cost, as the pool counts it.
    pub lost: u64,
    pub reserved: [u8; 120],
}

const _: () = assert!(core::mem::size_of::<ListedMarket>() == 2160);

impl ListedMarket {
    pub fn is_settled(&self) -> bool {
        self.settled != 0
    }

    /// # Errors
    /// [`LoanError::ListingNotOpen`], [`LoanError::ReduceOnly`].
    pub fn require_open(&self, clock: &Clock) -> Result<()> {
        let is_open = clock.unix_timestamp >= self.open_from && clock.slot >= self.open_from_slot;
        require!(is_open, LoanError::ListingNotOpen);
        self.breaker.require_normal(clock.unix_timestamp)
    }

    /// Counts what debts owe to the insurance up to `now`, unix seconds, by the parameters that were in force.
    pub fn accrue_jump(&mut self, now: i64) {
        let changed_at = self
            .parameters
            .changed_between(self.jump_counted_until, now);
        if let Some(changed_at) = changed_at {
            let before = self.parameters.value;
            self.count_jump(&before, changed_at);
        }
        let parameters = self.parameters.at(now);
        self.count_jump(&parameters, now);
    }

    fn count_jump(&mut self, parameters: &LoanParameters, until: i64) {
        let seconds = until.saturating_sub(self.jump_counted_until);
        if seconds > 0 {
            let part = parameters.jump_part(seconds.unsigned_abs());
            self.jump_index = self.jump_index.saturating_add(part.0);
            self.jump_counted_until = until;
        }
    }

    /// What the pool loses by the market at most, and has lost by it, whatever its price does before its end: all
    /// debts, since each can be sold at a loss before the price goes where another is; base units, rounded up.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn at_stake(&self, book: &LendingBook) -> Result<Money> {
        let debts = self.debt_shares.iter().take(usize::from(self.outcomes));
        let sum = debts.copied().fold(0, u64::saturating_add);
        at_stake(book, sum, self.lost)
    }

    /// Counts a debt that nobody pays, a part as in `lost`, and stops new loans for a while from `now` on, unix
    /// seconds: returns until when, or nothing if they are stopped for as long already.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn lose(&mut self, lost: u64, now: i64) -> Result<Option<i64>> {
        change(&mut self.lost, lost, 0)?;
        Ok(self.breaker.cool(now))
    }

    /// Adds and takes base units of the listing's own.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn change_cash(&mut self, added: u64, taken: u64) -> Result<()> {
        change(&mut self.cash, added, taken)
    }

    /// Adds and takes shares of an outcome.
    ///
    /// # Errors
    /// [`LoanError::OutcomeOutOfRange`], `Overflow`.
    pub fn change_shares(&mut self, outcome: u8, added: u64, taken: u64) -> Result<()> {
        change(of(&mut self.shares, outcome)?, added, taken)
    }

    /// Adds and takes debt shares against an outcome.
    ///
    /// # Errors
    /// [`LoanError::OutcomeOutOfRange`], `Overflow`.
    pub fn change_debt_shares(&mut self, outcome: u8, added: u64, taken: u64) -> Result<()> {
        change(of(&mut self.debt_shares, outcome)?, added, taken)
    }

    /// Shares and debt shares of an outcome; 0 of one that does not exist.
    pub fn loans_of(&self, outcome: u8) -> (u64, u64) {
        let of = |list: &[u64]| list.get(usize::from(outcome)).copied().unwrap_or(0);
        (of(&self.shares), of(&self.debt_shares))
    }

    /// What shares of an outcome are paid once the market is settled, rounded down; base units.
    ///
    /// # Errors
    /// [`LoanError::OutcomeOutOfRange`], `Overflow`.
    pub fn payout(&self, outcome: u8, shares: u64) -> Result<Money> {
        let payout = self.payouts.get(usize::from(outcome)).copied();
        let payout = Price(payout.ok_or(LoanError::OutcomeOutOfRange)?);
        let paid = math::payout(&[shares], &[payout]);
        Ok(paid.map_err(LoanError::from)?)
    }

    /// Ends an instruction that moves shares: the market's position holds those of all positions.
    ///
    /// # Errors
    /// [`LoanError::SharesMissing`].
    pub fn require_shares(&self, held: &[u64]) -> Result<()> {
        let is_held = held.iter().zip(&self.shares).all(|(held, own)| held >= own);
        require!(is_held, LoanError::SharesMissing);
        Ok(())
    }

    /// What the next event of this listing starts with.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        let header = EventHeader::next(&mut self.sequence, clock);
        header.map_err(|error| LoanError::from(error).into())
    }
}

/// Whether all prices of a market that is up to date have stood near their slow ones for the time constant.
///
/// # Errors
/// [`LoanError::PriceNotCalm`].
pub fn require_calm(market: &Market) -> Result<()> {
    require_eq!(market.calm_in_slots, 0, LoanError::PriceNotCalm);
    Ok(())
}

/// A market's pool with the liquidity alone that cannot leave before trading is over.
///
/// # Errors
/// [`LoanError::TooLittleLocked`] if that is a smaller part than `least`, basis points; those of the
/// curve.
#[inline(never)]
pub fn locked_pool(market: &Market, least: u16) -> Result<Box<Pool<MAX_OUTCOMES>>> {
    let (locked, supply) = (market.locked_liquidity, market.liquidity_supply);
    let part = u128::from(locked).saturating_mul(10_000);
    let is_enough = part >= u128::from(supply).saturating_mul(least.into());
    require!(is_enough && locked > 0, LoanError::TooLittleLocked);
    let whole: &Pool<MAX_OUTCOMES> = &market.pool;
    let mut pool = Box::new(*whole);
    pool.keep_liquidity(locked, supply)
        .map_err(LoanError::from)?;
    Ok(pool)
}

/// A pool of a market's as seen from an outcome, with the market's fees.
///
/// # Errors
/// Those of the curve.
#[inline(always)]
pub fn secured<'a>(
    pool: &'a Pool<MAX_OUTCOMES>,
    market: &Market,
    outcome: u8,
) -> Result<Secured<'a, MAX_OUTCOMES>> {
    let secured = pool.secured(outcome.into(), market.fees());
    Ok(secured.map_err(LoanError::from)?)
}

fn of(list: &mut [u64; MAX_OUTCOMES], outcome: u8) -> Result<&mut u64> {
    list.get_mut(usize::from(outcome))
        .ok_or_else(|| LoanError::OutcomeOutOfRange.into())
}

/// What loans of so many debt shares and the part that was lost come to now, base units, rounded up.
pub(super) fn at_stake(book: &LendingBook, debt_shares: u64, lost: u64) -> Result<Money> {
    let debt = book.debt(Shares(debt_shares)).map_err(LoanError::from)?;
    let lost = book.of_equity(lost).map_err(LoanError::from)?;
    let sum = debt.checked_add(lost);
    Ok(sum.map_err(LoanError::from)?)
}

pub(super) fn change(amount: &mut u64, added: u64, taken: u64) -> Result<()> {
    let changed = amount.checked_add(added);
    let changed = changed.and_then(|changed| changed.checked_sub(taken));
    *amount = changed.ok_or(LoanError::Overflow)?;
    Ok(())
}

impl Custody for ListedMarket {
    type Error = LoanError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        SignerSeeds::new(&seeds::of_listing(&self.pool, &self.market, &[self.bump]))
    }

    fn tracked(&self) -> core::result::Result<u64, LoanError> {
        Ok(self.cash)
    }

    /// It owes owners what it tracks, and shares; see [`Self::require_shares`].
    fn assert_solvent(&self) -> core::result::Result<(), LoanError> {
        Ok(())
    }
}
