//! Orders are placed, and a keeper serves them.

use client::{
    addresses::orders as addresses,
    instructions::{
        markets::{OpenPosition, Split},
        orders::{MarketProgram, ObservePrices, OpenDesk, PlaceOrder},
    },
};
use keeper::orders::OrderAction;
use market_core::pool::Order as Trade;
use math::{Money, Shares};
use orders::state::{Desk, DeskOrder, OrderSide, AVERAGE_SLOTS};
use solana_pubkey::Pubkey;

use super::{Action, Demo};
use crate::{
    error::DemoError,
    markets::{
        orders::{OrderKind, OrderReport, DESK_AFTER, DESK_MARKET},
        venue::CREATOR,
    },
    stage::MINUTE,
};

/// Of everybody's only order.
const NONCE: u64 = 0;

impl Demo<'_> {
    pub(super) fn plan_orders(&mut self, opens_at: u64, ends_at: u64) {
        let opened = opens_at + DESK_AFTER * MINUTE;
        self.agenda.at(opened, Action::OpenDesk);
        for (player, kind) in self.house.orderers() {
            let at = opened + kind.placed_after() * MINUTE;
            self.agenda.at(at, Action::Order { player, kind });
        }
        let mut served_at = opened + MINUTE;
        while served_at < ends_at {
            self.agenda.at(served_at, Action::Serve);
            served_at += MINUTE;
        }
    }

    pub(super) fn open_desk(&mut self) -> Result<(), DemoError> {
        let open = OpenDesk {
            payer: self.house.players[CREATOR].person.address(),
            market: self.markets[DESK_MARKET].address,
            vault: None,
            mint: self.house.stage.mint.address,
            token_program: self.house.stage.token_program(),
        };
        let instructions = [open.instruction()];
        self.act_as(CREATOR, DESK_MARKET, "opening a desk", &instructions)?;
        self.read_prices()
    }

    pub(super) fn order(&mut self, player: usize, kind: OrderKind) -> Result<(), DemoError> {
        let stage = &self.house.stage;
        let prices = self.prices(DESK_MARKET)?;
        let now = stage.world.chain.clock().unix_timestamp;
        let terms = kind.terms(&prices, now);
        let (market, mint) = (self.markets[DESK_MARKET].address, stage.mint.address);
        let token_program = stage.token_program();
        let person = &self.house.players[player].person;
        let (owner, owner_tokens) = (person.address(), person.tokens);
        let open = OpenPosition {
            payer: owner,
            owner,
            market,
            is_held: false,
        };
        let mut instructions = vec![open.instruction()];
        if kind.sets() > 0 {
            let split = Split {
                buyer: self.buyer(player, DESK_MARKET),
                amount: kind.sets(),
            };
            instructions.push(split.instruction());
        }
        let place = PlaceOrder {
            payer: owner,
            owner,
            market,
            market_program: MarketProgram::Standard,
            owner_tokens,
            mint,
            token_program,
            nonce: NONCE,
            terms,
        };
        instructions.push(place.instruction());
        self.markets[DESK_MARKET].holders.insert(player);
        let outcome = usize::from(terms.outcome);
        let outcome = self.markets[DESK_MARKET].question.outcomes[outcome].clone();
        self.orders.push(OrderReport::new(kind, &terms, outcome));
        self.act_as(player, DESK_MARKET, "placing an order", &instructions)?;
        Ok(())
    }

    /// Reads prices where the last reading is old, and does what is due of orders; whether anything was.
    pub(super) fn serve(&mut self) -> Result<bool, DemoError> {
        let chain = &self.house.stage.world.chain;
        let address = addresses::desk(&self.markets[DESK_MARKET].address);
        if chain.find_account(address)?.is_none() {
            return Ok(false);
        }
        let desk: Desk = chain.account(address)?;
        let is_old = self.house.stage.slot() >= desk.later.slot + AVERAGE_SLOTS;
        let is_trading = self.house.stage.now() < self.markets[DESK_MARKET].locks_at;
        if is_old && is_trading && !desk.is_settled() {
            self.read_prices()?;
        }
        let plan = self.plan_of_orders()?;
        let is_due = !plan.is_empty();
        // One at a time: a fill may make the next one wait.
        if let Some(action) = plan.into_iter().next() {
            self.serve_with(&action)?;
        }
        Ok(is_due)
    }

    fn read_prices(&mut self) -> Result<(), DemoError> {
        let observe = ObservePrices {
            venue: self.house.venue,
            market: self.markets[DESK_MARKET].address,
        };
        let stage = &mut self.house.stage;
        stage.must("reading prices", &[observe.instruction()], &[])?;
        Ok(())
    }

    fn plan_of_orders(&self) -> Result<Vec<OrderAction>, DemoError> {
        let stage = &self.house.stage;
        let (snapshot, token_programs) = (stage.snapshot()?, stage.token_programs());
        let clock = stage.world.chain.clock();
        let plans = snapshot
            .desks(&token_programs)
            .map(|view| view.plan(&self.keeper, clock));
        Ok(plans.flatten().collect())
    }

    fn serve_with(&mut self, action: &OrderAction) -> Result<(), DemoError> {
        let (returned, filled) = match action {
            OrderAction::Fill(fill) => (None, vec![fill.owner]),
            OrderAction::Match(pair) => (None, vec![pair.older.0, pair.newer.0]),
            OrderAction::Return(give) => (Some(give.owner), vec![]),
            OrderAction::CloseDesk(close) => (Some(close.rent_payer), vec![]),
            _ => (None, vec![]),
        };
        let is_match = matches!(action, OrderAction::Match(_));
        if let ([owner], false) = (&filled[..], is_match) {
            self.count_fee(*owner)?;
        }
        let paid = self.players(returned).first().copied();
        let before = paid.map(|player| self.house.balance(player)).transpose()?;
        let stage = &mut self.house.stage;
        stage.must(action.name(), &[action.instruction()], &[])?;
        if let (Some(player), Some(before)) = (paid, before) {
            self.book(player, DESK_MARKET, before)?;
        }
        for owner in filled {
            self.note_fill(owner, is_match)?;
        }
        Ok(())
    }

    /// What the market charges on the next slice of an owner's order.
    fn count_fee(&mut self, owner: Pubkey) -> Result<(), DemoError> {
        let order = self.desk_order(owner)?;
        let now = self.house.stage.world.chain.clock().unix_timestamp;
        let Ok(amount) = order.due(now) else {
            return Ok(());
        };
        let asked = match order.side {
            OrderSide::Buy => Trade::Stake(Money(amount)),
            OrderSide::Sell => Trade::Sell(Shares(amount)),
        };
        if let Some(fill) = self.quote(DESK_MARKET, order.outcome, asked)? {
            let report = &mut self.markets[DESK_MARKET].report;
            report.fees += fill.fee.0;
            report.volume += fill.amount.0;
        }
        Ok(())
    }

    fn note_fill(&mut self, owner: Pubkey, is_match: bool) -> Result<(), DemoError> {
        let order = self.desk_order(owner)?;
        let mut orderers = self.house.orderers().into_iter();
        let kind = orderers.find_map(|(player, kind)| {
            let person = &self.house.players[player].person;
            (person.address() == owner).then_some(kind)
        });
        let report = kind.and_then(|kind| {
            let mut reports = self.orders.iter_mut();
            reports.find(|report| report.kind == kind.name())
        });
        if let Some(report) = report {
            report.note(&order);
            let count = if is_match {
                &mut report.crossings
            } else {
                &mut report.fills
            };
            *count += 1;
        }
        Ok(())
    }

    fn desk_order(&self, owner: Pubkey) -> Result<DeskOrder, DemoError> {
        let desk = addresses::desk(&self.markets[DESK_MARKET].address);
        let address = addresses::order(&desk, &owner, NONCE);
        Ok(self.house.stage.world.chain.account(address)?)
    }
}
