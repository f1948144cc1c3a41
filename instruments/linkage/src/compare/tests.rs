//! The way that stops early against the plain one.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::Comparer;
use crate::model::{Model, shipped};
use crate::run::{Effort, Session};
use crate::table::{Column, Table};

/// Sixty records made of few values each, so that every level occurs; `turn` sets which go together.
fn list(turn: usize) -> Table {
    let values: [(&str, &[&str]); 7] = [
        (
            "pin",
            &[
                "20101199900001",
                "20101199900002",
                "20101199900020",
                "20505198000007",
                "",
            ],
        ),
        (
            "surname",
            &["Асанов", "Асонов", "Асанова", "Бакиров", "Исаков", "Нурлан"],
        ),
        (
            "given",
            &["Нурлан", "Нурлон", "Бакыт", "Асанов", "Айгүл", "Айгул", ""],
        ),
        ("patronymic", &["Бакытович", "Бакыт уулу", "Эркинович", ""]),
        (
            "dob",
            &["1999-01-02", "1999-02-01", "1999-01-12", "1980-05-05", ""],
        ),
        ("street", &["Көчө", "Башка"]),
        ("house", &["1", "2", ""]),
    ];
    let mut columns = vec![Column::new("id")];
    (0..60).for_each(|row| columns[0].push(&format!("{row:02}")).unwrap());
    for (place, (name, texts)) in values.iter().enumerate() {
        let mut column = Column::new(name);
        for row in 0..60 {
            let at = (row * (place + turn) + row / (place + 2)) % texts.len();
            column.push(texts[at]).unwrap();
        }
        columns.push(column);
    }
    Table::new(columns).unwrap()
}

#[test]
fn stopping_early_changes_no_level_and_no_weight() {
    let model = Model::parse(shipped("kg-persons").unwrap()).unwrap();
    let (left, right) = (list(1), list(3));
    let session = Session::new(&left, Some(&right), &model, Effort::default()).unwrap();
    let mut plain = Comparer::new(&session.prepared, &model);
    let mut early = Comparer::new(&session.prepared, &model);
    let (mut kept, mut dropped) = (0, 0);
    for l in 0..60 {
        for r in 0..60 {
            let (a, b) = (session.prepared.left.at(l), session.prepared.right().at(r));
            let levels = plain.compare(a, b);
            let weight = session.weights.weigh(levels, a, b);
            for least in [-60_000, -10_000, -4_000, 0, 3_000, weight, weight + 1] {
                let expected = (weight >= least).then_some((levels, weight));
                let found = early.compare_from(a, b, &session.weights, least);
                assert_eq!(found, expected, "{l} {r} {least}");
                kept += usize::from(found.is_some());
                dropped += usize::from(found.is_none());
            }
        }
    }
    assert!(
        kept > 1_000 && dropped > 1_000,
        "{kept} kept, {dropped} dropped"
    );
}
