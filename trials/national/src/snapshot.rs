//! From the country's tables to a signed snapshot.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use batch::SnapshotWriter;
use lexicon::handover::envelope::{DocumentId, Signer, sha256};
use lexicon::handover::snapshot::{
    CivilEventRow, ClaimRow, DocumentRow, EnrolmentRow, PersonRow, ResidenceRow, SnapshotTables,
};
use lexicon::{CivilName, Date, ElectionLaw, PersonId, Pin};
use register::door::{Cell, Layout, Row, Table, rows, tables};
use register::standing::{NEVER_ENROLLED, StandingFacts};
use register::{CivilEventKind, Standing};

/// The source that persons' ids are derived under; the register's import uses the same.
pub const SOURCE: &str = "register";

/// How a snapshot is made.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How many times the country; each copy has people, houses and rows of its own in the same precincts.
    pub times: u32,
    /// Rows in another order by this seed; none: sorted, as the register hands them over.
    pub shuffle: Option<u64>,
    /// Bounds dates of the tables.
    pub today: Date,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The snapshot's id.
    pub id: DocumentId,
    /// Rows of `persons`.
    pub persons: u64,
    /// Rows of all tables that the register would reject, left out; a table read twice counts twice.
    pub rejected: u64,
}

/// What one pass over persons, enrolments and deaths leaves behind.
#[derive(Default)]
struct People {
    facts: HashMap<PersonId, StandingFacts>,
    /// The last name act of each source row.
    names: HashMap<String, (Date, CivilName)>,
    /// Source rows joined by a duplicate verdict: the struck one → the one counted.
    joined: HashMap<String, String>,
    /// PIN of each copy's holder: `(copy, the country's PIN)` → the copy's own.
    pins: HashMap<(u32, u64), Pin>,
    /// Who holds a PIN.
    holders: HashMap<u64, Vec<PersonId>>,
}

/// Writes `snapshot/` from the tables in `country`.
///
/// # Errors
/// When a table cannot be read or a file not written.
pub fn write(
    country: &Path,
    out: &Path,
    law: &ElectionLaw,
    key: &dyn Signer,
    terms: Terms,
) -> anyhow::Result<Made> {
    let source = Source {
        country,
        terms,
        rejected: std::cell::Cell::new(0),
    };
    let mut people = source.people()?;
    let mut writer = SnapshotWriter::create(out)?;
    let persons = source.persons(&mut people, &mut writer)?;
    source.facts(&mut writer)?;
    source.places(&mut writer)?;
    source.elections(&people, &mut writer)?;
    let id = writer.finish(law, "generated", key)?;
    Ok(Made {
        id,
        persons,
        rejected: source.rejected.get(),
    })
}

struct Source<'a> {
    country: &'a Path,
    terms: Terms,
    rejected: std::cell::Cell<u64>,
}

/// A copy's name of a row: the first copy keeps the country's.
fn name(copy: u32, text: &str) -> String {
    if copy == 0 {
        text.to_owned()
    } else {
        format!("{text}~{copy}")
    }
}

fn person(copy: u32, source_row: &str) -> PersonId {
    PersonId::of_source(SOURCE, &name(copy, source_row))
}

