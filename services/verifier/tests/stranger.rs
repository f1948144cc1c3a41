//! The stranger's check on an election written by hand: it holds, every flipped byte is found in the file
//! it stands in, and every signed lie is found by what it contradicts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dir;
mod out;

use dir::TempDir;
use out::{Key, Out};
use proptest::prelude::*;
use verifier::{Report, verify};

fn check(out: &Out) -> Report {
    let dir = TempDir::new();
    out.write(&dir.0);
    verify(&dir.0, &[])
}

#[test]
fn an_election_that_holds_has_no_finding() {
    let report = check(&Out::build(""));
    assert!(report.holds(), "{}", report.to_text());
    let count = |what: &str| report.checked.iter().find(|(name, _)| *name == what).map(|(_, number)| *number);
    assert_eq!(count("lines"), Some(312));
    assert_eq!(count("events"), Some(13 + 10 + 26));
    assert_eq!(count("voters counted"), Some(18));
    assert_eq!(count("reports"), Some(4));
    assert_eq!(count("packages"), Some(2));
    assert_eq!(count("log entries"), Some(312 + 2 + 1 + 2 + 4));
    assert!(report.to_json().starts_with("{\"verdict\":\"ok\",\"findings\":[],"));
}

/// Each lie is signed by the right keys and listed in the folder's manifest; only what it contradicts shows it.
#[test]
fn every_signed_lie_is_found_and_placed() {
    let lies: &[(&str, &str, &str, &str)] = &[
        ("one root", "publication/trust.cose", "", "trust_invalid"),
        ("manifest unsorted", "snapshot/MANIFEST.cose", "", "manifest_invalid"),
        ("manifest of another folder", "journals/MANIFEST.cose", "", "manifest_invalid"),
        ("manifest by another role", "roll/MANIFEST.cose", "", "manifest_invalid"),
        ("line out of order", "roll/lines/0101.cbor", "line 5", "line_malformed"),
        ("another line than committed", "publication/list-2/tile/entries/000", "leaf 202", "leaf_differs"),
        ("another line than committed", "roll/release.cose", "root", "root_mismatch"),
        ("a line left out", "roll/lines/7001.cbor", "", "lines_count"),
        ("considered too many", "publication/release-2.cose", "", "release_invalid"),
        ("another snapshot", "snapshot/MANIFEST.cose", "", "snapshot_differs"),
        ("one institution", "publication/release-2.cose", "", "release_invalid"),
        ("release chain", "publication/release-2.cose", "", "release_chain"),
        ("roll of an older release", "roll/release.cose", "", "release_differs"),
        ("another law", "publication/law.toml", "", "law_changed"),
        ("another leaf published", "publication/list-2/tile/entries/001.p/56", "leaf 257", "leaf_differs"),
        ("too few witnesses", "publication/checkpoint", "", "witnesses_missing"),
        ("too few witnesses", "publication/list-2/checkpoint", "", "witnesses_missing"),
        ("an old partial tile", "publication/list-2/tile/0/000.p/1", "", "tile_unknown"),
        ("shares leave out a line", "packages/0101.manifest.cose", "", "package_invalid"),
        ("package of another list", "packages/7001.manifest.cose", "", "package_differs"),
        ("package by one institution", "packages/0101.manifest.cose", "", "package_invalid"),
        ("opened another package", "journals/0101/K1.journal", "record 1", "event_invalid"),
        ("method out of range", "journals/0101/K1.journal", "record 5", "event_invalid"),
        ("receipt numbers skip", "journals/0101/K1.journal", "event 7 of K1 (record 7)", "receipt_number"),
        ("undoes nothing", "journals/0101/K1.journal", "event 8 of K1 (record 8)", "undone_unknown"),
        ("grant to another", "journals/0101/K2.journal", "event 2 of K2 (record 2)", "grant_missing"),
        ("served outside its share", "journals/0101/K1.journal", "event 2 of K1 (record 2)", "grant_missing"),
        ("line beyond the list", "journals/0101/K2.journal", "record 7", "event_invalid"),
        ("chain broken", "journals/0101/K1.journal", "event 6 of K1 (record 6)", "chain_broken"),
        ("clock backwards", "journals/0101/K1.journal", "event 6 of K1 (record 6)", "clock_backwards"),
        ("event by another kit", "journals/0101/K1.journal", "record 5", "event_invalid"),
        ("event left out", "journals/0101/K1.journal", "event 6 of K1 (record 5)", "journal_gap"),
        ("checksum wrong", "journals/0101/K1.journal", "record 5", "journal_damaged"),
        ("one officer", "journals/0101/K1.journal", "record 5", "event_invalid"),
        ("one officer twice", "journals/0101/K1.journal", "record 5", "event_invalid"),
        ("officers of one body", "journals/0101/K1.journal", "record 5", "event_invalid"),
        ("consent to another act", "journals/0101/K1.journal", "record 5", "event_invalid"),
        ("a peer saw another head", "journals/0101/K1.journal", "event 13 of K1 (record 13)", "equivocation"),
        ("a peer's journal is cut", "journals/0101/K1.journal", "event 13 of K1 (record 13)", "journal_cut"),
        ("journal cut in a record", "journals/7001/K1.journal", "record 26", "journal_damaged"),
        ("journal cut in a record", "journals/0101/K1.final.cose", "kit K1", "report_head"),
        ("report of another head", "journals/0101/K1.final.cose", "kit K1", "report_head"),
        ("report counts too many", "journals/0101/K1.final.cose", "kit K2: printed", "report_sum"),
        ("report by one officer", "journals/0101/K1.final.cose", "", "report_invalid"),
        ("report hides an incident", "journals/0101/K1.final.cose", "incidents", "report_incident"),
        ("log lacks a report", "journals/7001/K1.final.cose", "", "not_logged"),
        ("log holds a report twice", "journals/7001/K1.final.cose", "", "log_twice"),
        ("log holds a report that was taken away", "publication/tile/entries/000.p/10", "entry 9", "document_missing"),
        ("releases logged out of order", "publication/release-2.cose", "entry 0", "log_order"),
        ("lines are no list", "roll/lines/7001.cbor", "", "lines_malformed"),
        ("another sealed package", "packages/7001.package", "", "ciphertext_changed"),
        ("a bundle cut short", "publication/list-2/tile/entries/000", "", "bundle_malformed"),
        ("a tile changed", "publication/list-2/tile/0/001.p/56", "hash 2", "tile_changed"),
        ("a checkpoint changed", "publication/checkpoint", "", "checkpoint_invalid"),
        ("a journal of no precinct", "journals/0999/K1.journal", "", "journal_unknown"),
        ("an event in two versions", "journals/0101/K9.journal", "event 1 of K1 (record 1)", "equivocation"),
        ("log entry of another form", "publication/tile/entries/000.p/10", "entry 9", "entry_malformed"),
        ("report made too early", "journals/0101/K1.final.cose", "kit K2", "report_late"),
        ("turnout too high", "publication/turnout.csv", "line 4", "turnout_sum"),
    ];
    let manual = include_str!("../../../docs/verify.md");
    for (lie, file, place, code) in lies {
        assert!(manual.contains(&format!("`{code}`")), "{code} is not in docs/verify.md");
        let report = check(&Out::build(lie));
        let found =
            report.findings.iter().any(|f| (f.file.as_str(), f.place.as_str(), f.code) == (*file, *place, *code));
        assert!(found, "{lie}: expected {code} at {file} {place}\n{}", report.to_text());
    }
}

