//! A kit that is set up by laying a package, trust anchors and cards into a folder: what it finds, whom it believes, and
//! what it refuses to choose.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::fs;
use std::path::Path;

use keys::FileKey;
use lexicon::handover::envelope::{DocumentType, SUITE, Signer, Subject, encode, sign_all};
use lexicon::handover::folder::{Anchor, TrustAnchors};
use lexicon::handover::package::TRAINING_ELECTION;

use station::config::{Config, ConfigError, ConfigFile, ExerciseEntry, PrinterEntry, ScannerEntry};
use station::{Station, TwoCards};

const SEED: &[u8] = b"found";

fn key(label: &str) -> FileKey {
    FileKey::from_seed(SEED, label)
}

/// Trust anchors of an election that name these publishers, signed by `signers`.
fn trust(election: u32, publishers: [&FileKey; 2], signers: [&FileKey; 2]) -> Vec<u8> {
    let roots = [key("root one"), key("root two")];
    let anchor = |role: &str, key: &FileKey| Anchor {
        role: role.to_owned(),
        point: key.public_key().0.into(),
        home: FileKey::HOME.to_owned(),
    };
    let mut anchors = vec![
        anchor("cec-release", publishers[1]),
        anchor("srs-release", publishers[0]),
        anchor("root-cec", &roots[1]),
        anchor("root-srs", &roots[0]),
    ];
    anchors.sort();
    let payload = encode(&TrustAnchors {
        suite: SUITE.to_owned(),
        election,
        anchors,
        log_key: String::new(),
        witness_keys: Vec::new(),
        witnesses_needed: 0,
    });
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election,
    };
    let signers = signers.map(|key| key as &dyn Signer);
    sign_all(subject, &payload, &signers).unwrap()
}

/// What somebody brings on a stick: package, cards, keys and trust anchors, and no configuration.
fn brought() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let made = station::training::make(folder, SEED, "127.0.0.1:0").unwrap();
    fs::remove_file(made).unwrap();
    lay(folder, TRAINING_ELECTION, "training first publisher");
    place
}

fn lay(folder: &Path, election: u32, first: &str) {
    let publishers = [key(first), key("training second publisher")];
    let roots = [key("root one"), key("root two")];
    let [one, two] = &publishers;
    let bytes = trust(election, [one, two], [&roots[0], &roots[1]]);
    fs::write(folder.join("packages").join("trust.cose"), bytes).unwrap();
}

fn read_in(folder: &Path) -> Result<ConfigFile, ConfigError> {
    ConfigFile::read(&folder.join("kit.toml"))
}

#[test]
fn a_folder_with_package_cards_and_anchors_needs_no_configuration() {
    let place = brought();
    let file = read_in(place.path()).unwrap();
    assert_eq!((file.election, file.precinct), (TRAINING_ELECTION, 9999));
    assert_eq!(file.exercise, Some(ExerciseEntry::Training));
    assert!(file.package.ends_with("packages/9999.package"));
    assert_eq!(file.publishers.len(), 2);
    assert_eq!(file.cards.len(), 3);
    assert!(file.kit_key.as_ref().unwrap().ends_with("keys/K1.key"));
    assert_eq!(file.pages.to_string(), "127.0.0.1:8101");
    assert_eq!(file.lan.to_string(), "0.0.0.0:8201");
    assert!(
        matches!(&file.printer, PrinterEntry::Usb { device, .. } if device == Path::new("/dev/usb"))
    );
    assert!(matches!(&file.scanner, ScannerEntry::Libfprint { .. }));
    assert!(file.looks_around());
    // And it is enough to build everything.
    let config = Config::of(&file, place.path()).unwrap();
    assert_eq!(config.opening.publishers.len(), 2);
    assert!(config.charter().is_ok(), "both publishers signed it");
}

#[test]
fn a_kit_that_found_everything_opens_and_takes_no_other_publishers_after_that() {
    let place = brought();
    let folder = place.path();
    // The day of a training package is long past: the time alone is said.
    let time = "simulated_time = \"2000-01-02T09:00:00+06:00\"\n";
    fs::write(folder.join("kit.toml"), time).unwrap();
    let config = Config::read(&folder.join("kit.toml")).unwrap();
    let station = Station::new(Some(config.opening), config.cards, config.scanner);
    let cards = station.cards.cards();
    let two = TwoCards {
        kids: [cards[0].kid.clone(), cards[2].kid.clone()],
        passphrases: ["1111".to_owned(), "1111".to_owned()],
    };
    station.open(&two).unwrap();
    assert!(station.kit().is_some());
    assert!(read_in(folder).is_ok());
    lay(folder, TRAINING_ELECTION, "somebody else");
    let why = read_in(folder).unwrap_err().to_string();
    assert!(why.contains("other publishers"), "{why}");
}

#[test]
fn anchors_of_another_election_or_without_both_roots_are_refused() {
    let place = brought();
    let folder = place.path();
    lay(folder, 20_151_004, "training first publisher");
    let why = read_in(folder).unwrap_err().to_string();
    assert!(why.contains("of election 20151004"), "{why}");
    let publishers = [key("one"), key("two")];
    let [one, two] = &publishers;
    let forged = trust(TRAINING_ELECTION, [one, two], [one, two]);
    fs::write(folder.join("packages").join("trust.cose"), forged).unwrap();
    assert!(read_in(folder).is_err(), "signed by no root");
    fs::remove_file(folder.join("packages").join("trust.cose")).unwrap();
    let why = read_in(folder).unwrap_err().to_string();
    assert!(why.contains("trust.cose"), "{why}");
}

#[test]
fn two_packages_in_one_folder_are_not_chosen_among() {
    let place = brought();
    let packages = place.path().join("packages");
    fs::copy(
        packages.join("9999.manifest.cose"),
        packages.join("1001.manifest.cose"),
    )
    .unwrap();
    let why = read_in(place.path()).unwrap_err().to_string();
    assert!(why.contains("several"), "{why}");
    let empty = tempfile::tempdir().unwrap();
    assert!(
        read_in(empty.path()).is_err(),
        "a folder without a package is no kit"
    );
}
