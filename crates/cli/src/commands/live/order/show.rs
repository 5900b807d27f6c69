//! What orders say of themselves.

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::transport;
use math::Price;
use orders::state::{Desk, DeskOrder, OrderKind, OrderSide};
use serde_json::{json, Value};

use super::OpenedOrder;
use crate::commands::live::{any_market::percent, mint::Mint, session::Session, Answer, Run};

#[derive(Args)]
pub struct List {
    /// Only those of this market.
    #[arg(long)]
    market: Option<Pubkey>,
    /// Only those of this owner.
    #[arg(long)]
    owner: Option<Pubkey>,
}

#[derive(Args)]
pub struct Show {
    order: Pubkey,
}

impl Run for List {
    fn run(self, session: &mut Session) -> Answer {
        let now = session.now()?;
        let mut listed = Vec::new();
        for (address, order) in transport::all::<DeskOrder>(&mut session.chain)? {
            if self.owner.is_some_and(|owner| owner != order.owner) {
                continue;
            }
            let desk: Desk = session.read(&order.desk)?;
            if self.market.is_some_and(|market| market != desk.market) {
                continue;
            }
            let mint = session.mint(&desk.mint)?;
            session.say(&format!(
                "{address}  {}  {} of {} left",
                state(&order, now),
                mint.show(order.left),
                mint.show(order.total)
            ));
            listed.push(describe(&address, &order, &desk, mint, now));
        }
        Ok(Value::Array(listed))
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedOrder {
            order, desk, mint, ..
        } = session.order(&self.order)?;
        let now = session.now()?;
        session.say(state(&order, now));
        Ok(describe(&self.order, &order, &desk, mint, now))
    }
}

/// One word for what an order waits for.
fn state(order: &DeskOrder, now: i64) -> &'static str {
    if order.in_flight.is_some() {
        "in the market"
    } else if order.left == 0 {
        "filled"
    } else if now > order.expires_at {
        "expired"
    } else if let Some(trigger) = order.trigger {
        if trigger.armed.is_some() {
            "armed"
        } else {
            "waiting"
        }
    } else if now < order.next_at {
        "pausing"
    } else {
        "due"
    }
}

fn describe(address: &Pubkey, order: &DeskOrder, desk: &Desk, mint: Mint, now: i64) -> Value {
    let price = |price: u64| percent(Price(price));
    let trigger = order.trigger.map(|trigger| {
        json!({
            "stop_percent": trigger.terms.stop.map(price),
            "take_percent": trigger.terms.take.map(price),
            "trail_percent": trigger.terms.trail.map(price),
            "window_slots": trigger.terms.window_slots,
            "armed_slot": trigger.armed.map(|armed| armed.slot),
        })
    });
    json!({
        "order": address.to_string(),
        "market": desk.market.to_string(),
        "owner": order.owner.to_string(),
        "nonce": order.nonce,
        "state": state(order, now),
        "kind": match order.kind {
            OrderKind::Iceberg => "iceberg",
            OrderKind::Twap => "twap",
            OrderKind::Gradual => "gradual",
        },
        "side": match order.side {
            OrderSide::Buy => "buy",
            OrderSide::Sell => "sell",
        },
        "outcome": order.outcome,
        "total": mint.show(order.total),
        "left": mint.show(order.left),
        "slice": mint.show(order.slice),
        "filled_by_others": mint.show(order.slice_filled),
        "fills": order.fills,
        "in_flight": mint.show(order.in_flight.map_or(0, |slice| slice.amount)),
        "money": mint.show(order.money),
        "shares": mint.show(order.shares),
        "limit_from_percent": price(order.limit_from),
        "limit_to_percent": price(order.limit_to),
        "max_deviation_basis_points": order.max_deviation,
        "next_at": order.next_at,
        "expires_at": order.expires_at,
        "tip_lamports": order.tip_lamports,
        "trigger": trigger,
    })
}
