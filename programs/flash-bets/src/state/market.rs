use anchor_lang::prelude::*;
use math::{
    slow_price::{priced_slot, Moment},
    BasisPoints, Conditions, MicroTau, Money, Order, Price, Shares, SlowPrice, Trade,
};
use oracle::{Observation, ResultRoot};
use result_tree::FeedResult;

use crate::{
    error::FlashError,
    state::{seeds, FeeSplit, PoolState, MAX_OUTCOMES},
    tokens::token_amount,
};

/// Where a market is in its life. "Locked" is a slot, not a status; "closed" is no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MarketStatus {
    Open = 1,
    Resolved = 2,
    Void = 3,
}

/// How an observed value becomes an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RuleKind {
    /// The value is the index of the outcome.
    Categorical = 1,
    /// The outcome is the number of strikes at or below the value.
    Threshold = 2,
}

/// The slow price's time constant is this part of a market's duration.
const SLOW_PRICE_PART: u64 = 16;

/// `winning_outcome` of a market that has none.
pub const NO_OUTCOME: u8 = u8::MAX;

/// A market on something that happens within seconds to hours. Address: seeds `flash`, vault, id.
///
/// All terms are fixed at creation. Bets write this account, its token account and the bettor's
/// accounts only, so that markets run in parallel.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct FlashMarket {
    pub version: u8,
    pub bump: u8,
    /// A [`MarketStatus`].
    pub status: u8,
    /// Index of the winning outcome, or [`NO_OUTCOME`].
    pub winning_outcome: u8,
    /// A [`RuleKind`].
    pub rule: u8,
    pub strike_count: u8,
    /// 1 while the strike waits for the observation at `opening_time`.
    pub strike_pending: u8,
    /// 1 if depth falls with the time left.
    pub micro_tau: u8,
    /// Basis points of `min(p, 1 − p)` per share.
    pub fee_rate: u16,
    pub fee_split: FeeSplit,
    /// Unique within the vault.
    pub id: u64,
    /// Market or collection this one belongs to ("verse"); 0 if none. For clients only.
    pub parent: u64,
    pub vault: Pubkey,
    pub event: Pubkey,
    /// Paid the rent, and gets it back.
    pub creator: Pubkey,
    /// Holds the pool's cash, the fees and the stakes in escrow.
    pub token_account: Pubkey,
    pub feed_id: [u8; 32],
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// `T` of the observation that resolves the market, unix milliseconds.
    pub observe_at: u64,
    /// `T` of the observation that sets the strike, unix milliseconds; 0 if strikes are fixed.
    pub opening_time: u64,
    pub open_slot: u64,
    /// First slot without trading: `lock_slot` less the frozen time.
    pub freeze_slot: u64,
    pub lock_slot: u64,
    /// Unix second from which trading is open.
    pub opens_at: i64,
    /// First unix second without trading, when slots take longer than planned: the planned lock.
    pub trading_until: i64,
    /// Unix seconds from which anybody may void the market.
    pub void_from: i64,
    /// Slots between the placing of an order and its execution; 0 for immediate trades.
    pub delay_slots: u64,
    /// Slots in which a delayed order can be executed.
    pub execution_slots: u64,
    /// First slot after a suspension.
    pub suspended_until: u64,
    pub last_suspended_slot: u64,
    /// Slots of suspension that the operator has left.
    pub suspension_left: u64,
    /// Base units that the vault put in.
    pub funding: u64,
    /// Stakes of pending orders, base units.
    pub escrow: u64,
    /// Number of the last event.
    pub sequence: u64,
    pub open_tickets: u32,
    pub pending_bets: u32,
    /// 1 once the vault got the surplus and the market left its books.
    pub released: u8,
    pub padding: [u8; 7],
    /// Strikes in rising order.
    pub strikes: [i64; MAX_OUTCOMES - 1],
    /// What a share of each outcome pays, Q1.63; set when the market is settled.
    pub payouts: [u64; MAX_OUTCOMES],
    pub pool: PoolState,
    /// Where the observation of `feed_id` at `observe_at` is, or would be: a contradiction of any
    /// proof of them is recorded there.
    pub observation: Pubkey,
    /// Unix second of the last change of the slow prices, which `pool.observed_slot` is the slot of.
    pub observed_at: i64,
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<FlashMarket>().is_multiple_of(8));

impl FlashMarket {
    pub fn is_open(&self) -> bool {
        self.status == MarketStatus::Open as u8
    }

    pub fn is_suspended(&self, slot: u64) -> bool {
        slot < self.suspended_until
    }