impl Source<'_> {
    fn file(&self, table: &Table) -> PathBuf {
        self.country.join(format!("{}.csv", table.name))
    }

    /// Reads a table row by row.
    fn each(
        &self,
        table: &'static Table,
        mut take: impl FnMut(&Row<'_>) -> Result<(), register::door::Reject>,
    ) -> anyhow::Result<()> {
        let path = self.file(table);
        let mut reader =
            csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
        let header = reader.headers()?.clone();
        let layout = Layout::of(table, &header.iter().collect::<Vec<_>>())
            .with_context(|| path.display().to_string())?;
        let mut record = csv::StringRecord::new();
        while reader
            .read_record(&mut record)
            .with_context(|| path.display().to_string())?
        {
            let cells: Vec<Cell<'_>> = record.iter().map(Cell::Text).collect();
            let outcome = layout.row(&cells).and_then(|row| take(&row));
            // The register would list it in its rejects file and go on.
            if outcome.is_err() {
                self.rejected.set(self.rejected.get() + 1);
            }
        }
        Ok(())
    }

    fn copies(&self) -> std::ops::Range<u32> {
        0..self.terms.times.max(1)
    }

    /// Standing of everybody, from enrolments and deaths.
    fn people(&self) -> anyhow::Result<People> {
        let mut people = People::default();
        let today = self.terms.today;
        let mut owner: HashMap<String, String> = HashMap::new();
        self.each(&tables::ENROLMENTS, |row| {
            let row = rows::enrolment(row, today)?;
            owner.insert(row.row.enrolment.clone(), row.source_row.clone());
            for copy in self.copies() {
                people
                    .facts
                    .entry(person(copy, &row.source_row))
                    .or_default()
                    .see_enrolment(row.row.captured, row.row.processed);
            }
            Ok(())
        })?;
        self.each(&tables::CIVIL_EVENTS, |row| {
            let row = rows::civil_event(row, today)?;
            match (row.row.kind, row.row.name) {
                (CivilEventKind::Death, _) => {
                    for copy in self.copies() {
                        people
                            .facts
                            .entry(person(copy, &row.source_row))
                            .or_default()
                            .see_death(row.row.day);
                    }
                }
                (CivilEventKind::NameChange, Some(name)) => {
                    let day = row.row.day;
                    let last = people
                        .names
                        .entry(row.source_row)
                        .or_insert_with(|| (day, name.clone()));
                    if last.0 <= day {
                        *last = (day, name);
                    }
                }
                (
                    CivilEventKind::NameChange
                    | CivilEventKind::CitizenshipLoss
                    | CivilEventKind::Court,
                    _,
                ) => {}
            }
            Ok(())
        })?;
        self.joined(&owner, &mut people)?;
        Ok(people)
    }

    /// The duplicates that a finished check would have struck: of two records the later row.
    fn joined(&self, owner: &HashMap<String, String>, people: &mut People) -> anyhow::Result<()> {
        let path = self.country.join("truth/duplicates.csv");
        let mut reader =
            csv::Reader::from_path(&path).with_context(|| path.display().to_string())?;
        for pair in reader.records() {
            let pair = pair.with_context(|| path.display().to_string())?;
            if let (Some(a), Some(b)) = (owner.get(&pair[0]), owner.get(&pair[1])) {
                let (kept, struck) = if a < b { (a, b) } else { (b, a) };
                people.joined.insert(struck.clone(), kept.clone());
            }
        }
        Ok(())
    }

    fn persons(&self, people: &mut People, writer: &mut SnapshotWriter) -> anyhow::Result<u64> {
        let today = self.terms.today;
        let mut made: Vec<PersonRow> = Vec::new();
        let mut used: HashSet<u64> = HashSet::new();
        self.each(&tables::PERSONS, |row| {
            let row = rows::person(row, today)?;
            if let Some(pin) = row.pin {
                used.insert(pin.as_u64());
            }
            made.push(person_row(0, &row, row.pin, people));
            Ok(())
        })?;
        for copy in self.copies().skip(1) {
            self.each(&tables::PERSONS, |row| {
                let row = rows::person(row, today)?;
                let pin = row.pin.map(|pin| {
                    *people
                        .pins
                        .entry((copy, pin.as_u64()))
                        .or_insert_with(|| free_pin(pin, &mut used))
                });
                made.push(person_row(copy, &row, pin, people));
                Ok(())
            })?;
        }
        for row in made.iter().filter(|row| row.duplicate_of.is_none()) {
            if let Some(pin) = row.pin {
                people
                    .holders
                    .entry(pin.as_u64())
                    .or_default()
                    .push(row.person);
            }
        }
        for row in &mut made {
            row.pin_conflict = row
                .pin
                .and_then(|pin| people.holders.get(&pin.as_u64()))
                .is_some_and(|holders| holders.len() > 1 && holders.contains(&row.person));
        }
        let count = made.len() as u64;
        self.put(
            writer,
            SnapshotTables {
                persons: made,
                ..SnapshotTables::default()
            },
        )?;
        Ok(count)
    }

    fn facts(&self, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
        let today = self.terms.today;
        let mut made = SnapshotTables::default();
        self.each(&tables::DOCUMENTS, |row| {
            let row = rows::document(row, today)?;
            // A copy's document would need another number: only the first has papers.
            made.documents.push(DocumentRow {
                number: row.row.number,
                person: person(0, &row.source_row),
                issued: row.row.issued,
                expires: row.row.expires,
                status: row.row.status.code().to_owned(),
            });
            Ok(())
        })?;
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::RESIDENCES, |row| {
            let row = rows::residence(row)?;
            made.residences
                .extend(self.copies().map(|copy| ResidenceRow {
                    person: person(copy, &row.source_row),
                    address: name(copy, &row.row.address),
                    kind: row.row.kind.code().to_owned(),
                    from: row.row.from,
                    until: row.row.until,
                }));
            Ok(())
        })?;
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::CIVIL_EVENTS, |row| {
            let row = rows::civil_event(row, today)?;
            let text =
                |part: fn(&CivilName) -> &str| row.row.name.as_ref().map_or("", part).to_owned();
            made.civil_events
                .extend(self.copies().map(|copy| CivilEventRow {
                    event: name(copy, &row.row.event),
                    person: person(copy, &row.source_row),
                    kind: row.row.kind.code().to_owned(),
                    date: row.row.day,
                    act: row.row.act_number.clone(),
                    surname: text(CivilName::surname),
                    given: text(CivilName::given),
                    patronymic: text(CivilName::patronymic),
                }));
            Ok(())
        })?;
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::ENROLMENTS, |row| {
            let row = rows::enrolment(row, today)?;
            made.enrolments
                .extend(self.copies().map(|copy| EnrolmentRow {
                    enrolment: name(copy, &row.row.enrolment),
                    person: person(copy, &row.source_row),
                    captured: row.row.captured,
                    processed: row.row.processed,
                    region: row.row.region.code().to_owned(),
                }));
            Ok(())
        })?;
        self.put(writer, made)
    }

    fn places(&self, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
        let mut made = SnapshotTables::default();
        self.each(&tables::ADDRESSES, |row| {
            let row = rows::address(row)?;
            made.addresses.extend(self.copies().map(|copy| {
                let mut row = row.clone();
                row.address = name(copy, &row.address);
                row
            }));
            Ok(())
        })?;
        self.each(&tables::PRECINCTS, |row| {
            made.precincts.push(rows::precinct(row)?);
            Ok(())
        })?;
        self.each(&tables::BOUNDARIES, |row| {
            made.boundaries.push(rows::boundary(row)?);
            Ok(())
        })?;
        self.put(writer, made)
    }

    fn elections(&self, people: &People, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
        let today = self.terms.today;
        let mut made = SnapshotTables::default();
        self.each(&tables::CLAIMS, |row| {
            let row = rows::claim(row, today)?;
            for copy in self.copies() {
                let pin = people
                    .pins
                    .get(&(copy, row.pin.as_u64()))
                    .copied()
                    .unwrap_or(row.pin);
                let person = match people.holders.get(&pin.as_u64()).map(Vec::as_slice) {
                    Some([only]) => Some(*only),
                    Some(_) | None => None,
                };
                made.claims.push(ClaimRow {
                    claim: name(copy, &row.claim),
                    kind: row.kind.code().to_owned(),
                    person,
                    filed: row.filed,
                    target: row.target,
                    field: row.field.clone(),
                    value: row.value.clone(),
                    identified: row.identified,
                });
            }
            Ok(())
        })?;
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::COMMISSION, |row| {
            let row = rows::commission(row)?;
            for copy in self.copies() {
                let mut row = row.clone();
                row.row = name(copy, &row.row);
                let own = row
                    .pin
                    .parse()
                    .ok()
                    .and_then(|pin: u64| people.pins.get(&(copy, pin)));
                if let Some(pin) = own {
                    row.pin = pin.digits();
                }
                made.commission.push(row);
            }
            Ok(())
        })?;
        self.put(writer, made)
    }

    /// Hands tables to the writer, sorted or in the seed's order.
    fn put(&self, writer: &mut SnapshotWriter, made: SnapshotTables) -> anyhow::Result<()> {
        let Some(seed) = self.terms.shuffle else {
            return Ok(writer.push_tables(&made)?);
        };
        shuffled(&made.persons, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.documents, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.addresses, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.residences, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.civil_events, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.enrolments, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.precincts, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.boundaries, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.claims, seed).try_for_each(|row| writer.push(row))?;
        shuffled(&made.commission, seed).try_for_each(|row| writer.push(row))?;
        Ok(())
    }
}

