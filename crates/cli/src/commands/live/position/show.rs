//! What positions say of themselves.

use std::error::Error;

use anchor_lang::prelude::{Clock, Pubkey};
use clap::Args;
use client::{accounts::decode, transport, transport::Transport};
use leverage::state::{LeveredPosition, ListedMarket, PendingOpen, CALL_NOTICE_SECONDS};
use math::Shares;
use serde_json::{json, Value};

use super::OpenedListing;
use crate::commands::live::{mint::Mint, session::Session, Answer, Run};

#[derive(Args)]
pub struct List {
    /// Only those of this owner.
    #[arg(long)]
    owner: Option<Pubkey>,
    /// Only those of this listing.
    #[arg(long)]
    listing: Option<Pubkey>,
}

#[derive(Args)]
pub struct Show {
    /// A position, or a request for one.
    position: Pubkey,
}

impl Run for List {
    fn run(self, session: &mut Session) -> Answer {
        let clock = session.chain.clock()?;
        let is_wanted = |owner: Pubkey, listing: Pubkey| {
            self.owner.is_none_or(|wanted| wanted == owner)
                && self.listing.is_none_or(|wanted| wanted == listing)
        };
        let mut listed = Vec::new();
        for (address, request) in transport::all::<PendingOpen>(&mut session.chain)? {
            if is_wanted(request.owner, request.listing) {
                let listing: ListedMarket = session.read(&request.listing)?;
                let mint = session.mint(&listing.mint)?;
                session.say(&format!("{address}  {}", state(&request, &clock)));
                listed.push(describe_request(&address, &request, mint, &clock));
            }
        }
        for (address, position) in transport::all::<LeveredPosition>(&mut session.chain)? {
            if is_wanted(position.owner, position.listing) {
                let of = session.listing(&position.listing)?;
                let shown = describe(&address, &position, &of, &clock)?;
                session.say(&format!("{address}  {}", summary(&shown)));
                listed.push(shown);
            }
        }
        Ok(Value::Array(listed))
    }
}

impl Run for Show {
    fn run(self, session: &mut Session) -> Answer {
        let clock = session.chain.clock()?;
        let found = session.chain.account(&self.position)?;
        let request =
            found.and_then(|account| decode::<PendingOpen>(&account.owner, &account.data).ok());
        if let Some(request) = request {
            let listing: ListedMarket = session.read(&request.listing)?;
            let mint = session.mint(&listing.mint)?;
            session.say(state(&request, &clock));
            return Ok(describe_request(&self.position, &request, mint, &clock));
        }
        let position: LeveredPosition = session.read(&self.position)?;
        let of = session.listing(&position.listing)?;
        let shown = describe(&self.position, &position, &of, &clock)?;
        session.say(&summary(&shown));
        Ok(shown)
    }
}

/// Base units that a position owes to the lenders and to the insurance at `now`, unix seconds.
///
/// # Errors
/// `Overflow`.
pub fn debt_and_fee(
    of: &OpenedListing,
    position: &LeveredPosition,
    now: i64,
) -> Result<[u64; 2], Box<dyn Error>> {
    let (mut pool, mut listing) = (of.view.pool, of.view.listing.clone());
    pool.accrue(now)?;
    listing.accrue_jump(now);
    let debt = pool.book.debt(Shares(position.debt_shares))?;
    Ok([debt.0, position.jump_fee_with(&listing, debt.0)?])
}

/// One word for what a request waits for.
fn state(request: &PendingOpen, clock: &Clock) -> &'static str {
    let now = clock.unix_timestamp;
    if now > request.expires_at {
        "expired"
    } else if now < request.executable_from || clock.slot < request.executable_from_slot {
        "requested"
    } else {
        "executable"
    }
}

fn summary(shown: &Value) -> String {
    let text = |field: &str| shown[field].as_str().unwrap_or("what its market pays");
    let (shares, debt, value) = (text("shares"), text("debt"), text("value"));
    format!("open  {shares} shares, worth {value}, owe {debt}")
}

fn describe_request(address: &Pubkey, request: &PendingOpen, mint: Mint, clock: &Clock) -> Value {
    json!({
        "request": address.to_string(),
        "listing": request.listing.to_string(),
        "owner": request.owner.to_string(),
        "nonce": request.nonce,
        "state": state(request, clock),
        "outcome": request.outcome,
        "margin": mint.show(request.margin),
        "loan": mint.show(request.loan),
        "min_shares": mint.show(request.min_shares),
        "executable_from": request.executable_from,
        "executable_from_slot": request.executable_from_slot,
        "expires_at": request.expires_at,
    })
}

fn describe(
    address: &Pubkey,
    position: &LeveredPosition,
    of: &OpenedListing,
    clock: &Clock,
) -> Answer {
    let (mint, now) = (of.mint, clock.unix_timestamp);
    let [debt, fee] = debt_and_fee(of, position, now)?;
    // Of a market that trades.
    let health = of.view.health(position, clock).ok();
    let mut said = json!({
        "position": address.to_string(),
        "listing": position.listing.to_string(),
        "market": of.accounts.market.to_string(),
        "owner": position.owner.to_string(),
        "nonce": position.nonce,
        "state": "open",
        "outcome": position.outcome,
        "shares": mint.show(position.shares),
        "debt": mint.show(debt),
        "fee": mint.show(fee),
        "claim": mint.show(position.claim),
        "value": health.map(|health| mint.show(health.value)),
        "shares_to_sell": health.map(|health| mint.show(health.shares_to_sell)),
        "marked_slot": position.marked_slot,
    });
    let called = called(position, of, now)?;
    let until = of
        .view
        .listing
        .call
        .called_at
        .saturating_add(CALL_NOTICE_SECONDS);
    said["called_to_pay"] = json!(called.map(|units| mint.show(units)));
    said["called_until"] = json!(called.map(|_| until));
    Ok(said)
}

/// Base units of its debt that its owner is called to pay, before anybody sells for them.
fn called(
    position: &LeveredPosition,
    of: &OpenedListing,
    now: i64,
) -> Result<Option<u64>, Box<dyn Error>> {
    let call = &of.view.listing.call;
    let stands = of.view.venue.is_some_and(|venue| call.stands(&venue, now));
    let mut counted = *position;
    counted.count_call(call)?;
    let above = counted.debt_shares.saturating_sub(counted.kept_debt_shares);
    let owed = of.view.pool.book.debt(Shares(above))?;
    Ok((stands && owed.0 > 0).then_some(owed.0))
}
