#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;

/// Rows as the CSV reader sees them through the limit: line in the file, first field, fields, cut.
fn rows(input: impl Read, row_max: usize) -> Vec<(u64, String, usize, bool)> {
    let bounded = Bounded::new(input, b',', row_max);
    let cuts = bounded.cuts();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(bounded);
    let mut record = csv::ByteRecord::new();
    let mut seen = Vec::new();
    while reader.read_byte_record(&mut record).unwrap() {
        let (line, is_cut) = cuts.place(record.position().unwrap().line());
        let first = String::from_utf8_lossy(&record[0])
            .chars()
            .take(12)
            .collect();
        seen.push((line, first, record.len(), is_cut));
        assert!(
            record.as_slice().len() <= row_max,
            "the limit does not hold"
        );
    }
    seen
}

fn check(input: &str, row_max: usize, expected: &[(u64, &str, usize, bool)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, first, fields, cut)| (*line, (*first).to_owned(), *fields, *cut))
        .collect();
    assert_eq!(rows(input.as_bytes(), row_max), expected, "{input}");
}

#[test]
fn short_rows_come_through_as_they_are() {
    check(
        "a,b\n\"c\nd\",\"e\"\"f\"\no\"x,y\ng,h",
        20,
        &[
            (1, "a", 2, false),
            (2, "c\nd", 2, false),
            (4, "o\"x", 2, false),
            (5, "g", 2, false),
        ],
    );
}

#[test]
fn a_long_row_is_cut_and_the_next_ones_keep_their_lines() {
    check(
        "a,b\nlonglonglonglong,x\nc,d\n",
        8,
        &[
            (1, "a", 2, false),
            (2, "longlong", 1, true),
            (3, "c", 2, false),
        ],
    );
    // Between quotes line ends belong to the row, also those that are dropped.
    check(
        "a,b\n\"long\nlong\nlong\",x\nc,d\n",
        8,
        &[
            (1, "a", 2, false),
            (2, "long\nlo", 1, true),
            (5, "c", 2, false),
        ],
    );
    // A quote within a bare field opens nothing.
    check(
        "a,b\nlo\"ngxxxxxxx\nc,d\n",
        8,
        &[
            (1, "a", 2, false),
            (2, "lo\"ngxxx", 1, true),
            (3, "c", 2, false),
        ],
    );
}

#[test]
fn a_quote_that_never_closes_ends_with_the_file() {
    check(
        "a,b\n\"open\nc,d\ne,f\n",
        8,
        &[(1, "a", 2, false), (2, "open\nc,", 1, true)],
    );
}

#[test]
fn a_line_of_ten_gigabytes_takes_the_memory_of_the_limit() {
    let ten_gigabytes = std::io::repeat(b'x').take(10 << 30);
    let stream = b"a,b\n".chain(ten_gigabytes).chain(&b",y\nc,d\n"[..]);
    let seen = rows(stream, 1 << 16);
    assert_eq!(
        seen,
        [
            (1, "a".to_owned(), 2, false),
            (2, "xxxxxxxxxxxx".to_owned(), 1, true),
            (3, "c".to_owned(), 2, false)
        ]
    );
}
