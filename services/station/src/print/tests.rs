#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::{FingerPosition, Instant, Language, Method, RefusalReason};
use pollbook::DayCodes;

use super::*;

fn heading() -> Heading {
    heading_on(Width::Mm80)
}

fn heading_on(width: Width) -> Heading {
    Heading {
        width,
        precinct: 1001,
        day: lexicon::Date::constant(2015, 10, 4),
        offset_minutes: 360,
        kit: "K2".to_owned(),
        release: 7,
        root: "7c1e90ab44d2".to_owned(),
        languages: vec![Language::Ky, Language::Ru],
        exercise: None,
        officers: vec![
            ([31; 8], "Асанов".to_owned()),
            ([32; 8], "Иванова".to_owned()),
        ],
    }
}

fn paper(width: Width) -> ReceiptPaper {
    let day = DayCodes::new(&[5; 32], &[]);
    ReceiptPaper {
        heading: heading_on(width),
        receipt: "K2-0139".to_owned(),
        page: 17,
        line: 412,
        at: Instant::parse("2015-10-04T10:47:08+06:00").unwrap(),
        method: Method::Finger,
        finger: FingerPosition::new(2),
        mark: day.mark(),
        code: day.code(412),
        event: (0..210u8).collect(),
        copy: 0,
        is_void: false,
    }
}

/// Nothing of a paper lies beyond its edge. Writes the papers for a look when a folder is named:
/// `TIZME_PAPERS=/tmp/papers`.
fn keep(job: &Job) {
    assert_eq!(job.bitmap.lost(), 0, "{}: dots beyond the edge", job.name);
    if let Some(folder) = std::env::var_os("TIZME_PAPERS") {
        std::fs::write(
            std::path::Path::new(&folder)
                .join(&job.name)
                .with_extension("png"),
            job.bitmap.png(),
        )
        .unwrap();
    }
}

/// A paper of 58 mm under a name of its own.
fn narrowed(job: Job) -> Job {
    assert_eq!(job.bitmap.width(), Width::Mm58.dots());
    Job {
        name: format!("{}-58", job.name),
        ..job
    }
}

#[test]
fn a_receipt_fits_both_papers_and_its_code_is_the_event() {
    for (width, length_mm_max) in [(Width::Mm80, 160), (Width::Mm58, 160)] {
        let job = receipt(&paper(width));
        assert_eq!(job.bitmap.width(), width.dots());
        assert!(
            job.bitmap.height() / 8 <= length_mm_max,
            "{} mm",
            job.bitmap.height() / 8
        );
        keep(&Job {
            name: format!("{}-{:?}", job.name, width),
            ..job
        });
    }
    // Two officers' consents and the name of a sealed picture: a code of 77 modules, on both papers.
    for width in [Width::Mm80, Width::Mm58] {
        let short = receipt(&paper(width)).bitmap.height();
        let long = receipt(&ReceiptPaper {
            event: vec![7; 390],
            ..paper(width)
        });
        assert!(long.bitmap.height() >= short + 40, "{width:?}");
    }
    let event = paper(Width::Mm80).event;
    assert_eq!(base45::decode(base45_of(&event)).unwrap(), event);
}

#[test]
fn a_copy_and_a_void_receipt_look_different() {
    let first = receipt(&paper(Width::Mm80));
    let copy = receipt(&ReceiptPaper {
        copy: 1,
        ..paper(Width::Mm80)
    });
    let void = receipt(&ReceiptPaper {
        is_void: true,
        ..paper(Width::Mm80)
    });
    assert!(
        first.bitmap != copy.bitmap && first.bitmap != void.bitmap && copy.bitmap != void.bitmap
    );
    assert_eq!(copy.name, "receipt-K2-0139-copy1");
}

