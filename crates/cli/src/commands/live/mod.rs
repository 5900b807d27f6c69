//! Commands that act on a cluster.

mod admin;
mod any_market;
mod batch;
mod bet;
mod chain;
mod deployment;
mod init;
mod keep;
mod market;
mod market_show;
mod mint;
mod order;
mod pool;
mod position;
mod price;
mod quantum;
mod question;
pub mod register;
mod resolve;
mod session;
mod settle;
mod standard;
mod token;
mod vault;

use std::error::Error;

use clap::{Args, Subcommand};
use serde_json::Value;

use self::session::{LiveArguments, Session};

pub use self::{
    chain::ChainCommand,
    register::{key_proposal, to_bytes, Registered},
    session::read_key,
};

/// What a command answers: JSON for standard output.
type Answer = Result<Value, Box<dyn Error>>;

/// A command and how it reaches its cluster.
#[derive(Args)]
pub struct Live<C: Args> {
    #[command(flatten)]
    command: C,
    #[command(flatten)]
    arguments: LiveArguments,
}

#[derive(Subcommand)]
pub enum LiveCommand {
    /// Initializes the oracle of a new deployment; the upgrade authority, once.
    Init(Live<init::Init>),
    /// Publishes provider sets and verifying keys; the admin.
    #[command(subcommand)]
    Register(register::Register),
    /// Governance: admin, guardian, sets, keys, terms, pauses.
    #[command(subcommand)]
    Admin(admin::Governance),
    /// Tokens for testing, and SOL from a test cluster's faucet.
    #[command(subcommand)]
    Token(token::Token),
    /// The vault behind flash markets, and deposits in it.
    #[command(subcommand)]
    Vault(vault::VaultCommand),
    /// Flash markets.
    #[command(subcommand)]
    Market(market::MarketCommand),
    /// Bets a stake on an outcome of a flash market.
    Bet(Live<bet::Bet>),
    /// Sells shares of a bet back before trading ends.
    CashOut(Live<bet::CashOut>),
    /// What an owner holds in flash markets.
    Bets(Live<bet::Bets>),
    /// Has a proof verified and a flash market resolved by it; anybody.
    Resolve(Live<resolve::Resolve>),
    /// Pays every ticket of a resolved flash market and returns the rest to the vault; anybody.
    Settle(Live<settle::Settle>),
    /// Does what anybody may do, once it is due: executes orders, resolves, settles, closes.
    Keep(Live<keep::Keep>),
    /// Standard markets.
    #[command(subcommand)]
    Standard(standard::Standard),
    /// Orders on standard markets that anybody executes for their owners, for a tip.
    #[command(subcommand)]
    Order(order::OrderCommand),
    /// Sealed orders on standard markets, which cross at one price that nobody knew.
    #[command(subcommand)]
    Batch(batch::BatchCommand),
    /// Groups of branches: a question traded once for each outcome of another.
    #[command(subcommand)]
    Quantum(quantum::QuantumCommand),
    /// Shares of standard markets that are bought with a loan.
    #[command(subcommand)]
    Position(position::PositionCommand),
    /// Money that is lent against shares of standard markets.
    #[command(subcommand)]
    Pool(pool::PoolCommand),
    /// Compares the programs on a cluster with the bytecode here, and shows who may change what.
    VerifyDeployment(Live<deployment::VerifyDeployment>),
}

/// A command that a session runs.
pub trait Run: Args {
    fn run(self, session: &mut Session) -> Answer;
}

impl<C: Run> Live<C> {
    fn run(self) -> Answer {
        let mut session = Session::open(self.arguments)?;
        self.command.run(&mut session)
    }
}

impl LiveCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::Init(command) => command.run(),
            Self::Register(command) => command.run(),
            Self::Admin(command) => command.run(),
            Self::Token(command) => command.run(),
            Self::Vault(command) => command.run(),
            Self::Market(command) => command.run(),
            Self::Bet(command) => command.run(),
            Self::CashOut(command) => command.run(),
            Self::Bets(command) => command.run(),
            Self::Resolve(command) => command.run(),
            Self::Settle(command) => command.run(),
            Self::Keep(command) => command.run(),
            Self::Standard(command) => command.run(),
            Self::Order(command) => command.run(),
            Self::Batch(command) => command.run(),
            Self::Quantum(command) => command.run(),
            Self::Position(command) => command.run(),
            Self::Pool(command) => command.run(),
            Self::VerifyDeployment(command) => command.run(),
        }
    }
}
