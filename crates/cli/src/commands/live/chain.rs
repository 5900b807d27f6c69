//! `strobe chain`: chains of bets on a cluster.

use std::{error::Error, str::FromStr};

use anchor_lang::prelude::Pubkey;
use clap::{Args, Subcommand};
use client::{
    addresses::flash_bets as addresses,
    chain_quotes::{self, ChainQuote, QuotedLeg},
    instructions::flash_bets::{
        ChainOdds, CreateChainBook, LegOf, RequestCashOut, RequestCashOutArgs, RequestChain,
        RequestChainArgs,
    },
    lookup_tables,
    transport::Transport,
};
use flash_bets::{
    error::FlashError,
    state::{Chain, ChainBook, ChainLeg, ChainStatus, FlashMarket, LegStatus, Vault},
};
use keeper::{flash_bets::ChainView, Money};
use math::{BasisPoints, Price};
use serde_json::{json, Value};

use super::{
    any_market::percent,
    mint::{Mint, Tokens},
    session::{By, Session},
    Answer, Live, Run,
};

#[derive(Subcommand)]
pub enum ChainCommand {
    /// Lets chains have legs on a market, once; anybody, who gets the rent back when it closes.
    Book(Live<Book>),
    /// Asks for a chain of two to nine legs at the prices of its execution: `crank` opens it after its delay.
    /// More than four take a lookup table, which it makes and leaves for `crank`.
    Open(Live<Open>),
    /// What a chain would pay, has and waits for.
    Show(Live<Show>),
    /// Asks that a chain be cashed out at the prices of its execution; its owner.
    CashOut(Live<CashOut>),
    /// Does what is due of a chain, for its tip: opens it or gives it back, takes results, cashes it out, pays
    /// it; anybody.
    Crank(Live<Crank>),
    /// Takes a lookup table out of use or, once nothing can use it any more, closes it, for its rent; whoever
    /// made it.
    CloseTable(Live<CloseTable>),
}

#[derive(Args)]
pub struct Book {
    market: Pubkey,
}

#[derive(Args)]
pub struct Open {
    /// A market and an outcome of it, for each leg.
    #[arg(required = true, value_name = "MARKET:OUTCOME")]
    legs: Vec<Leg>,
    /// Tokens staked.
    #[arg(long, value_name = "TOKENS")]
    stake: Tokens,
    /// How much less than quoted to accept, basis points of the payout.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    slippage: u16,
    /// Lamports for whoever executes it.
    #[arg(long, value_name = "LAMPORTS", default_value_t = 0)]
    tip_lamports: u64,
    /// Tells the owner's chains apart.
    #[arg(long, default_value_t = 1)]
    nonce: u64,
}

#[derive(Args)]
pub struct Show {
    chain: Pubkey,
}

#[derive(Args)]
pub struct CashOut {
    chain: Pubkey,
    /// Least tokens to accept.
    #[arg(long, value_name = "TOKENS")]
    min_return: Tokens,
    /// Lamports for whoever executes it.
    #[arg(long, value_name = "LAMPORTS", default_value_t = 0)]
    tip_lamports: u64,
}

#[derive(Args)]
pub struct Crank {
    chain: Pubkey,
    /// The lookup table that `open` or `--prepare` made of the same legs, for a chain of more than four; else
    /// a new one.
    #[arg(long, value_name = "TABLE")]
    lookup_table: Option<Pubkey>,
    /// Only makes that table, while the chain waits: there are ten seconds to execute it.
    #[arg(long, conflicts_with = "lookup_table")]
    prepare: bool,
}

#[derive(Args)]
pub struct CloseTable {
    table: Pubkey,
}

/// A market and an outcome of it.
#[derive(Clone, Copy, Debug)]
struct Leg {
    market: Pubkey,
    outcome: u8,
}

impl FromStr for Leg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("{text:?} is no leg, expected MARKET:OUTCOME");
        let (market, outcome) = text.split_once(':').ok_or_else(expected)?;
        Ok(Self {
            market: market.parse().map_err(|_| expected())?,
            outcome: outcome.parse().map_err(|_| expected())?,
        })
    }
}

impl ChainCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Book(command) => command.run(),
            Self::Open(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::CashOut(command) => command.run(),
            Self::Crank(command) => command.run(),
            Self::CloseTable(command) => command.run(),
        }
    }
}

