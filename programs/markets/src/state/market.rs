use anchor_lang::prelude::*;
use math::{
    liquidity::{liquidity_payout, liquidity_value},
    slow_price::{priced_slot, Moment},
    BasisPoints, Conditions, FeeGrowth, MicroTau, Money, Price, PriceAccumulator, Shares,
    SlowPrice, Trade,
};
use oracle::{Observation, ProviderSet, ResultRoot, VerifyingKey};
use result_tree::FeedResult;

use crate::{
    error::MarketError,
    state::{seeds, LiquidityPosition, MarketPool, PoolState, MAX_OUTCOMES, MAX_STRIKES},
    tokens::token_amount,
};

/// Where a market is in its life. "Locked" is a slot, not a status; "closed" is no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MarketStatus {
    Open = 1,
    /// A result waits for its dispute window to pass.
    Proposed = 2,
    /// The arbiter set has to say.
    Disputed = 3,
    Resolved = 4,
    Void = 5,
}

/// How an observed value becomes a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RuleKind {
    /// The value is the index of the outcome.
    Categorical = 1,
    /// The outcome is the number of strikes at or below the value.
    Threshold = 2,
    /// The outcome is the bin of the value, of equal ones between two bounds.
    Scalar = 3,
    /// Two outcomes, long and short, that share each unit by where the value is between two bounds.
    Linear = 4,
}

/// Whether an LMSR market may become a pm-AMM near its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CurveSwitch {
    NotOffered = 0,
    Offered = 1,
    Done = 2,
}

/// Longest time constant of the slow price, in seconds: it is this, or a sixteenth of the market's
/// duration if that is shorter.
pub const SLOW_PRICE_SECONDS: u32 = 60 * 60;
pub const SLOW_PRICE_PART: u64 = 16;

/// The curve may be switched in the last eighth of a market's life.
const SWITCH_PART: u64 = 8;

/// `winning_outcome` of a market that has none.
pub const NO_OUTCOME: u8 = u8::MAX;

