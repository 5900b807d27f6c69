//! What a demo showed, for readers and as data.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::{house::Takings, script::Question};
use crate::{
    providers::ProviderReport,
    tables::{
        milliseconds, or_dash, status, width, write_bets, write_standings, write_verdict, Bets,
        Refused, Standing, Tokens,
    },
};

/// A finished replay. Amounts are in base units.
#[derive(Serialize)]
pub struct Report {
    pub markets: Vec<MarketReport>,
    pub bets: Bets,
    pub totals: Totals,
    /// Whether every token is accounted for, computed from the balances of token accounts.
    pub conserved: bool,
    /// Accounts of markets, tickets, pending bets and observations that are on the chain at the end.
    pub open_accounts: usize,
    #[serde(skip)]
    pub title: String,
    /// Sum of all token accounts, and what was ever minted.
    #[serde(skip)]
    pub held: u128,
    #[serde(skip)]
    pub supply: u128,
    #[serde(skip)]
    pub takings: Takings,
    #[serde(skip)]
    pub bettors: Vec<Standing>,
    #[serde(skip)]
    pub refused: Vec<Refused>,
    #[serde(skip)]
    pub providers: ProviderReport,
}

#[derive(Serialize)]
pub struct MarketReport {
    id: u64,
    kind: &'static str,
    from_minute: u32,
    to_minute: u32,
    question: String,
    outcomes: Vec<String>,
    #[serde(rename = "status", serialize_with = "status")]
    pub is_void: bool,
    pub winning: Option<u8>,
    /// Stakes that bought shares.
    pub volume: u64,
    #[serde(rename = "prove_ms", serialize_with = "milliseconds")]
    pub prove_time: Option<Duration>,
    pub verify_cu: Option<u64>,
    pub resolve_cu: Option<u64>,
    #[serde(skip)]
    pub suspensions: u32,
}

/// `deposited + staked = fees + paid + returned_to_vault` if no token is missing.
#[derive(Serialize)]
pub struct Totals {
    /// By liquidity providers into the vault.
    pub deposited: u64,
    /// By bettors, for shares.
    pub staked: u64,
    /// Charged on bets and cash-outs.
    pub fees: u64,
    /// To bettors, for winning or void shares and for cash-outs.
    pub paid: u64,
    /// What the vault has again when every market is closed, fees apart.
    pub returned_to_vault: u64,
}

impl MarketReport {
    pub fn new(question: &Question) -> Self {
        Self {
            id: question.id,
            kind: question.kind.name(),
            from_minute: question.window.from,
            to_minute: question.window.to,
            question: question.text.clone(),
            outcomes: question.outcomes.clone(),
            is_void: false,
            winning: None,
            volume: 0,
            prove_time: None,
            verify_cu: None,
            resolve_cu: None,
            suspensions: 0,
        }
    }

    fn outcome(&self) -> &str {
        self.winning
            .and_then(|winning| self.outcomes.get(usize::from(winning)))
            .map_or("void", String::as_str)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        self.write_markets(f)?;
        self.write_people(f)?;
        write_bets(f, self.bets, &self.refused)?;
        self.write_books(f)
    }
}

impl Report {
    fn write_markets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let question = width(
            "Market",
            self.markets.iter().map(|one| one.question.as_str()),
        );
        let outcome = width("Outcome", self.markets.iter().map(MarketReport::outcome));
        writeln!(
            f,
            "{:>3} {:question$} {:outcome$} {:>10} {:>9} {:>10} {:>11}",
            "", "Market", "Outcome", "Volume", "Proof ms", "Verify CU", "Resolve CU"
        )?;
        for market in &self.markets {
            writeln!(
                f,
                "{:>3} {:question$} {:outcome$} {:>10} {:>9} {:>10} {:>11}",
                market.id,
                market.question,
                market.outcome(),
                Tokens(market.volume),
                or_dash(market.prove_time.map(|time| time.as_millis())),
                or_dash(market.verify_cu),
                or_dash(market.resolve_cu),
            )?;
        }
        let suspensions: u32 = self.markets.iter().map(|market| market.suspensions).sum();
        writeln!(
            f,
            "\n{} Suspensions at goals: {suspensions}.",
            self.providers
        )
    }

    fn write_people(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Takings {
            protocol,
            operator,
            liquidity,
        } = self.takings;
        let standing = |name: &str, brought, left| Standing {
            name: name.to_owned(),
            brought,
            left,
        };
        let deposited = self.totals.deposited;
        let vault = standing("Vault's liquidity providers", deposited, liquidity);
        let fees = [
            standing("Protocol, fees", 0, protocol),
            standing("Operator, fees", 0, operator),
        ];
        write_standings(f, [&vault].into_iter().chain(&self.bettors).chain(&fees))
    }

    fn write_books(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals {
            deposited,
            staked,
            fees,
            paid,
            returned_to_vault,
        } = self.totals;
        writeln!(
            f,
            "\nBooks: deposited {} + staked {} = fees {} + paid {} + returned to the vault {}",
            Tokens(deposited),
            Tokens(staked),
            Tokens(fees),
            Tokens(paid),
            Tokens(returned_to_vault)
        )?;
        write_verdict(
            f,
            self.conserved,
            [self.held, self.supply],
            self.open_accounts,
        )
    }
}
