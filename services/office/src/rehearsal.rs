//! The days of a rehearsal: manifests, journals and sealed corrections of the stations, checked, kept, counted by day
//! and precinct; what citizens said is wrong becomes claims.
//!
//! Each day has packages of its own, whose election number is the day (`20150907`): nothing of a rehearsal is ever
//! taken for election day. A person who comes on several days is several visits and one person.

use crate::place::last_place;
use std::collections::{BTreeMap, BTreeSet};

use keys::FileKey;
use lexicon::handover::correction::{
    Correction, CorrectionKind, CorrectionText, correction_subject,
};
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, Subject, Verifier, decode, hex, open_all, open1, peek_all,
    peek1, sha256, unhex,
};
use lexicon::handover::event::{Event, event_subject, unframe};
use lexicon::handover::package::{Exercise, PackageManifest};
use lexicon::person::ParsePersonError;
use lexicon::{
    Date, ElectionLaw, Instant, Method, PersonId, Pin, PrecinctCode, Purpose, RefusalReason,
};
use pollbook::{Act, Body, Book, identified};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::filing::{Applicant, Draft, answered_by, filed_before, foresee};
use roll::statistics::{age_band, age_on};
use store::{
    Filing, Look, RehearsalCorrection, RehearsalDocument, RehearsalKind, RehearsalPrecinct,
    RehearsalVisit, Store, StoreError, Tx,
};

use crate::day::{DayRefused, Hall};

pub mod waiting;

/// What a rehearsal is judged by.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The law of the election that is rehearsed.
    pub law: &'a ElectionLaw,
    /// Checks the institutions' signatures.
    pub verifier: &'a dyn Verifier,
    /// Who must have signed a manifest; with nobody named none is taken.
    pub publishers: &'a [Kid],
    /// The key to which corrections are sealed; without it they stay sealed.
    pub key: Option<&'a FileKey>,
}

/// What became of the files.
#[derive(Debug, Default)]
pub struct Received {
    /// Kept as new.
    pub kept: usize,
    /// Known already, byte for byte.
    pub known: usize,
    /// Refused, with the file's name.
    pub refused: Vec<(String, DayRefused)>,
    /// Days and precincts that were counted anew.
    pub counted: BTreeSet<(u32, u16)>,
    /// Corrections that came in new, by outcome.
    pub corrections: BTreeMap<String, usize>,
}

/// Outcomes of a correction that have words of their own; any other is why no claim came of it.
pub const OUTCOMES: [&str; 6] = [
    "filed",
    "review",
    "registrar",
    "unknown_person",
    "nothing_new",
    "refused",
];

/// The day that an election number of a rehearsal means.
#[must_use]
pub fn day_of(number: u32) -> Option<Date> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    format!("{year:04}-{month:02}-{day:02}").parse().ok()
}

fn manifest_subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::PackageManifest,
        election,
    }
}

/// What a file says it is, without believing it.
enum Claimed {
    Manifest(Box<PackageManifest>),
    Journal {
        day: u32,
        precinct: u16,
    },
    Corrections {
        day: u32,
        precinct: u16,
        lines: Vec<Vec<u8>>,
    },
}

fn claimed(file: &[u8]) -> Option<Claimed> {
    if let Ok(payload) = peek_all(manifest_subject(0), file) {
        return decode(&payload)
            .ok()
            .map(|manifest| Claimed::Manifest(Box::new(manifest)));
    }
    if let Some(first) = unframe(file).events.first() {
        let (_, payload) = peek1(event_subject(0), first).ok()?;
        let event: Event = decode(&payload).ok()?;
        return Some(Claimed::Journal {
            day: event.election,
            precinct: event.precinct,
        });
    }
    let text = std::str::from_utf8(file).ok()?;
    // A line that a power cut left unfinished ends with a blank: it is none, as at the station.
    let lines: Vec<Vec<u8>> = text
        .lines()
        .filter_map(unhex)
        .filter(|line| peek1(correction_subject(0), line).is_ok())
        .collect();
    let (_, payload) = peek1(correction_subject(0), lines.first()?).ok()?;
    let first: Correction = decode(&payload).ok()?;
    Some(Claimed::Corrections {
        day: first.election,
        precinct: first.precinct,
        lines,
    })
}

/// Whether the number is a day on which this election may be rehearsed.
fn is_rehearsal(law: &ElectionLaw, day: u32) -> bool {
    day != law.election.number && day_of(day).is_some_and(|day| day < law.election.day)
}

