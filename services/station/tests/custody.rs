//! Who may open a kit when the officers cannot, and a spare kit that the package does not name.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod precinct;

use std::path::Path;
use std::sync::Arc;

use keys::FileKey;
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::envelope::{DocumentType, Kid, Signer, Subject, decode, peek_all, peek1};
use lexicon::handover::event::{Event, event_subject, kind, unframe};
use lexicon::handover::kit_grant::Spare;
use lexicon::handover::package::{OfficerEntry, PackageError, PackageManifest};
use pollbook::{Charter, DraftError, OfficersError};
use precinct::{Bench, ELECTION, Precinct, at, capture, holder, open};
use station::clock::SetClock;
use station::grant::{admit_card, grant};
use station::link::InProcess;
use station::printer::MemoryPrinter;
use station::{Card, Kit, Method2, OpenError, Outcome, Verdict};

/// Opens a kit with these cards and grants.
fn try_open(
    precinct: &Precinct,
    key: Arc<dyn Card>,
    folder: &Path,
    cards: &[&dyn Card],
    grants: &[(String, Vec<u8>)],
) -> Result<Bench, OpenError> {
    try_open_at(20, precinct, (key, folder), cards, grants)
}

/// The same so many seconds after the beginning.
fn try_open_at(
    seconds: i64,
    precinct: &Precinct,
    (key, folder): (Arc<dyn Card>, &Path),
    cards: &[&dyn Card],
    grants: &[(String, Vec<u8>)],
) -> Result<Bench, OpenError> {
    let clock = Arc::new(SetClock::new(at(seconds)));
    let printer = Arc::new(MemoryPrinter::default());
    let mut config = precinct.config(folder, &clock, &printer);
    config.grants = grants.to_vec();
    config.glass = Some("CARDS_LOST".to_owned());
    let kit = Kit::open(config, key, cards)?;
    Ok(Bench {
        kit,
        clock,
        printer,
    })
}

fn waiting(kit: &Kit) -> Vec<String> {
    let waiting = kit.waits_for_start().into_iter();
    waiting.map(|spare| spare.name).collect()
}

fn manifest(precinct: &Precinct) -> (PackageManifest, Charter) {
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: ELECTION,
    };
    let payload = peek_all(subject, &precinct.manifest).unwrap();
    let manifest: PackageManifest = decode(&payload).unwrap();
    let signed = lexicon::handover::envelope::id_all(subject, &payload);
    let charter = Charter::new(manifest.clone(), signed).unwrap();
    (manifest, charter)
}

/// The cards that consented to a kit's opening.
fn opened_by(kit: &Kit) -> Vec<Kid> {
    let journal = kit.journal_bytes().unwrap();
    let frames = unframe(&journal);
    let mut events = frames.events.iter().map(|signed| -> Event {
        let (_, payload) = peek1(event_subject(ELECTION), signed).unwrap();
        decode(&payload).unwrap()
    });
    let event = events.find(|event| event.kind == kind::OPENED).unwrap();
    let opened: lexicon::handover::event::Opened = decode(&event.body).unwrap();
    opened.officers.iter().map(|o| Kid(*o.kid)).collect()
}

fn codes(kit: &Kit) -> Vec<String> {
    let incidents = kit.read(pollbook::Book::incidents);
    incidents.into_iter().map(|found| found.code).collect()
}

