use anchor_lang::prelude::*;
use flash_bets::state::seeds::TICKET;
use market_core::{Moment, Now};
use markets::state::{seeds::POSITION, MAX_OUTCOMES};
use math::{order_bounds::RecentFills, Price};
use program_kit::{new_account::find_address, Custody, EventHeader, SignerSeeds};

use super::{seeds, AnyMarket, DeskOrder, Held, OrderSide};
use crate::error::OrderError;

/// Slots between two readings of a standard market's average prices, at the least: a minute at 400 ms.
#[constant]
pub const AVERAGE_SLOTS: u64 = 150;

/// What a market remembered of its prices at one moment.
#[zero_copy]
#[derive(Debug)]
#[repr(C)]
pub struct PriceReading {
    pub slot: u64,
    /// Unix seconds.
    pub read_at: i64,
    /// Of each outcome, from which averages follow: of a standard market the sum of its prices, of a flash
    /// market the slow price.
    pub marks: [u64; MAX_OUTCOMES],
}

/// All orders of one market. Address: seeds `desk`, market.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Desk {
    pub version: u8,
    pub bump: u8,
    /// 1 once its shares have been redeemed.
    pub settled: u8,
    pub outcomes: u8,
    /// Orders that are not returned yet.
    pub open_orders: u32,
    /// Number of the last event.
    pub sequence: u64,
    pub market: Pubkey,
    /// Program of the market: of standard ones, or of flash bets.
    pub market_program: Pubkey,
    /// Venue of a standard market, vault of a flash market.
    pub venue: Pubkey,
    pub mint: Pubkey,
    /// Holds `cash`.
    pub token_account: Pubkey,
    /// Paid the rent, and gets it back.
    pub rent_payer: Pubkey,
    /// Base units of all orders.
    pub cash: u64,
    /// Shares of all orders, by outcome: what the desk's position or ticket holds at least.
    pub shares: [u64; MAX_OUTCOMES],
    /// What a share of each outcome was paid once the market was settled, Q1.63.
    pub payouts: [u64; MAX_OUTCOMES],
    /// The reading that averages start from, and the one that follows it.
    pub earlier: PriceReading,
    pub later: PriceReading,
    /// A [`RecentFills`]: what fills of late took of a safe move, in 2⁻³² of it, and the slot of the last.
    pub recent_fills: [u64; 2],
    /// What slices that are not booked yet take of a safe move, as fills do, and how many those are.
    pub load_in_flight: u64,
    pub slices_in_flight: u32,
    pub reserved: [u8; 36],
}

const _: () = assert!(core::mem::size_of::<Desk>().is_multiple_of(8));

impl Desk {
    pub fn is_settled(&self) -> bool {
        self.settled != 0
    }

    /// Takes what the market, which is up to date, remembers of its prices as a reading if the last is old
    /// enough. It reaches up to the slot that the market has prices of: an average up to a later one would be
    /// wrong.
    pub fn read_prices(&mut self, market: AnyMarket) {
        let Moment { slot, seconds } = market.observed();
        if slot.saturating_sub(self.later.slot) >= market.reading_slots() {
            self.earlier = self.later;
            self.later = PriceReading {
                slot,
                read_at: seconds,
                marks: market.marks(),
            };
        }
    }

    /// The average chance of an outcome since the earlier reading.
    ///
    /// # Errors
    /// [`OrderError::AverageTooShort`] until there have been two readings; those of
    /// [`AnyMarket::average_since`].
    pub fn average(&self, market: AnyMarket, outcome: u8) -> Result<Price> {
        let slots = self.slots_to(market);
        require!(
            self.earlier.slot > 0 && slots >= market.reading_slots(),
            OrderError::AverageTooShort
        );
        let mark = self.earlier.marks.get(usize::from(outcome));
        let mark = *mark.ok_or(OrderError::OutcomeOutOfRange)?;
        market.average_since(mark, slots, outcome)
    }