/// The latest manifest of a precinct's day, with the keys that speak in it.
fn hall(documents: &[RehearsalDocument]) -> Option<Hall> {
    let (manifest, id) = manifests(documents)
        .into_iter()
        .max_by_key(|(manifest, _)| manifest.package)?;
    Hall::of(manifest, id)
}

/// Every manifest of a precinct's day.
fn halls(documents: &[RehearsalDocument]) -> Vec<Hall> {
    let manifests = manifests(documents).into_iter();
    manifests
        .filter_map(|(manifest, id)| Hall::of(manifest, id))
        .collect()
}

fn manifests(documents: &[RehearsalDocument]) -> Vec<(PackageManifest, DocumentId)> {
    documents
        .iter()
        .filter(|document| document.kind == RehearsalKind::Manifest)
        .filter_map(|document| {
            let payload = peek_all(manifest_subject(document.day), &document.bytes).ok()?;
            let id = lexicon::handover::envelope::id_all(manifest_subject(document.day), &payload);
            let manifest: PackageManifest = decode(&payload).ok()?;
            Some((manifest, id))
        })
        .collect()
}

/// Checks a file; corrections come back with the signed bytes of each.
fn judge(
    tx: &mut Tx<'_>,
    terms: Terms<'_>,
    file: &[u8],
) -> Result<Result<(RehearsalDocument, Vec<Judged>), DayRefused>, StoreError> {
    let Some(claimed) = claimed(file) else {
        return Ok(Err(DayRefused::Unreadable));
    };
    let (day, precinct) = match &claimed {
        Claimed::Manifest(manifest) => (manifest.election, manifest.precinct),
        Claimed::Journal { day, precinct } | Claimed::Corrections { day, precinct, .. } => {
            (*day, *precinct)
        }
    };
    if !is_rehearsal(terms.law, day) {
        return Ok(Err(DayRefused::Unreadable));
    }
    let document = |kind, kit| RehearsalDocument {
        sha256: hex(&sha256(file)),
        day,
        precinct,
        kind,
        kit,
        bytes: file.to_vec(),
    };
    let documents = tx.rehearsal_documents(day, precinct)?;
    let hall = hall(&documents);
    Ok(match (claimed, hall) {
        (Claimed::Manifest(manifest), _) => {
            let opened = open_all(
                manifest_subject(day),
                file,
                terms.verifier,
                terms.publishers,
            );
            let is_fine = !terms.publishers.is_empty()
                && opened.is_ok()
                && manifest.exercise == Some(Exercise::Rehearsal)
                && PrecinctCode::new(precinct).is_ok();
            if is_fine {
                Ok((document(RehearsalKind::Manifest, String::new()), Vec::new()))
            } else {
                Err(DayRefused::Unreadable)
            }
        }
        (_, None) => Err(DayRefused::NoManifest(precinct)),
        (Claimed::Journal { .. }, Some(hall)) => hall.acts(file).and_then(|acts| {
            let first = acts.first().ok_or(DayRefused::Unreadable)?;
            let is_one = acts.iter().all(|act| act.name.kit == first.name.kit);
            is_one.then_some(()).ok_or(DayRefused::Unreadable)?;
            let kit = hall.kit_name(first.name.kit);
            Ok((document(RehearsalKind::Journal, kit), Vec::new()))
        }),
        (Claimed::Corrections { lines, .. }, Some(hall)) => lines
            .iter()
            .enumerate()
            .map(|(at, signed)| {
                hall.correction(day, signed)
                    .map_err(|why| DayRefused::Event {
                        number: at + 1,
                        why,
                    })
            })
            .collect::<Result<Vec<_>, _>>()
            .map(|all| {
                let kit = all.first().map_or_else(String::new, |one| one.kit.clone());
                (document(RehearsalKind::Corrections, kit), all)
            }),
    })
}

/// A correction whose signature holds.
struct Judged {
    id: String,
    kit: String,
    correction: Correction,
}

impl Hall {
    fn kit_name(&self, kit: Kid) -> String {
        self.charter.kit_name(kit)
    }

    fn correction(&self, day: u32, signed: &[u8]) -> Result<Judged, String> {
        let opened = open1(correction_subject(day), signed, &self.ring)
            .map_err(|error| error.to_string())?;
        let correction: Correction = decode(&opened.payload).map_err(|error| error.to_string())?;
        let DocumentId(package) = self.charter.package();
        let is_ours = opened.signers == [Kid(*correction.kit)]
            && self.charter.kit(Kid(*correction.kit)).is_some()
            && correction.precinct == self.manifest().precinct
            && *correction.package == package
            && correction.election == day
            && (self.manifest().not_before..=self.manifest().not_after).contains(&correction.at)
            && correction.is_well_formed();
        if !is_ours {
            return Err("it is not a correction of this day's list".to_owned());
        }
        Ok(Judged {
            id: opened.id.hex(),
            kit: self.kit_name(Kid(*correction.kit)),
            correction,
        })
    }
}

