use super::*;
use crate::door::tables;
use lexicon::Date;

const PERSONS: [&str; 9] = [
    "person_id",
    "pin",
    "surname",
    "given",
    "patronymic",
    "sex",
    "birth_date",
    "citizenship",
    "recorded_at",
];

fn today() -> Date {
    Date::constant(2015, 9, 20)
}

/// Parses one row of `persons` given as cells in the order of [`PERSONS`].
fn check(cells: [&str; 9], expected: Result<(), (&str, Reason)>) {
    let layout = Layout::of(&tables::PERSONS, &PERSONS).expect("a layout");
    let cells = cells.map(Cell::Text);
    let row = layout.row(&cells).expect("a row");
    let got = rows::person(&row, today())
        .map(|_| ())
        .map_err(|reject| (reject.field, reject.reason));
    assert_eq!(got, expected);
}

#[test]
fn a_person_is_parsed_or_refused_by_field() {
    let good = [
        "1",
        "20905199900000",
        "Асанов",
        "Үсөн",
        "",
        "M",
        "1999-05-09",
        "KGZ",
        "",
    ];
    let with = |place: usize, value: &'static str| {
        let mut cells = good;
        cells[place] = value;
        cells
    };
    check(good, Ok(()));
    check(with(1, ""), Ok(()));
    check(with(6, "09.05.1999"), Ok(()));
    check(with(0, ""), Err(("person_id", Reason::Empty)));
    check(
        with(1, "2090519990000"),
        Err((
            "pin",
            Reason::Person(ParsePersonError::PinLength { got: 13 }),
        )),
    );
    check(
        with(1, "30905199900000"),
        Err(("pin", Reason::Person(ParsePersonError::PinSex))),
    );
    check(
        with(1, "23102199900000"),
        Err(("pin", Reason::Person(ParsePersonError::PinDate))),
    );
    check(
        with(5, "X"),
        Err(("sex", Reason::Person(ParsePersonError::Sex))),
    );
    check(with(6, "1999-02-30"), Err(("birth_date", Reason::Date)));
    check(with(6, "9.5.1999"), Err(("birth_date", Reason::Date)));
    check(with(6, "1899"), Err(("birth_date", Reason::Date)));
    check(
        with(6, "1799-01-01"),
        Err(("birth_date", Reason::DateRange)),
    );
    check(
        with(6, "2016-01-01"),
        Err(("birth_date", Reason::DateRange)),
    );
    check(with(7, "kg"), Err(("citizenship", Reason::Country)));
    check(with(8, "yesterday"), Err(("recorded_at", Reason::Moment)));
    check(
        with(2, "Аса\u{7}нов"),
        Err(("surname", Reason::ControlCharacter)),
    );
    let mut nameless = good;
    nameless[2] = "";
    nameless[3] = " ";
    check(
        nameless,
        Err(("surname", Reason::Person(ParsePersonError::EmptyName))),
    );
}

#[test]
fn a_header_is_understood_in_any_order_and_refused_when_incomplete() {
    let layout =
        Layout::of(&tables::PHOTOS, &["note", " FILE ", "enrolment_id"]).expect("a layout");
    assert_eq!(layout.unknown(), ["note"]);
    assert_eq!(
        Layout::of(&tables::PRINTS, &["enrolment", "minutiae"]).map(|_| ()),
        Err(LayoutError::Missing(vec!["enrolment_id", "finger"]))
    );
    assert_eq!(
        Layout::of(&tables::PRINTS, &["enrolment_id", "finger", "finger"]).map(|_| ()),
        Err(LayoutError::Twice("finger"))
    );
    let short = layout.row(&[Cell::Text("x")]).map(|_| ());
    assert_eq!(
        short,
        Err(Reject {
            field: "",
            reason: Reason::FieldCount {
                got: 1,
                expected: 3
            }
        })
    );
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let layout = Layout::of(&tables::PERSONS, &PERSONS).expect("a layout");
    let latin1 = [0xc0u8, 0xf1];
    let mut cells = [Cell::Text("x"); 9];
    cells[2] = Cell::Bytes(&latin1);
    let row = layout.row(&cells).expect("a row");
    assert_eq!(
        row.text("surname"),
        Err(Reject {
            field: "surname",
            reason: Reason::NotUtf8
        })
    );
}

#[test]
fn a_file_outside_the_folder_is_refused() {
    let layout = Layout::of(&tables::PHOTOS, &["enrolment_id", "file"]).expect("a layout");
    for name in [
        "/etc/passwd",
        "../x.png",
        "a/../../x.png",
        "a//b.png",
        "c:x.png",
        "./x",
    ] {
        let cells = [Cell::Text("e"), Cell::Text(name)];
        let got = rows::photo(&layout.row(&cells).expect("a row"));
        assert_eq!(
            got,
            Err(Reject {
                field: "file",
                reason: Reason::File
            }),
            "{name}"
        );
    }
}

#[test]
fn a_boundary_is_a_polygon_or_a_street_range() {
    let names = [
        "precinct",
        "geojson",
        "street_id",
        "parity",
        "house_from",
        "house_to",
    ];
    let layout = Layout::of(&tables::BOUNDARIES, &names).expect("a layout");
    let check = |cells: [&str; 6], ok: Result<(), (&str, Reason)>| {
        let cells = cells.map(Cell::Text);
        let got = rows::boundary(&layout.row(&cells).expect("a row"));
        assert_eq!(
            got.map(|_| ())
                .map_err(|reject| (reject.field, reject.reason)),
            ok
        );
    };
    check(
        [
            "1001",
            "{\"type\":\"Polygon\",\"coordinates\":[]}",
            "",
            "",
            "",
            "",
        ],
        Ok(()),
    );
    check(
        [
            "1001",
            "{\"type\":\"Point\",\"coordinates\":[]}",
            "",
            "",
            "",
            "",
        ],
        Err(("geojson", Reason::Geometry)),
    );
    check(["1001", "", "s1", "odd", "1", "99"], Ok(()));
    check(
        ["1001", "", "s1", "odd", "9", "1"],
        Err(("house_to", Reason::Number)),
    );
    check(
        ["1001", "", "s1", "some", "1", "9"],
        Err(("parity", Reason::NotListed)),
    );
    check(
        ["1001", "", "", "", "", ""],
        Err(("geojson", Reason::OneOfTwo)),
    );
}

#[test]
#[expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
fn every_code_of_a_reject_has_its_sentence_and_next_step() {
    // The codes as the source names them: a code that is added there is asked for here.
    let source = include_str!("mod.rs");
    let codes: std::collections::BTreeSet<&str> = source
        .split("pub fn code(self)")
        .nth(1)
        .and_then(|rest| rest.split("\n    }\n").next())
        .map(|arms| arms.split('"').skip(1).step_by(2).collect())
        .unwrap_or_default();
    assert!(
        codes.contains(Reason::RowTooLong.code()) && codes.len() >= 29,
        "{codes:?}"
    );
    let texts = lexicon::texts::DeskTexts::kg().unwrap();
    let said: std::collections::BTreeSet<&str> = texts.reject.keys().map(String::as_str).collect();
    assert_eq!(said, codes);
}
