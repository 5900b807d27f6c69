use anchor_lang::prelude::*;
use market_core::{
    difference,
    pool::{Fees, Memory},
    sum, CoreError, Fill, Now, TradingHours, NO_OUTCOME,
};
use math::{
    quantum::{owed, worth, Balance, Outturn},
    BasisPoints, CurveKind, Money, Price,
};
use program_kit::{Custody, EventHeader, SignerSeeds};

use crate::{
    error::FlashError,
    state::{seeds, FeeSplit, FlashMarket, FlashPool, Order, QuantumTicket, MAX_OUTCOMES},
};

/// Most branches of a group: one for each outcome of its condition.
pub const MAX_BRANCHES: usize = MAX_OUTCOMES;

/// Where a group is in its life.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum GroupStatus {
    /// The condition is open: every branch trades.
    Open,
    /// The condition has a result: the branch of it waits for the asset's alone.
    Collapsed,
    /// What balances are paid is fixed.
    Settled,
}

/// A question that is traded once for each outcome of another, its condition. What is deposited counts in
/// every branch; the branch that comes true is what balances mean, and all others are as if they had never
/// been. Address: seeds `quantum`, vault, id.
///
/// In every branch, until the group is settled: all credits, the pool's cash and its fees sum to `total`.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct QuantumGroup {
    pub version: u8,
    pub bump: u8,
    /// A [`GroupStatus`].
    pub status: u8,
    /// Outcomes of the condition.
    pub branches: u8,
    /// The branch that came true; `NO_OUTCOME` while there is none, and if the condition is void.
    pub survivor: u8,
    /// 1 once the vault got the surplus and the group left its books.
    pub released: u8,
    /// Basis points of `max(min(p, 1 − p), floor)` per share, as of the asset's market.
    pub fee_rate: u16,
    pub fee_floor_bps: u16,
    pub fee_split: FeeSplit,
    pub padding: [u8; 2],
    /// Counted by the vault, with its markets.
    pub id: u64,
    pub vault: Pubkey,
    /// The market that tells which branch comes true.
    pub condition: Pubkey,
    /// The market on the question that the branches trade; its result pays their shares.
    pub asset: Pubkey,
    /// Of the asset, as its feed is: the group's funding counts there.
    pub event_book: Pubkey,
    /// Field element, big-endian.
    pub feed_id: [u8; 32],
    /// Created it and paid the rent, which comes back here; earns the operator's part of its fees.
    pub operator: Pubkey,
    /// Holds all that was deposited.
    pub token_account: Pubkey,
    pub hours: TradingHours,
    /// Time constant of the slow prices.
    pub slow_price_slots: u64,
    /// Base units that the vault put in, which each branch's pool starts with.
    pub funding: u64,
    /// Base units behind each branch; after the settlement what is still owed.
    pub total: u64,
    /// Number of the last event.
    pub sequence: u64,
    pub open_tickets: u32,
    pub ticket_padding: [u8; 4],
    /// How much of each branch is real, Q1.63, once the condition is settled.
    pub weights: [u64; MAX_BRANCHES],
    /// Base units of all tickets, by branch.
    pub credits: [u64; MAX_BRANCHES],
    /// Second up to which a branch's slow prices are current.
    pub observed_at: [i64; MAX_BRANCHES],
    pub pools: [FlashPool; MAX_BRANCHES],
    /// What a share of each outcome pays in each branch, Q1.63, once the group is settled.
    pub payouts: [[u64; MAX_OUTCOMES]; MAX_BRANCHES],
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<QuantumGroup>().is_multiple_of(8));

type Result<T> = core::result::Result<T, FlashError>;

impl QuantumGroup {
    pub fn is(&self, status: GroupStatus) -> bool {
        self.status == status as u8
    }

    /// # Errors
    /// [`FlashError::GroupSettled`].
    pub fn require_not_settled(&self) -> Result<()> {
        if self.is(GroupStatus::Settled) {
            return Err(FlashError::GroupSettled);
        }
        Ok(())
    }

    /// # Errors
    /// [`FlashError::GroupNotSettled`].
    pub fn require_settled(&self) -> Result<()> {
        if !self.is(GroupStatus::Settled) {
            return Err(FlashError::GroupNotSettled);
        }
        Ok(())
    }

