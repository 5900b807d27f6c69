//! What commands have alike for flash and standard markets: how they list, show and trade them.

use std::{error::Error, marker::PhantomData};

use anchor_lang::prelude::{Clock, Pubkey};
use attestation::Field;
use clap::Args;
use client::{
    accounts::StrobeAccount,
    medians::MedianReach,
    transport::{self, Transport},
};
use market_core::{Evidence, MarketStatus, TradingHours};
use math::Price;
use num_bigint::BigUint;
use serde_json::{json, Value};

use super::{
    mint::{Mint, Tokens},
    session::{merge, Session},
    Answer, Run,
};

/// A market of either kind.
pub trait AnyMarket: StrobeAccount {
    fn hours(&self) -> &TradingHours;
    fn evidence(&self) -> &Evidence;
    fn is(&self, status: MarketStatus) -> bool;
    /// Once it is resolved.
    fn winning_outcome(&self) -> u8;
    fn outcomes(&self) -> u8;
    /// Base units.
    fn depth(&self) -> u64;
    /// Of each outcome; empty if the curve cannot say.
    fn prices(&self) -> Vec<Price>;

    /// One word for where it is in its life while it has no result; `trading` when it can be traded.
    fn open_phase(&self, clock: &Clock) -> &'static str;

    /// What to do about a market that does not trade because it is `phase`.
    fn hint(phase: &str) -> &'static str;

    /// Its number and whose it is.
    fn identity(&self) -> Value;

    /// What only its kind has.
    fn details(&self, mint: &Mint) -> Value;

    /// # Errors
    /// If it cannot be read.
    fn mint(&self, session: &mut Session) -> Result<Mint, Box<dyn Error>>;

    /// One word for where it is in its life.
    fn phase(&self, clock: &Clock) -> &'static str {
        if self.is(MarketStatus::Resolved) {
            "resolved"
        } else if self.is(MarketStatus::Void) {
            "void"
        } else {
            self.open_phase(clock)
        }
    }

    /// Prices of the outcomes, percent.
    fn percents(&self) -> Vec<String> {
        self.prices().into_iter().map(percent).collect()
    }

    /// Each outcome's price.
    fn shown_prices(&self) -> String {
        let prices: Vec<_> = self
            .percents()
            .iter()
            .enumerate()
            .map(|(outcome, price)| format!("{outcome}: {price} %"))
            .collect();
        prices.join(", ")
    }

    /// # Errors
    /// If `outcome` cannot be traded now, and when it can.
    fn require_trading(
        &self,
        address: &Pubkey,
        clock: &Clock,
        outcome: u8,
    ) -> Result<(), Box<dyn Error>> {
        let phase = self.phase(clock);
        if phase != "trading" {
            let hint = match phase {
                "announced" => format!(
                    "it opens in {} s",
                    self.hours().opens_at.saturating_sub(clock.unix_timestamp)
                ),
                _ => Self::hint(phase).to_string(),
            };
            return Err(format!("{address} is {phase}, not trading: {hint}").into());
        }
        let last = self.outcomes().saturating_sub(1);
        if outcome > last {
            return Err(format!("{address} has outcomes 0 to {last}, not {outcome}").into());
        }
        Ok(())
    }
}

/// What both kinds keep in fields of the same names.
macro_rules! same_fields {
    ($prices:path) => {
        fn hours(&self) -> &market_core::TradingHours {
            &self.hours
        }

        fn evidence(&self) -> &market_core::Evidence {
            &self.evidence
        }

        fn is(&self, status: market_core::MarketStatus) -> bool {
            self.settlement.is(status)
        }

        fn winning_outcome(&self) -> u8 {
            self.settlement.winning_outcome
        }

        fn outcomes(&self) -> u8 {
            self.pool.outcomes
        }

        fn depth(&self) -> u64 {
            self.pool.depth
        }

        fn prices(&self) -> Vec<math::Price> {
            $prices(self).unwrap_or_default()
        }
    };
}
pub(super) use same_fields;

/// Every market of a kind.
#[derive(Args)]
pub struct List<M: AnyMarket + Send + Sync + 'static> {
    /// Only markets that can be traded now.
    #[arg(long)]
    trading: bool,
    #[arg(skip)]
    kind: PhantomData<M>,
}

#[derive(Args)]
pub struct Show<M: AnyMarket + Send + Sync + 'static> {
    market: Pubkey,
    #[arg(skip)]
    kind: PhantomData<M>,
}