/// Takes files in: each is checked alone, good ones are kept, their days are counted anew, new corrections become
/// claims. Manifests first, whatever the order of the files.
///
/// # Errors
/// [`StoreError`]; what was kept before stays.
pub fn receive(
    store: &Store,
    terms: Terms<'_>,
    staff: &str,
    files: &[(String, Vec<u8>)],
) -> Result<Received, StoreError> {
    let mut received = Received::default();
    let mut in_order: Vec<&(String, Vec<u8>)> = files.iter().collect();
    in_order.sort_by_key(|(_, bytes)| !matches!(claimed(bytes), Some(Claimed::Manifest(_))));
    let mut corrections = Vec::new();
    for (name, bytes) in in_order {
        let judged = store.transact("receive_rehearsal", staff, |tx| {
            let judged = judge(tx, terms, bytes)?;
            Ok::<_, StoreError>(match judged {
                Err(refused) => Err(refused),
                Ok((document, found)) => {
                    let is_new = tx.record_rehearsal_document(&document, staff)?;
                    if is_new && document.kind != RehearsalKind::Corrections {
                        count(tx, terms.law, document.day, document.precinct)?;
                    }
                    let is_counted = is_new && document.kind != RehearsalKind::Corrections;
                    Ok((document.day, document.precinct, (is_new, is_counted), found))
                }
            })
        })?;
        match judged {
            Err(refused) => received.refused.push((name.clone(), refused)),
            Ok((day, precinct, (is_new, is_counted), found)) => {
                received.kept += usize::from(is_new);
                received.known += usize::from(!is_new);
                if is_counted {
                    received.counted.insert((day, precinct));
                }
                corrections.extend(found.into_iter().map(|one| (day, one)));
            }
        }
    }
    for (day, judged) in corrections {
        if let Some(outcome) = settle(store, terms, staff, day, &judged)? {
            *received.corrections.entry(outcome).or_default() += 1;
        }
    }
    Ok(received)
}

/// Folds a precinct's day anew and keeps the result as its next edition.
fn count(tx: &mut Tx<'_>, law: &ElectionLaw, day: u32, precinct: u16) -> Result<(), StoreError> {
    let documents = tx.rehearsal_documents(day, precinct)?;
    let (Some(hall), Ok(code)) = (hall(&documents), PrecinctCode::new(precinct)) else {
        return Ok(());
    };
    let Some(first) = hall.charter.kits().first().copied() else {
        return Ok(());
    };
    let mut book = Book::new(std::sync::Arc::clone(&hall.charter), first, Vec::new());
    for document in &documents {
        if document.kind == RehearsalKind::Journal {
            // Checked when it was kept; a longer copy of a journal brings the same events again.
            for act in hall.acts(&document.bytes).unwrap_or_default() {
                book.merge(act, None);
            }
        }
    }
    let release = hall.manifest().release;
    let persons: BTreeMap<u32, PersonId> = tx.line_persons(release, code)?.into_iter().collect();
    let mut visits = Vec::new();
    for (line, state) in book.states() {
        let Some(act) = state.counted.as_deref() else {
            continue;
        };
        let person = persons.get(&line).copied();
        let known = match person {
            Some(person) => tx.sex_and_birth(person)?,
            None => None,
        };
        let (sex, band) = known.map_or_else(Default::default, |(sex, born)| {
            let age = |born: Date| day_of(day).map(|day| age_on(born, day));
            let band = born.parse().ok().and_then(age);
            (sex, band.map_or_else(String::new, |age| age_band(law, age)))
        });
        visits.push(RehearsalVisit {
            line,
            by_finger: is_by_finger(act),
            person,
            sex,
            band,
        });
    }
    let by_finger = visits.iter().filter(|visit| visit.by_finger).count() as u64;
    let counted = RehearsalPrecinct {
        day,
        precinct: code,
        release,
        finger: by_finger,
        pin: visits.len() as u64 - by_finger,
        absent: count_of(&book, is_absent),
        failures: count_of(&book, is_failure),
    };
    tx.record_rehearsal_precinct(&counted, &visits)
}

fn count_of(book: &Book, is: fn(&Act) -> bool) -> u64 {
    book.events().filter(|act| is(act)).count() as u64
}