impl Run for Book {
    fn run(self, session: &mut Session) -> Answer {
        let market: FlashMarket = session.read(&self.market)?;
        let book = addresses::chain_book(&self.market);
        let details = json!({ "market": self.market.to_string(), "chain_book": book.to_string() });
        if market.has_chain_book == 1 {
            session.say("the market has its chain book already");
            return Ok(json!({
                "action": "chain book",
                "already_done": true,
                "chain_book": book.to_string(),
            }));
        }
        let create = CreateChainBook {
            rent_payer: session.payer(),
            market: self.market,
        };
        session.act("chain book", &[create.instruction()], &[], details)
    }
}

/// A chain that is to be opened, at what it would cost now.
struct Quoted {
    vault: Pubkey,
    mint: Mint,
    legs: Vec<LegOf>,
    prices: Vec<Price>,
    odds: ChainOdds,
}

impl Open {
    fn quote(&self, session: &mut Session) -> Result<Quoted, Box<dyn Error>> {
        let clock = session.chain.clock()?;
        let first = self.legs.first().ok_or("open refused: no leg is named")?;
        let address = session.read::<FlashMarket>(&first.market)?.vault;
        let vault: Vault = session.read(&address)?;
        let mint = session.mint(&vault.mint)?;
        let stake = math::Money(mint.base_units(&self.stake)?);
        let mut states = Vec::with_capacity(self.legs.len());
        for leg in &self.legs {
            let market: FlashMarket = session.read(&leg.market)?;
            let book = session.find::<ChainBook>(&addresses::chain_book(&leg.market))?;
            let book = book.ok_or_else(|| {
                format!(
                    "open refused: {} has no chain book: `strobe chain book` opens it",
                    leg.market
                )
            })?;
            states.push((market, book));
        }
        let quoted = self.legs.iter().zip(&states);
        let quoted: Vec<_> = quoted
            .map(|(leg, (market, book))| QuotedLeg {
                market,
                book,
                outcome: leg.outcome,
            })
            .collect();
        let quote = chain_quotes::open(&vault, &quoted, stake, &clock).map_err(refused)?;
        let ChainQuote { prices, odds } = quote;
        let legs = self.legs.iter().zip(&states);
        let legs = legs.map(|(leg, (market, _))| LegOf::new(leg.market, market));
        let legs = legs.collect();
        Ok(Quoted {
            vault: address,
            mint,
            legs,
            prices,
            odds,
        })
    }
}

impl Run for Open {
    fn run(self, session: &mut Session) -> Answer {
        let Quoted {
            vault,
            mint,
            legs,
            prices,
            odds,
        } = self.quote(session)?;
        let owner = session.payer();
        let kept = BasisPoints(BasisPoints::ONE.saturating_sub(self.slippage));
        let min_payout = kept.of_floor(odds.payout)?;
        let request = RequestChain {
            owner,
            owner_tokens: mint.tokens_of(&owner),
            rent_payer: owner,
            vault,
            token_program: mint.token_program,
            nonce: self.nonce,
            legs,
            args: RequestChainArgs {
                stake: mint.base_units(&self.stake)?,
                min_payout,
                tip_lamports: self.tip_lamports,
                outcomes: self.legs.iter().map(|leg| leg.outcome).collect(),
            },
        };
        let chain = addresses::chain(&vault, &owner, self.nonce);
        let prices: Vec<_> = prices.into_iter().map(percent).collect();
        let details = json!({
            "chain": chain.to_string(),
            "quoted_payout": mint.show(odds.payout),
            "min_payout": mint.show(min_payout),
            "multiple": decimal(odds.multiple),
            "chance": decimal(odds.chance),
            "expected": decimal(odds.expected),
            "prices_percent": prices,
        });
        session.act_with_table("chain open", &request.instruction(), By::KeptTable, details)
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let chain: Chain = session.read(&self.chain)?;
        let vault: Vault = session.read(&chain.vault)?;
        let mint = session.mint(&vault.mint)?;
        session.say(state(&chain));
        Ok(describe(&self.chain, &chain, mint))
    }
}

impl Run for CashOut {
    fn run(self, session: &mut Session) -> Answer {
        let chain: Chain = session.read(&self.chain)?;
        let owner = session.require_own("cash-out", &self.chain, "a chain", &chain.owner)?;
        let vault: Vault = session.read(&chain.vault)?;
        let mint = session.mint(&vault.mint)?;
        let min_return = mint.base_units(&self.min_return)?;
        let request = RequestCashOut {
            vault: chain.vault,
            owner,
            nonce: chain.nonce,
            args: RequestCashOutArgs {
                min_return,
                tip_lamports: self.tip_lamports,
            },
        };
        let details = json!({
            "chain": self.chain.to_string(),
            "would_pay": mint.show(chain.reserve),
            "min_return": mint.show(min_return),
        });
        session.act("chain cash-out", &[request.instruction()], &[], details)
    }
}

