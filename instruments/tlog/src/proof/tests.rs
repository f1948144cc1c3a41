#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::{Tree, leaf_hash, root};
use proptest::prelude::*;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count)
        .map(|entry| leaf_hash(&entry.to_be_bytes()))
        .collect()
}

/// RFC 6962 §2.1 word by word: the oracle of all builders.
fn plain_root(leaves: &[Hash]) -> Hash {
    match leaves.len() {
        0 => Hash::EMPTY_ROOT,
        1 => leaves[0],
        n => {
            let (left, right) = leaves.split_at(n.next_power_of_two() / 2);
            node_hash(plain_root(left), plain_root(right))
        }
    }
}

#[test]
fn every_builder_gives_the_root_of_the_definition() {
    for count in 0..300 {
        let leaves = leaves(count);
        let expected = plain_root(&leaves);
        assert_eq!(root(&leaves), expected, "{count} leaves");
        assert_eq!(FullTree::new(leaves).root(), expected, "{count} leaves");
    }
}

#[test]
fn every_inclusion_proof_of_small_trees_verifies_and_no_other_leaf_does() {
    for size in 1..70 {
        let leaves = leaves(size);
        let tree = FullTree::new(leaves.clone());
        for index in 0..size {
            let proof = prove_inclusion(&tree, index, size).unwrap();
            assert_eq!(prove_inclusion(&leaves[..], index, size).unwrap(), proof);
            let leaf = leaves[usize::try_from(index).unwrap()];
            verify_inclusion(&proof, index, size, leaf, tree.root()).unwrap();
            for other in (0..size).filter(|&other| other != index) {
                verify_inclusion(&proof, other, size, leaf, tree.root()).unwrap_err();
            }
        }
    }
}

#[test]
fn every_consistency_proof_of_small_trees_verifies() {
    let all = leaves(70);
    let tree = FullTree::new(all.clone());
    let head = |size: u64| TreeHead {
        size,
        root: root(&all[..usize::try_from(size).unwrap()]),
    };
    for new in 0..=70 {
        for old in 0..=new {
            let proof = prove_consistency(&tree, old, new).unwrap();
            assert_eq!(prove_consistency(&all[..], old, new).unwrap(), proof);
            verify_consistency(&proof, head(old), head(new)).unwrap();
            if old > 0 && old < new {
                let forked = TreeHead {
                    size: old,
                    root: leaf_hash(b"another history"),
                };
                verify_consistency(&proof, forked, head(new)).unwrap_err();
                verify_consistency(
                    &proof,
                    head(old),
                    TreeHead {
                        root: forked.root,
                        ..head(new)
                    },
                )
                .unwrap_err();
            }
        }
    }
}

#[test]
fn a_source_with_too_few_leaves_names_the_missing_node() {
    let few = leaves(5);
    assert_eq!(
        prove_inclusion(&few[..], 0, 8),
        Err(ProveError::MissingNode { from: 4, to: 8 })
    );
    assert_eq!(
        prove_inclusion(&few[..], 5, 5),
        Err(ProveError::IndexOutOfRange { index: 5, size: 5 })
    );
    assert_eq!(
        prove_consistency(&few[..], 6, 5),
        Err(ProveError::OldLargerThanNew { old: 6, new: 5 })
    );
}

#[test]
fn an_edge_of_wrong_length_is_refused_and_a_right_one_goes_on() {
    let all = leaves(100);
    let first: Tree = all[..37].iter().copied().collect();
    Tree::from_edge(38, first.edge().to_vec()).expect("38 has as many bits as 37");
    assert_eq!(
        Tree::from_edge(39, first.edge().to_vec())
            .unwrap_err()
            .expected,
        4
    );
    let mut again = Tree::from_edge(37, first.edge().to_vec()).unwrap();
    again.extend(all[37..].iter().copied());
    assert_eq!(again.root(), root(&all));
}

