//! Every refusal of the oracle, one cause each. Codes are append-only.

use anchor_lang::prelude::*;
use groth16::{KeyError, VerifyError};

program_kit::errors! {
#[error_code(offset = 6000)]
pub enum OracleError {
    #[msg("The signer is not the program's upgrade authority, who alone may initialize")]
    NotUpgradeAuthority,
    #[msg("The signer is not the proposed admin")]
    NotPendingAdmin,
    #[msg("The proposal is active already; it can be suspended, not cancelled")]
    AlreadyActive,
    #[msg("The timelock is outside its range: on mainnet 48 hours to 30 days, elsewhere up to 30 days")]
    TimelockOutOfRange,
    #[msg("The retention of observations is outside its range of 1 hour to 90 days")]
    RetentionOutOfRange,
    #[msg("The threshold is 0 or above the number of providers")]
    ThresholdOutOfRange,
    #[msg("The number of providers is 0 or above the capacity of the provider tree")]
    ProviderCountOutOfRange,
    #[msg("The field element is not below the BN254 scalar field's order")]
    NotAFieldElement,
    #[msg("The provider set is suspended")]
    ProviderSetSuspended,
    #[msg("The provider set is not active yet")]
    ProviderSetNotActive,
    #[msg("The verifying key is suspended")]
    VerifyingKeySuspended,
    #[msg("The verifying key is not active yet")]
    VerifyingKeyNotActive,
    #[msg("A development key, made by one party, is refused on mainnet")]
    DevelopmentKeyOnMainnet,
    #[msg("A key of a ceremony must name the hash of its transcript")]
    TranscriptMissing,
    #[msg("The bytes are not those of a key with exactly two IC points, which is 576 bytes")]
    KeyLength,
    #[msg("Two of β, γ and δ are equal or opposite: such a key accepts forged proofs")]
    KeyPointsRelated,
    #[msg("β or δ is the generator of G2 or its negative: no secret is in it")]
    KeyPointIsGenerator,
    #[msg("A point of the key is the identity")]
    KeyPointIsIdentity,
    #[msg("A point of the key is off the curve or outside the prime-order subgroup")]
    KeyPointInvalid,
    #[msg("The IC points are equal or opposite: the key does not bind its public input")]
    KeyInputUnbound,
    #[msg("The proof does not show this statement under this verifying key")]
    ProofInvalid,
    #[msg("A point of the proof is off the curve or outside the prime-order subgroup")]
    ProofMalformed,
    #[msg("The time of the observation is not a positive unix time in milliseconds")]
    TimeOutOfRange,
    #[msg("There is an observation of this feed and time by this provider set and key already")]
    AlreadyObserved,
    #[msg("The account is not at the address of this observation")]
    WrongObservationAddress,
    #[msg("The observation's retention has not passed yet")]
    RetentionNotPassed,
    #[msg("The number of results is 0 or above 1,048,576")]
    ResultCountOutOfRange,
    #[msg("There is an account of this root by this provider set and key already")]
    AlreadyVerified,
    #[msg("The account is not at the address of this result root")]
    WrongRootAddress,
    #[msg("The result is not the leaf of this root that the index and the path say")]
    NotInRoot,
    #[msg("The account belongs to another provider set")]
    WrongProviderSet,
    #[msg("The account belongs to another verifying key")]
    WrongVerifyingKey,
    #[msg("The observation has this value itself: nothing contradicts it")]
    SameValue,
    #[msg("The observation is known to be contradicted already")]
    AlreadyConflicted,
    #[msg("A contradicted observation stays, so that none of its values can come back")]
    ConflictStays,
    #[msg(
        "The key proves medians, which may differ without contradicting each other, and no roots"
    )]
    MedianKey,
    #[msg("The number of claims is 0 or above 16, or there is not one account for each")]
    BatchSizeOutOfRange,
    #[msg("The number of signatures that a circuit has room for is 1 to 16")]
    SlotsOutOfRange,
    #[msg(
        "The circuit of the key has not room for as many signatures as the provider set asks for"
    )]
    ThresholdAboveSlots,
    #[msg("The time of the observation is ahead of the clock by more than a minute: nobody can have observed it")]
    TimeAhead,
    #[msg("The provider set is retired: no new market may take it")]
    ProviderSetRetired,
    #[msg("The verifying key is retired: no new market may take it")]
    VerifyingKeyRetired,
        #[msg("The provider set is not one of the role that the market needs: primary for results, arbiter for disputes")]
        WrongProviderRole,
    #[msg("The program is built for another network than the one named")]
    WrongNetwork,
    #[msg("A production key names the .r1cs file of the circuit that its ceremony was held for: the hash is zero")]
    R1csHashMissing,
    #[msg("A development key has no ceremony: the hashes of transcript and .r1cs file are zero")]
    DevelopmentKeyWithCeremony,
    #[msg("A median counts the signatures of all members of the set but those that the set says may lack")]
    MedianOfTooFew,
    #[msg("Fewer members may lack from a median than the set has")]
    MedianSlackOutOfRange,
}
}

impl From<KeyError> for OracleError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Length { .. } | KeyError::IcLength { .. } => Self::KeyLength,
            KeyError::Identity(_) => Self::KeyPointIsIdentity,
            KeyError::NotCanonical(_) | KeyError::NotOnCurve(_) | KeyError::NotInSubgroup(_) => {
                Self::KeyPointInvalid
            }
            KeyError::Generator(_) => Self::KeyPointIsGenerator,
            KeyError::Related(..) => Self::KeyPointsRelated,
            KeyError::RelatedIc => Self::KeyInputUnbound,
        }
    }
}

impl From<VerifyError> for OracleError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::PublicInputTooLarge => Self::NotAFieldElement,
            VerifyError::MalformedPoint(_) => Self::ProofMalformed,
            VerifyError::InvalidProof => Self::ProofInvalid,
            VerifyError::BatchSize { .. } => Self::BatchSizeOutOfRange,
        }
    }
}
