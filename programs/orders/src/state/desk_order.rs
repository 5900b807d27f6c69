use anchor_lang::prelude::*;
use math::{
    order_bounds::{least_return, least_shares},
    Money, MovingLimit, Price, Shares,
};

use super::{OrderTrigger, SliceInFlight};
use crate::error::OrderError;

/// Whether an order spends money or sells shares.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderSide {
    /// Amounts are base units, fees included.
    Buy,
    /// Amounts are shares.
    Sell,
}

/// How an order spreads over time.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKind {
    /// Slices of what is shown, at least an interval apart, within one limit.
    Iceberg,
    /// Equal slices at equal intervals, within one limit.
    Twap,
    /// Equal slices at equal intervals, within a limit that moves from one price to another.
    Gradual,
}

/// An order of one owner. Address: seeds `order`, desk, owner, nonce.
///
/// Its lamports beside the rent pay a tip for every slice, one for its return, and one for who fires its
/// trigger.
#[account]
#[derive(InitSpace, Debug)]
pub struct DeskOrder {
    pub version: u8,
    pub bump: u8,
    pub outcome: u8,
    pub side: OrderSide,
    pub kind: OrderKind,
    pub desk: Pubkey,
    pub owner: Pubkey,
    /// Paid rent and tips; gets what is left of them.
    pub rent_payer: Pubkey,
    pub nonce: u64,
    /// Base units and shares in the desk that are this order's.
    pub money: u64,
    pub shares: u64,
    /// What was put in, and what of it is not filled yet: base units of a purchase, shares of a sale.
    pub total: u64,
    pub left: u64,
    /// Of one fill; the last one's is what is left.
    pub slice: u64,
    /// Slices that are filled whole.
    pub fills: u32,
    /// Least time between two fills.
    pub interval_seconds: u32,
    /// Unix seconds: from when the first slice is due, from when the next one is, and the last second
    /// in which one can be filled.
    pub starts_at: i64,
    pub next_at: i64,
    pub expires_at: i64,
    /// Limit price at the start and at the expiry, Q1.63: the most that a share may cost on average,
    /// or the least that it may return, fees included.
    pub limit_from: u64,
    pub limit_to: u64,
    /// How far the price before a fill may be from its average, to the owner's disadvantage, basis
    /// points of one unit.
    pub max_deviation: u16,
    /// Lamports for who fires the trigger, fills a slice, or returns the order.
    pub tip_lamports: u64,
    /// What it waits for; none once that has happened.
    pub trigger: Option<OrderTrigger>,
    /// Number of the desk's event with which it began: of two orders the one with the lesser is older.
    pub began_in: u64,
    /// What other orders took of the slice that is due, and when the last did, unix seconds.
    pub slice_filled: u64,
    pub crossed_at: i64,
    /// The slice that is in a market with a bet delay, and not booked yet. It is set aside: neither `money`
    /// nor `shares` have it, while `left` does.
    pub in_flight: Option<SliceInFlight>,
    pub reserved: [u8; 15],
}

/// The most that has to be put up for whoever executes a slice: less than the transactions take that have one come back
/// and its order returned, so that no owner of orders with great tips earns what keepers put up.
#[constant]
pub const LEAST_SLICE_TIP_CAP_LAMPORTS: u64 = 10_000;

/// The bound of a fill, as the market takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Base units of a purchase, shares of a sale.
    pub amount: u64,
    /// The fewest shares to get, or the least base units.
    pub bound: u64,
}

impl DeskOrder {
    /// Bytes without the discriminator.
    pub const SPACE: usize = Self::INIT_SPACE;

