//! Orders that others fill: who places them, when, and what became of them.

use std::fmt;

use client::instructions::orders::{OrderPlan, OrderSide, OrderTerms, TriggerTerms};
use math::Price;
use orders::state::DeskOrder;
use serde::Serialize;

use crate::{
    stage::TOKEN,
    tables::{width, Tokens},
};

/// The market that has a desk, and minutes from its opening to that.
pub const DESK_MARKET: usize = 0;
pub const DESK_AFTER: u64 = 5;
/// Lamports for each step of somebody else's.
const TIP: u64 = 10_000;

/// Who places an order, and of what kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKind {
    /// Buys evenly over an hour.
    Twap,
    /// Buys, and shows a sixth at a time.
    Iceberg,
    /// Sells once the price is far enough up or down.
    Bracket,
    /// Two whose limits cross.
    Older,
    Newer,
}

pub const ORDERS: [OrderKind; 5] = [
    OrderKind::Twap,
    OrderKind::Iceberg,
    OrderKind::Bracket,
    OrderKind::Older,
    OrderKind::Newer,
];

impl OrderKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Twap => "TWAP",
            Self::Iceberg => "iceberg",
            Self::Bracket => "stop or take",
            Self::Older => "limit, older",
            Self::Newer => "limit, newer",
        }
    }

    /// Minutes after the desk opened.
    pub fn placed_after(self) -> u64 {
        match self {
            Self::Twap => 10,
            Self::Iceberg => 15,
            Self::Bracket => 20,
            Self::Older => 100,
            Self::Newer => 101,
        }
    }

    /// Complete sets that its owner makes first, base units.
    pub fn sets(self) -> u64 {
        match self {
            Self::Bracket => 8 * TOKEN,
            _ => 0,
        }
    }

    /// Of a market of two outcomes at these prices, at `now`, unix seconds.
    pub fn terms(self, prices: &[Price], now: i64) -> OrderTerms {
        const HOUR: i64 = 60 * 60;
        let outcome = u8::from(matches!(self, Self::Iceberg | Self::Newer));
        let price = prices.get(usize::from(outcome)).map_or(0, |price| price.0);
        let point = Price::ONE.0 / 100;
        let iceberg = |shown, interval_seconds, limit| OrderPlan::Iceberg {
            shown,
            interval_seconds,
            limit,
        };
        let (side, total, plan) = match self {
            Self::Twap => {
                let limit = price + 10 * point;
                (
                    OrderSide::Buy,
                    20 * TOKEN,
                    OrderPlan::Twap { slices: 10, limit },
                )
            }
            Self::Iceberg => {
                let plan = iceberg(2 * TOKEN, 120, price + 10 * point);
                (OrderSide::Buy, 12 * TOKEN, plan)
            }
            Self::Bracket => (OrderSide::Sell, self.sets(), iceberg(2 * TOKEN, 60, point)),
            Self::Older | Self::Newer => {
                // The curve asks for more: its fee is two hundredths of the price.
                let plan = iceberg(3 * TOKEN, 0, price + point / 5);
                (OrderSide::Buy, 3 * TOKEN, plan)
            }
        };
        let bracket = TriggerTerms {
            stop: Some(price.saturating_sub(3 * point)),
            take: Some(price + 3 * point),
            trail: None,
            window_slots: 150,
        };
        OrderTerms {
            outcome,
            side,
            total,
            expires_at: now
                + match self {
                    Self::Twap => HOUR,
                    Self::Bracket => 18 * HOUR,
                    _ => 4 * HOUR,
                },
            max_deviation: 1_000,
            tip_lamports: TIP,
            plan,
            trigger: (self == Self::Bracket).then_some(bracket),
        }
    }
}

/// What became of an order. Amounts are base units, shares of the outcome among them.
#[derive(Clone, Debug, Serialize)]
pub struct OrderReport {
    pub kind: &'static str,
    pub side: &'static str,
    pub outcome: String,
    /// Base units of a purchase, shares of a sale; what of it was filled, and what that brought.
    pub total: u64,
    pub filled: u64,
    pub brought: u64,
    /// Slices that the curve filled, and those that another order did.
    pub fills: u32,
    pub crossings: u32,
}

impl OrderReport {
    pub fn new(kind: OrderKind, terms: &OrderTerms, outcome: String) -> Self {
        Self {
            kind: kind.name(),
            side: match terms.side {
                OrderSide::Buy => "buy",
                OrderSide::Sell => "sell",
            },
            outcome,
            total: terms.total,
            filled: 0,
            brought: 0,
            fills: 0,
            crossings: 0,
        }
    }

    /// Notes how far it is.
    pub fn note(&mut self, order: &DeskOrder) {
        self.filled = order.total - order.left;
        self.brought = match order.side {
            OrderSide::Buy => order.shares,
            OrderSide::Sell => order.money,
        };
    }

    /// What a share cost or brought on average, in ten-thousandths.
    fn average(&self) -> u64 {
        let (money, shares) = match self.side {
            "buy" => (self.filled, self.brought),
            _ => (self.brought, self.filled),
        };
        let average = u128::from(money) * 10_000 / u128::from(shares.max(1));
        u64::try_from(average).unwrap_or(u64::MAX)
    }
}

pub fn write_orders(f: &mut fmt::Formatter<'_>, orders: &[OrderReport]) -> fmt::Result {
    let outcome = width("Outcome", orders.iter().map(|order| order.outcome.as_str()));
    writeln!(
        f,
        "\n{:14} {:4} {:outcome$} {:>9} {:>9} {:>9} {:>8} {:>6} {:>8}",
        "Order", "Side", "Outcome", "Total", "Filled", "Brought", "Average", "Fills", "Crossed"
    )?;
    for order in orders {
        writeln!(
            f,
            "{:14} {:4} {:outcome$} {:>9} {:>9} {:>9} {:>8} {:>6} {:>8}",
            order.kind,
            order.side,
            order.outcome,
            Tokens(order.total),
            Tokens(order.filled),
            Tokens(order.brought),
            format!("0.{:04}", order.average()),
            order.fills,
            order.crossings,
        )?;
    }
    Ok(())
}