#[test]
fn every_file_has_bytes_whose_change_is_found_and_named_first() {
    let out = Out::build("");
    let dir = TempDir::new();
    out.write(&dir.0);
    let mut flips = 0;
    for (path, bytes) in &out.files {
        let places = [0, bytes.len() / 3, bytes.len() / 2, bytes.len().saturating_sub(1)];
        for (bit, at) in places.into_iter().enumerate() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (bit * 2);
            std::fs::write(dir.0.join(path), &changed).unwrap();
            let report = verify(&dir.0, &[]);
            assert_eq!(
                report.findings.first().map(|f| f.file.as_str()),
                Some(path.as_str()),
                "byte {at}\n{}",
                report.to_text()
            );
            flips += 1;
        }
        std::fs::write(dir.0.join(path), bytes).unwrap();
    }
    assert!(flips > 120, "{flips}");
    assert!(verify(&dir.0, &[]).holds());
}

#[test]
fn a_file_added_removed_shortened_or_linked_is_named() {
    let out = Out::build("");
    let first = |change: &dyn Fn(&std::path::Path)| {
        let dir = TempDir::new();
        out.write(&dir.0);
        change(&dir.0);
        let report = verify(&dir.0, &[]);
        let finding = report.findings.first().unwrap();
        (finding.file.clone(), finding.code)
    };
    for path in out.files.keys() {
        let (file, code) = first(&|dir| std::fs::remove_file(dir.join(path)).unwrap());
        assert_eq!(file, *path);
        assert!(["file_missing", "file_unreadable"].contains(&code), "{code}");
    }
    let added = first(&|dir| std::fs::write(dir.join("roll/lines/extra.cbor"), "x").unwrap());
    assert_eq!(added, ("roll/lines/extra.cbor".to_owned(), "file_unlisted"));
    let short = first(&|dir| std::fs::write(dir.join("snapshot/persons.parquet"), "PAR1").unwrap());
    assert_eq!(short, ("snapshot/persons.parquet".to_owned(), "file_changed"));
    let linked = first(&|dir| {
        std::fs::rename(dir.join("publication/law.toml"), dir.join("law")).unwrap();
        std::os::unix::fs::symlink(dir.join("law"), dir.join("publication/law.toml")).unwrap();
    });
    assert_eq!(linked.0, "publication/law.toml");
}