/// A market on something that anybody asks. Address: seeds `market`, venue, creator, id.
///
/// All terms are fixed at creation. Trades write this account, its token account and the trader's
/// accounts only, so that markets run in parallel.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Market {
    pub version: u8,
    pub bump: u8,
    /// A [`MarketStatus`].
    pub status: u8,
    /// Index of the winning outcome, or [`NO_OUTCOME`].
    pub winning_outcome: u8,
    /// A [`RuleKind`].
    pub rule: u8,
    pub strike_count: u8,
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
    /// Unique for the creator.
    pub id: u64,
    pub venue: Pubkey,
    pub mint: Pubkey,
    /// Paid the rent, and gets it back.
    pub creator: Pubkey,
    /// Holds the pool's cash, the fees and the bonds.
    pub token_account: Pubkey,
    pub feed_id: [u8; 32],
    /// Whose observations are proposed, and under which key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Where the oracle keeps the observation that the market waits for, once there is one.
    pub observation: Pubkey,
    /// Whose observations settle a dispute, and under which key.
    pub arbiter_set: Pubkey,
    pub arbiter_key: Pubkey,
    /// `T` of the observation that resolves the market, unix milliseconds.
    pub observe_at: u64,
    pub open_slot: u64,
    /// First slot without trading: `lock_slot` less the frozen time.
    pub freeze_slot: u64,
    pub lock_slot: u64,
    /// First unix second without trading, when slots take longer than planned: the planned lock.
    pub trading_until: i64,
    /// Unix second that the slow prices are current up to, as `pool.observed_slot` is their slot.
    pub observed_at: i64,
    /// Time constant of the slow price, slots.
    pub slow_price_slots: u64,
    /// Unix seconds before which a result may be proposed, and from which the market is void
    /// without one.
    pub proposal_deadline: i64,
    /// Seconds in which a proposal can be disputed, and from the dispute to the arbiters' deadline.
    pub dispute_window: u32,
    pub arbitration_time: u32,
    /// Bounds of the bond, base units.
    pub bond_floor: u64,
    pub bond_cap: u64,
    /// Bounds of a scalar or linear rule.
    pub low: i64,
    pub high: i64,
    /// How far a proposed result may be from the arbiters' and still be right; 0 but for a linear
    /// rule.
    pub tolerance: u64,
    /// Shares of all liquidity positions.
    pub liquidity_supply: u64,
    /// Fees of liquidity providers that are not paid yet, base units.
    pub liquidity_fees: u64,
    pub protocol_fees: u64,
    pub creator_fees: u64,
    /// A [`FeeGrowth`]: fees for one LP share, little-endian, and what did not divide evenly.
    pub fee_growth: [u8; 16],
    pub fee_remainder: u64,
    pub proposer: Pubkey,
    /// The account that the proposed value comes from.
    pub proposal_source: Pubkey,
    pub proposed_value: i64,
    /// What that value meant when it was proposed; see [`Market::result_of`].
    pub proposed_result: i64,
    /// Unix seconds until which the proposal can be disputed.
    pub dispute_deadline: i64,
    /// The default key if nobody disputed.
    pub disputer: Pubkey,
    /// Unix seconds before which the arbiters' observation counts, and from which the market is void
    /// without it.
    pub arbitration_deadline: i64,
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
    /// 1 if two values proven under the verifying key contradict each other; honest medians may
    /// differ.
    pub needs_agreement: u8,
    /// 1 while the strike waits for the observation at `opening_time`.
    pub strike_pending: u8,
    pub padding: [u8; 2],
    /// `T` of the observation that sets the strike, unix milliseconds; 0 if strikes are fixed.
    pub opening_time: u64,
    /// Where the oracle keeps that observation; the default key if strikes are fixed.
    pub strike_observation: Pubkey,
    /// Strikes in rising order.
    pub strikes: [i64; MAX_STRIKES],
    /// What a share of each outcome pays, Q1.63; set when the market is settled.
    pub payouts: [u64; MAX_OUTCOMES],
    /// Sum of each outcome's chance times slots, Q32.32, wrapping; see [`math::twap`].
    pub cumulative_prices: [u64; MAX_OUTCOMES],
    pub pool: PoolState,
    /// Shares outstanding of each outcome that an L2 curve gave to providers who left: those in
    /// redeem-only positions.
    pub redeem_only: [u64; MAX_OUTCOMES],
    pub reserved: [u8; 40],
}

const _: () = assert!(core::mem::size_of::<Market>().is_multiple_of(8));

/// Trading and its money.
///
/// What evaluates the curve stays a function of its own: with many outcomes it takes most of the
/// stack frame that a program has.
impl Market {
    pub fn is_open(&self) -> bool {
        self.status == MarketStatus::Open as u8
    }

    pub fn is_settled(&self) -> bool {
        self.status == MarketStatus::Resolved as u8 || self.status == MarketStatus::Void as u8
    }

    /// # Errors
    /// [`MarketError::MarketNotOpen`].
    pub fn require_open(&self) -> Result<()> {
        require!(self.is_open(), MarketError::MarketNotOpen);
        Ok(())
    }

    /// # Errors
    /// [`MarketError::MarketSettled`].
    pub fn require_not_settled(&self) -> Result<()> {
        require!(!self.is_settled(), MarketError::MarketSettled);
        Ok(())
    }

    /// # Errors
    /// [`MarketError::MarketNotSettled`].
    pub fn require_settled(&self) -> Result<()> {
        require!(self.is_settled(), MarketError::MarketNotSettled);
        Ok(())
    }

    /// Whether the curve trades now: by the slot, and by the second, since feeds and deadlines go by
    /// the second and slots may take longer than planned. It stops at the first proposal, however
    /// early: the result of an event question may be known long before the lock.
    ///
    /// # Errors
    /// [`MarketError::MarketNotOpen`], [`MarketError::TradingNotStarted`],
    /// [`MarketError::TradingOver`].
    pub fn require_trading(&self, clock: &Clock) -> Result<()> {
        self.require_open()?;
        require!(clock.slot >= self.open_slot, MarketError::TradingNotStarted);
        require!(!self.is_trading_over(clock), MarketError::TradingOver);
        Ok(())
    }

