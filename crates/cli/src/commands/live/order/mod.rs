//! `strobe order`: orders on standard and flash markets that anybody executes for their owners.

mod place;
mod show;

use std::error::Error;

use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::instruction::Instruction,
};
use clap::{Args, Subcommand};
use client::{
    addresses::{flash_bets as flash_addresses, orders as addresses},
    instructions::{
        flash_bets::{ExecuteOrders, OpenTicket},
        orders::{
            BookSlice, CancelOrder, MarketProgram, MatchOrders, ObservePrices, OpenDesk,
            ReturnOrder,
        },
        signed_by,
    },
    transport::Transport,
};
use flash_bets::state::{FlashMarket, PendingOrder, Ticket, Vault};
use keeper::{orders::DeskView, Money};
use market_core::Pauses;
use markets::state::{Market, Venue};
use orders::state::{Desk, DeskOrder, MarketCopy};
use serde_json::json;

use super::{any_market::AnyMarket, mint::Mint, session::Session, Answer, Live, Run};

#[derive(Subcommand)]
pub enum OrderCommand {
    /// Opens the desk of a market, once; anybody, who gets the rent back when it closes.
    OpenDesk(Live<OpenDeskOf>),
    /// Takes a reading of a market's prices: fills need two, 150 slots apart, to have an average; anybody.
    Observe(Live<Observe>),
    /// Places an order: an iceberg, a TWAP or one whose limit moves, at once or after a trigger.
    Place(Live<place::Place>),
    /// Every order of the cluster, of a market or of an owner.
    List(Live<show::List>),
    /// What an order has done and waits for.
    Show(Live<show::Show>),
    /// Takes back what an order holds; its owner, at any time. While a slice waits in the market, no other
    /// follows, and `crank` gives back what is left once that one has ended.
    Cancel(Live<Cancel>),
    /// Does what is due of an order, for its tip: watches its trigger, fills a slice or places, executes and
    /// books one that waits, returns it; anybody.
    Crank(Live<Crank>),
    /// Fills two orders of a market whose limits cross against each other, for the tips of slices that are
    /// filled whole; anybody.
    Match(Live<Match>),
}

#[derive(Args)]
pub struct OpenDeskOf {
    market: Pubkey,
}

#[derive(Args)]
pub struct Observe {
    market: Pubkey,
}

#[derive(Args)]
pub struct Cancel {
    order: Pubkey,
}

#[derive(Args)]
pub struct Crank {
    order: Pubkey,
}

#[derive(Args)]
pub struct Match {
    order: Pubkey,
    other: Pubkey,
}

impl OrderCommand {
    pub fn run(self) -> Answer {
        match self {
            Self::OpenDesk(command) => command.run(),
            Self::Observe(command) => command.run(),
            Self::Place(command) => command.run(),
            Self::List(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Cancel(command) => command.run(),
            Self::Crank(command) => command.run(),
            Self::Match(command) => command.run(),
        }
    }
}

/// An order with what a transaction about it needs.
struct OpenedOrder {
    order: DeskOrder,
    desk: Desk,
    market_program: MarketProgram,
    mint: Mint,
}

/// A market of either program, as orders see it.
struct OrderMarket {
    /// Of a flash market; none of a standard one.
    vault: Option<Pubkey>,
    mint: Mint,
}

impl OrderMarket {
    fn program(&self) -> MarketProgram {
        match self.vault {
            Some(_) => MarketProgram::Flash,
            None => MarketProgram::Standard,
        }
    }
}

impl Session {
    fn order(&mut self, address: &Pubkey) -> Result<OpenedOrder, Box<dyn Error>> {
        let order: DeskOrder = self.read(address)?;
        let desk: Desk = self.read(&order.desk)?;
        let mint = self.mint(&desk.mint)?;
        let program = MarketProgram::of(&desk.market_program);
        let market_program = program.ok_or_else(|| {
            format!(
                "{} is of another program, {}",
                desk.market, desk.market_program
            )
        })?;
        Ok(OpenedOrder {
            order,
            desk,
            market_program,
            mint,
        })
    }

