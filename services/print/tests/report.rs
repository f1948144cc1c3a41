//! The A4 copy of a report: only what kit and officers signed and what adds up.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod paper;

use std::path::{Path, PathBuf};

use keys::FileKey;
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::envelope::{DocumentType, Signer, Subject, encode, id_all, sign_all};
use lexicon::handover::event::{EventRef, Incident};
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::{
    BreakGlass, KitEntry, OfficerEntry, PackageManifest, StationPolicy,
};
use lexicon::handover::report::{
    BatterySaid, ClockSaid, DayCount, GlassSaid, KitCount, MethodCount, PeopleCount, ReasonCount,
    Report, Silence, TableCount, kind,
};
use paper::{Scratch, has, hash_of, key, law, lines, words_of, write, write_roll};
use tizme_print::form::PaperLanguage;
use tizme_print::report::OpenReport;
use tizme_print::report_page::print_report;

fn subject(kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: law().election.number,
    }
}

fn kit(n: u32) -> FileKey {
    key(&format!("kit-{n}"))
}

fn officer(n: u32) -> FileKey {
    key(&format!("officer-{n}"))
}

fn manifest() -> PackageManifest {
    let moment = |text: &str| lexicon::Instant::parse(text).unwrap().micros();
    PackageManifest {
        suite: "kg1".to_owned(),
        election: law().election.number,
        precinct: 1001,
        release: 7,
        package: 1,
        previous: None,
        root: [0x7c; 32].into(),
        lines: 1200,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 1,
        not_before: moment("2015-10-03T00:00:00+06:00"),
        not_after: moment("2015-10-06T00:00:00+06:00"),
        policy: StationPolicy {
            partition: "segment".to_owned(),
            ballot_table: "paper".to_owned(),
            tries_per_finger: 3,
            pause_after_failures: 5,
            pause_seconds: 30,
            finger_fmr_ppb: 100_000,
            override_quota_permille: 20,
            opens: moment("2015-10-04T08:00:00+06:00"),
            closes: moment("2015-10-04T20:00:00+06:00"),
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
            second_day: None,
            devices: None,
            marked_lines_ppb: None,
        },
        kits: (1..=2)
            .map(|n| KitEntry {
                point: kit(n).public_key().0.into(),
                name: format!("K{n}"),
                from: 1 + (n - 1) * 600,
                to: n * 600,
            })
            .collect(),
        officers: (1..=3)
            .map(|n| OfficerEntry {
                point: officer(n).public_key().0.into(),
                role: "member".to_owned(),
                body: if n == 3 { "party-2" } else { "party-1" }.to_owned(),
                name: format!("Үсөн Асанов {n}"),
            })
            .collect(),
        k: 2,
        revoked: Vec::new(),
        ephemeral: [4; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: None,
        exercise: None,
        settings: None,
    }
}

fn counts(n: u32, counted: u32, undone: u32, duplicates: u32) -> KitCount {
    let acts = counted + undone + duplicates;
    KitCount {
        kit: kit(n).kid().0.into(),
        name: format!("K{n}"),
        seq: acts + 20,
        head: [0x9f; 32].into(),
        acts,
        undone,
        duplicates,
        counted,
        printed: acts - undone,
        void: undone,
        pending: 0,
        reprints: 1,
        granted: 3,
        granted_unused: 1,
    }
}

fn final_report() -> Report {
    let manifest = manifest();
    let id = id_all(subject(DocumentType::PackageManifest), &encode(&manifest));
    let moment = lexicon::Instant::parse("2015-10-04T20:41:07+06:00").unwrap();
    let event = |n: u32, seq| EventRef {
        kit: kit(n).kid().0.into(),
        seq,
    };
    Report {
        suite: "kg1".to_owned(),
        election: law().election.number,
        precinct: 1001,
        kit: kit(1).kid().0.into(),
        kind: kind::FINAL,
        number: 412,
        at: moment.micros(),
        package: id.0.into(),
        root: manifest.root,
        release: 7,
        lines: 1200,
        pages: 48,
        counted: 731,
        by_method: [716, 13, 2, 0, 0]
            .into_iter()
            .zip(1..)
            .map(|(count, method)| MethodCount { method, count })
            .collect(),
        kits: vec![counts(1, 480, 1, 0), counts(2, 251, 0, 1)],
        refusals: vec![ReasonCount {
            reason: lexicon::RefusalReason::ALL[0].code().to_owned(),
            count: 24,
        }],
        incidents: vec![Incident {
            code: "DUPLICATE".to_owned(),
            line: 412,
            evidence: vec![event(1, 42), event(2, 118)],
        }],
        incomplete: Vec::new(),
        rejected: 0,
        after_close: 14,
        delta: None,
        table: None,
        adds_to: None,
        silences: None,
        why_incomplete: None,
        days: None,
        glass: None,
        people: Some(vec![
            PeopleCount {
                sex: "F".to_owned(),
                from: 18,
                count: 400,
            },
            PeopleCount {
                sex: "M".to_owned(),
                from: 55,
                count: 331,
            },
        ]),
        paper_only: None,
        software: None,
        pages_read: None,
        clocks: None,
        battery: None,
        supply: None,
        totals: None,
        pairs: None,
        undone_by: None,
        evidence: None,
        heads_at: None,
        reconstructed: None,
        page_voters: None,
        devices: None,
        spare_seal: None,
        training_events: None,
        slips_taken: None,
        pictures: None,
    }
}

struct Files {
    report: PathBuf,
    manifest: PathBuf,
    publication: PathBuf,
}

fn files(dir: &Path, report: &Report, signers: &[&dyn Signer]) -> Files {
    files_under(dir, &manifest(), report, signers)
}

fn files_under(
    dir: &Path,
    manifest: &PackageManifest,
    report: &Report,
    signers: &[&dyn Signer],
) -> Files {
    write_roll(dir, &[(1001, lines(1001, 3))], "pkcs11");
    let (srs, cec) = (key("srs-release"), key("cec-release"));
    let manifest = sign_all(
        subject(DocumentType::PackageManifest),
        &encode(manifest),
        &[&srs, &cec],
    );
    let files = Files {
        report: dir.join("journals/1001/K1.final.cose"),
        manifest: dir.join("packages/1001.manifest.cose"),
        publication: dir.join("publication"),
    };
    write(&files.manifest, &manifest.unwrap());
    let signed = sign_all(subject(DocumentType::Report), &encode(report), signers);
    write(&files.report, &signed.unwrap());
    files
}

fn open(files: &Files) -> Result<OpenReport, String> {
    open_with(files, &[])
}

fn open_with(files: &Files, grants: &[PathBuf]) -> Result<OpenReport, String> {
    OpenReport::open(&files.report, &files.manifest, &files.publication, grants)
        .map_err(|error| error.to_string())
}

#[test]
fn a_final_report_comes_out_with_its_arithmetic_and_the_same_bytes_twice() {
    let dir = Scratch::new("report");
    let report = final_report();
    let files = files(dir.path(), &report, &[&kit(1), &officer(1), &officer(3)]);
    let opened = open(&files).unwrap();
    assert_eq!(opened.officers.len(), 2);
    let pdf = dir.path().join("report.pdf");
    let first = print_report(&opened, PaperLanguage::Both, &pdf).unwrap();
    assert_eq!(hash_of(&pdf), first);
    assert_eq!(
        print_report(&opened, PaperLanguage::Both, &pdf).unwrap(),
        first
    );
    if !has("pdftotext") {
        return;
    }
    let pages = words_of(&pdf);
    assert_eq!(pages.len(), 1, "an ordinary day fits on one sheet");
    let text: Vec<&str> = pages[0].iter().map(|w| w.text.as_str()).collect();
    let text = text.join(" ");
    for said in [
        "731",
        "60,9 %",
        "733 актов – 1 отменено – 1 двойных = 731 учтено.",
        "732 чеков + 1 аннулировано + 0 не вышло = 733 актов.",
        "строка 412",
        "К1 0042 / К2 0118",
        "04.10.2015",
        "20:41:07",
        "400 женщин + 331 мужчин + 0 неизвестно = 731 учтено.",
        "75 и старше",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

/// Closed at noon by a fire, voted on the next day; keys of the commission above signed once; the table was scanned.
fn of_two_days() -> Report {
    let at = |text: &str| lexicon::Instant::parse(text).unwrap().micros();
    let day = |opens: &str, closes: &str, counted, outside| DayCount {
        opens: at(opens),
        closes: at(closes),
        decision: None,
        suspended: None,
        reason: None,
        counted,
        outside,
    };
    Report {
        days: Some(vec![
            DayCount {
                suspended: Some(at("2015-10-04T12:03:00+06:00")),
                reason: Some("FIRE".to_owned()),
                ..day(
                    "2015-10-04T08:00:00+06:00",
                    "2015-10-04T20:00:00+06:00",
                    300,
                    0,
                )
            },
            DayCount {
                decision: Some([0xab; 32].into()),
                ..day(
                    "2015-10-05T09:00:00+06:00",
                    "2015-10-05T20:00:00+06:00",
                    431,
                    14,
                )
            },
        ]),
        glass: Some(vec![GlassSaid {
            kit: kit(2).kid().0.into(),
            seq: 7,
            at: at("2015-10-05T08:40:00+06:00"),
            reason: "CARDS_LOST".to_owned(),
        }]),
        silences: Some(vec![Silence {
            by: kit(1).kid().0.into(),
            kit: kit(2).kid().0.into(),
            from: at("2015-10-04T10:00:00+06:00"),
            until: None,
        }]),
        table: Some(TableCount {
            signed: 730,
            issued: 729,
            waiting: 2,
            surplus: 1,
            returned: 3,
            home: 0,
            ballots: vec![481, 252],
            paper: 0,
        }),
        ..final_report()
    }
}

#[test]
fn what_a_day_had_besides_stands_on_the_copy_with_its_sums() {
    let dir = Scratch::new("report-days");
    let signers: [&dyn Signer; 3] = [&kit(1), &officer(1), &officer(3)];
    let check = |report: &Report, sheets: usize, expected: &[&str]| {
        let files = files(dir.path(), report, &signers);
        let pdf = dir.path().join("report.pdf");
        print_report(&open(&files).unwrap(), PaperLanguage::Both, &pdf).unwrap();
        if !has("pdftotext") {
            return;
        }
        let pages = words_of(&pdf);
        assert!(pages.len() <= sheets, "{} sheets", pages.len());
        let text: Vec<&str> = pages.iter().flatten().map(|w| w.text.as_str()).collect();
        let text = text.join(" ");
        for said in expected {
            assert!(text.contains(said), "{said}: {text}");
        }
    };
    let days = [
        "День 1: 300",
        "2015-10-04 08:00–20:00",
        "Остановлено: пожар",
        "2015-10-04 12:03",
        "День 2: 431",
        "2015-10-05 09:00–20:00",
        "abab abab abab",
        "вне часов",
        "300 + 431 = 731.",
        "К2 0007:",
        "карты утеряны",
        "2015-10-05 08:40",
        "К1 не слышал К2",
        "10:00–…",
    ];
    let table = [
        "729 выдано + 2 без бюллетеня + 0 на дому + 0 по бумаге = 731 учтено.",
        "729 выдано + 1 лишних + 3 возвращено = 733 событий выдачи.",
    ];
    let whole = of_two_days();
    let on_paper = Report {
        table: None,
        ..whole.clone()
    };
    check(&on_paper, 1, &days);
    let scanned = Report {
        table: whole.table.clone(),
        ..final_report()
    };
    check(&scanned, 1, &table);
    check(&whole, 2, &[&days[..], &table[..]].concat());
}

#[test]
fn the_morning_of_a_second_day_may_open_and_says_clocks_battery_and_paper() {
    let dir = Scratch::new("report-second");
    let mut report = of_two_days();
    report.kind = kind::INITIAL;
    (report.glass, report.table, report.silences) = (None, None, None);
    report.clocks = Some(vec![ClockSaid {
        kit: kit(2).kid().0.into(),
        micros: -1_240_000,
    }]);
    report.battery = Some(BatterySaid {
        percent: 87,
        is_draining: true,
    });
    report.supply = Some("LOW".to_owned());
    let signers: [&dyn Signer; 3] = [&kit(1), &officer(1), &officer(3)];
    let words = |report: &Report| {
        let pdf = dir.path().join("initial.pdf");
        let opened = open(&files(dir.path(), report, &signers)).unwrap();
        print_report(&opened, PaperLanguage::Ru, &pdf).unwrap();
        let words = words_of(&pdf).concat();
        let words: Vec<String> = words.into_iter().map(|w| w.text).collect();
        words.join(" ")
    };
    if !has("pdftotext") {
        return;
    }
    // 431 are of the day that begins: it may not open.
    assert!(words(&report).contains("НЕ ОТКРЫТЬ:"));
    if let Some(days) = &mut report.days {
        (days[0].counted, days[1].counted, days[1].outside) = (731, 0, 0);
    }
    let said = words(&report);
    assert!(!said.contains("НЕ ОТКРЫТЬ:"), "{said}");
    for word in [
        "Расхождение часов, К2",
        "–1,2 с",
        "87 %, без сети",
        "Чековая лента",
        "кончается",
        "731 + 0 = 731.",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn an_initial_report_that_is_not_zero_says_do_not_open() {
    let dir = Scratch::new("report-initial");
    let mut report = final_report();
    report.kind = kind::INITIAL;
    (report.refusals, report.incidents) = (Vec::new(), Vec::new());
    let signers: [&dyn Signer; 3] = [&kit(1), &officer(1), &officer(3)];
    let early = open(&files(dir.path(), &report, &signers)).unwrap();
    report.kits = vec![counts(1, 0, 0, 0), counts(2, 0, 0, 0)];
    (report.counted, report.people) = (0, None);
    report.by_method.iter_mut().for_each(|m| m.count = 0);
    let zero = open(&files(dir.path(), &report, &signers)).unwrap();
    let pdf = dir.path().join("initial.pdf");
    for (opened, is_early) in [(early, true), (zero, false)] {
        print_report(&opened, PaperLanguage::Ru, &pdf).unwrap();
        if has("pdftotext") {
            let words = words_of(&pdf).concat();
            assert_eq!(words.iter().any(|w| w.text == "ОТКРЫТЬ:"), is_early);
        }
    }
}

/// The package of a precinct whose commission above holds two keys.
fn under_a_commission() -> PackageManifest {
    let mut manifest = manifest();
    let holder = |n| entry(&holder(n), "commission", "ТИК");
    manifest.break_glass = Some(BreakGlass {
        holders: vec![holder(1), holder(2)],
        k: 2,
        wraps: Vec::new(),
        kinds: None,
    });
    manifest
}

fn holder(n: u32) -> FileKey {
    key(&format!("holder-{n}"))
}

fn entry(card: &FileKey, body: &str, name: &str) -> OfficerEntry {
    OfficerEntry {
        point: card.public_key().0.into(),
        role: "member".to_owned(),
        body: body.to_owned(),
        name: name.to_owned(),
    }
}

#[test]
fn a_spare_kit_and_a_substitutes_card_sign_once_their_grants_lie_beside_the_report() {
    let dir = Scratch::new("report-grants");
    let manifest = under_a_commission();
    let package = id_all(subject(DocumentType::PackageManifest), &encode(&manifest)).0;
    let (substitute, spare) = (key("substitute"), key("kit-spare"));
    let mut report = final_report();
    report.package = package.into();
    report.kit = spare.kid().0.into();
    let hours = |n: i64| report.at + n * 3_600_000_000;
    let card = CardGrant {
        suite: "kg1".to_owned(),
        election: report.election,
        precinct: report.precinct,
        package: package.into(),
        officer: entry(&substitute, "party-2", "Айгүл Эсенова"),
        reason: "CARD_LOST".to_owned(),
        made_at: hours(-8),
        not_before: hours(-8),
        not_after: hours(4),
    };
    let one_more = KitGrant {
        suite: "kg1".to_owned(),
        election: report.election,
        precinct: report.precinct,
        package: package.into(),
        kit: KitEntry {
            point: spare.public_key().0.into(),
            name: "K3".to_owned(),
            from: 1,
            to: 0,
        },
        ephemeral: spare.public_key().0.into(),
        wrap: [0; 40].into(),
        reason: "KIT_LOST".to_owned(),
        made_at: hours(-8),
        not_before: hours(-8),
        not_after: hours(4),
    };
    let of_commission: [&dyn Signer; 2] = [&holder(1), &holder(2)];
    let file = |name: &str, signed: Vec<u8>| {
        let path = dir.path().join(name);
        write(&path, &signed);
        path
    };
    let card_file = file("card.cose", card.sign(&of_commission).unwrap());
    let kit_file = file("kit.cose", one_more.sign(&of_commission).unwrap());
    let files = files_under(
        dir.path(),
        &manifest,
        &report,
        &[&spare, &officer(1), &substitute],
    );
    let grants = [kit_file.clone(), card_file.clone()];
    let opened = open_with(&files, &grants).unwrap();
    let names: Vec<&str> = opened.officers.iter().map(|o| o.name.as_str()).collect();
    assert_eq!(names, ["Үсөн Асанов 1", "Айгүл Эсенова"]);
    if has("pdftotext") {
        let pdf = dir.path().join("report.pdf");
        print_report(&opened, PaperLanguage::Ru, &pdf).unwrap();
        assert!(words_of(&pdf).concat().iter().any(|w| w.text == "Эсенова"));
    }

    let refused = |grants: &[PathBuf], expected: &str| {
        let why = open_with(&files, grants).unwrap_err();
        assert!(why.contains(expected), "{why}");
    };
    refused(&[], "is not known here");
    refused(std::slice::from_ref(&kit_file), "is not known here");
    refused(&[card_file], "is not known here");
    let of_officers: [&dyn Signer; 2] = [&officer(1), &officer(3)];
    let theirs = file("theirs.cose", card.sign(&of_officers).unwrap());
    refused(&[kit_file.clone(), theirs], "not signed by the commission");
    let ended = CardGrant {
        not_after: hours(-1),
        ..card
    };
    let ended = file("ended.cose", ended.sign(&of_commission).unwrap());
    refused(&[kit_file, ended], "1 of 2 officers signed");
    let ended = KitGrant {
        not_after: hours(-1),
        ..one_more
    };
    let ended = file("late.cose", ended.sign(&of_commission).unwrap());
    refused(&[ended, grants[1].clone()], "not signed by a kit of this");
    // The commission above in place of officers.
    let by_commission: [&dyn Signer; 3] = [&spare, &holder(1), &holder(2)];
    let above = files_under(dir.path(), &manifest, &report, &by_commission);
    assert_eq!(open_with(&above, &grants).unwrap().officers.len(), 2);
}

#[test]
fn a_report_is_refused_when_signers_package_or_sums_do_not_fit() {
    let dir = Scratch::new("report-refused");
    let check = |report: &Report, signers: &[&dyn Signer], expected: &str| {
        let why = open(&files(dir.path(), report, signers)).unwrap_err();
        assert!(why.contains(expected), "{why}");
    };
    let report = final_report();
    let own = kit(1);
    check(&report, &[&own, &officer(1)], "1 of 2 officers signed");
    // Both of one nominating body.
    check(
        &report,
        &[&own, &officer(1), &officer(2)],
        "one nominating body",
    );
    check(&report, &[&officer(1), &officer(3)], "required signatures");
    let stranger = key("kit-9");
    check(
        &report,
        &[&stranger, &officer(1), &officer(3)],
        "is not known here",
    );
    let signers: [&dyn Signer; 3] = [&own, &officer(1), &officer(3)];
    let mut wrong = report.clone();
    wrong.counted = 732;
    check(&wrong, &signers, "do not add up");
    wrong = report.clone();
    wrong.kits[0].printed += 1;
    check(&wrong, &signers, "do not add up");
    let two_days = of_two_days();
    wrong = two_days.clone();
    wrong.days.as_mut().unwrap()[0].counted += 1;
    check(&wrong, &signers, "the sum of the days");
    wrong = two_days.clone();
    wrong.people.as_mut().unwrap().pop();
    check(&wrong, &signers, "by sex and age");
    wrong = two_days.clone();
    wrong.table.as_mut().unwrap().waiting += 1;
    check(&wrong, &signers, "the ballot table adds up");
    wrong = two_days;
    wrong.table.as_mut().unwrap().ballots.pop();
    check(&wrong, &signers, "ballots of the kits");
    wrong = report.clone();
    wrong.precinct = 1002;
    check(&wrong, &signers, "another package");
    wrong = report;
    wrong.kit = officer(1).kid().0.into();
    check(&wrong, &signers, "a kit of this package");
}
