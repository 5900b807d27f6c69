//! From a proof to a paid position.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::{
    instructions::markets::{
        DisputeArgs, DisputeResolution, DisputeSuspension as DisputeSuspensionOf,
        Finalize as FinalizeOf, ProposeResolution, Redeem as RedeemOf, RedeemedPosition,
        ResolveDispute, SetStrike,
    },
    transport,
};
use market_core::evidence::Evidence;
use markets::state::{Market, Position};
use oracle::Observation;
use serde_json::{json, Value};

use crate::commands::live::{mint::Tokens, session::Session, Answer, Run};

/// Positions in one transaction, each with an account for its owner's tokens.
const AT_ONCE: usize = 4;

#[derive(Args)]
pub struct Propose {
    market: Pubkey,
    /// The proof, or the directory that `strobe prove` wrote it to. Not needed if the observation is
    /// on the chain already.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// As --proof, of the strike of an up/down market. Not needed once that is set.
    #[arg(long, value_name = "FILE")]
    strike_proof: Option<PathBuf>,
    /// Most tokens to put up.
    #[arg(long, value_name = "TOKENS", default_value = "1000")]
    max_bond: Tokens,
}

#[derive(Args)]
pub struct Dispute {
    market: Pubkey,
    /// Most tokens to put up.
    #[arg(long, value_name = "TOKENS", default_value = "1000")]
    max_bond: Tokens,
    /// SHA-256 of what the dispute rests on, hexadecimal.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    evidence: [u8; 32],
    /// Number of the reason, as the venue's rules have it.
    #[arg(long, default_value_t = 0)]
    reason: u16,
}

#[derive(Args)]
pub struct DisputeSuspension {
    market: Pubkey,
}

#[derive(Args)]
pub struct Arbitrate {
    market: Pubkey,
    /// The arbiters' proof, or the directory that `strobe prove` wrote it to. Not needed if their
    /// observation is on the chain already.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// As --proof, of the strike of an up/down market, which is theirs to say as well.
    #[arg(long, value_name = "FILE")]
    strike_proof: Option<PathBuf>,
}

#[derive(Args)]
pub struct Finalize {
    market: Pubkey,
}

#[derive(Args)]
pub struct Redeem {
    market: Pubkey,
}

fn hash(text: &str) -> Result<[u8; 32], String> {
    hex::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| "expected 64 hexadecimal digits".to_string())
}

impl Run for Propose {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        let mint = opened.mint;
        let evidence = opened.market.evidence;
        let proposer = session.payer();
        if opened.market.rule.is_strike_pending() {
            let proof = self.strike_proof.as_deref();
            let mut instructions = session.observe_strike(&evidence, proof)?;
            let set = SetStrike {
                market: self.market,
                provider_set: evidence.provider_set,
                verifying_key: evidence.verifying_key,
                observation: evidence.strike_observation,
            };
            instructions.push(set.instruction());
            let details = json!({ "market": self.market.to_string() });
            session.act("set strike", &instructions, &[], details)?;
        }
        let mut instructions = session.observe(&evidence, self.proof.as_deref())?;
        let propose = ProposeResolution {
            proposer,
            venue: opened.market.venue,
            market: self.market,
            provider_set: evidence.provider_set,
            verifying_key: evidence.verifying_key,
            observation: evidence.observation,
            proposer_tokens: mint.tokens_of(&proposer),
            token_program: mint.token_program,
            max_bond: mint.base_units(&self.max_bond)?,
        };
        instructions.push(propose.instruction());
        let details = json!({
            "market": self.market.to_string(),
            "dispute_window_seconds": opened.market.dispute_window_seconds,
        });
        let answer = session.act("propose", &instructions, &[], details)?;
        session.say(&format!(
            "after {} s without a dispute, `strobe standard finalize {}` makes it final",
            opened.market.dispute_window_seconds, self.market
        ));
        Ok(answer)
    }
}

impl Run for Dispute {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        let mint = opened.mint;
        let disputer = session.payer();
        let dispute = DisputeResolution {
            disputer,
            venue: opened.market.venue,
            market: self.market,
            disputer_tokens: mint.tokens_of(&disputer),
            token_program: mint.token_program,
            args: DisputeArgs {
                evidence_hash: self.evidence,
                reason: self.reason,
                max_bond: mint.base_units(&self.max_bond)?,
            },
        };
        let details = json!({ "market": self.market.to_string() });
        session.act("dispute", &[dispute.instruction()], &[], details)
    }
}

