//! A flash market with a desk, whose books are checked after every transaction.

use std::collections::BTreeSet;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::{flash_bets as flash_addresses, orders as addresses},
    instructions::{flash_bets::FlashMarketTerms, orders::*, signed_by},
};
use flash_bets::state::Ticket;
use orders::state::{Desk, DeskOrder};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    desk_accounts::{DeskAccounts, Owed},
    FlashOptions, FlashWorld, KeySource, Receipt, SendError, User, PURSE, TIP,
};

/// A flash market of an hour at even prices, depth 10⁹, fee 1 %, without bet delay, with a desk.
pub struct FlashDeskWorld {
    pub flash: FlashWorld,
    pub market: Pubkey,
    /// Paid the desk's rent.
    pub opener: User,
    /// Executes orders.
    pub keeper: Keypair,
    /// Owner and nonce of every order so far.
    pub placed: BTreeSet<(Pubkey, u64)>,
}

impl FlashDeskWorld {
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// The same with other terms.
    pub fn start_with(change: impl FnOnce(&mut FlashMarketTerms)) -> Self {
        let mut world = Self::without_desk(KeySource::Random, change);
        world.open().expect("a desk");
        world
    }

    /// The same without a desk.
    pub fn without_desk(keys: KeySource, change: impl FnOnce(&mut FlashMarketTerms)) -> Self {
        let mut flash = FlashWorld::start(&FlashOptions {
            keys,
            ..FlashOptions::default()
        });
        let provider = flash.user(PURSE);
        flash.deposit(&provider, PURSE).expect("a deposit");
        let mut terms = flash.lasting(2, 60 * 60);
        change(&mut terms);
        let market = flash.market(terms);
        let opener = flash.user(0);
        let keeper = flash.world.chain.new_actor().expect("an actor");
        let desk = addresses::desk(&market);
        flash.admit(desk, market, 0);
        Self {
            flash,
            market,
            opener,
            keeper,
            placed: BTreeSet::new(),
        }
    }

    pub fn accounts(&self) -> DeskAccounts {
        DeskAccounts {
            market: self.market,
            market_program: MarketProgram::Flash,
            venue: self.flash.vault,
            mint: self.flash.mint.address,
            token_program: self.flash.token_program(),
            opener: self.opener.address(),
            keeper: self.keeper.pubkey(),
        }
    }

    /// Opens the desk.
    ///
    /// # Errors
    /// Those of [`crate::Chain::send`], here and below.
    pub fn open(&mut self) -> Result<Receipt, SendError> {
        let open = self.accounts().open().instruction();
        let key = self.opener.key.insecure_clone();
        self.send(&[open], &[&key])
    }

    /// Somebody with money and a ticket.
    pub fn user(&mut self) -> User {
        let user = self.flash.user(PURSE);
        let market = self.market;
        self.flash.open_ticket(&user, market).expect("a ticket");
        user
    }

    pub fn seconds(&self) -> i64 {
        self.flash.chain().now().seconds()
    }

    /// Moves on by so many slots, of 400 ms.
    pub fn pass(&mut self, slots: u64) {
        let slot = self.flash.chain().slot() + slots;
        self.flash.go_to(slot);
    }

    /// An iceberg for a quarter of its total at a time, ten seconds apart, within a limit, Q1.63.
    pub fn iceberg(&self, side: OrderSide, total: u64, limit: u64) -> OrderTerms {
        OrderTerms {
            outcome: 0,
            side,
            total,
            expires_at: self.seconds() + 10 * 60,
            max_deviation: 300,
            tip_lamports: TIP,
            plan: OrderPlan::Iceberg {
                shown: total / 4,
                interval_seconds: 10,
                limit,
            },
            trigger: None,
        }
    }

    pub fn place(
        &mut self,
        owner: &User,
        nonce: u64,
        terms: OrderTerms,
    ) -> Result<Receipt, SendError> {
        let place = self.accounts().place(owner.address(), nonce, terms);
        self.placed.insert((owner.address(), nonce));
        self.send(&[place.instruction()], &[&owner.key])
    }

    pub fn fill(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let fill = self.accounts().fill(owner.address(), nonce);
        self.send(&[fill.instruction()], &[])
    }

