use anchor_lang::prelude::*;
use math::{
    slow_price::{priced_slot, Moment},
    BasisPoints, Conditions, MicroTau, Money, Price, Shares, SlowPrice, Trade,
};
use oracle::{Observation, ResultRoot};
use result_tree::FeedResult;

use crate::{
    error::FlashError,
    state::{seeds, EventHeader, FeeSplit, Order, PoolState, MAX_OUTCOMES},
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

/// The slow price's time constant is this part of a market's duration, and not less than this.
const SLOW_PRICE_PART: u64 = 16;
const LEAST_TAU_SLOTS: u64 = 16;

/// `winning_outcome` of a market that has none.
pub const NO_OUTCOME: u8 = u8::MAX;

/// What a value means under a market's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Outcome(u8),
    /// The rule has no outcome for it: the market is void.
    NoOutcome,
    /// It cannot be said before the strike is set.
    StrikePending,
}

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
    /// 1 while the strike waits for the observation at `strike_at_ms`.
    pub strike_pending: u8,
    /// 1 if depth falls with the time left.
    pub micro_tau: u8,
    /// Basis points of `min(p, 1 − p)` per share.
    pub fee_rate: u16,
    /// 1 once the vault got the surplus and the market left its books.
    pub released: u8,
    pub padding: u8,
    pub fee_split: FeeSplit,
    /// Counted by the vault.
    pub id: u64,
    /// Market or collection this one belongs to ("verse"); 0 if none. For clients only.
    pub parent: u64,
    pub vault: Pubkey,
    pub event_book: Pubkey,
    /// Created it and paid the rent, which comes back here; earns the operator's part of its fees.
    pub operator: Pubkey,
    /// Holds the pool's cash, the fees and the stakes in escrow.
    pub token_account: Pubkey,
    pub feed_id: [u8; 32],
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Where the observation of `feed_id` at `observe_at_ms` is, or would be: a contradiction of any
    /// proof of them is recorded there.
    pub observation: Pubkey,
    /// Likewise that of the strike; the default key if strikes are fixed.
    pub strike_observation: Pubkey,
    /// `T` of the observation that resolves the market, unix milliseconds.
    pub observe_at_ms: u64,
    /// `T` of the observation that sets the strike, unix milliseconds; 0 if strikes are fixed.
    pub strike_at_ms: u64,
    /// First second of trading.
    pub opens_at: i64,
    /// First second after trading: the lock less the frozen time.
    pub trading_until: i64,
    /// Planned end, to which the depth falls.
    pub locks_at: i64,
    /// From then on anybody may void the market, unless an observation names an outcome.
    pub void_from: i64,
    /// Second of the last change of the slow prices, which `pool.observed_slot` is the slot of.
    pub observed_at: i64,
    /// Time constant of the slow prices.
    pub tau_slots: u64,
    /// An order waits for as many slots and as many seconds; 0 for immediate trades.
    pub delay_slots: u64,
    pub delay_seconds: u32,
    /// Seconds after the delay in which an order can be executed.
    pub execution_seconds: u32,
    /// First second of the last suspension, and the first after it.
    pub suspended_from: i64,
    pub suspended_until: i64,
    pub last_suspended_slot: u64,
    /// Seconds of suspension that the operator has left.
    pub suspension_left_seconds: u32,
    pub open_tickets: u32,
    pub pending_orders: u32,
    pub padding_2: [u8; 4],
    /// Base units that the vault put in.
    pub funding: u64,
    /// What buyers of pending orders put in, base units.
    pub escrow: u64,
    /// Number of the last event.
    pub sequence: u64,
    /// Strikes in rising order.
    pub strikes: [i64; MAX_OUTCOMES - 1],
    /// What a share of each outcome pays, Q1.63; set when the market is settled.
    pub payouts: [u64; MAX_OUTCOMES],
    pub pool: PoolState,
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<FlashMarket>().is_multiple_of(8));

/// What a trade came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    pub shares: u64,
    /// Base units that the buyer pays, fee included, or the seller gets, fee deducted.
    pub amount: u64,
    pub fee: u64,
}

impl FlashMarket {
    pub fn is_open(&self) -> bool {
        self.status == MarketStatus::Open as u8
    }

    /// Whether the market is suspended at `now`, unix seconds.
    pub fn is_suspended(&self, now: i64) -> bool {
        now < self.suspended_until
    }

    /// Whether the operator suspended the market in or after `slot`.
    pub fn was_suspended_since(&self, slot: u64) -> bool {
        self.last_suspended_slot >= slot
    }

    /// Least seconds that a suspension costs: it returns every order that waits.
    pub fn least_suspension_seconds(&self) -> u32 {
        self.delay_seconds
            .saturating_add(self.execution_seconds)
            .max(1)
    }

    /// Whether trading has ended for good at `now`, unix seconds.
    pub fn is_trading_over(&self, now: i64) -> bool {
        !self.is_open() || now >= self.trading_until
    }

