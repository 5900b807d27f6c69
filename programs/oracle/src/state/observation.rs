use anchor_lang::{prelude::*, Discriminator};
use market_core::{Evidence, Observers};
use program_kit::{
    new_account::{bump_of, find_address, NewAccount},
    EventHeader,
};

use super::{seeds, FIRST_EVENT, VERSION};
use crate::error::OracleError;

/// Whether an observation may be used.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ObservationStatus {
    Valid,
    /// Two values were proven of one feed and time: no market may believe either. For good.
    Conflicted,
}

/// What a proof showed. Address: seeds `obs`, provider set, verifying key, feed id, time.
///
/// The verifying key is part of the address so that an observation under another key cannot take
/// the place of the one that a market waits for.
#[account(zero_copy)]
#[derive(Debug)]
#[repr(C)]
pub struct Observation {
    pub version: u8,
    pub bump: u8,
    /// An [`ObservationStatus`].
    pub status: u8,
    pub padding: [u8; 5],
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// `T`, unix time in milliseconds: every signature counted is of the first value at or after it.
    pub observe_at_ms: u64,
    pub value: i64,
    pub verified_slot: u64,
    /// Unix seconds.
    pub verified_at: i64,
    /// Gets the rent on close.
    pub rent_payer: Pubkey,
    /// Number of the last event.
    pub sequence: u64,
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Observation>() == 240);

/// What an observation shall say.
pub struct Observed<'a> {
    pub provider_set: &'a Pubkey,
    pub verifying_key: &'a Pubkey,
    /// A field element, big-endian.
    pub feed_id: &'a [u8; 32],
    /// `T`, unix time in milliseconds.
    pub observe_at_ms: u64,
    pub value: i64,
}

impl Observation {
    /// The header of the account's next event.
    ///
    /// # Errors
    /// [`OracleError::Overflow`].
    pub fn next_event(&mut self, clock: &Clock) -> Result<EventHeader> {
        Ok(EventHeader::next(&mut self.sequence, clock).map_err(OracleError::from)?)
    }

    /// Where the observation of `feed_id` at `observe_at_ms` is, whatever its value.
    pub fn address(
        provider_set: &Pubkey,
        verifying_key: &Pubkey,
        feed_id: &[u8; 32],
        observe_at_ms: u64,
    ) -> Pubkey {
        let seeds: [&[u8]; 5] = [
            seeds::OBSERVATION,
            provider_set.as_ref(),
            verifying_key.as_ref(),
            feed_id,
            &observe_at_ms.to_le_bytes(),
        ];
        find_address(&seeds, &crate::ID).unwrap_or_default()
    }

    /// The observation in an account at such an address; `None` if there is none.
    ///
    /// # Errors
    /// Anchor's `AccountDiscriminatorMismatch` if it is another account of the oracle.
    pub fn find(account: &AccountInfo) -> Result<Option<Self>> {
        if *account.owner != crate::ID {
            return Ok(None);
        }
        let data = account.try_borrow_data()?;
        data.strip_prefix(Self::DISCRIMINATOR)
            .and_then(|body| bytemuck::try_pod_read_unaligned(body).ok())
            .map(Some)
            .ok_or_else(|| error!(ErrorCode::AccountDiscriminatorMismatch))
    }

    pub fn is_valid(&self) -> bool {
        self.status == ObservationStatus::Valid as u8
    }

    pub fn is_conflicted(&self) -> bool {
        self.status == ObservationStatus::Conflicted as u8
    }

    /// # Errors
    /// [`OracleError::AlreadyConflicted`]; [`OracleError::SameValue`] if `value` is its own.
    pub fn conflict_with(&mut self, value: i64) -> Result<()> {
        require!(self.is_valid(), OracleError::AlreadyConflicted);
        require_neq!(self.value, value, OracleError::SameValue);
        self.status = ObservationStatus::Conflicted as u8;
        Ok(())
    }
}

