//! Lots of field verification as they come out: every entry once, in its row, the same bytes, nothing foreign.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod paper;

use std::fmt::Write as _;
use std::path::Path;

use lexicon::handover::envelope::{hex, sha256};
use paper::{Scratch, code_of, has, hash_of, words_of, write};
use tizme_print::form::PaperLanguage;
use tizme_print::lots::{LotsError, LotsJob, LotsOutcome, print_lots};

const NAMES: [[&str; 3]; 5] = [
    ["Абдыкеримова", "Айгерим", "Талантовна"],
    ["Алымкулов", "Өмүрбек", ""],
    ["Болотбек кызы", "Айпери", ""],
    ["Жеңишбекова-Токтогулова", "Гүлзат", "Ишенбековна"],
    ["Ким", "Ян", ""],
];

/// The file of a lot of 1001; each fourth entry is an address.
fn lot_file(lot: u32, entries: u32) -> String {
    let mut text = "\u{feff}lot,entry,kind,version,precinct,aimak,surname,given,patronymic,birth_date,address,\
                    finding,found_precinct,visited,member\n"
        .to_owned();
    for n in 1..=entries {
        let [surname, given, patronymic] = NAMES[n as usize % NAMES.len()];
        let address = format!("Көк-Жар айылы, Чыңгыз Айтматов көчөсү, {n}");
        let (kind, who) = match (n.is_multiple_of(4), n.is_multiple_of(2)) {
            (true, _) => ("ADDRESS", ",,,".to_owned()),
            (false, true) => (
                "PERSON",
                format!("{surname},{given},{patronymic},1961-04-{:02}", n % 28 + 1),
            ),
            (false, false) => (
                "ROW",
                format!("{surname},{given},{patronymic},1950-01-{:02}", n % 28 + 1),
            ),
        };
        writeln!(
            text,
            "{lot},{n},{kind},{n:016x},1001,41711000000,{who},\"{address}\",,,,"
        )
        .unwrap();
    }
    text
}

/// Writes the files of lots and their table.
fn write_lots(dir: &Path, lots: &[(u32, u32)]) {
    let mut table = "lot,precinct,aimak,made,due,entries,sha256\n".to_owned();
    for (lot, entries) in lots {
        let file = lot_file(*lot, *entries);
        write(
            &dir.join(format!("field/field-lot-{lot:05}.csv")),
            file.as_bytes(),
        );
        let mark = hex(&sha256(file.as_bytes()));
        writeln!(
            table,
            "{lot},1001,41711000000,2015-09-10,2015-09-22,{entries},{mark}"
        )
        .unwrap();
    }
    write(&dir.join("field-lots.csv"), table.as_bytes());
}

fn job(dir: &Path, out: &str, threads: usize) -> LotsJob {
    LotsJob {
        table: dir.join("field-lots.csv"),
        files: dir.join("field"),
        out: dir.join(out),
        lots: Vec::new(),
        language: PaperLanguage::Both,
        threads,
    }
}

fn print(job: &LotsJob) -> LotsOutcome {
    print_lots(job, &|_| {}).unwrap()
}

#[test]
fn every_entry_stands_once_in_its_row_and_nothing_else() {
    let dir = Scratch::new("lots");
    write_lots(dir.path(), &[(17, 43)]);
    let outcome = print(&job(dir.path(), "out", 1));
    assert_eq!(outcome.refused, Vec::new());
    let lot = &outcome.lots[0];
    assert_eq!((lot.lot, lot.entries), (17, 43));
    assert!((4..=6).contains(&lot.pages), "{lot:?}");
    let pdf = dir.path().join("out/lot-00017.pdf");
    assert_eq!(hash_of(&pdf), lot.sha256);
    let bytes = std::fs::read(&pdf).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("<pdfaid:part>2</pdfaid:part>"));
    assert!(text.contains("<pdfaid:conformance>U</pdfaid:conformance>"));
    if !has("pdftotext") {
        return;
    }
    let pages = words_of(&pdf);
    assert_eq!(pages.len(), lot.pages as usize);
    let mut next = 1;
    for (at, words) in pages.iter().enumerate() {
        let has = |text: &str| words.iter().any(|w| w.text == text);
        for fact in ["22.09.2015", "1001,", "Бишкек", "10.09.2015", &lot.of[..20]] {
            assert!(has(fact), "page {} does not say {fact}", at + 1);
        }
        assert!(
            words.iter().all(|w| w.bottom < 203.0 && w.right < 288.0),
            "within the margins"
        );
        // Numbers in the first column count on; beside each its version, address and birth date.
        let mut numbers: Vec<_> = words
            .iter()
            .filter(|w| w.right < 22.0 && w.top > 56.0 && w.top < 175.0)
            .collect();
        numbers.sort_by(|a, b| a.top.total_cmp(&b.top));
        for number in numbers {
            assert_eq!(number.text, next.to_string(), "page {}", at + 1);
            let beside = |text: &str| {
                words
                    .iter()
                    .any(|w| w.text == text && (w.middle() - number.middle()).abs() < 8.0)
            };
            assert!(beside(&format!("{next:016x}")), "version of {next}");
            assert!(beside("Айтматов"), "address of {next}");
            let born = format!(
                "{:02}.{}",
                next % 28 + 1,
                if next % 2 == 0 { "04.1961" } else { "01.1950" }
            );
            assert_eq!(beside(&born), next % 4 != 0, "birth date of {next}");
            next += 1;
        }
    }
    assert_eq!(next, 44, "every entry");
}