    /// What opens the payer's ticket, if it has none.
    fn open_ticket(&mut self, market: &Pubkey) -> Result<Vec<Instruction>, Box<dyn Error>> {
        let owner = self.payer();
        let open = OpenTicket {
            rent_payer: owner,
            owner,
            market: *market,
        };
        let ticket = client::addresses::flash_bets::ticket(market, &owner);
        Ok(match self.find::<Ticket>(&ticket)? {
            Some(_) => Vec::new(),
            None => vec![open.instruction()],
        })
    }

    /// Of a market in which `outcome`, if it is given, can be traded now.
    fn order_market(
        &mut self,
        address: &Pubkey,
        outcome: Option<u8>,
    ) -> Result<OrderMarket, Box<dyn Error>> {
        if let Ok(market) = self.read::<FlashMarket>(address) {
            if let Some(outcome) = outcome {
                let clock = self.chain.clock()?;
                AnyMarket::require_trading(&market, address, &clock, outcome)?;
            }
            return Ok(OrderMarket {
                vault: Some(market.vault),
                mint: AnyMarket::mint(&market, self)?,
            });
        }
        let opened = self.standard(address)?;
        if let Some(outcome) = outcome {
            opened.require_trading(outcome)?;
        }
        Ok(OrderMarket {
            vault: None,
            mint: opened.mint,
        })
    }
}

impl Session {
    /// A desk's market, which may be closed, and the pauses of its venue or vault.
    fn market_of(
        &mut self,
        desk: &Desk,
        program: MarketProgram,
    ) -> Result<(Option<MarketCopy>, Pauses), Box<dyn Error>> {
        Ok(match program {
            MarketProgram::Standard => {
                let market = self.find::<Market>(&desk.market)?;
                let venue: Venue = self.read(&desk.venue)?;
                let copy = market.map(|market| MarketCopy::Standard(Box::new(market)));
                (copy, venue.pauses)
            }
            MarketProgram::Flash => {
                let market = self.find::<FlashMarket>(&desk.market)?;
                let vault: Vault = self.read(&desk.venue)?;
                let copy = market.map(|market| MarketCopy::Flash(Box::new(market)));
                (copy, vault.pauses)
            }
        })
    }
}

impl Run for OpenDeskOf {
    fn run(self, session: &mut Session) -> Answer {
        let opened = session.order_market(&self.market, None)?;
        let desk = addresses::desk(&self.market);
        if session.find::<Desk>(&desk)?.is_some() {
            return Err(format!("{} has its desk already, at {desk}", self.market).into());
        }
        let open = OpenDesk {
            payer: session.payer(),
            market: self.market,
            vault: opened.vault,
            mint: opened.mint.address,
            token_program: opened.mint.token_program,
        };
        let details = json!({ "market": self.market.to_string(), "desk": desk.to_string() });
        session.act("open desk", &[open.instruction()], &[], details)
    }
}

impl Run for Observe {
    fn run(self, session: &mut Session) -> Answer {
        let desk: Desk = session.read(&addresses::desk(&self.market))?;
        let observe = ObservePrices {
            venue: desk.venue,
            market: self.market,
        };
        let details = json!({ "market": self.market.to_string() });
        session.act("observe prices", &[observe.instruction()], &[], details)
    }
}

impl Run for Cancel {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedOrder {
            order,
            desk,
            market_program,
            mint,
        } = session.order(&self.order)?;
        let owner = session.require_own("cancel", &self.order, "an order", &order.owner)?;
        if order.in_flight.is_some() {
            let cancel = CancelOrder {
                market: desk.market,
                owner,
                nonce: order.nonce,
            };
            let details = json!({
                "order": self.order.to_string(),
                "in_flight": order.in_flight.map(|slice| mint.show(slice.amount)),
                "unfilled": mint.show(order.left),
            });
            return session.act("cancel", &[cancel.instruction()], &[], details);
        }
        let give = ReturnOrder {
            executor: owner,
            market: desk.market,
            market_program,
            owner,
            nonce: order.nonce,
            owner_tokens: mint.tokens_of(&owner),
            rent_payer: order.rent_payer,
            mint: mint.address,
            token_program: mint.token_program,
        };
        let details = json!({
            "order": self.order.to_string(),
            "money": mint.show(order.money),
            "shares": mint.show(order.shares),
            "unfilled": mint.show(order.left),
        });
        let signed = signed_by(give.instruction(), &owner);
        session.act("cancel", &[signed], &[], details)
    }
}

