#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::{ExclusionReason, Instant, PersonId};

use super::*;

fn change(delta: u32, kind: ChangeKind, line: u32) -> DeltaLine {
    DeltaLine {
        release: 2,
        delta,
        effective_at: Instant::from_micros(0),
        person: PersonId::of_source("stood", "1"),
        kind,
        reason: "DEAD".to_owned(),
        precinct: PrecinctCode::new(1001).unwrap(),
        line,
        page: u32::from(kind != ChangeKind::Strike),
    }
}

fn check(changes: &[DeltaLine], expected: impl Fn(Stand<'_>) -> bool) {
    let decision = DecisionRow {
        person: PersonId::of_source("stood", "1"),
        place: ListPlace::Excluded(ExclusionReason::NoAddress),
        evidence: String::new(),
        day: None,
    };
    let stood = Stood {
        release: 2,
        decision: Some(&decision),
        changes: changes.iter().collect(),
    };
    assert!(expected(stood.stand().unwrap()), "{stood:?}");
}

#[test]
fn the_last_change_says_where_somebody_stands_and_an_added_line_stays_on_its_page() {
    use ChangeKind::{Add, Change, Strike};
    let excluded = ListPlace::Excluded(ExclusionReason::NoAddress);
    check(&[], |stand| stand == Stand::Release(excluded));
    let added = [change(1, Add, 9)];
    check(
        &added,
        |s| matches!(s, Stand::Line { by, added: true } if by.line == 9),
    );
    let corrected = [change(1, Add, 9), change(2, Change, 9)];
    check(
        &corrected,
        |s| matches!(s, Stand::Line { by, added: true } if by.delta == 2),
    );
    let of_release = [change(1, Change, 3)];
    check(&of_release, |s| {
        matches!(s, Stand::Line { added: false, .. })
    });
    let struck = [change(1, Add, 9), change(3, Strike, 9)];
    check(&struck, |s| matches!(s, Stand::Struck(by) if by.delta == 3));
    // Moved within one delta: struck in one precinct, then added in another.
    let moved = [change(1, Strike, 3), change(1, Add, 20)];
    check(
        &moved,
        |s| matches!(s, Stand::Line { by, .. } if by.line == 20),
    );
}
