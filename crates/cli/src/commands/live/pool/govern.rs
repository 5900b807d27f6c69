//! What the admin changes of a pool and of what it lends on, and what stops and lets loans again.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use clap::Args;
use client::{
    accounts::decode,
    instructions::leverage::{GovernListing, GovernPool, LoanParameters, PoolTerms},
    transport::Transport,
};
use leverage::state::{LendingPool, ListedMarket};
use serde_json::json;

use crate::commands::live::{session::Session, Answer, Run};

#[derive(Args)]
pub struct Trip {
    /// A pool, or a listing.
    target: Pubkey,
}

#[derive(Args)]
pub struct Release {
    /// A pool, or a listing.
    target: Pubkey,
}

/// Terms that are not named stay as they are, or as they are to be.
#[derive(Args)]
pub struct SetTerms {
    pool: Pubkey,
    /// Yearly rates, basis points: when nothing is lent, when the part of the kink is, when all is.
    #[arg(long, value_name = "BASIS_POINTS", value_delimiter = ',', num_args = 3)]
    rates: Option<Vec<u16>>,
    /// Part of the money that is lent where the rate turns steep, basis points.
    #[arg(long, value_name = "BASIS_POINTS")]
    kink: Option<u16>,
    /// Most that the markets of a group may cost lenders at the worst, basis points of what the pool has for
    /// sure.
    #[arg(long, value_name = "BASIS_POINTS")]
    group_loss: Option<u16>,
    /// The same of all markets.
    #[arg(long, value_name = "BASIS_POINTS")]
    total_loss: Option<u16>,
    /// Between the request of a deposit or withdrawal and its execution.
    #[arg(long, value_name = "SECONDS")]
    notice_seconds: Option<u32>,
}

/// Parameters that are not named stay as they are, or as they are to be.
#[derive(Args)]
pub struct SetParameters {
    listing: Pubkey,
    /// Greatest debt over value at the opening, basis points.
    #[arg(long, value_name = "BASIS_POINTS")]
    opening: Option<u16>,
    /// Debt over value from which on positions are liquidated, basis points.
    #[arg(long, value_name = "BASIS_POINTS")]
    maintenance: Option<u16>,
    /// Debt over value after a partial liquidation, basis points.
    #[arg(long, value_name = "BASIS_POINTS")]
    target: Option<u16>,
    /// Most that the market may cost lenders, basis points of the pool's cash.
    #[arg(long, value_name = "BASIS_POINTS")]
    market_loss: Option<u16>,
    /// Most shares of an outcome that secure loans, basis points of the depth that cannot leave.
    #[arg(long, value_name = "BASIS_POINTS")]
    most_shares: Option<u16>,
    /// Least and greatest price of an opening, basis points.
    #[arg(long, value_name = "BASIS_POINTS", value_delimiter = ',', num_args = 2)]
    prices: Option<Vec<u16>>,
    /// What a loan pays to the insurance a day, basis points of the debt.
    #[arg(long, value_name = "BASIS_POINTS")]
    jump_fee: Option<u16>,
}

/// A pool or a listing, as whoever governs it names it.
enum Governed {
    Pool(GovernPool),
    Listing(GovernListing),
}

impl Governed {
    fn find(session: &mut Session, target: Pubkey) -> Result<Self, Box<dyn std::error::Error>> {
        let authority = session.payer();
        let found = session.chain.account(&target)?;
        let found = found.ok_or_else(|| format!("there is no account at {target}"))?;
        if decode::<LendingPool>(&found.owner, &found.data).is_ok() {
            let pool = target;
            return Ok(Self::Pool(GovernPool { authority, pool }));
        }
        let listing: ListedMarket = decode(&found.owner, &found.data)
            .map_err(|_| format!("{target} is neither a pool nor a listing"))?;
        Ok(Self::Listing(GovernListing {
            authority,
            listing: target,
            market: listing.market,
        }))
    }

    fn trip(&self) -> Instruction {
        match self {
            Self::Pool(pool) => pool.trip(),
            Self::Listing(listing) => listing.trip(),
        }
    }

