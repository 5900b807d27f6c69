use anchor_lang::prelude::*;
use market_core::{
    pool::{no_bound, Fees, Memory},
    sum, BasisPoints, CoreError, Fill, Halt, Meaning, Money, Now, Observed, Price, PriceSource,
    Shares, Status, TradingHours,
};
use math::chain::LegPrices;
use oracle::Observation;
use program_kit::{Custody, EventHeader, SignerSeeds};

use crate::{
    error::FlashError,
    state::{seeds, ChainWait, FeeSplit, Order, MAX_OUTCOMES, MAX_STRIKES},
};

/// For how long after the settlement an order with a receipt waits for its placer's account to be thawed: a week.
#[constant]
pub const FROZEN_RECEIPT_SECONDS: i64 = 7 * 24 * 60 * 60;

/// The slow price's time constant is this part of a market's duration, and not less than this.
const SLOW_PRICE_PART: u64 = 16;
const LEAST_SLOW_PRICE_SLOTS: u64 = 16;

market_core::sections! {
    #[zero_copy]
    #[derive(Debug)]
    #[repr(C)]
    outcomes: MAX_OUTCOMES, strikes: MAX_STRIKES, key: Pubkey,
    FlashPool, FlashRule, FlashSettlement, FlashEvidence
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
    /// 1 if depth falls with the time left.
    pub micro_tau: u8,
    /// 1 once the vault got the surplus and the market left its books.
    pub released: u8,
    /// Basis points of `max(min(p, 1 − p), floor)` per share; see [`math::Fees`].
    pub fee_rate: u16,
    /// Least price that a share's fee is taken of, basis points of one.
    pub fee_floor_bps: u16,
    pub fee_split: FeeSplit,
    /// Seconds that an order waits, besides the slots; 0 for immediate trades.
    pub delay_seconds: u32,
    /// Slots that an order waits, besides the seconds; 0 for immediate trades.
    pub delay_slots: u64,
    /// Seconds after the delay in which an order can be executed.
    pub execution_seconds: u32,
    /// Seconds of suspension that the operator has left.
    pub suspension_left_seconds: u32,
    /// The last one; slow prices were current when it began.
    pub suspension: Halt,
    pub last_suspended_slot: u64,
    /// Counted by the vault.
    pub id: u64,
    /// Market or collection this one belongs to; 0 if none. For clients only: what counts is the verse of its event.
    pub parent: u64,
    pub vault: Pubkey,
    pub event_book: Pubkey,
    /// Created it and paid the rent, which comes back here; earns the operator's part of its fees.
    pub operator: Pubkey,
    /// Holds the pool's cash, the fees and the stakes in escrow.
    pub token_account: Pubkey,
    pub evidence: FlashEvidence,
    pub hours: TradingHours,
    /// From then on anybody may void the market, unless an observation names an outcome; unix seconds.
    pub void_from: i64,
    /// Time constant of the slow prices.
    pub slow_price_slots: u64,
    /// Base units that the vault put in.
    pub funding: u64,
    /// What buyers of pending orders put in, base units.
    pub escrow: u64,
    /// Number of the last event.
    pub sequence: u64,
    pub open_tickets: u32,
    pub pending_orders: u32,
    pub rule: FlashRule,
    pub settlement: FlashSettlement,
    pub pool: FlashPool,
    /// When it was resolved or made void, unix seconds; 0 before.
    pub settled_at: i64,
    /// Quantum groups that have not taken its result, for which it stays.
    pub open_groups: u32,
    /// 1 while the market has a chain book, which keeps it from closing.
    pub has_chain_book: u8,
    pub chain_padding: [u8; 3],
    pub reserved: [u8; 48],
    /// Where a price comes from and how much may be at stake on it; zero in any other market.
    pub price: PriceSource,
}

const _: () = assert!(core::mem::size_of::<FlashMarket>().is_multiple_of(8));

