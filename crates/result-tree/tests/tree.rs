//! Every leaf has one path, and nothing else has any.

use proptest::prelude::*;
use result_tree::{
    depth, includes, FeedResult, Hash, ResultTree, ResultTreeError, Root, HASH_LEN, MAX_DEPTH,
    MAX_LEAVES,
};

const DOMAIN: [u8; 32] = [7; 32];

fn result(number: u64) -> FeedResult {
    let mut feed_id = [0; 32];
    feed_id[..8].copy_from_slice(&number.to_be_bytes());
    FeedResult {
        feed_id,
        time: 1_671_375_600_000 + number,
        value: i64::try_from(number).expect("small") - 5,
    }
}

fn results(count: u64) -> Vec<FeedResult> {
    (0..count).map(result).collect()
}

fn tree(count: u64) -> ResultTree {
    ResultTree::new(&DOMAIN, &results(count)).expect("different feeds")
}

fn shows(tree: &ResultTree, leaf: Hash, index: u32, path: &[u8]) -> bool {
    includes(&tree.top(), tree.leaves(), leaf, index, path)
}

#[test]
fn every_leaf_of_every_size_has_a_path_at_its_place_alone() {
    for count in (1..=34).chain([63, 64, 65, 127, 128, 129]) {
        let tree = tree(count);
        for index in 0..tree.leaves() {
            let leaf = result(index.into()).leaf(&DOMAIN);
            let path = tree.path(index).expect("index is below the count");
            assert_eq!(path.len(), HASH_LEN * depth(tree.leaves()) as usize);
            for other in 0..2 * tree.leaves() {
                assert_eq!(shows(&tree, leaf, other, &path), other == index);
            }
        }
        assert_eq!(tree.path(tree.leaves()), None);
    }
}

#[test]
fn depth_is_the_least_with_room_for_all() {
    assert_eq!(depth(0), 0);
    assert_eq!(depth(1), 0);
    for levels in 1..=MAX_DEPTH {
        assert_eq!(depth((1 << (levels - 1)) + 1), levels);
        assert_eq!(depth(1 << levels), levels);
    }
    assert_eq!(depth(MAX_LEAVES), MAX_DEPTH);
}

#[test]
fn number_of_leaves_is_part_of_the_root() {
    let (five, eight) = (tree(5), tree(8));
    assert_ne!(five.root(), eight.root());
    // The same top node under another count is another root.
    assert_ne!(five.root(), Root::new(6, &five.top()));
    assert_ne!(tree(1).root(), Root::new(2, &tree(1).top()));
}

#[test]
fn place_without_a_leaf_cannot_be_shown() {
    let tree = tree(5);
    // The sibling of leaf 4 fills the tree up.
    let path = tree.path(4).expect("there are five");
    let empty: Hash = path[..HASH_LEN].try_into().expect("32 bytes");
    let leaf = result(4).leaf(&DOMAIN);
    let path_of_empty = [&leaf[..], &path[HASH_LEN..]].concat();
    assert!(includes(&tree.top(), 8, empty, 5, &path_of_empty));
    assert!(!shows(&tree, empty, 5, &path_of_empty));
    // Filling up with the last leaf again, as some trees do, gives another tree.
    let doubled = [results(5), vec![result(4)]].concat();
    assert_eq!(
        ResultTree::new(&DOMAIN, &doubled).map(|tree| tree.root()),
        Err(ResultTreeError::SameFeedAndTime {
            first: 4,
            second: 5
        })
    );
}

#[test]
fn node_cannot_be_shown_as_a_leaf_nor_with_a_shorter_path() {
    let tree = tree(8);
    let path = tree.path(0).expect("there are eight");
    // The sibling at the second level is the node over leaves 2 and 3.
    let node: Hash = path[HASH_LEN..2 * HASH_LEN].try_into().expect("32 bytes");
    let path_of_two = tree.path(2).expect("there are eight");
    let node_path = [&path_of_two[HASH_LEN..2 * HASH_LEN], &path[2 * HASH_LEN..]].concat();
    // It is a node of a tree of four, but this tree has eight leaves.
    assert!(includes(&tree.top(), 4, node, 1, &node_path));
    assert!(!shows(&tree, node, 1, &node_path));

    let leaf = result(0).leaf(&DOMAIN);
    for wrong in [
        &path[..path.len() - 1],
        &path[..2 * HASH_LEN],
        &[&path[..], &[0; HASH_LEN]].concat(),
        &[],
    ] {
        assert!(!shows(&tree, leaf, 0, wrong));
    }
}

#[test]
fn leaf_is_bound_to_domain_feed_time_and_value() {
    let tree = tree(4);
    let path = tree.path(2).expect("there are four");
    let honest = result(2);
    let changes: [fn(&mut FeedResult); 3] = [
        |result| result.feed_id[31] ^= 1,
        |result| result.time += 1,
        |result| result.value += 1,
    ];
    assert!(shows(&tree, honest.leaf(&DOMAIN), 2, &path));
    assert!(!shows(&tree, honest.leaf(&[8; 32]), 2, &path));
    for change in changes {
        let mut changed = honest;
        change(&mut changed);
        assert!(!shows(&tree, changed.leaf(&DOMAIN), 2, &path));
    }
}

#[test]
fn no_results_two_of_one_feed_and_time_or_too_many_are_refused() {
    let new = |results: &[FeedResult]| ResultTree::new(&DOMAIN, results).map(|_| ());
    assert_eq!(new(&[]), Err(ResultTreeError::Empty));
    let mut twice = results(3);
    twice[2] = FeedResult {
        value: 99,
        ..twice[0]
    };
    assert_eq!(
        new(&twice),
        Err(ResultTreeError::SameFeedAndTime {
            first: 0,
            second: 2
        })
    );
    let found = MAX_LEAVES as usize + 1;
    assert_eq!(
        new(&vec![result(0); found]),
        Err(ResultTreeError::TooMany { found })
    );
}

#[test]
fn roots_are_below_two_to_the_253() {
    for count in 1..200 {
        let root = tree(count).root();
        assert!(root.as_bytes()[0] < 0x20);
        assert_eq!(Root::from_bytes(*root.as_bytes()), Some(root));
    }
    let mut above = [0; HASH_LEN];
    above[0] = 0x20;
    assert_eq!(Root::from_bytes(above), None);
}

proptest! {
    #[test]
    fn changed_path_shows_nothing(count in 2u64..300, index in 0u32..300, at in 0usize..320, bit in 0u32..8) {
        let tree = tree(count);
        let index = index % tree.leaves();
        let mut path = tree.path(index).expect("index is below the count");
        let leaf = result(index.into()).leaf(&DOMAIN);
        prop_assert!(shows(&tree, leaf, index, &path));
        let at = at % path.len();
        path[at] ^= 1 << bit;
        prop_assert!(!shows(&tree, leaf, index, &path));
    }
}
