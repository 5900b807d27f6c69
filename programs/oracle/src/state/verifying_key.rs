use anchor_lang::prelude::*;
use program_kit::EventHeader;

use crate::{
    error::OracleError,
    state::{Network, ProviderRole, ProviderSet, NETWORK},
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
/// Never changes but for `suspended` and `retired`: a new key is a new version.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct VerifyingKey {
    pub version: u8,
    pub bump: u8,
    /// 1 if one party made the key alone, who could forge proofs.
    pub development: u8,
    /// 1 if suspended, which is for good: no proof under it counts any more.
    pub suspended: u8,
    pub circuit_id: u32,
    pub key_version: u32,
    /// An [`Aggregation`].
    pub aggregation: u8,
    /// Signatures that the circuit has room for.
    pub slots: u8,
    /// 1 if retired, which is for good: no new market may take it, those that have it are served.
    pub retired: u8,
    /// A [`FeedKind`]: of all observations that a proof under the key counts.
    pub feed_kind: u8,
    /// Unix seconds from which the key can be used.
    pub active_from: i64,
    /// SHA-256 of the key's bytes.
    pub hash: [u8; 32],
    /// SHA-256 of the ceremony's transcript; zero for a development key.
    pub transcript_hash: [u8; 32],
    /// SHA-256 of the `.r1cs` file of the circuit that the ceremony was held for; zero for a
    /// development key.
    pub r1cs_hash: [u8; 32],
    /// Gets the rent if the proposal is cancelled.
    pub rent_payer: Pubkey,
    /// α, β, γ, δ and the two IC points as `groth16::VerifyingKey` lays them out.
    pub key: [u8; groth16::VerifyingKey::LEN],
    /// Number of the last event.
    pub sequence: u64,
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<VerifyingKey>() == 800);

impl VerifyingKey {
    /// The header of the account's next event.
    ///
    /// # Errors
    /// [`OracleError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        Ok(EventHeader::next(&mut self.sequence, clock).map_err(OracleError::from)?)
    }

    /// Whether the key can be used at `now`, unix seconds.
    ///
    /// # Errors
    /// [`OracleError::VerifyingKeySuspended`], [`OracleError::VerifyingKeyNotActive`],
    /// [`OracleError::DevelopmentKeyOnMainnet`].
    pub fn require_usable(&self, now: i64) -> Result<()> {
        require!(self.suspended == 0, OracleError::VerifyingKeySuspended);
        require!(now >= self.active_from, OracleError::VerifyingKeyNotActive);
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
        require!(self.retired == 0, OracleError::VerifyingKeyRetired);
        Ok(())
    }

    /// Whether two values proven under the key contradict each other. Other signatures of the same
    /// honest providers can make another median.
    pub fn needs_agreement(&self) -> bool {
        self.aggregation == Aggregation::Agreement as u8
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
