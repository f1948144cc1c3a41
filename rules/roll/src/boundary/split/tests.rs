#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use proptest::prelude::*;

fn house(street: &'static str, number: u32, at: (i32, i32), voters: u32) -> VotersAt<'static> {
    VotersAt {
        place: 1,
        street,
        house: Some(number),
        lon: at.0,
        lat: at.1,
        voters,
    }
}

/// The parts that hold a house.
fn holding(parts: &[SplitPart], street: &str, number: u32) -> Vec<usize> {
    let holds = |part: &SplitPart| {
        let mut ranges = part.ranges.iter();
        ranges.any(|r| r.street == street && (r.from..=r.to).contains(&number))
    };
    (0..parts.len()).filter(|&at| holds(&parts[at])).collect()
}

#[test]
fn two_streets_of_one_size_become_two_precincts() {
    let houses = [
        house("b", 1, (20, 0), 300),
        house("a", 1, (0, 0), 200),
        house("a", 2, (0, 1), 100),
    ];
    let parts = propose(&houses, 400, 0).unwrap();
    assert_eq!(
        parts.iter().map(|p| p.voters).collect::<Vec<_>>(),
        [300, 300]
    );
    assert_eq!(
        (holding(&parts, "a", 2), holding(&parts, "b", 77)),
        (vec![0], vec![1])
    );
}

#[test]
fn a_long_street_is_cut_between_numbers_and_a_house_built_between_has_one_part() {
    let houses = [
        house("a", 2, (0, 0), 90),
        house("a", 8, (9, 0), 90),
        house("a", 8, (9, 1), 5),
    ];
    let parts = propose(&houses, 100, 0).unwrap();
    assert_eq!(parts.iter().map(|p| p.voters).collect::<Vec<_>>(), [90, 95]);
    for number in [0, 1, 2, 5, 7] {
        assert_eq!(holding(&parts, "a", number), [0], "{number}");
    }
    assert_eq!(holding(&parts, "a", 8), [1]);
}

#[test]
fn what_cannot_be_split_says_why() {
    let big = [house("a", 1, (0, 0), 500)];
    assert_eq!(propose(&big, 0, 0), Err(SplitError::NoLimit));
    assert_eq!(
        propose(&big, 400, 0),
        Err(SplitError::HouseTooLarge {
            voters: 500,
            limit: 400
        })
    );
    assert_eq!(
        propose(&big, 500, 501),
        Err(SplitError::TooManyStay {
            voters: 501,
            limit: 500
        })
    );
    assert_eq!(propose(&big, 500, 0).unwrap().len(), 1);
}

#[test]
fn who_cannot_be_named_by_a_range_stays_with_the_first_part() {
    let nameless = VotersAt {
        house: None,
        ..house("a", 0, (0, 0), 3)
    };
    let houses = [
        house("a", 1, (0, 0), 60),
        house("b", 1, (9, 0), 90),
        nameless,
    ];
    let voters = |staying| {
        let parts = propose(&houses, 100, staying).unwrap();
        parts.iter().map(|p| p.voters).collect::<Vec<_>>()
    };
    assert_eq!(voters(0), [63, 90]);
    assert_eq!(voters(37), [100, 90]);
    // One more, and the first street goes to a part of its own.
    assert_eq!(voters(38), [41, 60, 90]);
}

#[test]
fn places_are_walked_one_after_the_other_and_none_is_taken_up_again() {
    let at = |place, street, lon, voters| VotersAt {
        place,
        ..house(street, 1, (lon, 0), voters)
    };
    // By their own middles the streets of the two places would alternate.
    let houses = [
        at(7, "p", 0, 50),
        at(7, "q", 40, 50),
        at(9, "r", 30, 50),
        at(9, "s", 70, 50),
    ];
    let parts = propose(&houses, 100, 0).unwrap();
    let streets: Vec<Vec<&str>> = parts
        .iter()
        .map(|part| part.ranges.iter().map(|r| r.street.as_str()).collect())
        .collect();
    assert_eq!(streets, [["p", "q"], ["r", "s"]]);
}

proptest! {
    #[test]
    fn every_house_has_one_part_and_no_part_is_too_large(
        mut rows in proptest::collection::vec((0usize..5, 1u32..60, 0i32..1000, 0i32..1000, 0u32..40), 1..120),
        staying in 0u32..100,
        swap in any::<u64>(),
    ) {
        const STREETS: [&str; 5] = ["p", "q", "r", "s", "t"];
        let make = |rows: &[(usize, u32, i32, i32, u32)]| -> Vec<VotersAt<'static>> {
            // A street may be written in two places.
            let place = |r: &(usize, u32, i32, i32, u32)| r.0 as u64 / 2 + u64::from(r.1.is_multiple_of(7));
            rows.iter().map(|r| VotersAt { place: place(r), ..house(STREETS[r.0], r.1, (r.2, r.3), r.4) }).collect()
        };
        let houses = make(&rows);
        let mut most: BTreeMap<(usize, u32), u32> = BTreeMap::new();
        for row in &rows {
            *most.entry((row.0, row.1)).or_default() += row.4;
        }
        let limit = most.values().max().unwrap() + 100;
        let parts = propose(&houses, limit, staying).unwrap();
        let total: u32 = staying + rows.iter().map(|r| r.4).sum::<u32>();
        prop_assert_eq!(parts.iter().map(|p| p.voters).sum::<u32>(), total);
        prop_assert!(parts.iter().all(|p| p.voters <= limit));
        prop_assert!(parts.iter().skip(1).all(|p| p.voters > 0));
        for (at, part) in parts.iter().enumerate() {
            let mine: u32 = rows.iter().filter(|r| holding(&parts, STREETS[r.0], r.1) == [at]).map(|r| r.4).sum();
            let stay = if at == 0 { staying } else { 0 };
            prop_assert_eq!(mine + stay, part.voters);
            for row in &rows {
                prop_assert_eq!(holding(&parts, STREETS[row.0], row.1).len(), 1);
            }
        }
        let at = usize::try_from(swap % rows.len() as u64).unwrap();
        rows.swap(0, at);
        prop_assert_eq!(propose(&make(&rows), limit, staying).unwrap(), parts);
    }
}
