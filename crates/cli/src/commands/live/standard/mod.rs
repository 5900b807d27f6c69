//! `strobe standard`: standard markets, which are anybody's.

mod create;
mod resolution;
mod show;
mod trade;

use anchor_lang::prelude::Pubkey;
use clap::Subcommand;
use client::transport::Transport;
use markets::state::{Market, Venue};

use super::{
    any_market::{AnyMarket, List, Show},
    mint::Mint,
    session::Session,
    Answer, Live,
};

#[derive(Subcommand)]
pub enum Standard {
    /// Creates the venue of a mint, where its markets are; the admin.
    Venue(Live<create::CreateVenue>),
    /// Says what it costs to move a price for a second, which bounds markets on it; the admin.
    PriceFeed(Live<create::PriceFeedOf>),
    /// Creates a market with its first liquidity; anybody.
    Create(Live<create::Create>),
    /// Every standard market of the cluster.
    List(Live<List<Market>>),
    /// A market's prices, times and result.
    Show(Live<Show<Market>>),
    /// Buys an outcome for a stake.
    Buy(Live<trade::Buy>),
    /// Sells shares of an outcome back.
    Sell(Live<trade::Sell>),
    /// Gives a market liquidity at unmoved prices.
    AddLiquidity(Live<trade::AddLiquidity>),
    /// Takes liquidity out of a market.
    RemoveLiquidity(Live<trade::RemoveLiquidity>),
    /// Locks provided liquidity until trading is over, which loans against the market's shares count on.
    LockLiquidity(Live<trade::LockLiquidity>),
    /// Has a proof verified and proposes what it shows as the result, with a bond.
    Propose(Live<resolution::Propose>),
    /// Calls the arbiters on a proposal, with a bond.
    Dispute(Live<resolution::Dispute>),
    /// Calls the arbiters, without a bond, where provider set or key is suspended; after trading, or at once
    /// on a proposal; anybody.
    DisputeSuspension(Live<resolution::DisputeSuspension>),
    /// Has the arbiters' proof verified and settles a disputed market by it; anybody.
    Arbitrate(Live<resolution::Arbitrate>),
    /// Makes an undisputed proposal final; anybody.
    Finalize(Live<resolution::Finalize>),
    /// Pays the positions of a settled market; anybody.
    Redeem(Live<resolution::Redeem>),
}

impl Standard {
    pub fn run(self) -> Answer {
        match self {
            Self::Venue(command) => command.run(),
            Self::PriceFeed(command) => command.run(),
            Self::Create(command) => command.run(),
            Self::List(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Buy(command) => command.run(),
            Self::Sell(command) => command.run(),
            Self::AddLiquidity(command) => command.run(),
            Self::RemoveLiquidity(command) => command.run(),
            Self::LockLiquidity(command) => command.run(),
            Self::Propose(command) => command.run(),
            Self::Dispute(command) => command.run(),
            Self::DisputeSuspension(command) => command.run(),
            Self::Arbitrate(command) => command.run(),
            Self::Finalize(command) => command.run(),
            Self::Redeem(command) => command.run(),
        }
    }
}

/// A market with what a transaction in it needs.
pub struct Opened {
    address: Pubkey,
    pub market: Market,
    venue: Venue,
    pub mint: Mint,
    clock: anchor_lang::prelude::Clock,
}

impl Session {
    pub fn standard(&mut self, address: &Pubkey) -> Result<Opened, Box<dyn std::error::Error>> {
        let market: Market = self.read(address)?;
        Ok(Opened {
            address: *address,
            market,
            venue: self.read(&market.venue)?,
            mint: market.mint(self)?,
            clock: self.chain.clock()?,
        })
    }
}
