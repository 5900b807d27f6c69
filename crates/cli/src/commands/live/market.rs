//! `strobe market`: flash markets.

use anchor_lang::prelude::Pubkey;
use clap::{Args, Subcommand, ValueEnum};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{CreateMarket, FlashCurve, FlashMarketTerms},
};
use flash_bets::state::{EventBook, FlashMarket, Vault};
use math::Price;
use serde_json::json;

use super::{
    any_market::{List, Show},
    market_show::Watch,
    mint::{Mint, Tokens},
    question::Question,
    session::Session,
    Answer, Live, Run,
};

/// From the lock to the observation unless another time is asked for: the chain's clock may pass a
/// second or two between the command and the creation.
const OBSERVATION_AFTER_LOCK_SECONDS: i64 = 5;
/// From the strike of an up/down market to its opening, for the same reason.
const STRIKE_BEFORE_OPENING_SECONDS: i64 = 5;
const MAX_OUTCOMES: usize = 64;

#[derive(Subcommand)]
pub enum MarketCommand {
    /// Creates and funds a market from a vault; the operator.
    Create(Box<Live<Create>>),
    /// Every flash market of the cluster.
    List(Live<List<FlashMarket>>),
    /// A market's prices, times and result.
    Show(Live<Show<FlashMarket>>),
    /// A market's prices, each time they change, until it is settled; over WebSocket.
    Watch(Live<Watch>),
}

#[derive(Clone, Copy, ValueEnum)]
enum CurveName {
    Lmsr,
    PmAmm,
}

#[derive(Args)]
pub struct Create {
    vault: Pubkey,
    /// Number of the event that the market belongs to; `strobe vault event` opens its book.
    #[arg(long, value_name = "ID")]
    event: u64,
    #[command(flatten)]
    question: Question,
    /// Opening price of each outcome, percent, summing to 100; equal without.
    #[arg(long, value_delimiter = ',', value_name = "P0,P1,...")]
    prior: Vec<f64>,
    #[arg(long, value_enum, default_value_t = CurveName::Lmsr)]
    curve: CurveName,
    /// Depth of the curve, tokens: `b` of the LMSR, `L` of the pm-AMM.
    #[arg(long, value_name = "TOKENS", default_value = "1000")]
    depth: Tokens,
    /// Basis points of max(min(p, 1 − p), floor) a share.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100)]
    fee_rate: u16,
    /// Least price that the fee of a share is taken of, basis points of one.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 0)]
    fee_floor_bps: u16,
    /// From now to the opening; at least the vault's lead.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    opens_in_seconds: u32,
    /// From the opening to the lock.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    duration_seconds: u32,
    /// From a bet to its execution. It must be 0 unless --execution-seconds is given, and at least 1000
    /// for a question whose answer may be known while the market trades.
    #[arg(
        long,
        value_name = "MS",
        default_value_t = 0,
        requires = "execution_seconds"
    )]
    delay_ms: u32,
    /// After the delay, for the execution.
    #[arg(long, value_name = "SECONDS", requires = "delay_ms")]
    execution_seconds: Option<u32>,
    /// From the later of lock and observation to the void: what a prover has, 300 at least.
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    resolution_seconds: u32,
}

impl MarketCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Create(command) => command.run(),
            Self::List(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Watch(command) => command.run(),
        }
    }
}

impl Run for Create {
    fn run(self, session: &mut Session) -> Answer {
        let vault: Vault = session.read(&self.vault)?;
        let mint = session.mint(&vault.mint)?;
        let event_book = addresses::event_book(&self.vault, self.event);
        if session.find::<EventBook>(&event_book)?.is_none() {
            return Err(format!(
                "event {} has no book: `strobe vault event {} {}` opens it",
                self.event, self.vault, self.event
            )
            .into());
        }
        let id = vault.next_market_id;
        let market = addresses::market(&self.vault, id);
        let depth = mint.base_units(&self.depth)?;
        let terms = self.terms(&mint, depth, session.now()?)?;
        let create = CreateMarket {
            operator: session.payer(),
            vault: self.vault,
            mint: mint.address,
            token_program: mint.token_program,
            event_book,
            provider_set: self.question.provider_set(),
            verifying_key: self.question.verifying_key(),
            id,
            feed_id: self.question.feed_id(),
            terms: terms.clone(),
        };
        let details = json!({
            "market": market.to_string(),
            "id": id,
            "feed": self.question.shown_feed(),
            "observe_at_ms": terms.observe_at_ms,
            "outcomes": terms.prior.len(),
            "opens_in_seconds": terms.opens_in_seconds,
            "duration_seconds": terms.duration_seconds,
        });
        let answer = session.act("market create", &[create.instruction()], &[], details)?;
        session.say(&format!("market {market}"));
        Ok(answer)
    }
}

