#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

struct Key(p256::SecretKey);

impl Key {
    fn of(n: u8) -> Self {
        Self(p256::SecretKey::from_slice(&[n; 32]).unwrap())
    }
}

impl KeyAgreement for Key {
    fn public(&self) -> PublicKey {
        use p256::elliptic_curve::sec1::ToSec1Point as _;
        let point = self.0.public_key().as_affine().to_sec1_point(false);
        PublicKey(point.as_bytes().try_into().unwrap())
    }

    fn agree(&self, ephemeral: &PublicKey) -> Result<[u8; 32], SignError> {
        Ok(shared(&self.0, &ephemeral.0).unwrap())
    }
}

fn file(path: &str, length: usize) -> SealedFile {
    SealedFile {
        path: path.to_owned(),
        length: length as u64,
    }
}

fn plain(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn header(files: Vec<SealedFile>) -> (SealedFolder, FolderKeys) {
    SealedFolder::draw(
        20_151_004,
        "snapshot",
        files,
        &Key::of(1).public(),
        &[9; 32],
    )
    .unwrap()
}

fn sealed(keys: &FolderKeys, of: &SealedFile) -> Vec<u8> {
    let mut out = Vec::new();
    let bytes = plain(usize::try_from(of.length).unwrap());
    keys.seal(of, &mut &bytes[..], &mut out).unwrap();
    out
}

fn opened(keys: &FolderKeys, of: &SealedFile, bytes: &[u8]) -> Result<Vec<u8>, SealedFolderError> {
    let mut out = Vec::new();
    keys.open(of, &mut &bytes[..], &mut out).map(|()| out)
}

#[test]
fn every_length_about_a_piece_comes_back_with_the_recipients_key() {
    for length in [
        0,
        1,
        CHUNK_BYTES - 1,
        CHUNK_BYTES,
        CHUNK_BYTES + 1,
        2 * CHUNK_BYTES,
        2 * CHUNK_BYTES + 7,
    ] {
        let of = file("persons.parquet", length);
        let (header, keys) = header(vec![of.clone()]);
        let bytes = sealed(&keys, &of);
        let pieces = length.div_ceil(CHUNK_BYTES).max(1);
        assert_eq!(bytes.len(), length + pieces * TAG_BYTES);
        let header = SealedFolder::parse(&encode(&header)).unwrap();
        let keys = header.keys(&Key::of(1)).unwrap();
        assert_eq!(opened(&keys, &of, &bytes).unwrap(), plain(length));
    }
}

#[test]
fn whoever_it_was_not_sealed_to_is_told_so() {
    let (header, _) = header(vec![file("a", 1)]);
    let refused = header.keys(&Key::of(2)).unwrap_err();
    assert!(
        matches!(refused, SealedFolderError::OtherKey { .. }),
        "{refused}"
    );
    // A header that names another recipient makes other keys.
    let of = file("a", 100);
    let (mut changed, keys) = super::tests::header(vec![of.clone()]);
    let bytes = sealed(&keys, &of);
    changed.recipient = Key::of(2).public().0.into();
    let keys = changed.keys(&Key::of(2)).unwrap();
    assert!(opened(&keys, &of, &bytes).is_err());
}

#[test]
fn pieces_cannot_be_changed_moved_cut_off_added_or_taken_from_another_file() {
    let (a, b) = (
        file("a", 2 * CHUNK_BYTES + 5),
        file("b", 2 * CHUNK_BYTES + 5),
    );
    let (_, keys) = header(vec![a.clone(), b.clone()]);
    let good = sealed(&keys, &a);
    assert!(opened(&keys, &a, &good).is_ok());
    let piece = CHUNK_BYTES + TAG_BYTES;
    let mut flipped = good.clone();
    flipped[piece + 3] ^= 1;
    let mut moved = good.clone();
    let (first, rest) = moved.split_at_mut(piece);
    first.swap_with_slice(&mut rest[..piece]);
    let longer = [&good[..], b"x"].concat();
    for (what, bytes) in [
        ("flipped", &flipped[..]),
        ("moved", &moved),
        ("cut in a piece", &good[..good.len() - 1]),
        ("cut after a piece", &good[..2 * piece]),
        ("longer", &longer),
        ("of another file", &sealed(&keys, &b)),
        ("empty", &[]),
    ] {
        assert!(opened(&keys, &a, bytes).is_err(), "{what}");
    }
    // A header that says less makes other keys.
    let (_, shorter) = header(vec![file("a", 2 * CHUNK_BYTES), b]);
    assert!(opened(&shorter, &a, &good).is_err());
}

#[test]
fn a_file_that_is_not_as_long_as_the_header_says_is_not_sealed() {
    let of = file("a", 10);
    let (_, keys) = header(vec![of.clone()]);
    for length in [0, 9, 11] {
        let bytes = plain(length);
        let mut out = Vec::new();
        assert!(
            keys.seal(&of, &mut &bytes[..], &mut out).is_err(),
            "{length}"
        );
    }
}

#[test]
fn a_header_that_leads_out_of_the_folder_is_refused() {
    for path in ["../a", "/a", "a//b", "a/./b", "a\\b", "", "a/..", "a\0"] {
        let (header, _) = header(vec![file(path, 1)]);
        assert!(SealedFolder::parse(&encode(&header)).is_err(), "{path:?}");
    }
    let (mut twice, _) = header(vec![file("a", 1), file("a", 1)]);
    assert!(SealedFolder::parse(&encode(&twice)).is_err());
    twice.files = vec![file("a", 1)];
    assert!(SealedFolder::parse(&encode(&twice)).is_ok());
    twice.suite = "kg0".to_owned();
    assert!(SealedFolder::parse(&encode(&twice)).is_err());
    assert!(SealedFolder::parse(&encode(&twice)[1..]).is_err());
}