#[test]
fn the_code_of_a_page_says_lot_page_entries_and_file() {
    if !has("pdftoppm") || !has("zbarimg") {
        return;
    }
    let dir = Scratch::new("lots-code");
    write_lots(dir.path(), &[(3, 30)]);
    let outcome = print(&job(dir.path(), "out", 1));
    let lot = &outcome.lots[0];
    let pdf = dir.path().join("out/lot-00003.pdf");
    let mut last = 0;
    for page in 1..=lot.pages {
        let read = code_of(&pdf, page as usize, dir.path());
        let parts: Vec<&str> = read.split(':').collect();
        let [mark, at, of, entries, file] = parts[..] else {
            unreachable!("{read}");
        };
        assert_eq!(
            (mark, at, of),
            ("F3", &*page.to_string(), &*lot.pages.to_string())
        );
        assert_eq!(file, lot.of[..20].to_uppercase());
        let (from, to) = entries.split_once('-').unwrap();
        assert_eq!(from.parse::<u32>().unwrap(), last + 1);
        last = to.parse().unwrap();
    }
    assert_eq!(last, 30);
}

#[test]
fn every_language_has_its_sheet() {
    let dir = Scratch::new("lots-languages");
    write_lots(dir.path(), &[(1, 4)]);
    for (language, title) in [
        (PaperLanguage::Ky, "ТЕКШЕРҮҮ"),
        (PaperLanguage::Ru, "ПРОВЕРКА"),
        (PaperLanguage::En, "VERIFICATION"),
    ] {
        let job = LotsJob {
            language,
            ..job(dir.path(), language.code(), 1)
        };
        assert_eq!(print(&job).printed, 1, "{title}");
        if has("pdftotext") {
            let pages = words_of(&dir.path().join(language.code()).join("lot-00001.pdf"));
            assert!(pages[0].iter().any(|word| word.text == title), "{title}");
        }
    }
}

#[test]
fn the_same_lots_give_the_same_bytes_and_what_stands_is_skipped() {
    let dir = Scratch::new("lots-same");
    write_lots(dir.path(), &[(1, 5), (2, 14)]);
    let one = print(&job(dir.path(), "one", 1));
    let two = print(&job(dir.path(), "two", 2));
    assert_eq!(one, two);
    for file in ["lot-00001.pdf", "lot-00002.pdf", "lots.json"] {
        let hash = |out: &str| hash_of(&dir.path().join(out).join(file));
        assert_eq!(hash("one"), hash("two"), "{file}");
    }
    let again = print(&job(dir.path(), "one", 1));
    assert_eq!((again.printed, again.skipped), (0, 2));
    // A half-written PDF and a changed deadline are printed again; the other lot stands.
    std::fs::write(dir.path().join("one/lot-00001.pdf"), b"%PDF").unwrap();
    let mended = print(&job(dir.path(), "one", 1));
    assert_eq!((mended.printed, mended.skipped), (1, 1));
    assert_eq!(mended.lots, one.lots);
    let table = dir.path().join("field-lots.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, text.replacen("2015-09-22", "2015-09-25", 1)).unwrap();
    let later = print(&job(dir.path(), "one", 1));
    assert_eq!((later.printed, later.skipped), (1, 1));
    assert_ne!(later.lots[0].sha256, one.lots[0].sha256);
    assert_eq!(later.lots[1], one.lots[1]);
}

#[test]
fn a_bad_lot_is_refused_by_file_line_and_field_and_the_rest_goes_on() {
    let dir = Scratch::new("lots-bad");
    write_lots(dir.path(), &[(1, 5), (2, 5), (3, 5), (4, 5)]);
    let path = |lot: u32| dir.path().join(format!("field/field-lot-{lot:05}.csv"));
    std::fs::remove_file(path(2)).unwrap();
    let text = std::fs::read_to_string(path(3)).unwrap();
    std::fs::write(path(3), text.replace("3,5,", "3,6,")).unwrap();
    // A letter that the font lacks, in a file that the table names by its hash.
    let strange = lot_file(4, 5).replace("Айгерим", "Ай\u{4e2d}");
    std::fs::write(path(4), &strange).unwrap();
    let table = dir.path().join("field-lots.csv");
    let text = std::fs::read_to_string(&table).unwrap();
    let mark = |file: &str| hex(&sha256(file.as_bytes()));
    let text = text.replace(&mark(&lot_file(4, 5)), &mark(&strange));
    std::fs::write(
        &table,
        format!("{text}x,1001,,2015-09-10,2015-09-22,1,{}\n", mark("")),
    )
    .unwrap();
    let outcome = print(&job(dir.path(), "out", 1));
    let mut seen: Vec<(&str, u64, &str)> = outcome
        .refused
        .iter()
        .map(|bad| (bad.file.as_str(), bad.line, bad.field.as_str()))
        .collect();
    seen.sort_unstable();
    let expected = [
        ("field-lot-00003.csv", 6, "entry"),
        ("field-lot-00004.csv", 6, "given"),
        ("field-lots.csv", 3, "lot"),
        ("field-lots.csv", 6, "lot"),
    ];
    assert_eq!(seen, expected);
    let said = format!("{:?}", outcome.refused);
    assert!(!said.contains("Абдыкеримова"), "no name in a refusal");
    let lots: Vec<u32> = outcome.lots.iter().map(|lot| lot.lot).collect();
    assert_eq!(lots, [1]);
    assert!(!dir.path().join("out/lot-00004.pdf").exists());
    let unknown = LotsJob {
        lots: vec![9],
        ..job(dir.path(), "out", 1)
    };
    let refused = print_lots(&unknown, &|_| {}).unwrap_err();
    assert!(matches!(refused, LotsError::UnknownLot(9)));
}
