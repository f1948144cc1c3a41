#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use std::collections::BTreeSet;

use fingerprint::{Prepared, Score, Template};

use super::*;

#[test]
fn the_invented_voters_stand_once_each_under_numbers_that_nobody_bears() {
    let pins: BTreeSet<String> = PEOPLE.iter().map(Trainee::pin).collect();
    assert_eq!(pins.len(), PEOPLE.len());
    for (line, one) in (1..).zip(PEOPLE) {
        assert_eq!(one.line, line);
        assert!(one.pin().ends_with("00000"), "the specimen's serial");
        assert!(lexicon::Pin::parse(&one.pin(), lexicon::Date::constant(2000, 1, 2)).is_ok());
    }
}

#[test]
fn an_impression_fits_its_voter_and_nobody_else() {
    let threshold = Score::at_fmr(1e-4).value();
    let prepared = |record: &[u8]| Prepared::new(&Template::from_iso(record).unwrap());
    let mut others = 0;
    for one in PEOPLE {
        let known = prepared(&people::record(one.line, 2, 0));
        for other in PEOPLE {
            let live = prepared(&people::record(other.line, 2, 1));
            let score = fingerprint::score(&live, &known).value();
            if one.line == other.line {
                assert!(score >= threshold, "{}: {score:?}", one.line);
            } else {
                others += usize::from(score >= threshold);
            }
        }
    }
    assert_eq!(others, 0, "of {} pairs", PEOPLE.len() * (PEOPLE.len() - 1));
}

#[test]
fn a_folder_is_made_once_and_its_seed_is_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str, part: &str| std::fs::read(folder.path().join(name).join(part)).unwrap();
    for (name, seed) in [("a", "one"), ("b", "one"), ("c", "two")] {
        make(&folder.path().join(name), seed.as_bytes(), "127.0.0.1:0").unwrap();
    }
    let package = "packages/9999.package";
    assert_eq!(read("a", package), read("b", package));
    assert_ne!(read("a", package), read("c", package));
    let path = folder.path().join("a/kit.toml");
    let made = std::fs::read_to_string(&path).unwrap();
    let own = format!("{made}# mine\n");
    std::fs::write(&path, &own).unwrap();
    make(&folder.path().join("a"), b"one", "127.0.0.1:0").unwrap();
    assert_eq!(read("a", "kit.toml"), own.as_bytes(), "what is there stays");

    // The folder of an election's kit, or its keys alone, are none of a training's.
    let elections = made.replace("exercise = \"training\"", "");
    assert_ne!(elections, made);
    std::fs::write(&path, elections).unwrap();
    assert!(make(&folder.path().join("a"), b"one", "127.0.0.1:0").is_err());
    std::fs::create_dir_all(folder.path().join("d/keys")).unwrap();
    std::fs::write(folder.path().join("d/keys/K1.key"), "another kit's").unwrap();
    assert!(make(&folder.path().join("d"), b"one", "127.0.0.1:0").is_err());
    assert_eq!(read("d", "keys/K1.key"), b"another kit's");
}
