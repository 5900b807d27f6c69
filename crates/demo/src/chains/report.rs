//! What the run showed: multiples that were offered, true chances, and what happened.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{
    feed::Window,
    providers::ProviderReport,
    tables::{width, write_standings, write_verdict, Refused, Standing, Tokens},
};

/// A window of the match. The chance is that of a goal, at a steady rate.
#[derive(Serialize)]
pub struct WindowReport {
    pub from_minute: u32,
    pub to_minute: u32,
    pub chance: f64,
    pub is_goal: bool,
}

impl WindowReport {
    pub fn new(window: Window, chance: f64, result: u8) -> Self {
        Self {
            from_minute: window.from,
            to_minute: window.to,
            chance,
            is_goal: result == super::script::GOAL,
        }
    }

    pub fn chance_of(&self, outcome: u8) -> f64 {
        if outcome == super::script::GOAL {
            self.chance
        } else {
            1.0 - self.chance
        }
    }
}

#[derive(Serialize)]
pub struct LegReport {
    pub from_minute: u32,
    pub to_minute: u32,
    /// Whether it is on a goal.
    pub is_goal: bool,
    pub chance: f64,
    pub has_won: bool,
}

/// How a chain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It never opened: the price was beyond its owner's bound.
    Returned,
    Open,
    Won,
    Lost,
    CashedOut,
    /// Legs without a result.
    Void,
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::CashedOut => "cashed out",
            Self::Void => "void legs",
        }
    }
}

#[derive(Serialize)]
pub struct ChainReport {
    pub who: String,
    /// Base units; payout and what was paid too.
    pub stake: u64,
    /// What was offered, and the chance that it was priced at.
    pub multiple: f64,
    pub payout: u64,
    pub priced_chance: f64,
    /// The true one, and what a unit staked is worth by it.
    pub chance: f64,
    pub expected: f64,
    pub fate: Fate,
    pub paid: u64,
    pub ended_minute: u64,
    pub legs: Vec<LegReport>,
}

/// What the question was traded at in a branch.
#[derive(Serialize)]
pub struct BranchReport {
    pub end: String,
    /// Whether it came true.
    pub is_real: bool,
    pub chance_of_end: f64,
    /// Of each outcome after the last trade: its price, and its true chance then, if this end comes true.
    pub asked: Vec<f64>,
    pub chances: Vec<f64>,
}

#[derive(Serialize)]
pub struct GroupReport {
    /// Of the last trades.
    pub minute: u32,
    pub outcomes: Vec<String>,
    /// Opening prices of every branch.
    pub opened: Vec<f64>,
    pub branches: Vec<BranchReport>,
    pub survivor: Option<u8>,
    pub winner: usize,
    pub trades: u32,
    /// Base units that people put in, and took back before the end.
    pub deposited: u64,
    pub merged: u64,
}

/// What was counted at the end; amounts in base units.
pub struct Books {
    pub standings: Vec<Standing>,
    pub fees: u64,
    pub left_in_vault: u64,
    /// Whether the vault's books are its balance when all is settled.
    pub is_tracked: bool,
    pub held: u128,
    pub supply: u128,
    pub open_accounts: usize,
}

#[derive(Serialize)]
pub struct Report {
    pub windows: Vec<WindowReport>,
    pub chains: Vec<ChainReport>,
    pub group: GroupReport,
    pub standings: Vec<Standing>,
    /// Those of protocol and operator, base units.
    pub fees: u64,
    /// What rounding left in the vault, base units.
    pub left_in_vault: u64,
    pub is_conserved: bool,
    /// Base units in all token accounts, and minted.
    pub held: u128,
    pub supply: u128,
    pub open_accounts: usize,
    #[serde(skip)]
    pub title: String,
    #[serde(skip)]
    pub refused: Vec<Refused>,
    #[serde(skip)]
    pub providers: ProviderReport,
}

