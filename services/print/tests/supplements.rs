//! Supplements as they come out (L-08): numbers and pages go on from the list's, the code of every sheet is read again,
//! and what is not the deltas' is refused before a sheet is set.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod paper;

use std::path::Path;

use lexicon::handover::delta::{ChangeKind, ListDelta};
use lexicon::handover::envelope::{decode, encode, hex, sha256};
use lexicon::handover::release::SaltedLine;
use paper::{InForce, Scratch, Seen, code_of, has, job, key, lines, words_of, write_roll};
use tizme_print::deltas::DeltasError;
use tizme_print::form::PaperLanguage;
use tizme_print::supplements::{
    SupplementsError, SupplementsJob, SupplementsOutcome, print_supplements,
};

use ChangeKind::{Add, Change, Strike};

/// Two lists, of 30 and of 10 lines, and two deltas after them.
fn changed(dir: &Path) -> [ListDelta; 2] {
    let lists = [(1001, lines(1001, 30)), (1002, lines(1002, 10))];
    let all = write_roll(dir, &lists, "pkcs11");
    let mut in_force = InForce::of(dir, &all);
    let both = [&key("srs-release"), &key("cec-release")];
    let mut first = vec![(1001, 7, Strike, "DEAD"), (1001, 12, Change, "CORRECTED")];
    // 24 additions, so that one more begins the next supplementary page.
    first.extend((31..=54).map(|line| (1001, line, Add, "ELIGIBLE")));
    let second = [
        (1001, 33, Strike, "TRANSFERRED"),
        (1001, 55, Add, "ELIGIBLE"),
        (1001, 56, Add, "TRANSFERRED"),
        (1002, 10, Strike, "NOT_CITIZEN"),
    ];
    [
        in_force.delta("2015-09-29T12:00:00+06:00", &first, &both),
        in_force.delta("2015-10-01T09:30:00+06:00", &second, &both),
    ]
}

fn supplements(dir: &Path, out: &str, threads: usize) -> SupplementsJob {
    SupplementsJob {
        lists: job(dir, out, threads),
        deltas: dir.join("deltas"),
        number: None,
    }
}

fn print(job: &SupplementsJob) -> SupplementsOutcome {
    print_supplements(job, &|_| {}).unwrap()
}

/// Numbers on the left edge of a page, downwards.
fn numbers(words: &[Seen]) -> Vec<u32> {
    let mut found: Vec<&Seen> = words
        .iter()
        .filter(|w| w.left >= 10.0 && w.right <= 22.0 && w.top > 46.0 && w.bottom < 274.5)
        .collect();
    found.sort_by(|a, b| a.top.total_cmp(&b.top));
    found.iter().filter_map(|w| w.text.parse().ok()).collect()
}

fn large(words: &[Seen]) -> Vec<&str> {
    let tall = words.iter().filter(|w| w.bottom - w.top > 8.0);
    tall.map(|w| w.text.as_str()).collect()
}

fn says(words: &[Seen], said: &str) -> bool {
    let text: String = words.iter().map(|w| w.text.as_str()).collect();
    text.replace('\u{A0}', "").contains(&said.replace(' ', ""))
}

fn hash(leaves: &[[u8; 32]]) -> String {
    hex(&sha256(&[b"kg1/page", leaves.concat().as_slice()].concat())[..10]).to_uppercase()
}

