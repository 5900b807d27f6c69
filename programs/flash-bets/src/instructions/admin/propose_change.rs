use anchor_lang::prelude::*;
use program_kit::EventHeader;

use super::govern::Govern;
use crate::{
    error::FlashError,
    state::{check_notice, Caps, ChainTerms, FeeSplit, Vault},
};

/// What of a vault can change, and to what.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultChange {
    Caps(Caps),
    Operator(Pubkey),
    Treasury(Pubkey),
    /// Of markets that are created from then on.
    FeeSplit(FeeSplit),
    /// Of requests that are made from then on.
    NoticeSeconds(u64),
    /// Of chains that are requested or opened from then on.
    ChainTerms(ChainTerms),
}

#[event]
pub struct ChangeProposed {
    pub header: EventHeader,
    pub vault: Pubkey,
    pub authority: Pubkey,
    /// What is in force until `active_from`, and what from then on; unix seconds.
    pub old: VaultChange,
    pub new: VaultChange,
    pub active_from: i64,
}

/// Changes a term of the vault after the timelock; the admin. Caps that are nowhere wider are in force
/// at once, by admin or guardian, and end what was pending.
pub fn handle_propose_change(ctx: Context<Govern>, change: VaultChange) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = ctx.accounts;
    change.check()?;
    let mut vault = accounts.vault.load_mut()?;
    let old = change.in_force(&vault, now);
    let active_from = match change {
        VaultChange::Caps(caps) if caps.only_tightens(&vault.caps.at(now)) => {
            accounts.require_admin_or_guardian(now)?;
            vault.caps.set(caps);
            now
        }
        _ => {
            accounts.require_admin()?;
            let active_from = accounts.config.active_from(now)?;
            change.propose(&mut vault, now, active_from);
            active_from
        }
    };
    emit!(ChangeProposed {
        header: vault.next_event(&clock)?,
        vault: accounts.vault.key(),
        authority: accounts.authority.key(),
        old,
        new: change,
        active_from,
    });
    Ok(())
}

impl VaultChange {
    /// # Errors
    /// `CapsOutOfRange`, `DefaultKey`, `FeeSplitOutOfRange`, `NoticeOutOfRange`, `ChainTermsOutOfRange`.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Caps(caps) => caps.check(),
            Self::Operator(key) | Self::Treasury(key) => {
                require_keys_neq!(*key, Pubkey::default(), FlashError::DefaultKey);
                Ok(())
            }
            Self::FeeSplit(split) => split.check(),
            Self::NoticeSeconds(seconds) => check_notice(*seconds),
            Self::ChainTerms(terms) => terms.check(),
        }
    }

    /// What is in force at `now`, unix seconds, of the same kind.
    fn in_force(&self, vault: &Vault, now: i64) -> Self {
        match self {
            Self::Caps(_) => Self::Caps(vault.caps.at(now)),
            Self::Operator(_) => Self::Operator(vault.operator.at(now)),
            Self::Treasury(_) => Self::Treasury(vault.treasury.at(now)),
            Self::FeeSplit(_) => Self::FeeSplit(vault.fee_split.at(now)),
            Self::NoticeSeconds(_) => Self::NoticeSeconds(vault.notice_seconds.at(now)),
            Self::ChainTerms(_) => Self::ChainTerms(vault.chain_terms.at(now)),
        }
    }

    fn propose(self, vault: &mut Vault, now: i64, active_from: i64) {
        match self {
            Self::Caps(caps) => vault.caps.propose(caps, now, active_from),
            Self::Operator(key) => vault.operator.propose(key, now, active_from),
            Self::Treasury(key) => vault.treasury.propose(key, now, active_from),
            Self::FeeSplit(split) => vault.fee_split.propose(split, now, active_from),
            Self::NoticeSeconds(seconds) => {
                vault.notice_seconds.propose(seconds, now, active_from);
            }
            Self::ChainTerms(terms) => vault.chain_terms.propose(terms, now, active_from),
        }
    }
}