#[test]
fn a_slip_and_the_day_table_are_drawn() {
    let slip = refusal(&RefusalPaper {
        heading: heading(),
        at: Instant::parse("2015-10-04T11:02:40+06:00").unwrap(),
        seq: 9,
        reason: RefusalReason::NotHere,
        go_to: Some(1014),
        address: Some((
            "Ош шаары, Ленин көчөсү, 12".to_owned(),
            "г. Ош, ул. Ленина, 12".to_owned(),
        )),
        kit: None,
        until: Instant::parse("2015-10-04T20:00:00+06:00").unwrap(),
    });
    assert!(slip.bitmap.height() > 300);
    keep(&slip);
    keep(&day_table(&heading(), &DayCodes::new(&[5; 32], &[])));
    let narrow = refusal(&RefusalPaper {
        heading: heading_on(Width::Mm58),
        at: Instant::parse("2015-10-04T11:02:40+06:00").unwrap(),
        seq: 9,
        reason: RefusalReason::FingerMismatch,
        go_to: None,
        address: None,
        kit: Some("K1".to_owned()),
        until: Instant::parse("2015-10-04T20:00:00+06:00").unwrap(),
    });
    keep(&narrowed(narrow));
    let table = day_table(&heading_on(Width::Mm58), &DayCodes::new(&[5; 32], &[]));
    keep(&narrowed(table));
}

#[test]
fn the_stream_holds_every_row_between_start_and_cut() {
    let bitmap = Bitmap::new(384, 600);
    let stream = escpos(&bitmap);
    assert_eq!(&stream[..6], &[0x1b, b'@', 0x1d, b'v', b'0', 0]);
    assert_eq!(stream.len(), 2 + 3 * 8 + 600 * 48 + 6);
    assert_eq!(&stream[stream.len() - 3..], &[0x1d, b'V', 1]);
}

#[test]
fn reports_are_drawn_and_their_json_names_the_counters() {
    use lexicon::handover::report::{KitCount, MethodCount, ReasonCount, Report, kind};
    let kit = |name: &str, acts: u32, undone: u32| KitCount {
        kit: [acts as u8; 8].into(),
        name: name.to_owned(),
        seq: acts * 2,
        head: [9; 32].into(),
        acts,
        undone,
        duplicates: 0,
        counted: acts - undone,
        printed: acts - undone,
        void: undone,
        pending: 0,
        reprints: 0,
        granted: 3,
        granted_unused: 0,
    };
    let final_report = Report {
        suite: "kg1".to_owned(),
        election: 20_151_004,
        precinct: 1001,
        kit: [1; 8].into(),
        kind: kind::FINAL,
        number: 2,
        at: 1_443_969_667_000_000,
        package: [2; 32].into(),
        root: [3; 32].into(),
        release: 7,
        lines: 1200,
        pages: 48,
        counted: 731,
        by_method: (1..=5)
            .map(|method| MethodCount {
                method,
                count: if method == 1 { 731 } else { 0 },
            })
            .collect(),
        kits: vec![kit("K1", 380, 1), kit("K2", 352, 0)],
        refusals: vec![ReasonCount {
            reason: "ALREADY".to_owned(),
            count: 3,
        }],
        incidents: Vec::new(),
        incomplete: vec!["K2".to_owned()],
        rejected: 0,
        after_close: 14,
        delta: None,
        adds_to: None,
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
        silences: None,
        why_incomplete: Some("UNREACHABLE".to_owned()),
        days: None,
        glass: None,
        people: Some(vec![lexicon::handover::report::PeopleCount {
            sex: "F".to_owned(),
            from: 18,
            count: 731,
        }]),
        table: None,
    };
    assert_eq!(pollbook::arithmetic_fault(&final_report), None);
    let day = DayCodes::new(&[5; 32], &[]);
    let last = report(&heading(), &final_report, &day, b"signed");
    let first = report(
        &heading(),
        &Report {
            kind: kind::INITIAL,
            ..final_report.clone()
        },
        &day,
        b"signed",
    );
    assert_eq!(
        (last.name.as_str(), first.name.as_str()),
        ("report-K2-final", "report-K2-initial")
    );
    assert!(last.bitmap.height() > 2400 && first.bitmap.height() > 1800);
    let in_russian = Heading {
        languages: vec![Language::Ru],
        ..heading()
    };
    let alone = report(&in_russian, &final_report, &day, b"signed");
    assert!(
        alone.bitmap.height() * 3 / 2 < last.bitmap.height(),
        "a sheet for each language"
    );
    keep(&last);
    keep(&first);
    for kind in [kind::INITIAL, kind::FINAL] {
        let told = Report {
            kind,
            ..final_report.clone()
        };
        keep(&narrowed(report(
            &heading_on(Width::Mm58),
            &told,
            &day,
            b"signed",
        )));
    }
    let json: serde_json::Value = serde_json::from_str(&report_json(&final_report, -330)).unwrap();
    assert!(json["at_local"].as_str().unwrap().ends_with("-05:30"));
    assert!(json["at_utc"].as_str().unwrap().ends_with('Z'));
    assert_eq!(json["by_method"]["finger"], 731);
    assert_eq!(json["kits"][0]["acts"], 380);
    assert_eq!(json["refusals"]["ALREADY"], 3);
}

