//! From snapshot to publication, at the level of files.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod small;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use batch::columns::each_raw;
use batch::folder::{Trust, files_below, open_folder};
use batch::steps::Progress;
use batch::tables::ClaimOutcomeRow;
use batch::{form_roll, publish, read_snapshot, write_packages};
use keys::FileKey;
use lexicon::PrecinctCode;
use lexicon::handover::envelope::{DocumentType, Signer as _, Subject, decode, open_all, open1};
use lexicon::handover::lookup::LookupFile;
use lexicon::handover::package::{self, KeyAgreement, PackageManifest, index_token};
use lexicon::handover::release::{Absence, ListRelease, SaltedLine};
use lexicon::handover::snapshot::{ClaimRow, SecondAddressRow, SnapshotTables, StreetNameRow};
use small::varied::varied;
use small::{Hands, PERSONS, Run, Scratch, document, moment, package_terms, person, pin, tables};

fn election() -> u32 {
    small::law().election.number
}

/// Every file below a folder with its bytes.
fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let paths = files_below(dir).unwrap();
    paths
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(dir.join(&path)).unwrap()))
        .collect()
}

fn release_of(dir: &Path, run: &Run) -> ListRelease {
    let bytes = std::fs::read(dir.join("roll/release.cose")).unwrap();
    let subject = Subject {
        kind: DocumentType::ListRelease,
        election: election(),
    };
    let signed = open_all(
        subject,
        &bytes,
        &run.chain.ring,
        &[run.chain.srs.kid(), run.chain.cec.kid()],
    );
    decode(&signed.unwrap().payload).unwrap()
}