    /// Whether the curve has stopped for good: no market comes back to `Open`, and neither clock goes
    /// back.
    pub fn is_trading_over(&self, clock: &Clock) -> bool {
        !self.is_open()
            || clock.slot >= self.freeze_slot
            || clock.unix_timestamp >= self.trading_until
    }

    /// Buys `outcome` for `stake` base units, fee included.
    ///
    /// # Errors
    /// [`MarketError::SlippageExceeded`] for fewer than `min_shares`, and those of the curve.
    #[inline(never)]
    pub fn buy(
        &mut self,
        clock: &Clock,
        outcome: u8,
        stake: Money,
        min_shares: Shares,
    ) -> Result<Trade> {
        let conditions = self.conditions_from(clock);
        let rate = BasisPoints(self.fee_rate);
        let (pool, averages) = self.pool_and_averages();
        let trade = pool
            .buy_now(
                conditions,
                Some(averages),
                usize::from(outcome),
                stake,
                rate,
            )
            .map_err(MarketError::from)?;
        require_gte!(trade.shares.0, min_shares.0, MarketError::SlippageExceeded);
        self.distribute_fees()?;
        Ok(trade)
    }

    /// Buys exactly `shares` of `outcome` and returns the trade with what the buyer pays, fee
    /// included.
    ///
    /// # Errors
    /// [`MarketError::SlippageExceeded`] above `max_cost`, and those of the curve.
    #[inline(never)]
    pub fn buy_shares(
        &mut self,
        clock: &Clock,
        outcome: u8,
        shares: Shares,
        max_cost: Money,
    ) -> Result<(Trade, u64)> {
        let conditions = self.conditions_from(clock);
        let rate = BasisPoints(self.fee_rate);
        let (pool, averages) = self.pool_and_averages();
        let trade = pool
            .buy_shares_now(
                conditions,
                Some(averages),
                usize::from(outcome),
                shares,
                rate,
            )
            .map_err(MarketError::from)?;
        let paid = sum([trade.cost.0, trade.fee.0])?;
        require_gte!(max_cost.0, paid, MarketError::SlippageExceeded);
        self.distribute_fees()?;
        Ok((trade, paid))
    }

    /// Sells `shares` of `outcome` and returns the trade with what the seller gets, fee deducted.
    ///
    /// # Errors
    /// [`MarketError::Dust`] if the seller would get nothing, [`MarketError::SlippageExceeded`] for
    /// less than `min_return`, and those of the curve.
    #[inline(never)]
    pub fn sell(
        &mut self,
        clock: &Clock,
        outcome: u8,
        shares: Shares,
        min_return: Money,
    ) -> Result<(Trade, u64)> {
        let conditions = self.conditions_from(clock);
        let rate = BasisPoints(self.fee_rate);
        let (pool, averages) = self.pool_and_averages();
        let trade = pool
            .sell_now(
                conditions,
                Some(averages),
                usize::from(outcome),
                shares,
                rate,
            )
            .map_err(MarketError::from)?;
        let net = trade
            .cost
            .0
            .checked_sub(trade.fee.0)
            .ok_or(MarketError::Overflow)?;
        require_gt!(net, 0, MarketError::Dust);
        require_gte!(net, min_return.0, MarketError::SlippageExceeded);
        self.distribute_fees()?;
        Ok((trade, net))
    }

    /// Brings depth, slow prices and cumulative prices up to now, or to the last slot of trading if
    /// that is earlier: what a trade in that slot makes of the price has no weight.
    ///
    /// # Errors
    /// Those of the curve.
    #[inline(never)]
    pub fn observe(&mut self, clock: &Clock) -> Result<()> {
        let conditions = self.conditions_from(clock);
        let (pool, averages) = self.pool_and_averages();
        pool.observe(conditions.now, conditions.smoothing, Some(averages))
            .map_err(MarketError::from)?;
        if let Some(schedule) = conditions.schedule {
            pool.decay(schedule, conditions.now)
                .map_err(MarketError::from)?;
        }
        Ok(())
    }

