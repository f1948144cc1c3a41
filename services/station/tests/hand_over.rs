//! The hand-over: one folder with everything, whose bytes are the kit's; what is missing is said.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use lexicon::handover::envelope::{hex, sha256};
use precinct::{Precinct, at, capture, open};
use station::{HandOverRefused, Missing, Verdict};

const CLOSE_SECONDS: i64 = (precinct::CLOSES - precinct::OPENS) / 1_000_000;

/// Story: K1 closes, K2 is away. Expected: nothing before the close; then a folder with journal and reports, byte for byte,
/// its list and the paper; K2, the count on paper and the medium are said to be missing.
#[test]
fn a_closed_kit_hands_everything_over_in_one_folder() {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let stick = tempfile::tempdir().unwrap();
    let own = folder.path().join("K1");
    let one = open(&precinct, "K1", &own, 10);
    let pair = precinct.pair();
    one.kit.report_initial(&pair).unwrap();
    let served = one.kit.present(1, &capture(10)).unwrap();
    assert!(matches!(served, Verdict::Green(_)));
    let early = one.kit.hand_over(stick.path());
    assert!(matches!(early, Err(HandOverRefused::NotClosed)));
    one.clock.set(at(CLOSE_SECONDS + 1));
    one.kit.close(0, &pair).unwrap();
    let without = one.kit.hand_over(stick.path()).unwrap();
    assert!(without.missing.contains(&Missing::Final));
    let because = Some("UNREACHABLE");
    let kind = pollbook::ReportKind::Final;
    one.kit.report_because(kind, because, &pair).unwrap();
    let nowhere = one.kit.hand_over(&stick.path().join("absent"));
    assert!(matches!(nowhere, Err(HandOverRefused::NoFolder)));
    let papers = one.printer.names().len();
    let done = one.kit.hand_over(stick.path()).unwrap();
    assert_eq!(one.printer.names().len(), papers + 1);
    assert!(done.is_printed && done.folder.ends_with("1001-K1-handover"));
    let expected = [
        Missing::Totals,
        Missing::Medium,
        Missing::Kit("K2".to_owned()),
    ];
    assert_eq!(done.missing, expected);
    let read = |name: &str| std::fs::read(done.folder.join(name)).unwrap();
    assert_eq!(read("K1.journal"), one.kit.journal_bytes().unwrap());
    for name in ["K1.initial.cose", "K1.final.cose", "K1.final.json"] {
        assert_eq!(read(name), std::fs::read(own.join(name)).unwrap(), "{name}");
    }
    let list = read("handover.txt");
    assert_eq!(done.sha256, sha256(&list));
    let list = String::from_utf8(list).unwrap();
    assert_eq!(list.lines().count(), done.files.len());
    for row in list.lines() {
        let (hash, name) = (&row[..64], row.rsplit("  ").next().unwrap());
        assert_eq!(hash, hex(&sha256(&read(name))), "{name}");
    }
    // A stick that cannot be written is told, not passed over.
    std::fs::remove_dir_all(&done.folder).unwrap();
    std::fs::write(&done.folder, b"a file where the folder should be").unwrap();
    let refused = one.kit.hand_over(stick.path());
    assert!(
        matches!(refused, Err(HandOverRefused::Stick { .. })),
        "{refused:?}"
    );
}
