//! What a pool says of itself.

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::transport;
use leverage::state::{Breaker, LendingPool, ListedMarket};
use serde_json::{json, Value};

use crate::commands::live::{mint::Mint, session::Session, Answer, Run};

#[derive(Args)]
pub struct Show {
    pool: Pubkey,
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let mut pool: LendingPool = session.read(&self.pool)?;
        let mint = session.mint(&pool.mint)?;
        let now = session.now()?;
        pool.accrue(now)?;
        let (lent, equity) = (pool.book.lent()?.0, pool.book.equity()?.0);
        let lost = pool.book.of_equity(pool.lost)?.0;
        let (cash, insurance) = (mint.show(pool.book.cash), mint.show(pool.book.insurance));
        session.say(&format!(
            "{cash} free, {} lent, {insurance} insurance",
            mint.show(lent)
        ));
        let mut listings = Vec::new();
        for (address, listing) in transport::all::<ListedMarket>(&mut session.chain)? {
            if listing.pool == self.pool {
                session.say(&format!("lends on {} as {address}", listing.market));
                listings.push(describe(&address, &listing, mint));
            }
        }
        let terms = pool.terms.at(now);
        Ok(json!({
            "pool": self.pool.to_string(),
            "mint": pool.mint.to_string(),
            "cash": cash,
            "lent": mint.show(lent),
            "equity": mint.show(equity),
            "insurance": insurance,
            "lost": mint.show(lost),
            "pending_deposits": mint.show(pool.pending_deposits),
            "shares": pool.book.supply,
            "requested_shares": pool.requested_shares,
            "notice_seconds": terms.notice_seconds,
            "rates_basis_points": [terms.idle_rate, terms.kink_rate, terms.full_rate],
            "kink_basis_points": terms.kink,
            "breaker": breaker(&pool.breaker),
            "listings": listings,
        }))
    }
}

fn breaker(breaker: &Breaker) -> Value {
    if breaker.tripped_at == 0 {
        return Value::Null;
    }
    // The admin's to say if there is none.
    let released_from = (breaker.released_from != 0).then_some(breaker.released_from);
    json!({ "tripped_at": breaker.tripped_at, "released_from": released_from })
}

fn describe(address: &Pubkey, listing: &ListedMarket, mint: Mint) -> Value {
    let outcomes = usize::from(listing.outcomes);
    let shares = listing.shares.iter().take(outcomes);
    json!({
        "listing": address.to_string(),
        "market": listing.market.to_string(),
        "group": listing.group.to_string(),
        "open_from": listing.open_from,
        "open_from_slot": listing.open_from_slot,
        "is_settled": listing.is_settled(),
        "open_positions": listing.open_positions,
        "open_requests": listing.open_requests,
        "shares": shares.map(|shares| mint.show(*shares)).collect::<Vec<_>>(),
        "breaker": breaker(&listing.breaker),
    })
}
