use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::{govern::Govern, propose_change::VaultChange};
use crate::{error::FlashError, state::Vault};

/// Which change of a vault.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultTerm {
    Caps,
    Operator,
    Treasury,
    FeeSplit,
    NoticeSeconds,
    ChainTerms,
}

#[event]
pub struct ChangeCancelled {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub authority: Pubkey,
    pub cancelled: VaultChange,
}

/// Withdraws a change before it is in force; admin or guardian.
pub fn handle_cancel_change(ctx: Context<Govern>, term: VaultTerm) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    accounts.require_admin_or_guardian(now)?;

    let mut vault = accounts.vault.load_mut()?;
    let cancelled = cancel(&mut vault, term, now)?;
    emit!(ChangeCancelled {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        authority: accounts.authority.key(),
        cancelled,
    });
    Ok(())
}

fn cancel(
    vault: &mut Vault,
    term: VaultTerm,
    now: i64,
) -> core::result::Result<VaultChange, FlashError> {
    Ok(match term {
        VaultTerm::Caps => VaultChange::Caps(vault.caps.cancel(now)?),
        VaultTerm::Operator => VaultChange::Operator(vault.operator.cancel(now)?),
        VaultTerm::Treasury => VaultChange::Treasury(vault.treasury.cancel(now)?),
        VaultTerm::FeeSplit => VaultChange::FeeSplit(vault.fee_split.cancel(now)?),
        VaultTerm::NoticeSeconds => VaultChange::NoticeSeconds(vault.notice_seconds.cancel(now)?),
        VaultTerm::ChainTerms => VaultChange::ChainTerms(vault.chain_terms.cancel(now)?),
    })
}
