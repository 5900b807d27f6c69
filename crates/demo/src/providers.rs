//! Who reports on the match, and how.

use std::fmt;

use attestation::{Attestation, Domain, Field, Millis, Observation, SecretKey, Value};

use super::error::DemoError;

/// Providers of whom [`THRESHOLD`] must agree.
pub const PROVIDERS: u8 = 5;
pub const THRESHOLD: u8 = 3;
/// Honest providers, of whom the last one is late. One more lies.
pub const HONEST: u8 = 4;

/// Milliseconds from the answer to the arrival of a report: the liar is first.
const LIAR_AFTER: u64 = 900;
const HONEST_AFTER: u64 = 2_000;
const HONEST_APART: u64 = 1_100;
const LATE_AFTER: u64 = 95_000;

/// How a provider behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    Prompt,
    /// Honest, but it comes when a quorum of the others would be there.
    Late,
    /// Signs another outcome.
    Liar,
    Silent,
}

/// Behaviours of all providers when `honest` of them tell the truth, the last one of these late.
pub fn behaviours(honest: u8) -> Vec<Behaviour> {
    (0..PROVIDERS)
        .map(|index| {
            if index + 1 == PROVIDERS {
                Behaviour::Liar
            } else if index >= honest {
                Behaviour::Silent
            } else if index + 1 == honest {
                Behaviour::Late
            } else {
                Behaviour::Prompt
            }
        })
        .collect()
}

impl Behaviour {
    /// Milliseconds from the answer to the report; `None` if there is none.
    pub fn delay(self, index: usize) -> Option<u64> {
        let place = u64::try_from(index).unwrap_or(u64::MAX);
        match self {
            Self::Prompt => Some(HONEST_AFTER.saturating_add(place.saturating_mul(HONEST_APART))),
            Self::Late => Some(LATE_AFTER),
            Self::Liar => Some(LIAR_AFTER),
            Self::Silent => None,
        }
    }

    /// What it reports where `truth` is true and `lie` is not.
    pub fn value<T>(self, truth: T, lie: T) -> T {
        match self {
            Self::Liar => lie,
            Self::Prompt | Self::Late | Self::Silent => truth,
        }
    }
}

/// A report: an event question has one observation only, so nothing came before it.
///
/// # Errors
/// [`DemoError::Observation`] if the time is out of range.
pub fn report(
    key: &SecretKey,
    domain: Domain,
    feed: Field,
    now: u64,
    value: impl Into<Value>,
) -> Result<Attestation, DemoError> {
    let observation = Observation::new(feed, Millis::new(now)?, Millis::default(), value)?;
    Ok(Attestation::sign(key, domain, observation))
}

/// What the providers did.
#[derive(Default)]
pub struct ProviderReport {
    in_time: u32,
    late: u32,
    lies: u32,
    /// Markets whose outcome is not what happened.
    pub outcomes_changed: u32,
}

impl ProviderReport {
    /// Counts a report that arrives while its market is open, or after it is closed.
    pub fn count(&mut self, behaviour: Behaviour, is_closed: bool) {
        match behaviour {
            Behaviour::Liar => self.lies += 1,
            _ if is_closed => self.late += 1,
            _ => self.in_time += 1,
        }
    }
}

impl fmt::Display for ProviderReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            in_time,
            late,
            lies,
            outcomes_changed,
        } = self;
        write!(
            f,
            "Providers: {in_time} reports in time, {late} too late to matter, {lies} lies, which \
             changed {outcomes_changed} outcomes."
        )
    }
}
