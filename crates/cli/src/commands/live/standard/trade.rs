//! Trades, and the liquidity they are made against.

use std::error::Error;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use clap::Args;
use client::{
    addresses::markets as addresses,
    instructions::markets::{
        AddLiquidity as AddLiquidityOf, AddLiquidityArgs, Buy as BuyOf, BuyArgs, Buyer, Holder,
        LockLiquidity as LockLiquidityOf, OpenLiquidity, OpenPosition,
        RemoveLiquidity as RemoveLiquidityOf, RemoveLiquidityArgs, Sell as SellOf, SellArgs,
    },
    intents::{less, IntentError},
    market_quotes,
};
use market_core::pool::Order;
use markets::state::{LiquidityPosition, Position};
use math::{Money, Shares};
use serde_json::json;

use super::Opened;
use crate::commands::live::{
    any_market::{AnyMarket, Purchase, Sale},
    mint::Tokens,
    session::Session,
    Answer, Run,
};

#[derive(Args)]
pub struct Buy {
    #[command(flatten)]
    order: Purchase,
}

#[derive(Args)]
pub struct Sell {
    #[command(flatten)]
    order: Sale,
}

#[derive(Args)]
pub struct AddLiquidity {
    market: Pubkey,
    /// Tokens.
    amount: Tokens,
}

#[derive(Args)]
pub struct RemoveLiquidity {
    market: Pubkey,
    /// LP shares; without them all that are not locked.
    shares: Option<u64>,
}

#[derive(Args)]
pub struct LockLiquidity {
    market: Pubkey,
    /// LP shares; without them all that are not locked.
    shares: Option<u64>,
}

impl Opened {
    /// # Errors
    /// If `outcome` cannot be traded now, and when it can.
    pub fn require_trading(&self, outcome: u8) -> Result<(), Box<dyn Error>> {
        AnyMarket::require_trading(&self.market, &self.address, &self.clock, outcome)
    }

    /// Base units that a sale of so many shares returns now.
    ///
    /// # Errors
    /// If it would be refused, and why.
    pub fn returns_of(&self, outcome: u8, shares: u64) -> Result<u64, Box<dyn Error>> {
        let order = Order::Sell(Shares(shares));
        let (market, venue) = (&self.market, &self.venue);
        let quote = market_quotes::quote(market, venue, &self.clock, outcome, order);
        let quote = quote.map_err(|error| format!("sell refused: {}", IntentError::from(error)))?;
        Ok(quote.fill.amount.0)
    }
}

/// The sender, as who changes what it has in the market.
fn holder(opened: &Opened, market: Pubkey, owner: Pubkey) -> Holder {
    Holder {
        owner,
        owner_tokens: opened.mint.tokens_of(&owner),
        venue: opened.market.venue,
        market,
        token_program: opened.mint.token_program,
    }
}

impl Session {
    /// What opens the payer's position, if there is none.
    pub fn open_position(&mut self, market: &Pubkey) -> Result<Vec<Instruction>, Box<dyn Error>> {
        let owner = self.payer();
        let position = addresses::position(market, &owner);
        let open = OpenPosition {
            payer: owner,
            owner,
            market: *market,
            is_held: false,
        };
        Ok(match self.find::<Position>(&position)? {
            Some(_) => Vec::new(),
            None => vec![open.instruction()],
        })
    }
}

