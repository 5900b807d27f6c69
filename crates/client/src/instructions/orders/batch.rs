//! Sealed orders, from the opening of their batch to its closing.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use orders::{accounts, instruction, instructions::SealArgs, state::SealedTerms, ID};

use crate::{
    addresses::{
        associated_tokens,
        markets::{market_tokens, position},
        orders::{batch, desk, sealed_order},
    },
    instructions::build,
};

/// What names a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchKey {
    pub market: Pubkey,
    /// Its orders put in ten to this power base units.
    pub denomination_power: u8,
    /// First unix second after the commitments, a multiple of 900.
    pub commit_until: i64,
}

impl BatchKey {
    pub fn desk(&self) -> Pubkey {
        desk(&self.market)
    }

    /// Address of the batch.
    pub fn address(&self) -> Pubkey {
        batch(&self.desk(), self.denomination_power, self.commit_until)
    }

    /// Address of a sealed order in it.
    pub fn order(&self, owner: &Pubkey, nonce: u64) -> Pubkey {
        sealed_order(&self.address(), owner, nonce)
    }
}

/// Opens a batch; signed by the payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenBatch {
    /// Pays the rent, and gets it on close.
    pub payer: Pubkey,
    pub batch: BatchKey,
}

impl OpenBatch {
    pub fn instruction(&self) -> Instruction {
        let BatchKey {
            market,
            denomination_power,
            commit_until,
        } = self.batch;
        build(
            ID,
            &accounts::OpenBatch {
                payer: self.payer,
                desk: self.batch.desk(),
                market,
                batch: self.batch.address(),
                system_program: system_program::ID,
            },
            &instruction::OpenBatch {
                denomination_power,
                commit_until,
            },
        )
    }
}

/// Puts an order into a batch; signed by payer and owner, who has a position in the market. Its terms have to
/// be kept until they are revealed: without them the bond is lost.
#[derive(Clone, Copy, Debug)]
pub struct SealOrder {
    /// Pays rent and tips, and gets what is left of them.
    pub payer: Pubkey,
    pub owner: Pubkey,
    pub batch: BatchKey,
    pub venue: Pubkey,
    pub owner_tokens: Pubkey,
    /// Of the venue.
    pub mint: Pubkey,
    pub token_program: Pubkey,
    /// Of the owner's choice: two orders of his in one batch differ in it.
    pub nonce: u64,
    /// Nothing of them is sent but their commitment.
    pub terms: SealedTerms,
    /// The greatest bond, base units, and lamports for who returns the order, and as many for who prices and
    /// crosses the batch.
    pub max_bond: u64,
    pub tip_lamports: u64,
}

impl SealOrder {
    pub fn instruction(&self) -> Instruction {
        let (market, desk) = (self.batch.market, self.batch.desk());
        let order = self.batch.order(&self.owner, self.nonce);
        build(
            ID,
            &accounts::SealOrder {
                payer: self.payer,
                owner: self.owner,
                desk,
                venue: self.venue,
                market,
                batch: self.batch.address(),
                sealed_order: order,
                owner_tokens: self.owner_tokens,
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                owner_position: position(&market, &self.owner),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::SealOrder {
                nonce: self.nonce,
                args: SealArgs {
                    commitment: self.terms.commitment(&order),
                    max_bond: self.max_bond,
                    tip_lamports: self.tip_lamports,
                },
            },
        )
    }
}

/// Begins to average a batch's price, or fixes it.
#[derive(Clone, Copy, Debug)]
pub struct PriceBatch {
    /// Gets the tip.
    pub executor: Pubkey,
    pub batch: BatchKey,
    pub venue: Pubkey,
}

impl PriceBatch {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::PriceBatch {
                executor: self.executor,
                desk: self.batch.desk(),
                venue: self.venue,
                market: self.batch.market,
                batch: self.batch.address(),
            },
            &instruction::PriceBatch {},
        )
    }
}

/// Shows what a sealed order buys.
#[derive(Clone, Copy, Debug)]
pub struct RevealOrder {
    pub batch: BatchKey,
    pub owner: Pubkey,
    pub nonce: u64,
    pub terms: SealedTerms,
}

impl RevealOrder {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RevealOrder {
                desk: self.batch.desk(),
                batch: self.batch.address(),
                sealed_order: self.batch.order(&self.owner, self.nonce),
            },
            &instruction::RevealOrder { terms: self.terms },
        )
    }
}

/// Crosses the sides of a batch, or makes it void.
#[derive(Clone, Copy, Debug)]
pub struct CrossBatch {
    /// Gets the tip.
    pub executor: Pubkey,
    pub batch: BatchKey,
    pub venue: Pubkey,
    /// Of the venue.
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl CrossBatch {
    pub fn instruction(&self) -> Instruction {
        let (market, desk) = (self.batch.market, self.batch.desk());
        build(
            ID,
            &accounts::CrossBatch {
                executor: self.executor,
                desk,
                batch: self.batch.address(),
                venue: self.venue,
                market,
                desk_position: position(&market, &desk),
                market_tokens: market_tokens(&market),
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                token_program: self.token_program,
                markets_program: markets::ID,
            },
            &instruction::CrossBatch {},
        )
    }
}

/// Gives an owner what his sealed order came to; signed by the owner before the commitments end. Use
/// [`crate::instructions::signed_by`] for that.
#[derive(Clone, Copy, Debug)]
pub struct ReturnSealedOrder {
    /// Gets the tip unless the owner signs.
    pub executor: Pubkey,
    pub batch: BatchKey,
    pub owner: Pubkey,
    pub nonce: u64,
    /// The owner's associated token account, or any of his if he signs.
    pub owner_tokens: Pubkey,
    /// Paid the order's rent.
    pub rent_payer: Pubkey,
    /// Of the venue.
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl ReturnSealedOrder {
    pub fn instruction(&self) -> Instruction {
        let (market, desk) = (self.batch.market, self.batch.desk());
        build(
            ID,
            &accounts::ReturnSealedOrder {
                executor: self.executor,
                desk,
                batch: self.batch.address(),
                sealed_order: self.batch.order(&self.owner, self.nonce),
                owner: self.owner,
                rent_payer: self.rent_payer,
                market,
                owner_tokens: self.owner_tokens,
                desk_tokens: associated_tokens(&desk, &self.mint, &self.token_program),
                owner_position: position(&market, &self.owner),
                desk_position: position(&market, &desk),
                token_program: self.token_program,
                markets_program: markets::ID,
                fallback_tokens: None,
            },
            &instruction::ReturnSealedOrder {},
        )
    }
}

/// Closes a batch whose orders are returned.
#[derive(Clone, Copy, Debug)]
pub struct CloseBatch {
    pub batch: BatchKey,
    /// Paid the batch's rent.
    pub rent_payer: Pubkey,
    pub venue: Pubkey,
    /// Of the venue, now.
    pub treasury: Pubkey,
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl CloseBatch {
    pub fn instruction(&self) -> Instruction {
        let desk = self.batch.desk();
        let tokens = |owner| associated_tokens(owner, &self.mint, &self.token_program);
        build(
            ID,
            &accounts::CloseBatch {
                desk,
                batch: self.batch.address(),
                rent_payer: self.rent_payer,
                venue: self.venue,
                treasury: self.treasury,
                treasury_tokens: tokens(&self.treasury),
                desk_tokens: tokens(&desk),
                token_program: self.token_program,
            },
            &instruction::CloseBatch {},
        )
    }
}
