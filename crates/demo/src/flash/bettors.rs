//! How bettors behave. Each decision is drawn from the demo's seed.

use rand::{rngs::StdRng, Rng};

use super::script::Question;
use crate::{
    feed::Goal,
    orders::{Mistake, Pick, MISTAKES},
    stage::{Person, TOKEN},
};

/// What every bettor brings, base units.
pub const BANKROLL: u64 = 2_000 * TOKEN;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Backs the likeliest outcome early on.
    Favourite,
    /// Bets little on the least likely outcome.
    LongShot,
    /// Bets on what the last goal makes likelier.
    Momentum,
    /// Buys early and sells again before the end.
    Trader,
    /// Is too early, too late, or asks for what cannot be had.
    Careless,
    /// Sits in the stadium and sees a goal before the operator suspends the markets.
    Stadium,
}

/// The first two make a demo of two bettors show refusals and cash-outs already.
const STRATEGIES: [Strategy; 6] = [
    Strategy::Trader,
    Strategy::Careless,
    Strategy::Favourite,
    Strategy::LongShot,
    Strategy::Momentum,
    Strategy::Stadium,
];

impl Strategy {
    pub fn of(index: usize) -> Self {
        STRATEGIES[index % STRATEGIES.len()]
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Favourite => "backs favourites",
            Self::LongShot => "long shots",
            Self::Momentum => "follows goals",
            Self::Trader => "cashes out",
            Self::Careless => "careless",
            Self::Stadium => "in the stadium",
        }
    }
}

pub struct Bettor {
    pub strategy: Strategy,
    pub person: Person,
    /// Of the last order.
    pub nonce: u64,
}

/// Something a bettor will try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Bet {
        pick: Pick,
        /// Base units.
        stake: u64,
        mistake: Option<Mistake>,
    },
    /// Sells this part of each holding, in percent.
    CashOut { percent: u64 },
}

/// What a bettor plans when a market is announced, with times in milliseconds after its opening;
/// what is before the opening is by how much.
pub struct Plan {
    pub before: Vec<(u64, Intent)>,
    pub after: Vec<(u64, Intent)>,
}

/// Plans for a market that trades for `length` milliseconds after its opening. `recent` is the last
/// goal, if it is not long ago.
pub fn plan(
    strategy: Strategy,
    question: &Question,
    length: u64,
    recent: Option<&Goal>,
    rng: &mut StdRng,
) -> Plan {
    let mut plan = Plan {
        before: Vec::new(),
        after: Vec::new(),
    };
    let early = rng.gen_range(5_000..length / 4);
    let bet = |pick, stake| Intent::Bet {
        pick,
        stake,
        mistake: None,
    };
    match strategy {
        Strategy::Favourite => {
            let stake = rng.gen_range(15..40) * TOKEN;
            plan.after.push((early, bet(Pick::Likeliest, stake)));
        }
        Strategy::LongShot => {
            let stake = rng.gen_range(4..12) * TOKEN;
            plan.after.push((early, bet(Pick::LeastLikely, stake)));
        }
        Strategy::Momentum => {
            if let Some(goal) = recent {
                let pick = Pick::Outcome(question.outcome_after(goal));
                plan.after
                    .push((early, bet(pick, rng.gen_range(10..30) * TOKEN)));
            }
        }
        // Waits for a goal.
        Strategy::Stadium => {}
        Strategy::Trader => {
            let outcomes = u8::try_from(question.outcomes.len()).unwrap_or(u8::MAX);
            let outcome = rng.gen_range(0..outcomes);
            let stake = rng.gen_range(20..60) * TOKEN;
            plan.after.push((early, bet(Pick::Outcome(outcome), stake)));
            let sale = rng.gen_range(length / 3..length / 2);
            let percent = [50, 100][rng.gen_range(0..2)];
            plan.after.push((sale, Intent::CashOut { percent }));
        }
        Strategy::Careless => {
            let stake = rng.gen_range(5..15) * TOKEN;
            plan.after.push((early, bet(Pick::Likeliest, stake)));
            plan.before.push((20_000, bet(Pick::Likeliest, stake)));
            let kind = usize::try_from(question.id).unwrap_or_default();
            let mistaken = Intent::Bet {
                pick: Pick::Likeliest,
                stake,
                mistake: Some(MISTAKES[kind % MISTAKES.len()]),
            };
            plan.after.push((early + 1_000, mistaken));
            // After the end of trading, before the end of the window.
            plan.after
                .push((length + 4_000, bet(Pick::Likeliest, stake)));
        }
    }
    plan
}

/// What a bettor tries when a goal has fallen that makes `likelier` the better bet, in milliseconds
/// after it. The operator suspends the markets after `reaction` and for `suspension`.
pub fn after_goal(
    strategy: Strategy,
    likelier: u8,
    [reaction, suspension]: [u64; 2],
    rng: &mut StdRng,
) -> Option<(u64, Intent)> {
    let bet = |tokens| Intent::Bet {
        pick: Pick::Outcome(likelier),
        stake: tokens * TOKEN,
        mistake: None,
    };
    match strategy {
        Strategy::Momentum => {
            let after = reaction + suspension + rng.gen_range(1_000..8_000);
            Some((after, bet(rng.gen_range(10..30))))
        }
        // Sees the goal on a screen and bets into the suspension.
        Strategy::Careless => Some((reaction + 500, bet(10))),
        // Bets before the suspension; the bet delay is there for this one.
        Strategy::Stadium => Some((0, bet(50))),
        Strategy::Favourite | Strategy::LongShot | Strategy::Trader => None,
    }
}