impl Report {
    pub fn new(
        title: String,
        windows: Vec<WindowReport>,
        chains: Vec<ChainReport>,
        group: GroupReport,
        refused: Vec<Refused>,
        providers: ProviderReport,
        books: Books,
    ) -> Self {
        let Books {
            standings,
            fees,
            left_in_vault,
            is_tracked,
            held,
            supply,
            open_accounts,
        } = books;
        let sum = |of: fn(&Standing) -> u64| standings.iter().map(of).sum::<u64>();
        let is_balanced = sum(|one| one.brought) == sum(|one| one.left) + fees + left_in_vault;
        Self {
            windows,
            chains,
            group,
            is_conserved: is_tracked && is_balanced && held == supply,
            standings,
            fees,
            left_in_vault,
            held,
            supply,
            open_accounts,
            title,
            refused,
            providers,
        }
    }

    fn write_chains(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = width("Chain", self.chains.iter().map(|chain| chain.who.as_str()));
        writeln!(
            f,
            "\n{:who$} {:>9} {:>8} {:>8} {:>9} {:>10} {:>7} {:>8}",
            "Chain", "Multiple", "Priced", "Chance", "Expected", "Result", "Minute", "Paid"
        )?;
        for chain in &self.chains {
            writeln!(
                f,
                "{:who$} {:>8.2}x {:>7.2}% {:>7.2}% {:>9.3} {:>10} {:>7} {:>8}",
                chain.who,
                chain.multiple,
                chain.priced_chance * 100.0,
                chain.chance * 100.0,
                chain.expected,
                chain.fate.name(),
                chain.ended_minute,
                Tokens(chain.paid),
            )?;
        }
        writeln!(
            f,
            "\nEverybody staked {}. Chance is what goals at a steady rate give, expected what a unit staked is \
             worth by it.",
            Tokens(self.chains.first().map_or(0, |chain| chain.stake))
        )?;
        self.write_refused(f)
    }

    fn write_refused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_reason = BTreeMap::<_, usize>::new();
        for refused in &self.refused {
            *by_reason
                .entry((&refused.who, &refused.reason, &refused.message))
                .or_default() += 1;
        }
        for ((who, reason, message), count) in by_reason {
            writeln!(f, "{count:>4} x refused to {who}: {reason}: {message}")?;
        }
        Ok(())
    }

    fn write_group(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = &self.group;
        let title = "How many goals, if it is";
        let ends = group.branches.iter().map(|branch| branch.end.as_str());
        let end = width(title, ends);
        write!(f, "\n{title:end$} {:>9}", "Chance")?;
        for outcome in &group.outcomes {
            write!(f, " {outcome:>16}")?;
        }
        writeln!(f)?;
        for branch in &group.branches {
            write!(
                f,
                "{:end$} {:>8.1}%",
                branch.end,
                branch.chance_of_end * 100.0
            )?;
            for (asked, chance) in branch.asked.iter().zip(&branch.chances) {
                write!(f, "   {:>5.1}% ({:>4.1}%)", asked * 100.0, chance * 100.0)?;
            }
            writeln!(f)?;
        }
        let real = group.branches.iter().find(|branch| branch.is_real);
        writeln!(
            f,
            "\nPrices after minute {} beside what is likely in each end. {} trades with {} deposited, {} taken \
             back.\nWhat came true: {}, with {} goals. The other branches are as if they had never been.",
            group.minute,
            group.trades,
            Tokens(group.deposited),
            Tokens(group.merged),
            real.map_or("void", |branch| branch.end.as_str()),
            group.outcomes.get(group.winner).map_or("-", String::as_str),
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        writeln!(f, "{:>8} {:>8} {:>7}", "Minutes", "Chance", "Goal")?;
        for window in &self.windows {
            writeln!(
                f,
                "{:>8} {:>7.1}% {:>7}",
                format!("{}-{}", window.from_minute, window.to_minute),
                window.chance * 100.0,
                if window.is_goal { "yes" } else { "no" }
            )?;
        }
        self.write_chains(f)?;
        self.write_group(f)?;
        writeln!(f, "\n{}", self.providers)?;
        write_standings(f, &self.standings)?;
        writeln!(
            f,
            "\nFees of protocol and operator: {}; rounding left {} base units in the vault.",
            Tokens(self.fees),
            self.left_in_vault
        )?;
        write_verdict(
            f,
            self.is_conserved,
            [self.held, self.supply],
            self.open_accounts,
        )
    }
}
