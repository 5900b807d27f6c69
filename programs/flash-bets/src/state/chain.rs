use core::ops::Deref;

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use market_core::{sum, MarketStatus, Now, Settlement, NO_OUTCOME};
use math::{
    chain::{cash_out_value, delta_shares, shares_of_leg, LegPrice, MAX_LEGS},
    BasisPoints, ChainError, Money, Price,
};

use crate::{
    error::FlashError,
    state::{ChainBook, ChainTerms, FlashMarket, MAX_OUTCOMES},
};

/// Where a chain is in its life. A won one is open without an open leg; a closed one is no account.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ChainStatus {
    /// For its execution.
    Waiting,
    Open,
    Lost,
}

/// What became of a leg.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LegStatus {
    /// Also of a chain that waits.
    Open,
    Won,
    /// The market has no single outcome: the leg counts as one.
    Void,
    Lost,
    /// Another leg is lost, or the chain was cashed out: this one is not asked for any more.
    Dropped,
}

/// A leg of a chain.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ChainLeg {
    pub market: Pubkey,
    /// What a share of it cost when the chain opened, spread included, Q1.63; 0 before.
    pub price: u64,
    /// Shares that the market's chain book counts for it.
    pub delta_shares: u64,
    pub outcome: u8,
    /// A `LegStatus`.
    pub status: u8,
    pub padding: [u8; 6],
}

impl ChainLeg {
    /// A leg of a chain that waits.
    pub fn unpriced(market: Pubkey, outcome: u8) -> Self {
        Self {
            market,
            price: 0,
            delta_shares: 0,
            outcome,
            status: LegStatus::Open as u8,
            padding: [0; 6],
        }
    }

    /// The leg at what a share of it costs now, on the curve after all chains' purchases, this one's included.
    ///
    /// # Errors
    /// Those of the curve, [`FlashError::LegTooCertain`].
    pub fn priced(
        &self,
        market: &FlashMarket,
        book: &ChainBook,
        stake: Money,
        now: Now,
        terms: &ChainTerms,
    ) -> core::result::Result<Self, FlashError> {
        let mut bought = book.delta_shares;
        let price = |bought: &[u64; MAX_OUTCOMES]| {
            let prices = market.leg_prices(now, self.outcome, bought)?;
            let offered = prices.offered(BasisPoints(terms.spread));
            offered.map_err(FlashError::from)
        };
        let shares = delta_shares(stake, price(&bought)?)?;
        let own = bought
            .get_mut(usize::from(self.outcome))
            .ok_or(FlashError::OutcomeOutOfRange)?;
        *own = sum([*own, shares])?;
        let price = price(&bought)?;
        // Else the chain would pay less with the leg than without it, and more once that is void.
        let kept = BasisPoints(BasisPoints::ONE.saturating_sub(terms.fee_rate));
        if price.0 >= kept.of_floor(Price::ONE.0)? {
            return Err(FlashError::LegTooCertain);
        }
        Ok(Self {
            price: price.0,
            delta_shares: shares,
            ..*self
        })
    }

    pub fn is(&self, status: LegStatus) -> bool {
        self.status == status as u8
    }
}

/// When something that waits can be executed.
#[derive(
    AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable, InitSpace,
)]
#[repr(C)]
pub struct ChainWait {
    pub requested_slot: u64,
    /// It can be executed from this slot on, and not before `executable_at`.
    pub executable_slot: u64,
    /// First and last second in which it can be executed; unix seconds.
    pub executable_at: i64,
    pub executable_until: i64,
}

