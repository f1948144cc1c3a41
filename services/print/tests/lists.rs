//! Lists as they come out: every line on its page, the same bytes, nothing foreign.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod paper;

use std::path::Path;

use lexicon::handover::release::RollLine;
use paper::{Scratch, Seen, has, hash_of, job, lines, print, words_of, write_roll};
use tizme_print::form::PaperLanguage;
use tizme_print::lists::{ListsError, print_lists};

/// Where the columns stand, mm: number, name, birth date, address, number again.
const COLUMNS: [(f64, f64); 5] = [
    (10.0, 22.0),
    (22.0, 67.0),
    (67.0, 87.0),
    (87.0, 118.0),
    (188.0, 200.0),
];
/// Rows stand between head and foot.
const ROWS: (f64, f64) = (46.0, 274.5);

fn column(words: &[Seen], at: usize) -> Vec<Seen> {
    let (left, right) = COLUMNS[at];
    let (top, mut bottom) = ROWS;
    // Below the last row stands the end of the list.
    if let Some(end) = words.iter().find(|w| w.text == "Тизменин") {
        bottom = end.top;
    }
    let mut own: Vec<Seen> = words
        .iter()
        .filter(|w| w.left >= left && w.right <= right && w.top > top && w.bottom < bottom)
        .cloned()
        .collect();
    own.sort_by(|a, b| a.top.total_cmp(&b.top).then(a.left.total_cmp(&b.left)));
    own
}

/// Takes words until they spell `expected`; returns the middle of what they take.
fn spell(words: &mut std::vec::IntoIter<Seen>, expected: &str) -> f64 {
    let expected: String = expected.split_whitespace().collect();
    let (mut spelled, mut top, mut bottom) = (String::new(), f64::MAX, f64::MIN);
    while spelled.chars().count() < expected.chars().count() {
        let word = words.next().unwrap();
        spelled.extend(word.text.chars().filter(|c| !c.is_whitespace()));
        (top, bottom) = (top.min(word.top), bottom.max(word.bottom));
    }
    assert_eq!(spelled, expected);
    f64::midpoint(top, bottom)
}

fn printed_name(line: &RollLine) -> String {
    let surname = match line.surname.split_once(' ') {
        Some((first, particle)) => format!("{} {particle}", first.to_uppercase()),
        None => line.surname.to_uppercase(),
    };
    [&surname, &line.given, &line.patronymic]
        .map(|t| t.as_str())
        .join(" ")
}

/// Demands that every line stands on its page, in one row, with both its numbers.
fn check_lines(pdf: &Path, expected: &[RollLine]) {
    let pages = words_of(pdf);
    let count = expected.last().unwrap().page as usize;
    assert_eq!(pages.len(), count);
    for (at, words) in pages.iter().enumerate() {
        let of_page: Vec<&RollLine> = expected
            .iter()
            .filter(|line| line.page as usize == at + 1)
            .collect();
        let [mut left, mut name, mut born, mut address, mut right] =
            [0, 1, 2, 3, 4].map(|at| column(words, at).into_iter());
        let mut before = 0.0;
        for line in &of_page {
            let middle = spell(&mut left, &line.line.to_string());
            let others = [
                spell(&mut name, &printed_name(line)),
                spell(
                    &mut born,
                    &line.born.split('-').rev().collect::<Vec<_>>().join("."),
                ),
                spell(&mut address, &line.address),
                spell(&mut right, &line.line.to_string()),
            ];
            for other in others {
                assert!(
                    (middle - other).abs() < 1.0,
                    "line {} is not in one row: {middle} {others:?}",
                    line.line
                );
            }
            assert!(
                before == 0.0 || middle - before >= 8.55,
                "line {} is low",
                line.line
            );
            before = middle;
        }
        for rest in [left, name, born, address, right] {
            assert_eq!(rest.count(), 0, "page {} holds more than its lines", at + 1);
        }
        let head: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
        let (from, to) = (of_page[0].line, of_page[of_page.len() - 1].line);
        let range = format!("{from}–{to}");
        for fact in [&range, "L7", "25.09.2015", "18:00", "04.10.2015", "1001"] {
            assert!(head.contains(&fact), "page {} does not say {fact}", at + 1);
        }
        let number = (at + 1).to_string();
        let large = |w: &&Seen| w.text == number && w.bottom - w.top > 8.0;
        assert_eq!(words.iter().filter(large).count(), 1);
    }
}

