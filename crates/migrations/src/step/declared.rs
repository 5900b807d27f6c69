//! Steps as files say them, with names in the place of addresses.

use anchor_lang::prelude::Pubkey;
use attestation::{Domain, ProviderSet};
use client::instructions::{
    flash_bets::CreateVaultArgs,
    markets::CreateVenueArgs,
    oracle::{InitializeArgs, ProposeProviderSetArgs, ProposeVerifyingKeyArgs},
};
use flash_bets::state::{Caps, FeeSplit};
use markets::state::Terms;
use oracle::{instructions::usual_median_slack, Aggregation, FeedKind, Network, ProviderRole};
use serde::Deserialize;

use super::Kind;
use crate::plan::Addresses;

/// A step of a file.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Declared {
    Initialize {
        #[serde(with = "NetworkName")]
        network: Network,
        admin: String,
        guardian: String,
        timelock_seconds: i64,
        retention_seconds: i64,
    },
    ProviderSet {
        id: u32,
        epoch: u32,
        #[serde(with = "RoleName")]
        role: ProviderRole,
        set: ProviderSet,
        /// By default as few as usual.
        #[serde(default)]
        median_slack: Option<u8>,
    },
    VerifyingKey {
        circuit_id: u32,
        key_version: u32,
        #[serde(with = "AggregationName")]
        aggregation: Aggregation,
        #[serde(with = "FeedKindName")]
        feed_kind: FeedKind,
        slots: u8,
        development: bool,
        #[serde(with = "hex::serde", default)]
        transcript_hash: [u8; 32],
        #[serde(with = "hex::serde", default)]
        r1cs_hash: [u8; 32],
        #[serde(with = "hex::serde")]
        key: Vec<u8>,
    },
    Vault {
        mint: String,
        token_program: String,
        id: u64,
        operator: String,
        treasury: String,
        notice_seconds: u64,
        #[serde(with = "CapsParts")]
        caps: Caps,
        #[serde(with = "FeeSplitParts")]
        fee_split: FeeSplit,
    },
    Venue {
        mint: String,
        token_program: String,
        treasury: String,
        #[serde(with = "TermsParts")]
        terms: Terms,
    },
}

#[derive(Deserialize)]
#[serde(remote = "Network", rename_all = "snake_case")]
enum NetworkName {
    Localnet,
    Devnet,
    Mainnet,
}

#[derive(Deserialize)]
#[serde(remote = "ProviderRole", rename_all = "snake_case")]
enum RoleName {
    Primary,
    Arbiter,
}

#[derive(Deserialize)]
#[serde(remote = "Aggregation", rename_all = "snake_case")]
enum AggregationName {
    Agreement,
    Median,
}

#[derive(Deserialize)]
#[serde(remote = "FeedKind", rename_all = "snake_case")]
enum FeedKindName {
    Event,
    Tick,
}

#[derive(Deserialize)]
#[serde(remote = "Caps", deny_unknown_fields)]
struct CapsParts {
    market_funding: u64,
    event_funding: u64,
    feed_funding: u64,
    daily_loss: u64,
    opening_lead_seconds: u32,
    utilisation: u16,
    slot_ms: u16,
}

#[derive(Deserialize)]
#[serde(remote = "FeeSplit", deny_unknown_fields)]
struct FeeSplitParts {
    protocol: u16,
    operator: u16,
}

#[derive(Deserialize)]
#[serde(remote = "Terms", deny_unknown_fields)]
struct TermsParts {
    bond_floor: u64,
    bond_cap: u64,
    creator_bond: u64,
    min_dispute_window_seconds: u32,
    max_dispute_window_seconds: u32,
    min_resolution_seconds: u32,
    creator_bond_share: u16,
    bond_share: u16,
    protocol_fee_share: u16,
    min_liquidity_fee_share: u16,
    max_fee_rate: u16,
    slot_ms: u16,
}

impl Declared {
    /// The step with addresses in the place of names.
    ///
    /// # Errors
    /// A text that is neither an address nor a name.
    pub fn resolve(self, addresses: &Addresses) -> Result<Kind, String> {
        let address = |text: String| match addresses.get(&text) {
            Some(address) => Ok(*address),
            None => text.parse::<Pubkey>().map_err(|_| text),
        };
        Ok(match self {
            Self::Initialize {
                network,
                admin,
                guardian,
                timelock_seconds,
                retention_seconds,
            } => Kind::Initialize(InitializeArgs {
                network,
                admin: address(admin)?,
                guardian: address(guardian)?,
                timelock_seconds,
                retention_seconds,
            }),
            Self::ProviderSet {
                id,
                epoch,
                role,
                set,
                median_slack,
            } => {
                let size = u8::try_from(set.providers().len()).unwrap_or(u8::MAX);
                Kind::ProviderSet(ProposeProviderSetArgs {
                    id,
                    epoch,
                    role,
                    root: Domain(set.root()).to_bytes(),
                    threshold: set.threshold(),
                    size,
                    median_slack: median_slack.unwrap_or_else(|| usual_median_slack(size)),
                })
            }
            Self::VerifyingKey {
                circuit_id,
                key_version,
                aggregation,
                feed_kind,
                slots,
                development,
                transcript_hash,
                r1cs_hash,
                key,
            } => Kind::VerifyingKey(ProposeVerifyingKeyArgs {
                circuit_id,
                key_version,
                aggregation,
                feed_kind,
                slots,
                development,
                transcript_hash,
                r1cs_hash,
                key,
            }),
            Self::Vault {
                mint,
                token_program,
                id,
                operator,
                treasury,
                notice_seconds,
                caps,
                fee_split,
            } => Kind::Vault {
                mint: address(mint)?,
                token_program: address(token_program)?,
                id,
                args: CreateVaultArgs {
                    operator: address(operator)?,
                    treasury: address(treasury)?,
                    notice_seconds,
                    caps,
                    fee_split,
                },
            },
            Self::Venue {
                mint,
                token_program,
                treasury,
                terms,
            } => Kind::Venue {
                mint: address(mint)?,
                token_program: address(token_program)?,
                args: CreateVenueArgs {
                    treasury: address(treasury)?,
                    terms,
                },
            },
        })
    }
}
