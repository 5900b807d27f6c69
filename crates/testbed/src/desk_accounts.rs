//! What desks on markets of either program have alike: instructions, and what their orders are owed.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::{associated_tokens, orders as addresses},
    instructions::orders::*,
};
use orders::state::DeskOrder;

use crate::{
    program_world::{self, ProgramWorld},
    SLICE_TIP,
};

/// The accounts of a desk that is there, and who serves it.
#[derive(Clone, Copy, Debug)]
pub struct DeskAccounts {
    pub market: Pubkey,
    pub market_program: MarketProgram,
    /// Or vault.
    pub venue: Pubkey,
    pub mint: Pubkey,
    pub token_program: Pubkey,
    /// Pays the desk's rent.
    pub opener: Pubkey,
    /// Gets the tips.
    pub keeper: Pubkey,
}

impl DeskAccounts {
    pub fn desk(&self) -> Pubkey {
        addresses::desk(&self.market)
    }

    /// The associated token account of an owner.
    pub fn tokens_of(&self, owner: &Pubkey) -> Pubkey {
        associated_tokens(owner, &self.mint, &self.token_program)
    }

    pub fn open(&self) -> OpenDesk {
        OpenDesk {
            payer: self.opener,
            market: self.market,
            vault: (self.market_program == MarketProgram::Flash).then_some(self.venue),
            mint: self.mint,
            token_program: self.token_program,
        }
    }

    pub fn observe(&self) -> ObservePrices {
        ObservePrices {
            venue: self.venue,
            market: self.market,
        }
    }

    /// Paid for by the owner.
    pub fn place(&self, owner: Pubkey, nonce: u64, terms: OrderTerms) -> PlaceOrder {
        PlaceOrder {
            payer: owner,
            owner,
            market: self.market,
            market_program: self.market_program,
            owner_tokens: self.tokens_of(&owner),
            mint: self.mint,
            token_program: self.token_program,
            nonce,
            terms,
        }
    }

    pub fn fill(&self, owner: Pubkey, nonce: u64) -> FillOrder {
        FillOrder {
            executor: self.keeper,
            venue: self.venue,
            market: self.market,
            market_program: self.market_program,
            owner,
            nonce,
            mint: self.mint,
            token_program: self.token_program,
        }
    }

    /// Of two orders, each an owner's and of his nonce, the older first.
    pub fn cross(&self, older: (Pubkey, u64), newer: (Pubkey, u64)) -> MatchOrders {
        MatchOrders {
            executor: self.keeper,
            venue: self.venue,
            market: self.market,
            market_program: self.market_program,
            older,
            newer,
            mint: self.mint,
            token_program: self.token_program,
        }
    }

    /// Of an owner's order, of a slice that the keeper placed.
    pub fn slice(&self, owner: Pubkey, nonce: u64) -> SliceKey {
        SliceKey {
            market: self.market,
            owner,
            nonce,
            rent_payer: self.keeper,
            mint: self.mint,
            token_program: self.token_program,
        }
    }

    pub fn place_slice(&self, owner: Pubkey, nonce: u64) -> PlaceSlice {
        PlaceSlice {
            slice: self.slice(owner, nonce),
            vault: self.venue,
            tip_lamports: SLICE_TIP,
        }
    }

    pub fn watch(&self, owner: Pubkey, nonce: u64) -> WatchOrder {
        WatchOrder {
            executor: self.keeper,
            venue: self.venue,
            market: self.market,
            owner,
            nonce,
        }
    }

    pub fn give_back(&self, owner: Pubkey, nonce: u64) -> ReturnOrder {
        ReturnOrder {
            executor: self.keeper,
            market: self.market,
            market_program: self.market_program,
            owner,
            nonce,
            owner_tokens: self.tokens_of(&owner),
            rent_payer: owner,
            mint: self.mint,
            token_program: self.token_program,
        }
    }

    pub fn settle(&self) -> SettleDesk {
        SettleDesk {
            market: self.market,
            market_program: self.market_program,
            rent_payer: self.opener,
            mint: self.mint,
            token_program: self.token_program,
        }
    }

    pub fn close(&self) -> CloseDesk {
        CloseDesk {
            market: self.market,
            market_program: self.market_program,
            mint: self.mint,
            rent_payer: self.opener,
            token_program: self.token_program,
        }
    }
}

/// What a desk owes its orders.
pub(crate) struct Owed {
    pub money: u64,
    pub shares: Vec<u64>,
    pub orders: u32,
    /// Slices that are not booked, and what they take of a safe move together.
    pub in_flight: (u32, u64),
}

impl Owed {
    /// Of the orders of a desk that are still there, among those that were placed.
    ///
    /// # Panics
    /// If one of them has less than its tips.
    pub fn of<P: program_world::MarketProgram>(
        world: &ProgramWorld<P>,
        desk: &Pubkey,
        placed: &BTreeSet<(Pubkey, u64)>,
        outcomes: usize,
    ) -> Self {
        let mut owed = Self {
            money: 0,
            shares: vec![0; outcomes],
            orders: 0,
            in_flight: (0, 0),
        };
        let rent = world.chain().rent(8 + DeskOrder::SPACE);
        for (owner, nonce) in placed {
            let address = addresses::order(desk, owner, *nonce);
            let Some(order) = world.find::<DeskOrder>(address) else {
                continue;
            };
            owed.money += order.money;
            owed.shares[usize::from(order.outcome)] += order.shares;
            owed.orders += 1;
            if let Some(slice) = order.in_flight {
                let (slices, load) = owed.in_flight;
                owed.in_flight = (slices + 1, load + slice.load);
            }
            let tips = order.tips_left().expect("a sum");
            let lamports = world.chain().lamports(address).unwrap_or(0);
            assert!(lamports >= rent + tips, "tips are paid for");
        }
        owed
    }
}