    /// Whether the curve may be switched in `slot`: once, if the market offers it, in the last part
    /// of its life.
    ///
    /// # Errors
    /// [`MarketError::SwitchNotOffered`], [`MarketError::TooEarlyToSwitch`].
    pub fn require_switch(&self, slot: u64) -> Result<()> {
        require!(
            self.curve_switch == CurveSwitch::Offered as u8,
            MarketError::SwitchNotOffered
        );
        let part = self.lock_slot.saturating_sub(self.open_slot) / SWITCH_PART;
        require_gte!(
            slot,
            self.lock_slot.saturating_sub(part),
            MarketError::TooEarlyToSwitch
        );
        Ok(())
    }

    /// Gives everybody his part of the fees that the last trade left in the pool.
    fn distribute_fees(&mut self) -> Result<()> {
        let fees = core::mem::take(&mut self.pool.fees);
        if fees == 0 {
            return Ok(());
        }
        let parts = math::vault::split_fee(
            Money(fees),
            BasisPoints(self.protocol_fee_share),
            BasisPoints(self.creator_fee_share),
        )
        .map_err(MarketError::from)?;
        self.protocol_fees = sum([self.protocol_fees, parts.protocol.0])?;
        self.creator_fees = sum([self.creator_fees, parts.operator.0])?;
        self.liquidity_fees = sum([self.liquidity_fees, parts.liquidity.0])?;
        let mut growth = self.growth();
        growth
            .accrue(parts.liquidity, Shares(self.liquidity_supply))
            .map_err(MarketError::from)?;
        self.fee_growth = growth.per_share.to_le_bytes();
        self.fee_remainder = growth.remainder;
        Ok(())
    }

    /// Credits a provider with the fees since the last time. Comes before any change of its shares.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn credit_fees(&self, position: &mut LiquidityPosition) -> Result<()> {
        let growth = self.growth();
        let fees = growth
            .owed(Shares(position.shares), position.fee_checkpoint)
            .map_err(MarketError::from)?;
        position.fees_owed = sum([position.fees_owed, fees.0])?;
        position.fee_checkpoint = growth.per_share;
        Ok(())
    }

    /// Takes what a provider is owed in fees off the books; base units.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn take_fees(&mut self, position: &mut LiquidityPosition) -> Result<u64> {
        self.credit_fees(position)?;
        let amount = core::mem::take(&mut position.fees_owed);
        self.liquidity_fees = difference(self.liquidity_fees, amount)?;
        Ok(amount)
    }

    pub fn growth(&self) -> FeeGrowth {
        FeeGrowth {
            per_share: u128::from_le_bytes(self.fee_growth),
            remainder: self.fee_remainder,
        }
    }

    fn pool_and_averages(&mut self) -> (&mut MarketPool, &mut PriceAccumulator<MAX_OUTCOMES>) {
        (
            self.pool.pool_mut(),
            bytemuck::must_cast_mut(&mut self.cumulative_prices),
        )
    }

    /// Leaves `Open` for the path to a result: nobody can answer the price any more, which has no
    /// weight from here on.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn end_trading(&mut self, clock: &Clock, status: MarketStatus) -> Result<()> {
        self.observe(clock)?;
        self.freeze_slot = self.freeze_slot.min(clock.slot);
        self.status = status as u8;
        Ok(())
    }

    /// What is so at `clock`, up to which the caller brings the pool.
    fn conditions_from(&mut self, clock: &Clock) -> Conditions {
        let conditions = self.conditions(clock);
        let second = clock.unix_timestamp.min(self.trading_until);
        self.observed_at = self.observed_at.max(second);
        conditions
    }

    pub fn conditions(&self, clock: &Clock) -> Conditions {
        let schedule = MicroTau {
            open_slot: self.open_slot,
            lock_slot: self.lock_slot,
        };
        Conditions {
            now: self.slot_of_price(clock),
            schedule: (self.micro_tau != 0).then_some(schedule),
            smoothing: self.slow_price(),
        }
    }

    /// Slot up to which prices have weight.
    fn slot_of_price(&self, clock: &Clock) -> u64 {
        let observed = Moment {
            slot: self.pool.observed_slot,
            second: self.observed_at,
        };
        let now = Moment {
            slot: clock.slot,
            second: clock.unix_timestamp,
        };
        priced_slot(observed, now, self.freeze_slot, self.trading_until)
    }

    /// Follows a price that stands for its time constant half of the way, and moves from end to end
    /// in no less time than that.
    fn slow_price(&self) -> SlowPrice {
        let tau = self.slow_price_slots.max(1);
        SlowPrice {
            tau,
            max_step: Price(Price::ONE.0 / tau),
        }
    }
}

