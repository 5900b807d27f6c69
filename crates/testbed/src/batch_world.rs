//! A batch of sealed orders on a market with a desk.

use anchor_lang::prelude::Pubkey;
use client::instructions::{orders::*, signed_by};
use math::Price;
use orders::state::{Batch, BatchStatus, SealedOrder, AVERAGE_SLOTS, BATCH_GRID_SECONDS};
use rand::RngCore;

use crate::{DeskWorld, KeySource, Receipt, SendError, Trader, TIP};

/// Power of ten that orders put in, and that many base units.
pub const DENOMINATION_POWER: u8 = 7;
pub const DENOMINATION: u64 = 10_000_000;

/// A sealed order that somebody put in.
#[derive(Clone, Copy, Debug)]
pub struct Sealed {
    pub owner: Pubkey,
    pub nonce: u64,
    pub terms: SealedTerms,
}

impl Sealed {
    pub fn new(owner: &Trader, nonce: u64, terms: SealedTerms) -> Self {
        Self {
            owner: owner.address(),
            nonce,
            terms,
        }
    }
}

/// A batch that is open on a market of six hours.
pub struct BatchWorld {
    pub desk: DeskWorld,
    pub batch: BatchKey,
}

impl BatchWorld {
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start() -> Self {
        let mut world = Self::unopened(KeySource::Random);
        world.open().expect("a batch");
        world
    }

    /// A market with a desk, and the batch that comes next.
    pub fn unopened(keys: KeySource) -> Self {
        let desk = DeskWorld::start_with(keys, 2, |args| {
            args.locks_at = args.opens_at + 6 * 60 * 60;
            args.observe_at_ms = u64::try_from(args.locks_at).expect("a time") * 1_000;
        });
        let batch = Self::next_batch(&desk);
        Self { desk, batch }
    }

    /// # Errors
    /// Those of [`crate::Chain::send`], here and below.
    pub fn open(&mut self) -> Result<Receipt, SendError> {
        let open = OpenBatch {
            payer: self.desk.opener.address(),
            batch: self.batch,
        };
        let opener = self.desk.opener.key.insecure_clone();
        self.desk.batches.push(self.batch);
        self.desk.send(&[open.instruction()], &[&opener])
    }

    /// The soonest that can be opened.
    pub fn next_batch(desk: &DeskWorld) -> BatchKey {
        let soonest = desk.markets.seconds() + orders::state::MIN_COMMIT_SECONDS;
        let grid = BATCH_GRID_SECONDS;
        BatchKey {
            market: desk.market,
            denomination_power: DENOMINATION_POWER,
            commit_until: (soonest + grid - 1) / grid * grid,
        }
    }

    /// Terms with a salt of their own; the limit in thousandths.
    pub fn terms(outcome: u8, limit: u64) -> SealedTerms {
        let mut salt = [0; 32];
        rand::thread_rng().fill_bytes(&mut salt);
        SealedTerms {
            outcome,
            limit: Price::ratio(limit, 1_000).expect("a price").0,
            salt,
        }
    }

    pub fn build_seal(&self, owner: &Trader, nonce: u64, terms: SealedTerms) -> SealOrder {
        SealOrder {
            payer: owner.address(),
            owner: owner.address(),
            batch: self.batch,
            venue: self.desk.markets.venue,
            owner_tokens: owner.tokens,
            mint: self.desk.markets.mint.address,
            token_program: self.desk.markets.token_program(),
            nonce,
            terms,
            max_bond: u64::MAX,
            tip_lamports: TIP,
        }
    }

    pub fn seal(
        &mut self,
        owner: &Trader,
        nonce: u64,
        terms: SealedTerms,
    ) -> Result<Receipt, SendError> {
        let seal = self.build_seal(owner, nonce, terms);
        self.desk.sealed.push((self.batch, owner.address(), nonce));
        self.desk.send(&[seal.instruction()], &[&owner.key])
    }

