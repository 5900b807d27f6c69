//! What flash markets say of themselves.

use std::time::Duration;

use anchor_lang::prelude::{Clock, Pubkey};
use attestation::Field;
use clap::Args;
use client::{
    medians::MedianReach,
    quotes,
    transport::{self, AccountWatch, Transport},
};
use flash_bets::state::FlashMarket;
use market_core::MarketStatus;
use math::Price;
use serde_json::{json, Value};

use super::{mint::Mint, session::Session, Answer, Run};

/// A market opens and locks by the clock alone, which nobody tells: it is looked at so often at least.
const LONGEST_SILENCE: Duration = Duration::from_secs(2);

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

#[derive(Args)]
pub struct Watch {
    market: Pubkey,
}

impl Run for List {
    fn run(self, session: &mut Session) -> Answer {
        let clock = session.chain.clock()?;
        let mut listed = Vec::new();
        for (address, market) in transport::all::<FlashMarket>(&mut session.chain)? {
            if self.trading && market.require_trading(&clock).is_err() {
                continue;
            }
            let phase = phase(&market, &clock);
            let prices = percents(&market);
            session.say(&format!("{address}  {phase:<10}  {}", prices.join(" ")));
            listed.push(json!({
                "market": address.to_string(),
                "vault": market.vault.to_string(),
                "id": market.id,
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
        let market: FlashMarket = session.read(&self.market)?;
        let clock = session.chain.clock()?;
        let mint = session.mint_of_vault(&market.vault)?;
        session.say(&summary(&market, &clock));
        let evidence = &market.evidence;
        let reach = session.median_reach(&evidence.provider_set, &evidence.verifying_key)?;
        Ok(describe(&self.market, &market, mint, &clock, reach))
    }
}

impl Run for Watch {
    fn run(self, session: &mut Session) -> Answer {
        // Subscribed before the first look, so that no change falls between the two.
        let mut watch = AccountWatch::open(&session.cluster, &self.market)?;
        let mut said = String::new();
        loop {
            let market: FlashMarket = session.read(&self.market)?;
            let clock = session.chain.clock()?;
            let phase = phase(&market, &clock);
            let line = format!("{phase}; {}", listed_prices(&market));
            if line != said {
                session.say(&line);
                said = line;
            }
            if market.settlement.is_settled() {
                let mint = session.mint_of_vault(&market.vault)?;
                let evidence = &market.evidence;
                let reach =
                    session.median_reach(&evidence.provider_set, &evidence.verifying_key)?;
                return Ok(describe(&self.market, &market, mint, &clock, reach));
            }
            watch.wait(LONGEST_SILENCE)?;
        }
    }
}

impl Session {
    /// # Errors
    /// If the vault or its mint cannot be read.
    pub fn mint_of_vault(&mut self, vault: &Pubkey) -> Result<Mint, Box<dyn std::error::Error>> {
        let vault: flash_bets::state::Vault = self.read(vault)?;
        self.mint(&vault.mint)
    }

    /// Which values of its providers a prover can make a market's result, and says so; null if they
    /// must agree.
    ///
    /// # Errors
    /// If the set or the key cannot be read.
    pub fn median_reach(
        &mut self,
        provider_set: &Pubkey,
        verifying_key: &Pubkey,
    ) -> Result<Value, Box<dyn std::error::Error>> {
        let (set, key) = (self.read(provider_set)?, self.read(verifying_key)?);
        let Some(reach) = MedianReach::of(&set, &key) else {
            return Ok(Value::Null);
        };
        self.say(&reach.to_string());
        let MedianReach {
            first,
            last,
            members,
        } = reach;
        Ok(json!({ "first": first, "last": last, "members": members }))
    }
}

/// One word for where a market is in its life.
pub fn phase(market: &FlashMarket, clock: &Clock) -> &'static str {
    let now = clock.unix_timestamp;
    if market.settlement.is(MarketStatus::Resolved) {
        "resolved"
    } else if market.settlement.is(MarketStatus::Void) {
        "void"
    } else if now < market.hours.opens_at {
        "announced"
    } else if market.require_trading(clock).is_ok() {
        "trading"
    } else if market.is_suspended(now) {
        "suspended"
    } else {
        "locked"
    }
}

fn summary(market: &FlashMarket, clock: &Clock) -> String {
    let phase = phase(market, clock);
    let left = |until: i64| until.saturating_sub(clock.unix_timestamp);
    let when = match phase {
        "announced" => format!(", opens in {} s", left(market.hours.opens_at)),
        "trading" => format!(", locks in {} s", left(market.hours.locks_at)),
        "resolved" => format!(", outcome {} won", market.settlement.winning_outcome),
        _ => String::new(),
    };
    format!("{phase}{when}; {}", listed_prices(market))
}

fn listed_prices(market: &FlashMarket) -> String {
    let prices: Vec<_> = percents(market)
        .iter()
        .enumerate()
        .map(|(outcome, price)| format!("{outcome}: {price} %"))
        .collect();
    prices.join(", ")
}

fn percents(market: &FlashMarket) -> Vec<String> {
    quotes::prices(market)
        .unwrap_or_default()
        .into_iter()
        .map(percent)
        .collect()
}

/// A price with two places.
pub fn percent(price: Price) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for readers, to two places")]
    let percent = price.0 as f64 / Price::ONE.0 as f64 * 100.0;
    format!("{percent:.2}")
}

fn describe(
    address: &Pubkey,
    market: &FlashMarket,
    mint: Mint,
    clock: &Clock,
    median_reach: Value,
) -> Value {
    let evidence = &market.evidence;
    let outcomes = usize::from(market.pool.outcomes);
    json!({
        "market": address.to_string(),
        "vault": market.vault.to_string(),
        "id": market.id,
        "phase": phase(market, clock),
        "outcomes": outcomes,
        "prices_percent": percents(market),
        "depth": mint.show(market.pool.depth),
        "escrow": mint.show(market.escrow),
        "fee_rate_basis_points": market.fee_rate,
        "fee_floor_basis_points": market.fee_floor_bps,
        "opens_at": market.hours.opens_at,
        "locks_at": market.hours.locks_at,
        "void_from": market.void_from,
        "clock": clock.unix_timestamp,
        "delay_slots": market.delay_slots,
        "open_tickets": market.open_tickets,
        "winning_outcome": market
            .settlement
            .is(MarketStatus::Resolved)
            .then_some(market.settlement.winning_outcome),
        "evidence": {
            "feed": attestation::format_field(&feed_of(&evidence.feed_id)),
            "observe_at_ms": evidence.observe_at_ms,
            "provider_set": evidence.provider_set.to_string(),
            "verifying_key": evidence.verifying_key.to_string(),
            "observation": evidence.observation.to_string(),
            "median_reach": median_reach,
        },
    })
}

/// The field element of a feed's bytes.
fn feed_of(bytes: &[u8; 32]) -> Field {
    num_bigint::BigUint::from_bytes_be(bytes).into()
}
