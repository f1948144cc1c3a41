#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

const COLUMNS: [&str; 2] = ["lot", "answer"];

fn read(text: &str) -> Result<LotFile, LotFileError> {
    LotFile::read(text.as_bytes(), &COLUMNS)
}

#[test]
fn a_table_comes_back_as_it_was_written_and_runs_no_formula() {
    let rows = [vec!["1".to_owned(), "=1+1".to_owned()]];
    let bytes = table(&COLUMNS, rows.into_iter());
    assert_eq!(bytes, "\u{feff}lot,answer\n1,'=1+1\n".as_bytes());
    let file = LotFile::read(&bytes, &COLUMNS).unwrap();
    let cells: Vec<_> = file.rows().map(|r| (r.line, r.cell("answer"))).collect();
    assert_eq!(cells, [(2, "'=1+1")]);
}

#[test]
fn semicolons_other_columns_and_blank_lines_are_fine() {
    let file = read("note;Answer;LOT\n x ; KEEPS ;7\n;;\n\n\"a;b\";ENDS;8\n").unwrap();
    let cells: Vec<_> = file
        .rows()
        .map(|r| (r.line, r.cell("lot"), r.cell("answer")))
        .collect();
    assert_eq!(cells, [(2, "7", "KEEPS"), (5, "8", "ENDS")]);
}

#[test]
fn lines_are_counted_with_either_line_end() {
    for text in [
        "lot,answer\n1,A\n\n2,B\n",
        "lot,answer\r\n1,A\r\n\r\n2,B\r\n",
    ] {
        let file = read(text).unwrap();
        let lines: Vec<u64> = file.rows().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4], "{text:?}");
    }
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    assert_eq!(read("lot\n1\n").err(), Some(LotFileError::Column("answer")));
    let twice = read("lot,answer,lot\n1,2,3\n").err();
    assert_eq!(twice, Some(LotFileError::Twice("lot")));
    assert_eq!(read("").err(), Some(LotFileError::Column("lot")));
    let wrong = LotFile::read(b"lot,answer\n1,\xd0\n", &COLUMNS).err();
    assert_eq!(wrong, Some(LotFileError::NotUtf8 { line: 2 }));
    let file = read("lot,answer\n1,A,B\n2,C\n").unwrap();
    assert_eq!(file.rejected.len(), 1);
    assert_eq!(file.rejected[0].line, 2);
    assert_eq!(file.rows().count(), 1);
    let row = file.rows().next().unwrap();
    let refused = row.parsed::<u32>("answer", "must be a number").err();
    assert_eq!(
        refused,
        Some(RejectedRow::new(3, "answer", "must be a number"))
    );
}
