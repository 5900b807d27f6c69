//! What people ask a market for, right and wrong.

use math::Price;

/// What a bettor still accepts of a quote, in percent.
const TOLERANCE: u64 = 97;

/// Which outcome to bet on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    Likeliest,
    LeastLikely,
    Outcome(u8),
}

impl Pick {
    pub fn outcome(self, prices: &[Price]) -> u8 {
        let by_price = |(_, price): &(u8, &Price)| **price;
        let numbered = (0..).zip(prices);
        match self {
            Self::Likeliest => numbered
                .max_by_key(by_price)
                .map_or(0, |(outcome, _)| outcome),
            Self::LeastLikely => numbered
                .min_by_key(by_price)
                .map_or(0, |(outcome, _)| outcome),
            Self::Outcome(outcome) => outcome,
        }
    }
}

/// How a bet is to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Asks for twice the shares that there are for the stake.
    TooManyShares,
    UnknownOutcome,
    NoStake,
    /// Stakes more than the bettor has.
    TooMuchStake,
}

pub const MISTAKES: [Mistake; 4] = [
    Mistake::TooManyShares,
    Mistake::UnknownOutcome,
    Mistake::TooMuchStake,
    Mistake::NoStake,
];

/// What somebody still accepts of a quote.
pub fn tolerated(quoted: u64) -> u64 {
    quoted / 100 * TOLERANCE
}

/// An order for a stake, with what may be wrong with it.
pub struct Order {
    pub outcome: u8,
    pub stake: u64,
    pub min_shares: u64,
}

impl Order {
    /// In a market with `outcomes` outcomes, by somebody who was quoted `quoted` shares and has
    /// `balance` base units.
    pub fn new(
        outcome: u8,
        stake: u64,
        quoted: u64,
        mistake: Option<Mistake>,
        outcomes: u8,
        balance: u64,
    ) -> Self {
        let right = Self {
            outcome,
            stake,
            min_shares: tolerated(quoted),
        };
        match mistake {
            None => right,
            Some(Mistake::TooManyShares) => Self {
                min_shares: quoted.saturating_mul(2),
                ..right
            },
            Some(Mistake::UnknownOutcome) => Self {
                outcome: outcomes,
                ..right
            },
            Some(Mistake::NoStake) => Self { stake: 0, ..right },
            Some(Mistake::TooMuchStake) => Self {
                stake: balance.saturating_mul(2),
                min_shares: 0,
                ..right
            },
        }
    }
}
