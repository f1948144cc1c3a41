//! L-09 at its size. List 6 stands and is published, list 7 follows with people added. 1,000 voters of list 7 have a proof
//! up to the signed root, 1,000 who are absent a signed statement with its reason; one flipped bit in each of the 2,000
//! breaks it. List 6 stays provable, the log of list 7 holds the log of list 6, the signed delta is the difference of two
//! lists, and two witnesses refuse a head that forked.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::collections::BTreeSet;
use std::path::Path;

use batch::{
    DeltaJob, Expected, Job, check_release, form_roll, publish, write_delta, write_snapshot,
};
use lexicon::handover::envelope::{DocumentType, Signer as _, Subject, decode, open_all, open1};
use lexicon::handover::lookup::LookupFile;
use lexicon::handover::release::{Absence, ListRelease, SaltedLine};
use lexicon::handover::snapshot::CivilEventRow;
use small::varied::Dice;
use small::{
    Run, Scratch, document, lookup_key, moment, person, pin, publication_terms, tables_of,
};

const BEFORE: usize = 11_000;
const AFTER: usize = 12_000;
const ASKED: usize = 1_000;

fn subject(kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: small::law().election.number,
    }
}

fn published(run: &Run, job: &Job<'_>) -> ListRelease {
    let formed = form_roll(job).unwrap();
    small::sign_both(job, &run.chain);
    let (lookup, trust) = (lookup_key(), run.chain.trust());
    let approvals = small::approvals(&formed.release, &run.chain);
    let terms = publication_terms(run, &trust, &lookup, &approvals, false);
    publish(job, &formed, &terms).unwrap();
    formed.release
}

/// The commitments of a published list, from its tiles.
fn commitments(publication: &Path, number: u32, size: u64) -> Vec<Vec<u8>> {
    let mut entries: Vec<Vec<u8>> = Vec::new();
    while (entries.len() as u64) < size {
        let index = entries.len() as u64 / u64::from(tlog::TILE_WIDTH);
        let tile = tlog::Tile::in_tree(tlog::TileKind::Entries, index, size).unwrap();
        let bytes =
            std::fs::read(publication.join(format!("list-{number}/{}", tile.path()))).unwrap();
        let bundle = tlog::bundle_entries(&bytes, tile.width()).unwrap();
        entries.extend(bundle.into_iter().map(<[u8]>::to_vec));
    }
    entries
}

fn leaves(entries: &[Vec<u8>]) -> Vec<tlog::Hash> {
    entries.iter().map(|entry| tlog::leaf_hash(entry)).collect()
}

fn flipped(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let at = dice.below(changed.len());
    changed[at] ^= 1 << dice.below(8);
    changed
}

