//! L-10 over HTTP, smaller than `./test --long enumeration`: nobody is found by trying numbers in a row.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use benchmark::enumeration::{Terms, attack};

#[test]
fn l_10_numbers_in_a_row_give_no_record_and_each_address_gets_so_many_answers_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let terms = Terms::usual();
    let found = attack(dir.path(), terms).unwrap();
    println!("{found}");
    found.demand(terms).unwrap();
    assert_eq!(found.most_of_one_address, terms.per_address);
    assert_eq!(found.no_match, terms.addresses * terms.per_address);
}
