//! Small lists from end to end: the same result whatever the order and the threads, and what it says.
#![expect(clippy::unwrap_used, reason = "tests")]

use linkage::model::shipped;
use linkage::{Band, Column, Effort, Language, Link, Model, Session, Table, dedupe, link};

use names::{GIVEN, SURNAME};

mod names;

/// Person `n` as `kind` writes her down: 0 as in the register, 1 with Russian letters, 2 with a slip.
fn person(n: usize, kind: usize) -> [String; 7] {
    let (given, surname, father) = (
        GIVEN[n % 12],
        SURNAME[n / 12 % 10],
        GIVEN[(n * 7 + n / 5) % 12],
    );
    let (day, month, year) = (n % 28 + 1, n / 3 % 12 + 1, 1950 + n * 13 % 50);
    let plain = |text: &str| {
        text.replace('ү', "у")
            .replace('ө', "о")
            .replace('ң', "н")
            .replace('Ү', "У")
    };
    let mut record = [
        format!("2{day:02}{month:02}{year}{n:05}"),
        surname.to_owned(),
        given.to_owned(),
        format!("{father}ович"),
        format!("{year}-{month:02}-{day:02}"),
        format!("Көчө {}", n / 40),
        format!("{}", n / 4),
    ];
    if kind > 0 {
        record = record.map(|text| plain(&text));
        record[3] = format!("{father} уулу");
    }
    if kind == 2 {
        record[1].insert(2, 'к');
        record[0] = String::new();
    }
    record
}

fn table(rows: impl Iterator<Item = (String, [String; 7])>) -> Table {
    let mut columns = [
        "id",
        "pin",
        "surname",
        "given",
        "patronymic",
        "dob",
        "street",
        "house",
    ]
    .map(Column::new);
    for (id, values) in rows {
        columns[0].push(&id).unwrap();
        columns[1..]
            .iter_mut()
            .zip(&values)
            .for_each(|(column, value)| column.push(value).unwrap());
    }
    Table::new(columns.to_vec()).unwrap()
}

fn lists() -> (Table, Table) {
    let left = table((0..600).map(|n| (format!("L{n:04}"), person(n, 0))));
    let right = table(
        (0..600)
            .filter(|n| n % 3 != 2)
            .map(|n| (format!("R{n:04}"), person(n, 1 + n % 2))),
    );
    (left, right)
}

fn ids(links: &[Link], left: &Table, right: &Table) -> Vec<(String, String, i32, Band, u64)> {
    let id = |table: &Table, row: u32| table.column("id").unwrap().get(row as usize).to_owned();
    links
        .iter()
        .map(|l| {
            (
                id(left, l.left),
                id(right, l.right),
                l.weight_milli_bits,
                l.band,
                l.levels,
            )
        })
        .collect()
}

fn reversed(table: &Table) -> Table {
    let columns = table.columns().iter().map(|column| {
        let mut turned = Column::new(column.name());
        (0..column.len())
            .rev()
            .for_each(|row| turned.push(column.get(row)).unwrap());
        turned
    });
    Table::new(columns.collect()).unwrap()
}

#[test]
fn persons_are_found_again_under_other_spellings() {
    let (left, right) = lists();
    let model = Model::parse(shipped("kg-persons").unwrap()).unwrap();
    let linked = link(&left, &right, &model, Effort::default()).unwrap();
    let found = ids(&linked.links, &left, &right);
    let auto: Vec<_> = found.iter().filter(|pair| pair.3 == Band::Auto).collect();
    let wrong = auto
        .iter()
        .filter(|pair| pair.0[1..] != pair.1[1..])
        .count();
    assert_eq!(wrong, 0);
    assert!(
        auto.len() * 100 >= right.rows() * 99,
        "{} of {}",
        auto.len(),
        right.rows()
    );
}

/// Workers on threads of the test's own.
fn threads(workers: usize) -> Effort {
    Effort {
        workers,
        spread: |workers, work| {
            std::thread::scope(|scope| {
                (0..workers).for_each(|_| {
                    scope.spawn(work);
                });
            });
        },
    }
}

#[test]
fn order_of_rows_and_threads_change_nothing() {
    let (left, right) = lists();
    let model = Model::parse(shipped("kg-persons").unwrap()).unwrap();
    let first = link(&left, &right, &model, Effort::default()).unwrap();
    let (left_turned, right_turned) = (reversed(&left), reversed(&right));
    let second = link(&left_turned, &right_turned, &model, threads(3)).unwrap();
    assert_eq!(
        ids(&first.links, &left, &right),
        ids(&second.links, &left_turned, &right_turned)
    );
    assert_eq!(first.report, second.report);
    let once = dedupe(&left, &model, Effort::default()).unwrap();
    let again = dedupe(&left_turned, &model, threads(2)).unwrap();
    assert_eq!(
        ids(&once.links, &left, &left),
        ids(&again.links, &left_turned, &left_turned)
    );
}

