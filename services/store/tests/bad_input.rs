//! Bad input: each a clear error with file, line and field, and nothing lost.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{
    ArrayRef, BinaryArray, Date32Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use kit::{Fixed, Scratch, folder, memory};
use parquet::arrow::ArrowWriter;
use store::Store;
use store::import::{self, ImportError, ImportReport, Options};

const HEADER: &str = "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship";
const GOOD: &str = "1,20905199900000,Асанов,Үсөн,,M,1999-05-09,KGZ";

fn import(store: &Store, dir: &Scratch) -> Result<ImportReport, ImportError> {
    import::folder(store, dir.path(), &Options::default(), &mut |_| {})
}

/// Imports one `persons.csv` of these bytes; gives rows taken in and the rejects file.
fn persons(bytes: &[u8]) -> (u64, String) {
    let dir = Scratch::new("bad");
    fs::write(dir.path().join("persons.csv"), bytes).unwrap();
    let store = memory();
    let report = import(&store, &dir).unwrap();
    let table = report.table("persons").unwrap();
    assert_eq!(
        table.rows,
        table.added + table.changed + table.unchanged + table.rejected
    );
    assert_eq!(
        store.read("count", |tx| tx.count_persons()).unwrap(),
        table.added
    );
    (
        table.added,
        report
            .rejects
            .map(|path| fs::read_to_string(path).unwrap())
            .unwrap_or_default(),
    )
}

/// Rows after the header, and the expected lines of the rejects file.
fn check(rows: &[&str], added: u64, rejects: &[&str]) {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    let (got, file) = persons(text.as_bytes());
    let lines: Vec<&str> = file.lines().skip(1).collect();
    assert_eq!((got, lines.as_slice()), (added, rejects), "{rows:?}");
}

/// What a folder is refused with.
fn refused(files: &[(&str, &[u8])]) -> String {
    let dir = Scratch::new("refused");
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let store = memory();
    let error = import(&store, &dir).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        store.read("count", |tx| tx.count_persons()).unwrap(),
        0,
        "something was written"
    );
    error
}

#[test]
fn a_bad_row_is_listed_and_the_good_ones_go_in() {
    check(
        &[
            GOOD,
            "2,12345,Асанов,Үсөн,,M,1999-05-09,KGZ",
            "3,,Асанов,Үсөн,,M,1999-05-09,KGZ",
        ],
        2,
        &["persons.csv,3,pin,\"a PIN has 14 digits, this has 5\""],
    );
    check(
        &[GOOD, GOOD],
        1,
        &["persons.csv,3,person_id,an earlier line has this id"],
    );
    check(
        &["1,,,,,M,1999-05-09,KGZ"],
        0,
        &["persons.csv,2,surname,a name needs a surname or a given name"],
    );
    check(
        &["1,,А,Б,,M,1999-13-09,KGZ"],
        0,
        &["persons.csv,2,birth_date,is no date YYYY-MM-DD or DD.MM.YYYY"],
    );
    check(
        &["1,,А,Б,,M,1999-05-09"],
        0,
        &["persons.csv,2,,\"row has 7 fields, the header has 8\""],
    );
    check(
        &["1,,А,Б,,M,1999-05-09,KGZ,9"],
        0,
        &["persons.csv,2,,\"row has 9 fields, the header has 8\""],
    );
    // A line break within quotes does not move the count of lines.
    check(
        &[
            "1,,\"А\",\"Б\",\"\n\",M,1999-05-09,KGZ",
            "2,,А,Б,,Z,1999-05-09,KGZ",
        ],
        1,
        &["persons.csv,4,sex,sex is F or M"],
    );
}

#[test]
fn rejects_never_quote_the_value() {
    let secret = "29999199900000";
    let (_, file) =
        persons(format!("{HEADER}\n7,{secret},Сырдуу,Ысым,,M,1999-05-09,KGZ\n").as_bytes());
    assert!(
        file.contains("pin") && !file.contains(secret) && !file.contains("Сырдуу"),
        "{file}"
    );
}

#[test]
fn bom_semicolons_and_windows_line_ends_are_read() {
    let text = format!("\u{feff}{HEADER}\n{GOOD}\n");
    assert_eq!(persons(text.as_bytes()), (1, String::new()));
    let text = format!("\u{feff}{HEADER}\r\n{GOOD}\r\n").replace(',', ";");
    assert_eq!(persons(text.as_bytes()), (1, String::new()));
    // A comma within quotes decides nothing.
    let text =
        "person_id;surname;given;sex;birth_date;citizenship\n1;\"А, Б\";В;F;1990-01-02;KGZ\n";
    assert_eq!(persons(text.as_bytes()), (1, String::new()));
}

