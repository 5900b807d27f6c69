//! `strobe settle`: everybody is paid, and the vault gets the rest.

use anchor_lang::prelude::Pubkey;
use clap::Args;
use client::{
    instructions::flash_bets::{ReleaseSurplus, SettleTickets, SettledTicket},
    transport,
};
use flash_bets::state::{FlashMarket, Ticket};
use serde_json::{json, Value};

use super::{any_market::AnyMarket, session::Session, Answer, Run};

/// Tickets in one transaction, each with an account for its owner's tokens.
const AT_ONCE: usize = 4;

#[derive(Args)]
pub struct Settle {
    market: Pubkey,
}

impl Run for Settle {
    fn run(self, session: &mut Session) -> Answer {
        let market: FlashMarket = session.read(&self.market)?;
        if !market.settlement.is_settled() {
            return Err(format!(
                "{} is not resolved: `strobe resolve` comes first",
                self.market
            )
            .into());
        }
        let mint = market.mint(session)?;
        let payer = session.payer();
        let tickets: Vec<Ticket> = transport::all::<Ticket>(&mut session.chain)?
            .into_iter()
            .map(|(_, ticket)| ticket)
            .filter(|ticket| ticket.market == self.market)
            .collect();
        let mut transactions = Vec::new();
        for some in tickets.chunks(AT_ONCE) {
            let mut instructions: Vec<_> = some
                .iter()
                .map(|ticket| mint.open_tokens(&payer, &ticket.owner))
                .collect();
            let settle = SettleTickets {
                market: self.market,
                token_program: mint.token_program,
                // Any token program takes them one by one.
                in_one_call: false,
                tickets: some
                    .iter()
                    .map(|ticket| SettledTicket {
                        owner: ticket.owner,
                        owner_tokens: mint.tokens_of(&ticket.owner),
                        rent_payer: ticket.rent_payer,
                    })
                    .collect(),
            };
            instructions.push(settle.instruction());
            let details = json!({ "tickets": some.len() });
            transactions.push(session.act("settle", &instructions, &[], details)?);
        }
        if market.released == 0 {
            let release = ReleaseSurplus {
                vault: market.vault,
                market: self.market,
                event_book: market.event_book,
                feed_id: market.booked_feed(),
                operator: market.operator,
                token_program: mint.token_program,
            };
            transactions.push(session.act(
                "release surplus",
                &[release.instruction()],
                &[],
                json!({}),
            )?);
        }
        let paid: Vec<Value> = tickets
            .iter()
            .map(|ticket| {
                let payout = market
                    .settlement
                    .payout_of(&ticket.holdings.shares)
                    .unwrap_or(0);
                session.say(&format!("{}: {}", ticket.owner, mint.show(payout)));
                json!({ "owner": ticket.owner.to_string(), "payout": mint.show(payout) })
            })
            .collect();
        Ok(json!({
            "action": "settle",
            "market": self.market.to_string(),
            "paid": paid,
            "transactions": transactions,
        }))
    }
}
