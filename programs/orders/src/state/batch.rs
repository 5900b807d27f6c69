use anchor_lang::prelude::*;
use markets::state::Market;
use math::{
    sealed_batch::{bond_part, cross, next_claim, Crossing, GREATEST_BOND},
    twap::twap,
    Money, Price,
};

use super::AVERAGE_SLOTS;
use crate::error::OrderError;

/// A batch ends its commitments at a multiple of this, so that those of one time meet.
#[constant]
pub const BATCH_GRID_SECONDS: i64 = 900;
/// Least time between the opening of a batch and the end of its commitments.
#[constant]
pub const MIN_COMMIT_SECONDS: i64 = 120;
/// After the end of the commitments: until when the price is fixed, and until when orders are revealed.
#[constant]
pub const PRICING_SECONDS: i64 = 120;
#[constant]
pub const REVEAL_SECONDS: i64 = 300;
/// After the last second of revealing: until when a batch whose venue is paused can cross.
#[constant]
pub const CROSSING_SECONDS: i64 = 86_400;
/// Of trading that is left at the last second of revealing.
#[constant]
pub const MIN_LEFT_SECONDS: i64 = 14_400;
/// Least and greatest power of ten of base units that an order of a batch puts in.
#[constant]
pub const MIN_DENOMINATION_POWER: u8 = 3;
#[constant]
pub const MAX_DENOMINATION_POWER: u8 = 18;

/// How far a batch is.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchStatus {
    /// It takes commitments until their end, then waits for the first reading of the price.
    Open,
    /// The price is being averaged.
    Pricing,
    /// The price is fixed: orders are revealed until their end, then cross.
    Priced,
    /// What crossed did, and is there for the owners.
    Crossed,
    /// Nothing crosses; all money goes back.
    Void,
}

/// Sealed orders of one desk, of one size, which cross at one price that nobody knew before. Address: seeds
/// `batch`, desk, power of ten, end of commitments.
///
/// Its lamports beside the rent pay whoever fixes the price and crosses it: of what is there, each of the
/// steps that are left gets an equal part.
#[account]
#[derive(InitSpace, Debug)]
pub struct Batch {
    pub version: u8,
    pub bump: u8,
    pub status: BatchStatus,
    /// Each order puts in ten to this power base units, and a bond.
    pub denomination_power: u8,
    /// Steps that are still to be paid for.
    pub steps_left: u8,
    pub desk: Pubkey,
    pub rent_payer: Pubkey,
    /// First unix second after the commitments.
    pub commit_until: i64,
    /// The market's sums of the prices of both outcomes when averaging began, and the slot of it.
    pub priced_from_slot: u64,
    pub priced_from: [u64; 2],
    /// Of a share of the first outcome, Q1.63; what is left of one is that of the second.
    pub price: u64,
    /// Orders that are not returned yet.
    pub open_orders: u32,
    /// Orders that were put in until the end of the commitments, those of them that were revealed, and of these
    /// the ones within their limit, by outcome.
    pub committed: u32,
    pub revealed: u32,
    pub within_limit: [u32; 2],
    /// Base units: bonds of orders that are not revealed.
    pub unrevealed_bonds: u64,
    /// What the next order of each outcome has a claim on, with those that it shares it with: shares, money
    /// that was not spent, and bonds of those who did not reveal.
    pub claims: [BatchClaims; 2],
    /// Bonds of those who did not reveal that no revealed order has a claim on; the venue's treasury's.
    pub treasury_due: u64,
    pub reserved: [u8; 64],
}

/// What equal claims have together.
#[derive(
    AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
pub struct BatchClaims {
    pub claimants: u32,
    pub shares: u64,
    /// Base units.
    pub unspent: u64,
    pub forfeited: u64,
}

impl BatchClaims {
    /// Takes one claim out.
    ///
    /// # Errors
    /// `Overflow` if there is none.
    fn take(&mut self) -> core::result::Result<Self, OrderError> {
        let one = |left: &mut u64| {
            let part = next_claim(*left, self.claimants);
            *left = left.saturating_sub(part);
            part
        };
        let taken = Self {
            claimants: 1,
            shares: one(&mut self.shares),
            unspent: one(&mut self.unspent),
            forfeited: one(&mut self.forfeited),
        };
        self.claimants = self.claimants.checked_sub(1).ok_or(OrderError::Overflow)?;
        Ok(taken)
    }
}

