#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;

const BOUND: List = List {
    lines: 1_200,
    bound: 1_200,
    on_page: 25,
};

const TERMS: Terms = Terms {
    one_in: 1000,
    risk_permille: 50,
};

fn precinct(number: u16) -> PrecinctCode {
    PrecinctCode::new(number).unwrap()
}

/// Sixty precincts of 1,200 lines, every second line marked.
fn country() -> Population {
    let numbers = 1001..1061;
    Population {
        lists: numbers
            .clone()
            .map(|number| (precinct(number), BOUND))
            .collect(),
        marks: numbers
            .flat_map(|number| {
                (1..=1_200)
                    .step_by(2)
                    .map(move |line| (precinct(number), line))
            })
            .collect(),
    }
}

/// What an honest look at a paper would say, where these lines are wrong.
fn looks(
    country: &Population,
    sample: &Sample,
    wrong: &BTreeSet<(PrecinctCode, u32)>,
) -> BTreeMap<Place, Seen> {
    let look = |place: Place| {
        let key = (place.precinct, place.line);
        let is_signed = country.marks.contains(&key) != wrong.contains(&key);
        (
            place,
            if is_signed {
                Seen::Signed
            } else {
                Seen::Unsigned
            },
        )
    };
    sample.places().into_iter().map(look).collect()
}

#[test]
fn the_sample_is_as_large_as_the_arithmetic_says() {
    // ln 0.05 / ln 0.999 = 2,994.23.
    assert_eq!(sample_size(TERMS), 2_995);
    let one_in_hundred = Terms {
        one_in: 100,
        risk_permille: 10,
    };
    // ln 0.01 / ln 0.99 = 458.2.
    assert_eq!(sample_size(one_in_hundred), 459);
}

/// By Python's hashlib: int(sha256(b"tizme audit" b"lines\\0" b"1 2 3\\0" + bytes(8))[:8]) % 1000 is 351.
#[test]
fn a_stranger_draws_the_same() {
    let drawn = draw("1 2 3", "lines", 1_000, 1);
    assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [351]);
    assert_eq!(draw("x", "marks", 5, 9).len(), 5);
    assert_eq!(draw("x", "marks", 0, 9).len(), 0);
    assert_eq!(draw("x", "marks", 100, 60).len(), 60);
    assert_ne!(draw("x", "marks", 100, 60), draw("y", "marks", 100, 60));
}

/// 10,000 audits where 0.3 % is wrong, and as many where nothing is.
#[test]
fn a_wrong_share_of_three_permille_is_found_and_an_honest_day_never_fails() {
    let country = country();
    let marks: Vec<_> = country.marks.iter().copied().collect();
    let bad = draw(
        "fault",
        "bad",
        marks.len() as u64,
        marks.len() as u64 * 3 / 1000,
    );
    let wrong: BTreeSet<_> = bad
        .iter()
        .map(|at| marks[usize::try_from(*at).unwrap()])
        .collect();
    assert_eq!(wrong.len(), 108);
    let size = u64::from(sample_size(TERMS));
    let missed = (0..10_000)
        .filter(|audit| {
            let chosen = draw(&audit.to_string(), "marks", marks.len() as u64, size);
            chosen.is_disjoint(&bad)
        })
        .count();
    assert!(missed <= 10, "{missed} of 10,000 audits found nothing");
    for audit in 0..20 {
        let sample = country.sample(&audit.to_string(), TERMS);
        let honest = country.judge(&sample, &looks(&country, &sample, &BTreeSet::new()));
        assert!(honest.holds());
        assert_eq!((honest.marks, honest.lines), (size, size));
        let found = country.judge(&sample, &looks(&country, &sample, &wrong));
        assert!(!found.holds());
        assert!(
            found
                .mismatches
                .iter()
                .all(|(_, why)| *why == Mismatch::NotSigned)
        );
    }
}

#[test]
fn both_directions_and_a_missing_page_are_seen_and_an_unfinished_sheet_does_not_hold() {
    let country = country();
    let sample = country.sample("dice", TERMS);
    let mut seen = looks(&country, &sample, &BTreeSet::new());
    let unmarked = |place: &&Place| !country.marks.contains(&(place.precinct, place.line));
    let line = *sample.lines.iter().find(unmarked).unwrap();
    seen.insert(line, Seen::Signed);
    let mark = *sample.marks.iter().next_back().unwrap();
    seen.insert(mark, Seen::Missing);
    let left = *sample.marks.iter().next().unwrap();
    seen.remove(&left);
    let finding = country.judge(&sample, &seen);
    assert_eq!(finding.unanswered, [left]);
    assert_eq!(finding.mismatches.len(), 2);
    assert!(finding.mismatches.contains(&(line, Mismatch::NotMarked)));
    assert!(finding.mismatches.contains(&(mark, Mismatch::PageMissing)));
    assert!(!finding.holds());
    let answered = sample.places().len() as u64 - 1;
    assert!(finding.marks + finding.lines >= answered && finding.marks < 2_995);
    assert_eq!(line.page, (line.line - 1) / 25 + 1);
}

#[test]
fn the_bound_is_clopper_and_pearsons() {
    // Nothing wrong in 2,995: 1 - 0.05^(1/2995) = 0.000999…
    assert_eq!(upper_bound_ppm(2_995, 0, 50), 1_000);
    // By the beta quantile: 1 of 2,995 at 95 %: 0.001583; 3 of 100: 0.07571.
    assert!((1_582..=1_584).contains(&upper_bound_ppm(2_995, 1, 50)));
    assert!((75_700..=75_720).contains(&upper_bound_ppm(100, 3, 50)));
    assert_eq!(upper_bound_ppm(0, 0, 50), 1_000_000);
}

#[test]
fn a_sample_belongs_to_the_marks_that_it_was_drawn_from() {
    let country = country();
    let mut later = country.clone();
    later.marks.insert((precinct(1001), 2));
    assert_ne!(country.id(), later.id());
    assert_eq!(country.id().len(), 16);
}

/// With 1,190 lines at 25 a page the bound list ends on page 48, and line 1,191 begins page 49.
#[test]
fn a_line_that_came_later_is_looked_up_on_the_supplement() {
    let list = List {
        lines: 1_192,
        bound: 1_190,
        on_page: 25,
    };
    let country = Population {
        lists: [(precinct(1001), list)].into(),
        marks: [(precinct(1001), 1_190), (precinct(1001), 1_191)].into(),
    };
    let sample = country.sample("dice", TERMS);
    let pages: Vec<_> = sample.marks.iter().map(|place| place.page).collect();
    assert_eq!(pages, [48, 49]);
}
