#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::{KeyKind, Note, Policy, Tile, TileReader, TiledTree, bundle_entries};
use std::collections::BTreeMap;

struct Files<'f>(&'f BTreeMap<String, Vec<u8>>);

impl TileReader for Files<'_> {
    type Error = ();

    fn read_tile(&self, tile: &Tile) -> Result<Vec<u8>, ()> {
        self.0.get(&tile.path()).cloned().ok_or(())
    }
}

#[test]
fn what_is_written_is_a_log_that_a_reader_believes() {
    let log = SigningKey::from_seed("log.example", KeyKind::Ed25519, &[1; 32]).unwrap();
    let witnesses: Vec<SigningKey> = (2..5)
        .map(|w| SigningKey::from_seed(&format!("w{w}"), KeyKind::CosignatureV1, &[w; 32]).unwrap())
        .collect();
    let keys: Vec<_> = witnesses
        .iter()
        .map(|witness| witness.verifier().clone())
        .collect();
    let policy = Policy::k_of_n(&[log.verifier().clone()], &keys, 3).unwrap();
    for count in [0usize, 1, 256, 257, 1000] {
        let entries: Vec<String> = (0..count).map(|entry| format!("entry {entry}")).collect();
        let signers = LogSigners {
            log: &log,
            witnesses: &witnesses,
            time_s: 9,
        };
        let files: BTreeMap<_, _> = log_files(&entries, signers).unwrap().into_iter().collect();
        let accepted = policy
            .judge(&Note::parse(&files["checkpoint"]).unwrap())
            .unwrap();
        let tree = TiledTree::open(Files(&files), accepted.checkpoint.head()).unwrap();
        assert_eq!(tree.head().size, count as u64);
        let mut read = 0;
        for (path, bytes) in files
            .iter()
            .filter(|(path, _)| path.starts_with("tile/entries/"))
        {
            let tile: Tile = path.parse().unwrap();
            for (at, entry) in bundle_entries(bytes, tile.width())
                .unwrap()
                .iter()
                .enumerate()
            {
                assert!(tree.holds(tile.index() * 256 + at as u64, entry).unwrap());
                read += 1;
            }
        }
        assert_eq!(read, count);
    }
    let long = [vec![0u8; 70_000]];
    let signers = LogSigners {
        log: &log,
        witnesses: &[],
        time_s: 0,
    };
    assert!(matches!(
        log_files(&long, signers),
        Err(LogFilesError::Entry(_))
    ));
}
