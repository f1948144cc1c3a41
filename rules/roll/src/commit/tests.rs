#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, law};

fn committed(country: &Country, key: u8) -> (Vec<SaltedLine>, [u8; 32], ListRelease) {
    let (snapshot, roll) = country.formed();
    let key = SaltKey::new(&[key; 32]);
    let lines: Vec<SaltedLine> = roll
        .lists
        .iter()
        .flat_map(|list| salted_lines(&snapshot, &roll, list, &key))
        .collect();
    let commitments: Vec<[u8; 32]> = lines.iter().map(SaltedLine::commitment).collect();
    let root = root(&commitments);
    let terms = ReleaseTerms {
        release: 1,
        previous: None,
        snapshot: DocumentId([3; 32]),
        frozen_at: Instant::from_micros(5),
        stage: Stage::Final,
    };
    (lines, root, release(&roll, &law(), root, terms))
}

fn country() -> Country {
    let mut country = Country::new();
    for name in ["Асанова", "Бекова", "Үсөнова"] {
        country.voter(name);
    }
    country.form2("f", "Бекова", 1002, "2015-09-01T10:00:00");
    country.event("Үсөнова", "death", "2015-01-01");
    country
}

#[test]
fn the_release_says_who_stands_where_and_why_others_do_not() {
    let (lines, root, release) = committed(&country(), 1);
    assert_eq!(*release.root, root);
    let totals: Vec<_> = release
        .precincts
        .iter()
        .map(|p| (p.precinct, p.first_leaf, p.lines))
        .collect();
    assert_eq!(totals, vec![(1001, 0, 1), (1002, 1, 1), (9001, 2, 0)]);
    assert_eq!((release.considered, release.total), (3, 2));
    assert_eq!(
        (
            release.excluded[0].reason.as_str(),
            release.excluded[0].count
        ),
        ("DEAD", 1)
    );
    assert_eq!(lines[0].line.address, "Манас, 1");
    assert_eq!(
        (
            lines[1].line.precinct,
            lines[1].line.line,
            lines[1].line.page
        ),
        (1002, 1, 1)
    );
}

#[test]
fn another_salt_key_or_another_letter_gives_another_root() {
    let (_, first, _) = committed(&country(), 1);
    assert_eq!(first, committed(&country(), 1).1);
    assert_ne!(first, committed(&country(), 2).1);
    let mut renamed = country();
    let parts = lexicon::NameParts {
        surname: "Асанава",
        given: "Айгүл",
        patronymic: "",
    };
    renamed.tables.persons[0].name = lexicon::CivilName::parse(parts).unwrap();
    assert_ne!(first, committed(&renamed, 1).1);
}

// The root by the definition of RFC 6962, written out for two leaves.
#[test]
fn the_root_is_the_tree_hash_over_commitments() {
    let (lines, root, _) = committed(&country(), 1);
    let leaf = |line: &SaltedLine| tlog::leaf_hash(&line.commitment());
    assert_eq!(root, tlog::node_hash(leaf(&lines[0]), leaf(&lines[1])).0);
}

#[test]
fn stages_are_read_back_by_their_codes() {
    for stage in [Stage::Preliminary, Stage::Control, Stage::Final] {
        assert_eq!(Stage::from_code(stage.code()), Some(stage));
    }
    assert_eq!(Stage::from_code("draft"), None);
}