/// What is staked on an outcome.
#[derive(Args)]
pub struct Purchase {
    pub market: Pubkey,
    /// Number of the outcome, from 0.
    pub outcome: u8,
    /// Tokens, fee included.
    pub stake: Tokens,
    /// How much less than quoted to accept, basis points of the shares.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub slippage: u16,
}

/// What is sold of an outcome.
#[derive(Args)]
pub struct Sale {
    pub market: Pubkey,
    /// Number of the outcome, from 0.
    pub outcome: u8,
    /// Shares, tokens; without them all.
    pub shares: Option<Tokens>,
    /// How much less than quoted to accept, basis points of the proceeds.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub slippage: u16,
}

impl<M: AnyMarket + Send + Sync + 'static> Run for List<M> {
    fn run(self, session: &mut Session) -> Answer {
        let clock = session.chain.clock()?;
        let mut listed = Vec::new();
        for (address, market) in transport::all::<M>(&mut session.chain)? {
            let phase = market.phase(&clock);
            if self.trading && phase != "trading" {
                continue;
            }
            let prices = market.percents();
            session.say(&format!("{address}  {phase:<10}  {}", prices.join(" ")));
            let mut said = market.identity();
            let rest = json!({
                "market": address.to_string(),
                "phase": phase,
                "prices_percent": prices,
                "opens_at": market.hours().opens_at,
                "locks_at": market.hours().locks_at,
            });
            merge(&mut said, rest);
            listed.push(said);
        }
        Ok(Value::Array(listed))
    }
}

impl<M: AnyMarket + Send + Sync + 'static> Run for Show<M> {
    fn run(self, session: &mut Session) -> Answer {
        let market: M = session.read(&self.market)?;
        let clock = session.chain.clock()?;
        session.say(&summary(&market, &clock));
        describe(session, &self.market, &market, &clock)
    }
}

impl Session {
    /// Which values of its providers a prover can make a market's result, and says so; null if they
    /// must agree.
    ///
    /// # Errors
    /// If the set or the key cannot be read.
    pub fn median_reach(&mut self, evidence: &Evidence) -> Result<Value, Box<dyn Error>> {
        let set = self.read(&evidence.provider_set.into())?;
        let key = self.read(&evidence.verifying_key.into())?;
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

/// A price with two places.
pub fn percent(price: Price) -> String {
    #[expect(clippy::cast_precision_loss, reason = "for readers, to two places")]
    let percent = price.0 as f64 / Price::ONE.0 as f64 * 100.0;
    format!("{percent:.2}")
}

fn summary<M: AnyMarket>(market: &M, clock: &Clock) -> String {
    let phase = market.phase(clock);
    let left = |until: i64| until.saturating_sub(clock.unix_timestamp);
    let when = match phase {
        "announced" => format!(", opens in {} s", left(market.hours().opens_at)),
        "trading" => format!(", locks in {} s", left(market.hours().locks_at)),
        "resolved" => format!(", outcome {} won", market.winning_outcome()),
        _ => String::new(),
    };
    format!("{phase}{when}; {}", market.shown_prices())
}

/// All that is to be said of a market.
///
/// # Errors
/// If its mint, provider set or key cannot be read.
pub fn describe<M: AnyMarket>(
    session: &mut Session,
    address: &Pubkey,
    market: &M,
    clock: &Clock,
) -> Answer {
    let mint = market.mint(session)?;
    let evidence = market.evidence();
    let reach = session.median_reach(evidence)?;
    let feed: Field = BigUint::from_bytes_be(&evidence.feed_id).into();
    let mut said = market.identity();
    merge(&mut said, market.details(&mint));
    let rest = json!({
        "market": address.to_string(),
        "phase": market.phase(clock),
        "outcomes": market.outcomes(),
        "prices_percent": market.percents(),
        "depth": mint.show(market.depth()),
        "opens_at": market.hours().opens_at,
        "locks_at": market.hours().locks_at,
        "clock": clock.unix_timestamp,
        "winning_outcome": market
            .is(MarketStatus::Resolved)
            .then(|| market.winning_outcome()),
        "evidence": {
            "feed": attestation::format_field(&feed),
            "observe_at_ms": evidence.observe_at_ms,
            "provider_set": Pubkey::from(evidence.provider_set).to_string(),
            "verifying_key": Pubkey::from(evidence.verifying_key).to_string(),
            "observation": Pubkey::from(evidence.observation).to_string(),
            "median_reach": reach,
        },
    });
    merge(&mut said, rest);
    Ok(said)
}
