//! A market with a desk, whose books are checked after every transaction.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use client::{
    addresses::{markets as market_addresses, orders as addresses},
    instructions::{markets::CreateMarketArgs, orders::*, signed_by},
};
use markets::state::Position;
use math::Price;
use orders::state::{Batch, Desk, DeskOrder, SealedOrder, AVERAGE_SLOTS};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    batch_world::owed,
    desk_accounts::{DeskAccounts, Owed},
    KeySource, MarketsOptions, MarketsWorld, Receipt, SendError, Trader,
};

/// What a trader starts with, base units, and what an order tips, lamports.
pub const PURSE: u64 = 1_000_000_000_000;
pub const TIP: u64 = 10_000;

/// What who places a slice gives whoever executes it: the least for an order with that tip.
pub const SLICE_TIP: u64 = TIP / 2;

/// A market of an hour at equal prices, depth 10⁹, fee 1 %, with a desk that has read prices twice.
pub struct DeskWorld {
    pub markets: MarketsWorld,
    pub market: Pubkey,
    pub desk: Pubkey,
    /// Paid the desk's rent.
    pub opener: Trader,
    /// Executes orders.
    pub keeper: Keypair,
    /// Owner and nonce of every order so far.
    pub placed: BTreeSet<(Pubkey, u64)>,
    /// Every batch so far, and every order that was put into one, with its owner and nonce.
    pub batches: Vec<BatchKey>,
    pub sealed: Vec<(BatchKey, Pubkey, u64)>,
}

impl DeskWorld {
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start() -> Self {
        Self::start_with(KeySource::Random, 2, |_| {})
    }

    /// The same with other keys, outcomes and terms.
    pub fn start_with(
        keys: KeySource,
        outcomes: u8,
        change: impl FnOnce(&mut CreateMarketArgs),
    ) -> Self {
        let options = MarketsOptions {
            keys,
            ..MarketsOptions::default()
        };
        Self::start_on(&options, outcomes, change)
    }

    /// The same on a venue of one's own.
    pub fn start_on(
        options: &MarketsOptions,
        outcomes: u8,
        change: impl FnOnce(&mut CreateMarketArgs),
    ) -> Self {
        let mut markets = MarketsWorld::start(options);
        let mut args = markets.terms(outcomes);
        change(&mut args);
        let market = markets.market(args);
        let opener = markets.trader(0);
        let keeper = markets.world.chain.new_actor().expect("an actor");
        let desk = addresses::desk(&market);
        let mut world = Self {
            markets,
            market,
            desk,
            opener,
            keeper,
            placed: BTreeSet::new(),
            batches: Vec::new(),
            sealed: Vec::new(),
        };
        world.open().expect("a desk");
        world.observe().expect("a reading");
        world.pass(AVERAGE_SLOTS);
        world.observe().expect("a reading");
        world
    }

    pub fn accounts(&self) -> DeskAccounts {
        DeskAccounts {
            market: self.market,
            market_program: MarketProgram::Standard,
            venue: self.markets.venue,
            mint: self.markets.mint.address,
            token_program: self.markets.token_program(),
            opener: self.opener.address(),
            keeper: self.keeper.pubkey(),
        }
    }

    pub fn build_open(&self) -> OpenDesk {
        self.accounts().open()
    }

    /// Opens the desk.
    ///
    /// # Errors
    /// Those of [`crate::Chain::send`], here and below.
    pub fn open(&mut self) -> Result<Receipt, SendError> {
        let open = self.build_open();
        self.markets.know_position(self.desk, self.market);
        let opener = self.opener.key.insecure_clone();
        let result = self.markets.send(open.instruction(), &[&opener]);
        let tokens = self.desk_tokens();
        self.markets.count_in(tokens);
        result
    }

    pub fn desk_tokens(&self) -> Pubkey {
        self.tokens_of(&self.desk)
    }

    /// The associated token account of an owner.
    pub fn tokens_of(&self, owner: &Pubkey) -> Pubkey {
        self.accounts().tokens_of(owner)
    }

    pub fn pass(&mut self, slots: u64) {
        let slot = self.markets.chain().slot() + slots;
        self.markets.go_to(slot);
    }

    pub fn observe(&mut self) -> Result<Receipt, SendError> {
        let observe = self.accounts().observe();
        self.send(&[observe.instruction()], &[])
    }

    /// Somebody with money and a position.
    pub fn trader(&mut self) -> Trader {
        let trader = self.markets.trader(PURSE);
        self.markets.open(&trader, self.market).expect("a position");
        trader
    }

    /// An iceberg for a tenth of its total at a time, a minute apart, within a limit in thousandths.
    pub fn iceberg(&self, side: OrderSide, total: u64, limit: u64) -> OrderTerms {
        OrderTerms {
            outcome: 0,
            side,
            total,
            expires_at: self.markets.seconds() + 30 * 60,
            max_deviation: 300,
            tip_lamports: TIP,
            plan: OrderPlan::Iceberg {
                shown: total / 10,
                interval_seconds: 60,
                limit: thousandths(limit),
            },
            trigger: None,
        }
    }

    pub fn build_place(&self, owner: &Trader, nonce: u64, terms: OrderTerms) -> PlaceOrder {
        PlaceOrder {
            owner_tokens: owner.tokens,
            ..self.accounts().place(owner.address(), nonce, terms)
        }
    }

