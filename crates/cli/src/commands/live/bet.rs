//! `strobe bet`, `cash-out` and `position`: what a bettor does.

use anchor_lang::prelude::{Clock, Pubkey};
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use clap::Args;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        Buyer, CashOut as CashOutOf, CashOutArgs, OpenTicketAndBet, PlaceBetArgs,
    },
    quotes,
    transport::{self, Transport},
};
use flash_bets::state::{FlashMarket, Ticket};
use math::{Money, Shares};
use serde_json::{json, Value};

use super::{
    market_show::{percent, phase},
    mint::{Mint, Tokens},
    session::Session,
    Answer, Run,
};

const BASIS_POINTS: u128 = 10_000;

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
        let clock = session.chain.clock()?;
        let quote = quotes::buy(&market, &clock, self.outcome, Money(stake))
            .map_err(|error| format!("bet refused: {}", named(error)))?;
        let is_delayed = market.delay_slots > 0;
        let bet = OpenTicketAndBet {
            buyer: Buyer {
                payer: owner,
                payer_tokens,
                owner,
                vault: market.vault,
                market: self.market,
                token_program: mint.token_program,
                order_rent_payer: is_delayed.then_some(owner),
                nonce: nonce(&clock),
            },
            rent_payer: owner,
            args: PlaceBetArgs {
                outcome: self.outcome,
                stake,
                min_shares: less(quote.trade.shares.0, self.slippage),
                tip_lamports: 0,
            },
        };
        let details = json!({
            "market": self.market.to_string(),
            "ticket": addresses::ticket(&self.market, &owner).to_string(),
            "outcome": self.outcome,
            "stake": mint.show(stake),
            "fee": mint.show(quote.trade.fee.0),
            "quoted_shares": mint.show(quote.trade.shares.0),
            "is_delayed": is_delayed,
        });
        session.say(&format!(
            "{} on outcome {}: {} if it wins",
            mint.show(stake),
            self.outcome,
            mint.show(quote.trade.shares.0)
        ));
        session.act("bet", &[bet.instruction()], &[], details)
    }
}

impl Run for CashOut {
    fn run(self, session: &mut Session) -> Answer {
        let market = session.trading(&self.market, self.outcome)?;
        let mint = session.mint_of_vault(&market.vault)?;
        let owner = session.payer();
        let ticket: Ticket = session.read(&addresses::ticket(&self.market, &owner))?;
        let held = ticket.shares.get(usize::from(self.outcome));
        let held = held.copied().unwrap_or(0);
        let shares = match &self.shares {
            Some(shares) => mint.base_units(shares)?,
            None => held,
        };
        if shares == 0 || shares > held {
            return Err(format!(
                "cash-out refused: the ticket has {} shares of outcome {}, asked for are {}",
                mint.show(held),
                self.outcome,
                mint.show(shares)
            )
            .into());
        }
        let clock = session.chain.clock()?;
        let quote = quotes::sell(&market, &clock, self.outcome, Shares(shares))
            .map_err(|error| format!("cash-out refused: {}", named(error)))?;
        let proceeds = quote.trade.cost.0.saturating_sub(quote.trade.fee.0);
        let is_delayed = market.delay_slots > 0;
        let owner_tokens = mint.tokens_of(&owner);
        let open = create_associated_token_account_idempotent(
            &owner,
            &owner,
            &mint.address,
            &mint.token_program,
        );
        let sale = CashOutOf {
            owner,
            vault: market.vault,
            market: self.market,
            owner_tokens,
            token_program: mint.token_program,
            order_rent_payer: is_delayed.then_some(owner),
            nonce: nonce(&clock),
            args: CashOutArgs {
                outcome: self.outcome,
                shares,
                min_return: less(proceeds, self.slippage),
                tip_lamports: 0,
            },
        };
        let details = json!({
            "market": self.market.to_string(),
            "outcome": self.outcome,
            "shares": mint.show(shares),
            "quoted_return": mint.show(proceeds),
            "fee": mint.show(quote.trade.fee.0),
            "is_delayed": is_delayed,
        });
        session.act("cash-out", &[open, sale.instruction()], &[], details)
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

/// Distinguishes the orders of one owner that wait at the same time.
fn nonce(clock: &Clock) -> u64 {
    clock.slot
}

/// `amount` less `basis_points` of it, rounded down.
pub fn less(amount: u64, basis_points: u16) -> u64 {
    let kept = BASIS_POINTS.saturating_sub(u128::from(basis_points));
    u64::try_from(
        u128::from(amount)
            .saturating_mul(kept)
            .div_euclid(BASIS_POINTS),
    )
    .unwrap_or(0)
}

/// What Anchor says of an error, without where it was.
pub fn named(error: anchor_lang::error::Error) -> String {
    match error {
        anchor_lang::error::Error::AnchorError(error) => {
            format!("{}: {}", error.error_name, error.error_msg)
        }
        other => other.to_string(),
    }
}

fn held_shares(ticket: &Ticket, mint: Mint) -> Vec<String> {
    ticket
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
    let payout = market.settlement.payout_of(&ticket.shares).ok();
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

#[cfg(test)]
mod tests {
    use flash_bets::error::FlashError;

    use super::*;

    #[test]
    fn slippage_rounds_down() {
        assert_eq!(less(10_000, 100), 9_900);
        assert_eq!(less(3, 1), 2);
        assert_eq!(less(u64::MAX, 0), u64::MAX);
        assert_eq!(less(5, 10_000), 0);
    }

    #[test]
    fn an_error_of_a_program_has_its_name() {
        assert!(named(FlashError::Overflow.into()).starts_with("Overflow: "));
    }
}