/// Rows in an order that follows from a seed (Fisher–Yates over a counter's hash).
fn shuffled<T>(rows: &[T], seed: u64) -> impl Iterator<Item = &T> {
    let mut order: Vec<u32> = (0..rows.len())
        .map(|at| u32::try_from(at).expect("fewer than 4 G rows"))
        .collect();
    let hash = sha256(&seed.to_be_bytes());
    let mut state = u64::from_be_bytes(hash[..8].try_into().expect("eight bytes")) | 1;
    for at in (1..order.len()).rev() {
        // xorshift64*, Vigna 2016: an order, not a secret.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let drawn = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        let other = usize::try_from(drawn).expect("32 bits") % (at + 1);
        order.swap(at, other);
    }
    order.into_iter().map(|at| &rows[at as usize])
}

/// Another PIN of the same sex and birth date that nobody holds yet.
fn free_pin(pin: Pin, used: &mut HashSet<u64>) -> Pin {
    const SERIALS: u64 = 100_000;
    let (stem, serial) = (pin.as_u64() / SERIALS, pin.as_u64() % SERIALS);
    let free = (1..SERIALS)
        .map(|step| stem * SERIALS + (serial + step) % SERIALS)
        .find(|candidate| used.insert(*candidate))
        .unwrap_or(pin.as_u64());
    Pin::from_stored(free)
}

fn person_row(copy: u32, row: &rows::Person, pin: Option<Pin>, people: &People) -> PersonRow {
    let id = person(copy, &row.source_row);
    let standing = people.facts.get(&id).and_then(StandingFacts::standing);
    let died = match standing {
        Some(Standing::Deceased { on }) => Some(on),
        Some(Standing::Pending { .. } | Standing::Unique { .. } | Standing::Duplicate { .. })
        | None => None,
    };
    let counted = people.joined.get(&row.source_row);
    let duplicate_of = counted
        .filter(|_| died.is_none())
        .map(|source_row| person(copy, source_row));
    let standing = match duplicate_of {
        Some(_) => "duplicate",
        None => standing.map_or(NEVER_ENROLLED, |s| s.code()),
    };
    PersonRow {
        person: id,
        pin,
        name: people
            .names
            .get(&row.source_row)
            .map_or_else(|| row.name.clone(), |(_, name)| name.clone()),
        sex: row.sex,
        born: row.born,
        citizenship: row.citizenship.clone(),
        standing: standing.to_owned(),
        duplicate_of,
        died,
        pin_conflict: false,
    }
}
