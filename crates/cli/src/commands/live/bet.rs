//! `strobe bet`, `cash-out` and `position`: what a bettor does.

use anchor_lang::prelude::{Clock, Pubkey};
use clap::Args;
use client::{
    addresses::flash_bets as addresses,
    intents::{proceeds, Bet as BetOf, CashOut as CashOutOf},
    quotes,
    transport::{self, Transport},
};
use flash_bets::state::{FlashMarket, Ticket};
use serde_json::{json, Value};

use super::{
    market_show::{percent, phase},
    mint::{Mint, Tokens},
    session::Session,
    Answer, Run,
};

#[derive(Args)]
pub struct Bet {
    market: Pubkey,
    /// Number of the outcome, from 0.
    outcome: u8,
    /// Tokens to bet, fee included.
    stake: Tokens,
    /// How much less than quoted to accept, basis points of the shares.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100)]
    slippage: u16,
}

#[derive(Args)]
pub struct CashOut {
    market: Pubkey,
    /// Number of the outcome, from 0.
    outcome: u8,
    /// Shares to sell, tokens; without them all.
    shares: Option<Tokens>,
    /// How much less than quoted to accept, basis points of the proceeds.
    #[arg(long, value_name = "BASIS_POINTS", default_value_t = 100)]
    slippage: u16,
}

#[derive(Args)]
pub struct Position {
    /// Whose [default: the key that signs].
    owner: Option<Pubkey>,
}

impl Run for Bet {
    fn run(self, session: &mut Session) -> Answer {
        let market = session.trading(&self.market, self.outcome)?;
        let mint = session.mint_of_vault(&market.vault)?;
        let stake = mint.base_units(&self.stake)?;
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
            market: self.market,
            outcome: self.outcome,
            stake,
            slippage: self.slippage,
        };
        let planned = bet.plan(&mut session.chain, &owner);
        let planned = planned.map_err(|error| format!("bet refused: {error}"))?;
        let evidence = &market.evidence;
        let reach = session.median_reach(&evidence.provider_set, &evidence.verifying_key)?;
        let trade = planned.quote.trade;
        let details = json!({
            "market": self.market.to_string(),
            "ticket": addresses::ticket(&self.market, &owner).to_string(),
            "outcome": self.outcome,
            "stake": mint.show(stake),
            "fee": mint.show(trade.fee.0),
            "quoted_shares": mint.show(trade.shares.0),
            "median_reach": reach,
            "is_delayed": planned.is_delayed,
        });
        session.say(&format!(
            "{} on outcome {}: {} if it wins",
            mint.show(stake),
            self.outcome,
            mint.show(trade.shares.0)
        ));
        session.act("bet", &planned.instructions, &[], details)
    }
}

impl Run for CashOut {
    fn run(self, session: &mut Session) -> Answer {
        let market = session.trading(&self.market, self.outcome)?;
        let mint = session.mint_of_vault(&market.vault)?;
        let owner = session.payer();
        let ticket: Ticket = session.read(&addresses::ticket(&self.market, &owner))?;
        let held = ticket.holdings.shares.get(usize::from(self.outcome));
        let shares = mint.sale(self.outcome, self.shares.as_ref(), held.copied())?;
        let sale = CashOutOf {
            market: self.market,
            outcome: self.outcome,
            shares,
            slippage: self.slippage,
        };
        let planned = sale.plan(&mut session.chain, &owner);
        let planned = planned.map_err(|error| format!("cash-out refused: {error}"))?;
        let details = json!({
            "market": self.market.to_string(),
            "outcome": self.outcome,
            "shares": mint.show(shares),
            "quoted_return": mint.show(proceeds(&planned.quote)),
            "fee": mint.show(planned.quote.trade.fee.0),
            "is_delayed": planned.is_delayed,
        });
        session.act("cash-out", &planned.instructions, &[], details)
    }
}

impl Run for Position {
    fn run(self, session: &mut Session) -> Answer {
        let owner = self.owner.unwrap_or_else(|| session.payer());
        let clock = session.chain.clock()?;
        let mut held = Vec::new();
        for (address, ticket) in transport::all::<Ticket>(&mut session.chain)? {
            if ticket.owner != owner {
                continue;
            }
            let market: FlashMarket = session.read(&ticket.market)?;
            let mint = session.mint_of_vault(&market.vault)?;
            session.say(&format!(
                "{}  {:<10}  {}",
                ticket.market,
                phase(&market, &clock),
                held_shares(&ticket, mint).join(" ")
            ));
            held.push(describe(&address, &ticket, &market, mint, &clock));
        }
        Ok(Value::Array(held))
    }
}

impl Session {
    /// A market in which `outcome` can be traded now.
    fn trading(
        &mut self,
        address: &Pubkey,
        outcome: u8,
    ) -> Result<FlashMarket, Box<dyn std::error::Error>> {
        let market: FlashMarket = self.read(address)?;
        let clock = self.chain.clock()?;
        let phase = phase(&market, &clock);
        if phase != "trading" {
            let wait = market.hours.opens_at.saturating_sub(clock.unix_timestamp);
            let hint = match phase {
                "announced" => format!("it opens in {wait} s"),
                "locked" => "`strobe resolve` comes next".to_string(),
                "resolved" | "void" => "`strobe settle` pays what it owes".to_string(),
                _ => "wait until it resumes".to_string(),
            };
            return Err(format!("{address} is {phase}, not trading: {hint}").into());
        }
        if outcome >= market.pool.outcomes {
            return Err(format!(
                "{address} has outcomes 0 to {}, not {outcome}",
                market.pool.outcomes.saturating_sub(1)
            )
            .into());
        }
        Ok(market)
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
        "phase": phase(market, clock),
        "shares": held_shares(ticket, mint),
        "prices_percent": quotes::prices(market)
            .unwrap_or_default()
            .into_iter()
            .map(percent)
            .collect::<Vec<_>>(),
        "pending_sales": ticket.pending_sales,
        "payout": market
            .settlement
            .is_settled()
            .then(|| payout.map(|units| mint.show(units)))
            .flatten(),
    })
}