fn is_by_finger(act: &Act) -> bool {
    identified(act).is_some_and(|body| body.method == Method::Finger.number())
}

/// Somebody who is not on this list.
fn is_absent(act: &Act) -> bool {
    matches!(&act.body, Body::Refused(body)
        if RefusalReason::from_code(&body.reason) == Some(RefusalReason::NotHere))
}

/// A failure of equipment that an event names: a slip that did not come out for good, a scanner that did not work.
fn is_failure(act: &Act) -> bool {
    let is_scanner = identified(act).is_some_and(|body| body.reason == "SCANNER_FAULT");
    is_scanner || matches!(act.body, Body::Void(_))
}

/// Makes claims of a correction and records what became of it; none when it is known, or stays sealed here.
fn settle(
    store: &Store,
    terms: Terms<'_>,
    staff: &str,
    day: u32,
    judged: &Judged,
) -> Result<Option<String>, StoreError> {
    let is_known = store.read("correction", |tx| tx.has_rehearsal_correction(&judged.id))?;
    let (Some(key), false) = (terms.key, is_known) else {
        return Ok(None);
    };
    let correction = &judged.correction;
    // A kit's word about a line counts once the day's journal shows that somebody of that line was there.
    let is_seen = correction.kind == CorrectionKind::Extra
        || !correction.kind.has_line()
        || store.read("correction", |tx| {
            tx.was_at_rehearsal(day, correction.precinct, correction.line)
        })?;
    if !is_seen {
        return Ok(None);
    }
    let (outcome, claims) = match correction.open(key) {
        Err(_) => ("refused".to_owned(), Vec::new()),
        Ok(said) => claims_of(store, terms, staff, judged, &said)?,
    };
    let row = RehearsalCorrection {
        id: judged.id.clone(),
        day,
        precinct: correction.precinct,
        kit: judged.kit.clone(),
        number: correction.number,
        line: correction.line,
        kind: correction.kind.code().to_owned(),
        outcome: outcome.clone(),
        claims: claims.join(" "),
    };
    store.transact("rehearsal_correction", staff, |tx| {
        tx.record_rehearsal_correction(&row)
    })?;
    Ok(Some(outcome))
}

/// Who the correction is about: the person of the line, or the one to whom the PIN leads alone.
fn person_of(
    store: &Store,
    correction: &Correction,
    said: &CorrectionText,
    today: Date,
) -> Result<Option<PersonId>, StoreError> {
    store.read("correction", |tx| {
        if correction.kind.has_line() {
            let documents = tx.rehearsal_documents(correction.election, correction.precinct)?;
            // The line is one of the list that the kit had.
            let its_own = manifests(&documents)
                .into_iter()
                .find(|(_, id)| id.0 == *correction.package);
            let (Some((manifest, _)), Ok(code)) = (its_own, PrecinctCode::new(correction.precinct))
            else {
                return Ok(None);
            };
            let persons = tx.line_persons(manifest.release, code)?;
            let found = persons
                .into_iter()
                .find(|(line, _)| *line == correction.line);
            return Ok(found.map(|(_, person)| person));
        }
        let pin: Result<Pin, ParsePersonError> = Pin::parse(&said.pin, today);
        let Ok(pin) = pin else { return Ok(None) };
        Ok(match tx.persons_of_pin(pin)?[..] {
            [only] => Some(only),
            [] | [_, _, ..] => None,
        })
    })
}

