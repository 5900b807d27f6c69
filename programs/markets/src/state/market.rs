use anchor_lang::prelude::*;
use market_core::{
    pool::{Fees, Fill, History, Memory, Order},
    BasisPoints, Money, Now, Price, PriceSource, TradingHours,
};
use math::{twap::sum_after, SlowPrice, StandingInterest};
use program_kit::EventHeader;

use crate::{
    error::MarketError,
    state::{MarketEvidence, MarketPool, MarketRule, MarketSettlement, MAX_OUTCOMES},
};

/// Whether an LMSR market may become a pm-AMM near its end.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CurveSwitch {
    NotOffered,
    Offered,
    Done,
}

/// Longest time constant of the slow price, in seconds: it is this, or a sixteenth of the market's
/// duration if that is shorter.
pub const SLOW_PRICE_SECONDS: u64 = 60 * 60;
pub const SLOW_PRICE_PART: u64 = 16;

/// The curve may be switched in the last eighth of a market's life.
const SWITCH_PART: u64 = 8;

/// A market on something that anybody asks. Address: seeds `market`, venue, creator, and the hash of
/// all its terms, so that the address never means another market.
///
/// All terms are fixed at creation. Trades write this account, its token account and the trader's
/// accounts only, so that markets run in parallel.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Market {
    pub version: u8,
    pub bump: u8,
    /// 1 if depth falls with the time left.
    pub micro_tau: u8,
    /// A [`CurveSwitch`].
    pub curve_switch: u8,
    /// Basis points of `min(p, 1 − p)` per share.
    pub fee_rate: u16,
    /// Parts of the fees in basis points; liquidity providers get the rest.
    pub protocol_fee_share: u16,
    pub creator_fee_share: u16,
    /// The bond's part of the open interest, basis points.
    pub bond_share: u16,
    pub padding: [u8; 4],
    /// Of the creator's choice.
    pub id: u64,
    /// Of all terms; see [`crate::instructions::terms_hash`].
    pub terms_hash: [u8; 32],
    pub venue: Pubkey,
    pub mint: Pubkey,
    /// Paid the rent, and gets it back.
    pub creator: Pubkey,
    /// Holds the pool's cash, the fees and the bonds.
    pub token_account: Pubkey,
    /// Whose observations settle a dispute, and under which key.
    pub arbiter_set: Pubkey,
    pub arbiter_key: Pubkey,
    pub evidence: MarketEvidence,
    pub hours: TradingHours,
    /// Time constant of the slow price, slots.
    pub slow_price_slots: u64,
    /// Unix second before which a result may be proposed, and from which the market is void without
    /// one.
    pub proposal_until: i64,
    /// In which a proposal can be disputed, and from the dispute to the arbiters' deadline.
    pub dispute_window_seconds: u32,
    pub arbitration_seconds: u32,
    /// Bounds of the bond, base units.
    pub bond_floor: u64,
    pub bond_cap: u64,
    /// How far a proposed result may be from the arbiters' and still be right; 0 but for a linear
    /// rule.
    pub tolerance: u64,
    /// Shares of all liquidity positions.
    pub liquidity_supply: u64,
    /// Those of them that cannot be removed before trading is over.
    pub locked_liquidity: u64,
    /// Fees of liquidity providers that are not paid yet, base units.
    pub liquidity_fees: u64,
    pub protocol_fees: u64,
    /// Those of `protocol_fees` that a proposer earns whom nobody disputes, base units.
    pub proposer_reward: u64,
    pub creator_fees: u64,
    /// What the creator put up, base units: back with `creator_fees` once the market is settled, the
    /// protocol's if it goes void without a proposal.
    pub creator_bond: u64,
    /// A [`math::FeeGrowth`]: fees for one LP share, little-endian, and what did not divide evenly.
    pub fee_growth: [u8; 16],
    pub fee_remainder: u64,
    /// A [`math::VestingFees`]: those of `liquidity_fees` that no share has a claim to yet, Q64.64,
    /// little-endian, and the slot up to which they have vested.
    pub unvested_fees: [u8; 16],
    pub vested_slot: u64,
    /// The open interest that stood, as a [`math::StandingInterest`]: base units, the fraction of one
    /// in 2⁻⁶⁴, and the slot up to which it is current.
    pub standing_interest: [u64; 3],
    pub proposer: Pubkey,
    /// The account that the proposed value comes from.
    pub proposal_source: Pubkey,
    pub proposed_value: i64,
    /// What that value meant when it was proposed; see [`market_core::rule::Meaning::result`].
    pub proposed_result: i64,
    /// Unix second until which the proposal can be disputed.
    pub dispute_until: i64,
    /// The default key if nobody disputed.
    pub disputer: Pubkey,
    /// Unix second before which the arbiters' observation counts, and from which the market is void
    /// without it.
    pub arbitration_until: i64,
    /// Unix second of the settlement; 0 before.
    pub settled_at: i64,
    /// What proposer and disputer put up each, base units.
    pub bond: u64,
    /// Base units in escrow for the two: their bonds, and after the settlement what is due to them.
    pub proposer_claim: u64,
    pub disputer_claim: u64,
    /// Number of the last event.
    pub sequence: u64,
    pub open_positions: u32,
    pub open_liquidity: u32,
    /// 1 while there is a dispute account.
    pub open_disputes: u32,
    pub more_padding: [u8; 4],
    pub rule: MarketRule,
    pub settlement: MarketSettlement,
    /// Sum of each outcome's chance times slots, Q32.32, wrapping; see [`math::twap`].
    pub cumulative_prices: [u64; MAX_OUTCOMES],
    pub pool: MarketPool,
    /// For how many slots more prices have to stand near the slow ones until none was far from its own for the
    /// time constant; see [`math::is_far`].
    pub calm_in_slots: u64,
    pub reserved: [u8; 72],
    /// Where a price comes from and how much may be at stake on it; zero in any other market.
    pub price: PriceSource,
}

