//! `strobe quantum`: a question traded once for each outcome of another.

use std::error::Error;

use anchor_lang::prelude::{Clock, Pubkey};
use clap::{Args, Subcommand};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{CreateQuantum, Order, QuantumAccounts, QuantumTerms},
    intents::less,
    transport::{self, Transport},
};
use flash_bets::state::{
    EventBook, FeedBook, FlashMarket, GroupStatus, QuantumGroup, QuantumTicket, Vault,
};
use keeper::{flash_bets::QuantumView, Money};
use market_core::Now;
use math::{BasisPoints, CurveKind, Price};
use serde_json::{json, Value};

use super::{
    any_market::percent,
    mint::{Mint, Tokens},
    session::Session,
    Answer, Live, Run,
};

#[derive(Subcommand)]
pub enum QuantumCommand {
    /// Opens a branch for each outcome of a condition, in which an asset's question is traded; the operator.
    Create(Live<Create>),
    /// Every group of the cluster.
    List(Live<List>),
    /// A group's branches and prices, and what an owner has in them.
    Show(Live<Show>),
    /// Deposits tokens, which count in every branch.
    Deposit(Live<Deposit>),
    /// Buys shares in one branch, with that branch's credit.
    Buy(Live<Buy>),
    /// Sells shares of one branch, for that branch's credit.
    Sell(Live<Sell>),
    /// Takes tokens back for as much credit of every branch; until the condition is settled.
    Merge(Live<Merge>),
    /// Does what is due of a group: takes results, pays tickets, closes it; anybody.
    Crank(Live<Crank>),
}

#[derive(Args)]
pub struct Create {
    /// The market that tells which branch comes true.
    condition: Pubkey,
    /// The market on the question that the branches trade, of the same vault; yours.
    asset: Pubkey,
    /// `b` of each branch, tokens.
    #[arg(long, value_name = "TOKENS", default_value = "1000")]
    depth: Tokens,
    /// Opening prices in one branch, basis points that sum to 10,000; once for each branch. Without, each
    /// opens at what the asset's market says now.
    #[arg(long, value_name = "P0,P1,...", value_parser = row)]
    prior: Vec<Row>,
    /// From now to the opening; at least the vault's lead.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    opens_in_seconds: u32,
}

/// Opening prices of one branch.
#[derive(Clone, Debug)]
struct Row(Vec<u16>);

fn row(text: &str) -> Result<Row, String> {
    let points = text.split(',').map(|part| part.trim().parse::<u16>());
    let points: Vec<_> = points
        .collect::<Result<_, _>>()
        .map_err(|_| format!("{text:?} is no row of basis points, such as 2500,7500"))?;
    let sum: u64 = points.iter().copied().map(u64::from).sum();
    if sum != u64::from(BasisPoints::ONE) {
        return Err(format!("{text:?} sums to {sum}, expected 10000"));
    }
    Ok(Row(points))
}

#[derive(Args)]
pub struct List {
    /// Only those of this vault.
    #[arg(long)]
    vault: Option<Pubkey>,
}

#[derive(Args)]
pub struct Show {
    group: Pubkey,
    /// Whose ticket [default: the key that signs].
    #[arg(long)]
    owner: Option<Pubkey>,
}

#[derive(Args)]
pub struct Deposit {
    group: Pubkey,
    amount: Tokens,
}

/// Where in a group.
#[derive(Args)]
struct Place {
    group: Pubkey,
    /// Number of the condition's outcome, from 0.
    branch: u8,
    /// Number of the asset's outcome, from 0.
    outcome: u8,
}

#[derive(Args)]
pub struct Buy {
    #[command(flatten)]
    place: Place,
    /// Credit to spend, fee included.
    stake: Tokens,
    /// How much less than quoted to accept, basis points of the shares.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    slippage: u16,
}

#[derive(Args)]
pub struct Sell {
    #[command(flatten)]
    place: Place,
    /// How many [default: all].
    shares: Option<Tokens>,
    /// How much less than quoted to accept, basis points of the proceeds.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100, value_parser = clap::value_parser!(u16).range(0..=10_000))]
    slippage: u16,
}

#[derive(Args)]
pub struct Merge {
    group: Pubkey,
    /// How many [default: as many as the least of all branches].
    amount: Option<Tokens>,
}