#[test]
fn a_snapshot_comes_back_as_it_was_written() {
    let dir = Scratch::new("chain-1");
    let run = Run::new(dir.path(), &tables());
    let trust = Trust {
        verifier: &run.chain.ring,
        signer: run.chain.register.kid(),
        election: election(),
    };
    let read = read_snapshot(&dir.path().join("snapshot"), &run.law, trust, 1).unwrap();
    let direct = roll::SnapshotBuilder::tables(&tables()).unwrap();
    assert_eq!(read.snapshot.persons.len(), direct.persons.len());
    let told = |s: &roll::Snapshot| {
        let roll = roll::form(s, &run.law).unwrap();
        let codes: Vec<_> = roll.decisions.iter().map(|d| d.code()).collect();
        (
            codes,
            roll.lists
                .iter()
                .map(|l| l.persons.clone())
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(told(&read.snapshot), told(&direct));
    assert_eq!(read.snapshot.commission.len(), PERSONS);
}

#[test]
fn answers_of_the_review_reach_the_release() {
    let dir = Scratch::new("chain-answers");
    let tables = varied(5);
    let run = Run::new(dir.path(), &tables);
    let snapshot = dir.path().join("snapshot");
    let formed = form_roll(&run.job(&snapshot, 2)).unwrap();
    let direct = roll::SnapshotBuilder::tables(&tables).unwrap();
    assert_eq!(formed.snapshot.answers, direct.answers);
    assert!(!direct.answers.is_empty());
    for how in ["joined", "apart", "placed", "contradicts"] {
        let source = format!("{how}=review/");
        let rows = formed.reconciliation.rows.iter();
        assert!(
            rows.into_iter().any(|row| row.evidence.contains(&source)),
            "{how}"
        );
    }
    let bytes = std::fs::read(dir.path().join("roll/reconciliation.parquet")).unwrap();
    // The same rows without answers are another reconciliation.
    let without = SnapshotTables {
        review_answers: Vec::new(),
        ..tables
    };
    let other = Scratch::new("chain-no-answers");
    let run = Run::new(other.path(), &without);
    let snapshot = other.path().join("snapshot");
    let formed = form_roll(&run.job(&snapshot, 1)).unwrap();
    assert!(formed.snapshot.answers.is_empty());
    assert_ne!(
        std::fs::read(other.path().join("roll/reconciliation.parquet")).unwrap(),
        bytes
    );
}

#[test]
fn a_correction_by_the_former_name_of_a_street_places_its_voter() {
    let mut tables = tables();
    let house = tables.addresses[6].clone();
    for row in &mut tables.addresses {
        row.street_name = "Жеңиш көчөсү".to_owned();
    }
    tables.street_names.push(StreetNameRow {
        street: house.street.clone(),
        name: house.street_name,
        from: None,
        until: Some("2015-06-01".parse().unwrap()),
    });
    tables.second_addresses.push(SecondAddressRow {
        address: house.address,
        soate: house.soate,
        street: "s7".to_owned(),
        street_name: "Чүй проспектиси".to_owned(),
        house: "77".to_owned(),
    });
    // Somebody without a home on file, in turn by the former name and by the second address.
    for (value, street) in [
        ("Бишкек, ул. Манаса, д. 7", "former"),
        ("Бишкек, пр. Чуй, д. 77", "same"),
    ] {
        let mut tables = tables.clone();
        tables.residences.retain(|row| row.person != person(1));
        tables.claims.push(ClaimRow {
            claim: "home".to_owned(),
            kind: "correction".to_owned(),
            person: Some(person(1)),
            filed: moment("2015-09-01T10:00:00+06:00"),
            target: None,
            field: "address".to_owned(),
            value: value.to_owned(),
            identified: true,
        });
        let dir = Scratch::new("chain-former");
        let run = Run::new(dir.path(), &tables);
        let formed = form_roll(&run.job(&dir.path().join("snapshot"), 2)).unwrap();
        let at = formed.snapshot.find_person(person(1)).unwrap();
        let place = formed.roll.place(at).unwrap();
        assert_eq!(place.precinct.number(), 1001, "{value}: odd houses");
        let address = roll::commit::printed_address(&formed.snapshot, &formed.roll, at);
        assert_eq!(address, "Жеңиш көчөсү, 7", "{value}");
        let mut told = Vec::new();
        each_raw::<ClaimOutcomeRow<'_>>(&dir.path().join("roll/claims.parquet"), |row| {
            if row.text(0) == Some("home") {
                told.push([row.text(6), row.text(8)].map(|text| text.unwrap_or("").to_owned()));
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(told, [["COUNTS", street].map(str::to_owned)], "{value}");
    }
}

#[test]
fn a_changed_added_or_missing_file_of_a_snapshot_is_named() {
    let dir = Scratch::new("chain-2");
    let run = Run::new(dir.path(), &tables());
    let snapshot = dir.path().join("snapshot");
    let trust = Trust {
        verifier: &run.chain.ring,
        signer: run.chain.register.kid(),
        election: election(),
    };
    let refusal = || {
        read_snapshot(&snapshot, &run.law, trust, 2)
            .unwrap_err()
            .to_string()
    };
    for path in files_below(&snapshot).unwrap() {
        let file = snapshot.join(&path);
        let whole = std::fs::read(&file).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        assert!(refusal().contains(&path), "{path}: {}", refusal());
        std::fs::write(&file, &whole).unwrap();
    }
    std::fs::write(snapshot.join("extra.txt"), b"x").unwrap();
    assert!(refusal().contains("extra.txt"));
    std::fs::remove_file(snapshot.join("extra.txt")).unwrap();
    std::fs::remove_file(snapshot.join("claims.parquet")).unwrap();
    assert!(refusal().contains("claims.parquet"));
    let other = Trust {
        signer: run.chain.srs.kid(),
        ..trust
    };
    let error = read_snapshot(&snapshot, &run.law, other, 0)
        .unwrap_err()
        .to_string();
    assert!(error.contains("signed by"), "{error}");
}

#[test]
fn threads_and_the_order_of_rows_change_no_byte() {
    let (one, two) = (Scratch::new("chain-3"), Scratch::new("chain-4"));
    let mut turned = tables();
    turned.persons.reverse();
    turned.residences.rotate_left(7);
    turned.enrolments.reverse();
    turned.addresses.reverse();
    turned.claims.reverse();
    turned.commission.rotate_left(3);
    turned.references.rotate_left(11);
    Run::new(one.path(), &tables()).whole(1);
    let run = Run::new(two.path(), &turned);
    run.whole(4);
    for folder in ["snapshot", "roll", "packages", "publication"] {
        let (a, b) = (
            contents(&one.path().join(folder)),
            contents(&two.path().join(folder)),
        );
        assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
        for (path, bytes) in &a {
            assert!(b[path] == *bytes, "{folder}/{path} differs");
        }
    }
}

#[test]
fn the_release_counts_everybody_and_its_root_is_that_of_the_lines() {
    let dir = Scratch::new("chain-5");
    let run = Run::new(dir.path(), &tables());
    run.whole(2);
    let release = release_of(dir.path(), &run);
    let excluded: u64 = release.excluded.iter().map(|e| e.count).sum();
    assert_eq!(release.considered, PERSONS as u64);
    assert_eq!(release.considered, release.total + excluded);
    let mut leaves = Vec::new();
    for precinct in &release.precincts {
        let path = dir
            .path()
            .join(format!("roll/lines/{:04}.cbor", precinct.precinct));
        let lines: Vec<SaltedLine> = decode(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(lines.len(), precinct.lines as usize);
        assert_eq!(leaves.len() as u64, precinct.first_leaf);
        leaves.extend(lines.iter().map(|line| tlog::leaf_hash(&line.commitment())));
    }
    assert_eq!(tlog::root(&leaves).0, *release.root);
}

// L-09 at the level of files: one flipped byte anywhere in a signed folder is found and named.
#[test]
fn a_flipped_byte_in_any_file_is_named() {
    let dir = Scratch::new("chain-6");
    let run = Run::new(dir.path(), &tables());
    run.whole(2);
    let snapshot = dir.path().join("snapshot");
    let job = run.job(&snapshot, 1);
    for (folder, key) in [
        ("roll", &run.chain.srs),
        ("packages", &run.chain.srs),
        ("publication", &run.chain.publication),
    ] {
        let place = dir.path().join(folder);
        let trust = Trust {
            verifier: &run.chain.ring,
            signer: key.kid(),
            election: election(),
        };
        open_folder(&place, folder, trust).unwrap();
        for path in files_below(&place).unwrap() {
            let file = place.join(&path);
            let whole = std::fs::read(&file).unwrap();
            for at in [0, whole.len() / 3, whole.len() - 1] {
                let mut changed = whole.clone();
                changed[at] ^= 0x20;
                std::fs::write(&file, &changed).unwrap();
                // The release gathers signatures: its own envelope and the manifest's fact speak for it.
                if (folder, path.as_str()) == ("roll", "release.cose") {
                    let expected = batch::Expected::default();
                    let checked = batch::check_release(&job.roll(), &expected);
                    assert!(checked.is_err(), "{folder}/{path} byte {at}");
                    continue;
                }
                let error = open_folder(&place, folder, trust).unwrap_err().to_string();
                assert!(error.contains(&path), "{folder}/{path} byte {at}: {error}");
            }
            std::fs::write(&file, &whole).unwrap();
        }
    }
}

fn manifest_of(dir: &Path, run: &Run, precinct: PrecinctCode) -> PackageManifest {
    let bytes = std::fs::read(dir.join(format!("packages/{precinct}.manifest.cose"))).unwrap();
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: election(),
    };
    let required = [run.chain.srs.kid(), run.chain.cec.kid()];
    decode(
        &open_all(subject, &bytes, &run.chain.ring, &required)
            .unwrap()
            .payload,
    )
    .unwrap()
}

#[test]
fn two_officers_and_a_kit_open_exactly_their_precinct() {
    let dir = Scratch::new("chain-7");
    let run = Run::new(dir.path(), &tables());
    run.whole(2);
    let release = release_of(dir.path(), &run);
    let (mut voters, mut several_kits) = (0, false);
    for total in release.precincts.iter().filter(|p| p.lines > 0) {
        let precinct = PrecinctCode::new(total.precinct).unwrap();
        let manifest = manifest_of(dir.path(), &run, precinct);
        assert_eq!(
            (manifest.lines, *manifest.root),
            (total.lines, *release.root)
        );
        let shares: Vec<_> = manifest.kits.iter().map(|kit| (kit.from, kit.to)).collect();
        assert_eq!(
            shares,
            roll::package::shares(total.lines, total.lines.div_ceil(30))
        );
        several_kits |= shares.len() > 1;
        let ciphertext =
            std::fs::read(dir.path().join(format!("packages/{precinct}.package"))).unwrap();
        let cards = [Hands::officer(precinct, 2), Hands::officer(precinct, 5)];
        let cards: Vec<&dyn KeyAgreement> = cards.iter().map(|c| c as &dyn KeyAgreement).collect();
        let kit = Hands::kit(precinct, 1);
        let body = package::open(&manifest, ciphertext.clone(), &cards, &kit).unwrap();
        let stranger = FileKey::from_seed(b"kits", "stranger");
        assert!(package::open(&manifest, ciphertext.clone(), &cards, &stranger).is_err());
        assert!(package::open(&manifest, ciphertext.clone(), &cards[..1], &kit).is_err());
        let lines: Vec<u32> = body.voters.iter().map(|v| v.line).collect();
        assert_eq!(lines, (1..=total.lines).collect::<Vec<_>>());
        for voter in &body.voters {
            let ranked: Vec<u8> = voter.fingers.iter().map(|f| f.position).collect();
            assert_eq!(
                ranked,
                vec![5, 4, 3, 2],
                "the four best fingers, best first"
            );
            assert_eq!((voter.photo.len(), voter.document_tokens.len()), (100, 1));
        }
        // Neighbours of the district are found by PIN, and nobody of the own list is among them.
        let own: Vec<_> = body.voters.iter().map(|v| v.pin_token).collect();
        assert!(body.district.is_sorted());
        assert!(
            body.district
                .iter()
                .all(|d| d.precinct != total.precinct && !own.contains(&d.token))
        );
        assert_eq!(
            body.district.len() as u64,
            release.total - u64::from(total.lines)
        );
        voters += body.voters.len();
        let token = index_token(&body.index_key, &pin(0));
        assert!(
            own.iter().any(|t| **t == token) || body.district.iter().any(|d| *d.token == token)
        );
        // Nothing of a PIN or an address stands in clear in the ciphertext or the manifest.
        let clear = pin(0).into_bytes();
        assert!(!ciphertext.windows(14).any(|w| w == clear));
    }
    assert_eq!(voters as u64, release.total);
    assert!(several_kits);
}

#[test]
fn everybody_with_a_document_gets_an_answer_and_every_line_is_proven() {
    let dir = Scratch::new("chain-8");
    let run = Run::new(dir.path(), &tables());
    let published = run.whole(2);
    assert_eq!(published.answers, PERSONS as u64);
    let release = release_of(dir.path(), &run);
    let bytes = std::fs::read(dir.path().join("publication/lookup.bin")).unwrap();
    let file = LookupFile::parse(&bytes).unwrap();
    file.check_order().unwrap();
    let leaves: Vec<tlog::Hash> = commitments(dir.path())
        .iter()
        .map(|c| tlog::leaf_hash(c))
        .collect();
    let subject = Subject {
        kind: DocumentType::Absence,
        election: election(),
    };
    let (mut listed, mut absent) = (0, 0);
    for n in 0..PERSONS {
        let token = small::lookup_key().token(election(), &pin(n), &document(n));
        let answer = file.find(&token).unwrap().unwrap();
        match (&answer.line, &answer.absence) {
            (Some(line), None) => {
                let at = usize::try_from(answer.leaf).unwrap();
                assert_eq!(tlog::leaf_hash(&line.commitment()), leaves[at]);
                listed += 1;
            }
            (None, Some(signed)) => {
                let opened = open1(subject, signed, &run.chain.ring).unwrap();
                assert_eq!(opened.signers, vec![run.chain.srs.kid()]);
                let absence: Absence = decode(&opened.payload).unwrap();
                assert_eq!(
                    (absence.reason.as_str(), *absence.token),
                    ("NO_BIOMETRICS", token.address())
                );
                assert_eq!(answer.until, "2015-09-19");
                absent += 1;
            }
            (Some(_), Some(_)) | (None, None) => panic!("an answer is one of the two"),
        }
        let claims: Vec<_> = answer.claims.iter().map(|c| c.outcome.as_str()).collect();
        let filed = n % 17 == 3;
        let outcome = if n % 10 == 9 {
            "NOT_ELIGIBLE"
        } else {
            "COUNTS"
        };
        assert_eq!(claims, if filed { vec![outcome] } else { vec![] });
    }
    assert_eq!(
        (listed, absent),
        (release.total, PERSONS as u64 - release.total)
    );
    let wrong = small::lookup_key().token(election(), &pin(0), &document(1));
    assert_eq!(file.find(&wrong).unwrap(), None);
}

fn commitments(dir: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(dir.join("publication/list-1/tile/entries/000.p/108")).unwrap();
    let entries = tlog::bundle_entries(&bytes, 108).unwrap();
    entries.into_iter().map(<[u8]>::to_vec).collect()
}

#[test]
fn a_second_run_skips_what_has_not_changed_and_gives_the_same_bytes() {
    let dir = Scratch::new("chain-9");
    let run = Run::new(dir.path(), &tables());
    run.whole(2);
    let before = contents(&dir.path().join("packages"));
    let skipped = Mutex::new(Vec::new());
    let note = |progress: Progress<'_>| {
        if progress.skipped {
            skipped.lock().unwrap().push(progress.step.to_owned());
        }
    };
    let snapshot = dir.path().join("snapshot");
    let mut job = run.job(&snapshot, 2);
    job.report = &note;
    let formed = form_roll(&job).unwrap();
    let previous = BTreeMap::new();
    let packed = write_packages(&job, &formed, &package_terms(&previous)).unwrap();
    assert!(packed.skipped);
    assert_eq!(*skipped.lock().unwrap(), vec!["form", "packages"]);
    assert_eq!(before, contents(&dir.path().join("packages")));
    // A change of the terms packs again.
    let mut terms = package_terms(&previous);
    terms.number = 2;
    assert!(!write_packages(&job, &formed, &terms).unwrap().skipped);
    // A folder whose manifest is gone is written again.
    std::fs::remove_file(dir.path().join("roll/MANIFEST.cose")).unwrap();
    skipped.lock().unwrap().clear();
    form_roll(&job).unwrap();
    assert!(skipped.lock().unwrap().is_empty());
    assert!(dir.path().join("roll/MANIFEST.cose").exists());
}

/// Packs `snapshot` below `dir` until `stop` packages are there, and is stopped like a process that is killed.
fn pack_until(run: &Run, stop: u64) {
    let snapshot = run.dir.join("snapshot");
    let stopped = |progress: Progress<'_>| {
        assert!(
            progress.step != "packages" || progress.done < stop,
            "stopped here"
        );
    };
    let mut job = run.job(&snapshot, 1);
    job.report = &stopped;
    let formed = form_roll(&job).unwrap();
    let previous = BTreeMap::new();
    let packed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        write_packages(&job, &formed, &package_terms(&previous))
    }));
    assert!(packed.is_err(), "the stop was not reached");
    assert!(!run.dir.join("packages").exists());
}

