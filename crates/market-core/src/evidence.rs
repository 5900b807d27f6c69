//! Whose observation a market waits for, and what an observation or a result says about it.

use result_tree::FeedResult;

use crate::{error::CoreError, Key};

/// Whether an observation may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Valid,
    /// Two values were proven of one feed and time.
    Conflicted,
}

/// An observation, as the oracle keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    pub provider_set: Key,
    pub verifying_key: Key,
    pub feed_id: Key,
    /// `T`, unix milliseconds.
    pub observe_at_ms: u64,
    pub value: i64,
    pub status: Status,
}

impl Observed {
    /// # Errors
    /// `ObservationNotValid` of a contradicted one.
    pub fn require_valid(&self) -> Result<(), CoreError> {
        match self.status {
            Status::Valid => Ok(()),
            Status::Conflicted => Err(CoreError::ObservationNotValid),
        }
    }
}

/// Whom a market believes: its providers, or the arbiters once they are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observers {
    pub provider_set: Key,
    pub verifying_key: Key,
}

/// The fields of [`Evidence`], of a program's own name and type of addresses:
/// `evidence!(Pubkey; attributes pub struct Name)`.
#[macro_export]
macro_rules! evidence {
    ($key:ident; $($head:tt)*) => {
        $($head)* {
            /// A field element, big-endian.
            pub feed_id: [u8; 32],
            /// Whose observations the market believes, and under which key.
            pub provider_set: $key,
            pub verifying_key: $key,
            /// Where the observation is, or would be, that the market waits for: a contradiction
            /// of any proof of it is recorded there.
            pub observation: $key,
            /// Where the observation is that sets the strike; the default key if there is none.
            pub strike_observation: $key,
            /// `T` of the observation that resolves the market, unix milliseconds.
            pub observe_at_ms: u64,
            /// `T` of the observation that sets the strike, unix milliseconds; 0 if there is none.
            pub strike_at_ms: u64,
            /// 1 if two values proven under the key contradict each other; honest medians may
            /// differ.
            pub needs_agreement: u8,
            pub padding: [u8; 7],
        }
    };
}

evidence! { Key;
    /// What a market waits for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(C)]
    pub struct Evidence
}

impl Evidence {
    /// The market's own providers and key.
    pub fn observers(&self) -> Observers {
        Observers {
            provider_set: self.provider_set,
            verifying_key: self.verifying_key,
        }
    }

    /// `T` of the observation that sets the strike; `None` if there is none.
    pub fn strike_at_ms(&self) -> Option<u64> {
        (self.strike_at_ms != 0).then_some(self.strike_at_ms)
    }

    /// Whether `observed` is the observation that the market waits for, of those whom it believes
    /// now, and nothing contradicts it.
    ///
    /// # Errors
    /// `WrongProviderSet`, `WrongVerifyingKey`, `WrongFeed`, `WrongObservationTime`,
    /// `ObservationNotValid`.
    pub fn require_observation(
        &self,
        observers: Observers,
        observed: &Observed,
    ) -> Result<(), CoreError> {
        self.require(observers, observed, self.observe_at_ms)
    }

    /// As [`Self::require_observation`], for the observation at the opening.
    ///
    /// # Errors
    /// Those, and `StrikeNotPending` if the market takes no strike from one.
    pub fn require_strike(
        &self,
        observers: Observers,
        observed: &Observed,
    ) -> Result<(), CoreError> {
        let strike_at_ms = self.strike_at_ms().ok_or(CoreError::StrikeNotPending)?;
        self.require(observers, observed, strike_at_ms)
    }

    fn require(
        &self,
        observers: Observers,
        observed: &Observed,
        observe_at_ms: u64,
    ) -> Result<(), CoreError> {
        require_observers(observers, observed.provider_set, observed.verifying_key)?;
        if observed.feed_id != self.feed_id {
            return Err(CoreError::WrongFeed);
        }
        if observed.observe_at_ms != observe_at_ms {
            return Err(CoreError::WrongObservationTime);
        }
        observed.require_valid()
    }

    /// The leaf that would say `value` of what the market waits for, in a root of these providers
    /// and this key. `recorded` is what is at the address of the market's observation, if anything
    /// is: it must not say otherwise.
    ///
    /// # Errors
    /// `WrongProviderSet`, `WrongVerifyingKey`, `ObservationNotValid`, `ObservationDisagrees`.
    pub fn leaf(
        &self,
        provider_set: Key,
        verifying_key: Key,
        recorded: Option<&Observed>,
        value: i64,
    ) -> Result<FeedResult, CoreError> {
        require_observers(self.observers(), provider_set, verifying_key)?;
        if let Some(recorded) = recorded {
            recorded.require_valid()?;
            if recorded.value != value {
                return Err(CoreError::ObservationDisagrees);
            }
        }
        Ok(FeedResult {
            feed_id: self.feed_id,
            time: self.observe_at_ms,
            value,
        })
    }

    /// Whether the observation at `address`, the market's or its strike's, contradicts itself, or
    /// is of another value than the market took from there: `result` and `strike`, `None` for what
    /// it has not taken. It may be a later one: an observation can be closed after its retention,
    /// and a root needs none, so that the oracle cannot see each contradiction.
    ///
    /// # Errors
    /// `WrongObservation` at any other address.
    pub fn is_contradicted(
        &self,
        address: &Key,
        observed: &Observed,
        result: Option<i64>,
        strike: Option<i64>,
    ) -> Result<bool, CoreError> {
        let taken = if *address == self.observation {
            result
        } else if self.strike_at_ms != 0 && *address == self.strike_observation {
            strike
        } else {
            return Err(CoreError::WrongObservation);
        };
        let disagrees = taken.is_some_and(|taken| taken != observed.value);
        let is_conflicted = observed.status == Status::Conflicted;
        Ok(is_conflicted || (disagrees && self.needs_agreement == 1))
    }
}

fn require_observers(
    observers: Observers,
    provider_set: Key,
    verifying_key: Key,
) -> Result<(), CoreError> {
    if provider_set != observers.provider_set {
        return Err(CoreError::WrongProviderSet);
    }
    if verifying_key != observers.verifying_key {
        return Err(CoreError::WrongVerifyingKey);
    }
    Ok(())
}