    /// What is due of a slice at `now`, unix seconds: base units of a purchase, shares of a sale.
    ///
    /// # Errors
    /// [`OrderError::SliceInFlight`], [`OrderError::NotTriggered`], [`OrderError::NothingLeft`],
    /// [`OrderError::Expired`], [`OrderError::NotDue`].
    pub fn due(&self, now: i64) -> core::result::Result<u64, OrderError> {
        if self.in_flight.is_some() {
            return Err(OrderError::SliceInFlight);
        }
        if self.trigger.is_some() {
            return Err(OrderError::NotTriggered);
        }
        if self.left == 0 {
            return Err(OrderError::NothingLeft);
        }
        if now > self.expires_at {
            return Err(OrderError::Expired);
        }
        if now < self.next_at {
            return Err(OrderError::NotDue);
        }
        let rest = self.slice.saturating_sub(self.filled_of_slice(now));
        Ok(rest.min(self.left))
    }

    /// What the next fill on the curve is at `now`, unix seconds.
    ///
    /// # Errors
    /// Those of [`Self::due`]; `Overflow` when no fill can be within the limit.
    pub fn next_fill(&self, now: i64) -> core::result::Result<Fill, OrderError> {
        let amount = self.due(now)?;
        self.within(amount, self.limit_at(now))
    }

    /// What the next slice is that waits in the market, from `now` until it is executed at `until` at the
    /// latest, unix seconds. Nobody looks at its price then but the market: so its bound is what the limit
    /// is at either time and what the deviation from `reference` allows, of the average price, fees
    /// included.
    ///
    /// # Errors
    /// Those of [`Self::next_fill`]; [`OrderError::SliceTooLate`].
    pub fn next_slice(
        &self,
        now: i64,
        until: i64,
        reference: Price,
    ) -> core::result::Result<Fill, OrderError> {
        let amount = self.due(now)?;
        if until > self.expires_at {
            return Err(OrderError::SliceTooLate);
        }
        let (limit, allowed) = ([self.limit_at(now), self.limit_at(until)], self.deviation());
        let worst = match self.side {
            OrderSide::Buy => limit
                .into_iter()
                .fold(Price(reference.0.saturating_add(allowed.0)), Price::min),
            OrderSide::Sell => limit
                .into_iter()
                .fold(Price(reference.0.saturating_sub(allowed.0)), Price::max),
        };
        self.within(amount, worst)
    }

    /// A fill at an average price no worse than this.
    fn within(&self, amount: u64, worst: Price) -> core::result::Result<Fill, OrderError> {
        let bound = match self.side {
            OrderSide::Buy => least_shares(Money(amount), worst)?.0,
            OrderSide::Sell => least_return(Shares(amount), worst)?.0,
        };
        Ok(Fill { amount, bound })
    }

    /// Takes a slice out of what the order has. Returns the money and the shares that it is.
    ///
    /// # Errors
    /// `Overflow` if it has less.
    pub fn set_aside(
        &mut self,
        slice: SliceInFlight,
    ) -> core::result::Result<(u64, u64), OrderError> {
        let (money, shares) = self.put_in(slice.amount);
        self.money = self.money.checked_sub(money).ok_or(OrderError::Overflow)?;
        self.shares = self
            .shares
            .checked_sub(shares)
            .ok_or(OrderError::Overflow)?;
        self.in_flight = Some(slice);
        Ok((money, shares))
    }

    /// Has the slice that was set aside again, as if it had not been. Returns it, and the money and the shares
    /// that it is.
    ///
    /// # Errors
    /// [`OrderError::NoSlice`], `Overflow`.
    pub fn take_in(&mut self) -> core::result::Result<(SliceInFlight, u64, u64), OrderError> {
        let slice = self.in_flight.take().ok_or(OrderError::NoSlice)?;
        let (money, shares) = self.put_in(slice.amount);
        self.money = self.money.checked_add(money).ok_or(OrderError::Overflow)?;
        self.shares = self
            .shares
            .checked_add(shares)
            .ok_or(OrderError::Overflow)?;
        Ok((slice, money, shares))
    }

