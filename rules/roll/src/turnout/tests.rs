use super::*;
use lexicon::Instant;
use lexicon::handover::envelope::encode;
use lexicon::handover::folder::bytes;

fn event(kit: u8, seq: u32, at: &str, kind: u8, body: &[u8]) -> Event {
    let micros = Instant::parse(at).map_or(0, Instant::micros);
    Event {
        version: 0,
        election: 1,
        precinct: 1001,
        kit: [kit; 8].into(),
        seq,
        previous: [0; 32].into(),
        hlc: u64::try_from(micros).unwrap_or(0) << 8,
        root: [0; 16].into(),
        kind,
        body: bytes(body),
    }
}

fn identified(kit: u8, seq: u32, line: u32, method: Method, at: &str) -> Event {
    let body = Identified {
        line,
        method: method.number(),
        finger: 0,
        attempts: 1,
        score_class: 0,
        receipt: seq,
        grant_seq: 0,
        grant_kit: [kit; 8].into(),
        officers: Vec::new(),
        reason: String::new(),
        picture: None,
    };
    event(kit, seq, at, kind::IDENTIFIED, &encode(&body))
}

fn undone(kit: u8, seq: u32, of: (u8, u32), line: u32, at: &str) -> Event {
    let body = Undone {
        line,
        kit: [of.0; 8].into(),
        seq: of.1,
        reason: "WRONG_LINE".to_owned(),
        officers: Vec::new(),
    };
    event(kit, seq, at, kind::UNDONE, &encode(&body))
}

// K1 serves line 1; K2, cut off, serves it again later: one voter, one duplicate, in any order.
// K2 serves line 2, two officers undo it, K1 serves it again: one voter.
#[test]
fn the_earliest_act_counts_and_nothing_is_counted_twice() {
    let mut events = vec![
        identified(1, 1, 1, Method::Finger, "2015-10-04T08:10:00+06:00"),
        identified(2, 1, 1, Method::Document2, "2015-10-04T09:10:00+06:00"),
        identified(2, 2, 2, Method::Finger, "2015-10-04T09:20:00+06:00"),
        undone(2, 3, (2, 2), 2, "2015-10-04T09:21:00+06:00"),
        identified(1, 2, 2, Method::Face2, "2015-10-04T10:00:00+06:00"),
        event(1, 3, "2015-10-04T10:01:00+06:00", kind::IDENTIFIED, b"\xff"),
    ];
    let first = tally(&events, 360);
    assert_eq!(
        (
            first.counted,
            first.duplicates,
            first.undone,
            first.unreadable
        ),
        (2, 1, 1, 1)
    );
    assert_eq!(first.by_method, [1, 1, 0, 0, 0]);
    let day = lexicon::Date::new(2015, 10, 4).expect("a day");
    assert_eq!(
        first.by_hour,
        BTreeMap::from([((day, 8), 1), ((day, 10), 1)])
    );
    for _ in 0..events.len() {
        events.rotate_left(1);
        assert_eq!(tally(&events, 360), first);
    }
    let again: Vec<Event> = events.iter().chain(&events).cloned().collect();
    assert_eq!(
        tally(&again, 360),
        first,
        "events handed in twice count once"
    );
}

#[test]
fn the_same_hour_of_two_days_is_two_rows() {
    let events = [
        identified(1, 1, 1, Method::Finger, "2015-10-04T10:10:00+06:00"),
        identified(1, 2, 2, Method::Finger, "2015-10-05T10:20:00+06:00"),
        // The clock of the precinct says which day it is, not that of Greenwich.
        identified(1, 3, 3, Method::Finger, "2015-10-05T00:30:00+06:00"),
    ];
    let row = PrecinctTurnout {
        precinct: 1001,
        lines: 100,
        tally: tally(&events, 360),
    };
    assert_eq!(
        tables(&[row]).hours,
        "day,hour,counted\n2015-10-04,10,<10\n2015-10-05,0,<10\n2015-10-05,10,<10\n"
    );
}

#[test]
fn small_counts_are_hidden_and_what_would_tell_them() {
    let of = |precinct: u16, counted: u64| PrecinctTurnout {
        precinct,
        lines: 100,
        tally: Tally {
            counted,
            by_method: [counted, 0, 0, 0, 0],
            by_hour: BTreeMap::from([(
                (lexicon::Date::new(2015, 10, 4).expect("a day"), 8),
                counted,
            )]),
            ..Tally::default()
        },
    };
    let tables = tables(&[of(1001, 9), of(1002, 0), of(1003, 10)]);
    assert_eq!(
        tables.turnout,
        "precinct,lines,counted\n1001,100,<10\n1002,100,0\n1003,100,>=10\ntotal,300,19\n",
        "10 of 19 would tell the 9"
    );
    assert_eq!(tables.hours, "day,hour,counted\n2015-10-04,8,19\n");
    assert_eq!(
        tables.methods,
        "method,counted\nfinger,19\nface2,0\ndocument2,0\noverride2,0\nhome,0\n"
    );
}

#[test]
fn no_small_count_follows_from_a_column_and_its_sum() {
    let check = |counts: &[u64], cells: &[&str]| assert_eq!(column(counts), cells, "{counts:?}");
    check(&[], &[]);
    check(&[0, 0], &["0", "0"]);
    check(&[10, 300], &["10", "300"]);
    check(&[4, 300, 20, 0], &["<10", "300", ">=10", "0"]);
    check(&[4, 7, 300], &["<10", "<10", "300"]);
    check(&[4, 5, 300, 20], &["<10", "<10", "300", ">=10"]);
    // Nothing else is there to hide: their sum is hidden as well.
    check(&[0, 4], &["0", "<10"]);
    assert_eq!(shown(4), "<10");
    // A list under ten is as small a cell as a turnout under ten.
    let of = |precinct, lines, counted| PrecinctTurnout {
        precinct,
        lines,
        tally: Tally {
            counted,
            ..Tally::default()
        },
    };
    let tables = tables(&[of(1001, 500, 200), of(1002, 300, 150), of(1901, 6, 6)]);
    assert_eq!(
        tables.turnout,
        "precinct,lines,counted\n1001,500,200\n1002,>=10,>=10\n1901,<10,<10\ntotal,806,356\n"
    );
}
