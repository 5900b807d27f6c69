use alloc::{collections::BTreeMap, vec::Vec};

use solana_sha256_hasher::hash;
use thiserror::Error;

use crate::{node, FeedResult, Hash, Root, EMPTY, MAX_LEAVES};

/// Why results do not make a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ResultTreeError {
    #[error("there is no result")]
    Empty,
    #[error("there are {found} results, at most {MAX_LEAVES} fit")]
    TooMany { found: usize },
    #[error("results {first} and {second} are of the same feed and time")]
    SameFeedAndTime { first: usize, second: usize },
}

/// All hashes of a tree, for making paths.
#[derive(Clone, Debug)]
pub struct ResultTree {
    leaves: u32,
    /// From the leaves to the top node; each filled up to an even length but for the top.
    levels: Vec<Vec<Hash>>,
}

impl ResultTree {
    /// The tree of these results, in this order, in the deployment with this domain.
    ///
    /// # Errors
    /// One variant of [`ResultTreeError`] a cause. Two results of one feed and time are refused
    /// even if they agree: whoever shows a conflict needs no more than two leaves that differ.
    pub fn new(domain: &[u8; 32], results: &[FeedResult]) -> Result<Self, ResultTreeError> {
        let found = results.len();
        let leaves = match u32::try_from(found) {
            Ok(0) => return Err(ResultTreeError::Empty),
            Ok(leaves) if leaves <= MAX_LEAVES => leaves,
            _ => return Err(ResultTreeError::TooMany { found }),
        };
        let mut seen = BTreeMap::new();
        for (second, result) in results.iter().enumerate() {
            if let Some(first) = seen.insert((result.feed_id, result.time), second) {
                return Err(ResultTreeError::SameFeedAndTime { first, second });
            }
        }

        let mut empty = hash(EMPTY).to_bytes();
        let mut level: Vec<_> = results.iter().map(|result| result.leaf(domain)).collect();
        let mut levels = Vec::new();
        while level.len() > 1 {
            if level.len() % 2 == 1 {
                level.push(empty);
            }
            let (pairs, _) = level.as_chunks::<2>();
            let next = pairs
                .iter()
                .map(|[left, right]| node(left, right))
                .collect();
            levels.push(core::mem::replace(&mut level, next));
            empty = node(&empty, &empty);
        }
        levels.push(level);
        Ok(Self { leaves, levels })
    }

    /// Number of results.
    pub fn leaves(&self) -> u32 {
        self.leaves
    }

    /// The top node, which paths end at.
    pub fn top(&self) -> Hash {
        let top = self.levels.last().and_then(|level| level.first());
        top.copied().unwrap_or_default()
    }

    /// What providers sign.
    pub fn root(&self) -> Root {
        Root::new(self.leaves, &self.top())
    }

    /// The siblings of result `index` from the leaf to the top, 32 bytes each, as
    /// [`crate::includes`] takes them. `None` if there is no such result.
    pub fn path(&self, index: u32) -> Option<Vec<u8>> {
        if index >= self.leaves {
            return None;
        }
        let mut place = usize::try_from(index).ok()?;
        let (_, below_top) = self.levels.split_last()?;
        let mut path = Vec::new();
        for level in below_top {
            path.extend_from_slice(level.get(place ^ 1)?);
            place >>= 1;
        }
        Some(path)
    }
}
