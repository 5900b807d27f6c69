//! Slices of orders that wait in flash markets with a bet delay: placed, executed by
//! [`ExecuteOrders`](crate::instructions::flash_bets::ExecuteOrders) like any other bet, and booked.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use orders::{accounts, instruction, state::DeskOrder, ID};

use crate::{
    addresses::{
        associated_tokens,
        flash_bets::{market_tokens, ticket},
        orders::{desk, order, slice},
    },
    instructions::{build, flash_bets::EndedOrder},
};

/// What names the slice of an order, and who placed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceKey {
    pub market: Pubkey,
    /// Of the order, with its nonce.
    pub owner: Pubkey,
    pub nonce: u64,
    /// Pays the rent of the market's order; gets it, and the order's tip, when the slice is booked.
    pub rent_payer: Pubkey,
    /// Of the vault.
    pub mint: Pubkey,
    pub token_program: Pubkey,
}

impl SliceKey {
    /// Address of the order.
    pub fn order(&self) -> Pubkey {
        order(&desk(&self.market), &self.owner, self.nonce)
    }

    /// Address of the market's order, which stays until the slice is booked.
    pub fn pending(&self) -> Pubkey {
        slice(&self.market, &self.order())
    }

    /// With what it is executed.
    pub fn ended(&self) -> EndedOrder {
        let desk = desk(&self.market);
        EndedOrder {
            placer: desk,
            owner: desk,
            nonce: DeskOrder::slice_nonce(&self.order()),
            placer_tokens: self.desk_tokens(),
            rent_payer: self.rent_payer,
        }
    }

    fn desk_tokens(&self) -> Pubkey {
        associated_tokens(&desk(&self.market), &self.mint, &self.token_program)
    }
}

/// Has the next slice of an order wait in its market; signed by the rent payer.
#[derive(Clone, Copy, Debug)]
pub struct PlaceSlice {
    pub slice: SliceKey,
    pub vault: Pubkey,
    /// Lamports from the rent payer for whoever executes it: at least [`DeskOrder::least_slice_tip`].
    pub tip_lamports: u64,
}

impl PlaceSlice {
    pub fn instruction(&self) -> Instruction {
        let slice = self.slice;
        let desk = desk(&slice.market);
        build(
            ID,
            &accounts::PlaceSlice {
                rent_payer: slice.rent_payer,
                desk,
                order: slice.order(),
                venue: self.vault,
                market: slice.market,
                desk_position: ticket(&slice.market, &desk),
                market_tokens: market_tokens(&slice.market),
                desk_tokens: slice.desk_tokens(),
                pending: slice.pending(),
                token_program: slice.token_program,
                market_program: flash_bets::ID,
                system_program: system_program::ID,
            },
            &instruction::PlaceSlice {
                tip_lamports: self.tip_lamports,
            },
        )
    }
}

/// Books how a slice ended.
#[derive(Clone, Copy, Debug)]
pub struct BookSlice {
    pub slice: SliceKey,
}

impl BookSlice {
    pub fn instruction(&self) -> Instruction {
        let slice = self.slice;
        let desk = desk(&slice.market);
        build(
            ID,
            &accounts::BookSlice {
                desk,
                order: slice.order(),
                pending: slice.pending(),
                rent_payer: slice.rent_payer,
                desk_position: ticket(&slice.market, &desk),
                desk_tokens: slice.desk_tokens(),
                token_program: slice.token_program,
                flash_bets_program: flash_bets::ID,
            },
            &instruction::BookSlice {},
        )
    }
}
