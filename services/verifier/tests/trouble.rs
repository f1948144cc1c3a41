//! A day with a lost kit, told by the poll book and added up by the stranger: the same marks, the same incidents;
//! and acts of trouble that were forged or done out of rule, each a finding.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use keys::{FileKey, KeyRing};
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::day_decision::DayDecision;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, Signer, Subject, encode, id_all, sign_all, sign1, signed_bytes1,
};
use lexicon::handover::event::{
    Declined, Event, EventRef, GlassBroken, Identified, LineChecked, OfficerSignature, PaperOnly, PaperServed,
    PeerHead, Reconstructed, Resumed, Retired, SlipTaken, SlipVoided, Suspended, TimeSet, TotalsEntered,
    consent_subject, event_subject, frame,
};
use lexicon::handover::folder::bytes;
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::{
    BreakGlass, KitEntry, OfficerEntry, PackageManifest, SecondDay, StationPolicy, decided_by,
};
use lexicon::handover::report::Report as StationReport;
use lexicon::{FingerPosition, Instant, Method};
use pollbook::{
    Act, Body, Book, Charter, CheckIn, Decided, Draft, GrantAnswer, GrantAsk, Holdings, Reading, ReportKind, Step,
    admit,
};
use std::sync::Arc;
use verifier::{PrecinctDay, Report, precinct_day};

const ELECTION: u32 = 20_151_004;
const PRECINCT: u16 = 1001;
/// 08:00 of 4 October 2015 in Bishkek (UTC+6), microseconds.
const OPENS: i64 = 1_443_924_000_000_000;

fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"trouble", label)
}

fn reading(seconds: i64) -> Reading {
    let steady_micros = u64::try_from(seconds + 1_000_000).unwrap() * 1_000_000;
    Reading { wall: Instant::from_micros(OPENS + seconds * 1_000_000), steady_micros }
}

fn officer((name, body): (&str, &str)) -> OfficerEntry {
    OfficerEntry {
        point: key(name).public_key().0.into(),
        role: if name == "O1" { "chair" } else { "member" }.to_owned(),
        body: body.to_owned(),
        name: name.to_owned(),
    }
}

fn manifest() -> PackageManifest {
    let kit = |(name, from, to): (&str, u32, u32)| KitEntry {
        point: key(name).public_key().0.into(),
        name: name.to_owned(),
        from,
        to,
    };
    PackageManifest {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        release: 7,
        package: 1,
        previous: None,
        root: [7; 32].into(),
        lines: 120,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: OPENS - 86_400_000_000,
        not_after: OPENS + 2 * 86_400_000_000,
        policy: StationPolicy {
            partition: "segment".to_owned(),
            ballot_table: "paper".to_owned(),
            tries_per_finger: 3,
            pause_after_failures: 5,
            pause_seconds: 30,
            finger_fmr_ppb: 100_000,
            override_quota_permille: 20,
            opens: OPENS,
            closes: OPENS + 12 * 3_600_000_000,
            offset_minutes: 360,
            peer_stale_seconds: 10,
            skew_block_seconds: 60,
            different_bodies: true,
            lines_per_page: 25,
            stop_note: None,
            home: None,
            other_line_ppb: None,
            skew_warn_seconds: None,
            limits: None,
            second_day: Some(SecondDay { by: decided_by::HOLDERS, days_max: 14, hours_max: 12 }),
            devices: None,
            marked_lines_ppb: None,
        },
        kits: [("K1", 1, 40), ("K2", 41, 80), ("K3", 81, 120)].map(kit).to_vec(),
        officers: [("O1", "P"), ("O2", "Q"), ("O3", "Q")].map(officer).to_vec(),
        k: 2,
        revoked: Vec::new(),
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: Some(BreakGlass {
            holders: [("T1", "T"), ("T2", "T"), ("T3", "T")].map(officer).to_vec(),
            k: 2,
            wraps: Vec::new(),
            kinds: Some(vec![0, 1, 10, 12, 22, 24]),
        }),
        exercise: None,
        settings: None,
    }
}

struct Hall {
    manifest: Vec<u8>,
    charter: Arc<Charter>,
    ring: KeyRing,
    keys: Vec<FileKey>,
    books: Vec<Book>,
    journals: Vec<Vec<Vec<u8>>>,
    reports: Vec<(String, Vec<u8>)>,
}

const TWO: [&str; 2] = ["O1", "O2"];

impl Hall {
    fn new() -> Self {
        let (manifest, subject) = (manifest(), Subject { kind: DocumentType::PackageManifest, election: ELECTION });
        let payload = encode(&manifest);
        let signed = sign_all(subject, &payload, &[&key("srs"), &key("cec")]).unwrap();
        let keys: Vec<FileKey> = ["K1", "K2", "K3"].map(key).into();
        let cards = ["O1", "O2", "O3", "T1", "T2", "T3"].map(|name| key(name).public_key());
        let ring = KeyRing::of(keys.iter().map(FileKey::public_key).chain(cards));
        let charter = Arc::new(Charter::new(manifest, id_all(subject, &payload)).unwrap());
        let books = keys.iter().map(|key| Book::new(Arc::clone(&charter), key.kid(), Vec::new())).collect();
        Self { manifest: signed, charter, ring, keys, books, journals: vec![Vec::new(); 3], reports: Vec::new() }
    }

    fn kid(&self, kit: usize) -> Kid {
        self.keys[kit].kid()
    }

    fn commit(&mut self, kit: usize, draft: Draft, cards: &[&str]) -> Act {
        let cards: Vec<FileKey> = cards.iter().map(|name| key(name)).collect();
        let cards: Vec<&dyn Signer> = cards.iter().map(|card| card as _).collect();
        let draft = if cards.is_empty() { draft } else { draft.consented(&cards).unwrap() };
        let signed = draft.sign(&self.books[kit], &self.keys[kit]).unwrap();
        let act = admit(&self.charter, &signed, &self.ring).unwrap();
        self.journals[kit].push(signed);
        self.books[kit].merge(act.clone(), None);
        act
    }

    fn serve(&mut self, kit: usize, line: u32, seconds: i64) -> Act {
        let finger = FingerPosition::new(2);
        let check_in =
            CheckIn { line, method: Method::Finger, finger, attempts: 1, score_class: 2, reason: String::new() };
        let Ok(Step::Commit(draft)) = self.books[kit].check_in(&check_in, reading(seconds)) else {
            unreachable!("line {line} can be served at K{}", kit + 1);
        };
        self.commit(kit, draft, &[])
    }