#[test]
fn latin1_text_is_named_by_line_and_field() {
    let mut bytes = format!("{HEADER}\n{GOOD}\n2,,").into_bytes();
    bytes.extend_from_slice(&[0xc0, 0xf1, 0xe0]);
    bytes.extend_from_slice(b",B,,M,1999-05-09,KGZ\n");
    let (added, file) = persons(&bytes);
    assert_eq!(added, 1);
    assert!(
        file.contains("persons.csv,3,surname,is not UTF-8 text; save the file as UTF-8"),
        "{file}"
    );
    let mut header = vec![0xc0, 0xf1];
    header.extend_from_slice(format!("{HEADER}\n{GOOD}\n").as_bytes());
    let error = refused(&[("persons.csv", &header)]);
    assert!(error.contains("header that is not UTF-8"), "{error}");
}

#[test]
fn truncated_files_are_seen() {
    let whole = format!("{HEADER}\n{GOOD}\n2,,А,Б,,M,1999-05-09,KGZ\n");
    for cut in 1..20 {
        let (added, file) = persons(&whole.as_bytes()[..whole.len() - 1 - cut]);
        assert_eq!(added, 1, "cut {cut}");
        assert!(file.contains("persons.csv,3,"), "cut {cut}: {file}");
    }
    let (added, file) = persons(format!("{HEADER}\n{GOOD}\n2,,\"Аса").as_bytes());
    assert_eq!(added, 1);
    assert!(
        file.contains("persons.csv,3,,the file ends within this row"),
        "{file}"
    );
}

#[test]
fn wrong_columns_refuse_every_file_before_anything_is_written() {
    let good = format!("{HEADER}\n{GOOD}\n");
    let error = refused(&[
        ("persons.csv", good.as_bytes()),
        ("documents.csv", b"number,person,issued\n"),
    ]);
    assert_eq!(
        error,
        "documents: missing required column(s) person_id, status"
    );
    let error = refused(&[("persons.csv", b"")]);
    assert_eq!(error, "persons: is empty");
    let twice = format!("{HEADER},pin\n");
    assert_eq!(
        refused(&[("persons.csv", twice.as_bytes())]),
        "persons: column pin stands twice"
    );
    let error = refused(&[("documents.csv", b"x\n")]);
    assert!(error.starts_with("documents: missing"), "{error}");
    let error = refused(&[("other.csv", b"x\n")]);
    assert!(
        error.ends_with("holds no persons.csv or persons.parquet"),
        "{error}"
    );
    let error = refused(&[
        ("persons.csv", good.as_bytes()),
        ("persons.parquet", b"PAR1"),
    ]);
    assert!(error.contains("stands there twice"), "{error}");
    let error = refused(&[
        ("persons.csv", good.as_bytes()),
        ("claims.parquet", b"PAR1 is not enough"),
    ]);
    assert!(
        error.starts_with("claims: is no Parquet file, or is truncated"),
        "{error}"
    );
}

#[test]
fn unknown_columns_are_reported_and_pin_disagreement_is_a_finding() {
    let dir = Scratch::new("unknown");
    // The PIN says female, 10 May 1999.
    let rows = format!("{HEADER},Шоферлик\n1,11005199900000,А,Б,,M,1999-05-09,KGZ,x\n");
    fs::write(dir.path().join("persons.csv"), rows).unwrap();
    let report = import(&memory(), &dir).unwrap();
    let table = report.table("persons").unwrap();
    assert_eq!(table.unknown_columns, ["шоферлик"]);
    assert_eq!((table.added, table.pin_disagrees), (1, 1));
}

#[test]
fn a_row_imported_before_with_other_content_is_refused() {
    let dir = Scratch::new("changed");
    let store = memory();
    let put = |row: &str| {
        fs::write(dir.path().join("persons.csv"), format!("{HEADER}\n{row}\n")).unwrap()
    };
    put(GOOD);
    import(&store, &dir).unwrap();
    put(&GOOD.replace("Асанов", "Башка"));
    let report = import(&store, &dir).unwrap();
    assert_eq!(report.rejected(), 1);
    let rejects = fs::read_to_string(report.rejects.unwrap()).unwrap();
    assert!(
        rejects.contains("persons.csv,2,person_id,\"was imported before with other content; a name or a birth date"),
        "{rejects}"
    );
    put(&GOOD.replace("1999-05-09", "09.05.1999"));
    let again = import(&store, &dir).unwrap();
    assert_eq!(
        (again.rejected(), again.table("persons").unwrap().unchanged),
        (0, 1)
    );
    assert!(
        !dir.path().join("rejects.csv").exists(),
        "an old rejects file stayed"
    );
}