impl FlashMarket {
    /// Whether the market is suspended at `now`, unix seconds.
    pub fn is_suspended(&self, now: i64) -> bool {
        self.suspension.contains(now)
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

    /// Whether it was settled so long ago that an order with a receipt waits no longer for a frozen account.
    pub fn is_receipt_over(&self, now: i64) -> bool {
        let until = self.settled_at.saturating_add(FROZEN_RECEIPT_SECONDS);
        !self.settlement.is_open() && now >= until
    }

    /// Whether trading has ended for good at `now`, unix seconds.
    pub fn is_trading_over(&self, now: i64) -> bool {
        !self.settlement.is_open() || self.hours.is_over(now)
    }

    /// Whether the market may be resolved while it trades: its question has one answer, whenever that
    /// is known.
    pub fn may_resolve_early(&self) -> bool {
        self.hours.may_resolve_early(self.evidence.observe_at_ms)
    }

    /// Whether trades are possible now: by the second, since feeds and deadlines go by it, and slots
    /// may be shorter or longer than they were.
    ///
    /// # Errors
    /// `MarketNotOpen`, `TradingNotStarted`, `TradingOver`, [`FlashError::MarketSuspended`].
    pub fn require_trading(&self, clock: &Clock) -> core::result::Result<(), FlashError> {
        self.settlement.require_open()?;
        self.hours.require_trading(clock.unix_timestamp)?;
        if self.is_suspended(clock.unix_timestamp) {
            return Err(FlashError::MarketSuspended);
        }
        Ok(())
    }

    /// When an order that is placed now can be executed: after the bet delay, in slots and in seconds.
    ///
    /// # Errors
    /// [`FlashError::DelayPastFreeze`], [`FlashError::Overflow`].
    pub fn wait_from(&self, clock: &Clock) -> core::result::Result<ChainWait, FlashError> {
        let wait = ChainWait::from(
            clock,
            self.delay_slots,
            self.delay_seconds.into(),
            self.execution_seconds.into(),
        )?;
        if wait.executable_until >= self.hours.trading_until {
            return Err(FlashError::DelayPastFreeze);
        }
        Ok(wait)
    }

    /// Trades `order` on `outcome` at the price of this moment, within its bound.
    ///
    /// # Errors
    /// `SlippageExceeded`, `Dust`, `InterestCapExceeded` of a purchase, and those of the curve.
    pub fn trade(
        &mut self,
        now: Now,
        outcome: u8,
        order: Order,
    ) -> core::result::Result<Fill, FlashError> {
        let (memory, fees) = (self.memory(), self.fees());
        let is_purchase = !order.is_sale();
        let (order, bound) = order.on_curve();
        let fill = self.pool.fill(
            &mut self.hours,
            memory,
            now.suspended(self.suspension),
            None,
            outcome,
            order,
            bound,
            fees,
        )?;
        if self.price.is_priced() && is_purchase {
            self.price.require_room(self.pool.sold_of(outcome))?;
        }
        Ok(fill)
    }

    /// As [`Self::trade`], and leaves the market as it was if that is refused.
    ///
    /// # Errors
    /// Those.
    pub fn try_trade(
        &mut self,
        now: Now,
        outcome: u8,
        order: Order,
    ) -> core::result::Result<Fill, FlashError> {
        let before = (self.pool, self.hours);
        let traded = self.trade(now, outcome, order);
        if traded.is_err() {
            (self.pool, self.hours) = before;
        }
        traded
    }

    /// The feed whose book counts the market: of a market on a price its base feed.
    pub fn booked_feed(&self) -> [u8; 32] {
        self.price.booked_feed(self.evidence.feed_id)
    }

    /// What a trade's fee is taken by.
    pub fn fees(&self) -> Fees {
        Fees {
            rate: BasisPoints(self.fee_rate),
            floor: BasisPoints(self.fee_floor_bps),
        }
    }

    /// What an order would come to now, without making the trade.
    ///
    /// # Errors
    /// As [`Self::require_trading`] and [`Self::trade`].
    pub fn quote(
        &self,
        clock: &Clock,
        outcome: u8,
        order: Order,
    ) -> core::result::Result<Fill, FlashError> {
        self.require_trading(clock)?;
        let mut copy = *self;
        let now = Now::without_halts(clock.slot, clock.unix_timestamp);
        copy.trade(now, outcome, order)
    }

    /// Settles the market on the outcome that `value` means. A result of a time after trading does so
    /// only then: the cluster's clock may be behind the feed's.
    ///
    /// # Errors
    /// [`FlashError::TradingNotOver`], `ValueOutsideRule`, `StrikePending`, `Insolvent`.
    pub fn resolve(&mut self, value: i64, clock: &Clock) -> core::result::Result<(), FlashError> {
        if !self.may_resolve_early() && !self.is_trading_over(clock.unix_timestamp) {
            return Err(FlashError::TradingNotOver);
        }
        let meaning = self.rule.meaning(value)?;
        self.settlement.resolve(meaning)?;
        self.settled_at = clock.unix_timestamp;
        self.assert_solvent()
    }

    /// Settles the market at its slow prices.
    ///
    /// # Errors
    /// `Insolvent`, and those of the curve.
    pub fn void(&mut self, now: Now) -> core::result::Result<(), FlashError> {
        self.observe(now)?;
        let payouts = self.pool.void_payouts().map_err(CoreError::from)?;
        self.settlement.void(payouts);
        self.settled_at = now.seconds;
        self.assert_solvent()
    }

    /// Brings depth and slow prices up to now, or to the end of trading if that is earlier. Prices
    /// have no weight while the market was suspended or the vault paused.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn observe(&mut self, now: Now) -> core::result::Result<(), FlashError> {
        let (memory, now) = (self.memory(), now.suspended(self.suspension));
        self.pool.bring_up_to(&mut self.hours, memory, now, None)?;
        Ok(())
    }

