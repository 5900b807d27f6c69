//! What whoever proves a median can choose among.

use std::fmt;

use oracle::{ProviderSet, VerifyingKey};

/// The values that a prover can make the median: of all members' values by increasing order, from 1,
/// those from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MedianReach {
    pub first: u8,
    pub last: u8,
    /// How many members the set has.
    pub members: u8,
}

impl MedianReach {
    /// Of a market that waits for this set and this key; `None` if all signatures that count must agree.
    pub fn of(set: &ProviderSet, key: &VerifyingKey) -> Option<Self> {
        let (first, last) = set.median_ranks();
        (!key.needs_agreement()).then_some(Self {
            first,
            last,
            members: set.size,
        })
    }
}

impl fmt::Display for MedianReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            first,
            last,
            members,
        } = self;
        if first == last {
            return write!(f, "the result is the {} of {members} values", nth(*first));
        }
        write!(
            f,
            "whoever proves the result chooses among the {} to the {} of {members} values",
            nth(*first),
            nth(*last)
        )
    }
}

fn nth(rank: u8) -> String {
    let ending = match (rank % 10, rank % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{rank}{ending}")
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use oracle::Aggregation;

    use super::*;

    fn reach(threshold: u8, size: u8, aggregation: Aggregation) -> Option<MedianReach> {
        let set = ProviderSet {
            threshold,
            size,
            ..Zeroable::zeroed()
        };
        let key = VerifyingKey {
            aggregation: aggregation as u8,
            ..Zeroable::zeroed()
        };
        MedianReach::of(&set, &key)
    }

    #[test]
    fn what_a_prover_can_reach_is_said() {
        let said = |threshold, size| {
            let reach = reach(threshold, size, Aggregation::Median).expect("medians");
            reach.to_string()
        };
        assert_eq!(
            said(12, 13),
            "whoever proves the result chooses among the 6th to the 8th of 13 values"
        );
        assert_eq!(
            said(3, 5),
            "whoever proves the result chooses among the 2nd to the 4th of 5 values"
        );
        assert_eq!(said(5, 5), "the result is the 3rd of 5 values");
        assert_eq!(said(1, 1), "the result is the 1st of 1 values");
        assert_eq!(reach(3, 5, Aggregation::Agreement), None);
    }
}
