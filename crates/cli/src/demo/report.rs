//! What a demo showed, for readers and as data.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;

use super::{
    house::Takings,
    providers::Behaviour,
    script::{Question, TOKEN},
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
    pub bettors: Vec<BettorReport>,
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

fn status<S: serde::Serializer>(is_void: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(if *is_void { "void" } else { "resolved" })
}

fn milliseconds<S: serde::Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
        .serialize(to)
}

/// Numbers of bets and cash-outs.
#[derive(Default, Serialize)]
pub struct Bets {
    /// Bets that bought shares.
    pub placed: u64,
    /// Bets and cash-outs that the programs refused, or returned after the bet delay.
    pub refused: u64,
    /// Cash-outs that were paid.
    pub cashed_out: u64,
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

pub struct BettorReport {
    pub number: usize,
    pub strategy: &'static str,
    pub brought: u64,
    pub left: u64,
}

/// A bet or cash-out that was refused.
pub struct Refused {
    pub bettor: usize,
    pub market: u64,
    pub what: &'static str,
    /// Name of the error.
    pub reason: String,
    pub message: String,
}

/// What the providers did.
#[derive(Default)]
pub struct ProviderReport {
    in_time: u32,
    late: u32,
    lies: u32,
    /// Markets whose outcome is not what happened.
    pub outcomes_changed: u32,
}

impl ProviderReport {
    /// Counts a report that arrives while its market is open, or after it is closed.
    pub fn count(&mut self, behaviour: Behaviour, is_closed: bool) {
        match behaviour {
            Behaviour::Liar => self.lies += 1,
            _ if is_closed => self.late += 1,
            _ => self.in_time += 1,
        }
    }
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

/// Base units as tokens with two digits, cut.
struct Tokens(u64);

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / TOKEN, self.0 % TOKEN * 100 / TOKEN);
        f.pad(&format!("{whole}.{rest:02}"))
    }
}

/// What somebody gained or lost.
struct Gain {
    brought: u64,
    left: u64,
}

impl fmt::Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.left < self.brought { '-' } else { '+' };
        let amount = Tokens(self.left.abs_diff(self.brought));
        f.pad(&format!("{sign}{amount}"))
    }
}

/// "-" for what there is not.
fn or_dash(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        self.write_markets(f)?;
        self.write_people(f)?;
        self.write_refusals(f)?;
        self.write_books(f)
    }
}

impl Report {
    fn write_markets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: fn(&MarketReport) -> &str, title: &str| {
            let widths = self
                .markets
                .iter()
                .map(|market| text(market).chars().count());
            widths.max().unwrap_or_default().max(title.len())
        };
        let question = width(|market| &market.question, "Market");
        let outcome = width(MarketReport::outcome, "Outcome");
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
        let ProviderReport {
            in_time,
            late,
            lies,
            outcomes_changed,
        } = self.providers;
        writeln!(
            f,
            "\nProviders: {in_time} reports in time, {late} too late to matter, {lies} lies, \
             which changed {outcomes_changed} outcomes. Suspensions at goals: {suspensions}."
        )
    }

    fn write_people(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:36} {:>12} {:>12} {:>12}",
            "P&L", "Brought", "Left with", "Gain"
        )?;
        let Takings {
            protocol,
            operator,
            liquidity,
        } = self.takings;
        let deposited = self.totals.deposited;
        let vault = (
            "Vault's liquidity providers".to_owned(),
            deposited,
            liquidity,
        );
        let bettors = self.bettors.iter().map(|bettor| {
            let name = format!("Bettor {}, {}", bettor.number, bettor.strategy);
            (name, bettor.brought, bettor.left)
        });
        let fees = [
            ("Protocol, fees".to_owned(), 0, protocol),
            ("Operator, fees".to_owned(), 0, operator),
        ];
        for (name, brought, left) in std::iter::once(vault).chain(bettors).chain(fees) {
            let gain = Gain { brought, left };
            writeln!(
                f,
                "{name:36} {:>12} {:>12} {gain:>12}",
                Tokens(brought),
                Tokens(left)
            )?;
        }
        Ok(())
    }

    fn write_refusals(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bets {
            placed,
            refused,
            cashed_out,
        } = self.bets;
        writeln!(
            f,
            "\nBets: {placed} placed, {cashed_out} cash-outs paid, {refused} refused:"
        )?;
        let mut by_reason = BTreeMap::<_, Vec<&Refused>>::new();
        for refused in &self.refused {
            by_reason
                .entry((refused.what, &refused.reason, &refused.message))
                .or_default()
                .push(refused);
        }
        for ((what, reason, message), refused) in by_reason {
            let count = refused.len();
            let first = refused
                .first()
                .map_or((0, 0), |one| (one.bettor, one.market));
            writeln!(
                f,
                "{count:>4} x {what} {reason}: {message} (first: bettor {}, market {})",
                first.0, first.1
            )?;
        }
        Ok(())
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
        let verdict = if self.conserved {
            "every token is accounted for"
        } else {
            "TOKENS ARE MISSING"
        };
        writeln!(
            f,
            "Token accounts hold {} of {} base units minted: {verdict}.",
            self.held, self.supply
        )?;
        writeln!(f, "Accounts left open: {}.", self.open_accounts)
    }
}