/// Rows that are black from edge to edge but for white letters: inverted bars.
fn bars(picture: &Bitmap) -> usize {
    let is_bar = |y: usize| picture.is_black(0, y) && picture.is_black(picture.width() - 1, y);
    (1..picture.height())
        .filter(|y| is_bar(*y) && !is_bar(y - 1))
        .count()
}

#[test]
fn every_block_of_an_exercises_paper_bears_the_word_and_no_elections_does() {
    let paper_for = |exercise| {
        let mut paper = paper(Width::Mm80);
        paper.heading.exercise = exercise;
        receipt(&paper).bitmap
    };
    let election = paper_for(None);
    // The head, four rules, the foot; the slip's number alone on an election's.
    let word = bars(&paper_for(Some(Exercise::Training))) - bars(&election);
    assert_eq!(word, 6);
    assert_eq!(
        bars(&paper_for(Some(Exercise::Rehearsal))) - bars(&election),
        6
    );
    for width in [Width::Mm58, Width::Mm80] {
        let mut paper = paper(width);
        paper.heading.exercise = Some(Exercise::Training);
        let job = receipt(&paper);
        keep(&Job {
            name: format!("training-{width:?}"),
            ..job
        });
    }
    let blocks = [
        Block::Training("K2.journal".to_owned(), 1),
        Block::List("K2".to_owned()),
        Block::Page(17, 6),
    ];
    keep(&not_opened(&heading(), &blocks));
    keep(&narrowed(not_opened(&heading_on(Width::Mm58), &blocks)));
}

/// A minus that the font lacks once made "7 acts 0 undone" of a sum.
#[test]
fn every_letter_that_a_paper_uses_is_in_the_font() {
    let sources = [
        include_str!("change.rs"),
        include_str!("day.rs"),
        include_str!("home.rs"),
        include_str!("hour.rs"),
        include_str!("receipt.rs"),
        include_str!("reports.rs"),
        include_str!("ticket.rs"),
        include_str!("words.rs"),
        include_str!("void.rs"),
        include_str!("../../../../countries/kg/paper/report.toml"),
    ];
    let mut seen = 0;
    for source in sources {
        // Comments may use any letter.
        let code = source
            .lines()
            .filter(|line| !line.trim_start().starts_with(['/', '#']));
        for letter in code
            .flat_map(str::chars)
            .filter(|letter| !letter.is_ascii())
        {
            seen += 1;
            assert!(
                super::paper::is_drawn(letter),
                "{letter} (U+{:04X})",
                letter as u32
            );
        }
    }
    assert!(seen > 500, "{seen} letters");
    assert!(
        !super::paper::is_drawn('\u{2660}'),
        "a letter that no paper has"
    );
}

