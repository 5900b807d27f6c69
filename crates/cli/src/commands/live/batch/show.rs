//! What a batch says of itself.

use anchor_lang::prelude::Pubkey;
use clap::Args;
use math::Price;
use orders::state::{Batch, BatchStatus, SealedOrder};
use serde_json::{json, Value};

use super::OpenedBatch;
use crate::commands::live::{any_market::percent, mint::Mint, session::Session, Answer, Run};

#[derive(Args)]
pub struct Show {
    batch: Pubkey,
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.batch(&self.batch)?;
        let each = opened.each()?;
        let OpenedBatch { batch, desk, mint } = opened;
        let now = session.now()?;
        session.say(next(&batch, now));
        let orders = session.sealed_orders(&self.batch)?;
        let orders: Vec<Value> = orders
            .iter()
            .map(|(address, order)| describe(address, order, mint))
            .collect();
        let is_priced = !matches!(batch.status, BatchStatus::Open | BatchStatus::Pricing);
        let price = (is_priced && batch.price > 0).then(|| percent(Price(batch.price)));
        Ok(json!({
            "batch": self.batch.to_string(),
            "market": desk.market.to_string(),
            "status": status(&batch),
            "next": next(&batch, now),
            "each": mint.show(each),
            "commit_until": batch.commit_until,
            "pricing_until": batch.pricing_until(),
            "reveal_until": batch.reveal_until(),
            "committed": batch.committed,
            "revealed": batch.revealed,
            "within_limit": batch.within_limit,
            "price_percent": price,
            "orders": orders,
        }))
    }
}

fn status(batch: &Batch) -> &'static str {
    match batch.status {
        BatchStatus::Open => "open",
        BatchStatus::Pricing => "pricing",
        BatchStatus::Priced => "priced",
        BatchStatus::Crossed => "crossed",
        BatchStatus::Void => "void",
    }
}

/// What the batch waits for.
fn next(batch: &Batch, now: i64) -> &'static str {
    match batch.status {
        BatchStatus::Open if now < batch.commit_until => "takes orders",
        BatchStatus::Open | BatchStatus::Pricing if now <= batch.pricing_until() => {
            "waits for its price: crank it twice, a minute apart"
        }
        BatchStatus::Open | BatchStatus::Pricing => "was not priced in time: crank it to void it",
        BatchStatus::Priced if batch.is_revealing_over(now) => "crank it to cross it",
        BatchStatus::Priced => "waits for orders to be revealed",
        BatchStatus::Crossed | BatchStatus::Void if batch.open_orders > 0 => {
            "crank it to return its orders"
        }
        BatchStatus::Crossed | BatchStatus::Void => "crank it to close it",
    }
}

fn describe(address: &Pubkey, order: &SealedOrder, mint: Mint) -> Value {
    json!({
        "order": address.to_string(),
        "owner": order.owner.to_string(),
        "nonce": order.nonce,
        "bond": mint.show(order.bond),
        "tip_lamports": order.tip_lamports,
        "revealed": order.revealed.map(|revealed| json!({
            "outcome": revealed.outcome,
            "is_within_limit": revealed.is_within_limit,
        })),
    })
}