    /// The price of an outcome that fills have to be near to: the average since the earlier reading, on an L2
    /// curve the price at the average chances. A flash market that was halted since, or has no two readings,
    /// is measured by its slow price, in which a halt has no weight.
    ///
    /// # Errors
    /// Those of [`Self::average`].
    #[inline(never)]
    pub fn reference(&self, market: AnyMarket, now: &Now, outcome: u8) -> Result<Price> {
        if let Some(slow_price) = market.slow_price(outcome) {
            let average = self.average(market, outcome).ok();
            let recent = average.filter(|_| self.is_unbroken(market, now));
            return Ok(recent.unwrap_or(slow_price));
        }
        if !market.is_l2() {
            return self.average(market, outcome);
        }
        let mut chances = [Price::ZERO; MAX_OUTCOMES];
        for (bin, chance) in (0..self.outcomes).zip(&mut chances) {
            *chance = self.average(market, bin)?;
        }
        let chances = chances.get(..usize::from(self.outcomes));
        let chances = chances.ok_or(OrderError::OutcomeOutOfRange)?;
        let prices = math::l2::prices_of::<MAX_OUTCOMES>(chances).map_err(OrderError::from)?;
        let price = prices.get(usize::from(outcome)).copied();
        Ok(price.ok_or(OrderError::OutcomeOutOfRange)?)
    }

    /// Whether prices had weight in all slots since the earlier reading, so that no halt makes an average
    /// wrong. A standard market shows it, as chances sum to one, within 2⁻²⁰; of a flash market the halts
    /// tell.
    pub fn is_unbroken(&self, market: AnyMarket, now: &Now) -> bool {
        let slots = self.slots_to(market);
        let AnyMarket::Standard(market) = market else {
            let since = Moment {
                slot: self.earlier.slot,
                seconds: self.earlier.read_at,
            };
            let halts = market.halted(*now);
            return halts.weighed_slots(since, market.observed()) == slots;
        };
        let sums = market.cumulative_prices.iter();
        let weighed = sums
            .zip(&self.earlier.marks)
            .take(usize::from(self.outcomes))
            .map(|(now, earlier)| u128::from(now.wrapping_sub(*earlier)))
            .fold(0, u128::saturating_add);
        let slots = u128::from(slots);
        weighed.saturating_add(slots << 12) >= slots << 32
    }

    /// Slots since the earlier reading, as far as the market has prices.
    fn slots_to(&self, market: AnyMarket) -> u64 {
        let until = market.observed().slot;
        until.saturating_sub(self.earlier.slot)
    }

    /// Counts what a fill took of a safe move; see [`math::order_bounds::slice_load`].
    ///
    /// # Errors
    /// [`OrderError::TooManyFills`] if fills of late took so much that it is no longer safe.
    pub fn count_fill(&mut self, load: u64, slot: u64) -> Result<()> {
        let recent: &mut RecentFills = bytemuck::must_cast_mut(&mut self.recent_fills);
        *recent = recent.with(load, slot).ok_or(OrderError::TooManyFills)?;
        Ok(())
    }

    /// Adds an order's money, and its shares of an outcome.
    ///
    /// # Errors
    /// `Overflow`, [`OrderError::OutcomeOutOfRange`].
    pub fn add(&mut self, outcome: u8, money: u64, shares: u64) -> Result<()> {
        self.cash = self.cash.checked_add(money).ok_or(OrderError::Overflow)?;
        let held = self.shares_of(outcome)?;
        *held = held.checked_add(shares).ok_or(OrderError::Overflow)?;
        Ok(())
    }

    /// Takes an order's money, and its shares of an outcome.
    ///
    /// # Errors
    /// `Overflow` if there is less, [`OrderError::OutcomeOutOfRange`].
    pub fn take(&mut self, outcome: u8, money: u64, shares: u64) -> Result<()> {
        self.cash = self.cash.checked_sub(money).ok_or(OrderError::Overflow)?;
        let held = self.shares_of(outcome)?;
        *held = held.checked_sub(shares).ok_or(OrderError::Overflow)?;
        Ok(())
    }

