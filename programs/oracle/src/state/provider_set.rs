use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OracleError,
    state::VerifyingKey,
    statement::{number_value, root_domain, Statement},
};

/// What the observations of a provider set are for.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ProviderRole {
    /// Resolves markets.
    Primary,
    /// Settles disputes; shares no member with the primary set of a market.
    Arbiter,
}

/// Members of a set, as the root of their tree. Address: seeds `providers`, id, epoch.
///
/// Never changes but for `suspended` and `retired`: new members are a new epoch.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct ProviderSet {
    pub version: u8,
    pub bump: u8,
    /// A [`ProviderRole`].
    pub role: u8,
    /// Least number of members that must have signed.
    pub threshold: u8,
    /// Number of members.
    pub size: u8,
    /// 1 if suspended, which is for good: nothing it says counts any more.
    pub suspended: u8,
    /// 1 if retired, which is for good: no new market may take it, those that have it are served.
    pub retired: u8,
    /// How many members' signatures a median may lack. The prover chooses which it counts, so each one
    /// that may lack lets it choose among more values: see [`Self::median_ranks`].
    pub median_slack: u8,
    pub id: u32,
    pub epoch: u32,
    /// Unix seconds from which the set can be used.
    pub active_from: i64,
    /// Domain of the signatures, a field element, big-endian: the configuration's.
    pub domain: [u8; 32],
    /// Root of the Poseidon tree of the members' public keys, a field element, big-endian.
    pub root: [u8; 32],
    /// Gets the rent if the proposal is cancelled.
    pub rent_payer: Pubkey,
    /// Number of the last event.
    pub sequence: u64,
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<ProviderSet>() == 192);

impl ProviderSet {
    /// The header of the account's next event.
    ///
    /// # Errors
    /// [`OracleError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        Ok(EventHeader::next(&mut self.sequence, clock).map_err(OracleError::from)?)
    }

    /// Whether the set can be used at `now`, unix seconds.
    ///
    /// # Errors
    /// [`OracleError::ProviderSetSuspended`], [`OracleError::ProviderSetNotActive`].
    pub fn require_usable(&self, now: i64) -> Result<()> {
        require!(self.suspended == 0, OracleError::ProviderSetSuspended);
        require!(now >= self.active_from, OracleError::ProviderSetNotActive);
        Ok(())
    }

    /// Whether new markets may take the set at `now`, unix seconds.
    ///
    /// # Errors
    /// [`OracleError::ProviderSetRetired`], and those of [`Self::require_usable`].
    pub fn require_offered(&self, now: i64) -> Result<()> {
        self.require_usable(now)?;
        require!(self.retired == 0, OracleError::ProviderSetRetired);
        Ok(())
    }

    /// Whether medians of the set may be believed.
    ///
    /// # Errors
    /// [`OracleError::MedianOfTooFew`].
    pub fn require_medians(&self) -> Result<()> {
        require_gte!(
            self.threshold.saturating_add(self.median_slack),
            self.size,
            OracleError::MedianOfTooFew
        );
        Ok(())
    }

    /// Which of all members' values, by increasing order from 1, a prover can make the median: from the
    /// first to the second, both included.
    pub fn median_ranks(&self) -> (u8, u8) {
        let first = self.threshold.div_ceil(2);
        (first, self.size.saturating_add(1).saturating_sub(first))
    }

    /// The public input of a proof under the key that the set says `value` of the feed at
    /// `observe_at_ms`.
    ///
    /// # Errors
    /// [`OracleError::NotAFieldElement`].
    pub fn input_of_value(
        &self,
        verifying_key: &VerifyingKey,
        feed_id: &[u8; 32],
        observe_at_ms: u64,
        value: i64,
    ) -> Result<[u8; 32]> {
        let kind = verifying_key.feed_kind;
        self.input(
            &self.domain,
            kind,
            feed_id,
            observe_at_ms,
            &number_value(value),
        )
    }

    /// The public input of a proof under the key that the set published `root` on the feed at `observe_at_ms`.
    ///
    /// # Errors
    /// [`OracleError::NotAFieldElement`].
    pub fn input_of_root(
        &self,
        verifying_key: &VerifyingKey,
        feed_id: &[u8; 32],
        observe_at_ms: u64,
        root: &result_tree::Root,
    ) -> Result<[u8; 32]> {
        self.input(
            &root_domain(&self.domain),
            verifying_key.feed_kind,
            feed_id,
            observe_at_ms,
            root.as_bytes(),
        )
    }

    fn input(
        &self,
        domain: &[u8; 32],
        feed_kind: u8,
        feed_id: &[u8; 32],
        observe_at_ms: u64,
        value: &[u8; 32],
    ) -> Result<[u8; 32]> {
        Statement {
            domain,
            root: &self.root,
            threshold: self.threshold,
            feed_kind,
            feed_id,
            observe_at_ms,
            value,
        }
        .public_input()
    }
}
