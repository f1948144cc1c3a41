#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::tile::tiles;
use proptest::prelude::*;

struct Files(BTreeMap<String, Vec<u8>>);

impl TileReader for &Files {
    type Error = &'static str;

    fn read_tile(&self, tile: &Tile) -> Result<Vec<u8>, &'static str> {
        self.0.get(&tile.path()).cloned().ok_or("no such file")
    }
}

fn log(size: u64) -> (Vec<Hash>, Files, TreeHead) {
    let leaves: Vec<Hash> = (0..size)
        .map(|entry| leaf_hash(&entry.to_be_bytes()))
        .collect();
    let files = Files(tiles(&leaves).collect());
    let head = TreeHead {
        size,
        root: root(&leaves),
    };
    (leaves, files, head)
}

#[test]
fn proofs_from_tiles_are_those_from_leaves() {
    for size in [1, 2, 255, 256, 257, 1000, 65_536, 70_000] {
        let (leaves, files, head) = log(size);
        let tree = TiledTree::open(&files, head).unwrap();
        for index in [0, size / 3, size / 2, size - 1] {
            let (leaf, proof) = tree.prove_inclusion(index).unwrap();
            assert_eq!(leaf, leaves[usize::try_from(index).unwrap()]);
            assert_eq!(proof, prove_inclusion(&leaves[..], index, size).unwrap());
            assert!(tree.holds(index, &index.to_be_bytes()).unwrap());
            assert!(!tree.holds(index, b"another entry").unwrap());
            let (old, proof) = tree.prove_consistency(index + 1).unwrap();
            assert_eq!(old.root, root(&leaves[..=usize::try_from(index).unwrap()]));
            assert_eq!(
                proof,
                prove_consistency(&leaves[..], index + 1, size).unwrap()
            );
        }
        assert_eq!(
            tree.prove_inclusion(size),
            Err(TiledError::OutOfRange { asked: size, size })
        );
        assert_eq!(
            tree.prove_consistency(size + 1),
            Err(TiledError::OutOfRange {
                asked: size + 1,
                size
            })
        );
        let mut builder = tree.builder().unwrap();
        builder.push(leaf_hash(b"next"));
        let longer: Vec<Hash> = leaves.iter().copied().chain([leaf_hash(b"next")]).collect();
        assert_eq!(builder.root(), root(&longer));
    }
}

#[test]
fn the_empty_log_opens() {
    let (_, files, head) = log(0);
    let tree = TiledTree::open(&files, head).unwrap();
    assert_eq!(tree.builder().unwrap(), Tree::new());
}

#[test]
fn a_missing_or_short_tile_is_named() {
    let (_, mut files, head) = log(1000);
    files.0.get_mut("tile/0/001").unwrap().pop();
    files.0.remove("tile/0/002");
    let tree = TiledTree::open(&files, head).unwrap();
    let read = tree.prove_inclusion(700).unwrap_err();
    assert_eq!(read.to_string(), "tile/0/002 could not be read");
    assert_eq!(
        tree.prove_inclusion(300).unwrap_err().to_string(),
        "tile/0/001 has 8191 bytes, 8192 are expected"
    );
    files.0.remove("tile/1/000.p/3");
    assert!(matches!(
        TiledTree::open(&files, head),
        Err(TiledError::Read { .. })
    ));
}

proptest! {
    #[test]
    fn a_flipped_bit_never_gives_a_wrong_proof(tile in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(), index in 0u64..1000) {
        let (leaves, mut files, head) = log(1000);
        let path = files.0.keys().nth(tile.index(files.0.len())).unwrap().clone();
        let bytes = files.0.get_mut(&path).unwrap();
        let at = bit.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        let Ok(tree) = TiledTree::open(&files, head) else { return Ok(()) };
        if let Ok((leaf, proof)) = tree.prove_inclusion(index) {
            prop_assert_eq!(leaf, leaves[usize::try_from(index).unwrap()]);
            prop_assert!(verify_inclusion(&proof, index, 1000, leaf, head.root).is_ok());
        }
        if let Ok((old, proof)) = tree.prove_consistency(index) {
            prop_assert_eq!(old.root, root(&leaves[..usize::try_from(index).unwrap()]));
            prop_assert!(verify_consistency(&proof, old, head).is_ok());
        }
    }
}
