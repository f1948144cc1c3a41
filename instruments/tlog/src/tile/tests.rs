#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::leaf_hash;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn leaves(count: u64) -> Vec<Hash> {
    (0..count)
        .map(|entry| leaf_hash(&entry.to_be_bytes()))
        .collect()
}

#[test]
fn paths_are_written_as_in_the_specification() {
    let check = |kind, index, width, path: &str| {
        let tile = Tile::new(kind, index, width).unwrap();
        assert_eq!(tile.path(), path);
        assert_eq!(path.parse(), Ok(tile));
    };
    check(TileKind::Hashes(0), 1_234_067, 256, "tile/0/x001/x234/067");
    check(TileKind::Hashes(1), 0, 17, "tile/1/000.p/17");
    check(TileKind::Hashes(63), 999, 256, "tile/63/999");
    check(TileKind::Entries, 1000, 1, "tile/entries/x001/000.p/1");
    check(
        TileKind::Hashes(0),
        u64::MAX,
        255,
        "tile/0/x018/x446/x744/x073/x709/x551/615.p/255",
    );
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    for path in [
        "",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/+0/000",
        "tile/0/+00",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000/",
        "tile/0//000",
        "tile/-1/000",
        "/tile/0/000",
        "tile/entries/x/000",
        "tile/8/0/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        path.parse::<Tile>().expect_err(path);
    }
}

#[test]
fn a_tree_of_70000_has_the_tiles_the_specification_counts() {
    let paths: Vec<String> = Tile::all(70_000).map(|tile| tile.path()).collect();
    assert_eq!(paths.len(), 273 + 1 + 1 + 1 + 1);
    for path in [
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        assert!(paths.iter().any(|found| found == path), "{path}");
    }
    let paths: Vec<String> = Tile::all(256).map(|tile| tile.path()).collect();
    assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(Tile::all(0).count(), 0);
    assert_eq!(Tile::all(1).count(), 1);
}

#[test]
fn tiles_agree_with_the_public_crate() {
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
    let size = 66_000;
    let mut stored = Stored(Vec::new());
    for entry in 0..size {
        let more = tlog_tiles::tlog::stored_hashes(entry, &entry.to_be_bytes(), &stored).unwrap();
        stored.0.extend(more);
    }
    let theirs: BTreeMap<String, Vec<u8>> = tlog_tiles::tile::Tile::new_tiles(TILE_HEIGHT, 0, size)
        .iter()
        // Theirs write the height into the path, the specification does not.
        .map(|tile| {
            (
                tile.path().replacen("tile/8/", "tile/", 1),
                tile.read_data(&stored).unwrap(),
            )
        })
        .collect();
    let ours: BTreeMap<String, Vec<u8>> = tiles(&leaves(size)).collect();
    assert_eq!(
        ours.keys().collect::<Vec<_>>(),
        theirs.keys().collect::<Vec<_>>()
    );
    assert!(ours == theirs);
}

#[test]
fn tiles_since_an_older_tree_are_those_it_lacks() {
    let all = leaves(700);
    for (old, new) in [
        (0, 700),
        (1, 2),
        (255, 256),
        (256, 257),
        (300, 300),
        (512, 700),
    ] {
        let before: BTreeMap<_, _> = tiles(&all[..old]).collect();
        let after: BTreeMap<_, _> = tiles(&all[..new]).collect();
        let since: BTreeMap<_, _> = tiles_since(old as u64, &all[..new]).collect();
        let expected: BTreeMap<_, _> = after
            .into_iter()
            .filter(|(path, _)| !before.contains_key(path))
            .collect();
        assert_eq!(
            since.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>(),
            "{old} to {new}"
        );
        assert!(since == expected);
    }
}

