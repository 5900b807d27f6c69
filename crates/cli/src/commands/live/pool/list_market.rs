//! Having a pool lend on a market.

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::{
    addresses::leverage as addresses,
    instructions::leverage::{CreateGroup, ListMarket, ListingAccounts, LoanParameters},
};
use leverage::state::{CorrelationGroup, LendingPool, ListedMarket};
use serde_json::json;

use super::accounts;
use crate::commands::live::{session::Session, Answer, Run};

#[derive(Args)]
pub struct ListOne {
    pool: Pubkey,
    market: Pubkey,
    /// Markets of one group are lost together; it is made if it is not there.
    #[arg(long, default_value_t = 1)]
    group: u64,
    /// Greatest debt over value at the opening, basis points [default: the loosest there is].
    #[arg(long, value_name = "BASIS_POINTS")]
    opening: Option<u16>,
    /// Debt over value from which on positions are liquidated, basis points [default: the loosest].
    #[arg(long, value_name = "BASIS_POINTS")]
    maintenance: Option<u16>,
}

impl Run for ListOne {
    fn run(self, session: &mut Session) -> Answer {
        let pool: LendingPool = session.read(&self.pool)?;
        let standard = session.standard(&self.market)?;
        let (mint, market) = (standard.mint, &standard.market);
        if pool.mint != market.mint {
            let (of_pool, of_market) = (pool.mint, market.mint);
            return Err(format!(
                "pool list-market refused: the pool lends {of_pool}, the market is in {of_market}"
            )
            .into());
        }
        let listing = addresses::listing(&self.pool, &self.market);
        if session.find::<ListedMarket>(&listing)?.is_some() {
            let why = format!("the market is listed already, as {listing}");
            return Err(format!("pool list-market refused: {why}").into());
        }
        let unit = 10u64.saturating_pow(mint.decimals.into());
        let mut parameters = LoanParameters::loosest(market.hours.duration_seconds(), unit);
        parameters.opening = self.opening.unwrap_or(parameters.opening);
        parameters.maintenance = self.maintenance.unwrap_or(parameters.maintenance);
        let admin = session.payer();
        let group = CreateGroup {
            admin,
            pool: self.pool,
            id: self.group,
        };
        let mut instructions = Vec::new();
        if session.find::<CorrelationGroup>(&group.group())?.is_none() {
            instructions.push(group.instruction());
        }
        let list = ListMarket {
            admin,
            listing: ListingAccounts {
                pool: accounts(self.pool, mint),
                group: group.group(),
                venue: market.venue,
                market: self.market,
            },
            parameters,
        };
        instructions.push(list.instruction());
        let details = json!({
            "pool": self.pool.to_string(),
            "market": self.market.to_string(),
            "group": group.group().to_string(),
            "listing": listing.to_string(),
        });
        session.act("pool list-market", &instructions, &[], details)
    }
}
