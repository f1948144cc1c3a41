#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, day, law};

#[test]
fn ages_and_their_bands() {
    let on = day("2015-10-04");
    assert_eq!(age_on(day("1997-10-04"), on), 18);
    assert_eq!(age_on(day("1997-10-05"), on), 17);
    for (age, band) in [
        (18, "18-24"),
        (24, "18-24"),
        (25, "25-34"),
        (74, "65-74"),
        (75, "75+"),
        (101, "75+"),
    ] {
        assert_eq!(age_band(&law(), age), band);
    }
}

#[test]
fn a_breakdown_with_a_small_cell_is_withheld_whole() {
    let cells = |f: u64, m: u64| BTreeMap::from([("F".to_owned(), f), ("M".to_owned(), m)]);
    assert!(publishable(cells(10, 10)).is_some());
    assert!(publishable(cells(100, 9)).is_none());
    assert!(publishable(BTreeMap::new()).is_none());
    assert_eq!(
        (publishable_count(9), publishable_count(10)),
        (None, Some(10))
    );
}

#[test]
fn what_is_withheld_does_not_follow_from_the_sum() {
    let check = |counts: &[u64], expected: &[bool]| {
        assert_eq!(open_counts(counts), expected, "{counts:?}");
    };
    check(&[10, 20, 30], &[true, true, true]);
    // The sum would tell the 4: the smallest other goes with it.
    check(&[4, 20, 30], &[false, false, true]);
    check(&[4, 7, 30], &[false, false, true]);
    // Two that are nine together would tell that both are small.
    check(&[4, 5, 30, 40], &[false, false, false, true]);
    check(&[4, 5], &[false, false]);
    check(&[], &[]);
    // By sex: the second column of the first row is small; alone it would follow from the country's.
    let rows = [vec![40, 9], vec![50, 60], vec![12, 14], vec![70, 80]];
    assert_eq!(open_rows(&rows), [false, true, false, true]);
    for rows in [
        vec![vec![3, 50], vec![50, 3], vec![99, 98], vec![11, 12]],
        vec![vec![0, 0], vec![10, 10]],
    ] {
        let open = open_rows(&rows);
        let hidden: Vec<&Vec<u64>> = rows
            .iter()
            .zip(&open)
            .filter(|o| !o.1)
            .map(|r| r.0)
            .collect();
        assert!(hidden.len() > 1);
        for column in 0..2 {
            let sum: u64 = hidden.iter().map(|row| row[column]).sum();
            assert!(sum >= CELL_MIN, "{rows:?}");
        }
    }
}

#[test]
fn small_exclusions_are_gathered_until_they_are_ten() {
    let cells = |counts: &[u64]| {
        let named = counts
            .iter()
            .enumerate()
            .map(|(at, count)| (format!("R{at}"), *count));
        gathered(named.collect())
    };
    assert_eq!(
        cells(&[0, 20, 30]),
        BTreeMap::from([("R1".to_owned(), 20), ("R2".to_owned(), 30)])
    );
    assert_eq!(
        cells(&[4, 7, 30]),
        BTreeMap::from([("OTHER".to_owned(), 11), ("R2".to_owned(), 30)])
    );
    assert_eq!(
        cells(&[4, 20, 30]),
        BTreeMap::from([("OTHER".to_owned(), 24), ("R2".to_owned(), 30)])
    );
    assert!(cells(&[4, 3]).is_empty());
}

#[test]
fn the_list_is_counted_by_region_sex_and_age() {
    let mut country = Country::new();
    for n in 0..12 {
        country.voter(&format!("Асанова{n}"));
    }
    let (snapshot, roll) = country.formed();
    let found = statistics(&snapshot, &roll, &law());
    assert_eq!(found.country.voters, 12);
    assert_eq!(found.country.by_sex, BTreeMap::from([("F".to_owned(), 12)]));
    assert_eq!(
        found.country.by_age,
        BTreeMap::from([("35-44".to_owned(), 12)])
    );
    assert_eq!(found.regions.get("bishkek").unwrap().voters, 12);
}