/// Resolution.
impl Market {
    /// Whether a proposal is right when the arbiters observed `result`; false if there is none. It
    /// stands for the strike that it was made on.
    pub fn is_proposal_right(&self, result: i64) -> bool {
        self.proposer != Pubkey::default()
            && self.proposed_result.abs_diff(result) <= self.tolerance
    }

    /// Whose observations the market takes now, and under which key: the arbiters' once they are
    /// called.
    fn observers(&self) -> (Pubkey, Pubkey) {
        if self.status == MarketStatus::Disputed as u8 {
            (self.arbiter_set, self.arbiter_key)
        } else {
            (self.provider_set, self.verifying_key)
        }
    }

    /// Moves the market to the arbiters' path. From here on its strike, too, is theirs to say, unless
    /// it was fixed at the creation: else nobody could put a false one right. Their time starts no
    /// sooner than what they have to observe: else a false proposal or a contradicted strike long
    /// before would make the market void, whatever they say.
    ///
    /// # Errors
    /// [`MarketError::Overflow`], and those of the curve.
    pub fn call_arbiters(&mut self, clock: &Clock) -> Result<()> {
        self.end_trading(clock, MarketStatus::Disputed)?;
        let observable_from = i64::try_from(self.observe_at.div_ceil(1_000));
        self.arbitration_deadline = observable_from
            .map_err(|_| MarketError::Overflow)?
            .max(clock.unix_timestamp)
            .checked_add(i64::from(self.arbitration_time))
            .ok_or(MarketError::Overflow)?;
        self.strike_pending = u8::from(self.opening_time != 0);
        Ok(())
    }

    /// Whether `observation`, at the market's address or at its strike's, contradicts itself, or is of
    /// another value than the market took from there. It may be a later one: an observation can be
    /// closed after its retention, and a root needs none, so that the oracle cannot see each
    /// contradiction.
    ///
    /// # Errors
    /// [`MarketError::WrongObservation`].
    pub fn is_contradicted(&self, address: &Pubkey, observation: &Observation) -> Result<bool> {
        let taken = if *address == self.observation {
            let is_proposed = self.status == MarketStatus::Proposed as u8;
            is_proposed.then_some(self.proposed_value)
        } else {
            require_keys_eq!(
                *address,
                self.strike_observation,
                MarketError::WrongObservation
            );
            (self.strike_pending == 0).then_some(self.strikes[0])
        };
        let disagrees = taken.is_some_and(|taken| taken != observation.value);
        Ok(observation.is_conflicted() || (disagrees && self.needs_agreement == 1))
    }

    /// Takes the strike of an up/down market from the observation at its opening.
    ///
    /// # Errors
    /// Those of [`Self::require_observation`].
    pub fn set_strike(&mut self, observation: &Observation) -> Result<()> {
        self.require_observation(observation, self.opening_time)?;
        self.strikes[0] = observation.value;
        self.strike_pending = 0;
        Ok(())
    }

