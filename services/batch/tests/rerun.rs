//! A run from what an earlier one kept writes the same files as a run from scratch.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::collections::BTreeMap;
use std::path::Path;

use batch::folder::{Trust, files_below};
use batch::{
    Between, Formed, Reading, Rerun, form_roll_again, publish, write_changes, write_packages,
    write_snapshot,
};
use lexicon::PersonId;
use lexicon::handover::envelope::Signer as _;
use lexicon::handover::snapshot::SnapshotTables;
use small::varied::{Dice, varied};
use small::{Run, Scratch, lookup_key, package_terms, publication_terms};

fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let paths = files_below(dir).unwrap();
    paths
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(dir.join(&path)).unwrap()))
        .collect()
}

/// The country `to`, of whose people and houses only some have changed since `from`.
fn some_of(from: &SnapshotTables, to: &SnapshotTables, dice: &mut Dice) -> SnapshotTables {
    let people: Vec<PersonId> = to
        .persons
        .iter()
        .map(|row| row.person)
        .filter(|_| dice.below(5) == 0)
        .collect();
    let gone: Vec<PersonId> = to
        .persons
        .iter()
        .map(|row| row.person)
        .filter(|_| dice.below(20) == 0)
        .collect();
    let mut made = from.clone();
    macro_rules! mix {
        ($($table:ident),*) => {$(
            made.$table.retain(|row| !people.contains(&row.person));
            let new = to.$table.iter().filter(|row| people.contains(&row.person));
            made.$table.extend(new.cloned());
            made.$table.retain(|row| !gone.contains(&row.person));
        )*};
    }
    mix!(
        persons,
        documents,
        residences,
        civil_events,
        enrolments,
        references
    );
    if dice.below(3) == 0 {
        let house = dice.below(made.addresses.len());
        made.addresses[house] = to.addresses[house].clone();
    }
    match dice.below(10) {
        0 => made.claims.clone_from(&to.claims),
        1 => made.boundaries.clone_from(&to.boundaries),
        2 => made.commission.clone_from(&to.commission),
        3 => made.review_answers.clone_from(&to.review_answers),
        4 => made.street_names.clone_from(&to.street_names),
        5 => made.second_addresses.clone_from(&to.second_addresses),
        _ => {}
    }
    made
}

struct World {
    scratch: Scratch,
    run: Run,
}

impl World {
    fn new(name: &str, tables: &SnapshotTables) -> Self {
        let scratch = Scratch::new(name);
        let run = Run::new(scratch.path(), tables);
        Self { scratch, run }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.scratch.path().join(name)
    }

    fn form(&self, snapshot: &str, out: &str, rerun: Rerun<'_>) -> Formed {
        let (snapshot, out) = (self.path(snapshot), self.path(out));
        std::fs::create_dir_all(&out).unwrap();
        let mut job = self.run.job(&snapshot, 2);
        job.out = &out;
        form_roll_again(&job, None, rerun).unwrap()
    }

    fn changes(&self, base: &str, newer: &str, out: &str) {
        let trust = Trust {
            verifier: &self.run.chain.ring,
            signer: self.run.chain.register.kid(),
            election: self.run.law.election.number,
        };
        let between = Between {
            base: &self.path(base),
            newer: &self.path(newer),
        };
        let key = &self.run.chain.register;
        write_changes(&self.path(out), between, &self.run.law, trust, key).unwrap();
    }

    fn snapshot(&self, name: &str, tables: &SnapshotTables) {
        let key = &self.run.chain.register;
        write_snapshot(&self.path(name), tables, &self.run.law, name, key).unwrap();
    }
}

fn keep(changes: Option<&Path>) -> Rerun<'_> {
    Rerun {
        changes,
        keep: true,
    }
}

#[test]
fn several_changes_in_a_row_give_the_files_of_a_run_from_scratch() {
    let mut kept = 0;
    for seed in 0..24 {
        let mut dice = Dice::new(seed);
        let mut tables = varied(seed);
        let world = World::new(&format!("rerun-{seed}"), &tables);
        world.snapshot("s0", &tables);
        world.form("s0", "again", keep(None));
        for round in 1..4 {
            tables = some_of(&tables, &varied(seed + 100 * round), &mut dice);
            if dice.below(2) == 0 {
                dice.shuffle(&mut tables.residences);
            }
            let (base, newer) = (format!("s{}", round - 1), format!("s{round}"));
            world.snapshot(&newer, &tables);
            world.changes(&base, &newer, "changes");
            let changes = world.path("changes");
            let again = world.form(&newer, "again", keep(Some(&changes)));
            assert!(
                matches!(again.reading, Reading::Kept(_)),
                "{:?}",
                again.reading
            );
            kept += u64::from(again.reading != Reading::Kept(0));
            let anew = world.form(&newer, &format!("anew{round}"), Rerun::default());
            assert_eq!(anew.reading, Reading::Anew(None));
            assert_eq!(again.release_id, anew.release_id);
            assert_eq!(
                contents(&world.path("again/roll")),
                contents(&world.path(&format!("anew{round}/roll"))),
                "seed {seed}, round {round}"
            );
        }
    }
    // Most rounds leave precincts, boundaries and the commission's rows alone.
    assert!(kept > 40, "{kept}");
}

