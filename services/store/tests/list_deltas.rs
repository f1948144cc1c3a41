//! Signed deltas of a release, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]
#![allow(dead_code, reason = "the kit serves other files too")]

mod kit;

use kit::on_both;
use lexicon::handover::delta::ChangeKind;
use lexicon::{Instant, PersonId, PrecinctCode};
use store::{DeltaLine, DeltaRow, Journal};

fn of(n: usize) -> PersonId {
    PersonId::of_source("deltas", &n.to_string())
}

fn line(delta: u32, n: usize, kind: ChangeKind, precinct: u16, line: u32) -> DeltaLine {
    DeltaLine {
        release: 2,
        delta,
        effective_at: Instant::from_micros(i64::from(delta)),
        person: of(n),
        kind,
        reason: "TRANSFERRED".to_owned(),
        precinct: PrecinctCode::new(precinct).unwrap(),
        line,
        page: u32::from(kind != ChangeKind::Strike) * 3,
    }
}

fn row(delta: u32) -> DeltaRow {
    DeltaRow {
        release: 2,
        delta,
        id: [u8::try_from(delta).unwrap(); 32],
        voters: 10,
        struck: 1,
        added: 1,
        changed: 0,
        effective_at: Instant::from_micros(i64::from(delta)),
        document: b"signed".to_vec(),
    }
}

#[test]
fn record_delta_and_who_is_behind_it() {
    use ChangeKind::{Add, Change, Strike};
    on_both(|engine, store| {
        let first = [line(1, 7, Strike, 1001, 4), line(1, 7, Add, 1002, 31)];
        let second = [line(2, 7, Change, 1002, 31), line(2, 8, Strike, 1002, 2)];
        for (number, lines) in [(1, &first), (2, &second)] {
            store
                .transact("delta", "test", |tx| tx.record_delta(&row(number), lines))
                .unwrap();
        }
        store
            .read("deltas", |tx| {
                assert_eq!(tx.deltas_of(2)?, [row(1), row(2)], "{engine}");
                assert_eq!((tx.last_delta(2)?, tx.last_delta(1)?), (2, 0), "{engine}");
                let of_person = [first.as_slice(), &second[..1]].concat();
                assert_eq!(tx.delta_lines_of(of(7))?, of_person, "{engine}");
                let here = PrecinctCode::new(1002).unwrap();
                let of_precinct = [&first[1..], second.as_slice()].concat();
                assert_eq!(tx.delta_lines_in(2, here)?, of_precinct, "{engine}");
                assert_eq!(tx.persons_of_delta((2, 2), Strike, None, 5)?, [of(8)]);
                let beyond = tx.persons_of_delta((2, 2), Strike, Some(of(8)), 5)?;
                assert_eq!(beyond, [], "{engine}");
                tx.verify_journal(Journal::Electoral)
            })
            .unwrap();
        // The same number twice: nothing is written over.
        let again = store.transact("delta", "test", |tx| tx.record_delta(&row(2), &second));
        assert!(again.is_err(), "{engine}");
    });
}
