//! The market that a desk is of, of either program: what orders ask of it.

use anchor_lang::{prelude::*, Owner, ZeroCopy};
use flash_bets::state::{FlashMarket, Ticket, Vault};
use market_core::{pool::Fill, Moment, Now};
use markets::state::{Market, Position, Venue, MAX_OUTCOMES};
use math::{twap::twap, BasisPoints, CurveKind, Money, Order, Pool, Price, Shares, SlowPrice};

use super::AVERAGE_SLOTS;
use crate::error::OrderError;

/// A market in its account, or a copy.
///
/// What it remembers of an outcome's prices is one number, its *mark*, from two of which the average of the
/// prices between them follows: of a standard market the sum of prices times slots, [`math::twap`], of a
/// flash market, which keeps none, the slow price, [`SlowPrice::average_between`].
#[derive(Clone, Copy, Debug)]
pub enum AnyMarket<'a> {
    Standard(&'a Market),
    Flash(&'a FlashMarket),
}

/// A copy that can be brought up to date, and traded on to see what comes of it.
#[derive(Clone, Debug)]
pub enum MarketCopy {
    Standard(Box<Market>),
    Flash(Box<FlashMarket>),
}

/// Calls something of the pool of either kind, whose methods are the same.
macro_rules! of_pool {
    ($market:expr, $pool:ident => $call:expr) => {
        match $market {
            AnyMarket::Standard(market) => {
                let $pool: &Pool<{ markets::state::MAX_OUTCOMES }> = &market.pool;
                $call
            }
            AnyMarket::Flash(market) => {
                let $pool: &Pool<{ flash_bets::state::MAX_OUTCOMES }> = &market.pool;
                $call
            }
        }
    };
}

impl AnyMarket<'_> {
    pub fn outcomes(self) -> u8 {
        of_pool!(self, pool => pool.outcomes)
    }

    pub fn is_l2(self) -> bool {
        of_pool!(self, pool => pool.kind == CurveKind::L2 as u8)
    }

    /// Shares outstanding of an outcome; 0 of one that does not exist.
    pub fn sold(self, outcome: u8) -> u64 {
        of_pool!(self, pool => pool.sold.get(usize::from(outcome)).copied().unwrap_or(0))
    }

    /// Of `min(p, 1 − p)` a share; a flash market takes it of a floor at least, and so no less.
    pub fn fee_rate(self) -> BasisPoints {
        BasisPoints(match self {
            Self::Standard(market) => market.fee_rate,
            Self::Flash(market) => market.fee_rate,
        })
    }

    /// Up to when its marks are current: the present slot, but in the last second of trading the first that
    /// was seen of it.
    pub fn observed(self) -> Moment {
        Moment {
            slot: of_pool!(self, pool => pool.observed_slot),
            seconds: match self {
                Self::Standard(market) => market.hours.observed_at,
                Self::Flash(market) => market.hours.observed_at,
            },
        }
    }

    /// Seconds from a bet to the last in which it can be executed; none where it is executed at once.
    pub fn wait_seconds(self) -> Option<u32> {
        match self {
            Self::Standard(_) => None,
            Self::Flash(market) => (market.delay_slots > 0).then_some(
                market
                    .delay_seconds
                    .saturating_add(market.execution_seconds),
            ),
        }
    }

    /// Whether its curve has stopped for good at `now`, unix seconds.
    pub fn is_trading_over(self, now: i64) -> bool {
        match self {
            Self::Standard(market) => market.is_trading_over(now),
            Self::Flash(market) => market.is_trading_over(now),
        }
    }

    /// # Errors
    /// [`OrderError::NotTrading`] before the opening, while it is suspended, and once trading is over.
    pub fn require_trading(self, now: i64) -> Result<()> {
        let (hours, is_stopped) = match self {
            Self::Standard(market) => (&market.hours, !market.settlement.is_open()),
            Self::Flash(market) => (
                &market.hours,
                !market.settlement.is_open() || market.is_suspended(now),
            ),
        };
        let is_trading = !is_stopped && hours.require_trading(now).is_ok();
        require!(is_trading, OrderError::NotTrading);
        Ok(())
    }

    /// What a share of each outcome pays; `None` before the settlement.
    pub fn payouts(self) -> Option<[u64; MAX_OUTCOMES]> {
        match self {
            Self::Standard(market) => {
                let settlement = &market.settlement;
                settlement.is_settled().then_some(settlement.payouts)
            }
            Self::Flash(market) => {
                let settlement = &market.settlement;
                settlement.is_settled().then(|| widened(settlement.payouts))
            }
        }
    }

    pub fn is_settled(self) -> bool {
        match self {
            Self::Standard(market) => market.settlement.is_settled(),
            Self::Flash(market) => market.settlement.is_settled(),
        }
    }

    /// What it remembers of each outcome's prices.
    pub fn marks(self) -> [u64; MAX_OUTCOMES] {
        match self {
            Self::Standard(market) => market.cumulative_prices,
            Self::Flash(market) => widened(market.pool.slow_prices),
        }
    }

    /// Of one outcome.
    ///
    /// # Errors
    /// [`OrderError::OutcomeOutOfRange`].
    pub fn mark(self, outcome: u8) -> Result<u64> {
        let place = usize::from(outcome);
        let mark = match self {
            Self::Standard(market) => market.cumulative_prices.get(place),
            Self::Flash(market) => market.pool.slow_prices.get(place),
        };
        Ok(*mark.ok_or(OrderError::OutcomeOutOfRange)?)
    }

    /// The average chance of an outcome over the last `slots`, at the start of which this was its mark.
    ///
    /// # Errors
    /// [`OrderError::OutcomeOutOfRange`], those of the average; [`OrderError::AverageBroken`] of a flash market
    /// whose prices have less than their whole weight.
    pub fn average_since(self, mark: u64, slots: u64, outcome: u8) -> Result<Price> {
        let now = self.mark(outcome)?;
        let average = match self {
            Self::Standard(_) => twap(mark, now, slots),
            Self::Flash(market) => {
                let is_thin = market.pool.is_thin(market.pool.open_interest());
                require!(!is_thin, OrderError::AverageBroken);
                let smoothing = SlowPrice::new(market.slow_price_slots);
                smoothing.average_between(Price(mark), Price(now), slots)
            }
        };
        Ok(average.map_err(OrderError::from)?)
    }

    /// The slow price of a flash market, which is the average where no shorter one is to be had. A standard
    /// market, which lasts, has orders wait for one.
    pub fn slow_price(self, outcome: u8) -> Option<Price> {
        match self {
            Self::Standard(_) => None,
            Self::Flash(_) => self.mark(outcome).ok().map(Price),
        }
    }

    /// Slots between two readings of its marks, at the least: no more than the time constant of a flash
    /// market, of which sixteen are its life.
    pub fn reading_slots(self) -> u64 {
        match self {
            Self::Standard(_) => AVERAGE_SLOTS,
            Self::Flash(market) => market.slow_price_slots.min(AVERAGE_SLOTS),
        }
    }

    /// This moment, with the halts of the market alone.
    pub fn halted(self, now: Now) -> Now {
        match self {
            Self::Standard(_) => now,
            Self::Flash(market) => now.suspended(market.suspension),
        }
    }

    /// The present price of an outcome. It does not change as depth falls with the time.
    ///
    /// # Errors
    /// [`OrderError::OutcomeOutOfRange`], those of the curve.
    #[inline(never)]
    pub fn spot_price(self, outcome: u8) -> Result<Price> {
        of_pool!(self, pool => of_outcome(&pool.prices().map_err(OrderError::from)?, outcome))
    }

    /// The present chance of an outcome: its price, but on an L2 curve.
    ///
    /// # Errors
    /// [`OrderError::OutcomeOutOfRange`], those of the curve.
    #[inline(never)]
    pub fn chance(self, outcome: u8) -> Result<Price> {
        of_pool!(self, pool => of_outcome(&pool.probabilities().map_err(OrderError::from)?, outcome))
    }

    /// The price of an outcome after so many shares of it were bought.
    ///
    /// # Errors
    /// [`OrderError::OutcomeOutOfRange`], those of the curve.
    #[inline(never)]
    pub fn price_after_purchase(self, outcome: u8, shares: Shares) -> Result<Price> {
        of_pool!(self, pool => {
            let mut traded = Box::new(*pool);
            traded
                .execute(outcome.into(), Order::Buy(shares), BasisPoints(0))
                .map_err(OrderError::from)?;
            of_outcome(&traded.prices().map_err(OrderError::from)?, outcome)
        })
    }
}