/// Files what was said as the claims that it is, and says what became of it.
fn claims_of(
    store: &Store,
    terms: Terms<'_>,
    staff: &str,
    judged: &Judged,
    said: &CorrectionText,
) -> Result<(String, Vec<String>), StoreError> {
    let correction = &judged.correction;
    let at = Instant::from_micros(correction.at);
    let offset = terms.law.election.offset_minutes;
    let today = at.local_date(offset);
    // Nobody is taken off the list on a stranger's word: a person looks at it first.
    if correction.kind == CorrectionKind::Extra {
        return Ok(("review".to_owned(), Vec::new()));
    }
    let born = roll::claim::parse_date(said.right.trim());
    let is_child = born
        .is_some_and(|born| age_on(born, terms.law.election.day) < terms.law.franchise.age_years);
    if correction.kind == CorrectionKind::Born && is_child {
        return Ok(("review".to_owned(), Vec::new()));
    }
    let unknown = || ("unknown_person".to_owned(), Vec::new());
    let Some(person) = person_of(store, correction, said, today)? else {
        return Ok(unknown());
    };
    let look = Look {
        staff,
        purpose: Purpose::Serve,
        reason: "rehearsal",
    };
    let Some(page) = store.open_person(look, person)? else {
        return Ok(unknown());
    };
    let state = page.state.open(Purpose::Serve);
    let Some(pin) = state.pin().map(|claim| claim.pin) else {
        return Ok(unknown());
    };
    let (listed, excluded) = last_place(&page);
    let (kind, wishes) = wishes(correction.kind, said, state.name());
    if wishes.is_empty() {
        return Ok(("nothing_new".to_owned(), Vec::new()));
    }
    if is_late(store, terms.law, kind)? {
        let late = lexicon::ClaimOutcome::AfterDeadline;
        return Ok((late.code().to_lowercase(), Vec::new()));
    }
    let mut filed = Vec::new();
    let mut refused = None;
    for (field, value) in wishes {
        let is_address = field == "address";
        let has_address = is_address
            && store.read("address", |tx| {
                Ok::<_, StoreError>(tx.find_address(&value)?.is_some())
            })?;
        // An address in words: a person finds the house.
        if is_address && !has_address {
            refused = Some("review".to_owned());
            continue;
        }
        let known = Applicant {
            is_certain: !page.pin_conflict,
            listed,
            excluded,
            home: None,
            has_form2: false,
            target_kind: None,
            has_address,
        };
        let draft = Draft {
            kind,
            target: None,
            field,
            value: &value,
            // The operator had the person or their document before them.
            identified: true,
            at,
        };
        if let Err(outcome) = foresee(terms.law, draft, known) {
            refused = Some(outcome.code().to_lowercase());
            continue;
        }
        let filing = Filing {
            series: store::OWN_SERIES.to_owned(),
            form: format!("rehearsal {} {field}", judged.id),
            person,
            claim: Claim {
                claim: String::new(),
                kind,
                pin,
                filed: at,
                target: None,
                field: field.to_owned(),
                value,
                identified: true,
            },
            due: answered_by(terms.law, today),
        };
        let (receipt, _) = store.file_claim_taken_before(staff, &filing)?;
        filed.push(receipt.claim);
    }
    let outcome = match (filed.is_empty(), refused) {
        (false, _) => "filed".to_owned(),
        (true, Some(code)) => code,
        (true, None) => "refused".to_owned(),
    };
    Ok((outcome, filed))
}

/// Whether the last day for a kind of claim has passed at this moment, whenever it was said.
pub(crate) fn is_late(
    store: &Store,
    law: &ElectionLaw,
    kind: ClaimKind,
) -> Result<bool, StoreError> {
    let now = store.read("now", |tx| Ok::<_, StoreError>(tx.at()))?;
    Ok(now >= filed_before(law, kind))
}

/// The claims in what was said: for a name only the parts that differ from the register's.
fn wishes(
    kind: CorrectionKind,
    said: &CorrectionText,
    known: Option<&lexicon::CivilName>,
) -> (ClaimKind, Vec<(&'static str, String)>) {
    match kind {
        CorrectionKind::Missing => (ClaimKind::Inclusion, vec![("", String::new())]),
        CorrectionKind::Born => (ClaimKind::Correction, vec![("born", said.right.clone())]),
        CorrectionKind::Address => (ClaimKind::Correction, vec![("address", said.right.clone())]),
        CorrectionKind::Extra => (ClaimKind::Exclusion, Vec::new()),
        CorrectionKind::Name => {
            // As on documents: surname, given name, patronymic; «уулу», «кызы» belong to the surname.
            let words: Vec<&str> = said.right.split_whitespace().collect();
            let is_joined = words
                .get(1)
                .is_some_and(|word| ["уулу", "кызы"].contains(&word.to_lowercase().as_str()));
            let surname_words = if is_joined { 2 } else { 1 };
            let surname = words[..surname_words.min(words.len())].join(" ");
            let mut rest = words.into_iter().skip(surname_words);
            let given = rest.next().unwrap_or_default().to_owned();
            let patronymic = rest.collect::<Vec<_>>().join(" ");
            let parts = [
                ("surname", surname, known.map(lexicon::CivilName::surname)),
                ("given", given, known.map(lexicon::CivilName::given)),
                (
                    "patronymic",
                    patronymic,
                    known.map(lexicon::CivilName::patronymic),
                ),
            ];
            let differing = parts
                .into_iter()
                .filter(|(_, said, known)| !said.is_empty() && Some(said.as_str()) != *known)
                .map(|(field, said, _)| (field, said));
            (ClaimKind::Correction, differing.collect())
        }
    }
}
