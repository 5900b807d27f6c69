//! New venues and markets.

use anchor_lang::prelude::Pubkey;
use circuits::Circuit;
use clap::{Args, ValueEnum};
use client::{
    addresses::{markets as addresses, oracle as oracle_addresses},
    instructions::markets::{
        CreateMarket, CreateMarketArgs, CreateVenue as CreateVenueOf, CreateVenueArgs, Curve,
        SetPriceFeed, Terms,
    },
};
use markets::state::Venue;
use serde_json::json;

use crate::commands::live::{
    mint::{Mint, Tokens},
    price::PriceFeedArguments,
    question::Question,
    session::Session,
    Answer, Run,
};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

#[derive(Args)]
pub struct CreateVenue {
    mint: Pubkey,
    /// Whose token account gets the protocol's fees [default: the key that signs].
    #[arg(long, value_name = "ADDRESS")]
    treasury: Option<Pubkey>,
    /// Least and most tokens of a bond.
    #[arg(long, value_name = "TOKENS", default_value = "10")]
    bond_floor: Tokens,
    #[arg(long, value_name = "TOKENS", default_value = "1000")]
    bond_cap: Tokens,
    /// What a creator puts up.
    #[arg(long, value_name = "TOKENS", default_value = "10")]
    creator_bond: Tokens,
    #[arg(long, value_name = "SECONDS", default_value_t = 10 * MINUTE)]
    min_dispute_window_seconds: u32,
    #[arg(long, value_name = "SECONDS", default_value_t = 7 * DAY)]
    max_dispute_window_seconds: u32,
    /// Shortest time to propose a result, and to arbitrate.
    #[arg(long, value_name = "SECONDS", default_value_t = 2 * HOUR)]
    min_resolution_seconds: u32,
    /// Milliseconds of a slot of the cluster.
    #[arg(long, value_name = "MS", default_value_t = 400)]
    slot_ms: u16,
}

#[derive(Clone, Copy, ValueEnum)]
enum CurveName {
    Auto,
    Lmsr,
    PmAmm,
    L2,
}

#[derive(Args)]
pub struct Create {
    mint: Pubkey,
    #[command(flatten)]
    question: Question,
    /// Tells markets apart whose other terms are the same.
    #[arg(long, default_value_t = 0)]
    id: u64,
    /// Opening prices as parts of their sum; equal without.
    #[arg(long, value_delimiter = ',', value_name = "W0,W1,...")]
    weights: Vec<u32>,
    #[arg(long, value_enum, default_value_t = CurveName::Lmsr)]
    curve: CurveName,
    /// Depth of the curve, tokens.
    #[arg(long, value_name = "TOKENS", default_value = "1000")]
    depth: Tokens,
    /// Basis points of min(p, 1 − p) a share.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100)]
    fee_rate: u16,
    /// From the opening, which is now, to the lock.
    #[arg(long, value_name = "SECONDS", default_value_t = DAY)]
    duration_seconds: u32,
    /// To propose a result, from the later of lock and observation.
    #[arg(long, value_name = "SECONDS", default_value_t = DAY)]
    proposal_seconds: u32,
    #[arg(long, value_name = "SECONDS", default_value_t = 10 * MINUTE)]
    dispute_window_seconds: u32,
    /// For the arbiters.
    #[arg(long, value_name = "SECONDS", default_value_t = DAY)]
    arbitration_seconds: u32,
    /// Number of the arbiters' set.
    #[arg(long, value_name = "ID", default_value_t = 2)]
    arbiter_set: u32,
    /// Circuit that proves what the arbiters observed [default: that of the market].
    #[arg(long, value_name = "CIRCUIT")]
    arbiter_circuit: Option<Circuit>,
    /// Version of the arbiters' key [default: that of the market's].
    #[arg(long, value_name = "VERSION")]
    arbiter_key_version: Option<u32>,
    /// Lets arbiters and providers have one key: a suspension of it, or whoever can forge under it, takes
    /// both.
    #[arg(long)]
    one_key_for_both: bool,
}

#[derive(Args)]
pub struct PriceFeedOf {
    mint: Pubkey,
    #[command(flatten)]
    feed: PriceFeedArguments,
}

impl Run for PriceFeedOf {
    fn run(self, session: &mut Session) -> Answer {
        let mint = session.mint(&self.mint)?;
        let venue = addresses::venue(&mint.address);
        let set = SetPriceFeed {
            authority: session.payer(),
            venue,
            feed_id: self.feed.feed_id(),
            cost_per_second: self.feed.cost_per_second(&mint)?,
        };
        let details = self
            .feed
            .details(&addresses::price_feed(&venue, &set.feed_id));
        session.act("standard price-feed", &[set.instruction()], &[], details)
    }
}