/// Packs to the end; how many of the packages were taken up from before.
fn pack_on(run: &Run, number: u32) -> u64 {
    let snapshot = run.dir.join("snapshot");
    let taken = Mutex::new(0);
    let note = |progress: Progress<'_>| {
        if progress.step == "packages" && progress.skipped {
            *taken.lock().unwrap() += 1;
        }
    };
    let mut job = run.job(&snapshot, 2);
    job.report = &note;
    let formed = form_roll(&job).unwrap();
    let previous = BTreeMap::new();
    let mut terms = package_terms(&previous);
    terms.number = number;
    assert!(!write_packages(&job, &formed, &terms).unwrap().skipped);
    taken.into_inner().unwrap()
}

#[test]
fn packing_goes_on_after_a_stop_with_what_was_sealed_whole() {
    let whole = Scratch::new("chain-13");
    let run = Run::new(whole.path(), &tables());
    assert_eq!(pack_on(&run, 1), 0);
    let expected = contents(&whole.path().join("packages"));

    let dir = Scratch::new("chain-14");
    let run = Run::new(dir.path(), &tables());
    pack_until(&run, 2);
    assert_eq!(pack_on(&run, 1), 2, "two were sealed before the stop");
    assert_eq!(contents(&dir.path().join("packages")), expected);
    assert!(!dir.path().join(".steps/packages.unfinished").exists());

    // A package that the stop tore is sealed again.
    let dir = Scratch::new("chain-15");
    let run = Run::new(dir.path(), &tables());
    pack_until(&run, 2);
    let partial = dir.path().join(".packages.partial");
    let mut torn = std::fs::read_dir(&partial).unwrap();
    let torn = torn.next().unwrap().unwrap().path();
    let bytes = std::fs::read(&torn).unwrap();
    std::fs::write(&torn, &bytes[..bytes.len() - 1]).unwrap();
    std::fs::write(partial.join("left-over"), b"of somebody").unwrap();
    assert_eq!(pack_on(&run, 1), 1);
    assert_eq!(contents(&dir.path().join("packages")), expected);

    // Packages of other terms are none of these.
    let dir = Scratch::new("chain-16");
    let run = Run::new(dir.path(), &tables());
    pack_until(&run, 2);
    assert_eq!(pack_on(&run, 2), 0);
}