    /// # Errors
    /// [`FlashError::GroupCollapsed`] once the condition's result is in the books.
    pub fn require_open(&self) -> Result<()> {
        if !self.is(GroupStatus::Open) {
            return Err(FlashError::GroupCollapsed);
        }
        Ok(())
    }

    /// Opens a branch for each row of `priors`, basis points of one for each outcome of the asset, with a
    /// pool of `depth`; sets the funding, the worst loss of whichever comes true.
    ///
    /// # Errors
    /// [`FlashError::BranchPriorsOutOfRange`], and those of the curve.
    pub fn open_branches(
        &mut self,
        depth: u64,
        priors: &[Vec<u16>],
        outcomes: u8,
        slot: u64,
    ) -> Result<()> {
        if priors.len() != usize::from(self.branches) {
            return Err(FlashError::BranchPriorsOutOfRange);
        }
        let mut funding = 0;
        for (pool, prior) in self.pools.iter_mut().zip(priors) {
            let whole: u64 = prior.iter().copied().map(u64::from).sum();
            if prior.len() != usize::from(outcomes) || whole != u64::from(BasisPoints::ONE) {
                return Err(FlashError::BranchPriorsOutOfRange);
            }
            let prices = prior
                .iter()
                .map(|points| Price::ratio(u64::from(*points), BasisPoints::ONE.into()));
            let prices = prices.collect::<core::result::Result<Vec<_>, _>>();
            let prices = prices.map_err(CoreError::from)?;
            let needed = pool.open_at(CurveKind::Lmsr, Money(depth), &prices, slot)?;
            funding = needed.max(funding);
        }
        // A branch that needs less has more than its worst loss: all have the same money behind them.
        let branches = usize::from(self.branches);
        for pool in self.pools.iter_mut().take(branches) {
            pool.cash = funding;
        }
        self.funding = funding;
        self.total = funding;
        Ok(())
    }