impl Run for Buy {
    fn run(self, session: &mut Session) -> Answer {
        let order = self.order;
        let opened = session.standard(&order.market)?;
        opened.require_trading(order.outcome)?;
        let mint = opened.mint;
        let stake = mint.base_units(&order.stake)?;
        let quote = market_quotes::quote(
            &opened.market,
            &opened.venue,
            &opened.clock,
            order.outcome,
            Order::Stake(Money(stake)),
        )
        .map_err(|error| format!("buy refused: {}", IntentError::from(error)))?;
        let reach = session.median_reach(&opened.market.evidence)?;
        let owner = session.payer();
        let position = addresses::position(&order.market, &owner);
        let mut instructions = session.open_position(&order.market)?;
        let shares = quote.fill.shares.0;
        let buy = BuyOf {
            buyer: Buyer {
                payer: owner,
                payer_tokens: mint.tokens_of(&owner),
                owner,
                venue: opened.market.venue,
                market: order.market,
                token_program: mint.token_program,
            },
            args: BuyArgs {
                outcome: order.outcome,
                stake,
                min_shares: less(shares, order.slippage),
            },
        };
        instructions.push(buy.instruction());
        let details = json!({
            "market": order.market.to_string(),
            "position": position.to_string(),
            "outcome": order.outcome,
            "stake": mint.show(stake),
            "quoted_shares": mint.show(shares),
            "median_reach": reach,
        });
        session.act("buy", &instructions, &[], details)
    }
}

impl Run for Sell {
    fn run(self, session: &mut Session) -> Answer {
        let order = self.order;
        let opened = session.standard(&order.market)?;
        opened.require_trading(order.outcome)?;
        let mint = opened.mint;
        let owner = session.payer();
        let position: Position = session.read(&addresses::position(&order.market, &owner))?;
        let held = position.holdings.shares.get(usize::from(order.outcome));
        let shares = mint.sale(order.outcome, order.shares.as_ref(), held.copied())?;
        let proceeds = opened.returns_of(order.outcome, shares)?;
        let open = mint.open_tokens(&owner, &owner);
        let sell = SellOf {
            holder: holder(&opened, order.market, owner),
            args: SellArgs {
                outcome: order.outcome,
                shares,
                min_return: less(proceeds, order.slippage),
            },
        };
        let details = json!({
            "market": order.market.to_string(),
            "outcome": order.outcome,
            "shares": mint.show(shares),
            "quoted_return": mint.show(proceeds),
        });
        session.act("sell", &[open, sell.instruction()], &[], details)
    }
}

impl Run for AddLiquidity {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        let mint = opened.mint;
        let amount = mint.base_units(&self.amount)?;
        let owner = session.payer();
        let mut instructions = session.open_position(&self.market)?;
        let address = addresses::liquidity(&self.market, &owner);
        if session.find::<LiquidityPosition>(&address)?.is_none() {
            let open = OpenLiquidity {
                payer: owner,
                owner,
                market: self.market,
            };
            instructions.push(open.instruction());
        }
        let add = AddLiquidityOf {
            holder: holder(&opened, self.market, owner),
            args: AddLiquidityArgs {
                amount,
                min_shares: 0,
                min_returned: Vec::new(),
            },
        };
        instructions.push(add.instruction());
        let details = json!({
            "market": self.market.to_string(),
            "liquidity": address.to_string(),
            "amount": mint.show(amount),
        });
        session.act("add liquidity", &instructions, &[], details)
    }
}

impl Run for RemoveLiquidity {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.standard(&self.market)?;
        let owner = session.payer();
        let address = addresses::liquidity(&self.market, &owner);
        let held: LiquidityPosition = session.read(&address)?;
        let shares = self.shares.unwrap_or_else(|| unlocked(&held));
        let remove = RemoveLiquidityOf {
            holder: holder(&opened, self.market, owner),
            args: RemoveLiquidityArgs {
                shares,
                min_cash: 0,
                min_returned: Vec::new(),
            },
        };
        let details = json!({ "market": self.market.to_string(), "shares": shares });
        session.act("remove liquidity", &[remove.instruction()], &[], details)
    }
}

impl Run for LockLiquidity {
    fn run(self, session: &mut Session) -> Answer {
        let owner = session.payer();
        let held: LiquidityPosition = session.read(&addresses::liquidity(&self.market, &owner))?;
        let shares = self.shares.unwrap_or_else(|| unlocked(&held));
        let lock = LockLiquidityOf {
            owner,
            market: self.market,
            shares,
        };
        let details = json!({ "market": self.market.to_string(), "shares": shares });
        session.act("lock liquidity", &[lock.instruction()], &[], details)
    }
}

fn unlocked(held: &LiquidityPosition) -> u64 {
    held.shares.saturating_sub(held.locked_shares)
}