/// The oracle: `tlog_tiles`, ported by others from Go's `sumdb/tlog`.
struct Stored(Vec<tlog_tiles::tlog::Hash>);

impl tlog_tiles::tlog::HashReader for Stored {
    fn read_hashes(
        &self,
        indexes: &[u64],
    ) -> Result<Vec<tlog_tiles::tlog::Hash>, tlog_tiles::tlog::Error> {
        Ok(indexes
            .iter()
            .map(|&index| self.0[usize::try_from(index).unwrap()])
            .collect())
    }
}

fn stored(count: u64) -> Stored {
    let mut stored = Stored(Vec::new());
    for entry in 0..count {
        let more = tlog_tiles::tlog::stored_hashes(entry, &entry.to_be_bytes(), &stored).unwrap();
        stored.0.extend(more);
    }
    stored
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn proofs_agree_with_the_public_crate(size in 1u64..2000, a in any::<u64>(), b in any::<u64>()) {
        let (index, old) = (a % size, 1 + b % size);
        let (ours, theirs) = (leaves(size), stored(size));
        let plain = |proof: Vec<tlog_tiles::tlog::Hash>| proof.iter().map(|hash| Hash(hash.0)).collect::<Vec<_>>();
        let their_root = tlog_tiles::tlog::tree_hash(size, &theirs).unwrap();
        prop_assert_eq!(root(&ours), Hash(their_root.0));
        let inclusion = prove_inclusion(&ours[..], index, size).unwrap();
        prop_assert_eq!(&inclusion, &plain(tlog_tiles::tlog::prove_record(size, index, &theirs).unwrap()));
        let consistency = prove_consistency(&ours[..], old, size).unwrap();
        if old < size {
            prop_assert_eq!(&consistency, &plain(tlog_tiles::tlog::prove_tree(size, old, &theirs).unwrap()));
        }
        // And theirs accept ours.
        let back = inclusion.iter().map(|hash| tlog_tiles::tlog::Hash(hash.0)).collect();
        let leaf = tlog_tiles::tlog::record_hash(&index.to_be_bytes());
        tlog_tiles::tlog::check_record(&back, size, their_root, index, leaf).unwrap();
    }

    #[test]
    fn a_changed_bit_in_any_hash_is_refused(size in 2u64..300, a in any::<u64>(), bit in any::<u64>()) {
        let all = leaves(size);
        let index = a % size;
        let mut proof = prove_inclusion(&all[..], index, size).unwrap();
        let at = usize::try_from(bit).unwrap() % (proof.len() * 256);
        proof[at / 256].0[at % 256 / 8] ^= 1 << (at % 8);
        let leaf = all[usize::try_from(index).unwrap()];
        let refused = verify_inclusion(&proof, index, size, leaf, root(&all));
        let mismatch = matches!(refused, Err(ProofError::RootMismatch { .. }));
        prop_assert!(mismatch);

        let old = TreeHead { size: index + 1, root: root(&all[..=usize::try_from(index).unwrap()]) };
        let mut proof = prove_consistency(&all[..], old.size, size).unwrap();
        if !proof.is_empty() {
            let at = usize::try_from(bit).unwrap() % (proof.len() * 256);
            proof[at / 256].0[at % 256 / 8] ^= 1 << (at % 8);
            let new = TreeHead { size, root: root(&all) };
            prop_assert!(verify_consistency(&proof, old, new).is_err());
        }
    }

    #[test]
    fn verifiers_never_panic(
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..70),
        index in any::<u64>(), size in any::<u64>(), near in 0u64..3,
    ) {
        let head = |size| TreeHead { size, root: Hash::EMPTY_ROOT };
        for (index, size) in [(index, size), (size.saturating_sub(near), size), (index, u64::MAX), (index % 9, size % 9)] {
            let _ = verify_inclusion(&proof, index, size, Hash::EMPTY_ROOT, Hash::EMPTY_ROOT);
            let _ = verify_consistency(&proof, head(index), head(size));
        }
    }
}
