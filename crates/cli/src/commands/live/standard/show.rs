//! What standard markets say of themselves.

use anchor_lang::prelude::{Clock, Pubkey};
use clap::Args;
use client::{
    market_quotes,
    transport::{self, Transport},
};
use market_core::MarketStatus;
use markets::state::Market;
use serde_json::{json, Value};

use super::Opened;
use crate::commands::live::{market_show::percent, session::Session, Answer, Run};

#[derive(Args)]
pub struct List {
    /// Only markets that can be traded now.
    #[arg(long)]
    trading: bool,
}

#[derive(Args)]
pub struct Show {
    market: Pubkey,
}

impl Run for List {
    fn run(self, session: &mut Session) -> Answer {
        let clock = session.chain.clock()?;
        let mut listed = Vec::new();
        for (address, market) in transport::all::<Market>(&mut session.chain)? {
            let phase = phase(&market, &clock);
            if self.trading && phase != "trading" {
                continue;
            }
            let prices = percents(&market);
            session.say(&format!("{address}  {phase:<10}  {}", prices.join(" ")));
            listed.push(json!({
                "market": address.to_string(),
                "mint": market.mint.to_string(),
                "phase": phase,
                "prices_percent": prices,
                "opens_at": market.hours.opens_at,
                "locks_at": market.hours.locks_at,
            }));
        }
        Ok(Value::Array(listed))
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        let phase = phase(&opened.market, &opened.clock);
        session.say(&format!("{phase}; {}", percents(&opened.market).join(" ")));
        let evidence = &opened.market.evidence;
        let reach = session.median_reach(&evidence.provider_set, &evidence.verifying_key)?;
        Ok(describe(&opened, reach))
    }
}

/// One word for where a market is in its life.
pub fn phase(market: &Market, clock: &Clock) -> &'static str {
    let now = clock.unix_timestamp;
    let is = |status| market.settlement.is(status);
    if is(MarketStatus::Resolved) {
        "resolved"
    } else if is(MarketStatus::Void) {
        "void"
    } else if is(MarketStatus::Disputed) {
        "disputed"
    } else if is(MarketStatus::Proposed) {
        "proposed"
    } else if now < market.hours.opens_at {
        "announced"
    } else if market.require_trading(now).is_ok() {
        "trading"
    } else {
        "locked"
    }
}

fn percents(market: &Market) -> Vec<String> {
    market_quotes::prices(market)
        .unwrap_or_default()
        .into_iter()
        .map(percent)
        .collect()
}

fn describe(opened: &Opened, median_reach: Value) -> Value {
    let Opened {
        address,
        market,
        mint,
        clock,
        ..
    } = opened;
    let evidence = &market.evidence;
    json!({
        "market": address.to_string(),
        "mint": market.mint.to_string(),
        "creator": market.creator.to_string(),
        "phase": phase(market, clock),
        "outcomes": market.pool.outcomes,
        "prices_percent": percents(market),
        "depth": mint.show(market.pool.depth),
        "fee_rate_basis_points": market.fee_rate,
        "opens_at": market.hours.opens_at,
        "locks_at": market.hours.locks_at,
        "proposal_until": market.proposal_until,
        "dispute_window_seconds": market.dispute_window_seconds,
        "clock": clock.unix_timestamp,
        "winning_outcome": market
            .settlement
            .is(MarketStatus::Resolved)
            .then_some(market.settlement.winning_outcome),
        "evidence": {
            "feed": hex::encode(evidence.feed_id),
            "observe_at_ms": evidence.observe_at_ms,
            "provider_set": evidence.provider_set.to_string(),
            "verifying_key": evidence.verifying_key.to_string(),
            "observation": evidence.observation.to_string(),
            "median_reach": median_reach,
        },
    })
}