    /// Whether the market may be resolved while it trades: its question has one answer, whenever that
    /// is known.
    pub fn may_resolve_early(&self) -> bool {
        i64::try_from(self.observe_at_ms / 1_000).is_ok_and(|second| second < self.locks_at)
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

    /// Whether trades are possible now: by the second, since feeds and deadlines go by it, and slots
    /// may be shorter or longer than they were.
    ///
    /// # Errors
    /// [`FlashError::MarketNotOpen`], [`FlashError::TradingNotStarted`],
    /// [`FlashError::TradingOver`], [`FlashError::MarketSuspended`].
    pub fn require_trading(&self, clock: &Clock) -> Result<()> {
        self.require_open()?;
        let now = clock.unix_timestamp;
        require_gte!(now, self.opens_at, FlashError::TradingNotStarted);
        require_gt!(self.trading_until, now, FlashError::TradingOver);
        require!(!self.is_suspended(now), FlashError::MarketSuspended);
        Ok(())
    }

    /// Trades `order` on `outcome` at the price of this moment, within its bound.
    ///
    /// # Errors
    /// [`FlashError::SlippageExceeded`], [`FlashError::Dust`] if a seller would get nothing, and those
    /// of the curve.
    pub fn trade(&mut self, clock: &Clock, outcome: u8, order: Order) -> Result<Fill> {
        let conditions = self.bring_to(clock)?;
        let (rate, outcome) = (BasisPoints(self.fee_rate), usize::from(outcome));
        let pool = self.pool.pool_mut();
        let trade = match order {
            Order::Stake { stake, .. } => {
                pool.buy_now(conditions, None, outcome, Money(stake), rate)
            }
            Order::Buy { shares, .. } => {
                pool.buy_shares_now(conditions, None, outcome, Shares(shares), rate)
            }
            Order::Sell { shares, .. } => {
                pool.sell_now(conditions, None, outcome, Shares(shares), rate)
            }
        }
        .map_err(FlashError::from)?;
        let fill = fill_of(order, trade)?;
        let is_within = match order {
            Order::Stake { min_shares, .. } => fill.shares >= min_shares,
            Order::Buy { max_cost, .. } => fill.amount <= max_cost,
            Order::Sell { min_return, .. } => fill.amount >= min_return,
        };
        require!(is_within, FlashError::SlippageExceeded);
        Ok(fill)
    }

    /// What an order would come to now, without making the trade.
    ///
    /// # Errors
    /// As [`Self::require_trading`] and [`Self::trade`].
    pub fn quote(&self, clock: &Clock, outcome: u8, order: Order) -> Result<Fill> {
        self.require_trading(clock)?;
        let mut copy = *self;
        copy.trade(clock, outcome, order)
    }

    /// Brings the slow prices up to `slot`, or to the last slot of trading if that is earlier: what a
    /// trade in that slot makes of the price has no weight.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn observe(&mut self, clock: &Clock) -> Result<()> {
        let conditions = self.bring_to(clock)?;
        self.pool
            .pool_mut()
            .observe(conditions.now, conditions.smoothing, None)
            .map_err(FlashError::from)?;
        Ok(())
    }

    /// What `value` means under the market's rule.
    pub fn meaning_of(&self, value: i64) -> Meaning {
        if self.rule == RuleKind::Categorical as u8 {
            let outcome = u8::try_from(value).ok();
            return outcome
                .filter(|outcome| *outcome < self.pool.outcomes)
                .map_or(Meaning::NoOutcome, Meaning::Outcome);
        }
        if self.strike_pending != 0 {
            return Meaning::StrikePending;
        }
        let reached = self
            .strikes
            .iter()
            .take(usize::from(self.strike_count))
            .filter(|strike| **strike <= value)
            .count();
        u8::try_from(reached).map_or(Meaning::NoOutcome, Meaning::Outcome)
    }

    /// The outcome that `value` means under the market's rule.
    ///
    /// # Errors
    /// [`FlashError::ValueOutsideRule`], [`FlashError::StrikePending`].
    pub fn outcome_of(&self, value: i64) -> Result<u8> {
        match self.meaning_of(value) {
            Meaning::Outcome(outcome) => Ok(outcome),
            Meaning::NoOutcome => err!(FlashError::ValueOutsideRule),
            Meaning::StrikePending => err!(FlashError::StrikePending),
        }
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
        require_eq!(observation.time, time, FlashError::WrongObservationTime);
        require!(observation.is_valid(), FlashError::ObservationNotValid);
        Ok(())
    }