    /// Shares of an outcome of all orders; 0 of one that does not exist.
    pub fn shares_held(&self, outcome: u8) -> u64 {
        self.shares.get(usize::from(outcome)).copied().unwrap_or(0)
    }

    /// Books what an order traded: money and shares of its outcome. Returns its tip, lamports.
    ///
    /// # Errors
    /// `Overflow` if it had less, [`OrderError::OutcomeOutOfRange`].
    pub fn book_trade(
        &mut self,
        order: &mut DeskOrder,
        money: u64,
        shares: u64,
        now: i64,
    ) -> Result<u64> {
        let (took, got) = match order.side {
            OrderSide::Buy => {
                self.take(order.outcome, money, 0)?;
                self.add(order.outcome, 0, shares)?;
                (money, shares)
            }
            OrderSide::Sell => {
                self.take(order.outcome, 0, shares)?;
                self.add(order.outcome, money, 0)?;
                (shares, money)
            }
        };
        Ok(order.book_fill(now, took, got)?)
    }

    fn shares_of(&mut self, outcome: u8) -> Result<&mut u64> {
        self.shares
            .get_mut(usize::from(outcome))
            .ok_or_else(|| OrderError::OutcomeOutOfRange.into())
    }

    /// What shares of an outcome were paid, base units, rounded down; 0 before the desk was settled.
    ///
    /// # Errors
    /// [`OrderError::OutcomeOutOfRange`], `Overflow`.
    pub fn paid_for(&self, outcome: u8, shares: u64) -> Result<u64> {
        let payout = self.payouts.get(usize::from(outcome)).copied();
        let payout = Price(payout.ok_or(OrderError::OutcomeOutOfRange)?);
        let paid = math::payout(&[shares], &[payout]);
        Ok(paid.map_err(OrderError::from)?.0)
    }

    /// Ends an instruction that moves shares: the position, or ticket, is that of the desk, which has this
    /// address, and holds the shares of all orders.
    ///
    /// # Errors
    /// `WrongAccount`, [`OrderError::SharesMissing`].
    #[inline(never)]
    pub fn require_shares(&self, address: &Pubkey, position: &AccountInfo) -> Result<()> {
        let held = Held::in_account(position)?;
        held.require_of(&self.market, address)?;
        let mut both = held.shares.iter().zip(&self.shares);
        let is_held = both.all(|(held, own)| held >= own);
        require!(is_held, OrderError::SharesMissing);
        Ok(())
    }

    /// That the account is no position shows that the desk, which has this address, has none only if it is
    /// at the position's: else anybody could settle the desk without its shares' money. Nobody signs for it,
    /// so it has to be found, off the curve.
    ///
    /// # Errors
    /// `WrongAccount`.
    pub fn require_position_is_gone(&self, address: &Pubkey, position: &AccountInfo) -> Result<()> {
        let program = &self.market_program;
        let kind = if *program == flash_bets::ID {
            TICKET
        } else {
            POSITION
        };
        let parts: &[&[u8]] = &[kind, self.market.as_ref(), address.as_ref()];
        let is_its = find_address(parts, program) == Some(position.key());
        let is_gone = position.owner != program;
        require!(is_its && is_gone, OrderError::WrongAccount);
        Ok(())
    }

    /// What the next event of this desk starts with.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        let header = EventHeader::next(&mut self.sequence, clock);
        header.map_err(|error| OrderError::from(error).into())
    }
}

impl Custody for Desk {
    type Error = OrderError;

    fn token_account(&self) -> Pubkey {
        self.token_account
    }

    fn signer(&self) -> SignerSeeds {
        SignerSeeds::new(&seeds::of_desk(&self.market, &[self.bump]))
    }

    fn tracked(&self) -> core::result::Result<u64, OrderError> {
        Ok(self.cash)
    }

    /// It owes its orders what it tracks, and shares; see [`Self::require_shares`].
    fn assert_solvent(&self) -> core::result::Result<(), OrderError> {
        Ok(())
    }
}