const _: () = assert!(core::mem::size_of::<Market>().is_multiple_of(8));

impl Market {
    /// The market in the data of an account of this program; `None` if it is another account.
    pub fn in_data(data: &[u8]) -> Option<&Self> {
        data.strip_prefix(Self::DISCRIMINATOR)
            .and_then(|fields| fields.get(..size_of::<Self>()))
            .and_then(|fields| bytemuck::try_from_bytes(fields).ok())
    }

    /// Whether the curve has stopped for good: no market comes back to `Open`, and the clock does not
    /// go back.
    pub fn is_trading_over(&self, now_seconds: i64) -> bool {
        !self.settlement.is_open() || self.hours.is_over(now_seconds)
    }

    /// Whether the curve trades now. It stops at the first proposal, however early: the result of an
    /// event question may be known long before the lock.
    ///
    /// # Errors
    /// `MarketNotOpen`, `TradingNotStarted`, `TradingOver`.
    pub fn require_trading(&self, now_seconds: i64) -> Result<()> {
        self.require_open()?;
        self.hours
            .require_trading(now_seconds)
            .map_err(|error| MarketError::from(error).into())
    }

    /// # Errors
    /// `MarketNotOpen`.
    pub fn require_open(&self) -> Result<()> {
        let open = self.settlement.require_open();
        open.map_err(|error| MarketError::from(error).into())
    }

    /// # Errors
    /// `MarketSettled`.
    pub fn require_not_settled(&self) -> Result<()> {
        let unsettled = self.settlement.require_not_settled();
        unsettled.map_err(|error| MarketError::from(error).into())
    }

    /// # Errors
    /// `MarketNotSettled`.
    pub fn require_settled(&self) -> Result<()> {
        let settled = self.settlement.require_settled();
        settled.map_err(|error| MarketError::from(error).into())
    }

    /// Trades at the prices of now, within the trader's bound: the least shares for a stake, the most
    /// that a purchase may cost, the least that a sale may return. Everybody gets his part of the
    /// fee.
    ///
    /// # Errors
    /// `SlippageExceeded`, `Dust`, `InterestCapExceeded` of a purchase, and those of the curve.
    pub fn fill(&mut self, now: Now, outcome: u8, order: Order, bound: u64) -> Result<Fill> {
        let (memory, fees) = (self.memory(), self.fees());
        let (pool, hours, history) = self.pool_and_history();
        let history = Some(history);
        let fill = pool
            .fill(hours, memory, now, history, outcome, order, bound, fees)
            .map_err(MarketError::from)?;
        if self.price.is_priced() {
            self.require_room(outcome, order, 0)?;
        }
        self.distribute_fees(now)?;
        Ok(fill)
    }

    /// What a trade's fee is taken by.
    pub fn fees(&self) -> Fees {
        BasisPoints(self.fee_rate).into()
    }

    /// What [`Self::fill`] would trade, without a bound.
    ///
    /// # Errors
    /// Those.
    pub fn quote(&self, now: Now, outcome: u8, order: Order) -> Result<Fill> {
        let (memory, moment) = (self.memory(), now.moment());
        let quote = self
            .pool
            .quote_at(&self.hours, memory, moment, outcome, order, self.fees());
        let quote = quote.map_err(MarketError::from)?;
        self.require_room(outcome, order, quote.shares.0)?;
        Ok(quote)
    }