#[test]
fn l_09_a_thousand_proofs_and_a_thousand_absences_hold_and_each_flip_is_found() {
    let dir = Scratch::new("publication-l09");
    let run = Run::new(dir.path(), &tables_of(BEFORE));
    let publication = dir.path().join("publication");
    let first_snapshot = dir.path().join("snapshot");
    let first = published(&run, &run.job(&first_snapshot, 2));
    let old_log = std::fs::read(publication.join("checkpoint")).unwrap();
    let second_snapshot = dir.path().join("snapshot-7");
    let register = &run.chain.register;
    write_snapshot(&second_snapshot, &tables_of(AFTER), &run.law, "1", register).unwrap();
    let mut job = run.job(&second_snapshot, 2);
    job.release.number = 2;
    job.release.previous = {
        let bytes = std::fs::read(publication.join("release-1.cose")).unwrap();
        let both = [run.chain.srs.kid(), run.chain.cec.kid()];
        let signed = open_all(
            subject(DocumentType::ListRelease),
            &bytes,
            &run.chain.ring,
            &both,
        );
        Some(signed.unwrap().id)
    };
    let second = published(&run, &job);
    assert!(first.total < second.total && second.total + 1_000 < AFTER as u64);

    // Proofs and absences of 1,000 people each, and one flipped bit in each.
    let bytes = std::fs::read(publication.join("lookup.bin")).unwrap();
    let file = LookupFile::parse(&bytes).unwrap();
    let tree = leaves(&commitments(&publication, 2, second.total));
    let root = tlog::Hash(*second.root);
    assert_eq!(tlog::root(&tree), root);
    let full = tlog::FullTree::new(tree);
    let mut dice = Dice::new(7);
    let (mut proven, mut absent) = (BTreeSet::new(), BTreeSet::new());
    while proven.len() < ASKED || absent.len() < ASKED {
        let n = dice.below(AFTER);
        let token = lookup_key().token(
            subject(DocumentType::Absence).election,
            &pin(n),
            &document(n),
        );
        let answer = file.find(&token).unwrap().unwrap();
        if let Some(line) = &answer.line {
            if proven.len() == ASKED || !proven.insert(n) {
                continue;
            }
            let proof = tlog::prove_inclusion(&full, answer.leaf, second.total).unwrap();
            let verify = |line: &SaltedLine| {
                let leaf = tlog::leaf_hash(&line.commitment());
                tlog::verify_inclusion(&proof, answer.leaf, second.total, leaf, root)
            };
            verify(line).unwrap();
            let mut other = line.clone();
            let changed = flipped(&*other.salt, &mut dice);
            other.salt = <[u8; 16]>::try_from(changed).unwrap().into();
            assert!(verify(&other).is_err(), "a flipped salt of {n}");
            let mut other = line.clone();
            other.line.born.replace_range(3..4, "x");
            assert!(verify(&other).is_err(), "another birth date of {n}");
        } else {
            if absent.len() == ASKED || !absent.insert(n) {
                continue;
            }
            let signed = answer.absence.as_ref().unwrap();
            let open = |bytes: &[u8]| open1(subject(DocumentType::Absence), bytes, &run.chain.ring);
            let said: Absence = decode(&open(signed).unwrap().payload).unwrap();
            assert_eq!((said.release, said.reason.as_str()), (2, "NO_BIOMETRICS"));
            assert_eq!(*said.token, token.address(), "it answers one question only");
            assert!(
                open(&flipped(signed, &mut dice)).is_err(),
                "a flipped statement of {n}"
            );
        }
    }

    // A flipped leaf in a copy of the lines: no signature is given, and the stranger names it.
    let path = dir.path().join("roll/lines/1001.cbor");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, flipped(&whole, &mut dice)).unwrap();
    assert!(check_release(&job.roll(), &Expected::default()).is_err());
    let found = verifier::verify(dir.path(), &[]).findings;
    assert!(
        found.iter().any(|f| f.file.contains("1001.cbor")),
        "{found:?}"
    );
    std::fs::write(&path, &whole).unwrap();

    // List 6 stays provable under its own root.
    let old = leaves(&commitments(&publication, 1, first.total));
    assert_eq!(tlog::root(&old), tlog::Hash(*first.root));

    // The election's log only grew, and two witnesses refuse a head that forked.
    let key = run.chain.log.signer(&run.chain.log.name).unwrap();
    let seen = tlog::Checkpoint::open(&old_log, key.verifier()).unwrap();
    let now = std::fs::read(publication.join("checkpoint")).unwrap();
    let now = tlog::Checkpoint::open(&now, key.verifier()).unwrap();
    let documents: Vec<Vec<u8>> = (1..=2)
        .map(|number| {
            let bytes = std::fs::read(publication.join(format!("release-{number}.cose"))).unwrap();
            let kind = DocumentType::ListRelease;
            let id = open_all(subject(kind), &bytes, &run.chain.ring, &[])
                .unwrap()
                .id;
            batch::publication::log_entry(kind.name(), id)
        })
        .collect();
    let log = leaves(&documents);
    assert_eq!((now.head().size, tlog::root(&log)), (2, now.head().root));
    let proof = tlog::prove_consistency(&log[..], seen.head().size, now.head().size).unwrap();
    tlog::verify_consistency(&proof, seen.head(), now.head()).unwrap();
    let forked = [tlog::leaf_hash(b"another release"), log[1]];
    let fork = tlog::TreeHead {
        size: 2,
        root: tlog::root(&forked),
    };
    let fork = tlog::Checkpoint::new(now.origin(), fork).unwrap();
    let proof = tlog::prove_consistency(&forked[..], 1, 2).unwrap();
    for witness in &run.chain.log.witnesses {
        let refused = tlog::may_cosign(Some(&seen), &fork, &proof);
        assert!(
            refused.is_err(),
            "{} saw another head",
            witness.verifier().name()
        );
    }

    // The signed delta is the difference of the list in force and the newer one.
    let mut later = tables_of(AFTER);
    for n in 0..50 {
        later.civil_events.push(CivilEventRow {
            event: format!("ev{n}"),
            person: person(n * 10),
            kind: "death".to_owned(),
            date: "2015-09-28".parse().unwrap(),
            act: format!("№ {n}"),
            surname: String::new(),
            given: String::new(),
            patronymic: String::new(),
        });
    }
    let newer = dir.path().join("snapshot-8");
    write_snapshot(&newer, &later, &run.law, "2", register).unwrap();
    let made = write_delta(&DeltaJob {
        law: &run.law,
        from: dir.path(),
        snapshot: &newer,
        keys: run.chain.keys(),
        randomness: &run.randomness,
        effective_at: moment("2015-09-29T12:00:00+06:00"),
        known_on: "2015-09-29".parse().unwrap(),
        report: &batch::steps::silent,
    })
    .unwrap();
    let (_, delta) = made.delta.unwrap();
    assert_eq!(
        (delta.changes.len(), delta.voters_before),
        (50, second.total)
    );
    assert_eq!(delta.voters_after, second.total - 50);
    assert_eq!(*delta.root_before, *second.root);
}