    /// What `value` means under the market's rule: the index of the outcome, or of a linear rule the
    /// value within its bounds. Two values with the same result pay the same.
    ///
    /// # Errors
    /// [`MarketError::ValueOutsideRule`], [`MarketError::StrikePending`].
    pub fn result_of(&self, value: i64) -> Result<i64> {
        let outcomes = self.pool.outcomes;
        if self.rule == RuleKind::Categorical as u8 {
            require!(
                (0..i64::from(outcomes)).contains(&value),
                MarketError::ValueOutsideRule
            );
            Ok(value)
        } else if self.rule == RuleKind::Threshold as u8 {
            require!(self.strike_pending == 0, MarketError::StrikePending);
            let reached = self
                .strikes
                .iter()
                .take(usize::from(self.strike_count))
                .filter(|strike| **strike <= value)
                .count();
            i64::try_from(reached).map_err(|_| error!(MarketError::ValueOutsideRule))
        } else if self.rule == RuleKind::Scalar as u8 {
            let bin = math::payout::scalar_bin(value, self.low, self.high, outcomes)
                .map_err(MarketError::from)?;
            Ok(i64::from(bin))
        } else {
            Ok(value.clamp(self.low, self.high))
        }
    }

    /// Settles the market on an observed value.
    ///
    /// # Errors
    /// [`MarketError::ValueOutsideRule`], [`MarketError::StrikePending`].
    pub fn resolve(&mut self, value: i64) -> Result<()> {
        let result = self.result_of(value)?;
        self.payouts = [0; MAX_OUTCOMES];
        if self.rule == RuleKind::Linear as u8 {
            let [long, short] = math::payout::linear_payouts(value, self.low, self.high)
                .map_err(MarketError::from)?;
            self.payouts[0] = long.0;
            self.payouts[1] = short.0;
            self.winning_outcome = NO_OUTCOME;
        } else {
            let winning = usize::try_from(result).map_err(|_| MarketError::ValueOutsideRule)?;
            let payout = self
                .payouts
                .get_mut(winning)
                .ok_or(MarketError::ValueOutsideRule)?;
            *payout = Price::ONE.0;
            self.winning_outcome =
                u8::try_from(winning).map_err(|_| MarketError::ValueOutsideRule)?;
        }
        self.status = MarketStatus::Resolved as u8;
        Ok(())
    }

