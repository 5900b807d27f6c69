use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::{cancel_chain::EndChain, endings::book_paid};
use crate::{error::FlashError, state::ChainStatus};

#[event]
pub struct ChainClosed {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub chain: Pubkey,
    pub owner: Pubkey,
    pub stake: u64,
    /// Base units that the owner was paid: nothing if a leg was lost.
    pub paid: u64,
    /// After it.
    pub vault_cash: u64,
    pub chain_reserve: u64,
}

/// Pays a chain whose legs are all won or void what is reserved for it, and closes it; or closes one with a
/// lost leg; anybody, once it has taken every leg's result.
pub fn handle_close_chain(ctx: Context<EndChain>) -> Result<()> {
    let clock = Clock::get()?;
    let accounts = ctx.accounts;
    let paid = {
        let chain = accounts.chain.load()?;
        require!(!chain.is(ChainStatus::Waiting), FlashError::ChainNotOpen);
        require_eq!(chain.open_legs, 0, FlashError::LegsOpen);
        let mut vault = accounts.vault.load_mut()?;
        let paid = chain.reserve;
        book_paid(&mut vault, &chain, paid, clock.unix_timestamp)?;
        emit!(ChainClosed {
            header: vault.next_event(&clock)?,
            vault: accounts.vault.key(),
            chain: accounts.chain.key(),
            owner: chain.owner,
            stake: chain.stake,
            paid,
            vault_cash: vault.cash,
            chain_reserve: vault.chain_reserve,
        });
        paid
    };
    accounts.pay(paid)
}
