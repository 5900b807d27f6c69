//! What the run showed: the multiples that were offered beside the chance and what happened.

use std::fmt;

use serde::Serialize;

use crate::tables::{write_standings, write_verdict, Standing, Tokens};

/// A market of the run.
#[derive(Serialize)]
pub struct Market {
    /// Of the day, when it opened.
    pub minute: u64,
    /// Medians, in hundredths of a dollar.
    pub strike: i64,
    pub close: i64,
    /// What the market asked for "up" when trading ended, and the chance by the price's deviation.
    pub price_up: f64,
    pub chance_up: f64,
    /// 0 down, 1 up; null if it was void.
    pub winner: Option<u8>,
    /// Most shares of an outcome that were out, base units.
    pub interest: u64,
}

/// A bet that bought shares.
#[derive(Serialize)]
pub struct Bet {
    pub minute: u64,
    pub outcome: u8,
    /// What a winning stake is paid back as, fee included.
    pub multiple: f64,
    /// That it wins, by the price's deviation.
    pub chance: f64,
    /// Null if the market was void.
    pub won: Option<bool>,
}

/// Everything that is reported.
pub struct Totals {
    pub markets: Vec<Market>,
    pub bets: Vec<Bet>,
    pub standings: Vec<Standing>,
    pub fees: u64,
    pub is_conserved: bool,
    pub held: u128,
    pub supply: u128,
    pub open_accounts: usize,
}

/// Bets whose multiple was in a range.
#[derive(Serialize)]
pub struct Offered {
    pub from: f64,
    /// Excluded.
    pub to: f64,
    pub bets: usize,
    pub mean_multiple: f64,
    /// Of the chances by the price's deviation, and the part that won.
    pub mean_chance: f64,
    pub won: f64,
    /// What a unit staked was paid back as.
    pub returned: f64,
}

#[derive(Serialize)]
pub struct Report {
    pub markets: Vec<Market>,
    pub bets: Vec<Bet>,
    pub offered: Vec<Offered>,
    pub standings: Vec<Standing>,
    /// Those of protocol and operator, base units.
    pub fees: u64,
    pub is_conserved: bool,
    /// Base units in all token accounts, and minted.
    pub held: u128,
    pub supply: u128,
    pub open_accounts: usize,
}

/// Ranges of multiples.
const RANGES: [f64; 6] = [1.0, 1.25, 1.75, 2.5, 5.0, f64::MAX];

impl Report {
    pub fn new(totals: Totals) -> Self {
        let offered = RANGES
            .windows(2)
            .filter_map(|range| offered(&totals.bets, range[0], range[1]))
            .collect();
        let Totals {
            markets,
            bets,
            standings,
            fees,
            is_conserved,
            held,
            supply,
            open_accounts,
        } = totals;
        Self {
            markets,
            bets,
            offered,
            standings,
            fees,
            is_conserved,
            held,
            supply,
            open_accounts,
        }
    }
}

fn offered(bets: &[Bet], from: f64, to: f64) -> Option<Offered> {
    let some: Vec<_> = bets
        .iter()
        .filter(|bet| (from..to).contains(&bet.multiple) && bet.won.is_some())
        .collect();
    let mean =
        |of: &dyn Fn(&Bet) -> f64| some.iter().map(|bet| of(bet)).sum::<f64>() / some.len() as f64;
    let won = |bet: &Bet| f64::from(u8::from(bet.won == Some(true)));
    (!some.is_empty()).then(|| Offered {
        from,
        to,
        bets: some.len(),
        mean_multiple: mean(&|bet| bet.multiple),
        mean_chance: mean(&|bet| bet.chance),
        won: mean(&won),
        returned: mean(&|bet| won(bet) * bet.multiple),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>6} {:>10} {:>10} {:>8} {:>8} {:>7} {:>10}",
            "Minute", "Strike", "Close", "Asked", "Chance", "Result", "Interest"
        )?;
        for market in &self.markets {
            let result = match market.winner {
                Some(0) => "down",
                Some(_) => "up",
                None => "void",
            };
            writeln!(
                f,
                "{:>6} {:>10.2} {:>10.2} {:>7.1}% {:>7.1}% {:>7} {:>10}",
                market.minute,
                market.strike as f64 / 100.0,
                market.close as f64 / 100.0,
                market.price_up * 100.0,
                market.chance_up * 100.0,
                result,
                Tokens(market.interest),
            )?;
        }
        writeln!(
            f,
            "\nAsked and chance are of \"up\" when trading ended. What was offered, and what became of it:\n"
        )?;
        writeln!(
            f,
            "{:>6} {:>10} {:>8} {:>8} {:>12}",
            "Bets", "Multiple", "Chance", "Won", "Paid per 1"
        )?;
        for row in &self.offered {
            writeln!(
                f,
                "{:>6} {:>9.2}x {:>7.1}% {:>7.1}% {:>12.3}",
                row.bets,
                row.mean_multiple,
                row.mean_chance * 100.0,
                row.won * 100.0,
                row.returned,
            )?;
        }
        write_standings(f, &self.standings)?;
        writeln!(f, "\nFees of protocol and operator: {}", Tokens(self.fees))?;
        write_verdict(
            f,
            self.is_conserved,
            [self.held, self.supply],
            self.open_accounts,
        )
    }
}