#[derive(Args)]
pub struct Crank {
    group: Pubkey,
}

impl QuantumCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Create(command) => command.run(),
            Self::List(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Deposit(command) => command.run(),
            Self::Buy(command) => command.run(),
            Self::Sell(command) => command.run(),
            Self::Merge(command) => command.run(),
            Self::Crank(command) => command.run(),
        }
    }
}

/// A group with what a transaction about it needs.
struct OpenedGroup {
    group: QuantumGroup,
    mint: Mint,
    accounts: QuantumAccounts,
}

impl Session {
    fn group(&mut self, address: &Pubkey) -> Result<OpenedGroup, Box<dyn Error>> {
        let group: QuantumGroup = self.read(address)?;
        let vault: Vault = self.read(&group.vault)?;
        let mint = self.mint(&vault.mint)?;
        Ok(OpenedGroup {
            accounts: QuantumAccounts::new(*address, &group, mint.token_program),
            group,
            mint,
        })
    }

    fn quantum_tickets(&mut self, group: &Pubkey) -> Result<Vec<QuantumTicket>, Box<dyn Error>> {
        let all = transport::all::<QuantumTicket>(&mut self.chain)?;
        let tickets = all.into_iter().map(|(_, ticket)| ticket);
        Ok(tickets.filter(|ticket| ticket.group == *group).collect())
    }
}

impl Run for Create {
    fn run(self, session: &mut Session) -> Answer {
        let condition: FlashMarket = session.read(&self.condition)?;
        let asset: FlashMarket = session.read(&self.asset)?;
        let vault: Vault = session.read(&asset.vault)?;
        let mint = session.mint(&vault.mint)?;
        session.read::<EventBook>(&asset.event_book)?;
        let branches = usize::from(condition.pool.outcomes);
        let priors = if self.prior.is_empty() {
            vec![whole_points(&asset)?; branches]
        } else {
            self.prior.into_iter().map(|row| row.0).collect()
        };
        if priors.len() != branches {
            return Err(format!(
                "--prior is given {} times, expected once for each of the condition's {branches} outcomes",
                priors.len()
            )
            .into());
        }
        let id = vault.next_market_id;
        let group = addresses::quantum_group(&asset.vault, id);
        let create = CreateQuantum {
            operator: session.payer(),
            vault: asset.vault,
            mint: mint.address,
            token_program: mint.token_program,
            condition: self.condition,
            condition_observers: condition.evidence.observers(),
            asset: self.asset,
            asset_observers: asset.evidence.observers(),
            event_book: asset.event_book,
            feed_id: asset.evidence.feed_id,
            id,
            terms: QuantumTerms {
                depth: mint.base_units(&self.depth)?,
                priors: priors.clone(),
                opens_in_seconds: self.opens_in_seconds,
            },
        };
        let details = json!({
            "group": group.to_string(),
            "id": id,
            "condition": self.condition.to_string(),
            "asset": self.asset.to_string(),
            "prior_basis_points": priors,
        });
        let answer = session.act("quantum create", &[create.instruction()], &[], details)?;
        session.say(&format!("group {group}"));
        Ok(answer)
    }
}

/// A market's prices in whole basis points; what rounding leaves is the first outcome's.
fn whole_points(market: &FlashMarket) -> Result<Vec<u16>, Box<dyn Error>> {
    if market.pool.kind != CurveKind::Lmsr as u8 {
        return Err(
            "give --prior: the asset's market is no LMSR, whose prices a branch can take".into(),
        );
    }
    let prices = client::quotes::prices(market)?;
    let mut points = Vec::with_capacity(prices.len());
    for price in prices {
        let scaled = u128::from(price.0).saturating_mul(BasisPoints::ONE.into()) >> 63;
        points.push(u16::try_from(scaled)?);
    }
    let sum: u16 = points.iter().sum();
    if let Some(first) = points.first_mut() {
        *first = first.saturating_add(BasisPoints::ONE.saturating_sub(sum));
    }
    Ok(points)
}