    fn print(&mut self, kit: usize, act: &Act, seconds: i64) {
        let receipt = pollbook::identified(act).unwrap().receipt;
        let draft = self.books[kit].printed(receipt, 0, reading(seconds));
        self.commit(kit, draft, &[]);
    }

    /// Each of these kits takes in what the others wrote, and has heard them just now.
    fn meet(&mut self, kits: &[usize], seconds: i64) {
        for to in kits {
            for from in kits.iter().filter(|from| *from != to) {
                for signed in self.journals[*from].clone() {
                    let act = admit(&self.charter, &signed, &self.ring).unwrap();
                    self.books[*to].merge(act, Some(reading(seconds).wall));
                }
            }
        }
        for to in kits {
            for from in kits.iter().filter(|from| *from != to) {
                let wall = reading(seconds).wall;
                let mut answer = self.books[*from].message(self.kid(*to), 0, &Holdings::default(), wall);
                answer.answer = true;
                self.books[*to].hear(&answer, reading(seconds));
            }
        }
    }

    fn report(&mut self, kit: usize, change: impl FnOnce(&mut StationReport)) {
        self.report_at(kit, 12 * 3600 + 100, change);
    }

    fn report_at(&mut self, kit: usize, seconds: i64, change: impl FnOnce(&mut StationReport)) {
        let mut report = self.books[kit].report(ReportKind::Final, 1, 5, reading(seconds)).unwrap();
        change(&mut report);
        let subject = Subject { kind: DocumentType::Report, election: ELECTION };
        let signers: [&dyn Signer; 3] = [&self.keys[kit], &key("O1"), &key("O2")];
        self.reports.push((format!("K{}.final.cose", kit + 1), sign_all(subject, &encode(&report), &signers).unwrap()));
    }

    /// What stands in an event that was not made by the poll book; it follows the kit's last.
    fn forge(&mut self, kit: usize, body: Body, cards: &[&str]) -> bool {
        let last = admit(&self.charter, self.journals[kit].last().unwrap(), &self.ring).unwrap();
        let kind = body.kind();
        let payload = signed_body(self.kid(kit), last.name.seq + 1, body, cards);
        self.forge_bytes(kit, (last.name.seq + 1, last.name.id, last.hlc.0 + 1), kind, &payload)
    }

    fn forge_bytes(&mut self, kit: usize, place: (u32, DocumentId, u64), kind: u8, body: &[u8]) -> bool {
        let (seq, previous, hlc) = place;
        let event = Event {
            version: 0,
            election: ELECTION,
            precinct: PRECINCT,
            kit: self.kid(kit).0.into(),
            seq,
            previous: previous.0.into(),
            hlc,
            root: self.charter.root_prefix().into(),
            kind,
            body: bytes(body),
        };
        let signed = sign1(event_subject(ELECTION), &encode(&event), &self.keys[kit]).unwrap();
        let is_admitted = admit(&self.charter, &signed, &self.ring).is_ok();
        self.journals[kit].push(signed);
        is_admitted
    }

    fn read(&self) -> (PrecinctDay, Report) {
        let journal = |(at, records): (usize, &Vec<Vec<u8>>)| {
            (format!("K{}.journal", at + 1), records.iter().flat_map(|record| frame(record)).collect())
        };
        let mut files: Vec<(String, Vec<u8>)> = self.journals.iter().enumerate().map(journal).collect();
        files.extend(self.reports.clone());
        let institutions = ["srs", "cec"].map(|name| key(name).public_key().0);
        let mut report = Report::default();
        let day = precinct_day(ELECTION, &self.manifest, &institutions, &files, &mut report).unwrap();
        (day, report)
    }
}

/// The body with the officers' consents to it.
fn signed_body(kit: Kid, seq: u32, body: Body, cards: &[&str]) -> Vec<u8> {
    let payload = encode(&pollbook::consent(PRECINCT, EventRef { kit: kit.0.into(), seq }, &body));
    let sign = |name: &&str| {
        let card = key(name);
        let message = signed_bytes1(consent_subject(ELECTION), card.kid(), &payload);
        OfficerSignature { kid: card.kid().0.into(), signature: card.sign(&message).unwrap().into() }
    };
    let officers: Vec<OfficerSignature> = cards.iter().map(sign).collect();
    match body {
        Body::Retired(body) => encode(&Retired { officers, ..body }),
        Body::Reconstructed(body) => encode(&Reconstructed { officers, ..body }),
        Body::Resumed(body) => encode(&Resumed { officers, ..body }),
        Body::LineChecked(body) => encode(&LineChecked { officers, ..body }),
        Body::TimeSet(body) => encode(&TimeSet { officers, ..body }),
        Body::PaperOnly(body) => encode(&PaperOnly { officers, ..body }),
        Body::PaperServed(body) => encode(&PaperServed { officers, ..body }),
        Body::SlipVoided(body) => encode(&SlipVoided { officers, ..body }),
        Body::TotalsEntered(body) => encode(&TotalsEntered { officers, ..body }),
        Body::Suspended(body) => encode(&Suspended { officers, ..body }),
        Body::GlassBroken(body) => encode(&GlassBroken { officers, ..body }),
        Body::Opened(_)
        | Body::Identified(_)
        | Body::Refused(_)
        | Body::Undone(_)
        | Body::Granted(_)
        | Body::Printed(_)
        | Body::Void(_)
        | Body::PeerHead(_)
        | Body::Incident(_)
        | Body::Closed(_)
        | Body::Released(_)
        | Body::Declined(_)
        | Body::ListChanged(_)
        | Body::DayDecided(_)
        | Body::SessionOpened(_)
        | Body::LineSigned(_)
        | Body::SlipTaken(_)
        | Body::BallotIssued(_)
        | Body::ShiftTaken(_)
        | Body::CardWithdrawn(_)
        | Body::SlipsLater(_)
        | Body::LinkChanged(_)
        | Body::HomeReleased(_) => body.encode(),
    }
}