    /// Whether the market may be void now: at once if what it waits for, or took its strike from, is
    /// contradicted, or is no outcome under its rule; after its deadline if no observation names one.
    /// The market names both accounts; that of the strike is needed only by an up/down market.
    ///
    /// # Errors
    /// [`FlashError::WrongObservation`], [`FlashError::OutcomeKnown`], [`FlashError::StrikeKnown`],
    /// [`FlashError::DeadlineNotPassed`].
    pub fn require_voidable(
        &self,
        observation: &AccountInfo,
        strike_observation: Option<&AccountInfo>,
        clock: &Clock,
    ) -> Result<()> {
        let result = find_named(&self.observation, observation)?;
        let strike = if self.strike_at_ms == 0 {
            None
        } else {
            let account = strike_observation.ok_or(FlashError::WrongObservation)?;
            find_named(&self.strike_observation, account)?
        };
        let is_contradicted = |found: &Option<Observation>| {
            found.is_some_and(|observation| observation.is_conflicted())
        };
        if is_contradicted(&result) || is_contradicted(&strike) {
            return Ok(());
        }
        match result.map(|observation| self.meaning_of(observation.value)) {
            Some(Meaning::NoOutcome) => return Ok(()),
            Some(Meaning::Outcome(_)) => return err!(FlashError::OutcomeKnown),
            Some(Meaning::StrikePending) => require!(strike.is_none(), FlashError::StrikeKnown),
            None => {}
        }
        require_gte!(
            clock.unix_timestamp,
            self.void_from,
            FlashError::DeadlineNotPassed
        );
        Ok(())
    }

    /// Whether the observation that the market waits for is there, whatever it says.
    ///
    /// # Errors
    /// [`FlashError::WrongObservation`].
    pub fn is_observed(&self, observation: &AccountInfo) -> Result<bool> {
        Ok(find_named(&self.observation, observation)?.is_some())
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
            time: self.observe_at_ms,
            value,
        };
        root.require_result(&result, index, path)
    }

    /// Settles the market on the outcome that `value` means, and returns it. A result of a time after
    /// trading does so only then: the cluster's clock may be behind the feed's.
    ///
    /// # Errors
    /// [`FlashError::TradingNotOver`], as [`Self::outcome_of`], and [`FlashError::Insolvent`].
    pub fn resolve(&mut self, value: i64, clock: &Clock) -> Result<u8> {
        require!(
            self.may_resolve_early() || self.is_trading_over(clock.unix_timestamp),
            FlashError::TradingNotOver
        );
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

    /// Whether the market can pay whatever happens (docs/invariants.md, 1).
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
    /// it says it holds (docs/invariants.md, 1 and 2).
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

    /// What the next event of this market starts with.
    ///
    /// # Errors
    /// [`FlashError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        self.sequence = self.sequence.checked_add(1).ok_or(FlashError::Overflow)?;
        Ok(EventHeader::new(self.sequence, clock))
    }

    /// Time constant of the slow prices of a market that lasts so many slots.
    pub fn tau_slots(duration_slots: u64) -> u64 {
        (duration_slots / SLOW_PRICE_PART).max(LEAST_TAU_SLOTS)
    }

    /// Brings the depth to `clock`, and says what is so up to which the caller brings the prices.
    fn bring_to(&mut self, clock: &Clock) -> Result<Conditions> {
        let now = self.slot_of_price(clock);
        let second = clock.unix_timestamp.min(self.trading_until);
        self.observed_at = self.observed_at.max(second);
        if self.micro_tau != 0 {
            let seconds = |second: i64| second.max(0).unsigned_abs();
            let schedule = MicroTau {
                open_slot: seconds(self.opens_at),
                lock_slot: seconds(self.locks_at),
            };
            self.pool
                .pool_mut()
                .decay(schedule, seconds(second))
                .map_err(FlashError::from)?;
        }
        Ok(Conditions {
            now,
            schedule: None,
            smoothing: self.slow_price(),
        })
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
        priced_slot(observed, now, u64::MAX, self.trading_until)
    }

    /// Moves from end to end in no less time than its time constant.
    fn slow_price(&self) -> SlowPrice {
        let tau = self.tau_slots.max(1);
        SlowPrice {
            tau,
            max_step: Price(Price::ONE.0 / tau),
        }
    }
}

/// The observation at an account that must have the address `named`; `None` if there is none.
fn find_named(named: &Pubkey, account: &AccountInfo) -> Result<Option<Observation>> {
    require_keys_eq!(*account.key, *named, FlashError::WrongObservation);
    Observation::find(account)
}

/// # Errors
/// [`FlashError::Dust`] if a seller would get nothing.
fn fill_of(order: Order, trade: Trade) -> Result<Fill> {
    let (cost, fee) = (trade.cost.0, trade.fee.0);
    let amount = match order {
        Order::Stake { stake, .. } => stake,
        Order::Buy { .. } => cost.checked_add(fee).ok_or(FlashError::Overflow)?,
        Order::Sell { .. } => {
            let net = cost.checked_sub(fee).ok_or(FlashError::Overflow)?;
            require_gt!(net, 0, FlashError::Dust);
            net
        }
    };
    Ok(Fill {
        shares: trade.shares.0,
        amount,
        fee,
    })
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