    pub fn place(
        &mut self,
        owner: &Trader,
        nonce: u64,
        terms: OrderTerms,
    ) -> Result<Receipt, SendError> {
        let place = self.build_place(owner, nonce, terms);
        self.placed.insert((owner.address(), nonce));
        self.send(&[place.instruction()], &[&owner.key])
    }

    pub fn build_fill(&self, owner: &Trader, nonce: u64) -> Instruction {
        let fill = self.accounts().fill(owner.address(), nonce);
        fill.instruction()
    }

    pub fn fill(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let fill = self.build_fill(owner, nonce);
        self.send(&[fill], &[])
    }

    /// Of two orders, each an owner's and of his nonce, the older first.
    pub fn build_match(&self, older: (&Trader, u64), newer: (&Trader, u64)) -> MatchOrders {
        let [older, newer] = [older, newer].map(|(owner, nonce)| (owner.address(), nonce));
        self.accounts().cross(older, newer)
    }

    pub fn cross(
        &mut self,
        older: (&Trader, u64),
        newer: (&Trader, u64),
    ) -> Result<Receipt, SendError> {
        let build = self.build_match(older, newer);
        self.send(&[build.instruction()], &[])
    }

    pub fn build_watch(&self, owner: &Trader, nonce: u64) -> WatchOrder {
        self.accounts().watch(owner.address(), nonce)
    }

    pub fn watch(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let watch = self.build_watch(owner, nonce);
        self.send(&[watch.instruction()], &[])
    }

    pub fn build_return(&self, owner: &Trader, nonce: u64) -> ReturnOrder {
        ReturnOrder {
            owner_tokens: owner.tokens,
            ..self.accounts().give_back(owner.address(), nonce)
        }
    }

    /// By the owner.
    pub fn take_back(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let give = self.build_return(owner, nonce);
        let signed = signed_by(give.instruction(), &owner.address());
        self.send(&[signed], &[&owner.key])
    }

    /// By anybody.
    pub fn give_back(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let give = self.build_return(owner, nonce);
        self.send(&[give.instruction()], &[])
    }

    pub fn settle(&mut self) -> Result<Receipt, SendError> {
        let settle = self.accounts().settle();
        self.send(&[settle.instruction()], &[])
    }

    pub fn close(&mut self) -> Result<Receipt, SendError> {
        let close = self.accounts().close();
        self.send(&[close.instruction()], &[])
    }

    pub fn send(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let result = self.markets.send_all(instructions, signers);
        self.check();
        result
    }

    pub fn state(&self) -> Desk {
        self.markets.read(self.desk)
    }

    pub fn order(&self, owner: &Trader, nonce: u64) -> DeskOrder {
        let address = addresses::order(&self.desk, &owner.address(), nonce);
        self.markets.read(address)
    }

    pub fn find_order(&self, owner: &Trader, nonce: u64) -> Option<DeskOrder> {
        let address = addresses::order(&self.desk, &owner.address(), nonce);
        self.markets.find(address)
    }

    pub fn lamports(&self, address: Pubkey) -> u64 {
        self.markets.chain().lamports(address).unwrap_or(0)
    }

    pub fn keeper_key(&self) -> Pubkey {
        self.keeper.pubkey()
    }

    pub fn keeper_lamports(&self) -> u64 {
        self.lamports(self.keeper.pubkey())
    }

    /// What the desk says it holds is what its orders are owed, and it holds it.
    pub fn check(&self) {
        let Some(desk) = self.markets.find::<Desk>(self.desk) else {
            return;
        };
        let outcomes = desk.shares.len();
        let owed_orders = Owed::of(&self.markets, &self.desk, &self.placed, outcomes);
        let (mut money, mut shares) = (owed_orders.money, owed_orders.shares);
        let mut open = owed_orders.orders;
        for key in &self.batches {
            let Some(batch) = self.markets.find::<Batch>(key.address()) else {
                continue;
            };
            let own = self.sealed.iter().filter(|(batch, ..)| batch == key);
            let orders = own.map(|(batch, owner, nonce)| batch.order(owner, *nonce));
            let orders: Vec<SealedOrder> = orders
                .filter_map(|address| self.markets.find(address))
                .collect();
            let left = u32::try_from(orders.len()).expect("few");
            assert_eq!(batch.open_orders, left, "orders of the batch");
            let (owed, owed_shares) = owed(&batch, &orders);
            money += owed;
            for (shares, owed) in shares.iter_mut().zip(owed_shares) {
                *shares += owed;
            }
            open += 1;
        }
        assert_eq!(desk.open_orders, open, "orders");
        assert_eq!(desk.shares[..], shares[..], "shares are the orders'");
        let tokens = self.markets.balance(desk.token_account);
        if desk.is_settled() {
            assert!(desk.cash >= money, "what was redeemed is more");
        } else {
            assert_eq!(desk.cash, money, "money is the orders'");
            let position = market_addresses::position(&self.market, &self.desk);
            let position: Position = self.markets.read(position);
            assert!(
                position
                    .holdings
                    .shares
                    .iter()
                    .zip(&shares)
                    .all(|(held, own)| held >= own),
                "the position holds the orders' shares"
            );
        }
        assert!(tokens >= desk.cash, "the desk's tokens are there");
    }
}

/// A price of so many thousandths, Q1.63.
pub fn thousandths(parts: u64) -> u64 {
    Price::ratio(parts, 1_000).expect("a price").0
}
