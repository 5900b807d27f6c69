//! What standard markets say of themselves.

use std::error::Error;

use anchor_lang::prelude::Clock;
use client::market_quotes;
use market_core::MarketStatus;
use markets::state::Market;
use serde_json::{json, Value};

use crate::commands::live::{
    any_market::{same_fields, AnyMarket},
    mint::Mint,
    price,
    session::Session,
};

impl AnyMarket for Market {
    same_fields!(market_quotes::prices);

    fn open_phase(&self, clock: &Clock) -> &'static str {
        let now = clock.unix_timestamp;
        if self.settlement.is(MarketStatus::Disputed) {
            "disputed"
        } else if self.settlement.is(MarketStatus::Proposed) {
            "proposed"
        } else if now < self.hours.opens_at {
            "announced"
        } else if self.require_trading(now).is_ok() {
            "trading"
        } else {
            "locked"
        }
    }

    fn hint(phase: &str) -> &'static str {
        match phase {
            "locked" => "`strobe standard propose` comes next, or `strobe standard dispute-suspension` if provider set or key is suspended",
            "proposed" => "`strobe standard finalize` comes next, or `strobe standard dispute`",
            "disputed" => "`strobe standard arbitrate` comes next",
            _ => "`strobe standard redeem` pays what it owes",
        }
    }

    fn identity(&self) -> Value {
        json!({ "mint": self.mint.to_string() })
    }

    fn details(&self, mint: &Mint) -> Value {
        json!({
            "price": price::describe(&self.price, self.rule.tick, mint, &self.hours),
            "creator": self.creator.to_string(),
            "provider_set": self.evidence.provider_set.to_string(),
            "verifying_key": self.evidence.verifying_key.to_string(),
            "arbiter_set": self.arbiter_set.to_string(),
            "arbiter_key": self.arbiter_key.to_string(),
            "one_key_for_both": self.arbiter_key == self.evidence.verifying_key,
            "fee_rate_basis_points": self.fee_rate,
            "proposal_until": self.proposal_until,
            "dispute_window_seconds": self.dispute_window_seconds,
        })
    }

    fn mint(&self, session: &mut Session) -> Result<Mint, Box<dyn Error>> {
        session.mint(&self.mint)
    }
}
