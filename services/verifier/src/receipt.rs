//! A voter's receipt: the text of its QR against the package of its precinct and the journals, without network.

use crate::Checked;
use crate::body::IDENTIFIED;
use crate::cose::Subject;
use crate::finding::Report;
use crate::fold::Fold;
use crate::folder::{TRUST, Trust};
use crate::journal::{self, Event};
use crate::station::Station;
use std::path::Path;

/// What a receipt is not, each a code of its own (S-12): its holder is told which.
struct Fault {
    code: &'static str,
    why: String,
}

fn fault<T>(code: &'static str, why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { code, why: why.into() })
}

fn invalid(why: String) -> Fault {
    Fault { code: "receipt_invalid", why }
}

/// Checks a receipt (the Base45 text of its QR) with the package manifest of its precinct in `dir`, and with the
/// journals of that precinct when they are there. `precinct` is the precinct where it was shown, 0 for any.
///
/// Notes say what a receipt that holds is about and what is not known; one with a finding must not be taken for a
/// ballot. A photocopy is byte for byte the receipt: only who collects receipts can see that one comes twice.
pub fn receipt(dir: &Path, text: &str, precinct: u16, roots: &[String]) -> Report {
    let mut report = Report::default();
    match opened(dir, text, precinct, roots, &mut report) {
        Ok((about, station, event)) => {
            report.notes.push(about);
            use_of(dir, &station, &event, &mut report);
        }
        Err(Fault { code, why }) => report.find("receipt", "", code, why),
    }
    report.count("receipts", 1);
    report
}

fn opened(
    dir: &Path,
    text: &str,
    shown_at: u16,
    roots: &[String],
    report: &mut Report,
) -> Result<(String, Station, Event), Fault> {
    let read = |name: &str| std::fs::read(dir.join(name)).map_err(|error| format!("{name}: {}", error.kind()));
    let trust = read(TRUST).and_then(|bytes| Trust::open(&bytes, roots, report)).map_err(invalid)?;
    let Ok(bytes) = base45::decode(text.trim()) else { return fault("receipt_invalid", "not Base45 text") };
    let subject = Subject { kind: "event", election: trust.election };
    let said = |at: u64| -> Checked<u32> { subject.peek(&bytes)?.number(at) };
    let (election, precinct) = (said(1).map_err(invalid)?, said(2).map_err(invalid)?);
    if election != trust.election {
        return fault("receipt_election", format!("of election {election}, this is {}", trust.election));
    }
    if shown_at > 0 && precinct != u32::from(shown_at) {
        return fault("receipt_precinct", format!("of precinct {precinct:04}, shown at {shown_at:04}"));
    }
    let manifest = read(&format!("packages/{precinct:04}.manifest.cose"));
    let Ok(manifest) = manifest else {
        return fault("receipt_precinct", format!("precinct {precinct:04} has no package here"));
    };
    let institutions = trust.institutions().map_err(invalid)?;
    let station = Station::open(&manifest, trust.election, &trust.keys, &institutions).map_err(invalid)?;
    let signer = subject.signer1(&bytes).map_err(invalid)?;
    if !station.kits.iter().any(|(kit, _)| *kit == signer) || !station.keys.has(&signer) {
        return fault("receipt_key", format!("signed by no kit of precinct {precinct:04}"));
    }
    if let Err(why) = subject.open1(&bytes, &station.keys) {
        return fault("receipt_signature", why);
    }
    let files = journals(dir, &station);
    let lists = journal::lists(files.iter().map(|(_, file)| file.as_slice()), &station);
    let event = journal::event(&bytes, &station, &lists).map_err(invalid)?;
    if event.kind != IDENTIFIED {
        return fault("receipt_invalid", "a signed event, but not one that identifies a voter");
    }
    let (kit, seq, line, receipt) = (station.kit_name(&event.kit), event.seq, event.line(), event.number(5));
    Ok((format!("precinct {precinct:04}, kit {kit}, event {seq}: line {line}, receipt {receipt}"), station, event))
}

/// The precinct's journals that are here, by path.
fn journals(dir: &Path, station: &Station) -> Vec<(String, Vec<u8>)> {
    let folder = dir.join(format!("journals/{:04}", station.precinct));
    let paths = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let journals = paths.filter(|path| path.extension().is_some_and(|end| end == "journal"));
    journals.filter_map(|path| Some((path.to_string_lossy().into_owned(), std::fs::read(&path).ok()?))).collect()
}

/// Compares a receipt that holds with the journals of its precinct: void, undone, or not the one that counts.
fn use_of(dir: &Path, station: &Station, receipt: &Event, report: &mut Report) {
    let files = journals(dir, station);
    let lists = journal::lists(files.iter().map(|(_, file)| file.as_slice()), station);
    let mut events = Vec::new();
    // What is wrong with the journals themselves is the check of the directory.
    let mut aside = Report::default();
    for (name, file) in &files {
        events.extend(journal::read(name, file, station, &lists, &mut aside));
    }
    let day = journal::chains(station, events, &mut aside);
    let fold = Fold::of(station, day.iter());
    let line = fold.lines.get(&receipt.line());
    let act = line.and_then(|line| line.events.iter().find(|event| event.id == receipt.id).map(|act| (line, *act)));
    let Some((line, act)) = act else {
        report.notes.push("the signature is valid; no journal here holds the act, its use is not known".to_owned());
        return;
    };
    let is = |other: &Event| other.id == act.id;
    if fold.paper(act).is_void || line.undone.iter().any(|other| is(other)) {
        report.find("receipt", "", "receipt_void", "void: its act was undone, or the kit declared the paper void");
    } else if line.is_on_paper() {
        report.find(
            "receipt",
            "",
            "receipt_used",
            "the line was served on paper while no kit worked: no second ballot",
        );
    } else if !line.counted.is_some_and(is) {
        report.find("receipt", "", "receipt_used", "another act of the line counts: this one gives no ballot");
    } else {
        report.notes.push("its act counts; whether the paper was handed in before is not in the journals".to_owned());
    }
}
