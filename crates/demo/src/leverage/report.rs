//! What a day showed, for readers and as data.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::traders::{Fate, UP};
use crate::tables::{write_verdict, Gain, Tokens};

/// A finished day. Amounts are in base units.
#[derive(Serialize)]
pub struct Report {
    /// Of BTC/USD: at the opening, which is the strike, and at the end.
    pub strike_cents: i64,
    pub result_cents: i64,
    pub traders: Vec<Trader>,
    pub lenders: Vec<Lender>,
    /// What is left in the pool when everybody has left: the insurance, and what was rounded for lenders.
    pub insurance: u64,
    pub rest: u64,
    /// To the keeper, for sales.
    pub rewards: u64,
    /// Accounts of the loans' program that are on the chain at the end.
    pub open_accounts: usize,
    /// Whether every token is accounted for, computed from the balances of token accounts.
    pub conserved: bool,
    /// What the keeper did, and how often.
    pub kept: BTreeMap<String, u32>,
    pub done: Vec<Done>,
    /// Sum of all token accounts, and what was ever minted.
    #[serde(skip)]
    pub held: u128,
    #[serde(skip)]
    pub supply: u128,
}

#[derive(Serialize)]
pub struct Trader {
    pub name: String,
    pub outcome: u8,
    pub margin: u64,
    pub loan: u64,
    pub shares: u64,
    pub fate: Fate,
    pub brought: u64,
    pub left: u64,
}

#[derive(Serialize)]
pub struct Lender {
    pub lent: u64,
    pub brought: u64,
    pub left: u64,
}

/// What happened to a borrower's loan, and in which minute of the day.
#[derive(Serialize)]
pub struct Done {
    pub minute: u64,
    /// From 1.
    pub borrower: usize,
    pub what: String,
}

impl Report {
    fn write_traders(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.traders.iter().map(|one| one.name.len()).max();
        let name = name.unwrap_or_default();
        writeln!(
            f,
            "{:>3} {:name$} {:>5} {:>8} {:>8} {:>8} {:>9}  Fate",
            "", "Borrower", "Side", "Margin", "Loan", "Shares", "Gain"
        )?;
        for (number, trader) in (1..).zip(&self.traders) {
            let gain = Gain {
                brought: trader.brought,
                left: trader.left,
            };
            writeln!(
                f,
                "{number:>3} {:name$} {:>5} {:>8} {:>8} {:>8} {gain:>9}  {}",
                trader.name,
                if trader.outcome == UP { "up" } else { "down" },
                Tokens(trader.margin),
                Tokens(trader.loan),
                Tokens(trader.shares),
                trader.fate,
            )?;
        }
        writeln!(f)
    }

    fn write_done(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for done in &self.done {
            let (hour, minute) = (done.minute / 60, done.minute % 60);
            writeln!(
                f,
                "{hour:>5}:{minute:02}  borrower {} {}",
                done.borrower, done.what
            )?;
        }
        writeln!(f)
    }

    fn write_lenders(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, lender) in (1..).zip(&self.lenders) {
            let gain = Gain {
                brought: lender.brought,
                left: lender.left,
            };
            let lent = Tokens(lender.lent);
            writeln!(f, "Lender {number} put {lent} in, and gained {gain}.")?;
        }
        writeln!(
            f,
            "The insurance has {}, the keeper got {} for sales.",
            Tokens(self.insurance),
            Tokens(self.rewards)
        )
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Open => "open",
            Self::LiquidatedInPart => "liquidated in part",
            Self::LiquidatedWhole => "liquidated whole",
            Self::DeleveragedBeforeTheLock => "deleveraged before the lock",
            Self::Closed => "closed",
            Self::Repaid => "repaid after the lock",
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        writeln!(
            f,
            "BTC/USD ends the day at {}, it began at {}\n",
            dollars(self.result_cents),
            dollars(self.strike_cents)
        )?;
        self.write_traders(f)?;
        self.write_done(f)?;
        self.write_lenders(f)?;
        writeln!(f)?;
        let sums = [self.held, self.supply];
        write_verdict(f, self.conserved, sums, self.open_accounts)
    }
}