    /// Whether so many more shares of an outcome may be outstanding, unless some are sold: exits are
    /// free.
    ///
    /// # Errors
    /// `InterestCapExceeded`.
    fn require_room(&self, outcome: u8, order: Order, more: u64) -> Result<()> {
        if matches!(order, Order::Sell(_)) {
            return Ok(());
        }
        let interest = self.pool.sold_of(outcome).saturating_add(more);
        let room = self.price.require_room(interest);
        room.map_err(|error| MarketError::from(error).into())
    }

    /// Whether as many shares of every outcome may be outstanding as are: comes after whatever makes shares
    /// and is no trade.
    ///
    /// # Errors
    /// `InterestCapExceeded`.
    pub fn require_interest_within_cap(&self) -> Result<()> {
        let room = self.price.require_room(self.pool.open_interest().0);
        room.map_err(|error| MarketError::from(error).into())
    }

    /// Brings depth, slow prices and cumulative prices up to now, or to the end of trading if that is
    /// earlier, and the interest that stood up to now. Prices have no weight while the venue was
    /// paused. Comes before every change of liquidity.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn observe(&mut self, now: Now) -> Result<()> {
        let memory = self.memory();
        let (pool, hours, history) = self.pool_and_history();
        pool.bring_up_to(hours, memory, now, Some(history))
            .map_err(MarketError::from)?;
        self.observe_interest(now)
    }

    /// The slot up to which prices have weight, and the sum of an outcome's prices up to it, which it would have
    /// after [`Self::observe`], within 2⁻³² of a price for each slot; `price` is what it has been since it
    /// was last observed.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`.
    pub fn price_sum(&self, outcome: u8, price: Price, now: Now) -> Result<(u64, u64)> {
        let (slot, weighed) = self.pool.unobserved(&self.hours, now);
        let sum = self.cumulative_prices.get(usize::from(outcome));
        let sum = sum.ok_or(MarketError::OutcomeOutOfRange)?;
        Ok((slot, sum_after(*sum, price, weighed)))
    }

    /// What has to be brought up to now before `added` sets come, or any go: the interest that stood,
    /// and where liquidity is thin beside it, all of [`Self::observe`].
    ///
    /// # Errors
    /// Those of the curve.
    pub fn observe_for_sets(&mut self, now: Now, added: u64) -> Result<()> {
        let interest = self.pool.open_interest().0.saturating_add(added);
        if self.pool.is_thin(Money(interest)) {
            self.observe(now)
        } else {
            self.observe_interest(now)
        }
    }

    fn pool_and_history(
        &mut self,
    ) -> (
        &mut MarketPool,
        &mut TradingHours,
        History<'_, MAX_OUTCOMES>,
    ) {
        let history = History {
            averages: bytemuck::must_cast_mut(&mut self.cumulative_prices),
            interest: bytemuck::must_cast_mut(&mut self.standing_interest),
            calm_in_slots: &mut self.calm_in_slots,
        };
        (&mut self.pool, &mut self.hours, history)
    }

    /// Counts the open interest that stood until now.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn observe_interest(&mut self, now: Now) -> Result<()> {
        let stood = self.pool.open_interest();
        let smoothing = SlowPrice::new(self.slow_price_slots);
        let interest: &mut StandingInterest = bytemuck::must_cast_mut(&mut self.standing_interest);
        interest
            .observe(stood, now.slot, smoothing)
            .map_err(|error| MarketError::from(error).into())
    }

    /// The open interest that stood when it was last observed, base units.
    pub fn interest_that_stood(&self) -> Money {
        let interest: &StandingInterest = bytemuck::must_cast_ref(&self.standing_interest);
        interest.value()
    }

    fn memory(&self) -> Memory {
        Memory {
            slow_price_slots: self.slow_price_slots,
            micro_tau: self.micro_tau != 0,
        }
    }

    /// Whether the curve may be switched now: once, if the market offers it, in the last part of its
    /// life.
    ///
    /// # Errors
    /// `SwitchNotOffered`, [`MarketError::TooEarlyToSwitch`].
    pub fn require_switch(&self, now_seconds: i64) -> Result<()> {
        require!(
            self.curve_switch == CurveSwitch::Offered as u8,
            MarketError::SwitchNotOffered
        );
        #[expect(
            clippy::integer_division,
            reason = "a fraction, rounded down to whole seconds"
        )]
        let part = self.hours.duration_seconds() / SWITCH_PART;
        let from = self.hours.locks_at.saturating_sub_unsigned(part);
        require_gte!(now_seconds, from, MarketError::TooEarlyToSwitch);
        Ok(())
    }

    /// What the next event of this market starts with.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        let header = EventHeader::next(&mut self.sequence, clock);
        header.map_err(|error| MarketError::from(error).into())
    }
}
