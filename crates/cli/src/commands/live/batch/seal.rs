//! An order's terms stay in a file of its owner's until they are revealed.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::instructions::{
    orders::{BatchKey, ReturnSealedOrder, RevealOrder, SealOrder, SealedTerms},
    signed_by,
};
use math::Price;
use orders::state::{Batch, SealedOrder};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::OpenedBatch;
use crate::commands::{
    arguments::price,
    files::{read_secret_json, write_secret_json},
    live::{mint::Tokens, session::Session, Answer, Run},
};

#[derive(Args)]
pub struct Seal {
    batch: Pubkey,
    /// Number of the outcome of which to buy shares: 0 or 1. Who wants to sell shares of one buys the other,
    /// and merges both.
    #[arg(value_parser = clap::value_parser!(u8).range(0..2))]
    outcome: u8,
    /// The most that a share may cost.
    #[arg(long, value_name = "PRICE", value_parser = price)]
    limit: Price,
    /// A new file for the terms; whoever has it sees the order, and without it its bond is lost.
    #[arg(long, value_name = "FILE")]
    terms: PathBuf,
    /// The greatest bond to put in beside the order [default: 15 % of it, which is the most there is].
    #[arg(long, value_name = "TOKENS")]
    max_bond: Option<Tokens>,
    /// For who returns the order, and as many for who prices and crosses the batch.
    #[arg(long, value_name = "LAMPORTS", default_value_t = 10_000)]
    tip: u64,
}

#[derive(Args)]
pub struct Reveal {
    /// Where `strobe batch seal` wrote the terms.
    terms: PathBuf,
}

#[derive(Args)]
pub struct Cancel {
    order: Pubkey,
}

/// What is kept of a sealed order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    batch: String,
    owner: String,
    nonce: u64,
    outcome: u8,
    /// Q1.63.
    limit: u64,
    #[serde(with = "hex")]
    salt: [u8; 32],
}

impl Kept {
    fn terms(&self) -> SealedTerms {
        SealedTerms {
            outcome: self.outcome,
            limit: self.limit,
            salt: self.salt,
        }
    }
}

fn first_free(session: &mut Session, batch: BatchKey) -> Result<u64, Box<dyn std::error::Error>> {
    let owner = session.payer();
    let mut nonce = 0;
    while session
        .find::<SealedOrder>(&batch.order(&owner, nonce))?
        .is_some()
    {
        nonce += 1;
    }
    Ok(nonce)
}

impl Run for Seal {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.batch(&self.batch)?;
        let (batch, mint) = (opened.key(), opened.mint);
        if session.now()? >= opened.batch.commit_until {
            return Err(format!(
                "seal refused: {} takes no more orders; `strobe batch open` opens the next one",
                self.batch
            )
            .into());
        }
        let owner = session.payer();
        let mut salt = [0; 32];
        rand::rngs::OsRng.fill_bytes(&mut salt);
        let kept = Kept {
            batch: self.batch.to_string(),
            owner: owner.to_string(),
            nonce: first_free(session, batch)?,
            outcome: self.outcome,
            limit: self.limit.0,
            salt,
        };
        let each = opened.each()?;
        let max_bond = match &self.max_bond {
            Some(bond) => mint.base_units(bond)?,
            None => each.div_ceil(20).saturating_mul(3),
        };
        let mut instructions = session.open_position(&batch.market)?;
        let seal = SealOrder {
            payer: owner,
            owner,
            batch,
            venue: opened.desk.venue,
            owner_tokens: mint.tokens_of(&owner),
            mint: mint.address,
            token_program: mint.token_program,
            nonce: kept.nonce,
            terms: kept.terms(),
            max_bond,
            tip_lamports: self.tip,
        };
        instructions.push(seal.instruction());
        // Before it is sent: an order without its terms is lost.
        if !session.is_dry_run() {
            write_secret_json(&self.terms, &kept)?;
        }
        let details = json!({
            "batch": self.batch.to_string(),
            "order": batch.order(&owner, kept.nonce).to_string(),
            "terms": self.terms.display().to_string(),
            "each": mint.show(each),
            "reveal_from": opened.batch.commit_until,
            "reveal_until": opened.batch.reveal_until(),
        });
        session.act("seal", &instructions, &[], details)
    }
}

impl Run for Reveal {
    fn run(self, session: &mut Session) -> Answer {
        let kept: Kept = read_secret_json(&self.terms)?;
        let address: Pubkey = kept.batch.parse()?;
        let owner: Pubkey = kept.owner.parse()?;
        let opened = session.batch(&address)?;
        require_revealing(&opened.batch, session.now()?)?;
        let reveal = RevealOrder {
            batch: opened.key(),
            owner,
            nonce: kept.nonce,
            terms: kept.terms(),
        };
        let price = opened.batch.price_of(kept.outcome);
        let details = json!({
            "batch": kept.batch,
            "order": opened.key().order(&owner, kept.nonce).to_string(),
            "is_within_limit": price <= kept.limit,
        });
        session.act("reveal", &[reveal.instruction()], &[], details)
    }
}

fn require_revealing(batch: &Batch, now: i64) -> Result<(), String> {
    use orders::state::BatchStatus::{Crossed, Open, Priced, Pricing, Void};
    match batch.status {
        Priced if now <= batch.reveal_until() => Ok(()),
        Open | Pricing => Err(format!(
            "reveal refused: the batch has no price yet; its orders can be revealed once it has, at unix second {} \
             or later, which `strobe batch crank` sees to",
            batch.commit_until
        )),
        Priced | Crossed | Void => Err(format!(
            "reveal refused: orders of the batch could be revealed until unix second {}, now it is {now}",
            batch.reveal_until()
        )),
    }
}

impl Run for Cancel {
    fn run(self, session: &mut Session) -> Answer {
        let order: SealedOrder = session.read(&self.order)?;
        let opened: OpenedBatch = session.batch(&order.batch)?;
        let owner = session.require_own("cancel", &self.order, "an order", &order.owner)?;
        let mint = opened.mint;
        let give = ReturnSealedOrder {
            executor: owner,
            batch: opened.key(),
            owner,
            nonce: order.nonce,
            owner_tokens: mint.tokens_of(&owner),
            rent_payer: order.rent_payer,
            mint: mint.address,
            token_program: mint.token_program,
        };
        let details = json!({ "order": self.order.to_string(), "bond": mint.show(order.bond) });
        let signed = signed_by(give.instruction(), &owner);
        session.act("cancel", &[signed], &[], details)
    }
}
