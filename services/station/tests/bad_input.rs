//! What a kit says to wrong packages, wrong cards and changed journals: one clear error each.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod precinct;

use std::path::Path;
use std::sync::Arc;

use lexicon::handover::package::PackageError;
use precinct::change::{Draw, changed, rounds};
use precinct::{Precinct, at, capture, open};
use station::clock::SetClock;
use station::journal::JournalError;
use station::printer::MemoryPrinter;
use station::{Card, Ciphertext, Kit, KitConfig, OpenError};

fn try_open(
    precinct: &Precinct,
    folder: &Path,
    change: impl FnOnce(&mut KitConfig),
) -> Result<Arc<Kit>, OpenError> {
    let clock = Arc::new(SetClock::new(at(10)));
    let mut config = precinct.config(folder, &clock, &Arc::new(MemoryPrinter::default()));
    change(&mut config);
    Kit::open(config, precinct.kit_key("K1"), &precinct.pair())
}

fn error(result: Result<Arc<Kit>, OpenError>) -> OpenError {
    match result {
        Err(error) => error,
        Ok(_) => panic!("the kit opened"),
    }
}

#[test]
fn each_wrong_package_has_its_own_error_and_nothing_is_written() {
    let here = Precinct::new(1001, 20);
    let there = Precinct::new(1002, 20);
    let folder = tempfile::tempdir().unwrap();
    let try_with = |change: &dyn Fn(&mut KitConfig)| {
        error(try_open(&here, folder.path(), |config| change(config)))
    };
    let wrong = try_with(&|config| {
        config.manifest = there.manifest.clone();
        config.ciphertext = Ciphertext::Bytes(there.ciphertext.clone());
    });
    assert_eq!(
        wrong.to_string(),
        "the package is for precinct 1002, this station serves 1001"
    );
    let swapped =
        try_with(&|config| config.ciphertext = Ciphertext::Bytes(there.ciphertext.clone()));
    assert!(
        matches!(swapped, OpenError::Package(PackageError::Ciphertext)),
        "{swapped}"
    );
    let short =
        try_with(&|config| config.ciphertext = Ciphertext::Bytes(here.ciphertext[..100].to_vec()));
    assert!(
        matches!(short, OpenError::Truncated { got: 100, .. }),
        "{short}"
    );
    let flipped = try_with(&|config| {
        let mut bytes = here.ciphertext.clone();
        bytes[50] ^= 1;
        config.ciphertext = Ciphertext::Bytes(bytes);
    });
    assert!(
        matches!(flipped, OpenError::Package(PackageError::Ciphertext)),
        "{flipped}"
    );
    let changed = try_with(&|config| config.manifest[200] ^= 1);
    assert!(matches!(changed, OpenError::Manifest(_)), "{changed}");
    let other_election = try_with(&|config| config.election = 20_200_101);
    assert!(
        matches!(
            other_election,
            OpenError::OtherElection {
                expected: 20_200_101,
                ..
            }
        ),
        "{other_election}"
    );
    let single = try_with(&|config| {
        config
            .publishers
            .required
            .push(there.officers[0].public_key().kid())
    });
    assert!(matches!(single, OpenError::Manifest(_)), "{single}");
    let early = try_with(&|config| config.clock = Arc::new(SetClock::new(at(-2 * 86_400))));
    assert!(matches!(early, OpenError::NotNow { .. }), "{early}");
    let late = try_with(&|config| config.clock = Arc::new(SetClock::new(at(4 * 86_400))));
    assert!(matches!(late, OpenError::NotNow { .. }), "{late}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Story S-21: an older list than the one that was opened here is refused, and the newer one still opens.
#[test]
fn an_older_list_than_the_opened_one_is_refused() {
    let here = Precinct::new(1001, 20);
    let folder = tempfile::tempdir().unwrap();
    assert!(try_open(&here, folder.path(), |_| ()).is_ok());
    let mark = folder.path().join("K1.release");
    let release: u32 = std::fs::read_to_string(&mark).unwrap().parse().unwrap();
    std::fs::write(&mark, (release + 1).to_string()).unwrap();
    let older = error(try_open(&here, folder.path(), |_| ()));
    assert!(
        matches!(older, OpenError::Older { opened, found } if opened == release + 1 && found == release),
        "{older}"
    );
    std::fs::write(&mark, (release - 1).to_string()).unwrap();
    assert!(try_open(&here, folder.path(), |_| ()).is_ok());
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), release.to_string());
}

#[test]
fn every_flipped_byte_of_a_manifest_is_refused() {
    let here = Precinct::new(1001, 20);
    let folder = tempfile::tempdir().unwrap();
    for place in (0..here.manifest.len()).step_by(7) {
        let refused = try_open(&here, folder.path(), |config| {
            config.manifest[place] ^= 0x10
        });
        assert!(refused.is_err(), "byte {place}");
    }
}