    /// Whether the market may be void now: at once if what it waits for, or took its strike from, is
    /// contradicted, or is a tie or no outcome under its rule; after its deadline if no observation names one.
    /// `result` and `strike` are what is where [`Self::find_result`] and [`Self::find_strike`] look.
    ///
    /// # Errors
    /// [`FlashError::OutcomeKnown`], [`FlashError::StrikeKnown`], [`FlashError::DeadlineNotPassed`].
    pub fn require_voidable(
        &self,
        result: Option<Observed>,
        strike: Option<Observed>,
        now: i64,
    ) -> core::result::Result<(), FlashError> {
        let mut found = result.iter().chain(&strike);
        if found.any(|observed| observed.status == Status::Conflicted) {
            return Ok(());
        }
        if let Some(observed) = result {
            match self.rule.meaning(observed.value) {
                Ok(Meaning::Tie | Meaning::NoOutcome) => return Ok(()),
                Err(CoreError::StrikePending) if strike.is_none() => {}
                Err(CoreError::StrikePending) => return Err(FlashError::StrikeKnown),
                Ok(Meaning::Outcome(_) | Meaning::Split { .. }) => {
                    return Err(FlashError::OutcomeKnown)
                }
                Err(other) => return Err(other.into()),
            }
        }
        if now < self.void_from {
            return Err(FlashError::DeadlineNotPassed);
        }
        Ok(())
    }

    /// The observation that the market waits for, if it is there.
    ///
    /// # Errors
    /// `WrongObservation` unless the market names the account as its place.
    pub fn find_result(&self, account: &AccountInfo) -> Result<Option<Observed>> {
        find_named(&self.evidence.observation, account)
    }

    /// The observation of the strike, if it is there; `None` if strikes are fixed.
    ///
    /// # Errors
    /// `WrongObservation` unless the market names the account as its place.
    pub fn find_strike(&self, account: Option<&AccountInfo>) -> Result<Option<Observed>> {
        let Some(address) = self.strike_observation() else {
            return Ok(None);
        };
        find_named(&address, account.ok_or(FlashError::WrongObservation)?)
    }

    /// The slow price of an outcome at this moment. The market itself stays as it is.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, and those of the curve.
    #[inline(never)]
    pub fn slow_price_now(&self, now: Now, outcome: u8) -> core::result::Result<Price, FlashError> {
        let mut copy = *self;
        copy.observe(now)?;
        let slow = copy.pool.slow_prices.get(usize::from(outcome));
        slow.map(|slow| Price(*slow))
            .ok_or(FlashError::OutcomeOutOfRange)
    }