impl MarketCopy {
    /// Of a market in an account, which the caller knows to be one's, with its marks and depth as they are
    /// at `now`.
    ///
    /// # Errors
    /// `WrongAccount` if it is none; those of the curve.
    #[inline(never)]
    pub fn up_to_date(account: &AccountInfo, now: Now) -> Result<Self> {
        let data = account.try_borrow_data()?;
        let mut copy = if *account.owner == FlashMarket::owner() {
            Self::Flash(copied(&data)?)
        } else {
            require_keys_eq!(*account.owner, markets::ID, OrderError::WrongAccount);
            Self::Standard(copied(&data)?)
        };
        copy.observe(now)?;
        Ok(copy)
    }

    /// The same of a standard market.
    ///
    /// # Errors
    /// Those.
    pub fn standard_up_to_date(account: &AccountInfo, now: Now) -> Result<Box<Market>> {
        match Self::up_to_date(account, now)? {
            Self::Standard(market) => Ok(market),
            Self::Flash(_) => Err(OrderError::WrongAccount.into()),
        }
    }

    /// # Errors
    /// Those of the curve.
    pub fn observe(&mut self, now: Now) -> Result<()> {
        match self {
            Self::Standard(market) => market.observe(now),
            Self::Flash(market) => Ok(market.observe(now)?),
        }
    }