impl Batch {
    /// Bytes without the discriminator.
    pub const SPACE: usize = Self::INIT_SPACE;

    /// Base units that each order puts in beside its bond.
    ///
    /// # Errors
    /// `Overflow` of a power that no batch has.
    pub fn denomination(&self) -> core::result::Result<u64, OrderError> {
        denomination(self.denomination_power)
    }

    /// Last unix second in which the price can be fixed, and in which an order can be revealed.
    pub fn pricing_until(&self) -> i64 {
        self.commit_until.saturating_add(PRICING_SECONDS)
    }

    pub fn reveal_until(&self) -> i64 {
        self.commit_until.saturating_add(REVEAL_SECONDS)
    }

    /// The bond of an order that is put in while the market's average price is `average`.
    ///
    /// # Errors
    /// [`OrderError::BondTooGreat`] where the option not to reveal is worth more than a bond may be.
    pub fn bond(
        &self,
        average: Price,
        trading_until: i64,
    ) -> core::result::Result<u64, OrderError> {
        let left = trading_until.saturating_sub(self.reveal_until());
        let left = u64::try_from(left).unwrap_or(0);
        let part = bond_part(average, REVEAL_SECONDS.unsigned_abs(), left);
        let part = part.map_err(|_| OrderError::BondTooGreat)?;
        if part > GREATEST_BOND {
            return Err(OrderError::BondTooGreat);
        }
        Ok(part.of_ceil(self.denomination()?)?)
    }

