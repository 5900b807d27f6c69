//! What a new market asks, and who answers.

use anchor_lang::prelude::Pubkey;
use attestation::Field;
use circuits::Circuit;
use clap::Args;
use client::{addresses::oracle as addresses, instructions::flash_bets::RuleTerms};

use super::register::{circuit_id, to_bytes};
use crate::commands::arguments::{field, KindName};

#[derive(Args)]
pub struct Question {
    /// Feed whose observation resolves the market, a field element.
    #[arg(long, visible_alias = "feed-id", value_parser = field)]
    feed: Field,
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
    pub observe_at_ms: Option<u64>,
    /// Number of the provider set.
    #[arg(long, value_name = "ID", default_value_t = 1)]
    provider_set: u32,
    #[arg(long, value_name = "EPOCH", default_value_t = 0)]
    provider_epoch: u32,
    /// Circuit that proves the observation.
    #[arg(long, default_value = "quorum-3")]
    circuit: Circuit,
    /// How many observations the feed has.
    #[arg(long, value_enum, default_value_t = KindName::Event)]
    kind: KindName,
    #[arg(long, value_name = "VERSION", default_value_t = 0)]
    key_version: u32,
}

impl Question {
    pub fn feed_id(&self) -> [u8; 32] {
        to_bytes(self.feed)
    }

    /// The feed as people write it.
    pub fn shown_feed(&self) -> String {
        attestation::format_field(&self.feed)
    }

    pub fn outcomes(&self) -> usize {
        match self.strikes.len() {
            0 => usize::from(self.outcomes),
            strikes => strikes.saturating_add(1),
        }
    }

    pub fn rule(&self) -> RuleTerms {
        match self.strikes.is_empty() {
            true => RuleTerms::Categorical,
            false => RuleTerms::Threshold {
                strikes: self.strikes.clone(),
            },
        }
    }

    pub fn provider_set(&self) -> Pubkey {
        addresses::provider_set(self.provider_set, self.provider_epoch)
    }

    pub fn verifying_key(&self) -> Pubkey {
        let circuit = circuit_id(self.circuit, self.kind.into());
        addresses::verifying_key(circuit, self.key_version)
    }
}