    /// Has the next slice wait in the market, paid for by the keeper.
    pub fn place_slice(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let place = self.accounts().place_slice(owner.address(), nonce);
        self.flash.know(self.market, place.slice.pending());
        let key = self.keeper.insecure_clone();
        self.send(&[place.instruction()], &[&key])
    }

    /// Ends the slice in the market.
    pub fn execute_slice(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let execute = self.build_execute_slice(owner, nonce);
        self.send(&[execute], &[])
    }

    pub fn build_execute_slice(&self, owner: &User, nonce: u64) -> Instruction {
        let slice = self.accounts().slice(owner.address(), nonce);
        let execute = self
            .flash
            .build_execute_all(self.market, vec![slice.ended()]);
        execute.instruction()
    }

    pub fn book_slice(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let slice = self.accounts().slice(owner.address(), nonce);
        self.send(&[BookSlice { slice }.instruction()], &[])
    }

    /// By the owner.
    pub fn cancel(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let cancel = CancelOrder {
            market: self.market,
            owner: owner.address(),
            nonce,
        };
        self.send(&[cancel.instruction()], &[&owner.key])
    }

    pub fn watch(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let watch = self.accounts().watch(owner.address(), nonce);
        self.send(&[watch.instruction()], &[])
    }

    pub fn cross(
        &mut self,
        older: (&User, u64),
        newer: (&User, u64),
    ) -> Result<Receipt, SendError> {
        let [older, newer] = [older, newer].map(|(owner, nonce)| (owner.address(), nonce));
        let pair = self.accounts().cross(older, newer);
        self.send(&[pair.instruction()], &[])
    }

    pub fn observe(&mut self) -> Result<Receipt, SendError> {
        let observe = self.accounts().observe();
        self.send(&[observe.instruction()], &[])
    }

    /// By the owner.
    pub fn take_back(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let give = self.accounts().give_back(owner.address(), nonce);
        let signed = signed_by(give.instruction(), &owner.address());
        self.send(&[signed], &[&owner.key])
    }

    /// By anybody.
    pub fn give_back(&mut self, owner: &User, nonce: u64) -> Result<Receipt, SendError> {
        let give = self.accounts().give_back(owner.address(), nonce);
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
        let result = self.flash.send_all(instructions, signers);
        self.check();
        result
    }

    pub fn desk(&self) -> Pubkey {
        addresses::desk(&self.market)
    }

    pub fn state(&self) -> Desk {
        self.flash.read(self.desk())
    }

    pub fn find_order(&self, owner: &User, nonce: u64) -> Option<DeskOrder> {
        let address = addresses::order(&self.desk(), &owner.address(), nonce);
        self.flash.find(address)
    }

    pub fn lamports(&self, address: Pubkey) -> u64 {
        self.flash.chain().lamports(address).unwrap_or(0)
    }

    /// What the desk says it holds is what its orders are owed, and it holds it; what it set aside is in the
    /// market, or came out of it and is not booked.
    pub fn check(&self) {
        let Some(desk) = self.flash.find::<Desk>(self.desk()) else {
            return;
        };
        let outcomes = desk.shares.len();
        let owed = Owed::of(&self.flash, &self.desk(), &self.placed, outcomes);
        assert_eq!(desk.open_orders, owed.orders, "orders");
        assert_eq!(desk.shares[..], owed.shares[..], "shares are the orders'");
        let in_flight = (desk.slices_in_flight, desk.load_in_flight);
        assert_eq!(in_flight, owed.in_flight, "slices are in the market");
        assert!(self.flash.balance(desk.token_account) >= desk.cash);
        if desk.is_settled() {
            assert!(desk.cash >= owed.money, "what was redeemed is more");
            return;
        }
        assert_eq!(desk.cash, owed.money, "money is the orders'");
        let ticket = flash_addresses::ticket(&self.market, &self.desk());
        let Some(ticket) = self.flash.find::<Ticket>(ticket) else {
            return;
        };
        let mut both = ticket.holdings.shares.iter().zip(&owed.shares);
        assert!(both.all(|(held, own)| held >= own), "the ticket holds them");
    }
}
