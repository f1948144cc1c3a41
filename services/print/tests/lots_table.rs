//! The table of lots and their files at the door: what is wrong is named by file, line and field, and quotes no cell.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::envelope::{hex, sha256};
use tizme_print::lots::table::{ENTRIES_MAX, Kind, LotFacts, read_lot, read_table};

const HEAD: &str = "lot,precinct,aimak,made,due,entries,open,late,conflict,done,sha256";

fn table(row: &str) -> String {
    format!("\u{feff}{HEAD}\n{row}\n")
}

fn row() -> String {
    format!(
        "7,1001,41711000000,2015-09-10,2015-09-22,2,2,0,0,0,{}",
        "ab".repeat(32)
    )
}

const ROWS: [&str; 2] = [
    "7,1,ROW,0123456789abcdef,1001,41711000000,Бекова,Айша,,1950-01-01,\"Манас, 1\",,,,",
    "7,2,ADDRESS,0123456789abcdef,1001,41711000000,,,,,\"Манас, 2\",,,,",
];

fn lot_file(rows: &[&str]) -> String {
    let head = "lot,entry,kind,version,precinct,aimak,surname,given,patronymic,birth_date,address,\
                finding,found_precinct,visited,member";
    format!("\u{feff}{head}\n{}\n", rows.join("\n"))
}

/// The lot of the table, with the hash of a file.
fn lot_of(file: &str) -> LotFacts {
    let mut lot = read_table("t.csv", table(&row()).as_bytes()).unwrap();
    let mut lot = lot.remove(0).unwrap();
    lot.sha256 = hex(&sha256(file.as_bytes()));
    lot
}

#[test]
fn a_table_of_the_office_gives_its_lots_and_a_bad_row_is_named_by_line_and_field() {
    let lots = read_table("t.csv", table(&row()).as_bytes()).unwrap();
    let lot = lots[0].as_ref().unwrap();
    assert_eq!((lot.lot, lot.entries, lot.line), (7, 2, 2));
    assert_eq!(lot.precinct.unwrap().number(), 1001);
    assert_eq!(lot.due.to_string(), "2015-09-22");
    let check = |from: &str, to: &str, field: &str| {
        let two = format!(
            "{}\n{}",
            row().replacen("7,", "6,", 1),
            row().replacen(from, to, 1)
        );
        let found = read_table("t.csv", table(&two).as_bytes()).unwrap();
        assert!(found[0].is_ok(), "{field}: the row before stands");
        let bad = found[1].as_ref().unwrap_err();
        let seen = (bad.file.as_str(), bad.line, bad.field.as_str());
        assert_eq!(seen, ("t.csv", 3, field), "{bad}");
    };
    check("7,", "x,", "lot");
    check("7,", "0,", "lot");
    check("7,", "6,", "lot");
    check("1001", "12", "precinct");
    check("41711000000", "Бишкек", "aimak");
    check("2015-09-10", "10.09.2015", "made");
    check("2015-09-22", "", "due");
    check(",2,2,", ",0,2,", "entries");
    check(",2,2,", ",20001,2,", "entries");
    check("abab", "zz", "sha256");
    check(",2,2,", ",2,", "");
    for (text, field) in [
        ("lot,precinct\n1,1001\n".to_owned(), "aimak"),
        (table(&row()).replace("due", "lot"), "lot"),
    ] {
        let bad = read_table("t.csv", text.as_bytes()).unwrap_err();
        assert_eq!((bad.line, bad.field.as_str()), (1, field), "{bad}");
    }
    let bad = read_table("t.csv", b"lot\n\xff\n").unwrap_err();
    assert_eq!(bad.line, 2);
}

#[test]
fn only_the_file_that_was_handed_out_is_read() {
    let whole = lot_file(&ROWS);
    let lot = lot_of(&whole);
    let entries = read_lot(&lot, "t.csv", whole.as_bytes()).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(
        (entries[0].kind, entries[1].kind),
        (Kind::Row, Kind::Address)
    );
    assert_eq!(entries[1].address, "Манас, 2");
    assert!(
        !format!("{entries:?}").contains("Бекова"),
        "no name in a log"
    );
    let check = |file: &str, at: (&str, u64, &str)| {
        let bad = read_lot(&lot, "t.csv", file.as_bytes()).unwrap_err();
        assert_eq!(
            (bad.file.as_str(), bad.line, bad.field.as_str()),
            at,
            "{bad}"
        );
        assert!(!bad.to_string().contains("Бекова"), "{bad}");
    };
    let own = "field-lot-00007.csv";
    check(&whole.replacen("7,1,", "8,1,", 1), (own, 2, "lot"));
    check(&whole.replace("7,2,", "7,3,"), (own, 3, "entry"));
    check(&whole.replace("ADDRESS", "HOUSE"), (own, 3, "kind"));
    check(
        &whole.replacen("0123456789abcdef", "12", 1),
        (own, 2, "version"),
    );
    check(
        &whole.replacen("f,1001,", "f,1002,", 1),
        (own, 2, "precinct"),
    );
    check(
        &whole.replacen(",41711000000,Б", ",41711000001,Б", 1),
        (own, 2, "aimak"),
    );
    check(&whole.replacen("Айша,", "", 1), (own, 2, ""));
    check(&whole.replacen("kind", "sort", 1), (own, 1, "kind"));
    // Another number of rows, an answer written into it, a letter changed: not what was handed out.
    check(&lot_file(&ROWS[..1]), ("t.csv", 2, "entries"));
    check(&whole.replacen("Айша", "Айше", 1), ("t.csv", 2, "sha256"));
    let filled = whole.replacen(",,,,\n", ",NOT_HERE,,2015-09-19,Т.\n", 1);
    check(&filled, ("t.csv", 2, "sha256"));
}

/// Any bytes are an answer or a refusal, never a fault of the program.
#[test]
fn garbled_files_are_refused() {
    let whole = lot_file(&ROWS);
    let (lot, text) = (lot_of(&whole), table(&row()));
    let mut seed: u32 = 7;
    let mut draw = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed as usize % below
    };
    for _ in 0..2_000 {
        for (is_lot, of) in [(true, &whole), (false, &text)] {
            let mut bytes = of.clone().into_bytes();
            for _ in 0..=draw(4) {
                let at = draw(bytes.len());
                match draw(3) {
                    0 => bytes[at] = u8::try_from(draw(256)).unwrap(),
                    1 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, b",\"\n;"[draw(4)]),
                }
            }
            if is_lot {
                let read = read_lot(&lot, "t.csv", &bytes);
                assert!(read.is_err() || bytes == whole.as_bytes());
            } else if let Ok(found) = read_table("t.csv", &bytes) {
                assert!(found.iter().flatten().all(|lot| lot.entries <= ENTRIES_MAX));
            }
        }
    }
}