/// K2 serves 41, and 46 without a receipt; then it is alone, serves 42, and 43 without a receipt. Two officers retire
/// it at K1, which looks at the paper and serves 44, finds 45 signed, gives 46 its receipt, and enters the receipt of
/// 42. K2 knows nothing of it and serves 47. K3 got line 5 granted, gives it back, and sets its clock.
fn day() -> Hall {
    let mut hall = Hall::new();
    for kit in 0..3 {
        let draft = hall.books[kit].open(reading(-600)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    let act = hall.serve(1, 41, 10);
    hall.print(1, &act, 11);
    hall.serve(1, 46, 12);
    hall.meet(&[0, 1, 2], 13);
    let act = hall.serve(1, 42, 20);
    hall.print(1, &act, 21);
    hall.serve(1, 43, 22);
    let (from, request) = (hall.kid(2), hall.books[2].request_number(reading(23)));
    let GrantAnswer::Give(draft) = hall.books[0].grant(GrantAsk { from, line: 5, request }, reading(23)) else {
        unreachable!("line 5 is free");
    };
    hall.commit(0, draft, &[]);
    hall.meet(&[0, 2], 600);
    let draft = hall.books[2].decline(5, reading(601)).unwrap();
    hall.commit(2, draft, &[]);
    let draft = hall.books[2].set_clock(reading(602));
    hall.commit(2, draft, &TWO);
    let k2 = hall.kid(1);
    let draft = hall.books[0].take_over(&[k2], "KIT_LOST", reading(603)).unwrap();
    hall.commit(0, draft, &TWO);
    for (line, is_unsigned) in [(44, true), (45, false)] {
        let draft = hall.books[0].check_line(line, is_unsigned, reading(610));
        hall.commit(0, draft, &["O3"]);
    }
    let act = hall.serve(0, 44, 611);
    hall.print(0, &act, 612);
    let draft = hall.books[0].resume(46, false, reading(613)).unwrap();
    hall.commit(0, draft, &TWO);
    let draft = hall.books[0].reconstruct(42, k2, 3, Method::Finger, reading(614)).unwrap();
    hall.commit(0, draft, &TWO);
    let act = hall.serve(1, 47, 700);
    hall.print(1, &act, 701);
    hall
}

fn evening(hall: &mut Hall) {
    hall.meet(&[0, 1, 2], 12 * 3600);
    for kit in [0, 2] {
        let draft = hall.books[kit].close(0, reading(12 * 3600 + 60)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    hall.meet(&[0, 1, 2], 12 * 3600 + 61);
}

fn told(day: &PrecinctDay) -> Vec<(String, u32)> {
    day.incidents.iter().map(|incident| (incident.code.clone(), incident.line)).collect()
}

#[test]
fn before_the_lost_journal_turns_up_the_paper_counts() {
    let mut hall = day();
    let lost = hall.journals[1].split_off(4);
    assert_eq!(lost.len(), 5);
    let (day, report) = hall.read();
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!(day.marked, [41, 42, 44, 46]);
    assert_eq!(day.by_method, [4, 0, 0, 0, 0]);
    assert_eq!(told(&day), []);
}

#[test]
fn when_it_turns_up_its_acts_count_once_and_are_told() {
    let mut hall = day();
    evening(&mut hall);
    (0..3).step_by(2).for_each(|kit| hall.report(kit, |_| {}));
    let (day, report) = hall.read();
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!(day.marked, [41, 42, 43, 44, 46]);
    let late = |line| ("LATE".to_owned(), line);
    assert_eq!(told(&day), [("AFTER_RETIREMENT".to_owned(), 47), late(42), late(43)]);
    let book: Vec<(String, u32)> = hall.books[0].incidents().into_iter().map(|i| (i.code, i.line)).collect();
    assert_eq!(told(&day), book);
}

#[test]
fn a_report_that_counts_or_hides_what_a_retired_kit_did_is_found() {
    let check = |change: &dyn Fn(&mut StationReport), code: &str| {
        let mut hall = day();
        evening(&mut hall);
        hall.report(0, |report| change(report));
        let report = hall.read().1;
        assert!(report.findings.iter().any(|finding| finding.code == code), "{code}: {}", report.to_text());
    };
    check(&|report| (report.counted, report.by_method[0].count) = (6, 6), "report_sum");
    check(&|report| report.incidents.retain(|incident| incident.line != 47), "report_incident");
    check(&|report| report.incidents[0].line = 48, "report_incident");
    check(&|report| report.rejected = 0, "report_sum");
}

/// K1 declares an interval of three slips after lines 5 and 41 were served by kits; 41 was served on paper as well, and
/// an entry of line 70 is taken back.
fn on_paper() -> Hall {
    let mut hall = Hall::new();
    for kit in 0..3 {
        let draft = hall.books[kit].open(reading(-600)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    for (kit, line) in [(0, 5), (1, 41)] {
        let act = hall.serve(kit, line, 10);
        hall.print(kit, &act, 11);
    }
    hall.meet(&[0, 1, 2], 13);
    let (from, to) = (reading(100).wall, reading(200).wall);
    let draft = hall.books[0].paper_only(from, to, 3, reading(300)).unwrap();
    let interval = hall.commit(0, draft, &TWO).name.seq;
    for (slip, line) in [(1, 6), (2, 41), (3, 70)] {
        let draft = hall.books[0].paper_served(interval, line, slip, Method::Document2, reading(310)).unwrap();
        hall.commit(0, draft, &TWO);
    }
    let draft = hall.books[0].undo_paper(70, 3, "ENTRY_MISTAKE", reading(320)).unwrap();
    hall.commit(0, draft, &TWO);
    hall.meet(&[0, 1, 2], 12 * 3600);
    for kit in 0..3 {
        let draft = hall.books[kit].close(0, reading(12 * 3600 + 60)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    hall.meet(&[0, 1, 2], 12 * 3600 + 61);
    hall
}

#[test]
fn an_interval_on_paper_is_folded_as_the_book_folds_it_and_its_report_is_looked_at() {
    let mut hall = on_paper();
    (0..3).for_each(|kit| hall.report(kit, |_| {}));
    let (day, report) = hall.read();
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!((day.marked.as_slice(), day.by_method), ([5, 6, 41].as_slice(), [2, 0, 1, 0, 0]));
    assert_eq!(told(&day), [("DUPLICATE".to_owned(), 41), ("PAPER_COUNT".to_owned(), 0)]);
    let book: Vec<(String, u32)> = hall.books[1].incidents().into_iter().map(|i| (i.code, i.line)).collect();
    assert_eq!(told(&day), book);
    let check = |change: &dyn Fn(&mut StationReport), code: &str| {
        let mut hall = on_paper();
        hall.report(0, |report| change(report));
        let report = hall.read().1;
        assert!(report.findings.iter().any(|finding| finding.code == code), "{code}: {}", report.to_text());
    };
    check(&|report| report.paper_only.as_mut().unwrap()[0].count = 2, "report_sum");
    check(&|report| report.paper_only.as_mut().unwrap()[0].entered = 3, "report_sum");
    check(&|report| report.paper_only.as_mut().unwrap()[0].served = 2, "report_sum");
    check(&|report| report.paper_only.as_mut().unwrap()[0].to += 1, "report_invalid");
    check(&|report| report.paper_only = None, "report_sum");
}

/// K1's slip of line 5 is handed in at K1 and, over a cut, at K3; two officers identify line 6 by hand; line 7 is undone.
/// After the close what was counted on paper is entered at K1, and once more with a reason.
fn counted_on_paper() -> Hall {
    let mut hall = Hall::new();
    for kit in 0..3 {
        let draft = hall.books[kit].open(reading(-600)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    let draft = hall.books[0].take_shift(reading(5)).unwrap();
    hall.commit(0, draft, &["O3"]);
    let slip = hall.serve(0, 5, 10);
    hall.print(0, &slip, 11);
    hall.meet(&[0, 1, 2], 12);
    for (kit, seconds) in [(0, 20), (2, 25)] {
        let draft = hall.books[kit].take_slip(&slip, reading(seconds)).unwrap();
        hall.commit(kit, draft, &[]);
    }
    let check_in = CheckIn {
        line: 6,
        method: Method::Face2,
        finger: None,
        attempts: 0,
        score_class: 0,
        reason: "NO_FINGERS".to_owned(),
    };
    let Ok(Step::Commit(draft)) = hall.books[0].check_in(&check_in, reading(30)) else { unreachable!("its own line") };
    hall.commit(0, draft.naming_picture([8; 32]), &["O2", "O1"]);
    hall.serve(0, 7, 40);
    let draft = hall.books[0].undo(7, "WRONG_VOTER", reading(50)).unwrap();
    hall.commit(0, draft, &TWO);
    hall.meet(&[0, 1, 2], 60);
    for kit in 0..3 {
        let draft = hall.books[kit].close(0, reading(12 * 3600 + 60)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    for (at, (signatures, said)) in [(1, ["LEFT_WITHOUT", ""]), (2, ["", "COUNTED_AGAIN"])].into_iter().enumerate() {
        let totals =
            pollbook::PaperTotals { signatures, received: 10, issued: signatures, spoilt: 1, left: 9 - signatures };
        let seconds = 12 * 3600 + 70 + i64::try_from(at).unwrap();
        let draft = hall.books[0].enter_totals(totals, said[0], said[1], reading(seconds)).unwrap();
        hall.commit(0, draft, &TWO);
    }
    hall.meet(&[0, 1, 2], 12 * 3600 + 75);
    hall
}

#[test]
fn what_a_report_says_beside_its_counters_is_worked_out_again() {
    let mut hall = counted_on_paper();
    (0..3).for_each(|kit| hall.report(kit, |_| {}));
    let (day, report) = hall.read();
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!(told(&day), [("SLIP_TWICE".to_owned(), 5)]);
    let book: Vec<(String, u32)> = hall.books[1].incidents().into_iter().map(|i| (i.code, i.line)).collect();
    assert_eq!(told(&day), book);
    let said = hall.books[1].report(ReportKind::Final, 1, 5, reading(12 * 3600 + 100)).unwrap();
    let totals = said.totals.clone().unwrap();
    assert_eq!((totals.signatures, totals.before, &*totals.correction), (2, 1, "COUNTED_AGAIN"));
    assert_eq!((said.pairs.unwrap().len(), said.slips_taken, said.pictures), (1, Some(1), Some(1)));
    let undone = said.undone_by.unwrap();
    assert_eq!((*undone[0].card, undone[0].count), (key("O3").kid().0, 1));
    let check = |what: &str, change: &dyn Fn(&mut StationReport)| {
        let mut hall = counted_on_paper();
        hall.report(0, |report| change(report));
        let report = hall.read().1;
        assert!(report.findings.iter().any(|finding| finding.code == "report_sum"), "{what}: {}", report.to_text());
    };
    check("signatures", &|report| report.totals.as_mut().unwrap().signatures = 3);
    check("the entry before", &|report| report.totals.as_mut().unwrap().before = 0);
    check("no totals", &|report| report.totals = None);
    check("a pair", &|report| report.pairs.as_mut().unwrap()[0].count = 2);
    check("an operator", &|report| report.undone_by.as_mut().unwrap()[0].card = [9; 8].into());
    check("a moment", &|report| report.evidence.as_mut().unwrap()[0].at += 1);
    check("a receipt", &|report| report.evidence.as_mut().unwrap()[0].receipt = 7);
    check("a head's moment", &|report| report.heads_at.as_mut().unwrap()[1] += 1);
    check("entered", &|report| report.reconstructed = Some(vec![0, 1, 0]));
    check("slips", &|report| report.slips_taken = Some(2));
    check("pictures", &|report| report.pictures = Some(2));
    check("no pictures", &|report| report.pictures = None);
    let mut hall = counted_on_paper();
    hall.report(0, |report| report.training_events = Some(0));
    assert!(hall.read().1.findings.iter().any(|finding| finding.code == "report_invalid"));
}

#[test]
fn the_chain_of_addenda_is_followed() {
    let chain = |change: &dyn Fn(usize, &mut StationReport)| {
        let mut hall = on_paper();
        for at in 0..3usize {
            let before = hall.reports.last().map(|(_, bytes)| lexicon::handover::envelope::sha256(bytes));
            hall.report(0, |report| {
                report.number = u32::try_from(at).unwrap() + 1;
                report.adds_to = before.map(Into::into);
                change(at, report);
            });
            let name = if at == 0 { "K1.final.cose".to_owned() } else { format!("K1.addendum-{at}.cose") };
            hall.reports.last_mut().unwrap().0 = name;
        }
        hall
    };
    let found = |hall: &Hall| -> Vec<String> {
        let report = hall.read().1;
        assert!(report.findings.iter().all(|finding| finding.code == "addendum_chain"), "{}", report.to_text());
        report.findings.iter().map(|finding| finding.file.clone()).collect()
    };
    assert_eq!(found(&chain(&|_, _| {})), Vec::<String>::new());
    let lost = |which: usize| {
        let mut hall = chain(&|_, _| {});
        hall.reports.remove(which);
        found(&hall)
    };
    assert_eq!(lost(0), ["K1.addendum-1.cose"]);
    assert_eq!(lost(1), ["K1.addendum-2.cose"]);
    assert_eq!(lost(2), Vec::<String>::new(), "that the last is missing, nobody can tell");
    let hall = chain(&|at, report| report.adds_to = report.adds_to.take().filter(|_| at != 1));
    assert_eq!(found(&hall), ["K1.addendum-1.cose"]);
    let hall = chain(&|at, report| report.kind = if at == 2 { 2 } else { report.kind });
    assert_eq!(found(&hall), ["K1.addendum-2.cose"]);
    let manual = include_str!("../../../docs/verify.md");
    assert!(manual.contains("`addendum_chain`"));
}

/// Each forgery is signed by K1 (a stolen kit with a valid key) after the day; the door of the poll book and the
/// stranger agree on what is no event at all, and the stranger finds what contradicts the other events.
#[test]
fn acts_of_trouble_out_of_rule_are_found() {
    let (k1, k2, k3) = (key("K1").kid(), key("K2").kid(), key("K3").kid());
    let head = |kit: Kid, seq, head: [u8; 32]| PeerHead { kit: kit.0.into(), seq, head: head.into() };
    let retired = |kits| Body::Retired(Retired { kits, reason: "KIT_LOST".to_owned(), officers: Vec::new() });
    let entered = |kit: Kid, method| {
        let (kit, officers) = (kit.0.into(), Vec::new());
        Body::Reconstructed(Reconstructed { line: 90, kit, receipt: 9, method, officers })
    };
    let resumed =
        |seq, outcome| Body::Resumed(Resumed { line: 41, kit: k2.0.into(), seq, outcome, officers: Vec::new() });
    let looked = Body::LineChecked(LineChecked { line: 50, unsigned: true, officers: Vec::new() });
    let clock = Body::TimeSet(TimeSet { wall: OPENS, officers: Vec::new() });
    let declined = Body::Declined(Declined { line: 6, kit: k3.0.into(), seq: 2 });
    let served = |line, grant_kit: Kid, grant_seq| {
        Body::Identified(Identified {
            line,
            method: 1,
            finger: 2,
            attempts: 1,
            score_class: 2,
            receipt: 2,
            grant_seq,
            grant_kit: grant_kit.0.into(),
            officers: Vec::new(),
            reason: String::new(),
            picture: None,
        })
    };
    let paper = |from, to| Body::PaperOnly(PaperOnly { from, to, count: 1, officers: Vec::new() });
    let on_paper = |interval, slip, method| {
        Body::PaperServed(PaperServed { line: 90, slip, interval, method, officers: Vec::new() })
    };
    let void = |seq| {
        let reason = "SPOILT".to_owned();
        Body::SlipVoided(SlipVoided { line: 41, kit: k2.0.into(), seq, reason, officers: Vec::new() })
    };
    let totals = |difference: &str, correction: &str| {
        let (difference, correction) = (difference.to_owned(), correction.to_owned());
        let (officers, numbers) = (Vec::new(), [1, 9, 1, 0, 8]);
        let [signatures, received, issued, spoilt, left] = numbers;
        Body::TotalsEntered(TotalsEntered {
            signatures,
            received,
            issued,
            spoilt,
            left,
            difference,
            correction,
            officers,
        })
    };
    let two = || vec![head(k3, 0, [0; 32])];
    let forgeries: Vec<(&str, Body, &[&str], &str)> = vec![
        ("a takeover by one officer", retired(two()), &["O1"], "event_invalid"),
        ("a takeover by two of one body", retired(two()), &["O2", "O3"], "event_invalid"),
        ("totals by one officer", totals("", ""), &["O1"], "event_invalid"),
        ("totals with a reason that is none", totals("BECAUSE", ""), &TWO, "event_invalid"),
        ("totals with a correction that is none", totals("", "BECAUSE"), &TWO, "event_invalid"),
        (
            "a slip of an act of the wrong line",
            Body::SlipTaken(SlipTaken { line: 5, kit: k3.0.into(), seq: 1 }),
            &[],
            "slip_unknown",
        ),
        (
            "a slip on a line that is none",
            Body::SlipTaken(SlipTaken { line: 0, kit: k2.0.into(), seq: 2 }),
            &[],
            "event_invalid",
        ),
        ("a takeover by one officer twice", retired(two()), &["O1", "O1"], "event_invalid"),
        ("a takeover of itself", retired(vec![head(k1, 0, [0; 32])]), &TWO, "takeover_invalid"),
        ("a takeover of nobody", retired(Vec::new()), &TWO, "takeover_invalid"),
        ("a takeover of a stranger", retired(vec![head(Kid([5; 8]), 0, [0; 32])]), &TWO, "takeover_invalid"),
        ("a takeover that names a head nobody has", retired(vec![head(k3, 99, [1; 32])]), &TWO, "journal_cut"),
        ("a takeover that names another head", retired(vec![head(k3, 1, [1; 32])]), &TWO, "equivocation"),
        ("a receipt of a living kit", entered(k3, 1), &TWO, "reconstructed_alive"),
        ("a receipt entered by one officer", entered(k2, 1), &["O2"], "event_invalid"),
        ("a receipt by a method that is none", entered(k2, 6), &TWO, "event_invalid"),
        ("a receipt for an act that is not there", resumed(77, 1), &TWO, "resumed_unknown"),
        ("an outcome that is none", resumed(2, 3), &TWO, "event_invalid"),
        ("a receipt for no act", resumed(0, 1), &TWO, "event_invalid"),
        ("a look by nobody", looked.clone(), &[], "event_invalid"),
        ("a look by a stranger", looked, &["K1"], "event_invalid"),
        ("a clock set by one", clock, &["O1"], "event_invalid"),
        ("an interval by one officer", paper(OPENS, OPENS + 1), &["O1"], "event_invalid"),
        ("an interval that ends before it begins", paper(OPENS, OPENS), &TWO, "event_invalid"),
        ("a line of an interval that is none", on_paper(1, 1, 3), &TWO, "interval_unknown"),
        ("a line of an interval to come", on_paper(900, 1, 3), &TWO, "event_invalid"),
        ("a line without a slip", on_paper(1, 0, 3), &TWO, "event_invalid"),
        ("a line on paper by a method that is none", on_paper(1, 1, 6), &TWO, "event_invalid"),
        ("a line on paper by one officer", on_paper(1, 1, 3), &["O1"], "event_invalid"),
        ("a void slip of an act that is not there", void(77), &TWO, "slip_unknown"),
        ("a void slip by one officer", void(2), &["O1"], "event_invalid"),
        ("a grant given back that was not got", declined, &[], "grant_unknown"),
        ("an heir that did not look", served(48, k1, 0), &[], "grant_missing"),
        ("a grant for another line", served(82, k1, 2), &[], "grant_missing"),
    ];
    let manual = include_str!("../../../docs/verify.md");
    for (what, body, cards, code) in forgeries {
        assert!(manual.contains(&format!("`{code}`")), "{code} is not in docs/verify.md");
        let mut hall = day();
        assert_eq!(hall.forge(0, body, cards), code != "event_invalid", "{what}: the door of the poll book");
        let (day, report) = hall.read();
        let last = format!("(record {})", hall.journals[0].len());
        let found = report.findings.iter().any(|finding| {
            let here = finding.place.ends_with(&last) || finding.place == last[1..last.len() - 1];
            finding.code == code && finding.file == "K1.journal" && here
        });
        assert!(found, "{what}: {}", report.to_text());
        let told_so = told(&day).iter().any(|(name, _)| name == "NO_RIGHT");
        assert_eq!(told_so, code == "grant_missing", "{what}");
    }
}

/// A signature after retirement never counts, whoever signed the takeover later or earlier in the files.
#[test]
fn what_is_signed_after_retirement_is_never_marked() {
    let hall = day();
    for (from, to) in [(0, 1), (1, 0)] {
        let mut turned = day();
        turned.journals = hall.journals.clone();
        let extra = turned.journals[from].clone();
        turned.journals[to].extend(extra);
        let (day, report) = turned.read();
        assert!(report.holds(), "{}", report.to_text());
        assert_eq!(day.marked, [41, 42, 43, 44, 46]);
    }
}

/// A grant of these officers for K9, changed before they sign.
fn grant(hall: &Hall, cards: &[&str], change: impl FnOnce(&mut KitGrant)) -> Vec<u8> {
    let mut grant = KitGrant {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        package: hall.charter.package().0.into(),
        kit: KitEntry { point: key("K9").public_key().0.into(), name: "K9".to_owned(), from: 1, to: 0 },
        ephemeral: key("ephemeral").public_key().0.into(),
        wrap: [0; 40].into(),
        reason: "KIT_LOST".to_owned(),
        made_at: OPENS,
        not_before: OPENS - 86_400_000_000,
        not_after: OPENS + 86_400_000_000,
    };
    change(&mut grant);
    let cards: Vec<FileKey> = cards.iter().map(|name| key(name)).collect();
    grant.sign(&cards.iter().map(|card| card as _).collect::<Vec<&dyn Signer>>()).unwrap()
}

/// K9, which the package does not name, is admitted by two officers; K1 grants it line 7, which it serves.
fn spare() -> Hall {
    let mut hall = Hall::new();
    let signed = grant(&hall, &TWO, |_| {});
    let opened = KitGrant::open(&manifest(), hall.charter.package(), &signed, &hall.ring).unwrap();
    hall.charter = Arc::new((*hall.charter).clone().granting(&[opened]).unwrap());
    hall.ring.add(key("K9").public_key());
    hall.keys.push(key("K9"));
    hall.books = hall.keys.iter().map(|key| Book::new(Arc::clone(&hall.charter), key.kid(), Vec::new())).collect();
    hall.journals.push(Vec::new());
    for kit in 0..4 {
        let draft = hall.books[kit].open(reading(-600)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    hall.meet(&[0, 3], 10);
    let (from, request) = (hall.kid(3), hall.books[3].request_number(reading(20)));
    let GrantAnswer::Give(draft) = hall.books[0].grant(GrantAsk { from, line: 7, request }, reading(20)) else {
        unreachable!("line 7 is free");
    };
    hall.commit(0, draft, &[]);
    hall.meet(&[0, 3], 21);
    let act = hall.serve(3, 7, 30);
    hall.print(3, &act, 31);
    hall.meet(&[0, 1, 2, 3], 12 * 3600);
    for kit in 0..4 {
        let draft = hall.books[kit].close(0, reading(12 * 3600 + 60)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    hall.meet(&[0, 1, 2, 3], 12 * 3600 + 61);
    hall.report(0, |_| {});
    hall
}

#[test]
fn what_a_granted_spare_did_counts_and_its_grant_is_checked() {
    let mut hall = spare();
    let signed = grant(&hall, &TWO, |_| {});
    hall.reports.push(("K9.grant".to_owned(), signed));
    let (day, report) = hall.read();
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!((day.marked, told_codes(&report)), (vec![7], String::new()));
    // Without its grant the spare is nobody's kit.
    let mut hall = spare();
    let (_, report) = hall.read();
    assert!(told_codes(&report).contains("event_invalid"), "{}", report.to_text());
    // One officer, a stranger, another package or precinct, a share, a name or a key that stands already.
    let of_k2 = KitEntry { point: key("K2").public_key().0.into(), name: "K9".to_owned(), from: 1, to: 0 };
    let wrong = [
        grant(&hall, &["O1"], |_| {}),
        grant(&hall, &["O2", "O3"], |_| {}),
        grant(&hall, &["O1", "stranger"], |_| {}),
        grant(&hall, &TWO, |grant| grant.package = [1; 32].into()),
        grant(&hall, &TWO, |grant| grant.precinct = 1002),
        grant(&hall, &TWO, |grant| grant.kit.to = 3),
        grant(&hall, &TWO, |grant| grant.kit.name = "K2".to_owned()),
        grant(&hall, &TWO, |grant| grant.kit = of_k2),
    ];
    for (at, signed) in wrong.into_iter().enumerate() {
        hall.reports.truncate(1);
        hall.reports.push(("K9.grant".to_owned(), signed));
        let codes = told_codes(&hall.read().1);
        assert!(codes.contains("grant_invalid") && codes.contains("event_invalid"), "{at}: {codes}");
    }
}

/// A decision of these keys on the card S1, changed before they sign.
fn card(hall: &Hall, cards: &[&str], change: impl FnOnce(&mut CardGrant)) -> Vec<u8> {
    let mut card = CardGrant {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        package: hall.charter.package().0.into(),
        officer: officer(("S1", "S")),
        reason: "OFFICER_REPLACED".to_owned(),
        made_at: OPENS,
        not_before: OPENS,
        not_after: OPENS + 86_400_000_000,
    };
    change(&mut card);
    let cards: Vec<FileKey> = cards.iter().map(|name| key(name)).collect();
    card.sign(&cards.iter().map(|card| card as _).collect::<Vec<&dyn Signer>>()).unwrap()
}

/// A substitute's card signed an act. Its decision is checked, and the card's dates: without either the act is none.
#[test]
fn what_a_substitutes_card_signed_counts_and_its_decision_is_checked() {
    let day = || {
        let mut hall = Hall::new();
        let signed = card(&hall, &["T1", "T2"], |_| {});
        let read = hall.charter.read_card(&signed, &hall.ring).unwrap();
        hall.charter = Arc::new((*hall.charter).clone().admitting(&[read]).unwrap());
        hall.ring.add(key("S1").public_key());
        hall.books = hall.keys.iter().map(|key| Book::new(Arc::clone(&hall.charter), key.kid(), Vec::new())).collect();
        for kit in 0..3 {
            let draft = hall.books[kit].open(reading(-600)).unwrap();
            hall.commit(kit, draft, &TWO);
        }
        let check_in = CheckIn {
            line: 6,
            method: Method::Face2,
            finger: None,
            attempts: 0,
            score_class: 0,
            reason: "NO_FINGERS".to_owned(),
        };
        let Ok(Step::Commit(draft)) = hall.books[0].check_in(&check_in, reading(30)) else {
            unreachable!("its own line")
        };
        hall.commit(0, draft, &["S1", "O1"]);
        hall
    };
    let mut hall = day();
    hall.reports.push(("S1.grant".to_owned(), card(&hall, &["T3", "T1"], |_| {})));
    let (found, report) = hall.read();
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!(found.marked, [6]);
    let mut hall = day();
    assert!(told_codes(&hall.read().1).contains("event_invalid"));
    let late = card(&hall, &["T1", "T2"], |card| card.not_before = OPENS + 31_000_000);
    hall.reports.push(("S1.grant".to_owned(), late));
    let codes = told_codes(&hall.read().1);
    assert!(codes.contains("event_invalid") && !codes.contains("grant_invalid"), "{codes}");
    let wrong = [
        card(&hall, &["T1"], |_| {}),
        card(&hall, &TWO, |_| {}),
        card(&hall, &["T1", "O1"], |_| {}),
        card(&hall, &["T1", "T2"], |card| card.package = [1; 32].into()),
        card(&hall, &["T1", "T2"], |card| card.precinct = 1002),
        card(&hall, &["T1", "T2"], |card| card.officer = officer(("O3", "Q"))),
        card(&hall, &["T1", "T2"], |card| card.officer = officer(("T3", "T"))),
        card(&hall, &["T1", "T2"], |card| card.officer.body = String::new()),
        card(&hall, &["T1", "T2"], |card| card.reason = "BECAUSE".to_owned()),
        card(&hall, &["T1", "T2"], |card| card.not_after = OPENS),
    ];
    for (at, signed) in wrong.into_iter().enumerate() {
        assert!(hall.charter.read_card(&signed, &hall.ring).is_err(), "the kits take {at}");
        hall.reports.clear();
        hall.reports.push(("S1.grant".to_owned(), signed));
        let codes = told_codes(&hall.read().1);
        assert!(codes.contains("grant_invalid") && codes.contains("event_invalid"), "{at}: {codes}");
    }
}

/// The codes of all findings.
fn told_codes(report: &Report) -> String {
    let codes = report.findings.iter().map(|finding| finding.code.to_owned());
    codes.collect::<Vec<_>>().join(" ")
}

/// 09:00 of the day after election day, seconds after the opening.
const NEXT: i64 = 25 * 3600;

fn decision(hall: &Hall, cards: &[&str], change: impl FnOnce(&mut DayDecision)) -> Arc<Decided> {
    let mut decision = DayDecision {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        package: hall.charter.package().0.into(),
        number: 1,
        opens: OPENS + NEXT * 1_000_000,
        closes: OPENS + (NEXT + 11 * 3600) * 1_000_000,
        reason: "FIRE".to_owned(),
        made_at: OPENS + 5 * 3_600_000_000,
    };
    change(&mut decision);
    let cards: Vec<FileKey> = cards.iter().map(|name| key(name)).collect();
    let signed = decision.sign(&cards.iter().map(|card| card as _).collect::<Vec<&dyn Signer>>()).unwrap();
    Arc::new(Decided::read(&signed).unwrap())
}

/// All cards are lost: the commission above says why and opens K1. K1 and K2 serve; K1 closes the precinct at 12:00, K3,
/// which did not hear of it, serves on. The day after, all go on by the decision that K2 took in.
fn second_day() -> Hall {
    let mut hall = Hall::new();
    let draft = hall.books[0].break_glass("CARDS_LOST", reading(-700)).unwrap();
    hall.commit(0, draft, &["T1", "T3"]);
    for kit in 0..3 {
        let draft = hall.books[kit].open(reading(-600)).unwrap();
        let cards: &[&str] = if kit == 0 { &["T1", "T3"] } else { &TWO };
        hall.commit(kit, draft, cards);
    }
    for (kit, line, seconds) in [(0, 5, 10), (1, 41, 20)] {
        let act = hall.serve(kit, line, seconds);
        hall.print(kit, &act, seconds + 1);
    }
    let draft = hall.books[0].suspend("FIRE", reading(4 * 3600)).unwrap();
    hall.commit(0, draft, &TWO);
    let act = hall.serve(2, 90, 4 * 3600 + 60);
    hall.print(2, &act, 4 * 3600 + 61);
    let decided = decision(&hall, &["T1", "T2"], |_| {});
    let draft = hall.books[1].decide_day(&decided, reading(NEXT - 1200)).unwrap();
    hall.commit(1, draft, &[]);
    hall.meet(&[0, 1, 2], NEXT - 1000);
    for kit in 0..3 {
        let draft = hall.books[kit].open_session(reading(NEXT - 900)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    let act = hall.serve(0, 6, NEXT + 10);
    hall.print(0, &act, NEXT + 11);
    hall.meet(&[0, 1, 2], NEXT + 11 * 3600);
    for kit in 0..3 {
        let draft = hall.books[kit].close(0, reading(NEXT + 11 * 3600 + 10)).unwrap();
        hall.commit(kit, draft, &TWO);
    }
    hall.meet(&[0, 1, 2], NEXT + 11 * 3600 + 20);
    hall
}

#[test]
fn a_second_day_and_broken_glass_are_read_as_the_book_reads_them() {
    let end = NEXT + 11 * 3600 + 100;
    let mut hall = second_day();
    (0..3).for_each(|kit| hall.report_at(kit, end, |_| {}));
    let (day, report) = hall.read();
    assert!(report.holds(), "{}", report.to_text());
    assert_eq!(day.marked, [5, 6, 41, 90]);
    let book: Vec<(String, u32)> = hall.books[1].incidents().into_iter().map(|i| (i.code, i.line)).collect();
    assert_eq!(told(&day), book);
    let codes = ["BREAK_GLASS", "BREAK_GLASS", "WHILE_SUSPENDED"];
    assert_eq!(book.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), codes);
    let check = |change: &dyn Fn(&mut StationReport)| {
        let mut hall = second_day();
        hall.report_at(0, end, |report| change(report));
        let report = hall.read().1;
        assert!(report.findings.iter().any(|finding| finding.code == "report_sum"), "{}", report.to_text());
    };
    check(&|report| report.days.as_mut().unwrap()[0].counted += 1);
    check(&|report| report.days.as_mut().unwrap()[0].outside = 0);
    check(&|report| report.days.as_mut().unwrap()[0].reason = Some("POWER".to_owned()));
    check(&|report| report.days.as_mut().unwrap()[0].suspended = None);
    check(&|report| report.days.as_mut().unwrap()[1].decision = Some([7; 32].into()));
    check(&|report| report.days.as_mut().unwrap()[1].closes += 1);
    check(&|report| report.days = None);
    check(&|report| report.glass.as_mut().unwrap()[0].reason = "OTHER".to_owned());
    check(&|report| report.glass = None);
    check(&|report| report.after_close = 0);
}

#[test]
fn decisions_suspensions_and_broken_glass_that_may_not_stand_are_refused_by_both() {
    let mut hall = second_day();
    let one = |hall: &Hall, cards: &[&str], change: &dyn Fn(&mut DayDecision)| {
        Body::DayDecided(decision(hall, cards, |decision| change(decision)))
    };
    type Change<'a> = (&'a [&'a str], &'a dyn Fn(&mut DayDecision));
    let decisions: [Change; 7] = [
        (&["T1"], &|_| {}),
        (&TWO, &|_| {}),
        (&["T1", "T2"], &|decision| decision.precinct += 1),
        (&["T1", "T2"], &|decision| decision.package = [3; 32].into()),
        (&["T1", "T2"], &|decision| decision.closes += 3 * 3_600_000_000),
        (&["T1", "T2"], &|decision| decision.opens = decision.closes),
        (&["T1", "T2"], &|decision| decision.reason = "RAIN".to_owned()),
    ];
    for (cards, change) in decisions {
        let body = one(&hall, cards, change);
        assert!(!hall.forge(0, body, &[]), "{cards:?}");
        let (_, report) = hall.read();
        assert!(told_codes(&report).contains("event_invalid"), "{}", report.to_text());
        hall.journals[0].pop();
    }
    let suspended = |reason: &str| Body::Suspended(Suspended { reason: reason.to_owned(), officers: Vec::new() });
    let glass = |reason: &str| Body::GlassBroken(GlassBroken { reason: reason.to_owned(), officers: Vec::new() });
    let paper = Body::PaperOnly(PaperOnly { from: OPENS, to: OPENS + 1, count: 1, officers: Vec::new() });
    let forged: [(Body, &[&str]); 6] = [
        (suspended("RAIN"), &TWO),
        (suspended("FIRE"), &["O2", "O3"]),
        (suspended("FIRE"), &["O1"]),
        (glass("CARDS_LOST"), &TWO),
        (glass("WHIM"), &["T1", "T2"]),
        // Not one of the kinds that the law lets them sign.
        (paper, &["T1", "T2"]),
    ];
    for (body, cards) in forged {
        assert!(!hall.forge(0, body.clone(), cards), "{body:?}");
        let (_, report) = hall.read();
        assert!(told_codes(&report).contains("event_invalid"), "{body:?}: {}", report.to_text());
        hall.journals[0].pop();
    }
    assert!(hall.forge(0, glass("OTHER"), &["T2", "T3"]));
}

/// A spare that goes on after its grant is over, and keys that sign without saying why: both readers show it.
#[test]
fn a_grant_that_is_over_and_glass_without_a_reason_are_shown() {
    let mut hall = spare();
    hall.reports.clear();
    let over = grant(&hall, &TWO, |grant| grant.not_after = OPENS + 20_000_000);
    hall.reports.push(("K9.grant".to_owned(), over));
    let (day, _) = hall.read();
    assert_eq!(told(&day), [("GRANT_OVER".to_owned(), 7)]);
    let upside_down = grant(&hall, &TWO, |grant| grant.not_after = grant.not_before);
    hall.reports = vec![("K9.grant".to_owned(), upside_down)];
    assert!(told_codes(&hall.read().1).contains("grant_invalid"));
    let mut hall = second_day();
    let suspended = Suspended { reason: "FIRE".to_owned(), officers: Vec::new() };
    assert!(!hall.forge(1, Body::Suspended(suspended), &["T1"]));
    hall.journals[1].pop();
    let suspended = Suspended { reason: "FIRE".to_owned(), officers: Vec::new() };
    assert!(hall.forge(1, Body::Suspended(suspended), &["T1", "T2"]));
    let (day, _) = hall.read();
    assert!(told(&day).contains(&("BREAK_GLASS_UNSAID".to_owned(), 0)), "{:?}", told(&day));
}