    /// Counts a deposit in every branch.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn deposit(&mut self, ticket: &mut QuantumTicket, amount: u64) -> Result<()> {
        self.total = sum([self.total, amount])?;
        for (all, own) in self.credits_with(ticket) {
            *all = sum([*all, amount])?;
            *own = sum([*own, amount])?;
        }
        Ok(())
    }

    /// Takes `amount` from every branch.
    ///
    /// # Errors
    /// [`FlashError::NotEnoughCredit`] where a branch has less.
    pub fn merge(&mut self, ticket: &mut QuantumTicket, amount: u64) -> Result<()> {
        self.total = difference(self.total, amount)?;
        for (all, own) in self.credits_with(ticket) {
            *own = own.checked_sub(amount).ok_or(FlashError::NotEnoughCredit)?;
            *all = difference(*all, amount)?;
        }
        Ok(())
    }

    fn credits_with<'a>(
        &'a mut self,
        ticket: &'a mut QuantumTicket,
    ) -> impl Iterator<Item = (&'a mut u64, &'a mut u64)> {
        let branches = usize::from(self.branches);
        self.credits
            .iter_mut()
            .zip(&mut ticket.credits)
            .take(branches)
    }

    /// Trades with a branch's credit at the price of this moment, within the order's bound.
    ///
    /// # Errors
    /// [`FlashError::GroupCollapsed`], [`FlashError::BranchOutOfRange`], [`FlashError::NotEnoughCredit`], `NotEnoughShares`,
    /// `SlippageExceeded`, `Dust`, and those of hours and curve.
    pub fn trade(
        &mut self,
        ticket: &mut QuantumTicket,
        now: Now,
        branch: u8,
        outcome: u8,
        order: Order,
    ) -> Result<Fill> {
        self.require_open()?;
        self.hours.require_trading(now.seconds)?;
        let index = self.index(branch)?;
        let out_of_range = FlashError::BranchOutOfRange;
        let shares = ticket.shares.get_mut(index).ok_or(out_of_range)?;
        let held = shares
            .get_mut(usize::from(outcome))
            .ok_or(FlashError::OutcomeOutOfRange)?;
        let fill = self.fill(index, now, outcome, order)?;
        let (credit, all) = ticket
            .credits
            .get_mut(index)
            .zip(self.credits.get_mut(index))
            .ok_or(FlashError::BranchOutOfRange)?;
        if order.is_sale() {
            *held = held
                .checked_sub(fill.shares.0)
                .ok_or(FlashError::NotEnoughShares)?;
            *credit = sum([*credit, fill.amount.0])?;
            *all = sum([*all, fill.amount.0])?;
        } else {
            *held = sum([*held, fill.shares.0])?;
            *credit = credit
                .checked_sub(fill.amount.0)
                .ok_or(FlashError::NotEnoughCredit)?;
            *all = difference(*all, fill.amount.0)?;
        }
        Ok(fill)
    }

    fn fill(&mut self, index: usize, now: Now, outcome: u8, order: Order) -> Result<Fill> {
        let (memory, fees) = (self.memory(), self.fees());
        let (order, bound) = order.on_curve();
        let mut hours = self.hours_of(index);
        let pool = self.pools.get_mut(index);
        let pool = pool.ok_or(FlashError::BranchOutOfRange)?;
        let fill = pool.fill(&mut hours, memory, now, None, outcome, order, bound, fees)?;
        self.mark_observed(index, &hours);
        Ok(fill)
    }

    /// What an order in a branch would come to now, without making the trade.
    ///
    /// # Errors
    /// [`FlashError::BranchOutOfRange`], `SlippageExceeded`, `Dust`, and those of the curve.
    pub fn quote(&self, now: Now, branch: u8, outcome: u8, order: Order) -> Result<Fill> {
        let index = self.index(branch)?;
        let mut copy = Box::new(*self);
        copy.fill(index, now, outcome, order)
    }

    /// Takes the condition's result: which branch is real or, of a void one, how much of each; then the
    /// group is settled at each branch's own slow prices of the end of trading.
    ///
    /// # Errors
    /// [`FlashError::TradingNotOver`]: else whoever knows of a void condition would trade against the slow
    /// prices that it pays; `MarketNotSettled`, and those of the curve.
    pub fn collapse(&mut self, condition: &FlashMarket, now: Now) -> Result<()> {
        self.require_open()?;
        if !self.hours.is_over(now.seconds) {
            return Err(FlashError::TradingNotOver);
        }
        condition.settlement.require_settled()?;
        self.survivor = condition.settlement.winning_outcome;
        self.weights = condition.settlement.payouts;
        if self.survivor != NO_OUTCOME {
            self.status = GroupStatus::Collapsed as u8;
            return Ok(());
        }
        for index in 0..usize::from(self.branches) {
            self.void_branch(index, now)?;
        }
        self.status = GroupStatus::Settled as u8;
        Ok(())
    }

    /// Takes the asset's result for the branch that came true; of a void asset the branch's own slow
    /// prices of the end of trading.
    ///
    /// # Errors
    /// [`FlashError::GroupNotCollapsed`], [`FlashError::GroupSettled`], `MarketNotSettled`, those of the
    /// curve.
    pub fn settle(&mut self, asset: &FlashMarket, now: Now) -> Result<()> {
        self.require_not_settled()?;
        if self.is(GroupStatus::Open) {
            return Err(FlashError::GroupNotCollapsed);
        }
        asset.settlement.require_settled()?;
        let index = self.index(self.survivor)?;
        if asset.settlement.winning_outcome == NO_OUTCOME {
            self.void_branch(index, now)?;
        } else {
            let payouts = self.payouts.get_mut(index);
            *payouts.ok_or(FlashError::BranchOutOfRange)? = asset.settlement.payouts;
        }
        self.status = GroupStatus::Settled as u8;
        Ok(())
    }

    fn void_branch(&mut self, index: usize, now: Now) -> Result<()> {
        let (memory, mut hours) = (self.memory(), self.hours_of(index));
        let places = self.pools.get_mut(index).zip(self.payouts.get_mut(index));
        let (pool, payouts) = places.ok_or(FlashError::BranchOutOfRange)?;
        pool.bring_up_to(&mut hours, memory, now, None)?;
        let prices = pool.void_payouts().map_err(CoreError::from)?;
        *payouts = prices.map(|price| price.0);
        self.mark_observed(index, &hours);
        Ok(())
    }

    /// Takes a ticket off the books of a settled group; what it is paid, base units.
    ///
    /// # Errors
    /// [`FlashError::GroupNotSettled`], `NotEnoughShares`, `Insolvent`, `Overflow`.
    pub fn redeem(&mut self, ticket: &QuantumTicket) -> Result<u64> {
        self.require_settled()?;
        let balances = ticket.credits.iter().zip(&ticket.shares);
        let balances = balances.map(|(credit, shares)| Balance {
            credit: Money(*credit),
            shares,
        });
        let paid = worth(balances.zip(self.outturns()))
            .map_err(CoreError::from)?
            .0;
        for (all, own) in self.credits.iter_mut().zip(&ticket.credits) {
            *all = difference(*all, *own)?;
        }
        for (pool, shares) in self.pools.iter_mut().zip(&ticket.shares) {
            for (sold, own) in pool.sold.iter_mut().zip(shares) {
                *sold = sold.checked_sub(*own).ok_or(FlashError::NotEnoughShares)?;
            }
        }
        self.total = difference(self.total, paid).map_err(|_| FlashError::Insolvent)?;
        Ok(paid)
    }

    /// What a settled group does not owe to tickets, and the part of it that is fees; base units.
    ///
    /// # Errors
    /// `Insolvent`, `Overflow`.
    pub fn surplus(&self) -> Result<(Money, Money)> {
        let surplus = difference(self.total, self.owed()?).map_err(|_| FlashError::Insolvent)?;
        let fees = self
            .pools
            .iter()
            .zip(self.outturns())
            .map(|(pool, outturn)| {
                let balance = Balance {
                    credit: Money(pool.fees),
                    shares: &[],
                };
                (balance, outturn)
            });
        let fees = worth(fees).map_err(CoreError::from)?;
        Ok((Money(surplus), fees.min(Money(surplus))))
    }

    /// What a settled group owes to all its tickets, rounded up; base units.
    fn owed(&self) -> Result<u64> {
        let balances = self.credits.iter().zip(&self.pools);
        let balances = balances.map(|(credit, pool)| Balance {
            credit: Money(*credit),
            shares: &pool.sold,
        });
        let sum = owed(balances.zip(self.outturns()));
        Ok(sum.map_err(CoreError::from)?.0)
    }

    fn outturns(&self) -> impl Iterator<Item = Outturn<'_>> {
        let weights = self.weights.iter().copied();
        weights.zip(&self.payouts).map(|(weight, payouts)| Outturn {
            weight: Price(weight),
            payouts: bytemuck::must_cast_slice(payouts),
        })
    }

    /// # Errors
    /// [`FlashError::BranchOutOfRange`].
    fn index(&self, branch: u8) -> Result<usize> {
        if branch >= self.branches {
            return Err(FlashError::BranchOutOfRange);
        }
        Ok(usize::from(branch))
    }

    /// The hours with the second of a branch's own slow prices: each is current up to another.
    fn hours_of(&self, index: usize) -> TradingHours {
        let observed_at = self.observed_at.get(index).copied();
        TradingHours {
            observed_at: observed_at.unwrap_or(self.hours.opens_at),
            ..self.hours
        }
    }

    fn mark_observed(&mut self, index: usize, hours: &TradingHours) {
        if let Some(observed_at) = self.observed_at.get_mut(index) {
            *observed_at = hours.observed_at;
        }
    }

    fn memory(&self) -> Memory {
        Memory {
            slow_price_slots: self.slow_price_slots,
            micro_tau: false,
        }
    }

    fn fees(&self) -> Fees {
        Fees {
            rate: BasisPoints(self.fee_rate),
            floor: BasisPoints(self.fee_floor_bps),
        }
    }

    /// What the next event of this group starts with.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        Ok(EventHeader::next(&mut self.sequence, clock)?)
    }
}

impl Custody for QuantumGroup {
    type Error = FlashError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        SignerSeeds::new(&[
            seeds::QUANTUM_GROUP,
            self.vault.as_ref(),
            &self.id.to_le_bytes(),
            &[self.bump],
        ])
    }

    fn tracked(&self) -> Result<u64> {
        Ok(self.total)
    }

    /// In every branch the same money is behind credits, shares and fees, and covers whatever comes; after
    /// the settlement what is owed.
    fn assert_solvent(&self) -> Result<()> {
        if self.is(GroupStatus::Settled) {
            return if self.total >= self.owed()? {
                Ok(())
            } else {
                Err(FlashError::Insolvent)
            };
        }
        let branches = usize::from(self.branches);
        for (pool, credits) in self.pools.iter().zip(&self.credits).take(branches) {
            if sum([*credits, pool.cash, pool.fees])? != self.total {
                return Err(FlashError::BranchesUnbalanced);
            }
            pool.check_solvent().map_err(CoreError::from)?;
        }
        Ok(())
    }
}