#[test]
fn a_supplement_goes_on_where_the_list_ends_and_names_what_is_struck_and_corrected() {
    let dir = Scratch::new("supplements");
    let [first, second] = changed(dir.path());
    let outcome = print(&supplements(dir.path(), "out", 2));
    let files: Vec<_> = outcome
        .supplements
        .iter()
        .map(|of| {
            (
                of.printed.file.clone().unwrap(),
                of.printed.pages,
                of.printed.lines,
            )
        })
        .collect();
    assert_eq!(
        files,
        [
            ("1001-L7.1.pdf".to_owned(), 2, 26),
            ("1001-L7.2.pdf".to_owned(), 3, 3),
            ("1002-L7.2.pdf".to_owned(), 1, 1),
        ]
    );
    let of = &outcome.supplements[0];
    assert_eq!((of.last_line, of.last_page), (54, 3));
    assert_eq!((of.changed.clone(), of.added.len()), (vec![7, 12], 24));
    assert_eq!((outcome.printed, outcome.refused.len()), (3, 0));
    for (file, ..) in &files {
        let bytes = std::fs::read(dir.path().join("out").join(file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("<pdfaid:part>2</pdfaid:part>"), "{file}");
        assert!(
            text.contains("<pdfaid:conformance>U</pdfaid:conformance>"),
            "{file}"
        );
    }
    if !has("pdftotext") {
        return;
    }
    let read = |name: &str| words_of(&dir.path().join("out").join(name));
    let pages = read("1001-L7.1.pdf");
    // A sheet of changes, then the supplementary page behind the two bound ones: page 3 of 3.
    assert_eq!(numbers(&pages[0]), [7, 12]);
    assert_eq!(large(&pages[0]), ["1"]);
    for said in [
        "Вычеркнуть:",
        "Исправить:",
        "Сызуу:",
        "L7.1",
        "29.09.2015 12:00",
        "ДОПОЛНЕНИЕ К СПИСКУ",
        "Жаңы12",
    ] {
        assert!(says(&pages[0], said), "{said}");
    }
    assert_eq!(numbers(&pages[1]), (31..=54).collect::<Vec<u32>>());
    assert_eq!(large(&pages[1]), ["3"]);
    for said in ["из 3", "31–54", "Конец дополнения · 26"] {
        assert!(says(&pages[1], said), "{said}");
    }
    let root = hex(&first.root_after[..10]);
    assert!(pages.iter().all(|page| says(page, &root)));
    // The second one fills page 3 and begins page 4; line 33 stood on a supplementary page and is struck there.
    let pages = read("1001-L7.2.pdf");
    let told: Vec<_> = pages
        .iter()
        .map(|page| (large(page), numbers(page)))
        .collect();
    assert_eq!(
        told,
        [
            (vec!["1"], vec![33]),
            (vec!["3"], vec![55]),
            (vec!["4"], vec![56]),
        ]
    );
    let root = hex(&second.root_after[..10]);
    assert!(pages.iter().all(|page| says(page, &root)));
    if !has("pdftoppm") || !has("zbarimg") {
        return;
    }
    // What the codes say follows from the public deltas alone.
    let leaves = |delta: &ListDelta, precinct: u16, add: bool| -> Vec<[u8; 32]> {
        let of = delta.changes.iter();
        of.filter(|c| c.precinct == precinct && (c.kind == Add) == add)
            .map(|c| *c.after)
            .collect()
    };
    let [one, two] = [&first, &second].map(|delta| hex(&delta.root_after[..10]).to_uppercase());
    let struck = hash(&leaves(&first, 1001, false));
    let added = hash(&leaves(&first, 1001, true));
    let next = leaves(&second, 1001, true);
    let other = hash(&leaves(&second, 1002, false));
    for (file, page, expected) in [
        (
            "1001-L7.1.pdf",
            1,
            format!("L7.1:1001:C1:1:7-12:{one}:{struck}"),
        ),
        (
            "1001-L7.1.pdf",
            2,
            format!("L7.1:1001:3:3:31-54:{one}:{added}"),
        ),
        (
            "1001-L7.2.pdf",
            2,
            format!("L7.2:1001:3:4:55-55:{two}:{}", hash(&next[..1])),
        ),
        (
            "1001-L7.2.pdf",
            3,
            format!("L7.2:1001:4:4:56-56:{two}:{}", hash(&next[1..])),
        ),
        (
            "1002-L7.2.pdf",
            1,
            format!("L7.2:1002:C1:1:10-10:{two}:{other}"),
        ),
    ] {
        let pdf = dir.path().join("out").join(file);
        assert_eq!(
            code_of(&pdf, page, dir.path()),
            expected,
            "{file}, sheet {page}"
        );
    }
}

#[test]
fn a_second_run_prints_only_what_is_missing_and_threads_change_no_byte() {
    let dir = Scratch::new("supplements-again");
    changed(dir.path());
    let whole = print(&supplements(dir.path(), "out", 1));
    assert_eq!(
        print(&supplements(dir.path(), "other", 3)).supplements,
        whole.supplements
    );
    std::fs::remove_file(dir.path().join("out/1001-L7.2.pdf")).unwrap();
    let again = print(&supplements(dir.path(), "out", 2));
    assert_eq!((again.printed, again.skipped), (1, 2));
    assert_eq!(again.supplements, whole.supplements);
    // The same folder holds the lists.
    let lists = paper::print(&job(dir.path(), "out", 2));
    assert_eq!((lists.printed, lists.skipped), (2, 0));
    let one = SupplementsJob {
        number: Some(2),
        ..supplements(dir.path(), "second", 1)
    };
    assert_eq!(print(&one).supplements.len(), 2);
    let english = SupplementsJob {
        lists: tizme_print::lists::ListsJob {
            language: PaperLanguage::En,
            ..job(dir.path(), "out", 1)
        },
        ..supplements(dir.path(), "out", 1)
    };
    assert_eq!(
        print(&english).printed,
        3,
        "another language is another paper"
    );
}

#[test]
fn what_is_not_of_the_deltas_is_refused_before_a_sheet_is_set() {
    let refused = |name: &str, break_it: &dyn Fn(&Path)| -> String {
        let dir = Scratch::new(name);
        changed(dir.path());
        break_it(dir.path());
        let error = print_supplements(&supplements(dir.path(), "out", 1), &|_| {}).unwrap_err();
        assert!(error.is_finding(), "{error}");
        assert!(!dir.path().join("out").exists(), "nothing was written");
        error.to_string()
    };
    // One letter of an added line.
    let why = refused("supplements-line", &|dir| {
        let path = dir.join("deltas/lines-2.cbor");
        let mut lines: Vec<SaltedLine> = decode(&std::fs::read(&path).unwrap()).unwrap();
        lines[0].line.surname.push('а');
        paper::write(&path, &encode(&lines));
    });
    assert!(
        why.contains("line 55: it is not what the delta commits to"),
        "{why}"
    );
    // A struck line of the roll.
    let why = refused("supplements-roll", &|dir| {
        let path = dir.join("roll/lines/1001.cbor");
        let mut lines: Vec<SaltedLine> = decode(&std::fs::read(&path).unwrap()).unwrap();
        lines[6].line.given.push('а');
        paper::write(&path, &encode(&lines));
    });
    assert!(
        why.contains("line 7 is not the one the release commits to"),
        "{why}"
    );
    // A delta that is not there, and one that only one institution signed.
    let why = refused("supplements-skipped", &|dir| {
        let at = |name: &str| dir.join("deltas").join(name);
        std::fs::rename(at("delta-2.cose"), at("delta-1.cose")).unwrap();
    });
    assert!(why.contains("no delta of this release"), "{why}");
    let dir = Scratch::new("supplements-half");
    let all = write_roll(dir.path(), &[(1001, lines(1001, 30))], "pkcs11");
    let wishes = [(1001, 31, Add, "ELIGIBLE")];
    let mut in_force = InForce::of(dir.path(), &all);
    in_force.delta("2015-09-29T12:00:00+06:00", &wishes, &[&key("srs-release")]);
    let error = print_supplements(&supplements(dir.path(), "out", 1), &|_| {}).unwrap_err();
    assert!(
        matches!(error, SupplementsError::Deltas(DeltasError::Document(_))),
        "{error}"
    );
    // Without anchors nothing is checked, and every sheet says so.
    let mut draft = supplements(dir.path(), "draft", 1);
    draft.lists.publication = None;
    assert_eq!(print(&draft).signatures, "not checked");
    if has("pdftotext") {
        let pages = words_of(&dir.path().join("draft/1001-L7.1.pdf"));
        assert!(pages.iter().all(|page| says(page, "ЧЕРНОВИК")));
    }
}