    pub fn build_price(&self) -> PriceBatch {
        PriceBatch {
            executor: self.desk.keeper_key(),
            batch: self.batch,
            venue: self.desk.markets.venue,
        }
    }

    pub fn price(&mut self) -> Result<Receipt, SendError> {
        let price = self.build_price().instruction();
        self.desk.send(&[price], &[])
    }

    /// To the end of the commitments, and to a fixed price.
    pub fn fix_price(&mut self) {
        self.desk.markets.go_to_second(self.batch.commit_until);
        self.price().expect("a first reading");
        self.desk.pass(AVERAGE_SLOTS);
        self.price().expect("a price");
    }

    pub fn reveal(&mut self, order: Sealed) -> Result<Receipt, SendError> {
        let reveal = RevealOrder {
            batch: self.batch,
            owner: order.owner,
            nonce: order.nonce,
            terms: order.terms,
        };
        self.desk.send(&[reveal.instruction()], &[])
    }

    pub fn build_cross(&self) -> CrossBatch {
        CrossBatch {
            executor: self.desk.keeper_key(),
            batch: self.batch,
            venue: self.desk.markets.venue,
            mint: self.desk.markets.mint.address,
            token_program: self.desk.markets.token_program(),
        }
    }

    pub fn cross(&mut self) -> Result<Receipt, SendError> {
        let cross = self.build_cross().instruction();
        self.desk.send(&[cross], &[])
    }

    pub fn pass_revealing(&mut self) {
        let until = self.state().reveal_until();
        self.desk.markets.go_to_second(until + 1);
    }

    pub fn build_return(&self, owner: &Trader, nonce: u64) -> ReturnSealedOrder {
        ReturnSealedOrder {
            executor: self.desk.keeper_key(),
            batch: self.batch,
            owner: owner.address(),
            nonce,
            owner_tokens: owner.tokens,
            rent_payer: owner.address(),
            mint: self.desk.markets.mint.address,
            token_program: self.desk.markets.token_program(),
        }
    }

    /// By anybody.
    pub fn give_back(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let give = self.build_return(owner, nonce).instruction();
        self.desk.send(&[give], &[])
    }

    /// By the owner.
    pub fn take_back(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let take = self.build_return(owner, nonce).instruction();
        let signed = signed_by(take, &owner.address());
        self.desk.send(&[signed], &[&owner.key])
    }

    pub fn close(&mut self) -> Result<Receipt, SendError> {
        let seconds = self.desk.markets.seconds();
        let close = CloseBatch {
            batch: self.batch,
            rent_payer: self.desk.opener.address(),
            venue: self.desk.markets.venue,
            treasury: self.desk.markets.venue_state().treasury.at(seconds),
            mint: self.desk.markets.mint.address,
            token_program: self.desk.markets.token_program(),
        };
        self.desk.send(&[close.instruction()], &[])
    }

    pub fn state(&self) -> Batch {
        self.desk.markets.read(self.batch.address())
    }

    pub fn order(&self, owner: &Trader, nonce: u64) -> SealedOrder {
        let address = self.batch.order(&owner.address(), nonce);
        self.desk.markets.read(address)
    }
}

/// Base units, and shares of both outcomes, that a desk holds for a batch and its orders.
pub fn owed(batch: &Batch, orders: &[SealedOrder]) -> (u64, [u64; 2]) {
    let denomination = batch.denomination().expect("one of a batch");
    let bonds: u64 = orders.iter().map(|order| order.bond).sum();
    if batch.status != BatchStatus::Crossed {
        let count = u64::try_from(orders.len()).expect("few");
        return (count * denomination + bonds, [0; 2]);
    }
    let own = orders.iter().map(|order| match order.revealed {
        None => denomination,
        Some(revealed) if revealed.is_within_limit => order.bond,
        Some(_) => denomination + order.bond,
    });
    let claims = batch.claims.iter();
    let claimed: u64 = claims.map(|claims| claims.unspent + claims.forfeited).sum();
    let money = own.sum::<u64>() + claimed + batch.treasury_due;
    (money, batch.claims.map(|claims| claims.shares))
}