    /// Whether the operator suspended the market in or after `slot`.
    pub fn was_suspended_since(&self, slot: u64) -> bool {
        self.last_suspended_slot >= slot
    }

    /// # Errors
    /// [`FlashError::MarketNotOpen`].
    pub fn require_open(&self) -> Result<()> {
        require!(self.is_open(), FlashError::MarketNotOpen);
        Ok(())
    }

    /// # Errors
    /// [`FlashError::MarketNotSettled`].
    pub fn require_settled(&self) -> Result<()> {
        require!(!self.is_open(), FlashError::MarketNotSettled);
        Ok(())
    }

    /// Whether trades are possible now: by the slot, and by the second, since feeds and deadlines
    /// go by the second and slots may take longer than planned.
    ///
    /// # Errors
    /// [`FlashError::MarketNotOpen`], [`FlashError::TradingNotStarted`],
    /// [`FlashError::TradingOver`], [`FlashError::MarketSuspended`].
    pub fn require_trading(&self, clock: &Clock) -> Result<()> {
        self.require_open()?;
        require!(clock.slot >= self.open_slot, FlashError::TradingNotStarted);
        require!(
            clock.slot < self.freeze_slot && clock.unix_timestamp < self.trading_until,
            FlashError::TradingOver
        );
        require!(!self.is_suspended(clock.slot), FlashError::MarketSuspended);
        Ok(())
    }

    /// Buys `outcome` for `stake` base units, fee included.
    ///
    /// # Errors
    /// [`FlashError::SlippageExceeded`] for fewer than `min_shares`, and those of the curve.
    pub fn buy(
        &mut self,
        clock: &Clock,
        outcome: u8,
        stake: Money,
        min_shares: Shares,
    ) -> Result<Trade> {
        let conditions = self.conditions_from(clock);
        let rate = BasisPoints(self.fee_rate);
        let trade = self
            .pool
            .pool_mut()
            .trade(conditions, None, usize::from(outcome), Order::Stake(stake), rate)
            .map_err(FlashError::from)?;
        require_gte!(trade.shares.0, min_shares.0, FlashError::SlippageExceeded);
        Ok(trade)
    }

    /// Sells `shares` of `outcome` and returns the trade with what the seller gets, fee deducted.
    ///
    /// # Errors
    /// [`FlashError::Dust`] if the seller would get nothing, [`FlashError::SlippageExceeded`] for
    /// less than `min_return`, and those of the curve.
    pub fn sell(
        &mut self,
        clock: &Clock,
        outcome: u8,
        shares: Shares,
        min_return: Money,
    ) -> Result<(Trade, u64)> {
        let conditions = self.conditions_from(clock);
        let rate = BasisPoints(self.fee_rate);
        let trade = self
            .pool
            .pool_mut()
            .trade(conditions, None, usize::from(outcome), Order::Sell(shares), rate)
            .map_err(FlashError::from)?;
        let net = trade
            .cost
            .0
            .checked_sub(trade.fee.0)
            .ok_or(FlashError::Overflow)?;
        require_gt!(net, 0, FlashError::Dust);
        require_gte!(net, min_return.0, FlashError::SlippageExceeded);
        Ok((trade, net))
    }

