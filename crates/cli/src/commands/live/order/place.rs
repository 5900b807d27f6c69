//! Placing an order.

use anchor_lang::prelude::Pubkey;
use clap::{Args, ValueEnum};
use client::{
    addresses::orders as addresses,
    instructions::orders::{
        MarketProgram, OrderPlan, OrderSide, OrderTerms, PlaceOrder, TriggerTerms,
    },
};
use math::Price;
use orders::state::{Desk, DeskOrder};
use serde_json::json;

use crate::commands::{
    arguments::price,
    live::{
        mint::{Mint, Tokens},
        session::Session,
        Answer, Run,
    },
};

/// Of a trigger's order: its price has moved, and so may be further from its average.
const TRIGGERED_DEVIATION: u16 = 1_000;
const DEVIATION: u16 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// The total is tokens to spend, fees included.
    Buy,
    /// The total is shares to sell.
    Sell,
}

#[derive(Args)]
pub struct Place {
    market: Pubkey,
    /// Number of the outcome, from 0.
    outcome: u8,
    side: Side,
    /// Tokens to spend, or shares to sell.
    total: Tokens,
    /// The most that a share may cost, or the least that it may return, fees included.
    #[arg(long, value_name = "PRICE", value_parser = price)]
    limit: Price,
    /// What the limit moves to by the expiry (gradual).
    #[arg(long, value_name = "PRICE", value_parser = price, requires = "slices")]
    limit_to: Option<Price>,
    /// Equal slices at equal intervals until the expiry (TWAP).
    #[arg(long, value_name = "NUMBER", conflicts_with = "shown")]
    slices: Option<u32>,
    /// Of one fill (iceberg) [default: all of it].
    #[arg(long, value_name = "AMOUNT")]
    shown: Option<Tokens>,
    /// Least time between two fills of an iceberg, seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        conflicts_with = "slices"
    )]
    every: u32,
    /// How long the order lasts, seconds.
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 86_400)]
    lasts: u32,
    /// How far the price before a fill may be from its average, basis points of one unit [default: 300, with
    /// a trigger 1000].
    #[arg(long, value_name = "BASIS_POINTS")]
    deviation: Option<u16>,
    /// For who fires the trigger, fills a slice or returns the order.
    #[arg(long, value_name = "LAMPORTS", default_value_t = 10_000)]
    tip: u64,
    /// Begin at this price or one that is worse for you.
    #[arg(long, value_name = "PRICE", value_parser = price)]
    stop: Option<Price>,
    /// Begin at this price or one that is better for you.
    #[arg(long, value_name = "PRICE", value_parser = price)]
    take: Option<Price>,
    /// Begin so far from the best average price since the order was placed.
    #[arg(long, value_name = "DISTANCE", value_parser = price)]
    trail: Option<Price>,
    /// Slots for which the average price has to be beyond.
    #[arg(long, value_name = "SLOTS", default_value_t = 150)]
    window: u32,
    /// Tells two orders of yours at one market apart [default: the first that is free].
    #[arg(long)]
    nonce: Option<u64>,
}

impl Place {
    fn plan(&self, mint: Mint, total: u64) -> Result<OrderPlan, Box<dyn std::error::Error>> {
        let limit = self.limit.0;
        Ok(match (self.slices, self.limit_to) {
            (Some(slices), Some(to)) => OrderPlan::Gradual {
                slices,
                limit_from: limit,
                limit_to: to.0,
            },
            (Some(slices), None) => OrderPlan::Twap { slices, limit },
            (None, _) => OrderPlan::Iceberg {
                shown: match &self.shown {
                    Some(shown) => mint.base_units(shown)?,
                    None => total,
                },
                interval_seconds: self.every,
                limit,
            },
        })
    }

    fn trigger(&self) -> Option<TriggerTerms> {
        let given = |price: Option<Price>| price.map(|price| price.0);
        let trigger = TriggerTerms {
            stop: given(self.stop),
            take: given(self.take),
            trail: given(self.trail),
            window_slots: self.window,
        };
        let is_any = trigger.stop.or(trigger.take).or(trigger.trail).is_some();
        is_any.then_some(trigger)
    }

    fn terms(
        &self,
        session: &mut Session,
        mint: Mint,
    ) -> Result<OrderTerms, Box<dyn std::error::Error>> {
        let total = mint.base_units(&self.total)?;
        let trigger = self.trigger();
        let usual = if trigger.is_some() {
            TRIGGERED_DEVIATION
        } else {
            DEVIATION
        };
        let now = session.now()?;
        let terms = OrderTerms {
            outcome: self.outcome,
            side: match self.side {
                Side::Buy => OrderSide::Buy,
                Side::Sell => OrderSide::Sell,
            },
            total,
            expires_at: now.saturating_add(self.lasts.into()),
            max_deviation: self.deviation.unwrap_or(usual),
            tip_lamports: self.tip,
            plan: self.plan(mint, total)?,
            trigger,
        };
        terms
            .spread(now)
            .map_err(|error| format!("place refused: {error}"))?;
        Ok(terms)
    }

    /// The nonce that is given, or the first without an order.
    fn nonce(
        &self,
        session: &mut Session,
        desk: &Pubkey,
    ) -> Result<u64, Box<dyn std::error::Error>> {
        if let Some(nonce) = self.nonce {
            return Ok(nonce);
        }
        let owner = session.payer();
        let mut nonce = 0;
        while session
            .find::<DeskOrder>(&addresses::order(desk, &owner, nonce))?
            .is_some()
        {
            nonce += 1;
        }
        Ok(nonce)
    }
}

impl Run for Place {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.order_market(&self.market, Some(self.outcome))?;
        let mint = opened.mint;
        let desk = addresses::desk(&self.market);
        if session.find::<Desk>(&desk)?.is_none() {
            return Err(format!(
                "{} has no desk yet: `strobe order open-desk` comes first",
                self.market
            )
            .into());
        }
        let terms = self.terms(session, mint)?;
        let owner = session.payer();
        let market_program = opened.program();
        let mut instructions = match market_program {
            MarketProgram::Standard => session.open_position(&self.market)?,
            MarketProgram::Flash => session.open_ticket(&self.market)?,
        };
        let place = PlaceOrder {
            payer: owner,
            owner,
            market: self.market,
            market_program,
            owner_tokens: mint.tokens_of(&owner),
            mint: mint.address,
            token_program: mint.token_program,
            nonce: self.nonce(session, &desk)?,
            terms,
        };
        instructions.push(place.instruction());
        let details = json!({
            "market": self.market.to_string(),
            "order": place.order().to_string(),
            "nonce": place.nonce,
            "total": mint.show(terms.total),
            "expires_at": terms.expires_at,
            "waits_for_trigger": terms.trigger.is_some(),
        });
        session.act("place", &instructions, &[], details)
    }
}
