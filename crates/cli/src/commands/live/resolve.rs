//! `strobe resolve`: from a proof to a market's result.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::Value as Observed;
use clap::Args;
use client::{
    instructions::{
        flash_bets::{Resolve as ResolveOn, SetStrike, Void},
        oracle::{VerifyObservation, VerifyObservationArgs},
    },
    transport::Transport,
};
use flash_bets::state::FlashMarket;
use market_core::{Evidence, Observers};
use oracle::Observation;
use serde_json::json;

use super::{any_market::AnyMarket, register::to_bytes, session::Session, Answer, Run};
use crate::commands::proof_file::{ProofFile, PROOF_FILE};

#[derive(Args)]
pub struct Resolve {
    market: Pubkey,
    /// The proof, or the directory that `strobe prove` wrote it to. Not needed if the observation is
    /// on the chain already.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// As --proof, of the strike of an up/down market. Not needed once that is set.
    #[arg(long, value_name = "FILE")]
    strike_proof: Option<PathBuf>,
    /// Settle without a result at the slow prices: after the time to prove, or if the observation is
    /// contradicted or a tie.
    #[arg(long, conflicts_with = "proof")]
    void: bool,
}

impl Run for Resolve {
    fn run(self, session: &mut Session) -> Answer {
        let market: FlashMarket = session.read(&self.market)?;
        let clock = session.chain.clock()?;
        let details = json!({ "market": self.market.to_string() });
        if market.settlement.is_settled() {
            session.say(&format!("the market is {} already", market.phase(&clock)));
            return Ok(json!({
                "action": "resolve",
                "already_done": true,
                "market": self.market.to_string(),
                "winning_outcome": market.settlement.winning_outcome,
            }));
        }
        let evidence = market.evidence;
        if self.void {
            let void = Void {
                vault: market.vault,
                market: self.market,
                observation: evidence.observation,
                strike_observation: market.strike_observation(),
            };
            return session.act("void", &[void.instruction()], &[], details);
        }

        if market.rule.is_strike_pending() {
            let mut instructions =
                session.observe_strike(&evidence, self.strike_proof.as_deref())?;
            let set = SetStrike {
                market: self.market,
                observation: evidence.strike_observation,
            };
            instructions.push(set.instruction());
            session.act("set strike", &instructions, &[], details.clone())?;
        }
        let mut instructions = session.observe(&evidence, self.proof.as_deref())?;
        let resolve = ResolveOn {
            market: self.market,
            observation: evidence.observation,
            strike_observation: market.strike_observation(),
        };
        instructions.push(resolve.instruction());
        let mut answer = session.act("resolve", &instructions, &[], details)?;
        let market: FlashMarket = session.read(&self.market)?;
        if market.settlement.is_settled() {
            let outcome = market.settlement.winning_outcome;
            session.say(&format!("outcome {outcome} won"));
            super::session::merge(&mut answer, json!({ "winning_outcome": outcome }));
        }
        Ok(answer)
    }
}

impl Session {
    /// What has the proof of a market's observation verified, if the chain does not have it yet.
    ///
    /// # Errors
    /// If there is neither, and those of [`verify`].
    pub fn observe(
        &mut self,
        evidence: &Evidence,
        proof: Option<&Path>,
    ) -> Result<Vec<Instruction>, Box<dyn Error>> {
        if self
            .find::<Observation>(&evidence.observation.into())?
            .is_some()
        {
            return Ok(Vec::new());
        }
        let Some(path) = proof else {
            return Err(format!(
                "there is no observation of the market's feed at {} yet: name a proof with --proof",
                evidence.observe_at_ms
            )
            .into());
        };
        let verify = verify(self.payer(), evidence, evidence.observers(), path)?;
        Ok(vec![verify.instruction()])
    }

    /// As [`Self::observe`], of the observation that sets the market's strike.
    ///
    /// # Errors
    /// Those.
    pub fn observe_strike(
        &mut self,
        evidence: &Evidence,
        proof: Option<&Path>,
    ) -> Result<Vec<Instruction>, Box<dyn Error>> {
        let of_strike = Evidence {
            observation: evidence.strike_observation,
            observe_at_ms: evidence.strike_at_ms,
            ..*evidence
        };
        let instructions = self.observe(&of_strike, proof);
        instructions.map_err(|error| format!("the strike (--strike-proof): {error}").into())
    }
}

/// Has the proof verified, if it is one of what the market waits for.
///
/// # Errors
/// If the file is no proof, or one of something else.
fn verify(
    payer: Pubkey,
    evidence: &Evidence,
    observers: Observers,
    path: &Path,
) -> Result<VerifyObservation, Box<dyn Error>> {
    let file = match path.is_dir() {
        true => ProofFile::read(&path.join(PROOF_FILE))?,
        false => ProofFile::read(path)?,
    };
    let statement = file.statement()?;
    let feed_id = to_bytes(statement.feed_id);
    if feed_id != evidence.feed_id {
        return Err("the proof is about another feed than the market's".into());
    }
    let observe_at_ms = statement.time.get();
    if observe_at_ms != evidence.observe_at_ms {
        return Err(format!(
            "the proof is about the time {observe_at_ms}, the market waits for {}",
            evidence.observe_at_ms
        )
        .into());
    }
    let Observed::Number(value) = statement.value else {
        return Err("the proof is of a root of results, expected a number".into());
    };
    Ok(VerifyObservation {
        payer,
        provider_set: observers.provider_set.into(),
        verifying_key: observers.verifying_key.into(),
        args: VerifyObservationArgs {
            feed_id,
            observe_at_ms,
            value,
            proof: file.proof,
        },
    })
}