#[test]
fn the_papers_of_home_of_changes_and_of_hours_fit_the_narrow_roll() {
    use lexicon::handover::station_delta::StationChangeKind;
    use lexicon::handover::turnout::{HourTurnout, Scope};
    let at = Instant::parse("2015-10-04T11:00:00+06:00").unwrap();
    let marks = [
        HomeMark::Reserved,
        HomeMark::NotFound,
        HomeMark::Released,
        HomeMark::Voted,
        HomeMark::Hall,
    ];
    let rows = marks.into_iter().map(|mark| HomeRow {
        line: 1187,
        page: 48,
        mark,
        kit: "K3".to_owned(),
        receipt: "K3-0139".to_owned(),
        at: Some(at),
    });
    keep(&narrowed(home_register(&HomePaper {
        heading: heading_on(Width::Mm58),
        rows: rows.collect(),
    })));
    let kinds = [
        StationChangeKind::Strike,
        StationChangeKind::Add,
        StationChangeKind::Correct,
        StationChangeKind::Stop,
    ];
    let rows = kinds.into_iter().map(|kind| ChangeRow {
        line: 1187,
        page: 48,
        kind,
        reason: "TRANSFERRED".to_owned(),
        name: "Абдыкадырова".to_owned(),
        born: "15.04.1985".to_owned(),
    });
    keep(&narrowed(change(&ChangePaper {
        heading: heading_on(Width::Mm58),
        number: 1,
        id: "7c1e90ab".to_owned(),
        is_held: true,
        rows: rows.collect(),
    })));
    keep(&narrowed(hour(&HourPaper {
        heading: heading_on(Width::Mm58),
        until: at,
        said: HourTurnout {
            election: 20_151_004,
            precinct: 1001,
            kit: 1,
            scope: Scope::Precinct,
            hour: 11,
            number: 1,
            count: 1187,
        },
        text: "KG1T".repeat(40),
        groups: vec!["4711".to_owned(); 8],
    })));
}

#[test]
fn every_word_of_a_report_is_in_the_table() {
    let source = concat!(
        include_str!("reports.rs"),
        include_str!("accounts.rs"),
        include_str!("hand_over.rs"),
        include_str!("protocol.rs")
    );
    let mut seen = 0;
    for call in [
        "words.word(\"",
        "words.fill(\"",
        "words.fill(\n            \"",
    ] {
        for rest in source.split(call).skip(1) {
            let key = rest.split('"').next().unwrap();
            seen += 1;
            assert!(super::words::has_word(key), "no word for {key}");
        }
    }
    assert!(seen > 40, "{seen} words");
    for key in [
        "protocol_title",
        "protocol_marked",
        "protocol_unmarked",
        "protocol_ticket",
        "protocol_person",
        "protocol_document",
        "protocol_decided",
        "protocol_sign_person",
        "title_addendum",
        "title_initial",
        "title_running",
        "title_final",
        "sign_chair",
        "sign_secretary",
        "sign_member",
        "sign_observers",
        "table_signed",
        "table_issued",
        "table_waiting",
        "table_home",
        "table_paper",
        "table_surplus",
        "table_returned",
        "table_sum",
        "table_events",
        "arithmetic_acts",
        "arithmetic_receipts",
        "battery_mains",
        "battery_draining",
    ] {
        assert!(super::words::has_word(key), "no word for {key}");
    }
    for method in Method::ALL {
        assert!(super::words::has_word(&format!(
            "method_{}",
            method.number()
        )));
    }
}

#[test]
fn a_ticket_fits_both_papers_in_two_languages() {
    for width in [Width::Mm58, Width::Mm80] {
        let job = ticket(&TicketPaper {
            heading: heading_on(width),
            at: Instant::parse("2015-10-04T11:02:40+06:00").unwrap(),
            alarm: crate::kit::Alarm::OtherList("K3".to_owned()),
            number: "7C1E90AB".to_owned(),
            text: "KG1S:1001:MISMATCH:K3:7C1E90AB".to_owned(),
        });
        keep(&Job {
            name: format!("ticket-{width:?}"),
            ..job
        });
    }
}

#[test]
fn a_void_slip_fits_both_papers_and_its_word_hides_no_fact() {
    for width in [Width::Mm58, Width::Mm80] {
        let job = void_slip(&VoidPaper {
            heading: heading_on(width),
            receipt: "K2-0139".to_owned(),
            page: 17,
            line: 412,
            identified_at: Instant::parse("2015-10-04T11:02:40+06:00").unwrap(),
            voided_at: Instant::parse("2015-10-04T11:05:12+06:00").unwrap(),
            reason: "ACT_UNDONE".to_owned(),
            officers: vec!["Асанов Үсөн".to_owned(), "Төрөканова Бактыгүл".to_owned()],
            event: "9f86d081884c".to_owned(),
        });
        keep(&Job {
            name: format!("void-{width:?}"),
            ..job
        });
    }
}
