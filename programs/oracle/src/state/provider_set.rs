use anchor_lang::prelude::*;

use crate::{
    error::OracleError,
    state::{Published, Standing, VerifyingKey, NETWORK},
    statement::{self, number_value, root_domain, Statement},
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
/// Never changes but for its standing: new members are a new epoch.
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
    /// How many members' signatures a median may lack. The prover chooses which it counts, so each one
    /// that may lack lets it choose among more values: see [`Self::median_ranks`].
    pub median_slack: u8,
    pub padding: [u8; 2],
    pub id: u32,
    pub epoch: u32,
    /// Domain of the signatures, a field element, big-endian: the configuration's.
    pub domain: [u8; 32],
    /// Root of the Poseidon tree of the members' public keys, a field element, big-endian.
    pub root: [u8; 32],
    pub standing: Standing,
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<ProviderSet>() == 192);

impl Published for ProviderSet {
    const NOT_ACTIVE: OracleError = OracleError::ProviderSetNotActive;
    const SUSPENDED: OracleError = OracleError::ProviderSetSuspended;
    const RETIRED: OracleError = OracleError::ProviderSetRetired;

    fn standing(&self) -> &Standing {
        &self.standing
    }

    fn standing_mut(&mut self) -> &mut Standing {
        &mut self.standing
    }
}

impl ProviderSet {
    /// Whether the set can be used at `now`, unix seconds.
    ///
    /// # Errors
    /// [`OracleError::ProviderSetSuspended`], [`OracleError::ProviderSetNotActive`],
    /// [`OracleError::WrongNetwork`].
    pub fn require_usable(&self, now: i64) -> Result<()> {
        self.require_active(now)?;
        self.require_network()
    }

    /// Whether the set is of the network that the program is built for. One could be there from before
    /// an upgrade from a program that is built for another, as could the key and what was verified under
    /// it, but neither counts without a set.
    ///
    /// # Errors
    /// [`OracleError::WrongNetwork`].
    pub fn require_network(&self) -> Result<()> {
        require!(
            self.domain == statement::domain(&crate::ID, NETWORK),
            OracleError::WrongNetwork
        );
        Ok(())
    }

    /// Whether new markets may take the set at `now`, unix seconds.
    ///
    /// # Errors
    /// [`OracleError::ProviderSetRetired`], and those of [`Self::require_usable`].
    pub fn require_offered(&self, now: i64) -> Result<()> {
        self.require_usable(now)?;
        self.require_not_retired()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Network;

    #[test]
    fn set_of_another_network_is_not_usable() {
        for network in [Network::Localnet, Network::Devnet, Network::Mainnet] {
            let mut set: ProviderSet = bytemuck::Zeroable::zeroed();
            set.domain = statement::domain(&crate::ID, network);
            let expected = match network == NETWORK {
                true => Ok(()),
                false => Err(OracleError::WrongNetwork.into()),
            };
            assert_eq!(set.require_usable(0), expected, "{network:?}");
            assert_eq!(set.require_offered(0), expected, "{network:?}");
        }
    }
}
