//! What a new market asks, and who answers.

use anchor_lang::prelude::Pubkey;
use attestation::Field;
use circuits::Circuit;
use clap::Args;
use client::{addresses::oracle as addresses, instructions::flash_bets::RuleTerms};

use super::{
    price::PriceArguments,
    register::{circuit_id, to_bytes},
};
use crate::commands::arguments::{field, KindName};

#[derive(Args)]
pub struct Question {
    /// Feed whose observation resolves the market, a field element.
    #[arg(
        long,
        visible_alias = "feed-id",
        value_parser = field,
        required_unless_present = "price_feed"
    )]
    feed: Option<Field>,
    #[command(flatten)]
    pub price: PriceArguments,
    /// Number of outcomes, of which the observed value is the index.
    #[arg(long, default_value_t = 2, conflicts_with = "strikes")]
    outcomes: u8,
    /// The outcome is the number of these, rising, that are at or below the observed value.
    #[arg(
        long,
        value_delimiter = ',',
        allow_negative_numbers = true,
        value_name = "S1,S2,..."
    )]
    strikes: Vec<i64>,
    /// T of the observation, unix milliseconds [default: the lock, or shortly after].
    #[arg(long, value_name = "T")]
    observe_at_ms: Option<u64>,
    /// Number of the provider set.
    #[arg(long, value_name = "ID", default_value_t = 1)]
    provider_set: u32,
    #[arg(long, value_name = "EPOCH", default_value_t = 0)]
    provider_epoch: u32,
    /// Circuit that proves the observation [default: quorum-3, of a price median-3].
    #[arg(long)]
    circuit: Option<Circuit>,
    /// How many observations the feed has [default: event, of a price tick].
    #[arg(long, value_enum)]
    kind: Option<KindName>,
    #[arg(long, value_name = "VERSION", default_value_t = 0)]
    key_version: u32,
}

impl Question {
    pub fn feed_id(&self) -> [u8; 32] {
        to_bytes(self.named_feed())
    }

    fn named_feed(&self) -> Field {
        self.price.price_feed.or(self.feed).unwrap_or_default()
    }

    /// The feed as people write it.
    pub fn shown_feed(&self) -> String {
        attestation::format_field(&self.named_feed())
    }

    pub fn outcomes(&self) -> usize {
        match self.strikes.len() {
            0 => usize::from(self.outcomes),
            strikes => strikes.saturating_add(1),
        }
    }

    /// The rule of a market that opens at this second.
    pub fn rule(&self, opens_at: i64) -> RuleTerms {
        match (self.strikes.is_empty(), self.price.price_feed) {
            (true, None) => RuleTerms::Categorical,
            (true, Some(_)) => RuleTerms::ThresholdAtOpening {
                strike_at_ms: self.price.strike_at_ms(opens_at),
            },
            (false, _) => RuleTerms::Threshold {
                strikes: self.strikes.clone(),
            },
        }
    }

    /// `T` of a market that trades until this second, unless another is asked for: of a price the end of
    /// the window from then on, else that second.
    pub fn observe_at_ms(&self, trading_until: i64) -> Result<u64, std::num::TryFromIntError> {
        match (self.observe_at_ms, self.price.price_feed) {
            (Some(observe_at_ms), _) => Ok(observe_at_ms),
            (None, Some(_)) => Ok(self.price.observe_at_ms(trading_until)),
            (None, None) => Ok(u64::try_from(trading_until)?.saturating_mul(1_000)),
        }
    }

    pub fn provider_set(&self) -> Pubkey {
        addresses::provider_set(self.provider_set, self.provider_epoch)
    }

    pub fn verifying_key(&self) -> Pubkey {
        self.key(None, None)
    }

    /// The key under which others prove the same, by another circuit or of another version if such is
    /// named.
    pub fn key(&self, circuit: Option<Circuit>, version: Option<u32>) -> Pubkey {
        let is_priced = self.price.price_feed.is_some();
        let usual = if is_priced {
            (Circuit::Median3, KindName::Tick)
        } else {
            (Circuit::Quorum3, KindName::Event)
        };
        let circuit = circuit.or(self.circuit).unwrap_or(usual.0);
        let circuit = circuit_id(circuit, self.kind.unwrap_or(usual.1).into());
        addresses::verifying_key(circuit, version.unwrap_or(self.key_version))
    }
}
