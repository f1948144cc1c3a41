#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::sync::Arc;

use lexicon::handover::envelope::{EnvelopeError, Signer, encode, sign_all};
use lexicon::handover::package::stop_note;
use lexicon::handover::station_delta::{
    StationChange, StationChangeKind, StationDelta, station_delta_subject,
};
use lexicon::{Method, RefusalReason};

use super::*;
use crate::testing::{StubKey, StubRing, TestKit, at, by_finger, manifest, serve};
use crate::{CheckIn, ReportKind};

const INSTITUTIONS: [&str; 2] = ["srs-release", "cec-release"];

/// Two kits with 400 lines each, which take changes of the list from two institutions.
fn hall() -> Vec<TestKit> {
    hall_with(|_| {})
}

fn hall_with(change: impl Fn(&mut lexicon::handover::package::PackageManifest)) -> Vec<TestKit> {
    let mut manifest = manifest(&[(1, 400), (401, 800)]);
    change(&mut manifest);
    let publishers = INSTITUTIONS.map(|name| StubKey::new(name).kid());
    let charter = Charter::new(manifest, DocumentId([9; 32])).unwrap();
    let charter = Arc::new(charter.signed_by(&publishers));
    let kit = |number: usize| {
        let key = StubKey::new(&format!("K{number}"));
        let book = Book::new(Arc::clone(&charter), key.kid(), vec![3]);
        let journal = Vec::new();
        TestKit { key, book, journal }.opened(0)
    };
    (1..=2).map(kit).collect()
}

fn change(line: u32, kind: StationChangeKind) -> StationChange {
    StationChange {
        line,
        kind,
        entry: kind.has_entry().then(|| [line as u8; 32].into()),
        reason: "COURT".to_owned(),
    }
}

/// L7.1: a court order at 14:00 adds line 801 and strikes 77.
fn first() -> StationDelta {
    StationDelta {
        suite: "kg1".to_owned(),
        election: 20_151_004,
        precinct: 1001,
        number: 1,
        package: [9; 32].into(),
        previous: [9; 32].into(),
        list_delta: None,
        root: [71; 32].into(),
        lines: 801,
        voters: 800,
        effective_at: 0,
        changes: vec![
            change(77, StationChangeKind::Strike),
            change(801, StationChangeKind::Add),
        ],
        ephemeral: None,
        kit_wraps: Vec::new(),
    }
}

/// L7.2: a stop-note for line 90 and another line more.
fn second(before: &Taken) -> StationDelta {
    StationDelta {
        number: 2,
        previous: before.id.0.into(),
        root: [72; 32].into(),
        lines: 802,
        voters: 801,
        changes: vec![
            change(90, StationChangeKind::Stop),
            change(802, StationChangeKind::Add),
        ],
        ..first()
    }
}

fn signed(delta: &StationDelta, by: &[&str]) -> Vec<u8> {
    let keys: Vec<StubKey> = by.iter().map(|name| StubKey::new(name)).collect();
    let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as _).collect();
    sign_all(
        station_delta_subject(delta.election),
        &encode(delta),
        &signers,
    )
    .unwrap()
}

fn taken(delta: &StationDelta) -> Arc<Taken> {
    Arc::new(Taken::read(&signed(delta, &INSTITUTIONS)).unwrap())
}

fn take(kit: &mut TestKit, taken: &Arc<Taken>, seconds: i64) {
    let draft = kit.book.change_list(taken, at(seconds)).unwrap();
    kit.commit(draft);
}

/// Takes a peer's journal in as a kit does, and records the changes of the list that it heard of.
fn learn(kit: &mut TestKit, journal: &[Vec<u8>], seconds: i64) {
    for signed in journal {
        let act = kit.book.admit(signed, &StubRing).unwrap();
        kit.book.merge(act, Some(at(seconds).wall));
    }
    while let Some(draft) = kit.book.follow_list(at(seconds)) {
        kit.commit(draft);
    }
}

fn refused(kit: &mut TestKit, line: u32, seconds: i64) -> RefusalReason {
    kit.book.gate(line, at(seconds)).unwrap_err().reason
}

