#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use proptest::prelude::*;

fn house(street: &'static str, number: u32, at: (i32, i32), voters: u32) -> VotersAt<'static> {
    VotersAt {
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
    let parts = propose(&houses, 400).unwrap();
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
    let parts = propose(&houses, 100).unwrap();
    assert_eq!(parts.iter().map(|p| p.voters).collect::<Vec<_>>(), [90, 95]);
    for number in [0, 1, 2, 5, 7] {
        assert_eq!(holding(&parts, "a", number), [0], "{number}");
    }
    assert_eq!(holding(&parts, "a", 8), [1]);
}

#[test]
fn what_cannot_be_split_says_why() {
    let big = [house("a", 1, (0, 0), 500)];
    assert_eq!(propose(&big, 0), Err(SplitError::NoLimit));
    assert_eq!(
        propose(&big, 400),
        Err(SplitError::HouseTooLarge {
            voters: 500,
            limit: 400
        })
    );
    let nameless = [VotersAt {
        house: None,
        ..house("a", 1, (0, 0), 3)
    }];
    assert_eq!(
        propose(&nameless, 400),
        Err(SplitError::Unnumbered { voters: 3 })
    );
    assert_eq!(propose(&big, 500).unwrap().len(), 1);
}

proptest! {
    #[test]
    fn every_house_has_one_part_and_no_part_is_too_large(
        mut rows in proptest::collection::vec((0usize..5, 1u32..60, 0i32..1000, 0i32..1000, 1u32..40), 1..120),
        swap in any::<u64>(),
    ) {
        const STREETS: [&str; 5] = ["p", "q", "r", "s", "t"];
        let make = |rows: &[(usize, u32, i32, i32, u32)]| -> Vec<VotersAt<'static>> {
            rows.iter().map(|r| house(STREETS[r.0], r.1, (r.2, r.3), r.4)).collect()
        };
        let houses = make(&rows);
        let mut most: BTreeMap<(usize, u32), u32> = BTreeMap::new();
        for row in &rows {
            *most.entry((row.0, row.1)).or_default() += row.4;
        }
        let limit = most.values().max().unwrap() + 100;
        let parts = propose(&houses, limit).unwrap();
        let total: u32 = rows.iter().map(|r| r.4).sum();
        prop_assert_eq!(parts.iter().map(|p| p.voters).sum::<u32>(), total);
        prop_assert!(parts.iter().all(|p| p.voters <= limit && p.voters > 0));
        for (at, part) in parts.iter().enumerate() {
            let mine: u32 = rows.iter().filter(|r| holding(&parts, STREETS[r.0], r.1) == [at]).map(|r| r.4).sum();
            prop_assert_eq!(mine, part.voters);
        }
        let at = usize::try_from(swap % rows.len() as u64).unwrap();
        rows.swap(0, at);
        prop_assert_eq!(propose(&make(&rows), limit).unwrap(), parts);
    }
}
