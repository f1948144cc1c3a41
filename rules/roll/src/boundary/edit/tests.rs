use super::*;

fn code(number: u16) -> PrecinctCode {
    PrecinctCode::new(number).expect("a precinct")
}

fn square(precinct: u16, west: f64) -> BoundaryRow {
    let east = west + 1.0;
    let text = format!(
        "{{\"type\":\"Polygon\",\"coordinates\":[[[{west},42],[{east},42],[{east},43],[{west},43],[{west},42]]]}}"
    );
    BoundaryRow {
        precinct: code(precinct),
        extent: Extent::Polygon(text),
    }
}

fn range_of(precinct: u16, parity: &str, from: u32, to: u32) -> BoundaryRow {
    BoundaryRow {
        precinct: code(precinct),
        extent: Extent::Range {
            street: "S1".to_owned(),
            parity: parity.to_owned(),
            from,
            to,
        },
    }
}

#[test]
fn a_corner_moves_in_every_outline_that_has_it() {
    let rows = [square(1001, 74.0), square(1002, 75.0), square(1003, 77.0)];
    let edit = Edit::parse("75 43 > 75.1 43.05", "").expect("a change");
    let after = edit.apply(&rows).expect("applies");
    assert_eq!(
        touched(&rows, &after),
        BTreeSet::from([code(1001), code(1002)])
    );
    for row in &after[..2] {
        let Extent::Polygon(text) = &row.extent else {
            unreachable!("outlines stay outlines")
        };
        assert!(text.contains("[75.1,43.05]"), "{text}");
        assert!(
            !text.contains("[75,43]") && !text.contains("[75.0,43.0]"),
            "{text}"
        );
    }
    assert_eq!(after[2], rows[2]);
    // The first corner stands twice in its ring, and both stay one.
    let closing = Edit::parse("74 42 > 73.9 42", "").expect("a change");
    let after = closing.apply(&rows[..1]).expect("applies");
    let Extent::Polygon(text) = &after[0].extent else {
        unreachable!("an outline")
    };
    assert_eq!(text.matches("[73.9,42.0]").count(), 2, "{text}");
}

fn outline(row: &BoundaryRow) -> Vec<Point> {
    let Extent::Polygon(text) = &row.extent else {
        unreachable!("outlines stay outlines")
    };
    let geometry: geojson::Geometry = text.parse().expect("an outline");
    let geojson::GeometryValue::Polygon { coordinates } = &geometry.value else {
        unreachable!("a polygon")
    };
    coordinates[0]
        .iter()
        .map(|at| point_of(at).expect("a place"))
        .collect()
}

fn at(lon: f64, lat: f64) -> Point {
    Point {
        lon: super::super::polygon::micro(lon, 180.0).expect("a longitude"),
        lat: super::super::polygon::micro(lat, 90.0).expect("a latitude"),
    }
}

#[test]
fn a_new_corner_goes_into_both_outlines_of_an_edge_and_can_be_moved_and_taken_out() {
    let rows = [square(1001, 74.0), square(1002, 75.0)];
    let edit = Edit::parse("75 42 + 75 43 > 75 42.5", "").expect("a change");
    let after = edit.apply(&rows).expect("applies");
    for row in &after {
        let ring = outline(row);
        assert_eq!(ring.len(), 6, "{ring:?}");
        let place = ring.iter().position(|p| *p == at(75.0, 42.5)).expect("in");
        let beside = [ring[place - 1], ring[place + 1]];
        assert!(beside.contains(&at(75.0, 42.0)) && beside.contains(&at(75.0, 43.0)));
    }
    // Lines hold in their order: the new corner moves, then it is taken out and all is as it was.
    let moved = Edit::parse("75 43 + 75 42 > 75 42.5\n75 42.5 > 75.2 42.5", "").expect("a change");
    for row in moved.apply(&rows).expect("applies") {
        assert!(outline(&row).contains(&at(75.2, 42.5)));
    }
    let there_and_back = "75 42 + 75 43 > 75 42.5\n75 42.5 > -";
    let same = Edit::parse(there_and_back, "").expect("a change");
    let back = same.apply(&rows).expect("applies");
    for (row, was) in back.iter().zip(&rows) {
        assert_eq!(outline(row), outline(was));
    }
    // The corner at both ends of the ring.
    let first = Edit::parse("74 42 > -", "").expect("a change");
    let ring = outline(&first.apply(&rows[..1]).expect("applies")[0]);
    assert_eq!(ring.len(), 4, "{ring:?}");
    assert_eq!(ring.first(), ring.last());
    assert!(!ring.contains(&at(74.0, 42.0)));
    let none_left = Edit::parse("74 42 > -\n75 42 > -", "").expect("a change");
    assert_eq!(
        none_left.apply(&rows[..1]),
        Err(EditError::TooFew { line: 2 })
    );
    let no_edge = Edit::parse("74 42 + 75 43 > 74.5 42.5", "").expect("a change");
    assert_eq!(no_edge.apply(&rows), Err(EditError::NoEdge { line: 1 }));
}

