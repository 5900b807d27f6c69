//! Instructions of the orders.

mod batch;
mod desk;
mod order;
mod slice;

pub use batch::*;
pub use desk::*;
pub use order::*;
pub use orders::instructions::{OrderPlan, OrderTerms};
pub use orders::state::{OrderSide, SealedTerms, TriggerTerms};
pub use slice::*;

use anchor_lang::prelude::Pubkey;

use crate::addresses::{flash_bets as flash_addresses, markets as market_addresses};

/// The program of a desk's market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketProgram {
    Standard,
    Flash,
}

impl MarketProgram {
    /// That of a desk; `None` if it is neither's address.
    pub fn of(program: &Pubkey) -> Option<Self> {
        [Self::Standard, Self::Flash]
            .into_iter()
            .find(|kind| kind.id() == *program)
    }

    pub fn id(self) -> Pubkey {
        match self {
            Self::Standard => markets::ID,
            Self::Flash => flash_bets::ID,
        }
    }

    /// An owner's position in a standard market, or ticket in a flash market.
    pub fn position(self, market: &Pubkey, owner: &Pubkey) -> Pubkey {
        match self {
            Self::Standard => market_addresses::position(market, owner),
            Self::Flash => flash_addresses::ticket(market, owner),
        }
    }

    pub fn market_tokens(self, market: &Pubkey) -> Pubkey {
        match self {
            Self::Standard => market_addresses::market_tokens(market),
            Self::Flash => flash_addresses::market_tokens(market),
        }
    }
}
