//! `strobe bet`, `cash-out` and `position`: what a bettor does.

use anchor_lang::prelude::{Clock, Pubkey};
use clap::Args;
use client::{
    addresses::flash_bets as addresses,
    intents::{proceeds, Bet as BetOf, CashOut as CashOutOf},
    transport::{self, Transport},
};
use flash_bets::state::{FlashMarket, Ticket};
use serde_json::{json, Value};

use super::{
    any_market::{AnyMarket, Purchase, Sale},
    mint::Mint,
    session::Session,
    Answer, Run,
};

#[derive(Args)]
pub struct Bet {
    #[command(flatten)]
    order: Purchase,
}

#[derive(Args)]
pub struct CashOut {
    #[command(flatten)]
    order: Sale,
}

#[derive(Args)]
pub struct Bets {
    /// Whose [default: the key that signs].
    owner: Option<Pubkey>,
}

impl Run for Bet {
    fn run(self, session: &mut Session) -> Answer {
        let order = self.order;
        let (market, mint) = session.trading(&order.market, order.outcome)?;
        let stake = mint.base_units(&order.stake)?;
        let owner = session.payer();
        let payer_tokens = mint.tokens_of(&owner);
        let balance = session.token_balance(&payer_tokens)?;
        if balance < stake {
            return Err(format!(
                "bet refused: the stake is {}, but {payer_tokens} has {} tokens of {}",
                mint.show(stake),
                mint.show(balance),
                mint.address
            )
            .into());
        }
        let bet = BetOf {
            market: order.market,
            outcome: order.outcome,
            stake,
            slippage: order.slippage,
        };
        let planned = bet.plan(&mut session.chain, &owner);
        let planned = planned.map_err(|error| format!("bet refused: {error}"))?;
        let reach = session.median_reach(&market.evidence)?;
        let trade = planned.quote.trade;
        let details = json!({
            "market": order.market.to_string(),
            "ticket": addresses::ticket(&order.market, &owner).to_string(),
            "outcome": order.outcome,
            "stake": mint.show(stake),
            "fee": mint.show(trade.fee.0),
            "quoted_shares": mint.show(trade.shares.0),
            "median_reach": reach,
            "is_delayed": planned.is_delayed,
        });
        session.say(&format!(
            "{} on outcome {}: {} if it wins",
            mint.show(stake),
            order.outcome,
            mint.show(trade.shares.0)
        ));
        session.act("bet", &planned.instructions, &[], details)
    }
}

impl Run for CashOut {
    fn run(self, session: &mut Session) -> Answer {
        let order = self.order;
        let (_, mint) = session.trading(&order.market, order.outcome)?;
        let owner = session.payer();
        let ticket: Ticket = session.read(&addresses::ticket(&order.market, &owner))?;
        let held = ticket.holdings.shares.get(usize::from(order.outcome));
        let shares = mint.sale(order.outcome, order.shares.as_ref(), held.copied())?;
        let sale = CashOutOf {
            market: order.market,
            outcome: order.outcome,
            shares,
            slippage: order.slippage,
        };
        let planned = sale.plan(&mut session.chain, &owner);
        let planned = planned.map_err(|error| format!("cash-out refused: {error}"))?;
        let details = json!({
            "market": order.market.to_string(),
            "outcome": order.outcome,
            "shares": mint.show(shares),
            "quoted_return": mint.show(proceeds(&planned.quote)),
            "fee": mint.show(planned.quote.trade.fee.0),
            "is_delayed": planned.is_delayed,
        });
        session.act("cash-out", &planned.instructions, &[], details)
    }
}

impl Run for Bets {
    fn run(self, session: &mut Session) -> Answer {
        let owner = self.owner.unwrap_or_else(|| session.payer());
        let clock = session.chain.clock()?;
        let mut held = Vec::new();
        for (address, ticket) in transport::all::<Ticket>(&mut session.chain)? {
            if ticket.owner != owner {
                continue;
            }
            let market: FlashMarket = session.read(&ticket.market)?;
            let mint = market.mint(session)?;
            session.say(&format!(
                "{}  {:<10}  {}",
                ticket.market,
                market.phase(&clock),
                held_shares(&ticket, mint).join(" ")
            ));
            held.push(describe(&address, &ticket, &market, mint, &clock));
        }
        Ok(Value::Array(held))
    }
}

impl Session {
    /// A market in which `outcome` can be traded now, and what with.
    fn trading(
        &mut self,
        address: &Pubkey,
        outcome: u8,
    ) -> Result<(FlashMarket, Mint), Box<dyn std::error::Error>> {
        let market: FlashMarket = self.read(address)?;
        let clock = self.chain.clock()?;
        AnyMarket::require_trading(&market, address, &clock, outcome)?;
        let mint = market.mint(self)?;
        Ok((market, mint))
    }
}

fn held_shares(ticket: &Ticket, mint: Mint) -> Vec<String> {
    ticket
        .holdings
        .shares
        .iter()
        .map(|shares| mint.show(*shares))
        .collect()
}

fn describe(
    address: &Pubkey,
    ticket: &Ticket,
    market: &FlashMarket,
    mint: Mint,
    clock: &Clock,
) -> Value {
    let payout = market.settlement.payout_of(&ticket.holdings.shares).ok();
    json!({
        "ticket": address.to_string(),
        "market": ticket.market.to_string(),
        "phase": market.phase(clock),
        "shares": held_shares(ticket, mint),
        "prices_percent": market.percents(),
        "pending_sales": ticket.pending_sales,
        "payout": market
            .settlement
            .is_settled()
            .then(|| payout.map(|units| mint.show(units)))
            .flatten(),
    })
}