    /// Settles the market at its slow prices, and gives both bonds back.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn void(&mut self, clock: &Clock) -> Result<()> {
        self.observe(clock)?;
        let payouts = self.pool.pool().void_payouts().map_err(MarketError::from)?;
        self.payouts = payouts.map(|payout| payout.0);
        self.winning_outcome = NO_OUTCOME;
        self.status = MarketStatus::Void as u8;
        Ok(())
    }

    /// What proposer and disputer each have to put up now: a part of the open interest, which is the
    /// most that the shares outstanding can be paid, between floor and cap. It does not fall when
    /// holders of different outcomes balance each other, nor when a provider leaves with shares of
    /// all. Complete sets, which anybody makes and unmakes at no cost, raise it, up to the cap: who
    /// puts up a bond says how much at most. Base units.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn bond_now(&self) -> Result<u64> {
        let sold = self.pool.sold.iter().take(usize::from(self.pool.outcomes));
        let open_interest = Money(sold.copied().max().unwrap_or(0));
        let bond = math::vault::dispute_bond(
            open_interest,
            BasisPoints(self.bond_share),
            Money(self.bond_floor),
        )
        .map_err(MarketError::from)?;
        Ok(bond.0.min(self.bond_cap))
    }

    /// Shares the bonds after the arbiters' word: the loser's goes half to the winner and half to
    /// the treasury, rounded for the treasury. Where no disputer put one up, since the oracle had
    /// shown a conflict, a wrong proposer's goes to the treasury whole: nobody who proposes a wrong
    /// result saves his bond by showing the conflict himself.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn share_bonds(&mut self, is_proposal_right: bool) -> Result<()> {
        let is_disputed = self.disputer_claim > 0;
        let (winner, loser) = if is_proposal_right {
            (&mut self.proposer_claim, &mut self.disputer_claim)
        } else {
            (&mut self.disputer_claim, &mut self.proposer_claim)
        };
        let lost = core::mem::take(loser);
        let gained = if is_disputed { lost / 2 } else { 0 };
        *winner = sum([*winner, gained])?;
        self.protocol_fees = sum([self.protocol_fees, difference(lost, gained)?])?;
        Ok(())
    }

    /// Whether `observation` is the one at `time` of those whom the market believes now, and nothing
    /// contradicts it.
    ///
    /// # Errors
    /// [`MarketError::WrongProviderSet`], [`MarketError::WrongVerifyingKey`],
    /// [`MarketError::WrongFeed`], [`MarketError::WrongObservationTime`],
    /// [`MarketError::ObservationNotValid`].
    pub fn require_observation(&self, observation: &Observation, time: u64) -> Result<()> {
        let (provider_set, verifying_key) = self.observers();
        require_keys_eq!(
            observation.provider_set,
            provider_set,
            MarketError::WrongProviderSet
        );
        require_keys_eq!(
            observation.verifying_key,
            verifying_key,
            MarketError::WrongVerifyingKey
        );
        require!(observation.feed_id == self.feed_id, MarketError::WrongFeed);
        require_eq!(observation.observe_at_ms, time, MarketError::WrongObservationTime);
        require!(observation.is_valid(), MarketError::ObservationNotValid);
        Ok(())
    }

    /// Whether a result may be proposed: `root` is of the market's providers and key and has `value`
    /// as leaf `index`, and the market's observation, if there is one, says the same.
    ///
    /// # Errors
    /// [`MarketError::WrongProviderSet`], [`MarketError::WrongVerifyingKey`],
    /// [`MarketError::WrongObservation`], [`MarketError::ObservationNotValid`],
    /// [`MarketError::ObservationDisagrees`], and the oracle's `NotInRoot`.
    pub fn require_result(
        &self,
        root: &ResultRoot,
        observation: &AccountInfo,
        value: i64,
        index: u32,
        path: &[u8],
    ) -> Result<()> {
        require_keys_eq!(
            root.provider_set,
            self.provider_set,
            MarketError::WrongProviderSet
        );
        require_keys_eq!(
            root.verifying_key,
            self.verifying_key,
            MarketError::WrongVerifyingKey
        );
        require_keys_eq!(
            *observation.key,
            self.observation,
            MarketError::WrongObservation
        );
        if let Some(observation) = Observation::find(observation)? {
            require!(observation.is_valid(), MarketError::ObservationNotValid);
            require_eq!(observation.value, value, MarketError::ObservationDisagrees);
        }
        let result = FeedResult {
            feed_id: self.feed_id,
            time: self.observe_at,
            value,
        };
        root.require_result(&result, index, path)
    }

    /// What a settled market still owes its positions, rounded up; base units.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn liability(&self) -> Result<u64> {
        let owed =
            math::liability(&self.pool.sold, self.payout_vector()).map_err(MarketError::from)?;
        Ok(owed.0)
    }

    /// What a share of each outcome pays, of the outcomes that the market has.
    fn payout_vector(&self) -> &[Price] {
        let payouts: &[Price; MAX_OUTCOMES] = bytemuck::must_cast_ref(&self.payouts);
        payouts
            .get(..usize::from(self.pool.outcomes))
            .unwrap_or(payouts)
    }

    /// What `shares` of each outcome pay in a settled market, rounded down; base units.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn payout_of(&self, shares: &[u64]) -> Result<u64> {
        let payout = math::payout(shares, self.payout_vector()).map_err(MarketError::from)?;
        Ok(payout.0)
    }

    /// Takes redeemed shares and their payout off the books.
    ///
    /// # Errors
    /// [`MarketError::Insolvent`], [`MarketError::Overflow`].
    pub fn redeem(&mut self, shares: &[u64], payout: u64) -> Result<()> {
        for (sold, count) in self.pool.sold.iter_mut().zip(shares) {
            *sold = difference(*sold, *count)?;
        }
        self.pool.cash = self
            .pool
            .cash
            .checked_sub(payout)
            .ok_or(MarketError::Insolvent)?;
        Ok(())
    }

    /// Redeems LP shares in a settled market: their part of what positions are not owed, rounded
    /// down; the last ones get the rest. Base units.
    ///
    /// # Errors
    /// [`MarketError::Insolvent`], [`MarketError::Overflow`].
    pub fn redeem_liquidity(&mut self, shares: u64) -> Result<u64> {
        if self.liquidity_supply == 0 {
            return Ok(0);
        }
        let value = liquidity_value(Money(self.pool.cash), Money(self.liability()?))
            .and_then(|value| {
                liquidity_payout(value, Shares(shares), Shares(self.liquidity_supply))
            })
            .map_err(MarketError::from)?
            .0;
        self.pool.cash = difference(self.pool.cash, value)?;
        self.liquidity_supply = difference(self.liquidity_supply, shares)?;
        Ok(value)
    }
}