#[test]
fn the_log_only_grows_and_a_second_publication_keeps_its_entries() {
    let dir = Scratch::new("chain-10");
    let run = Run::new(dir.path(), &tables());
    let first = run.whole(2);
    assert_eq!(first.log_entries, 4, "one release and three packages");
    let snapshot = dir.path().join("snapshot");
    let job = run.job(&snapshot, 2);
    let formed = form_roll(&job).unwrap();
    let previous = BTreeMap::new();
    let mut terms = package_terms(&previous);
    terms.number = 2;
    write_packages(&job, &formed, &terms).unwrap();
    small::sign_drawn(&job.place(), batch::Drawn::Packages, &run.chain);
    let (trust, lookup) = (run.chain.trust(), small::lookup_key());
    let approvals = small::approvals(&formed.release, &run.chain);
    let terms = small::publication_terms(&run, &trust, &lookup, &approvals, false);
    let second = publish(&job, &formed, &terms).unwrap();
    assert_eq!(
        second.log_entries, 7,
        "the first packages stay, the new ones follow"
    );
    // Nothing new: nothing grows.
    assert_eq!(publish(&job, &formed, &terms).unwrap().log_entries, 7);
}

#[test]
fn no_published_statistic_is_under_ten() {
    fn numbers(value: &serde_json::Value, found: &mut Vec<f64>) {
        match value {
            serde_json::Value::Number(n) => found.extend(n.as_f64()),
            serde_json::Value::Array(items) => items.iter().for_each(|v| numbers(v, found)),
            serde_json::Value::Object(map) => map.values().for_each(|v| numbers(v, found)),
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => {
            }
        }
    }
    let dir = Scratch::new("chain-11");
    let run = Run::new(dir.path(), &tables());
    run.whole(2);
    let read = |name: &str| -> serde_json::Value {
        let text = std::fs::read(dir.path().join("publication").join(name)).unwrap();
        serde_json::from_slice(&text).unwrap()
    };
    let mut value = read("statistics.json");
    value.as_object_mut().unwrap().remove("release");
    let mut found = Vec::new();
    numbers(&value, &mut found);
    assert!(
        found.len() >= 4 && found.iter().all(|n| *n >= 10.0),
        "{found:?}"
    );
    let turnout = std::fs::read_to_string(dir.path().join("publication/turnout.csv")).unwrap();
    assert_eq!(turnout.lines().last(), Some("total,108,0"));
    // The boundaries bear counts too: none under ten, and what is withheld does not follow from the whole list.
    let release = release_of(dir.path(), &run);
    let geojson = read("precincts.geojson");
    let features = geojson["features"].as_array().unwrap();
    let lines: Vec<Option<u64>> = features
        .iter()
        .map(|feature| feature["properties"]["lines"].as_u64())
        .collect();
    let small = release.precincts.iter().filter(|total| total.lines < 10);
    assert!(
        small.count() > 0,
        "the country has no small precinct to hide"
    );
    assert!(lines.iter().flatten().all(|n| *n >= 10), "{lines:?}");
    let hidden = lines.iter().filter(|n| n.is_none()).count();
    let shown: u64 = lines.iter().flatten().sum();
    assert!(hidden != 1 && release.total - shown >= 10, "{lines:?}");
    let reasons: Vec<&serde_json::Value> = features
        .iter()
        .map(|feature| &feature["properties"]["lines_withheld"])
        .collect();
    assert!(
        reasons.contains(&&serde_json::json!("fewer_than_10")),
        "{reasons:?}"
    );
}