/// Story: four of five officers' cards are lost. Expect: two keys of the commission above open the kit, the opening
/// bears their consent and is an incident; one key, or one key and one officer, opens nothing.
#[test]
fn two_keys_of_the_commission_above_open_a_kit_and_it_shows() {
    let precinct = Precinct::under("segment", 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let (one, three) = (holder(1), holder(3));
    let k1 = precinct.kit_key("K1");
    let place = folder.path().join("K1");
    let refused = |cards: &[&dyn Card]| {
        let refused = try_open(&precinct, Arc::clone(&k1), &place, cards, &[]);
        refused.err().expect("too few")
    };
    let officer: &dyn Card = precinct.pair()[0];
    for cards in [&[&one as &dyn Card][..], &[&one, officer][..]] {
        let why = refused(cards);
        assert!(
            matches!(
                why,
                OpenError::Package(PackageError::TooFewHolders { got: 1, needed: 2 })
            ),
            "{why}"
        );
    }
    let stranger = FileKey::from_seed(b"nobody", "x");
    let why = refused(&[&stranger, officer]);
    assert!(
        matches!(
            why,
            OpenError::Package(PackageError::TooFewOfficers { got: 1, needed: 2 })
        ),
        "{why}"
    );
    let bench = try_open(&precinct, k1, &place, &[officer, &three, &one], &[]).unwrap();
    let mut by = opened_by(&bench.kit);
    by.sort_unstable();
    let mut holders = [one.kid(), three.kid()];
    holders.sort_unstable();
    assert_eq!(by, holders);
    // Why they stand in for officers is an event of its own, before the opening.
    assert_eq!(codes(&bench.kit), ["BREAK_GLASS", "BREAK_GLASS"]);
    let said = bench.kit.glass_said();
    assert_eq!((said.len(), said[0].2.as_str()), (1, "CARDS_LOST"));
    bench.clock.set(at(60));
    let verdict = bench.kit.present(7, &capture(70)).unwrap();
    assert!(matches!(verdict, Verdict::Green(_)), "{verdict:?}");
    // The next acts of that day need no officer either, and each shows.
    bench.kit.undo(7, "WRONG_VOTER", &[&one, &three]).unwrap();
    assert_eq!(codes(&bench.kit), ["BREAK_GLASS"; 3]);
}

/// With enough officers nothing is broken, whoever else stands by.
#[test]
fn officers_come_before_the_commission_above() {
    let precinct = Precinct::under("segment", 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (holder(1), holder(2));
    let [a, b] = precinct.pair();
    let bench = try_open(
        &precinct,
        precinct.kit_key("K1"),
        folder.path(),
        &[&one, &two, a, b],
        &[],
    )
    .unwrap();
    assert_eq!(opened_by(&bench.kit), [a.kid(), b.kid()]);
    assert!(codes(&bench.kit).is_empty());
}

/// Story: K2 is lost and a spare from outside the list comes. Expect: with a grant of K1 and two officers it opens,
/// exchanges with K1, and serves a line that K1 grants; without, or with a grant that does not hold, it does not open
/// and says which file and why.
#[test]
fn a_spare_outside_the_list_works_by_a_grant() {
    let precinct = Precinct::under("segment", 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let spare: Arc<dyn Card> = Arc::new(FileKey::from_seed(b"test", "a spare"));
    let cards = precinct.pair();
    let none = try_open(&precinct, Arc::clone(&spare), &place("K9"), &cards, &[]);
    let why = none.err().expect("the package does not name it");
    assert!(
        matches!(why, OpenError::Package(PackageError::UnknownKit)),
        "{why}"
    );
    let (manifest, charter) = manifest(&precinct);
    let wish = |name: &str| Spare {
        point: spare.public(),
        name: name.to_owned(),
        reason: "KIT_LOST".to_owned(),
        made_at: precinct::OPENS,
        not_before: precinct::OPENS - 3_600_000_000,
        not_after: precinct::OPENS + 12 * 3_600_000_000,
    };
    let k1 = precinct.kit_key("K1");
    let by_officers = grant(&charter, &wish("K9"), &cards, &*k1, &[9; 32]).unwrap();
    let taken = grant(&charter, &wish("K3"), &cards, &*k1, &[9; 32]);
    assert!(taken.is_err(), "the name is K3's");
    let alone = grant(&charter, &wish("K9"), &cards[..1], &*k1, &[9; 32]);
    assert!(alone.is_err(), "one officer");

    // By one officer, by a stranger, for another precinct: not taken, and the spare says why.
    let other = Precinct::under("segment", 1002, 120, 3);
    let elsewhere = grant(
        &self::manifest(&other).1,
        &wish("K9"),
        &other.pair(),
        &*other.kit_key("K1"),
        &[9; 32],
    )
    .unwrap();
    let spoilt = {
        let mut bytes = by_officers.clone();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes
    };
    let lonely = lexicon::handover::kit_grant::KitGrant::make(
        &manifest,
        charter.package(),
        &lexicon::handover::kit_grant::GrantBy::Kit(&*k1),
        &wish("K9"),
        &[9; 32],
    )
    .unwrap()
    .sign(&[cards[0] as &dyn Signer])
    .unwrap();
    for (name, bytes, says) in [
        ("elsewhere", elsewhere, "another package"),
        ("spoilt", spoilt, "signature"),
        ("lonely", lonely, "1 of 2"),
    ] {
        let grants = [(format!("{name}.cose"), bytes)];
        let refused = try_open(&precinct, Arc::clone(&spare), &place("K9"), &cards, &grants);
        let Err(OpenError::Grant { file, why }) = refused else {
            panic!("{name} was taken");
        };
        assert_eq!(file, format!("{name}.cose"));
        assert!(why.contains(says), "{name}: {why}");
    }

    let grants = [("K9.cose".to_owned(), by_officers)];
    let one = try_open(&precinct, k1, &place("K1"), &cards, &grants).unwrap();
    let nine = try_open(&precinct, spare, &place("K9"), &cards, &grants).unwrap();
    for (from, to) in [(&one, &nine), (&nine, &one)] {
        let link = Arc::new(InProcess::to(&to.kit));
        from.kit.connect(to.kit.kid(), link);
        from.clock.set(at(100));
    }
    for bench in [&one, &nine, &one, &nine] {
        let _ = bench.kit.sync_all();
    }
    let verdict = nine.kit.present(7, &capture(70)).unwrap();
    let Verdict::Green(_) = verdict else {
        panic!("the spare asks K1 and serves: {verdict:?}")
    };
    let _ = one.kit.sync_all();
    let again = one.kit.present(7, &capture(70)).unwrap();
    assert!(matches!(again, Verdict::Red(_)), "{again:?}");
    // A kit that has not read the grant takes nothing from the spare.
    let two = open(&precinct, "K2", &place("K2"), 30);
    two.kit
        .connect(one.kit.kid(), Arc::new(InProcess::to(&one.kit)));
    let _ = two.kit.sync_all();
    assert!(two.kit.journal_bytes().is_ok());
}

/// Story: K2 is lost at noon; a grant for a spare comes to K1 on a stick while K1 serves voters. Expect: K1 looks at it and
/// keeps it, says on the chair's pages that it must be started again, goes on meanwhile; what is no grant of this precinct
/// is refused with its reason and not kept. Started again, within seconds, it works with the spare.
#[test]
fn a_grant_that_comes_during_the_day_is_kept_and_holds_from_the_next_start() {
    let precinct = Precinct::under("segment", 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let spare: Arc<dyn Card> = Arc::new(FileKey::from_seed(b"test", "a spare"));
    let cards = precinct.pair();
    let k1 = precinct.kit_key("K1");
    let (_, charter) = manifest(&precinct);
    let wish = Spare {
        point: spare.public(),
        name: "K9".to_owned(),
        reason: "KIT_LOST".to_owned(),
        made_at: precinct::OPENS,
        not_before: precinct::OPENS - 3_600_000_000,
        not_after: precinct::OPENS + 12 * 3_600_000_000,
    };
    let signed = grant(&charter, &wish, &cards, &*k1, &[9; 32]).unwrap();
    let one = try_open(&precinct, Arc::clone(&k1), &place("K1"), &cards, &[]).unwrap();
    let refused = one.kit.bring_grant(&signed).err().map(|why| why.code());
    assert_eq!(
        refused,
        Some("GRANT_NOT_KEPT"),
        "it has no place for grants"
    );
    one.kit.set_grants(place("grants"));
    let no_grant = one.kit.bring_grant(b"no grant").err().map(|why| why.code());
    assert_eq!(no_grant, Some("GRANT_UNREADABLE"));
    let mut spoilt = signed.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    let other = Precinct::under("segment", 1002, 120, 3);
    let elsewhere = grant(
        &self::manifest(&other).1,
        &wish,
        &other.pair(),
        &*other.kit_key("K1"),
        &[9; 32],
    );
    for (bytes, code) in [
        (spoilt, "GRANT_BAD_SIGNATURE"),
        (elsewhere.unwrap(), "GRANT_OTHER_PACKAGE"),
    ] {
        let refused = one.kit.bring_grant(&bytes).err().map(|why| why.code());
        assert_eq!(refused, Some(code));
    }
    assert!(one.kit.spares().is_empty() && !place("grants").join("K9.cose").exists());

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    let scanner = Arc::new(station::scanner::ImageFolder::new(place("glass")));
    let cardless = station::cards::CardBox::new(Vec::new());
    let served = station::Station::new(None, cardless, scanner);
    served.install(Arc::clone(&one.kit));
    let serving = runtime
        .block_on(station::serve_station(served, any, any))
        .unwrap();
    let pages = serving.pages;
    assert!(!precinct::http::page(pages, "/chair").contains("Запустите"));
    let stick = place("stick");
    std::fs::create_dir(&stick).unwrap();
    std::fs::write(stick.join("K9.cose"), &signed).unwrap();
    let typed = |path: &Path| format!("place={}", path.display());
    let taken = precinct::http::request(pages, "POST /chair/spares", &typed(&stick));
    assert_eq!(taken.0, 200, "{}", taken.1);
    assert!(taken.1.contains("Допуск для К9 сохранён"), "{}", taken.1);
    let again = precinct::http::request(pages, "POST /chair/spares", &typed(&stick));
    assert!(
        again.0 == 422 && again.1.contains("GRANT_KNOWN"),
        "{}",
        again.1
    );
    let nothing = precinct::http::request(pages, "POST /chair/spares", &typed(&place("void")));
    assert!(nothing.1.contains("GRANT_NOTHING"), "{}", nothing.1);
    let chair = precinct::http::page(pages, "/chair");
    assert!(chair.contains("Запустите К1 снова"), "{chair}");
    assert!(precinct::http::page(pages, "/chair/spares?lang=en").contains("after a restart"));
    assert_eq!(waiting(&one.kit), ["K9"]);
    let verdict = one.kit.present(7, &capture(70)).unwrap();
    assert!(matches!(verdict, Verdict::Green(_)), "it serves meanwhile");
    drop((serving, runtime, one));

    let kept = std::fs::read(place("grants").join("K9.cose")).unwrap();
    let grants = [("K9.cose".to_owned(), kept)];
    let one = try_open(&precinct, k1, &place("K1"), &cards, &grants).unwrap();
    one.kit.set_grants(place("grants"));
    assert!(waiting(&one.kit).is_empty());
    assert!(one.kit.spares()[0].is_in_force);
    let nine = try_open(&precinct, spare, &place("K9"), &cards, &grants).unwrap();
    for (from, to) in [(&one, &nine), (&nine, &one)] {
        from.kit
            .connect(to.kit.kid(), Arc::new(InProcess::to(&to.kit)));
        from.clock.set(at(100));
    }
    for bench in [&one, &nine, &one, &nine] {
        let _ = bench.kit.sync_all();
    }
    let served = nine.kit.present(8, &capture(80)).unwrap();
    assert!(matches!(served, Verdict::Green(_)), "{served:?}");
    let seen = nine.kit.present(7, &capture(70)).unwrap();
    assert!(matches!(seen, Verdict::Red(_)), "served before the restart");
}

/// The commission above admits a spare with its own keys, without a kit of the station.
#[test]
fn the_commission_above_grants_with_its_keys() {
    let precinct = Precinct::under("segment", 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let spare: Arc<dyn Card> = Arc::new(FileKey::from_seed(b"test", "a spare"));
    let (_, charter) = manifest(&precinct);
    let wish = Spare {
        point: spare.public(),
        name: "K9".to_owned(),
        reason: "KIT_ADDED".to_owned(),
        made_at: precinct::OPENS,
        not_before: precinct::OPENS - 3_600_000_000,
        not_after: precinct::OPENS + 12 * 3_600_000_000,
    };
    let (one, two) = (holder(1), holder(2));
    let none = FileKey::from_seed(b"test", "no kit");
    let by: [&dyn Card; 2] = [&one, &two];
    let signed = grant(&charter, &wish, &by, &none, &[9; 32]).unwrap();
    let grants = [("K9.cose".to_owned(), signed)];
    let cards = precinct.pair();
    let bench = try_open(&precinct, spare, folder.path(), &cards, &grants).unwrap();
    assert!(codes(&bench.kit).is_empty(), "two officers opened it");
}

/// Keys of the commission above open nothing without saying why.
#[test]
fn the_commission_above_says_why_or_opens_nothing() {
    let precinct = Precinct::under("segment", 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::new(at(20)));
    let (one, three) = (holder(1), holder(3));
    let open = |glass: Option<&str>| {
        let mut config = precinct.config(folder.path(), &clock, &Arc::default());
        config.glass = glass.map(str::to_owned);
        Kit::open(config, precinct.kit_key("K1"), &[&one, &three])
    };
    for glass in [None, Some("WHIM")] {
        let refused = open(glass).err().expect("no reason");
        assert!(
            matches!(
                refused,
                OpenError::Consent(DraftError::Officers(OfficersError::NoReason))
            ),
            "{refused}"
        );
    }
    let kit = open(Some("OFFICERS_ABSENT")).unwrap();
    assert_eq!(kit.glass_said()[0].2, "OFFICERS_ABSENT");
    drop(kit);
    // It stands in the journal: after a restart nobody is asked again.
    assert!(open(None).is_ok());
}

/// A grant that is not in force yet, or no more, opens no spare; the refusal says from when to when.
#[test]
fn a_grant_admits_a_spare_between_its_dates() {
    let precinct = Precinct::under("segment", 1001, 120, 3);
    let folder = tempfile::tempdir().unwrap();
    let spare: Arc<dyn Card> = Arc::new(FileKey::from_seed(b"test", "a spare"));
    let (_, charter) = manifest(&precinct);
    let cards = precinct.pair();
    let open = |from: i64, until: i64| {
        let wish = Spare {
            point: spare.public(),
            name: "K9".to_owned(),
            reason: "KIT_LOST".to_owned(),
            made_at: precinct::OPENS,
            not_before: precinct::OPENS + from * 1_000_000,
            not_after: precinct::OPENS + until * 1_000_000,
        };
        let k1 = precinct.kit_key("K1");
        let signed = grant(&charter, &wish, &cards, &*k1, &[9; 32]).unwrap();
        let grants = [("K9.cose".to_owned(), signed)];
        try_open(
            &precinct,
            Arc::clone(&spare),
            folder.path(),
            &cards,
            &grants,
        )
        .map(drop)
    };
    // The kit's clock shows 20 s after the opening.
    for (from, until) in [(60, 3600), (-3600, 10)] {
        let refused = open(from, until).expect_err("outside its dates");
        assert!(
            matches!(refused, OpenError::GrantNotNow { .. }),
            "{refused}"
        );
    }
    assert!(open(0, 3600).is_ok());
}

/// Story S-34: an officer falls ill; the commission above admits a substitute's card from 08:01:40 on. Expect: only its keys
/// may, for this package alone; a kit takes the file in on the chair's page and works with the card from its next start, not
/// for acts before that moment; the other kit refuses such an act until it has the file, and then takes it in; the incident
/// stands, and the card can be withdrawn like any other.
#[test]
fn a_substitutes_card_signs_from_its_moment_on_at_every_kit_that_has_the_decision() {
    let precinct = Precinct::under("segment", 1001, 120, 2);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let substitute = FileKey::from_seed(b"station tests", "substitute");
    let (manifest, charter) = manifest(&precinct);
    let of = |package: [u8; 32]| CardGrant {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: manifest.precinct,
        package: package.into(),
        officer: OfficerEntry {
            point: substitute.public_key().0.into(),
            role: "member".to_owned(),
            body: "Another party".to_owned(),
            name: "Substitute".to_owned(),
        },
        reason: "OFFICER_REPLACED".to_owned(),
        made_at: at(60).micros(),
        not_before: at(100).micros(),
        not_after: at(12 * 3600).micros(),
    };
    let card = of(charter.package().0);
    let (one, three) = (holder(1), holder(3));
    let officers: [&dyn Card; 2] = precinct.pair();
    for cards in [&officers[..], &[&one as &dyn Card], &[&one, officers[0]]] {
        assert!(admit_card(&charter, &card, cards).is_err());
    }
    assert!(admit_card(&charter, &of([7; 32]), &[&one, &three]).is_err());
    let named = CardGrant {
        officer: manifest.officers[1].clone(),
        ..card.clone()
    };
    assert!(admit_card(&charter, &named, &[&one, &three]).is_err());
    let signed = admit_card(&charter, &card, &[&one, &three]).unwrap();
    let file = [("card.cose".to_owned(), signed.clone())];

    let k1 = precinct.kit_key("K1");
    let before = try_open(&precinct, Arc::clone(&k1), &place("K1"), &officers, &[]).unwrap();
    before.kit.set_grants(place("grants"));
    let with = [officers[0], &substitute as &dyn Card];
    let by_two =
        |kit: &Kit, line| kit.check_in_two_officers(line, Method2::Face, "NO_FINGERS", &with);
    assert!(by_two(&before.kit, 5).is_err(), "nobody knows the card");
    let brought = before.kit.bring_grant(&signed).unwrap();
    assert!(brought.is_card && !brought.is_in_force);
    let again = before.kit.bring_grant(&signed).err().map(|why| why.code());
    assert_eq!(again, Some("GRANT_KNOWN"));
    assert_eq!(waiting(&before.kit), ["Substitute"]);
    drop(before);

    let first = try_open(&precinct, Arc::clone(&k1), &place("K1"), &officers, &file).unwrap();
    assert!(by_two(&first.kit, 5).is_err(), "not before its moment");
    first.clock.set(at(100));
    assert!(matches!(by_two(&first.kit, 5), Ok(Outcome::Green(_))));
    assert_eq!(codes(&first.kit), ["CARD_ADMITTED"]);
    drop(first);
    let first = try_open_at(110, &precinct, (k1, &place("K1")), &officers, &file).unwrap();
    assert_eq!(codes(&first.kit), ["CARD_ADMITTED"], "once");
    let holders: Vec<String> = first
        .kit
        .cards()
        .into_iter()
        .map(|card| card.holder)
        .collect();
    assert!(holders.contains(&"Substitute".to_owned()));

    // The other kit has not the file: the act waits outside.
    let k2 = precinct.kit_key("K2");
    let meet = |two: &Bench| {
        for (from, to) in [(&first, two), (two, &first)] {
            let way = Arc::new(InProcess::to(&to.kit));
            from.kit.connect(to.kit.kid(), way);
        }
        for bench in [two, &first, two] {
            let _ = bench.kit.sync_all();
        }
        two.kit.read(|book| book.state(5).counted.is_some())
    };
    let its = (Arc::clone(&k2), &*place("K2"));
    let second = try_open_at(110, &precinct, its, &officers, &[]).unwrap();
    assert!(!meet(&second));
    drop(second);
    let second = try_open_at(110, &precinct, (k2, &place("K2")), &officers, &file).unwrap();
    assert!(meet(&second));
    // Lost in its turn: two others withdraw it, and it signs nothing more.
    first
        .kit
        .withdraw_card(substitute.kid(), "CARD_LOST", &officers)
        .unwrap();
    assert!(by_two(&first.kit, 6).is_err());
}