    fn release(&self) -> Instruction {
        match self {
            Self::Pool(pool) => pool.release(),
            Self::Listing(listing) => listing.release(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Pool(_) => "pool",
            Self::Listing(_) => "listing",
        }
    }
}

impl Run for Trip {
    fn run(self, session: &mut Session) -> Answer {
        let governed = Governed::find(session, self.target)?;
        let details = json!({ governed.name(): self.target.to_string() });
        session.act("pool trip", &[governed.trip()], &[], details)
    }
}

impl Run for Release {
    fn run(self, session: &mut Session) -> Answer {
        let timelock_seconds = session.config()?.timelock_seconds;
        let governed = Governed::find(session, self.target)?;
        let details = json!({
            governed.name(): self.target.to_string(),
            "timelock_seconds": timelock_seconds,
        });
        let answer = session.act("pool release", &[governed.release()], &[], details)?;
        session.say(&format!("loans are made again in {timelock_seconds} s"));
        Ok(answer)
    }
}

impl Run for SetTerms {
    fn run(self, session: &mut Session) -> Answer {
        let timelock_seconds = session.config()?.timelock_seconds;
        let pool: LendingPool = session.read(&self.pool)?;
        let before = pool.terms.at(i64::MAX);
        let [idle_rate, kink_rate, full_rate] = match self.rates.as_deref() {
            None => [before.idle_rate, before.kink_rate, before.full_rate],
            Some(&[idle, kink, full]) => [idle, kink, full],
            Some(_) => return Err("--rates takes three: idle, at the kink, full".into()),
        };
        let terms = PoolTerms {
            idle_rate,
            kink_rate,
            full_rate,
            kink: self.kink.unwrap_or(before.kink),
            group_loss: self.group_loss.unwrap_or(before.group_loss),
            total_loss: self.total_loss.unwrap_or(before.total_loss),
            notice_seconds: self.notice_seconds.unwrap_or(before.notice_seconds),
        };
        require_change("pool set-terms", terms == before)?;
        let govern = GovernPool {
            authority: session.payer(),
            pool: self.pool,
        };
        let details = json!({
            "pool": self.pool.to_string(),
            "rates_basis_points": [idle_rate, kink_rate, full_rate],
            "kink_basis_points": terms.kink,
            "group_loss_basis_points": terms.group_loss,
            "total_loss_basis_points": terms.total_loss,
            "notice_seconds": terms.notice_seconds,
            "timelock_seconds": timelock_seconds,
        });
        session.act("pool set-terms", &[govern.set_terms(terms)], &[], details)
    }
}

impl Run for SetParameters {
    fn run(self, session: &mut Session) -> Answer {
        let timelock_seconds = session.config()?.timelock_seconds;
        let listing: ListedMarket = session.read(&self.listing)?;
        let before = listing.parameters.at(i64::MAX);
        let [least_price, greatest_price] = match self.prices.as_deref() {
            None => [before.least_price, before.greatest_price],
            Some(&[least, greatest]) => [least, greatest],
            Some(_) => return Err("--prices takes two: the least and the greatest".into()),
        };
        let parameters = LoanParameters {
            opening: self.opening.unwrap_or(before.opening),
            maintenance: self.maintenance.unwrap_or(before.maintenance),
            target: self.target.unwrap_or(before.target),
            market_loss: self.market_loss.unwrap_or(before.market_loss),
            most_shares: self.most_shares.unwrap_or(before.most_shares),
            jump_fee: self.jump_fee.unwrap_or(before.jump_fee),
            least_price,
            greatest_price,
            ..before
        };
        require_change("pool set-parameters", parameters == before)?;
        let govern = GovernListing {
            authority: session.payer(),
            listing: self.listing,
            market: listing.market,
        };
        let details = json!({
            "listing": self.listing.to_string(),
            "opening_basis_points": parameters.opening,
            "maintenance_basis_points": parameters.maintenance,
            "target_basis_points": parameters.target,
            "market_loss_basis_points": parameters.market_loss,
            "most_shares_basis_points": parameters.most_shares,
            "prices_basis_points": [least_price, greatest_price],
            "jump_fee_basis_points": parameters.jump_fee,
            "timelock_seconds": timelock_seconds,
        });
        let change = govern.set_parameters(parameters);
        session.act("pool set-parameters", &[change], &[], details)
    }
}

fn require_change(command: &str, is_same: bool) -> Result<(), String> {
    if is_same {
        return Err(format!(
            "{command} refused: nothing is to change: name what is"
        ));
    }
    Ok(())
}