    /// Brings the slow prices up to `slot`, or to the last slot of trading if that is earlier: what a
    /// trade in that slot makes of the price has no weight.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn observe(&mut self, clock: &Clock) -> Result<()> {
        let conditions = self.conditions_from(clock);
        self.pool
            .pool_mut()
            .observe(conditions.now_slot, conditions.smoothing, None)
            .map_err(FlashError::from)?;
        Ok(())
    }

    /// The outcome that `value` means under the market's rule.
    ///
    /// # Errors
    /// [`FlashError::ValueOutsideRule`], [`FlashError::StrikePending`].
    pub fn outcome_of(&self, value: i64) -> Result<u8> {
        if self.rule == RuleKind::Categorical as u8 {
            let outcome = u8::try_from(value).map_err(|_| FlashError::ValueOutsideRule)?;
            require!(outcome < self.pool.outcomes, FlashError::ValueOutsideRule);
            return Ok(outcome);
        }
        require!(self.strike_pending == 0, FlashError::StrikePending);
        let reached = self
            .strikes
            .iter()
            .take(usize::from(self.strike_count))
            .filter(|strike| **strike <= value)
            .count();
        u8::try_from(reached).map_err(|_| error!(FlashError::ValueOutsideRule))
    }

    /// Settles the market on a payout vector.
    fn settle(
        &mut self,
        status: MarketStatus,
        winning_outcome: u8,
        payouts: [Price; MAX_OUTCOMES],
    ) {
        self.status = status as u8;
        self.winning_outcome = winning_outcome;
        self.payouts = payouts.map(|payout| payout.0);
    }

    pub fn payout_vector(&self) -> [Price; MAX_OUTCOMES] {
        self.payouts.map(Price)
    }

    /// What a settled market still owes its tickets, rounded up; base units.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn liability(&self) -> Result<u64> {
        let outcomes = usize::from(self.pool.outcomes);
        let sold = self.pool.sold.get(..outcomes);
        let sold = sold.ok_or(FlashError::Overflow)?;
        let owed = math::liability(sold, &self.payout_vector()).map_err(FlashError::from)?;
        Ok(owed.0)
    }

    /// What `shares` of each outcome pay in a settled market, rounded down; base units.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn payout_of(&self, shares: &[u64]) -> Result<u64> {
        let payout = math::payout(shares, &self.payout_vector()).map_err(FlashError::from)?;
        Ok(payout.0)
    }

    /// Takes redeemed shares and their payout off the books.
    ///
    /// # Errors
    /// [`FlashError::Insolvent`], [`FlashError::Overflow`].
    pub fn redeem(&mut self, shares: &[u64], payout: u64) -> Result<()> {
        for (sold, count) in self.pool.sold.iter_mut().zip(shares) {
            *sold = sold.checked_sub(*count).ok_or(FlashError::Overflow)?;
        }
        self.pool.cash = self
            .pool
            .cash
            .checked_sub(payout)
            .ok_or(FlashError::Insolvent)?;
        Ok(())
    }

    /// Whether `observation` is valid and the one this market waits for, at `time`.
    ///
    /// # Errors
    /// [`FlashError::WrongProviderSet`], [`FlashError::WrongVerifyingKey`],
    /// [`FlashError::WrongFeed`], [`FlashError::WrongObservationTime`],
    /// [`FlashError::ObservationNotValid`].
    pub fn require_observation(&self, observation: &Observation, time: u64) -> Result<()> {
        require_keys_eq!(
            observation.provider_set,
            self.provider_set,
            FlashError::WrongProviderSet
        );
        require_keys_eq!(
            observation.verifying_key,
            self.verifying_key,
            FlashError::WrongVerifyingKey
        );
        require!(observation.feed_id == self.feed_id, FlashError::WrongFeed);
        require_eq!(observation.observe_at_ms, time, FlashError::WrongObservationTime);
        require!(observation.is_valid(), FlashError::ObservationNotValid);
        Ok(())
    }

    /// Whether `observation`, which the market waits for or took its strike from, was contradicted.
    ///
    /// # Errors
    /// [`FlashError::WrongObservation`], [`FlashError::NotConflicted`].
    pub fn require_conflict(&self, address: &Pubkey, observation: &Observation) -> Result<()> {
        let is_of_strike = self.opening_time != 0
            && observation.provider_set == self.provider_set
            && observation.verifying_key == self.verifying_key
            && observation.feed_id == self.feed_id
            && observation.observe_at_ms == self.opening_time;
        require!(
            *address == self.observation || is_of_strike,
            FlashError::WrongObservation
        );
        require!(observation.is_conflicted(), FlashError::NotConflicted);
        Ok(())
    }

    /// Whether a result may settle this market: `root` is of the market's providers and key and has
    /// `value` as leaf `index`, and the market's observation, if there is one, says the same.
    ///
    /// # Errors
    /// [`FlashError::WrongProviderSet`], [`FlashError::WrongVerifyingKey`],
    /// [`FlashError::WrongObservation`], [`FlashError::ObservationNotValid`],
    /// [`FlashError::ObservationDisagrees`], and the oracle's `NotInRoot`.
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
            FlashError::WrongProviderSet
        );
        require_keys_eq!(
            root.verifying_key,
            self.verifying_key,
            FlashError::WrongVerifyingKey
        );
        require_keys_eq!(
            *observation.key,
            self.observation,
            FlashError::WrongObservation
        );
        if let Some(observation) = Observation::find(observation)? {
            require!(observation.is_valid(), FlashError::ObservationNotValid);
            require_eq!(observation.value, value, FlashError::ObservationDisagrees);
        }
        let result = FeedResult {
            feed_id: self.feed_id,
            time: self.observe_at,
            value,
        };
        root.require_result(&result, index, path)
    }

    /// Settles the market on the outcome that `value` means, and returns it.
    ///
    /// # Errors
    /// As [`Self::outcome_of`], and [`FlashError::Insolvent`].
    pub fn resolve(&mut self, value: i64) -> Result<u8> {
        let winning_outcome = self.outcome_of(value)?;
        let mut payouts = [Price::ZERO; MAX_OUTCOMES];
        payouts[usize::from(winning_outcome)] = Price::ONE;
        self.settle(MarketStatus::Resolved, winning_outcome, payouts);
        self.assert_solvent()?;
        Ok(winning_outcome)
    }

    /// Settles the market at its slow prices.
    ///
    /// # Errors
    /// [`FlashError::Insolvent`], and those of the curve.
    pub fn void(&mut self, clock: &Clock) -> Result<()> {
        self.observe(clock)?;
        let payouts = self.pool.pool().void_payouts().map_err(FlashError::from)?;
        self.settle(MarketStatus::Void, NO_OUTCOME, payouts);
        self.assert_solvent()
    }

    /// Whether the market can pay whatever happens (design section 9, invariant 1).
    ///
    /// # Errors
    /// [`FlashError::Insolvent`].
    pub fn assert_solvent(&self) -> Result<()> {
        if self.is_open() {
            self.pool.pool().check_solvent().map_err(FlashError::from)?;
        } else {
            require_gte!(self.pool.cash, self.liability()?, FlashError::Insolvent);
        }
        Ok(())
    }

    /// Base units that the market's token account must hold.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn tracked(&self) -> Result<u64> {
        self.pool
            .cash
            .checked_add(self.pool.fees)
            .and_then(|sum| sum.checked_add(self.escrow))
            .ok_or_else(|| error!(FlashError::Overflow))
    }

    /// Ends every instruction that moves money: the market can pay whatever happens, and holds what
    /// it says it holds (design section 9, invariants 1 and 2).
    ///
    /// # Errors
    /// [`FlashError::Insolvent`], [`FlashError::TokensMissing`].
    pub fn assert_backed(&self, token_account: &AccountInfo) -> Result<()> {
        self.assert_solvent()?;
        require_gte!(
            token_amount(token_account)?,
            self.tracked()?,
            FlashError::TokensMissing
        );
        Ok(())
    }

    /// Number of the next event of this market.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn next_sequence(&mut self) -> Result<u64> {
        self.sequence = self.sequence.checked_add(1).ok_or(FlashError::Overflow)?;
        Ok(self.sequence)
    }

    /// What is so at `clock`, up to which the caller brings the pool.
    fn conditions_from(&mut self, clock: &Clock) -> Conditions {
        let conditions = self.conditions(clock);
        let second = clock.unix_timestamp.min(self.trading_until);
        self.observed_at = self.observed_at.max(second);
        conditions
    }

    /// Slot up to which prices have weight.
    fn slot_of_price(&self, clock: &Clock) -> u64 {
        let observed = Moment {
            slot: self.pool.observed_slot,
            seconds: self.observed_at,
        };
        let now = Moment {
            slot: clock.slot,
            seconds: clock.unix_timestamp,
        };
        priced_slot(observed, now, self.trading_until)
    }

    fn conditions(&self, clock: &Clock) -> Conditions {
        let schedule = MicroTau {
            opens_at: self.opens_at,
            locks_at: self.trading_until,
        };
        Conditions {
            now_slot: self.slot_of_price(clock),
            now_seconds: clock.unix_timestamp,
            schedule: (self.micro_tau != 0).then_some(schedule),
            smoothing: self.slow_price(),
        }
    }

    /// Follows a price that stands for a sixteenth of the market's life by 63 % of the way.
    fn slow_price(&self) -> SlowPrice {
        let duration_slots = self.lock_slot.saturating_sub(self.open_slot);
        SlowPrice::new(duration_slots / SLOW_PRICE_PART)
    }
}

/// What a market signs with for its token account, kept apart from the account, which a CPI needs
/// unborrowed.
pub struct MarketSigner {
    vault: Pubkey,
    id: [u8; 8],
    bump: [u8; 1],
}

impl MarketSigner {
    pub fn of(market: &FlashMarket) -> Self {
        Self {
            vault: market.vault,
            id: market.id.to_le_bytes(),
            bump: [market.bump],
        }
    }

    pub fn seeds(&self) -> [&[u8]; 4] {
        [seeds::MARKET, self.vault.as_ref(), &self.id, &self.bump]
    }
}
