use super::*;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// `name from until`, either day `-`.
fn name(text: &str) -> StreetNameRow {
    let mut parts = text.split(' ');
    let mut next = || parts.next().expect("three parts");
    let some = |text: &str| (text != "-").then(|| day(text));
    StreetNameRow {
        street: "s1".to_owned(),
        name: next().to_owned(),
        from: some(next()),
        until: some(next()),
    }
}

const TODAY: &str = "2015-09-20";

/// What a folder of 20 September 2015 comes to: the renaming (`before after from`), and the fate of each name.
fn told(
    known: &[&str],
    renames: &[Rename],
    written: &[&str],
    rows: &[&str],
) -> (String, Vec<&'static str>) {
    let names: Vec<StreetNameRow> = known.iter().map(|text| name(text)).collect();
    let printed = renames.last().map_or("Ленин", |last| last.after.as_str());
    let known = Known {
        street: "s1",
        printed,
        renames,
        names: &names,
    };
    let written: BTreeSet<String> = written.iter().map(|name| (*name).to_owned()).collect();
    let rows: Vec<StreetNameRow> = rows.iter().map(|text| name(text)).collect();
    let settled = settle(known, &written, &rows, day(TODAY));
    let rename = match settled.rename {
        Ok(None) => String::new(),
        Ok(Some(rename)) => format!("{} {} {}", rename.before, rename.after, rename.from),
        Err(reject) => reject.reason.code().to_owned(),
    };
    let fates = settled.rows.into_iter().map(|fate| match fate {
        Ok(NameFate::New) => "new",
        Ok(NameFate::Unchanged) => "unchanged",
        Err(reject) => reject.reason.code(),
    });
    (rename, fates.collect())
}

fn check(written: &[&str], rows: &[&str], expected: (&str, &[&str])) {
    let (rename, fates) = told(&[], &[], written, rows);
    assert_eq!((rename.as_str(), fates.as_slice()), expected, "{rows:?}");
    // The order of rows decides nothing.
    let backwards: Vec<&str> = rows.iter().rev().copied().collect();
    let (again, mut turned) = told(&[], &[], written, &backwards);
    turned.reverse();
    if !fates.contains(&"DUPLICATE_ID") {
        assert_eq!((again, turned), (rename, fates), "{rows:?}");
    }
}

fn renamed(before: &str, after: &str, from: &str) -> Rename {
    Rename {
        before: before.to_owned(),
        after: after.to_owned(),
        from: day(from),
    }
}

#[test]
fn a_street_is_renamed_from_the_day_that_a_row_gives_else_from_the_day_of_the_folder() {
    check(&["Манас"], &[], ("Ленин Манас 2015-09-20", &[]));
    check(
        &["Манас"],
        &["Манас 2015-06-01 -"],
        ("Ленин Манас 2015-06-01", &["new"]),
    );
    check(
        &["Манас"],
        &["Ленин 1936-01-01 2015-05-01"],
        ("Ленин Манас 2015-05-01", &["new"]),
    );
    check(
        &["Манас"],
        &["Ленин - 2015-05-01", "Манас 2015-05-01 -"],
        ("Ленин Манас 2015-05-01", &["new", "new"]),
    );
}

#[test]
fn houses_that_print_two_new_names_rename_nothing() {
    check(&["Манас", "Чүй"], &[], ("TWO_NAMES", &[]));
}

#[test]
fn a_renaming_before_the_street_bore_its_name_is_refused() {
    check(
        &["Манас"],
        &["Ленин 1936-01-01 -", "Манас 1930-01-01 -"],
        ("CHANGED", &["TWO_NAMES", "TWO_NAMES"]),
    );
    let renames = [renamed("Правда", "Ленин", "2010-01-01")];
    let (rename, _) = told(&[], &renames, &["Манас"], &["Ленин - 2009-01-01"]);
    assert_eq!(rename, "CHANGED");
    // What houses print stands; a row that cannot be its beginning does not.
    let (rename, fates) = told(&[], &renames, &["Манас"], &["Манас 2009-01-01 -"]);
    assert_eq!(
        (rename.as_str(), fates[0]),
        ("Ленин Манас 2015-09-20", "TWO_NAMES")
    );
}