#[test]
fn every_line_stands_on_its_page_in_one_row_with_both_numbers() {
    let dir = Scratch::new("every-line");
    let list = lines(1001, 1_238);
    write_roll(dir.path(), &[(1001, list.clone())], "pkcs11");
    let outcome = print(&job(dir.path(), "out", 2));
    assert_eq!((outcome.printed, outcome.refused.len()), (1, 0));
    let printed = &outcome.lists[0];
    assert_eq!((printed.pages, printed.lines), (50, 1_238));
    let pdf = dir.path().join("out/1001.pdf");
    assert_eq!(hash_of(&pdf), printed.sha256);
    let bytes = std::fs::read(&pdf).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("<pdfaid:part>2</pdfaid:part>"));
    assert!(text.contains("<pdfaid:conformance>U</pdfaid:conformance>"));
    if has("pdftotext") {
        check_lines(&pdf, &list);
    }
}

#[test]
fn the_same_list_gives_the_same_bytes_on_any_number_of_threads() {
    let dir = Scratch::new("same-bytes");
    write_roll(
        dir.path(),
        &[
            (1001, lines(1001, 60)),
            (1002, Vec::new()),
            (1003, lines(1003, 25)),
        ],
        "pkcs11",
    );
    let one = print(&job(dir.path(), "one", 1));
    let two = print(&job(dir.path(), "two", 3));
    assert_eq!(one, two);
    for file in ["1001.pdf", "1003.pdf", "lists.json"] {
        assert_eq!(
            hash_of(&dir.path().join("one").join(file)),
            hash_of(&dir.path().join("two").join(file)),
            "{file}"
        );
    }
    assert_eq!(one.lists[1].file, None);
    assert!(!dir.path().join("one/1002.pdf").exists());
}

