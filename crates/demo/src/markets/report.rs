//! What a day showed, for readers and as data.

use std::{fmt, ops::RangeInclusive, time::Duration};

use market_core::{MarketStatus, RuleKind, NO_OUTCOME};
use markets::state::{CurveSwitch, Market};
use math::{CurveKind, Price};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::{
    orders::{write_orders, OrderReport},
    script::Question,
};
use crate::{
    proofs::Proven,
    providers::ProviderReport,
    tables::{
        milliseconds, or_dash, status, width, write_bets, write_standings, write_verdict, Bets,
        Gain, Refused, Standing, Tokens,
    },
};

/// A finished day. Amounts are in base units.
#[derive(Serialize)]
pub struct Report {
    pub markets: Vec<MarketReport>,
    pub bets: Bets,
    pub orders: Vec<OrderReport>,
    pub totals: Totals,
    /// Whether every token is accounted for, computed from the balances of token accounts.
    pub conserved: bool,
    /// Accounts of markets, positions, liquidity positions, disputes, observations, result roots,
    /// desks and orders that are on the chain at the end.
    pub open_accounts: usize,
    /// Liquidity providers, who proposed and disputed, traders, and the protocol.
    pub people: Vec<Standing>,
    #[serde(skip)]
    pub title: String,
    /// Sum of all token accounts, and what was ever minted.
    #[serde(skip)]
    pub held: u128,
    #[serde(skip)]
    pub supply: u128,
    #[serde(skip)]
    pub refused: Vec<Refused>,
    #[serde(skip)]
    pub providers: ProviderReport,
}

#[derive(Serialize)]
pub struct MarketReport {
    id: u64,
    kind: &'static str,
    /// When trading opens and locks, minutes of play.
    from_minute: i64,
    to_minute: i64,
    curve: &'static str,
    question: String,
    outcomes: Vec<String>,
    #[serde(rename = "status", serialize_with = "status")]
    is_void: bool,
    winning: Option<u8>,
    /// The outcome that was proposed; the winning one unless a dispute overturned it.
    proposed: Option<u8>,
    /// Whether it was proposed from a result root, whose proof serves several markets.
    pub from_root: bool,
    /// What a share of each outcome paid, with twelve digits.
    payouts: Vec<String>,
    /// What trades on the curve moved, buys and sales alike.
    pub volume: u64,
    /// Charged on these trades.
    pub fees: u64,
    /// Of all liquidity providers together, fees included.
    lp_pnl: i64,
    pub disputed: bool,
    /// Of the proof that decided; several markets can share one.
    #[serde(rename = "prove_ms", serialize_with = "milliseconds")]
    prove_time: Option<Duration>,
    verify_cu: Option<u64>,
    /// To propose the result, or to settle the dispute.
    resolve_cu: Option<u64>,
    /// By liquidity providers, and what they got.
    #[serde(skip)]
    pub deposited: u64,
    #[serde(skip)]
    pub withdrawn: u64,
}

/// `deposited + staked = fees + paid + returned_to_vault` if no token is missing, and beside it what
/// became of bonds.
#[derive(Clone, Copy, Default, Serialize)]
pub struct Totals {
    /// By liquidity providers into pools.
    pub deposited: u64,
    /// By traders, for shares and complete sets.
    pub staked: u64,
    /// Charged on trades, for liquidity providers, creator, protocol and proposers.
    pub fees: u64,
    /// To traders: sales, sets taken apart, winning or void shares.
    pub paid: u64,
    /// What liquidity providers have again when every market is closed, and what rounding left, fees
    /// apart. The name is that of the flash demo, whose providers share a vault.
    pub returned_to_vault: u64,
    /// By who proposed and disputed results, and what they got back.
    pub bonded: u64,
    pub bonds_returned: u64,
    /// Of the fees, to proposers whom nobody disputed.
    pub rewards: u64,
    /// Of the fees.
    pub creator_fees: u64,
    /// The protocol's part of the fees and of lost bonds, and what rounding left.
    pub protocol_fees: u64,
    /// To liquidity providers: liquidity, outcome shares that came with it, and fees.
    #[serde(skip)]
    pub withdrawn: u64,
}

impl Totals {
    /// Whether what went in came out.
    pub fn balance(&self) -> bool {
        let sum = |parts: &[u64]| parts.iter().copied().map(u128::from).sum::<u128>();
        let is_paid_out = sum(&[self.deposited, self.staked, self.bonded])
            == sum(&[
                self.withdrawn,
                self.paid,
                self.bonds_returned,
                self.rewards,
                self.creator_fees,
                self.protocol_fees,
            ]);
        is_paid_out
            && sum(&[self.deposited, self.staked])
                == sum(&[self.fees, self.paid, self.returned_to_vault])
    }

    /// Sorts out, of what providers, creator, protocol and proposers got, the fees charged on trades.
    pub fn close(&mut self, fees: u64) {
        let lost_bonds = self.bonded.saturating_sub(self.bonds_returned);
        self.fees = fees;
        let received = self.withdrawn + self.creator_fees + self.protocol_fees + self.rewards;
        self.returned_to_vault = received.saturating_sub(lost_bonds).saturating_sub(fees);
    }
}

impl MarketReport {
    pub fn new(question: &Question, minutes: RangeInclusive<i64>) -> Self {
        Self {
            id: question.id,
            kind: question.kind.name(),
            from_minute: *minutes.start(),
            to_minute: *minutes.end(),
            curve: "",
            question: question.text.clone(),
            outcomes: question.outcomes.clone(),
            is_void: false,
            winning: None,
            proposed: None,
            from_root: false,
            payouts: Vec::new(),
            volume: 0,
            fees: 0,
            lp_pnl: 0,
            disputed: false,
            prove_time: None,
            verify_cu: None,
            resolve_cu: None,
            deposited: 0,
            withdrawn: 0,
        }
    }

