//! What a transaction pays to be taken soon.

use anchor_lang::solana_program::instruction::Instruction;

use super::Rpc;
use crate::transport::TransportError;

/// Most addresses that a node is asked about.
const MAX_ADDRESSES: usize = 128;

/// Micro-lamports a compute unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriorityFee {
    /// What three quarters of the recent transactions on the same accounts paid at most, and never
    /// more than `max`.
    Auto {
        max: u64,
    },
    Fixed(u64),
}

impl Default for PriorityFee {
    /// At most 0.0002 SOL for a transaction of 200,000 compute units.
    fn default() -> Self {
        Self::Auto { max: 1_000_000 }
    }
}

impl Rpc {
    /// # Errors
    /// [`TransportError`] if the node does not answer.
    pub(super) fn priority_fee(&self, instructions: &[Instruction]) -> Result<u64, TransportError> {
        let max = match self.settings.priority_fee {
            PriorityFee::Fixed(price) => return Ok(price),
            PriorityFee::Auto { max } => max,
        };
        let mut written: Vec<_> = instructions
            .iter()
            .flat_map(|instruction| &instruction.accounts)
            .filter(|account| account.is_writable)
            .map(|account| account.pubkey)
            .collect();
        written.sort_unstable();
        written.dedup();
        written.truncate(MAX_ADDRESSES);
        let paid = self
            .client
            .get_recent_prioritization_fees(&written)
            .map_err(|error| self.error(error))?;
        let paid = paid.iter().map(|fee| fee.prioritization_fee).collect();
        Ok(upper_quartile(paid).min(max))
    }
}

/// 0 of none.
fn upper_quartile(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    let rank = values.len().saturating_mul(3).div_ceil(4);
    let index = rank.saturating_sub(1);
    values.get(index).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartile_is_of_the_sorted_values() {
        assert_eq!(upper_quartile(vec![]), 0);
        assert_eq!(upper_quartile(vec![7]), 7);
        assert_eq!(upper_quartile(vec![40, 10, 30, 20]), 30);
    }
}