impl Run for Crank {
    fn run(self, session: &mut Session) -> Answer {
        let chain: Chain = session.read(&self.chain)?;
        let vault: Vault = session.read(&chain.vault)?;
        let mint = session.mint(&vault.mint)?;
        let markets = chain
            .legs()
            .iter()
            .map(|leg| session.find::<FlashMarket>(&leg.market))
            .collect::<Result<Vec<_>, _>>()?;
        let view = ChainView {
            address: self.chain,
            chain,
            vault,
            money: Money {
                mint: mint.address,
                token_program: mint.token_program,
            },
            markets,
        };
        let settings = session.plan_settings();
        if self.prepare {
            let waits = view.upcoming(&settings).ok_or("the chain does not wait")?;
            let table = session.prepare("its lookup table", &waits.instruction())?;
            return Ok(json!({
                "action": "chain prepare",
                "lookup_table": table.map(|table| table.to_string()),
            }));
        }
        let clock = session.chain.clock()?;
        let plan = view.plan(&settings, &clock);
        let action = plan
            .first()
            .ok_or("nothing is due: `strobe chain show` says what the chain waits for")?;
        let details = json!({
            "chain": self.chain.to_string(),
            "does": action.name(),
            "tip_lamports": chain.tip_lamports,
        });
        let by = self.lookup_table.map_or(By::OwnTable, By::Table);
        session.act_with_table("chain crank", &action.instruction(), by, details)
    }
}

impl Run for CloseTable {
    fn run(self, session: &mut Session) -> Answer {
        let (table, payer) = (self.table, session.payer());
        let account = session.chain.account(&table)?;
        let account = account.filter(|account| lookup_tables::read(table, account).is_some());
        let account = account.ok_or_else(|| format!("{table} is no lookup table"))?;
        let details = json!({ "lookup_table": table.to_string(), "lamports": account.lamports });
        let Some(deactivated_at) = lookup_tables::deactivated_at(&account) else {
            let out = lookup_tables::deactivate(table, payer);
            let answer = session.act("deactivating the lookup table", &[out], &[], details)?;
            session.say("it can be closed in four minutes, by the same command");
            return Ok(answer);
        };
        let slot = session.chain.clock()?.slot;
        let closable = deactivated_at.saturating_add(lookup_tables::COOL_DOWN_SLOTS);
        if slot <= closable {
            let left = closable.saturating_sub(slot).saturating_add(1);
            return Err(
                format!("{table} can still be used for {left} slots: close it after them").into(),
            );
        }
        let close = lookup_tables::close(table, payer);
        session.act("closing the lookup table", &[close], &[], details)
    }
}

fn refused(error: FlashError) -> String {
    format!("open refused: {error}")
}

/// One word for where a chain is.
fn state(chain: &Chain) -> &'static str {
    if chain.is(ChainStatus::Waiting) {
        "waiting"
    } else if chain.is(ChainStatus::Lost) {
        "lost"
    } else if chain.open_legs == 0 {
        "won"
    } else if chain.cash_out_waits == 1 {
        "cashing out"
    } else {
        "open"
    }
}

fn describe(address: &Pubkey, chain: &Chain, mint: Mint) -> Value {
    let legs = chain.legs().iter().map(|leg| {
        json!({
            "market": leg.market.to_string(),
            "outcome": leg.outcome,
            "price_percent": percent(Price(leg.price)),
            "status": leg_state(leg),
        })
    });
    json!({
        "chain": address.to_string(),
        "vault": chain.vault.to_string(),
        "owner": chain.owner.to_string(),
        "nonce": chain.nonce,
        "state": state(chain),
        "stake": mint.show(chain.stake),
        "payout": mint.show(chain.payout),
        "reserve": mint.show(chain.reserve),
        "bound": mint.show(chain.bound),
        "open_legs": chain.open_legs,
        "executable_at": chain.wait.executable_at,
        "executable_until": chain.wait.executable_until,
        "tip_lamports": chain.tip_lamports,
        "legs": legs.collect::<Vec<_>>(),
    })
}

fn leg_state(leg: &ChainLeg) -> &'static str {
    let states = [
        (LegStatus::Open, "open"),
        (LegStatus::Won, "won"),
        (LegStatus::Void, "void"),
        (LegStatus::Lost, "lost"),
    ];
    let found = states.iter().find(|(status, _)| leg.is(*status));
    found.map_or("dropped", |(_, name)| name)
}

/// Units of 10⁻¹² as a decimal of twelve digits.
fn decimal(units: u64) -> String {
    const ONE: u64 = 1_000_000_000_000;
    format!("{}.{:012}", units / ONE, units % ONE)
}
