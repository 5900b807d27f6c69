//! Merkle tree over the results of many feeds, so that one signed root, and one proof of it, serves
//! up to 2²⁰ markets. The same code runs on chain, where it calls the sha256 syscall, and off it.
//!
//! | what | SHA-256 of |
//! |---|---|
//! | leaf | `0 ‖ domain ‖ feed id ‖ T ‖ value` |
//! | node | `1 ‖ left ‖ right` |
//! | root | `2 ‖ number of leaves ‖ top node`, its three topmost bits cleared |
//! | place without a leaf | `3` |
//!
//! Numbers are little-endian. The first byte keeps the four kinds apart, so that no node can be shown
//! as a leaf. The tree is filled to the next power of two with places without a leaf, and the root
//! says how many leaves there are: a list of results has one root, a root has one depth, and no
//! leaf can be shown at a second place.
//!
//! The root is what a proof is about, so it has to be an element of the scalar field of BN254. With
//! three bits less it is below 2²⁵³, and two trees of one root take some 2¹²⁶ hashes to find. Paths
//! are checked against the top node, which is the whole hash.

#![no_std]

extern crate alloc;

mod tree;

use core::fmt;

use solana_sha256_hasher::hashv;

pub use tree::{ResultTree, ResultTreeError};

/// Length of a hash in bytes.
pub const HASH_LEN: usize = 32;
/// Most levels between a leaf and the top node.
pub const MAX_DEPTH: u32 = 20;
/// Most leaves of a tree.
pub const MAX_LEAVES: u32 = 1 << MAX_DEPTH;

/// A SHA-256 hash.
pub type Hash = [u8; HASH_LEN];

const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];
const ROOT: &[u8] = &[2];
const EMPTY: &[u8] = &[3];

/// Bits of a root's first byte that are below 2²⁵³.
const ROOT_MASK: u8 = 0x1f;

/// What a leaf says: `value` is the feed's first value at or after `time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedResult {
    /// A field element, big-endian.
    pub feed_id: [u8; 32],
    /// `T`, unix time in milliseconds.
    pub time: u64,
    pub value: i64,
}

impl FeedResult {
    /// The leaf in the tree of a deployment, which has this domain.
    pub fn leaf(&self, domain: &[u8; 32]) -> Hash {
        let (time, value) = (self.time.to_le_bytes(), self.value.to_le_bytes());
        hashv(&[LEAF, domain, &self.feed_id, &time, &value]).to_bytes()
    }
}

/// The hash that providers sign: below 2²⁵³, big-endian.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root(Hash);

impl Root {
    /// Of the tree with this number of leaves and this top node.
    pub fn new(leaves: u32, top: &Hash) -> Self {
        let mut hash = hashv(&[ROOT, &leaves.to_le_bytes(), top]).to_bytes();
        if let Some(first) = hash.first_mut() {
            *first &= ROOT_MASK;
        }
        Self(hash)
    }

    /// `None` unless the three topmost bits are clear.
    pub fn from_bytes(bytes: Hash) -> Option<Self> {
        let is_root = bytes.first().is_some_and(|first| *first <= ROOT_MASK);
        is_root.then_some(Self(bytes))
    }

    pub fn as_bytes(&self) -> &Hash {
        &self.0
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({self})")
    }
}

/// Levels between a leaf and the top node of a tree of so many leaves.
pub fn depth(leaves: u32) -> u32 {
    match leaves.checked_sub(1) {
        None => 0,
        Some(last) => u32::BITS - last.leading_zeros(),
    }
}

/// Whether `leaf` is number `index` of the tree with so many leaves and this top node. `path` holds
/// the siblings from the leaf to the top, 32 bytes each.
pub fn includes(top: &Hash, leaves: u32, leaf: Hash, index: u32, path: &[u8]) -> bool {
    let (siblings, rest) = path.as_chunks::<HASH_LEN>();
    if index >= leaves || !rest.is_empty() || u32::try_from(siblings.len()) != Ok(depth(leaves)) {
        return false;
    }
    let mut place = index;
    let mut hash = leaf;
    for sibling in siblings {
        hash = match place & 1 {
            0 => node(&hash, sibling),
            _ => node(sibling, &hash),
        };
        place >>= 1;
    }
    hash == *top
}

fn node(left: &Hash, right: &Hash) -> Hash {
    hashv(&[NODE, left, right]).to_bytes()
}
