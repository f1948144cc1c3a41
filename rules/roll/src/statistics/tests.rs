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