    /// Books an order that is put in.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn commit(&mut self, bond: u64) -> core::result::Result<(), OrderError> {
        let overflow = OrderError::Overflow;
        self.open_orders = self.open_orders.checked_add(1).ok_or(overflow)?;
        self.committed = self.committed.checked_add(1).ok_or(overflow)?;
        self.unrevealed_bonds = self.unrevealed_bonds.checked_add(bond).ok_or(overflow)?;
        Ok(())
    }

    /// Books an order that is taken back before the end of the commitments.
    ///
    /// # Errors
    /// `Overflow` if there is none.
    pub fn take_back(&mut self, bond: u64) -> core::result::Result<(), OrderError> {
        let overflow = OrderError::Overflow;
        self.open_orders = self.open_orders.checked_sub(1).ok_or(overflow)?;
        self.committed = self.committed.checked_sub(1).ok_or(overflow)?;
        self.unrevealed_bonds = self.unrevealed_bonds.checked_sub(bond).ok_or(overflow)?;
        Ok(())
    }

    /// Takes the first reading of a market that is up to date.
    pub fn begin_pricing(&mut self, market: &Market) {
        let [first, second, ..] = market.cumulative_prices;
        self.priced_from = [first, second];
        self.priced_from_slot = market.pool.observed_slot;
        self.status = BatchStatus::Pricing;
    }

    /// Fixes the price as the average since the first reading, of a market that is up to date.
    ///
    /// # Errors
    /// [`OrderError::AverageTooShort`], [`OrderError::AverageBroken`] if prices had no weight in some of the
    /// time.
    pub fn fix_price(&mut self, market: &Market) -> core::result::Result<(), OrderError> {
        let slot = market.pool.observed_slot;
        let slots = slot.saturating_sub(self.priced_from_slot);
        if slots < AVERAGE_SLOTS {
            return Err(OrderError::AverageTooShort);
        }
        let [first, second, ..] = market.cumulative_prices;
        let [from_first, from_second] = self.priced_from;
        let price = twap(from_first, first, slots)?;
        let other = twap(from_second, second, slots)?;
        // Chances sum to one, but for what is cut off of them.
        const CUT: u64 = 1 << 43;
        if price.0.saturating_add(other.0).saturating_add(CUT) < Price::ONE.0 {
            return Err(OrderError::AverageBroken);
        }
        self.price = price.0;
        self.status = BatchStatus::Priced;
        Ok(())
    }

    /// What a share of an outcome costs, Q1.63.
    pub fn price_of(&self, outcome: u8) -> u64 {
        if outcome == 0 {
            self.price
        } else {
            Price::ONE.0.saturating_sub(self.price)
        }
    }

    /// Books an order that is revealed; whether it is within its limit.
    ///
    /// # Errors
    /// `Overflow`, [`OrderError::OutcomeOutOfRange`].
    pub fn reveal(
        &mut self,
        outcome: u8,
        limit: u64,
        bond: u64,
    ) -> core::result::Result<bool, OrderError> {
        let overflow = OrderError::Overflow;
        self.unrevealed_bonds = self.unrevealed_bonds.checked_sub(bond).ok_or(overflow)?;
        self.revealed = self.revealed.checked_add(1).ok_or(overflow)?;
        let is_within = self.price_of(outcome) <= limit;
        let orders = self.within_limit.get_mut(usize::from(outcome));
        let orders = orders.ok_or(OrderError::OutcomeOutOfRange)?;
        *orders = orders.checked_add(is_within.into()).ok_or(overflow)?;
        Ok(is_within)
    }

    /// Whether no order can be revealed any more, or none is left to be.
    pub fn is_revealing_over(&self, now: i64) -> bool {
        now > self.reveal_until() || self.revealed == self.committed
    }

    /// Whether nothing will ever cross: the price was not fixed in time, or nobody revealed, so that nobody
    /// was hurt by those who did not.
    pub fn is_lapsed(&self, now: i64) -> bool {
        match self.status {
            BatchStatus::Open | BatchStatus::Pricing => now > self.pricing_until(),
            BatchStatus::Priced => now > self.reveal_until() && self.revealed == 0,
            BatchStatus::Crossed | BatchStatus::Void => false,
        }
    }

    /// Whether its orders can be returned.
    pub fn is_done(&self) -> bool {
        matches!(self.status, BatchStatus::Crossed | BatchStatus::Void)
    }

    /// What the orders within their limits buy of each other.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn crossing(&self) -> core::result::Result<Crossing, OrderError> {
        Ok(cross(self.stakes()?, Price(self.price)))
    }

    fn stakes(&self) -> core::result::Result<[Money; 2], OrderError> {
        let denomination = self.denomination()?;
        let stake = |orders: u32| denomination.checked_mul(orders.into()).map(Money);
        let [first, second] = self.within_limit.map(stake);
        Ok([
            first.ok_or(OrderError::Overflow)?,
            second.ok_or(OrderError::Overflow)?,
        ])
    }

    /// Books a crossing: who revealed within his limit has an equal claim on what his side bought, on what it
    /// did not spend, and, of each bond of those who did not reveal, on one part in all orders. So an owner of
    /// many orders who reveals some gets back too little of the bonds of the others. The rest of the bonds is
    /// the treasury's.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn book(&mut self, crossing: Crossing) -> core::result::Result<(), OrderError> {
        let overflow = OrderError::Overflow;
        let each = next_claim(self.unrevealed_bonds, self.committed);
        let mut given = 0u64;
        let stakes = self.stakes()?;
        let sides = self.claims.iter_mut().zip(self.within_limit);
        for ((claims, claimants), (stake, paid)) in sides.zip(stakes.into_iter().zip(crossing.paid))
        {
            let forfeited = each.checked_mul(claimants.into()).ok_or(overflow)?;
            given = given.checked_add(forfeited).ok_or(overflow)?;
            *claims = BatchClaims {
                claimants,
                shares: if claimants > 0 { crossing.sets } else { 0 },
                unspent: stake.0.checked_sub(paid.0).ok_or(overflow)?,
                forfeited,
            };
        }
        self.treasury_due = self.unrevealed_bonds.checked_sub(given).ok_or(overflow)?;
        self.status = BatchStatus::Crossed;
        Ok(())
    }

    /// Takes one order's claim out of what its side has.
    ///
    /// # Errors
    /// `Overflow`, [`OrderError::OutcomeOutOfRange`].
    pub fn claim(&mut self, outcome: u8) -> core::result::Result<BatchClaims, OrderError> {
        let claims = self.claims.get_mut(usize::from(outcome));
        claims.ok_or(OrderError::OutcomeOutOfRange)?.take()
    }

    /// Lamports for the next step, of those beside the rent.
    pub fn step_tip(&mut self, lamports: u64) -> u64 {
        let tip = next_claim(lamports, self.steps_left.into());
        self.steps_left = self.steps_left.saturating_sub(1);
        tip
    }
}

/// Ten to a power, base units.
///
/// # Errors
/// [`OrderError::DenominationOutOfRange`].
pub fn denomination(power: u8) -> core::result::Result<u64, OrderError> {
    let powers = MIN_DENOMINATION_POWER..=MAX_DENOMINATION_POWER;
    let amount = 10u64.checked_pow(power.into());
    amount
        .filter(|_| powers.contains(&power))
        .ok_or(OrderError::DenominationOutOfRange)
}
