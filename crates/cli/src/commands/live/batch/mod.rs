//! `strobe batch`: sealed orders, whose side and limit nobody knows before their price is fixed.

mod seal;
mod show;

use std::error::Error;

use anchor_lang::prelude::Pubkey;
use clap::{Args, Subcommand};
use client::{
    instructions::orders::{BatchKey, OpenBatch},
    transport::{self, Transport},
};
use keeper::{orders::BatchView, Money};
use markets::state::Market;
use orders::state::{
    denomination, Batch, Desk, SealedOrder, BATCH_GRID_SECONDS, MAX_DENOMINATION_POWER,
    MIN_COMMIT_SECONDS, MIN_DENOMINATION_POWER,
};
use serde_json::json;

use super::{
    mint::{Mint, Tokens},
    session::Session,
    Answer, Live, Run,
};

#[derive(Subcommand)]
pub enum BatchCommand {
    /// Opens the next batch of a market; anybody, who gets the rent back when it closes.
    Open(Live<Open>),
    /// Puts an order into a batch; its terms are written to a file, without which it cannot be revealed.
    Seal(Live<seal::Seal>),
    /// Shows the terms of a sealed order to the chain, once the batch has its price.
    Reveal(Live<seal::Reveal>),
    /// Takes a sealed order back before the commitments end; its owner.
    Cancel(Live<seal::Cancel>),
    /// How far a batch is, and its orders.
    Show(Live<show::Show>),
    /// Does what is due of a batch, for the tips: prices it, crosses it, returns its orders, closes it; anybody.
    Crank(Live<Crank>),
}

#[derive(Args)]
pub struct Open {
    market: Pubkey,
    /// What each order puts in: a power of ten of base units, in tokens.
    each: Tokens,
}

#[derive(Args)]
pub struct Crank {
    batch: Pubkey,
}

impl BatchCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Open(command) => command.run(),
            Self::Seal(command) => command.run(),
            Self::Reveal(command) => command.run(),
            Self::Cancel(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Crank(command) => command.run(),
        }
    }
}

/// A batch with what a transaction about it needs.
struct OpenedBatch {
    batch: Batch,
    desk: Desk,
    mint: Mint,
}

impl OpenedBatch {
    /// Base units that each order puts in.
    fn each(&self) -> Result<u64, String> {
        let each = self.batch.denomination();
        each.map_err(|error| error.to_string())
    }

    fn key(&self) -> BatchKey {
        BatchKey {
            market: self.desk.market,
            denomination_power: self.batch.denomination_power,
            commit_until: self.batch.commit_until,
        }
    }
}

impl Session {
    fn batch(&mut self, address: &Pubkey) -> Result<OpenedBatch, Box<dyn Error>> {
        let batch: Batch = self.read(address)?;
        let desk: Desk = self.read(&batch.desk)?;
        let mint = self.mint(&desk.mint)?;
        Ok(OpenedBatch { batch, desk, mint })
    }

    /// The orders of a batch, by address.
    fn sealed_orders(
        &mut self,
        batch: &Pubkey,
    ) -> Result<Vec<(Pubkey, SealedOrder)>, Box<dyn Error>> {
        let all = transport::all::<SealedOrder>(&mut self.chain)?;
        let own = all.into_iter().filter(|(_, order)| order.batch == *batch);
        Ok(own.collect())
    }
}

impl Run for Open {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        let each = opened.mint.base_units(&self.each)?;
        let mut powers = MIN_DENOMINATION_POWER..=MAX_DENOMINATION_POWER;
        let power = powers
            .find(|power| denomination(*power).is_ok_and(|amount| amount == each))
            .ok_or_else(|| {
                format!(
                    "open refused: each order puts in a power of ten of base units, from the {MIN_DENOMINATION_POWER}rd to the \
                     {MAX_DENOMINATION_POWER}th: {} or {}, say",
                    opened.mint.show(1_000_000),
                    opened.mint.show(10_000_000)
                )
            })?;
        let soonest = session.now()?.saturating_add(MIN_COMMIT_SECONDS);
        let quarters = soonest
            .saturating_add(BATCH_GRID_SECONDS - 1)
            .div_euclid(BATCH_GRID_SECONDS);
        let batch = BatchKey {
            market: self.market,
            denomination_power: power,
            commit_until: quarters.saturating_mul(BATCH_GRID_SECONDS),
        };
        if session.find::<Batch>(&batch.address())?.is_some() {
            return Err(format!(
                "open refused: the next batch is open already, at {}",
                batch.address()
            )
            .into());
        }
        let open = OpenBatch {
            payer: session.payer(),
            batch,
        };
        let details = json!({
            "market": self.market.to_string(),
            "batch": batch.address().to_string(),
            "each": opened.mint.show(each),
            "commit_until": batch.commit_until,
        });
        session.act("open batch", &[open.instruction()], &[], details)
    }
}

impl Run for Crank {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedBatch { batch, desk, mint } = session.batch(&self.batch)?;
        let orders = session.sealed_orders(&self.batch)?;
        let view = BatchView {
            orders: orders.into_iter().map(|(_, order)| order).collect(),
            market: session.find::<Market>(&desk.market)?,
            venue: session.read(&desk.venue)?,
            money: Money {
                mint: mint.address,
                token_program: mint.token_program,
            },
            batch,
            desk,
        };
        let settings = session.plan_settings();
        let clock = session.chain.clock()?;
        let plan = view.plan(&settings, &clock);
        let action = plan.first().ok_or(
            "nothing is due: `strobe batch show` says how far the batch is and what comes next",
        )?;
        let details = json!({ "batch": self.batch.to_string(), "does": action.name() });
        session.act("crank", &[action.instruction()], &[], details)
    }
}