#[test]
fn rows_that_name_nobody_are_refused() {
    let dir = Scratch::new("nobody");
    let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    put("persons.csv", &format!("{HEADER}\n{GOOD}\n"));
    put(
        "documents.csv",
        "number,person_id,issued,status\nAN1234567,9,2012-01-01,valid\nAN12,1,2012-01-01,valid\n",
    );
    put(
        "residences.csv",
        "person_id,address_id,kind,from\n1,a9,residence,2010-01-01\n",
    );
    put(
        "enrolments.csv",
        "enrolment_id,person_id,captured,processed,region\ne1,1,2014-12-01,2014-11-01,osh\n",
    );
    put(
        "prints.csv",
        "enrolment_id,finger,minutiae\ne9,1,464d520020323000\ne9,1,zz\ne9,11,00\n",
    );
    put("photos.csv", "enrolment_id,file\ne9,../../etc/passwd\n");
    put(
        "boundaries.csv",
        "precinct,street_id,parity,house_from,house_to\n1001,s,all,1,9\n",
    );
    put(
        "claims.csv",
        "claim_id,kind,pin,filed,identified\nc1,form2,20905199900000,2015-09-10T10:00:00+06:00,1\n",
    );
    let report = import(&memory(), &dir).unwrap();
    let rejects = fs::read_to_string(report.rejects.as_ref().unwrap()).unwrap();
    let expected = "file,line,field,reason\n\
        documents.csv,2,person_id,names a row that is not in the register\n\
        documents.csv,3,number,a document number is two letters and seven digits\n\
        residences.csv,2,address_id,names a row that is not in the register\n\
        enrolments.csv,2,processed,lies before the first day\n\
        prints.csv,2,enrolment_id,names a row that is not in the register\n\
        prints.csv,3,minutiae,is no hexadecimal text\n\
        prints.csv,4,finger,is no finger position 1 to 10\n\
        photos.csv,2,file,names no file below the folder\n\
        boundaries.csv,2,precinct,names a row that is not in the register\n\
        claims.csv,2,target_precinct,is required and empty\n";
    assert_eq!(rejects, expected);
}

#[test]
fn prints_and_photos_that_are_none_are_refused() {
    let dir = Scratch::new("blobs");
    folder::write(dir.path(), 3);
    let put = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let record = folder::minutiae(1, 1);
    let cut = &record[..record.len() - 8];
    put(
        "prints.csv",
        format!("enrolment_id,finger,minutiae,file\ne1,1,{cut},\ne1,2,,noise.png\ne1,6,,\n")
            .as_bytes(),
    );
    put("noise.png", b"\x89PNG\r\n\x1a\nbut no image");
    put(
        "photos.csv",
        b"enrolment_id,file\ne1,large.png\ne2,text.png\n",
    );
    let mut large = b"\x89PNG\r\n\x1a\n".to_vec();
    large.resize(8_193, 0);
    put("large.png", &large);
    put("text.png", b"hello");
    let report = import(&memory(), &dir).unwrap();
    let rejects = fs::read_to_string(report.rejects.as_ref().unwrap()).unwrap();
    let expected = "file,line,field,reason\n\
        prints.csv,2,minutiae,is no ISO/IEC 19794-2:2005 record\n\
        prints.csv,3,file,is no image a fingerprint can be read from\n\
        prints.csv,4,minutiae,exactly one of the two forms must be given\n\
        photos.csv,2,file,is larger than 8 KiB\n\
        photos.csv,3,file,is neither PNG nor JPEG\n";
    assert_eq!(rejects, expected);
}

