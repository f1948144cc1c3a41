//! Lists that the heads of institutions hand over: a hospital, a place of detention, a unit, a mobile precinct. Each row
//! that is taken is a Form 2 of its category, under the moment at which the list came in; the rest is refused by line.
//!
//! Columns `precinct`, `category`, `letter` (number and day of the head's letter), `pin`, `surname`, `birth_date`; others
//! are passed over. Any order, UTF-8, comma or semicolon. What each category asks for stands in the law's table
//! (`[[form2.category]]`): which kinds of precinct, until when, by the head's list or by the person alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use batch::folder::{Contents, FolderError, Trust, open_folder, sign_folder};
use lexicon::handover::envelope::{Signer, hex, sha256};
use lexicon::law::Applicant as By;
use lexicon::{ElectionLaw, Pin, PrecinctCode, Purpose};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::claim::parse_date;
use roll::filing::{Applicant, Draft, answered_by, foresee};
use store::{
    Filing, InstitutionMember, InstitutionRefused, InstitutionRow, Look, Store, StoreError,
};

use crate::lines::Lines;
use crate::place::last_place;

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum InstitutionsError {
    /// A column is missing, or there is no header: whoever made the file acts.
    #[error("there is no column {0}")]
    Column(&'static str),
    /// It cannot be read as CSV.
    #[error("this is no CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The same bytes were taken in before.
    #[error("the same file was taken in as list {0}")]
    Again(u32),
    /// The signed folder does not hold.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The columns.
pub const COLUMNS: [&str; 6] = [
    "precinct",
    "category",
    "letter",
    "pin",
    "surname",
    "birth_date",
];
/// Reasons for which a row is left out, beside the outcomes of a claim.
pub const REASONS: [&str; 6] = ["precinct", "letter", "pin", "unknown", "name", "twice"];

/// The folder of a list that a head signed by key: `list.csv` and its manifest.
pub const FOLDER: &str = "institution-list";
/// The file in it.
pub const FILE: &str = "list.csv";

/// The categories that an institution's list may name under a law: those that the head files.
pub fn categories(law: &ElectionLaw) -> impl Iterator<Item = &lexicon::law::Category> {
    let rows = law.form2.category.iter();
    rows.filter(|row| row.enabled && row.applicant == By::Listed)
}

/// Signs a folder that holds `list.csv` by the institution's key.
///
/// # Errors
/// [`FolderError`].
pub fn sign(dir: &Path, law: &ElectionLaw, signer: &dyn Signer) -> Result<(), FolderError> {
    sign_folder(
        dir,
        FOLDER,
        law.election.number,
        Contents::default(),
        signer,
    )
    .map(|_| ())
}

/// Opens a signed folder: the list's bytes and the id of the key.
///
/// # Errors
/// [`InstitutionsError::Folder`].
pub fn open_signed(dir: &Path, trust: Trust<'_>) -> Result<(Vec<u8>, String), InstitutionsError> {
    open_folder(dir, FOLDER, trust)?;
    let path = dir.join(FILE);
    let bytes = std::fs::read(&path).map_err(batch::folder::file_error(&path))?;
    Ok((bytes, trust.signer.hex()))
}

/// Why a row is refused: the column and the code.
type Refusal = (&'static str, String);

fn no(field: &'static str, reason: &str) -> Refusal {
    (field, reason.to_owned())
}

/// The column that an outcome of the law is about.
fn field_of(outcome: lexicon::ClaimOutcome) -> &'static str {
    use lexicon::ClaimOutcome as Outcome;
    match outcome {
        Outcome::NoSuchPrecinct | Outcome::PrecinctKind | Outcome::SamePrecinct => "precinct",
        Outcome::NotInCategory
        | Outcome::NotEnabled
        | Outcome::NotIdentified
        | Outcome::AfterDeadline
        | Outcome::LateList => "category",
        Outcome::UnknownPerson
        | Outcome::NotEligible
        | Outcome::ApplicantDead
        | Outcome::ApplicantUnderAge
        | Outcome::Counts
        | Outcome::Superseded
        | Outcome::UnreadableValue
        | Outcome::NoGround
        | Outcome::AlreadySo => "pin",
    }
}

/// A row's cells.
#[derive(Debug)]
struct Cells<'a> {
    precinct: &'a str,
    category: &'a str,
    letter: &'a str,
    pin: &'a str,
    surname: &'a str,
    born: &'a str,
}

/// Takes a list in; a bad row is left out with its line, field and reason, the rest goes on. `signer` is the id of the
/// key that signed it, empty when the head signed a letter on paper.
///
/// # Errors
/// [`InstitutionsError`]; nothing was written then.
pub fn receive(
    store: &Store,
    law: &ElectionLaw,
    look: Look<'_>,
    (file, signer): (&[u8], &str),
) -> Result<u32, InstitutionsError> {
    let mark = hex(&sha256(file));
    let known = store.read("institution_file", |tx| tx.find_institution_file(&mark))?;
    if let Some(edition) = known {
        return Err(InstitutionsError::Again(edition));
    }
    let head = file.split(|byte| *byte == b'\n').next().unwrap_or(b"");
    let separator = if head.contains(&b';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(file);
    let names = reader.headers()?.clone();
    let mut places = [0usize; 6];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let mut cells = names.iter();
        let found = cells.position(|cell| cell.trim_start_matches('\u{feff}') == column);
        *place = found.ok_or(InstitutionsError::Column(column))?;
    }
    let kinds: BTreeMap<PrecinctCode, String> = store
        .read("precincts", |tx| tx.snapshot_precincts())?
        .into_iter()
        .map(|row| (row.precinct, row.kind))
        .collect();
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut lines = Lines::new(file);
    for record in reader.records() {
        let record = record?;
        let line = lines.of(&record);
        let [precinct, category, letter, pin, surname, born] =
            places.map(|place| record.get(place).unwrap_or(""));
        let cells = Cells {
            precinct,
            category,
            letter,
            pin,
            surname,
            born,
        };
        let form = format!("institution {mark} {line}");
        match judge(store, law, look, &kinds, &cells, form)? {
            Ok(row) if !seen.insert(row.member.person) => {
                drop(row);
                refused.push(left_out(line, no("pin", "twice")));
            }
            Ok(mut row) => {
                row.member.line = line;
                rows.push(row);
            }
            Err(refusal) => refused.push(left_out(line, refusal)),
        }
    }
    let edition = store.transact("receive_institution_list", look.staff, |tx| {
        tx.record_institution_list((&mark, signer), &rows, &refused, look.staff)
    })?;
    Ok(edition)
}

fn left_out(line: u64, (field, reason): Refusal) -> InstitutionRefused {
    InstitutionRefused {
        line,
        field: field.to_owned(),
        reason,
    }
}

/// Whom a row means and what the law says to it now.
fn judge(
    store: &Store,
    law: &ElectionLaw,
    look: Look<'_>,
    kinds: &BTreeMap<PrecinctCode, String>,
    cells: &Cells<'_>,
    form: String,
) -> Result<Result<InstitutionRow, Refusal>, StoreError> {
    let Ok(target) = cells.precinct.parse::<PrecinctCode>() else {
        return Ok(Err(no("precinct", "precinct")));
    };
    if !cells.letter.chars().any(|c| c.is_ascii_digit()) || cells.letter.chars().count() > 80 {
        return Ok(Err(no("letter", "letter")));
    }
    let (at, persons) = store.read("institution_row", |tx| {
        let at = tx.at();
        let today = at.local_date(law.election.offset_minutes);
        let persons = match Pin::parse(cells.pin, today) {
            Ok(pin) => Some((pin, tx.persons_of_pin(pin)?)),
            Err(_) => None,
        };
        Ok::<_, StoreError>((at, persons))
    })?;
    let Some((pin, persons)) = persons else {
        return Ok(Err(no("pin", "pin")));
    };
    let [person] = persons[..] else {
        return Ok(Err(no("pin", "unknown")));
    };
    let Some(page) = store.open_person(look, person)? else {
        return Ok(Err(no("pin", "unknown")));
    };
    let state = page.state.open(Purpose::Serve);
    let is_named = state.name().is_some_and(|name| {
        script::fold(name.surname()).key() == script::fold(cells.surname).key()
    });
    // A slip in a PIN is another patient: name and birth date must be that person's.
    let born = state.recorded.as_ref().map(|(_, born, _)| *born);
    if !is_named || born.is_none() || parse_date(cells.born) != born {
        let field = if is_named { "birth_date" } else { "surname" };
        return Ok(Err(no(field, "name")));
    }
    let (listed, excluded) = last_place(&page);
    let draft = Draft {
        kind: ClaimKind::Form2,
        target: Some(target),
        field: "",
        value: cells.category,
        identified: false,
        at,
    };
    let applicant = Applicant {
        is_certain: !page.pin_conflict,
        listed,
        excluded,
        home: None,
        has_form2: false,
        target_kind: kinds.get(&target).map(String::as_str),
        has_address: false,
    };
    if let Err(outcome) = foresee(law, draft, applicant) {
        return Ok(Err((field_of(outcome), outcome.code().to_owned())));
    }
    if listed == Some(target) {
        let outcome = lexicon::ClaimOutcome::AlreadySo;
        return Ok(Err(("precinct", outcome.code().to_owned())));
    }
    let filing = Filing {
        series: store::OWN_SERIES.to_owned(),
        form,
        person,
        claim: Claim {
            claim: String::new(),
            kind: ClaimKind::Form2,
            pin,
            filed: at,
            target: Some(target),
            field: String::new(),
            value: cells.category.to_owned(),
            identified: false,
        },
        due: answered_by(law, at.local_date(law.election.offset_minutes)),
    };
    let member = InstitutionMember {
        line: 0,
        precinct: target,
        category: cells.category.to_owned(),
        letter: cells.letter.to_owned(),
        person,
        claim: String::new(),
        origin: listed,
    };
    Ok(Ok(InstitutionRow { member, filing }))
}