/// S-20. At 11:00 K1 identifies line 77. At 14:00 a delta that adds line 801 and strikes 77 and 78 comes to K1.
/// The act on 77 stays and is a conflict; 78 is refused; K2, still on L7, goes on, hears of it, records it itself,
/// serves the new line, and both report the new list.
#[test]
fn s_20_a_list_delta_during_the_day() {
    let mut kits = hall();
    let before = serve(&mut kits[0], 77, 3 * 3600);
    let mut delta = first();
    delta
        .changes
        .insert(1, change(78, StationChangeKind::Strike));
    delta.voters = 799;
    take(&mut kits[0], &taken(&delta), 6 * 3600);
    let on_old_list = serve(&mut kits[1], 500, 6 * 3600 + 1);

    assert_eq!(kits[0].book.list().voters(), 799);
    assert!(kits[0].book.state(77).counted.is_some(), "the act stays");
    assert_eq!(
        refused(&mut kits[0], 77, 6 * 3600 + 2),
        RefusalReason::Already
    );
    assert_eq!(
        refused(&mut kits[0], 78, 6 * 3600 + 2),
        RefusalReason::Struck
    );
    let after = serve(&mut kits[0], 79, 6 * 3600 + 3);
    let root_of = |act: &Act| {
        let subject = lexicon::handover::event::event_subject(20_151_004);
        let (_, payload) = envelope::peek1(subject, &act.signed()).unwrap();
        let event: lexicon::handover::event::Event = envelope::decode(&payload).unwrap();
        event.root[0]
    };
    assert_eq!(
        [root_of(&before), root_of(&on_old_list), root_of(&after)],
        [7, 7, 71]
    );
    assert_eq!(
        refused(&mut kits[1], 801, 6 * 3600 + 3),
        RefusalReason::NotHere
    );

    let journal = kits[0].journal.clone();
    learn(&mut kits[1], &journal, 6 * 3600 + 4);
    serve(&mut kits[1], 801, 6 * 3600 + 5);
    assert_eq!(kits[1].book.list_of(kits[1].book.me()), Some(1));
    // The new line is K2's: the last share.
    assert_eq!(kits[0].book.owner(801), Some(kits[1].book.me()));
    let journal = kits[1].journal.clone();
    learn(&mut kits[0], &journal, 6 * 3600 + 6);
    assert!(kits[0].book.state(801).counted.is_some());

    for kit in &kits {
        let incidents = kit.book.incidents();
        let codes: Vec<(&str, u32)> = incidents
            .iter()
            .map(|i| (i.code.as_str(), i.line))
            .collect();
        assert_eq!(codes, [("CONFLICT", 77)]);
        assert_eq!(incidents[0].evidence.len(), 2, "the act and the change");
        let report = kit
            .book
            .report(ReportKind::Running, 1, 1, at(7 * 3600))
            .unwrap();
        assert_eq!(
            (report.lines, report.delta, report.counted),
            (799, Some(1), 4)
        );
        assert_eq!(*report.root, [71; 32]);
    }
}

/// S-20. L7.2 comes before L7.1: it is taken in and held; with L7.1 both are in force, on a kit that heard of them in
/// the other order as well.
#[test]
fn s_20_a_later_delta_is_held_until_the_chain_is_complete() {
    let mut kits = hall();
    let one = taken(&first());
    let two = taken(&second(&one));
    take(&mut kits[0], &two, 100);
    assert_eq!(kits[0].book.list().held().len(), 1);
    assert_eq!(
        (kits[0].book.list().lines(), kits[0].book.list().number()),
        (800, None)
    );
    assert_eq!(refused(&mut kits[0], 802, 101), RefusalReason::NotHere);
    serve(&mut kits[0], 5, 102);
    take(&mut kits[0], &one, 103);
    assert_eq!(
        (kits[0].book.list().lines(), kits[0].book.list().number()),
        (802, Some(2))
    );
    assert!(kits[0].book.list().held().is_empty());
    assert!(
        kits[0].book.change_list(&one, at(104)).is_none(),
        "once is enough"
    );
    serve(&mut kits[0], 6, 105);

    take(&mut kits[1], &one, 110);
    let journal = kits[0].journal.clone();
    learn(&mut kits[1], &journal, 111);
    assert_eq!(kits[1].book.list().root(), kits[0].book.list().root());
    serve(&mut kits[1], 802, 112);
}

/// S-20. A kit that was stopped heard of L7.1 and has not recorded it. Expect: it names no line that its own chain
/// lacks, and grants none; after it recorded the change it serves the new line.
#[test]
fn s_20_a_line_is_served_once_the_change_is_in_the_own_chain() {
    let mut kits = hall();
    take(&mut kits[0], &taken(&first()), 100);
    for signed in kits[0].journal.clone() {
        let act = kits[1].book.admit(&signed, &StubRing).unwrap();
        kits[1].book.merge(act, Some(at(101).wall));
    }
    assert!(kits[1].book.has_line(801));
    assert_eq!(refused(&mut kits[1], 801, 102), RefusalReason::NotHere);
    let draft = kits[1].book.follow_list(at(103)).unwrap();
    kits[1].commit(draft);
    assert!(kits[1].book.gate(801, at(104)).is_ok());
}