    /// What the market says of an outcome to a chain, `bought` being the purchases that stand for chains, by
    /// outcome. The market itself stays as it is.
    ///
    /// # Errors
    /// `OutcomeOutOfRange`, and those of the curve.
    #[inline(never)]
    pub fn leg_prices(
        &self,
        now: Now,
        outcome: u8,
        bought: &[u64; MAX_OUTCOMES],
    ) -> core::result::Result<LegPrices, FlashError> {
        let mut copy = *self;
        copy.observe(now)?;
        let index = usize::from(outcome);
        if outcome >= copy.pool.outcomes {
            return Err(FlashError::OutcomeOutOfRange);
        }
        let of = |prices: [Price; MAX_OUTCOMES]| prices.get(index).copied().unwrap_or(Price::ZERO);
        let slow = copy.pool.slow_prices.get(index).copied().unwrap_or(0);
        Ok(LegPrices {
            spot: of(copy.pool.prices().map_err(CoreError::from)?),
            moved: of(copy.pool.prices_after(bought).map_err(CoreError::from)?),
            slow: Price(slow),
        })
    }

    /// Where the observation of the strike is, or would be; `None` if strikes are fixed.
    pub fn strike_observation(&self) -> Option<Pubkey> {
        let evidence = &self.evidence;
        evidence.strike_at_ms().map(|_| evidence.strike_observation)
    }

    /// Refuses what [`Self::find_strike`] finds if it is contradicted: a strike that was taken before
    /// somebody showed that is no strike.
    ///
    /// # Errors
    /// `WrongObservation`, `ObservationNotValid`.
    pub fn require_strike_uncontradicted(&self, account: Option<&AccountInfo>) -> Result<()> {
        let strike = self.find_strike(account)?;
        strike.map_or(Ok(()), |strike| {
            Ok(strike.require_valid().map_err(FlashError::from)?)
        })
    }

    /// What the next event of this market starts with.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next_event(&mut self, clock: &Clock) -> core::result::Result<EventHeader, FlashError> {
        Ok(EventHeader::next(&mut self.sequence, clock)?)
    }

    /// Time constant of the slow prices of a market that lasts so many slots.
    #[expect(
        clippy::integer_division,
        reason = "a fraction, rounded down to whole slots"
    )]
    pub fn slow_price_slots_of(duration_slots: u64) -> u64 {
        (duration_slots / SLOW_PRICE_PART).max(LEAST_SLOW_PRICE_SLOTS)
    }

    fn memory(&self) -> Memory {
        Memory {
            slow_price_slots: self.slow_price_slots,
            micro_tau: self.micro_tau != 0,
        }
    }
}

impl Custody for FlashMarket {
    type Error = FlashError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        SignerSeeds::new(&[
            seeds::MARKET,
            self.vault.as_ref(),
            &self.id.to_le_bytes(),
            &[self.bump],
        ])
    }

    fn tracked(&self) -> core::result::Result<u64, FlashError> {
        Ok(sum([self.pool.cash, self.pool.fees, self.escrow])?)
    }

    fn assert_solvent(&self) -> core::result::Result<(), FlashError> {
        Ok(self.settlement.assert_solvent(&self.pool)?)
    }
}

/// The observation at an account that must have the address `named`; `None` if there is none.
fn find_named(named: &Pubkey, account: &AccountInfo) -> Result<Option<Observed>> {
    require_keys_eq!(*account.key, *named, FlashError::WrongObservation);
    Ok(Observation::find(account)?.map(|observation| Observed::from(&observation)))
}

impl Order {
    /// The order with the bound within which any trade is.
    pub fn unbounded(order: market_core::Order) -> Self {
        let bound = no_bound(order);
        match order {
            market_core::Order::Stake(Money(stake)) => Self::Stake {
                stake,
                min_shares: bound,
            },
            market_core::Order::Buy(Shares(shares)) => Self::Buy {
                shares,
                max_cost: bound,
            },
            market_core::Order::Sell(Shares(shares)) => Self::Sell {
                shares,
                min_return: bound,
            },
        }
    }

    /// The order without its bound, and the bound.
    pub(super) fn on_curve(self) -> (market_core::Order, u64) {
        match self {
            Self::Stake { stake, min_shares } => {
                (market_core::Order::Stake(Money(stake)), min_shares)
            }
            Self::Buy { shares, max_cost } => (market_core::Order::Buy(Shares(shares)), max_cost),
            Self::Sell { shares, min_return } => {
                (market_core::Order::Sell(Shares(shares)), min_return)
            }
        }
    }
}
