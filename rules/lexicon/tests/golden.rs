//! Documents written by another encoder are read, and written again byte for byte.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::delta::{ChangeKind, ListDelta, struck};
use lexicon::handover::envelope::{DocumentType, Subject, decode, id_all, sha256};

const DELTA: &[u8] = include_bytes!("golden/list-delta.cbor");
const DELTA_ID: &str = include_str!("golden/list-delta.id");

#[test]
fn a_delta_of_another_encoder_is_read_and_has_its_id() {
    let delta: ListDelta = decode(DELTA).unwrap();
    assert_eq!(
        (delta.number, delta.voters_before, delta.voters_after),
        (1, 3, 3)
    );
    let told: Vec<_> = delta
        .changes
        .iter()
        .map(|change| (change.line, change.kind, change.reason.as_str()))
        .collect();
    let want = [
        (1, ChangeKind::Strike, "DEAD"),
        (2, ChangeKind::Change, "CORRECTED"),
        (4, ChangeKind::Add, "ELIGIBLE"),
    ];
    assert_eq!(told, want);
    assert_eq!(*delta.changes[0].after, struck(&sha256(b"line 1")));
    assert_eq!(delta.changes[2].before, None);
    let subject = Subject {
        kind: DocumentType::ListDelta,
        election: 20_151_004,
    };
    assert_eq!(id_all(subject, DELTA).hex(), DELTA_ID.trim());
}

#[test]
fn a_delta_with_a_kind_that_is_none_or_in_another_encoding_is_refused() {
    let place = DELTA
        .windows(4)
        .position(|w| w == [0x01, 0x01, 0x64, b'D'])
        .unwrap();
    let mut other = DELTA.to_vec();
    other[place + 1] = 4;
    assert!(decode::<ListDelta>(&other).is_err());
    let mut longer = DELTA.to_vec();
    longer.push(0);
    assert!(decode::<ListDelta>(&longer).is_err());
}