/// S-20. Unsigned, signed by one, by a stranger, of another precinct, package or election: each refused by its own name.
#[test]
fn s_20_a_delta_without_both_signatures_or_of_another_place_is_refused() {
    let kits = hall();
    let charter = kits[0].book.charter();
    let check = |delta: &StationDelta, by: &[&str]| {
        let taken = Taken::read(&signed(delta, by)).unwrap();
        taken.verify(charter, &StubRing).unwrap_err()
    };
    let missing = |got| Rejection::Envelope(EnvelopeError::MissingSignature { got, needed: 2 });
    assert_eq!(check(&first(), &[]), missing(0));
    assert_eq!(check(&first(), &["srs-release"]), missing(1));
    assert_eq!(check(&first(), &["srs-release", "O1"]), missing(1));
    let elsewhere = StationDelta {
        precinct: 1002,
        ..first()
    };
    assert_eq!(check(&elsewhere, &INSTITUTIONS), Rejection::Precinct(1002));
    let another = StationDelta {
        election: 7,
        ..first()
    };
    assert_eq!(check(&another, &INSTITUTIONS), Rejection::Election(7));
    let older = StationDelta {
        package: [8; 32].into(),
        ..first()
    };
    assert_eq!(
        check(&older, &INSTITUTIONS),
        Rejection::Delta("changes another package")
    );
    let twice = StationDelta {
        changes: vec![
            change(77, StationChangeKind::Strike),
            change(77, StationChangeKind::Stop),
        ],
        ..first()
    };
    assert_eq!(
        check(&twice, &INSTITUTIONS),
        Rejection::Delta("is malformed")
    );
    // A charter that names no institution takes nothing.
    let bare = Charter::new(charter.manifest().clone(), DocumentId([9; 32])).unwrap();
    let taken = Taken::read(&signed(&first(), &INSTITUTIONS)).unwrap();
    assert!(taken.verify(&bare, &StubRing).is_err());
}

/// I5. An event on a root that is not in the succession is refused; one whose kit's earlier events are missing waits.
#[test]
fn an_event_on_an_unknown_root_is_refused_or_waits() {
    let mut kits = hall();
    take(&mut kits[0], &taken(&first()), 100);
    let act = serve(&mut kits[0], 5, 101);
    let (opened, changed, served) = (0, 1, 2);
    let journal = kits[0].journal.clone();
    assert_eq!(journal[served], *act.signed());
    let admit = |kit: &TestKit, at: usize| kit.book.admit(&journal[at], &StubRing);
    assert_eq!(admit(&kits[1], served).unwrap_err(), Rejection::Root);
    assert!(kits[1].book.waits_for(&journal[served]));
    let learn_one = |kit: &mut TestKit, at_: usize| {
        let act = kit.book.admit(&journal[at_], &StubRing).unwrap();
        kit.book.merge(act, Some(at(102).wall));
    };
    learn_one(&mut kits[1], opened);
    learn_one(&mut kits[1], changed);
    assert!(admit(&kits[1], served).is_ok());
    assert!(
        !kits[1].book.waits_for(&journal[served]),
        "nothing is missing before it"
    );
}

/// S-35. The registry recorded a death on Friday; on Sunday the person comes. The finger fits: served, an incident goes to
/// the registry. No finger: refused, whoever signs. Where the law refuses: refused before the finger.
#[test]
fn s_35_a_stop_note_lets_the_finger_decide() {
    let mut kits = hall();
    let mut delta = first();
    delta.changes[0] = change(90, StationChangeKind::Stop);
    delta.voters = 801;
    take(&mut kits[0], &taken(&delta), 100);
    let by_document = CheckIn {
        method: Method::Document2,
        finger: None,
        reason: "FINGERS_UNREADABLE".to_owned(),
        ..by_finger(90)
    };
    let refusal = kits[0].book.check_in(&by_document, at(101)).unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::StopNote);
    assert!(
        kits[0].book.gate(90, at(102)).is_ok(),
        "the finger is asked for"
    );
    serve(&mut kits[0], 90, 103);
    let incidents = kits[0].book.incidents();
    assert_eq!(
        (incidents[0].code.as_str(), incidents[0].line),
        ("STOP_NOTE", 90)
    );

    let mut strict = hall_with(|manifest| manifest.policy.stop_note = Some(stop_note::REFUSE));
    let kit = &mut strict[0];
    take(kit, &taken(&delta), 100);
    assert_eq!(refused(kit, 90, 101), RefusalReason::StopNote);
}

/// Two different deltas under one number are both signed by both institutions: the same one holds on every kit, and
/// the other is shown.
#[test]
fn two_deltas_of_one_number_are_an_incident() {
    let mut kits = hall();
    let one = taken(&first());
    let rival = taken(&StationDelta {
        root: [77; 32].into(),
        ..first()
    });
    take(&mut kits[0], &one, 100);
    take(&mut kits[1], &rival, 100);
    // Each serves on its own list before they meet, and goes on afterwards.
    serve(&mut kits[0], 90, 100);
    serve(&mut kits[1], 490, 100);
    let journal = kits[0].journal.clone();
    learn(&mut kits[1], &journal, 101);
    let journal = kits[1].journal.clone();
    learn(&mut kits[0], &journal, 102);
    serve(&mut kits[0], 91, 103);
    serve(&mut kits[1], 491, 103);
    let journal = kits[0].journal.clone();
    learn(&mut kits[1], &journal, 104);
    let journal = kits[1].journal.clone();
    learn(&mut kits[0], &journal, 105);
    assert_eq!([kits[0].book.counted(), kits[1].book.counted()], [4, 4]);
    assert_eq!(kits[0].book.list().last(), kits[1].book.list().last());
    assert_eq!(kits[0].book.list().last(), one.id.min(rival.id));
    let codes: Vec<String> = kits[1]
        .book
        .incidents()
        .into_iter()
        .map(|i| i.code)
        .collect();
    assert_eq!(codes, ["DELTA_TWICE"]);
}
