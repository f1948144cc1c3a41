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
    /// The country's PIN → the copy's own.
    pins: HashMap<u64, Pin>,
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
    let mut writer = SnapshotWriter::create(out)?;
    let mut used = HashSet::new();
    let (mut persons, mut rejected) = (0, 0);
    // One copy after the other, so that ten countries take the memory of one.
    for copy in 0..terms.times.max(1) {
        let source = Source {
            country,
            terms,
            copy,
            rejected: std::cell::Cell::new(0),
        };
        let mut people = source.people()?;
        persons += source.persons(&mut people, &mut used, &mut writer)?;
        source.facts(&mut writer)?;
        source.places(&mut writer)?;
        source.elections(&people, &mut writer)?;
        rejected += source.rejected.get();
    }
    let id = writer.finish(law, "generated", key)?;
    Ok(Made {
        id,
        persons,
        rejected,
    })
}

struct Source<'a> {
    country: &'a Path,
    terms: Terms,
    copy: u32,
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

    fn name(&self, text: &str) -> String {
        name(self.copy, text)
    }

    fn person(&self, source_row: &str) -> PersonId {
        PersonId::of_source(SOURCE, &self.name(source_row))
    }

    /// Standing of everybody, from enrolments and deaths.
    fn people(&self) -> anyhow::Result<People> {
        let mut people = People::default();
        let today = self.terms.today;
        let mut owner: HashMap<String, String> = HashMap::new();
        self.each(&tables::ENROLMENTS, |row| {
            let row = rows::enrolment(row, today)?;
            owner.insert(row.row.enrolment.clone(), row.source_row.clone());
            people
                .facts
                .entry(self.person(&row.source_row))
                .or_default()
                .see_enrolment(row.row.captured, row.row.processed);
            Ok(())
        })?;
        self.each(&tables::CIVIL_EVENTS, |row| {
            let row = rows::civil_event(row, today)?;
            match (row.row.kind, row.row.name) {
                (CivilEventKind::Death, _) => {
                    people
                        .facts
                        .entry(self.person(&row.source_row))
                        .or_default()
                        .see_death(row.row.day);
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

    fn persons(
        &self,
        people: &mut People,
        used: &mut HashSet<u64>,
        writer: &mut SnapshotWriter,
    ) -> anyhow::Result<u64> {
        let today = self.terms.today;
        let mut made: Vec<PersonRow> = Vec::new();
        self.each(&tables::PERSONS, |row| {
            let row = rows::person(row, today)?;
            let pin = row.pin.map(|pin| {
                let own = || match self.copy {
                    0 => pin,
                    _ => free_pin(pin, used),
                };
                *people.pins.entry(pin.as_u64()).or_insert_with(own)
            });
            if let (0, Some(pin)) = (self.copy, pin) {
                used.insert(pin.as_u64());
            }
            made.push(self.person_row(&row, pin, people));
            Ok(())
        })?;
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

    fn documents(&self, made: &mut SnapshotTables) -> anyhow::Result<()> {
        let today = self.terms.today;
        self.each(&tables::DOCUMENTS, |row| {
            let row = rows::document(row, today)?;
            made.documents.push(DocumentRow {
                number: row.row.number,
                person: self.person(&row.source_row),
                issued: row.row.issued,
                expires: row.row.expires,
                status: row.row.status.code().to_owned(),
            });
            Ok(())
        })
    }

    fn facts(&self, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
        let today = self.terms.today;
        let mut made = SnapshotTables::default();
        // A copy's document would need another number: only the first has papers.
        if self.copy == 0 {
            self.documents(&mut made)?;
        }
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::RESIDENCES, |row| {
            let row = rows::residence(row)?;
            made.residences.push(ResidenceRow {
                person: self.person(&row.source_row),
                address: self.name(&row.row.address),
                kind: row.row.kind.code().to_owned(),
                from: row.row.from,
                until: row.row.until,
            });
            Ok(())
        })?;
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::CIVIL_EVENTS, |row| {
            let row = rows::civil_event(row, today)?;
            let text =
                |part: fn(&CivilName) -> &str| row.row.name.as_ref().map_or("", part).to_owned();
            made.civil_events.push(CivilEventRow {
                event: self.name(&row.row.event),
                person: self.person(&row.source_row),
                kind: row.row.kind.code().to_owned(),
                date: row.row.day,
                act: row.row.act_number.clone(),
                surname: text(CivilName::surname),
                given: text(CivilName::given),
                patronymic: text(CivilName::patronymic),
            });
            Ok(())
        })?;
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::ENROLMENTS, |row| {
            let row = rows::enrolment(row, today)?;
            made.enrolments.push(EnrolmentRow {
                enrolment: self.name(&row.row.enrolment),
                person: self.person(&row.source_row),
                captured: row.row.captured,
                processed: row.row.processed,
                region: row.row.region.code().to_owned(),
            });
            Ok(())
        })?;
        self.put(writer, made)
    }

    fn places(&self, writer: &mut SnapshotWriter) -> anyhow::Result<()> {
        let mut made = SnapshotTables::default();
        self.each(&tables::ADDRESSES, |row| {
            let mut row = rows::address(row)?;
            row.address = self.name(&row.address);
            made.addresses.push(row);
            Ok(())
        })?;
        if self.copy > 0 {
            return self.put(writer, made);
        }
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
            let own = people.pins.get(&row.pin.as_u64());
            let pin = own.copied().unwrap_or(row.pin);
            let person = match people.holders.get(&pin.as_u64()).map(Vec::as_slice) {
                Some([only]) => Some(*only),
                Some(_) | None => None,
            };
            made.claims.push(ClaimRow {
                claim: self.name(&row.claim),
                kind: row.kind.code().to_owned(),
                person,
                filed: row.filed,
                target: row.target,
                field: row.field.clone(),
                value: row.value.clone(),
                identified: row.identified,
            });
            Ok(())
        })?;
        self.put(writer, std::mem::take(&mut made))?;
        self.each(&tables::COMMISSION, |row| {
            let mut row = rows::commission(row)?;
            row.row = self.name(&row.row);
            let own = row.pin.parse().ok();
            if self.copy > 0
                && let Some(pin) = own.and_then(|pin: u64| people.pins.get(&pin))
            {
                row.pin = pin.digits();
            }
            made.commission.push(row);
            Ok(())
        })?;
        self.put(writer, made)
    }

    fn person_row(&self, row: &rows::Person, pin: Option<Pin>, people: &People) -> PersonRow {
        let id = self.person(&row.source_row);
        let standing = people.facts.get(&id).and_then(StandingFacts::standing);
        let died = match standing {
            Some(Standing::Deceased { on }) => Some(on),
            Some(
                Standing::Pending { .. } | Standing::Unique { .. } | Standing::Duplicate { .. },
            )
            | None => None,
        };
        let counted = people.joined.get(&row.source_row);
        let duplicate_of = counted
            .filter(|_| died.is_none())
            .map(|source_row| self.person(source_row));
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