/// Books.
impl Market {
    /// Whether the market can pay whatever happens (design section 9, invariant 1).
    ///
    /// # Errors
    /// [`MarketError::Insolvent`].
    pub fn assert_solvent(&self) -> Result<()> {
        if self.is_settled() {
            require_gte!(self.pool.cash, self.liability()?, MarketError::Insolvent);
        } else {
            self.pool
                .pool()
                .check_solvent()
                .map_err(MarketError::from)?;
        }
        Ok(())
    }

    /// Base units that the market's token account must hold.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn tracked(&self) -> Result<u64> {
        sum([
            self.pool.cash,
            self.pool.fees,
            self.liquidity_fees,
            self.protocol_fees,
            self.creator_fees,
            self.proposer_claim,
            self.disputer_claim,
        ])
    }

    /// Ends every instruction that moves money: the market can pay whatever happens, and holds what
    /// it says it holds (design section 9, invariants 1 and 2).
    ///
    /// # Errors
    /// [`MarketError::Insolvent`], [`MarketError::TokensMissing`].
    pub fn assert_backed(&self, token_account: &AccountInfo) -> Result<()> {
        self.assert_solvent()?;
        require_gte!(
            token_amount(token_account)?,
            self.tracked()?,
            MarketError::TokensMissing
        );
        Ok(())
    }

    /// Number of the next event of this market.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn next_sequence(&mut self) -> Result<u64> {
        self.sequence = self.sequence.checked_add(1).ok_or(MarketError::Overflow)?;
        Ok(self.sequence)
    }
}

/// Refuses what a suspended provider set says, or is proven under a suspended key.
///
/// # Errors
/// Those of the oracle.
pub fn require_in_force(
    provider_set: &ProviderSet,
    verifying_key: &VerifyingKey,
    now: i64,
) -> Result<()> {
    provider_set.require_usable(now)?;
    verifying_key.require_usable(now)
}

fn sum(parts: impl IntoIterator<Item = u64>) -> Result<u64> {
    parts
        .into_iter()
        .try_fold(0u64, u64::checked_add)
        .ok_or_else(|| error!(MarketError::Overflow))
}

fn difference(whole: u64, part: u64) -> Result<u64> {
    whole
        .checked_sub(part)
        .ok_or_else(|| error!(MarketError::Overflow))
}

/// What a market signs with for its token account, kept apart from the account, which a CPI needs
/// unborrowed.
pub struct MarketSigner {
    venue: Pubkey,
    creator: Pubkey,
    id: [u8; 8],
    bump: [u8; 1],
}

impl MarketSigner {
    pub fn of(market: &Market) -> Self {
        Self {
            venue: market.venue,
            creator: market.creator,
            id: market.id.to_le_bytes(),
            bump: [market.bump],
        }
    }

    pub fn seeds(&self) -> [&[u8]; 5] {
        [
            seeds::MARKET,
            self.venue.as_ref(),
            self.creator.as_ref(),
            &self.id,
            &self.bump,
        ]
    }
}