impl Run for List {
    fn run(self, session: &mut Session) -> Answer {
        let clock = session.chain.clock()?;
        let mut listed = Vec::new();
        for (address, group) in transport::all::<QuantumGroup>(&mut session.chain)? {
            if self.vault.is_some_and(|vault| vault != group.vault) {
                continue;
            }
            let mint = session.group(&address)?.mint;
            session.say(&format!(
                "{address}  {:<10}  {} branches, {} deposited",
                state(&group, &clock),
                group.branches,
                mint.show(group.total)
            ));
            listed.push(describe(&address, &group, mint, &clock)?);
        }
        Ok(Value::Array(listed))
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let clock = session.chain.clock()?;
        let OpenedGroup { group, mint, .. } = session.group(&self.group)?;
        let owner = self.owner.unwrap_or_else(|| session.payer());
        let ticket = addresses::quantum_ticket(&self.group, &owner);
        let ticket = session.find::<QuantumTicket>(&ticket)?;
        session.say(state(&group, &clock));
        let mut shown = describe(&self.group, &group, mint, &clock)?;
        if let (Some(ticket), Some(fields)) = (ticket, shown.as_object_mut()) {
            let branches = usize::from(group.branches);
            let outcomes = outcomes(&group);
            let held = ticket.credits.iter().zip(&ticket.shares).take(branches);
            let held = held.map(|(credit, shares)| {
                let shares = shares.iter().take(outcomes);
                json!({
                    "credit": mint.show(*credit),
                    "shares": shares.map(|shares| mint.show(*shares)).collect::<Vec<_>>(),
                })
            });
            let held: Vec<_> = held.collect();
            fields.insert(
                "ticket".into(),
                json!({ "owner": owner.to_string(), "branches": held }),
            );
        }
        Ok(shown)
    }
}

fn outcomes(group: &QuantumGroup) -> usize {
    let first = group.pools.first();
    first.map_or(0, |pool| usize::from(pool.outcomes))
}

/// One word for where a group is.
fn state(group: &QuantumGroup, clock: &Clock) -> &'static str {
    let now = clock.unix_timestamp;
    if group.is(GroupStatus::Settled) {
        "settled"
    } else if group.is(GroupStatus::Collapsed) {
        "collapsed"
    } else if group.hours.is_over(now) {
        "over"
    } else if now < group.hours.opens_at {
        "announced"
    } else {
        "trading"
    }
}

fn describe(
    address: &Pubkey,
    group: &QuantumGroup,
    mint: Mint,
    clock: &Clock,
) -> Result<Value, Box<dyn Error>> {
    let (branches, outcomes) = (usize::from(group.branches), outcomes(group));
    let mut prices = Vec::with_capacity(branches);
    for pool in group.pools.iter().take(branches) {
        let of_branch = pool.prices().map_err(|error| format!("{error:?}"))?;
        let of_branch = of_branch.into_iter().take(outcomes);
        prices.push(of_branch.map(percent).collect::<Vec<_>>());
    }
    let weights = group.weights.iter().take(branches);
    let weights: Vec<_> = weights.map(|weight| percent(Price(*weight))).collect();
    let is_open = group.is(GroupStatus::Open);
    Ok(json!({
        "group": address.to_string(),
        "id": group.id,
        "vault": group.vault.to_string(),
        "condition": group.condition.to_string(),
        "asset": group.asset.to_string(),
        "state": state(group, clock),
        "survivor": (group.survivor < group.branches).then_some(group.survivor),
        "weights_percent": (!is_open).then_some(weights),
        "opens_at": group.hours.opens_at,
        "trading_until": group.hours.trading_until,
        "total": mint.show(group.total),
        "funding": mint.show(group.funding),
        "fee_rate_basis_points": group.fee_rate,
        "prices_percent": prices,
        "open_tickets": group.open_tickets,
    }))
}

impl Run for Deposit {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedGroup { accounts, mint, .. } = session.group(&self.group)?;
        let (owner, amount) = (session.payer(), mint.base_units(&self.amount)?);
        let tokens = mint.tokens_of(&owner);
        let deposit = accounts.deposit(owner, tokens, owner, amount);
        let details = json!({
            "group": self.group.to_string(),
            "ticket": addresses::quantum_ticket(&self.group, &owner).to_string(),
            "amount": mint.show(amount),
        });
        session.act("quantum deposit", &[deposit], &[], details)
    }
}

