//! Who borrows, when, and what he does about it.

use testbed::{Trader, UNIT};

pub const DOWN: u8 = 0;
pub const UP: u8 = 1;

/// What a borrower does himself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Nothing.
    Holds,
    /// Sells everything after so many steps.
    Closes(usize),
    /// Pays in tokens after the lock, once a result is proposed; no keeper serves the loan.
    RepaysAfterTheLock,
}

/// What became of a borrower's position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    #[default]
    Open,
    Closed,
    Repaid,
    LiquidatedInPart,
    DeleveragedBeforeTheLock,
    LiquidatedWhole,
}

/// A borrower, and what he asks for after so many steps.
pub struct Borrower {
    pub name: &'static str,
    pub plan: Plan,
    pub opens_at_step: usize,
    pub outcome: u8,
    pub margin: u64,
    pub loan: u64,
    pub trader: Trader,
    pub brought: u64,
    /// Bought with both.
    pub shares: u64,
    pub fate: Fate,
}

/// What each brings, base units.
pub const BROUGHT: u64 = 1_000 * UNIT;

/// Names and plans of those who borrow: after so many steps, on which outcome, with what margin and loan.
pub const BORROWERS: [(&str, Plan, usize, u8, u64, u64); 5] = [
    (
        "borrows four tenths",
        Plan::Closes(210),
        60,
        UP,
        240 * UNIT,
        160 * UNIT,
    ),
    (
        "borrows all that he can",
        Plan::Holds,
        66,
        UP,
        180 * UNIT,
        230 * UNIT,
    ),
    (
        "borrows a fifth, holds",
        Plan::Holds,
        70,
        UP,
        200 * UNIT,
        50 * UNIT,
    ),
    (
        "bets on a fall, takes his profit",
        Plan::Closes(98),
        76,
        DOWN,
        150 * UNIT,
        60 * UNIT,
    ),
    (
        "borrows little, repays after the lock",
        Plan::RepaysAfterTheLock,
        80,
        UP,
        180 * UNIT,
        20 * UNIT,
    ),
];
