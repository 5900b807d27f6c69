//! Tables of what demos showed.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;

use super::stage::TOKEN;

/// Base units as tokens with two digits, cut.
pub struct Tokens(pub u64);

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / TOKEN, self.0 % TOKEN * 100 / TOKEN);
        f.pad(&format!("{whole}.{rest:02}"))
    }
}

/// What somebody gained or lost.
pub struct Gain {
    pub brought: u64,
    pub left: u64,
}

impl fmt::Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.left < self.brought { '-' } else { '+' };
        let amount = Tokens(self.left.abs_diff(self.brought));
        f.pad(&format!("{sign}{amount}"))
    }
}

/// "-" for what there is not.
pub fn or_dash(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Characters of the longest text in a column with this title.
pub fn width<'a>(title: &str, texts: impl Iterator<Item = &'a str>) -> usize {
    let longest = texts.map(|text| text.chars().count()).max();
    longest.unwrap_or_default().max(title.len())
}

/// Serializes a time as whole milliseconds.
pub fn milliseconds<S: serde::Serializer>(
    time: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
        .serialize(to)
}

/// What somebody brought and left with, base units.
#[derive(Serialize)]
pub struct Standing {
    pub name: String,
    pub brought: u64,
    pub left: u64,
}

pub fn write_standings<'a>(
    f: &mut fmt::Formatter<'_>,
    standings: impl IntoIterator<Item = &'a Standing>,
) -> fmt::Result {
    writeln!(
        f,
        "\n{:36} {:>12} {:>12} {:>12}",
        "P&L", "Brought", "Left with", "Gain"
    )?;
    for standing in standings {
        let Standing {
            ref name,
            brought,
            left,
        } = *standing;
        let gain = Gain { brought, left };
        let (brought, left) = (Tokens(brought), Tokens(left));
        writeln!(f, "{name:36} {brought:>12} {left:>12} {gain:>12}")?;
    }
    Ok(())
}

/// Numbers of bets and cash-outs.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Bets {
    /// Bets that bought shares, and complete sets made.
    pub placed: u64,
    /// Bets and cash-outs that the programs refused, or returned after the bet delay.
    pub refused: u64,
    /// Cash-outs that were paid, and complete sets taken apart.
    pub cashed_out: u64,
}

/// A trade that was refused.
pub struct Refused {
    pub who: String,
    pub market: u64,
    pub what: &'static str,
    /// Name of the error.
    pub reason: String,
    pub message: String,
}

/// The numbers, and a line for each reason of refusal.
pub fn write_bets(f: &mut fmt::Formatter<'_>, bets: Bets, all: &[Refused]) -> fmt::Result {
    let Bets {
        placed,
        refused,
        cashed_out,
    } = bets;
    writeln!(
        f,
        "\nBets: {placed} placed, {cashed_out} cash-outs paid, {refused} refused:"
    )?;
    let mut by_reason = BTreeMap::<_, Vec<&Refused>>::new();
    for refused in all {
        by_reason
            .entry((refused.what, &refused.reason, &refused.message))
            .or_default()
            .push(refused);
    }
    for ((what, reason, message), refused) in by_reason {
        let count = refused.len();
        write!(f, "{count:>4} x {what} {reason}: {message}")?;
        if let Some(first) = refused.first() {
            write!(f, " (first: {}, market {})", first.who, first.market)?;
        }
        writeln!(f)?;
    }
    Ok(())
}

/// Whether books and token accounts agree, with the sum of the latter and what was minted.
pub fn write_verdict(
    f: &mut fmt::Formatter<'_>,
    is_conserved: bool,
    [held, supply]: [u128; 2],
    open_accounts: usize,
) -> fmt::Result {
    let verdict = if is_conserved {
        "every token is accounted for"
    } else {
        "TOKENS ARE MISSING"
    };
    writeln!(
        f,
        "Token accounts hold {held} of {supply} base units minted: {verdict}."
    )?;
    writeln!(f, "Accounts left open: {open_accounts}.")
}

/// Serializes what became of a market.
pub fn status<S: serde::Serializer>(is_void: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(if *is_void { "void" } else { "resolved" })
}