impl ChainWait {
    /// From now on, so many slots and seconds, and then so many to execute.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn from(
        clock: &Clock,
        delay_slots: u64,
        delay_seconds: i64,
        execution_seconds: i64,
    ) -> core::result::Result<Self, FlashError> {
        let executable_at = clock.unix_timestamp.checked_add(delay_seconds);
        let until = executable_at.and_then(|at| at.checked_add(execution_seconds));
        let slot = clock.slot.checked_add(delay_slots);
        Ok(Self {
            requested_slot: clock.slot,
            executable_slot: slot.ok_or(FlashError::Overflow)?,
            executable_at: executable_at.ok_or(FlashError::Overflow)?,
            executable_until: until.ok_or(FlashError::Overflow)?,
        })
    }

    /// # Errors
    /// [`FlashError::DelayNotPassed`], [`FlashError::ExecutionOver`].
    pub fn require_executable(&self, clock: &Clock) -> core::result::Result<(), FlashError> {
        let now = clock.unix_timestamp;
        if now > self.executable_until {
            return Err(FlashError::ExecutionOver);
        }
        if clock.slot < self.executable_slot || now < self.executable_at {
            return Err(FlashError::DelayNotPassed);
        }
        Ok(())
    }
}

/// A stake on several legs that pays only if all of them win, at odds locked when it opens. Its whole
/// payout is reserved in the vault from then on. Address: seeds `chain`, vault, owner, nonce.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Chain {
    pub version: u8,
    pub bump: u8,
    /// A `ChainStatus`.
    pub status: u8,
    pub leg_count: u8,
    /// Legs whose result it has not taken yet.
    pub open_legs: u8,
    /// 1 while the owner asks to be cashed out.
    pub cash_out_waits: u8,
    /// Basis points of each leg, of when the chain opened.
    pub fee_rate: u16,
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// Paid rent and tips; gets the rent.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    /// Base units.
    pub stake: u64,
    /// Least base units to accept: as the payout while the chain waits, then when it is cashed out.
    pub bound: u64,
    /// Base units that the books of its legs count for it: what it would have paid when it opened.
    pub payout: u64,
    /// Base units that it would pay now, and that the vault has reserved for it. Less than the payout once
    /// a leg is void, nothing once one is lost.
    pub reserve: u64,
    /// Lamports for whoever executes what waits, in this account beside its rent.
    pub tip_lamports: u64,
    /// The longest bet delay of its legs, and not less than the least of chains.
    pub delay_slots: u64,
    pub delay_seconds: i64,
    /// Of the request, or of cashing out.
    pub wait: ChainWait,
    pub legs: [ChainLeg; 9],
    pub reserved: [u8; 64],
}

const _: () = {
    assert!(MAX_LEGS == 9);
    assert!(core::mem::size_of::<Chain>().is_multiple_of(8));
};

impl Chain {
    pub fn is(&self, status: ChainStatus) -> bool {
        self.status == status as u8
    }

    /// Its legs, without the places that none takes.
    pub fn legs(&self) -> &[ChainLeg] {
        self.legs
            .get(..usize::from(self.leg_count))
            .unwrap_or(&self.legs)
    }

    /// The leg on a market.
    ///
    /// # Errors
    /// [`FlashError::WrongAccount`].
    pub fn leg_mut(&mut self, market: &Pubkey) -> core::result::Result<&mut ChainLeg, FlashError> {
        self.legs
            .iter_mut()
            .take(usize::from(self.leg_count))
            .find(|leg| leg.market == *market)
            .ok_or(FlashError::WrongAccount)
    }