/// Where the arbiters' observations of a market are.
fn evidence_of_arbiters(market: &Market) -> Evidence {
    let evidence = &market.evidence;
    oracle::evidence(
        market.arbiters(),
        evidence.needs_agreement != 0,
        evidence.feed_id,
        evidence.observe_at_ms,
        evidence.strike_at_ms(),
    )
}

impl Run for DisputeSuspension {
    fn run(self, session: &mut Session) -> Answer {
        let market = session.standard(&self.market)?.market;
        // Where trading is not over, the arbiters' word ends it.
        let word: Pubkey = evidence_of_arbiters(&market).observation.into();
        let has_word = session.find::<Observation>(&word)?.is_some();
        let ends_trading = has_word && !market.is_trading_over(session.now()?);
        let dispute = DisputeSuspensionOf {
            venue: market.venue,
            market: self.market,
            provider_set: market.evidence.provider_set,
            verifying_key: market.evidence.verifying_key,
            arbiters_observation: ends_trading.then_some(word),
        };
        let details = json!({ "market": self.market.to_string() });
        session.act("dispute suspension", &[dispute.instruction()], &[], details)
    }
}

impl Run for Arbitrate {
    fn run(self, session: &mut Session) -> Answer {
        let market = session.standard(&self.market)?.market;
        let evidence = evidence_of_arbiters(&market);
        let details = json!({ "market": self.market.to_string() });
        let has_strike = market.evidence.strike_at_ms().is_some();
        if has_strike {
            let observe = session.observe_strike(&evidence, self.strike_proof.as_deref())?;
            if !observe.is_empty() {
                session.act("observe the strike", &observe, &[], details.clone())?;
            }
        }
        let mut instructions = session.observe(&evidence, self.proof.as_deref())?;
        let resolve = ResolveDispute {
            market: self.market,
            arbiter_set: market.arbiter_set,
            observation: evidence.observation.into(),
            strike_observation: has_strike.then_some(evidence.strike_observation.into()),
        };
        instructions.push(resolve.instruction());
        session.act("arbitrate", &instructions, &[], details)
    }
}

impl Run for Finalize {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        let evidence = opened.market.evidence;
        let finalize = FinalizeOf {
            venue: opened.market.venue,
            market: self.market,
            provider_set: evidence.provider_set,
            verifying_key: evidence.verifying_key,
            observation: evidence.observation,
            strike_observation: evidence.strike_observation,
        };
        let details = json!({ "market": self.market.to_string() });
        session.act("finalize", &[finalize.instruction()], &[], details)
    }
}

impl Run for Redeem {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        if !opened.market.settlement.is_settled() {
            return Err(format!("{} is not settled yet", self.market).into());
        }
        let mint = opened.mint;
        let payer = session.payer();
        let positions: Vec<Position> = transport::all::<Position>(&mut session.chain)?
            .into_iter()
            .map(|(_, position)| position)
            .filter(|position| position.market == self.market)
            .collect();
        let mut transactions = Vec::new();
        for some in positions.chunks(AT_ONCE) {
            let mut instructions: Vec<_> = some
                .iter()
                .map(|position| mint.open_tokens(&payer, &position.owner))
                .collect();
            let redeem = RedeemOf {
                market: self.market,
                token_program: mint.token_program,
                positions: some
                    .iter()
                    .map(|position| RedeemedPosition {
                        owner: position.owner,
                        rent_payer: position.rent_payer,
                        owner_tokens: mint.tokens_of(&position.owner),
                    })
                    .collect(),
            };
            instructions.push(redeem.instruction());
            let details = json!({ "positions": some.len() });
            transactions.push(session.act("redeem", &instructions, &[], details)?);
        }
        let paid: Vec<Value> = positions
            .iter()
            .map(|position| {
                let settlement = &opened.market.settlement;
                let payout = settlement.payout_of(&position.holdings.shares).unwrap_or(0);
                session.say(&format!("{}: {}", position.owner, mint.show(payout)));
                json!({ "owner": position.owner.to_string(), "payout": mint.show(payout) })
            })
            .collect();
        Ok(json!({
            "action": "redeem",
            "market": self.market.to_string(),
            "paid": paid,
            "transactions": transactions,
        }))
    }
}