#[test]
fn a_frozen_model_gives_the_same_weights_without_training() {
    let (left, right) = lists();
    let text = shipped("kg-persons").unwrap();
    let first = link(
        &left,
        &right,
        &Model::parse(text).unwrap(),
        Effort::default(),
    )
    .unwrap();
    let frozen = Model::freeze(text, &first.report.trained, first.report.prior_milli_bits).unwrap();
    let model = Model::parse(&frozen).unwrap();
    assert!(model.is_frozen());
    let second = link(&left, &right, &model, Effort::default()).unwrap();
    assert_eq!(
        ids(&first.links, &left, &right).len(),
        ids(&second.links, &left, &right).len()
    );
    for (a, b) in first.links.iter().zip(&second.links) {
        assert!(
            (a.weight_milli_bits - b.weight_milli_bits).abs() <= 2,
            "{a:?} {b:?}"
        );
    }
}

#[test]
fn an_explanation_adds_up_and_says_it_in_three_languages() {
    let (left, right) = lists();
    let model = Model::parse(shipped("kg-persons").unwrap()).unwrap();
    let linked = link(&left, &right, &model, Effort::default()).unwrap();
    let session = Session::new(&left, Some(&right), &model, Effort::default()).unwrap();
    for pair in linked.links.iter().take(50) {
        let explanation = session.explain(pair).unwrap();
        let sum: i32 = explanation.prior_milli_bits
            + explanation
                .reasons
                .iter()
                .map(linkage::Reason::milli_bits)
                .sum::<i32>();
        assert_eq!(sum, pair.weight_milli_bits);
        assert_eq!(explanation.weight_milli_bits, pair.weight_milli_bits);
        assert!(explanation.sentence(Language::Ky).contains("фамилия"));
        assert!(
            explanation
                .sentence(Language::Ru)
                .contains("дата рождения совпадает: +")
        );
        assert!(
            explanation
                .sentence(Language::En)
                .contains("birth date agrees: +")
        );
        assert_eq!(
            explanation
                .waterfall_svg(Language::Ru)
                .matches("<rect")
                .count(),
            explanation.reasons.len() + 2
        );
    }
    assert_eq!(
        session.explain(&Link {
            left: 9999,
            ..linked.links[0]
        }),
        None
    );
}

/// Twins share everything but the given name: the house must not make them one person.
#[test]
fn a_family_in_one_house_is_not_one_person() {
    let (left, _) = lists();
    let model = Model::parse(shipped("kg-persons").unwrap()).unwrap();
    let mut twin = person(17, 0);
    twin[0] = "20101200099999".to_owned();
    twin[2] = "Рысбүбү".to_owned();
    twin[4] = "2001-01-31".to_owned();
    let right = table(std::iter::once(("twin".to_owned(), twin)));
    let session = Session::new(&left, Some(&right), &model, Effort::default()).unwrap();
    let sibling = session.pair(17, 0).unwrap();
    assert_eq!(sibling.band, Band::No);
    let reasons = session.explain(&sibling).unwrap().reasons;
    let address = reasons
        .iter()
        .find(|reason| reason.label.en == "address")
        .unwrap();
    assert_eq!(
        (address.level.as_str(), address.milli_bits()),
        ("family", 0)
    );
}

#[test]
fn lists_without_what_the_model_needs_are_refused() {
    let model = Model::parse(shipped("kg-persons").unwrap()).unwrap();
    let (left, _) = lists();
    let other = Table::new(vec![Column::new("colour")]).unwrap();
    assert!(
        link(&left, &other, &model, Effort::default())
            .unwrap_err()
            .to_string()
            .contains("no id column")
    );
    let only_id = Table::new(vec![Column::new("id")]).unwrap();
    assert!(
        link(&left, &only_id, &model, Effort::default())
            .unwrap_err()
            .to_string()
            .contains("share no column")
    );
    let mut ragged = Column::new("x");
    ragged.push("1").unwrap();
    assert!(Table::new(vec![Column::new("id"), ragged]).is_err());
}

#[test]
fn empty_lists_give_no_links() {
    let model = Model::parse(shipped("kg-persons").unwrap()).unwrap();
    let empty = table(std::iter::empty());
    let (left, _) = lists();
    assert!(
        link(&left, &empty, &model, Effort::default())
            .unwrap()
            .links
            .is_empty()
    );
    assert!(
        link(&empty, &left, &model, Effort::default())
            .unwrap()
            .links
            .is_empty()
    );
    assert!(dedupe(&empty, &model, threads(2)).unwrap().links.is_empty());
}