    /// Lets it wait from now on.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn wait_from(
        &mut self,
        clock: &Clock,
        execution_seconds: i64,
    ) -> core::result::Result<(), FlashError> {
        let (slots, seconds) = (self.delay_slots, self.delay_seconds);
        self.wait = ChainWait::from(clock, slots, seconds, execution_seconds)?;
        Ok(())
    }

    /// Base units that it is cashed out for while open, less a fee, `markets` being those of its legs that are
    /// open, in their order: by the lesser of the slow price of each and that after the sale of its shares.
    ///
    /// # Errors
    /// Those of the curve, [`FlashError::Overflow`].
    pub fn cash_out_value(
        &self,
        markets: &[impl Deref<Target = FlashMarket>],
        now: Now,
        fee_rate: BasisPoints,
    ) -> core::result::Result<Money, FlashError> {
        let open = self.legs().iter().filter(|leg| leg.is(LegStatus::Open));
        let legs = open.map(|leg| leg.outcome).zip(markets);
        let nothing = [0; MAX_OUTCOMES];
        let reserve = Money(self.reserve);
        let prices = legs
            .clone()
            .map(|(outcome, market)| Ok(market.leg_prices(now, outcome, &nothing)?.bid()))
            .collect::<core::result::Result<Vec<_>, FlashError>>()?;
        let mut bids = Vec::with_capacity(markets.len());
        for (index, (outcome, market)) in legs.enumerate() {
            // A sale moves prices as the purchase of every other outcome does.
            let mut others = [shares_of_leg(reserve, &prices, index)?; MAX_OUTCOMES];
            if let Some(own) = others.get_mut(usize::from(outcome)) {
                *own = 0;
            }
            bids.push(market.leg_prices(now, outcome, &others)?.bid());
        }
        Ok(cash_out_value(reserve, &bids, fee_rate)?)
    }

    /// Takes back what an offer wrote that was only asked for.
    pub fn forget_offer(&mut self) {
        (self.fee_rate, self.payout, self.reserve) = (0, 0, 0);
        for leg in &mut self.legs {
            (leg.price, leg.delta_shares) = (0, 0);
        }
    }

    /// What it pays if every leg that is not void wins, base units, rounded down.
    ///
    /// # Errors
    /// [`FlashError::LegTooCertain`], [`FlashError::Overflow`].
    pub fn payout_now(&self) -> core::result::Result<u64, FlashError> {
        let legs = self.legs().iter().filter(|leg| !leg.is(LegStatus::Void));
        let prices = legs
            .map(|leg| LegPrice::try_from(Price(leg.price)))
            .collect::<core::result::Result<Vec<_>, ChainError>>()?;
        if prices.is_empty() {
            return Ok(self.stake);
        }
        let chain = math::Chain::new(&prices, BasisPoints(self.fee_rate))?;
        Ok(chain.payout(Money(self.stake))?.0)
    }
}

impl LegStatus {
    /// What a market says of a leg on this outcome; `None` while it is not settled. A market without a
    /// single winning outcome voids it.
    pub fn by(settlement: &Settlement<MAX_OUTCOMES>, outcome: u8) -> Option<Self> {
        if !settlement.is_settled() {
            return None;
        }
        let is_resolved = settlement.is(MarketStatus::Resolved);
        Some(match settlement.winning_outcome {
            NO_OUTCOME => Self::Void,
            _ if !is_resolved => Self::Void,
            winner if winner == outcome => Self::Won,
            _ => Self::Lost,
        })
    }
}

impl From<ChainError> for FlashError {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::NoLegs | ChainError::TooManyLegs => Self::ChainLegCount,
            ChainError::PriceOutOfRange => Self::LegTooCertain,
            ChainError::FeeRateTooHigh => Self::ChainTermsOutOfRange,
            ChainError::NoStake => Self::ZeroAmount,
            ChainError::AboveCap(500) => Self::MultipleAbove500,
            ChainError::AboveCap(250) => Self::MultipleAbove250,
            ChainError::AboveCap(150) => Self::MultipleAbove150,
            ChainError::AboveCap(100) => Self::MultipleAbove100,
            ChainError::AboveCap(_) | ChainError::LegTooLong => Self::MultipleAbove75,
            ChainError::Overflow => Self::Overflow,
        }
    }
}

/// The market's planned seconds from opening to lock, which cap the multiple of chains through it.
pub fn planned_seconds(market: &FlashMarket) -> u32 {
    u32::try_from(market.hours.duration_seconds()).unwrap_or(u32::MAX)
}