impl Place {
    /// What an order would come to now: shares, credit and fee.
    fn quote(
        &self,
        session: &mut Session,
        group: &QuantumGroup,
        order: Order,
    ) -> Result<[u64; 3], Box<dyn Error>> {
        let clock = session.chain.clock()?;
        let now = Now::without_halts(clock.slot, clock.unix_timestamp);
        let fill = group
            .quote(now, self.branch, self.outcome, order)
            .map_err(|error| format!("trade refused: {error}"))?;
        Ok([fill.shares.0, fill.amount.0, fill.fee.0])
    }

    fn trade(
        &self,
        session: &mut Session,
        opened: &OpenedGroup,
        order: Order,
        [shares, amount, fee]: [u64; 3],
    ) -> Answer {
        let mint = opened.mint;
        let trade = opened
            .accounts
            .trade(session.payer(), self.branch, self.outcome, order);
        let details = json!({
            "group": self.group.to_string(),
            "branch": self.branch,
            "outcome": self.outcome,
            "quoted_shares": mint.show(shares),
            "quoted_credit": mint.show(amount),
            "fee": mint.show(fee),
        });
        session.act("quantum trade", &[trade], &[], details)
    }
}

impl Run for Buy {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.group(&self.place.group)?;
        let stake = opened.mint.base_units(&self.stake)?;
        let order = |min_shares| Order::Stake { stake, min_shares };
        let quoted = self.place.quote(session, &opened.group, order(0))?;
        let order = order(less(quoted[0], self.slippage));
        self.place.trade(session, &opened, order, quoted)
    }
}

impl Run for Sell {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.group(&self.place.group)?;
        let owner = session.payer();
        let ticket = addresses::quantum_ticket(&self.place.group, &owner);
        let ticket: QuantumTicket = session.read(&ticket)?;
        let [branch, outcome] = [self.place.branch, self.place.outcome].map(usize::from);
        let held = ticket.shares.get(branch);
        let held = held.and_then(|shares| shares.get(outcome)).copied();
        let shares = opened
            .mint
            .sale(self.place.outcome, self.shares.as_ref(), held)?;
        let order = |min_return| Order::Sell { shares, min_return };
        let quoted = self.place.quote(session, &opened.group, order(0))?;
        let order = order(less(quoted[1], self.slippage));
        self.place.trade(session, &opened, order, quoted)
    }
}

impl Run for Merge {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedGroup {
            group,
            accounts,
            mint,
        } = session.group(&self.group)?;
        let owner = session.payer();
        let ticket = addresses::quantum_ticket(&self.group, &owner);
        let ticket: QuantumTicket = session.read(&ticket)?;
        let credits = ticket.credits.iter().take(usize::from(group.branches));
        let least = credits.copied().min().unwrap_or(0);
        let amount = match &self.amount {
            Some(amount) => mint.base_units(amount)?,
            None => least,
        };
        if amount > least || amount == 0 {
            return Err(format!(
                "merge refused: a branch of the ticket has a credit of {}, and as much of every branch is \
                 given back; sell shares of that branch first",
                mint.show(least)
            )
            .into());
        }
        let merge = accounts.merge(owner, mint.tokens_of(&owner), amount);
        let details = json!({ "group": self.group.to_string(), "amount": mint.show(amount) });
        session.act("quantum merge", &[merge], &[], details)
    }
}

impl Run for Crank {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedGroup { group, mint, .. } = session.group(&self.group)?;
        let feed_book = addresses::feed_book(&group.vault, &group.feed_id);
        let view = QuantumView {
            address: self.group,
            group,
            money: Money {
                mint: mint.address,
                token_program: mint.token_program,
            },
            condition: session.find::<FlashMarket>(&group.condition)?,
            asset: session.find::<FlashMarket>(&group.asset)?,
            feed_book: session.find::<FeedBook>(&feed_book)?,
            tickets: session.quantum_tickets(&self.group)?,
        };
        let plan = view.plan(&session.chain.clock()?);
        let action = plan.first().ok_or(
            "nothing is due: a group waits for the end of trading, then for its condition's result, then \
             for its asset's; `strobe resolve` settles those markets",
        )?;
        let details = json!({ "group": self.group.to_string(), "does": action.name() });
        session.act("quantum crank", &[action.instruction()], &[], details)
    }
}
