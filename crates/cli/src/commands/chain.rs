//! `strobe chain`: prepaid chains of bets.

use clap::{Args, Subcommand};
use math::chain::{LegPrice, MAX_MULTIPLE};
use math::{BasisPoints, ChainError, Money};
use serde::Serialize;
use thiserror::Error;

use super::{
    arguments::{fraction, Fraction},
    live::ChainCommand,
};

#[derive(Subcommand)]
pub enum Chain {
    /// Quotes a chain: what it multiplies its stake by, beside the chance of that and what the chain is
    /// worth.
    Quote(ChainQuote),
    #[command(flatten)]
    Live(ChainCommand),
}

#[derive(Args)]
pub struct ChainQuote {
    /// Price of each leg, above 0 and below 1, up to 9 of them.
    #[arg(
        long,
        value_delimiter = ',',
        required = true,
        allow_hyphen_values = true,
        value_name = "P1,P2,..."
    )]
    prices: Vec<String>,
    /// Fee rate of each leg, basis points.
    #[arg(long, value_name = "F")]
    fee_bps: u16,
    /// Base units staked.
    #[arg(long, value_name = "S")]
    stake: u64,
}

/// A chain's figures. The decimals have twelve digits after the point.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ChainQuoted {
    /// Payout over stake, before rounding.
    multiple: String,
    /// Base units paid if every leg wins, rounded down.
    payout: u64,
    /// That every leg wins, if prices are chances.
    chance: String,
    /// Worth of each unit staked, if prices are chances.
    expected: String,
}

/// A chain refused, by the argument at fault.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{argument}: {reason}")]
pub struct ChainRefused {
    argument: &'static str,
    reason: String,
}

impl ChainQuote {
    /// # Errors
    /// [`ChainRefused`].
    pub fn run(self) -> Result<ChainQuoted, ChainRefused> {
        let legs = self
            .prices
            .iter()
            .filter(|price| !price.is_empty() || self.prices.len() > 1)
            .map(|price| leg(price))
            .collect::<Result<Vec<_>, _>>()?;
        let chain = math::Chain::new(&legs, BasisPoints(self.fee_bps)).map_err(refused)?;
        chain.check_multiple(MAX_MULTIPLE).map_err(refused)?;
        Ok(ChainQuoted {
            multiple: chain.multiple().map_err(refused)?.to_string(),
            payout: chain.payout(Money(self.stake)).map_err(refused)?.0,
            chance: chain.chance().map_err(refused)?.to_string(),
            expected: chain.expected().map_err(refused)?.to_string(),
        })
    }
}

fn leg(text: &str) -> Result<LegPrice, ChainRefused> {
    let named = |reason: &dyn ToString| ChainRefused {
        argument: "--prices",
        reason: format!("{text:?}: {}", reason.to_string()),
    };
    let Fraction {
        numerator,
        denominator,
    } = fraction(text).map_err(|error| named(&error))?;
    LegPrice::new(numerator, denominator).map_err(|error| named(&error))
}

fn refused(error: ChainError) -> ChainRefused {
    ChainRefused {
        argument: match error {
            ChainError::FeeRateTooHigh => "--fee-bps",
            ChainError::NoStake | ChainError::Overflow => "--stake",
            _ => "--prices",
        },
        reason: error.to_string(),
    }
}
