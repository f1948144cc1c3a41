#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::{CivilName, NameParts};
use proptest::prelude::*;

use super::*;
use crate::form::printed;
use crate::testkit::{Country, law};

proptest! {
    #[test]
    fn one_precinct_alone_gets_the_lines_of_the_whole_country(
        names in prop::collection::vec("[АӨҮҢЕЁаөүңеё -]{1,3}", 1..60),
        lines_per_page in 0u16..9,
    ) {
        let mut country = Country::new();
        for (at, name) in names.iter().enumerate() {
            // Equal names happen: birth date and id tell their lines apart.
            let surname = format!("А{}а", name.trim());
            let parts = NameParts { surname: &surname, given: "Айгүл", patronymic: "" };
            country.voter(&format!("Voter{at}")).name = CivilName::parse(parts).unwrap();
        }
        let mut terms = law();
        terms.list.lines_per_page = lines_per_page;
        let snapshot = crate::SnapshotBuilder::tables(&country.tables).unwrap();
        let roll = crate::form(&snapshot, &terms).unwrap();
        for list in &roll.lists {
            let voters: Vec<_> = list.persons.iter().rev().map(|person| {
                let (words, born) = printed(&snapshot, &roll.claims, *person);
                let [surname, given, patronymic] = words.map(|word| snapshot.words.text(word));
                Printed { surname, given, patronymic, born, person: snapshot.person(*person).id }
            }).collect();
            let numbered = number_lines(&voters, lines_per_page);
            for (person, got) in list.persons.iter().rev().zip(numbered) {
                let place = roll.place(*person).unwrap();
                prop_assert_eq!(got, Numbered { line: place.line, page: place.page });
            }
        }
    }
}