    /// Trades on the curve.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn fill(&mut self, now: Now, outcome: u8, order: Order, bound: u64) -> Result<Fill> {
        use flash_bets::state::Order as FlashOrder;
        match self {
            Self::Standard(market) => market.fill(now, outcome, order, bound),
            Self::Flash(market) => {
                let order = match order {
                    Order::Stake(Money(stake)) => FlashOrder::Stake {
                        stake,
                        min_shares: bound,
                    },
                    Order::Buy(Shares(shares)) => FlashOrder::Buy {
                        shares,
                        max_cost: bound,
                    },
                    Order::Sell(Shares(shares)) => FlashOrder::Sell {
                        shares,
                        min_return: bound,
                    },
                };
                Ok(market.trade(now, outcome, order)?)
            }
        }
    }

    pub fn any(&self) -> AnyMarket<'_> {
        match self {
            Self::Standard(market) => AnyMarket::Standard(market),
            Self::Flash(market) => AnyMarket::Flash(market),
        }
    }
}

/// What a market, which is there until its desk is settled, says.
///
/// # Errors
/// `WrongAccount` if it is none.
pub fn ask_market<T>(account: &AccountInfo, ask: impl FnOnce(AnyMarket<'_>) -> T) -> Result<T> {
    let data = account.try_borrow_data()?;
    if *account.owner == FlashMarket::owner() {
        return Ok(ask(AnyMarket::Flash(in_data(&data)?)));
    }
    require_keys_eq!(*account.owner, markets::ID, OrderError::WrongAccount);
    Ok(ask(AnyMarket::Standard(in_data(&data)?)))
}

/// This moment, and the pauses of a venue or vault, which the caller knows to be the market's.
///
/// # Errors
/// `WrongAccount` if it is neither.
pub fn now_at(venue: &AccountInfo, clock: &Clock) -> Result<Now> {
    let data = venue.try_borrow_data()?;
    if *venue.owner == Vault::owner() {
        return Ok(in_data::<Vault>(&data)?.now(clock));
    }
    require_keys_eq!(*venue.owner, markets::ID, OrderError::WrongAccount);
    Ok(in_data::<Venue>(&data)?.now(clock))
}

/// Who owns a position or a ticket, of which market, and the shares in it.
#[derive(Clone, Debug)]
pub struct Held {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub shares: Vec<u64>,
}

impl Held {
    /// # Errors
    /// `WrongAccount` if the account is neither; that of its data.
    #[inline(never)]
    pub fn in_account(account: &AccountInfo) -> Result<Self> {
        let data = account.try_borrow_data()?;
        let held = if *account.owner == Ticket::owner() {
            Ticket::held(&data)
        } else {
            require_keys_eq!(*account.owner, markets::ID, OrderError::WrongAccount);
            Position::held(&data)
        };
        let held = held.ok_or(OrderError::WrongAccount)?;
        Ok(Self {
            market: Pubkey::new_from_array(*held.market),
            owner: Pubkey::new_from_array(*held.owner),
            shares: held.shares,
        })
    }

    /// # Errors
    /// `WrongAccount`.
    pub fn require_of(&self, market: &Pubkey, owner: &Pubkey) -> Result<()> {
        require_keys_eq!(self.market, *market, OrderError::WrongAccount);
        require_keys_eq!(self.owner, *owner, OrderError::WrongAccount);
        Ok(())
    }
}

fn in_data<T: ZeroCopy>(data: &[u8]) -> Result<&T> {
    let found = data
        .strip_prefix(T::DISCRIMINATOR)
        .and_then(|fields| fields.get(..size_of::<T>()))
        .and_then(|fields| bytemuck::try_from_bytes(fields).ok());
    Ok(found.ok_or(OrderError::WrongAccount)?)
}

/// A function of its own, for the stack's sake: two copies need not fit into one frame.
#[inline(never)]
fn copied<T: ZeroCopy>(data: &[u8]) -> Result<Box<T>> {
    let found: &T = in_data(data)?;
    Ok(Box::new(*found))
}

fn of_outcome(prices: &[Price], outcome: u8) -> Result<Price> {
    let price = prices.get(usize::from(outcome)).copied();
    Ok(price.ok_or(OrderError::OutcomeOutOfRange)?)
}

fn widened(few: [u64; flash_bets::state::MAX_OUTCOMES]) -> [u64; MAX_OUTCOMES] {
    let mut all = [0; MAX_OUTCOMES];
    for (place, value) in all.iter_mut().zip(few) {
        *place = value;
    }
    all
}