/// `TIZME_ROUNDS=100000` tries so many.
#[test]
fn no_changed_manifest_configures_a_kit() {
    let here = Precinct::new(1001, 20);
    let folder = tempfile::tempdir().unwrap();
    let mut draw = Draw::new(19);
    for round in 0..rounds(20_000) {
        let manifest = changed(&here.manifest, &mut draw);
        let refused = try_open(&here, folder.path(), |config| config.manifest = manifest);
        assert!(refused.is_err(), "round {round}");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "a kit that was not configured wrote nothing");
}

#[test]
fn wrong_cards_and_a_wrong_kit_do_not_open() {
    let here = Precinct::new(1001, 20);
    let there = Precinct::new(1002, 20);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::new(at(10)));
    let try_cards = |cards: &[&dyn Card], kit: Arc<dyn Card>| {
        let config = here.config(folder.path(), &clock, &Arc::new(MemoryPrinter::default()));
        error(Kit::open(config, kit, cards))
    };
    let few = try_cards(&here.pair()[..1], here.kit_key("K1"));
    assert!(matches!(
        few,
        OpenError::Package(PackageError::TooFewOfficers { got: 1, needed: 2 })
    ));
    let strangers = try_cards(&there.pair(), here.kit_key("K1"));
    assert!(matches!(
        strangers,
        OpenError::Package(PackageError::TooFewOfficers { got: 0, .. })
    ));
    let twice: [&dyn Card; 2] = [&here.officers[0], &here.officers[0]];
    assert!(matches!(
        try_cards(&twice, here.kit_key("K1")),
        OpenError::Package(PackageError::TooFewOfficers { got: 1, .. })
    ));
    let one_body: [&dyn Card; 2] = [&here.officers[0], &here.officers[1]];
    assert!(matches!(
        try_cards(&one_body, here.kit_key("K1")),
        OpenError::Package(PackageError::SameBody)
    ));
    let foreign_kit = try_cards(&here.pair(), there.kit_key("K1"));
    assert!(matches!(
        foreign_kit,
        OpenError::Package(PackageError::UnknownKit)
    ));
}

#[test]
fn a_changed_lost_or_foreign_journal_stops_the_start_and_stays_as_it_is() {
    let here = Precinct::new(1001, 20);
    let folder = tempfile::tempdir().unwrap();
    let bench = open(&here, "K1", folder.path(), 10);
    bench.kit.present(7, &capture(70)).unwrap();
    bench.kit.present(8, &capture(80)).unwrap();
    drop(bench);
    let path = folder.path().join("K1.journal");
    let whole = std::fs::read(&path).unwrap();
    let with = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let refused = error(try_open(&here, folder.path(), |_| {}));
        assert_eq!(
            std::fs::read(&path).unwrap(),
            bytes,
            "a refused journal is evidence"
        );
        refused
    };
    let mut flipped = whole.clone();
    flipped[40] ^= 1;
    let damaged = with(&flipped);
    assert!(
        matches!(
            damaged,
            OpenError::Journal(JournalError::Damaged { whole: 0, .. })
        ),
        "{damaged}"
    );
    // A record taken out of the middle: every checksum fits, the chain does not.
    let lengths: Vec<usize> = lexicon::handover::event::unframe(&whole)
        .events
        .iter()
        .map(|event| event.len() + 12)
        .collect();
    let mut without = whole.clone();
    without.drain(lengths[0]..lengths[0] + lengths[1]);
    without.resize(whole.len(), 0);
    let gap = with(&without);
    assert!(
        matches!(
            gap,
            OpenError::Journal(JournalError::Foreign { record: 2, .. })
        ),
        "{gap}"
    );
    // The journal of another precinct's kit under this kit's name.
    let there = Precinct::new(1002, 20);
    let elsewhere = tempfile::tempdir().unwrap();
    drop(open(&there, "K1", elsewhere.path(), 10));
    let foreign = with(&std::fs::read(elsewhere.path().join("K1.journal")).unwrap());
    assert!(
        matches!(
            foreign,
            OpenError::Journal(JournalError::Foreign { record: 1, .. })
        ),
        "{foreign}"
    );
    std::fs::write(folder.path().join("K1.mark"), "99\n").unwrap();
    let back = with(&whole);
    assert!(
        matches!(
            back,
            OpenError::Journal(JournalError::SetBack { mark: 99, .. })
        ),
        "{back}"
    );
    std::fs::remove_file(&path).unwrap();
    let lost = error(try_open(&here, folder.path(), |_| {}));
    assert!(
        matches!(lost, OpenError::Journal(JournalError::Lost { seq: 99, .. })),
        "{lost}"
    );
    assert!(
        !path.exists(),
        "an empty journal took the place of a lost one"
    );
}
