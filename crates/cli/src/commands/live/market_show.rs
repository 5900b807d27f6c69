//! What flash markets say of themselves.

use std::{error::Error, time::Duration};

use anchor_lang::prelude::{Clock, Pubkey};
use clap::Args;
use client::{
    quotes,
    transport::{AccountWatch, Transport},
};
use flash_bets::state::{FlashMarket, Vault};
use serde_json::{json, Value};

use super::{
    any_market::{describe, same_fields, AnyMarket},
    mint::Mint,
    price,
    session::Session,
    Answer, Run,
};

/// A market opens and locks by the clock alone, which nobody tells: it is looked at so often at least.
const LONGEST_SILENCE: Duration = Duration::from_secs(2);

#[derive(Args)]
pub struct Watch {
    market: Pubkey,
}

impl AnyMarket for FlashMarket {
    same_fields!(quotes::prices);

    fn open_phase(&self, clock: &Clock) -> &'static str {
        let now = clock.unix_timestamp;
        if now < self.hours.opens_at {
            "announced"
        } else if self.require_trading(clock).is_ok() {
            "trading"
        } else if self.is_suspended(now) {
            "suspended"
        } else {
            "locked"
        }
    }

    fn hint(phase: &str) -> &'static str {
        match phase {
            "locked" => "`strobe resolve` comes next",
            "resolved" | "void" => "`strobe settle` pays what it owes",
            _ => "wait until it resumes",
        }
    }

    fn identity(&self) -> Value {
        json!({ "vault": self.vault.to_string(), "id": self.id })
    }

    fn details(&self, mint: &Mint) -> Value {
        json!({
            "price": price::describe(&self.price, self.rule.tick, mint, &self.hours),
            "escrow": mint.show(self.escrow),
            "fee_rate_basis_points": self.fee_rate,
            "fee_floor_basis_points": self.fee_floor_bps,
            "void_from": self.void_from,
            "delay_slots": self.delay_slots,
            "open_tickets": self.open_tickets,
        })
    }

    fn mint(&self, session: &mut Session) -> Result<Mint, Box<dyn Error>> {
        let vault: Vault = session.read(&self.vault)?;
        session.mint(&vault.mint)
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
            let line = format!("{}; {}", market.phase(&clock), market.shown_prices());
            if line != said {
                session.say(&line);
                said = line;
            }
            if market.settlement.is_settled() {
                return describe(session, &self.market, &market, &clock);
            }
            watch.wait(LONGEST_SILENCE)?;
        }
    }
}