#[test]
fn a_line_that_cannot_be_is_refused_by_its_number() {
    let check = |corners: &str, ranges: &str, expected: EditError| {
        assert_eq!(
            Edit::parse(corners, ranges),
            Err(expected),
            "{corners} {ranges}"
        );
    };
    check("", " \n", EditError::Empty);
    check("\n75 43 75 44", "", EditError::Corner { line: 2 });
    check("75 43 > 200 44", "", EditError::Corner { line: 1 });
    check("75 43 > 75 NaN", "", EditError::Corner { line: 1 });
    check("75 43 + 75 44 > -", "", EditError::Corner { line: 1 });
    check("75 43 + > 75 44", "", EditError::Corner { line: 1 });
    check("", "S1 both 1 9 1001", EditError::Range { line: 1 });
    check("", "S1 all 9 1 1001", EditError::Range { line: 1 });
    check("", "S1 all 1 9", EditError::Range { line: 1 });
    check(
        &"75 43 > 75 44\n".repeat(LINES_MAX + 1),
        "",
        EditError::TooLong,
    );
    let nowhere = Edit::parse("1 1 > 2 2", "").expect("a change");
    let refused = nowhere.apply(&[square(1001, 74.0)]);
    assert_eq!(refused, Err(EditError::NoCorner { line: 1 }));
}

/// Which precincts hold a house by range.
fn holders(rows: &[BoundaryRow], house: u32) -> Vec<u16> {
    let holds = |row: &&BoundaryRow| match &row.extent {
        Extent::Polygon(_) => false,
        Extent::Range {
            parity, from, to, ..
        } => {
            let side = match parity.as_str() {
                "odd" => house % 2 == 1,
                "even" => house.is_multiple_of(2),
                _ => true,
            };
            side && (*from..=*to).contains(&house)
        }
    };
    rows.iter()
        .filter(holds)
        .map(|row| row.precinct.number())
        .collect()
}

#[test]
fn houses_of_a_range_go_to_the_precinct_and_all_others_stay() {
    for held in ["all", "odd", "even"] {
        for taken in ["all", "odd", "even"] {
            for (first, last) in [(1, 40), (5, 9), (10, 10), (30, 60), (41, 50), (1, 20)] {
                let rows = [range_of(1001, held, 3, 40), range_of(1002, "all", 41, 80)];
                let line = format!("S1 {taken} {first} {last} 1003");
                let edit = Edit::parse("", &line).expect("a change");
                let after = edit.apply(&rows).expect("applies");
                for house in 0..90 {
                    let side = match taken {
                        "odd" => house % 2 == 1,
                        "even" => house % 2 == 0,
                        _ => true,
                    };
                    let expected = if side && (first..=last).contains(&house) {
                        vec![1003]
                    } else {
                        holders(&rows, house)
                    };
                    assert_eq!(
                        holders(&after, house),
                        expected,
                        "{held} {line} house {house}"
                    );
                }
            }
        }
    }
}

#[test]
fn another_street_keeps_its_houses() {
    let rows = [range_of(1001, "all", 1, 9)];
    let edit = Edit::parse("", "S2 all 1 9 1002").expect("a change");
    let after = edit.apply(&rows).expect("applies");
    assert_eq!(after[0], rows[0]);
    assert_eq!(touched(&rows, &after), BTreeSet::from([code(1002)]));
}