#[test]
fn packages_and_publication_of_a_rerun_are_those_of_a_run_from_scratch() {
    let (before, after) = (varied(3), {
        let mut dice = Dice::new(9);
        some_of(&varied(3), &varied(4), &mut dice)
    });
    let world = World::new("rerun-packages", &before);
    world.form("snapshot", "again", keep(None));
    world.snapshot("newer", &after);
    world.changes("snapshot", "newer", "changes");
    let changes = world.path("changes");
    for (out, rerun) in [("again", keep(Some(&changes))), ("anew", Rerun::default())] {
        let formed = world.form("newer", out, rerun);
        let (snapshot, dir) = (world.path("newer"), world.path(out));
        let mut job = world.run.job(&snapshot, 2);
        job.out = &dir;
        let previous = BTreeMap::new();
        write_packages(&job, &formed, &package_terms(&previous)).unwrap();
        small::sign_both(&job, &world.run.chain);
        small::sign_drawn(&job.place(), batch::Drawn::Packages, &world.run.chain);
        let (lookup, trust) = (lookup_key(), world.run.chain.trust());
        let approvals = small::approvals(&formed.release, &world.run.chain);
        publish(
            &job,
            &formed,
            &publication_terms(&world.run, &trust, &lookup, &approvals, true),
        )
        .unwrap();
    }
    for folder in ["roll", "packages", "publication"] {
        let of = |out: &str| contents(&world.path(out).join(folder));
        assert_eq!(of("again"), of("anew"), "{folder}");
    }
}

#[test]
fn references_that_were_changed_behind_an_image_stop_the_packages() {
    let world = World::new("rerun-references", &varied(3));
    world.form("snapshot", "out", keep(None));
    let (snapshot, dir) = (world.path("snapshot"), world.path("out"));
    let formed = world.form("snapshot", "out", Rerun::default());
    assert_eq!(formed.reading, Reading::Kept(0));
    let path = snapshot.join("references.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.push(0);
    std::fs::write(&path, bytes).unwrap();
    let mut job = world.run.job(&snapshot, 2);
    job.out = &dir;
    let previous = BTreeMap::new();
    let refused = write_packages(&job, &formed, &package_terms(&previous)).unwrap_err();
    assert!(
        refused.to_string().contains("references.parquet"),
        "{refused}"
    );
}

#[test]
fn an_image_that_does_not_fit_is_passed_over_and_the_reason_told() {
    let before = varied(1);
    let mut dice = Dice::new(2);
    let after = some_of(&before, &varied(2), &mut dice);
    let world = World::new("rerun-refused", &before);
    world.snapshot("newer", &after);
    world.snapshot("third", &varied(7));
    world.changes("snapshot", "newer", "changes");
    world.changes("newer", "third", "later");
    let (changes, later) = (world.path("changes"), world.path("later"));
    let given = Rerun {
        changes: Some(&changes),
        keep: false,
    };
    let whole = world.form("newer", "whole", Rerun::default());
    let check = |what: &str, rerun: Rerun<'_>, expected: &str| {
        let formed = world.form("newer", "out", rerun);
        let Reading::Anew(Some(why)) = &formed.reading else {
            unreachable!("{what}: {:?}", formed.reading)
        };
        assert!(why.contains(expected), "{what}: {why}");
        assert_eq!(formed.release_id, whole.release_id, "{what}");
    };
    check("no image", given, "no image is kept");
    world.form("snapshot", "out", keep(None));
    check("no changes", Rerun::default(), "no changes were given");
    let other = Rerun {
        changes: Some(&later),
        keep: false,
    };
    check("changes to another snapshot", other, "lead to another");
    // A byte of each file, and of the manifest.
    for name in files_below(&world.path("out/kept")).unwrap() {
        let path = world.path("out/kept").join(&name);
        let bytes = std::fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        std::fs::write(&path, changed).unwrap();
        check(&name, given, "");
        std::fs::remove_file(&path).unwrap();
        check(&name, given, "");
        std::fs::write(&path, bytes).unwrap();
    }
    // A changed file of the changes, and changes that another key signed.
    let path = changes.join("persons.parquet");
    let bytes = std::fs::read(&path).unwrap();
    let mut changed = bytes.clone();
    changed[9] ^= 1;
    std::fs::write(&path, changed).unwrap();
    check("changed changes", given, "the file was changed");
    std::fs::write(&path, bytes).unwrap();
    let fits = world.form("newer", "out", given);
    assert!(
        matches!(fits.reading, Reading::Kept(_)),
        "{:?}",
        fits.reading
    );
    world.form("third", "out", keep(None));
    check("changes from another snapshot", given, "begin at another");
}