    /// Has the next slice follow no sooner than this long, seconds, or an interval, from a unix second on.
    pub fn put_off(&mut self, wait: i64, from: i64) {
        let wait = wait.max(self.interval_seconds.into());
        let next = from.saturating_add(wait);
        self.next_at = self.next_at.max(next);
    }

    /// Takes off what was put in and is gone.
    ///
    /// # Errors
    /// `Overflow` if it has less.
    pub fn lose(&mut self, amount: u64) -> core::result::Result<(), OrderError> {
        let (money, shares) = self.put_in(amount);
        self.money = self.money.checked_sub(money).ok_or(OrderError::Overflow)?;
        self.shares = self
            .shares
            .checked_sub(shares)
            .ok_or(OrderError::Overflow)?;
        self.left = self.left.checked_sub(amount).ok_or(OrderError::Overflow)?;
        Ok(())
    }

    /// The money and the shares that an amount of what was put in is.
    fn put_in(&self, amount: u64) -> (u64, u64) {
        match self.side {
            OrderSide::Buy => (amount, 0),
            OrderSide::Sell => (0, amount),
        }
    }

    /// Of the orders that a desk places in its market with a bet delay, that of the slices of the order at an
    /// address: one at a time.
    pub fn slice_nonce(address: &Pubkey) -> u64 {
        let [first, ..] = bytemuck::must_cast::<[u8; 32], [[u8; 8]; 4]>(address.to_bytes());
        u64::from_le_bytes(first)
    }

    /// The limit price at a second.
    pub fn limit_at(&self, now: i64) -> Price {
        let limit = MovingLimit {
            from: Price(self.limit_from),
            to: Price(self.limit_to),
            starts_at: self.starts_at,
            ends_at: self.expires_at,
        };
        limit.at(now)
    }

    /// What other orders took of the slice that is due. An interval after the last did, it begins anew:
    /// what they left may be too little for anybody to fill, and no interval sees more than a slice.
    fn filled_of_slice(&self, now: i64) -> u64 {
        let until = self.crossed_at.saturating_add(self.interval_seconds.into());
        if now < until {
            self.slice_filled
        } else {
            0
        }
    }

