//! The right voter among the first five, over slips of names in a precinct of 10,000. Rates only: times are the
//! matter of `tizme-bench search`.

use benchmark::slips::{Names, Slip};

#[test]
fn a_slip_of_a_name_finds_its_voter_among_the_first_five() {
    let names = Names::draw(10_000, 7).expect("10,000 voters can be made");
    assert_eq!(names.names.len(), 10_000);
    let index = names.index();
    let slips = names.slips(600, 20_151_004);
    let counts = names.found(&slips, &index);
    println!("{counts:?}");
    let found: u32 = counts.iter().map(|count| count.2).sum();
    assert!(found * 100 >= 600 * 99, "{found} of 600: {counts:?}");
    for (kind, tried, found) in counts {
        assert!(
            tried > 0 && found * 100 >= tried * 95,
            "{kind:?}: {found} of {tried}"
        );
    }
}

/// Nonsense finds nobody, or the measure above would mean nothing.
#[test]
fn a_strangers_name_finds_nobody() {
    let names = Names::draw(2_000, 7).expect("2,000 voters can be made");
    let index = names.index();
    let nobody = [(
        Slip::Letter,
        1,
        "Wolfeschlegelsteinhausen Bergerdorff".to_owned(),
    )];
    assert!(
        names
            .found(&nobody, &index)
            .iter()
            .all(|count| count.2 == 0)
    );
}
