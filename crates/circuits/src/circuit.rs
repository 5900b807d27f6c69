use std::{fmt, str::FromStr};

use attestation::{Aggregation, Field};
use thiserror::Error;

use crate::{
    system::{Assignment, Constraints, R1cs},
    QuorumWitness,
};

/// Why a statement cannot be proven with a circuit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CircuitError {
    #[error("unknown circuit \"{0}\", expected quorum-3, quorum-6, quorum-13, median-3, median-6 or median-13")]
    UnknownCircuit(String),
    #[error("threshold {threshold} is above the {slots} signatures the circuit has room for")]
    ThresholdAboveSlots { threshold: usize, slots: usize },
    #[error("{circuit} does not prove what these attestations are: {found:?}")]
    OtherAggregation {
        circuit: Circuit,
        found: Aggregation,
    },
}

/// The circuits there are keys for: of the quorum and of the median statement, with room for more
/// or fewer signatures, in 2¹⁴, 2¹⁵ and 2¹⁶ constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Circuit {
    Quorum3,
    Quorum6,
    Quorum13,
    Median3,
    Median6,
    Median13,
}

impl Circuit {
    pub const ALL: [Self; 6] = [
        Self::Quorum3,
        Self::Quorum6,
        Self::Quorum13,
        Self::Median3,
        Self::Median6,
        Self::Median13,
    ];

    /// The smallest circuit of the quorum statement with room for `threshold` signatures.
    ///
    /// # Errors
    /// [`CircuitError::ThresholdAboveSlots`] if there is none.
    pub fn for_threshold(threshold: u8) -> Result<Self, CircuitError> {
        let threshold = usize::from(threshold);
        Self::ALL
            .into_iter()
            .filter(|circuit| circuit.aggregation() == Aggregation::Agreement)
            .find(|circuit| circuit.slots() >= threshold)
            .ok_or(CircuitError::ThresholdAboveSlots {
                threshold,
                slots: Self::Quorum13.slots(),
            })
    }

    /// Most signatures a proof can be about.
    pub const fn slots(self) -> usize {
        match self {
            Self::Quorum3 | Self::Median3 => 3,
            Self::Quorum6 | Self::Median6 => 6,
            Self::Quorum13 | Self::Median13 => 13,
        }
    }

    /// What the circuit makes of the values that were signed.
    pub const fn aggregation(self) -> Aggregation {
        match self {
            Self::Quorum3 | Self::Quorum6 | Self::Quorum13 => Aggregation::Agreement,
            Self::Median3 | Self::Median6 | Self::Median13 => Aggregation::Median,
        }
    }

    /// The name, also in the seeds of the verifying key's account.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Quorum3 => "quorum-3",
            Self::Quorum6 => "quorum-6",
            Self::Quorum13 => "quorum-13",
            Self::Median3 => "median-3",
            Self::Median6 => "median-6",
            Self::Median13 => "median-13",
        }
    }

    /// The constraints.
    pub fn r1cs(self) -> R1cs {
        let mut system = Constraints::new();
        QuorumWitness::blank(self).build(&mut system);
        system.finish().0
    }

    /// Values of all variables for a witness made for this circuit.
    pub fn assign(self, witness: &QuorumWitness) -> Vec<Field> {
        let mut system = Assignment::new();
        witness.build(&mut system);
        system.into_values()
    }
}

impl fmt::Display for Circuit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Circuit {
    type Err = CircuitError;

    fn from_str(id: &str) -> Result<Self, CircuitError> {
        Self::ALL
            .into_iter()
            .find(|circuit| circuit.id() == id)
            .ok_or_else(|| CircuitError::UnknownCircuit(id.to_owned()))
    }
}