    /// Notes the proof that the market goes by for now.
    pub fn prove(&mut self, proven: Proven, resolve_cu: Option<u64>) {
        self.prove_time = Some(proven.prove_time);
        self.verify_cu = proven.verify_cu;
        self.resolve_cu = resolve_cu;
    }

    /// Notes how the market ended.
    pub fn settle(&mut self, state: &Market) {
        self.curve = curve(state);
        self.is_void = state.settlement.is(MarketStatus::Void);
        let winning = state.settlement.winning_outcome;
        self.winning = (winning != NO_OUTCOME).then_some(winning);
        let is_proposed = state.proposer != Pubkey::default();
        self.proposed = state
            .result_of(state.proposed_value)
            .ok()
            .and_then(|result| u8::try_from(result).ok())
            .filter(|_| is_proposed && state.rule.kind != RuleKind::Linear as u8);
        let payouts = state.settlement.payouts.iter().take(self.outcomes.len());
        self.payouts = payouts.map(|payout| Price(*payout).to_string()).collect();
    }

    /// Draws the balance of the liquidity providers, when everybody is paid.
    pub fn balance(&mut self) {
        let difference = i128::from(self.withdrawn) - i128::from(self.deposited);
        self.lp_pnl = i64::try_from(difference).unwrap_or(i64::MIN);
    }

    fn outcome(&self) -> String {
        match self.name(self.winning) {
            Some(outcome) => outcome.to_owned(),
            None => {
                let parts = self.outcomes.iter().zip(&self.payouts);
                let parts = parts.map(|(name, paid)| format!("{name} {paid:.4}"));
                let parts = parts.collect::<Vec<_>>().join(", ");
                let prefix = if self.is_void { "void: " } else { "" };
                format!("{prefix}{parts}")
            }
        }
    }

    fn name(&self, outcome: Option<u8>) -> Option<&str> {
        let name = self.outcomes.get(usize::from(outcome?))?;
        Some(name)
    }
}

fn curve(state: &Market) -> &'static str {
    if state.pool.kind == CurveKind::L2 as u8 {
        "l2"
    } else if state.pool.kind == CurveKind::Lmsr as u8 {
        "lmsr"
    } else if state.curve_switch == CurveSwitch::Done as u8 {
        "lmsr-to-pm-amm"
    } else if state.micro_tau != 0 {
        "pm-amm-dynamic"
    } else {
        "pm-amm"
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        self.write_markets(f)?;
        writeln!(f, "\n{}", self.providers)?;
        self.write_resolutions(f)?;
        write_standings(f, &self.people)?;
        write_bets(f, self.bets, &self.refused)?;
        write_orders(f, &self.orders)?;
        self.write_books(f)
    }
}

impl Report {
    fn write_markets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes: Vec<_> = self.markets.iter().map(MarketReport::outcome).collect();
        let question = width(
            "Market",
            self.markets.iter().map(|one| one.question.as_str()),
        );
        let outcome = width("Outcome", outcomes.iter().map(String::as_str));
        writeln!(
            f,
            "{:>2} {:question$} {:11} {:14} {:outcome$} {:>9} {:>7} {:>9} {:>8} {:>9} {:>10} {:>11}",
            "",
            "Market",
            "Kind",
            "Curve",
            "Outcome",
            "Volume",
            "Fees",
            "LP P&L",
            "Disputed",
            "Proof ms",
            "Verify CU",
            "Resolve CU"
        )?;
        for (market, result) in self.markets.iter().zip(&outcomes) {
            let gain = Gain {
                brought: market.deposited,
                left: market.withdrawn,
            };
            writeln!(
                f,
                "{:>2} {:question$} {:11} {:14} {result:outcome$} {:>9} {:>7} {gain:>9} {:>8} {:>9} {:>10} {:>11}",
                market.id,
                market.question,
                market.kind,
                market.curve,
                Tokens(market.volume),
                Tokens(market.fees),
                if market.disputed { "yes" } else { "no" },
                or_dash(market.prove_time.map(|time| time.as_millis())),
                or_dash(market.verify_cu),
                or_dash(market.resolve_cu),
            )?;
        }
        Ok(())
    }

    fn write_resolutions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from_root = self
            .markets
            .iter()
            .filter(|market| market.from_root)
            .count();
        writeln!(
            f,
            "Markets settled by one proof of a result root: {from_root}."
        )?;
        for market in self.markets.iter().filter(|market| market.disputed) {
            writeln!(
                f,
                "Market {}: {} was proposed and disputed; the arbiters' proof says {}.",
                market.id,
                or_dash(market.name(market.proposed)),
                or_dash(market.name(market.winning))
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
            bonded,
            bonds_returned,
            rewards,
            ..
        } = self.totals;
        writeln!(
            f,
            "\nBooks: deposited {} + staked {} = fees {} + paid {} + returned to liquidity providers {}\n\
             Bonds: put up {} = returned {} + lost to the protocol {}; proposers earned {}",
            Tokens(deposited),
            Tokens(staked),
            Tokens(fees),
            Tokens(paid),
            Tokens(returned_to_vault),
            Tokens(bonded),
            Tokens(bonds_returned),
            Tokens(bonded.saturating_sub(bonds_returned)),
            Tokens(rewards)
        )?;
        write_verdict(
            f,
            self.conserved,
            [self.held, self.supply],
            self.open_accounts,
        )
    }
}
