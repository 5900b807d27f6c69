//! The public record of a ceremony.

use circuits::{
    iden3::{Contribution, Zkey},
    Circuit,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What everybody needs to repeat the checks of a ceremony. Its SHA-256 is what the verifying key's
/// account names; hashes are hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    pub circuit: String,
    /// Of the circuit's `.r1cs` file.
    pub r1cs_sha256: String,
    /// Where the powers of tau come from, and the SHA-256 of their file.
    pub powers_of_tau: PowersOfTau,
    /// How the value of the beacon was chosen, said before it was known.
    pub beacon_rule: String,
    /// BLAKE2b-512 of the key before the first contribution, as snarkjs shows it.
    pub circuit_hash: String,
    pub contributions: Vec<Contributed>,
    /// Of the final `.zkey` file.
    pub zkey_sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowersOfTau {
    pub source: String,
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributed {
    pub name: String,
    /// As snarkjs showed it to who contributed, and they published it.
    pub hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beacon: Option<Beacon>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    pub value: String,
    /// log₂ of how often the value is hashed.
    pub iterations_log2: u8,
}

/// A transcript and a key are not of one ceremony.
#[derive(Debug, Error)]
#[error("the transcript has {what} {said}, the key has {found}: it is the transcript of another ceremony")]
pub struct OtherCeremony {
    what: &'static str,
    said: String,
    found: String,
}

impl Transcript {
    /// The transcript of the ceremony that ended with this key.
    pub fn new(
        circuit: Circuit,
        r1cs_hash: &[u8; 32],
        zkey: &Zkey,
        zkey_hash: &[u8; 32],
        powers_of_tau: PowersOfTau,
        beacon_rule: String,
    ) -> Self {
        Self {
            circuit: circuit.id().to_owned(),
            r1cs_sha256: hex::encode(r1cs_hash),
            powers_of_tau,
            beacon_rule,
            circuit_hash: hex::encode(zkey.circuit_hash()),
            contributions: zkey.contributions().map(contributed).collect(),
            zkey_sha256: hex::encode(zkey_hash),
        }
    }

    /// Whether everything that the key says too is as the transcript says.
    ///
    /// # Errors
    /// [`OtherCeremony`].
    pub fn require(
        &self,
        circuit: Circuit,
        r1cs_hash: &[u8; 32],
        zkey: &Zkey,
        zkey_hash: &[u8; 32],
    ) -> Result<(), OtherCeremony> {
        let found = Self::new(
            circuit,
            r1cs_hash,
            zkey,
            zkey_hash,
            self.powers_of_tau.clone(),
            self.beacon_rule.clone(),
        );
        self.require_same(&found)
    }

    /// What the key does not say, the powers of tau and the rule of the beacon, is for people to compare.
    fn require_same(&self, found: &Self) -> Result<(), OtherCeremony> {
        let contributions = |of: &Self| format!("{:?}", of.contributions);
        for (what, said, found) in [
            ("circuit", &self.circuit, &found.circuit),
            ("r1cs_sha256", &self.r1cs_sha256, &found.r1cs_sha256),
            ("circuit_hash", &self.circuit_hash, &found.circuit_hash),
            ("contributions", &contributions(self), &contributions(found)),
            ("zkey_sha256", &self.zkey_sha256, &found.zkey_sha256),
        ] {
            if said != found {
                let (said, found) = (said.clone(), found.clone());
                return Err(OtherCeremony { what, said, found });
            }
        }
        Ok(())
    }
}

fn contributed(contribution: &Contribution) -> Contributed {
    Contributed {
        name: contribution.name.clone(),
        hash: hex::encode(contribution.hash),
        beacon: contribution
            .beacon
            .as_ref()
            .map(|(value, exponent)| Beacon {
                value: hex::encode(value),
                iterations_log2: *exponent,
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcript_of_another_circuit_or_ceremony_is_refused() {
        let transcript: Transcript =
            serde_json::from_str(include_str!("../../tests/corpus/transcript.json"))
                .expect("a transcript");
        assert!(transcript.require_same(&transcript).is_ok());
        type Change = fn(&mut Transcript);
        let changes: [(&str, Change); 8] = [
            ("circuit", |one| one.circuit = "quorum-6".to_owned()),
            ("r1cs_sha256", |one| one.r1cs_sha256 = "0".repeat(64)),
            ("circuit_hash", |one| one.circuit_hash = "0".repeat(128)),
            ("zkey_sha256", |one| one.zkey_sha256 = "0".repeat(64)),
            ("contributions", |one| drop(one.contributions.pop())),
            ("contributions", |one| one.contributions.swap(0, 1)),
            ("contributions", |one| one.contributions[0].name.push('a')),
            ("contributions", |one| one.contributions[3].beacon = None),
        ];
        for (what, change) in changes {
            let mut other = transcript.clone();
            change(&mut other);
            let error = other.require_same(&transcript).expect_err("it is another");
            assert_eq!(error.what, what);
        }
        let mut other = transcript.clone();
        other.powers_of_tau.sha256 = "0".repeat(64);
        assert!(other.require_same(&transcript).is_ok());
    }
}
