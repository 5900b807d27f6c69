//! Requests that nobody executed in time, listings and pools that nobody needs any more.

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::{
    instructions::leverage::{
        CancelWithdraw, CloseGroup, ClosePool, Delist, EndDeposit, ListingAccounts,
    },
    transport,
};
use leverage::state::{CorrelationGroup, LendingPool, ListedMarket};
use serde_json::json;

use super::{accounts, find_request};
use crate::commands::live::{session::Session, Answer, Run};

#[derive(Args)]
pub struct Cancel {
    /// A deposit, or a withdrawal.
    request: Pubkey,
}

#[derive(Args)]
pub struct DelistOne {
    listing: Pubkey,
}

#[derive(Args)]
pub struct Close {
    pool: Pubkey,
}

impl Run for Cancel {
    fn run(self, session: &mut Session) -> Answer {
        let (withdrawal, address, deposit) = find_request(session, &self.request)?;
        let (owner, nonce) = (deposit.owner, deposit.nonce);
        let (what, instructions) = match withdrawal {
            Some(withdrawal) => {
                let cancel = CancelWithdraw {
                    pool: deposit.pool,
                    owner,
                    nonce,
                    rent_payer: withdrawal.rent_payer,
                };
                ("withdrawal", vec![cancel.instruction()])
            }
            None => {
                let pool: LendingPool = session.read(&deposit.pool)?;
                let mint = session.mint(&pool.mint)?;
                let open = mint.open_tokens(&session.payer(), &owner);
                let end = EndDeposit {
                    pool: accounts(deposit.pool, mint),
                    owner,
                    owner_tokens: mint.tokens_of(&owner),
                    rent_payer: deposit.rent_payer,
                    nonce,
                };
                ("deposit", vec![open, end.cancel()])
            }
        };
        let details = json!({
            "pool": deposit.pool.to_string(),
            "deposit": address.to_string(),
            "cancels": what,
        });
        session.act("pool cancel", &instructions, &[], details)
    }
}

impl Run for DelistOne {
    fn run(self, session: &mut Session) -> Answer {
        let listing: ListedMarket = session.read(&self.listing)?;
        let mint = session.mint(&listing.mint)?;
        let (positions, requests) = (listing.open_positions, listing.open_requests);
        if positions > 0 || requests > 0 {
            return Err(format!(
                "pool delist refused: open positions {positions}, open requests {requests}: `strobe position list --listing {}` names them",
                self.listing
            )
            .into());
        }
        let delist = Delist {
            authority: session.payer(),
            listing: ListingAccounts {
                pool: accounts(listing.pool, mint),
                group: listing.group,
                venue: listing.venue,
                market: listing.market,
            },
            rent_payer: listing.rent_payer,
        };
        let details = json!({
            "listing": self.listing.to_string(),
            "pool": listing.pool.to_string(),
            "market": listing.market.to_string(),
        });
        session.act("pool delist", &[delist.instruction()], &[], details)
    }
}

impl Run for Close {
    fn run(self, session: &mut Session) -> Answer {
        let pool: LendingPool = session.read(&self.pool)?;
        let mint = session.mint(&pool.mint)?;
        let admin = session.payer();
        let (deposits, listings) = (pool.open_deposits, pool.open_listings);
        if deposits > 0 || listings > 0 {
            return Err(format!(
                "pool close refused: open deposits {deposits}, open listings {listings}: `strobe pool show {}`",
                self.pool
            )
            .into());
        }
        let mut instructions = vec![mint.open_tokens(&admin, &admin)];
        for (address, group) in transport::all::<CorrelationGroup>(&mut session.chain)? {
            if group.pool == self.pool {
                let close = CloseGroup {
                    admin,
                    pool: self.pool,
                    group: address,
                    rent_payer: group.rent_payer,
                };
                instructions.push(close.instruction());
            }
        }
        let close = ClosePool {
            admin,
            pool: accounts(self.pool, mint),
            rent_payer: pool.rent_payer,
            rest_tokens: mint.tokens_of(&admin),
        };
        instructions.push(close.instruction());
        let details = json!({
            "pool": self.pool.to_string(),
            "insurance": mint.show(pool.book.insurance),
        });
        session.act("pool close", &instructions, &[], details)
    }
}
