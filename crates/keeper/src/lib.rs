//! A keeper does what anybody may do, once it is due: it executes orders, takes results into the
//! markets, pays who is owed and closes what is done.
//!
//! *Plans* are pure: from the state of accounts and the clock to [`Action`]s that the programs would
//! accept now. What depends on an earlier action of a plan is in the next plan, made from what is
//! then on the chain. [`Snapshot`] sorts a chain's accounts into what plans are made of, and
//! [`driver`] carries them out on any chain that a [`driver::Driver`] reaches.
//!
//! ```text
//! accounts ─ Snapshot ─► flash_bets::MarketView │ VaultView │ markets::MarketView │ orders::DeskView │ leverage::ListingView ─ plan ─► Action
//! ```

mod action;
pub mod driver;
pub mod flash_bets;
pub mod leverage;
pub mod markets;
pub mod orders;
mod snapshot;

pub use action::Action;
pub use snapshot::{Proposer, Settings, Snapshot};

/// A token program's account of an owner that anybody may pay into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    pub mint: solana_pubkey::Pubkey,
    pub token_program: solana_pubkey::Pubkey,
}

impl Money {
    /// The owner's associated token account, where anybody may have the owner paid.
    pub fn account_of(&self, owner: &solana_pubkey::Pubkey) -> solana_pubkey::Pubkey {
        client::addresses::associated_tokens(owner, &self.mint, &self.token_program)
    }
}