impl Create {
    fn terms(
        &self,
        mint: &Mint,
        depth: u64,
        now: i64,
    ) -> Result<FlashMarketTerms, Box<dyn std::error::Error>> {
        let opens_at = now.saturating_add(i64::from(self.opens_in_seconds));
        let after_lock = opens_at
            .saturating_add(i64::from(self.duration_seconds))
            .saturating_add(OBSERVATION_AFTER_LOCK_SECONDS);
        Ok(FlashMarketTerms {
            parent: 0,
            rule: self
                .question
                .rule(opens_at.saturating_sub(STRIKE_BEFORE_OPENING_SECONDS)),
            price: self.question.price.terms(mint, depth)?,
            curve: match self.curve {
                CurveName::Lmsr => FlashCurve::Lmsr,
                CurveName::PmAmm => FlashCurve::PmAmm,
            },
            depth,
            prior: prior(self.question.outcomes(), &self.prior)?,
            micro_tau: false,
            fee_rate: self.fee_rate,
            fee_floor_bps: self.fee_floor_bps,
            observe_at_ms: self.question.observe_at_ms(after_lock)?,
            opens_in_seconds: self.opens_in_seconds,
            duration_seconds: self.duration_seconds,
            freeze_seconds: 0,
            delay_ms: self.delay_ms,
            execution_seconds: self.execution_seconds.unwrap_or(0),
            resolution_seconds: self.resolution_seconds,
        })
    }
}

/// Opening prices of `outcomes` outcomes, Q1.63, that sum to one exactly.
fn prior(outcomes: usize, percents: &[f64]) -> Result<Vec<u64>, String> {
    if !(2..=MAX_OUTCOMES).contains(&outcomes) {
        return Err(format!(
            "a market has 2 to {MAX_OUTCOMES} outcomes, not {outcomes}"
        ));
    }
    let equal = vec![1.0; outcomes];
    let weights = if percents.is_empty() {
        &equal
    } else {
        percents
    };
    if weights.len() != outcomes {
        return Err(format!(
            "--prior has {} prices, expected one for each of {outcomes} outcomes",
            weights.len()
        ));
    }
    let sum: f64 = weights.iter().sum();
    let is_percent = percents.is_empty() || (sum - 100.0).abs() < 1e-6;
    if !is_percent || weights.iter().any(|weight| *weight <= 0.0) {
        return Err("--prior must be positive percents that sum to 100".to_string());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "opening prices; what rounding leaves goes to the first"
    )]
    let mut prices: Vec<u64> = weights
        .iter()
        .map(|weight| (weight / sum * Price::ONE.0 as f64) as u64)
        .collect();
    let given: u64 = prices.iter().skip(1).sum();
    if let Some(first) = prices.first_mut() {
        *first = Price::ONE.0.saturating_sub(given);
    }
    Ok(prices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_prices_sum_to_one() {
        for (outcomes, percents) in [(2, vec![]), (3, vec![]), (3, vec![20.0, 30.0, 50.0])] {
            let prices = prior(outcomes, &percents).expect("prices");
            assert_eq!(prices.iter().sum::<u64>(), Price::ONE.0);
        }
    }

    #[test]
    fn opening_prices_that_are_none_are_refused() {
        assert!(prior(1, &[]).is_err());
        assert!(prior(2, &[50.0]).is_err());
        assert!(prior(2, &[50.0, 60.0]).is_err());
        assert!(prior(2, &[0.0, 100.0]).is_err());
    }
}
