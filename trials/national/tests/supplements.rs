//! What a delta changes, on paper and at the stations (L-08): the same lines, numbers and pages.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use batch::{DeltaJob, Drawn, Keys, sign_drawn_by_both, write_delta, write_station_deltas};
use lexicon::handover::envelope::{Signer as _, decode, peek_all};
use lexicon::handover::package::PackageVoter;
use lexicon::handover::station_delta::{StationDelta, StationDeltaFile, station_delta_subject};
use lexicon::{ElectionLaw, Instant, PrecinctCode};
use national::paper::numbers_of_pages;
use national::{acts, chain};
use small::{nation, small};
use tizme_print::form::PaperLanguage;
use tizme_print::lists::ListsJob;
use tizme_print::supplements::{SupplementsJob, print_supplements};

/// Everything that the first kit of each precinct opens, by precinct and line.
fn opened(
    law: &ElectionLaw,
    keys: &chain::KeyChain,
    dir: &Path,
) -> BTreeMap<(u16, u32), PackageVoter> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir.join("station-deltas")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "delta") {
            continue;
        }
        let file: StationDeltaFile = decode(&std::fs::read(path).unwrap()).unwrap();
        let subject = station_delta_subject(law.election.number);
        let payload = peek_all(subject, &file.signed).unwrap();
        let delta: StationDelta = decode(&payload).unwrap();
        let kit = keys.kit(PrecinctCode::new(delta.precinct).unwrap(), 1);
        let sealed = delta.changes.iter().filter(|change| change.entry.is_some());
        for (change, entry) in sealed.zip(&file.entries) {
            let opened = delta.open_entry(change, entry, 0, &kit).unwrap();
            found.insert((delta.precinct, change.line), opened.voter);
        }
    }
    found
}

#[test]
fn l_08_supplementary_pages_hold_the_lines_that_the_stations_open() {
    let law = ElectionLaw::shipped("kg-2015").unwrap();
    let keys = chain::KeyChain::new(2015);
    let (dir, folder, _) = nation(&law, &keys, "national-supplements", &small());
    let later = dir.join("later");
    std::fs::create_dir_all(&later).unwrap();
    let terms = acts::Terms { acts: 400, seed: 1 };
    acts::write(&folder, &later, &law, &keys.register, keys.ring(), terms).unwrap();
    let (snapshot, randomness) = (later.join("snapshot"), keys.randomness());
    let job = DeltaJob {
        law: &law,
        from: &dir,
        snapshot: &snapshot,
        keys: Keys {
            srs: &keys.srs,
            cec: &keys.cec,
            register: keys.register.kid(),
            verifier: keys.ring(),
        },
        randomness: &randomness,
        effective_at: Instant::parse("2015-09-29T12:00:00+06:00").unwrap(),
        known_on: "2015-09-29".parse().unwrap(),
        report: &batch::steps::silent,
    };
    write_delta(&job).unwrap().delta.unwrap();
    let both = || -> [&dyn lexicon::handover::envelope::Signer; 2] { [&keys.srs, &keys.cec] };
    sign_drawn_by_both(&job.place(), Drawn::Deltas, both()).unwrap();
    write_station_deltas(&job).unwrap();
    sign_drawn_by_both(&job.place(), Drawn::StationDeltas, both()).unwrap();
    let paper = dir.join("paper");
    let printed = print_supplements(
        &SupplementsJob {
            lists: ListsJob {
                roll: dir.join("roll"),
                publication: None,
                law_id: "kg-2015".to_owned(),
                out: paper.clone(),
                precincts: Vec::new(),
                language: PaperLanguage::Both,
                threads: 2,
            },
            deltas: dir.join("deltas"),
            number: None,
        },
        &|_| {},
    )
    .unwrap();
    assert_eq!(printed.refused, Vec::new());
    let voters = opened(&law, &keys, &dir);
    let is_read = Command::new("pdftotext").arg("--help").output().is_ok();
    let (mut added, mut changed) = (0, 0);
    for of in &printed.supplements {
        let precinct = u16::try_from(of.printed.of).unwrap();
        // Every added line is one that the kits of the precinct open, and none is missing.
        let theirs: Vec<u32> = voters
            .range(
                (precinct, of.last_line + 1 - of.added.len() as u32)..(precinct, of.last_line + 1),
            )
            .map(|((_, line), _)| *line)
            .collect();
        assert_eq!(of.added, theirs, "precinct {precinct}");
        added += of.added.len();
        changed += of.changed.len();
        if !is_read {
            continue;
        }
        let pdf = paper.join(of.printed.file.as_ref().unwrap());
        let read = Command::new("pdftotext")
            .arg("-bbox")
            .arg(&pdf)
            .arg("-")
            .output();
        let pages = numbers_of_pages(&String::from_utf8(read.unwrap().stdout).unwrap());
        let pages: Vec<Vec<u32>> = pages.into_iter().map(Option::unwrap).collect();
        assert_eq!(
            pages.concat(),
            [of.changed.clone(), of.added.clone()].concat()
        );
        // Supplementary pages break where the stations' pages do.
        let sheets = pages
            .iter()
            .filter(|page| page.iter().all(|line| of.added.contains(line)));
        let mut last = 0;
        for sheet in sheets {
            let on: Vec<u32> = sheet
                .iter()
                .map(|line| voters[&(precinct, *line)].page)
                .collect();
            assert!(on.iter().all(|page| *page == on[0]) && on[0] > last);
            last = on[0];
        }
        if !of.added.is_empty() {
            assert_eq!(last, of.last_page);
        }
    }
    assert!(
        added > 0 && changed > 0,
        "{added} added, {changed} struck or corrected"
    );
    std::fs::remove_dir_all(&dir).unwrap();
}
