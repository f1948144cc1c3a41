//! What a kit does when a kit, a receipt, a clock or the way to a line's owner is lost.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod precinct;

use std::sync::Arc;

use lexicon::{Method, RefusalReason};
use pollbook::identified;
use precinct::{Bench, Precinct, at, capture, open, reopen};
use station::link::InProcess;
use station::{
    ActError, Card, CheckedIn, Kit, Paper, PaperReceipt, ReceiptAnswer, Resumption, Verdict,
};

struct Hall {
    precinct: Precinct,
    /// A kit that is `None` is off.
    kits: Vec<Option<Bench>>,
    folder: tempfile::TempDir,
}

/// Three kits of 40 lines each, open, in touch.
fn hall(policy: &str) -> Hall {
    let precinct = Precinct::under(policy, 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let benches =
        ["K1", "K2", "K3"].map(|name| open(&precinct, name, &folder.path().join(name), 10));
    for from in &benches {
        for to in &benches {
            if from.kit.kid() != to.kit.kid() {
                from.kit
                    .connect(to.kit.kid(), Arc::new(InProcess::to(&to.kit)));
            }
        }
    }
    let hall = Hall {
        precinct,
        kits: benches.into_iter().map(Some).collect(),
        folder,
    };
    hall.meet();
    hall
}

impl Hall {
    fn bench(&self, at: usize) -> &Bench {
        self.kits[at].as_ref().unwrap()
    }

    fn kit(&self, at: usize) -> &Kit {
        &self.bench(at).kit
    }

    /// Every kit that is on exchanges with every other.
    fn meet(&self) {
        for _ in 0..2 {
            for bench in self.kits.iter().flatten() {
                let _ = bench.kit.sync_all();
            }
        }
    }

    fn later(&self, seconds: i64) {
        for bench in self.kits.iter().flatten() {
            bench.clock.set(at(seconds));
        }
    }

    fn serve(&self, kit: usize, line: u32) -> CheckedIn {
        let verdict = self.kit(kit).present(line, &capture(line * 10)).unwrap();
        let Verdict::Green(done) = verdict else {
            panic!("line {line} at K{}: {verdict:?}", kit + 1)
        };
        *done
    }

    fn pair(&self) -> [&dyn Card; 2] {
        self.precinct.pair()
    }

    fn officer(&self) -> &dyn Card {
        &self.precinct.officers[3]
    }

    /// K2 is gone for a minute; K1 takes its lines over.
    fn take_over(&mut self) -> lexicon::handover::envelope::Kid {
        let lost = self.kits[1].take().unwrap().kit.kid();
        self.later(100);
        self.meet();
        self.kit(0)
            .take_over(&[lost], "KIT_LOST", &self.pair())
            .unwrap();
        lost
    }
}

fn codes(kit: &Kit) -> Vec<(String, u32)> {
    let incidents = kit.read(|book| book.incidents()).into_iter();
    incidents.map(|found| (found.code, found.line)).collect()
}

fn refusal(verdict: Verdict) -> RefusalReason {
    let Verdict::Red(refused) = verdict else {
        panic!("red was expected: {verdict:?}")
    };
    refused.refusal.reason
}

/// Story: K2's clock runs five minutes ahead; it serves three voters before it hears anybody.
/// Expect: K1 and K3 follow none of its stamps and tell it once each, not once for each event.
#[test]
fn a_clock_ahead_is_told_once_by_each_kit() {
    let hall = hall("segment");
    hall.bench(1).clock.jump(300_000_000);
    let officers = hall.pair();
    // Two officers believe the wrong clock: K2 goes on.
    let wrong = at(310);
    hall.kit(1).set_clock(wrong, &officers).unwrap();
    for line in [41, 42, 43] {
        hall.serve(1, line);
        let _ = hall.kit(0).sync_all();
        let _ = hall.kit(2).sync_all();
    }
    for kit in [0, 2] {
        assert_eq!(
            hall.kit(kit).read(|book| book.clone().take_ahead()),
            Vec::new(),
            "nothing waits to be told"
        );
    }
    hall.meet();
    let told = hall.kit(0).read(|book| {
        let incidents = book
            .events()
            .filter(|act| matches!(act.body, pollbook::Body::Incident(_)));
        incidents.map(|act| act.name.kit).collect::<Vec<_>>()
    });
    assert_eq!(told.len(), 2, "K1 and K3 told it once each: {told:?}");
    assert_eq!(codes(hall.kit(0)), [("CLOCK".to_owned(), 0)]);
    assert_eq!(hall.kit(0).read(pollbook::Book::counted), 3);
}

#[test]
fn a_kit_is_taken_over_only_when_it_is_silent_and_all_others_answer() {
    let mut hall = hall("segment");
    let (k2, pair) = (hall.kit(1).kid(), [0, 2]);
    let chosen = [k2];
    let say = |hall: &Hall, cards: &[&dyn Card]| {
        let answer = hall.kit(0).take_over(&chosen, "KIT_LOST", cards);
        answer.map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(
        say(&hall, &hall.pair()),
        Err("the kit K2 answers: it is not lost".to_owned())
    );
    hall.later(60);
    assert_eq!(
        say(&hall, &hall.pair()),
        Err("the kit K3 does not answer: reach it, or retire it as well".to_owned())
    );
    assert!(matches!(
        hall.kit(0).take_over(&chosen, "BECAUSE", &hall.pair()),
        Err(ActError::Reason(_))
    ));
    hall.kits[1] = None;
    hall.meet();
    let one: [&dyn Card; 1] = [&hall.precinct.officers[pair[0]]];
    assert_eq!(say(&hall, &one), Err("1 of 2 officers signed".to_owned()));
    assert_eq!(say(&hall, &hall.pair()), Ok(()));
    let kits = hall.kit(0).kits();
    assert_eq!(kits[1].heir.as_deref(), Some("K1"));
    assert!(kits[1].last.as_ref().is_some_and(|(seq, ..)| *seq == 1));
    hall.meet();
    assert_eq!(
        hall.kit(2).read(|book| book.owner(50)),
        Some(hall.kit(0).kid())
    );
}

/// Story: an heir serves a line that it took over. Expect: it looks at the paper first, by one officer's
/// card; a signed line is refused; a card of nobody is not believed.
#[test]
fn an_heir_looks_at_the_paper_and_then_serves() {
    let mut hall = hall("segment");
    hall.take_over();
    let kit = hall.kit(0);
    assert!(kit.needs_look(50) && !kit.needs_look(5));
    let verdict = kit.present(50, &capture(500)).unwrap();
    assert_eq!(refusal(verdict), RefusalReason::CheckLine);
    let stranger = keys::FileKey::from_seed(b"somebody", "card");
    assert!(matches!(
        kit.check_line(50, true, &stranger),
        Err(ActError::Officers(_))
    ));
    kit.check_line(50, true, hall.officer()).unwrap();
    assert!(!kit.needs_look(50));
    assert_eq!(hall.serve(0, 50).line, 50);
    kit.check_line(51, false, hall.officer()).unwrap();
    let verdict = kit.present(51, &capture(510)).unwrap();
    assert_eq!(refusal(verdict), RefusalReason::LineSigned);
    assert_eq!(codes(kit), []);
}

#[test]
fn under_paper_lock_a_line_out_of_reach_is_served_by_its_paper() {
    let mut hall = hall("paper_lock");
    hall.kits[1] = None;
    hall.kits[2] = None;
    hall.later(100);
    let kit = hall.kit(0);
    assert!(kit.needs_look(50), "the owner is silent");
    assert!(kit.needs_look(5), "another may have served it by paper");
    kit.check_line(50, true, hall.officer()).unwrap();
    let done = hall.serve(0, 50);
    assert!(
        identified(&done.act).unwrap().grant_seq > 0,
        "the look is named"
    );
    assert_eq!(codes(kit), []);
}

/// Story: K2 gave receipts 1 and 2; only 1 is known when it is lost. The second is entered from paper,
/// by its QR as by hand. Expect: counted; what is known is not entered twice; no stranger's QR is read.
#[test]
fn a_receipt_of_a_lost_kit_is_entered_once() {
    let mut hall = hall("segment");
    hall.serve(1, 41);
    hall.meet();
    let unseen = hall.serve(1, 42);
    let qr = base45::encode(unseen.act.signed());
    let lost = hall.kit(1).kid();
    let early = PaperReceipt {
        kit: lost,
        receipt: 2,
        line: 42,
        method: Method::Finger,
    };
    assert!(matches!(
        hall.kit(0).enter_receipt(early, &hall.pair()),
        Err(ActError::Refused { .. })
    ));
    hall.take_over();
    let kit = hall.kit(0);
    assert_eq!(kit.read_receipt(&qr), Some(early));
    assert_eq!(kit.read_receipt("NOT A RECEIPT"), None);
    let other = Precinct::new(1002, 100);
    let folder = tempfile::tempdir().unwrap();
    let foreign = open(&other, "K1", folder.path(), 10);
    let Verdict::Green(done) = foreign.kit.present(3, &capture(30)).unwrap() else {
        panic!("line 3 is served there")
    };
    assert_eq!(kit.read_receipt(&base45::encode(done.act.signed())), None);
    let known = PaperReceipt {
        receipt: 1,
        line: 41,
        ..early
    };
    assert!(matches!(
        kit.enter_receipt(known, &hall.pair()),
        Err(ActError::Refused { .. })
    ));
    kit.enter_receipt(early, &hall.pair()).unwrap();
    assert!(kit.enter_receipt(early, &hall.pair()).is_err());
    assert!(matches!(
        kit.enter_receipt(PaperReceipt { line: 500, ..early }, &hall.pair()),
        Err(ActError::NoLine(500))
    ));
    assert_eq!(kit.read(pollbook::Book::counted), 2);
    let verdict = kit.present(42, &capture(420)).unwrap();
    assert_eq!(refusal(verdict), RefusalReason::Already);
}

/// Story: K2 wrote the check-in of 41 and lost power before its printer. Expect: K1 prints its receipt by
/// two officers' word, once; out of paper it is printed later; a signed line sends the voter away.
#[test]
fn a_voter_without_a_receipt_is_never_stranded() {
    let mut hall = hall("segment");
    hall.bench(1).printer.set_out_of_paper(true);
    for line in [41, 42] {
        assert!(matches!(hall.serve(1, line).paper, Paper::Pending(_)));
    }
    hall.meet();
    assert!(
        !hall.kit(0).is_resumable(41),
        "K2 answers and prints itself"
    );
    hall.take_over();
    let kit = hall.kit(0);
    assert!(kit.is_resumable(41));
    hall.bench(0).printer.set_out_of_paper(true);
    let Resumption::Served(done) = kit.resume(41, false, &hall.pair()).unwrap() else {
        panic!("the line is clean")
    };
    assert!(matches!(done.paper, Paper::Pending(_)));
    // The power fails before there is paper: the slip is still owed, and once it came out it is not.
    let restart = |hall: &mut Hall| {
        let clock = Arc::clone(&hall.bench(0).clock);
        hall.kits[0] = None;
        let folder = hall.folder.path().join("K1");
        hall.kits[0] = Some(reopen(&hall.precinct, "K1", &folder, &clock));
        let owed = hall.kit(0).pending_acts();
        owed.iter().map(|act| act.body.line()).collect::<Vec<_>>()
    };
    assert_eq!(restart(&mut hall), [41]);
    assert_eq!(hall.kit(0).print_pending().unwrap(), 1);
    assert_eq!(hall.kit(0).print_resumed(41), Paper::Printed);
    let names = hall.bench(0).printer.names();
    assert_eq!(names, ["receipt-K2-0001"], "it comes out once");
    assert!(restart(&mut hall).is_empty());
    let kit = hall.kit(0);
    assert!(!kit.is_resumable(41));
    assert!(kit.resume(41, false, &hall.pair()).is_err());
    let Resumption::SentAway(refused) = kit.resume(42, true, &hall.pair()).unwrap() else {
        panic!("the line is signed")
    };
    assert_eq!(refused.refusal.reason, RefusalReason::LineSigned);
    assert_eq!(kit.read(pollbook::Book::counted), 2);
    assert_eq!(codes(kit), []);
}

#[test]
fn after_a_power_cut_a_kit_knows_which_receipts_did_not_come_out() {
    let mut hall = hall("segment");
    hall.bench(0).printer.set_out_of_paper(true);
    hall.serve(0, 7);
    let clock = Arc::clone(&hall.bench(0).clock);
    hall.kits[0] = None;
    let again = reopen(&hall.precinct, "K1", &hall.folder.path().join("K1"), &clock);
    let pending: Vec<u32> = again
        .kit
        .pending_acts()
        .iter()
        .map(|act| act.body.line())
        .collect();
    assert_eq!(pending, [7]);
    let out = |hall: &Hall| hall.kit(0).print_pending().unwrap();
    for at in [1, 2] {
        let other = &hall.bench(at).kit;
        again
            .kit
            .connect(other.kid(), Arc::new(InProcess::to(other)));
    }
    hall.kits[0] = Some(again);
    assert_eq!(out(&hall), 0, "the others may know more of the line");
    for _ in 0..2 {
        hall.meet();
    }
    assert_eq!(out(&hall), 1, "all said that they hold the act");
    assert_eq!(out(&hall), 0);
    assert_eq!(hall.kit(0).pending_acts().len(), 0);
    assert_eq!(hall.bench(0).printer.names().len(), 1);
}

/// Story: K1 writes a check-in, prints nothing, loses power and starts again out of everybody's reach. Expect: its slip
/// waits until silence says something, then for an officer's look; a line that is signed voids it.
#[test]
fn out_of_reach_a_slip_of_before_the_start_comes_out_after_a_look() {
    for is_unsigned in [true, false] {
        let mut hall = hall("segment");
        hall.bench(0).printer.set_out_of_paper(true);
        hall.serve(0, 7);
        let clock = Arc::clone(&hall.bench(0).clock);
        hall.kits = Vec::new();
        let folder = hall.folder.path().join("K1");
        hall.kits = vec![Some(reopen(&hall.precinct, "K1", &folder, &clock))];
        let kit = hall.kit(0);
        assert_eq!(kit.print_pending().unwrap(), 0);
        kit.check_line(7, is_unsigned, hall.officer()).unwrap();
        assert_eq!(kit.print_pending().unwrap(), 0, "nobody was waited for");
        hall.later(100);
        assert_eq!(kit.print_pending().unwrap(), u32::from(is_unsigned));
        assert_eq!(kit.pending_acts().len(), 0);
        assert_eq!(
            hall.bench(0).printer.names().len(),
            usize::from(is_unsigned)
        );
    }
}

/// Story: the battery of K1's clock dies at 08:01 and it shows 06:01. Expect: the kit stops; one officer
/// does not set it, nor is a time of another year taken; two do, and it serves again.
#[test]
fn a_clock_is_set_by_two_officers() {
    let hall = hall("segment");
    hall.bench(0).clock.jump(-7_200_000_000);
    let kit = hall.kit(0);
    let verdict = kit.present(7, &capture(70)).unwrap();
    assert_eq!(refusal(verdict), RefusalReason::KitBlocked);
    assert!(kit.is_stopped_by_clock());
    let one: [&dyn Card; 1] = [&hall.precinct.officers[0]];
    assert!(matches!(
        kit.set_clock(at(60), &one),
        Err(ActError::Officers(_))
    ));
    assert!(kit.is_stopped_by_clock(), "nothing was set");
    assert!(matches!(
        kit.set_clock(at(400 * 86_400), &hall.pair()),
        Err(ActError::Time)
    ));
    kit.set_clock(at(60), &hall.pair()).unwrap();
    assert!(!kit.is_stopped_by_clock());
    assert_eq!(kit.read_clock().wall, at(60));
    assert_eq!(hall.serve(0, 7).line, 7);
}

/// S-12: seven forged receipts at the ballot table of K1, told apart without network; a real one is taken
/// once, also after a restart.
#[test]
fn a_receipt_is_taken_once_and_seven_forgeries_are_told_apart() {
    let mut hall = hall("segment");
    let real = hall.serve(0, 7).act.signed().into_owned();
    let said = |kit: &Kit, signed: &[u8]| kit.take_receipt(&base45::encode(signed)).unwrap();
    let code = |kit: &Kit, signed: &[u8]| said(kit, signed).code();
    let kit = hall.kit(0);
    assert_eq!(
        said(kit, &real),
        ReceiptAnswer::Good {
            line: 7,
            receipt: "K1-0001".to_owned()
        }
    );
    assert_eq!(code(kit, &real), "ALREADY_USED", "a photocopy");
    let mut changed = real.clone();
    let line = changed
        .windows(3)
        .position(|bytes| bytes == [0x8a, 7, 1])
        .unwrap();
    changed[line + 1] = 8;
    assert_eq!(code(kit, &changed), "BAD_SIG");
    let payload = |signed: &[u8]| {
        let subject = lexicon::handover::event::event_subject(precinct::ELECTION);
        lexicon::handover::envelope::peek1(subject, signed)
            .unwrap()
            .1
    };
    let sign = |election: u32, payload: &[u8], key: &keys::FileKey| {
        let subject = lexicon::handover::event::event_subject(election);
        lexicon::handover::envelope::sign1(subject, payload, key).unwrap()
    };
    let stranger = keys::FileKey::from_seed(b"somebody", "kit");
    let forged = sign(precinct::ELECTION, &payload(&real), &stranger);
    assert_eq!(code(kit, &forged), "UNKNOWN_KEY");
    let mut event: lexicon::handover::event::Event =
        lexicon::handover::envelope::decode(&payload(&real)).unwrap();
    event.election += 1;
    let other = lexicon::handover::envelope::encode(&event);
    assert_eq!(
        code(kit, &sign(event.election, &other, &stranger)),
        "WRONG_ELECTION"
    );
    let neighbour = Precinct::new(1002, 100);
    let folder = tempfile::tempdir().unwrap();
    let foreign = open(&neighbour, "K1", folder.path(), 10);
    let Verdict::Green(done) = foreign.kit.present(3, &capture(30)).unwrap() else {
        panic!("line 3 is served there")
    };
    assert_eq!(
        said(kit, &done.act.signed()),
        ReceiptAnswer::WrongPrecinct { precinct: 1002 }
    );
    let undone = hall.serve(0, 8).act.signed().into_owned();
    kit.undo(8, "WRONG_VOTER", &hall.pair()).unwrap();
    assert_eq!(code(kit, &undone), "VOID");
    let spoilt = hall.serve(0, 9).act.signed().into_owned();
    kit.void_receipt(3, "PAPER_JAM").unwrap();
    assert_eq!(code(kit, &spoilt), "VOID");
    for text in ["", "NOT A RECEIPT", "6BF"] {
        assert_eq!(kit.take_receipt(text).unwrap(), ReceiptAnswer::Unreadable);
    }
    let clock = Arc::clone(&hall.bench(0).clock);
    hall.kits[0] = None;
    let path = hall.folder.path().join("K1");
    let again = reopen(&hall.precinct, "K1", &path, &clock);
    assert_eq!(code(&again.kit, &real), "ALREADY_USED");
    let next = again.kit.present(10, &capture(100)).unwrap();
    let Verdict::Green(next) = next else {
        panic!("line 10 is served: {next:?}")
    };
    assert_eq!(code(&again.kit, &next.act.signed()), "GOOD");
    assert_eq!(code(&again.kit, &next.act.signed()), "ALREADY_USED");
}

/// S-12 at random: real receipts that were not handed in yet, changed somewhere; and receipts for any line under a
/// stranger's key. Expect: none is good, none uses up the real one. `TIZME_ROUNDS=10000` tries so many of each.
#[test]
fn no_changed_receipt_is_good_and_the_real_one_stays_so() {
    let hall = hall("segment");
    let kit = hall.kit(0);
    let real = hall.serve(0, 7).act.signed().into_owned();
    let code = |signed: &[u8]| kit.take_receipt(&base45::encode(signed)).unwrap().code();
    let subject = lexicon::handover::event::event_subject(precinct::ELECTION);
    let (_, payload) = lexicon::handover::envelope::peek1(subject, &real).unwrap();
    let stranger = keys::FileKey::from_seed(b"somebody", "kit");
    let mut draw = precinct::change::Draw::new(12);
    for round in 0..precinct::change::rounds(2_000) {
        let said = code(&precinct::change::changed(&real, &mut draw));
        let told = [
            "BAD_SIG",
            "UNKNOWN_KEY",
            "WRONG_ELECTION",
            "WRONG_PRECINCT",
            "UNREADABLE",
        ];
        assert!(told.contains(&said), "round {round}: {said}");
        let line = 1 + draw.below(100);
        let at = payload.windows(3).position(|part| part == [0x8a, 7, 1]);
        let mut forged = payload.clone();
        forged[at.unwrap() + 1] = u8::try_from(line % 24).unwrap();
        let forged = lexicon::handover::envelope::sign1(subject, &forged, &stranger).unwrap();
        assert_eq!(code(&forged), "UNKNOWN_KEY", "round {round}");
    }
    assert_eq!(code(&real), "GOOD");
}

/// S-12 (1) with two tables: a slip handed in at K1's is known at K2's and K3's, the moment with it; also one whose act
/// K2 never heard of.
#[test]
fn a_photocopy_at_another_kits_table_is_known_there() {
    let hall = hall("segment");
    let qr = base45::encode(hall.serve(0, 7).act.signed());
    hall.later(70);
    assert_eq!(hall.kit(0).take_receipt(&qr).unwrap().code(), "GOOD");
    hall.meet();
    hall.later(75);
    for kit in 0..3 {
        let answer = hall.kit(kit).take_receipt(&qr).unwrap();
        let at = Some(at(70));
        assert_eq!(answer, ReceiptAnswer::AlreadyUsed { at }, "K{}", kit + 1);
    }
    let incidents = hall.kit(1).read(pollbook::Book::incidents);
    assert!(incidents.is_empty(), "{incidents:?}");
}

/// A cable that was pulled.
struct Pulled;

impl station::link::Link for Pulled {
    fn ask(&self, _: &[u8]) -> Result<Vec<u8>, station::link::LinkError> {
        Err(station::link::LinkError::Silent("pulled".to_owned()))
    }
}

/// S-12 (1) over a cut: K1 and K2 do not hear each other, a slip goes to one table and its copy to the other. Expect: both
/// are taken; when the link is back both events are kept, the incident names them, and no third table takes it.
#[test]
fn a_slip_taken_on_both_sides_of_a_cut_is_an_incident_when_it_heals() {
    let hall = hall("segment");
    let qr = base45::encode(hall.serve(0, 7).act.signed());
    hall.meet();
    for (kit, seconds) in [(0, 70), (1, 75)] {
        hall.later(seconds);
        let kit = hall.kit(kit);
        for peer in kit.kits().iter().filter(|peer| peer.kit != kit.kid()) {
            kit.connect(peer.kit, Arc::new(Pulled));
        }
        assert_eq!(kit.take_receipt(&qr).unwrap().code(), "GOOD");
    }
    for from in 0..3 {
        for to in (0..3).filter(|to| *to != from) {
            let link = Arc::new(InProcess::to(&hall.bench(to).kit));
            hall.kit(from).connect(hall.kit(to).kid(), link);
        }
    }
    hall.meet();
    for kit in 0..3 {
        let incidents = hall.kit(kit).read(pollbook::Book::incidents);
        let twice: Vec<_> = incidents
            .iter()
            .filter(|one| one.code == "SLIP_TWICE")
            .collect();
        assert_eq!(
            (twice.len(), twice[0].line, twice[0].evidence.len()),
            (1, 7, 2)
        );
        assert_eq!(hall.kit(kit).read(pollbook::Book::slips_taken), Some(1));
        let third = hall.kit(kit).take_receipt(&qr).unwrap();
        assert_eq!(third.code(), "ALREADY_USED");
    }
}
