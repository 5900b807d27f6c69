//! How traders behave. Each decision is drawn from the demo's seed.

use rand::{rngs::StdRng, Rng};

use super::script::Question;
use crate::{
    orders::{Mistake, Pick, MISTAKES},
    stage::{MINUTE, TOKEN},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Is too early, too late, or asks for what cannot be had.
    Careless,
    /// Buys and sells again.
    Swing,
    /// Backs the likeliest outcome.
    Favourite,
    /// Makes complete sets, sells a part and takes the rest apart again.
    Sets,
    /// Buys little of the least likely outcome.
    LongShot,
    /// Buys exact numbers of shares of what it believes in.
    Believer,
    /// Trades on the score.
    Fan,
}

/// The first two make a demo of two traders show refusals and sales already.
const STRATEGIES: [Strategy; 7] = [
    Strategy::Careless,
    Strategy::Swing,
    Strategy::Favourite,
    Strategy::Sets,
    Strategy::LongShot,
    Strategy::Believer,
    Strategy::Fan,
];

impl Strategy {
    pub fn of(index: usize) -> Self {
        STRATEGIES[index % STRATEGIES.len()]
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Careless => "careless",
            Self::Swing => "buys and sells",
            Self::Favourite => "backs favourites",
            Self::Sets => "makes sets",
            Self::LongShot => "long shots",
            Self::Believer => "believes",
            Self::Fan => "follows the score",
        }
    }
}

/// Something a trader will try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Buy {
        pick: Pick,
        /// Base units.
        stake: u64,
        mistake: Option<Mistake>,
    },
    BuyShares {
        pick: Pick,
        shares: u64,
    },
    /// Sells this part of each holding, in percent.
    Sell {
        percent: u64,
    },
    /// Sells one share more than the trader holds.
    Oversell,
    /// Makes so many complete sets.
    Split {
        sets: u64,
    },
    /// Sells half of what it holds of the likeliest outcome.
    SellLikeliest,
    /// Takes apart all complete sets that it holds.
    Merge,
}

/// What a trader plans for a market that trades for `length` milliseconds, as times after the opening;
/// `opens_in` is how long before that the market is announced.
pub fn plan(
    strategy: Strategy,
    question: &Question,
    opens_in: u64,
    length: u64,
    rng: &mut StdRng,
) -> Vec<(i64, Intent)> {
    let at = |part: u64| i64::try_from(length / 100 * part).unwrap_or(i64::MAX);
    let buy = |pick, stake| Intent::Buy {
        pick,
        stake,
        mistake: None,
    };
    let outcomes = u8::try_from(question.outcomes.len()).unwrap_or(u8::MAX);
    let mut any = || Pick::Outcome(rng.gen_range(0..outcomes));
    match strategy {
        Strategy::Careless => {
            let early = -i64::try_from(opens_in / 2).unwrap_or_default();
            let late = at(100) + i64::try_from(MINUTE).unwrap_or_default();
            let number = usize::try_from(question.id).unwrap_or_default();
            let mistaken = Intent::Buy {
                pick: Pick::Likeliest,
                stake: 10 * TOKEN,
                mistake: Some(MISTAKES[number % MISTAKES.len()]),
            };
            vec![
                (early, buy(Pick::Likeliest, 10 * TOKEN)),
                (at(20), buy(any(), 10 * TOKEN)),
                (at(25), mistaken),
                (at(40), Intent::Oversell),
                (late, buy(Pick::Likeliest, 10 * TOKEN)),
            ]
        }
        Strategy::Swing => {
            let (first, second) = (any(), any());
            let mut hour = || rng.gen_range(5..25);
            vec![
                (at(hour()), buy(first, 60 * TOKEN)),
                (at(30 + hour()), Intent::Sell { percent: 50 }),
                (at(35 + hour()), buy(second, 40 * TOKEN)),
                (at(65 + hour()), Intent::Sell { percent: 100 }),
            ]
        }
        Strategy::Favourite => (0..3)
            .map(|step| {
                let stake = rng.gen_range(10..40) * TOKEN;
                (
                    at(10 + 28 * step + rng.gen_range(0..20)),
                    buy(Pick::Likeliest, stake),
                )
            })
            .collect(),
        Strategy::Sets => {
            let sets = rng.gen_range(20..60) * TOKEN;
            vec![
                (at(rng.gen_range(10..30)), Intent::Split { sets }),
                (at(rng.gen_range(40..55)), Intent::SellLikeliest),
                (at(rng.gen_range(60..90)), Intent::Merge),
            ]
        }
        Strategy::LongShot => (0..2)
            .map(|step| {
                let stake = rng.gen_range(2..8) * TOKEN;
                let time = at(5 + 45 * step + rng.gen_range(0..40));
                (time, buy(Pick::LeastLikely, stake))
            })
            .collect(),
        Strategy::Believer => {
            let pick = any();
            (0..3)
                .map(|step| {
                    let shares = rng.gen_range(15..50) * TOKEN;
                    let time = at(8 + 30 * step + rng.gen_range(0..25));
                    (time, Intent::BuyShares { pick, shares })
                })
                .collect()
        }
        Strategy::Fan => Vec::new(),
    }
}

/// What a trader does in a market that the score of the moment speaks for, in milliseconds after a
/// goal.
pub fn after_goal(strategy: Strategy, leaning: u8, rng: &mut StdRng) -> Vec<(u64, Intent)> {
    let soon = rng.gen_range(5_000..MINUTE);
    match strategy {
        Strategy::Fan => {
            let buy = Intent::Buy {
                pick: Pick::Outcome(leaning),
                stake: rng.gen_range(20..60) * TOKEN,
                mistake: None,
            };
            vec![(soon, Intent::Sell { percent: 100 }), (soon + 1_000, buy)]
        }
        Strategy::Swing => vec![(2 * soon, Intent::Sell { percent: 50 })],
        _ => Vec::new(),
    }
}