#[test]
fn a_list_that_stands_is_skipped_and_a_changed_one_is_printed_again() {
    let dir = Scratch::new("resume");
    write_roll(
        dir.path(),
        &[(1001, lines(1001, 30)), (1002, lines(1002, 30))],
        "pkcs11",
    );
    let mut job = job(dir.path(), "out", 2);
    job.precincts = vec!["1002".parse().unwrap()];
    let first = print(&job);
    assert_eq!((first.printed, first.lists.len()), (1, 1));
    job.precincts.clear();
    let all = print(&job);
    assert_eq!((all.printed, all.skipped, all.lists.len()), (1, 1, 2));
    let again = print(&job);
    assert_eq!((again.printed, again.skipped), (0, 2));
    // A file changed behind the mark is printed again, with the bytes it had.
    let pdf = dir.path().join("out/1001.pdf");
    let before = hash_of(&pdf);
    std::fs::write(&pdf, b"cut").unwrap();
    let mended = print(&job);
    assert_eq!((mended.printed, mended.skipped), (1, 1));
    assert_eq!(hash_of(&pdf), before);
    job.language = PaperLanguage::Ru;
    assert_eq!(print(&job).printed, 2);
    assert_ne!(hash_of(&pdf), before);
    let left: Vec<_> = std::fs::read_dir(dir.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("partial"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_list_of_another_release_is_refused_by_name_and_others_are_printed() {
    let dir = Scratch::new("foreign");
    let lists = [(1001, lines(1001, 40)), (1002, lines(1002, 40))];
    write_roll(dir.path(), &lists, "pkcs11");
    let own = dir.path().join("roll/lines/1001.cbor");
    let whole = std::fs::read(&own).unwrap();
    // The same list with one voter of another release.
    let other = Scratch::new("foreign-other");
    let mut changed = lists.clone();
    changed[0].1[16].given = "Чынгыз".to_owned();
    write_roll(other.path(), &changed, "pkcs11");
    std::fs::copy(other.path().join("roll/lines/1001.cbor"), &own).unwrap();
    let mut job = job(dir.path(), "out", 1);
    let outcome = print(&job);
    assert_eq!((outcome.printed, outcome.refused.len()), (1, 1));
    let refused = &outcome.refused[0];
    assert_eq!(refused.of, 1001);
    assert_eq!(refused.why, "line 17 is not the one the release commits to");
    assert!(!dir.path().join("out/1001.pdf").exists());
    assert!(dir.path().join("out/1002.pdf").exists());
    // Without published entries nothing tells which list differs: none is printed.
    job.publication = None;
    job.out = dir.path().join("draft");
    let outcome = print(&job);
    assert_eq!((outcome.printed, outcome.refused.len()), (0, 2));
    // A line of another precinct, a line less, bytes that are no list.
    std::fs::copy(dir.path().join("roll/lines/1002.cbor"), &own).unwrap();
    let why = |job: &tizme_print::lists::ListsJob| print(job).refused[0].why.clone();
    assert_eq!(why(&job), "line 1 belongs to precinct 1002");
    std::fs::write(&own, &whole[..whole.len() / 2]).unwrap();
    assert!(why(&job).contains("1001.cbor"), "{}", why(&job));
    std::fs::remove_file(&own).unwrap();
    assert!(why(&job).contains("1001.cbor"));
    std::fs::write(&own, &whole).unwrap();
    let outcome = print(&job);
    assert_eq!((outcome.printed, outcome.signatures), (2, "not checked"));
}

#[test]
fn a_release_with_a_foreign_signature_or_law_prints_nothing() {
    let dir = Scratch::new("signature");
    write_roll(dir.path(), &[(1001, lines(1001, 3))], "pkcs11");
    let job = job(dir.path(), "out", 1);
    let path = dir.path().join("roll/release.cose");
    let whole = std::fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    std::fs::write(&path, &flipped).unwrap();
    let error = print_lists(&job, &|_| {}).unwrap_err();
    assert!(
        error.is_finding() && error.to_string().contains("release.cose"),
        "{error}"
    );
    std::fs::write(&path, &whole).unwrap();
    let law = dir.path().join("publication/law.toml");
    let text = std::fs::read_to_string(&law).unwrap();
    std::fs::write(
        &law,
        text.replace("lines_per_page = 25", "lines_per_page = 24"),
    )
    .unwrap();
    let error = print_lists(&job, &|_| {}).unwrap_err();
    assert!(
        error.is_finding() && error.to_string().contains("another law"),
        "{error}"
    );
    std::fs::write(&law, text).unwrap();
    let mut missing = job.clone();
    missing.precincts = vec!["1002".parse().unwrap()];
    let error = print_lists(&missing, &|_| {}).unwrap_err();
    assert!(matches!(error, ListsError::UnknownPrecinct(_)) && !error.is_finding());
    assert!(!dir.path().join("out/1001.pdf").exists());
    assert_eq!(print(&job).printed, 1);
}

#[test]
fn long_names_wrap_and_lose_no_letter() {
    let dir = Scratch::new("long-names");
    let mut list = lines(1001, 75);
    let long = |letter: &str| letter.repeat(10);
    // One on the first page, four on the second, every line of the third.
    let changed: Vec<usize> = [7, 26, 30, 44, 49].into_iter().chain(50..75).collect();
    for at in changed {
        list[at].surname = format!("Ө{}", long("бды"));
        list[at].given = format!("Ң{}", long("үсө"));
        list[at].patronymic = format!("Ж{}", long("ылд"));
    }
    write_roll(dir.path(), &[(1001, list.clone())], "pkcs11");
    let outcome = print(&job(dir.path(), "out", 2));
    assert_eq!(outcome.refused, Vec::new());
    if has("pdftotext") {
        check_lines(&dir.path().join("out/1001.pdf"), &list);
    }
}

#[test]
fn a_letter_the_font_lacks_refuses_the_list_and_quotes_no_name() {
    let dir = Scratch::new("letter");
    let mut list = lines(1001, 30);
    list[12].given = "Айгүл中".to_owned();
    write_roll(
        dir.path(),
        &[(1001, list), (1002, lines(1002, 5))],
        "pkcs11",
    );
    let outcome = print(&job(dir.path(), "out", 1));
    assert_eq!((outcome.printed, outcome.refused.len()), (1, 1));
    let why = &outcome.refused[0].why;
    assert_eq!(why, "line 13: the paper's font has no letter U+4E2D");
}

#[test]
fn file_keys_and_unchecked_signatures_stand_on_every_page() {
    let dir = Scratch::new("notice");
    write_roll(dir.path(), &[(1001, lines(1001, 30))], keys::FileKey::HOME);
    let mut demo = job(dir.path(), "demo", 1);
    assert_eq!(print(&demo).signatures, "checked, file keys");
    demo.publication = None;
    demo.out = dir.path().join("draft");
    print(&demo);
    if !has("pdftotext") {
        return;
    }
    for (out, word) in [("demo", "ПОКАЗА"), ("draft", "ЧЕРНОВИК")] {
        for page in words_of(&dir.path().join(out).join("1001.pdf")) {
            assert!(page.iter().any(|w| w.text == word), "{out}");
        }
    }
}
