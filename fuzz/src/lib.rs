//! Searches with hostile inputs through everything that reads what comes from outside.
//!
//! A [`Target`] is a corpus and a check that must hold whatever the input. Tests run each for some
//! seconds on damaged copies of the corpus; with the feature `libfuzzer` the binaries of `fuzz_targets`
//! run one each on what libFuzzer makes by what inputs reach in the code (`scripts/fuzz`, or
//! `cargo fuzz`).

mod attestations;
#[cfg(feature = "command")]
mod command;
#[cfg(feature = "libfuzzer")]
pub mod guided;
#[cfg(feature = "chain")]
mod instructions;
mod keys;
#[cfg(feature = "chain")]
mod node;
mod proofs;

use std::path::Path;

pub use attestations::{
    attestations, price_ticks, provider_sets, signer_records, values_and_times,
};
#[cfg(feature = "command")]
pub use command::{command_files, match_feeds, migrations};
#[cfg(feature = "chain")]
pub use instructions::{flash_bets_data, leverage_data, markets_data, oracle_data, orders_data};
pub use keys::{key_files, zkeys};
#[cfg(feature = "chain")]
pub use node::node_answers;
pub use proofs::{proofs, verifying_keys};

/// Says whether an input was taken, and panics if something does not hold.
type Check = Box<dyn FnMut(&[u8]) -> bool>;

/// What may be sent to a reader, and what must hold of whatever is.
pub struct Target {
    /// As its binary and the folder of its corpus.
    name: &'static str,
    /// Made at the start, since some of it needs signatures.
    made: Vec<Vec<u8>>,
    check: Check,
}

impl Target {
    fn new(
        name: &'static str,
        made: impl Into<Vec<Vec<u8>>>,
        check: impl FnMut(&[u8]) -> bool + 'static,
    ) -> Self {
        Self {
            name,
            made: made.into(),
            check: Box::new(check),
        }
    }

    /// Tries what is made, what is committed, and damaged copies of both.
    ///
    /// # Panics
    /// If the check does, or takes nothing.
    pub fn search(mut self) {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(self.name);
        let mut corpus = self.made;
        if committed.is_dir() {
            corpus.extend(fuzzing::corpus(&committed));
        }
        let (mut tried, mut taken) = (0u64, 0u64);
        fuzzing::search(self.name, &corpus, |input| {
            tried += 1;
            taken += u64::from((self.check)(input));
        });
        println!("{}: {taken} of {tried} taken", self.name);
        assert!(taken > 0, "nothing of the corpus is right");
    }
}