/// Writes a Parquet file of these columns.
fn parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn parquet_gives_the_same_rows_as_csv() {
    let dir = Scratch::new("parquet");
    let text = |cells: &[&str]| Arc::new(StringArray::from(cells.to_vec())) as ArrayRef;
    // 9 May 1999 and 1 December 2014 in days since 1970.
    parquet(
        &dir.path().join("persons.parquet"),
        vec![
            ("person_id", text(&["1", "2"])),
            ("pin", text(&["20905199900000", "5"])),
            ("surname", text(&["Асанов", "Б"])),
            ("given", text(&["Үсөн", "В"])),
            ("sex", text(&["M", "M"])),
            (
                "birth_date",
                Arc::new(Date32Array::from(vec![10_720, 10_720])),
            ),
            ("citizenship", text(&["KGZ", "KGZ"])),
            (
                "recorded_at",
                Arc::new(TimestampMicrosecondArray::from(vec![Some(5), None]).with_timezone("UTC")),
            ),
        ],
    );
    parquet(
        &dir.path().join("enrolments.parquet"),
        vec![
            ("enrolment_id", text(&["e1"])),
            ("person_id", text(&["1"])),
            ("captured", Arc::new(Date32Array::from(vec![16_405]))),
            ("region", text(&["osh"])),
        ],
    );
    let record: Vec<u8> = (0..folder::minutiae(1, 1).len() / 2)
        .map(|n| u8::from_str_radix(&folder::minutiae(1, 1)[n * 2..n * 2 + 2], 16).unwrap())
        .collect();
    parquet(
        &dir.path().join("prints.parquet"),
        vec![
            ("enrolment_id", text(&["e1"])),
            ("finger", Arc::new(arrow::array::Int32Array::from(vec![1]))),
            (
                "minutiae",
                Arc::new(BinaryArray::from_vec(vec![record.as_slice()])),
            ),
        ],
    );
    let store = memory();
    let report = import(&store, &dir).unwrap();
    let rejects = fs::read_to_string(report.rejects.as_ref().unwrap()).unwrap();
    assert!(
        rejects.ends_with("persons.parquet,3,pin,\"a PIN has 14 digits, this has 1\"\n"),
        "{rejects}"
    );
    let taken = store.snapshot().unwrap().tables;
    assert_eq!(
        (
            taken.persons[0].born.to_string().as_str(),
            taken.persons.len()
        ),
        ("1999-05-09", 1)
    );
    assert_eq!(taken.enrolments[0].captured.to_string(), "2014-12-01");
    let prints = store
        .read("prints", |tx| tx.prints_of(taken.persons[0].person))
        .unwrap();
    assert_eq!(prints[0].fingers[0].1, record);
    let error = refused(&[(
        "persons.parquet",
        &fs::read(dir.path().join("persons.parquet")).unwrap()[..400],
    )]);
    assert!(
        error.starts_with("persons: is no Parquet file, or is truncated"),
        "{error}"
    );
}

/// What the killed child runs: not a test of its own.
#[test]
fn child_import() {
    let (Ok(dir), Ok(url)) = (
        std::env::var("TIZME_CHILD_DIR"),
        std::env::var("TIZME_CHILD_URL"),
    ) else {
        return;
    };
    let store = Store::open(&url, Arc::new(Fixed)).unwrap();
    let options = Options {
        chunk_rows: 200,
        ..Options::default()
    };
    import::folder(&store, Path::new(&dir), &options, &mut |_| {}).unwrap();
}

#[test]
fn an_import_killed_at_any_point_goes_on_to_the_same_end() {
    let dir = Scratch::new("killed");
    folder::write(dir.path(), 3_000);
    let whole = memory();
    import(&whole, &dir).unwrap();
    let expected = whole.snapshot().unwrap().tables;
    let mut cut_in_the_middle = 0;
    for cut in 0..8u64 {
        let home = Scratch::new("killed-db");
        let url = format!("sqlite:{}", home.path().join("store.db").display());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child_import", "--exact"])
            .env("TIZME_CHILD_DIR", dir.path())
            .env("TIZME_CHILD_URL", &url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(40 + cut * 120));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(&url, Arc::new(Fixed)).unwrap();
        let before = store.read("count", |tx| tx.count_persons()).unwrap();
        store
            .read("verify", |tx| tx.verify_journal(store::Journal::Registry))
            .unwrap();
        let report = import(&store, &dir).unwrap();
        let unchanged: u64 = report.tables.iter().map(|t| t.unchanged).sum();
        cut_in_the_middle += u32::from(before > 0 && report.tables.iter().any(|t| t.added > 0));
        println!("killed at {before} persons, {unchanged} rows were there");
        assert_eq!(store.snapshot().unwrap().tables, expected, "cut {cut}");
        store
            .read("verify", |tx| tx.verify_journal(store::Journal::Registry))
            .unwrap();
    }
    println!("{cut_in_the_middle} of 8 imports were cut in the middle");
}