#[test]
fn two_names_on_one_day_contradict_and_neither_stands() {
    check(
        &[],
        &[
            "Правда 1936-01-01 1960-01-01",
            "Сталин 1950-01-01 1961-01-01",
        ],
        ("", &["TWO_NAMES", "TWO_NAMES"]),
    );
    // One ends as the other begins.
    check(
        &[],
        &[
            "Правда 1936-01-01 1960-01-01",
            "Сталин 1960-01-01 1961-01-01",
        ],
        ("", &["new", "new"]),
    );
    // Of a name whose beginning nobody knows only the last day is certain.
    check(
        &[],
        &["Правда - 1960-01-01", "Сталин 1950-01-01 1961-01-01"],
        ("", &["TWO_NAMES", "TWO_NAMES"]),
    );
    check(
        &[],
        &["Правда - 1960-01-01", "Сталин - 1961-01-01"],
        ("", &["new", "new"]),
    );
}

#[test]
fn names_of_one_period_are_one_naming_in_two_languages() {
    check(
        &[],
        &[
            "Правда 1936-01-01 1960-01-01",
            "Чындык 1936-01-01 1960-01-01",
            "Lenin - -",
        ],
        ("", &["new", "new", "new"]),
    );
    check(
        &["Манас"],
        &[
            "Ленин 1936-01-01 2015-06-01",
            "ул.Ленина 1936-01-01 2015-06-01",
            "Манас 2015-06-01 -",
            "ул.Манаса 2015-06-01 -",
        ],
        ("Ленин Манас 2015-06-01", &["new", "new", "new", "new"]),
    );
}

#[test]
fn a_name_that_contradicts_a_renaming_does_not_stand() {
    let renames = [renamed("Правда", "Ленин", "1960-01-01")];
    let (_, fates) = told(&[], &renames, &[], &["Сталин 1970-01-01 1980-01-01"]);
    assert_eq!(fates, ["TWO_NAMES"]);
    check(
        &["Манас"],
        &["Манас 2015-06-01 -", "Чүй 2015-07-01 2015-08-01"],
        ("Ленин Манас 2015-09-20", &["TWO_NAMES", "TWO_NAMES"]),
    );
}

#[test]
fn a_name_that_has_not_begun_and_a_name_that_stands_twice_are_refused() {
    check(&[], &["Манас 2015-09-21 -"], ("", &["NOT_IN_FORCE"]));
    check(
        &[],
        &["Правда - 1960-01-01", "Правда - 1961-01-01"],
        ("", &["new", "DUPLICATE_ID"]),
    );
}

#[test]
fn an_end_may_be_told_later_and_does_not_move() {
    let known = ["Правда 1936-01-01 -"];
    let one = |row: &str| told(&known, &[], &[], &[row]).1[0];
    assert_eq!(one("Правда 1936-01-01 -"), "unchanged");
    assert_eq!(one("Правда 1936-01-01 1960-01-01"), "new");
    let known = ["Правда 1936-01-01 1960-01-01"];
    let one = |row: &str| told(&known, &[], &[], &[row]).1[0];
    assert_eq!(one("Правда 1936-01-01 1961-01-01"), "CHANGED");
    assert_eq!(one("Правда 1936-01-01 -"), "CHANGED");
}

#[test]
fn a_renaming_ends_the_name_on_record_and_the_printed_one() {
    let renames = [
        renamed("Правда", "Ленин", "1960-01-01"),
        renamed("Ленин", "Манас", "2015-06-01"),
    ];
    let names = [name("Ленин 1960-01-01 -"), name("Manas - -")];
    let others = other_names(Known {
        street: "s1",
        printed: "Манас",
        renames: &renames,
        names: &names,
    });
    let expected = [
        name("Manas - -"),
        name("Ленин 1960-01-01 2015-06-01"),
        name("Правда - 1960-01-01"),
    ];
    assert_eq!(others, expected);
    let on = |row: &StreetNameRow| name_on(row, day("1959-12-31"));
    assert_eq!(
        others.iter().map(on).collect::<Vec<_>>(),
        [NameOn::InForce, NameOn::NotYet, NameOn::InForce]
    );
    assert_eq!(name_on(&expected[2], day("1960-01-01")), NameOn::Former);
}
