use anchor_lang::prelude::*;

use crate::{
    error::OracleError,
    state::{Network, ProviderRole, ProviderSet, Published, Standing, NETWORK},
};

/// How the values that the providers signed make the one that is proven.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Aggregation {
    /// All signed this value.
    Agreement,
    /// It is the median of what they signed.
    Median,
}

/// How many observations the feeds have that proofs under a key are about.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FeedKind {
    /// One, the final answer to a question: none was before it.
    Event,
    /// One after the other, as of a price: each says which was before it, so that a time picks one.
    Tick,
}

/// A Groth16 key that passed every check. Address: seeds `vk`, circuit id, key version.
///
/// Never changes but for its standing: a new key is a new version.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct VerifyingKey {
    pub version: u8,
    pub bump: u8,
    /// 1 if one party made the key alone, who could forge proofs.
    pub development: u8,
    /// An [`Aggregation`].
    pub aggregation: u8,
    /// Signatures that the circuit has room for.
    pub slots: u8,
    /// A [`FeedKind`]: of all observations that a proof under the key counts.
    pub feed_kind: u8,
    pub padding: [u8; 2],
    pub circuit_id: u32,
    pub key_version: u32,
    /// SHA-256 of the key's bytes.
    pub hash: [u8; 32],
    /// SHA-256 of the ceremony's transcript; zero for a development key.
    pub transcript_hash: [u8; 32],
    /// SHA-256 of the `.r1cs` file of the circuit that the ceremony was held for; zero for a
    /// development key.
    pub r1cs_hash: [u8; 32],
    pub standing: Standing,
    /// α, β, γ, δ and the two IC points as `groth16::VerifyingKey` lays them out.
    pub key: [u8; groth16::VerifyingKey::LEN],
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<VerifyingKey>() == 800);

impl Published for VerifyingKey {
    const NOT_ACTIVE: OracleError = OracleError::VerifyingKeyNotActive;
    const SUSPENDED: OracleError = OracleError::VerifyingKeySuspended;
    const RETIRED: OracleError = OracleError::VerifyingKeyRetired;

    fn standing(&self) -> &Standing {
        &self.standing
    }

    fn standing_mut(&mut self) -> &mut Standing {
        &mut self.standing
    }
}

impl VerifyingKey {
    /// Whether the key can be used at `now`, unix seconds.
    ///
    /// # Errors
    /// [`OracleError::VerifyingKeySuspended`], [`OracleError::VerifyingKeyNotActive`],
    /// [`OracleError::DevelopmentKeyOnMainnet`].
    pub fn require_usable(&self, now: i64) -> Result<()> {
        self.require_active(now)?;
        // One could be there from before an upgrade to a program that is built for mainnet.
        require!(
            !(self.development != 0 && NETWORK == Network::Mainnet),
            OracleError::DevelopmentKeyOnMainnet
        );
        Ok(())
    }

    /// Whether new markets may take the key at `now`, unix seconds.
    ///
    /// # Errors
    /// [`OracleError::VerifyingKeyRetired`], and those of [`Self::require_usable`].
    pub fn require_offered(&self, now: i64) -> Result<()> {
        self.require_usable(now)?;
        self.require_not_retired()
    }

    /// Whether two values proven under the key contradict each other. Other signatures of the same
    /// honest providers can make another median.
    pub fn needs_agreement(&self) -> bool {
        self.aggregation == Aggregation::Agreement as u8
    }

    /// Whether its proofs are of medians of ticks, as those of a price.
    pub fn proves_medians_of_ticks(&self) -> bool {
        !self.needs_agreement() && self.feed_kind == FeedKind::Tick as u8
    }

    /// # Errors
    /// [`OracleError::MedianKey`] unless the key needs agreement.
    pub fn require_agreement(&self) -> Result<()> {
        require!(self.needs_agreement(), OracleError::MedianKey);
        Ok(())
    }

    /// Whether proofs of the set can be made under the key at all, and whether they may be.
    ///
    /// # Errors
    /// [`OracleError::ThresholdAboveSlots`], [`OracleError::MedianOfTooFew`].
    pub fn require_room_for(&self, provider_set: &ProviderSet) -> Result<()> {
        require_gte!(
            self.slots,
            provider_set.threshold,
            OracleError::ThresholdAboveSlots
        );
        if !self.needs_agreement() {
            provider_set.require_medians()?;
        }
        Ok(())
    }

    /// Whether a new market may take the set, as what it needs one for, and the key together at
    /// `now`, unix seconds. `needs_agreement`: its values have no median, as the number of an
    /// outcome has none.
    ///
    /// # Errors
    /// [`OracleError::WrongProviderRole`], and those of [`Self::require_offered`],
    /// [`ProviderSet::require_offered`], [`Self::require_room_for`], [`Self::require_agreement`].
    pub fn require_pair(
        &self,
        provider_set: &ProviderSet,
        role: ProviderRole,
        needs_agreement: bool,
        now: i64,
    ) -> Result<()> {
        provider_set.require_offered(now)?;
        require_eq!(
            provider_set.role,
            role as u8,
            OracleError::WrongProviderRole
        );
        self.require_offered(now)?;
        self.require_room_for(provider_set)?;
        if needs_agreement {
            self.require_agreement()?;
        }
        Ok(())
    }

    /// The key as the verifier takes it.
    pub fn key(&self) -> &groth16::VerifyingKey {
        bytemuck::must_cast_ref(&self.key)
    }
}