    /// Books a fill at `now`: what it took of what was put in, and what came back for it. The next slice
    /// is due at its own time, or an interval later if this one was late, so that late ones never bunch.
    /// Returns the tip, lamports: one for a slice that is filled whole.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn book_fill(
        &mut self,
        now: i64,
        took: u64,
        got: u64,
    ) -> core::result::Result<u64, OrderError> {
        let filled = self.filled_of_slice(now).saturating_add(took);
        let (put_in, come_back) = match self.side {
            OrderSide::Buy => (&mut self.money, &mut self.shares),
            OrderSide::Sell => (&mut self.shares, &mut self.money),
        };
        *put_in = put_in.checked_sub(took).ok_or(OrderError::Overflow)?;
        *come_back = come_back.checked_add(got).ok_or(OrderError::Overflow)?;
        self.left = self.left.checked_sub(took).ok_or(OrderError::Overflow)?;
        if filled < self.slice && self.left > 0 {
            self.slice_filled = filled;
            self.crossed_at = now;
            return Ok(0);
        }
        self.slice_filled = 0;
        self.fills = self.fills.checked_add(1).ok_or(OrderError::Overflow)?;
        let interval = i64::from(self.interval_seconds);
        let scheduled = i64::from(self.fills)
            .saturating_mul(interval)
            .saturating_add(self.starts_at);
        self.next_at = scheduled.max(now.saturating_add(interval));
        Ok(self.tip_lamports)
    }

    /// Begins at `now`, unix seconds, with the desk's event of that number: the first slice is due, and a
    /// limit that moves starts to.
    pub fn begin(&mut self, now: i64, event: u64) {
        self.trigger = None;
        self.began_in = event;
        self.starts_at = now;
        self.next_at = now;
    }

    /// Whether a price before a fill is further from its average than the owner allows, to his
    /// disadvantage.
    pub fn is_deviant(&self, average: Price, before: Price) -> bool {
        let allowed = self.deviation();
        let worse = match self.side {
            OrderSide::Buy => before.0.saturating_sub(average.0),
            OrderSide::Sell => average.0.saturating_sub(before.0),
        };
        worse > allowed.0
    }

    fn deviation(&self) -> Price {
        Price::ratio(u64::from(self.max_deviation), 10_000).unwrap_or(Price::ZERO)
    }

    /// Takes no slice any more: it expired before `now`, unix seconds.
    pub fn cancel(&mut self, now: i64) {
        self.expires_at = self.expires_at.min(now.saturating_sub(1));
    }

    /// What whoever executes a slice that waits gets of who placed it, at the least, lamports, rounded up: half of
    /// the tip that the other gets for it, but no more than [`LEAST_SLICE_TIP_CAP_LAMPORTS`]. With none, nobody but he
    /// executes it, and the order waits for him.
    pub fn least_slice_tip(&self) -> u64 {
        let half = self.tip_lamports.div_ceil(2);
        half.min(LEAST_SLICE_TIP_CAP_LAMPORTS)
    }

    /// Lamports beside the rent, at the least: tips for the trigger, for what is left, and for the return.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn tips_left(&self) -> core::result::Result<u64, OrderError> {
        // Of the slice that is due nothing was paid yet.
        let unpaid = self.left.checked_add(self.slice_filled);
        let slices = unpaid.and_then(|unpaid| unpaid.checked_add(self.slice.saturating_sub(1)));
        let slices = slices.and_then(|sum| sum.checked_div(self.slice));
        slices
            .and_then(|slices| {
                slices.checked_add(u64::from(self.trigger.is_some()).saturating_add(1))
            })
            .and_then(|tips| tips.checked_mul(self.tip_lamports))
            .ok_or(OrderError::Overflow)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::state) fn order(side: OrderSide) -> DeskOrder {
        let half = Price::ONE.0 / 2;
        DeskOrder {
            version: 1,
            bump: 0,
            outcome: 0,
            side,
            kind: OrderKind::Twap,
            desk: Pubkey::default(),
            owner: Pubkey::default(),
            rent_payer: Pubkey::default(),
            nonce: 0,
            money: if side == OrderSide::Buy { 25 } else { 0 },
            shares: if side == OrderSide::Sell { 25 } else { 0 },
            total: 25,
            left: 25,
            slice: 10,
            fills: 0,
            interval_seconds: 60,
            starts_at: 1_000,
            next_at: 1_000,
            expires_at: 2_000,
            limit_from: half,
            limit_to: half,
            max_deviation: 300,
            tip_lamports: 7,
            trigger: None,
            began_in: 1,
            slice_filled: 0,
            crossed_at: 0,
            in_flight: None,
            reserved: [0; 15],
        }
    }

    #[test]
    fn fills_are_whole_slices_and_the_last_what_is_left() {
        let mut order = order(OrderSide::Buy);
        let mut sizes = vec![];
        let mut now = 1_000;
        while let Ok(fill) = order.next_fill(now) {
            assert_eq!(fill.bound, fill.amount * 2);
            order.book_fill(now, fill.amount, fill.bound).unwrap();
            sizes.push(fill.amount);
            now = order.next_at;
        }
        assert_eq!(sizes, [10, 10, 5]);
        assert_eq!((order.money, order.shares, order.left), (0, 50, 0));
        assert_eq!(order.next_fill(now), Err(OrderError::NothingLeft));
    }

    /// However others cut it up, an interval sees no more than a slice, and a slice pays one tip.
    #[test]
    fn slice_that_others_take_in_parts_is_one_slice() {
        let mut order = order(OrderSide::Sell);
        assert_eq!(order.book_fill(1_000, 4, 2), Ok(0));
        assert_eq!((order.due(1_000), order.next_at), (Ok(6), 1_000));
        assert_eq!(order.tips_left(), Ok(28));
        assert_eq!(order.book_fill(1_030, 5, 2), Ok(0));
        assert_eq!(order.due(1_089), Ok(1));
        let mut late = order.clone();
        assert_eq!(order.book_fill(1_089, 1, 1), Ok(7));
        assert_eq!((order.next_at, order.fills), (1_149, 1));
        assert_eq!(order.tips_left(), Ok(21));
        // Nobody took the rest, which may be too little for anybody.
        assert_eq!(late.due(1_090), Ok(10));
        assert_eq!(late.book_fill(1_090, 10, 5), Ok(7));
        assert_eq!((late.left, late.next_at, late.slice_filled), (6, 1_150, 0));
        assert_eq!(late.tips_left(), Ok(14));
        assert_eq!(late.book_fill(1_150, 6, 3), Ok(7));
    }

    #[test]
    fn slice_is_bounded_by_every_limit_of_the_time_that_it_waits() {
        let price = |parts| Price::ratio(parts, 10_000).unwrap();
        for (side, from, to, average) in [
            // The limit now, the limit then, and what the deviation of .03 allows.
            (OrderSide::Buy, 5_000, 9_000, 5_000),
            (OrderSide::Buy, 9_000, 1_000, 7_000),
            (OrderSide::Buy, 9_000, 9_000, 4_750),
            (OrderSide::Sell, 5_000, 1_000, 5_000),
            (OrderSide::Sell, 1_000, 9_000, 2_000),
            (OrderSide::Sell, 1_000, 1_000, 5_250),
        ] {
            let mut order = order(side);
            (order.limit_from, order.limit_to) = (price(from).0, price(to).0);
            let slice = order.next_slice(1_000, 1_500, price(average)).unwrap();
            let bound = if side == OrderSide::Buy { 20 } else { 5 };
            assert_eq!(slice, Fill { amount: 10, bound }, "{side:?} {from} {to}");
        }
        let order = order(OrderSide::Buy);
        assert!(order.next_slice(1_994, 2_000, price(5_000)).is_ok());
        let late = order.next_slice(1_995, 2_001, price(5_000));
        assert_eq!(late, Err(OrderError::SliceTooLate));
    }

    #[test]
    fn late_fills_never_bunch() {
        let mut order = order(OrderSide::Sell);
        assert_eq!(order.next_fill(999), Err(OrderError::NotDue));
        // On time within the first interval, the second keeps its own time.
        order.book_fill(1_000, 10, 5).unwrap();
        assert_eq!(order.next_at, 1_060);
        order.book_fill(1_500, 10, 5).unwrap();
        assert_eq!(order.next_at, 1_560);
        assert_eq!(order.next_fill(1_559), Err(OrderError::NotDue));
        assert_eq!(
            order.next_fill(2_000),
            Ok(Fill {
                amount: 5,
                bound: 3
            })
        );
        assert_eq!(order.next_fill(2_001), Err(OrderError::Expired));
    }

    #[test]
    fn deviation_counts_to_the_owners_disadvantage_only() {
        let price = |parts| Price::ratio(parts, 10_000).unwrap();
        let buy = order(OrderSide::Buy);
        assert!(!buy.is_deviant(price(5_000), price(5_299)));
        assert!(buy.is_deviant(price(5_000), price(5_301)));
        assert!(!buy.is_deviant(price(5_000), price(1)));
        let sell = order(OrderSide::Sell);
        assert!(sell.is_deviant(price(5_000), price(4_699)));
        assert!(!sell.is_deviant(price(5_000), price(9_999)));
    }

    #[test]
    fn tips_cover_every_fill_and_the_return() {
        let mut order = order(OrderSide::Buy);
        assert_eq!(order.tips_left(), Ok(28));
        order.book_fill(1_000, 10, 20).unwrap();
        assert_eq!(order.tips_left(), Ok(21));
    }
}