/// What a market pins that waits for the observation of the feed at `observe_at_ms`, and takes its
/// strike from the one at `strike_at_ms`, both unix milliseconds. `needs_agreement` is of the key.
pub fn evidence(
    observers: Observers,
    needs_agreement: bool,
    feed_id: [u8; 32],
    observe_at_ms: u64,
    strike_at_ms: Option<u64>,
) -> Evidence {
    let (set, key) = (
        observers.provider_set.into(),
        observers.verifying_key.into(),
    );
    let address = |time| Observation::address(&set, &key, &feed_id, time).to_bytes();
    Evidence {
        feed_id,
        provider_set: observers.provider_set,
        verifying_key: observers.verifying_key,
        observation: address(observe_at_ms),
        strike_observation: strike_at_ms.map(address).unwrap_or_default(),
        observe_at_ms,
        strike_at_ms: strike_at_ms.unwrap_or(0),
        needs_agreement: needs_agreement.into(),
        padding: [0; 7],
    }
}

/// The observation in the words of markets.
impl From<&Observation> for market_core::Observed {
    fn from(observation: &Observation) -> Self {
        Self {
            provider_set: observation.provider_set.to_bytes(),
            verifying_key: observation.verifying_key.to_bytes(),
            feed_id: observation.feed_id,
            observe_at_ms: observation.observe_at_ms,
            value: observation.value,
            status: if observation.is_valid() {
                market_core::Status::Valid
            } else {
                market_core::Status::Conflicted
            },
        }
    }
}

/// How far a feed's clock may be ahead of the cluster's, in milliseconds.
#[constant]
pub const CLOCK_TOLERANCE_MS: u64 = 60_000;

/// Refuses what is not a time, and what is later than the clock plus a tolerance: nobody has
/// observed it yet.
///
/// # Errors
/// [`OracleError::TimeOutOfRange`], [`OracleError::TimeAhead`].
pub fn require_observable(observe_at_ms: u64, clock: &Clock) -> Result<()> {
    require!(
        observe_at_ms > 0 && i64::try_from(observe_at_ms).is_ok(),
        OracleError::TimeOutOfRange
    );
    let latest = u64::try_from(clock.unix_timestamp)
        .ok()
        .and_then(|now| now.checked_mul(1_000))
        .and_then(|now_ms| now_ms.checked_add(CLOCK_TOLERANCE_MS))
        .ok_or(OracleError::Overflow)?;
    require_gte!(latest, observe_at_ms, OracleError::TimeAhead);
    Ok(())
}

/// Who pays for the account of a new observation, and where it is.
pub struct NewObservation<'a, 'info> {
    pub payer: &'a AccountInfo<'info>,
    pub account: &'a AccountInfo<'info>,
    pub system_program: &'a Program<'info, System>,
}

impl NewObservation<'_, '_> {
    /// Records what was shown.
    ///
    /// # Errors
    /// [`OracleError::AlreadyObserved`] if the account is taken,
    /// [`OracleError::WrongObservationAddress`] if it is not where this observation belongs.
    pub fn record(&self, observed: &Observed, clock: &Clock) -> Result<()> {
        require!(self.account.data_is_empty(), OracleError::AlreadyObserved);
        let time = observed.observe_at_ms.to_le_bytes();
        let seeds: [&[u8]; 5] = [
            seeds::OBSERVATION,
            observed.provider_set.as_ref(),
            observed.verifying_key.as_ref(),
            observed.feed_id,
            &time,
        ];
        let bump = bump_of(self.account.key, &seeds, &crate::ID)
            .ok_or(OracleError::WrongObservationAddress)?;
        let [prefix, set, key, feed_id, time] = seeds;
        NewAccount {
            payer: self.payer,
            account: self.account,
            system_program: self.system_program,
            seeds: &[prefix, set, key, feed_id, time, &[bump]],
        }
        .write_zero_copy(&Observation {
            version: VERSION,
            bump,
            status: ObservationStatus::Valid as u8,
            padding: [0; 5],
            provider_set: *observed.provider_set,
            verifying_key: *observed.verifying_key,
            feed_id: *observed.feed_id,
            observe_at_ms: observed.observe_at_ms,
            value: observed.value,
            verified_slot: clock.slot,
            verified_at: clock.unix_timestamp,
            rent_payer: *self.payer.key,
            sequence: FIRST_EVENT,
            reserved: [0; 64],
        })
    }
}