#[test]
fn the_first_wrong_tile_is_named() {
    let all = leaves(1000);
    let mut files: BTreeMap<String, Vec<u8>> = tiles(&all).collect();
    assert_eq!(
        first_wrong_tile(&all, |path| files.get(path).cloned()),
        None
    );
    for path in files.keys().cloned().collect::<Vec<_>>() {
        files.get_mut(&path).unwrap()[7] ^= 1;
        assert_eq!(
            first_wrong_tile(&all, |path| files.get(path).cloned()),
            Some(path.clone())
        );
        let whole = files.remove(&path).unwrap();
        assert_eq!(
            first_wrong_tile(&all, |path| files.get(path).cloned()),
            Some(path.clone())
        );
        files.insert(path.clone(), whole);
        files.get_mut(&path).unwrap()[7] ^= 1;
    }
}

#[test]
fn an_entry_of_65535_bytes_fits_and_a_longer_one_is_named() {
    let bundle = entry_bundle(&[vec![7; ENTRY_BYTES_MAX]]).unwrap();
    assert_eq!(
        bundle_entries(&bundle, 1).unwrap(),
        [vec![7; ENTRY_BYTES_MAX]]
    );
    let mut entries = vec![vec![1u8]; 300];
    entries[290] = vec![0; ENTRY_BYTES_MAX + 1];
    let results: Vec<_> = entry_bundles(&entries).collect();
    assert_eq!(results[0].as_ref().unwrap().0, "tile/entries/000");
    assert_eq!(
        results[1],
        Err(BundleError::EntryTooLong {
            entry: 290,
            bytes: 65_536
        })
    );
}

#[test]
fn damaged_bundles_are_refused() {
    let bundle = entry_bundle(&[&b"one"[..], b"", b"three"]).unwrap();
    assert_eq!(
        bundle_entries(&bundle, 3).unwrap(),
        [&b"one"[..], b"", b"three"]
    );
    assert_eq!(
        bundle_entries(&bundle, 2),
        Err(BundleError::WrongCount {
            found: 3,
            expected: 2
        })
    );
    assert_eq!(
        bundle_entries(&bundle[..11], 3),
        Err(BundleError::Truncated { entry: 2 })
    );
    assert_eq!(
        bundle_entries(&bundle[..8], 3),
        Err(BundleError::Truncated { entry: 2 })
    );
    assert_eq!(
        bundle_entries(&[], 1),
        Err(BundleError::WrongCount {
            found: 0,
            expected: 1
        })
    );
    assert_eq!(
        bundle_entries(&[0; 4000], 256),
        Err(BundleError::WrongCount {
            found: 257,
            expected: 256
        })
    );
}

proptest! {
    #[test]
    fn bundles_come_back(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..600)) {
        let mut back = Vec::new();
        for result in entry_bundles(&entries) {
            let (path, bytes) = result.unwrap();
            let tile: Tile = path.parse().unwrap();
            back.extend(bundle_entries(&bytes, tile.width()).unwrap().into_iter().map(<[u8]>::to_vec));
        }
        prop_assert_eq!(back, entries);
    }

    #[test]
    fn paths_come_back(level in 0u8..64, index in any::<u64>(), width in 1u16..=256) {
        for kind in [TileKind::Hashes(level), TileKind::Entries] {
            let tile = Tile::new(kind, index, width).unwrap();
            prop_assert_eq!(tile.path().parse(), Ok(tile));
        }
    }

    #[test]
    fn parsers_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), width in any::<u16>(), text in "(tile/)?[x0-9a-z/.]{0,30}") {
        let _ = bundle_entries(&bytes, width);
        let _ = tile_hashes(&bytes, width);
        if let Ok(tile) = text.parse::<Tile>() {
            prop_assert_eq!(tile.path(), text);
        }
    }

    #[test]
    fn tiles_of_any_size_have_sane_addresses(level in 0u8..64, index in any::<u64>(), size in any::<u64>()) {
        let tile = Tile::in_tree(TileKind::Hashes(level), index, size);
        let hashes = if level < 8 { size >> (8 * u32::from(level)) } else { 0 };
        prop_assert_eq!(tile.is_some(), u128::from(hashes) > u128::from(index) * 256);
    }
}