impl Run for Crank {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedOrder {
            order,
            desk,
            market_program,
            mint,
        } = session.order(&self.order)?;
        let tip = order.tip_lamports;
        let (market, pauses) = session.market_of(&desk, market_program)?;
        let ticket = flash_addresses::ticket(&desk.market, &order.desk);
        let ticket = session.find::<Ticket>(&ticket)?;
        let slice = addresses::slice(&desk.market, &self.order);
        let slice = session.find::<PendingOrder>(&slice)?;
        let view = DeskView {
            slices: slice.into_iter().collect(),
            position_rent_payer: ticket.map_or(desk.rent_payer, |ticket| ticket.rent_payer),
            desk,
            market,
            pauses,
            money: Money {
                mint: mint.address,
                token_program: mint.token_program,
            },
            orders: vec![order],
        };
        let settings = session.plan_settings();
        let clock = session.chain.clock()?;
        if let Some(end) = end_of_slice(&view, &clock, session.payer())? {
            let details = json!({
                "order": self.order.to_string(),
                "does": "executing and booking a slice of an order",
                "tip_lamports": tip,
            });
            return session.act("crank", &end, &[], details);
        }
        let plan = view.plan(&settings, &clock);
        let action = plan.first().ok_or(
            "nothing is due: `strobe order show` says what the order waits for, and `strobe order \
             observe` gives its market an average price",
        )?;
        let details = json!({
            "order": self.order.to_string(),
            "does": action.name(),
            "tip_lamports": tip,
        });
        session.act("crank", &[action.instruction()], &[], details)
    }
}

/// What ends and books the slice of a desk's only order that waits in the market; `None` if none does, or it
/// has ended.
fn end_of_slice(
    view: &DeskView,
    clock: &Clock,
    executor: Pubkey,
) -> Result<Option<[Instruction; 2]>, Box<dyn Error>> {
    let order = view.orders.first().ok_or("no order")?;
    let waiting = view.slice_in_market(order);
    let Some(slice) = waiting.filter(|slice| slice.kept().is_none()) else {
        return Ok(None);
    };
    let Some(MarketCopy::Flash(market)) = &view.market else {
        return Err("the market of the slice is gone".into());
    };
    let now = clock.unix_timestamp;
    let is_delayed = clock.slot < slice.executable_slot || now < slice.executable_at;
    if is_delayed && !market.is_trading_over(now) {
        return Err(format!(
            "the slice waits: from slot {} and unix second {} on it is executed",
            slice.executable_slot, slice.executable_at
        )
        .into());
    }
    let named = view.slice(order, slice.rent_payer);
    let execute = ExecuteOrders {
        vault: market.vault,
        market: named.market,
        observation: market.evidence.observation,
        executor,
        token_program: named.token_program,
        orders: vec![named.ended()],
    };
    let book = BookSlice { slice: named };
    Ok(Some([execute.instruction(), book.instruction()]))
}

impl Run for Match {
    fn run(self, session: &mut Session) -> Answer {
        let OpenedOrder {
            order,
            desk,
            market_program,
            mint,
        } = session.order(&self.order)?;
        let other = session.order(&self.other)?.order;
        if order.desk != other.desk {
            return Err(format!(
                "match refused: {} and {} are orders of different markets",
                self.order, self.other
            )
            .into());
        }
        let (older, newer) = if order.began_in < other.began_in {
            (&order, &other)
        } else {
            (&other, &order)
        };
        let pair = MatchOrders {
            executor: session.payer(),
            venue: desk.venue,
            market: desk.market,
            market_program,
            older: (older.owner, older.nonce),
            newer: (newer.owner, newer.nonce),
            mint: mint.address,
            token_program: mint.token_program,
        };
        let details = json!({
            "market": desk.market.to_string(),
            "older_owner": older.owner.to_string(),
            "newer_owner": newer.owner.to_string(),
        });
        session.act("match", &[pair.instruction()], &[], details)
    }
}