impl Run for CreateVenue {
    fn run(self, session: &mut Session) -> Answer {
        session.config()?;
        let mint = session.mint(&self.mint)?;
        let admin = session.payer();
        let venue = addresses::venue(&mint.address);
        let details = json!({ "venue": venue.to_string(), "mint": mint.address.to_string() });
        if session.find::<Venue>(&venue)?.is_some() {
            session.say("the venue is there already");
            return Ok(json!({
                "action": "standard venue",
                "already_done": true,
                "venue": venue.to_string(),
            }));
        }
        let create = CreateVenueOf {
            admin,
            mint: mint.address,
            token_program: mint.token_program,
            args: CreateVenueArgs {
                treasury: self.treasury.unwrap_or(admin),
                terms: Terms {
                    bond_floor: mint.base_units(&self.bond_floor)?,
                    bond_cap: mint.base_units(&self.bond_cap)?,
                    creator_bond: mint.base_units(&self.creator_bond)?,
                    min_dispute_window_seconds: self.min_dispute_window_seconds,
                    max_dispute_window_seconds: self.max_dispute_window_seconds,
                    min_resolution_seconds: self.min_resolution_seconds,
                    creator_bond_share: 0,
                    bond_share: 100,
                    protocol_fee_share: 1_000,
                    min_liquidity_fee_share: 5_000,
                    max_fee_rate: 500,
                    slot_ms: self.slot_ms,
                },
            },
        };
        session.act("standard venue", &[create.instruction()], &[], details)
    }
}

impl Run for Create {
    fn run(self, session: &mut Session) -> Answer {
        let arbiter_key = self.arbiter_key()?;
        let mint = session.mint(&self.mint)?;
        let venue: Venue = session.read(&addresses::venue(&mint.address))?;
        let now = session.now()?;
        let creator = session.payer();
        let depth = mint.base_units(&self.depth)?;
        let create = CreateMarket {
            creator,
            mint: mint.address,
            provider_set: self.question.provider_set(),
            verifying_key: self.question.verifying_key(),
            arbiter_set: oracle_addresses::provider_set(self.arbiter_set, 0),
            arbiter_key,
            creator_tokens: mint.tokens_of(&creator),
            token_program: mint.token_program,
            venue_terms: venue.terms.at(now),
            args: self.arguments(&mint, depth, now)?,
        };
        let market = create.market();
        let details = json!({
            "market": market.to_string(),
            "feed": self.question.shown_feed(),
            "observe_at_ms": create.args.observe_at_ms,
            "outcomes": create.args.outcomes,
            "locks_at": create.args.locks_at,
        });
        let answer = session.act("standard create", &[create.instruction()], &[], details)?;
        session.say(&format!("market {market}"));
        Ok(answer)
    }
}

impl Create {
    /// Not the market's own, unless that is meant.
    fn arbiter_key(&self) -> Result<Pubkey, Box<dyn std::error::Error>> {
        let key = self
            .question
            .key(self.arbiter_circuit, self.arbiter_key_version);
        if key == self.question.verifying_key() && !self.one_key_for_both {
            return Err(format!(
                "the arbiters would have the market's own verifying key {key}: one suspension, or whoever can forge under it, would take the result and its correction; name another with --arbiter-key-version or --arbiter-circuit, or pass --one-key-for-both"
            )
            .into());
        }
        Ok(key)
    }

    fn arguments(
        &self,
        mint: &Mint,
        depth: u64,
        now: i64,
    ) -> Result<CreateMarketArgs, Box<dyn std::error::Error>> {
        let locks_at = now.saturating_add(i64::from(self.duration_seconds));
        Ok(CreateMarketArgs {
            id: self.id,
            feed_id: self.question.feed_id(),
            rule: self.question.rule(now),
            price: self.question.price.terms(mint, depth)?,
            tolerance: 0,
            curve: match self.curve {
                CurveName::Auto => Curve::Auto,
                CurveName::Lmsr => Curve::Lmsr,
                CurveName::PmAmm => Curve::PmAmm { micro_tau: false },
                CurveName::L2 => Curve::L2,
            },
            offers_switch: false,
            outcomes: u8::try_from(self.question.outcomes())?,
            weights: self.weights.clone(),
            depth,
            fee_rate: self.fee_rate,
            creator_fee_share: 1_000,
            observe_at_ms: self.question.observe_at_ms(locks_at)?,
            opens_at: now,
            locks_at,
            frozen_seconds: 0,
            proposal_seconds: self.proposal_seconds,
            dispute_window_seconds: self.dispute_window_seconds,
            arbitration_seconds: self.arbitration_seconds,
        })
    }
}