#[test]
fn roots_given_by_another_way_are_compared() {
    let dir = TempDir::new();
    Out::build("").write(&dir.0);
    let print = |role: &str| {
        let spki = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let hash = out::sha(&[&spki[..], &Key::new(role).point()].concat());
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (srs, cec) = (print("root-srs"), print("root-cec"));
    assert!(verify(&dir.0, &[srs.clone(), cec[..32].to_owned()]).holds());
    for roots in [vec![srs.clone()], vec![srs.clone(), print("register")], vec![srs, cec[..10].to_owned()]] {
        assert_eq!(verify(&dir.0, &roots).findings[0].code, "trust_invalid");
    }
}

/// The events of a journal file.
fn records(journal: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    let mut rest = journal;
    while rest.len() > 12 && rest[..4] != [0; 4] {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        records.push(&rest[8..8 + length]);
        rest = &rest[length + 12..];
    }
    records
}

/// The payload of a COSE_Sign1 whose parts are 24 to 255 bytes long.
fn payload(record: &[u8]) -> Vec<u8> {
    let header = 3 + usize::from(record[2]);
    assert_eq!((record[1], record[header], record[header + 1]), (0x58, 0xa0, 0x58));
    record[header + 3..][..usize::from(record[header + 2])].to_vec()
}

/// S-12: the seven forgeries, each told apart without network; what only the collector of papers can see is said.
#[test]
fn the_seven_forged_receipts_are_told_apart() {
    let out = Out::build("");
    let dir = TempDir::new();
    out.write(&dir.0);
    let [one, two] = ["K1", "K2"].map(|kit| records(&out.files[&format!("journals/0101/{kit}.journal")]));
    let real = one[1];
    let code = |bytes: &[u8], shown_at: u16| {
        let report = verifier::receipt(&dir.0, &base45::encode(bytes), shown_at, &[]);
        report.findings.first().map(|finding| finding.code)
    };
    let signed = |payload: &[u8], label: &str| out::sign1("event", payload, &Key::new(label)).0;
    // A photocopy is the receipt itself: it holds, and the note says what is not known.
    let copied = verifier::receipt(&dir.0, &base45::encode(real), 101, &[]);
    assert!(copied.holds(), "{}", copied.to_text());
    assert!(copied.notes.iter().any(|note| note.contains("handed in before is not in the journals")), "{copied:?}");
    // The line changed: the body is the last element, `[line 1, method 1, …]`.
    let mut changed = real.to_vec();
    let line = changed.windows(3).position(|bytes| bytes == [0x8a, 1, 1]).unwrap() + 1;
    changed[line] = 2;
    assert_eq!(code(&changed, 101), Some("receipt_signature"));
    assert_eq!(code(&signed(&payload(real), "a key of nobody"), 101), Some("receipt_key"));
    assert_eq!(code(&signed(&payload(real), "officer 101 0"), 101), Some("receipt_key"));
    assert_eq!(code(real, 7001), Some("receipt_precinct"));
    assert_eq!(code(two[5], 101), Some("receipt_used"));
    assert_eq!(code(two[3], 101), Some("receipt_void"));
    assert_eq!(code(one[6], 101), Some("receipt_void"));
    // `[0, election, …]`: the election of another year, signed by the kit itself.
    let mut other = payload(real);
    assert_eq!(other[..3], [0x8a, 0, 0x1a]);
    other[6] ^= 1;
    assert_eq!(code(&signed(&other, "kit 101 K1"), 101), Some("receipt_election"));
    // Without journals the signature is valid and the use unknown.
    std::fs::remove_dir_all(dir.0.join("journals")).unwrap();
    let alone = verifier::receipt(&dir.0, &base45::encode(real), 101, &[]);
    assert!(alone.holds() && alone.notes.iter().any(|note| note.contains("its use is not known")), "{alone:?}");
    let manual = include_str!("../../../docs/verify.md");
    for code in ["signature", "key", "precinct", "election", "used", "void"] {
        assert!(manual.contains(&format!("`receipt_{code}`")), "{code}");
    }
}

#[test]
fn a_receipt_is_a_signed_event_and_any_change_to_it_is_refused() {
    let out = Out::build("");
    let dir = TempDir::new();
    out.write(&dir.0);
    let journal = &out.files["journals/0101/K1.journal"];
    let records = records(journal);
    let check = |bytes: &[u8]| verifier::receipt(&dir.0, &base45::encode(bytes), 0, &[]);
    let report = check(records[1]);
    assert!(report.holds(), "{}", report.to_text());
    assert!(
        report.notes.contains(&"precinct 0101, kit K1, event 2: line 1, receipt 1".to_owned()),
        "{}",
        report.to_text()
    );
    let opened = check(records[0]).to_text();
    assert!(opened.contains("not one that identifies"), "{opened}");
    for at in 0..records[1].len() {
        let mut changed = records[1].to_vec();
        changed[at] ^= 1 << (at % 8);
        assert!(!check(&changed).holds(), "byte {at}");
    }
    for text in ["", "?", "A", "€€€", &base45::encode(&records[1][..50])] {
        assert!(!verifier::receipt(&dir.0, text, 0, &[]).holds());
    }
}

#[test]
fn the_command_answers_with_its_exit_code() {
    let dir = TempDir::new();
    let out = Out::build("");
    out.write(&dir.0);
    let path = dir.0.to_string_lossy().into_owned();
    let run = |words: &[&str]| {
        let mut text = Vec::new();
        let code = verifier::run(words.iter().map(|word| (*word).to_owned()), &mut text);
        (code, String::from_utf8(text).unwrap())
    };
    assert_eq!(run(&[&path]).0, 0);
    let (code, json) = run(&["--json", &path]);
    assert!(code == 0 && json.starts_with("{\"verdict\":\"ok\""), "{json}");
    std::fs::write(dir.0.join("publication/law.toml"), "x").unwrap();
    let (code, text) = run(&[&path]);
    assert!(code == 1 && text.contains("WRONG publication/law.toml"), "{text}");
    assert_eq!(run(&[&format!("{path}/publication/law.toml")]).0, 1);
    let (code, text) = run(&[&format!("{path}/roll/release.cose")]);
    assert!(code == 0 && text.contains("finding(s) in other files"), "{text}");
    assert_eq!(run(&["receipt", "X", "--in", &path]).0, 1);
    for bad in [
        &[][..],
        &["--nothing"],
        &["/no/such/path"],
        &["receipt"],
        &["proof", "x"],
        &["a", "b"],
        &["--root", "12", &path],
        &["--root"],
    ] {
        assert_eq!(run(bad).0, 2, "{bad:?}");
    }
    assert_eq!(run(&["/"]).0, 2, "no folder of an election");
    assert!(run(&["--help"]).1.contains("exit: 0"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn no_parser_fails_on_a_mutated_document(
        file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), cut in 0usize..9, insert in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        static OUT: std::sync::OnceLock<Out> = std::sync::OnceLock::new();
        let out = OUT.get_or_init(|| Out::build(""));
        let mut bytes = out.files.values().nth(file.index(out.files.len())).unwrap().clone();
        for round in 0..40 {
            let at = (at.index(bytes.len().max(1)) + round * 7919) % bytes.len().max(1);
            let end = (at + cut).min(bytes.len());
            bytes.splice(at.min(end)..end, insert.iter().copied());
            verifier::probe(&bytes);
        }
    }

    /// Whatever stands in a file, the check ends with a finding that names it first, and never fails itself.
    #[test]
    fn rubbish_in_any_file_is_named(
        file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), cut in 0usize..40,
        insert in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut out = Out::build("");
        let path = out.files.keys().nth(file.index(out.files.len())).unwrap().clone();
        let bytes = out.files.get_mut(&path).unwrap();
        let at = at.index(bytes.len());
        let end = (at + cut).min(bytes.len());
        if bytes[at..end] == insert[..] {
            return Ok(());
        }
        bytes.splice(at..end, insert);
        let report = check(&out);
        prop_assert_eq!(report.findings.first().map(|f| f.file.clone()), Some(path));
    }
}
